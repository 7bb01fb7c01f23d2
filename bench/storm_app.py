"""The site for `bench.storm`: as it is served, and beneath its page cache an editor who changes one line by POST."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection

_django = get_wsgi_application()

from forum.pagecache.setup import in_front_of


def _edited(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """POST /storm/<id of a piece>/ with a number: its bylines say so from then on."""
    if not (environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].startswith("/storm/")):
        return _django(environ, start)
    piece = int(environ["PATH_INFO"].split("/")[2])
    number = int(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    with connection.cursor() as cursor:
        # Never back: one whose process was killed may come through after the next.
        cursor.execute(
            "UPDATE articles_byline SET affiliation = %s WHERE article_id = %s AND split_part(affiliation, '-', 2)::int < %s",
            [f"storm-{number}-storm", piece, number],
        )
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


application = in_front_of(_edited)
