"""Choosing a referee, and the letter that invites them, read exactly as it goes."""

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial.admin.step_letters import digest
from editorial.letter_words import Wording, lines_of
from editorial.registry import Blocked
from forum.models import Masthead
from prose.names import tidy_name
from review import blindness, inviting, suggesting, turn
from review.admin.pages import page, piece_of, shown
from review.models import Referee, Review, Round

DATE = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class AddForm(forms.Form):
    """Somebody by name and address."""

    name = forms.CharField(max_length=200, label="Name")
    email = forms.EmailField(max_length=254, label="E-mail", help_text="The letter goes there, with a link for this person alone. They need no account.")  # fmt: skip
    affiliation = forms.CharField(max_length=200, required=False, label="Affiliation", help_text="Finds conflicts with the authors.")  # fmt: skip

    def clean_name(self) -> str:
        name = tidy_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Give the name.")
        return name


class LetterForm(forms.Form):
    """The days, the letter, and what has to be said where something speaks against it."""

    answer_by = forms.DateField(label="Answer wanted by", **DATE)
    review_by = forms.DateField(label="Review wanted by", **DATE)
    override = forms.CharField(label="Why all the same", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}), help_text="Kept on the timeline, for those who may know who referees.")  # fmt: skip
    despite_pause = forms.BooleanField(label="Ask all the same", required=False)
    subject = forms.CharField(label="Subject", required=False, max_length=1000)
    text = forms.CharField(
        label="Text", required=False, max_length=60_000, strip=False, widget=forms.Textarea(attrs={"rows": 18})
    )
    # Digest of the letter that the page showed, made from its days.
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    @property
    def wording(self) -> Wording:
        return Wording(self.cleaned_data.get("subject", ""), lines_of(self.cleaned_data.get("text", "")))


def _round_of(desk: Any, request: HttpRequest, article: Article) -> Round | None:
    """The open round; without one the person is told."""
    round = turn.open_round(article)
    if round is None:
        desk.message_user(request, "No round is open on this piece, so nobody can be invited.", messages.WARNING)
    else:
        round.article = article
    return round


