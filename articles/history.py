"""What readers were given of a piece, told to them: each time, with its note, and the difference between any two texts.

A text that was sealed keeps its row; its words, and what they would show beside others, are gone.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import diff_notes, passages
from articles.images import pictures_in
from articles.models import Article, Publication, Revision
from articles.render import body_html, in_own_words
from articles.views.public import day_name
from forum.compiled import Compiled
from forum.models import Masthead
from prose import diff

WHAT: dict[str, Promise] = {
    Publication.Kind.FIRST: gettext_lazy("First published"),
    Publication.Kind.COPY_FIX: gettext_lazy("Spelling or form mended"),
    Publication.Kind.CORRECTION: gettext_lazy("Corrected"),
    Publication.Kind.RETRACTION: gettext_lazy("Retracted"),
    Publication.Kind.REINSTATEMENT: gettext_lazy("Reinstated"),
}


# Anybody may ask for a comparison: of longer texts it takes seconds. In characters, of both together.
LONGEST_COMPARED: Final = 60_000
# Texts never change, so what was worked out once holds; few are asked for again.
_KEPT: Final = 16

# Sanitised HTML: attributes are quoted.
_IMG = re.compile(r"<img\b[^<>]*>")
_ALT = re.compile(r' alt="([^"]*)"')


@dataclass(slots=True)
class Entry:
    """One time that readers were given a text, or told something of it. Numbered from 1, the oldest."""

    number: int
    what: str
    at: datetime.datetime
    day: str
    note: str
    revision_id: int
    is_sealed: bool
    is_current: bool = False
    is_same_text: bool = False
    compare_url: str = ""
    text_url: str = ""


class Given(NamedTuple):
    """A time that readers were given a text, as the database has it."""

    kind: str
    at: datetime.datetime
    note: str
    revision_id: int
    seal: int | None


_GIVEN: Compiled[tuple[Any, ...]] = Compiled(
    lambda article, now: (
        Publication.objects.filter(article=article, at__lte=now)
        .order_by("at", "pk")
        .values_list("kind", "at", "note", "revision_id", "revision__seal")
    ),
    article=int,
    now=datetime.datetime,
)


def given_of(article: Article, now: datetime.datetime) -> list[Given]:
    """Oldest first. What is still ahead is not among them."""
    return list(map(Given._make, _GIVEN(article=article.pk, now=now)))


def entries_of(article: Article, given: Iterable[Given], masthead: Masthead) -> list[Entry]:
    """Newest first."""
    found: list[Entry] = []
    for number, (kind, at, note, revision_id, seal) in enumerate(given, 1):
        day = day_name(timezone.localtime(at, masthead.zone))
        entry = Entry(number, str(WHAT[kind]), at, day, note, revision_id, is_sealed=seal is not None)
        if found:
            before = found[-1]
            entry.is_same_text = before.revision_id == revision_id
            if not (entry.is_same_text or entry.is_sealed or before.is_sealed):
                entry.compare_url = f"?from={before.number}&to={number}#difference"
        # Where the text stayed as it was, the row that gave it leads to it.
        if not (entry.is_same_text or entry.is_sealed):
            entry.text_url = f"?text={number}#text"
        found.append(entry)
    if found:
        # Of several rows with that text the one that gave it to readers.
        current = next((e for e in found if e.revision_id == article.live_id), found[-1])
        current.is_current = True
    return found[::-1]


class TooLong(Exception):  # noqa: N818  # an answer, not a fault
    """The two texts are too long to be compared on a page."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as readers were given it, as safe HTML."""

    title: str
    in_brief: str
    body: SafeString


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two texts, as safe HTML; empty where nothing did."""

    title: SafeString
    in_brief: SafeString
    body: SafeString
    picture: str

    @property
    def passages(self) -> int:
        """How many passages changed: of the title, the In Brief and the text together."""
        return sum(passages.count(html) for html in (self.title, self.in_brief, self.body))


def difference(article: Article, older: Entry, newer: Entry) -> Difference | None:
    """Between the texts of two entries, neither of them sealed; None where they are the same. Raises TooLong."""
    ids = [older.revision_id, newer.revision_id, article.live_id]
    texts = Revision.objects.select_related("lead_image").in_bulk(ids)
    before, after = texts[older.revision_id], texts[newer.revision_id]
    if before.body != after.body and len(before.body) + len(after.body) > LONGEST_COMPARED:
        raise TooLong
    found = Difference(
        title=_marked(diff.diff_text(before.title, after.title), before.title == after.title),
        in_brief=_marked(diff.diff_text(before.in_brief, after.in_brief), before.in_brief == after.in_brief),
        body=_marked(
            ""
            if before.body == after.body
            else _with_pictures_of(texts[article.live_id].body, _compared(before.body, after.body))
        ),
        picture=_picture(before, after),
    )
    return found if found.title or found.in_brief or found.body or found.picture else None


def text_of(article: Article, entry: Entry) -> Text:
    """The text of an entry that is not sealed, whole and without marks."""
    texts = Revision.objects.in_bulk([entry.revision_id, article.live_id])
    text = texts[entry.revision_id]
    # Safe: a body is sanitised when it is saved.
    body = mark_safe(in_own_words(body_html(_with_pictures_of(texts[article.live_id].body, text.body))))  # noqa: S308
    return Text(text.title, text.in_brief, body)


@lru_cache(maxsize=_KEPT)
def _compared(before: str, after: str) -> str:
    return diff.diff_html(before, after)


def _marked(html: str, is_same: bool = False) -> SafeString:
    # Safe: prose.diff leaves nothing but text, ins, del and what a body may hold.
    return mark_safe("" if is_same else diff_notes.in_own_words(html))  # noqa: S308


def _with_pictures_of(live: str, html: str) -> str:
    """Only pictures that readers have now are shown; of another, its description stands in its place."""
    shown = set(pictures_in(live))

    def kept(img: re.Match[str]) -> str:
        if shown.issuperset(pictures_in(img[0])):
            return img[0]
        alt = _ALT.search(img[0])
        return f'<span class="diff-note">[picture{": " + alt[1] if alt and alt[1] else ""}]</span>'

    return _IMG.sub(kept, html)


def _picture(before: Revision, after: Revision) -> str:
    """In words: a picture that was taken away may be one that readers are to see no more."""
    if before.lead_image_id == after.lead_image_id:
        return ""
    if after.lead_image is None:
        return _("The picture was taken away.")
    return _("A picture was added.") if before.lead_image is None else _("Another picture took its place.")
