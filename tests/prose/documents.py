"""Word documents for the tests, made of the XML that Word, LibreOffice and Google Docs write."""

import io
import struct
import zipfile
import zlib
from typing import Any

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_SPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
# As Word names them whatever its language: the names are English, the ids may be German.
STYLES = "".join(
    f'<w:style w:type="{kind}" w:styleId="{key}"><w:name w:val="{name}"/>{more}</w:style>'
    for kind, key, name, more in (
        ("paragraph", "Normal", "Normal", ""),
        ("paragraph", "Title", "Title", '<w:basedOn w:val="Normal"/>'),
        *(
            ("paragraph", f"Heading{n}", f"heading {n}", f'<w:pPr><w:outlineLvl w:val="{n - 1}"/></w:pPr>')
            for n in range(1, 7)
        ),
        ("paragraph", "berschrift1", "heading 1", ""),
        ("paragraph", "MyHead", "My own head", '<w:basedOn w:val="Heading2"/>'),
        ("paragraph", "Quote", "Quote", "<w:rPr><w:i/></w:rPr>"),
        ("paragraph", "IntenseQuote", "Intense Quote", ""),
        ("paragraph", "Caption", "caption", ""),
        ("paragraph", "TOC1", "toc 1", ""),
        ("paragraph", "ListBullet", "List Bullet", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'),
        ("character", "Strong", "Strong", "<w:rPr><w:b/></w:rPr>"),
        ("character", "Emphasis", "Emphasis", "<w:rPr><w:i/></w:rPr>"),
        ("character", "Secret", "Secret", "<w:rPr><w:vanish/></w:rPr>"),
        ("character", "FootnoteReference", "footnote reference", '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'),
    )
)
NUMBERING = (
    '<w:abstractNum w:abstractNumId="0">' + "".join(f'<w:lvl w:ilvl="{n}"><w:numFmt w:val="bullet"/></w:lvl>' for n in range(9))
    + '</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    + "".join(f'<w:lvl w:ilvl="{n}"><w:numFmt w:val="{"decimal" if n % 2 == 0 else "lowerLetter"}"/></w:lvl>' for n in range(9))
    + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
)  # fmt: skip


def root(name: str, inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:{name} {_SPACES}>{inner}</w:{name}>'


def zipped(parts: dict[str, Any], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def parts(
    body: str, *, styles: str = STYLES, numbering: str = NUMBERING, footnotes: str = "", endnotes: str = "",
    comments: str = "", relations: dict[str, tuple[str, str]] | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """The parts of a document: `relations` are of the main part, ids with kind and target; `more` are further parts."""
    links = "".join(
        f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if kind == "hyperlink" else ""}/>'
        for key, (kind, target) in (relations or {}).items()
    )
    found: dict[str, Any] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{R}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": root("document", f"<w:body>{body}<w:sectPr/></w:body>"),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
        "word/styles.xml": root("styles", styles),
        "word/numbering.xml": root("numbering", numbering),
    }
    for name, inner in (("footnotes", footnotes), ("endnotes", endnotes), ("comments", comments)):
        if inner:
            found[f"word/{name}.xml"] = root(name, inner)
    return found | more


def docx(body: str, **given: Any) -> bytes:
    return zipped(parts(body, **given))


def p(*runs: str, style: str = "", more: str = "") -> str:
    name = f'<w:pStyle w:val="{style}"/>' if style else ""
    inner = "".join(one if one.startswith("<") else r(one) for one in runs)
    return f'<w:p w:rsidR="00A77B3E" w:rsidRDefault="00A77B3E"><w:pPr>{name}{more}</w:pPr>{inner}</w:p>'


def r(text: str, marks: str = "") -> str:
    return f'<w:r w:rsidRPr="00C0FFEE"><w:rPr>{marks}<w:lang w:val="en-GB"/></w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def item(text: str, *, number: int = 1, level: int = 0) -> str:
    return p(text, more=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def note(key: int, text: str, kind: str = "footnote") -> str:
    return f'<w:{kind} w:id="{key}"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:{kind}Ref/></w:r>{r(" ")}{text if text.startswith("<") else r(text)}</w:p></w:{kind}>'


SEPARATORS = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
)


def cited(key: int, kind: str = "footnote") -> str:
    return f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:{kind}Reference w:id="{key}"/></w:r>'


def link(key: str, text: str) -> str:
    return f'<w:hyperlink r:id="{key}" w:history="1">{r(text, "<w:color w:val=" + chr(34) + "0000FF" + chr(34) + "/><w:u w:val=" + chr(34) + "single" + chr(34) + "/>")}</w:hyperlink>'


def picture(key: str, alt: str = "") -> str:
    return (
        f'<w:r><w:drawing><wp:inline distT="0"><wp:extent cx="1" cy="1"/><wp:docPr id="1" name="Picture 1" descr="{alt}"/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr/>'
        f'<pic:blipFill><a:blip r:embed="{key}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )


def change(kind: str, text: str, at: str = "2026-01-01T10:00:00Z") -> str:
    inner = r(text)
    if kind in ("del", "moveFrom"):
        inner = inner.replace("<w:t ", "<w:delText ").replace("</w:t>", "</w:delText>")
    return f'<w:{kind} w:id="9" w:author="Bob" w:date="{at}">{inner}</w:{kind}>'


def png(width: int = 300, height: int = 240, colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    """A real picture, made by hand."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + bytes(colour) * width) * height
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )  # fmt: skip


# --- hostile ones ----------------------------------------------------------------------------------


def swollen(megabytes: int, *, filler: bytes = b"<w:p><w:r><w:t> </w:t></w:r></w:p>") -> bytes:
    """A small file whose text unpacks to very much, written as a stream."""
    file = io.BytesIO()
    block = filler * (1048576 // len(filler))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name, content in parts("").items():
            if name == "word/document.xml":
                head, tail = content.split("<w:sectPr/>")
                with package.open(name, "w") as part:
                    part.write(head.encode())
                    for _ in range(megabytes):
                        part.write(block)
                    part.write(tail.encode())
            else:
                package.writestr(name, content)
    return file.getvalue()


def lying(data: bytes, name: str = "word/document.xml", size: int = 1000) -> bytes:
    """The same file, whose headers say that the part is small."""
    found = bytearray(data)
    wanted = name.encode()
    for sign, at_name, at_size, at_length in ((b"PK\x03\x04", 30, 22, 26), (b"PK\x01\x02", 46, 24, 28)):
        at = found.find(sign)
        while at >= 0:
            length = int.from_bytes(found[at + at_length : at + at_length + 2], "little")
            if found[at + at_name : at + at_name + length] == wanted:
                found[at + at_size : at + at_size + 4] = size.to_bytes(4, "little")
            at = found.find(sign, at + 4)
    return bytes(found)


def many_entries(number: int) -> bytes:
    return zipped(parts(p("Words")) | {f"word/media/{n}": b"" for n in range(number)})


def laughing(levels: int = 9) -> bytes:
    """The billion laughs: entities of entities of entities."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(levels + 1))
    text = (
        parts("")["word/document.xml"]
        .split("\n", 1)[1]
        .replace("<w:sectPr/>", f"<w:p><w:r><w:t>&l{levels};</w:t></w:r></w:p>")
    )
    return zipped(parts("") | {"word/document.xml": f'<?xml version="1.0"?><!DOCTYPE d [{entities}]>{text}'})
