"""Names that may be two spellings of one: of people, of topics, of regions.

`alike` compares names by keys that only likely pairs share, so that thousands are compared in a moment. It says why it
takes two for one; whether they are is for a person to say.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import combinations
from typing import Generic, TypeVar

from prose.slugs import fold

Key = TypeVar("Key", bound=Hashable)


class Why(IntEnum):
    """Why two names are taken for one; the lower, the surer."""

    SAME = 1
    ORDER = 2
    SPELLING = 3
    INITIALS = 4
    ONE_LETTER = 5
    TWO_LETTERS = 6

    @property
    def said(self) -> str:
        return _SAID[self]


_SAID = {
    Why.SAME: "the same but for accents, capitals, spaces or hyphens",
    Why.ORDER: "the same words in another order",
    Why.SPELLING: "singular and plural, or two spellings of a word",
    Why.INITIALS: "one has initials where the other has names",
    Why.ONE_LETTER: "one letter apart",
    Why.TWO_LETTERS: "two letters apart",
}


@dataclass(frozen=True, slots=True)
class Pair(Generic[Key]):
    """Two rows that may be one; in the order in which they were given."""

    first: Key
    second: Key
    why: Why


# A key that more rows than these share says little, and would cost their square: each is paired with the first alone.
CROWD = 12
# Shorter names differ by a letter for good reasons: Iran and Iraq, Mali and Bali. North and South are two letters apart.
SHORTEST_INSERTED, SHORTEST_CHANGED, SHORTEST_TWO = 6, 7, 11
# Of the word that differs; and of a name whose words may end elsewhere.
SHORTEST_WORD, SHORTEST_WORD_TWO, LONGEST_WORD_TWO, SHORTEST_JOINED = 4, 8, 16, 10
# Two words held against each other letter by letter, at most: a list of more likenesses is read by nobody.
MOST_COMPARED = 20_000
LONGEST = 200

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"'s\b")


class _Name:
    """A name taken apart once."""

    __slots__ = ("compact", "has_digits", "words")

    def __init__(self, text: str) -> None:
        folded = _POSSESSIVE.sub("s", fold(text[:LONGEST])).replace("&", " and ")
        self.words: tuple[str, ...] = tuple(_WORD.findall(folded.replace("'", "")))
        self.compact = "".join(self.words)
        self.has_digits = _has_digit(self.compact)


def alike(rows: Mapping[Key, str | Sequence[str]], *, of_people: bool = False) -> list[Pair[Key]]:
    """Pairs of rows that may be one, the surest first; each pair once, with the surest reason.

    A row has a name or several, of which the first is its own: a person found under a former name is found. `of_people`
    takes "J. Smith" for John Smith. Two rows that both keep a number apart, such as 2019 and 2020, are never taken for one.
    """
    order = {key: place for place, key in enumerate(rows)}
    found: dict[tuple[Key, Key], Why] = {}
    names: list[tuple[Key, _Name]] = []
    for key, given in rows.items():
        for text in dict.fromkeys([given] if isinstance(given, str) else given):
            name = _Name(text)
            if name.compact:
                names.append((key, name))

    def note(one: Key, other: Key, why: Why) -> None:
        if one == other:
            return
        pair = (one, other) if order[one] < order[other] else (other, one)
        found[pair] = min(why, found.get(pair, why))

    _note_same(names, note, of_people)
    if of_people:
        _note_initials(names, note)
    _note_typed(names, note)
    pairs = [Pair(first, second, why) for (first, second), why in found.items()]
    return sorted(pairs, key=lambda pair: (pair.why, order[pair.first], order[pair.second]))


# --- keys that two spellings share ----------------------------------------------------------------


def _note_same(names: list[tuple[Key, _Name]], note: Callable[[Key, Key, Why], None], of_people: bool) -> None:
    blocks: dict[tuple[Why, object], dict[Key, None]] = defaultdict(dict)
    for key, name in names:
        blocks[Why.SAME, name.compact][key] = None
        if len(name.words) > 1:
            blocks[Why.ORDER, tuple(sorted(name.words))][key] = None
            if of_people:
                # Kim Jong-un and Jongun Kim: what stands at one end may be one word or two.
                for place in range(1, len(name.words)):
                    ends = ("".join(name.words[:place]), "".join(name.words[place:]))
                    blocks[Why.ORDER, tuple(sorted(ends))][key] = None
        if not of_people:
            blocks[Why.SPELLING, tuple(_plain_word(word) for word in name.words)][key] = None
    for (why, _), keys in blocks.items():
        _note_block(list(keys), why, note)


def _note_block(keys: list[Key], why: Why, note: Callable[[Key, Key, Why], None]) -> None:
    if len(keys) <= CROWD:
        for one, other in combinations(keys, 2):
            note(one, other, why)
    else:
        for other in keys[1:]:
            note(keys[0], other, why)


@lru_cache(maxsize=20_000)
def _plain_word(word: str) -> str:
    """A word in the singular, in one of the spellings of English."""
    if not word.isascii() or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("ches", "shes", "sses", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    word = re.sub(r"(?<=[a-z]{2})our(?=$|ed$|ing$|ite$|able$|er$|ism$|ist$)", "or", word)
    word = re.sub(r"is(?=(?:e|ed|er|ing|ation|ational)$)", "iz", word)
    word = re.sub(r"(?<=[a-z]{2}[tb])re$", "er", word)
    word = re.sub(r"ence$", "ense", word)
    word = re.sub(r"ll(?=(?:ed|ing|er)$)", "l", word)
    return re.sub(r"mme$", "m", word)


# --- initials ---------------------------------------------------------------------------------------


def _note_initials(names: list[tuple[Key, _Name]], note: Callable[[Key, Key, Why], None]) -> None:
    """J. Smith, John Smith and John A. Smith: one name in common, the others the same as far as both tell them."""
    short: dict[tuple[str, str], dict[tuple[str, ...], dict[Key, None]]] = defaultdict(lambda: defaultdict(dict))
    full: dict[tuple[str, str], dict[tuple[str, ...], dict[Key, None]]] = defaultdict(lambda: defaultdict(dict))
    for key, name in names:
        words = _initials_apart(name.words)
        if not 2 <= len(words) <= 5:
            continue
        # The family name stands last, or first.
        for family, given in {(words[-1], words[:-1]), (words[0], words[1:])}:
            if len(family) < 2:
                continue
            has_initial = any(len(word) == 1 for word in given)
            (short if has_initial else full)[family, given[0][0]][given][key] = None
    for block, abridged in short.items():
        whole = {**full.get(block, {}), **abridged}
        if len(abridged) * len(whole) > CROWD * CROWD * 4:
            continue
        for given, keys in abridged.items():
            for other, others in whole.items():
                if given != other and _fits(given, other):
                    _note_block(list({**keys, **others}), Why.INITIALS, note)


def _initials_apart(words: tuple[str, ...]) -> tuple[str, ...]:
    """JM and J M are the same initials; only where two letters can be no name."""
    return tuple(
        part for word in words for part in (word if len(word) == 2 and not set(word) & set("aeiouy") else (word,))
    )


def _fits(short: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether given names may be the same: each an initial of the other or equal, and middle initials may be left out."""
    for one, two in zip(short, other, strict=False):
        if one != two and not (min(len(one), len(two)) == 1 and one[0] == two[0]):
            return False
    longer = max(short, other, key=len)[min(len(short), len(other)) :]
    return all(len(word) == 1 for word in longer)


