"""Declared conflicts at the desk: declaring one, the page that lists and overrides them, and what the person sees after."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from accounts.models import User
from articles.models import Article
from editorial import access, conflicts
from editorial.admin import words
from editorial.admin.base import desk_page
from editorial.models import Conflict
from editorial.registry import Blocked

CLOSED = "You declared a conflict with a piece, so it is not on your desk. Ask a managing editor, who can override it."


def refuse_for_conflict(person: User, pk: Any) -> None:
    """Say why a piece is closed, to whom a declared conflict keeps from it; to all others it is as if there were none."""
    number = str(pk)
    if number.isascii() and number.isdigit() and len(number) < 19 and conflicts.open_for(person, int(number)):
        raise PermissionDenied(CLOSED)


class DeclareForm(forms.Form):
    person = forms.ModelChoiceField(User.objects.none(), required=False, label="Who", empty_label="I myself")
    reason = forms.CharField(
        label="Reason", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the managing editors. The timeline says who, not why.",
    )  # fmt: skip

    def __init__(self, *args: Any, article: Article, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if conflicts.may_override(user, article):
            self.fields["person"].queryset = conflicts.people_for(article, user).exclude(pk=user.pk)  # type: ignore[attr-defined]
        else:
            del self.fields["person"]


class ConflictPages:
    """What `ArticleAdmin` has for declared conflicts: one page of the piece."""

    def conflict_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [path("<int:pk>/conflict/", view(self.conflict_view), name="articles_article_conflict")]

    @desk_page
    def conflict_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET lists the conflicts with a piece. POST declares one, or overrides one."""
        desk: Any = self
        article: Article = desk.piece_or_404(request, pk)
        may_override = conflicts.may_override(request.user, article)
        form = DeclareForm(request.POST if "declare" in request.POST else None, article=article, user=request.user)
        problem, overriding, typed = "", 0, ""
        if request.method == "POST":
            try:
                said = self._declare(form, article, request.user) if form.is_bound else self._override(request, article)
            except Blocked as answer:
                problem = str(answer)
                overriding, typed = _number(request.POST.get("override")), request.POST.get("override_reason", "")
            else:
                if said:
                    desk.message_user(request, said, messages.SUCCESS)
                    is_theirs = access.is_on_desk(request.user, article)
                    return redirect("admin:articles_article_conflict", pk) if is_theirs else redirect("admin:articles_article_changelist")  # fmt: skip
        context = {
            "title": "Conflicts of interest at the desk",
            "form": form,
            "problem": problem,
            "overriding": overriding,
            "typed": typed,
            "may_override": may_override,
            "conflicts": conflicts.of(article),
        }
        response: HttpResponse = desk._page(request, "conflicts.html", article, context)
        return response

    @staticmethod
    def _declare(form: DeclareForm, article: Article, by: User) -> str:
        if not form.is_valid():
            return ""
        person = form.cleaned_data.get("person") or by
        conflicts.declare(article, person, form.cleaned_data["reason"], by=by)
        if person == by:
            return f"You declared a conflict with “{words.title(article)}”. It is no longer on your desk."
        return f"The piece is no longer on the desk of {person}."

    @staticmethod
    def _override(request: HttpRequest, article: Article) -> str:
        conflict = Conflict.objects.filter(pk=_number(request.POST.get("override")), article=article).first()
        if conflict is None:
            raise Http404
        conflicts.override(conflict, by=request.user, reason=request.POST.get("override_reason", ""))
        return (
            f"Overridden. {conflict.person} can see the piece at the desk again; the other managing editors are told."
        )


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