@page("<int:pk>/invite/", "review_invite")
def choose(desk: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """GET suggests and finds referees. POST lists one as a next choice, or leads to their letter."""
    article = piece_of(desk, request, pk)
    round = _round_of(desk, request, article)
    if round is None:
        return redirect("admin:review_round", pk)
    is_added = request.method == "POST" and "add" in request.POST
    form = AddForm(request.POST if is_added else None, initial={"name": request.GET.get("name", "")[:200]})
    if request.method == "POST":
        try:
            referee = _chosen(request.user, request.POST.get("who", ""), form if is_added else None)
            if referee is not None:
                return _go_on(
                    desk, request, round, referee, is_listed="list" in (request.POST.get("do"), request.POST.get("add"))
                )
        except Blocked as answer:
            desk.message_user(request, str(answer), messages.ERROR)
    typed = request.GET.get("q", "").strip()[:100]
    context = {
        "title": "Invite referees",
        "round": round,
        "form": form,
        "typed": typed,
        "found": suggesting.search(round, typed, viewer=request.user) if typed else None,
        "suggested": suggesting.suggestions(round, viewer=request.user),
        "listed": len(inviting.next_choices(round)),
        "asked": round.reviews.filter(state__in=(*Review.OPEN, Review.State.SUBMITTED)).count(),
    }
    return shown(desk, request, "invite.html", article, context)


def _chosen(by: User, who: str, form: AddForm | None) -> Referee | None:
    """The referee whom a button or the form names; nobody where the form has errors."""
    if form is not None:
        if not form.is_valid():
            return None
        said = form.cleaned_data
        return inviting.referee_of(said["name"], said["email"], by=by, affiliation=said["affiliation"])
    kind, _, number = who.partition("-")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    if kind == "account":
        account = User.objects.filter(pk=pk, is_active=True, author__isnull=False).select_related("author").first()
        return inviting.referee_for_account(account, by=by) if account else None
    return suggesting.known_to(by).filter(pk=pk).first() if kind == "referee" else None


def _go_on(desk: Any, request: HttpRequest, round: Round, referee: Referee, *, is_listed: bool) -> HttpResponse:
    if not is_listed:
        if not suggesting.known_to(request.user).filter(pk=referee.pk).exists():
            # Named by their address, they are on this piece's list from here on, so that the letter can be shown.
            inviting.list_next(round, referee, by=request.user)
        return redirect("admin:review_letter", round.article_id, referee.pk)
    inviting.list_next(round, referee, by=request.user)
    desk.message_user(request, f"{referee} is a next choice now.", messages.SUCCESS)
    return redirect("admin:review_invite", round.article_id)


@page("<int:pk>/invite/<int:referee>/", "review_letter")
def letter(desk: Any, request: HttpRequest, pk: int, referee: int) -> HttpResponse:
    """GET shows the invitation. POST makes it anew with other days, or sends it as it stands."""
    article = piece_of(desk, request, pk)
    who = get_object_or_404(suggesting.known_to(request.user).select_related("user__author"), pk=referee)
    round = _round_of(desk, request, article)
    if round is None:
        return redirect("admin:review_round", pk)
    answer_by, review_by = inviting.usual_days()
    form = LetterForm(
        request.POST if request.method == "POST" else None, initial={"answer_by": answer_by, "review_by": review_by}
    )
    problems: list[str] = []
    # A letter that somebody changed is kept when the days are changed, with how it would read now beside it.
    fresh, is_stale = None, False
    is_valid = form.is_bound and form.is_valid()
    if form.is_bound:
        answer_by, review_by = (
            _or(form, name, day) for name, day in (("answer_by", answer_by), ("review_by", review_by))
        )
    made = inviting.letter_to(round, who, answer_by, review_by)
    typed = made
    if form.is_bound and "anew" not in request.POST and "text" in request.POST:
        typed = Wording(request.POST.get("subject", ""), lines_of(request.POST.get("text", "")))
        was = request.POST.get("shown", "")
        if digest(typed) == was:
            is_stale = digest(made) != was
            typed = made
        elif digest(made) not in (was, digest(typed)):
            fresh, is_stale = made, True
    if is_valid and "send" in request.POST:
        if is_stale:
            problems.append(
                "The days or the wording were changed, so the letter reads differently now. Read it, then send it."
            )
        else:
            try:
                return _send(desk, request, round, who, form)
            except Blocked as answer:
                for reason in answer.reasons:
                    if reason.where in form.fields:
                        form.add_error(reason.where, reason.text)
                    else:
                        problems.append(reason.text)
    today = timezone.localdate(timezone.now(), Masthead.current().zone)
    why_not = blindness.why_not_referee(who, article)
    context = {
        "title": f"Invite {who}",
        "referee": who,
        "round": round,
        "form": form,
        "answer_by": form["answer_by"].value() or answer_by,
        "letter": typed,
        "shown_digest": digest(made),
        "fresh": fresh,
        "problems": problems,
        "why_not": why_not,
        "conflicts": [] if why_not else suggesting.conflicts_of(who, article),
        "paused_until": who.not_before if who.not_before and who.not_before > today else None,
        "record": suggesting.records_of([who.pk], viewer=request.user)[who.pk],
        "rows": min(max(sum(1 + len(line) // 80 for line in typed.text.splitlines()) + 1, 8), 30),
    }
    return shown(desk, request, "letter.html", article, context)


def _or(form: LetterForm, name: str, usual: datetime.date) -> datetime.date:
    found = form.cleaned_data.get(name) if hasattr(form, "cleaned_data") else None
    return found if isinstance(found, datetime.date) else usual


def _send(desk: Any, request: HttpRequest, round: Round, who: Referee, form: LetterForm) -> HttpResponse:
    said = form.cleaned_data
    inviting.invite(
        round, who, by=request.user, answer_by=said["answer_by"], review_by=said["review_by"], by_hand=form.wording,
        override=said["override"], despite_pause=said["despite_pause"],
    )  # fmt: skip
    desk.message_user(
        request,
        f"{who} is invited. The letter goes in ten minutes; until then it can be stopped here.",
        messages.SUCCESS,
    )
    return redirect("admin:review_round", round.article_id)
