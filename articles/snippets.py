"""What a search result shows: the In Brief with the words that were asked for marked, however their accents are typed."""

import re
from itertools import pairwise

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from prose.slugs import fold

LONGEST = 420
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_ENDINGS = re.compile(r"(?:ations?|ings?|ies|ed|es|ly|s|e|y)$")


def terms_of(query: str) -> frozenset[str]:
    """The words that a query asks for, folded and without endings; not those that it excludes."""
    wanted = re.sub(r'(?:^|\s)-(?:"[^"]*"?|\S+)', " ", query)
    return frozenset(_stem(word) for word in _WORD.findall(fold(wanted)) if word not in ("or", "and"))


def snippet(text: str, terms: frozenset[str]) -> SafeString:
    """The text as safe HTML with those words in <mark>; a long one is cut to what stands round the first of them."""
    text = " ".join(text.split())
    hits = [match.span() for match in _WORD.finditer(text) if terms and _is_hit(match[0], terms)]
    text, hits = _cut(text, hits)
    edges = [0, *(edge for hit in hits for edge in hit), len(text)]
    parts = [
        format_html("<mark>{}</mark>", text[start:end]) if number % 2 else conditional_escape(text[start:end])
        for number, (start, end) in enumerate(pairwise(edges))
    ]
    return mark_safe("".join(parts))  # noqa: S308  every part was escaped a line above


def _is_hit(word: str, terms: frozenset[str]) -> bool:
    return any(_stem(part) in terms for part in _WORD.findall(fold(word)))


def _stem(word: str) -> str:
    """Enough of a stem to mark “elections” where “election” was asked for. What is found is PostgreSQL's to say."""
    word = _POSSESSIVE.sub("", word)
    stem = _ENDINGS.sub("", word)
    return stem if len(stem) >= 3 else word


def _cut(text: str, hits: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    if len(text) <= LONGEST:
        return text, hits
    first = hits[0][0] if hits else 0
    start = 0 if first < LONGEST * 2 // 3 else text.rfind(" ", 0, first - 80) + 1
    end = start + LONGEST
    if end < len(text):
        end = max(text.rfind(" ", start, end), first + 1)
        end = next((stop for begin, stop in hits if begin < end < stop), end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    kept = [(begin + shift, stop + shift) for begin, stop in hits if begin >= start and stop <= end]
    return f"{before}{text[start:end].strip()}{after}", kept
