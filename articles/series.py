"""The order of a special feature or issue, as readers go through it: by number, then by date, the oldest first.

Every function takes `now`, and nothing that is not listed then comes out.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, JSONField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.counts import count_of, counts
from articles.lists import rows_in, rows_of, tag_of
from articles.models import AuthorListing, Image, Series, SeriesListing
from articles.pieces import Link, Piece, first_lines
from forum.compiled import Compiled, any_of
from forum.pagecache import shows
from forum.remembered import MEMORY, Remembered, hashable, surroundings
from prose.measure import text_of

# Of how many pieces it is said how long all of them take: nobody reads more in one go, and they would be gone through for each page.
READ_IN_ALL = 500
ORDER = ("position", "published_at", "article_id")

# What readers call them.
KINDS: dict[str, Promise] = {
    Series.Kind.FEATURE: gettext_lazy("Special feature"),
    Series.Kind.ISSUE: gettext_lazy("Quarterly issue"),
}


@dataclass(frozen=True, slots=True)
class PartOf:
    """Where a piece stands in its special feature, and the pieces before and after it."""

    title: str
    url: str
    kind: str
    place: int
    count: int
    earlier: Piece | None
    later: Piece | None


@dataclass(frozen=True, slots=True)
class Summary:
    """How much a special feature holds; the minutes only where somebody may read all of it."""

    count: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Feature:
    """A special feature as the front page tells of it, with the ids of its newest pieces."""

    pk: int
    title: str
    kind: str
    url: str
    about: str
    cover: Image | None
    count: int
    newest: list[int]


def newest_features(now: datetime.datetime, *, count: int, pieces: int) -> list[Feature]:
    """Those to which a piece was added last, each with so many of its newest pieces; one query for all.

    Read from the index, one look for each: what they hold together may be a hundred thousand pieces.
    """
    query = _features(count, pieces)
    rows, here = query.rows(now=now), surroundings()
    told = [_FEATURES((hashable(row), here), partial(_feature, query, row)) for row in rows]
    held = counts(SeriesListing, now, [one.pk for one in told])
    return [replace(one, count=held.get(one.pk, 0)) for one in told]


_FEATURES: Remembered[Feature] = Remembered(MEMORY // 64, lambda feature: 3000)


def _feature(query: Compiled[Any], row: tuple[Any, ...]) -> Feature:
    (series,) = query.loaded([row])
    return Feature(
        pk=series.pk,
        title=series.title,
        kind=kind_label(series),
        url=series.get_absolute_url(),
        about=first_lines(text_of(series.introduction)),
        cover=series.cover,
        count=0,
        newest=series.newest,
    )


@lru_cache(maxsize=16)
def _features(count: int, pieces: int) -> Compiled[Any]:
    def build(now: datetime.datetime) -> QuerySet[Series]:
        rows = rows_in(SeriesListing, OuterRef("pk"), now).order_by("-published_at", "-article_id")
        latest = newest_rows(now).order_by("-published_at", "-article_id").values("target")[:count]
        return (
            Series.objects.filter(pk__in=latest)
            .annotate(newest_at=Subquery(rows.values("published_at")[:1]))
            .order_by(F("newest_at").desc(), "-pk")
            .annotate(newest=ArraySubquery(rows.values("article_id")[:pieces]))
            .select_related("cover")
        )

    return Compiled(build, now=datetime.datetime)


def newest_rows(now: datetime.datetime) -> QuerySet[SeriesListing]:
    """Of each special feature the row of its newest piece. Read in the order of dates, it costs what is read of it, however
    many special features there are.
    """
    mine = rows_in(SeriesListing, OuterRef("target"), now).order_by("-published_at", "-article_id")
    return rows_of(SeriesListing, now).annotate(last=Subquery(mine.values("article_id")[:1])).filter(article=F("last"))


def rows_in_order(series: Series, now: datetime.datetime) -> QuerySet[SeriesListing]:
    """The rows of its listed pieces, in their order."""
    return rows_of(SeriesListing, now).filter(target=series).order_by(*ORDER)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece stands in its special feature, by the ids of the pieces before and after it."""

    series: Series
    place: int
    count: int
    earlier: int | None
    later: int | None

    @property
    def ids(self) -> list[int]:
        return [pk for pk in (self.earlier, self.later) if pk]


