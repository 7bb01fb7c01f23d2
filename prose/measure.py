"""How long a text is, and what is in it. Any HTML will do; what comes back is safe for the same use as what went in.

What a word is. Where a script puts spaces between words (Latin, Cyrillic, Korean, Arabic, Hindi …), whatever stands
between two spaces is one: the count of Microsoft Word, and of the model page (specs: 805 in its body).

Han characters and kana: 1.6 of them make a word. In the texts of Trauzettel-Klosinski and Dietz, "Standardized
Assessment of Reading Performance" (IReST), doi:10.1167/iovs.11-8284, Chinese readers read 158 words or 255 characters a
minute. Thai, Lao, Khmer and Burmese: five letters, without the vowels and tones above and below, make a word; this
is our own estimate.

Footnotes are not counted: they are read at the end or not at all, and the house asks for about 800 words of text.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Final

from prose.characters import clean
from prose.markup import Element, Node, is_footnote, parse, serialise, text_in
from prose.sanitise import sanitise, tree
from prose.slugs import slug

WORDS_A_MINUTE: Final = 200
CHARACTERS_A_WORD: Final = 1.6
LETTERS_A_WORD: Final = 5

_TAG = re.compile(r"<[a-zA-Z/!?]")
_HAN_AND_KANA = re.compile(
    "[\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_UNSPACED_LETTERS = re.compile(
    "[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u1780-\u17b3]"
)
_UNSPACED = re.compile(f"[{_HAN_AND_KANA.pattern[1:-1]}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    id: str


def words(text_or_html: str) -> int:
    """How many words; see the head of this module for what counts as one."""
    text = _running_text(text_or_html)
    if not _UNSPACED.search(text):
        return len(text.split())
    # What is left between characters of an unspaced script counts if it is more than its punctuation.
    spaced = sum(
        1
        for chunk in text.split()
        for part in _UNSPACED.split(chunk)
        if part == chunk or any(char.isalnum() for char in part)
    )
    unspaced = (
        len(_HAN_AND_KANA.findall(text)) / CHARACTERS_A_WORD + len(_UNSPACED_LETTERS.findall(text)) / LETTERS_A_WORD
    )
    return spaced + math.ceil(unspaced)


def reading_minutes(body_html: str, in_brief: str) -> int:
    """Whole minutes at 200 words each, at least one: the model page's 805 words and 51 of In Brief take 5."""
    return max(1, math.ceil((words(body_html) + words(in_brief)) / WORDS_A_MINUTE))


# --- Text -----------------------------------------------------------------------------------------

# Marks that `_write` leaves for `text_of`; no text has them, for controls were taken out of it.
_LIST, _ITEM, _ITEM_TEXT = "\x01", "\x02", "\x03"
_FIRST_ITEM = re.compile(rf"{_LIST}\s*{_ITEM}")
_NEXT_ITEM = re.compile(rf"\s*{_ITEM}")
_AFTER_BULLET = re.compile(rf"{_ITEM_TEXT}\s*")
_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")
_AROUND_BREAKS = re.compile(r" *\n *")
_PARAGRAPH = re.compile(r"\n{2,}")
_PARAGRAPHS = frozenset(
    "p div h1 h2 h3 h4 h5 h6 blockquote figure figcaption caption table section article dl dt dd".split()
)


def text_of(html: str) -> str:
    """The plain text of `html`, for search and letters: an empty line between paragraphs, lists with their marks.

    Footnotes stand at its end, by their numbers.
    """
    parts: list[str] = []
    notes: list[Element] = []
    _write(tree(html), parts, has_bullets=True, depth=0, notes=notes)
    for number, note in enumerate(notes, 1):
        parts.append(f"\n\n[{number}] ")
        _write(note, parts, has_bullets=True, depth=0, notes=[])
    text = _FIRST_ITEM.sub("", "".join(parts))
    text = _AFTER_BULLET.sub("", _NEXT_ITEM.sub("\n", text)).replace(_LIST, "")
    return _PARAGRAPH.sub("\n\n", _AROUND_BREAKS.sub("\n", text)).strip()


