"""A cache in front of all machines is told by a job what is not true any more."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from procrastinate.exceptions import ConnectorException

from accounts.models import User
from articles.models import Byline
from forum.jobs import purge
from forum.models import Masthead
from forum.pagecache import purging
from forum.pagecache.purging import GATHER, MOST, Purging, call
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
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def cdn(settings: Any) -> Iterator[Cdn]:
    one = Cdn()
    settings.CDN_PURGE_URL = f"http://127.0.0.1:{one.server.server_port}/purge"
    settings.CDN_PURGE_HEADER = "Cdn-Key: a secret"
    settings.CDN_SECONDS = 3600
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_a_change_is_one_call_however_many_processes_hear_of_it(
    cdn: Cdn, settings: Any, tmp_path: Path, alice: User, bob: User, drain: Callable[[], None]
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "http://localhost", ["localhost"]
    with transaction.atomic():
        piece = published(alice, bob)
    # Two processes of one machine, and one of another.
    with (
        running(tmp_path / "one", purging=Purging()) as one,
        running(tmp_path / "one", purging=Purging()) as two,
        running(tmp_path / "other", purging=Purging()) as other,
    ):
        processes = one, two, other
        # The worker draws its card and learns its words, which is told too.
        for _ in range(3):
            for process in processes:
                process.settle()
            _wait_until_ordered(*processes)
            drain()
        cdn.got.clear()
        got = one.get(piece.get_absolute_url())
        assert f"article:{piece.pk}" in got.headers["Surrogate-Key"].split()
        assert "s-maxage=" in got.headers["Cache-Control"]
        assert "stale-while-revalidate=" in got.headers["Cache-Control"]
        for number in range(3):
            Byline.objects.filter(article=piece).update(affiliation=f"Elsewhere {number}")
            for process in processes:
                process.settle()
            _wait_until_ordered(*processes)
            # Whoever were to order it too would have by now.
            time.sleep(3 * GATHER)
            assert _jobs() == 1, number
            drain()
            calls = [set(headers["Surrogate-Key"].split()) - {"words"} for _, headers in cdn.got]
            assert [tags for tags in calls if tags] == [{f"article:{piece.pk}", "pieces"}]
            cdn.got.clear()
        assert [one.listener.purging.leads for one in processes if one.listener.purging].count(True) == 1


def test_where_the_one_that_orders_is_gone_another_does(
    cdn: Cdn, tmp_path: Path, alice: User, bob: User, drain: Callable[[], None]
) -> None:
    with transaction.atomic():
        piece = published(alice, bob)
    with running(tmp_path / "one", purging=Purging()) as one:
        first = one.listener.purging
        assert first
        _wait_until_ordered(one)
        with running(tmp_path / "two", purging=Purging()) as two:
            second = two.listener.purging
            assert second
            assert (first.leads, second.leads) == (True, False)
            drain()
            cdn.got.clear()
            # It hears of a change and dies before it can order it.
            first.order = lambda: False  # type: ignore[method-assign]
            Byline.objects.filter(article=piece).update(affiliation="Elsewhere")
            two.settle()
            one.listener.stop()
            _until(lambda: second.leads)
            _wait_until_ordered(two)
            drain()
            # It had just begun to listen itself, and cannot know what was heard before.
            assert "furniture" in named(cdn)
            cdn.got.clear()
            Byline.objects.filter(article=piece).update(affiliation="Nowhere")
            two.settle()
            _wait_until_ordered(two)
            drain()
            assert f"article:{piece.pk}" in named(cdn)


PROBLEMS = (
    ConnectorException("gone"), OperationalError("gone"), InterfaceError("closed"), psycopg.OperationalError("gone"), RuntimeError("no thread"), OSError("no file"),
    TypeError("a mistake of ours"),
)  # fmt: skip


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda one: type(one).__name__)
def test_no_trouble_with_ordering_reaches_the_listener(
    cdn: Cdn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drain: Callable[[], None], problem: Exception
) -> None:
    monkeypatch.setattr(purging, "AGAIN", 0.05)
    with running(tmp_path / "one", purging=Purging()) as one:
        _wait_until_ordered(one)
        drain()
        cdn.got.clear()
        tried: list[int] = []

        def fail(**kwargs: Any) -> Any:
            tried.append(1)
            raise problem

        with monkeypatch.context() as broken:
            broken.setattr(purge, "configure", fail)
            before = one.listener.connection
            Masthead.objects.update_or_create(pk=1, defaults={"name": "Renamed"})
            one.settle()
            _until(lambda: len(tried) > 2)
            assert one.listener.connection is before
            assert one.listener.is_heard(time.monotonic_ns())
            assert one.listener.purging
            assert one.listener.purging.is_waiting
        _wait_until_ordered(one)
        drain()
        assert "furniture" in cdn.got[0][1]["Surrogate-Key"]


def test_one_that_waits_for_the_database_does_not_keep_the_listener(cdn: Cdn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drain: Callable[[], None]
) -> None:  # fmt: skip
    with running(tmp_path / "one", purging=Purging()) as one:
        _wait_until_ordered(one)
        drain()
        is_stuck, is_over = threading.Event(), threading.Event()

        def wait(**kwargs: Any) -> Any:
            is_stuck.set()
            is_over.wait(20)
            raise OperationalError("no connection is free")

        with monkeypatch.context() as broken:
            broken.setattr(purge, "configure", wait)
            Masthead.objects.update_or_create(pk=1, defaults={"name": "Renamed"})
            assert is_stuck.wait(5)
            began = time.monotonic()
            one.settle()
            assert time.monotonic() - began < 1
            is_over.set()


def test_too_many_tags_drop_everything() -> None:
    one = Purging()
    for number in range(purging.TOO_MANY + 1):
        one.add(f"article:{number}")
    assert list(one._heard) == ["furniture"]


def named(cdn: Cdn) -> set[str]:
    """All that it was told to drop."""
    return {tag for _, headers in cdn.got for tag in headers["Surrogate-Key"].split()}


def _jobs() -> int:
    """But for the words that the worker learned for spelling."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(*) FROM procrastinate_jobs
            WHERE task_name = 'forum.purge' AND status = 'todo' AND args -> 'tags' <> '["words"]'
        """)
        return int(cursor.fetchone()[0])


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _wait_until_ordered(*processes: Process) -> None:
    """Until each has put all that it heard of into jobs."""
    _until(lambda: not any(one.listener.purging and one.listener.purging.is_waiting for one in processes))


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


def test_what_was_refused_for_long_goes_at_once_when_it_is_heard_of_again(cdn: Cdn, drain: Callable[[], None]) -> None:
    one = Purging()
    cdn.status = 503
    one.add("article:7")
    assert one.order()
    drain()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '30 minutes' WHERE status = 'todo'"
        )
    cdn.status = 200
    cdn.got.clear()
    one.add("article:7")
    assert one.order()
    drain()
    assert [headers["Surrogate-Key"] for _, headers in cdn.got] == ["article:7"]
    assert _jobs() == 0


def test_many_tags_go_in_several_calls(cdn: Cdn, settings: Any) -> None:
    settings.CDN_PURGE_METHOD = "PURGE"
    call([f"article:{n}" for n in range(MOST + 1)])
    assert [(method, len(headers["Surrogate-Key"].split())) for method, headers in cdn.got] == [
        ("PURGE", MOST),
        ("PURGE", 1),
    ]
