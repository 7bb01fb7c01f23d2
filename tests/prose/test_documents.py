"""Attached files: what tells of somebody is gone from every part of the new file, and named; what they say stays."""

import io
import random
import re
import resource
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link, Text
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    EncodedStreamObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from prose import papers, word
from prose.papers import Refused, Stripped, neutral_name
from prose.papers.here import strip_here
from prose.traces import Identity, find
from tests.prose import documents as d

# In every place of which a file may tell whose it is; none may be left.
CANARY = "Zerzura"
TOLD = re.compile(CANARY.encode(), re.IGNORECASE)
WIDE = re.compile(CANARY.encode("utf-16-be") + b"|" + CANARY.encode("utf-16-le"), re.IGNORECASE)


def jpeg(*, turned: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x013B] = f"{CANARY} Artist"
    exif[0x0112] = turned
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (40, 24), (10, 120, 200)).save(
        out, "JPEG", exif=exif, comment=f"by {CANARY}".encode(), icc_profile=f"{CANARY}’s screen".encode()
    )
    return out.getvalue() + f"trailer {CANARY}".encode()  # fmt: skip


def png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", CANARY)
    text.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY}</x>", zip=True)
    text.add_text("Packed", CANARY, zip=True)
    out = io.BytesIO()
    Image.new("RGB", (30, 20), (200, 10, 10)).save(out, "PNG", pnginfo=text)
    return out.getvalue()


# --- Word -----------------------------------------------------------------------------------------

PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
BODY = (
    f'<w:p w:rsidR="00A77B3E"><w:pPr><w:rPr><w:ins w:id="1" w:author="{CANARY} A" w:date="2026-01-01T10:00:00Z"/></w:rPr></w:pPr>'
    f'<w:commentRangeStart w:id="0"/>{d.r("The argument holds.")}<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>'
    + d.p(d.change("ins", "A word more.").replace("Bob", CANARY), d.change("del", "A word less.").replace("Bob", CANARY))
    + d.p(d.link("l1", "a source"), d.link("l2", "a file of mine"), d.picture("p1", "A chart of tides"))
    + d.p(d.picture("p2", f"C:\\Users\\{CANARY}\\me.jpg").replace('name="Picture 1"', f'name="{CANARY}.jpg"'), d.picture("p3"))
    + f'<w:p><w:r><w:fldChar w:fldCharType="begin"><w:fldData>{CANARY}</w:fldData></w:fldChar></w:r><w:r><w:instrText>ADDIN ZOTERO_ITEM {{"uri":"</w:instrText></w:r>'
    f'<w:r><w:instrText>{CANARY}"}}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{d.r("(A Study 2020)")}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    + f'<w:p><w:fldSimple w:instr=" INCLUDETEXT C:\\{CANARY}.docx ">{d.r("kept words")}</w:fldSimple><w:fldSimple w:instr=" PAGE ">{d.r("7")}</w:fldSimple></w:p>'
    + f'<w:p><w:permStart w:id="5" w:ed="{CANARY}@example.org"/><w:r><w:object><v:shape><v:imagedata r:id="p1" o:title="{CANARY}"/></v:shape><o:OLEObject r:id="o1"/></w:object></w:r><w:permEnd w:id="5"/></w:p>'
    + '<w:altChunk r:id="c1"/>'
)  # fmt: skip


