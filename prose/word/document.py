"""The text of a document, written anew in the few elements that mammoth needs.

Tracked changes, hidden text, text boxes, fields and links are settled here.
"""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from prose.sanitise import MAX_BODY, plain_line
from prose.word import ooxml
from prose.word.found import Found
from prose.word.limits import (
    MAX_BLOCK,
    MAX_LINKS,
    MAX_NOTES,
    MAX_PICTURE,
    MAX_PICTURE_BYTES,
    MAX_PICTURES,
    MAX_PLACES,
    MAX_WRITTEN,
    SAVE_AS,
    TOO_COMPLEX,
    WordError,
)
from prose.word.package import Package
from prose.word.styles import Numbering, Styles

_TRANSPARENT = frozenset("w:customXml w:smartTag w:dir w:bdo w:sdtContent w:fldSimple".split())
_IGNORED_FIELDS = frozenset({"TOC", "INDEX"})
_HYPERLINK = re.compile(r'\s*HYPERLINK\s+(?:"([^"]*)"|([^\s"\\]\S*))', re.IGNORECASE)
_LINK = re.compile(r"(?:https?://[^\s/?#\\]|mailto:[^\s@]+@|www\.)", re.IGNORECASE)


@dataclass(slots=True)
class _Field:
    code: str = ""
    is_code: bool = True
    href: str = ""
    is_ignored: bool = False


@dataclass(slots=True)
class _Run:
    """Text with its marks, or something that stands among the text (`xml`)."""

    text: str = ""
    marks: str = ""
    href: str = ""
    xml: str = ""


