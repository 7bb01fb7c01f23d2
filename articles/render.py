"""What is derived from a revision: HTML ready to serve, contents, words, minutes. Rebuilt at will."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.utils.html import escape
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from articles.models import Rendering, Revision
from articles.pictures import show_pictures
from forum.languages import spoken
from prose import measure
from prose.markup import Element, Node, escape_attribute, is_footnote, parse, serialise, text_in

# Sanitised HTML has no table within a table.
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_CAPTION = re.compile(r"<caption\b[^<>]*>(.*?)</caption>", re.DOTALL)
_REFERENCE = re.compile(r'<sup class="note-ref".*?</sup>', re.DOTALL)
# A name is heard whole each time that somebody comes to what it names.
_LONGEST_NAME = 150
# What the page itself says is stored in English and marked so, whatever the language of the piece; where it is served,
# `in_own_words` says it in the language of the site.
_ENGLISH = {"lang": "en-GB", "dir": "ltr"}
NOTES = gettext_noop("Notes")
NOTE = gettext_noop("Note %(number)s")
BACK = gettext_noop("Back to note %(number)s in the text")
TABLE = gettext_noop("Table")
ON_YOUTUBE = gettext_noop("Watch on YouTube (opens %(host)s)")
ON_VIMEO = gettext_noop("Watch on Vimeo (opens %(host)s)")
ELSEWHERE = gettext_noop("Read or watch it there (opens %(host)s)")
SOMEWHERE = gettext_noop("Read or watch it there (opens another site)")
_WATCHED = {
    "youtube.com": ON_YOUTUBE,
    "youtube-nocookie.com": ON_YOUTUBE,
    "youtu.be": ON_YOUTUBE,
    "vimeo.com": ON_VIMEO,
}
# Where those words stand. Nobody writes such elements into a text: the sanitiser leaves neither their roles nor classes.
_OWN = re.compile(
    r'<h2 id="notes" lang="en-GB" dir="ltr">(?P<notes>Notes)'
    r'|<sup class="note-ref" lang="en-GB" dir="ltr">(?P<link><a [^<>]*?) aria-label="Note (?P<note>[0-9]+)"'
    r'|(?<= role="doc-backlink") lang="en-GB" dir="ltr" aria-label="Back to note (?P<back>[0-9]+) in the text"'
    r'|(?P<table><div class="table-scroll" role="region" tabindex="0") aria-label="Table"'
    r'|<span class="leads-to" lang="en-GB" dir="ltr">(?P<leads>[^<>(]* )\(opens (?P<host>[^<>]*)\)'
)


def body_html(body: str) -> str:
    """A sanitised body as pages show it: headings with ids, notes with their numbers, links in the place of embeds,
    tables that scroll, pictures with renditions and credit."""
    nodes = parse(measure.with_heading_ids(body))
    return show_pictures(with_scrolling_tables(serialise(for_reading(nodes))))


def in_own_words(html: str) -> str:
    """HTML of `body_html`, where the page's own words are in the language now spoken."""
    attributes = 'lang="{language}" dir="{direction}"'.format_map(spoken())

    def said(found: re.Match[str]) -> str:
        if found["notes"]:
            return f'<h2 id="notes" {attributes}>{_(NOTES)}'
        if number := found["note"]:
            label = escape(_(NOTE) % {"number": number})
            return f'<sup class="note-ref" {attributes}>{found["link"]} aria-label="{label}"'
        if number := found["back"]:
            return f' {attributes} aria-label="{escape(_(BACK) % {"number": number})}"'
        if found["table"]:
            return f'{found["table"]} aria-label="{escape(_(TABLE))}"'
        return f'<span class="leads-to" {attributes}>{_way(found["leads"], found["host"])}'

    return _OWN.sub(said, html)


def _way(leads: str, host: str) -> str:
    """The line beneath what stands on another site; what it was is known by how it begins."""
    for sentence in (ON_YOUTUBE, ON_VIMEO, SOMEWHERE if host == "another site" else ELSEWHERE):
        if sentence.startswith(leads):
            return _(sentence) % {"host": host}
    return f"{leads}(opens {host})"


