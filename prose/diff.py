"""What changed between two texts, as safe HTML with `ins` and `del`."""

import re
from difflib import SequenceMatcher
from html import escape

import nh3
from lxml.html.diff import htmldiff

_WORDS = re.compile(r"\s+|[^\s]+")


def is_same(before_html: str, after_html: str) -> bool:
    return before_html == after_html


def diff_text(before: str, after: str) -> str:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    parts = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = escape("".join(old[i1:i2])), escape("".join(new[j1:j2]))
        if kind == "equal":
            parts.append(gone)
            continue
        parts.append(f"<del>{gone}</del>" if gone else "")
        parts.append(f"<ins>{come}</ins>" if come else "")
    return "".join(parts)


def diff_html(before: str, after: str) -> str:
    tags = {"p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "a", "em", "strong", "sup", "sub", "table", "thead", "tbody", "tr", "td", "th", "caption", "figure", "figcaption", "img", "ins", "del", "br", "hr", "code", "pre"}
    return nh3.clean(htmldiff(before, after), tags=tags)
