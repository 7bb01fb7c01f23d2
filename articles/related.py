"""What else to read: pieces that share a region, a topic or an author with a piece, or its words; each with the reason.

What is looked at stays small however many pieces there are: the newest of each list that the piece stands in and those
just before it; the newest of all only where those lists hold too few, so that a new piece changes the pages of pieces that
it has something in common with, and not every page there is. Their texts are compared with the words that tell the most
of the piece (`articles.telling`), by the public search vectors, which are made from what readers have.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.utils.translation import gettext

from articles.lists import tag_of
from articles.models import Article, AuthorListing, RegionListing, TagListing
from articles.pieces import Piece
from forum.languages import in_a_row
from forum.pagecache import covered, shows
from forum.prepared import Statement

# How many lists of each kind are looked into; a piece may have hundreds of authors.
LISTS = 8
# Of each list so many of the newest, and of those before the piece: comparing texts is most of what the page of a piece
# asks of the database.
NEWEST, BEFORE = 30, 15
LATER, RELATED = 3, 4
# More are read than are named: what is no longer listed falls out.
SPARE = 3
# So many others in its own lists are enough; with fewer, the newest of all are looked at, too.
ENOUGH = 12
# From when on two texts are called similar, and so much so that a later one is on the same matter. The measure is what
# the piece itself would get: 1.
SIMILAR, ON_THE_MATTER = 0.3, 0.45
# What each thing shared weighs, and up to how many of its kind.
_TOPIC, _REGION, _AUTHOR, _TEXT = 3.0, 2.0, 1.5, 8.0
_AT_MOST = 3

_NEAR = """
  SELECT near.article_id, near.published_at FROM unnest(%(ENTRY)s::bigint[]) AS mine (id) CROSS JOIN LATERAL (
    (SELECT article_id, published_at FROM TABLE WHERE target_id = mine.id AND published_at <= %(now)s
      ORDER BY published_at DESC, article_id DESC LIMIT NEWEST)
    UNION ALL
    (SELECT article_id, published_at FROM TABLE WHERE target_id = mine.id AND published_at <= %(at)s
      ORDER BY published_at DESC, article_id DESC LIMIT BEFORE)
  ) AS near
"""
_SHARED = """
  ARRAY(SELECT target_id FROM TABLE AS row WHERE row.article_id = candidate.article_id AND row.target_id = ANY(%(ENTRY)s::bigint[]))
    AS ENTRY
"""
_LISTS = {
    "regions": "articles_regionlisting",
    "topics": "articles_taglisting",
    "authors": "articles_authorlisting",
}


def _each(template: str, joint: str) -> str:
    numbered = template.replace("NEWEST", str(NEWEST)).replace("BEFORE", str(BEFORE))
    return joint.join(numbered.replace("ENTRY", name).replace("TABLE", table) for name, table in _LISTS.items())


# The piece itself, and the same text in other languages, are no candidates: those are named at the head of the page. Of
# hundreds that are looked at, only those come back that may be named.
_FIND = Statement(f"""
WITH family AS MATERIALIZED (
  SELECT id FROM articles_article WHERE id = %(family)s OR translation_of_id = %(family)s
), near AS MATERIALIZED (
  SELECT DISTINCT article_id, published_at FROM ({_each(_NEAR, " UNION ALL ")}) AS each
  WHERE article_id NOT IN (SELECT id FROM family)
), few AS MATERIALIZED (
  SELECT count(*) < {ENOUGH} AS is_so FROM near
), candidate AS (
  SELECT article_id, published_at FROM near
  UNION
  (SELECT id, published_at FROM articles_article
   WHERE (SELECT is_so FROM few) AND live_id IS NOT NULL AND published_at <= %(now)s
     AND coalesce(translation_of_id, id) <> %(family)s
   ORDER BY published_at DESC, id DESC LIMIT 50)
), measure AS MATERIALIZED (
  SELECT telling::tsquery AS words, ts_rank('{{.1,.1,.4,.6}}', public, telling::tsquery, 1) AS whole
  FROM articles_searchentry WHERE article_id = %(pk)s
), looked_at AS MATERIALIZED (
  SELECT candidate.article_id, candidate.published_at, {_each(_SHARED, ", ")},
    coalesce((SELECT ts_rank('{{.1,.1,.4,.6}}', entry.public, words, 1) / nullif(whole, 0) FROM measure), 0) AS likeness
  FROM candidate JOIN articles_searchentry AS entry ON entry.article_id = candidate.article_id
  WHERE candidate.article_id <> ALL(%(but)s::bigint[])
)
(SELECT true, article_id, published_at, regions, topics, authors, likeness, (SELECT is_so FROM few) FROM looked_at
  WHERE cardinality(regions) + cardinality(topics) + cardinality(authors) > 0 OR likeness >= {SIMILAR}
  ORDER BY {_TOPIC} * least(cardinality(topics), {_AT_MOST}) + {_REGION} * least(cardinality(regions), {_AT_MOST})
    + CASE WHEN cardinality(authors) > 0 THEN {_AUTHOR} ELSE 0 END + {_TEXT} * least(likeness, 1) DESC, published_at DESC, article_id DESC
  LIMIT {LATER + RELATED + SPARE})
