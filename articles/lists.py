"""Which pieces stand in which list. Every function takes `now`, and nothing that is not listed then comes out."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from articles.models import Article, AuthorListing, Byline, Image, Region, RegionListing, SeriesListing, TagListing
from articles.models.article import address, role_label
from articles.models.listing import Listing
from articles.paging import Pages
from articles.pieces import Link, Name, Piece, Text
from forum.addresses import address_of
from forum.compiled import Compiled, any_of
from forum.pagecache import covered, shows
from forum.remembered import MEMORY, Remembered, hashable, surroundings
from prose.scripts import direction_of

# How a change of a list is told to pages that show it.
_TOLD: dict[type[Listing], str] = {
    RegionListing: "region",
    TagListing: "topic",
    AuthorListing: "author",
    SeriesListing: "series",
}


def tag_of(model: type[Listing], target: int) -> str:
    """The tag of one list: it moves with each change of a piece that stands in it, or stood there."""
    return f"{_TOLD[model]}:{target}"


def tags_of_pieces(ids: Iterable[int]) -> Iterator[str]:
    """The tags of pieces, whether they are listed now or may be listed again."""
    return (f"article:{pk}" for pk in ids)


def rows_of(model: type[Listing], now: datetime.datetime) -> QuerySet[Any]:
    """The rows of a list table that readers may know of. What they lead to is asked again by `cards`."""
    return model.objects.filter(published_at__lte=now)  # type: ignore[attr-defined]


def rows_in(model: type[Listing], target: Any, now: datetime.datetime) -> QuerySet[Any]:
    """Those of one region, topic, author or series."""
    return rows_of(model, now).filter(target=target)


@lru_cache(maxsize=32)
def pages_in(model: type[Listing], size: int) -> Pages:
    """The same in pages, asked with `target` and `now`."""
    return Pages(lambda target, now: rows_in(model, target, now), size=size, target=int, now=datetime.datetime)


_IMAGE = ("id", "file", "width", "height", "alt", "caption", "credit", "licence", "focal_x", "focal_y", "renditions")
_CARDS: Compiled[Any] = Compiled(
    lambda ids, now: (
        Article.objects.listed(now)
        .filter(any_of("pk", ids))
        .annotate(byline_rows=_bylines(), region_rows=_regions())
        .order_by()
        .values_list(
            "pk", "slug", "published_at", "published_on", "language", "live__title", "live__in_brief", "live__rendering__minutes",
            "series__title", "series__slug", "byline_rows", "region_rows", *(f"live__lead_image__{name}" for name in _IMAGE),
        )
    ),
    ids=list,
    now=datetime.datetime,
)  # fmt: skip


def cards_by_id(ids: Sequence[int], now: datetime.datetime) -> dict[int, Piece]:
    """Those of the pieces that are listed, with all that a card prints; one query."""
    if not ids:
        return {}
    with covered(*tags_of_pieces(ids)):
        rows = _CARDS.rows(ids=list(ids), now=now)
    return _remembered(_PIECES, _CARDS, _card, rows)


# What lists print of pieces, as long as their rows are the same.
_PIECES: Remembered[Piece] = Remembered(MEMORY * 3 // 16, lambda piece: 6000 + _size_of_names(piece))
_TITLES: Remembered[Piece] = Remembered(MEMORY * 3 // 32, lambda piece: 2000 + _size_of_names(piece))


def _size_of_names(piece: Piece) -> int:
    """Bytes that its byline takes, in its row and as it is told: a piece may have hundreds of authors."""
    return sum(400 + 2 * len(name.bio) for name in piece.byline_list)


def _remembered(memory: Remembered[Piece], query: Compiled[Any], make: Callable[..., Piece], rows: list[Any]) -> dict[int, Piece]:  # fmt: skip
    """A piece for each row, by its id."""
    here, found = surroundings(), {}
    for row in rows:
        piece = memory((hashable(row), here), partial(_loaded, query, make, row))
        found[row[0]] = piece.on_another_page()
    return found


def _loaded(query: Compiled[Any], make: Callable[..., Piece], row: tuple[Any, ...]) -> Piece:
    return make(*query.loaded([row])[0])


def _card(
    pk: int, slug: str, published_at: datetime.datetime, published_on: datetime.date, language: str, title: str, in_brief: str,
    minutes: int | None, series: str | None, series_slug: str, bylines: list[Any], regions: list[Any], *image: Any,
) -> Piece:  # fmt: skip
    return Piece(
        live=Text(title, in_brief, Image.from_db(DEFAULT_DB_ALIAS, _IMAGE, image) if image[0] else None),
        get_absolute_url=address(slug, published_on),
        published_at=published_at,
        published_on=published_on,
        language=language,
        direction=direction_of(language),
        # A rendering may be missing while they are rebuilt: a list then leaves the minutes out.
        reading_minutes=minutes or 0,
        byline_list=[
            Name(
                n["name"],
                n["affiliation"],
                n["bio"],
                n["role"],
                role_label(n["role"]),
                address_of("articles:author", n["slug"]) if n["slug"] else "",
            )
            for n in bylines
        ],
        region_list=[Link(region["name"], address_of("articles:region", region["slug"])) for region in regions],
        series=Link(series, address_of("articles:series", series_slug)) if series else None,
        printed={},
    )


def _bylines() -> ArraySubquery:
    names = Byline.objects.filter(article=OuterRef("pk")).order_by("position", "pk")
    json = JSONObject(name="name", affiliation="affiliation", bio="bio", role="role", slug="author__slug")
    return ArraySubquery(names.values(json=json))


def _regions() -> ArraySubquery:
    regions = Region.objects.filter(articles=OuterRef("pk")).order_by("position", "name")
    return ArraySubquery(regions.values(json=JSONObject(name="name", slug="slug")))


def cards(ids: Sequence[int], now: datetime.datetime) -> list[Piece]:
    """Those of the pieces that are listed, in that order."""
    found = cards_by_id(ids, now)
    return [found[pk] for pk in ids if pk in found]


def _headlines(pieces: Any) -> Any:
    names = Byline.objects.filter(article=OuterRef("pk")).order_by("position", "pk")
    json = JSONObject(name="name", affiliation="affiliation", role="role")
    return pieces.annotate(names=ArraySubquery(names.values(json=json))).values_list(
        "pk", "slug", "published_at", "published_on", "language", "live__title", "names"
    )


_HEADLINES: Compiled[Any] = Compiled(
    lambda ids, now: _headlines(Article.objects.listed(now).filter(any_of("pk", ids)).order_by()),
    ids=list,
    now=datetime.datetime,
)


def headlines(pieces: QuerySet[Article]) -> list[Piece]:
    """What a plain list prints of listed pieces (title, names, day), in one query however many there are."""
    return [_headline(*row) for row in _headlines(pieces)]


def headlines_by_id(ids: Iterable[int], now: datetime.datetime) -> dict[int, Piece]:
    """The same of those of the pieces that are listed, by their ids."""
    return headlines_of(headline_rows(ids, now))


def headline_rows(ids: Iterable[int], now: datetime.datetime) -> list[tuple[Any, ...]]:
    """The rows from which `headlines_of` makes them."""
    wanted = list(ids)
    with covered(*tags_of_pieces(wanted)):
        return _HEADLINES.rows(ids=wanted, now=now)


def headlines_of(rows: list[tuple[Any, ...]]) -> dict[int, Piece]:
    return _remembered(_TITLES, _HEADLINES, _headline, rows)


def _headline(
    pk: int, slug: str, published_at: datetime.datetime, published_on: datetime.date, language: str, title: str, names: list[Any],
) -> Piece:  # fmt: skip
    shows(f"article:{pk}")
    return Piece(
        live=Text(title, "", None),
        get_absolute_url=address(slug, published_on),
        published_at=published_at,
        published_on=published_on,
        language=language,
        direction=direction_of(language),
        byline_list=[Name(n["name"], n["affiliation"], bio="", role=n["role"], role_label="", url="") for n in names],
        printed={},
    )


@dataclass(slots=True)
class Branch:
    """A region in the tree, as templates walk it. `trail` is what holds it, from the top."""

    pk: int
    name: str
    slug: str
    url: str
    description: str
    image_id: int | None = None
    child_list: "list[Branch]" = field(default_factory=list)
    trail: "list[Branch]" = field(default_factory=list)
    # The addresses of this region and of those within it, once somebody asked.
    urls: frozenset[str] = frozenset()

    def holds(self, url: str) -> bool:
        """Whether that is the address of this region or of one within it."""
        if not self.urls:
            self.urls = frozenset(self._urls())
        return url in self.urls

    def _urls(self) -> Iterator[str]:
        yield self.url
        for child in self.child_list:
            yield from child._urls()

    def label(self, pieces: Iterable[Piece]) -> None:
        """Leave to each piece the regions within this one: beneath its own name, that name says nothing."""
        for piece in pieces:
            piece.region_list[:] = [link for link in piece.region_list if link.url != self.url and self.holds(link.url)]


_REGIONS: Compiled[Region] = Compiled(Region.objects.all)


_TREES: Remembered[tuple[list[Branch], dict[str, Branch]]] = Remembered(MEMORY // 16, lambda tree: 500 * len(tree[1]))


def region_tree() -> tuple[list[Branch], dict[str, Branch]]:
    """The topmost regions with those within them, and all by slug, in one query: the tree is small. For reading alone: it is
    the same for all pages, as long as the rows are."""
    rows = _REGIONS.rows()
    return _TREES(tuple(rows), lambda: tree_of(_REGIONS.loaded(rows)))


def tree_of(rows: list[Region]) -> tuple[list[Branch], dict[str, Branch]]:
    by_id = {r.pk: Branch(r.pk, r.name, r.slug, r.get_absolute_url(), r.description, r.image_id) for r in rows}
    tops = []
    for row in rows:
        if row.parent_id is None:
            tops.append(by_id[row.pk])
        else:
            by_id[row.parent_id].child_list.append(by_id[row.pk])
    for top in tops:
        _lay_trail(top)
    return tops, {branch.slug: branch for branch in by_id.values()}


def _lay_trail(branch: Branch) -> None:
    for child in branch.child_list:
        child.trail = [*branch.trail, branch]
        _lay_trail(child)


def shelf_regions(tops: list[Branch]) -> list[Branch]:
    """The regions that get a shelf on the front page: the topmost, or those below where one holds everything."""
    while len(tops) == 1 and tops[0].child_list:
        tops = tops[0].child_list
    return tops


def newest_in_each(regions: Iterable[Branch], now: datetime.datetime, count: int) -> dict[int, list[int]]:
    """The ids of the newest pieces within each region, in one query that reads `count` rows of each from the index."""
    return {pk: newest for pk, newest in _newest(count)(ids=[region.pk for region in regions], now=now) if newest}


@lru_cache(maxsize=16)
def _newest(count: int) -> Compiled[tuple[int, list[int]]]:
    rows = OuterRef("pk")
    return Compiled(
        lambda ids, now: (
            Region.objects.filter(any_of("pk", ids))
            .order_by()
            .annotate(
                newest=ArraySubquery(
                    rows_in(RegionListing, rows, now)
                    .order_by("-published_at", "-article_id")
                    .values("article_id")[:count]
                )
            )
            .values_list("pk", "newest")
        ),
        ids=list,
        now=datetime.datetime,
    )
