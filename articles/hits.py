"""How the newest pieces that a search is about are found, so that it takes about as long for any words.

By the planner's own estimate of how many pieces have the words, which is good and costs half a millisecond:

- few: all of them, by the index of words;
- a large part of all: from the newest piece on, until there are enough;
- between, and for phrases, of which the index knows the words alone: by the index of words within the newest months, and
  if those don't hold enough, within several times as many before them.

Where the search is narrowed to a short list, that is read instead.
"""

import datetime
import math
from collections.abc import Generator
from functools import lru_cache
from typing import Any, Final

from django.db import connection

from articles.asked import Asked
from articles.search import PERIOD, Sql, begin_of, period_of, query_sql, readings_of
from articles.status import Status
from forum.prepared import Statement

# So many are all looked at; of more, so many are looked for as are wanted, with some to spare. A list so short is read whole.
FEW: Final = 1_500
SHORT: Final = 3_000
# The share of all pieces from which on the newest are gone through one by one.
LARGE: Final = 0.1
# So many that have the words are looked at in the newest periods before it is asked whether that is enough.
AT_FIRST: Final = 5_000
# With so many looked at a search is content with what fills a page: a phrase of common words is rare enough that all are looked
# at only where the newest don't.
LOOKED_AT: Final = 3_000
# How many times as many periods are looked through where those before held too few, and where they held nothing at all.
WIDER, FAR_WIDER = 4, 16


def matches(query: Sql) -> Sql:
    """The condition that the public vector fits."""
    return Sql(f"articles_searchentry.public @@ {query.text}", query.params)


# A statement, and whether it is certain to find as many as there are; sent back is how many it found, and their ids as the database
# writes an array.
Ways = Generator[tuple[Sql, bool], tuple[int, str], None]


def ways(asked: Asked, now: datetime.datetime, most: int, enough: int) -> Ways:
    """Statements for the newest pieces (id, published_at, published_on) that have the words and all that the search is
    narrowed to, at most `most`. There is another where that found too few: fewer than `most`, and once `LOOKED_AT` were looked
    at, fewer than `enough`.
    """
    match, likely = matches(query_sql(asked.q)), _likely(asked.q)
    if likely <= FEW and not any(name in asked.chosen for name in _TABLES):
        yield _hits(asked, now, most, match, {}), True
        return
    lists = _known(asked, now)
    of_all, (oldest, newest) = lists.pop("all")[1], lists.pop("span")
    of_all = max(of_all, likely, 1)
    # Whatever narrows the search takes its share away.
    share_of_lists = 1.0
    for _, size in lists.values():
        share_of_lists *= min(size / of_all, 1)
    share = likely / of_all
    # Where there are no spaces between words, each is asked for as a phrase of its letters; and what is excluded may stand
    # in all that would else be found, however far one walks.
    is_phrase = '"' in asked.q or "-" in asked.q or not asked.q.isascii()
    shortest = min(lists, key=lambda name: lists[name][1], default=None)
    size = lists[shortest][1] if shortest else of_all
    # Of how many pieces the words are looked at, going through the newest of a list, or of all.
    walked = most * size / max(likely * share_of_lists, 1)
    by_words = min(likely, 2 * most / max(share_of_lists, 1 / of_all))
    if shortest is not None and size <= min(SHORT, likely):
        yield _hits(asked, now, most, match, lists, within=shortest), True
    elif likely <= FEW:
        yield _hits(asked, now, most, match, lists), True
    elif not is_phrase and not asked.year and share >= LARGE and walked < by_words:
        yield _hits(asked, now, most, match, lists, within=shortest, is_walked=True), True
    else:
        first, last = _span(asked.year, oldest, newest)
        # Of a year only its part of all that have the words.
        part = min(1.0, max(last - first + 1, 0) / max(newest - oldest + 1, 1))
        yield from _by_period(asked, now, most, enough, match, lists, likely * part, share_of_lists, first, last)


def _by_period(
    asked: Asked, now: datetime.datetime, most: int, enough: int, match: Sql, lists: dict[str, tuple[int, int]],
    likely: float, share_of_lists: float, first: int, last: int,
) -> Ways:  # fmt: skip
    in_all = last - first + 1
    # One more than it should take: the newest period has only begun.
    count = 1 + max(1, math.ceil(min(1.5 * most / share_of_lists, AT_FIRST) * in_all / max(likely, 1)))
    looked, ids = 0, ""
    while count < in_all:
        periods = list(range(last - count + 1, last - looked + 1))
        found, ids = yield _hits(asked, now, most, match, lists, periods=periods, before=ids), False
        looked = count
        has_looked = likely * count / in_all >= LOOKED_AT
        if found >= (enough if has_looked else most):
            return
        wider: float = WIDER if found else FAR_WIDER
        if found and has_looked:
            # What is missing to a page is as rare as what was found; with some to spare.
            wider = min(wider, 1.6 * enough / found)
        count = math.ceil(count * wider)
    whole = list(range(first, last - looked + 1)) if asked.year or looked else None
    yield _hits(asked, now, most, match, lists, periods=whole, before=ids), True


def _span(year: str, oldest: int, newest: int) -> tuple[int, int]:
    """The first and the last period that may hold anything: of the whole archive, or of a year of addresses."""
    if not year:
        return oldest, newest
    # Time zones lie up to 14 hours from UTC, and the publication's may have changed since an address was given.
    margin = datetime.timedelta(days=2)
    begin, end = (datetime.datetime(int(year), month, day, tzinfo=datetime.UTC) for month, day in ((1, 1), (12, 31)))
    return period_of(begin - margin), min(period_of(end + margin), newest)


