"""What a search finds: how many pieces, which of them stand on a page, and what they could be narrowed to.

All of it is of a bounded set, the newest `MOST` matches, so that the commonest word of the largest archive costs no more
than that. Nothing that is not listed at that moment is counted or named.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from articles.asked import Asked
from articles.facets import VALUES, Value, facets
from articles.hits import ways
from articles.models import Article
from articles.querysets import ArticleQuerySet
from articles.search import Sql, query_of, query_sql

# The newest matches that are counted, sorted into facets and ranked: as many as the pages of a search reach.
MOST = 500
# With so many found, more than a page, a search need go no further back (`articles.hits`); the newest first, it goes on as far as
# its pages do.
ENOUGH = 25


@dataclass(slots=True)
class Found:
    # At most `MOST` + 1, which means more.
    count: int = 0
    # Whether older ones were not looked for: the count is of the newest, and there may be more.
    is_partial: bool = False
    ids: list[int] = field(default_factory=list)
    values: dict[str, list[Value]] = field(default_factory=dict)
    # The names of what was chosen; not of what readers may not know of.
    names: dict[str, str] = field(default_factory=dict)
    # Words that stand in every text and so find nothing.
    common: set[str] = field(default_factory=set)

    @property
    def is_capped(self) -> bool:
        return self.count > MOST


def matching(asked: Asked, now: datetime.datetime) -> ArticleQuerySet:
    """The listed pieces that a search is about, in no order."""
    pieces = Article.objects.listed(now)
    if asked.has_words:
        pieces = pieces.filter(search__public=query_of(asked.q))
    for name, model in (("region", "region"), ("topic", "tag"), ("author", "author"), ("series", "series")):
        if slug := getattr(asked, name):
            pieces = pieces.filter(**{f"{model}listing_rows__target__slug": slug})
    if asked.year:
        pieces = pieces.filter(published_on__year=int(asked.year))
    found: ArticleQuerySet = pieces
    return found


def look(asked: Asked, now: datetime.datetime, *, size: int, parts: Sequence[str] = ()) -> Found:
    """Everything about one page of a search; `parts` are parts of its words that may be too common."""
    hits = _hits(asked, now, size)
    told = facets(asked, hits.ids, now, parts)
    found = Found(
        hits.count, hits.is_partial, hits.page, {**told.values, "year": _years(hits.years)}, told.names, told.common
    )
    for name, values in found.values.items():
        # What they all have narrows nothing.
        found.values[name] = [value for value in values if value.count < found.count]
    return found


@dataclass(slots=True)
class _Hits:
    count: int
    # Of all of them as the database writes an array of numbers, and the years of their addresses.
    ids: str
    years: str
    # The ids of the page and of one piece more, in their order.
    page: list[int]
    is_partial: bool = False


def _hits(asked: Asked, now: datetime.datetime, size: int) -> _Hits:
    if not asked.has_words:
        pieces = matching(asked, now).newest_first().values_list("pk", "published_at", "published_on")[: MOST + 1]
        return _found(asked, Sql(*pieces.query.sql_with_params()), size)
    enough = max(ENOUGH, asked.page * size + 1) if asked.sort else ENOUGH
    tried = ways(asked, now, MOST + 1, enough)
    hits_sql, is_certain = next(tried)
    while True:
        found = _found(asked, hits_sql, size)
        found.is_partial = not is_certain and found.count <= MOST
        try:
            hits_sql, is_certain = tried.send((found.count, found.ids))
        except StopIteration:
            return found


def _found(asked: Asked, hits: Sql, size: int) -> _Hits:
    """One row, for each of hundreds would take longer to read than to find."""
    page = _page(asked, size)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH hits(id, published_at, published_on) AS MATERIALIZED ({hits.text})
                SELECT count(*), coalesce(array_agg(id)::text, '{{}}'),
                  coalesce(string_agg(extract(year FROM published_on)::int::text, ' '), ''), ARRAY({page.text}) FROM hits""",  # noqa: S608  made of constants
            [*hits.params, *page.params],
        )
        return _Hits(*cursor.fetchone())


def _page(asked: Asked, size: int) -> Sql:
    window = f"LIMIT {size + 1} OFFSET {(asked.page - 1) * size}"
    if asked.sort or not asked.has_words:
        return Sql(f"SELECT id FROM hits ORDER BY published_at DESC, id DESC {window}")  # noqa: S608  made of constants
    query = query_sql(asked.q)
    return Sql(
        f"""SELECT newest.id FROM (SELECT id, published_at FROM hits ORDER BY published_at DESC, id DESC LIMIT {MOST}) AS newest
            JOIN articles_searchentry ON articles_searchentry.article_id = newest.id
            ORDER BY ts_rank(articles_searchentry.public, {query.text}) DESC, newest.published_at DESC, newest.id DESC {window}""",  # noqa: S608  made of constants
        query.params,
    )


def _years(years: str) -> list[Value]:
    counted = Counter(years.split())
    return [Value(year, "", counted[year]) for year in sorted(counted, reverse=True)[:VALUES]]
