"""Names in their order, a page at a time, and the letters that they begin with.

A list is whole on one page while it is short. A long one is divided by keyset, so that no page costs more for what stands before it,
and its letters have addresses of their own. `/authors/?letter=s` begins with the first of the letter; `after` and `before` are places in
the order, `<sort key>~<id>`.

The model has a `sort_key`, and an index of it in the order of code points: names in other scripts stand after Z, each under its own
first sign.
"""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Collate
from django.http import Http404

from articles.lists import rows_in
from articles.models.listing import Listing

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


def by_letter(rows: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Rows in their order, under their letters."""
    return [(letter, list(those)) for letter, those in groupby(rows, key=lambda row: initial(row.sort_key))]


def names_of(model: Any, listing: type[Listing], now: datetime.datetime, params: Mapping[str, str]) -> Names:
    """One page of those that have a listed piece. Raises Http404 for a place that we never wrote, or with nothing behind it."""
    # Read row by row in the order of names, until there are enough: not all that have pieces, to be put in order.
    newest = rows_in(listing, OuterRef("pk"), now).order_by("-published_at", "-article_id").values("published_at")[:1]
    found = model.objects.annotate(key=Collate("sort_key", "C"), newest=Subquery(newest)).filter(newest__isnull=False)
    names = _asked(found, params)
    if not (names.earlier_url or names.later_url):
        return names
    here = {initial(row.sort_key) for row in names.rows}
    letters = [Letter(letter, url, letter in here) for letter, url in _letters(model, listing, now).items()]
    return Names(names.rows, names.earlier_url, names.later_url, names.query, letters)


def _asked(found: QuerySet[Any], params: Mapping[str, str]) -> Names:
    if letter := params.get("letter", ""):
        return _beginning(found, letter)
    if after := params.get("after", ""):
        return _after(found, after)
    before = params.get("before", "")
    return (before and _before(found, before)) or _first(found)


def _first(found: QuerySet[Any]) -> Names:
    rows = list(found.order_by("key", "pk")[: WHOLE + 1])
    return Names(rows) if len(rows) <= WHOLE else Names(rows[:PAGE], later_url=_url("after", rows[PAGE - 1]))


def _after(found: QuerySet[Any], place: str) -> Names:
    key, pk = _read(place)
    # The first condition alone can use the index to the full; the second is for several of one name.
    rest = found.filter(key__gte=key).filter(Q(key__gt=key) | Q(pk__gt=pk))
    rows = list(rest.order_by("key", "pk")[: PAGE + 1])
    if not rows:
        raise Http404("The list ends before this place.")
    return _from(rows, f"?{urlencode({'after': place})}")


def _beginning(found: QuerySet[Any], letter: str) -> Names:
    if len(letter) > 1 or not letter.isalpha() or letter != letter.casefold():
        raise Http404("This is no letter of the list.")
    rows = list(found.filter(key__gte=letter).order_by("key", "pk")[: PAGE + 1])
    if not rows or not rows[0].sort_key.startswith(letter):
        raise Http404("Nothing in the list begins with this letter.")
    return _from(rows, f"?{urlencode({'letter': letter})}")


def _from(rows: list[Any], query: str) -> Names:
    """From rows of which one more than a page was asked for."""
    shown = rows[:PAGE]
    later = _url("after", shown[-1]) if len(rows) > PAGE else ""
    return Names(shown, earlier_url=_url("before", shown[0]), later_url=later, query=query)


def _before(found: QuerySet[Any], place: str) -> Names | None:
    """None where less than a page stands before: that is the beginning of the list."""
    key, pk = _read(place)
    rest = found.filter(key__lte=key).filter(Q(key__lt=key) | Q(pk__lt=pk))
    rows = list(rest.order_by("-key", "-pk")[: PAGE + 1])
    if len(rows) <= PAGE:
        return None
    shown = rows[:PAGE][::-1]
    return Names(shown, _url("before", shown[0]), _url("after", shown[-1]), f"?{urlencode({'before': place})}")


def _read(place: str) -> tuple[str, int]:
    if not (match := _PLACE.fullmatch(place)):
        raise Http404("This is no place in the list.")
    return match[1], int(match[2])


def _url(name: str, row: Any) -> str:
    return f"?{urlencode({name: f'{row.sort_key}~{row.pk}'})}"


def _letters(model: Any, listing: type[Listing], now: datetime.datetime) -> dict[str, str]:
    """The letters that there are, with their addresses: from one to the next by the index, however many names each has."""
    names, rows = model._meta.db_table, listing._meta.db_table
    # As a subquery it is asked of one name after the other, and no list of all that have pieces is made.
    one = f"""SELECT left(t.sort_key, 1) FROM {names} AS t
        WHERE t.sort_key COLLATE "C" > %s AND (
          SELECT TRUE FROM {rows} AS l WHERE l.target_id = t.id AND l.published_at <= %s LIMIT 1)
        ORDER BY t.sort_key COLLATE "C" LIMIT 1"""  # noqa: S608  names of tables
    following = one.replace("> %s", "> here.first || %s", 1)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE here(first) AS (
                  ({one}) UNION ALL SELECT ({following}) FROM here WHERE here.first IS NOT NULL)
                SELECT first FROM here WHERE first IS NOT NULL LIMIT {MOST_LETTERS}""",  # noqa: S608  made of constants
            ["", now, _LAST, now],
        )
        firsts = [first for (first,) in cursor.fetchall()]
    # Digits and signs come first, at the beginning of it all.
    found: dict[str, str] = {}
    for first in firsts:
        found.setdefault(initial(first), f"?{urlencode({'letter': first})}" if first.isalpha() else "./")
    return found
