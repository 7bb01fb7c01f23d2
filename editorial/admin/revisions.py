"""Versions of a text side by side."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.http import Http404

from articles.models import Article, Image, Revision
from editorial import access
from editorial.admin import words
from prose import diff


@dataclass
class Version:
    """One version, as lists name it."""

    revision: Revision
    when: str
    marks: list[str]
    before: int | None = None
    is_sealed: bool = False


def versions(article: Article) -> list[Version]:
    """All versions, newest first, with what each was: handed in, approved, published, removed. Four queries."""
    marks: dict[int, list[str]] = {}
    for publication in article.publications.all():
        marks.setdefault(publication.revision_id, []).append(publication.get_kind_display())
    for revision_id, state in article.approvals.values_list("revision_id", "state"):
        if state in ("given", "settled") and "approved" not in marks.setdefault(revision_id, []):
            marks[revision_id].append("approved")
    if article.handling.submitted_revision_id:
        marks.setdefault(article.handling.submitted_revision_id, []).append("as handed in")
    sealed = access.sealed_texts(article)
    found = [
        Version(revision, words.moment(revision.at), marks.get(revision.pk, []), is_sealed=revision.pk in sealed)
        for revision in article.revisions.select_related("by").defer("body", "in_brief")
    ]
    for newer, older in pairwise(found):
        newer.before = older.revision.pk
    return found


@dataclass
class Difference:
    """What changed from one version to another; each part is safe HTML, empty where nothing changed."""

    title: str
    in_brief: str
    body: str
    image: tuple[Image | None, Image | None] | None

    @property
    def is_nothing(self) -> bool:
        return not (self.title or self.in_brief or self.body or self.image)


def difference(before: dict[str, Any], after: dict[str, Any]) -> Difference:
    """Between two texts, each with title, in_brief, body and lead_image."""

    def text(name: str) -> str:
        return diff.diff_text(before[name], after[name]) if before[name] != after[name] else ""

    is_other = before["lead_image"] != after["lead_image"]
    return Difference(
        title=text("title"),
        in_brief=text("in_brief"),
        body="" if before["body"] == after["body"] else diff.diff_html(before["body"], after["body"]),
        image=(before["lead_image"], after["lead_image"]) if is_other else None,
    )


def text_of(revision: Revision) -> dict[str, Any]:
    return {name: getattr(revision, name) for name in ("title", "in_brief", "body", "lead_image")}


def one_of(article: Article, number: str | None) -> Revision:
    """The version of this piece with this id; another piece's is as unknown as one that never was."""
    if not (number or "").isascii() or not (number or "").isdigit() or len(number or "") > 18:
        raise Http404
    revision = article.revisions.select_related("lead_image", "by").filter(pk=int(number or 0)).first()
    if revision is None:
        raise Http404
    return revision
