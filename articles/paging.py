"""Pages of a list by keyset: a page is what comes before or after one row, and stays so while new rows arrive.

A cursor is `<microseconds since 1970>-<id>`, the place of a row in the order (published_at, id).
"""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Q, QuerySet
from django.http import Http404

_CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    at: datetime.datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The cursor of an address. Raises Http404 for what we never wrote."""
        if not (match := _CURSOR.fullmatch(text)):
            raise Http404("This is no place in the list.")
        try:
            return cls(_EPOCH + _MICROSECOND * int(match[1]), int(match[2]))
        except OverflowError as problem:
            raise Http404("This is no place in the list.") from problem


@dataclass(frozen=True, slots=True)
class Page:
    """The ids of one page, newest first, and the query strings of its neighbours (empty where there is none)."""

    ids: list[int]
    newer_url: str = ""
    older_url: str = ""
    # What makes this page's own address; empty for the first.
    query: str = ""


Rows = list[tuple[datetime.datetime, int]]


def page_of(
    rows: QuerySet[Any],
    params: Mapping[str, str],
    *,
    size: int,
    pk: str = "article_id",
    first: Callable[[], Rows] | None = None,
) -> Page:
    """One page of `rows`, which have `published_at` and the article's id in the column `pk`. `first` may read those of the
    first page, as `first_rows` asks for them.

    `before` and `after` in `params` are cursors. Raises Http404 for a malformed one, or one with nothing behind it.
    """
    before, after = params.get("before", ""), params.get("after", "")
    if before:
        return _older(rows, Cursor.read(before), size, pk)
    if after and (page := _newer(rows, Cursor.read(after), size, pk)):
        return page
    # Nothing, or less than a page, is newer: that is the beginning of the list.
    return _page(first() if first else _take(rows, size, pk), size)


def _older(rows: QuerySet[Any], cursor: Cursor, size: int, pk: str) -> Page:
    # The first condition alone can use the index to the full; the second is for rows of the same moment.
    rest = rows.filter(published_at__lte=cursor.at).filter(
        Q(published_at__lt=cursor.at) | Q(**{f"{pk}__lt": cursor.pk})
    )
    found = _take(rest, size, pk)
    if not found:
        raise Http404("The list ends before this place.")
    return _page(found, size, has_newer=True, query=f"?before={cursor}")


def _newer(rows: QuerySet[Any], cursor: Cursor, size: int, pk: str) -> Page | None:
    rest = rows.filter(published_at__gte=cursor.at).filter(
        Q(published_at__gt=cursor.at) | Q(**{f"{pk}__gt": cursor.pk})
    )
    found = list(rest.order_by("published_at", pk).values_list("published_at", pk)[: size + 1])
    if len(found) <= size:
        return None
    nearest = found[:size][::-1]
    return Page([row[1] for row in nearest], _after(nearest), _before(nearest), query=f"?after={cursor}")


def _take(rows: QuerySet[Any], size: int, pk: str) -> Rows:
    return list(first_rows(rows, size, pk))


def first_rows(rows: QuerySet[Any], size: int, pk: str = "article_id") -> QuerySet[Any]:
    """What a first page is made of: one row more than stand on it."""
    return rows.order_by("-published_at", f"-{pk}").values_list("published_at", pk)[: size + 1]


def _page(found: Rows, size: int, *, has_newer: bool = False, query: str = "") -> Page:
    """From rows of which one more than `size` was asked for."""
    shown = found[:size]
    return Page(
        [row[1] for row in shown],
        newer_url=_after(shown) if has_newer else "",
        older_url=_before(shown) if len(found) > size else "",
        query=query,
    )


def _after(rows: Rows) -> str:
    return f"?after={Cursor(*rows[0])}"


def _before(rows: Rows) -> str:
    return f"?before={Cursor(*rows[-1])}"
