"""Word documents: their parts written anew, without whoever wrote them.

A part stays when the text leads to it by a relation that we know; each gets a neutral name. Elements and attributes are
known by their own names whatever their prefix, so that no prefix hides one.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

from prose.papers import picture
from prose.papers.given import Notes, Refused, is_path
from prose.word.limits import DAMAGED, MAX_DEPTH, TOO_LARGE, WordError
from prose.word.package import Package, refuse_other_kinds

MAX_MEDIA: Final = 60 * 1024 * 1024
MAX_ONE_MEDIUM: Final = 20 * 1024 * 1024
MAX_PARTS: Final = 600

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
# Relations that came later stand in spaces of their own.
_LATER = {
    "diagramDrawing": "http://schemas.microsoft.com/office/2007/relationships",
    "commentsExtended": "http://schemas.microsoft.com/office/2011/relationships",
    "commentsIds": "http://schemas.microsoft.com/office/2016/09/relationships",
}
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_DRAWING = "application/vnd.openxmlformats-officedocument.drawingml."
# Relations whose target stays, with what the target is.
_KEPT: Final = {
    "styles": _WORD + "styles+xml",
    "numbering": _WORD + "numbering+xml",
    "settings": _WORD + "settings+xml",
    "fontTable": _WORD + "fontTable+xml",
    "theme": "application/vnd.openxmlformats-officedocument.theme+xml",
    "footnotes": _WORD + "footnotes+xml",
    "endnotes": _WORD + "endnotes+xml",
    "comments": _WORD + "comments+xml",
    "commentsExtended": _WORD + "commentsExtended+xml",
    "commentsIds": _WORD + "commentsIds+xml",
    "header": _WORD + "header+xml",
    "footer": _WORD + "footer+xml",
    "chart": _DRAWING + "chart+xml",
    "diagramData": _DRAWING + "diagramData+xml",
    "diagramLayout": _DRAWING + "diagramLayout+xml",
    "diagramQuickStyle": _DRAWING + "diagramStyle+xml",
    "diagramColors": _DRAWING + "diagramColors+xml",
    "diagramDrawing": "application/vnd.ms-office.drawingml.diagramDrawing+xml",
}
_MEDIA: Final = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "bmp": "image/bmp", "dib": "image/bmp",
    "tif": "image/tiff", "tiff": "image/tiff", "webp": "image/webp", "emf": "image/x-emf", "wmf": "image/x-wmf",
}  # fmt: skip
_MAIN: Final = _WORD + "document.main+xml"

# Elements that go with all that is in them, by their own names.
_DROPPED: Final = frozenset(
    "attachedTemplate mailMerge docVars rsids rsid saveThroughXslt writeProtection documentProtection attachedSchema "
    "smartTagType docId permStart permEnd dataBinding altChunk subDoc control externalData userShapes svgBlip presenceInfo "
    "fldData embedRegular embedBold embedItalic embedBoldItalic OLEObject imgProps hlinkClick hlinkHover webPreferences "
    "ffData removePersonalInformation removeDateAndTime".split()
)  # fmt: skip
_ATTRIBUTES_DROPPED: Final = frozenset("userId providerId dateUtc href".split())
# Fields that stay: they tell of the document, and Word makes them anew. Others keep the words that they showed last.
_FIELDS: Final = frozenset(
    "page numpages sectionpages section pageref ref noteref styleref seq toc tc hyperlink index xe eq symbol quote = advance".split()
)


def strip(data: bytes, person: str, notes: Notes, remarks: list[str]) -> tuple[bytes, str]:
    try:
        refuse_other_kinds(data)
        package = Package(data)
        document = _Document(package, person, notes)
        written = document.written()
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        expat.ExpatError,
        KeyError,
        EOFError,
        NotImplementedError,
    ) as problem:
        raise WordError(DAMAGED) from problem
    if lost := sum(1 for name in document.names.values() if not name):
        remarks.append(
            f"{lost} picture{'s' * (lost > 1)} could not be cleaned and {'were' if lost > 1 else 'was'} left out."
        )
    return written


@dataclass(slots=True)
class _Field:
    """What makes a field in a text: its marks and its instruction; what it shows stands after `separate`."""

    parts: list[ET.Element]
    instruction: list[str] = field(default_factory=list)
    is_shown: bool = False


class _Document:
    def __init__(self, package: Package, person: str, notes: Notes) -> None:
        self.package = package
        self.person = person
        self.initials = "".join(word[0] for word in person.split()).upper()[:3] or "R"
        self.notes = notes
        self.text: list[str] = []
        self.media_left = MAX_MEDIA
        # Where each part goes, by where it was; and what is written there.
        self.names: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self.parts: dict[str, bytes] = {}
        self.office = _OFFICE
        self._refuse_macros()

    def _refuse_macros(self) -> None:
        names = self.package.entries
        types = b"".join(self.package.chunks("[content_types].xml")) if "[content_types].xml" in names else b""
        if any("vbaproject" in name or "vbadata" in name for name in names) or b"macroEnabled" in types:
            raise Refused(
                "The document holds macros. Save it as “Word document (.docx)”, without them, or as PDF, and choose that."
            )

    def written(self) -> tuple[bytes, str]:
        package = self.package
        main = next(
            (
                to
                for kind, to, outside in package.relationships("").values()
                if kind == "officeDocument" and not outside
            ),
            "",
        )
        if not package.has(main):
            raise WordError(DAMAGED)
        self._note_properties()
        self._place(main, "word/document.xml", _MAIN)
        waiting = [main]
        while waiting:
            waiting += self._part(waiting.pop())
        types = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in self.types.items())
        self.parts["[Content_Types].xml"] = _xml(
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
        )
        self.parts["_rels/.rels"] = _relations([("rId1", f"{self.office}/officeDocument", "word/document.xml", False)])
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
            # The types first, as Word writes them; and always on the same day.
            for name in sorted(self.parts, key=lambda name: (name != "[Content_Types].xml", name)):
                written.writestr(zipfile.ZipInfo(name), self.parts[name], zipfile.ZIP_DEFLATED)
        return out.getvalue(), "\n".join(filter(None, (line.strip() for line in "".join(self.text).split("\n"))))

    def _place(self, old: str, new: str, kind: str) -> None:
        if len(self.names) >= MAX_PARTS:
            raise WordError(TOO_LARGE)
        self.names[old], self.types[new] = new, kind

    # --- one part -----------------------------------------------------------------------------------

    def _part(self, old: str) -> list[str]:
        """Write one part; return those that it leads to and that are not written yet."""
        root = self._read(old)
        if _own(root.tag) == "document" and _STRICT in root.attrib.values():
            self.office = _STRICT
        gone: set[str] = set()
        kept: list[tuple[str, str, str, bool]] = []
        further: list[str] = []
        for key, (kind, target, is_outside) in self.package.relationships(old).items():
            new = None if is_outside else self._target(kind, target, further)
            if is_outside and kind == "hyperlink" and re.match(r"https?://", target, re.IGNORECASE):
                self.text.append(f"\n{target}\n")
                kept.append((key, f"{self.office}/hyperlink", target, True))
            elif new:
                kept.append((key, f"{_LATER.get(kind, self.office)}/{kind}", "/" + new, False))
            else:
                gone.add(key)
                if is_outside:
                    called = (
                        "Path of a file"
                        if is_path(target)
                        else "E-mail address"
                        if target.lower().startswith("mailto:")
                        else "Link"
                    )
                    self.notes.add(called, target)
        self._clean(root, gone)
        new = self.names[old]
        self.parts[new] = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + ET.tostring(
            root, encoding="utf-8"
        )
        if kept:
            folder, _, base = new.rpartition("/")
            self.parts[f"{folder}/_rels/{base}.rels"] = _relations(kept)
        return further

    def _target(self, kind: str, target: str, further: list[str]) -> str | None:
        if target in self.names:
            return self.names[target] or None
        if not self.package.has(target):
            return None
        if kind == "image":
            self._medium(target)
            return self.names[target] or None
        if kind not in _KEPT:
            if kind in ("oleObject", "package", "aFChunk", "subDocument"):
                self.notes.add("Embedded file", target.rpartition("/")[2])
            return None
        self._place(target, f"word/{kind}{len(self.names)}.xml", _KEPT[kind])
        further.append(target)
        return self.names[target]

    def _medium(self, target: str) -> None:
        suffix = target.rpartition(".")[2]
        self.names[target] = ""
        entry = self.package.entries[target]
        if suffix not in _MEDIA or entry.file_size > MAX_ONE_MEDIUM or entry.file_size > self.media_left:
            return
        with self.package.zip.open(entry) as part:
            data = part.read(MAX_ONE_MEDIUM + 1)
        self.media_left -= len(data)
        if len(data) > MAX_ONE_MEDIUM or self.media_left < 0:
            raise WordError(TOO_LARGE)
        clean = picture.anew(data, suffix, self.notes)
        if clean is not None:
            new = f"word/media/image{len(self.names)}.{suffix}"
            self._place(target, new, _MEDIA[suffix])
            self.parts[new] = clean

    def _read(self, name: str) -> ET.Element:
        """A part as a tree whose names are as they stand there: Word wants the prefixes that a document declares."""
        builder = ET.TreeBuilder()
        depth = 0

        def starts(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self.package.elements -= 1
            if depth > MAX_DEPTH:
                raise WordError("The document is nested too deeply to be read. Copy its text into a new document.")
            if self.package.elements < 0:
                raise WordError(TOO_LARGE)
            builder.start(tag, attributes)

        def ends(tag: str) -> None:
            nonlocal depth
            depth -= 1
            builder.end(tag)

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = starts, ends
        parser.CharacterDataHandler = builder.data
        parser.StartDoctypeDeclHandler = _refuse_doctype
        for chunk in self.package.chunks(name):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
        return builder.close()

    # --- what tells of somebody ------------------------------------------------------------------------

    def _clean(self, root: ET.Element, gone: set[str]) -> None:
        spaces = _related(root)
        self._unlink_fields(root)
        stack = [root]
        while stack:
            element = stack.pop()
            self._attributes(element, spaces, gone)
            kept = []
            for child in element:
                if self._is_dropped(child, spaces, gone):
                    self._note_dropped(child)
                    if child.tail:
                        self.text.append(child.tail)
                else:
                    kept.append(child)
            if len(kept) != len(element):
                element[:] = kept
            stack += kept
        self._gather(root)

    def _is_dropped(self, element: ET.Element, spaces: frozenset[str], gone: set[str]) -> bool:
        own = _own(element.tag)
        if own in _DROPPED:
            return True
        if own in ("hyperlink", "blip"):
            return False
        return any(value in gone and key.partition(":")[0] in spaces for key, value in element.attrib.items())

    def _attributes(self, element: ET.Element, spaces: frozenset[str], gone: set[str]) -> None:
        own, attributes = _own(element.tag), element.attrib
        is_signed = any(_own(key) == "author" for key in attributes)
        for key, value in list(attributes.items()):
            name = _own(key)
            if key.startswith("xmlns"):
                continue
            if name == "author":
                self.notes.add("Comment or change by", value)
                attributes[key] = self.person
            elif name == "initials":
                attributes[key] = self.initials
            elif name.startswith("rsid") or name in _ATTRIBUTES_DROPPED or (is_signed and name == "date"):
                if is_path(value):
                    self.notes.add("Path of a file", value)
                del attributes[key]
            elif value in gone and key.partition(":")[0] in spaces:
                del attributes[key]
            elif own in ("docPr", "cNvPr") and name == "name":
                attributes[key] = "Picture"
            elif own == "imagedata" and name == "title":
                self.notes.add("Title of a picture", value)
                del attributes[key]
            elif name in ("descr", "alt", "title"):
                if is_path(value):
                    self.notes.add("Path of a file", value)
                    attributes[key] = ""
                else:
                    self.text.append(f"\n{value}\n")
            elif is_path(value):
                self.notes.add("Path of a file", value)
                attributes[key] = ""

    def _note_dropped(self, element: ET.Element) -> None:
        if _own(element.tag) in ("rsids", "rsid"):
            return
        for one in element.iter():
            for key, value in one.attrib.items():
                if is_path(value) or _own(key) in ("ed", "userId"):
                    self.notes.add("Path of a file" if is_path(value) else "Editor", value)

    def _unlink_fields(self, root: ET.Element) -> None:
        """Fields that may tell of somebody, such as the database of a reference manager, become the words they show."""
        open_fields: list[_Field] = []
        gone: set[int] = set()
        unwrapped: set[int] = set()

        def settle(one: _Field) -> None:
            if not self._is_kept_field("".join(one.instruction).strip()):
                gone.update(id(part) for part in one.parts)

        for element in root.iter():
            own = _own(element.tag)
            if own == "fldChar":
                match next((value for key, value in element.attrib.items() if _own(key) == "fldCharType"), ""):
                    case "begin":
                        open_fields.append(_Field([element]))
                    case "separate" if open_fields:
                        open_fields[-1].parts.append(element)
                        open_fields[-1].is_shown = True
                    case "end" if open_fields:
                        open_fields[-1].parts.append(element)
                        settle(open_fields.pop())
            elif own in ("instrText", "delInstrText"):
                if open_fields and not open_fields[-1].is_shown:
                    open_fields[-1].parts.append(element)
                    open_fields[-1].instruction.append(element.text or "")
                else:
                    gone.add(id(element))
            elif own == "fldSimple":
                said = next((value for key, value in element.attrib.items() if _own(key) == "instr"), "")
                if not self._is_kept_field(said):
                    unwrapped.add(id(element))
        for one in open_fields:
            settle(one)
        if not gone and not unwrapped:
            return
        # Those that are within come first, for what is put in the place of one is not gone through again.
        for element in reversed(list(root.iter())):
            if any(id(child) in gone or id(child) in unwrapped for child in element):
                kept: list[ET.Element] = []
                for child in element:
                    if id(child) in unwrapped:
                        kept += list(child)
                    elif id(child) not in gone:
                        kept.append(child)
                element[:] = kept

    def _is_kept_field(self, said: str) -> bool:
        words = said.split(maxsplit=1)
        kind = words[0].lower() if words else ""
        if kind == "hyperlink" and len(words) > 1:
            target = words[1].strip().strip('"')
            if words[1].lstrip().startswith("\\") or re.match(r"https?://", target, re.IGNORECASE):
                self.text.append(f"\n{target}\n")
                return True
            self.notes.add("Path of a file" if is_path(target) else "Link", target)
            return False
        if kind and kind not in _FIELDS:
            self.notes.add(f"Field {kind.upper()[:30]}", words[1] if len(words) > 1 else "")
        return kind in _FIELDS

    def _gather(self, root: ET.Element) -> None:
        for element in root.iter():
            match _own(element.tag):
                case "t" | "delText" | "v":
                    self.text.append(element.text or "")
                case "p" | "si" | "pt":
                    self.text.append("\n")
                case "tab" | "br" | "cr":
                    self.text.append(" ")
        self.text.append("\n")

    def _note_properties(self) -> None:
        for name in list(self.package.entries):
            if name.startswith("docprops/") and name.endswith(".xml"):
                for element in self._read(name).iter():
                    said = (element.text or "").strip()
                    own = _own(element.tag)
                    if (
                        said
                        and own not in ("Application", "language")
                        and not re.fullmatch(r"[\d.:TZ+-]*|true|false", said)
                    ):
                        self.notes.add(
                            _PROPERTIES.get(own, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", own).capitalize()), said
                        )
            elif name == "word/people.xml":
                for element in self._read(name).iter():
                    for key, value in element.attrib.items():
                        if _own(key) in ("author", "userId") and not key.startswith("xmlns"):
                            self.notes.add("Person who worked on it", value)
            elif name.startswith("customxml/"):
                self.notes.add("Data of a program in the document")


_PROPERTIES = {"creator": "Author", "lastModifiedBy": "Last modified by", "lpwstr": "Property", "lpstr": "Property"}


def _own(name: str) -> str:
    return name.rpartition(":")[2]


def _related(root: ET.Element) -> frozenset[str]:
    """The prefixes that stand for relations, wherever in the part they are declared."""
    found = {"r"}
    for element in root.iter():
        for key, value in element.attrib.items():
            if key.startswith("xmlns:") and value.endswith(("/officeDocument/relationships", "/2006/relationships")):
                found.add(key[6:])
    return frozenset(found)


def _refuse_doctype(*_: object) -> None:
    raise WordError(
        "The document declares things that Word never writes, so it was not opened. Open it in Word and save it anew."
    )


def _xml(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{inner}'.encode()


def _relations(rows: list[tuple[str, str, str, bool]]) -> bytes:
    root = ET.Element("Relationships", {"xmlns": _RELATIONS})
    for key, kind, target, is_outside in rows:
        more = {"TargetMode": "External"} if is_outside else {}
        ET.SubElement(root, "Relationship", {"Id": key, "Type": kind, "Target": target, **more})
    return _xml(ET.tostring(root, encoding="unicode"))
