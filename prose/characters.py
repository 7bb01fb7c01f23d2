"""Characters that never belong in a text, whoever typed or pasted it."""

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
# C0 and C1 controls but tab and line feed, noncharacters (XML and so every feed refuses them), the byte order mark,
# and the characters that turn the direction of what follows: "\u202etxt.exe" reads as "exe.txt".
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb\u202a-\u202e\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
# What most texts are written in, and what none of the rules here touches. One look then does for five.
_SUSPECT = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u02ff\u0400-\u0482\u1ea0-\u1ef9\u200b-\u2027\u202f-\u203a\u20a0-\u20bf"
    "\u3001-\u3029\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uffee]"
)
# Tag characters are invisible letters: they are kept only where they are seen, in the flags of England or Scotland.
_TAG_CHARACTERS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f)|[\U000e0000-\U000e007f]")

# Marks on marks without end: putting them in order takes the square of their number, 150 s for one body of them.
# UAX #15 (stream-safe text) finds 30 on one letter more than any writing needs. Those above U+1E94A are none.
_MARK = "".join(char for char in map(chr, range(0x300, 0x1E94B)) if unicodedata.combining(char))
_TOO_MANY_MARKS = re.compile(f"([{_MARK}]{{30}})[{_MARK}]+")

INVISIBLE = "\xad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\u2066-\u206f"
_BLANK = re.compile(rf"[\s\x00-\x1f{INVISIBLE}\ufeff]*")


def clean(text: str) -> str:
    """`text` in NFC without controls, noncharacters and direction overrides; every line end is one line feed."""
    if not _SUSPECT.search(text):
        return text
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", well_formed(text)))
    return text if text.isascii() else unicodedata.normalize("NFC", stream_safe(_TAG_CHARACTERS.sub(r"\1", text)))


def stream_safe(text: str) -> str:
    """`text` that can be normalised in good time."""
    return _TOO_MANY_MARKS.sub(r"\1", text)


def well_formed(text: str) -> str:
    """`text` that can be encoded: a pair of surrogates becomes its character, a lone one U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# What XML has no way to write, not even as a reference: one of these would cost the reader the whole feed or chapter.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def for_xml(text: str) -> str:
    """`text` without the characters that XML does not know."""
    return _NOT_IN_XML.sub("", text)


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing of `text`."""
    return _BLANK.fullmatch(text) is not None
