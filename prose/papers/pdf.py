"""PDF: built anew from what its pages show, without what stands beside them.

What may stay is listed for the catalogue and for actions; elsewhere what tells of somebody is taken out by its name. The
document is then cloned once more, so that nothing stays in the file that no page leads to.
"""

import io
import logging
import re
import signal
import time
import zlib
from collections.abc import Iterator
from html import unescape
from typing import Any, Final

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    NameObject,
    NullObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from prose.papers import picture
from prose.papers.given import MAX_TEXT, Notes, Refused, is_path

MAX_OBJECTS: Final = 250_000
MAX_PAGES: Final = 500
MAX_WORDS: Final = 3000
MAX_PICTURE: Final = 40 * 1024 * 1024
# For the words alone: a file whose words take longer is taken all the same, and its editor told.
TEXT_SECONDS: Final = 6

_CATALOGUE: Final = frozenset(
    "/Type /Pages /PageLabels /Outlines /Dests /Names /StructTreeRoot /MarkInfo /Lang /OCProperties /AcroForm".split()
)
# Which readers see, or are read to them: comments, form fields, headings in the margin, descriptions of pictures.
_WORDS: Final = ("/Contents", "/V", "/TU", "/Title", "/Alt", "/ActualText")
# Entries of any dictionary but one of resources, whose names are anybody's choice.
_DROPPED: Final = frozenset(
    "/Metadata /PieceInfo /LastModified /AA /OpenAction /JS /JavaScript /EmbeddedFiles /AF /XFA /Thumb /OPI /Perms /Threads "
    "/SpiderInfo /Collection /Legal /DSS /CreatorInfo /MeasureProperties /Measure /RichMediaContent /RichMediaSettings /B "
    "/PresSteps /VP /DPart /CreationDate /ModDate /Author /Creator /Producer".split()
)
_OF_PAGES: Final = frozenset({"/B", "/Measure", "/VP"})  # which are something else in other dictionaries
_ANNOTATIONS_DROPPED: Final = frozenset(
    "/FileAttachment /Sound /Movie /Screen /3D /RichMedia /TrapNet /PrinterMark /Projection".split()
)
_ACTIONS: Final = frozenset({"/GoTo", "/URI", "/Named"})
_NOT_RESOURCES = "/ExtGState /ColorSpace /Pattern /Shading /XObject /Font /Properties".split()

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def strip(data: bytes, person: str, notes: Notes, remarks: list[str]) -> tuple[bytes, str]:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise Refused(
            "The PDF is locked, with a password or against copying. Print it into a new PDF, or export it anew, without a lock."
        )
    if reader.get_num_pages() > MAX_PAGES:
        raise Refused(f"The PDF has more than {MAX_PAGES} pages. Choose one that has only what belongs here.")
    _note_metadata(reader, notes)
    first = PdfWriter()
    first.clone_reader_document_root(reader)
    words = _Scrub(person, notes).scrub(first)
    rebuilt = io.BytesIO()
    first.write(rebuilt)
    reader = PdfReader(rebuilt)
    if not reader.pages:
        raise Refused("The PDF has no pages. Save it anew, and choose it again.")
    second = PdfWriter()
    second.clone_reader_document_root(reader)
    second.pdf_header = "%PDF-1.7"
    out = io.BytesIO()
    second.write(out)
    text, is_whole = _text_of(reader)
    if not is_whole:
        remarks.append("Not all words of the file could be read: look through it for names yourself.")
    return out.getvalue(), "\n".join([*words, text])


# --- what there is -----------------------------------------------------------------------------------

_XMP_TEXT = re.compile(r">([^<>]{2,300})<|=\"([^\"<>]{2,300})\"")
_XMP_KNOWN = re.compile(
    r"https?://(?:ns\.adobe\.com|www\.w3\.org|purl\.org|www\.aiim\.org|cipa\.jp|iptc\.org)|\A[\d\s.:TZ+-]*\Z|\A\W*\Z"
)


def _note_metadata(reader: PdfReader, notes: Notes) -> None:
    info = _resolved(reader.trailer.get("/Info"))
    if isinstance(info, DictionaryObject):
        for key, value in list(info.items())[:60]:
            said = str(_resolved(value))
            if said.strip() and key not in ("/CreationDate", "/ModDate", "/Trapped"):
                notes.add(_spaced(key), said)
    metadata = _resolved(reader.root_object.get("/Metadata"))
    if isinstance(metadata, StreamObject):
        _note_xmp(metadata, notes)


def _note_xmp(stream: StreamObject, notes: Notes) -> None:
    try:
        text = stream.get_data()[:200_000].decode("utf-8", "replace")
    # A stream that can't be unpacked is dropped as any other.
    except Exception:  # noqa: BLE001
        return
    for match in _XMP_TEXT.finditer(text):
        said = unescape(match[1] or match[2]).strip()
        if said and not _XMP_KNOWN.search(said):
            notes.add("XMP", said)