def review_docx(**more: Any) -> bytes:
    parts = d.parts(
        BODY,
        comments=f'<w:comment w:id="0" w:author="{CANARY} B" w:initials="ZZ" w:date="2026-01-01T10:00:00Z">{d.p("Say more here.")}</w:comment>',
        footnotes=d.SEPARATORS + d.note(2, "See the survey."),
        relations={
            "l1": ("hyperlink", "https://source.example/paper"), "l2": ("hyperlink", f"file:///C:/Users/{CANARY}/x.docx"), "p1": ("image", f"media/{CANARY}.png"),
            "p2": ("image", "media/b.jpg"), "p3": ("image", "media/c.gif"), "s1": ("settings", "settings.xml"), "c0": ("comments", "comments.xml"), "f0": ("footnotes", "footnotes.xml"),
            "o1": ("oleObject", f"embeddings/{CANARY}.bin"), "c1": ("aFChunk", "chunk.html"), "x1": ("customXml", "../customXml/item1.xml"), "st": ("styles", "styles.xml"), "th": ("people", "people.xml"),
        },
    )  # fmt: skip
    gif = io.BytesIO()
    Image.new("P", (30, 30)).save(gif, "GIF", comment=f"by {CANARY}".encode())
    parts |= {
        "docProps/core.xml": f'<cp:coreProperties xmlns:cp="x" xmlns:dc="y"><dc:creator>{CANARY} Ada</dc:creator><cp:lastModifiedBy>{CANARY} Bob</cp:lastModifiedBy></cp:coreProperties>',
        "docProps/app.xml": f'<Properties xmlns="{PROPERTIES}"><Company>{CANARY} University</Company><Manager>{CANARY} M</Manager><Pages>3</Pages></Properties>',
        "docProps/custom.xml": f'<Properties xmlns="z" xmlns:vt="v"><property name="Owner"><vt:lpwstr>{CANARY} Owner</vt:lpwstr></property></Properties>',
        "docProps/thumbnail.jpeg": jpeg(),
        "word/people.xml": f'<w15:people xmlns:w15="p"><w15:person w15:author="{CANARY} C"><w15:presenceInfo w15:userId="S::{CANARY}@example.org"/></w15:person></w15:people>',
        "word/settings.xml": d.root("settings", f'<w:attachedTemplate r:id="t1"/><w:rsids><w:rsid w:val="00A77B3E"/></w:rsids><w:docVars><w:docVar w:name="a" w:val="{CANARY}"/></w:docVars><w:zoom w:percent="90"/>'),
        "word/_rels/settings.xml.rels": f'<Relationships xmlns="{d.PACKAGE}"><Relationship Id="t1" Type="{d.R}/attachedTemplate" Target="file:///C:/Users/{CANARY}/Normal.dotm" TargetMode="External"/></Relationships>',
        f"word/media/{CANARY}.png": png(), "word/media/b.jpg": jpeg(turned=6), "word/media/c.gif": gif.getvalue(),
        f"word/embeddings/{CANARY}.bin": CANARY, "word/chunk.html": CANARY, "customXml/item1.xml": f"<a>{CANARY}</a>", f"{CANARY}/notes.txt": CANARY,
    }  # fmt: skip
    return d.zipped(parts | more)


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        return {entry.filename: entry.filename.encode() + entry.extra + entry.comment + package.read(entry) for entry in package.infolist()}  # fmt: skip


def test_a_word_document_loses_whoever_wrote_it() -> None:
    stripped = papers.strip(review_docx(), "Review.docx")
    assert stripped.kind == "docx"
    for name, content in parts_of(stripped.data).items():
        assert not TOLD.search(content), name
        assert b"00A77B3E" not in content
    told = "\n".join(stripped.found)
    for what in (
        f"Author: {CANARY} Ada", f"Last modified by: {CANARY} Bob", f"Company: {CANARY} University", f"Property: {CANARY} Owner",
        f"Comment or change by: {CANARY} A", f"Comment or change by: {CANARY} B", f"Person who worked on it: {CANARY} C",
        f"Path of a file: file:///C:/Users/{CANARY}/Normal.dotm", f"Path of a file: C:\\Users\\{CANARY}\\me.jpg",
        f"Artist of a picture: {CANARY} Artist", "Where a picture was taken", f"Text in a picture: Author {CANARY}",
    ):  # fmt: skip
        assert what in told
    # What it says stays, and is told for the check of names.
    for words in ("The argument holds.", "A word more.", "A word less.", "Say more here.", "(A Study 2020)", "kept words", "A chart of tides", "https://source.example/paper"):  # fmt: skip
        assert words in stripped.text
    assert find({"file metadata": told}, [Identity(names=(f"Ada {CANARY}",))])


