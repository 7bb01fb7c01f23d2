"""Who stands above a piece: the corresponding author's list, one's own line, and the door of an invitation."""

from typing import Any

from allauth.account.utils import has_verified_email
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import names as person_names
from accounts.models import User
from articles.models import Article, Byline
from authors.models import Author
from editorial import coauthors
from editorial.contribute.door import LARGEST_ID, for_authors, own_piece, page, person
from editorial.contribute.forms import ByName, OwnName, PersonName, Words
from editorial.contribute.sheet import own_row
from editorial.models import CoAuthorInvitation
from editorial.registry import Blocked
from forum.models import Masthead


class AddForm(forms.Form):
    """Another author: with an address an invitation, without one a name that stands as it is typed."""

    name = PersonName(label="Name, as printed", limit=200)
    affiliation = Words(limit=200, help_text="Such as the university or institute. May stay empty.")
    email = Words(
        label="E-mail",
        limit=254,
        help_text="We send an invitation, and the person confirms the line. Left empty, the name stands as you type it and nobody is written to.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class LineForm(forms.Form):
    """One's own affiliation and bio line above a piece."""

    affiliation = Words(limit=200, help_text="Such as your university or institute.")
    bio = Words(label="Bio line", limit=600, lines=3, help_text="One sentence: “… is Professor of … at …”.")


class ReasonForm(forms.Form):
    reason = Words(
        label="Reason (optional)", limit=2000, lines=3, help_text="The corresponding author and the editors read it."
    )


def show(form: forms.Form, answer: Blocked) -> None:
    """Put each reason beside its field."""
    for reason in answer.reasons:
        form.add_error(reason.where if reason.where in form.fields else None, reason.text)


# --- the list ---


@for_authors
def authors(request: HttpRequest, pk: int) -> HttpResponse:
    """The names in order: move, remove, invite, enter. For the corresponding author while the piece is theirs."""
    article, me = own_piece(request, pk), person(request)
    if problem := coauthors.why_not_settle(me, article):
        messages.warning(request, problem)
        return redirect("contribute:piece", pk)
    form = AddForm(request.POST if "add" in request.POST else None)
    if request.method == "POST":
        try:
            said = add(form, article, me) if form.is_bound else act(article, me, request.POST.get("action", ""))
        except Blocked as answer:
            if form.is_bound:
                show(form, answer)
            else:
                messages.warning(request, str(answer))
        except PermissionDenied as refusal:
            messages.warning(request, str(refusal))
            return redirect("contribute:piece", pk)
        else:
            if said:
                messages.success(request, said)
                return redirect("contribute:authors", pk)
    context = {
        "tab": "pieces",
        "article": article,
        "named": coauthors.named(article),
        "form": form,
        "most": coauthors.MOST_NAMES,
    }
    return page(request, "contribute/authors.html", context, status=422 if form.errors else 200)


def add(form: AddForm, article: Article, by: User) -> str:
    """What was done, in words; empty where the form has to be mended. Raises what `coauthors` raises."""
    if not form.is_valid():
        return ""
    name, affiliation, email = (form.cleaned_data[field] for field in ("name", "affiliation", "email"))
    if not email:
        coauthors.add_by_name(article, name=name, affiliation=affiliation, by=by)
        return f"{name} stands above the piece, entered by name."
    coauthors.invite(article, name=name, affiliation=affiliation, email=email, by=by)
    return f"An invitation to {name} is on its way to {email}."


def act(article: Article, by: User, action: str) -> str:
    """A button beside a name, such as “up-12”: the rest of the word is the number of the line.

    Returns what was done, in words. Raises what `coauthors` raises.
    """
    verb, _, number = action.partition("-")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    row = article.bylines.select_related("author", "invitation").filter(pk=pk).first()
    if row is None:
        return "This name does not stand above the piece any more."
    row.article = article
    if verb in ("up", "down"):
        coauthors.move(row, by=by, is_up=verb == "up")
        return f"{row.name} was moved."
    if verb == "remove":
        coauthors.remove(row, by=by)
        return f"{row.name} no longer stands above the piece."
    invitation = coauthors.open_invitation(row)
    if invitation is None:
        return f"There is no open invitation to {row.name} any more."
    invitation.article = article
    try:
        if verb == "again":
            coauthors.send_again(invitation, by=by)
            return f"An invitation is on its way to {invitation.email} again. The link in the earlier letter is over."
        if verb in ("cancel", "keep"):
            coauthors.cancel(invitation, by=by, is_name_kept=verb == "keep")
            kept = "The name stays, entered by name." if verb == "keep" else "The name is gone too."
            return f"The invitation to {invitation.name} was taken back. {kept}"
    except coauthors.Gone:
        return f"{row.name} has answered in the meantime."
    return ""


# --- one's own line ---


@for_authors
def byline(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own line above a piece: confirm it as it stands, or change it while the piece is not approved."""
    article, me = own_piece(request, pk), person(request)
    row = article.bylines.filter(author__user=me).first()
    if row is None:
        messages.warning(request, "Your name does not stand above this piece yet.")
        return redirect("contribute:piece", pk)
    row.article = article
    why_not = coauthors.why_not_reword(me, article)
    form = LineForm(request.POST or None, initial={"affiliation": row.affiliation, "bio": row.bio})
    if request.method == "POST" and form.is_valid():
        try:
            seen = request.POST.get("seen", "")[:64]
            if why_not:
                coauthors.confirm(row, me, seen=seen)
            else:
                coauthors.reword(row, me, seen=seen, **form.cleaned_data)
        except Blocked as answer:
            row.refresh_from_db()
            show(form, answer)
        except PermissionDenied as refusal:
            messages.warning(request, str(refusal))
            return redirect("contribute:piece", pk)
        else:
            messages.success(request, "Confirmed. Thank you.")
            return redirect("contribute:piece", pk)
    context = {
        "tab": "pieces",
        "article": article,
        "row": row,
        "why_not": why_not,
        "form": form,
        "seen": coauthors.mark_of(row),
    }
    return page(request, "contribute/byline.html", context, status=422 if form.errors else 200)


# --- the door of an invitation ---


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The invitation, for whoever has its secret. A GET changes nothing, as mail scanners follow links."""
    request.masthead = Masthead.current()  # type: ignore[attr-defined]
    try:
        found = coauthors.by_token(token)
        with timezone.override(request.masthead.zone):  # type: ignore[attr-defined]
            return _invitation(request, found)
    except coauthors.Gone:
        return _gone(request)


@for_authors
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """The same page, for a person to whose own address the invitation went: from the list of their pieces."""
    try:
        if pk > LARGEST_ID:
            raise coauthors.Gone
        return _invitation(request, coauthors.by_id(pk, person(request)))
    except coauthors.Gone:
        return _gone(request)


def _gone(request: HttpRequest) -> HttpResponse:
    """One answer for what never was, was answered, was taken back or is over."""
    return page(request, "contribute/no_invitation.html", {}, status=404)


def _invitation(request: HttpRequest, found: CoAuthorInvitation) -> HttpResponse:
    if request.method == "POST" and request.POST.get("action") == "refuse":
        return _refused(request, found)
    if request.method == "POST":
        # Joining needs an account; what was typed is kept for whoever signs in first.
        response: HttpResponse = _joined(request, found)
        return response
    return _page(request, found)


@for_authors
def _joined(request: HttpRequest, found: CoAuthorInvitation) -> HttpResponse:
    me = person(request)
    form = line_form(found, me, request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    names = form.names(me) if isinstance(form, OwnName) else None
    name = form.cleaned_data.get("name") or (Author(**names).name if names else found.name)
    try:
        coauthors.accept(
            found, me, name=name, affiliation=form.cleaned_data["affiliation"], bio=form.cleaned_data["bio"],
            author_names=names,
        )  # fmt: skip
    except Blocked as answer:
        show(form, answer)
        return _page(request, found, form=form, status=422)
    messages.success(request, "You stand above the piece, and your line is confirmed. Thank you.")
    return redirect("contribute:piece", found.article_id)


def _refused(request: HttpRequest, found: CoAuthorInvitation) -> HttpResponse:
    form = ReasonForm(request.POST)
    user = request.user if isinstance(request.user, User) else None
    if form.is_valid():
        try:
            coauthors.refuse(found, user, reason=form.cleaned_data["reason"])
        except Blocked as answer:
            show(form, answer)
        else:
            return page(request, "contribute/refused.html", {"title": coauthors.title_for(found.article)})
    return _page(request, found, refusal=form, status=422)


def _page(
    request: HttpRequest,
    found: CoAuthorInvitation,
    *,
    form: forms.Form | None = None,
    refusal: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    me = request.user if isinstance(request.user, User) else None
    is_verified = me is not None and has_verified_email(me)
    problem = coauthors.why_not_join(me, found) if me is not None and is_verified else ""
    context: dict[str, Any] = {
        "title": coauthors.title_for(found.article),
        "inviter": coauthors.inviter(found),
        "line": found.byline,
        "me": me,
        "is_verified": is_verified,
        "problem": problem,
        "leaves_desk": is_verified and not problem and coauthors.leaves_desk(me, found),
        "form": form or (line_form(found, me) if me is not None and is_verified and not problem else None),
        "refusal": refusal or ReasonForm(),
        "next": request.path,
    }
    return page(request, "contribute/join.html", context, status=status)


def line_form(found: CoAuthorInvitation, me: User, data: Any = None) -> ByName:
    """One's own line as it is to stand: from the author record, or from the invitation where there is none."""
    author = Author.objects.filter(user=me).first()
    row: Byline | None = found.byline
    assert row is not None, "An open invitation has its line."
    if data is not None:
        return own_row(me, author, found.article, prefix="line", data=data)
    if author is None:
        given, _, family = person_names.tidy(row.name).rpartition(" ")
        initial: dict[str, Any] = {"affiliation": row.affiliation, "bio": row.bio}
        initial |= {"given_name": given[:100], "family_name": family[:100]} if given else {"single_name": family}
    else:
        parts = ("given_name", "family_name", "single_name", "is_family_first", "name")
        initial = {name: getattr(author, name) for name in parts}
        initial |= {"affiliation": author.affiliation or row.affiliation, "bio": author.bio or row.bio}
    return own_row(me, author, found.article, prefix="line", initial=initial)
