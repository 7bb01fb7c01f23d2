"""Names of people and of topics, and ORCID iDs."""

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
