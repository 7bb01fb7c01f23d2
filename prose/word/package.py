"""The file: a zip of parts, held against its limits before and while anything of it is unpacked."""

import io
import zipfile
from collections.abc import Iterator
from typing import cast
from xml.etree import ElementTree as ET
from xml.parsers import expat

from prose.word.limits import (
    DAMAGED,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_ENTRIES,
    MAX_PART,
    MAX_PART_RATIO,
    MAX_RATIO,
    MAX_UNPACKED,
    MAX_XML,
    PART_RATIO_COUNTS_FROM,
    RATIO_COUNTS_FROM,
    SAVE_AS,
    TOO_LARGE,
    WordError,
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _wide(name: str) -> bytes:
    return name.encode("utf-16-le")


def refuse_other_kinds(data: bytes) -> None:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        raise WordError("The file is empty. Choose the document again.")
    if len(data) > MAX_BYTES:
        raise WordError(
            f"The document has {len(data) / 1048576:.0f} MB; at most {MAX_BYTES // 1048576} MB are taken. "
            "Save it with smaller pictures, or without them, and add the pictures here."
        )
    if data.startswith(_OLE):
        if _wide("EncryptedPackage") in data:
            raise WordError(
                "The document is locked with a password. Open it, take the password off, save it, and choose it again."
            )
        if _wide("WordDocument") in data:
            raise WordError(f"This is a document of an old Word (.doc), which can’t be read. {SAVE_AS}")
        raise WordError(f"This is not a Word document (.docx). {SAVE_AS}")
    for sign, kind in (
        (b"{\\rtf", "an RTF document"),
        (b"%pdf", "a PDF"),
        (b"<!doctype html", "a web page"),
        (b"<html", "a web page"),
        (b"<?xml", "an XML file"),
    ):
        if start.startswith(sign):
            tail = "If you have only the PDF, copy its text into the page." if kind == "a PDF" else SAVE_AS
            raise WordError(f"This is {kind}, not a Word document (.docx). {tail}")
    if not data.startswith(b"PK"):
        raise WordError(f"This is not a Word document (.docx). {SAVE_AS}")


_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """The zip, held against its limits before anything of it is unpacked."""

    def __init__(self, data: bytes) -> None:
        # Counted in the bytes themselves: reading a directory of a million entries is what a bomb wants.
        if data.count(b"PK\x01\x02") > MAX_ENTRIES:
            raise WordError(TOO_LARGE)
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError) as problem:
            raise WordError(DAMAGED) from problem
        entries = self.zip.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > MAX_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * len(data)):
            raise WordError(TOO_LARGE)
        self.entries = {entry.filename.lstrip("/").replace("\\", "/").lower(): entry for entry in entries}
        self.left = MAX_XML
        self.elements = MAX_ELEMENTS
        self._refuse_other_packages()

    def _refuse_other_packages(self) -> None:
        if any(entry.flag_bits & 0x1 for entry in self.entries.values()):
            raise WordError("The document is locked with a password. Save it without one, and choose it again.")
        names = self.entries
        kind = ""
        if "mimetype" in names and "content.xml" in names:
            kind = "an OpenDocument file (.odt)"
        elif "xl/workbook.xml" in names or "xl/workbook.bin" in names:
            kind = "an Excel workbook"
        elif "ppt/presentation.xml" in names:
            kind = "a PowerPoint presentation"
        elif "index/document.iwa" in names or "index.zip" in names:
            kind = "a document of Apple Pages"
        if kind:
            raise WordError(f"This is {kind}, not a Word document (.docx). {SAVE_AS}")

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part as they are unpacked, within the limits."""
        entry = self.entries[name]
        if entry.file_size > PART_RATIO_COUNTS_FROM and entry.file_size > MAX_PART_RATIO * entry.compress_size:
            raise WordError(TOO_LARGE)
        # Once unpacked without a look: a part that lies about its size is found out before anything of it is read.
        with self.zip.open(entry) as part:
            size = 0
            while chunk := part.read(65536):
                size += len(chunk)
                if size > MAX_PART:
                    raise WordError(TOO_LARGE)
        size = 0
        with self.zip.open(entry) as part:
            while chunk := part.read(65536):
                size += len(chunk)
                self.left -= len(chunk)
                if size > MAX_PART or self.left < 0:
                    raise WordError(TOO_LARGE)
                yield chunk

    def elements_of(self, name: str, *, level: int) -> Iterator[ET.Element]:
        """The elements of a part that stand `level` deep, each thrown away once it was used. No declarations of a
        document type are taken, so that no entity can be one."""
        check = expat.ParserCreate()
        check.StartDoctypeDeclHandler = _refuse_doctype
        depth = 0

        def starts(_name: str, _attributes: object) -> None:
            nonlocal depth
            depth += 1
            self.elements -= 1
            if depth > MAX_DEPTH:
                raise WordError("The document is nested too deeply to be read. Copy its text into a new document.")
            if self.elements < 0:
                raise WordError(TOO_LARGE)

        def ends(_name: str) -> None:
            nonlocal depth
            depth -= 1

        check.StartElementHandler, check.EndElementHandler = starts, ends
        reader = ET.XMLPullParser(("start", "end"))
        open_elements: list[ET.Element] = []
        for chunk in self.chunks(name):
            check.Parse(chunk, False)
            reader.feed(chunk)
            # Of these two events the second half is an element, which the types don't know.
            for event, element in cast("Iterator[tuple[str, ET.Element]]", reader.read_events()):
                if event == "start":
                    open_elements.append(element)
                    continue
                open_elements.pop()
                if len(open_elements) == level:
                    yield element
                    # Its parent lets go of it as well.
                    element.clear()
                    if open_elements:
                        open_elements[-1].remove(element)
        check.Parse(b"", True)

    def relationships(self, name: str) -> dict[str, tuple[str, str, bool]]:
        """Of a part: its relations by their ids, as kind, target and whether it lies outside."""
        folder, _, base = name.rpartition("/")
        path = f"{folder}/_rels/{base}.rels".lstrip("/")
        if path not in self.entries:
            return {}
        found = {}
        for element in self.elements_of(path, level=1):
            if element.tag == _RELATIONSHIP:
                kind = element.get("Type", "").rpartition("/")[2]
                target, is_outside = element.get("Target", ""), element.get("TargetMode", "").lower() == "external"
                found[element.get("Id", "")] = (kind, target if is_outside else _joined(folder, target), is_outside)
        return found

    def has(self, name: str) -> bool:
        return name in self.entries


def _refuse_doctype(*_: object) -> None:
    raise WordError(
        "The document declares things that Word never writes, so it was not opened. Open it in Word and save it anew."
    )


def _joined(folder: str, target: str) -> str:
    """The path of a part that another names, in the small letters that `Package.entries` has."""
    parts: list[str] = [] if target.startswith("/") else folder.split("/")
    for part in target.replace("\\", "/").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(filter(None, parts)).lower()
