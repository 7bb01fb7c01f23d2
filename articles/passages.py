"""How many passages of a text changed, counted in what `prose.diff` wrote of it.

What was removed and what stands in its place are one passage, and so are new paragraphs one below the other: between two
passages there are words that stayed.
"""

import re
from typing import Final

_PART: Final = re.compile(r"(<[^<>]*>)")
# What has no words of its own, such as [now bold], is told in a note: a change like any other.
_NOTE: Final = re.compile(r'<span class="diff-note">([^<>]*)</span>')


def count(html: str) -> int:
    found, depth, is_within = 0, 0, False
    for part in _PART.split(_NOTE.sub(r"<ins>\1</ins>", html)):
        if part in ("<ins>", "<del>"):
            depth += 1
        elif part in ("</ins>", "</del>"):
            depth -= 1
        elif _is_content(part):
            found += depth > 0 and not is_within
            is_within = depth > 0
    return found


def _is_content(part: str) -> bool:
    """Words or a picture."""
    return part.startswith("<img") if part.startswith("<") else bool(part.strip())
