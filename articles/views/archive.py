"""The archive by year and month. A piece stands under the day in its address, in the publication's time zone."""

import calendar
import datetime
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.db.models import DateField, F, Func, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format

from articles import structured
from articles.counts import by_month
from articles.heads import head_of_page, head_of_section, page_name
from articles.lists import cards, headlines_by_id
from articles.models import Article
from articles.paging import Pages
from articles.pieces import Link
from articles.structured.publication import section
from articles.templatetags.names import Year
from articles.views.public import absolute, page, public, takes
from forum.compiled import Compiled
from forum.models import Masthead

PAGE = 30
LATEST = 6
# So many of the last years are listed with their months.
RECENT = 10
# Time zones lie up to 14 hours from UTC, and the publication's may have changed since an address was given.
MARGIN = datetime.timedelta(days=2)
_NEWEST: Compiled[tuple[int]] = Compiled(
    lambda now: Article.objects.listed(now).newest_first().values_list("pk")[:LATEST], now=datetime.datetime
)


@public
def archive(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    newest = [pk for (pk,) in _NEWEST(now=now)]
    found = headlines_by_id(newest, now)
    return page(request, "articles/archive.html", masthead, {
        "section": "archive",
        **_by_time(_years(by_month(now))),
        "latest": [found[pk] for pk in newest if pk in found],
        "canonical": absolute(reverse("articles:archive")),
        "head": head_of_section(masthead, "archive"),
    })  # fmt: skip


@public
@takes("before", "after")
def archive_year(request: HttpRequest, masthead: Masthead, now: datetime.datetime, year: str) -> HttpResponse:
    first = _first_day(year)
    days = _between(first, _first_day(year, "12").replace(day=31))
    years = _years(by_month(now, first.year))
    if not years:
        raise Http404("Nothing was published in this year.")
    return page(request, "articles/archive_year.html", masthead, {
        "section": "archive", "year": years[0],
        **_pieces(request, masthead, now, days, reverse("articles:archive_year", args=[year]), year, ()),
    })  # fmt: skip


@public
@takes("before", "after")
def archive_month(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, year: str, month: str
) -> HttpResponse:
    first = _first_day(year, month)
    days = _between(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
    above = Link(year, reverse("articles:archive_year", args=[year]))
    address = reverse("articles:archive_month", args=[year, month])
    context = _pieces(request, masthead, now, days, address, date_format(first, "YEAR_MONTH_FORMAT"), [above])
    years = _years(by_month(now, first.year))
    if not context["pieces"] or not years:
        raise Http404("Nothing was published in this month.")
    return page(request, "articles/archive_month.html", masthead, {
        "section": "archive", "year": years[0], "month": first.month, **context,
    })  # fmt: skip


def _first_day(year: str, month: str = "01") -> datetime.date:
    try:
        return datetime.date(int(year), int(month), 1)
    except ValueError as problem:
        raise Http404("There is no such month.") from problem


def _between(first: datetime.date, last: datetime.date) -> dict[str, Any]:
    """For `_PAGES`: the days from `first` to `last`, and moments between which all that have one of these lie."""
    return {
        "first": first,
        "last": last,
        "begin": _midnight(first - min(MARGIN, first - datetime.date.min)),
        "end": _midnight(last + min(MARGIN, datetime.date.max - last)),
    }


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(tzinfo=datetime.UTC))


def _listed_between(
    now: datetime.datetime,
    first: datetime.date,
    last: datetime.date,
    begin: datetime.datetime,
    end: datetime.datetime,
) -> QuerySet[Article]:
    # The moments, with a margin, are what is read along: by the index of days the database would read all of a year to put
    # it in order, and a plan that is made once for all years does.
    day = Func(F("published_on"), template="(%(expressions)s + 0)", output_field=DateField())
    between = Article.objects.listed(now).filter(published_at__gte=begin, published_at__lt=end)
    return between.alias(day=day).filter(day__range=(first, last))


_PAGES = Pages(
    _listed_between, size=PAGE, pk="id",
    now=datetime.datetime, first=datetime.date, last=datetime.date, begin=datetime.datetime, end=datetime.datetime,
)  # fmt: skip


def _years(rows: Iterable[tuple[datetime.date, int]]) -> list[Year]:
    """The years that have pieces, the newest first."""
    archive = reverse("articles:archive")
    return [
        Year(year, f"{archive}{year:04}/", tuple((month.month, count) for month, count in those))
        for year, those in groupby(rows, key=lambda row: row[0].year)
    ]


def _by_time(years: list[Year]) -> dict[str, Any]:
    """The last years with their months, and what is older by decades: a century of months is no list that anybody reads."""
    decades = [
        (f"{decade}0–{decade}9", tuple(those))
        for decade, those in groupby(years[RECENT:], key=lambda year: year.number // 10)
    ]
    return {"years": years[:RECENT], "decades": decades}


def _pieces(
    request: HttpRequest,
    masthead: Masthead,
    now: datetime.datetime,
    days: dict[str, Any],
    address: str,
    subject: str,
    above: Sequence[Link],
) -> dict[str, Any]:
    """`above` leads from the archive to the page."""
    shown = _PAGES.page(request.GET, now=now, **days)
    found, canonical = cards(shown.ids, now), absolute(f"{address}{shown.query}")
    name = page_name(subject, is_first=not shown.query)
    data = structured.collection_page(masthead, name, canonical, found, [section("archive"), *above])
    return {
        "subject": subject,
        "pieces": found,
        "newer_url": shown.newer_url,
        "older_url": shown.older_url,
        "is_first_page": not shown.query,
        "canonical": canonical,
        "head": head_of_page(masthead, name, canonical, data),
    }
