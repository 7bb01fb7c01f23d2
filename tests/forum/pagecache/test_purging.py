"""A cache in front of all machines is told by a job what is not true any more."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from articles.models import Byline
from forum.jobs import purge
from forum.models import Masthead
from forum.pagecache.purging import MOST, Purging, call
from tests.articles.shelf import published
from tests.kept import Process, running

pytestmark = pytest.mark.django_db(transaction=True)


class Cdn:
    """Takes purges on loopback."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str]]] = []
        self.status = 200
        cdn = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                cdn.got.append((self.command, dict(self.headers)))
                self.send_response(cdn.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PURGE = handle_any  # noqa: N815  names of http.server

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def cdn(settings: Any) -> Iterator[Cdn]:
    one = Cdn()
    settings.CDN_PURGE_URL = f"http://127.0.0.1:{one.server.server_port}/purge"
    settings.CDN_PURGE_HEADER = "Cdn-Key: a secret"
    settings.CDN_SECONDS = 3600
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_a_change_becomes_a_job_that_names_what_shows_it(
    cdn: Cdn, settings: Any, tmp_path: Path, alice: User, bob: User, drain: Callable[[], None]
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "http://localhost", ["localhost"]
    with transaction.atomic():
        piece = published(alice, bob)
    with running(tmp_path / "one", purging=Purging()) as one, running(tmp_path / "two", purging=Purging()) as two:
        _wait_until_ordered(one, two)
        drain()
        cdn.got.clear()
        got = one.get(piece.get_absolute_url())
        assert f"article:{piece.pk}" in got.headers["Surrogate-Key"].split()
        assert "s-maxage=" in got.headers["Cache-Control"]
        assert "stale-while-revalidate=" in got.headers["Cache-Control"]
        Byline.objects.filter(article=piece).update(affiliation="Elsewhere")
        for process in (one, two):
            process.settle()
        _wait_until_ordered(one, two)
        assert _jobs()
        drain()
    named = [headers["Surrogate-Key"].split() for _, headers in cdn.got]
    # Beside it the worker may have learned words for spelling.
    assert {tag for tags in named for tag in tags} - {"words"} == {f"article:{piece.pk}", "pieces"}
    assert cdn.got[0][1]["Cdn-Key"] == "a secret"


def _jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'forum.purge' AND status = 'todo'")
        return int(cursor.fetchone()[0])


def _wait_until_ordered(*processes: Process) -> None:
    """Until each has put all that it heard of into jobs."""
    deadline = time.monotonic() + 10
    while any(one.listener.purging and one.listener.purging.is_waiting for one in processes):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_began_before_anybody_listened_is_dropped_as_a_whole(cdn: Cdn, tmp_path: Path, drain: Callable[[], None]) -> None:  # fmt: skip
    Masthead.objects.update_or_create(pk=1, defaults={"name": "Unheard"})
    with running(tmp_path / "one", purging=Purging()) as one:
        _wait_until_ordered(one)
    drain()
    assert "furniture" in cdn.got[0][1]["Surrogate-Key"]


def test_a_cache_that_refuses_is_asked_again(cdn: Cdn, drain: Callable[[], None]) -> None:
    cdn.status = 503
    purge.defer(tags=["article:7"])
    drain()
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, scheduled_at > now() FROM procrastinate_jobs WHERE task_name = 'forum.purge'")
        assert cursor.fetchall() == [("todo", True)]


def test_many_tags_go_in_several_calls(cdn: Cdn, settings: Any) -> None:
    settings.CDN_PURGE_METHOD = "PURGE"
    call([f"article:{n}" for n in range(MOST + 1)])
    assert [(method, len(headers["Surrogate-Key"].split())) for method, headers in cdn.got] == [
        ("PURGE", MOST),
        ("PURGE", 1),
    ]
