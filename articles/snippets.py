"""What a search result shows: the words that were asked for, marked, however their accents are typed."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple

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
    stems = (_stem(word) for word in words_of(query) if word not in ("or", "and") and word not in common)
    return frozenset(stem for stem in stems if stem)


class Hit(NamedTuple):
    """Where a word stands that was asked for, and which of the terms it is."""

    start: int
    end: int
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Read:
    """A text that was read for the terms, its spaces made single."""

    text: str
    hits: list[Hit]

    @property
    def terms(self) -> frozenset[str]:
        """Which of them stand in it."""
        return _NONE.union(*[hit.terms for hit in self.hits])


_NONE: Final[frozenset[str]] = frozenset()


def read(text: str, terms: frozenset[str]) -> Read:
    text = " ".join(text.split())
    return Read(text, list(_hits(text, terms)) if terms else [])


def terms_in(text: str, terms: frozenset[str]) -> frozenset[str]:
    """Which of the terms stand in a text."""
    return read(text, terms).terms


def snippet(shown: Read) -> SafeString:
    """The text as safe HTML with those words in <mark>; a long one is cut to what stands round the first of them."""
    if len(shown.text) <= LONGEST:
        return _marked(shown)
    first = shown.hits[0].start if shown.hits else 0
    start = 0 if first < LONGEST * 2 // 3 else _beginning(shown.text, first - 80)
    return _marked(_cut(shown, start, LONGEST, first))


def passage(text: str, terms: frozenset[str]) -> SafeString:
    """Some thirty words of a long text, from where most of those words stand together; empty where it has none."""
    found = read(_ITEM.sub("· ", _HEADING_END.sub(": ", text)), terms)
    if not found.hits:
        return SafeString("")
    first = _fullest(found.hits, len(terms))
    start = _beginning(found.text, max(first - PASSAGE // 4, 0))
    return _marked(_cut(found, max(start, first - PASSAGE), PASSAGE, first))


def _fullest(hits: list[Hit], count: int) -> int:
    """Where the passage begins that has the most of so many terms, the first of them."""
    best, most = hits[0].start, 0
    for place, hit in enumerate(hits[:TRIES]):
        near = [other.terms for other in hits[place : place + TRIES] if other.end <= hit.start + PASSAGE]
        if (together := len(_NONE.union(*near))) > most:
            best, most = hit.start, together
        if most == count:
            break
    return best


# --- where words stand ------------------------------------------------------------------------------


def _hits(text: str, terms: frozenset[str]) -> Iterator[Hit]:
    for start, part in _likely_parts(text, terms):
        for match in segments.words(part):
            if found := _within(match[0], terms):
                at = start + match.start()
                yield from [Hit(at + begin, at + end, fitting) for begin, end, fitting in found]


def _likely_parts(text: str, terms: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Where a term may stand, from space to space, with their places: most of a text is other words. All of it where that is
    not to be seen before its letters are folded."""
    small, is_plain = text.lower(), text.isascii()
    if not is_plain and (len(small) != len(text) or len(text.encode("ascii", "ignore")) * 10 < len(text) * 9):
        yield 0, text
        return
    likely, place = _likely(terms, has_others=not is_plain and _OTHER.search(text) is not None), 0
    while begun := likely.search(small, place):
        start, end = text.rfind(" ", 0, begun.start()) + 1, text.find(" ", begun.start())
        place = end if end >= 0 else len(text)
        yield start, text[start:place]


# Letters that folding may change: not ASCII, nor what else stands in an English text.
_OTHER: Final = re.compile("[^\x00-\x7f‘’“”–—…·]")


@lru_cache(maxsize=400)
def _likely(terms: frozenset[str], *, has_others: bool) -> re.Pattern[str]:
    """What a word has that may be one of the terms: they are beginnings of words."""
    begun = [re.escape(term).replace("'", "['’]") for term in terms]
    return re.compile("|".join([*begun, _OTHER.pattern] if has_others else begun))


@lru_cache(maxsize=10_000)
def _within(word: str, terms: frozenset[str]) -> list[Hit]:
    """Where the terms stand in a word. The same few stand in most of the texts of a page."""
    return _in_run(word, terms) if segments.is_dense(word) else _whole(word, terms)


def _whole(word: str, terms: frozenset[str]) -> list[Hit]:
    """The word; where only a part of it was asked for, as in “l’été”, that part."""
    parts = [part for part in _PART.finditer(word) if _term(part[0]) in terms] if "'" in word or "’" in word else []
    fitting = _NONE.union(_term(part[0]) for part in parts)
    if (term := _term(word)) in terms:
        return [Hit(0, len(word), fitting | {term})]
    return [Hit(*part.span(), frozenset((_term(part[0]),))) for part in parts]


@lru_cache(maxsize=30_000)
def _term(word: str) -> str:
    """A word of a text as it is asked for. Most of a text are the same few thousand words."""
    return _stem(fold(word))


def _in_run(run: str, terms: frozenset[str]) -> list[Hit]:
    """Where words stand in a run of letters without spaces, those that overlap joined."""
    folded = fold(run)
    found = sorted(
        (
            Hit(m.start(), m.end(), frozenset((term,)))
            for term in terms
            if segments.is_dense(term)
            for m in re.finditer(re.escape(term), folded)
        ),
        key=lambda hit: hit[:2],
    )
    if found and len(folded) != len(run):
        return [Hit(0, len(run), _NONE.union(*[hit.terms for hit in found]))]
    joined: list[Hit] = []
    for hit in found:
        if joined and hit.start <= joined[-1].end:
            last = joined.pop()
            hit = Hit(last.start, max(hit.end, last.end), last.terms | hit.terms)  # noqa: PLW2901
        joined.append(hit)
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


def _cut(found: Read, start: int, length: int, first: int) -> Read:
    """About `length` characters from `start`, cut between words and after the hit at `first`; and the hits in them."""
    text, end = found.text, start + length
    if end < len(text):
        space = text.rfind(" ", max(start, end - LONGEST_WORD), end)
        end = max(space if space > 0 else end, first + 1)
        end = next((hit.end for hit in found.hits if hit.start < end < hit.end), end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    kept = [Hit(h.start + shift, h.end + shift, h.terms) for h in found.hits if h.start >= start and h.end <= end]
    return Read(f"{before}{text[start:end].strip()}{after}", kept)


def _marked(shown: Read) -> SafeString:
    text, parts, place = shown.text, [], 0
    # Most texts have nothing to escape: their parts need not be looked at one by one.
    safe = str if escape(text) == text else escape
    for start, end, _ in shown.hits:
        parts += [safe(text[place:start]), "<mark>", safe(text[start:end]), "</mark>"]
        place = end
    return mark_safe("".join([*parts, safe(text[place:])]))  # noqa: S308  every part was escaped above
