"""What a person's name may be: any script, but nothing that turns a letter which prints it into an advertisement."""

import re
import unicodedata

from django.core.exceptions import ValidationError

MAX_LENGTH = 200

# Besides "://" and "www.", only well-known endings count as a web address: "J.R.R." and "St.John" are names.
_ADDRESS = re.compile(
    r"://|\bwww\.|[\w-]{2,}\.(?:com|net|org|info|biz|xyz|top|site|online|shop|store|link|click|live|io|ru|cn)\b",
    re.IGNORECASE,
)


def tidy(text: str) -> str:
    """The name on one line, composed (NFC), without control characters and marks that reverse the line's direction."""
    text = unicodedata.normalize("NFC", text)
    # The joiners (U+200C, U+200D) stay: Persian and several Indian scripts spell names with them.
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())


def validate_name(name: str) -> None:
    """Refuse an e-mail address, a web address, and what has no letter at all."""
    if "@" in name:
        raise ValidationError("This looks like an e-mail address. Give your name as colleagues know it.", code="email")
    if _ADDRESS.search(name):
        raise ValidationError("A name can’t hold a web address. Give your name alone.", code="url")
    if name and not any(char.isalpha() for char in name):
        raise ValidationError("A name needs at least one letter.", code="letters")
    if len(name) > MAX_LENGTH:
        raise ValidationError(
            f"This name has {len(name)} characters; at most {MAX_LENGTH} fit. Give a shorter form.", code="length"
        )
