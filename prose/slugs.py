"""Slugs of any script, and the folding that lets a search find a word however its accents are typed."""

import re
import unicodedata

from anyascii import anyascii

from prose.characters import clean

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile("['’‘ʼ`´]")


def slug(text: str, fallback: str = "untitled", limit: int = 100) -> str:
    """Lower-case ASCII letters, digits and single hyphens, never empty, cut at a word's end where it is too long."""
    plain = _NOT_SLUG.sub("-", anyascii(_APOSTROPHES.sub("", clean(text)))
                          .lower()).strip("-")
    if len(plain) > limit:
        cut = plain[: limit + 1]
        plain = (cut.rpartition("-")[0] or plain[:limit])[:limit].strip("-")
    return plain or fallback


def fold(text: str) -> str:
    """Lower case without accents, other scripts left as they are: for indexed text and for queries alike."""
    decomposed = unicodedata.normalize("NFKD", clean(text).casefold())
    bare = "".join(c for c in decomposed if not (unicodedata.combining(c) and ord(c) < 0x0900))
    return unicodedata.normalize("NFC", bare.translate(_SPECIAL))


_SPECIAL = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
