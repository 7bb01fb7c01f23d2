"""Through mammoth, in portions: HTML of what was written anew, with each note where its number stands."""

import io
import re
import zipfile
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

import mammoth
from mammoth import html as mammoth_html

from prose.word.document import Document
from prose.word.limits import PLACEHOLDER

_ROOT: Final = (
    '<w:{root} xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">{inner}</w:{root}>'
)
_NUMBERING: Final = _ROOT.format(
    root="numbering",
    inner="".join(
        f'<w:abstractNum w:abstractNumId="{number}">'
        + "".join(f'<w:lvl w:ilvl="{level}"><w:numFmt w:val="{how}"/></w:lvl>' for level in range(9))
        + f'</w:abstractNum><w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
        for number, how in ((1, "bullet"), (2, "decimal"))
    ),
)
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STYLE_MAP: Final = "\n".join(
    [
        "p.word-title => p.title:fresh",
        "p.word-caption => p.caption:fresh",
        "p.word-quote => blockquote > p:fresh",
        *(f"p.word-h{level} => h{min(level, 6)}.level{level}:fresh" for level in range(1, 10)),
        *(
            f"p:{kind}-list({level}) => {'ul|ol > li > ' * (level - 1)}{tag} > li:fresh"
            for level in range(1, 10)
            for kind, tag in (("unordered", "ul"), ("ordered", "ol"))
        ),
    ]
)
# Characters of XML that mammoth gets at a time: what it holds in memory is some fifty times as much.
_BATCH: Final = 150_000
_CITED = re.compile(r'<w:footnoteReference w:id="(\d+)"/>')


def to_html(main: Document) -> list[ET.Element]:
    """The blocks of the text as mammoth writes them, with each note where its number stands."""
    blocks: list[ET.Element] = []
    waiting: list[str] = []
    size = 0
    for xml, is_list in main.blocks:
        if size > _BATCH and not is_list:
            blocks += _converted(main, waiting)
            waiting, size = [], 0
        waiting.append(xml)
        size += len(xml) + sum(len(main.notes[int(number)]) for number in _CITED.findall(xml))
    return blocks + (_converted(main, waiting) if waiting else [])


def _converted(main: Document, blocks: list[str]) -> list[ET.Element]:
    body = "".join(blocks)
    cited = dict.fromkeys(int(number) for number in _CITED.findall(body))
    notes = "".join(f'<w:footnote w:id="{n}">{main.notes[n] or "<w:p/>"}</w:footnote>' for n in cited)
    used = set(re.findall(r'<w:hyperlink r:id="(l\d+)">', body + notes))
    pictures = set(re.findall(r'<a:blip r:embed="p(\d+)"/>', body + notes))
    relations = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/hyperlink" Target={quoteattr(href)} TargetMode="External"/>'
        for href, key in main.links.items()
        if key in used
    ) + "".join(f'<Relationship Id="p{n}" Type="{_OFFICE}/image" Target="media/{n}.png"/>' for n in pictures)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        parts = {
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="d" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>',
            "word/_rels/footnotes.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>',
            "word/document.xml": _ROOT.format(root="document", inner=f"<w:body>{body}</w:body>"),
            "word/footnotes.xml": _ROOT.format(root="footnotes", inner=notes),
            "word/numbering.xml": _NUMBERING,
            # The reader of a picture finds its number where the picture would be.
            **{f"word/media/{n}.png": n for n in pictures},
        }
        for name, text in parts.items():
            package.writestr(name, text)
    file.seek(0)
    result = mammoth.convert_to_html(
        file, style_map=_STYLE_MAP, include_default_style_map=False, include_embedded_style_map=False,
        external_file_access=False, id_prefix="word-", convert_image=_image,
    )  # fmt: skip
    root = ET.fromstring(f"<html>{result.value}</html>")  # noqa: S314  # mammoth's, of what was written above
    if cited:
        _put_notes(root)
    return list(root)


def _image(image: Any) -> list[Any]:
    with image.open() as file:
        return [mammoth_html.element("img", {"src": f"{PLACEHOLDER}{file.read().decode()}"})]


def _put_notes(root: ET.Element) -> None:
    """Take the list of notes from the end, and put each where its number stands."""
    notes = {}
    for item in root[-1]:
        if key := item.get("id"):
            notes[f"#{key}"] = item
    root.remove(root[-1])
    for parent in list(root.iter()):
        for place, child in enumerate(parent):
            if child.tag == "sup" and len(child) == 1 and child[0].get("id", "").startswith("word-footnote-ref-"):
                note = ET.Element("span", {"class": "footnote"})
                note.tail = child.tail
                _pour(notes[child[0].get("href", "")], note)
                _trim(note)
                if note.text or len(note):
                    parent[place] = note
                else:  # an empty note: its number goes too
                    child.clear()
                    child.tag, child.tail = "span", note.tail


def _pour(source: ET.Element, into: ET.Element) -> None:
    """The words of a note with their marks, as one line: a note has no paragraphs."""

    def say(text: str | None) -> None:
        if text and len(into):
            into[-1].tail = (into[-1].tail or "") + text
        elif text:
            into.text = (into.text or "") + text

    say(source.text)
    for child in source:
        if child.get("href", "").startswith("#word-footnote-ref-"):
            continue
        if child.tag in ("a", "strong", "em", "sup", "sub"):
            kept = ET.Element(child.tag, child.attrib)
            _pour(child, kept)
            into.append(kept)
        elif child.tag == "br":
            say(" ")
        else:
            say(" ")
            _pour(child, into)
            say(" ")
        say(child.tail)


def _trim(note: ET.Element) -> None:
    """Single spaces within a note, none at its ends."""
    for element in note.iter():
        element.text = re.sub(r"[ \t\n]+", " ", element.text or "")
        if element is not note:
            element.tail = re.sub(r"[ \t\n]+", " ", element.tail or "")
    note.text = (note.text or "").lstrip()
    if len(note):
        note[-1].tail = (note[-1].tail or "").rstrip()
    else:
        note.text = note.text.rstrip()