def _spaced(key: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key.lstrip("/")).capitalize()


def _resolved(value: object) -> Any:
    return value.get_object() if isinstance(value, PdfObject) else value


# --- taking out ----------------------------------------------------------------------------------------


class _Scrub:
    def __init__(self, person: str, notes: Notes) -> None:
        self.person = person
        self.notes = notes
        # Comments, addresses of links and the like, which are not among the words of the pages.
        self.words: dict[str, None] = {}
        self.seen: set[int] = set()
        self.left = MAX_OBJECTS

    def scrub(self, writer: PdfWriter) -> list[str]:
        root = writer.root_object
        for key in [key for key in root if key not in _CATALOGUE]:
            self._note_dropped(key, root.get(key))
            del root[key]
        names = _resolved(root.get("/Names"))
        if isinstance(names, DictionaryObject):
            for key in [key for key in names if key != "/Dests"]:
                self._note_dropped(key, names.get(key))
                del names[key]
        # Values with the key under which they stand, since a dictionary often doesn't say what it is.
        stack: list[tuple[object, str, bool]] = [(root, "", False)]
        while stack:
            value, key, has_free_names = stack.pop()
            value = _resolved(value)
            if not isinstance(value, (DictionaryObject, ArrayObject)) or id(value) in self.seen:
                continue
            self.seen.add(id(value))
            self.left -= 1 + len(value) // 50
            if self.left < 0:
                raise Refused(
                    "The PDF is built of too many parts to be read. Print it into a new PDF, and choose that."
                )
            if isinstance(value, ArrayObject):
                if key == "/Annots":
                    self._annotations(value)
                stack += [(one, key if key == "/Annots" else "", False) for one in value if not _is_scalar(one)]
                continue
            if not has_free_names:
                self._dictionary(value, key)
            if isinstance(value, EncodedStreamObject):
                self._stream(value)
            is_resources = key in ("/Resources", "/DR")
            stack += [
                (inner, name, is_resources and name in _NOT_RESOURCES)
                for name, inner in value.items()
                if not _is_scalar(inner)
            ]
        return list(self.words)

    def _dictionary(self, value: DictionaryObject, key: str) -> None:
        kind, is_annotation = value.get("/Subtype"), "/Rect" in value and "/Subtype" in value
        for name in [name for name in value if name in _DROPPED]:
            if name in _OF_PAGES and value.get("/Type") != "/Page":
                continue
            self._note_dropped(name, value.get(name))
            del value[name]
        if is_annotation and kind != "/Widget":
            self._signed(value)
        if value.get("/FT") == "/Sig" and "/V" in value:
            signature = _resolved(value["/V"])
            if isinstance(signature, DictionaryObject):
                self.notes.add("Signed by", str(signature.get("/Name", "")))
            del value["/V"]
        for name in _WORDS:
            if name in value and isinstance(said := _resolved(value.raw_get(name)), str) and said.strip("/ "):
                self._say(said)
        for name in ("/A", "/PA"):
            if name in value and isinstance(action := _resolved(value.raw_get(name)), DictionaryObject):
                self._action(value, name, action)
        if key == "/Usage":
            value.pop("/User", None)
        # A file that a stream, a form or an annotation names.
        for name in ("/F", "/FS", "/UF"):
            # Of an annotation, /F says how it is shown; of a stream, a filter's name may be one word.
            if name in value and not _is_number(value[name]) and not str(value[name]).startswith("/"):
                self._note_path(value[name])
                del value[name]

    def _say(self, text: str) -> None:
        if len(self.words) < MAX_WORDS:
            self.words.setdefault(" ".join(text[:2000].split()))

    def _signed(self, value: DictionaryObject) -> None:
        """A comment or mark: who made it and when, but not what it says."""
        if said := str(_resolved(value.get("/T", ""))):
            self.notes.add("Comment by", said)
            value[NameObject("/T")] = TextStringObject(self.person)
        for name in ("/M", "/NM", "/RC"):
            value.pop(name, None)

    def _annotations(self, annotations: ArrayObject) -> None:
        kept = []
        for one in annotations:
            annotation = _resolved(one)
            if isinstance(annotation, DictionaryObject) and annotation.get("/Subtype") in _ANNOTATIONS_DROPPED:
                self._note_path(annotation.get("/FS"))
                self.notes.add("Attachment or film in a PDF")
            else:
                kept.append(one)
        annotations[:] = kept

    def _action(self, holder: DictionaryObject, name: str, action: DictionaryObject) -> None:
        kind = str(action.get("/S", ""))
        address = str(_resolved(action.get("/URI", "")))
        is_kept = kind in _ACTIONS
        if kind == "/URI":
            is_kept = re.match(r"(?:https?://|mailto:)", address, re.IGNORECASE) is not None
            if is_kept:
                self._say(address)
        # Further actions are chained to the first.
        action.pop("/Next", None)
        if not is_kept:
            self._note_path(action.get("/F") or address)
            if kind in ("/JavaScript", "/Launch"):
                self.notes.add("Script or command in a PDF")
            del holder[name]

    def _note_dropped(self, key: str, value: object) -> None:
        value = _resolved(value)
        if key == "/Metadata" and isinstance(value, StreamObject):
            _note_xmp(value, self.notes)
        elif key in ("/EmbeddedFiles", "/AF"):
            for name in _strings_in(value):
                self.notes.add("Attached file", name)
        elif key in ("/JavaScript", "/JS", "/AA") or (
            # Most only say at which page it opens.
            key == "/OpenAction" and isinstance(value, DictionaryObject) and value.get("/S") != "/GoTo"
        ):
            self.notes.add("Script or command in a PDF")
        elif key == "/PieceInfo" and isinstance(value, DictionaryObject):
            for name in _strings_in(value):
                self.notes.add("Private data of a program", name)
        elif key in ("/Author", "/Creator", "/CreatorInfo", "/Producer"):
            for name in _strings_in(value):
                self.notes.add(_spaced(key), name)

    def _note_path(self, value: object) -> None:
        for name in _strings_in(_resolved(value)):
            self.notes.add("Path of a file" if is_path(name) else "Name of a file", name)

    def _stream(self, stream: EncodedStreamObject) -> None:
        """Photos keep what the camera wrote into them, within a PDF too."""
        filters = _resolved(stream.get("/Filter"))
        names = [str(one) for one in filters] if isinstance(filters, ArrayObject) else [str(filters)]
        if names == ["/FlateDecode", "/DCTDecode"] and "/DecodeParms" not in stream:
            unpack = zlib.decompressobj()
            stream._data = unpack.decompress(stream._data, MAX_PICTURE)
            if unpack.unconsumed_tail:
                raise Refused("A picture in the PDF is too large. Save it with smaller pictures.")
            stream[NameObject("/Filter")] = NameObject("/DCTDecode")
            names = ["/DCTDecode"]
        if names == ["/DCTDecode"] and stream._data[:2] == b"\xff\xd8":
            try:
                stream._data = picture.jpeg(stream._data, self.notes, is_turned=False)
            except Refused:
                # It can't be taken apart, and so not cleaned.
                raise Refused("A picture in the PDF is damaged. Print it into a new PDF, and choose that.") from None
        elif names == ["/JPXDecode"]:
            stream._data = _without_boxes(stream._data)


