"""One decision for many pieces at once: assign, tag, decline. Each piece goes by itself and is reported by itself.

The list's stock actions lead to a page that says for each chosen piece whether it can be done; the page's button does
it, through the very functions that the page of one piece calls.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article, TaggedArticle
from editorial import access, rooms, writing
from editorial.admin import words
from editorial.admin.base import desk_page
from editorial.admin.widgets import TagSelect, TagsField, settled_tags
from editorial.letter_words import Wording, lines_of, problems_by_hand
from editorial.letters import ByHand, Draft, drafts, kinds_of
from editorial.models import Handling
from editorial.perform import perform, reasons_against, transaction_of
from editorial.registry import Blocked, Reason
from editorial.workflow import BY_NAME
from prose.names import name_key

# So that the answer comes within seconds, and so that nobody declines a thousand pieces by a slip.
MOST = 100
LONGEST = 20_000
UNCHANGED, NOBODY = "", "none"


class BulkForm(forms.Form):
    """What is asked once for all chosen pieces."""

    title = ""
    button = ""
    says = ""
    is_grave = False
    # The step whose letters are read before they go; empty where none is written.
    transition = ""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def why_not(self, piece: Article) -> str:
        """Why it can't be done with this piece, in plain words; empty where it can."""
        raise NotImplementedError

    def do(self, piece: Article, letters: dict[str, ByHand]) -> str:
        """Do it with one piece; returns what to report. Raises Blocked or PermissionDenied."""
        raise NotImplementedError

    def drafts(self, piece: Article) -> list[Draft]:
        """The letters that it would write about one piece. Raises what `do` would."""
        return drafts(piece, self.transition, self.user, self.cleaned_data)


class PersonField(forms.ChoiceField):
    """Leave as it is, nobody, or one of these people."""

    def __init__(self, people: Callable[[], QuerySet[User]], **kwargs: Any) -> None:
        self.people = people
        super().__init__(required=False, **kwargs)

    def fill(self) -> None:
        self.found = {str(person.pk): person for person in self.people()}
        named = [(key, str(person)) for key, person in self.found.items()]
        self.choices = [(UNCHANGED, "Leave as it is"), (NOBODY, "Nobody"), *named]

    def person(self, value: str) -> Any:
        return ... if value == UNCHANGED else None if value == NOBODY else self.found[value]


class AssignManyForm(BulkForm):
    title, button = "Assign pieces", "Assign them"
    says = "Each piece gets this editor and copy editor. Nobody is assigned a piece of their own."
    editor = PersonField(access.deciders)
    copy_editor = PersonField(access.copy_editors)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("editor", "copy_editor"):
            self.fields[name].fill()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and cleaned["editor"] == cleaned["copy_editor"] == UNCHANGED:
            raise forms.ValidationError("Choose an editor or a copy editor.")
        return cleaned

    def why_not(self, piece: Article) -> str:
        return "" if access.may_decide(self.user, piece) else "Assigning this piece is not yours to do."

    def do(self, piece: Article, letters: dict[str, ByHand]) -> str:
        people = {name: self.fields[name].person(self.cleaned_data[name]) for name in ("editor", "copy_editor")}  # type: ignore[attr-defined]
        writing.assign(piece, by=self.user, **people)
        handling = Handling.objects.select_related("editor", "copy_editor").get(article=piece)
        return f"Editor: {handling.editor or 'nobody'}. Copy editor: {handling.copy_editor or 'nobody'}."


