"""Static files, before anything else is asked: WhiteNoise as Django's settings set it up, but in front of Django."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.conf import settings
from whitenoise.base import WhiteNoise
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.string_utils import decode_path_info

from forum.pagecache.files import at_once

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

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        environ["wsgi.file_wrapper"] = at_once
        path = environ["PATH_INFO"]
        if path.startswith(self.index.static_prefix):
            path = decode_path_info(path)
            found = self.index.find_file(path) if self.index.autorefresh else self.index.files.get(path)
            if found is not None:
                answer: Iterable[bytes] = WhiteNoise.serve(found, environ, start)
                return answer
        return self.app(environ, start)