def for_reading(nodes: list[Node]) -> list[Node]:
    """The tree of a body as pages show it, but for tables and pictures. Changes `nodes`."""
    _show_embeds(nodes)
    _hide_repeated(nodes)
    return _with_notes(nodes)


def with_scrolling_tables(html: str) -> str:
    """A wide table scrolls by itself, with the keyboard too, and the page stays as wide as the phone. Who can't see it is
    told by its caption which of several it is."""

    def scrolling(table: re.Match[str]) -> str:
        name = escape_attribute(_name(table[0]) or TABLE)
        return f'<div class="table-scroll" role="region" tabindex="0" aria-label="{name}">{table[0]}</div>'

    return _TABLE.sub(scrolling, html)


def _name(table: str) -> str:
    """The words of its caption, without the numbers of notes; none where there is no caption."""
    caption = _CAPTION.search(table)
    words = text_in(parse(_REFERENCE.sub("", caption[1]))) if caption else ""
    return Truncator(" ".join(words.split())).chars(_LONGEST_NAME)


def render(revision: Revision) -> Rendering:
    """Make, or make anew, the rendering of a revision; its body is sanitised already."""
    words = measure.words(revision.body) + measure.words(revision.in_brief)
    rendering, _created = Rendering.objects.update_or_create(
        revision=revision,
        defaults={
            "html": body_html(revision.body),
            "contents": contents_json(revision.body),
            "words": words,
            "minutes": measure.reading_minutes(revision.body, revision.in_brief),
        },
    )
    return rendering


def contents_json(body: str) -> list[dict[str, Any]]:
    """The headings of a body, as `Rendering.contents` keeps them."""
    return [{"level": h.level, "text": h.text, "id": h.id} for h in measure.contents(body)]


# --- Pull quotes ----------------------------------------------------------------------------------


def _hide_repeated(nodes: list[Node]) -> None:
    """A pull quote that says again what the text says is for the eye: read aloud, it would be said twice."""
    pulls = [node for node in nodes if isinstance(node, Element) and node.attributes.get("class") == "pull"]
    if not pulls:
        return
    own = {id(pull) for pull in pulls}
    rest = _words(node for node in nodes if id(node) not in own)
    for pull in pulls:
        has_link = any(isinstance(part, Element) for part in _within(pull))
        if not has_link and (words := _words([pull])) and words in rest:
            pull.attributes["aria-hidden"] = "true"


def _words(nodes: Iterable[Node]) -> str:
    return " ".join(re.findall(r"\w+", " ".join(text_in([node]) for node in nodes).casefold()))


def _within(element: Element) -> Iterable[Node]:
    """Links and footnotes in it, at any depth."""
    for child in element:
        if isinstance(child, Element):
            if child.tag == "a" or is_footnote(child):
                yield child
            yield from _within(child)


# --- Footnotes ------------------------------------------------------------------------------------


def _with_notes(nodes: list[Node]) -> list[Node]:
    """`nodes` with a number where each note stands, and the notes at the end, each with the way back."""
    notes: list[Element] = []
    shown = _numbered(nodes, notes)
    if not notes:
        return shown
    items: list[Node] = [_note(note, number) for number, note in enumerate(notes, 1)]
    title = Element("h2", {"id": "notes", **_ENGLISH}, [NOTES])
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
        "sup",
        {"class": "note-ref", **_ENGLISH},
        [Element("a", link | {"aria-label": NOTE % {"number": number}}, [str(number)])],
    )


def _note(note: Element, number: int) -> Element:
    attributes = {name: value for name, value in note.attributes.items() if name != "class"}
    back = {"class": "note-back", "href": f"#note-ref-{number}", "role": "doc-backlink", **_ENGLISH}
    back["aria-label"] = BACK % {"number": number}
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
    return _WATCHED.get(host, ELSEWHERE) % {"host": host} if host else SOMEWHERE
