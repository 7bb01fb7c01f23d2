"""Reading the XML of Office: names with the usual prefixes, in the transitional and the strict form alike."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

_SPACES_OF_NAMES: Final = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
}
_names: dict[str, str] = {}


def name(tag: str) -> str:
    """The tag with the usual prefix, such as `w:p`."""
    if (known := _names.get(tag)) is not None:
        return known
    space, _, local = tag[1:].rpartition("}")
    prefix = _SPACES_OF_NAMES.get(space, "")
    found = f"{prefix}:{local}" if prefix else ""
    if len(_names) < 5000:  # a document can't fill the memory with names
        _names[tag] = found
    return found


def children(element: ET.Element | None, called: str) -> Iterator[ET.Element]:
    """The children of that name."""
    return (one for one in element if name(one.tag) == called) if element is not None else iter(())


def child(element: ET.Element | None, *path: str) -> ET.Element | None:
    """The first child of that name, the first of its children of the next name, and so on."""
    for called in path:
        element = next(children(element, called), None)
    return element


def inside(element: ET.Element, called: str) -> ET.Element:
    """The child of that name, or an empty element."""
    found = child(element, called)
    return ET.Element("none") if found is None else found


def chosen(element: ET.Element) -> ET.Element:
    """Of an `mc:AlternateContent` what Word of today draws; else the same for older ones."""
    choice = child(element, "mc:Choice")
    return inside(element, "mc:Fallback") if choice is None else choice


def value(element: ET.Element | None, called: str = "w:val") -> str:
    """An attribute, empty where there is none."""
    if element is not None:
        for key, said in element.attrib.items():
            if key == called or name(key) == called:
                return said
    return ""


def toggle(properties: ET.Element | None, called: str) -> bool | None:
    """On, off, or not said."""
    element = child(properties, called)
    return None if element is None else value(element) not in ("0", "false", "off")


def number(text: str, otherwise: int = 0) -> int:
    """The number that an attribute says."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else otherwise


def number_of(element: ET.Element) -> tuple[str, str]:
    """The list and the level of a `w:numPr`."""
    return value(child(element, "w:numId")), value(child(element, "w:ilvl"))
