"""What one process of a machine has made, for the others: a page is rendered once for all of them.

Each page lies in a file of a folder of the site's own, in one of so many places by its address: a later one takes the place of an earlier, so that
there are never more. Whether it is still true is asked as of any other entry. Losing all of it costs a rendering each.
"""

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

from forum.pagecache.files import Kept
from forum.pagecache.store import Entry, Key, once

PLACES = 4096
LARGEST = 1 << 18
# So long one waits for another process that makes the same page, in seconds; then it makes it itself.
PATIENCE = 2.0
_STEP = 0.004
# What has lain unfinished for so long nobody finishes, in seconds.
UNFINISHED = 60
_TOLD = ("born", "changed_at", "etag", "headers", "made_at", "surrogates", "tells_change", "until")


class Shared:
    """The folder. `mark` tells one start of the machine from the next, with which its steady clock began anew, and one start of the site."""

    def __init__(self, folder: Path, mark: int | str) -> None:
        """Makes the folder. Raises OSError where that can't be."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(folder)
        self.folder, self.mark = folder, mark
        self._turns = os.open(folder / "turns", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextlib.contextmanager
    def turn(self, key: Key) -> Iterator[None]:
        """Alone among the processes of the machine with this page, or after a while beside whoever is stuck with it.

        The lock is the process's: its threads take turns by themselves, and where it dies the next has it.
        """
        place, deadline = _place(key), time.monotonic() + PATIENCE
        is_mine = False
        while not is_mine and time.monotonic() < deadline:
            try:
                fcntl.lockf(self._turns, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
                is_mine = True
            except OSError:
                time.sleep(_STEP)
        try:
            yield
        finally:
            if is_mine:
                fcntl.lockf(self._turns, fcntl.LOCK_UN, 1, place)

    def put(self, key: Key, entry: Entry) -> None:
        body = entry.file.body if entry.file else entry.gzipped
        if len(body) > LARGEST:
            return
        told = {name: getattr(entry, name) for name in _TOLD} | {"key": key, "mark": self.mark, "slots": [*entry.slots]}
        if entry.file:
            told["file"] = (entry.file.size, entry.file.path, entry.file.written)
        path = self._path(key)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
        try:
            unfinished.write_bytes(json.dumps(told).encode() + b"\n" + body)
            unfinished.replace(path)
        except OSError:
            # A full disk, say: each process makes its own then.
            with contextlib.suppress(OSError):
                unfinished.unlink()

    def get(self, key: Key) -> Entry | None:
        """What another has made of it, true or not."""
        try:
            head, _, body = self._path(key).read_bytes().partition(b"\n")
            told = json.loads(head)
            if (told.pop("key"), told.pop("mark")) != ([*key], self.mark):
                return None
            file = told.pop("file", None)
            entry = Entry(b"" if file else body, told.pop("slots"), told.pop("born"))
            entry.headers = [once(name, value) for name, value in told.pop("headers")]
            for name, value in told.items():
                setattr(entry, name, value)
            if file:
                size, path, written = file
                kept = Kept(size, path, b"" if path else body, written)
                if not kept.is_there():
                    return None
                entry.hold(kept)
            return entry
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            # None there, or damaged.
            return None

    def close(self) -> None:
        os.close(self._turns)

    def _path(self, key: Key) -> Path:
        return self.folder / f"{_place(key):03x}"


def _sweep(folder: Path) -> None:
    """Take away what was left unfinished by processes that were killed."""
    for path in folder.glob("*.*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - UNFINISHED:
                path.unlink()


def _place(key: Key) -> int:
    return crc32(repr(key).encode("utf-8", "surrogatepass")) % PLACES
