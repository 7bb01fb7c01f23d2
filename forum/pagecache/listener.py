"""Hears of changes from the database, in a thread of each process, and moves the generations of the machine.

Triggers tell with `pg_notify('forum_pages', tag)`, in the transaction that makes a change: nobody hears of what was rolled
back, and everybody of what was not. `*` stands for everything, `due` for a moment ahead that was set or moved.
"""

import datetime
import logging
import select
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import DatabaseError, connection
from django.utils import timezone

from forum.pagecache.generations import DUE, HEARD, Generations
from forum.pagecache.purging import LOCK, Purging
from forum.pagecache.shown import FURNITURE

CHANNEL = "forum_pages"
EVERYTHING, MOMENT, FENCE = "*", "due", "fence:"
# How often it makes sure of its connection, and how long ago that may be.
BEAT = 0.8
SILENT = int(2.5e9)
RETRY = (0.05, 0.2, 0.5, 1.0, 2.0)
# Nothing is due before then.
FAR = datetime.timedelta(days=1)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
# A connection to a machine that is gone must not be waited for.
_ALIVE = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2, "tcp_user_timeout": 5000}  # fmt: skip

# Nor may the database wait for this machine, which may hold a lock there.
_NOTICED = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2; SET tcp_user_timeout = 5000"

log = logging.getLogger(__name__)

# What becomes true by itself: each says in SQL when next, after the moment %(now)s; NULL where nothing is ahead.
_moments: list[str] = []


def expect(sql: str) -> None:
    """Register a query for the next moment at which pages change though nobody changes anything."""
    if sql not in _moments:
        _moments.append(sql)


class Listener:
    """One for each process; `start` it after the process has forked."""

    def __init__(self, generations: Generations, parameters: Callable[[], dict[str, Any]] | None = None, purging: Purging | None = None) -> None:  # fmt: skip
        """`purging` tells a cache in front of all machines what this one hears."""
        self.generations = generations
        self.purging = purging
        self._parameters = parameters or connection.get_connection_params
        self._fences: dict[str, threading.Event] = {}
        self._thread: threading.Thread | None = None
        self._is_ending = False
        self._started = 0
        self.connection: psycopg.Connection[Any] | None = None

    def start(self) -> None:
        self._started = time.monotonic_ns()
        self._thread = threading.Thread(target=self._run, name="page cache", daemon=True)
        self._thread.start()
        if self.purging:
            self.purging.start()

    def stop(self) -> None:
        self._is_ending = True
        if self._thread:
            self._thread.join(5)
        if self.purging:
            self.purging.stop()

    def is_heard(self, now: int) -> bool:
        """Whether this machine knows of every change but for the last moments; and since this process began, whatever one that is gone
        had heard: all may have been lost, and started again within moments."""
        heard = self.generations.words[HEARD]
        return heard >= self._started and now - heard < SILENT

    # --- Waiting for what was changed -----------------------------------------------------------

    def wait(self, token: str, seconds: float = 1.0) -> None:
        """Return once this machine has heard of everything that was committed before; call it after a change.

        Where that can't be known in time, all pages are dropped, which is as right and only slower.
        """
        name = FENCE + token
        heard = self._fences[name] = threading.Event()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, name])
            if heard.wait(seconds):
                return
        except DatabaseError:
            log.warning("The page cache could not make sure that a change was heard of; all pages are dropped.")
        finally:
            del self._fences[name]
        self.generations.flush()

    # --- What is due ----------------------------------------------------------------------------

    def roll(self) -> None:
        """A moment has come at which pages change by themselves, or nobody knows the next: drop all, and find it."""
        with self.generations.locked():
            if time.time_ns() < self.generations.words[DUE]:
                return  # another has been here
            self.generations.flush()
            self.generations.words[DUE] = 0
            try:
                with connection.cursor() as cursor:
                    self._find_due(cursor.execute, cursor.fetchone)
            finally:
                # No request of Django's ends here and gives it back to the pool.
                if not connection.in_atomic_block:
                    connection.close()

    def _find_due(self, execute: Callable[..., Any], fetch: Callable[[], Any]) -> None:
        """Under the lock of the generations: the one who asks last also writes last."""
        now = timezone.now()
        found = [now + FAR]
        for sql in _moments:
            execute(sql, {"now": now})
            row = fetch()
            if row and row[0] is not None:
                found.append(row[0])
        self.generations.words[DUE] = (min(found) - _EPOCH) // _MICROSECOND * 1000

    # --- The thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._is_ending:
            began = time.monotonic()
            try:
                self._listen()
            except (psycopg.Error, OSError) as problem:
                self.generations.deafen()
                failures = 0 if time.monotonic() - began > 10 else failures
                log.warning("The page cache does not hear the database (%s); pages are made anew each time.", str(problem).partition("\n")[0])  # fmt: skip
            except Exception:
                self.generations.deafen()
                # Whatever it was: without this thread the site is slow for ever, and nobody would know why.
                log.exception("The page cache's listener failed; it is started again.")
            finally:
                if self.purging:
                    self.purging.leads = False
            if not self._is_ending:
                time.sleep(RETRY[min(failures, len(RETRY) - 1)])
                failures += 1

    def _listen(self) -> None:
        parameters = _ALIVE | self._parameters() | {"autocommit": True}
        parameters.pop("cursor_factory", None)
        with psycopg.connect(**parameters) as self.connection:
            conn = self.connection
            conn.add_notify_handler(lambda notify: self._take(notify.payload))
            begun = time.monotonic_ns()
            if self.purging:
                conn.execute(_NOTICED)
            conn.execute(f"LISTEN {CHANNEL}")
            self._lead(conn)
            # Whatever was told before was told to nobody.
            self._drop_all()
            self._renew_due()
            self.generations.hear(begun)
            while not self._is_ending:
                self._wait_a_beat(conn)
                begun = time.monotonic_ns()
                conn.execute("SELECT 1")
                self.generations.hear(begun)
                self._lead(conn)

    def _lead(self, conn: "psycopg.Connection[Any]") -> None:
        """Be the one of all listeners that orders purges, if none is: the lock is the connection's, and goes with it."""
        if self.purging and not self.purging.leads:
            row = conn.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
            if row and row[0]:
                self.purging.lead()

    def _wait_a_beat(self, conn: "psycopg.Connection[Any]") -> None:
        end = time.monotonic() + BEAT
        while not self._is_ending and (left := end - time.monotonic()) > 0:
            if select.select([conn.fileno()], [], [], left)[0]:
                conn.pgconn.consume_input()
                while notify := conn.pgconn.notifies():
                    self._take(notify.extra.decode())

    def _take(self, payload: str) -> None:
        if payload.startswith(FENCE):
            if event := self._fences.get(payload):
                event.set()
        elif payload == EVERYTHING:
            self._drop_all()
            self._renew_due()
        elif payload == MOMENT:
            self._renew_due()
        else:
            self.generations.move([payload])
            if self.purging:
                self.purging.add(payload)

    def _drop_all(self) -> None:
        self.generations.flush()
        if self.purging:
            self.purging.add(FURNITURE)  # on every page

    def _renew_due(self) -> None:
        """On a connection of its own: the one that listens may be in the middle of an answer."""
        with self.generations.locked():
            self.generations.words[DUE] = 0
            parameters = _ALIVE | self._parameters() | {"autocommit": True}
            parameters.pop("cursor_factory", None)
            with psycopg.connect(**parameters) as conn, conn.cursor() as cursor:
                self._find_due(cursor.execute, cursor.fetchone)
