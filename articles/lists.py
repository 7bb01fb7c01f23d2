"""Which pieces stand in which list. Every function takes `now`, and nothing that is not listed then comes out."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from articles.models import Article, AuthorListing, Byline, Region, RegionListing, SeriesListing, TagListing
from articles.models.listing import Listing
from articles.pieces import Name, Piece, Text, piece_of, public_text
from forum.pagecache import covered
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
    """The rows of a list table that readers may know of."""
    return model.objects.filter(published_at__lte=now, article__in=Article.objects.listed(now))  # type: ignore[attr-defined]


def rows_in(model: type[Listing], target: Any, now: datetime.datetime) -> QuerySet[Any]:
    """The rows of one region, topic, author or series, for `paging.page_of`. What they lead to is asked again by `cards`."""
    return model.objects.filter(target=target, published_at__lte=now)  # type: ignore[attr-defined]


def cards_by_id(ids: Sequence[int], now: datetime.datetime) -> dict[int, Piece]:
    """Those of the pieces that are listed, with all that a card prints."""
    if not ids:
        return {}
    with covered(*tags_of_pieces(ids)):
        found = Article.objects.listed(now).filter(pk__in=ids).for_cards()
        return {article.pk: piece_of(article, public_text(article)) for article in found}


def cards(ids: Sequence[int], now: datetime.datetime) -> list[Piece]:
    """Those of the pieces that are listed, in that order."""
    found = cards_by_id(ids, now)
    return [found[pk] for pk in ids if pk in found]


def headlines(pieces: QuerySet[Article]) -> list[Piece]:
    """What a plain list prints of listed pieces (title, names, day), in one query however many there are."""
    return [_headline(article) for article in _with_names(pieces)]


def headlines_by_id(pieces: QuerySet[Article]) -> dict[int, Piece]:
    """The same by the ids of the pieces."""
    return {article.pk: _headline(article) for article in _with_names(pieces)}


def _with_names(pieces: QuerySet[Article]) -> QuerySet[Any]:
    names = Byline.objects.filter(article=OuterRef("pk")).order_by("position", "pk")
    return (
        pieces.select_related("live")
        .only("slug", "language", "published_at", "published_on", "live__title")
        .annotate(
            names=ArraySubquery(names.values(json=JSONObject(name="name", affiliation="affiliation", role="role")))
        )
    )


def _headline(article: Any) -> Piece:
    return Piece(
        live=Text(public_text(article).title, "", None),
        get_absolute_url=article.get_absolute_url(),
        published_at=article.published_at,
        published_on=article.published_on,
        language=article.language,
        direction=direction_of(article.language),
        byline_list=[
            Name(n["name"], n["affiliation"], bio="", role=n["role"], role_label="", url="") for n in article.names
        ],
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
    # Listed pieces, those of the regions within included; only where a page asked for it.
    count: int = 0
    child_list: "list[Branch]" = field(default_factory=list)
    trail: "list[Branch]" = field(default_factory=list)

    def holds(self, url: str) -> bool:
        """Whether that is the address of this region or of one within it."""
        return self.url == url or any(child.holds(url) for child in self.child_list)

    def label(self, pieces: Iterable[Piece]) -> None:
        """Put first, among the regions of each piece, those for which it stands in the list of this one."""
        for piece in pieces:
            piece.region_list.sort(key=lambda link: (not self.holds(link.url), link.url == self.url))


def region_tree() -> tuple[list[Branch], dict[str, Branch]]:
    """The topmost regions with those within them, and all by slug, in one query: the tree is small."""
    rows = list(Region.objects.all())
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
    parts = [
        RegionListing.objects.filter(target=region.pk, published_at__lte=now)
        .order_by("-published_at", "-article_id")
        .values_list("target_id", "published_at", "article_id")[:count]
        for region in regions
    ]
    if not parts:
        return {}
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found: dict[int, list[int]] = {}
    for target, _, pk in sorted(rows, key=lambda row: row[1:], reverse=True):
        found.setdefault(target, []).append(pk)
    return found
