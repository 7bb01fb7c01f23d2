"""What a page shows, noted while it is rendered, so that no view lists it by hand.

Two things note it: rows of what readers read say so when they are loaded (`shows`), and each query adds the tags of the
tables that it names. The second is coarse and always right; a query whose answer can only change with what is noted anyway
runs inside `covered`. A page that asked a table of which nobody said by what it is told is not kept.
"""

import contextlib
import datetime
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection

# On every page: masthead, navigation, the names of regions and whatever else stands round the pieces.
FURNITURE = "furniture"
# Most pages ask the same questions; a text of a query that was never seen is searched for names of tables once.
_MOST_QUERIES = 4096

_tables: dict[str, str] = {}
_known: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
_name: list[re.Pattern[str]] = []


@dataclass(slots=True)
class Shown:
    """What was noted of one page."""

    tags: set[str] = field(default_factory=lambda: {FURNITURE})
    # Tables that were asked and tell nobody of their changes.
    unheard: set[str] = field(default_factory=set)
    until: datetime.datetime | None = None
    is_page: bool = False
    # How deep inside `covered`.
    covered: int = 0

    @property
    def may_be_kept(self) -> bool:
        return self.is_page and not self.unheard


_current: ContextVar[Shown | None] = ContextVar("forum_page_shown", default=None)


def watch(tables: dict[str, str]) -> None:
    """Say by which tag a change of each table is told; empty for one whose rows belong to a row that is noted itself."""
    _tables.update(tables)
    _known.clear()


def watched() -> dict[str, str]:
    """The tables that a kept page may ask, each with its tag."""
    return dict(_tables)


def shows(*tags: str) -> None:
    """Note what the page that is being rendered shows, such as `article:7`."""
    shown = _current.get()
    if shown is not None:
        shown.tags.update(tags)


@contextlib.contextmanager
def covered(*tags: str) -> Iterator[None]:
    """Queries within can only answer otherwise once one of these tags, or of what they load, has moved."""
    shown = _current.get()
    if shown is None:
        yield
        return
    shown.tags.update(tags)
    shown.covered += 1
    try:
        yield
    finally:
        shown.covered -= 1


@contextlib.contextmanager
def gathering() -> Iterator[set[str]]:
    """What is noted within, by itself; the page that is being rendered, if one is, shows it as ever."""
    outer, within = _current.get(), Shown(tags=set())
    token = _current.set(within)
    try:
        yield within.tags
    finally:
        _current.reset(token)
        if outer is not None:
            outer.tags |= within.tags
            outer.unheard |= within.unheard
            if within.until is not None and (outer.until is None or within.until < outer.until):
                outer.until = within.until


def until(moment: datetime.datetime) -> None:
    """The page is right until then at most."""
    shown = _current.get()
    if shown is not None and (shown.until is None or moment < shown.until):
        shown.until = moment


def mark_page() -> None:
    """What is being rendered is the same for everyone, and whole: it may be kept."""
    shown = _current.get()
    if shown is not None:
        shown.is_page = True


@contextlib.contextmanager
def noting() -> Iterator[Shown]:
    """Note what is shown meanwhile, by this thread."""
    shown = Shown()
    token = _current.set(shown)
    try:
        with connection.execute_wrapper(_note):
            yield shown
    finally:
        _current.reset(token)


def _note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    shown = _current.get()
    if shown is not None:
        tags, unheard = _of(str(sql))
        shown.unheard |= unheard
        if not shown.covered:
            shown.tags |= tags
    return execute(sql, params, many, context)


def _of(sql: str) -> tuple[frozenset[str], frozenset[str]]:
    """The tags of the tables that a query names, and the tables that have none."""
    found = _known.get(sql)
    if found is None:
        names = set(_names().findall(sql))
        found = (
            frozenset(tag for name in names if (tag := _tables.get(name))),
            frozenset(name for name in names if name not in _tables),
        )
        if len(_known) >= _MOST_QUERIES:
            _known.clear()
        _known[sql] = found
    return found


def _names() -> re.Pattern[str]:
    if not _name:
        tables = sorted((m._meta.db_table for m in apps.get_models(include_auto_created=True)), key=len, reverse=True)
        _name.append(re.compile(rf"\b(?:{'|'.join(map(re.escape, tables))})\b"))
    return _name[0]
