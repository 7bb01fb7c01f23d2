"""Tells a cache in front of all machines (a CDN, Varnish) which pages are not true any more, by their `Surrogate-Key`.

Each process hears of each change and orders a job for what it gathered; while one of the same waits, the others are
spared, and to drop twice does no harm. What was heard of by
nobody, since no listener was connected, is made good when the first one is: it drops everything.
"""

import logging
import time
import urllib.request
from hashlib import blake2b

from django.conf import settings
from django.db import DatabaseError, connection
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

# Changes come in handfuls: so long they are gathered, in seconds.
GATHER = 0.05
SECONDS = 10
# What one call may name; CDNs take headers of some kilobytes.
MOST = 100

log = logging.getLogger(__name__)


class Purging:
    """The tags that one process has heard of and not ordered yet."""

    def __init__(self) -> None:
        self._tags: set[str] = set()
        self._since = 0.0

    @property
    def is_waiting(self) -> bool:
        return bool(self._tags)

    def add(self, tag: str) -> None:
        if not self._tags:
            self._since = time.monotonic()
        self._tags.add(tag)

    def order(self) -> None:
        """Put what was gathered into a job. What can't be ordered now is kept and tried again with the next."""
        if not self._tags or time.monotonic() - self._since < GATHER:
            return
        from forum.jobs import purge

        tags = sorted(self._tags)
        lock = f"purge-{blake2b(' '.join(tags).encode(), digest_size=8).hexdigest()}"
        try:
            purge.configure(queueing_lock=lock).defer(tags=[*tags])
        except AlreadyEnqueued:
            pass
        except (DatabaseError, ConnectorException) as problem:
            log.warning("A purge could not be ordered: %s", problem)
            return
        finally:
            connection.close()
        self._tags.clear()


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
