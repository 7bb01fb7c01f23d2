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

from forum.compiled import Compiled

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


Row = tuple[datetime.datetime, int]


class Pages:
    """A list in pages of `size`. `build` makes its rows, which have `published_at` and the article's id in the column `pk`, of
    values of these kinds, as `forum.compiled` takes it.

    Each of the three questions (what comes first, before and after a place) is put into SQL once.
    """

    def __init__(
        self, build: Callable[..., QuerySet[Any]], *, size: int, pk: str = "article_id", **kinds: type
    ) -> None:
        self._size = size
        beside: dict[str, type] = {"at": datetime.datetime, "before": int}
        self._first: Compiled[Row] = Compiled(lambda **values: _newest(build(**values), size, pk), **kinds)
        self._older: Compiled[Row] = Compiled(
            lambda at, before, **values: _newest(_older(build(**values), at, before, pk), size, pk), **beside, **kinds
        )
        self._newer: Compiled[Row] = Compiled(
            lambda at, before, **values: _oldest(_newer(build(**values), at, before, pk), size, pk), **beside, **kinds
        )

    def page(self, params: Mapping[str, str], **values: Any) -> Page:
        """`before` and `after` in `params` are cursors. Raises Http404 for a malformed one, or one with nothing behind it."""
        before, after = params.get("before", ""), params.get("after", "")
        if before:
            place = Cursor.read(before)
            if not (found := self._older(at=place.at, before=place.pk, **values)):
                raise Http404("The list ends before this place.")
            return _page(found, self._size, has_newer=True, query=f"?before={place}")
        if after:
            place = Cursor.read(after)
            if len(found := self._newer(at=place.at, before=place.pk, **values)) > self._size:
                nearest = found[: self._size][::-1]
                return Page([row[1] for row in nearest], _after(nearest), _before(nearest), query=f"?after={place}")
        # Nothing, or less than a page, is newer: that is the beginning of the list.
        return _page(self._first(**values), self._size)


def _older(rows: QuerySet[Any], at: datetime.datetime, before: int, pk: str) -> QuerySet[Any]:
    # The first condition alone can use the index to the full; the second is for rows of the same moment.
    return rows.filter(published_at__lte=at).filter(Q(published_at__lt=at) | Q(**{f"{pk}__lt": before}))


def _newer(rows: QuerySet[Any], at: datetime.datetime, before: int, pk: str) -> QuerySet[Any]:
    return rows.filter(published_at__gte=at).filter(Q(published_at__gt=at) | Q(**{f"{pk}__gt": before}))


def _newest(rows: QuerySet[Any], size: int, pk: str) -> QuerySet[Any]:
    return rows.order_by("-published_at", f"-{pk}").values_list("published_at", pk)[: size + 1]


def _oldest(rows: QuerySet[Any], size: int, pk: str) -> QuerySet[Any]:
    return rows.order_by("published_at", pk).values_list("published_at", pk)[: size + 1]


def _page(found: list[Row], size: int, *, has_newer: bool = False, query: str = "") -> Page:
    """From rows of which one more than `size` was asked for."""
    shown = found[:size]
    return Page(
        [row[1] for row in shown],
        newer_url=_after(shown) if has_newer else "",
        older_url=_before(shown) if len(found) > size else "",
        query=query,
    )


def _after(rows: list[Row]) -> str:
    return f"?after={Cursor(*rows[0])}"


def _before(rows: list[Row]) -> str:
    return f"?before={Cursor(*rows[-1])}"
