"""Exactly what the editors changed against one's own text, and the answer to it."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from articles.models import Article, Publication, Revision
from articles.status import Status
from editorial import access
from editorial.contribute.door import for_authors, own_piece, page, person
from editorial.contribute.steps import ANSWERS, StepForm, answered, words_of
from editorial.contribute.texts import Name, names_before, names_now
from editorial.models import Approval, Event
from editorial.workflow import BY_NAME
from prose import diff

HANDED_IN = ("submit", "resubmit")


@dataclass
class Comparison:
    """Two versions of a piece side by side. What is marked is worked out where a page asks for it."""

    heading: str
    says: str
    after: Revision
    before: Revision | None = None
    names_before: list[Name] = field(default_factory=list)
    names_after: list[Name] = field(default_factory=list)

    # Safe: prose.diff leaves nothing but text, ins, del and what a body may hold.
    @cached_property
    def title(self) -> SafeString:
        return mark_safe(diff.diff_text(self._before.title, self.after.title))  # noqa: S308

    @cached_property
    def in_brief(self) -> SafeString:
        return mark_safe(diff.diff_text(self._before.in_brief, self.after.in_brief))  # noqa: S308

    @cached_property
    def body(self) -> SafeString:
        return mark_safe(diff.diff_html(self._before.body, self.after.body))  # noqa: S308

    @property
    def is_title_same(self) -> bool:
        return self._before.title == self.after.title

    @property
    def is_in_brief_same(self) -> bool:
        return self._before.in_brief == self.after.in_brief

    @cached_property
    def is_body_same(self) -> bool:
        return self._before.body == self.after.body or diff.is_same(self._before.body, self.after.body)

    @property
    def picture(self) -> str:
        """What happened to the lead image, in words; empty where nothing did."""
        old, new = self._before.lead_image_id, self.after.lead_image_id
        if old == new:
            return ""
        if new is None:
            return "The picture was taken out."
        return "A picture was added." if old is None else "The picture was replaced."

    @property
    def are_names_changed(self) -> bool:
        return self.names_before != self.names_after

    @property
    def is_same(self) -> bool:
        """Whether nothing at all was changed."""
        return (
            self.is_title_same
            and self.is_in_brief_same
            and not self.picture
            and not self.are_names_changed
            and self.is_body_same
        )

    @property
    def _before(self) -> Revision:
        """The version before, or an empty one where there is none."""
        return self.before or Revision()


@for_authors
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What was changed, marked or clean, and the answer where one is asked for."""
    me = person(request)
    article = own_piece(request, pk)
    asked = article.approvals.filter(by=me, state=Approval.State.ASKED).select_related("revision__lead_image").first()
    last = None if asked else article.approvals.filter(by=me).first()
    context = {
        "tab": "pieces",
        "article": article,
        "comparisons": comparisons(article, me),
        "asked": asked,
        "answered": answered(last) if last else "",
        "due_on": article.handling.due_on if asked else None,
        "is_clean": request.GET.get("view") == "clean",
    }
    if asked:
        context["answers"] = [_answer(name, asked, article) for name in ANSWERS]
    return page(request, "contribute/changes.html", context)


def _answer(name: str, asked: Approval, article: Article) -> dict[str, object]:
    """A form under the changes, which leads to the step of that name."""
    step = BY_NAME[name]
    words = words_of(step, article)
    initial = {"seen": asked.revision_id, "seen_status": article.status}
    return {
        "name": name,
        "words": words,
        "form": StepForm(step, words, initial=initial, auto_id=f"id_{name}_%s"),
    }


def comparisons(article: Article, me: User) -> list[Comparison]:
    """Every set of changes that this author of a piece may see, newest last.

    What the editors changed in the approved text, what they left when they asked for a revision, and what readers
    were given after the approval.
    """
    found: list[Comparison] = []
    if article.status == Status.REVISING:
        asked_to_revise = article.events.filter(transition="request_revision").order_by("-at", "-pk").first()
        own = _handed_in(article, before=asked_to_revise)
        if own and asked_to_revise and own.revision_id != asked_to_revise.revision_id:
            found.append(
                Comparison(
                    "Edited before you were asked to revise",
                    "The editors’ version, which you revise now, against the text that you handed in.",
                    asked_to_revise.revision,
                    own.revision,
                )
            )
    answers = article.approvals.select_related("revision__lead_image")
    asked = answers.filter(by=me, state="asked").first()
    approval = asked or answers.filter(Q(by=me, state__in=("given", "objected")) | Q(state="settled")).first()
    if approval is not None:
        own = (
            article.events.filter(transition__in=HANDED_IN, at__lte=approval.asked_at)
            .select_related("revision__lead_image")
            .order_by("-at", "-pk")
            .first()
        )
        heading = "What the editors changed" if asked else "The text as edited"
        says = "Against the text that you handed in." if own else "The editors wrote this text, so all of it is new."
        comparison = Comparison(heading, says, approval.revision, own.revision if own else None)
        if own and asked:
            # Afterwards the editors may be at work on them again.
            comparison.names_after = names_now(article)
            before = names_before(article, own)
            comparison.names_before = comparison.names_after if before is None else before
        found.append(comparison)
    found += _public_changes(article)
    sealed = access.sealed_texts(article)
    return [c for c in found if c.after.pk not in sealed and (c.before is None or c.before.pk not in sealed)]


def _handed_in(article: Article, before: Event | None) -> Event | None:
    handed_in = article.events.filter(transition__in=HANDED_IN).select_related("revision__lead_image")
    return handed_in.filter(pk__lt=before.pk).order_by("-pk").first() if before else None


def _public_changes(article: Article) -> list[Comparison]:
    """What readers were given, each time against the text before it; first of all against the approved text."""
    found: list[Comparison] = []
    given = article.approvals.filter(state__in=("given", "settled")).select_related("revision__lead_image").first()
    last = given.revision if given else None
    for publication in article.publications.select_related("revision__lead_image").order_by("at", "pk"):
        if last is not None and last.pk != publication.revision_id:
            comparison = Comparison(_heading(publication), _says(publication), publication.revision, last)
            if not comparison.is_same:
                found.append(comparison)
        last = publication.revision
    return found


def _heading(publication: Publication) -> str:
    return {"correction": "Corrected", "copy_fix": "Spelling or form mended"}.get(
        publication.kind, "Mended before it was published"
    )


def _says(publication: Publication) -> str:
    if publication.kind == Publication.Kind.CORRECTION:
        return f"Readers are told: {publication.note}"
    return "Spelling or form; the sense stays. Against the text before it."
