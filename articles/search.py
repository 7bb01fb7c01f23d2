"""Full-text search in PostgreSQL. Accents are folded in Python, on both sides, so that no extension is needed.

The public vector is made from what readers have, the desk's from the latest text: one for both would leak
pending text. Authors are found by every name they have or had.
"""

import re

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection, transaction
from django.db.models import F

from articles.models import Article, Revision
from articles.querysets import ArticleQuerySet
from articles.status import Status
from prose import measure
from prose.slugs import fold

# PostgreSQL refuses a vector of over 1 MB; 200,000 characters of any language stay below.
LONGEST = 200_000
CONFIG = "english"
_EXCLUDED = re.compile(r'(?:^|(?<=\s))-("[^"]*"?|\S+)')


def reindex(article: Article) -> None:
    """Make both vectors of a piece anew. Names stand in both ways of reading: as they are, since “An” and “Do” are names,
    and by their stems, so that a name and a word of the text can be asked for together.
    """
    is_listed = article.live_id is not None and article.status == Status.PUBLISHED
    names = _names(article)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO articles_searchentry (article_id, public, desk) VALUES (%(id)s,
                 CASE WHEN %(is_listed)s THEN setweight(to_tsvector('english', %(l0)s), 'A')
                   || setweight(to_tsvector('simple', %(names)s) || to_tsvector('english', %(names)s), 'A')
                   || setweight(to_tsvector('english', %(l1)s), 'B') || setweight(to_tsvector('english', %(l2)s), 'D') END,
                 setweight(to_tsvector('english', %(d0)s), 'A')
                   || setweight(to_tsvector('simple', %(names)s) || to_tsvector('english', %(names)s), 'A')
                   || setweight(to_tsvector('english', %(d1)s), 'B') || setweight(to_tsvector('english', %(d2)s), 'D'))
               ON CONFLICT (article_id) DO UPDATE SET public = EXCLUDED.public, desk = EXCLUDED.desk""",
            {
                "id": article.pk,
                "is_listed": is_listed,
                "names": names,
                **_texts("l", article.live if is_listed else None),
                **_texts("d", article.latest),
            },
        )


def _texts(prefix: str, revision: Revision | None) -> dict[str, str]:
    if revision is None:
        return {f"{prefix}{n}": "" for n in range(3)}
    parts = (revision.title, revision.in_brief, measure.text_of(revision.body))
    return {f"{prefix}{n}": fold(part)[:LONGEST] for n, part in enumerate(parts)}


def _names(article: Article) -> str:
    """Names of people, regions (with those that hold them) and topics."""
    found: list[str] = []
    for byline in article.bylines.select_related("author"):
        found.append(byline.name)
        if byline.author:
            found += [byline.author.name, byline.author.other_names]
    found += article.regions.values_list("name", flat=True)
    found += article.regions.exclude(parent=None).values_list("parent__name", flat=True)
    found += article.tags.values_list("name", flat=True)
    return fold(" \n".join(found))[:LONGEST]


def _query(words: str) -> SearchQuery:
    """What was typed, as people type into search boxes: quotes for phrases, a minus to exclude, or."""
    folded = fold(words).replace("\x00", " ")[:300]
    query = _either(_EXCLUDED.sub(" ", folded))
    # Each exclusion holds for both ways of reading a word: “-harbours” must not let in what only the other way finds.
    for left_out in _EXCLUDED.findall(folded):
        for config in (CONFIG, "simple"):
            query &= ~SearchQuery(left_out, config=config, search_type="websearch")
    return query


def _either(words: str) -> SearchQuery:
    return SearchQuery(words, config=CONFIG, search_type="websearch") | SearchQuery(
        words, config="simple", search_type="websearch"
    )


def search_public(pieces: ArticleQuerySet, words: str) -> ArticleQuerySet:
    """The pieces whose public text has the words, best first. Give it `Article.objects.listed(now)`."""
    query = _query(words)
    return (
        pieces.filter(search__public=query)
        .annotate(rank=SearchRank(F("search__public"), query))
        .order_by("-rank", "-published_at", "-pk")
    )


def search_desk(pieces: ArticleQuerySet, words: str) -> ArticleQuerySet:
    """The pieces whose latest text, bylines, regions or tags have the words."""
    return pieces.filter(search__desk=_query(words))


def reindex_author(author_id: int) -> None:
    """After an author was renamed: found by the new name at once."""
    reindex_each(Article.objects.filter(bylines__author_id=author_id))


def reindex_each(pieces: ArticleQuerySet) -> None:
    """Make the vectors of these pieces anew, each read under a lock: a publication on its way is neither missed nor undone."""
    with transaction.atomic():
        for pk in sorted(set(pieces.values_list("pk", flat=True))):
            reindex(Article.objects.select_for_update().get(pk=pk))
