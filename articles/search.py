"""Full-text search in PostgreSQL. Accents are folded and words divided in Python (`prose.segments`), on both sides, so
that no extension is needed and every script is searched alike wherever the database stands.

The public vector is made from what readers have, the desk's from the latest text: one for both would leak
pending text. Authors are found by every name they have or had.
"""

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection, transaction
from django.db.models import F

from articles.models import Article, Byline, Region, Revision, Tag
from articles.querysets import ArticleQuerySet
from articles.status import Status
from articles.telling import TELLING
from forum.compiled import Compiled
from prose import measure, segments

# PostgreSQL refuses a vector of over 1 MB; so many bytes of a text stay below, be each pair of its letters another.
LONGEST = 400_000
# A query of letters in pairs is three times as long as it was typed.
LONGEST_QUERY = 1_000
# How vectors are made. Raise it where that is changed: the worker makes the older ones anew (`articles.jobs`).
VERSION = 3
# Days of a period; each listed piece lies in one, by which the newest of many are found (`articles.hits`).
PERIOD = 30
CONFIG = "english"
# The weight of names that find an author and are shown to nobody: what names words to readers leaves it out.
UNSEEN = "C"
_EXCLUDED = re.compile(r'(?:^|(?<=\s))-("[^"]*"?|\S+)')


def period_of(moment: datetime.datetime) -> int:
    """The number of the period that a moment lies in."""
    return math.floor(moment.timestamp()) // (PERIOD * 86_400)


def begin_of(period: int) -> datetime.datetime:
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=period * PERIOD)


# The parts of a text that a vector is made of, with their weights.
PARTS = {"title": "A", "in_brief": "B", "body": "D"}


def reindex(article: Article) -> None:
    """Make both vectors of a piece anew. Names stand in both ways of reading: as they are, since “An” and “Do” are names,
    and by their stems, so that a name and a word of the text can be asked for together.
    """
    is_listed = article.live_id is not None and article.status == Status.PUBLISHED
    moment = article.published_at if is_listed else None
    is_english = article.language.lower().split("-")[0] == "en"
    public, desk = (
        vector_sql({name: f"%({prefix}{name})s" for name in PARTS}, "%(names)s", "%(unseen)s", is_english=is_english)
        for prefix in ("live_", "latest_")
    )
    names, unseen = _names(article)
    live = article.live if is_listed else None
    latest = live if live and live.pk == article.latest_id else article.latest
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO articles_searchentry AS entry (article_id, public, desk, telling, published_at, periods, version, is_learned)
                SELECT %(id)s, public, desk, {TELLING}, %(published_at)s, %(periods)s, %(version)s, FALSE
                FROM (SELECT CASE WHEN %(is_listed)s THEN {public} END AS public, {desk} AS desk) AS made
                ON CONFLICT (article_id) DO UPDATE SET public = EXCLUDED.public, desk = EXCLUDED.desk,
                  telling = EXCLUDED.telling, published_at = EXCLUDED.published_at, periods = EXCLUDED.periods, version = EXCLUDED.version, is_learned = FALSE
                WHERE ({_columns("entry")}) IS DISTINCT FROM ({_columns("EXCLUDED")})""",  # noqa: S608  made of constants
            {
                "id": article.pk,
                "is_listed": is_listed,
                "names": names,
                "unseen": unseen,
                "unseen_weight": UNSEEN,
                "published_at": moment,
                "periods": [period_of(moment)] if moment else None,
                "version": VERSION,
                **_texts("live_", live),
                **_texts("latest_", latest),
            },
        )


def _columns(row: str) -> str:
    """What is told of a row: written where it is another only, for a vector goes into its index word by word."""
    return ", ".join(f"{row}.{name}" for name in ("public", "desk", "telling", "published_at", "periods", "version"))


def vector_sql(parts: Mapping[str, str], names: str, unseen: str, *, is_english: bool) -> str:
    """SQL for the vector of a text, from SQL for its `PARTS`, for names that readers see, and for those that they don't: all
    as `indexed` leaves them. Words stand in it by their stems; those of another language as they are, too, for English drops
    and bends words that are none of its own.
    """
    made = [
        f"setweight(to_tsvector('simple', {some}) || to_tsvector('english', {some}), '{weight}')"
        for some, weight in ((names, "A"), (unseen, UNSEEN))
    ]
    for name, weight in PARTS.items():
        configs = [CONFIG] if is_english else [CONFIG, "simple"]
        made += [f"setweight(to_tsvector('{config}', {parts[name]}), '{weight}')" for config in configs]
    return " || ".join(made)


def _texts(prefix: str, revision: Revision | None) -> dict[str, str]:
    if revision is None:
        return {f"{prefix}{name}": "" for name in PARTS}
    parts = {"title": revision.title, "in_brief": revision.in_brief, "body": measure.text_of(revision.body)}
    return {f"{prefix}{name}": indexed(text) for name, text in parts.items()}


def indexed(text: str) -> str:
    """A text as vectors are made from it."""
    return segments.indexed(text).encode()[:LONGEST].decode(errors="ignore")


# Somebody waits for these: what each asks for is the same for every piece.
_BYLINES: Compiled[Byline] = Compiled(
    lambda article: Byline.objects.filter(article=article).select_related("author"), article=int
)
_REGIONS: Compiled[tuple[str, str | None]] = Compiled(
    lambda article: Region.objects.filter(articles=article).values_list("name", "parent__name"), article=int
)
_TOPICS: Compiled[tuple[str]] = Compiled(
    lambda article: Tag.objects.filter(items__content_object=article).order_by("items__pk").values_list("name"),
    article=int,
)


def _names(article: Article) -> tuple[str, str]:
    """Names of people as readers see them, of regions (with those that hold them) and of topics; and former names of
    people and other spellings, which readers don't see."""
    seen: list[str] = []
    unseen: list[str] = []
    for byline in _BYLINES(article=article.pk):
        seen.append(byline.name)
        if byline.author:
            seen += [byline.author.name, byline.author.native_name]
            unseen.append(byline.author.other_names)
    regions = _REGIONS(article=article.pk)
    seen += [name for name, _ in regions] + [parent for _, parent in regions if parent]
    seen += [name for (name,) in _TOPICS(article=article.pk)]
    return indexed(" \n".join(seen)), indexed(" \n".join(unseen))