def test_what_is_left_of_a_word_document_is_whole() -> None:
    stripped = strip_here(review_docx(), "review.docx", person="Referee")
    parts = parts_of(stripped.data)
    document = parts["word/document.xml"].decode()
    assert 'w:author="Referee"' in document
    assert "OLEObject" not in document
    assert "fldChar" not in document
    assert 'instr=" PAGE "' in document
    # No relation leads nowhere, and nothing in the text leads to a relation that is gone.
    rels = parts["word/_rels/document.xml.rels"].decode()
    for target in re.findall(r'Target="/([^"]+)"', rels):
        assert target in parts
    known = set(re.findall(r'Id="([^"]+)"', rels))
    assert set(re.findall(r'r:(?:id|embed)="([^"]+)"', document)) <= known
    types = parts["[Content_Types].xml"].decode()
    assert {name for name in parts if not name.endswith(".rels") and "Content_Types" not in name} == set(
        re.findall(r'PartName="/([^"]+)"', types)
    )
    # The house reads it as before.
    text = word.read(stripped.data)
    assert "<p>The argument holds.</p>\n<p>A word more.</p>" in text.html
    assert '<a href="https://source.example/paper">a source</a>a file of mine' in text.html
    assert [picture.alt for picture in text.pictures] == ["A chart of tides", ""]
    # A photo that lay on its side still does.
    turned = next(Image.open(io.BytesIO(zip_read(stripped.data, name))) for name in parts if name.endswith(".jpg"))
    assert turned.getexif() == {0x0112: 6}
    assert strip_here(stripped.data, "review.docx").data == stripped.data


def test_a_picture_that_cannot_be_cleaned_is_left_out_and_told() -> None:
    data = d.docx(d.p("Words", d.picture("p1")), relations={"p1": ("image", "media/a.svg")}, **{"word/media/a.svg": f"<svg>{CANARY}</svg>"})  # fmt: skip
    stripped = strip_here(data, "a.docx")
    assert stripped.remarks == ["1 picture could not be cleaned and was left out."]
    assert not any(TOLD.search(content) for content in parts_of(stripped.data).values())


def zip_read(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)


def test_a_prefix_hides_nobody() -> None:
    data = review_docx()
    parts: dict[str, Any] = {name: zip_read(data, name) for name in parts_of(data)}
    for name in ("word/document.xml", "word/comments.xml"):
        parts[name] = parts[name].replace(b"w:", b"q:").replace(b"r:", b"k:").replace(b"xmlns:k:", b"xmlns:")
    for content in parts_of(strip_here(d.zipped(parts), "a.docx").data).values():
        assert not TOLD.search(content)


# --- PDF ------------------------------------------------------------------------------------------


def pdf(text: str = "The argument holds.", **more: Any) -> bytes:
    """A page with words, and the name wherever a PDF may have one."""
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET /Im1 Do".encode())
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"), NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
    photo = EncodedStreamObject()
    photo._data = jpeg()
    photo.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Image"), NameObject("/Width"): NumberObject(40), NameObject("/Height"): NumberObject(24), NameObject("/ColorSpace"): NameObject("/DeviceRGB"), NameObject("/BitsPerComponent"): NumberObject(8), NameObject("/Filter"): NameObject("/DCTDecode")})  # fmt: skip
    xmp = DecodedStreamObject()
    xmp.set_data(f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{CANARY} XMP</dc:creator></x:xmpmeta>'.encode())
    xmp.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    photo[NameObject("/Metadata")] = writer._add_object(xmp)
    page[NameObject("/Contents")] = writer._add_object(content)
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)}), NameObject("/XObject"): DictionaryObject({NameObject("/Im1"): writer._add_object(photo)})})  # fmt: skip
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/App"): DictionaryObject({NameObject("/Private"): TextStringObject(f"{CANARY} private")})})  # fmt: skip
    writer.add_metadata({"/Author": f"{CANARY} Ada", "/Title": f"C:\\{CANARY}\\review.doc", "/Company": f"{CANARY} University"})  # fmt: skip
    writer.root_object[NameObject("/Metadata")] = writer._add_object(xmp)
    writer.add_attachment(f"{CANARY}.txt", f"by {CANARY}".encode())
    script = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(f"app.alert('{CANARY}')")})  # fmt: skip
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(script)
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): ArrayObject(), NameObject("/XFA"): TextStringObject(CANARY)})  # fmt: skip
    comment = Text(rect=(20, 20, 40, 40), text="Say more here.")
    comment[NameObject("/T")] = TextStringObject(f"{CANARY} Comment")
    writer.add_annotation(0, comment)
    writer.add_annotation(0, Link(rect=(1, 1, 9, 9), url="https://source.example/paper"))
    writer.add_annotation(0, Link(rect=(1, 1, 9, 9), url=f"file:///C:/Users/{CANARY}/x.pdf"))
    launch = Link(rect=(1, 1, 9, 9), url="https://source.example/")
    launch[NameObject("/A")] = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject(f"{CANARY}.exe"), NameObject("/Next"): script})  # fmt: skip
    writer.add_annotation(0, launch)
    attached = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/FileAttachment"), NameObject("/Rect"): ArrayObject([NumberObject(0)] * 4), NameObject("/FS"): TextStringObject(f"{CANARY}.doc")})  # fmt: skip
    writer.add_annotation(0, attached)
    writer.add_outline_item(title="The argument", page_number=0)
    writer._ID = ArrayObject([ByteStringObject(CANARY.encode())] * 2)
    if lock := more.get("lock"):
        writer.encrypt("", lock)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def unpacked(data: bytes) -> bytes:
    """A PDF with each stream as it is read."""
    parts = [data]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            parts.append(zlib.decompressobj().decompress(match[1]))
        except zlib.error:
            continue
    written = [text[1].decode() for text in re.finditer(rb"<([0-9a-fA-F]{8,})>", data)]
    return b"\n".join([*parts, *(bytes.fromhex(text + "0" * (len(text) % 2)) for text in written)])


