"""The WSGI application in front of Django: what it has kept it answers itself; the rest it hands on.

Kept are GETs of pages that the same address shows to everyone (views marked by `page_parameters`), asked by nobody who is
signed in. Such a page is rendered from the address alone: Django is given neither the reader's headers nor parameters
that the view does not take, so that nothing of one reader's request can come into what another gets.
"""

import gzip
import io
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import brotli
from django.conf import settings
from django.db import DatabaseError
from django.utils.http import http_date, parse_http_date_safe

from forum.pagecache.files import Kept, at_once
from forum.pagecache.generations import DUE, LAST, Generations, slots_of
from forum.pagecache.keys import LONGEST_ADDRESS, Keys, remember
from forum.pagecache.listener import Listener
from forum.pagecache.shared import Shared
from forum.pagecache.shown import Shown, noting
from forum.pagecache.store import MOST_SEEN, Entry, Key, Store, once

Environ = dict[str, Any]
Start = Callable[..., Any]
Answer = Iterable[bytes]

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
# Rendered by one, waited for by others.
PATIENCE = 20
GZIP_LEVEL, BROTLI_QUALITY = 6, 6
# Less is not worth packing.
WORTH = 512
_TEXT = re.compile(r"text/|application/(?:[-\w.]+\+)?(?:json|xml)\b|image/svg\+xml")
_CODING = re.compile(r"\s*([-\w*]+)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*")
_TAG = re.compile(r'(?:W/)?"([^"]*)"')
# A file whose address stands for its bytes: whoever has it need never ask again.
BROWSERS = "public, max-age=31536000, immutable"
# What of the reader's request Django is told when a page is rendered.
_GIVEN = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "PATH_INFO", "HTTP_HOST")
# A browser knows when it has been given an answer to the second only: none is dated within its own.
_RIPE = int(2e9)

log = logging.getLogger(__name__)


class _Flight:
    """A page that somebody is rendering."""

    def __init__(self) -> None:
        self.landed = threading.Event()


