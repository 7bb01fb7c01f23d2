"""Names in their order, a page at a time, and the letters that they begin with.

A list is whole on one page while it is short. A long one is divided by keyset, so that no page costs more for what stands before it,
and its letters have addresses of their own. `/authors/?letter=s` begins with the first of the letter; `after` and `before` are places in
the order, `<sort key>~<id>`.

The model has a `sort_key`, and an index of it in the order of code points: names in other scripts stand after Z, each under its own
first sign.
"""

import datetime
import re
from collections import namedtuple
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Collate
from django.http import Http404

from articles.counts import are_more_than
from articles.lists import rows_in
from articles.models.listing import Listing
from forum.compiled import Compiled
from forum.prepared import Statement

Line = TypeVar("Line")

# Names of a list that is whole on one page; of a page of a longer one; letters that are linked.
WHOLE: Final = 500
PAGE: Final = 200
MOST_LETTERS: Final = 60
_PLACE = re.compile(r"([^\x00]{1,320})~([0-9]{1,18})")
# Stands after all that begins with what it is put behind.
_LAST: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Letter:
    letter: str
    url: str
    # Whether the page has names of it.
    is_here: bool


@dataclass(frozen=True, slots=True)
class Names:
    """The rows of one page, and the query strings of its neighbours (empty where there is none)."""

    rows: list[Any]
    earlier_url: str = ""
    later_url: str = ""
    # What makes this page’s own address; empty for the first.
    query: str = ""
    # Of the whole list, where it has several pages.
    letters: list[Letter] = field(default_factory=list)


def initial(sort_key: str) -> str:
    """The letter under which a name stands; digits and signs share one."""
    first = sort_key[:1].upper()
    return first if first.isalpha() else "#"


def by_letter(rows: Iterable[tuple[str, Line]]) -> list[tuple[str, tuple[Line, ...]]]:
    """Lines in their order, each with its sort key, under their letters."""
    groups = groupby(rows, key=lambda row: initial(row[0]))
    return [(letter, tuple(line for _, line in those)) for letter, those in groups]