def test_a_pdf_loses_whoever_wrote_it() -> None:
    data = pdf()
    assert TOLD.search(unpacked(data))
    stripped = papers.strip(data, "Review by somebody.PDF")
    assert stripped.kind == "pdf"
    whole = unpacked(stripped.data)
    assert not TOLD.search(whole)
    assert not WIDE.search(whole)
    for gone in (b"/JavaScript", b"/OpenAction", b"/Launch", b"/EmbeddedFile", b"/Info", b"/XFA", b"/PieceInfo", b"/Metadata", b"pypdf"):  # fmt: skip
        assert gone not in whole
    told = "\n".join(stripped.found)
    for what in (
        f"Author: {CANARY} Ada", f"Company: {CANARY} University", f"XMP: {CANARY} XMP", f"Comment by: {CANARY} Comment", f"Attached file: {CANARY}.txt",
        f"Path of a file: file:///C:/Users/{CANARY}/x.pdf", f"Name of a file: {CANARY}.exe", f"Artist of a picture: {CANARY} Artist", "Script or command in a PDF", "Private data of a program",
    ):  # fmt: skip
        assert what in told
    for words in ("The argument holds.", "Say more here.", "The argument", "https://source.example/paper"):
        assert words in stripped.text
    reader = PdfReader(io.BytesIO(stripped.data), strict=True)
    assert [page.extract_text().strip() for page in reader.pages] == ["The argument holds."]
    assert [item.title for item in reader.outline] == ["The argument"]  # type: ignore[union-attr]
    assert len(reader.pages[0].images) == 1


@pytest.mark.parametrize(
    "data", [pdf(lock="secret"), b"%PDF-1.7\nnothing", b"%PDF-1.4\n" + random.Random(1).randbytes(3000)]
)
def test_a_pdf_that_cannot_be_opened_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match=r"without a lock|damaged"):
        papers.strip(data, "a.pdf")


def test_words_that_cannot_be_read_are_for_a_person_to_look_at() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    assert any("look through it" in remark for remark in papers.strip(out.getvalue(), "scan.pdf").remarks)


# --- Other kinds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "kind"), [(png(), "png"), (jpeg(turned=6), "jpeg")])
def test_a_picture_keeps_its_pixels_and_nothing_else(data: bytes, kind: str) -> None:
    stripped = papers.strip(data, f"{CANARY}.{kind}")
    assert stripped.kind == kind
    assert not TOLD.search(stripped.data)
    assert any(CANARY in one for one in stripped.found)
    with Image.open(io.BytesIO(stripped.data)) as new, Image.open(io.BytesIO(data)) as old:
        assert new.tobytes() == old.tobytes()
        assert new.getexif().get(0x0112) == old.getexif().get(0x0112)


