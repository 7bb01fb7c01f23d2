"""Kept pages, within a bound of memory, so that neither a crawler nor an attacker drives out what is read.

S3-FIFO (Yang and others, "FIFO queues are all you need for cache eviction", SOSP 2023): what is new waits in a small queue, and
leaves from there unless it was asked for twice more; what was goes round in the main one, once for each time that it is asked
for. Addresses that left of late are remembered without their pages, and go into the main queue when they return.
"""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from forum.pagecache.files import Kept

SMALL_SHARE = 0.1
# A page that is larger than this share of all is not kept.
LARGEST_SHARE = 0.1
MOST_SEEN = 3
# About what an entry takes beside its bytes: its tags, headers and places in the queues.
OVERHEAD = 4096

Key = tuple[bool, str]
_headers: dict[tuple[str, str], tuple[str, str]] = {}
_MOST_HEADERS = 512


def once(name: str, value: str) -> tuple[str, str]:
    """A header that most pages have, in memory once for all of them."""
    if len(_headers) > _MOST_HEADERS:
        _headers.clear()
    return _headers.setdefault((name, value), (name, value))


class Entry:
    """One page. `front` gives meaning to what it holds; `size` is in bytes."""

    __slots__ = (
        "born", "brotli", "changed_at", "checked", "etag", "file", "gzipped", "headers", "is_ripe", "made_at", "seen", "size", "slots", "surrogates",
        "tells_change", "until", "variants",
    )  # fmt: skip

    def __init__(self, gzipped: bytes, slots: Iterable[int], born: int) -> None:
        self.gzipped = gzipped
        self.brotli = b""  # made for the first who takes it
        # A fifth of what a tuple of numbers takes.
        self.slots = array("I", slots)
        self.born = self.checked = born
        self.size = len(gzipped) + OVERHEAD
        # How often it was asked for since it last came to the end of its queue, up to `MOST_SEEN`.
        self.seen = 0
        self.is_ripe = self.tells_change = False
        self.until = self.made_at = self.changed_at = 0
        self.etag = self.surrogates = ""
        self.headers: list[tuple[str, str]] = []
        # By encoding: what goes out, ready.
        self.variants: dict[str, Any] = {}
        # Where it is no page but a file.
        self.file: Kept | None = None

    def hold(self, file: Kept) -> None:
        self.file = file
        self.size += len(file.body)


class Store:
    """At most `limit` bytes of pages. Looking up takes no lock; the queues move when something is put in."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.entries: dict[Key, Entry] = {}
        self._small: OrderedDict[Key, None] = OrderedDict()
        self._main: OrderedDict[Key, None] = OrderedDict()
        self._gone: OrderedDict[int, None] = OrderedDict()
        self._small_bytes = self._main_bytes = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        return self._small_bytes + self._main_bytes

    def put(self, key: Key, entry: Entry) -> bool:
        """Keep a page; in its place, where there is an older one of the same address. Returns whether it is kept."""
        if entry.size > self.limit * LARGEST_SHARE:
            return False
        with self._lock:
            if before := self.entries.get(key):
                entry.seen = before.seen
                self._count(key, entry.size - before.size)
            elif (mark := hash(key)) in self._gone:
                del self._gone[mark]
                self._main[key] = None
                self._main_bytes += entry.size
            else:
                self._small[key] = None
                self._small_bytes += entry.size
            self.entries[key] = entry
            self._make_room()
        return True

    def grow(self, key: Key, entry: Entry, size: int) -> None:
        """So many more bytes are held by it."""
        with self._lock:
            entry.size += size
            if self.entries.get(key) is entry:
                self._count(key, size)
                self._make_room()

    def _count(self, key: Key, size: int) -> None:
        if key in self._small:
            self._small_bytes += size
        else:
            self._main_bytes += size

    def _make_room(self) -> None:
        while self.size > self.limit:
            if self._small and (self._small_bytes > self.limit * SMALL_SHARE or not self._main):
                self._leave_small()
            else:
                self._leave_main()

    def _leave_small(self) -> None:
        key, _ = self._small.popitem(last=False)
        entry = self.entries[key]
        self._small_bytes -= entry.size
        if entry.seen > 1:
            entry.seen = 0
            self._main[key] = None
            self._main_bytes += entry.size
            return
        del self.entries[key]
        self._gone[hash(key)] = None
        # As many as there are pages: what left before those comes back as new.
        while len(self._gone) > max(len(self._main), 64):
            self._gone.popitem(last=False)

    def _leave_main(self) -> None:
        key, _ = self._main.popitem(last=False)
        entry = self.entries[key]
        if entry.seen:
            entry.seen -= 1
            self._main[key] = None
            return
        self._main_bytes -= entry.size
        del self.entries[key]
