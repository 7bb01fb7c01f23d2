"""Words of any script, for an index that knows words as what stands between spaces.

Chinese, Japanese, Thai, Lao, Khmer and Burmese put no space between words, and Korean none between a word and its
particles. There each two neighbouring letters make a word ("朝鮮半島": 朝鮮, 鮮半, 半島), in what is indexed and in what is
asked for alike: a query of any length then finds its place, without a dictionary.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from prose import slugs


def _ranges(categories: str) -> str:
    """The characters whose category begins so, as the inside of a character class."""
    places = [place for place in range(0x300, 0x1E95F) if unicodedata.category(chr(place))[0] in categories]
    parts: list[tuple[int, int]] = []
    for place in places:
        if parts and parts[-1][1] == place - 1:
            parts[-1] = (parts[-1][0], place)
        else:
            parts.append((place, place))
    return "".join(f"{chr(first)}-{chr(last)}" if last > first else chr(first) for first, last in parts)


# Vowel signs and the like. Python does not count them as letters; a word of Hindi or Thai is none without them.
MARKS = _ranges("M")
_DENSE = (
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\uac00-\ud7a3"
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3"
)
DENSE_RUN = re.compile(f"(?:[{_DENSE}][{MARKS}]*)+")
_CLUSTER = re.compile(f"[{_DENSE}][{MARKS}]*")
# Persian and the scripts of India join letters, or keep them apart, by characters that are not seen.
_LETTERS = rf"[^\W_](?:[^\W_]|[{MARKS}\u200c\u200d])*"
WORD = re.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*")
# What divides words in other scripts than ours; the database would take some of it for letters.
_DIVIDER = re.compile(rf"[^\x00-\x7f\w{MARKS}]")
_TOKEN = re.compile(r'-?"[^"]*"?|\S+')


# Forms of one letter that Arabic and Persian keyboards and habits tell apart, and readers do not.
_ARABIC = str.maketrans("آأإٱىةیک", "اااايهيك")


def fold(text: str) -> str:
    """`slugs.fold`, and the forms of Arabic letters as one."""
    return slugs.fold(text).translate(_ARABIC)


def is_dense(word: str) -> bool:
    """Whether a word is written in a script that puts no spaces where words end."""
    return DENSE_RUN.match(word) is not None


def words(text: str) -> Iterator[re.Match[str]]:
    """The words of a text, where they stand; of a dense script each run, divided from letters of others that touch it."""
    return _divided(text) if DENSE_RUN.search(text) else WORD.finditer(text)


def _divided(text: str) -> Iterator[re.Match[str]]:
    for match in WORD.finditer(text):
        if DENSE_RUN.search(match[0]):
            yield from _PART.finditer(text, match.start(), match.end())
        else:
            yield match


_PART = re.compile(f"{DENSE_RUN.pattern}|[^{_DENSE}]+")


def indexed(text: str) -> str:
    """A text for the index: folded, dense scripts as pairs, and each of their letters once at the end."""
    plain = _DIVIDER.sub(" ", fold(text))
    letters: dict[str, None] = {}

    def pairs(match: re.Match[str]) -> str:
        found = _CLUSTER.findall(match[0])
        letters.update(dict.fromkeys(found))
        return f" {_paired(found)} "

    spaced = DENSE_RUN.sub(pairs, plain)
    return f"{spaced} \n {' '.join(letters)}" if letters else spaced


def indexed_words(text: str) -> list[str]:
    """The words of a short text as they stand in that index; of a dense script the pairs alone."""
    found: list[str] = []
    for match in words(fold(text)):
        found += (
            _paired(_CLUSTER.findall(match[0])).split()
            if is_dense(match[0])
            else filter(None, re.split("['’]", match[0]))
        )
    return found


def asked(query: str) -> str:
    """A query as people type it, for that index: quotes, minus and "or" keep their meaning."""
    return " ".join(_asked(token) for token in _TOKEN.findall(fold(query)))


def _asked(token: str) -> str:
    minus = "-" if token.startswith("-") else ""
    bare = token[len(minus) :]
    if bare.startswith('"'):
        inner = DENSE_RUN.sub(lambda run: f" {_paired(_CLUSTER.findall(run[0]))} ", _DIVIDER.sub(" ", bare.strip('"')))
        return f'{minus}"{inner.strip()}"'
    plain = _DIVIDER.sub(" ", bare).strip()
    if not DENSE_RUN.search(plain):
        # What a dash divided is left out as a whole.
        return f'-"{plain}"' if minus and " " in plain else f"{minus}{plain}"
    parts = [f'"{_paired(_CLUSTER.findall(p))}"' if is_dense(p) else p for p in _PART.findall(plain)]
    return f'-"{" ".join(part.strip(chr(34)) for part in parts)}"' if minus else " ".join(parts)


def _paired(clusters: list[str]) -> str:
    if len(clusters) == 1:
        return clusters[0]
    return " ".join(first + second for first, second in pairwise(clusters))
