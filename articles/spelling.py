"""Help with spelling: the words that readers' texts have, and which of them a word that finds nothing may have been.

The words stand in `SearchWord`, brought there by the worker. What is proposed is asked of the public vectors at that
moment, so that a word of a piece that is hidden, or is no longer there, is never named, whatever the table still holds.
"""

import datetime
import re
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import connection, transaction

from articles.models import Article, SearchEntry, SearchWord
from articles.search import UNSEEN
from prose import measure, segments
from prose.likeness import edit_distance
from prose.segments import fold

SHORTEST, LONGEST = 4, 24
# From so many letters on, two of them may be wrong.
LONG = 8
# Words of one query that are looked at; words like them that are weighed; of each, those that are asked for.
MOST_WORDS, MOST_LIKE, MOST_ASKED = 4, 400, 6
# Pieces that are counted for each: what is more common is the likelier.
MOST_COUNTED = 100
# The weights of what readers see.
SEEN = "ABCD".replace(UNSEEN, "")
_VOWEL = re.compile("[aeiouy]")
_DOUBLE = re.compile(r"(.)\1+")
# A word of so few pieces may be a slip in them, if another so like it has so many times as many.
RARE, TIMES = 2, 8
# Characters of a text from which words are learned.
FURTHEST = 200_000


def can_be_wrong(word: str) -> bool:
    """Whether a word, folded, is of a kind that has a spelling: letters, not too few, with spaces about."""
    return SHORTEST <= len(word) <= LONGEST and word.replace("'", "").isalpha() and not segments.is_dense(word)


def keys_of(word: str) -> list[str]:
    """What the word shares with those that are a slip away: itself and each letter left out, double letters taken for
    single ones; and for longer words the same of its consonants, since vowels are what people get wrong.
    """
    single = _DOUBLE.sub(r"\1", word)
    keys = {single, *_without_one(single)}
    if len(bones := _VOWEL.sub("", single)) >= 4:
        keys |= {f"-{key}" for key in (bones, *_without_one(bones))}
    return sorted(keys)


def _without_one(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


# --- learning -------------------------------------------------------------------------------------


def learn(now: datetime.datetime, most: int) -> int:
    """Take the words of listed pieces into the table that it does not have yet; returns of how many. For one worker."""
    waiting = Article.objects.listed(now).filter(search__is_learned=False).values_list("pk", flat=True)
    ids = list(waiting.order_by("pk")[:most])
    for pk in ids:
        with transaction.atomic():
            # Marked first: who changes the piece meanwhile waits for us, and takes the mark away again.
            SearchEntry.objects.filter(article=pk).update(is_learned=True)
            if article := Article.objects.listed(now).filter(pk=pk).select_related("live").first():
                _keep(words_of(article))
    return len(ids)


def words_of(article: Article) -> dict[str, str]:
    """The words of what readers have of a piece, folded, each as it is written: small where it is so anywhere."""
    assert article.live is not None
    live = article.live
    names = [byline.name for byline in article.bylines.all()]
    names += [*article.regions.values_list("name", flat=True), *article.tags.values_list("name", flat=True)]
    text = "\n".join([*names, live.title, live.in_brief, measure.text_of(live.body)])
    found: dict[str, str] = {}
    for match in segments.words(text[:FURTHEST]):
        written = match[0].removesuffix("'s").removesuffix("’s")
        word = fold(written)
        if can_be_wrong(word) and (word not in found or written.islower()):
            found[word] = written
    return found


def _keep(words: dict[str, str]) -> None:
    known = dict(SearchWord.objects.filter(word__in=list(words)).values_list("word", "shown"))
    SearchWord.objects.bulk_create(
        [SearchWord(word=w, shown=words[w][:60], keys=keys_of(w)) for w in sorted(words) if w not in known],
        ignore_conflicts=True,
    )
    # "Trade" at the beginning of a sentence is no name once another piece has "trade".
    small = [SearchWord(word=w, shown=words[w]) for w in known if words[w].islower() and not known[w].islower()]
    SearchWord.objects.bulk_update(small, ["shown"])


def forget() -> int:
    """Take words out of the table that no piece has any more; returns how many. For the worker, once a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DELETE FROM articles_searchword AS w WHERE NOT EXISTS (
                  SELECT 1 FROM articles_searchentry AS e WHERE e.public @@ {_asks("w.word")})"""  # noqa: S608  a constant
        )
        return cursor.rowcount