# Rows by the word in which they may differ, each with the length of its name; and for each word those that are near.
_Block = dict[str, list[tuple[Key, int]]]
_Near = dict[str, list[tuple[str, int]]]

# --- slips of the keyboard ----------------------------------------------------------------------------


def _note_typed(names: list[tuple[Key, _Name]], note: Callable[[Key, Key, Why], None]) -> None:
    """Names that differ in one word, by a letter or two; or by one letter in all, wherever their words end."""
    blocks: dict[tuple[str, ...], _Block[Key]] = defaultdict(lambda: defaultdict(list))
    joined: _Block[Key] = defaultdict(list)
    for key, name in names:
        size = len(name.compact)
        if size < SHORTEST_INSERTED:
            continue
        for place, word in enumerate(name.words):
            if len(word) >= SHORTEST_WORD and not _has_digit(word):
                blocks[(*name.words[:place], "", *name.words[place + 1 :])][word].append((key, size))
        if len(name.words) > 1 and size >= SHORTEST_JOINED and not name.has_digits:
            joined[name.compact].append((key, size))
    # One word against two that were written as one.
    for word, rows in blocks.get(("",), {}).items():
        if len(word) >= SHORTEST_JOINED:
            joined[word].extend(rows)
    near = _near_words({word for block in blocks.values() if len(block) > 1 for word in block}, 2)
    for block in blocks.values():
        _note_near(block, near, note)
    _note_near(joined, _near_words(set(joined), 1), note)


