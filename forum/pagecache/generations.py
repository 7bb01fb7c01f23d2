"""When what was last changed: memory that all processes of a machine share.

A tag has a slot by its hash; two tags in one slot cost a page too many, never one too few. A slot holds the moment, on the
machine's steady clock (nanoseconds since it was started), when a change was heard of. A page that began to be
rendered after that shows the change.
"""

import contextlib
import fcntl
import mmap
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from zlib import crc32

SLOTS = 1 << 16
_HEAD = 16
_MARK, LAST, FLUSHED, HEARD, DUE = range(5)
_SIZE = (_HEAD + SLOTS) * 8


def slots_of(tags: Iterable[str]) -> tuple[int, ...]:
    """Where the generations of these tags stand."""
    return tuple(sorted({_HEAD + crc32(tag.encode()) % SLOTS for tag in tags}))


class Generations:
    """The shared memory. Reads are single words and take no lock; whoever writes holds one across processes."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file. Raises OSError where that can't be."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._threads = threading.RLock()
        self._depth = 0
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            os.ftruncate(self._file, _SIZE)
            self._map = mmap.mmap(self._file, _SIZE)
            self.words = memoryview(self._map).cast("Q")
            # The clock begins anew with the machine: what another start left behind means nothing.
            if self.words[_MARK] != (mark := _machine_start()):
                for number in range(len(self.words)):
                    self.words[number] = 0
                self.words[_MARK] = mark
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    @property
    def mark(self) -> int:
        """Of this start of the machine."""
        return self.words[_MARK]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among all threads and processes of the machine; may be nested."""
        with self._threads:
            if self._depth == 0:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    fcntl.flock(self._file, fcntl.LOCK_UN)

    def move(self, tags: Iterable[str]) -> None:
        """What shows any of these, and began to be rendered before now, is not true any more."""
        slots = slots_of(tags)
        with self.locked():
            now = time.monotonic_ns()
            for slot in slots:
                self.words[slot] = now
            # Last: whoever sees it sees the others.
            self.words[LAST] = now

    def flush(self) -> None:
        """Nothing that began to be rendered before now is true any more."""
        with self.locked():
            now = time.monotonic_ns()
            self.words[FLUSHED] = now
            self.words[LAST] = now

    def holds(self, slots: Iterable[int], born: int) -> bool:
        """Whether what shows these, and began to be rendered at `born`, is still true."""
        words = self.words
        return words[FLUSHED] < born and all(words[slot] < born for slot in slots)

    def hear(self, moment: int) -> None:
        """Everything that was told by that moment has been heard."""
        with self.locked():
            self.words[HEARD] = max(self.words[HEARD], moment)

    def deafen(self) -> None:
        """Somebody hears no more: until a listener says again that it does, nobody knows what is true."""
        with self.locked():
            self.words[HEARD] = 0

    def close(self) -> None:
        self.words.release()
        self._map.close()
        os.close(self._file)


def _machine_start() -> int:
    """Tells one start of the machine from the next."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        # To the minute: the two clocks drift.
        text = str(round((time.time() - time.monotonic()) / 60))
    return crc32(text.encode()) + 1
