"""A signed-in referee's first page: what is asked of them, what they sent, and when they want to be asked."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts import roles
from accounts.models import User
from editorial import access
from editorial.contribute.door import for_authors, page, person
from editorial.registry import Blocked
from review import answering
from review.models import Referee, Review
from review.referee.door import IS_REFEREE, closed, own_reviews
from review.referee.forms import ConflictsForm, PauseForm, blocked
from review.referee.pages import due, told


def referee_of(user: User) -> Referee | None:
    """The referee that this account is, by an address that is known to be theirs; the two are joined here."""
    found = Referee.objects.filter(user=user).first()
    if found is not None:
        return found
    for email in EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True):
        if Referee.objects.filter(email__iexact=email, user=None).update(user=user):
            return Referee.objects.filter(user=user).first()
    return None


def after_sign_in(request: HttpRequest) -> str:
    """Where a referee goes: to their reviews, unless they have the desk or pieces of their own. For `accounts.doors`."""
    user = request.user
    assert isinstance(user, User)
    has_row = referee_of(user) is not None
    request.session[IS_REFEREE] = has_row or roles.REFEREE in user.role_names
    if not request.session[IS_REFEREE] or user.is_staff or access.own_pieces(user).exists():
        return ""
    return reverse("referee:home")


def home(request: HttpRequest) -> HttpResponseBase:
    return closed(_home(request))


@for_authors
def _home(request: HttpRequest) -> HttpResponse:
    """Reviews asked for and reviews sent; the pause and the conflicts."""
    me = person(request)
    referee = referee_of(me)
    request.session[IS_REFEREE] = referee is not None or roles.REFEREE in me.role_names
    pause = PauseForm(initial={"until": referee.not_before if referee else None})
    conflicts = ConflictsForm(initial={"conflicts": referee.conflicts if referee else ""})
    if request.method == "POST" and referee is not None:
        action = request.POST.get("action")
        if action == "conflicts":
            conflicts = ConflictsForm(request.POST)
        elif action == "pause":
            pause = PauseForm(request.POST)
        if said := _act(action, referee, me, pause, conflicts):
            messages.success(request, said)
            return redirect("referee:home")
    reviews = list(own_reviews(me).order_by("-invited_at", "-pk")) if referee else []
    context = {
        "tab": "reviews",
        "referee": referee,
        "current": [_row(one) for one in reviews if one.is_open],
        "past": [_row(one) for one in reviews if not one.is_open],
        "pause": pause,
        "conflicts": conflicts,
    }
    status = 422 if (pause.is_bound and pause.errors) or (conflicts.is_bound and conflicts.errors) else 200
    return page(request, "referee/home.html", context, status=status)


def _act(action: str | None, referee: Referee, me: User, pause: PauseForm, conflicts: ConflictsForm) -> str:
    """What was done, in words; empty where a form has to be mended."""
    form: PauseForm | ConflictsForm = conflicts if action == "conflicts" else pause
    try:
        if action == "again":
            answering.pause(referee, by=me, until=None)
            return "We may ask you again. Thank you."
        if action == "conflicts" and conflicts.is_valid():
            answering.declare(referee, by=me, conflicts=conflicts.cleaned_data["conflicts"])
            return "Your conflicts are saved."
        if action == "pause" and pause.is_valid():
            until = pause.cleaned_data["until"]
            answering.pause(referee, by=me, until=until)
            return "Saved: we don’t ask you before that day." if until else "We may ask you again. Thank you."
    except Blocked as answer:
        blocked(form, answer)
    return ""


def _row(review: Review) -> dict[str, Any]:
    """One review, as its referee sees it in the list."""
    is_invited = review.state == Review.State.INVITED
    return {
        "review": review,
        "title": review.round.revision.title or "Untitled",
        "url": reverse("referee:own", args=[review.pk]),
        "is_invited": is_invited,
        "due_on": due(review, "answer" if is_invited else "review") if review.is_open else None,
        "more_url": reverse("referee:own_more", args=[review.pk]),
        "told": told(review) if review.state == Review.State.SUBMITTED else "",
    }
