"""What somebody may have meant who asks for an address where there is nothing: pieces, authors, topics and regions whose
name has most of its words, slips of spelling put right.

It asks for listed things alone, and for words of the address alone: what is hidden makes no difference to the answer.
A fixed few queries, and none for what no reader ever meant.
"""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F

from articles import spelling
from articles.facets import NAME_SQL
from articles.lists import headlines_by_id
from articles.models import Article
from articles.pieces import Link
from articles.search import CONFIG
from articles.snippets import terms_in, terms_of
from forum.addresses import SLUG_WORDS, address_of
from forum.prepared import Statement
from prose import segments
from prose.segments import fold
from prose.slugs import slug

LONGEST = 200
MOST, MOST_NAMES, MOST_WORDS = 5, 3, 12
# From so many letters on, a word may be the beginning of one.
LONG = 4
# Of the pieces that have any of the words, so many of the newest are weighed.
BOUND = 200
# Rooms where readers are not, and what machines try.
_OTHERS = re.compile(r"^/(?:admin|accounts|contribute|referee|static|media|\.well-known|cgi-bin)(?:/|$)|/wp-|/\.")
_FILE = re.compile(r"\.(?!html?$)[a-z0-9]{2,5}$", re.IGNORECASE)
_TAIL = re.compile(r"\.html?$", re.IGNORECASE)
# Parts of addresses that say where something stands, not what it is.
_PLACES = frozenset(
    "regions topics authors series archive search feed atom print history report cite author tag tags category index page"
    " post posts article articles news".split()
)


def words_of(path: str) -> list[str]:
    """The words of an address that say what is meant, folded; none where no reader can have meant anything."""
    if len(path) > LONGEST or _OTHERS.search(path) or _FILE.search(path):
        return []
    text = fold(_TAIL.sub("", unquote(path)).replace("_", " ").replace("+", " "))
    words = [match[0] for match in segments.words(text)]
    wanted = [w for w in dict.fromkeys(words) if (len(w) > 1 or segments.is_dense(w)) and not w.isdigit()]
    return [word for word in wanted if word not in _PLACES][:MOST_WORDS]


def meant(path: str, now: datetime.datetime) -> list[Link]:
    """The likeliest first, and names before pieces. Slips are looked for only where no name and no title has it all."""
    words = words_of(path)
    if not words:
        return []
    found = _found(words, now)
    if not found or found[0].fits < len(words):
        said = spelling.corrections(words, now)
        found = _found([fold(said.get(word, word)) for word in words], now) if said else found
    # Beside one that has it all, what has half of it was not meant.
    return [Link(one.name, one.url) for one in found[:MOST] if one.fits * 2 > found[0].fits]


@dataclass(frozen=True, slots=True)
class _Likely:
    name: str
    url: str
    # How many of the words it has.
    fits: int


def _found(words: Sequence[str], now: datetime.datetime) -> list[_Likely]:
    return sorted([*_names(words, now), *_pieces(words, now)], key=lambda one: -one.fits)


def _pieces(words: Sequence[str], now: datetime.datetime) -> list[_Likely]:
    """Those whose title has at least half of the words, the fullest first."""
    weighed = segments.indexed_words(" ".join(words))
    query = SearchQuery(" | ".join(f"'{word}':A" for word in weighed), config=CONFIG, search_type="raw")
    some = Article.objects.listed(now).filter(search__public=query).newest_first().values("pk")[:BOUND]
    ranked = Article.objects.filter(pk__in=some).annotate(rank=SearchRank(F("search__public"), query))
    best = ranked.order_by("-rank", "-published_at", "-pk")[: 4 * MOST]
    titles = headlines_by_id(best.values_list("pk", flat=True), now)
    terms = terms_of(" ".join(words))
    fits = {pk: len(terms_in(f"{piece.live.title} {piece.get_absolute_url}", terms)) for pk, piece in titles.items()}
    return [
        _Likely(titles[pk].live.title, titles[pk].get_absolute_url, fits[pk])
        for pk in sorted(fits, key=lambda pk: (-fits[pk], -pk))
        if fits[pk] and fits[pk] * 2 >= len(terms)
    ]


def _names(words: Sequence[str], now: datetime.datetime) -> list[_Likely]:
    """Those of which something is listed and whose address has at least half of the words; long ones as they begin."""
    patterns = [f"%-{slug(word, '-')}{'' if len(word) >= LONG else '-'}%" for word in words]
    query = " | ".join(found for word in words if (found := _in_slugs(word)))
    if not query:
        return []
    rows = _NAMES.rows(patterns=patterns, query=query, now=now, wanted=len(words))
    return [_Likely(name, address_of(f"articles:{kind}", stem), fits) for kind, name, stem, fits in rows]


def _names_sql() -> str:
    arms = [
        f"""SELECT '{kind}', {label}, t.slug,
              (SELECT count(*) FROM unnest(%(patterns)s::text[]) AS pattern WHERE '-' || t.slug || '-' LIKE pattern) AS fits
            FROM {table} AS t
            WHERE {SLUG_WORDS.format(slug="t.slug")} @@ %(query)s::tsquery AND '-' || t.slug || '-' LIKE ANY(%(patterns)s::text[])
              AND EXISTS (SELECT 1 FROM {listing} AS l WHERE l.target_id = t.id AND l.published_at <= %(now)s)"""  # noqa: S608  made of constants
        for kind, (label, table, listing) in NAME_SQL.items()
    ]
    return f"""SELECT * FROM ({" UNION ALL ".join(arms)}) AS named(kind, name, slug, fits)
              WHERE fits * 2 >= %(wanted)s ORDER BY fits DESC, length(slug), slug LIMIT {MOST_NAMES}"""  # noqa: S608  made of constants


_NAMES: Final = Statement(_names_sql())


def _in_slugs(word: str) -> str:
    """A question to the index of slugs, which knows their words alone: what has several has all of them."""
    *whole, last = slug(word, "-").split("-")
    parts = [f"'{part}'" for part in whole if part]
    if last:
        parts.append(f"'{last}':*" if len(word) >= LONG else f"'{last}'")
    return f"({' & '.join(parts)})" if parts else ""
