"""What a search result shows: the words that were asked for, marked, however their accents are typed."""

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from prose import segments
from prose.segments import fold

LONGEST = 420
# About thirty words.
PASSAGE = 200
# Places that are tried for the best passage. A word that stands everywhere needs no more.
TRIES = 100
# A cut waits so long for a space; what goes on is a script without.
LONGEST_WORD = 40
# Where a heading meets the paragraph below it.
_HEADING_END = re.compile(r"(?<=\w)[ \t]*\n\s*\n\s*")
# Items of a list are run on.
_ITEM = re.compile(r"^\s*- ", re.MULTILINE)
_EXCLUDED = re.compile(r'(?:^|\s)-(?:"[^"]*"?|\S+)')
_PART = re.compile("[^'’]+")
_POSSESSIVE = re.compile(r"['’]s?$")
_ENDINGS = re.compile(r"(?:ations?|ings?|ies|ed|es|ly|s|e|y)$")


def words_of(query: str) -> list[str]:
    """The words that a query asks for, folded; not those that it excludes."""
    return [match[0] for match in segments.words(fold(_EXCLUDED.sub(" ", query)))]


def terms_of(query: str, common: Collection[str] = ()) -> frozenset[str]:
    """Those words without endings. `common` are words, folded, that are too common to be worth a mark."""
    return frozenset(_stem(word) for word in words_of(query) if word not in ("or", "and") and word not in common)


def terms_in(text: str, terms: frozenset[str]) -> frozenset[str]:
    """Which of the terms stand in a text."""
    folded = fold(text)
    dense = {term for term in terms if segments.is_dense(term) and term in folded}
    words = [match[0] for match in segments.words(folded)]
    parts = [part for word in words if "'" in word for part in word.split("'")]
    return (frozenset(map(_stem, [*words, *parts])) & terms) | dense


def snippet(text: str, terms: frozenset[str]) -> SafeString:
    """The text as safe HTML with those words in <mark>; a long one is cut to what stands round the first of them."""
    text = " ".join(text.split())
    hits = _hits(text, terms)
    if len(text) <= LONGEST:
        return _marked(text, hits)
    first = hits[0][0] if hits else 0
    start = 0 if first < LONGEST * 2 // 3 else _beginning(text, first - 80)
    return _marked(*_cut(text, hits, start, LONGEST, first))


def passage(text: str, terms: frozenset[str]) -> SafeString:
    """Some thirty words of a long text, from where most of those words stand together; empty where it has none."""
    text = " ".join(_ITEM.sub("· ", _HEADING_END.sub(": ", text)).split())
    hits = _hits(text, terms)
    if not hits:
        return SafeString("")

    def together(place: int) -> int:
        start = hits[place][0]
        near = [text[begin:stop] for begin, stop in hits[place : place + TRIES] if stop <= start + PASSAGE]
        return len(terms_in(" ".join(near), terms))

    first = hits[max(range(min(len(hits), TRIES)), key=together)][0]
    start = _beginning(text, max(first - PASSAGE // 4, 0))
    return _marked(*_cut(text, hits, max(start, first - PASSAGE), PASSAGE, first))


def _hits(text: str, terms: frozenset[str]) -> list[tuple[int, int]]:
    """Where those words stand."""
    if not terms:
        return []
    dense = [term for term in terms if segments.is_dense(term)]
    known: dict[str, list[tuple[int, int]]] = {}
    found = []
    for match in segments.words(text):
        word, start = match[0], match.start()
        if word not in known:
            known[word] = _within(word, dense) if segments.is_dense(word) else _whole(word, terms)
        found += [(start + begin, start + end) for begin, end in known[word]]
    return found


def _whole(word: str, terms: frozenset[str]) -> list[tuple[int, int]]:
    """The word; where only a part of it was asked for, as in “l’été”, that part."""
    if _term(word) in terms:
        return [(0, len(word))]
    if "'" not in word and "’" not in word:
        return []
    return [part.span() for part in _PART.finditer(word) if _term(part[0]) in terms]


@lru_cache(maxsize=30_000)
def _term(word: str) -> str:
    """A word of a text as it is asked for. Most of a text are the same few thousand words."""
    return _stem(fold(word))


def _within(run: str, terms: list[str]) -> list[tuple[int, int]]:
    """Where words stand in a run of letters without spaces, those that overlap joined."""
    folded = fold(run)
    spans = sorted((m.start(), m.end()) for term in terms for m in re.finditer(re.escape(term), folded))
    if spans and len(folded) != len(run):
        return [(0, len(run))]
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


@lru_cache(maxsize=30_000)
def _stem(word: str) -> str:
    """Enough of a stem to mark “elections” where “election” was asked for. What is found is PostgreSQL's to say."""
    if segments.is_dense(word):
        return word
    word = _POSSESSIVE.sub("", word)
    stem = _ENDINGS.sub("", word)
    return stem if len(stem) >= 3 else word


def _beginning(text: str, place: int) -> int:
    """Where the word at a place begins; the place itself in a script without spaces."""
    space = text.rfind(" ", max(place - LONGEST_WORD, 0), place)
    return space + 1 if space >= 0 or place < LONGEST_WORD else place


def _cut(
    text: str, hits: list[tuple[int, int]], start: int, length: int, first: int
) -> tuple[str, list[tuple[int, int]]]:
    """About `length` characters from `start`, cut between words and after the hit at `first`; and the hits in them."""
    end = start + length
    if end < len(text):
        space = text.rfind(" ", max(start, end - LONGEST_WORD), end)
        end = max(space if space > 0 else end, first + 1)
        end = next((stop for begin, stop in hits if begin < end < stop), end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    kept = [(begin + shift, stop + shift) for begin, stop in hits if begin >= start and stop <= end]
    return f"{before}{text[start:end].strip()}{after}", kept


def _marked(text: str, hits: list[tuple[int, int]]) -> SafeString:
    edges = [0, *(edge for hit in hits for edge in hit), len(text)]
    parts = [
        format_html("<mark>{}</mark>", text[start:end]) if number % 2 else conditional_escape(text[start:end])
        for number, (start, end) in enumerate(pairwise(edges))
    ]
    return mark_safe("".join(parts))  # noqa: S308  every part was escaped a line above
