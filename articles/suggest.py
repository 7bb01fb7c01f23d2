"""What somebody who begins to type may be looking for: titles, authors, topics, regions and special features.

Only what is listed at that moment is named; an author or topic only with something listed. One query, and an estimate before it.

Names are found by an index of the words in them (migration 0020). Titles are those of all pieces that have the words, or, where
these are too many to look at while somebody types, of the newest pieces.
"""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse

from articles.facets import NAME_SQL
from articles.hits import estimate, matches
from articles.models import Article
from articles.search import CONFIG, Sql
from prose import segments
from prose.segments import fold

LONGEST = 60
# A word is begun with so many letters; a single one says nothing but in a dense script.
SHORTEST, SHORTEST_OF_TITLES = 2, 3
# Of each kind; a longer list is not read.
MOST, MOST_TITLES = 3, 5
# So many pieces are looked at for words that their titles may have.
LOOKED_AT = 1_000

# By what a name is found; and its page. The database can't take accents off, but the address has the name without. The index
# has the very same words.
_PLAIN = "replace(t.slug, '-', ' ')"
FOUND_BY = {
    "region": (f"lower(t.name) || ' ' || {_PLAIN}", "articles:region"),
    "topic": (f"lower(t.name) || ' ' || {_PLAIN}", "articles:topic"),
    "author": ("t.name_key || ' ' || lower(t.native_name || ' ' || t.other_names)", "articles:author"),
    "series": (f"lower(t.title) || ' ' || {_PLAIN}", "articles:series"),
}
_WORD = re.compile(r"[^\W_]+")


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
        return Suggestion(kind, name, reverse(FOUND_BY[kind][1], args=[slug]))
    return Suggestion(kind, name, reverse("articles:article", args=[*f"{day:%Y-%m-%d}".split("-"), slug]))


_Arm = tuple[str, Sequence[Any]]


def _name_arms(folded: str, now: datetime.datetime) -> list[_Arm]:
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    begins = [f"%{before}{escaped}%" for before in (" ", "-", "\n", "(")]
    words = _begun(folded)
    if segments.is_dense(folded):
        begins, words = [f"%{escaped}%"], ""
    listed, params = Article.objects.listed(now).order_by().values("pk").query.sql_with_params()
    return [
        (
            f"""SELECT '{kind}', {label}, t.slug, NULL::date FROM {table} AS t
                WHERE {f"to_tsvector('simple', {FOUND_BY[kind][0]}) @@ %s::tsquery AND" if words else ""} ' ' || {FOUND_BY[kind][0]} LIKE ANY(%s::text[])
                  AND EXISTS (SELECT 1 FROM {listing} AS l WHERE l.target_id = t.id AND l.article_id IN ({listed}))
                ORDER BY length({label}), 2 LIMIT {MOST}""",  # noqa: S608  made of constants and by the ORM
            [*([words] if words else []), begins, *params],
        )
        for kind, (label, table, listing) in NAME_SQL.items()
    ]


def _begun(folded: str) -> str:
    """A query for all of the words, the last of them unfinished; empty where there are none."""
    words = _WORD.findall(folded)
    return " & ".join(f"'{word}'" for word in words) + ":*" if words else ""


def _title_arms(folded: str, now: datetime.datetime) -> list[_Arm]:
    """The words of titles weigh most, with those of names; each may be unfinished."""
    words = segments.indexed_words(folded)
    if not words or not any(len(word) >= SHORTEST_OF_TITLES or segments.is_dense(word) for word in words):
        return []
    begun = " & ".join(f"'{word}':*A" for word in words)
    match = matches(Sql(f"(to_tsquery('simple', %s) || to_tsquery('{CONFIG}', %s))", [begun, begun]))
    params = list(match.params)
    if estimate(match) > LOOKED_AT:
        source = f"""(SELECT * FROM articles_searchentry WHERE public IS NOT NULL AND published_at <= %s
            ORDER BY published_at DESC, article_id DESC LIMIT {LOOKED_AT}) AS articles_searchentry"""  # noqa: S608  made of constants
        params.insert(0, now)
    else:
        source = "articles_searchentry"
    listed, more = Article.objects.listed(now).order_by().values("pk").query.sql_with_params()
    sql = f"""WITH titled AS MATERIALIZED (SELECT article_id FROM {source} WHERE {match.text})
        SELECT 'piece', live.title, piece.slug, piece.published_on FROM titled
        JOIN articles_article AS piece ON piece.id = titled.article_id JOIN articles_revision AS live ON live.id = piece.live_id
        WHERE piece.id IN ({listed}) ORDER BY piece.published_at DESC, piece.id DESC LIMIT {MOST_TITLES * 6}"""  # noqa: S608  made of constants and by the ORM
    return [(sql, [*params, *more])]
