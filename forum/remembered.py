"""What was made of something is remembered by what it was made from: the same is not made twice, and nothing is of yesterday.

A key holds all that shapes what is made: the rows as the database gave them, the masthead, the language. So nothing has to
be told when it changes; another row is another key. What a page shows by using it is noted (`forum.pagecache`) as if it
had been made anew.
"""

import pickle
from collections.abc import Callable, Hashable
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import connection
from django.utils.translation import get_language

from forum.pagecache.shown import gathering, shows

Made = TypeVar("Made")
# Bytes for all that is remembered in a process, about; each part takes a share of it, which together are the whole.
MEMORY = settings.REMEMBERED_MB << 20

_all: "list[Remembered[Any]]" = []


class Remembered(Generic[Made]):
    """At most about `limit` bytes, by what `size` says of each; what was used least lately goes first.

    Two halves, the younger of which takes what is used: when it is full, it becomes the older, and that goes. This needs no
    lock: two threads may at worst make the same, or lose a place.
    """

    def __init__(self, limit: int, size: Callable[[Made], int]) -> None:
        self._limit, self._size = limit // 2, size
        self._younger: dict[Hashable, tuple[Made, tuple[str, ...], int]] = {}
        self._older: dict[Hashable, tuple[Made, tuple[str, ...], int]] = {}
        self._held = 0
        _all.append(self)

    def __call__(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` makes of what is in the key and of nothing else. If it asks the database it is not remembered."""
        found = self._younger.get(key)
        if found is None:
            found = self._older.get(key)
            if found is None:
                return self._made(key, make)
            self._hold(key, found)
        shows(*found[1])
        return found[0]

    def _made(self, key: Hashable, make: Callable[[], Made]) -> Made:
        asked = _Asked()
        with gathering() as tags, connection.execute_wrapper(asked):
            made = make()
        if not asked.anything:
            self._hold(key, (made, tuple(tags), self._size(made)))
        return made

    def _hold(self, key: Hashable, one: tuple[Made, tuple[str, ...], int]) -> None:
        if one[2] > self._limit:
            return
        if self._held + one[2] > self._limit:
            self._older, self._younger, self._held = self._younger, {}, 0
        self._younger[key] = one
        self._held += one[2]

    def forget(self) -> None:
        self._younger, self._older, self._held = {}, {}, 0


class _Asked:
    """Whether the database was asked."""

    def __init__(self) -> None:
        self.anything = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.anything = True
        return execute(sql, params, many, context)


def forget_all() -> None:
    """For tests that change what no key holds: settings."""
    for one in _all:
        one.forget()


def surroundings() -> tuple[str | None, str, str]:
    """What shapes everything that is printed, beside what is printed: a part of every key."""
    return get_language(), settings.SITE_URL, settings.MEDIA_URL


def hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of the database as a key: its arrays come as lists of texts."""
    return tuple([tuple(value) if type(value) is list else value for value in row])


def mark_of(*parts: Any) -> bytes:
    """A short stand-in for rows and texts that are large: another wherever they are other."""
    return blake2b(pickle.dumps(parts, pickle.HIGHEST_PROTOCOL), digest_size=16).digest()
