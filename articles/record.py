"""The public record: every correction, retraction and reinstatement that readers were told of, whichever piece it was of.

A retracted piece stands here, though on no other list: that it was retracted is what the record is for. A piece taken down
stands nowhere, and so not here; and what is still ahead is not told before its moment.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from articles.history import WHAT
from articles.models import Article, Publication
from articles.pieces import public_text
from articles.status import Status
from articles.views.article import address_of
from forum.models import Masthead
from prose.scripts import direction_of

# A copy fix leaves the sense as it was, and the first publication mends nothing.
KINDS: Final = (Publication.Kind.CORRECTION, Publication.Kind.RETRACTION, Publication.Kind.REINSTATEMENT)


@dataclass(frozen=True, slots=True)
class Told:
    """One time that readers were told that something was wrong: of which piece, by its present title, and the note."""

    pk: int
    what: str
    at: datetime.datetime
    note: str
    title: str
    url: str
    history_url: str
    language: str
    direction: str
    is_retracted: bool


@dataclass(frozen=True, slots=True)
class Month:
    """What readers were told in a month, the newest first."""

    name: str
    anchor: str
    told: list[Told]


def rows(now: datetime.datetime) -> QuerySet[Any]:
    """What the record holds at that moment, for `paging.page_of`: a row's place in it is when readers were told."""
    found = Publication.objects.filter(kind__in=KINDS, at__lte=now, article__in=Article.objects.published(now))
    return found.annotate(published_at=F("at"))


def told(ids: Sequence[int], now: datetime.datetime) -> list[Told]:
    """Those of the rows that readers may know of, newest first, in one query."""
    found = rows(now).filter(pk__in=ids).order_by("-at", "-pk").select_related("article__live")
    columns = ("slug", "language", "status", "published_on", "live__title")
    return [_told(row) for row in found.only("kind", "at", "note", *(f"article__{name}" for name in columns))]


def _told(row: Publication) -> Told:
    article = row.article
    return Told(
        pk=row.pk,
        what=str(WHAT[row.kind]),
        at=row.at,
        note=row.note,
        title=public_text(article).title,
        url=article.get_absolute_url(),
        history_url=reverse("articles:history", args=address_of(article)),
        language=article.language,
        direction=direction_of(article.language),
        is_retracted=article.status == Status.RETRACTED,
    )


def by_month(found: Iterable[Told], masthead: Masthead) -> list[Month]:
    """In the months of the publication's time zone."""
    days = ((timezone.localtime(one.at, masthead.zone), one) for one in found)
    return [
        Month(date_format(datetime.date(*key, 1), "YEAR_MONTH_FORMAT"), f"{key[0]:04}-{key[1]:02}", [one for _, one in those])
        for key, those in groupby(days, key=lambda pair: (pair[0].year, pair[0].month))
    ]  # fmt: skip
