"""What stands in the book of a special feature: its cover, who put it together, the introduction, each listed piece."""

import datetime
from collections import Counter
from dataclasses import dataclass, field

from articles.book import xhtml
from articles.elsewhere import Journey, carried, figure, pictures_by_name
from articles.identity import urn
from articles.metadata import Contributor, Metadata, metadata_of, pieces_told
from articles.models import Image, Series
from articles.pieces import Link, rendering_of
from articles.render import body_html
from articles.series import editors_of, kind_label, rows_in_order
from articles.views.public import absolute
from forum.models import Masthead
from prose.measure import text_of
from prose.scripts import direction_of

# A book is bound while somebody waits: of more pieces than these none is made. The largest issue of a quarterly has 30.
MOST_PIECES = 150
# Of more pictures than these the rest is told in words.
MOST_PICTURES = 100


@dataclass(slots=True)
class Pictures:
    """The pictures that go into the book: those that may travel and can be read."""

    # By number, those of which the file can't be read.
    missing: frozenset[int] = frozenset()
    held: dict[int, Image] = field(default_factory=dict)

    def show(self, image: Image) -> str:
        """Where it is within the book; empty for one that stays out of it."""
        if image.pk not in self.held:
            is_lost = image.pk in self.missing or image.renditions.get("problem")
            if is_lost or not image.may_travel or len(self.held) >= MOST_PICTURES:
                return ""
            self.held[image.pk] = image
        return self.path_of(image)

    @staticmethod
    def path_of(image: Image) -> str:
        return f"images/picture-{image.pk}.jpg"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A piece. `lead` and `body` are XHTML."""

    told: Metadata
    file: str
    lead: str
    body: str
    in_brief: list[str]
    bios: list[str]

    @property
    def others(self) -> list[Contributor]:
        return [one for one in self.told.contributors if one not in self.told.authors]


@dataclass(frozen=True, slots=True)
class Book:
    urn: str
    title: str
    kind: str
    url: str
    language: str
    direction: str
    about: str
    # XHTML; empty where there is none.
    introduction: str
    cover: Image | None
    editors: list[Link]
    chapters: list[Chapter]
    pictures: list[Image]
    series: Series

    @property
    def languages(self) -> list[str]:
        """Those of its pieces, the main one first."""
        return list(dict.fromkeys([self.language, *(chapter.told.language for chapter in self.chapters)]))

    @property
    def modified_at(self) -> datetime.datetime:
        return max(chapter.told.modified_at for chapter in self.chapters)

    @property
    def published_on(self) -> datetime.date:
        return max(chapter.told.published_on for chapter in self.chapters)

    @property
    def authors(self) -> list[Contributor]:
        """Each once, in the order of the pieces."""
        return list({one.name: one for chapter in self.chapters for one in reversed(chapter.told.authors)}.values())

    @property
    def others(self) -> list[Contributor]:
        return list({(one.name, one.role): one for chapter in self.chapters for one in chapter.others}.values())


def book_of(
    series: Series, masthead: Masthead, now: datetime.datetime, *, missing: frozenset[int] = frozenset()
) -> Book | None:
    """The book of what is listed of a special feature, in its order; None where there is nothing, or too much.

    A fixed number of queries. `missing` names pictures of which the file can't be read.
    """
    order = list(rows_in_order(series, now).values_list("article_id", flat=True)[: MOST_PIECES + 1])
    found = {article.pk: article for article in pieces_told(order, now)}
    if not found or len(order) > MOST_PIECES:
        return None
    told = [metadata_of(found[pk], masthead, now) for pk in order if pk in found]
    introduction = body_html(series.introduction) if series.introduction else ""
    library = pictures_by_name([introduction, *(rendering_of(one.text).html for one in told)])
    pictures = Pictures(missing)
    cover = series.cover if series.cover and pictures.show(series.cover) else None
    address = absolute(series.get_absolute_url())
    journey = Journey(address, pictures.show, library, keeps_places=True)
    language = Counter(one.language for one in told).most_common(1)[0][0]
    return Book(
        urn=urn("book", series.pk),
        title=series.title,
        kind=kind_label(series),
        url=address,
        language=language,
        direction=direction_of(language),
        about=text_of(series.introduction),
        introduction=xhtml.written(carried(introduction, journey), address),
        cover=cover,
        editors=editors_of(series, now),
        chapters=[_chapter(one, pictures, library) for one in told],
        pictures=list(pictures.held.values()),
        series=series,
    )


def _chapter(told: Metadata, pictures: Pictures, library: dict[str, Image]) -> Chapter:
    journey = Journey(told.url, pictures.show, library, keeps_places=True)
    lead = [figure(told.lead_image, journey)] if told.lead_image else []
    return Chapter(
        told=told,
        file=f"piece-{told.pk}.xhtml",
        lead=xhtml.written(list(lead), told.url),
        body=xhtml.written(carried(rendering_of(told.text).html, journey), told.url),
        in_brief=[" ".join(part.split()) for part in told.in_brief.split("\n\n") if part.strip()],
        bios=list(dict.fromkeys(one.bio for one in told.contributors if one.bio)),
    )
