"""XML as both its formats write it."""

import datetime
import io
from collections.abc import Iterator
from contextlib import contextmanager
from xml.sax.xmlreader import AttributesImpl

from django.utils.xmlutils import SimplerXMLGenerator

from prose.characters import for_xml


class Xml:
    """A document under way. What XML can't hold is left out of texts and attributes; it never costs the document."""

    def __init__(self, *, is_part: bool = False) -> None:
        """A part is written alone, and put into a document as it is."""
        self._out = io.BytesIO()
        self._writer = SimplerXMLGenerator(self._out, "utf-8", short_empty_elements=True)
        if not is_part:
            self._writer.startDocument()

    @contextmanager
    def inside(self, tag: str, **attributes: str) -> Iterator[None]:
        """Write what stands in the element."""
        self._writer.startElement(tag, AttributesImpl(_named(attributes)))
        yield
        self._writer.endElement(tag)

    def add(self, tag: str, text: str = "", **attributes: str) -> None:
        """An element with a text; without one and without attributes, nothing."""
        text, named = for_xml(text), _named(attributes)
        if text or named:
            self._writer.addQuickElement(tag, text, named)

    def must(self, tag: str, text: str) -> None:
        """An element that the format asks for, whatever is left of its text."""
        self._writer.addQuickElement(tag, for_xml(text).strip() or "…")

    def put(self, part: bytes) -> None:
        """What was written before, at this place."""
        self._writer.ignorableWhitespace("")  # ends the tag that is open
        self._out.write(part)

    def written(self) -> bytes:
        return self._out.getvalue()


def _named(attributes: dict[str, str]) -> dict[str, str]:
    """`xml__lang` is written for `xml:lang`; what is empty is left out."""
    return {name.replace("__", ":"): kept for name, value in attributes.items() if (kept := for_xml(value))}


def moment(at: datetime.datetime) -> str:
    """By RFC 3339."""
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
