"""What is told of a piece to machines and to those who cite it, gathered once: citations, tags in the head of its page,
structured data, feeds and books are each a way of writing this down.

It says nothing that the page of the piece does not say.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from articles.beside import beside, settle
from articles.models import Article, Byline, Image, Revision, Series
from articles.models.article import address
from articles.pieces import Correction, Link, corrections_of, first_lines, public_text, rendering_of
from articles.querysets import ArticleQuerySet
from articles.series import place_row
from articles.status import Status
from articles.views.public import absolute
from authors.models import Author
from forum.compiled import Compiled, any_of
from forum.models import Masthead
from forum.pagecache import shows
from prose.names import name_key
from prose.scripts import direction_of

_VOLUME = re.compile(r"\b(?:vol(?:ume)?|v)\b\.?\s*([0-9]+|[ivxlc]+)\b", re.IGNORECASE)
_ISSUE = re.compile(r"\b(?:no|nr|number|issue|iss)\b\.?\s*([0-9]+(?:[-–/][0-9]+)?)", re.IGNORECASE)
# The licences that texts are given, each by the name that people write.
_LICENCES = {
    name: f"https://creativecommons.org/licenses/{name}/4.0/"
    for name in ("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd")
}
_CREATIVE_COMMONS = re.compile(r"\bCC[\s-]+(BY(?:[\s-]+(?:NC|ND|SA))*)\b", re.IGNORECASE)
_CC0 = re.compile(r"\bCC[\s-]*0\b|public domain", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Contributor:
    """Somebody named above a piece. `family` and `given` are empty where the name as printed can't be told apart:
    a single name, a house byline, or one that its bearer no longer has."""

    name: str
    role: str = Byline.Role.AUTHOR.value
    family: str = ""
    given: str = ""
    is_house: bool = False
    affiliation: str = ""
    bio: str = ""
    orcid: str = ""
    # The name in its own script, where the author's page tells it.
    native: str = ""
    # The author's page, as a full address; empty where there is none.
    url: str = ""

    @property
    def inverted(self) -> str:
        """As lists of references sort it: “Armstrong, Charles K”, or the name as it is."""
        return f"{self.family}, {self.given}" if self.family and self.given else self.name


@dataclass(frozen=True, slots=True)
class Translation:
    """The same text in another language, as readers have it."""

    language: str
    url: str
    title: str
    is_original: bool = False


@dataclass(slots=True)
class Metadata:
    """What is known of a published piece. Addresses are full; moments are aware, days in the publication's time zone."""

    pk: int
    title: str
    url: str
    in_brief: str
    language: str
    direction: str
    published_at: datetime.datetime
    published_on: datetime.date
    # When readers were last given a text or told something.
    modified_at: datetime.datetime
    contributors: list[Contributor]
    regions: list[Link]
    topics: list[Link]
    words: int
    minutes: int
    text: Revision
    lead_image: Image | None
    publication: str
    publisher: str
    issn: str
    doi: str
    # As printed, and its address where it is one that is known.
    licence: str
    licence_url: str
    series: Link | None = None
    # Volume and number, of a quarterly's issue alone.
    is_in_issue: bool = False
    volume: str = ""
    issue: str = ""
    is_retracted: bool = False
    # Whether it is a translation of another piece, which readers may or may not have.
    is_translation: bool = False
    corrections: list[Correction] = field(default_factory=list)
    translations: list[Translation] = field(default_factory=list)

    @property
    def authors(self) -> list[Contributor]:
        """Who wrote it; where nobody stands there as author, all who are named."""
        found = [one for one in self.contributors if one.role == Byline.Role.AUTHOR]
        return found or self.contributors

    def with_role(self, role: str) -> list[Contributor]:
        return [one for one in self.contributors if one.role == role]

    @property
    def description(self) -> str:
        return first_lines(self.in_brief) or self.title

    @property
    def keywords(self) -> list[str]:
        return list(dict.fromkeys(link.name for link in (*self.regions, *self.topics)))

    @property
    def doi_url(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else ""


def _whole(pieces: ArticleQuerySet, now: datetime.datetime) -> Any:
    """With all that `metadata_of` reads. The text as it was written is left out: its rendering is what readers get."""
    found = pieces.select_related("live__lead_image", "live__rendering", "series", "share_card").defer("live__body")
    root = Coalesce(OuterRef("translation_of_id"), OuterRef("pk"))
    others = Article.objects.listed(now).filter(Q(pk=root) | Q(translation_of=root)).exclude(pk=OuterRef("pk"))
    json = JSONObject(pk="pk", language="language", slug="slug", published_on="published_on", title="live__title")
    found = beside(found, now).annotate(place_row=place_row(now))
    return found.annotate(other_rows=ArraySubquery(others.order_by("language", "pk").values(json=json)))


TOLD_AT: Compiled[Article] = Compiled(
    lambda slug, now: _whole(Article.objects.published(now).filter(slug=slug), now), slug=str, now=datetime.datetime
)
LISTED: Compiled[Article] = Compiled(
    lambda ids, now: _whole(Article.objects.listed(now).filter(any_of("pk", ids)).newest_first(), now),
    ids=list,
    now=datetime.datetime,
)


def piece_told(slug: str, now: datetime.datetime) -> Article | None:
    """The piece of that slug, if readers have it, with all that `metadata_of` reads; one query."""
    found = TOLD_AT.first(slug=slug, now=now)
    return settle(found) if found else None


def told_from(row: tuple[Any, ...]) -> Article:
    """The same from a row of `TOLD_AT`, which was read before."""
    return settle(TOLD_AT.loaded([row])[0])


def listed_from(row: tuple[Any, ...]) -> Article:
    """A piece from a row of `LISTED`."""
    return settle(LISTED.loaded([row])[0])


def pieces_told(ids: Iterable[int], now: datetime.datetime) -> list[Article]:
    """Those of the pieces that are listed, the newest first, with all that `metadata_of` reads; one query."""
    return [settle(article) for article in LISTED(ids=list(ids), now=now)]


def metadata_of(
    article: Article, masthead: Masthead, now: datetime.datetime, *, translations: Iterable[Translation] = ()
) -> Metadata:
    """Of a piece that readers have now. Best read by `piece_told`; what was not is asked for here."""
    assert article.published_at is not None, "Only published pieces come here."
    assert article.published_on is not None, "The database gives it with the moment."
    text = public_text(article)
    rendering = rendering_of(text)
    told = [p for p in article.publications.all() if p.at <= now]
    # Nobody's page but a region's is sure to be there when the piece stands in no list.
    is_listed = article.status == Status.PUBLISHED
    licence = article.licence or masthead.rights_line
    issue = article.series if article.series and article.series.kind == Series.Kind.ISSUE else None
    return Metadata(
        pk=article.pk,
        title=text.title,
        url=absolute(article.get_absolute_url()),
        in_brief=text.in_brief,
        language=article.language,
        direction=direction_of(article.language),
        published_at=article.published_at,
        published_on=article.published_on,
        modified_at=max((p.at for p in told), default=article.published_at),
        contributors=[contributor_of(byline, is_linked=is_listed) for byline in article.byline_list],
        regions=[Link(region.name, absolute(region.get_absolute_url())) for region in article.regions.all()],
        topics=sorted(
            (
                Link(row.tag.name, absolute(row.tag.get_absolute_url()) if is_listed else "")
                for row in article.tagged_items.all()
            ),
            key=lambda link: link.name.lower(),
        ),
        words=rendering.words,
        minutes=rendering.minutes,
        text=text,
        lead_image=text.lead_image,
        publication=masthead.name,
        publisher=masthead.published_by,
        issn=masthead.issn,
        doi=article.doi,
        licence=licence,
        licence_url=licence_url(licence),
        series=Link(article.series.title, absolute(article.series.get_absolute_url()) if is_listed else "")
        if article.series
        else None,
        is_in_issue=issue is not None,
        volume=_number(_VOLUME, issue.number if issue else ""),
        issue=_number(_ISSUE, issue.number if issue else ""),
        is_retracted=article.status == Status.RETRACTED,
        is_translation=article.translation_of_id is not None,
        corrections=corrections_of(sorted(told, key=lambda p: (p.at, p.pk), reverse=True)),
        translations=list(translations),
    )


def contributor_of(byline: Byline, *, is_linked: bool = True) -> Contributor:
    author = byline.author
    family, given = _parts(byline.name, author)
    return Contributor(
        name=byline.name,
        role=byline.role,
        family=family,
        given=given,
        is_house=bool(author and author.is_house),
        affiliation=byline.affiliation,
        bio=byline.bio,
        orcid=author.orcid if author else "",
        url=absolute(byline.url) if byline.url and is_linked else "",
    )


def contributor_from(author: Author) -> Contributor:
    """An author as their own page tells of them; readers must have it."""
    return Contributor(
        name=author.name,
        family=author.family_name,
        given=author.given_name,
        is_house=author.is_house,
        affiliation=author.affiliation,
        bio=author.bio,
        orcid=author.orcid,
        native=author.native_name,
        url=absolute(author.get_absolute_url()),
    )


def _parts(printed: str, author: Author | None) -> tuple[str, str]:
    """Family and given name, where the name as printed is the one that the author has today, in either order."""
    if author is None or not author.family_name:
        return "", ""
    family, given = author.family_name, author.given_name
    orders = {name_key(f"{given} {family}"), name_key(f"{family} {given}")}
    return (family, given) if name_key(printed) in orders else ("", "")


def translations_of(article: Any) -> list[Translation]:
    """The listed translations of a piece that was read by `piece_told`, the original among them, but not the piece itself;
    by language."""
    root = article.translation_of_id or article.pk
    # Each tells of its changes to the original, too.
    shows(f"article:{root}", *(f"article:{row['pk']}" for row in article.other_rows))
    return [
        Translation(
            row["language"], absolute(address(row["slug"], datetime.date.fromisoformat(row["published_on"]))), row["title"],
            is_original=row["pk"] == root,
        )
        for row in article.other_rows
    ]  # fmt: skip


def licence_url(licence: str) -> str:
    """The address of a licence that is named in words, or stands in them as an address; empty for others."""
    if match := _URL.search(licence):
        return match[0].rstrip(".,;)")
    if match := _CREATIVE_COMMONS.search(licence):
        return _LICENCES.get(re.sub(r"[\s-]+", "-", match[1].lower()), "")
    return "https://creativecommons.org/publicdomain/zero/1.0/" if _CC0.search(licence) else ""


def volume_and_issue(number: str) -> tuple[str, str]:
    """Of an issue, from what is printed of it, such as “Vol. 12, No. 3”; empty where it does not say."""
    return _number(_VOLUME, number), _number(_ISSUE, number)


def _number(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""


def modified_day(metadata: Metadata, masthead: Masthead) -> datetime.date:
    """The day of the last change, in the publication's time zone."""
    return timezone.localtime(metadata.modified_at, masthead.zone).date()
