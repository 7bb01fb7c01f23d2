"""How many pieces a list or a month holds, kept while lists change: nobody counts a million rows for a page.

Triggers (migration 0014) write down each difference in a row of its own, so that two publications never wait for each
other; the sum of the rows is the count of what is listed, ahead of its time included. Pieces whose moment has not come are
taken off when it is asked: they are few, and found by an index.
"""

import datetime
from collections.abc import Collection
from typing import Final

from django.db import connection, transaction
from django.db.models import Sum

from articles.models import Article, AuthorListing, ListCount, RegionListing, SeriesListing, TagListing
from articles.models.listing import Listing
from articles.status import Status
from forum.prepared import Statement

_NAMES: Final[dict[type[Listing], str]] = {
    RegionListing: "region",
    TagListing: "topic",
    AuthorListing: "author",
    SeriesListing: "series",
}
MONTH: Final = "month"

_AHEAD = f"FROM articles_article AS article {{join}} WHERE article.live_id IS NOT NULL AND article.status = '{Status.PUBLISHED.value}' AND article.published_at > %(now)s"
_COUNTS = """
  SELECT target, sum(difference)::int FROM (
    SELECT target, difference FROM articles_listcount WHERE kind = %(kind)s AND {one}
    UNION ALL
    SELECT target, -1 FROM (SELECT {target} AS target {ahead}) AS later WHERE {one}
  ) AS rows GROUP BY target HAVING sum(difference) > 0
"""
_EVERY: Final = "TRUE"
_AMONG: Final = "target = ANY(%(among)s)"
_OF_YEAR: Final = "target BETWEEN %(year)s * 100 AND %(year)s * 100 + 99"


def _of_lists(which: str) -> dict[type[Listing], Statement]:
    return {
        model: Statement(_COUNTS.format(one=which, target="place.target_id", ahead=_ahead(model))) for model in _NAMES
    }


def _ahead(model: type[Listing]) -> str:
    return _AHEAD.format(join=f"JOIN {model._meta.db_table} AS place ON place.article_id = article.id")


def _of_months(which: str) -> Statement:
    month = "extract(year FROM published_on)::int * 100 + extract(month FROM published_on)::int"
    sql = _COUNTS.format(one=which, target=month, ahead=_AHEAD.format(join=""))
    return Statement(f"{sql} ORDER BY target DESC")


# No more rows of the index are read than answer it. Of those that hold anything, some may hold only what is still ahead.
_MORE: Final = """
  SELECT count(*) > %(number)s + ahead FROM (
    SELECT count(DISTINCT place.target_id) AS ahead {ahead}
  ) AS waiting, LATERAL (
    SELECT target FROM articles_listcount WHERE kind = %(kind)s
    GROUP BY target HAVING sum(difference) > 0 LIMIT %(number)s + ahead + 1
  ) AS held GROUP BY ahead
"""
_LISTS, _SOME_LISTS = _of_lists(_EVERY), _of_lists(_AMONG)
_MORE_LISTS = {model: Statement(_MORE.format(ahead=_ahead(model))) for model in _NAMES}
_MONTHS, _MONTHS_OF_YEAR = _of_months(_EVERY), _of_months(_OF_YEAR)


def counts(model: type[Listing], now: datetime.datetime, among: Collection[int] | None = None) -> dict[int, int]:
    """The lists of that kind that hold anything at that moment, each with how many pieces; `among` some of them, or all."""
    if among is None:
        return dict(_LISTS[model].rows(kind=_NAMES[model], now=now))
    return dict(_SOME_LISTS[model].rows(kind=_NAMES[model], now=now, among=list(among)))


def count_of(model: type[Listing], target: int, now: datetime.datetime) -> int:
    """How many pieces one list holds."""
    return counts(model, now, [target]).get(target, 0)


def are_more_than(number: int, model: type[Listing], now: datetime.datetime) -> bool:
    """Whether surely more lists than so many hold anything; how many more nobody counts. Where pieces are still ahead, it may
    say no of a few more."""
    return any(found for (found,) in _MORE_LISTS[model].rows(kind=_NAMES[model], now=now, number=number))


def by_month(now: datetime.datetime, year: int | None = None) -> list[tuple[datetime.date, int]]:
    """The months of addresses that have pieces, the newest first, each with how many; those of one year if wanted."""
    rows = _MONTHS.rows(kind=MONTH, now=now) if year is None else _MONTHS_OF_YEAR.rows(kind=MONTH, now=now, year=year)
    return [(datetime.date(target // 100, target % 100, 1), count) for target, count in rows]


def of_month(first_on: datetime.date) -> int:
    """Those of one month, with what waits for its moment."""
    kept = ListCount.objects.filter(kind=MONTH, target=first_on.year * 100 + first_on.month)
    return max(kept.aggregate(count=Sum("difference"))["count"] or 0, 0)


# --- keeping --------------------------------------------------------------------------------------


def gather() -> None:
    """One row for each count, of its differences. For the worker."""
    with connection.cursor() as cursor:
        cursor.execute("""
            WITH gone AS (DELETE FROM articles_listcount RETURNING kind, target, difference)
            INSERT INTO articles_listcount (kind, target, difference)
            SELECT kind, target, sum(difference) FROM gone GROUP BY kind, target HAVING sum(difference) <> 0
        """)


def recount() -> None:
    """Count everything anew: after rows were brought in past the triggers, and each night."""
    arms = [
        f"SELECT '{name}', target_id, count(*) FROM {model._meta.db_table} GROUP BY target_id"  # noqa: S608  names of tables
        for model, name in _NAMES.items()
    ]
    pieces = Article._meta.db_table
    arms.append(
        f"""SELECT '{MONTH}', extract(year FROM published_on) * 100 + extract(month FROM published_on), count(*)
            FROM {pieces} WHERE live_id IS NOT NULL AND status = '{Status.PUBLISHED.value}' GROUP BY 2"""  # noqa: S608  a constant
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # Who changes a list meanwhile waits; a difference would else be counted twice.
        tables = ", ".join([*(model._meta.db_table for model in _NAMES), pieces])
        cursor.execute(f"LOCK TABLE {tables} IN SHARE MODE")
        cursor.execute("DELETE FROM articles_listcount")
        cursor.execute(f"INSERT INTO articles_listcount (kind, target, difference) {' UNION ALL '.join(arms)}")