UNION ALL
(SELECT false, article_id, published_at, regions, topics, authors, likeness, (SELECT is_so FROM few) FROM looked_at
  ORDER BY published_at DESC, article_id DESC LIMIT {LATER + SPARE})
""")  # noqa: S608  made of the names of tables above


@dataclass(frozen=True, slots=True)
class Kin:
    """A piece that was looked at, with what it has in common with the one that is read."""

    pk: int
    published_at: datetime.datetime
    regions: list[int]
    topics: list[int]
    authors: list[int]
    likeness: float

    @property
    def score(self) -> float:
        shared = _TOPIC * min(len(self.topics), _AT_MOST) + _REGION * min(len(self.regions), _AT_MOST)
        return shared + _AUTHOR * bool(self.authors) + _TEXT * min(self.likeness, 1.0)

    @property
    def is_related(self) -> bool:
        return bool(self.regions or self.topics or self.authors) or self.likeness >= SIMILAR

    @property
    def is_on_the_matter(self) -> bool:
        """Close enough that whoever reads an older piece should know of it."""
        return bool(self.regions and self.topics) or self.likeness >= ON_THE_MATTER


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A piece to read, and why it is named; without a reason it is merely among the newest."""

    piece: Piece
    why: str = ""


@dataclass(slots=True)
class Related:
    """Later pieces on the matter, the newest first; others that are related, the closest first; else the newest of all."""

    later: list[Suggestion] = field(default_factory=list)
    others: list[Suggestion] = field(default_factory=list)
    newest: list[Suggestion] = field(default_factory=list)


class Candidates:
    """The pieces that may be named beside one: which they are takes a query, and `told` says them once they were read."""

    def __init__(
        self, article: Article, now: datetime.datetime, but: Collection[int] = (), names: "Names | None" = None
    ) -> None:
        """`but` are pieces that its page names already; `names` are its own, where somebody has them."""
        self._article = article
        self._names = names or Names(article)
        # As the database gives them: what is told hangs on them, and on the piece itself.
        self.rows = _kin(article, self._names, now, but)
        # Whether the newest of all were looked at, since its lists hold too few: then each new piece may change the page.
        self.asks_all = all(row[-1] for row in self.rows)
        if self.asks_all:
            shows("pieces")

    @property
    def ids(self) -> set[int]:
        return {row[1] for row in self.rows}

    def told(self, pieces: Mapping[int, Piece]) -> Related:
        """What stands on the page, of pieces that lists may name now."""
        close, newest = (
            [Kin(*row[1:-1]) for row in self.rows if row[0] is is_close and row[1] in pieces]
            for is_close in (True, False)
        )
        after = self._article.published_at
        later = [kin for kin in close if after and kin.published_at > after and kin.is_on_the_matter][:LATER]
        others = [kin for kin in close if kin not in later][:RELATED]
        return Related(
            later=self._suggestions(sorted(later, key=lambda kin: kin.published_at, reverse=True), pieces),
            others=self._suggestions(others, pieces),
            newest=[] if others else [Suggestion(pieces[kin.pk]) for kin in newest if kin not in later][:LATER],
        )

    def _suggestions(self, some: Iterable[Kin], pieces: Mapping[int, Piece]) -> list[Suggestion]:
        return [Suggestion(pieces[kin.pk], self._names.why(kin)) for kin in some]


def _kin(article: Article, names: "Names", now: datetime.datetime, but: Collection[int]) -> list[tuple[Any, ...]]:
    """Of what was looked at, the related, the closest first; and the newest. Each with whether the newest of all were looked at."""
    values: dict[str, Any] = {
        "pk": article.pk,
        "family": article.translation_of_id or article.pk,
        "now": now,
        "at": article.published_at,
        "regions": list(names.regions)[:LISTS],
        "topics": list(names.topics)[:LISTS],
        "authors": names.authors[:LISTS],
        "but": list(but),
    }
    told = [
        *(tag_of(RegionListing, pk) for pk in values["regions"]),
        *(tag_of(TagListing, pk) for pk in values["topics"]),
        *(tag_of(AuthorListing, pk) for pk in values["authors"]),
    ]
    with covered(*told):
        return _FIND.rows(**values)


class Names:
    """What a piece is about and by whom, as read with it already."""

    def __init__(self, article: Article) -> None:
        self.regions: dict[int, str] = {region.pk: region.name for region in article.regions.all()}
        self.topics: dict[int, str] = {row.tag_id: row.tag.name for row in article.tagged_items.all()}
        self.authors: list[int] = list(dict.fromkeys(b.author_id for b in article.byline_list if b.author_id))

    def why(self, kin: Kin) -> str:
        """In words: “Also on Japan and trade”, “By the same author”."""
        about = [self.regions[pk] for pk in kin.regions] + [self.topics[pk] for pk in kin.topics]
        reasons = [gettext("Also on %(matter)s") % {"matter": unescape(in_a_row(about[:_AT_MOST]))}] if about else []
        if kin.authors:
            reasons.append(gettext("By the same author") if len(kin.authors) == 1 else gettext("By the same authors"))
        return " · ".join(reasons) or gettext("Similar text")
