"""The wording of letters: all kinds with who gets them and when, each changed in a form, previewed and tried out."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import access, changes, letter_words, letters
from editorial.admin import article_list, words
from editorial.admin.base import LONGEST_SEARCH, DeskAdmin, desk_page
from editorial.letter_words import KINDS, Kind, Wording
from editorial.models import Change, LetterTemplate

# As many pieces as one chooses from at a glance.
PIECES_OFFERED = 8


class WordingForm(forms.Form):
    """Subject and text of a kind of letter. What is needed and too long is said by `letter_words.problems`, with all else."""

    subject = forms.CharField(required=False, strip=True, widget=forms.TextInput(attrs={"dir": "auto"}))
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 18, "dir": "auto"}))
    # The wording that the person had before their eyes.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    @property
    def wording(self) -> Wording:
        """As typed, whatever is wrong with it."""
        typed = [str(self.data.get(name) or "").replace("\x00", "") for name in ("subject", "text")]
        return Wording(typed[0].strip(), letter_words.lines_of(typed[1]).strip())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        for field, said in letter_words.problems(self.kind, self.wording):
            self.add_error(field, said)
        return cleaned


def version_of(row: LetterTemplate | None) -> str:
    """What tells one saved wording from the next."""
    return row.changed_at.isoformat() if row else "delivered"


@transaction.atomic
def save_wording(kind: Kind, wording: Wording, *, by: User) -> None:
    """Keep the publication's own wording; one that is as delivered is none. Notes who changed what."""
    if not by.has_perm("editorial.change_lettertemplate"):
        raise PermissionDenied
    before = letters.wording_of(kind.name)
    if letters.is_same(wording, letter_words.delivered(kind.name)):
        _delete(kind, before, by)
        return
    if letters.is_same(wording, before):
        return
    row, _ = LetterTemplate.objects.update_or_create(
        kind=kind.name,
        defaults={"subject": wording.subject, "text": wording.text, "changed_by": by, "changed_at": timezone.now()},
    )
    _record(kind, row, before, wording, by)


@transaction.atomic
def as_delivered(kind: Kind, *, by: User) -> None:
    """Go back to the wording that came with the program."""
    if not by.has_perm("editorial.change_lettertemplate"):
        raise PermissionDenied
    _delete(kind, letters.wording_of(kind.name), by)


def _delete(kind: Kind, before: Wording, by: User) -> None:
    row = LetterTemplate.objects.select_for_update().filter(kind=kind.name).first()
    if row is None:
        return
    _record(kind, row, before, letter_words.delivered(kind.name), by)
    row.delete()


def _record(kind: Kind, row: LetterTemplate, before: Wording, after: Wording, by: User) -> None:
    told = {
        field: [getattr(before, field), getattr(after, field)]
        for field in ("subject", "text")
        if getattr(before, field) != getattr(after, field)
    }
    changes.record(by=by, action=Change.Action.CHANGED, obj=row, name=f"Letter “{kind.label}”", changes=told)