class Document:
    """The document's own part and its notes, in the elements that are given to mammoth."""

    def __init__(self, package: Package, found: Found) -> None:
        self.package, self.found = package, found
        self.characters = 0
        self.links: dict[str, str] = {}  # ids of the links, by address
        self.note_ids: dict[tuple[str, str], int] = {}
        self.notes: dict[int, str] = {}
        self.fields: list[_Field] = []
        self.boxes: list[ET.Element] = []
        self.held: list[_Run] = []
        self.box_depth = 0
        self.pictures_by_path: dict[str, int] = {}
        self.places = 0
        main = next(
            (target for kind, target, outside in package.relationships("").values() if kind == "officeDocument" and not outside),
            "word/document.xml",
        )  # fmt: skip
        if not package.has(main):
            main = "word/document.xml"
        if not package.has(main):
            raise WordError(f"This is not a Word document (.docx). {SAVE_AS}")
        relations = package.relationships(main)
        folder = main.rpartition("/")[0]

        def part(kind: str) -> str:
            return next(
                (target for k, target, outside in relations.values() if k == kind and not outside),
                f"{folder}/{kind}.xml",
            )

        self.styles = Styles(package, part("styles"))
        self.numbering = Numbering(package, part("numbering"), self.styles)
        for kind in ("footnotes", "endnotes"):
            self._read_notes(part(kind), kind.removesuffix("s"))
        self.relations = relations
        self.blocks: list[tuple[str, bool]] = []  # each with whether a list goes on through it
        written = 0
        for element in package.elements_of(main, level=2):
            blocks = self._blocks([element])
            written += sum(len(xml) for xml, _ in blocks)
            if written > MAX_WRITTEN or any(len(xml) > MAX_BLOCK for xml, _ in blocks):
                raise WordError(TOO_COMPLEX)
            self.blocks += blocks
        self.blocks += self._rest()
        self._count_what_is_beside(part("comments"), relations)

    def _read_notes(self, name: str, kind: str) -> None:
        if not self.package.has(name):
            return
        self.relations = self.package.relationships(name)
        for element in self.package.elements_of(name, level=1):
            # The others are the rules that separate notes from the text.
            if ooxml.name(element.tag) == f"w:{kind}" and ooxml.value(element, "w:type") in ("", "normal"):
                blocks = self._blocks(list(element)) + self._rest()
                number = len(self.notes) + 1
                if number > MAX_NOTES:
                    raise WordError(TOO_COMPLEX)
                self.note_ids[kind, ooxml.value(element, "w:id")] = number
                self.notes[number] = "".join(xml for xml, _ in blocks)

    def _count_what_is_beside(self, comments: str, relations: dict[str, tuple[str, str, bool]]) -> None:
        count = self.found.count
        if self.package.has(comments):
            count["comment"] += sum(
                1 for element in self.package.elements_of(comments, level=1) if ooxml.name(element.tag) == "w:comment"
            )
        count["macro"] = any(name.endswith("vbaproject.bin") for name in self.package.entries)
        for kind, target, outside in relations.values():
            if kind in ("header", "footer") and not outside and not count["header"] and self.package.has(target):
                words = "".join(
                    text.text or "" for element in self.package.elements_of(target, level=1)
                    for text in element.iter() if ooxml.name(text.tag) == "w:t"
                )  # fmt: skip
                count["header"] = any(char.isalpha() for char in words)

    # --- blocks ---

    def _blocks(self, elements: Iterable[ET.Element]) -> list[tuple[str, bool]]:
        found: list[tuple[str, bool]] = []
        for element in elements:
            name = ooxml.name(element.tag)
            if name == "w:p":
                found += self._paragraph(element)
            elif name == "w:tbl":
                found += self._table(element)
            elif name == "w:sdt":
                if (
                    "contents"
                    in ooxml.value(ooxml.child(element, "w:sdtPr", "w:docPartObj", "w:docPartGallery")).lower()
                ):
                    self.found.count["contents"] = 1
                else:
                    found += self._blocks(ooxml.inside(element, "w:sdtContent"))
            elif name in _TRANSPARENT or name in ("w:ins", "w:moveTo"):
                found += self._blocks(element)
            elif name == "mc:AlternateContent":
                found += self._blocks(ooxml.chosen(element))
            elif name == "w:altChunk":
                self.found.count["part"] = 1
        return found

    def _rest(self) -> list[tuple[str, bool]]:
        """What still waits for a paragraph to stand in, at the end of a part; open fields end there."""
        held, self.held, self.fields = self.held, [], []
        return [(self._written(held, ""), False)] if held else []

    def _paragraph(self, element: ET.Element) -> list[tuple[str, bool]]:
        properties = ooxml.child(element, "w:pPr")
        style = ooxml.value(ooxml.child(properties, "w:pStyle"))
        kind = self.styles.kind(style)
        outer, self.boxes = self.boxes, []
        runs: list[_Run] = []
        self._inline(element, "", runs)
        boxes, self.boxes = self.boxes, outer
        if kind == "contents":
            self.found.count["contents"] = 1
            return []
        runs, self.held = self.held + runs, []
        mark = ooxml.child(properties, "w:rPr")
        if ooxml.child(mark, "w:del") is not None or ooxml.value(ooxml.child(properties, "w:framePr"), "w:dropCap") in (
            "drop",
            "margin",
        ):
            # The end of the paragraph was deleted, or it is one letter that hangs before the next.
            self.held = runs
            runs = []
        blocks = []
        if any(run.xml or run.text.strip() for run in runs):
            number = ooxml.child(properties, "w:numPr")
            listed = ooxml.number_of(number) if number is not None else None
            inherited = self.styles.number(style)
            if inherited and (listed is None or not listed[0]):
                listed = (inherited[0], (listed and listed[1]) or inherited[1])
            if listed and not kind.startswith("h") and kind not in ("title", "caption"):
                level = ooxml.number(listed[1])
                if how := self.numbering.kind(listed[0], str(level)):
                    kind = f"{how}-{min(level, 8)}"
            blocks.append((self._written(runs, kind), "-" in kind))
        for box in boxes if self.box_depth < 3 else ():
            self.found.count["text box"] += 1
            self.box_depth += 1
            inner = self._blocks(box)
            self.box_depth -= 1
            blocks += inner
        return blocks

    def _written(self, runs: list[_Run], kind: str) -> str:
        properties = ""
        if "-" in kind:
            how, _, level = kind.partition("-")
            properties = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{1 if how == "bullet" else 2}"/></w:numPr></w:pPr>'
        elif kind:
            properties = f'<w:pPr><w:pStyle w:val="word-{kind}"/></w:pPr>'
        is_heading = kind == "title" or bool(re.fullmatch("h[1-9]", kind))
        parts = [properties]
        at = 0
        while at < len(runs):
            run = runs[at]
            text, end = run.text, at + 1
            if not run.xml:
                while (
                    end < len(runs) and not runs[end].xml and (runs[end].marks, runs[end].href) == (run.marks, run.href)
                ):
                    text += runs[end].text
                    end += 1
            at = end
            marks = "".join(_MARKS[mark] for mark in run.marks if not (is_heading and mark == "b"))
            inner = run.xml or "<w:br/>".join(
                f'<w:t xml:space="preserve">{escape(line)}</w:t>' if line else "" for line in text.split("\n")
            )
            written = f"<w:r>{f'<w:rPr>{marks}</w:rPr>' if marks else ''}{inner}</w:r>"
            if run.href and (run.href in self.links or len(self.links) < MAX_LINKS):
                link = self.links.setdefault(run.href, f"l{len(self.links)}")
                written = f'<w:hyperlink r:id="{link}">{written}</w:hyperlink>'
            parts.append(written)
        return f"<w:p>{''.join(parts)}</w:p>"

    def _table(self, element: ET.Element) -> list[tuple[str, bool]]:
        rows: list[tuple[bool, list[tuple[str, str]]]] = []
        for row in self._within(element, "w:tr"):
            properties = ooxml.child(row, "w:trPr")
            if ooxml.child(properties, "w:del") is not None:
                self.found.count["deletion"] += 1
                continue
            if ooxml.child(properties, "w:ins") is not None:
                self.found.count["insertion"] += 1
            cells = []
            for cell in self._within(row, "w:tc"):
                settings = ooxml.child(cell, "w:tcPr")
                span = min(max(ooxml.number(ooxml.value(ooxml.child(settings, "w:gridSpan")), 1), 1), 60)
                merged = ooxml.child(settings, "w:vMerge")
                written = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
                if merged is not None:
                    written += '<w:vMerge w:val="restart"/>' if ooxml.value(merged) == "restart" else "<w:vMerge/>"
                blocks = self._blocks(cell) + self._rest()
                cells.append((f"<w:tcPr>{written}</w:tcPr>" if written else "", "".join(xml for xml, _ in blocks)))
            if cells:
                is_head = ooxml.toggle(properties, "w:tblHeader") is True
                rows.append((is_head, cells))
        if not rows or not any(inner for _, cells in rows for _, inner in cells):
            return []
        if len(rows) == 1 and len(rows[0][1]) == 1:
            return [(rows[0][1][0][1], False)]  # a frame round a text, not a table
        written = "".join(
            f"<w:tr>{'<w:trPr><w:tblHeader/></w:trPr>' if is_head else ''}"
            + "".join(f"<w:tc>{settings}{inner or '<w:p/>'}</w:tc>" for settings, inner in cells)
            + "</w:tr>"
            for is_head, cells in rows
        )
        return [(f"<w:tbl>{written}</w:tbl>", False)]

    def _within(self, element: ET.Element, name: str) -> Iterator[ET.Element]:
        """Rows of a table or cells of a row, also those that stand in a content control or a change."""
        for child in element:
            inner = ooxml.name(child.tag)
            if inner == name:
                yield child
            elif inner == "w:sdt":
                yield from self._within(ooxml.inside(child, "w:sdtContent"), name)
            elif inner in _TRANSPARENT or inner in ("w:ins", "w:moveTo"):
                yield from self._within(child, name)

    # --- within a paragraph ---

    def _inline(self, parent: ET.Element, href: str, runs: list[_Run]) -> None:
        last: tuple[str, str, str] | None = None
        for element in parent:
            name = ooxml.name(element.tag)
            change = _CHANGES.get(name)
            if change:
                this = (change, ooxml.value(element, "w:author"), ooxml.value(element, "w:date"))
                # A change that begins in one run and ends in the next is written as two.
                if this != last and (change != "move" or name == "w:moveTo"):
                    self.found.count[change] += 1
                last = this
            elif name not in _BETWEEN:
                last = None
            if name == "w:r":
                self._run(element, href, runs)
            elif name in ("w:ins", "w:moveTo") or name in _TRANSPARENT:
                inner = href
                if name == "w:fldSimple" and (match := _HYPERLINK.match(ooxml.value(element, "w:instr"))):
                    inner = self._href(match[1] or match[2] or "")
                self._inline(element, inner, runs)
            elif name == "w:hyperlink":
                self._inline(element, self._target(element), runs)
            elif name == "w:sdt":
                if ooxml.toggle(ooxml.child(element, "w:sdtPr"), "w:showingPlcHdr") is not True:
                    self._inline(ooxml.inside(element, "w:sdtContent"), href, runs)
            elif name in ("m:oMath", "m:oMathPara"):
                self._equation(element, runs)
            elif name == "mc:AlternateContent":
                self._inline(ooxml.chosen(element), href, runs)

    def _target(self, element: ET.Element) -> str:
        """Where a link leads; nothing where it stays within the document, whose anchors are not kept."""
        key = ooxml.value(element, "r:id")
        if not key:
            return ""
        kind, target, outside = self.relations.get(key, ("", "", False))
        if kind != "hyperlink" or not outside:
            return ""
        anchor = ooxml.value(element, "w:anchor")
        return self._href(f"{target}#{anchor}" if anchor and "#" not in target else target)

    def _href(self, address: str) -> str:
        address = address.strip()
        if address.startswith("#") or not address:
            return ""
        parts = urlsplit(address) if address.lower().startswith(("http://www.google.", "https://www.google.")) else None
        if parts is not None and parts.path == "/url":  # Google Docs leads links through its own counter
            query = parse_qs(parts.query)
            address = next((value for key in ("q", "url") for value in query.get(key, ())), address)
        if not _LINK.match(address) or len(address) > 4000:
            self.found.count["link"] += 1
            return ""
        return address

    def _run(self, element: ET.Element, href: str, runs: list[_Run]) -> None:
        properties = ooxml.child(element, "w:rPr")
        style = ooxml.value(ooxml.child(properties, "w:rStyle"))
        said = {mark: ooxml.toggle(properties, mark) for mark in ("w:b", "w:i", "w:vanish")}
        on = {mark: self.styles.mark(style, mark) if value is None else value for mark, value in said.items()}
        if on["w:vanish"]:
            # Fields open and close in hidden runs too.
            self._fields_in(element)
            self.found.count["hidden"] += any(ooxml.name(child.tag) == "w:t" for child in element)
            return
        align = ooxml.value(ooxml.child(properties, "w:vertAlign")) or self.styles.align(style)
        raised = ooxml.value(ooxml.child(properties, "w:position"))
        if not align and raised.strip("-0") and ooxml.child(properties, "w:sz") is not None:
            # LibreOffice moves such figures by a distance, and makes them smaller.
            align = "subscript" if raised.startswith("-") else "superscript"
        marks = "".join(
            mark for mark, is_on in (
                ("b", on["w:b"]), ("i", on["w:i"]), ("^", align == "superscript"), ("_", align == "subscript"),
            ) if is_on
        )  # fmt: skip
        if (ooxml.toggle(properties, "w:strike") or ooxml.toggle(properties, "w:dstrike")) and ooxml.child(
            element, "w:t"
        ) is not None:
            self.found.count["struck"] += 1
        self._content(element, marks, href, runs)

    def _fields_in(self, element: ET.Element) -> None:
        for child in element:
            name = ooxml.name(child.tag)
            if name == "w:fldChar":
                self._field(ooxml.value(child, "w:fldCharType"))
            elif name == "w:instrText" and self.fields and self.fields[-1].is_code:
                self.fields[-1].code = (self.fields[-1].code + (child.text or ""))[:5000]

    def _field(self, kind: str) -> None:
        if kind == "begin" and len(self.fields) < 50:
            self.fields.append(_Field())
        elif kind == "separate" and self.fields and self.fields[-1].is_code:
            this = self.fields[-1]
            this.is_code = False
            words = this.code.split(None, 1)
            if words and words[0].upper() in _IGNORED_FIELDS:
                this.is_ignored = True
                self.found.count["contents"] = 1
            elif match := _HYPERLINK.match(this.code):
                this.href = self._href(match[1] if match[1] is not None else match[2])
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _content(self, element: ET.Element, marks: str, href: str, runs: list[_Run]) -> None:
        """What stands in a run: text, breaks, notes, pictures."""
        is_own_mark = False  # of a note: the sign that follows is not text
        for child in element:
            name = ooxml.name(child.tag)
            if name in ("w:fldChar", "w:instrText"):
                self._fields_in([child])  # type: ignore[arg-type]
                continue
            if any(one.is_code or one.is_ignored for one in self.fields):
                continue
            link = href or next((one.href for one in reversed(self.fields) if one.href), "")
            text = ""
            if name == "w:t":
                text = "" if is_own_mark else child.text or ""
            elif name in _SIGNS:
                text = _SIGNS[name]
            elif name == "w:br":
                text = "\n" if ooxml.value(child, "w:type") in ("", "textWrapping") else ""
            elif name == "w:sym":
                self._symbol(child, marks, link, runs)
            elif name in ("w:footnoteReference", "w:endnoteReference"):
                number = self.note_ids.get((name[2:].removesuffix("Reference"), ooxml.value(child, "w:id")))
                if number is not None:
                    runs.append(_Run(xml=f'<w:footnoteReference w:id="{number}"/>'))
                is_own_mark = ooxml.value(child, "w:customMarkFollows") in ("1", "true", "on")
            elif name == "w:ruby":
                inner: list[_Run] = []
                self._inline(ooxml.inside(child, "w:rubyBase"), link, inner)
                over: list[_Run] = []
                self._inline(ooxml.inside(child, "w:rt"), link, over)
                runs += inner
                if over:
                    text = f"({''.join(run.text for run in over)})"
            elif name in ("w:drawing", "w:pict", "w:object"):
                self._drawing(child, runs)
            elif name == "mc:AlternateContent":
                self._content(ooxml.chosen(child), marks, href, runs)
            if text:
                self.characters += len(text)
                if self.characters > MAX_BODY:
                    raise WordError(
                        f"The document has more than {MAX_BODY:,} characters, and a piece can’t be longer. "
                        "Shorten it, or make two documents of it."
                    )
                runs.append(_Run(text=text, marks=marks, href=link))

    def _symbol(self, element: ET.Element, marks: str, href: str, runs: list[_Run]) -> None:
        char, font = ooxml.value(element, "w:char"), ooxml.value(element, "w:font")
        if re.fullmatch("[0-9A-Fa-f]{1,6}", char):
            code = f'<w:sym w:font={quoteattr(font)} w:char="{char}"/>'
            runs.append(_Run(xml=code, marks=marks, href=href))

    def _equation(self, element: ET.Element, runs: list[_Run]) -> None:
        self.found.count["equation"] += 1
        words = "".join(part.text or "" for part in element.iter() if ooxml.name(part.tag) == "m:t")[:1000]
        self.characters += len(words)
        runs.append(_Run(text=f" [equation: {words}] "))

    # --- pictures ---

    def _drawing(self, element: ET.Element, runs: list[_Run]) -> None:
        alt, has_picture, has_box = "", False, False
        waiting = [element]
        while waiting:
            child = waiting.pop()
            name = ooxml.name(child.tag)
            if name == "w:txbxContent":
                self.boxes.append(child)
                has_box = True
                continue
            if name == "mc:AlternateContent":
                waiting.append(ooxml.chosen(child))
                continue
            if name == "wp:docPr":
                alt = ooxml.value(child, "descr") or ooxml.value(child, "title")
            elif name == "v:shape" and not alt:
                alt = ooxml.value(child, "alt")
            elif name == "a:blip":
                has_picture = True
                self._picture(ooxml.value(child, "r:embed"), ooxml.value(child, "r:link"), alt, runs)
            elif name == "v:imagedata":
                has_picture = True
                self._picture(ooxml.value(child, "r:id"), "", alt or ooxml.value(child, "o:title"), runs)
            elif name == "a:graphicData":
                kind = ooxml.value(child, "uri").rpartition("/")[2]
                if kind in ("chart", "chartex"):
                    self.found.count["chart"] += 1
                    has_picture = True
                elif kind == "diagram":
                    self.found.count["diagram"] += 1
                    has_picture = True
            waiting += reversed(child)
        if not has_picture and not has_box:
            self.found.count["object" if ooxml.name(element.tag) == "w:object" else "shape"] += 1

    def _picture(self, embedded: str, linked: str, alt: str, runs: list[_Run]) -> None:
        kind, path, outside = self.relations.get(embedded or linked, ("", "", True))
        if outside or not embedded or kind != "image":
            self.found.count["linked picture"] += 1
            return
        if path not in self.pictures_by_path:
            number = self.pictures_by_path[path] = len(self.pictures_by_path) + 1
            if data := self._picture_data(path, number):
                self.found.pictures[number] = (data, plain_line(alt)[:300])
        number = self.pictures_by_path[path]
        self.places += 1
        if number in self.found.pictures and self.places <= MAX_PLACES:
            runs.append(_Run(xml=_DRAWING.format(number=number)))

    def _picture_data(self, path: str, number: int) -> bytes:
        """The bytes of a picture, or none, with a word why."""
        found = self.found
        entry = self.package.entries.get(path)
        problem = ""
        if entry is None:
            problem = "is missing in the document"
        elif len(found.pictures) >= MAX_PICTURES:
            problem = f"is one too many: at most {MAX_PICTURES} are taken from a document"
        elif entry.file_size > MAX_PICTURE or found.picture_bytes + entry.file_size > MAX_PICTURE_BYTES:
            problem = "is too large"
        if problem or entry is None:
            found.refused_pictures.append(f"Picture {number} {problem}. Add it here.")
            return b""
        try:
            with self.package.zip.open(entry) as part:
                data = part.read(MAX_PICTURE + 1)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            EOFError,
            RuntimeError,
            zlib.error,
        ):
            found.refused_pictures.append(f"Picture {number} is damaged in the document. Add it here.")
            return b""
        if not data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) and not (
            data[:4] == b"RIFF" and data[8:12] == b"WEBP"
        ):
            what = _kind_of_picture(data, path)
            found.refused_pictures.append(
                f"Picture {number} was not taken: it is {what}. Save it as JPEG or PNG and add it here."
            )
            return b""
        found.picture_bytes += len(data)
        return data


