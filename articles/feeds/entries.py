"""What a feed tells, gathered once for all its formats."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from articles.elsewhere import ARIA, Journey, carried, figure, pictures_by_name
from articles.identity import guid, urn
from articles.images import pictures_in
from articles.lists import tags_of_pieces
from articles.metadata import LISTED, Contributor, Metadata, listed_from, metadata_of
from articles.models import Byline, Image
from articles.paging import Page
from articles.pieces import public_text, rendering_of
from articles.views.public import absolute
from forum.languages import spoken
from forum.models import Masthead
from forum.pagecache import covered
from forum.remembered import MEMORY, Remembered, mark_of, surroundings
from prose.markup import serialise

COUNT = 20
# Before the first piece. Never the present moment, so that an unchanged feed has the same bytes.
LONG_AGO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture at the head of a piece, where it may travel."""

    url: str
    type: str
    width: int
    height: int
    alt: str
    credit: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece. Moments are aware."""

    guid: str
    urn: str
    title: str
    url: str
    language: str
    summary: str
    # HTML with full addresses: corrections, the lead image, In Brief, the text, who wrote it.
    content: str
    published_at: datetime.datetime
    modified_at: datetime.datetime
    authors: list[Contributor]
    # Who translated it, led the interview or edited it.
    others: list[Contributor] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    licence: str = ""
    licence_url: str = ""
    picture: Picture | None = None
    # By format: the entry as it stands in a feed.
    written: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def as_written(self, kind: str, write: Callable[[Self], bytes]) -> bytes:
        """What `write` makes of it, once."""
        if kind not in self.written:
            self.written[kind] = write(self)
        return self.written[kind]


@dataclass(frozen=True, slots=True)
class Channel:
    """The list that a feed is of. Addresses are full."""

    urn: str
    title: str
    url: str
    feed_url: str
    about: str
    publication: str
    site_url: str
    language: str
    rights: str
    icon: str
    entries: list[Entry] = field(default_factory=list)
    # Of a feed in pages (RFC 5005, 3): of the page with what is older and newer, and, of a later page, of the first.
    older_url: str = ""
    newer_url: str = ""
    first_url: str = ""

    @property
    def pages(self) -> list[tuple[str, str]]:
        """Where the other pages are, by what RFC 5005 calls them."""
        found = (("first", self.first_url), ("previous", self.newer_url), ("next", self.older_url))
        return [(name, url) for name, url in found if url]

    @property
    def modified_at(self) -> datetime.datetime:
        """The last change of any entry."""
        return max((entry.modified_at for entry in self.entries), default=LONG_AGO)


def channel_of(
    masthead: Masthead,
    entries: list[Entry],
    *,
    urn: str,
    title: str,
    link: str,
    feed_link: str,
    about: str,
    shown: Page,
) -> Channel:
    first = absolute(feed_link)
    return Channel(
        urn=urn,
        title=title,
        url=absolute(link),
        feed_url=f"{first}{shown.query}",
        about=about,
        publication=masthead.name,
        site_url=absolute("/"),
        language=masthead.language.lower(),
        rights=" ".join(filter(None, (f"© {masthead.rights_holder}.", masthead.rights_line))),
        icon=absolute(static("icons/apple-touch-icon.png")),
        entries=entries,
        older_url=shown.older_url and f"{first}{shown.older_url}",
        newer_url=shown.newer_url and f"{first}{shown.newer_url}",
        first_url=first if shown.query else "",
    )


def entries_of(ids: list[int], masthead: Masthead, now: datetime.datetime) -> list[Entry]:
    """Those of the pieces that are listed, the newest first, in a fixed number of queries. What a text becomes elsewhere is made
    once for the row that it comes from, and the pictures within it."""
    with covered(*tags_of_pieces(ids)):
        rows = LISTED.rows(ids=list(ids), now=now)
    place = LISTED.place_of("rendering.html")
    # While renderings are made anew, one may be missing.
    texts = [rendering_of(public_text(listed_from(row))).html if row[place] is None else row[place] for row in rows]
    pictures = pictures_by_name(texts)

    def entry(row: tuple[Any, ...], within: dict[str, Image]) -> Entry:
        return _entry(metadata_of(listed_from(row), masthead, now), within)

    found = []
    for row, html in zip(rows, texts, strict=True):
        within = {name: pictures[name] for name in pictures_in(html) if name in pictures} if pictures else {}
        key = (mark_of(row, [_row_of(image) for image in within.values()]), masthead.fingerprint, *surroundings())
        found.append(_ENTRIES(key, partial(entry, row, within)))
    return found


# Each in one or two of its formats.
_ENTRIES: Remembered[Entry] = Remembered(MEMORY * 3 // 16, lambda entry: 4000 + 3 * len(entry.content))


def _row_of(image: Image) -> list[Any]:
    return [image.__dict__[column.attname] for column in image._meta.concrete_fields]


def _entry(told: Metadata, pictures: dict[str, Image]) -> Entry:
    others = [one for one in told.contributors if one not in told.authors]
    journey = Journey(address=told.url, show=_address_of, pictures=pictures, drops=ARIA)
    image = told.lead_image if told.lead_image and told.lead_image.may_travel else None
    return Entry(
        guid=guid("article", told.pk),
        urn=urn("article", told.pk),
        title=told.title,
        url=told.url,
        language=told.language,
        summary=told.in_brief,
        content=_content(told, others, journey),
        published_at=told.published_at.replace(microsecond=0),
        modified_at=told.modified_at.replace(microsecond=0),
        authors=told.authors,
        others=others,
        categories=told.keywords,
        licence=told.licence,
        licence_url=told.licence_url,
        picture=_picture(image) if image else None,
    )


def _picture(image: Image) -> Picture:
    kind = "image/png" if image.file.name.endswith(".png") else "image/jpeg"
    return Picture(_address_of(image), kind, image.width, image.height, alt=image.alt, credit=image.credit)


def _address_of(image: Image) -> str:
    return absolute(image.file.url) if image.may_travel else ""


def _content(told: Metadata, others: list[Contributor], journey: Journey) -> str:
    """What the page has, for reading elsewhere."""
    ours = spoken()["language"]
    parts: list[str] = [
        format_html(
            '<p lang="{}"><strong>{}</strong> <bdi>{}</bdi></p>',
            ours,
            gettext("Correction, %(day)s:") % {"day": date_format(timezone.localdate(one.at), "DATE_FORMAT")},
            one.note,
        )
        for one in told.corrections
    ]
    if others:
        parts.append(
            format_html(
                '<p lang="{}">{}</p>', ours,
                format_html_join(". ", "{} <bdi>{}</bdi>", ((Byline(role=one.role).role_label, one.name) for one in others)),
            )
        )  # fmt: skip
    if told.lead_image:
        parts.append(serialise([figure(told.lead_image, journey)]))
    parts += [format_html("<p><strong>{}</strong></p>", part) for part in told.in_brief.split("\n\n") if part.strip()]
    parts.append(serialise(carried(rendering_of(told.text).html, journey)))
    bios = dict.fromkeys(one.bio for one in told.contributors if one.bio)
    parts += [format_html('<p dir="auto"><em>{}</em></p>', bio) for bio in bios]
    # A feed has one language for all its pieces; a reader's program learns that of each from here.
    return format_html('<div lang="{}" dir="{}">\n', told.language, told.direction) + "\n".join(parts) + "\n</div>"
