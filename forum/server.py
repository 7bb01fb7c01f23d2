"""The server: granian, whose processes come from one that has the whole site loaded already.

    python -m forum.server --host 127.0.0.1 --port 8000 --workers 2

It takes what `granian --help` lists. The processes share the memory of what was loaded before they parted, and one that died is
back at once instead of after the seconds that loading takes. Where processes are not forked (macOS) each loads the site itself.
"""

import contextlib
import gc
import io
import os
import re
import sys
from typing import Any
from urllib.parse import urlsplit


def load() -> None:
    """Everything that a request may need, but for what must not be shared: connections and threads."""
    import django
    from django.urls import get_resolver

    django.setup()
    resolver = get_resolver()
    # Imports the views of every room.
    for pattern in resolver.url_patterns:
        getattr(pattern, "url_patterns", None)
    from forum import statics
    from forum.pagecache import setup  # noqa: F401  only loaded

    statics.index()
    warm()
    gc.collect()
    # What is there now stays: the collector need not write into it, which would unshare it.
    gc.freeze()


def warm() -> None:
    """Make what the first readers would have each process make for itself: templates, catalogues of words, statements. One page of each kind
    that the front page leads to is rendered and thrown away. Without a database there is nothing to do, and no harm."""
    import psycopg
    from django.db import connection, connections
    from django.urls import Resolver404, resolve

    try:
        parameters = connection.get_connection_params() | {"connect_timeout": 2}
        parameters.pop("cursor_factory", None)
        psycopg.connect(**parameters).close()
    except psycopg.Error:
        return
    kinds: set[object] = set()
    paths = ["/", "/search/?q=a", "/none/"]
    for path in paths:
        page = _render(path)
        for found in re.findall(r'href="(/[^"#]*)"', page) if path == "/" else ():
            with contextlib.suppress(Resolver404):
                if (kind := resolve(found.partition("?")[0]).func) not in kinds:
                    kinds.add(kind)
                    paths.append(found)
    # Neither connections nor threads may go with a fork.
    for one in connections.all(initialized_only=True):
        one.close()
        one.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one


def _render(path: str) -> str:
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    path, _, query = path.partition("?")
    site = urlsplit(settings.SITE_URL)
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "", "SERVER_NAME": site.hostname, "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": site.netloc, "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "https", "wsgi.errors": sys.stderr,
    }  # fmt: skip
    if settings.SECURE_PROXY_SSL_HEADER:
        environ[settings.SECURE_PROXY_SSL_HEADER[0]] = settings.SECURE_PROXY_SSL_HEADER[1]
    handler: Any = WSGIHandler()
    answer = handler(environ, lambda *said: None)
    try:
        return b"".join(answer).decode(errors="replace")
    finally:
        answer.close()


def main(application: str = "forum.wsgi:application") -> None:
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        # Each thread would else have memory of its own that comes back late: an eighth of all, as measured. Read at the start alone.
        os.environ["MALLOC_ARENA_MAX"] = "2"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  ourselves
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")
    from granian.cli import entrypoint

    load()
    sys.argv[1:1] = ["--interface", "wsgi", "--no-ws", application]
    entrypoint()  # type: ignore[no-untyped-call]  # it ships none


if __name__ == "__main__":
    main()
