"""Handing a piece on: plain links to where people pass things on, and the words that go with a quotation.

Nothing of those sites is loaded: a link is followed by whoever wants to, and tells them of nobody else.
"""

from html import unescape
from urllib.parse import quote

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.metadata import Metadata
from articles.pieces import Link
from forum.languages import in_a_row

# How many authors a line names before it says “and others”.
NAMED = 3


def places_to_share(metadata: Metadata) -> list[Link]:
    """By mail, and to the few places where readers of analysis pass it on."""
    title, url = metadata.title, metadata.url
    both, letter = f"{title} {url}", f"{title}\n\n{metadata.description}\n\n{url}"
    return [
        Link(_("E-mail"), f"mailto:?subject={_escaped(title)}&body={_escaped(letter)}"),
        Link("WhatsApp", f"https://wa.me/?text={_escaped(both)}"),
        Link("LinkedIn", f"https://www.linkedin.com/sharing/share-offsite/?url={_escaped(url)}"),
        Link("Bluesky", f"https://bsky.app/intent/compose?text={_escaped(both)}"),
        Link("X", f"https://x.com/intent/post?text={_escaped(title)}&url={_escaped(url)}"),
    ]  # fmt: skip


def citation_line(metadata: Metadata) -> str:
    """Who, what and when, for the line beneath a quotation; the address is added where it is copied."""
    day = date_format(metadata.published_on, "DATE_FORMAT")
    title = _("“%(title)s”") % {"title": metadata.title}
    return ", ".join(part for part in (_names(metadata), title, metadata.publication, day) if part)


def _names(metadata: Metadata) -> str:
    names = [author.name for author in metadata.authors]
    if len(names) > NAMED:
        return _("%(name)s and others") % {"name": names[0]}
    return unescape(in_a_row(names))


def _escaped(text: str) -> str:
    return quote(text, safe="")
