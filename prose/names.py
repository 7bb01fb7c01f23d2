"""Names of people and topics, and ORCID."""

import re

from prose.characters import clean

_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])/?", re.IGNORECASE)


def tidy_name(text: str) -> str:
    """The name with single spaces, NFC, without what is invisible."""
    return " ".join(clean(text).split())


def name_key(text: str) -> str:
    """What two spellings of one name have in common: “North  korea” and “north Korea”."""
    return tidy_name(text).casefold()


def orcid(text: str) -> str:
    """The ORCID as 0000-0002-1825-0097, from that form or its address.

    Raises ValueError with a plain message. The checksum is ISO 7064 MOD 11-2.
    """
    match = _ORCID.fullmatch(text.strip())
    if match is None:
        raise ValueError("An ORCID has sixteen digits, such as 0000-0002-1825-0097.")
    found = "-".join(match.groups()).upper()
    digits = found.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    wanted = (12 - total % 11) % 11
    if digits[-1] != ("X" if wanted == 10 else str(wanted)):  # noqa: PLR2004
        raise ValueError("This ORCID has a slip in it: its last character does not fit the others.")
    return found
