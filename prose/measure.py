"""How long a text is, and what is in it."""

import math
import re
from dataclasses import dataclass
from html import escape, unescape

from prose.slugs import slug

WORDS_A_MINUTE = 200
_BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|blockquote|figcaption|tr|caption|pre|table)>|<(?:br|hr)[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_HEADING = re.compile(r"<h([2-4])((?: [^>]*)?)>(.*?)</h\1>", re.DOTALL)
# Scripts that write without spaces: two characters count as one word, as publishers of Chinese and Japanese reckon.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"\w[\w'’.,-]*")


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    id: str


def text_of(html: str) -> str:
    """The plain text, a blank line between paragraphs."""
    lines = unescape(_TAG.sub("", _BLOCK_END.sub("\n\n", html))).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


def words(text_or_html: str) -> int:
    """How many words; where a script has no spaces, half its characters."""
    text = text_of(text_or_html)
    unspaced = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))) + math.ceil(unspaced / 2)


def reading_minutes(body_html: str, in_brief: str) -> int:
    """Whole minutes at 200 words each, at least one."""
    return max(1, math.ceil((words(body_html) + words(in_brief)) / WORDS_A_MINUTE))


def _headings(html: str) -> list[tuple[re.Match[str], Heading]]:
    found: list[tuple[re.Match[str], Heading]] = []
    taken: set[str] = set()
    for match in _HEADING.finditer(html):
        text = text_of(match[3])
        stem = slug(text, "section", 60)
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        found.append((match, Heading(int(match[1]), text, name)))
    return found


def contents(html: str) -> list[Heading]:
    """The headings in order, with the ids that `with_heading_ids` gives them."""
    return [heading for _, heading in _headings(html)]


def with_heading_ids(html: str) -> str:
    """The same HTML with an id on each heading."""
    parts, end = [], 0
    for match, heading in _headings(html):
        parts.append(html[end : match.start()])
        parts.append(f'<h{match[1]} id="{escape(heading.id)}"{match[2]}>{match[3]}</h{match[1]}>')
        end = match.end()
    return "".join(parts) + html[end:]
