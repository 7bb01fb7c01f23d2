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
from django.utils import timezone
from django.utils.formats import date_format

from articles.history import WHAT
from articles.models import Article, Publication
from articles.models.article import address
from articles.status import Status
from forum.compiled import Compiled, any_of
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
    """What the record holds at that moment, for `articles.paging`: a row's place in it is when readers were told."""
    found = Publication.objects.filter(kind__in=KINDS, at__lte=now, article__in=Article.objects.published(now))
    return found.annotate(published_at=F("at"))


def told(ids: Sequence[int], now: datetime.datetime) -> list[Told]:
    """Those of the rows that readers may know of, newest first, in one query."""
    return [_told(*row) for row in _TOLD(ids=list(ids), now=now)]


_TOLD: Compiled[tuple[Any, ...]] = Compiled(
    lambda ids, now: (
        rows(now)
        .filter(any_of("pk", ids))
        .order_by("-at", "-pk")
        .values_list(
            "pk", "kind", "at", "note", "article__slug", "article__published_on", "article__language", "article__status",
            "article__live__title",
        )
    ),
    ids=list,
    now=datetime.datetime,
)  # fmt: skip


def _told(
    pk: int, kind: str, at: datetime.datetime, note: str, slug: str, published_on: datetime.date, language: str, status: str, title: str,
) -> Told:  # fmt: skip
    url = address(slug, published_on)
    return Told(
        pk=pk,
        what=str(WHAT[kind]),
        at=at,
        note=note,
        title=title,
        url=url,
        history_url=f"{url}history/",
        language=language,
        direction=direction_of(language),
        is_retracted=status == Status.RETRACTED,
    )


def by_month(found: Iterable[Told], masthead: Masthead) -> list[Month]:
    """In the months of the publication's time zone."""
    days = ((timezone.localtime(one.at, masthead.zone), one) for one in found)
    return [
        Month(date_format(datetime.date(*key, 1), "YEAR_MONTH_FORMAT"), f"{key[0]:04}-{key[1]:02}", [one for _, one in those])
        for key, those in groupby(days, key=lambda pair: (pair[0].year, pair[0].month))
    ]  # fmt: skip
