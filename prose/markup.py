"""A small tree of HTML that a sanitiser has already written out, for the other modules of this room.

Only nh3's own output is read here: every attribute is quoted, every `<` in a text is an entity, every element is
closed. A dozen lines of regular expression are then an exact parser, linear in the input and without recursion.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import TypeAlias

VOID = frozenset({"br", "hr", "img"})
# Deeper than any real text. What is nested deeper loses its element and keeps its text, so that the code that walks
# the tree may call itself.
MAX_DEPTH = 40

_TOKEN = re.compile(r'<(?P<end>/?)(?P<tag>[a-z][a-z0-9]*)(?P<attributes>(?: [a-z-]+="[^"]*")*)>|(?P<text>[^<]+)')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    def __iter__(self) -> Iterator["Node"]:
        return iter(self.children)


Node: TypeAlias = Element | str


def parse(html: str) -> list[Node]:
    """The tree of `html`, which must be the output of nh3."""
    root = Element("")
    stack: list[Element | None] = [root]  # None stands for an element that is not kept
    here = root
    for token in _TOKEN.finditer(html):
        if text := token["text"]:
            here.children.append(unescape(text))
        elif token["end"]:
            if len(stack) > 1 and stack.pop() is not None:
                here = next(element for element in reversed(stack) if element is not None)
        elif token["tag"] in VOID:
            here.children.append(Element(token["tag"], _attributes(token["attributes"])))
        elif len(stack) > MAX_DEPTH:
            stack.append(None)
        else:
            element = Element(token["tag"], _attributes(token["attributes"]))
            here.children.append(element)
            stack.append(element)
            here = element
    return root.children


def _attributes(source: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(source)} if source else {}


def start_tag(tag: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {name}="{escape_attribute(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>"


def serialise(nodes: Iterable[Node]) -> str:
    """The HTML of a tree, spelled as nh3 spells it."""
    parts: list[str] = []
    _write(nodes, parts)
    return "".join(parts)


def _write(nodes: Iterable[Node], parts: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(escape(node))
            continue
        parts.append(start_tag(node.tag, node.attributes))
        if node.tag not in VOID:
            _write(node.children, parts)
            parts.append(f"</{node.tag}>")


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def escape_attribute(text: str) -> str:
    return escape(text).replace('"', "&quot;")


def text_in(nodes: Iterable[Node]) -> str:
    """All the text below `nodes`, run together."""
    return "".join(node if isinstance(node, str) else text_in(node.children) for node in nodes)


def is_footnote(node: Node) -> bool:
    """Whether `node` is a note that stands where its number does."""
    return isinstance(node, Element) and node.tag == "span" and "footnote" in node.attributes.get("class", "").split()
