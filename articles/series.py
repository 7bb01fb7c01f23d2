"""The order of a special feature or issue, as readers go through it: by number, then by date, the oldest first.

Every function takes `now`, and nothing that is not listed then comes out.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.lists import rows_of, tag_of
from articles.models import Article, AuthorListing, Image, Series, SeriesListing
from articles.pieces import Link, Piece, first_lines
from forum.pagecache import covered
from prose.measure import text_of

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
    """How much a special feature holds."""

    count: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Feature:
    """A special feature as the front page tells of it, with the ids of its newest pieces."""

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
    rows = rows_of(SeriesListing, now).filter(target=OuterRef("pk")).order_by("-published_at", "-article_id")
    size = rows.order_by().values("target").annotate(size=Count("pk")).values("size")
    found = (
        Series.objects.annotate(newest_at=Subquery(rows.values("published_at")[:1]))
        .filter(newest_at__isnull=False)
        .order_by(F("newest_at").desc(), "-pk")
        .annotate(size=Subquery(size), newest=ArraySubquery(rows.values("article_id")[:pieces]))
        .select_related("cover")[:count]
    )
    return [
        Feature(
            title=one.title,
            kind=kind_label(one),
            url=one.get_absolute_url(),
            about=first_lines(text_of(one.introduction)),
            cover=one.cover,
            count=one.size,
            newest=one.newest,
        )
        for one in found
    ]


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


def place_of(article: Article, now: datetime.datetime) -> Place | None:
    """The place of a listed piece in its special feature: one query, however long that is.

    None for a piece that belongs to none, or is not listed: a retracted piece has no place in the order any more.
    """
    if article.series is None:
        return None
    with covered(tag_of(SeriesListing, article.series.pk)):
        order = list(rows_in_order(article.series, now).values_list("article_id", flat=True))
    if article.pk not in order:
        return None
    place = order.index(article.pk)
    earlier, later = order[place - 1] if place else None, order[place + 1] if place + 1 < len(order) else None
    return Place(article.series, place + 1, len(order), earlier, later)


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
    """How many pieces readers find in it, and the minutes that all of them take together."""
    found = rows_in_order(series, now).aggregate(
        count=Count("pk"), minutes=Sum("article__live__rendering__minutes", default=0)
    )
    return Summary(found["count"], found["minutes"])


def editors_of(series: Series, now: datetime.datetime) -> list[Link]:
    """Who put it together, in order. Only somebody with a listed piece has a page to lead to."""
    authors = [editor.author for editor in series.editors.select_related("author")]
    with_page = rows_of(AuthorListing, now).filter(target__in=[author.pk for author in authors])
    pages = set(with_page.values_list("target_id", flat=True).distinct()) if authors else set()
    return [Link(author.name, author.get_absolute_url() if author.pk in pages else "") for author in authors]


def with_counts(now: datetime.datetime) -> list[tuple[Series, int]]:
    """All that have a listed piece with how many, the one with the newest piece first."""
    rows = (
        rows_of(SeriesListing, now)
        .values_list("target")
        .annotate(at=Max("published_at"), count=Count("pk"))
        .order_by("-at", "target")
    )
    found = Series.objects.select_related("cover").in_bulk([target for target, __, __ in rows])
    return [(found[target], count) for target, __, count in rows if target in found]


def kind_label(series: Series) -> str:
    """As printed above its title: “Special feature”, or “Quarterly issue, Vol. 3, No. 2”."""
    kind = str(KINDS[series.kind])
    # Translators: an issue and its number, such as “Quarterly issue, Vol. 3, No. 2”.
    return _("%(kind)s, %(number)s") % {"kind": kind, "number": series.number} if series.number else kind