# --- proposing ------------------------------------------------------------------------------------


def _asks(column: str) -> str:
    """SQL for the query of a word in what readers see: in a former name of somebody it does not count."""
    word = f"('''' || replace({column}, '''', '''''') || ''':{SEEN}')"
    return f"(to_tsquery('english', {word}) || to_tsquery('simple', {word}))"


def corrections(words: Sequence[str], now: datetime.datetime) -> dict[str, str]:
    """What words, folded, may have been that hardly a listed piece has; for those to which nothing comes near, nothing.

    Three queries at most, however many words.
    """
    doubtful = [word for word in dict.fromkeys(words) if can_be_wrong(word)][:MOST_WORDS]
    have = _counts(doubtful, now)
    wanted = sorted({key for word in doubtful for key in keys_of(word)})
    if not wanted:
        return {}
    near = _near(wanted)
    # “websits” has the stem of “website”, and is found; that no text writes it so tells it from a word.
    tried = {word: _nearest(word, near) for word in doubtful if have[word] <= RARE or word not in near}
    counts = _counts(sorted({other for others in tried.values() for other in others}), now)
    found = {}
    for word, others in tried.items():
        # What stands in a text may be a slip there; then the right word is far more common.
        least = TIMES * have[word] if word in near else 1
        if likely := [other for other in others if counts[other] >= max(least, 1)]:
            found[word] = near[min(likely, key=partial(_likeness, word, counts))]
    return found


def _near(keys: Sequence[str]) -> dict[str, str]:
    """Words that have any of the keys, with how each is written."""
    # Found first and cut off afterwards, and by keys that the planner does not see: for so few of so many that it expects, or for so many
    # keys, it would go through the whole table, for which it has no idea how long two arrays take to compare.
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH near AS MATERIALIZED (SELECT word, shown FROM articles_searchword WHERE keys && (SELECT %s::varchar[]))
                SELECT word, shown FROM near LIMIT {MOST_LIKE}""",  # noqa: S608  made of constants
            [list(keys)],
        )
        return dict(cursor.fetchall())


def _likeness(word: str, counts: dict[str, int], other: str) -> tuple[int, bool, int, str]:
    return *_distance(word, other), -counts[other], other


def _nearest(word: str, near: Iterable[str]) -> list[str]:
    most = 2 if len(word) >= LONG else 1
    fitting = [other for other in near if other != word and edit_distance(word, other, most) <= most]
    return sorted(fitting, key=lambda other: (*_distance(word, other), other))[:MOST_ASKED]


def _distance(word: str, other: str) -> tuple[int, bool]:
    """The fewer slips the likelier; the first letter is seldom wrong."""
    return edit_distance(word, other, 2), word[0] != other[0]


def _counts(words: Sequence[str], now: datetime.datetime) -> dict[str, int]:
    """In how many listed pieces each word stands, up to `MOST_COUNTED`. Each is asked for by itself, so that the planner
    knows how common it is: of a common one the first pieces will do, where the index would gather all."""
    if not words:
        return {}
    listed, params = Article.objects.listed(now).order_by().values("pk").query.sql_with_params()
    arm = f"""(SELECT count(*) FROM (
        SELECT 1 FROM articles_searchentry AS e WHERE e.public @@ {_asks("%s::text")} AND e.article_id IN ({listed})
        LIMIT {MOST_COUNTED}) AS counted)"""  # noqa: S608  made by the ORM and of constants
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join([arm] * len(words))}", [value for word in words for value in (word, word, *params)]
        )
        return dict(zip(words, cursor.fetchone(), strict=True))