def _is_scalar(value: object) -> bool:
    return not isinstance(value, (DictionaryObject, ArrayObject, IndirectObject))


def _is_number(value: object) -> bool:
    return isinstance(_resolved(value), (int, float, NullObject))


def _strings_in(value: object) -> Iterator[str]:
    """The texts in a small part of a document."""
    stack, left, seen = [value], 400, set[int]()
    while stack and left:
        left -= 1
        one = _resolved(stack.pop())
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, NameObject):
            continue
        if isinstance(one, str) and one.strip():
            yield one
        elif isinstance(one, DictionaryObject):
            stack += [inner for name, inner in one.items() if name not in ("/P", "/Parent", "/Dest")]
        elif isinstance(one, ArrayObject):
            stack += list(one)


def _without_boxes(data: bytes) -> bytes:
    """JPEG 2000 without its boxes of XML and of programs."""
    if data[4:8] != b"jP  ":
        return data
    parts, at = [], 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        end = len(data) if size == 0 else at + size
        if size and size < 8:
            break
        if kind not in (b"xml ", b"uuid", b"uinf"):
            parts.append(data[at:end])
        at = end
    return b"".join(parts)


# --- words ------------------------------------------------------------------------------------------------


class _TimeUp(BaseException):
    """Not an Exception: pypdf goes on after those."""


def _raise_time_up(*_: object) -> None:
    raise _TimeUp


def _text_of(reader: PdfReader) -> tuple[str, bool]:
    parts: list[str] = []
    size, until, is_whole = 0, time.monotonic() + TEXT_SECONDS, True
    has_alarm = False
    try:
        before = signal.signal(signal.SIGALRM, _raise_time_up)
        signal.setitimer(signal.ITIMER_REAL, TEXT_SECONDS)
        has_alarm = True
    except (ValueError, AttributeError):  # in a thread, where the pages are counted instead
        before = None
    try:
        for page in reader.pages:
            if size > MAX_TEXT or time.monotonic() > until:
                is_whole = False
                break
            try:
                parts.append(page.extract_text())
            # One page whose words can't be read does not hide those of the others.
            except Exception:  # noqa: BLE001
                is_whole = False
            else:
                size += len(parts[-1])
    except _TimeUp:
        is_whole = False
    finally:
        if has_alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    return "\n".join(parts), is_whole