def _note_near(block: "_Block[Key]", near: "_Near", note: Callable[[Key, Key, Why], None]) -> None:
    """Take down the rows of the block whose words are near each other."""
    for word, rows in block.items():
        for other, distance in near.get(word, ()):
            # Each two words once.
            if other <= word or other not in block:
                continue
            for key, size in rows[:CROWD]:
                for other_key, other_size in block[other][:CROWD]:
                    if why := _slip(distance, size, other_size):
                        note(key, other_key, why)


def _slip(distance: int, one: int, other: int) -> Why | None:
    """Whether so many letters are few for names of these lengths."""
    if distance == 1:
        return Why.ONE_LETTER if min(one, other) >= (SHORTEST_INSERTED if one != other else SHORTEST_CHANGED) else None
    return Why.TWO_LETTERS if min(one, other) >= SHORTEST_TWO else None


def _near_words(words: set[str], most: int) -> "_Near":
    """For each word those within a letter, or within `most` where both are long.

    Two words so near become the same when as many letters are left out of each.
    """
    without: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        shorter = {word[:place] + word[place + 1 :] for place in range(len(word))}
        if most == 2 and SHORTEST_WORD_TWO <= len(word) <= LONGEST_WORD_TWO:
            shorter |= {one[:place] + one[place + 1 :] for one in shorter for place in range(len(one))}
        for short in (word, *shorter):
            without[short].append(word)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    compared = 0
    # What the fewest share first: it tells most.
    for sharing in sorted(without.values(), key=len):
        if compared > MOST_COMPARED:
            break
        # What so many share tells nothing of any two.
        if not 1 < len(sharing) <= CROWD * 2:
            continue
        for one, other in combinations(sharing, 2):
            if one == other or other in found[one]:
                continue
            compared += 1
            distance = edit_distance(one, other, most)
            found[one][other] = found[other][one] = distance
    return {
        word: [
            (other, distance)
            for other, distance in others.items()
            if distance == 1 or (distance == most == 2 and min(len(word), len(other)) >= SHORTEST_WORD_TWO)
        ]
        for word, others in found.items()
    }


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def edit_distance(one: str, other: str, most: int) -> int:
    """How many letters must be put in, taken out, changed or swapped with the next; `most` + 1 where it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    start, limit = 0, min(len(one), len(other))
    while start < limit and one[start] == other[start]:
        start += 1
    end = 0
    while end < limit - start and one[-1 - end] == other[-1 - end]:
        end += 1
    one, other = one[start : len(one) - end], other[start : len(other) - end]
    if not one or not other:
        return min(len(one) + len(other), most + 1)
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, second in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != second))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == second:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