@admin.register(LetterTemplate)
class LetterTemplateAdmin(DeskAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LetterTemplate | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="editorial_lettertemplate_changelist"),
            path("<slug:kind>/", view(self.wording_view), name="editorial_lettertemplate_wording"),
            path("<slug:kind>/delivered/", view(self.delivered_view), name="editorial_lettertemplate_delivered"),
        ]

    @desk_page
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All kinds of letters, in the order of a piece's way."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = {row.kind: row for row in LetterTemplate.objects.select_related("changed_by")}
        rows: list[dict[str, Any]] = [
            {
                "kind": kind,
                "subject": own[kind.name].subject if kind.name in own else letter_words.delivered(kind.name).subject,
                "own": own.get(kind.name),
                "changed": words.moment(own[kind.name].changed_at) if kind.name in own else "",
            }
            for kind in KINDS.values()
        ]
        context = {
            "title": "Letter templates",
            "sections": (
                ("Letters to authors", [row for row in rows if row["kind"].is_to_author]),
                ("Letters within the desk", [row for row in rows if not row["kind"].is_to_author]),
            ),
        }
        return self._page(request, "list.html", context)

    @desk_page
    def wording_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """The form of one letter. POST saves it, or previews what is typed, or sends that to oneself as a test."""
        found = self._kind(kind)
        can_change = self.has_change_permission(request)
        if not self.has_view_permission(request) or (request.method == "POST" and not can_change):
            raise PermissionDenied
        own = LetterTemplate.objects.filter(kind=found.name).select_related("changed_by").first()
        now = letters.wording_of(found.name)
        initial = {"subject": now.subject, "text": now.text, "seen": version_of(own)}
        form = WordingForm(request.POST if request.method == "POST" else None, kind=found, initial=initial)
        wording, is_stale = now, False
        if request.method == "POST":
            wording = form.wording
            is_valid = form.is_valid()
            is_trying = bool({"preview", "test"} & request.POST.keys())
            is_stale = not is_trying and form.data.get("seen") != version_of(own)
            if is_valid and not is_trying and not is_stale:
                save_wording(found, wording, by=request.user)
                self.message_user(
                    request, f"Saved. “{found.label}” reads like this from now on.", messages.SUCCESS
                )  # fmt: skip
                return redirect("admin:editorial_lettertemplate_wording", found.name)
            if is_stale:
                # Pressed again, it is meant.
                form.data = {**form.data.dict(), "seen": version_of(own)}  # type: ignore[attr-defined]  # a posted form
        pieces, piece, searched = self._pieces(request)
        if request.method == "POST" and "test" in request.POST:
            self._test(request, found, form, piece)
        context = {
            "title": found.label,
            "kind": found,
            "own": own,
            "changed": words.moment(own.changed_at) if own else "",
            "form": form,
            "now": now,
            "is_stale": is_stale,
            "can_change": can_change,
            "placeholders": [
                (letter_words.WORDS[word], word in found.needed, word in found.sometimes) for word in found.words
            ],
            "pieces": [(offered.pk, words.title(offered)) for offered in pieces],
            "piece": piece,
            "searched": searched,
            "people": self._people(found, piece) if piece else [],
            "previews": self._previews(request, found, wording, piece) if piece else [],
        }
        return self._page(request, "form.html", context)

    @desk_page
    def delivered_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Back to the wording as delivered."""
        found = self._kind(kind)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        as_delivered(found, by=request.user)
        self.message_user(request, f"“{found.label}” reads as delivered again. The wording before stands under Changes.", messages.SUCCESS)  # fmt: skip
        return redirect("admin:editorial_lettertemplate_wording", found.name)

    # --- preview ------------------------------------------------------------------------------------

    @staticmethod
    def _pieces(request: HttpRequest) -> tuple[list[Article], Article | None, str]:
        """Pieces of the person's desk to choose from, the one chosen, and what was searched for."""
        data = request.POST if request.method == "POST" else request.GET
        searched = data.get("q", "").replace("\x00", " ").strip()[:LONGEST_SEARCH]
        desk = access.desk_pieces(request.user).select_related("latest", "handling").defer("latest__body")
        found = article_list.search(request, desk, searched) if searched else desk
        offered = list(found.order_by("-handling__since", "-pk")[:PIECES_OFFERED])
        chosen = data.get("piece", "")
        piece = (
            desk.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None
        )
        if piece is not None and piece not in offered:
            if searched and "find" in data:
                piece = None
            else:
                offered = [piece, *offered]
        return offered, piece or (offered[0] if offered else None), searched

    @staticmethod
    def _people(kind: Kind, piece: Article) -> list[str]:
        """Who would get it, as far as the piece says: the second editor is named with the step."""
        if kind.who == letter_words.AUTHORS:
            return [str(person) for person in access.authors_with_account(piece)]
        return []

    def _previews(self, request: HttpRequest, kind: Kind, wording: Wording, piece: Article) -> list[dict[str, Any]]:
        """The letter for the piece with all that may stand in it, and with the other words or without what may be empty."""
        user: Any = request.user
        people = self._people(kind, piece)
        name = people[0] if people else user.get_full_name()
        full, other = (letters.example(kind.name, piece, wording, name, case=case) for case in (0, 1))
        if full == other:
            return [{"label": "As it reads", "letter": full}]
        two_cases = any(
            len(letter_words.WORDS[word].examples) > 1 and letter_words.WORDS[word].examples[1] for word in kind.words
        )
        second = "In the other case, and without what may be left out" if two_cases else "Without what may be left out"
        return [{"label": "With everything", "letter": full}, {"label": second, "letter": other}]

    def _test(self, request: HttpRequest, kind: Kind, form: WordingForm, piece: Article | None) -> None:
        user: Any = request.user
        if not form.is_valid():
            self.message_user(request, "No test was sent: mend first what is marked below.", messages.ERROR)
        elif piece is None:
            self.message_user(request, "There is no piece on your desk to try the letter on.", messages.ERROR)
        else:
            letter = letters.example(kind.name, piece, form.wording, user.get_full_name())
            letters.send_test(letter, user)
            self.message_user(
                request,
                f"A test is on its way to {user.email}. Nothing was saved and nobody else gets it.",
                messages.SUCCESS,
            )

    # --- pages --------------------------------------------------------------------------------------

    @staticmethod
    def _kind(kind: str) -> Kind:
        if kind not in KINDS:
            raise Http404
        return KINDS[kind]

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"admin/editorial/lettertemplate/{template}", shared | context)
