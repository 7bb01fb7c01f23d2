"""Binding a book: the files of an EPUB, always the same bytes for the same contents."""

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import gettext

from articles.book.contents import Book, Pictures
from articles.book.pictures import MissingError, content_of, size_of
from articles.feeds.xml import moment
from articles.metadata import Contributor
from articles.models import Byline, Image
from forum.languages import spoken
from forum.models import Masthead
from prose.characters import for_xml

CONTENT_TYPE = "application/epub+zip"
# Counts as a part of the contents: move it on when the same texts are to be bound in another way.
_VERSION = "1"
_FONT = "fonts/forum-serif-latin.woff2"
_CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="EPUB/content.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
# The cover's lines: their width in letters, and how many there are.
_ACROSS, _DOWN = 17, 9
# The words of MARC for who did what.
_RELATORS = {
    Byline.Role.AUTHOR.value: "aut",
    Byline.Role.TRANSLATOR.value: "trl",
    Byline.Role.INTERVIEWER.value: "ivr",
    Byline.Role.EDITOR.value: "edt",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the book, as its manifest names it."""

    id: str
    file: str
    type: str
    properties: str = ""
    is_read: bool = False


@dataclass(slots=True)
class Bound:
    """A book of which the texts are written, before its pictures are read."""

    texts: dict[str, str]
    book: Book

    @property
    def digest(self) -> str:
        """Of all that is in it: texts, and pictures, whose files never change."""
        told = hashlib.blake2b(_VERSION.encode(), digest_size=16)
        for name, text in self.texts.items():
            told.update(f"{name}\0{text}\0".encode())
        for image in self.book.pictures:
            told.update(f"{image.file.name}\0".encode())
        return told.hexdigest()

    def packed(self) -> bytes:
        """The bytes of the file. Raises `pictures.MissingError` with all pictures that can't be read."""
        missing: list[Image] = []
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            # First and as it is, by which programs know a book without opening it.
            _put(archive, "mimetype", CONTENT_TYPE.encode(), is_stored=True)
            _put(archive, "META-INF/container.xml", _CONTAINER.encode())
            for name, text in self.texts.items():
                _put(archive, f"EPUB/{name}", text.encode())
            _put(archive, "EPUB/fonts/forum-serif.woff2", _font(), is_stored=True)
            for image in self.book.pictures:
                try:
                    _put(archive, f"EPUB/{Pictures.path_of(image)}", content_of(image), is_stored=True)
                except MissingError as problem:
                    missing += problem.images
        if missing:
            raise MissingError(*missing)
        return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes, *, is_stored: bool = False) -> None:
    # The day on which the clocks of zip files begin: the same bytes each time.
    item = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    item.create_system, item.external_attr = 3, 0o644 << 16
    archive.writestr(item, content, zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED)


def _font() -> bytes:
    found = finders.find(_FONT)
    assert isinstance(found, str), "It lies in static/fonts."
    return Path(found).read_bytes()


def bound(book: Book, masthead: Masthead) -> Bound:
    """The texts of the book, in the language that the present thread speaks."""
    context: dict[str, Any] = {"book": book, "masthead": masthead, "ours": spoken()}
    texts = {
        "style.css": _written("style.css", context),
        "cover.xhtml": _written("cover.html", {**context, "cover": _picture(book)}),
        "title.xhtml": _written("title.html", context),
    }
    if book.cover is None:
        texts["cover.svg"] = _written("cover.svg", {**context, "cover_lines": _cover_lines(book.title)})
    if book.introduction:
        texts["introduction.xhtml"] = _written("introduction.html", context)
    for chapter in book.chapters:
        texts[chapter.file] = _written("chapter.html", {**context, "chapter": chapter})
    texts["nav.xhtml"] = _written("nav.html", context)
    texts["content.opf"] = _written(
        "content.opf",
        {
            **context,
            "items": _items(book),
            "people": _people(book),
            "modified": moment(book.modified_at),
            "has_pictures": bool(book.pictures),
            "is_described": (is_described := all(image.alt for image in book.pictures)),
            "access": _access(is_described),
        },
    )
    return Bound(texts, book)


def _written(name: str, context: dict[str, Any]) -> str:
    return for_xml(render_to_string(f"articles/book/{name}", context))


def _picture(book: Book) -> dict[str, Any] | None:
    if book.cover is None:
        return None
    width, height = size_of(book.cover)
    return {"path": Pictures.path_of(book.cover), "width": width, "height": height}


def _items(book: Book) -> list[Item]:
    """The manifest; what is read, in the order in which it is."""
    page = "application/xhtml+xml"
    items = [
        Item("cover", "cover.xhtml", page, is_read=True),
        Item("title", "title.xhtml", page, is_read=True),
        Item("nav", "nav.xhtml", page, "nav", is_read=True),
    ]
    if book.introduction:
        items.append(Item("introduction", "introduction.xhtml", page, is_read=True))
    items += [Item(chapter.file.removesuffix(".xhtml"), chapter.file, page, is_read=True) for chapter in book.chapters]
    items += [
        Item("style", "style.css", "text/css"),
        Item("font", "fonts/forum-serif.woff2", "font/woff2"),
    ]
    if book.cover is None:
        items.append(Item("cover-svg", "cover.svg", "image/svg+xml", "cover-image"))
    return items + [
        Item(
            f"picture-{image.pk}",
            Pictures.path_of(image),
            "image/jpeg",
            "cover-image" if book.cover and image.pk == book.cover.pk else "",
        )
        for image in book.pictures
    ]


def _access(is_described: bool) -> str:
    """For who chooses books by what they can be read with."""
    if is_described:
        return gettext(
            "Text that adapts to the reader, with headings, a table of contents and a description of each picture."
        )
    return gettext(
        "Text that adapts to the reader, with headings and a table of contents. Some pictures have no description."
    )


def _people(book: Book) -> list[dict[str, str]]:
    """Who made it: the editors first, then the authors; translators and others as contributors."""
    editors = [Contributor(editor.name, role=Byline.Role.EDITOR.value) for editor in book.editors]
    told = [*(("creator", one) for one in (*editors, *book.authors)), *(("contributor", one) for one in book.others)]
    return [
        {
            "id": f"person-{number}",
            "tag": tag,
            "name": one.name,
            "sorted": one.inverted,
            "relator": _RELATORS.get(one.role, "aut"),
        }
        for number, (tag, one) in enumerate(told, 1)
    ]


def _cover_lines(title: str) -> list[dict[str, Any]]:
    """The title on lines as wide as the cover: a picture breaks none by itself."""
    lines = [""]
    for word in _parts(title):
        if _width(lines[-1] + word.rstrip()) > _ACROSS:
            lines.append("")
        lines[-1] += word
    if len(lines) > _DOWN:
        lines = [*lines[: _DOWN - 1], f"{lines[_DOWN - 1].rstrip()} …"]
    return [{"text": line.strip(), "y": 540 + 120 * number} for number, line in enumerate(lines)]


def _parts(title: str) -> Iterable[str]:
    """Where a line may break: after a space, or anywhere in a script that has none."""
    return re.findall(r"[^\s\u3000-\uffee]{1,24}\s*|[\u3000-\uffee]\s*|\s+", title)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
