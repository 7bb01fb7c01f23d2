"""Static files, before anything else is asked: WhiteNoise as Django's settings set it up, but in front of Django."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.base import WhiteNoise
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.string_utils import decode_path_info

from forum.pagecache.files import at_once

# What each process keeps at hand: style sheets, scripts and fonts of readers' pages fit several times.
LARGEST, MEMORY = 1 << 17, 1 << 20
# Who asks in these words may be answered with less than the whole.
_PARTLY = frozenset({"HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"})
Environ = dict[str, Any]
Start = Callable[..., Any]


class Index(WhiteNoiseMiddleware):  # type: ignore[misc]  # it ships no types
    """What there is."""

    def add_cache_headers(self, headers: Any, path: str, url: str) -> None:
        """And what Django's own answers say: none is taken for what it is not, and a drawing opened by itself runs nothing."""
        super().add_cache_headers(headers, path, url)
        headers["X-Content-Type-Options"] = "nosniff"
        if url.endswith((".svg", ".html")):
            headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        if seconds := settings.SECURE_HSTS_SECONDS:
            headers["Strict-Transport-Security"] = f"max-age={seconds}; includeSubDomains; preload"


@cache
def index() -> Index:
    """Read once; before processes part it is theirs together."""
    return Index()


class Statics:
    """`app` behind the static files."""

    def __init__(self, app: Callable[[Environ, Start], Iterable[bytes]]) -> None:
        self.app = app
        self.index = index()
        self._bodies: dict[str, bytes] = {}
        self._held = 0

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        environ["wsgi.file_wrapper"] = at_once
        path = environ["PATH_INFO"]
        if path.startswith(self.index.static_prefix):
            path = decode_path_info(path)
            found = self.index.find_file(path) if self.index.autorefresh else self.index.files.get(path)
            if found is not None:
                answer: Iterable[bytes] = self._at_hand(found, environ, start) or WhiteNoise.serve(
                    found, environ, start
                )
                return answer
        return self.app(environ, start)

    def _at_hand(self, found: Any, environ: Environ, start: Start) -> list[bytes] | None:
        """A whole file from memory; None where that can't be, or is not asked for. To open and read it takes twice as long
        as all else that has to be done for it."""
        is_whole = environ["REQUEST_METHOD"] == "GET" and environ.keys().isdisjoint(_PARTLY)
        if not is_whole or self.index.autorefresh or not isinstance(found, StaticFile):
            return None
        path, headers = found.get_path_and_headers(environ)
        body = self._bodies.get(path)
        if body is None:
            body = self._read(path, dict(headers))
            if body is None:
                return None
        start("200 OK", [*headers])
        return [body]

    def _read(self, path: str, headers: dict[str, str]) -> bytes | None:
        size = int(headers.get("Content-Length", MEMORY))
        # One whose address does not tell its bytes may be another by now.
        if size > LARGEST or "immutable" not in headers.get("Cache-Control", "") or self._held + size > MEMORY:
            return None
        body = Path(path).read_bytes()
        if len(body) != size:
            return None
        self._held += size
        self._bodies[path] = body
        return body
