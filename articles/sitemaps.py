"""What machines that read the whole site are told to read: pieces by the month of their address, and the pages of lists.

The index costs a look at the index of the database for each month and each bucket of lists, however many pieces there are
(sitemaps.org protocol 0.9; 50,000 addresses a file at most).

A file is short, so that however many pieces there are none takes long or much memory to make. It is a page like any other: whole, with
an ETag, packed once and kept. Streamed, it would be none of that, and be made anew for each machine that asks.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from articles import months
from articles.models import (
    Article,
    AuthorListing,
    ChangedMonth,
    Publication,
    Region,
    RegionListing,
    Series,
    SeriesListing,
    Tag,
    TagListing,
)
from articles.models.article import address
from articles.models.listing import Listing
from articles.views.public import absolute
from authors.models import Author
from forum.compiled import Compiled, any_of
from forum.models import Page
from forum.pagecache import until
from forum.prepared import Statement

# Addresses in one file: far below the limit of the protocol, and quick to make.
FILE: Final = 2_000
# What the protocol lets one file hold.
LARGEST: Final = 50_000
# Google News takes two days and a thousand pieces.
NEWS_SPAN: Final = datetime.timedelta(days=2)
NEWS: Final = 1_000

# What has a page of its pieces, by the name in the address of its file.
LISTS: Final[dict[str, tuple[Any, type[Listing]]]] = {
    "regions": (Region, RegionListing),
    "topics": (Tag, TagListing),
    "series": (Series, SeriesListing),
    "authors": (Author, AuthorListing),
}
PAGES: Final = ("home", "regions", "topics", "authors", "series_list", "archive", "record")


@dataclass(frozen=True, slots=True)
class File:
    """A file that the index names, and when something in it last changed, where that is known."""

    url: str
    changed_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An address, when its page last changed, and for a piece its picture and translations (language, address)."""

    url: str
    changed_at: datetime.datetime | None = None
    picture: str = ""
    translations: list[tuple[str, str]] = field(default_factory=list)


# --- The index ------------------------------------------------------------------------------------


def files(now: datetime.datetime) -> list[File]:
    """All files of the sitemap: pages and lists first, then the months, the newest first."""
    found = [File(_file_url("pages"))]
    found += [File(_file_url(f"{kind}-{bucket}")) for kind, bucket in _BUCKETS.rows(now=now)]
    for first, changed_at, count in months.months(now):
        found += [File(_month_url(first, number + 1), changed_at) for number in range(months.files_of(count, FILE))]
    return found


def _file_url(name: str) -> str:
    before, after = _around()
    return absolute(f"{before}{name}{after}")


@cache
def _around() -> tuple[str, str]:
    before, _, after = reverse("articles:sitemap_part", args=["pages"]).partition("pages")
    return before, after


def _month_url(first: datetime.date, number: int) -> str:
    return _file_url(f"{first.year:04}-{first.month:02}" + (f"-{number}" if number > 1 else ""))


def _buckets_sql() -> str:
    """The buckets of ids, `FILE` wide, in which something has a listed piece: a look at the index for each."""
    arms = [
        f"""SELECT {place} AS place, '{kind}' AS kind, bucket
            FROM generate_series(0, (SELECT max(id) FROM {model._meta.db_table}) / {FILE}) AS bucket
            WHERE (SELECT TRUE FROM {listing._meta.db_table} WHERE target_id >= bucket * {FILE} AND target_id < (bucket + 1) * {FILE}
              AND published_at <= %(now)s LIMIT 1)"""  # noqa: S608  names of tables, and a constant
        for place, (kind, (model, listing)) in enumerate(LISTS.items())
    ]
    return f"SELECT kind, bucket FROM ({' UNION ALL '.join(arms)}) AS files ORDER BY place, bucket"  # noqa: S608  made of constants


_BUCKETS: Final = Statement(_buckets_sql())


# --- One file -------------------------------------------------------------------------------------


def entries(name: str, now: datetime.datetime) -> list[Entry]:
    """What a file holds, by the name in its address; empty where there is no such file."""
    kind, _, rest = name.partition("-")
    if name == "pages":
        return list(_pages())
    if kind in LISTS:
        return list(_lists(kind, int(rest), now))
    year, month, *number = (int(part) for part in name.split("-"))
    return _pieces(year, month, number[0] if number else 1, now)


def _pages() -> Iterator[Entry]:
    yield from (Entry(absolute(reverse(f"articles:{name}"))) for name in PAGES)
    for page in Page.objects.filter(is_published=True).order_by("pk").only("slug", "changed_at"):
        yield Entry(absolute(page.get_absolute_url()), page.changed_at)


