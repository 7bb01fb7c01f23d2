"""What a page prints of a piece, taken from the text that its reader may see.

Templates get these and never the article itself: what is not here can't reach a reader by a slip in a template.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from articles.models import Article, Byline, Image, Publication, Rendering, Revision
from articles.render import body_html, contents_json
from prose import measure
from prose.scripts import direction_of


@dataclass(frozen=True, slots=True)
class Link:
    """A name, with the address that it leads to where there is one."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """Who stands above a piece, as on the day."""

    name: str
    affiliation: str
    bio: str
    role: str
    role_label: str
    url: str


@dataclass(frozen=True, slots=True)
class Text:
    """The parts of a text that lists print too."""

    title: str
    in_brief: str
    lead_image: Image | None


@dataclass(frozen=True, slots=True)
class Correction:
    at: datetime.datetime
    note: str


@dataclass(slots=True)
class Piece:
    live: Text
    get_absolute_url: str
    published_at: datetime.datetime | None
    published_on: datetime.date | None
    language: str
    direction: str
    reading_minutes: int = 0
    byline_list: list[Name] = field(default_factory=list)
    region_list: list[Link] = field(default_factory=list)
    tag_list: list[Link] = field(default_factory=list)
    series: Link | None = None
    corrections: list[Correction] = field(default_factory=list)
    # What lists print of it, by template and by how it is shown there: made once for what it was made from
    # (`articles.templatetags.fragments`). None for a piece that is shown to somebody alone.
    printed: dict[Any, SafeString] | None = None

    def on_another_page(self) -> "Piece":
        """The same, with a list of regions of its own: one page puts another region first. All share what is printed of it."""
        return Piece(
            self.live,
            self.get_absolute_url,
            self.published_at,
            self.published_on,
            self.language,
            self.direction,
            self.reading_minutes,
            self.byline_list,
            [*self.region_list],
            self.tag_list,
            self.series,
            self.corrections,
            self.printed,
        )

    @property
    def author_list(self) -> list[Name]:
        """Who wrote it, as lists name them: translators and interviewers stand above the piece itself. All, where nobody
        stands there as author."""
        return [one for one in self.byline_list if one.role in ("", Byline.Role.AUTHOR)] or self.byline_list

    @property
    def updated_at(self) -> datetime.datetime | None:
        """When readers were last told of a correction."""
        return max((correction.at for correction in self.corrections), default=None)


def public_text(article: Article) -> Revision:
    """The text that readers have of a published piece."""
    assert article.live is not None, "Only published pieces come here."
    return article.live


def piece_of(article: Article, text: Revision, *, is_listed: bool = True) -> Piece:
    """What lists and pages print. `text` is the revision that this reader may see: `article.live`, but for a preview.

    A piece that is on no list links to regions alone: the pages of its authors and topics may have nothing else.
    """
    return Piece(
        live=Text(text.title, text.in_brief, text.lead_image),
        get_absolute_url=article.get_absolute_url(),
        published_at=article.published_at,
        published_on=article.published_on,
        language=article.language,
        direction=direction_of(article.language),
        reading_minutes=_minutes(text),
        byline_list=[_name(byline, is_listed) for byline in article.byline_list],
        region_list=[Link(region.name, region.get_absolute_url()) for region in article.regions.all()],
        series=Link(article.series.title, article.series.get_absolute_url() if is_listed else "")
        if article.series
        else None,
    )


def _name(byline: Byline, is_linked: bool) -> Name:
    return Name(
        byline.name, byline.affiliation, byline.bio, byline.role, byline.role_label, byline.url if is_linked else ""
    )


def _minutes(text: Revision) -> int:
    # A rendering may be missing while they are rebuilt. A list then leaves the minutes out: it does not read bodies.
    rendering = getattr(text, "rendering", None)
    return rendering.minutes if rendering else 0


def rendering_of(text: Revision) -> Rendering:
    """The rendering of a text; made in passing, and not stored, where there is none yet."""
    found: Rendering | None = getattr(text, "rendering", None)
    return found or Rendering(
        revision=text,
        html=body_html(text.body),
        contents=contents_json(text.body),
        words=measure.words(text.body) + measure.words(text.in_brief),
        minutes=measure.reading_minutes(text.body, text.in_brief),
    )


def bios_of(names: Iterable[Name]) -> list[Name]:
    """Each person's bio line once, though they stand above the piece as author and as translator."""
    return list({name.bio: name for name in reversed(list(names)) if name.bio}.values())[::-1]


def corrections_of(publications: Iterable[Publication]) -> list[Correction]:
    """What readers were told to be wrong, the newest first."""
    return [Correction(p.at, p.note) for p in publications if p.kind == Publication.Kind.CORRECTION]


def first_lines(text: str, limit: int = 300) -> str:
    """A text on one line, cut at a word: for descriptions that machines read."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    return f"{line[:limit].rsplit(' ', 1)[0].rstrip(' ,;:–—-')}…"
