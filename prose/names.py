"""Names of people and of topics, and the identifiers of people, texts and serials: ORCID iD, DOI, ISSN."""

import re
import unicodedata

from prose.characters import INVISIBLE, is_blank
from prose.sanitise import plain_line

_UNSEEN = re.compile(f"[{INVISIBLE}]")


def tidy_name(text: str) -> str:
    """`text` as a name is kept: one line, single spaces, NFC, and nothing that only hides in it."""
    name = plain_line(text)
    return "" if is_blank(name) else name


def name_key(text: str) -> str:
    """What the spellings of one name have in common: equal for "North  korea" and "north Korea"."""
    key = unicodedata.normalize("NFC", tidy_name(text).casefold())
    return " ".join(_UNSEEN.sub("", key).split())


# --- ORCID ----------------------------------------------------------------------------------------

_ADDRESS = re.compile(r"^(?:orcid(?!\.)(?:\s+id)?\s*:?\s*)?(?:https?://)?(?:www\.)?(?:orcid\.org/)?", re.IGNORECASE)
_DASHES = re.compile("[\\s\u2010-\u2015\u2212\ufe63\uff0d-]+")
_ID = re.compile(r"[0-9]{15}[0-9X]")


def orcid(text: str) -> str:
    """The ORCID iD in `text`, as 0000-0002-1825-0097; with or without its address and its hyphens.

    Raises ValueError with a message for whoever typed it.
    """
    bare = _ADDRESS.sub("", plain_line(text), count=1).rstrip("/")
    digits = _DASHES.sub("", bare).upper()
    if not _ID.fullmatch(digits):
        raise ValueError("An ORCID iD has sixteen digits, as in 0000-0002-1825-0097. Please copy it from orcid.org.")
    if _check_digit(digits[:15]) != digits[15]:
        raise ValueError(
            "This ORCID iD has a slip in it: its last character does not fit the others. Please copy it from orcid.org."
        )
    return "-".join(digits[place : place + 4] for place in range(0, 16, 4))


def _check_digit(digits: str) -> str:
    """ISO/IEC 7064:2003, MOD 11-2, as ORCID describes it under "Structure of the ORCID identifier"."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    result = (12 - total % 11) % 11
    return "X" if result == 10 else str(result)


# --- DOI and ISSN ---------------------------------------------------------------------------------

_DOI_ADDRESS = re.compile(r"^(?:doi\s*:\s*)?(?:https?://)?(?:(?:dx\.|www\.)?doi\.org/)?(?:doi\s*:\s*)?", re.IGNORECASE)
# The prefix as the DOI Handbook has it (2.2.2), the suffix without what no address can hold as it is.
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s<>\"{}|\\^`\x00-\x1f]+")
_ISSN = re.compile(r"[0-9]{7}[0-9X]")


def doi(text: str) -> str:
    """The bare DOI in `text`, as 10.59425/eabc.1755295200, in small letters; with or without its address.

    Small letters, since DOIs do not differ by case. Raises ValueError with a message for whoever typed it.
    """
    bare = _DOI_ADDRESS.sub("", plain_line(text), count=1).lower()
    if not _DOI.fullmatch(bare):
        raise ValueError("A DOI begins with 10. and has a slash in it, as in 10.59425/eabc.1755295200.")
    return bare


def issn(text: str) -> str:
    """The ISSN in `text`, as 1837-5081. Raises ValueError with a message for whoever typed it."""
    digits = _DASHES.sub("", re.sub(r"^e?issn\s*:?\s*", "", plain_line(text), flags=re.IGNORECASE)).upper()
    if not _ISSN.fullmatch(digits):
        raise ValueError("An ISSN has eight digits, as in 1837-5081; the last may be an X.")
    # ISO 3297, annex A: weights from 8 down to 2, modulo 11.
    rest = -sum(int(digit) * weight for digit, weight in zip(digits[:7], range(8, 1, -1), strict=True)) % 11
    if digits[7] != ("X" if rest == 10 else str(rest)):
        raise ValueError("This ISSN has a slip in it: its last digit does not fit the others.")
    return f"{digits[:4]}-{digits[4:]}"
