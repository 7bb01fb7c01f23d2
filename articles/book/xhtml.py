"""The XHTML of a text in a book: every element closed, every link leading somewhere, notes told to reading systems."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri

from prose.markup import VOID, Element, Node

# What a reading system shows in a window of its own, or leaves out when it reads aloud.
_TYPES = {"doc-noteref": "noteref", "doc-endnotes": "endnotes", "doc-backlink": "backlink"}
# It says how a link is opened in a browser.
_DROPPED = frozenset({"rel"})


def written(nodes: list[Node], address: str) -> str:
    """`nodes` as XHTML. A link to a place that is not in it leads to the page of the text, at `address`."""
    parts: list[str] = []
    _write(nodes, parts, _Places(address, set(_ids(nodes)), set()), note="")
    return "".join(parts)


class _Places:
    """The ids of a text, each of which may stand once."""

    def __init__(self, address: str, known: set[str], taken: set[str]) -> None:
        self.address, self.known, self.taken = address, known, taken

    def take(self, name: str) -> bool:
        is_free = name not in self.taken
        self.taken.add(name)
        return is_free


def _ids(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Element):
            if "id" in node.attributes:
                yield node.attributes["id"]
            yield from _ids(node.children)


def _write(nodes: Iterable[Node], parts: list[str], places: _Places, *, note: str) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(_escape(node))
            continue
        attributes = _attributes(node, places)
        if note and node.tag == "li":
            attributes["epub:type"] = note
        start = node.tag + "".join(f' {name}="{_escape(value)}"' for name, value in attributes.items())
        if node.tag in VOID:
            parts.append(f"<{start}/>")
            continue
        parts.append(f"<{start}>")
        is_notes = attributes.get("epub:type") == "endnotes"
        _write(node.children, parts, places, note="endnote" if is_notes else note if node.tag == "ol" else "")
        parts.append(f"</{node.tag}>")


def _attributes(node: Element, places: _Places) -> dict[str, str]:
    kept = {name: value for name, value in node.attributes.items() if name not in _DROPPED}
    if "id" in kept and not places.take(kept["id"]):
        del kept["id"]
    if "href" in kept:
        href = _href(kept["href"], places)
        kept = {**kept, "href": href} if href else {name: value for name, value in kept.items() if name != "href"}
    if "lang" in kept:
        kept["xml:lang"] = kept["lang"]
    if (role := kept.get("role", "")) in _TYPES:
        kept["epub:type"] = _TYPES[role]
    return kept


def _href(address: str, places: _Places) -> str:
    """A link that a reading system can follow; empty for one that is no address to it."""
    if address.startswith("#"):
        return address if address[1:] in places.known else iri_to_uri(f"{places.address}{address}")
    try:
        if address.startswith("http") and not urlsplit(address).hostname:
            return ""
        urlsplit(address).port  # noqa: B018  it raises for what is no number
        return iri_to_uri(address).replace("[", "%5B").replace("]", "%5D").replace("|", "%7C")
    except ValueError:
        return ""


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
