"""What a search result shows: the words that were asked for, marked, however their accents are typed."""

import re
from collections.abc import Collection
from itertools import pairwise

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from prose.slugs import fold

LONGEST = 420
# About thirty words.
PASSAGE = 200
# Places that are tried for the best passage. A word that stands everywhere needs no more.
TRIES = 100
# Where a heading meets the paragraph below it.
_HEADING_END = re.compile(r"(?<=\w)[ \t]*\n\s*\n\s*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_EXCLUDED = re.compile(r'(?:^|\s)-(?:"[^"]*"?|\S+)')
_POSSESSIVE = re.compile(r"['’]s?$")
_ENDINGS = re.compile(r"(?:ations?|ings?|ies|ed|es|ly|s|e|y)$")


def words_of(query: str) -> list[str]:
    """The words that a query asks for, folded; not those that it excludes."""
    return _WORD.findall(fold(_EXCLUDED.sub(" ", query)))


def terms_of(query: str, common: Collection[str] = ()) -> frozenset[str]:
    """Those words without endings. `common` are words, folded, that are too common to be worth a mark."""
    return frozenset(_stem(word) for word in words_of(query) if word not in ("or", "and") and word not in common)


def terms_in(text: str, terms: frozenset[str]) -> frozenset[str]:
    """Which of the terms stand in a text."""
    return frozenset(_stem(word) for word in _WORD.findall(fold(text))) & terms


def snippet(text: str, terms: frozenset[str]) -> SafeString:
    """The text as safe HTML with those words in <mark>; a long one is cut to what stands round the first of them."""
    text = " ".join(text.split())
    hits = _hits(text, terms)
    if len(text) <= LONGEST:
        return _marked(text, hits)
    first = hits[0][0] if hits else 0
    start = 0 if first < LONGEST * 2 // 3 else text.rfind(" ", 0, first - 80) + 1
    return _marked(*_cut(text, hits, start, LONGEST, first))


def passage(text: str, terms: frozenset[str]) -> SafeString:
    """Some thirty words of a long text, from where most of those words stand together; empty where it has none."""
    text = " ".join(_HEADING_END.sub(": ", text).split())
    hits = _hits(text, terms)
    if not hits:
        return SafeString("")

    def together(place: int) -> int:
        start = hits[place][0]
        near = [text[begin:stop] for begin, stop in hits[place : place + TRIES] if stop <= start + PASSAGE]
        return len(terms_in(" ".join(near), terms))

    first = hits[max(range(min(len(hits), TRIES)), key=together)][0]
    start = text.rfind(" ", 0, max(first - PASSAGE // 4, 0)) + 1
    return _marked(*_cut(text, hits, max(start, first - PASSAGE), PASSAGE, first))


def _hits(text: str, terms: frozenset[str]) -> list[tuple[int, int]]:
    """Where those words stand."""
    if not terms:
        return []
    known: dict[str, bool] = {}
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        if word not in known:
            known[word] = bool(terms_in(word, terms))
        if known[word]:
            found.append(match.span())
    return found


def _stem(word: str) -> str:
    """Enough of a stem to mark “elections” where “election” was asked for. What is found is PostgreSQL's to say."""
    word = _POSSESSIVE.sub("", word)
    stem = _ENDINGS.sub("", word)
    return stem if len(stem) >= 3 else word


def _cut(
    text: str, hits: list[tuple[int, int]], start: int, length: int, first: int
) -> tuple[str, list[tuple[int, int]]]:
    """About `length` characters from `start`, cut between words and after the hit at `first`; and the hits in them."""
    end = start + length
    if end < len(text):
        end = max(text.rfind(" ", start, end), first + 1)
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
