"""The frozen text as a referee reads it: its passages numbered, its pictures by addresses of the review alone.

A passage is what holds words by itself: a paragraph, a heading, an item of a list, a caption; a table, and a figure
without a caption, is one. A note belongs to the passage that it stands in. The text of a round never changes, so the
numbers don't either.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from articles.images import pictures_in
from articles.models import Image, Revision
from articles.render import for_reading, with_scrolling_tables
from prose import diff
from prose.markup import Element, Node, is_footnote, parse, serialise, text_in
from review.models import Review

# Two texts that are longer together are not compared: it would take the server too long.
LONGEST_COMPARED = 300_000
LONGEST_EXCERPT = 400

_WHOLE = frozenset("p h2 h3 h4 pre figcaption table".split())
# What may hold words by itself or other passages.
_EITHER = frozenset({"li", "blockquote", "figure"})
_LINES = frozenset("p h2 h3 h4 pre figcaption table ul ol li blockquote figure hr".split())
# Where a button can stand at the end of the line; behind the others it stands by itself.
_ENDS_WITH_BUTTON = frozenset({"p", "li", "blockquote", "figcaption"})

# The address of a picture by its place in `pictures_of`, from 0.
Address = Callable[[int], str]


def _passages(nodes: Iterable[Node]) -> Iterator[Element]:
    """The passages in their order; the first has the number 1."""
    for node in nodes:
        if not isinstance(node, Element) or is_footnote(node):
            continue
        if node.tag in _WHOLE or (node.tag in _EITHER and _has_own_words(node)):
            yield node
        if node.tag not in _WHOLE:
            yield from _passages(node.children)


def _has_own_words(node: Element) -> bool:
    if node.tag == "figure":
        return not any(isinstance(child, Element) and child.tag in _WHOLE for child in node)
    return any(
        (isinstance(child, str) and bool(child.strip())) or (isinstance(child, Element) and child.tag not in _LINES)
        for child in node
    )


def count(body: str) -> int:
    """How many passages a body has."""
    return sum(1 for _ in _passages(parse(body)))


def excerpt(body: str, paragraph: int) -> str:
    """The words of one passage, shortened; empty where there is no such passage."""
    for number, element in enumerate(_passages(parse(body)), 1):
        if number == paragraph:
            words = " ".join(_words(element).split())
            return words if len(words) <= LONGEST_EXCERPT else words[:LONGEST_EXCERPT].rsplit(" ", 1)[0] + " …"
    return ""


def _words(element: Element) -> str:
    """Its own words: without notes, and without the passages within it."""
    if element.tag == "table":
        return " ".join(text_in([cell]) for cell in element)
    return "".join(
        child if isinstance(child, str) else "" if is_footnote(child) or child.tag in _LINES else _words(child)
        for child in element
    )


@dataclass(frozen=True)
class Shown:
    """A text as a referee is shown it; nothing of the article itself reaches a template."""

    title: str
    in_brief: str
    body: SafeString
    picture_url: str = ""
    picture: Image | None = None
    credit: str = ""


def shown(review: Review, address: Address, *, form: str = "") -> Shown:
    """The frozen text of the review's round. With `form`, the id of a form, each passage ends with a button of it that
    asks for a comment (its action is “remark-” and the number)."""
    revision = review.round.revision
    nodes = parse(revision.body)
    marks = {n.paragraph for n in review.remarks.all()} if form else set()
    after: dict[int, Element] = {}
    for number, element in enumerate(list(_passages(nodes)), 1):
        element.attributes = {"id": f"p-{number}", **element.attributes}
        if form:
            button = _button(number, form, is_marked=number in marks)
            if element.tag in _ENDS_WITH_BUTTON:
                _put_at_end(element, button)
            else:
                after[id(element)] = button
    nodes = _behind(nodes, after)
    picture = revision.lead_image
    return Shown(
        title=revision.title or "Untitled",
        in_brief=revision.in_brief,
        body=_html(for_reading(nodes), pictures_of(review), address),
        picture_url=address(0) if picture else "",
        picture=picture,
        credit=picture.credit if picture and not review.round.hides_authors else "",
    )


def _button(number: int, form: str, *, is_marked: bool) -> Element:
    attributes = {
        "class": "remark-here is-marked" if is_marked else "remark-here", "type": "submit", "form": form, "name": "action",
        "value": f"remark-{number}", "formnovalidate": "", "lang": "en-GB", "dir": "ltr",
        "aria-label": f"Comment on passage {number}", "title": f"Comment on passage {number}",
    }  # fmt: skip
    return Element("button", attributes, [str(number)])


def _put_at_end(element: Element, button: Element) -> None:
    """Behind its last words, before a list that stands within the item."""
    place = next(
        (n for n, child in enumerate(element.children) if isinstance(child, Element) and child.tag in _LINES),
        len(element.children),
    )
    element.children[place:place] = ["\u00a0", button]


def _behind(nodes: list[Node], after: dict[int, Element]) -> list[Node]:
    made: list[Node] = []
    for node in nodes:
        made.append(node)
        if isinstance(node, Element):
            node.children = _behind(node.children, after)
            if (button := after.get(id(node))) is not None:
                made.append(Element("div", {"class": "remark-line"}, [button]))
    return made


# --- pictures -------------------------------------------------------------------------------------


def earlier(review: Review) -> Review | None:
    """What the same referee sent last in an earlier round of the piece."""
    return (
        Review.objects.filter(referee=review.referee_id, state=Review.State.SUBMITTED)
        .filter(round__article=review.round.article_id, round__number__lt=review.round.number)
        .select_related("round__revision__lead_image", "round__form", "referee")
        .order_by("-round__number")
        .first()
    )


def pictures_of(review: Review) -> list[str]:
    """File names of the pictures that the review may show, each by its place: the one above the text first (or
    nothing), then those within it, then those of the text that the referee read before."""
    revision = review.round.revision
    names = [revision.lead_image.file.name if revision.lead_image else "", *pictures_in(revision.body)]
    if (before := earlier(review)) is not None:
        names += [name for name in pictures_in(before.round.revision.body) if name not in names]
    return names


def picture(review: Review, place: int) -> Image | None:
    """A picture of the frozen text, or of the one that the referee read before."""
    names = pictures_of(review)
    return Image.objects.filter(file=names[place]).first() if 0 <= place < len(names) and names[place] else None


def _html(nodes: list[Node], names: list[str], address: Address) -> SafeString:
    _point_pictures(nodes, {name: n for n, name in reversed(list(enumerate(names)))}, address)
    # Safe: it was sanitised when it was written, and what is added here is ours.
    return mark_safe(with_scrolling_tables(serialise(nodes)))  # noqa: S308


def _point_pictures(nodes: Iterable[Node], places: dict[str, int], address: Address) -> None:
    """Let each picture point to its address of the review; links elsewhere open beside the form."""
    for node in nodes:
        if not isinstance(node, Element):
            continue
        if node.tag == "img":
            name = node.attributes.get("src", "").split("?")[0].removeprefix(settings.MEDIA_URL)
            source = {"src": address(places[name])} if name in places else {}
            kept = {key: value for key, value in node.attributes.items() if key in ("alt", "width", "height")}
            node.attributes = {**source, "alt": "", **kept, "loading": "lazy", "decoding": "async"}
        elif node.tag == "a" and node.attributes.get("href", "").startswith(("http:", "https:")):
            node.attributes |= {"target": "_blank", "rel": "noopener noreferrer"}
        _point_pictures(node.children, places, address)


# --- a later round --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changes:
    """What changed since the text that the referee read before."""

    title: SafeString
    in_brief: SafeString
    # Empty where the texts are too long to be compared.
    body: SafeString
    is_same: bool
    read_at: datetime.datetime | None


def changes(review: Review, before: Review, address: Address) -> Changes:
    """The text of this round against the one that the referee reviewed."""
    old: Revision = before.round.revision
    new: Revision = review.round.revision
    is_short = len(old.body) + len(new.body) <= LONGEST_COMPARED
    body = _html(parse(diff.diff_html(old.body, new.body)), pictures_of(review), address) if is_short else SafeString()
    return Changes(
        # Safe: prose.diff leaves nothing but text, ins and del.
        title=mark_safe(diff.diff_text(old.title, new.title)),  # noqa: S308
        in_brief=mark_safe(diff.diff_text(old.in_brief, new.in_brief)),  # noqa: S308
        body=body,
        is_same=(old.title, old.in_brief) == (new.title, new.in_brief) and diff.is_same(old.body, new.body),
        read_at=before.submitted_at,
    )