class PageCache:
    """`app` is Django's. Without generations and listener (memory could not be shared) it only hands on."""

    def __init__(self, app: Callable[[Environ, Start], Answer], generations: Generations, store: Store, listener: Listener, shared: Shared | None = None) -> None:  # fmt: skip
        self.app = app
        self.shared, self.keys = shared, Keys()
        self.generations, self.store, self.listener = generations, store, listener
        self.words = generations.words
        self._flights: dict[Key, _Flight] = {}
        self._lock = threading.Lock()
        self._encodings: dict[str, str] = {}
        # Addresses of which nothing was kept.
        self._passing: dict[str, bool] = {}
        self._session = f"{settings.SESSION_COOKIE_NAME}="
        self._secure = settings.SECURE_PROXY_SSL_HEADER
        self._host = urlsplit(settings.SITE_URL).netloc
        self._cdn = settings.CDN_SECONDS

    # --- A request ------------------------------------------------------------------------------

    def __call__(self, environ: Environ, start: Start) -> Answer:
        method = environ["REQUEST_METHOD"]
        if method in ("GET", "HEAD"):
            cookies = environ.get("HTTP_COOKIE")
            if cookies is None or self._session not in cookies:
                return self._read(environ, start)
        elif method not in SAFE:
            return self._write(environ, start)
        return self.app(environ, start)

    def _write(self, environ: Environ, start: Start) -> Answer:
        """Whatever was changed is seen by everyone on this machine before its author is answered."""
        answer = self.app(environ, start)
        self.listener.wait(secrets.token_hex(8))
        return answer

    def _read(self, environ: Environ, start: Start) -> Answer:
        key = self.keys.of(environ)
        if key is None or not self.listener.is_heard(time.monotonic_ns()):
            return self.app(environ, start)
        entry = self.store.entries.get(key)
        if entry is not None and self._is_true(entry):
            return self._answer(key, entry, environ, start)
        return self._miss(key, environ, start)

    # --- What is kept ---------------------------------------------------------------------------

    def _is_true(self, entry: Entry) -> bool:
        """Whether the page still says what is so."""
        now = time.time_ns()
        if now >= self.words[DUE]:
            try:
                self.listener.roll()
            except DatabaseError:
                return False
        if entry.until and now >= entry.until:
            return False
        last = self.words[LAST]
        if last <= entry.checked:
            return True
        if not self.generations.holds(entry.slots, entry.born):
            return False
        entry.checked = last
        return True

    def _answer(self, key: Key, entry: Entry, environ: Environ, start: Start) -> Answer:
        if entry.seen < MOST_SEEN:
            entry.seen += 1
        if entry.file is not None:
            return self._send(entry, entry.file, environ, start)
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        coding = self._encodings.get(accepted)
        if coding is None:
            coding = coding_of(accepted)
            if len(accepted) <= LONGEST_ADDRESS:
                remember(self._encodings, accepted, coding)
        if not entry.is_ripe and time.time_ns() - entry.made_at > _RIPE:
            entry.variants.clear()
            entry.is_ripe = True
        variant = entry.variants.get(coding)
        if variant is None:
            variant = self._make(key, entry, coding)
        headers, bare, body = variant
        if self._cdn:
            headers, bare = self._for_cdn(entry, headers), self._for_cdn(entry, bare)
        if _has_it(environ, entry):
            start("304 Not Modified", bare)
            return []
        start("200 OK", headers)
        # A list: granian sends one at once, and anything else piece by piece.
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _send(self, entry: Entry, file: Kept, environ: Environ, start: Start) -> Answer:
        """A file that everybody may have. One that is no more where it lay is looked for by Django."""
        headers = self._for_cdn(entry, entry.headers) if self._cdn else entry.headers
        if _has_it(environ, entry):
            start("304 Not Modified", [(name, value) for name, value in headers if not name.startswith("Content-")])
            return []
        answer = file.answer(environ, start, headers, f'"{entry.etag}"')
        if answer is None:
            entry.until = 1
            return self.app(environ, start)
        return answer

    def _make(self, key: Key, entry: Entry, coding: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]], bytes]:
        """Headers, those of a 304, and bytes of the page in one encoding."""
        is_text = any(name == "Vary" for name, _ in entry.headers)
        if not is_text:
            coding = ""
        body = entry.gzipped
        if coding == "br":
            if not entry.brotli:
                entry.brotli = brotli.compress(gzip.decompress(body), quality=BROTLI_QUALITY, mode=brotli.MODE_TEXT)
                self.store.grow(key, entry, len(entry.brotli))
            body = entry.brotli
        elif coding != "gzip":
            body = gzip.decompress(body) if is_text else body
        told = [*entry.headers, ("ETag", f'W/"{entry.etag}"' if coding else f'"{entry.etag}"')]
        if entry.tells_change or entry.is_ripe:
            told.append(("Last-Modified", http_date(entry.changed_at)))
        bare = [(name, value) for name, value in told if name not in ("Content-Type", "Content-Language")]
        headers = [*told, ("Content-Length", str(len(body)))]
        if coding:
            headers.append(once("Content-Encoding", coding))
        variant = headers, bare, body
        # The whole text is rarely asked for, and quickly unpacked.
        if coding or not is_text:
            entry.variants[coding] = variant
        return variant

    def _for_cdn(self, entry: Entry, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """A cache that is told of changes may keep the page until the next moment at which it changes by itself."""
        left = max(0, min(self._cdn, (min(self.words[DUE], entry.until or self.words[DUE]) - time.time_ns()) // 10**9))
        page = f"public, max-age=0, s-maxage={left}, stale-while-revalidate=10, must-revalidate"
        told = [
            (
                name,
                (f"{BROWSERS}, s-maxage={left}" if value.startswith(BROWSERS) else page)
                if name == "Cache-Control"
                else value,
            )
            for name, value in headers
        ]
        return [*told, ("Surrogate-Key", entry.surrogates)]

    # --- What is not kept yet -------------------------------------------------------------------

    def _miss(self, key: Key, environ: Environ, start: Start) -> Answer:
        """Rendered by one, however many ask of this process; the others wait for it, and look again whether it is true."""
        if self.keys.takes(environ) is None:
            return self.app(environ, start)
        for _ in range(3):
            with self._lock:
                flight = self._flights.get(key)
                if flight is None:
                    self._flights[key] = mine = _Flight()
                    break
            flight.landed.wait(PATIENCE)
            entry = self.store.entries.get(key)
            if entry is not None and self._is_true(entry):
                return self._answer(key, entry, environ, start)
        else:
            return self.app(environ, start)
        try:
            # Somebody may have landed since it was missed.
            entry = self.store.entries.get(key)
            if entry is not None and self._is_true(entry):
                return self._answer(key, entry, environ, start)
            return self._make_or_take(key, environ, start)
        finally:
            with self._lock:
                self._flights.pop(key, None)
            mine.landed.set()

    def _make_or_take(self, key: Key, environ: Environ, start: Start) -> Answer:
        """Rendered by one process of the machine; the others take what it has made."""
        # What is never kept is nobody's to wait for.
        if self.shared is None or key[1] in self._passing:
            return self._render(key, environ, start)
        with self.shared.turn(key):
            entry = self.shared.get(key)
            if entry is None or not self._is_true(entry):
                return self._render(key, environ, start)
        self.store.put(key, entry)
        return self._answer(key, entry, environ, start)

    def _render(self, key: Key, environ: Environ, start: Start) -> Answer:
        if time.time_ns() >= self.words[DUE]:
            try:
                self.listener.roll()
            except DatabaseError:
                return self.app(environ, start)
        # Before anything is read: what changes from here on makes the page untrue.
        born, made_at = time.monotonic_ns(), time.time_ns()
        with noting() as shown:
            status, headers, body, file = _run(self.app, self._scrubbed(environ, key))
        if not _may_be_kept(status, headers, shown):
            remember(self._passing, key[1], True)
            # It leads on with the whole query, or looks for what stood there on an older site.
            if status != 200 and environ.get("QUERY_STRING"):
                return self.app(environ, start)
            if file is not None:
                own = [(name, value) for name, value in headers if name.lower() != "content-length"]
                return file.answer(environ, start, own, "") or self.app(environ, start)
            start(f"{status} {HTTPStatus(status).phrase}", headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        entry = self._entry(headers, body, shown, born, made_at)
        if file is not None:
            entry.hold(file)
            entry.headers.append(("ETag", f'"{entry.etag}"'))
        self.store.put(key, entry)
        self._passing.pop(key[1], None)
        if self.shared is not None:
            self.shared.put(key, entry)
        seen = entry.seen
        answer = self._answer(key, entry, environ, start)
        entry.seen = seen  # this was its first reader
        return answer

    def _scrubbed(self, environ: Environ, key: Key) -> Environ:
        """The same request as anybody would make it."""
        clean = {name: environ[name] for name in _GIVEN if name in environ}
        clean |= {name: value for name, value in environ.items() if name.startswith("wsgi.")}
        if self._secure and self._secure[0] in environ:
            clean[self._secure[0]] = environ[self._secure[0]]
        if self.keys.is_allowed(self._host):
            clean["HTTP_HOST"] = self._host
        clean["REQUEST_METHOD"] = "GET"
        clean["QUERY_STRING"] = key[1].partition("?")[2]
        clean["wsgi.input"] = io.BytesIO()
        return clean

    def _entry(self, headers: list[tuple[str, str]], body: bytes, shown: Shown, born: int, made_at: int) -> Entry:
        told = {name.lower(): value for name, value in headers}
        is_text = len(body) >= WORTH and _TEXT.match(told.get("content-type", "")) is not None
        entry = Entry(gzip.compress(body, GZIP_LEVEL, mtime=0) if is_text else body, slots_of(shown.tags), born)
        own = ("content-length", "etag", "vary", "last-modified")
        entry.headers = [once(name, value) for name, value in headers if name.lower() not in own]
        if is_text:
            entry.headers.append(once("Vary", "Accept-Encoding"))
        match = _TAG.fullmatch(told["etag"])
        entry.etag = match[1] if match else ""
        entry.made_at, entry.changed_at = made_at, made_at // 10**9
        if changed_at := parse_http_date_safe(told.get("last-modified", "")):
            entry.changed_at, entry.tells_change = changed_at, True
        entry.until = int(shown.until.timestamp() * 1e9) if shown.until else 0
        entry.surrogates = " ".join(sorted(shown.tags)) if self._cdn else ""
        return entry


def coding_of(accepted: str) -> str:
    """How to pack for a reader who takes this: `br`, `gzip`, or empty for not at all."""
    taken = {m[1].lower() for part in accepted.split(",") if (m := _CODING.fullmatch(part)) and float(m[2] or 1) > 0}
    return "br" if "br" in taken else "gzip" if taken & {"gzip", "x-gzip"} else ""


def _has_it(environ: Environ, entry: Entry) -> bool:
    """Whether the reader has this very page (RFC 9110, 13.1: the tag goes before the date)."""
    if (known := environ.get("HTTP_IF_NONE_MATCH")) is not None:
        return entry.etag in _TAG.findall(known) or known.strip() == "*"
    if (since := environ.get("HTTP_IF_MODIFIED_SINCE")) is not None and (entry.tells_change or entry.is_ripe):
        moment = parse_http_date_safe(since)
        return moment is not None and moment >= entry.changed_at
    return False


def _may_be_kept(status: int, headers: list[tuple[str, str]], shown: Shown) -> bool:
    if status != 200 or not shown.may_be_kept:
        if shown.is_page and shown.unheard:
            log.error("A page asked %s, of whose changes nobody is told; it is not kept.", ", ".join(sorted(shown.unheard)))  # fmt: skip
        return False
    told = {name.lower(): value.lower() for name, value in headers}
    kept = told.get("cache-control", "")
    return (
        "etag" in told
        and "set-cookie" not in told
        and "content-encoding" not in told
        and told.get("vary", "accept-encoding") == "accept-encoding"
        and "private" not in kept
        and "no-store" not in kept
    )


def _run(app: Callable[[Environ, Start], Answer], environ: Environ) -> tuple[int, list[tuple[str, str]], bytes, Kept | None]:  # fmt: skip
    """What an application answers, whole; or the file that it hands over."""
    said: dict[str, Any] = {}
    handed: list[Kept] = []

    def take(file: Any, size: int = 0) -> Answer:
        kept = Kept.of(file)
        if kept is None:
            return at_once(file)
        handed.append(kept)
        file.close()
        return []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        said["status"], said["headers"] = int(status.split(" ", 1)[0]), headers
        return lambda data: None

    answer = app(environ | {"wsgi.file_wrapper": take}, start)
    try:
        body = b"".join(answer)
    finally:
        if close := getattr(answer, "close", None):
            close()
    return said["status"], said["headers"], body, handed[0] if handed else None