def _running_text(text_or_html: str) -> str:
    if not _TAG.search(text_or_html):
        return clean(unescape(text_or_html))
    parts: list[str] = []
    _write(tree(text_or_html), parts, has_bullets=False, depth=0)
    return "".join(parts)


def _write(
    nodes: Iterable[Node],
    parts: list[str],
    *,
    has_bullets: bool,
    depth: int,
    number: int | None = None,
    notes: list[Element] | None = None,
) -> None:
    """`depth` is that of lists; `number` the next item's, in a list that counts.

    Footnotes are put into `notes`, and their numbers into the text; without it they are left out.
    """
    for node in nodes:
        if isinstance(node, str):
            parts.append(_SPACES.sub(" ", clean(node)))
        elif is_footnote(node):
            if notes is not None:
                notes.append(node)
                parts.append(f" [{len(notes)}]")
        elif node.tag == "br":
            parts.append("\n")
        elif node.tag == "hr":
            parts.append("\n\n")
        elif node.tag == "pre":
            parts += ["\n\n", clean(text_in(node)), "\n\n"]
        elif not has_bullets:
            gap = "" if node.tag in _INLINE else " "
            parts.append(gap)
            _write(node, parts, has_bullets=False, depth=depth, notes=notes)
            parts.append(gap)
        elif node.tag in {"ul", "ol"}:
            parts += ["\n" if depth else "\n\n", _LIST]
            first = int(node.attributes.get("start", "1")) if node.tag == "ol" else None
            _write(node, parts, has_bullets=True, depth=depth + 1, number=first, notes=notes)
            parts.append("\n" if depth else "\n\n")
        elif node.tag == "li":
            bullet = "-" if number is None else f"{number}."
            parts += [_ITEM, f"{bullet} ", _ITEM_TEXT]
            _write(node, parts, has_bullets=True, depth=depth, notes=notes)
            number = None if number is None else number + 1
        elif node.tag == "tr":
            cells = [child for child in node if isinstance(child, Element)]
            parts.append("\n")
            for place, cell in enumerate(cells):
                parts.append(" | " if place else "")
                parts.append(" ".join(_running_cell(cell, notes).split()))
        else:
            gap = "\n\n" if node.tag in _PARAGRAPHS else ""
            parts.append(gap)
            _write(node, parts, has_bullets=True, depth=depth, notes=notes)
            parts.append(gap)


def _running_cell(cell: Element, notes: list[Element] | None = None) -> str:
    parts: list[str] = []
    _write(cell, parts, has_bullets=False, depth=0, notes=notes)
    return "".join(parts)


_INLINE = frozenset("a strong b em i sup sub code br img span".split())


# --- Headings -------------------------------------------------------------------------------------


def contents(html: str) -> list[Heading]:
    """The headings in order, with the ids that `with_heading_ids` gives them."""
    return [heading for _, heading in _headings(parse(sanitise(html)))]


def with_heading_ids(html: str) -> str:
    """`html`, sanitised, with an id on each heading, so that a part of a piece can be linked to.

    An id is made of the heading's words alone: it stays while they do, wherever the heading moves.
    """
    nodes = parse(sanitise(html))
    for element, heading in _headings(nodes):
        element.attributes = {"id": heading.id, **element.attributes}
    return serialise(nodes)


def _headings(nodes: list[Node]) -> list[tuple[Element, Heading]]:
    found: list[tuple[Element, Heading]] = []
    taken: set[str] = set()
    last: dict[str, int] = {}
    for element in _elements(nodes):
        if element.tag in {"h2", "h3", "h4"}:
            text = " ".join(_running_cell(element).split())
            # The letter keeps a heading "Main" or "Search" apart from the page's own ids.
            stem = f"h-{slug(text, 'section', 60)}"
            name, number = stem, last.get(stem, 1)
            while name in taken:
                number += 1
                name = f"{stem}-{number}"
            taken.add(name)
            last[stem] = number
            found.append((element, Heading(int(element.tag[1]), text, name)))
    return found


def _elements(nodes: Iterable[Node]) -> Iterable[Element]:
    for node in nodes:
        if isinstance(node, Element):
            yield node
            yield from _elements(node)