def _hits(
    asked: Asked, now: datetime.datetime, most: int, match: Sql, lists: dict[str, tuple[int, int]], *,
    within: str | None = None, periods: list[int] | None = None, is_walked: bool = False, before: str = "",
) -> Sql:  # fmt: skip
    """`candidate` is made before anything else is asked: the planner would else mistake what is found in it. `before` are the ids of
    what a statement before this one found, in periods that are not looked at again."""
    source, conditions = "articles_searchentry", ["articles_searchentry.published_at <= %s", match.text]
    params: list[Any] = [now, *match.params]
    if within is not None:
        place = "place.article_id = articles_searchentry.article_id AND place.target_id = %s"
        source = f"{_TABLES[within][0]} AS place JOIN articles_searchentry ON {place}"
        params.insert(0, lists[within][0])
    if periods is not None:
        conditions.append("articles_searchentry.periods && %s::int[]")
        params.append(periods)
    for name, (target, _) in lists.items():
        if name != within:
            here = "l.target_id = %s AND l.article_id = articles_searchentry.article_id"
            params.append(target)
            if periods:
                # The part of a long list that may be meant: the planner may gather it.
                here += " AND l.published_at >= %s"
                params.append(begin_of(min(periods)))
            conditions.append(f"EXISTS (SELECT 1 FROM {_TABLES[name][0]} AS l WHERE {here})")  # noqa: S608  a name of a table
    order = "ORDER BY published_at DESC, article_id DESC"
    # By the order of the list itself, which its index has.
    newest_in = "ORDER BY place.published_at DESC, place.article_id DESC" if within else order
    candidate = f"""SELECT articles_searchentry.article_id, articles_searchentry.published_at FROM {source}
      WHERE {" AND ".join(conditions)} {f"{newest_in} LIMIT {most}" if is_walked else ""}"""  # noqa: S608  made of constants
    if before:
        # A piece that was given another day meanwhile is in both, as the same row.
        candidate = f"SELECT article_id, published_at FROM articles_searchentry WHERE article_id = ANY(%s::bigint[]) UNION {candidate}"  # noqa: S608  made of constants
        params.insert(0, before)
    # Which year a piece has in its address is known of the piece alone.
    year = asked.year and "AND published_on BETWEEN %s AND %s"
    days = [datetime.date(int(asked.year), *day) for day in ((1, 1), (12, 31))] if asked.year else []
    # Looked up one by one, the newest first, until there are enough: OFFSET keeps the planner from gathering a whole year.
    return Sql(
        f"""WITH candidate AS MATERIALIZED ({candidate})
            SELECT article.id, article.published_at, article.published_on
            FROM (SELECT article_id, published_at FROM candidate {order}) AS newest CROSS JOIN LATERAL (
              SELECT id, published_at, published_on FROM articles_article
              WHERE id = newest.article_id AND live_id IS NOT NULL AND status = '{Status.PUBLISHED.value}'
                AND published_at <= %s {year} OFFSET 0) AS article
            ORDER BY newest.published_at DESC, newest.article_id DESC LIMIT {most}""",  # noqa: S608  made of constants
        [*params, now, *days],
    )


# --- what is known before ---------------------------------------------------------------------------

_TABLES: Final = {
    "region": ("articles_regionlisting", "articles_region", "region"),
    "topic": ("articles_taglisting", "articles_tag", "topic"),
    "author": ("articles_authorlisting", "authors_author", "author"),
    "series": ("articles_serieslisting", "articles_series", "series"),
}


def _likely(words: str) -> int:
    """How many pieces have the words. Of both ways of reading them what the commoner finds: as a rule that is all that the other
    finds, which the planner can't know."""
    return estimate(*map(matches, readings_of(words)))


def estimate(*several: Sql) -> int:
    """How many pieces fit that condition which most of them fit, as the planner sees it. It is asked once for all."""
    looks = [f"(SELECT 1 FROM articles_searchentry WHERE {match.text} LIMIT 1)" for match in several]  # noqa: S608  made of constants
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) SELECT {', '.join(looks)}", [value for match in several for value in match.params]
        )
        limits = cursor.fetchone()[0][0]["Plan"]["Plans"]
    return max(int(limit["Plans"][0]["Plan Rows"]) for limit in limits)


def _known(asked: Asked, now: datetime.datetime) -> dict[str, tuple[int, int]]:
    """By name the lists that the search is narrowed to: id, and about how many pieces each holds (an unknown one holds
    none); as “all” about how many pieces there are, as “span” the periods of the oldest and of the newest that readers have."""
    chosen = {name: slug for name, slug in asked.chosen.items() if name in _TABLES}
    rows = _statement(tuple(chosen)).rows(now=now, **chosen)
    return {name: (number, size) for name, number, size in rows}


@lru_cache(maxsize=16)
def _statement(chosen: tuple[str, ...]) -> Statement:
    # A publication that rests has its newest pieces where it left off.
    period = f"""(SELECT coalesce(floor(extract(epoch FROM {{}}(published_at)) / {PERIOD * 86_400}), 0)::int
        FROM articles_searchentry WHERE public IS NOT NULL AND published_at <= %(now)s)"""  # noqa: S608  made of constants
    arms = [
        "SELECT 'all', 0, (SELECT GREATEST(reltuples, 1)::int FROM pg_class WHERE oid = 'articles_searchentry'::regclass)",
        f"SELECT 'span', {period.format('min')}, {period.format('max')}",
        *(
            f"""SELECT '{name}', coalesce(max(t.id), 0)::int, coalesce(sum(c.difference), 0)::int FROM {_TABLES[name][1]} AS t
                LEFT JOIN articles_listcount AS c ON c.kind = '{_TABLES[name][2]}' AND c.target = t.id WHERE t.slug = %({name})s"""  # noqa: S608
            for name in chosen
        ),
    ]
    return Statement(" UNION ALL ".join(arms))