@dataclass(frozen=True, slots=True)
class Sql:
    """A part of a statement with its parameters."""

    text: str
    params: Sequence[Any] = ()


def query_of(words: str) -> SearchQuery:
    """What was typed, as people type it into search boxes: quotes for phrases, a minus to exclude, or."""
    asked, left_out = _asked(words)
    query = SearchQuery(asked, config=CONFIG, search_type="websearch") | SearchQuery(
        asked, config="simple", search_type="websearch"
    )
    # Each exclusion holds for both ways of reading a word: “-harbours” must not let in what only the other way finds.
    for one in left_out:
        for config in (CONFIG, "simple"):
            query &= ~SearchQuery(one, config=config, search_type="websearch")
    return query


def query_sql(words: str) -> Sql:
    """The same for a statement that is written by hand."""
    asked, left_out = _asked(words)
    reads = f"websearch_to_tsquery('{CONFIG}', %s)", "websearch_to_tsquery('simple', %s)"
    without = "".join(f" && (!!{read})" for read in reads * len(left_out))
    return Sql(f"(({' || '.join(reads)}){without})", [asked, asked, *(one for one in left_out for _ in reads)])


def readings_of(words: str) -> list[Sql]:
    """The same in each of both ways of reading words: by their stems, and as they are."""
    asked, left_out = _asked(words)
    read = "websearch_to_tsquery('{}', %s)"
    text = " && ".join([read, *[f"(!!{read})"] * len(left_out)])
    return [Sql(f"({text.replace('{}', config)})", [asked, *left_out]) for config in (CONFIG, "simple")]


def _asked(words: str) -> tuple[str, list[str]]:
    """What is looked for, and what is excluded."""
    folded = segments.asked(words.replace("\x00", " "))[:LONGEST_QUERY]
    return _EXCLUDED.sub(" ", folded), _EXCLUDED.findall(folded)


def search_public(pieces: ArticleQuerySet, words: str) -> ArticleQuerySet:
    """The pieces whose public text has the words, best first. Give it `Article.objects.listed(now)`."""
    query = query_of(words)
    return (
        pieces.filter(search__public=query)
        .annotate(rank=SearchRank(F("search__public"), query))
        .order_by("-rank", "-published_at", "-pk")
    )


def search_desk(pieces: ArticleQuerySet, words: str) -> ArticleQuerySet:
    """The pieces whose latest text, bylines, regions or tags have the words."""
    return pieces.filter(search__desk=query_of(words))


def reindex_author(author_id: int) -> None:
    """After an author was renamed: found by the new name at once."""
    reindex_each(Article.objects.filter(bylines__author_id=author_id))


def reindex_each(pieces: ArticleQuerySet) -> None:
    """Make the vectors of these pieces anew, each read under a lock: a publication on its way is neither missed nor undone."""
    with transaction.atomic():
        for pk in sorted(set(pieces.values_list("pk", flat=True))):
            reindex(Article.objects.select_for_update().get(pk=pk))