def _kind_of_picture(data: bytes, path: str) -> str:
    if path.endswith((".emf", ".wmf", ".emz", ".wmz")):
        return "a drawing in the Windows format EMF or WMF"
    for start, what in ((b"GIF8", "a GIF"), (b"BM", "a BMP"), (b"II*\x00", "a TIFF"), (b"MM\x00*", "a TIFF")):
        if data.startswith(start):
            return what
    return "an SVG drawing" if b"<svg" in data[:2000] else "in a format that can’t be shown"


_CHANGES: Final = {"w:ins": "insertion", "w:del": "deletion", "w:moveTo": "move", "w:moveFrom": "move"}
# Marks in the margin, between the parts of one change.
_BETWEEN = frozenset(
    "w:bookmarkStart w:bookmarkEnd w:proofErr w:commentRangeStart w:commentRangeEnd w:moveFromRangeStart"
    " w:moveFromRangeEnd w:moveToRangeStart w:moveToRangeEnd".split()
)
_SIGNS: Final = {"w:tab": " ", "w:ptab": " ", "w:cr": "\n", "w:noBreakHyphen": "\u2011"}
_MARKS: Final = {
    "b": "<w:b/>",
    "i": "<w:i/>",
    "^": '<w:vertAlign w:val="superscript"/>',
    "_": '<w:vertAlign w:val="subscript"/>',
}
_DRAWING: Final = (
    '<w:drawing><wp:inline><wp:docPr descr=""/><a:graphic><a:graphicData><pic:pic><pic:blipFill>'
    '<a:blip r:embed="p{number}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
)
