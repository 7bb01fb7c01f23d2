"""Tells a cache in front of all machines (a CDN, Varnish) which pages are not true any more, by their `Surrogate-Key`.

Each process of each machine hears of each change; one of all orders the jobs that call the cache: the one whose listener holds a lock of the
database. When that is gone, another has the lock, and orders what was heard in the last moments: to drop twice does no harm. What was heard of
by nobody, since no listener was connected, is made good when the first one is: it drops everything.
"""

import logging
import threading
import time
import urllib.request
from hashlib import blake2b
from zlib import crc32

from django.conf import settings
from django.db import connection
from procrastinate.exceptions import AlreadyEnqueued

from forum.pagecache.shown import FURNITURE

# Changes come in handfuls: so long they are gathered, in seconds.
GATHER = 0.05
# So long each process remembers what it heard, in seconds: longer than it takes the database to notice that the one who orders is gone.
REMEMBERED = 30
# When to try again what could not be ordered.
AGAIN = 1
SECONDS = 10
# What one call may name; CDNs take headers of some kilobytes.
MOST = 100
# So many at once, and all pages are dropped instead.
TOO_MANY = 5_000
# Among the locks of the database, which other programs on it may use too.
LOCK = crc32(b"forum.pagecache.purging")

log = logging.getLogger(__name__)


class Purging:
    """What one process has heard of. It orders in a thread of its own: the one that listens waits for nobody."""

    def __init__(self) -> None:
        # When each tag was heard of last.
        self._heard: dict[str, float] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._is_ending = False
        self._thread: threading.Thread | None = None
        # Whether it is the one of all that orders.
        self.leads = False

    @property
    def is_waiting(self) -> bool:
        return self.leads and bool(self._heard)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="purging", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_ending = True
        self._wake.set()
        if self._thread:
            self._thread.join(5)

    def add(self, tag: str) -> None:
        with self._lock:
            if len(self._heard) >= TOO_MANY:
                self._heard.clear()
                tag = FURNITURE  # on every page
            self._heard[tag] = time.monotonic()
        self._wake.set()

    def lead(self) -> None:
        self.leads = True
        self._wake.set()

    def _run(self) -> None:
        while not self._is_ending:
            self._wake.wait()
            self._wake.clear()
            time.sleep(GATHER)
            self._forget()
            if self.leads and not self.order():
                time.sleep(AGAIN)
                self._wake.set()

    def _forget(self) -> None:
        """What the one that orders has ordered long since."""
        if not self.leads:
            oldest = time.monotonic() - REMEMBERED
            with self._lock:
                self._heard = {tag: when for tag, when in self._heard.items() if when > oldest}

    def order(self) -> bool:
        """Put what was heard into a job. Returns whether that came through; what did not is kept and tried again."""
        from forum.jobs import purge

        with self._lock:
            found = dict(self._heard)
        if not found:
            return True
        tags = [FURNITURE] if FURNITURE in found else sorted(found)
        lock = f"purge-{blake2b(' '.join(tags).encode(), digest_size=8).hexdigest()}"
        try:
            if not self._hurry(lock):
                purge.configure(queueing_lock=lock).defer(tags=[*tags])
        except AlreadyEnqueued:
            pass  # one of the same was ordered this moment
        except Exception as problem:  # noqa: BLE001  tried again
            # Whatever it is, pages and who edits them have nothing to do with it.
            log.warning("A purge could not be ordered, and is tried again: %s", problem)
            return False
        finally:
            self._close()
        with self._lock:
            for tag, when in found.items():
                if self._heard.get(tag) == when:  # not heard of again meanwhile
                    del self._heard[tag]
        return True

    def _hurry(self, lock: str) -> bool:
        """Whether one of the same waits already. It goes now: after many refusals its next try may be half an hour away."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE queueing_lock = %s AND status = 'todo'", [lock]
            )
            return bool(cursor.rowcount)

    def _close(self) -> None:
        try:
            connection.close()
        except Exception as problem:  # noqa: BLE001  it is given up then, and another made
            log.warning("The connection of a purge could not be closed: %s", problem)


def call(tags: list[str]) -> None:
    """Ask the cache in front to drop the pages of these tags. Raises OSError where it does not answer, or refuses."""
    for start in range(0, len(tags), MOST):
        headers = {"Surrogate-Key": " ".join(tags[start : start + MOST])}
        if settings.CDN_PURGE_HEADER:
            name, _, value = settings.CDN_PURGE_HEADER.partition(":")
            headers[name.strip()] = value.strip()
        request = urllib.request.Request(settings.CDN_PURGE_URL, headers=headers, method=settings.CDN_PURGE_METHOD)  # noqa: S310  the operator's own
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            pass
