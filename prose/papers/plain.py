"""Plain text and Markdown: nothing hides in them but what stands before the text."""

import re

from prose.characters import INVISIBLE, clean
from prose.papers.given import MAX_TEXT, Notes, Refused

_FRONT = re.compile(r"\A(?:---|\+\+\+)\n(?P<inner>.{0,8000}?)\n(?:---|\+\+\+|\.\.\.)(?:\n|\Z)", re.DOTALL)
_UNSEEN = re.compile(f"[{INVISIBLE}]")


def strip(data: bytes, notes: Notes, *, is_markdown: bool) -> str:
    text = clean(_decoded(data))
    if len(text) >= MAX_TEXT:
        raise Refused(
            f"The text has {len(text):,} characters; at most {MAX_TEXT:,} are taken. Leave out what is not needed."
        )
    if is_markdown:
        if front := _FRONT.match(text):
            for line in front["inner"].splitlines():
                notes.add("Head of the file", line)
            text = text[front.end() :].lstrip("\n")
        text = _without_comments(text, notes)
    # Letters that are not seen can carry a mark; joiners that a script needs are lost with them.
    return _UNSEEN.sub("", text).strip() + "\n"


def _without_comments(text: str, notes: Notes) -> str:
    parts, at = [], 0
    # By hand: a pattern would look for the end of each of many that have none.
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        notes.add("Comment that does not show", text[start + 4 : end])
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:]])


def _decoded(data: bytes) -> str:
    for sign, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(sign):
            return data.decode(encoding, "replace")
    if b"\x00" in data:
        raise Refused("This is not a text. Choose a PDF, a Word document (.docx) or a plain text.")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