class Alphabet:
    """The names of those that have a listed piece. A row has `pk`, `sort_key` and these columns of the model.

    Each question is put into SQL once.
    """

    def __init__(self, model: Any, listing: type[Listing], *columns: str) -> None:
        self._model, self._listing, self._columns = model, listing, columns
        self._row = _row_of(columns)
        self._letters = Statement(_letters_sql(model, listing))
        self._first, self._from, self._until = map(cache, (self._first_of, self._from_of, self._until_of))

    def page(self, now: datetime.datetime, params: Mapping[str, str]) -> Names:
        """One page. Raises Http404 for a place that we never wrote, or with nothing behind it."""
        names = self._asked(now, params)
        if not (names.earlier_url or names.later_url):
            return names
        here = {initial(row.sort_key) for row in names.rows}
        letters = [Letter(letter, url, letter in here) for letter, url in self._all_letters(now).items()]
        return replace(names, letters=letters)

    def _asked(self, now: datetime.datetime, params: Mapping[str, str]) -> Names:
        if letter := params.get("letter", ""):
            return self._beginning(now, letter)
        if after := params.get("after", ""):
            return self._after(now, after)
        before = params.get("before", "")
        return (before and self._before(now, before)) or self._whole(now)

    def _whole(self, now: datetime.datetime) -> Names:
        # Of a long list no more is read than stands here.
        most = PAGE if are_more_than(WHOLE, self._listing, now) else WHOLE
        rows = self._rows(self._first(most + 1)(now=now))
        return Names(rows) if len(rows) <= most else Names(rows[:PAGE], later_url=_url("after", rows[PAGE - 1]))

    def _after(self, now: datetime.datetime, place: str) -> Names:
        key, pk = _read(place)
        rows = self._rows(self._from(PAGE + 1)(now=now, key=key, pk=pk))
        if not rows:
            raise Http404("The list ends before this place.")
        return _from(rows, f"?{urlencode({'after': place})}")

    def _beginning(self, now: datetime.datetime, letter: str) -> Names:
        if len(letter) > 1 or not letter.isalpha() or letter != letter.casefold():
            raise Http404("This is no letter of the list.")
        # No name is shorter than its letter, and no id less than 1.
        rows = self._rows(self._from(PAGE + 1)(now=now, key=letter, pk=0))
        if not rows or not rows[0].sort_key.startswith(letter):
            raise Http404("Nothing in the list begins with this letter.")
        return _from(rows, f"?{urlencode({'letter': letter})}")

    def _before(self, now: datetime.datetime, place: str) -> Names | None:
        """None where less than a page stands before: that is the beginning of the list."""
        key, pk = _read(place)
        rows = self._rows(self._until(PAGE + 1)(now=now, key=key, pk=pk))
        if len(rows) <= PAGE:
            return None
        shown = rows[:PAGE][::-1]
        return Names(shown, _url("before", shown[0]), _url("after", shown[-1]), f"?{urlencode({'before': place})}")

    def _rows(self, found: list[tuple[Any, ...]]) -> list[Any]:
        return list(map(self._row._make, found))

    # The first condition on the key alone can use the index to the full; the second is for several of one name.

    def _first_of(self, count: int) -> Compiled[Any]:
        return Compiled(lambda now: self._found(now).order_by("key", "pk")[:count], now=datetime.datetime)

    def _from_of(self, count: int) -> Compiled[Any]:
        def build(now: datetime.datetime, key: str, pk: int) -> QuerySet[Any]:
            rest = self._found(now).filter(key__gte=key).filter(Q(key__gt=key) | Q(pk__gt=pk))
            return rest.order_by("key", "pk")[:count]

        return Compiled(build, now=datetime.datetime, key=str, pk=int)

    def _until_of(self, count: int) -> Compiled[Any]:
        def build(now: datetime.datetime, key: str, pk: int) -> QuerySet[Any]:
            rest = self._found(now).filter(key__lte=key).filter(Q(key__lt=key) | Q(pk__lt=pk))
            return rest.order_by("-key", "-pk")[:count]

        return Compiled(build, now=datetime.datetime, key=str, pk=int)

    def _found(self, now: datetime.datetime) -> QuerySet[Any]:
        # Read row by row in the order of names, until there are enough: not all that have pieces, to be put in order.
        newest = rows_in(self._listing, OuterRef("pk"), now).order_by("-published_at", "-article_id")
        held = Subquery(newest.values("published_at")[:1])
        found = self._model.objects.alias(key=Collate("sort_key", "C"), newest=held).filter(newest__isnull=False)
        rows: QuerySet[Any] = found.values_list("pk", "sort_key", *self._columns)
        return rows

    def _all_letters(self, now: datetime.datetime) -> dict[str, str]:
        """The letters that there are, with their addresses."""
        # Digits and signs come first, at the beginning of it all.
        found: dict[str, str] = {}
        for (first,) in self._letters.rows(none="", now=now, last=_LAST):
            found.setdefault(initial(first), f"?{urlencode({'letter': first})}" if first.isalpha() else "./")
        return found


def _row_of(columns: Iterable[str]) -> Any:
    return namedtuple("Row", ("pk", "sort_key", *columns))


def _letters_sql(model: Any, listing: type[Listing]) -> str:
    """From one letter to the next by the index, however many names each has."""
    names, rows = model._meta.db_table, listing._meta.db_table
    # As a subquery it is asked of one name after the other, and no list of all that have pieces is made.
    one = f"""SELECT left(t.sort_key, 1) FROM {names} AS t
        WHERE t.sort_key COLLATE "C" > {{place}} AND (
          SELECT TRUE FROM {rows} AS l WHERE l.target_id = t.id AND l.published_at <= %(now)s LIMIT 1)
        ORDER BY t.sort_key COLLATE "C" LIMIT 1"""  # noqa: S608  names of tables
    first, following = one.format(place="%(none)s"), one.format(place="here.first || %(last)s")
    return f"""WITH RECURSIVE here(first) AS (
          ({first}) UNION ALL SELECT ({following}) FROM here WHERE here.first IS NOT NULL)
        SELECT first FROM here WHERE first IS NOT NULL LIMIT {MOST_LETTERS}"""  # noqa: S608  made of constants


def _from(rows: list[Any], query: str) -> Names:
    """From rows of which one more than a page was asked for."""
    shown = rows[:PAGE]
    later = _url("after", shown[-1]) if len(rows) > PAGE else ""
    return Names(shown, earlier_url=_url("before", shown[0]), later_url=later, query=query)


def _read(place: str) -> tuple[str, int]:
    if not (match := _PLACE.fullmatch(place)):
        raise Http404("This is no place in the list.")
    return match[1], int(match[2])


def _url(name: str, row: Any) -> str:
    return f"?{urlencode({name: f'{row.sort_key}~{row.pk}'})}"
