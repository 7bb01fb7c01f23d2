"""What is derived from a revision: HTML ready to serve, contents, words, minutes. Rebuilt at will."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from articles.models import Rendering, Revision
from articles.pictures import show_pictures
from prose import measure
from prose.markup import Element, Node, is_footnote, parse, serialise

# Sanitised HTML has no table within a table.
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
# What the page itself says stands in English, whatever the language of the piece.
_ENGLISH = {"lang": "en-GB", "dir": "ltr"}
_WATCHED = {
    "youtube.com": "Watch on YouTube",
    "youtube-nocookie.com": "Watch on YouTube",
    "youtu.be": "Watch on YouTube",
    "vimeo.com": "Watch on Vimeo",
}


def body_html(body: str) -> str:
    """A sanitised body as pages show it: headings with ids, notes with their numbers, links in the place of embeds,
    tables that scroll, pictures with renditions and credit."""
    nodes = parse(measure.with_heading_ids(body))
    return show_pictures(with_scrolling_tables(serialise(for_reading(nodes))))


def for_reading(nodes: list[Node]) -> list[Node]:
    """The tree of a body as pages show it, but for tables and pictures. Changes `nodes`."""
    _show_embeds(nodes)
    return _with_notes(nodes)


def with_scrolling_tables(html: str) -> str:
    """A wide table scrolls by itself, with the keyboard too, and the page stays as wide as the phone."""
    return _TABLE.sub(r'<div class="table-scroll" role="region" tabindex="0" aria-label="Table">\g<0></div>', html)


def render(revision: Revision) -> Rendering:
    """Make, or make anew, the rendering of a revision; its body is sanitised already."""
    words = measure.words(revision.body) + measure.words(revision.in_brief)
    rendering, _ = Rendering.objects.update_or_create(
        revision=revision,
        defaults={
            "html": body_html(revision.body),
            "contents": [{"level": h.level, "text": h.text, "id": h.id} for h in measure.contents(revision.body)],
            "words": words,
            "minutes": measure.reading_minutes(revision.body, revision.in_brief),
        },
    )
    return rendering


# --- Footnotes ------------------------------------------------------------------------------------


def _with_notes(nodes: list[Node]) -> list[Node]:
    """`nodes` with a number where each note stands, and the notes at the end, each with the way back."""
    notes: list[Element] = []
    shown = _numbered(nodes, notes)
    if not notes:
        return shown
    items: list[Node] = [_note(note, number) for number, note in enumerate(notes, 1)]
    title = Element("h2", {"id": "notes", **_ENGLISH}, ["Notes"])
    section = Element(
        "section",
        {"class": "footnotes", "role": "doc-endnotes", "aria-labelledby": "notes"},
        [title, Element("ol", {}, items)],
    )
    return [*shown, section]


def _numbered(nodes: Iterable[Node], notes: list[Element]) -> list[Node]:
    shown: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            shown.append(node)
        elif is_footnote(node):
            notes.append(node)
            shown.append(_reference(len(notes)))
        else:
            node.children = _numbered(node, notes)
            shown.append(node)
    return shown


def _reference(number: int) -> Element:
    link = {"href": f"#note-{number}", "id": f"note-ref-{number}", "role": "doc-noteref"}
    return Element(
        "sup", {"class": "note-ref", **_ENGLISH}, [Element("a", link | {"aria-label": f"Note {number}"}, [str(number)])]
    )


def _note(note: Element, number: int) -> Element:
    attributes = {name: value for name, value in note.attributes.items() if name != "class"}
    back = {"class": "note-back", "href": f"#note-ref-{number}", "role": "doc-backlink", **_ENGLISH}
    back["aria-label"] = f"Back to note {number} in the text"
    # Without the selector after it, phones draw the arrow as an emoji.
    arrow = Element("a", back, ["\u21a9\ufe0e"])
    return Element("li", {"id": f"note-{number}", **attributes}, [*note.children, "\u00a0", arrow])


# --- Pages elsewhere ------------------------------------------------------------------------------


def _show_embeds(nodes: Iterable[Node]) -> None:
    """Say in each embed where its one link leads; nothing of the other site is loaded."""
    for node in nodes:
        if not isinstance(node, Element):
            continue
        if node.tag == "figure" and node.attributes.get("class") == "embed":
            link = next((child for child in node if isinstance(child, Element) and child.tag == "a"), None)
            if link is not None:
                leads_to = Element("span", {"class": "leads-to", **_ENGLISH}, [_leads_to(link.attributes["href"])])
                link.children = [*_title(link), leads_to]
        else:
            _show_embeds(node)


def _title(link: Element) -> list[Node]:
    if any(isinstance(child, Element) and child.tag == "img" for child in link):
        return link.children
    return [Element("span", {"class": "title"}, link.children), " "]


def _leads_to(address: str) -> str:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    host = host.removeprefix("www.").removeprefix("m.").removeprefix("player.")
    return f"{_WATCHED.get(host, 'Read or watch it there')} (opens {host or 'another site'})"