def test_plain_text_and_markdown() -> None:
    text = strip_here("\ufeffNaïve\u200b “words”\r\n".encode(), "a.txt")
    assert (text.kind, text.data.decode()) == ("txt", "Naïve “words”\n")
    assert strip_here("caf\xe9".encode("cp1252"), "notes").text == "café\n"
    marked = strip_here(f"---\nauthor: {CANARY}\n---\n\n# Review\n<!-- by {CANARY} -->\nGood.".encode(), "a.md")
    assert (marked.kind, marked.text) == ("md", "# Review\n\nGood.\n")
    assert marked.found == [f"Head of the file: author: {CANARY}", f"Comment that does not show: by {CANARY}"]


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.pdf", "empty"),
        (b"x" * (papers.MAX_BYTES + 1), "a.txt", "at most 20 MB"),
        (review_docx(), "a.docm", "macros"),
        (review_docx(**{"word/vbaProject.bin": b"x"}), "a.docx", "macros"),
        (b"{\\rtf1 hello}", "a.rtf", "RTF"),
        (b"{\\rtf1 hello}", "a.docx", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "a.docx", "old Word"),
        (d.zipped({"xl/workbook.xml": "x"}), "a.xlsx", "Excel"),
        (b"MZ\x90\x00", "a.exe", "not taken"),
        (b"words", "a.pdf", "damaged"),
        (b"a\x00b", "a.txt", "not a text"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a.jpg", "damaged"),
        (d.swollen(40), "a.docx", "far larger"),
        (d.laughing(), "a.docx", "declares"),
        (d.many_entries(4000), "a.docx", "far larger"),
        (d.lying(d.swollen(30)), "a.docx", "far larger|damaged"),
    ],
)
def test_what_is_not_taken_is_told_with_what_to_do(data: bytes, name: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        papers.strip(data, name)


def endless_pdf(objects: int = 40) -> bytes:
    """A page whose contents are packed and packed again."""
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    content = EncodedStreamObject()
    content._data = zlib.compress(zlib.compress(b"q " * 60_000_000, 9), 9)
    content[NameObject("/Filter")] = ArrayObject([NameObject("/FlateDecode")] * 2)
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(content)] * objects)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_bomb_ends_in_time_and_elsewhere() -> None:
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data = endless_pdf()
    try:
        assert papers.strip(data, "a.pdf").remarks
    except Refused as problem:
        assert "given up" in str(problem)  # noqa: PT017
    assert time.monotonic() - begun < 25
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000
    with pytest.raises(Refused, match="given up"):
        papers.strip(pdf(), "a.pdf", seconds=0.01)


def test_the_process_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    seen: dict[str, Any] = {}
    popen = subprocess.Popen

    def watched(*args: Any, **kwargs: Any) -> Any:
        seen.update(kwargs)
        return popen(*args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", watched)
    papers.strip(b"words", "a.txt")
    assert set(seen["env"]) == {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8"}
    assert Path(sys.executable).exists()


@pytest.mark.parametrize(
    ("label", "kind", "name"),
    [("Referee 1", "pdf", "referee-1.pdf"), ("Référee/../2", "jpeg", "referee-2.jpg"), ("", "docx", "file.docx")],
)
def test_a_name_that_tells_of_nobody(label: str, kind: str, name: str) -> None:
    assert neutral_name(label, kind) == name


# --- Whatever is sent -----------------------------------------------------------------------------

WHOLE = {"a.docx": review_docx(), "a.pdf": pdf(), "a.png": png(), "a.jpg": jpeg()}


@given(st.binary(max_size=800), st.sampled_from(["a.pdf", "a.docx", "a.txt", "a.md", "a.png", "a.jpg", "a", "\x00.."]))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_taken_or_refused(data: bytes, name: str) -> None:
    for start in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        try:
            assert isinstance(strip_here(start + data, name), Stripped)
        except Refused:
            continue


@given(st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_is_taken_or_refused(name: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE[name])
    for at, value in changes:
        data[at % len(data)] = value
    try:
        assert isinstance(strip_here(bytes(data), name), Stripped)
    except Refused:
        return
