"""What a search could be narrowed to, with how many of its pieces are left then; the names of what it is narrowed to.

It counts what it is given, at most a few hundred pieces, and names nothing that readers may not know of. It is one statement,
which is the same for all searches that are narrowed alike: the database plans it once.
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from articles.asked import Asked
from articles.search import CONFIG
from articles.status import Status
from forum.prepared import Statement

# Values of one facet.
VALUES = 15

# Name and table of what a facet counts, by the alias `t`, and its listing. An author's name is put together as
# `Author.name` does.
_AUTHOR_NAME = """CASE WHEN t.single_name <> '' THEN t.single_name
    WHEN t.is_family_first THEN t.family_name || ' ' || t.given_name ELSE t.given_name || ' ' || t.family_name END"""
NAME_SQL = {
    "region": ("t.name", "articles_region", "articles_regionlisting"),
    "topic": ("t.name", "articles_tag", "articles_taglisting"),
    "author": (_AUTHOR_NAME, "authors_author", "articles_authorlisting"),
    "series": ("t.title", "articles_series", "articles_serieslisting"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: the pieces that have it, among those counted."""

    slug: str
    name: str
    count: int


@dataclass(slots=True)
class Facets:
    values: dict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    # The names of what was chosen; not of what readers may not know of.
    names: dict[str, str] = field(default_factory=dict)
    # Words that stand in every text and so find nothing.
    common: set[str] = field(default_factory=set)


def facets(asked: Asked, ids: str, now: datetime.datetime, parts: Sequence[str]) -> Facets:
    """Of the pieces of `ids`, an array as the database writes it; `parts` are parts of words that may be too common."""
    chosen = tuple(name for name in asked.chosen if name in NAME_SQL)
    slugs = {name: getattr(asked, name) for name in chosen}
    found = Facets()
    for kind, name, slug, label, count in _statement(chosen).rows(ids=ids, now=now, parts=" ".join(parts), **slugs):
        if kind == "value":
            found.values[name].append(Value(slug, label, count))
        elif kind == "named":
            found.names[name] = label
        else:
            found.common.add(label)
    return found


@lru_cache(maxsize=16)
def _statement(chosen: tuple[str, ...]) -> Statement:
    arms = [
        *(_values(name, is_within=name in chosen) for name in NAME_SQL if name == "region" or name not in chosen),
        *(_name(name) for name in chosen),
        # No part has a space within.
        f"""SELECT 'common', '', '', part, 0 FROM unnest(string_to_array(%(parts)s, ' ')) AS part
            WHERE ts_lexize('{CONFIG}_stem', part) = '{{}}'""",  # noqa: S608  made of constants
    ]
    return Statement(" UNION ALL ".join(f"({arm})" for arm in arms))


def _values(name: str, *, is_within: bool) -> str:
    """The commonest. Names are looked up for these alone, and for all that are as common as the last."""
    label, table, listing = NAME_SQL[name]
    return f"""SELECT 'value', '{name}', t.slug, {label}, best.count FROM (
            SELECT l.target_id, count(*) AS count FROM {listing} AS l
            WHERE l.article_id = ANY(%(ids)s::bigint[]) {_WITHIN if is_within else ""}
            GROUP BY l.target_id ORDER BY count(*) DESC FETCH FIRST {VALUES} ROWS WITH TIES) AS best
        JOIN {table} AS t ON t.id = best.target_id ORDER BY 5 DESC, 4 LIMIT {VALUES}"""  # noqa: S608  made of constants


# Within a region its parts can be chosen; another would take its place, and have other pieces than were counted.
_WITHIN = """AND l.target_id IN (
    WITH RECURSIVE inside AS (
        SELECT c.id FROM articles_region AS c JOIN articles_region AS p ON c.parent_id = p.id WHERE p.slug = %(region)s
        UNION SELECT c.id FROM articles_region AS c JOIN inside ON c.parent_id = inside.id)
    SELECT id FROM inside)"""


def _name(name: str) -> str:
    """The name of what was chosen, if a list of readers may have it: a region may always be named."""
    label, table, listing = NAME_SQL[name]
    # As `Article.objects.listed` has it.
    listed = f"""AND EXISTS (SELECT 1 FROM {listing} AS l JOIN articles_article AS a ON a.id = l.article_id
        WHERE l.target_id = t.id AND a.live_id IS NOT NULL AND a.status = '{Status.PUBLISHED.value}' AND a.published_at <= %(now)s)"""  # noqa: S608  made of constants
    return f"""SELECT 'named', '{name}', '', {label}, 0 FROM {table} AS t
        WHERE t.slug = %({name})s {"" if name == "region" else listed}"""  # noqa: S608  made of constants
