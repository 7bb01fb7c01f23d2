"""A text as it is read elsewhere than on its page: in a feed reader, in a book.

There its links need full addresses, and a picture goes along only where its licence lets it: its description stands in
its place then, with the way to the page, and caption and credit stay.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext

from articles.images import pictures_in
from articles.models import Image
from articles.pictures import without_sources
from articles.render import in_own_words
from forum.languages import spoken
from prose.markup import Element, Node, parse

# What a page says of an element to screen readers; a program that shows feeds has its own ways.
ARIA = frozenset({"role", "aria-label", "aria-labelledby"})
_LEFT_OUT = {"class": "left-out"}


@dataclass(frozen=True, slots=True)
class Journey:
    """Where a text is read."""

    # The full address of its page.
    address: str
    # Where a picture is to be had there; empty for one that stays at home.
    show: Callable[[Image], str]
    # The pictures of the library within the text, by the names of their files.
    pictures: Mapping[str, Image] = field(default_factory=dict)
    # Whether a link within the text leads to where it leads on the page; to the page itself otherwise.
    keeps_places: bool = False
    # Attributes that mean nothing there.
    drops: frozenset[str] = frozenset()


def pictures_by_name(texts: Iterable[str]) -> dict[str, Image]:
    """The pictures of the library within these texts, by the names of their files, in one query however many they are."""
    names = {name for html in texts for name in pictures_in(html)}
    found: dict[str, Image] = Image.objects.in_bulk(names, field_name="file")
    return {image.file.name: image for image in found.values()}


def carried(html: str, journey: Journey) -> list[Node]:
    """The tree of a text, made ready for pages (`articles.render`), as it is read there."""
    return _carried(parse(without_sources(in_own_words(html))), journey, is_linked=False)


def figure(image: Image, journey: Journey) -> Element:
    """A picture that stands by itself, such as at the head of a piece, with its caption and credit."""
    told = " ".join(filter(None, (image.caption, image.credit)))
    source = journey.show(image)
    shown = _shown(image, source) if source else Element("p", {}, _left_out(image.alt, journey))
    return Element("figure", {}, [shown, *([Element("figcaption", {}, [told])] if told else [])])


def _spoken() -> dict[str, str]:
    """For words of ours, and not of the piece, which may be in another language."""
    return {"lang": spoken()["language"], "dir": spoken()["direction"]}


def _carried(nodes: Iterable[Node], journey: Journey, *, is_linked: bool) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            found.append(node)
        elif node.tag == "img":
            found += _picture(node, journey, is_linked=is_linked)
        elif node.tag == "div" and node.attributes.get("class") == "table-scroll":
            # The frame in which a wide table scrolls on the page.
            found += _carried(node.children, journey, is_linked=is_linked)
        else:
            children = _carried(node.children, journey, is_linked=is_linked or node.tag == "a")
            if node.tag == "figure":
                # A picture's place may be taken by words now, which stand in a paragraph.
                children = [
                    Element("p", {}, [child]) if isinstance(child, Element) and child.attributes == _LEFT_OUT else child
                    for child in children
                ]
            found.append(Element(node.tag, _attributes(node, journey), children))
    return found


def _attributes(node: Element, journey: Journey) -> dict[str, str]:
    kept = {name: value for name, value in node.attributes.items() if name not in journey.drops}
    if node.tag == "a" and "href" in kept:
        kept["href"] = _full(kept["href"], journey)
    return kept


def _full(address: str, journey: Journey) -> str:
    if address.startswith("#"):
        return address if journey.keeps_places else f"{journey.address}{address}"
    return f"{settings.SITE_URL}{address}" if address.startswith("/") else address


def _picture(node: Element, journey: Journey, *, is_linked: bool) -> list[Node]:
    names = pictures_in(f'<img src="{node.attributes.get("src", "")}">')
    image = journey.pictures.get(names[0]) if names else None
    source = journey.show(image) if image else ""
    alt = node.attributes.get("alt", "")
    if image and source:
        return [_shown(image, source, alt=alt or image.alt)]
    if is_linked:
        # A link can't stand within another; this one leads to what the picture was of.
        return [f"{alt or gettext('Picture')} "]
    return [Element("span", _LEFT_OUT, _left_out(alt, journey))]


def _shown(image: Image, source: str, alt: str | None = None) -> Element:
    return Element(
        "img",
        {
            "src": source,
            "alt": image.alt if alt is None else alt,
            "width": str(image.width),
            "height": str(image.height),
        },
    )


def _left_out(alt: str, journey: Journey) -> list[Node]:
    link = Element("a", {"href": journey.address, **_spoken()}, [gettext("See the picture on our page")])
    return [Element("em", {}, [alt]), " (", link, ")"] if alt else [link]
