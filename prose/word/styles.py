"""What the styles of a document mean, and which of its lists are numbered."""

import re
from dataclasses import dataclass, field

from prose.word import ooxml
from prose.word.package import Package


@dataclass(slots=True)
class _Style:
    name: str = ""
    based_on: str = ""
    outline: int | None = None
    number: tuple[str, str] | None = None
    marks: dict[str, bool | None] = field(default_factory=dict)
    align: str = ""


_QUOTES = frozenset(
    {"quote", "intense quote", "quotations", "block text", "block quotation", "block quote", "blockquote"}
)
_HEADING = re.compile(r"heading ?([1-9])")


class Styles:
    def __init__(self, package: Package, name: str) -> None:
        self.known: dict[str, _Style] = {}
        self._kinds: dict[str, str] = {}
        for element in package.elements_of(name, level=1) if package.has(name) else ():
            if ooxml.name(element.tag) != "w:style" or len(self.known) > 5000:
                continue
            paragraph, run = ooxml.child(element, "w:pPr"), ooxml.child(element, "w:rPr")
            outline = ooxml.value(ooxml.child(paragraph, "w:outlineLvl"))
            number = ooxml.child(paragraph, "w:numPr")
            self.known.setdefault(
                ooxml.value(element, "w:styleId"),
                _Style(
                    name=ooxml.value(ooxml.child(element, "w:name")).strip().lower(),
                    based_on=ooxml.value(ooxml.child(element, "w:basedOn")),
                    outline=int(outline) if re.fullmatch("[0-8]", outline) else None,
                    number=ooxml.number_of(number) if number is not None else None,
                    marks={mark: ooxml.toggle(run, mark) for mark in ("w:b", "w:i", "w:vanish")},
                    align=ooxml.value(ooxml.child(run, "w:vertAlign")),
                ),
            )

    def chain(self, key: str) -> list[_Style]:
        """A style, then what it is based on."""
        found: list[_Style] = []
        while key in self.known and len(found) < 12:
            found.append(self.known[key])
            key = found[-1].based_on
        return found

    def kind(self, key: str) -> str:
        """What a paragraph of this style is: `title`, `h1`…, `quote`, `caption`, `contents`, or nothing special."""
        if key not in self._kinds:
            self._kinds[key] = self._kind(key)
        return self._kinds[key]

    def _kind(self, key: str) -> str:
        chain = self.chain(key)
        for name in [style.name for style in chain] or [key.lower()]:
            if name == "title":
                return "title"
            if match := _HEADING.fullmatch(name):
                return f"h{match[1]}"
            if name in ("heading", "heading ") and chain[0].name == "heading":  # Apple Pages
                return "h1"
            if name in _QUOTES:
                return "quote"
            if name == "caption":
                return "caption"
            if re.fullmatch(r"toc ?[1-9]|contents ?[1-9]|table of figures", name):
                return "contents"
        outline = next((style.outline for style in chain if style.outline is not None), None)
        return f"h{outline + 1}" if outline is not None else ""

    def mark(self, key: str, mark: str) -> bool | None:
        return next((style.marks[mark] for style in self.chain(key) if style.marks.get(mark) is not None), None)

    def align(self, key: str) -> str:
        return next((style.align for style in self.chain(key) if style.align), "")

    def number(self, key: str) -> tuple[str, str] | None:
        return next((style.number for style in self.chain(key) if style.number), None)


class Numbering:
    """Which lists are numbered, and which have bullets."""

    def __init__(self, package: Package, name: str, styles: Styles) -> None:
        self.levels: dict[str, dict[str, str]] = {}
        self.links: dict[str, str] = {}
        self.of: dict[str, str] = {}
        self.styles = styles
        for element in package.elements_of(name, level=1) if package.has(name) else ():
            if len(self.levels) + len(self.of) > 20_000:
                break
            if ooxml.name(element.tag) == "w:abstractNum":
                key = ooxml.value(element, "w:abstractNumId")
                self.levels[key] = {
                    ooxml.value(level, "w:ilvl") or "0": ooxml.value(ooxml.child(level, "w:numFmt"))
                    for level in ooxml.children(element, "w:lvl")
                }
                self.links[key] = ooxml.value(ooxml.child(element, "w:numStyleLink"))
            elif ooxml.name(element.tag) == "w:num":
                self.of[ooxml.value(element, "w:numId")] = ooxml.value(ooxml.child(element, "w:abstractNumId"))

    def kind(self, number: str, level: str) -> str:
        """`bullet`, `number`, or nothing where there is no list."""
        for _ in range(8):
            if number in ("", "0") or number not in self.of:
                return ""
            abstract = self.of[number]
            if level in self.levels.get(abstract, {}):
                how = self.levels[abstract][level]
                return "" if how == "none" else "bullet" if how == "bullet" else "number"
            linked = self.styles.number(self.links.get(abstract, ""))
            if linked is None:
                return ""
            number = linked[0]
        return ""
