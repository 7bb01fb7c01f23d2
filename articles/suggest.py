"""What somebody who begins to type may be looking for: titles, authors, topics, regions and special features.

Only what is listed at that moment is named; an author or topic only with something listed. One query.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.urls import reverse

from articles.models import Article
from articles.results import NAME_SQL
from articles.search import CONFIG
from prose import segments
from prose.segments import fold

LONGEST = 60
# A word is begun with so many letters; a single one says nothing but in a dense script.
SHORTEST, SHORTEST_OF_TITLES = 2, 3
# Of each kind; a longer list is not read.
MOST, MOST_TITLES = 3, 5

# By what a name is found; and its page. The database can't take accents off, but the address has the name without.
_PLAIN = "replace(t.slug, '-', ' ')"
_FOUND_BY = {
    "region": (f"lower(t.name) || ' ' || {_PLAIN}", "articles:region"),
    "topic": (f"lower(t.name) || ' ' || {_PLAIN}", "articles:topic"),
    "author": ("t.name_key || ' ' || lower(t.native_name || ' ' || t.other_names)", "articles:author"),
    "series": (f"lower(t.title) || ' ' || {_PLAIN}", "articles:series"),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    kind: str
    name: str
    url: str


def suggestions(typed: str, now: datetime.datetime) -> list[Suggestion]:
    """First names in which a word begins so, the shortest first; then the newest pieces whose title has all words."""
    folded = " ".join(fold(typed)[:LONGEST].split())
    if len(folded) < SHORTEST and not segments.is_dense(folded):
        return []
    arms = [*_name_arms(folded, now), *_title_arms(folded, now)]
    sql = " UNION ALL ".join(f"({arm})" for arm, _ in arms)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, values in arms for value in values])
        rows = cursor.fetchall()
    named = [_suggestion(*row) for row in rows if row[0] != "piece"]
    titled = [_suggestion(*row) for row in rows if row[0] == "piece" and _has_all(row[1], folded)]
    return [*named, *titled[:MOST_TITLES]]


def _has_all(title: str, folded: str) -> bool:
    """Whether each of the words begins one of the title's: what weighs as much there may be a name."""
    words = segments.indexed_words(title)
    return all(any(word.startswith(begun) for word in words) for begun in segments.indexed_words(folded))


def _suggestion(kind: str, name: str, slug: str, day: datetime.date | None) -> Suggestion:
    if day is None:
        return Suggestion(kind, name, reverse(_FOUND_BY[kind][1], args=[slug]))
    return Suggestion(kind, name, reverse("articles:article", args=[*f"{day:%Y-%m-%d}".split("-"), slug]))


_Arm = tuple[str, Sequence[Any]]


def _name_arms(folded: str, now: datetime.datetime) -> list[_Arm]:
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    begins = [f"%{before}{escaped}%" for before in (" ", "-", "\n", "(")]
    if segments.is_dense(folded):
        begins = [f"%{escaped}%"]
    listed, params = Article.objects.listed(now).order_by().values("pk").query.sql_with_params()
    return [
        (
            f"""SELECT '{kind}', {label}, t.slug, NULL::date FROM {table} AS t
                WHERE ' ' || {_FOUND_BY[kind][0]} LIKE ANY(%s::text[])
                  AND EXISTS (SELECT 1 FROM {listing} AS l WHERE l.target_id = t.id AND l.article_id IN ({listed}))
                ORDER BY length({label}), 2 LIMIT {MOST}""",  # noqa: S608  made of constants and by the ORM
            [begins, *params],
        )
        for kind, (label, table, listing) in NAME_SQL.items()
    ]


def _title_arms(folded: str, now: datetime.datetime) -> list[_Arm]:
    """The words of titles weigh most, with those of names; each may be unfinished."""
    words = segments.indexed_words(folded)
    if not words or not any(len(word) >= SHORTEST_OF_TITLES or segments.is_dense(word) for word in words):
        return []
    begun = " & ".join(f"'{word}':*A" for word in words)
    query = SearchQuery(begun, config="simple", search_type="raw") | SearchQuery(
        begun, config=CONFIG, search_type="raw"
    )
    pieces = Article.objects.listed(now).filter(search__public=query).newest_first()
    sql, params = pieces.values_list("live__title", "slug", "published_on")[: MOST_TITLES * 6].query.sql_with_params()
    return [(f"SELECT 'piece', found.* FROM ({sql}) AS found(title, slug, day)", params)]  # noqa: S608  made of constants and by the ORM