_HERE = "articles_serieslisting AS row WHERE row.target_id = own.target_id AND row.published_at <= %s"
_MINE, _OWN = "(row.position, row.published_at, row.article_id)", "(own.position, own.published_at, own.article_id)"
_BACK = "row.position DESC, row.published_at DESC, row.article_id DESC"
_PLACE = f"""(
  SELECT jsonb_build_object(
    'place', (SELECT count(*) FROM {_HERE} AND {_MINE} <= {_OWN}),
    'count', (SELECT count(*) FROM {_HERE}),
    'earlier', (SELECT row.article_id FROM {_HERE} AND {_MINE} < {_OWN} ORDER BY {_BACK} LIMIT 1),
    'later', (SELECT row.article_id FROM {_HERE} AND {_MINE} > {_OWN} ORDER BY {_BACK.replace(" DESC", "")} LIMIT 1)
  ) FROM articles_serieslisting AS own
  WHERE own.article_id = articles_article.id AND own.target_id = articles_article.series_id AND own.published_at <= %s
)"""  # noqa: S608  made of constants


def place_row(now: datetime.datetime) -> RawSQL:
    """For a query of pieces: the place of each in its special feature, as `place_of` reads it, however long that is."""
    return RawSQL(_PLACE, [now] * 5, output_field=JSONField())  # noqa: S611  made of constants


def place_of(article: Any) -> Place | None:
    """The place of a listed piece, read with its `place_row`, in its special feature.

    None for a piece that belongs to none, or is not listed: a retracted piece has no place in the order any more.
    """
    if article.series is None:
        return None
    shows(tag_of(SeriesListing, article.series.pk))
    return Place(article.series, **article.place_row) if article.place_row else None


def part_of(place: Place | None, pieces: Mapping[int, Piece]) -> PartOf | None:
    """The same for a page to print, with what was read of the pieces beside it."""
    if place is None:
        return None
    return PartOf(
        title=place.series.title,
        url=place.series.get_absolute_url(),
        kind=kind_label(place.series),
        place=place.place,
        count=place.count,
        earlier=pieces.get(place.earlier) if place.earlier else None,
        later=pieces.get(place.later) if place.later else None,
    )


def summary(series: Series, now: datetime.datetime) -> Summary:
    """How many pieces readers find in it, and the minutes that all of them take together.

    A page that is kept has them anew with each change of its pieces; not when the worker renders texts anew that nobody changed.
    """
    count = count_of(SeriesListing, series.pk, now)
    if count > READ_IN_ALL:
        return Summary(count, 0)
    minutes = rows_in_order(series, now).aggregate(minutes=Sum("article__live__rendering__minutes", default=0))
    return Summary(count, minutes["minutes"])


def editors_of(series: Series, now: datetime.datetime) -> list[Link]:
    """Who put it together, in order. Only somebody with a listed piece has a page to lead to."""
    authors = [editor.author for editor in series.editors.select_related("author")]
    with_page = rows_of(AuthorListing, now).filter(target__in=[author.pk for author in authors])
    pages = set(with_page.values_list("target_id", flat=True).distinct()) if authors else set()
    return [Link(author.name, author.get_absolute_url() if author.pk in pages else "") for author in authors]


def with_counts(articles: Sequence[int], now: datetime.datetime) -> list[tuple[Series, int]]:
    """The special features of these pieces, in that order, each with how many pieces it holds."""
    rows = rows_of(SeriesListing, now).filter(any_of("article", articles))
    found = {row.article_id: row.target for row in rows.select_related("target__cover")}
    held = counts(SeriesListing, now, [one.pk for one in found.values()])
    return [(found[pk], held.get(found[pk].pk, 0)) for pk in articles if pk in found]


def kind_label(series: Series) -> str:
    """As printed above its title: “Special feature”, or “Quarterly issue, Vol. 3, No. 2”."""
    kind = str(KINDS[series.kind])
    # Translators: an issue and its number, such as “Quarterly issue, Vol. 3, No. 2”.
    return _("%(kind)s, %(number)s") % {"kind": kind, "number": series.number} if series.number else kind