class TagManyForm(BulkForm):
    title, button = "Tag pieces", "Change the tags"
    says = "Other tags of the pieces stay. What readers see of published pieces changes at once."
    add = TagsField(
        label="Add these tags", required=False, widget=TagSelect(Article._meta.get_field("regions"), admin.site)
    )
    remove = TagsField(
        label="Remove these tags",
        required=False,
        widget=TagSelect(Article._meta.get_field("regions"), admin.site, attrs={"data-placeholder": "Type to find"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned["add"] and not cleaned["remove"]:
            raise forms.ValidationError("Name a tag to add or to remove.")
        return cleaned

    def why_not(self, piece: Article) -> str:
        if not access.may_decide(self.user, piece):
            return "The tags of this piece are not yours to change."
        if piece.live_id and not access.may_publish(self.user, piece):
            return "What readers see of a public piece is changed by those who publish."
        return ""

    def do(self, piece: Article, letters: dict[str, ByHand]) -> str:
        with transaction_of(piece) as (locked, _):
            if problem := self.why_not(locked):
                raise PermissionDenied(problem)
            before = writing.snapshot(locked)
            removed = {name_key(name) for name in self.cleaned_data["remove"]}
            gone = [item.pk for item in locked.tagged_items.select_related("tag") if name_key(item.tag.name) in removed]
            TaggedArticle.objects.filter(pk__in=gone).delete()
            rows = [TaggedArticle(content_object=locked, tag=tag) for tag in settled_tags(self.cleaned_data["add"])]
            TaggedArticle.objects.bulk_create(rows, ignore_conflicts=True)
            changes = writing.settle_details(locked, by=self.user, before=before)
        return f"Tags: {', '.join(changes['tags'][1]) or 'none'}." if changes else "Its tags were like that already."


class DeclineManyForm(BulkForm):
    title, button = "Decline pieces", "Next: read the letters"
    transition = "decline"
    says = "The authors of each piece get your letter, with their own names and titles. A managing editor can reopen a piece."
    is_grave = True
    message = forms.CharField(
        label="Your letter to the authors", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Stands in each letter, as you write it here.",
    )  # fmt: skip
    note = forms.CharField(
        label="Reason", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept on each timeline; authors do not see it.",
    )  # fmt: skip

    def why_not(self, piece: Article) -> str:
        step = BY_NAME[self.transition]
        if not access.may_perform(self.user, piece, step):
            return "Declining this piece is not yours to do."
        if piece.status not in step.sources:
            return f"It can’t be declined: it is {words.now_it_is(piece, timezone.now())}."
        if rooms.step_page(self.transition, piece.status):
            return "More is asked with this decision. Open the piece, and decide there."
        return " ".join(reason.text for reason in reasons_against(piece, step, self.user))

    def do(self, piece: Article, letters: dict[str, ByHand]) -> str:
        if rooms.step_page(self.transition, piece.status):
            raise Blocked(Reason(self.why_not(piece)))
        perform(piece, self.transition, by=self.user, letters=letters, **self.cleaned_data)
        return "Declined."


FORMS: dict[str, type[BulkForm]] = {"assign": AssignManyForm, "tag": TagManyForm, "decline": DeclineManyForm}


@dataclass
class Row:
    """One chosen piece, as the pages print it."""

    pk: int
    title: str
    url: str
    standing: list[Any]
    why_not: str = ""


@dataclass
class Sheet:
    """One letter about one piece, as the form carries it; `[name]` stands for each of those who get it."""

    piece: int
    kind: str
    subject: str
    text: str
    label: str = ""
    people: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"letter-{self.piece}-{self.kind}"

    @property
    def rows(self) -> int:
        """Lines that the text takes, roughly."""
        return min(max(sum(1 + len(line) // 80 for line in self.text.splitlines()) + 1, 8), 30)


def letters_in(data: Any, chosen: list[Article], transition: str) -> dict[str, Sheet]:
    """The letters that were read and perhaps changed, each with what stands against it."""
    found = {}
    kinds = [kind.name for kind in kinds_of(BY_NAME[transition])]
    for piece in chosen:
        for kind in kinds:
            sheet = Sheet(piece.pk, kind, "", "")
            if f"{sheet.name}-text" in data:
                sheet.subject = str(data.get(f"{sheet.name}-subject", ""))
                sheet.text = lines_of(str(data[f"{sheet.name}-text"]))
                sheet.errors = [said for _, said in problems_by_hand(Wording(sheet.subject, sheet.text))]
                found[sheet.name] = sheet
    return found


@dataclass
class Report:
    """What became of each piece. Kept in the session until it is shown, so that a reload does nothing again."""

    title: str
    done: list[dict[str, str]] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)


class BulkActions:
    """For the ModelAdmin of pieces: `ArticleAdmin(BulkActions, …)`."""

    actions = ("assign_many", "tag_many", "decline_many")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only what the person may do with some piece; deleting is nobody's."""
        if not request.user.has_perm("editorial.decide"):
            return {}
        found = super().get_actions(request)  # type: ignore[misc]
        return {name: action for name, action in found.items() if name in self.actions}

    @admin.action(description="Assign…")
    def assign_many(self, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse:
        return self.bulk_page(request, "assign", list(queryset.values_list("pk", flat=True)[: MOST + 1]))

    @admin.action(description="Add or remove tags…")
    def tag_many(self, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse:
        return self.bulk_page(request, "tag", list(queryset.values_list("pk", flat=True)[: MOST + 1]))

    @admin.action(description="Decline…")
    def decline_many(self, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse:
        return self.bulk_page(request, "decline", list(queryset.values_list("pk", flat=True)[: MOST + 1]))

    def bulk_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("bulk/done/", view(self.bulk_done), name="articles_article_bulk_done"),
            path("bulk/<slug:name>/", view(self.bulk_view), name="articles_article_bulk"),
        ]

    @desk_page
    def bulk_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """The button of the page that an action led to."""
        if name not in FORMS:
            raise Http404
        if not request.user.has_perm("editorial.decide"):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:articles_article_changelist")
        ids = [int(pk) for pk in request.POST.getlist("piece") if pk.isascii() and pk.isdigit() and len(pk) < 19]
        form = FORMS[name](request.POST, user=request.user)
        if not form.is_valid() or len(ids) > MOST:
            return self.bulk_page(request, name, ids, form)
        if "back" in request.POST:
            return self.bulk_page(request, name, ids, FORMS[name](initial=form.cleaned_data, user=request.user))
        chosen = self._chosen(request, ids)
        typed = letters_in(request.POST, chosen, form.transition) if form.transition else {}
        if form.transition and ("send" not in request.POST or any(sheet.errors for sheet in typed.values())):
            return self.letters_page(request, name, form, chosen, typed)
        report = Report(form.title)
        for piece in chosen:
            line = {"title": words.title(piece), "url": reverse("admin:articles_article_change", args=[piece.pk])}
            by_hand = {s.kind: ByHand(s.subject, s.text) for s in typed.values() if s.piece == piece.pk}
            try:
                report.done.append(line | {"text": form.do(piece, by_hand)})
            except (Blocked, PermissionDenied) as answer:
                report.refused.append(line | {"text": str(answer)})
            except IntegrityError:
                # Such as a tag that was merged away between the question and the answer.
                report.refused.append(line | {"text": "It was changed by somebody else at that moment. Try it again."})
        request.session["desk_bulk"] = vars(report)
        return redirect("admin:articles_article_bulk_done")

    @desk_page
    def bulk_done(self, request: HttpRequest) -> HttpResponse:
        report = request.session.pop("desk_bulk", None)
        if report is None:
            return redirect("admin:articles_article_changelist")
        return TemplateResponse(request, "admin/articles/article/bulk_done.html", {
            **self.admin_site.each_context(request), "report": report, "title": report["title"],  # type: ignore[attr-defined]
        })  # fmt: skip

    def bulk_page(self, request: HttpRequest, name: str, ids: list[int], form: BulkForm | None = None) -> HttpResponse:
        """What is asked, above each chosen piece with whether it can be done."""
        form = form or FORMS[name](user=request.user)
        if len(ids) > MOST:
            self.message_user(  # type: ignore[attr-defined]
                request,
                f"More than {MOST} pieces are chosen. Choose fewer, so that each can be looked at.",
                messages.ERROR,
            )
            ids = ids[:MOST]
        rows = [
            Row(
                piece.pk, words.title(piece), reverse("admin:articles_article_change", args=[piece.pk]),
                words.standing(piece, timezone.now()), form.why_not(piece),
            )
            for piece in self._chosen(request, ids)
        ]  # fmt: skip
        return TemplateResponse(request, "admin/articles/article/bulk.html", {
            **self.admin_site.each_context(request), "title": form.title, "form": form, "name": name,  # type: ignore[attr-defined]
            "rows": rows, "possible": sum(not row.why_not for row in rows), "media": form.media,
        })  # fmt: skip

    def letters_page(
        self, request: HttpRequest, name: str, form: BulkForm, chosen: list[Article], typed: dict[str, Sheet]
    ) -> HttpResponse:
        """Each letter, to be read and changed before it goes; a piece that can't be done is named with the reason."""
        rows: list[tuple[Row, list[Sheet]]] = []
        for piece in chosen:
            row = Row(piece.pk, words.title(piece), reverse("admin:articles_article_change", args=[piece.pk]), [])
            sheets: list[Sheet] = []
            try:
                for draft in form.drafts(piece):
                    made = Sheet(piece.pk, draft.kind, draft.subject, draft.text)
                    made = typed.get(made.name, made)
                    made.label = draft.label
                    made.people = ", ".join(f"{who} ({address})" for who, address in draft.people)
                    sheets.append(made)
            except (Blocked, PermissionDenied) as answer:
                row.why_not = str(answer)
            rows.append((row, sheets))
        return TemplateResponse(request, "admin/articles/article/bulk_letters.html", {
            **self.admin_site.each_context(request), "title": form.title, "form": form, "name": name, "rows": rows,  # type: ignore[attr-defined]
            "possible": sum(not row.why_not for row, _ in rows), "has_errors": any(sheet.errors for sheet in typed.values()),
        })  # fmt: skip

    def _chosen(self, request: HttpRequest, ids: list[int]) -> list[Article]:
        """Those of the pieces that are on this person's desk, in the order of the list."""
        return list(self.get_queryset(request).filter(pk__in=ids))  # type: ignore[attr-defined]
