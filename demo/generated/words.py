"""A language to write in: common words of English and as many invented ones as are wanted, by Zipf's law.

In any large body of text the second most common word is half as frequent as the first, the tenth a tenth, and half of all words
stand in a piece or two. A search is only measured where that holds: it has words that nearly every piece has, and words that few have.
"""

import random
from dataclasses import dataclass
from functools import cache
from typing import Final

from prose import segments

FUNCTION: Final = "the of and to in that is for on with as by at from but not it its this which has have are was be or an more than when who while since".split()  # fmt: skip
COMMON: Final = (
    "trade policy government market region growth state economic public power new security investment political law reform energy bank"
    " price labour industry water court minister climate border export food school city price island river port election debt union"
    " tax health fuel farmer worker village province capital treaty army council budget wage rice steel tariff currency inflation"
    " rail bridge forest coast fishing migration youth women rural urban housing land rent pension insurance data digital platform"
    " factory supply chain demand income poverty welfare science research university student teacher language culture religion press"
    " media party vote leader speech crisis conflict peace war dispute sanction alliance neighbour partner summit forum agreement"
    " rule norm standard regulator company firm owner investor loan credit fund reserve deficit surplus cost risk harvest drought"
    " flood storm heat carbon emission coal solar wind grid nuclear battery mineral copper shipping container airline tourism visa"
).split()
# Ranks that sentences are made of; the words beyond come singly, into few pieces each.
ORDINARY: Final = 12_000
RARE: Final = 400_000
_ONSETS: Final = "b d f g h k l m n p r s t v br dr gr kl pl st tr z".split()
_SYLLABLES: Final = [onset + vowel for onset in _ONSETS for vowel in "aeiou"]
_ENDS: Final = ("n", "l", "r", "m", "nt", "rd", "sk", "lt")
# A share of the words of a sentence that are function words, as in English.
_SMALL: Final = 0.42
POOL: Final = 20_000


def invented(number: int) -> str:
    """A word that can be pronounced; another for each number."""
    base = len(_SYLLABLES)
    # Neighbours in number are not alike: both steps have no factor in common with what they go round.
    if number < base**2:
        first, second = divmod(number * 7_919 % base**2, base)
        return _SYLLABLES[first] + _SYLLABLES[second] + _ENDS[number % len(_ENDS)]
    first, rest = divmod(number * 611_953 % base**3, base**2)
    return _SYLLABLES[first] + "".join(_SYLLABLES[n] for n in divmod(rest, base)) + _ENDS[number % len(_ENDS)]


def word(rank: int) -> str:
    """The word of a rank, the most common being 0."""
    return COMMON[rank] if rank < len(COMMON) else invented(rank)


def rank(chance: random.Random, of: int, offset: float = 1.0) -> int:
    """One of so many ranks, the lower the likelier, by Zipf's law. An `offset` makes the first less overwhelming."""
    return min(of - 1, int(offset * ((of + offset) / offset) ** chance.random() - offset))


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    # As `articles.search` indexes it.
    indexed: str
    words: int


def said(text: str) -> Sentence:
    indexed = text.lower() if text.isascii() else segments.indexed(text)  # the same, where there is nothing to fold
    return Sentence(text, indexed, len(text.split()))


@cache
def sentences(seed: int) -> tuple[Sentence, ...]:
    """What bodies are put together from: another choice in each piece, so that words are as frequent as they should be."""
    chance = random.Random(f"sentences {seed}")  # noqa: S311  the same text for the same seed
    return tuple(said(_sentence(chance)) for _ in range(POOL))


def _sentence(chance: random.Random) -> str:
    found: list[str] = []
    for place in range(max(6, round(chance.gauss(18, 5)))):
        is_small = chance.random() < _SMALL and not (found and found[-1] in FUNCTION and chance.random() < 0.7)
        found.append(FUNCTION[rank(chance, len(FUNCTION))] if is_small else word(rank(chance, ORDINARY)))
        if place % 9 == 8 and not is_small:
            found[-1] += ","
    if chance.random() < 0.05:
        at = chance.randrange(len(found))
        found[at] = f"“{found[at].rstrip(',')}”"
    text = " ".join(found).rstrip(",")
    return f"{text[0].upper()}{text[1:]}."


def with_rare_words(chance: random.Random) -> tuple[Sentence, list[str]]:
    """A sentence of this piece alone, and the words in it that few others have."""
    a, b, c = rare = [invented(ORDINARY + rank(chance, RARE)) for _ in range(3)]
    year = chance.randint(1950, 2025)
    return said(f"Observers in {a.capitalize()} point to the {b} that follows each {c} of {year}."), rare


def title(chance: random.Random) -> str:
    """A line of four to nine words."""
    a, b, c = (word(rank(chance, 900, 20)) for _ in range(3))
    rare = word(rank(chance, ORDINARY, 200))
    text = chance.choice(
        (
            f"{a} {b} and the {rare} of {c}",
            f"how {a} changes the {rare} {b}",
            f"the {rare} {a} meets {b}",
            f"after the {a}, a {b} for {rare.capitalize()}",
            f"{rare.capitalize()} and its {a} {b}",
            f"why {a} {b} needs more than {rare} {c}",
        )
    )
    return text[0].upper() + text[1:]


def heading(chance: random.Random) -> str:
    return f"{word(rank(chance, 900, 20)).capitalize()} and {word(rank(chance, ORDINARY, 200))}"