def _lists(kind: str, bucket: int, now: datetime.datetime) -> Iterator[Entry]:
    model, listing = LISTS[kind][0], cast(Any, LISTS[kind][1])
    rows = listing.objects.filter(target=OuterRef("pk"), published_at__lte=now)
    newest = rows.order_by("-published_at", "-article_id").values("published_at")[:1]
    found = model.objects.filter(Exists(rows), pk__gte=bucket * FILE, pk__lt=(bucket + 1) * FILE)
    for one in found.annotate(newest=Subquery(newest)).order_by("pk"):
        yield Entry(absolute(one.get_absolute_url()), one.newest)


_ORDER: Final = ("published_on", "published_at", "pk")
_CHANGED: Compiled[tuple[int, datetime.datetime]] = Compiled(
    lambda ids, now: (
        Publication.objects.filter(any_of("article", ids), at__lte=now)
        .order_by()
        .values_list("article")
        .annotate(last=Max("at"))
    ),
    ids=list,
    now=datetime.datetime,
)
_ROWS: Compiled[Any] = Compiled(
    lambda ids, now: (
        Article.objects.listed(now)
        .filter(any_of("pk", ids))
        .order_by(*_ORDER)
        .annotate(original=Coalesce("translation_of_id", "pk"))
        .values_list("pk", "slug", "published_on", "published_at", "original", "live__lead_image__file")
    ),
    ids=list,
    now=datetime.datetime,
)


def _pieces(year: int, month: int, number: int, now: datetime.datetime) -> list[Entry]:
    try:
        first = datetime.date(year, month, 1)
        after = months.after(first)
    except (ValueError, OverflowError):
        return []
    kept = ChangedMonth.objects.filter(pk=first).values_list("count", flat=True).first() or 0
    # The last file takes what has come since the month was counted.
    begin = (number - 1) * FILE
    end = begin + (FILE if number < months.files_of(kept, FILE) else LARGEST)
    of_month = Article.objects.listed(now).filter(published_on__gte=first, published_on__lt=after)
    # What is told of a piece is read for those of this file alone, and not for all before them.
    ids = list(of_month.order_by(*_ORDER).values_list("pk", flat=True)[begin:end])
    changed = dict(_CHANGED.rows(ids=ids, now=now))
    rows = _ROWS.rows(ids=ids, now=now)
    families = _families(first, after, now)
    return [
        Entry(
            absolute(address(slug, on)),
            changed.get(pk, at),
            picture=absolute(default_storage.url(picture)) if picture else "",
            translations=families.get(original, []),
        )
        for pk, slug, on, at, original, picture in rows
    ]


def _families(first: datetime.date, after: datetime.date, now: datetime.datetime) -> dict[int, list[tuple[str, str]]]:
    """The pieces of that month that readers have in more languages than one: language and address of each, by the original.

    Translations are few: it goes from them, by the index of what translates something, and not from the pieces of the month.
    """
    translated = Article.objects.listed(now).filter(translation_of__isnull=False)
    within = Q(published_on__gte=first, published_on__lt=after)
    of_month = Q(translation_of__published_on__gte=first, translation_of__published_on__lt=after)
    originals = set(translated.filter(within | of_month).values_list("translation_of_id", flat=True))
    found: dict[int, list[tuple[str, str]]] = {}
    if not originals:
        return found
    family = Article.objects.listed(now).filter(any_of("pk", [*originals]) | any_of("translation_of_id", [*originals]))
    rows: Iterable[Any] = family.order_by("pk").values_list(
        "pk", "translation_of_id", "language", "slug", "published_on"
    )
    for pk, original, language, slug, on in rows:
        found.setdefault(original or pk, []).append((language, absolute(address(slug, on))))
    return {original: several for original, several in found.items() if len(several) > 1}


# --- News -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class News:
    url: str
    language: str
    published_at: datetime.datetime
    title: str


def news(now: datetime.datetime) -> list[News]:
    """The pieces of the last two days, the newest first."""
    found = Article.objects.listed(now).filter(published_at__gt=now - NEWS_SPAN).newest_first()
    rows: Iterable[Any] = found.values_list("slug", "published_on", "language", "published_at", "live__title")[:NEWS]
    told = [
        News(absolute(address(slug, on)), news_language(language), at, title) for slug, on, language, at, title in rows
    ]
    if told:
        until(told[-1].published_at + NEWS_SPAN)  # the oldest leaves then
    return told


def news_language(tag: str) -> str:
    """ISO 639 alone, as Google News has it, but for Chinese: zh-cn and zh-tw."""
    first, *others = tag.lower().split("-")
    if first != "zh":
        return first
    return "zh-tw" if {"hant", "tw", "hk", "mo"} & set(others) else "zh-cn"


def index_url() -> str:
    return f"{settings.SITE_URL}{reverse('articles:sitemap')}"
