"""Slugs of any script, and the folding that lets a search find a word however its accents are typed."""

import re
import unicodedata

from anyascii import anyascii

from prose.characters import INVISIBLE, clean

_APOSTROPHES = re.compile("['’‘ʼ`´]")
_HAN = re.compile("([\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def slug(text: str, fallback: str = "untitled", limit: int = 100) -> str:
    """`text` as part of an address: lower-case ASCII letters and digits, with single hyphens between words.

    Never empty, at most `limit` characters, cut where a word ends if there is such a place in its second half. It may
    be of digits alone, for a piece may be called "2020": what reads a slug must never take it for a key.
    """
    # Each Han character reads as a syllable or two: "zhong-guo" can be read, and cut, where "zhongguo" can't.
    spaced = _HAN.sub(r" \1 ", _APOSTROPHES.sub("", clean(text)))
    plain = _NOT_SLUG.sub("-", anyascii(spaced).lower()).strip("-")
    if len(plain) > limit:
        cut = plain[: limit + 1].rfind("-")
        plain = plain[: cut if cut > limit // 2 else limit].strip("-")
    return plain or fallback


def fold(text: str) -> str:
    """`text` for comparing: lower case, without accents; other scripts stay as they are. Folding twice changes nothing.

    What is indexed and what is asked for go through it alike, so that "Viet Nam" finds "Việt Nam" and the reverse. Quotes
    become straight ones, for a phone types curly ones round a phrase.
    """
    return _folded(_folded(clean(text)))


# Accents go, but for the letters that a Cyrillic alphabet counts as its own (й, ў); so do the vowel marks of Arabic and
# Hebrew, which are written in schoolbooks only. Marks of other scripts are letters, and stay.
_MARKS = re.compile(
    r"(?<![\u0438\u0443])[\u0300-\u036f]+|[\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u0652\u0670]"
)
_UNSEEN = re.compile(f"[{INVISIBLE}\ufe00-\ufe0f]")
_LETTERS = str.maketrans(
    {
        "đ": "d",
        "ð": "d",
        "ø": "o",
        "ł": "l",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ŋ": "ng",
        "ё": "е",
    }
    | dict.fromkeys("‘’‛ʼ´`′", "'")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‐‑", "-")
)


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = _UNSEEN.sub("", _MARKS.sub("", text))
    return clean(unicodedata.normalize("NFC", text.translate(_LETTERS)))
