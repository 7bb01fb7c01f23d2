"""The page of a piece, made once for what it was made from: its row with all that belongs to it, masthead and language.

What tells of other pieces, or of how old this one is, is left open in it (`{% open %}` in the templates) and printed anew
whenever the rows that it is printed from are others than the last time.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.template import Context, Node, Template
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.metadata import TOLD_AT, Metadata
from articles.models import Article
from articles.related import Names
from articles.share_cards.cards import picture_of_site
from forum.languages import spoken
from forum.models import Masthead
from forum.pagecache.shown import gathering, shows
from forum.remembered import MEMORY, Remembered, mark_of, surroundings

# Stands where a place is left open, with a number after it; no text of the database can have it.
MARK = "\0"
# What a piece takes in memory beside its page: what is asked of it for each reader, and what was filled in last.
_BESIDE = 16_000


@dataclass(frozen=True, slots=True)
class Told:
    """A piece as the database gave it."""

    row: tuple[Any, ...]
    slug: str
    published_on: datetime.date


class Places:
    """Collects what is left open while a page is printed."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def left(self, node: Node) -> SafeString:
        self.nodes.append(node)
        return SafeString(f"{MARK}{len(self.nodes) - 1}{MARK}")


@dataclass(slots=True)
class Sheet:
    """A page with places left open. The piece is without its text here, which is printed."""

    template: Template
    article: Article
    metadata: Metadata
    printed: list[bytes]
    places: list[Node]
    # What was printed in the places last, what that shows, and what it was made from.
    _last: tuple[bytes, list[bytes], tuple[str, ...]] | None = None
    _names: Names | None = None

    @property
    def names(self) -> Names:
        """What the piece is about and by whom, for what is related."""
        if self._names is None:
            self._names = Names(self.article)
        return self._names

    def filled(self, made_from: tuple[Any, ...], values: Callable[[], dict[str, Any]]) -> bytes:
        """The page. `values` gives what the places take, the same wherever `made_from` is the same; it asks the database nothing."""
        mark = mark_of(made_from)
        last = self._last
        if last is None or last[0] != mark:
            with gathering() as tags:
                fillings = self._fillings(values())
            last = self._last = mark, fillings, tuple(tags)
        else:
            shows(*last[2])
        parts = [self.printed[0]]
        for filling, after in zip(last[1], self.printed[1:], strict=True):
            parts += [filling, after]
        return b"".join(parts)

    def _fillings(self, values: dict[str, Any]) -> list[bytes]:
        context = Context({"interface": spoken(), "surroundings": surroundings(), **values})
        with context.render_context.push_state(self.template), context.bind_template(self.template):
            return [place.render(context).encode() for place in self.places]


_SHEETS: Remembered[Sheet] = Remembered(MEMORY // 4, lambda sheet: _BESIDE + sum(map(len, sheet.printed)))


def told_at(slug: str, now: datetime.datetime) -> Told | None:
    """The piece of that slug, if readers have it; one query."""
    rows = TOLD_AT.rows(slug=slug, now=now)
    return Told(rows[0], slug, rows[0][TOLD_AT.place_of("article.published_on")]) if rows else None


def sheet_of(
    template: str, told: Told, masthead: Masthead, context_of: Callable[[tuple[Any, ...]], dict[str, Any]]
) -> Sheet:
    """`context_of` makes of the row what the template takes, `metadata` among it, and `piece`, the article itself."""

    def make() -> Sheet:
        context, places = context_of(told.row), Places()
        found = get_template(template)
        html = found.render({"masthead": masthead, "interface": spoken(), "places": places, **context})
        parts = html.split(MARK)
        article: Article = context["piece"]
        article.live.rendering.html = ""  # type: ignore[union-attr]  # readers have it
        return Sheet(
            found.template,  # type: ignore[attr-defined]  # Django's own templates have it
            article,
            context["metadata"],
            [part.encode() for part in parts[::2]],
            [places.nodes[int(number)] for number in parts[1::2]],
        )

    # The card of the publication, which stands for a picture, is drawn some time after the masthead was changed; its foot tells the year.
    card, year = picture_of_site(masthead), timezone.localdate().year
    return _SHEETS((template, mark_of(told.row), masthead.fingerprint, card, year, *surroundings()), make)
