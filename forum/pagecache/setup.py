"""Puts the page cache in front of Django, where it can be."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from forum.pagecache.front import PageCache
from forum.pagecache.generations import Generations
from forum.pagecache.listener import Listener
from forum.pagecache.purging import Purging
from forum.pagecache.shared import Shared
from forum.pagecache.store import Store

log = logging.getLogger(__name__)
# Of all processes that part from one: two releases that run beside each other for a moment take no pages from one another.
STARTED = time.monotonic_ns()


def in_front_of(app: Callable[..., Any]) -> Callable[..., Any]:
    """`app` behind the page cache of this process; `app` itself with PAGE_CACHE_MB=0, or where memory can't be shared."""
    if not settings.PAGE_CACHE_MB:
        return app
    try:
        generations = Generations(settings.PAGE_CACHE_FILE)
        shared = Shared(settings.PAGE_CACHE_FILE.with_name("pages"), f"{generations.mark}-{STARTED}")
    except OSError as problem:
        log.warning("%s: %s. Pages are made anew each time.", settings.PAGE_CACHE_FILE, problem.strerror)
        return app
    listener = Listener(generations, purging=Purging() if settings.CDN_PURGE_URL else None)
    listener.start()
    return PageCache(app, generations, Store(settings.PAGE_CACHE_MB << 20), listener, shared)
