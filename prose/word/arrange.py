"""In the markup of our house: title, In Brief and text told apart, pictures as figures, headings from the second on."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from prose import characters
from prose.markup import Element, Node, serialise, text_in
from prose.sanitise import plain_line, plain_text
from prose.word.found import Found
from prose.word.limits import PLACEHOLDER

# An In Brief is about 50 words; an abstract of a page stays in the text.
LONGEST_BRIEF: Final = 2000
_BRIEF = re.compile(r"(?:in brief|abstract|summary|executive summary)", re.IGNORECASE)
_BRIEF_LINE = re.compile(rf"\s*{_BRIEF.pattern}\s*[:.—–-]?\s*", re.IGNORECASE)
_BRIEF_START = re.compile(rf"\s*{_BRIEF.pattern}\s*[:.—–]\s*(?=\S)", re.IGNORECASE)
# What heads a part of a text, and never the whole.
_PARTS = re.compile(
    r"(?:introduction|background|references|bibliography|notes|conclusions?|contents)\W*", re.IGNORECASE
)
# Blocks from the top in which an In Brief is looked for: below title, names and affiliations.
_HEAD = 8


class Arranged:
    """Title, In Brief and text, told apart."""

    def __init__(self, blocks: list[ET.Element], found: Found) -> None:
        self.found = found
        self.blocks: list[Element] = []
        for block in blocks:
            self._add(_node(block))
        self.title = self._take_title()
        self.in_brief = self._take_brief()
        self._set_levels()
        html = "\n".join(serialise([block]) for block in self.blocks)
        self.html = html

    def _add(self, block: Element) -> None:
        """One block, with its pictures as figures of their own below it, and a caption in the figure it belongs to."""
        pictures = _taken(block)
        is_caption = block.tag == "p" and block.attributes.get("class") == "caption"
        if not characters.is_blank(text_in([block])):
            before = self.blocks[-1] if self.blocks else None
            if is_caption and before is not None and before.tag == "figure" and len(before.children) == 1:
                before.children.append(Element("figcaption", {}, block.children))
            else:
                self.blocks.append(block)
        for picture in pictures:
            number = int(picture.attributes["src"].removeprefix(PLACEHOLDER))
            alt = self.found.pictures[number][1]
            figure = Element("figure", {}, [Element("img", {"src": picture.attributes["src"], "alt": alt})])
            before = self.blocks[-1] if self.blocks else None
            if (
                before is not None
                and before.tag == "p"
                and before.attributes.get("class") == "caption"
                and not is_caption
            ):
                figure.children.append(Element("figcaption", {}, before.children))
                self.blocks.pop()
            self.blocks.append(figure)

    def _take_title(self) -> str:
        place = next((n for n, block in enumerate(self.blocks) if _is_title(block)), None)
        if place is None or any(_level(block) for block in self.blocks[:place]) or place >= _HEAD:
            place = self._heading_for_title()
        if place is None:
            return ""
        block = self.blocks.pop(place)
        parts = [block]
        # A title of two lines is two paragraphs of its style.
        while place < len(self.blocks) and _is_title(block) and _is_title(self.blocks[place]):
            parts.append(self.blocks.pop(place))
        notes = [note for part in parts for note in _notes_out_of(part)]
        if notes:
            self.blocks += [Element("p", {}, note.children) for note in notes]
            self.found.notes.append("A footnote of the title now stands as a paragraph at the end.")
        return plain_line(" ".join(_spoken(part) for part in parts))

    def _heading_for_title(self) -> int | None:
        """The heading with which the document begins, where it is above all others."""
        if not self.blocks or not (level := _level(self.blocks[0])):
            return None
        words = plain_line(text_in([self.blocks[0]]))
        others = [other for block in self.blocks[1:] if (other := _level(block))]
        is_above = all(level < other for other in others)
        return 0 if is_above and not _PARTS.fullmatch(words) and not _BRIEF_LINE.fullmatch(words) else None

    def _take_brief(self) -> str:
        for place, block in enumerate(self.blocks[:_HEAD]):
            words = text_in([block])
            if not (block.tag == "p" or _level(block)):
                continue
            if _BRIEF_LINE.fullmatch(words):
                end = place + 1
                most = place + (4 if _level(block) else 2)
                while (
                    end < len(self.blocks)
                    and end < most
                    and self.blocks[end].tag == "p"
                    and not _is_title(self.blocks[end])
                ):
                    end += 1
                if _level(block) and end < len(self.blocks) and self.blocks[end].tag == "p":
                    end = place + 2  # a chapter, whose first paragraph it is
                brief = self._brief_of(self.blocks[place + 1 : end])
                if brief:
                    del self.blocks[place:end]
                return brief
            if block.tag == "p" and (match := _BRIEF_START.match(words)):
                brief = self._brief_of([block])[match.end() :].strip()
                if brief:
                    del self.blocks[place]
                return brief
        return ""

    def _brief_of(self, blocks: list[Element]) -> str:
        """The words for an In Brief; none where something would be lost by taking them."""
        if any(_has(block, "span") for block in blocks):
            return ""
        text = plain_text("\n\n".join(_spoken(block) for block in blocks))
        return text if len(text) <= LONGEST_BRIEF else ""

    def _set_levels(self) -> None:
        """The highest heading in the text becomes an h2, since the title is the h1; no level is left out."""
        used = sorted({level for block in self.blocks if (level := _level(block))})
        for block in self.blocks:
            if level := _level(block):
                block.tag = f"h{min(2 + used.index(level), 4)}"
                block.attributes = {}
            elif _is_title(block):
                block.tag, block.attributes = "h2", {}
            elif block.tag == "p":
                block.attributes = {}


def _node(element: ET.Element) -> Element:
    children: list[Node] = [element.text] if element.text else []
    for child in element:
        if child.tag != "span" or child.get("class"):  # the place of an empty note
            children.append(_node(child))
        if child.tail:
            children.append(child.tail)
    kept = {
        name: value for name, value in element.attrib.items() if name in ("class", "href", "src", "colspan", "rowspan")
    }
    return Element(element.tag, kept, children)


def _taken(block: Element) -> list[Element]:
    """The pictures within a block, taken out of it."""
    found: list[Element] = []
    kept: list[Node] = []
    for child in block.children:
        if isinstance(child, Element) and child.tag == "img":
            found.append(child)
            continue
        if isinstance(child, Element):
            found += _taken(child)
        kept.append(child)
    block.children = kept
    return found


def _has(block: Element, tag: str) -> bool:
    return any(isinstance(child, Element) and (child.tag == tag or _has(child, tag)) for child in block)


def _notes_out_of(block: Element) -> list[Element]:
    found: list[Element] = []
    kept: list[Node] = []
    for child in block.children:
        if isinstance(child, Element) and child.tag == "span":
            found.append(child)
            continue
        if isinstance(child, Element):
            found += _notes_out_of(child)
        kept.append(child)
    block.children = kept
    return found


def _spoken(block: Element) -> str:
    """The words of a block, with its line breaks."""
    return "".join(
        child if isinstance(child, str) else "\n" if child.tag == "br" else _spoken(child) for child in block
    )


def _is_title(block: Element) -> bool:
    return block.tag == "p" and block.attributes.get("class") == "title"


def _level(block: Element) -> int:
    """Of a heading, from 1; else 0."""
    match = re.fullmatch(r"level([1-9])", block.attributes.get("class", ""))
    return int(match[1]) if match and re.fullmatch("h[1-6]", block.tag) else 0
