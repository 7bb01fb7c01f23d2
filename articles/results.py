"""What a search finds: how many pieces, which of them stand on a page, and what they could be narrowed to.

All of it comes from one statement over a bounded set, the newest `MOST` matches, so that the commonest word of the
largest archive costs no more than that. Nothing that is not listed at that moment is counted or named.
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from articles.asked import Asked
from articles.hits import Sql, rank_of, ways
from articles.models import Article
from articles.querysets import ArticleQuerySet
from articles.search import CONFIG, query_of

# The newest matches that are counted, sorted into facets and ranked: as many as the pages of a search reach.
MOST = 500
# With so many looked at and so many found, more than a page, the search goes no further back.
LOOKED_AT, ENOUGH = 3_000, 25
# Values of one facet.
VALUES = 15


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: the pieces that have it, among those counted."""

    slug: str
    name: str
    count: int


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
    if not asked.has_words:
        hits = matching(asked, now).newest_first().values_list("pk", "published_at", "published_on")[: MOST + 1]
        return _look(asked, now, Sql(*hits.query.sql_with_params()), size, parts)
    tried = ways(asked, now, MOST + 1)
    hits_sql, is_certain, looked_at = next(tried)
    while True:
        found = _look(asked, now, hits_sql, size, parts)
        found.is_partial = not is_certain and not found.is_capped
        # A phrase of common words is rare enough that all are looked at only where the newest don't fill a page.
        if not found.is_partial or (looked_at >= LOOKED_AT and found.count >= ENOUGH):
            return found
        hits_sql, is_certain, looked_at = tried.send(found.count)


def _look(asked: Asked, now: datetime.datetime, hits: Sql, size: int, parts: Sequence[str]) -> Found:
    arms: list[tuple[str, Sequence[Any]]] = [
        ("SELECT 'count', '', '', count(*) FROM hits", ()),
        _page_arm(asked, size),
        *(_facet_arm(name, asked) for name in _FACET_SQL if name == "region" or name not in asked.chosen),
        *(_name_arm(name, slug, now) for name, slug in asked.chosen.items() if name in NAME_SQL),
        (
            f"SELECT 'common', part, '', 0 FROM unnest(%s::text[]) AS part WHERE ts_lexize('{CONFIG}_stem', part) = '{{}}'",  # noqa: S608  made of constants and by the ORM
            [list(parts)],
        ),
    ]
    sql = f"WITH hits(id, published_at, published_on) AS MATERIALIZED ({hits.text}) " + " UNION ALL ".join(
        f"({arm})" for arm, _ in arms
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*hits.params, *(value for _, values in arms for value in values)])
        return _sorted_out(cursor.fetchall())


def _sorted_out(rows: Sequence[tuple[str, str, str, int]]) -> Found:
    by_kind: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for kind, slug, name, number in rows:
        by_kind[kind].append((slug, name, number))
    found = Found(count=by_kind["count"][0][2], common={part for part, _, _ in by_kind["common"]})
    found.ids = [int(pk) for pk, _, _ in sorted(by_kind["piece"], key=lambda row: row[2])]
    found.names = {
        name.removeprefix("named "): rows[0][1] for name, rows in by_kind.items() if name.startswith("named ")
    }
    for name in _FACET_SQL:
        # What they all have narrows nothing.
        found.values[name] = [Value(*row) for row in by_kind[name] if row[2] < found.count]
    return found


def _page_arm(asked: Asked, size: int) -> tuple[str, Sequence[Any]]:
    """The ids of the page and of one piece more, numbered in their order."""
    window = f"LIMIT {size + 1} OFFSET {(asked.page - 1) * size}"
    numbered = "SELECT 'piece', id::text, '', row_number() OVER (ORDER BY {order}) FROM {source} ORDER BY 4 {window}"
    if asked.sort or not asked.has_words:
        return numbered.format(order="published_at DESC, id DESC", source="hits", window=window), ()
    rank = rank_of(query_of(asked.q))
    source = f"""(SELECT newest.id, newest.published_at, {rank.text} AS rank
        FROM (SELECT id, published_at FROM hits ORDER BY published_at DESC, id DESC
              LIMIT {MOST}) AS newest
        JOIN articles_searchentry ON articles_searchentry.article_id = newest.id) AS ranked"""  # noqa: S608  made of constants and by the ORM
    return numbered.format(order="rank DESC, published_at DESC, id DESC", source=source, window=window), rank.params


# Name and table of what a facet counts, by the alias `t`; `l` is its listing. An author's name is put together as
# `Author.name` does.
_AUTHOR_NAME = """CASE WHEN t.single_name <> '' THEN t.single_name
    WHEN t.is_family_first THEN t.family_name || ' ' || t.given_name ELSE t.given_name || ' ' || t.family_name END"""
NAME_SQL = {
    "region": ("t.name", "articles_region", "articles_regionlisting"),
    "topic": ("t.name", "articles_tag", "articles_taglisting"),
    "author": (_AUTHOR_NAME, "authors_author", "articles_authorlisting"),
    "series": ("t.title", "articles_series", "articles_serieslisting"),
}
_FACET_SQL = {
    **{
        name: f"""SELECT '{name}', t.slug, {label}, count(*) FROM hits
            JOIN {listing} AS l ON l.article_id = hits.id JOIN {table} AS t ON t.id = l.target_id
            {{within}} GROUP BY t.id ORDER BY 4 DESC, 3 LIMIT {VALUES}"""  # noqa: S608  made of constants and by the ORM
        for name, (label, table, listing) in NAME_SQL.items()
    },
    "year": f"""SELECT 'year', extract(year FROM published_on)::int::text, '', count(*) FROM hits
        GROUP BY 2 ORDER BY 2 DESC LIMIT {VALUES}""",  # noqa: S608  made of constants and by the ORM
}
# Within a region its parts can be chosen; another would take its place, and have other pieces than were counted.
_WITHIN = """WHERE t.id IN (
    WITH RECURSIVE inside AS (
        SELECT c.id FROM articles_region AS c JOIN articles_region AS p ON c.parent_id = p.id WHERE p.slug = %s
        UNION SELECT c.id FROM articles_region AS c JOIN inside ON c.parent_id = inside.id)
    SELECT id FROM inside)"""


def _facet_arm(name: str, asked: Asked) -> tuple[str, Sequence[Any]]:
    is_within = name == "region" and asked.region
    return _FACET_SQL[name].format(within=_WITHIN if is_within else ""), [asked.region] if is_within else []


def _name_arm(name: str, slug: str, now: datetime.datetime) -> tuple[str, Sequence[Any]]:
    """The name of what was chosen, if a list of readers may have it: a region may always be named."""
    label, table, listing = NAME_SQL[name]
    sql = f"SELECT 'named {name}', '', {label}, 0 FROM {table} AS t WHERE t.slug = %s"  # noqa: S608  made of constants and by the ORM
    if name == "region":
        return sql, [slug]
    listed, params = Article.objects.listed(now).order_by().values("pk").query.sql_with_params()
    return f"{sql} AND EXISTS (SELECT 1 FROM {listing} AS l WHERE l.target_id = t.id AND l.article_id IN ({listed}))", [  # noqa: S608  made of constants and by the ORM
        slug,
        *params,
    ]
