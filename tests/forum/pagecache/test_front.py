"""What is kept in front of Django, for whom, and how it is answered."""

import datetime
import gzip
import threading
import time
from pathlib import Path
from typing import Any

import brotli
import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from forum.models import Masthead
from forum.pagecache.generations import DUE
from forum.pagecache.store import OVERHEAD
from tests.articles.shelf import ago, published
from tests.cast import piece_in
from tests.kept import Process, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def piece(process: Process, alice: User, bob: User) -> Article:
    with transaction.atomic():
        found = published(alice, bob, title="The harbour", at=ago(days=3))
    process.settle()
    return found


def made(process: Process, address: str, **headers: str) -> int:
    """How often Django is asked for two requests of that kind."""
    before = len(process.django.asked)
    process.get(address, **headers)
    process.get(address, **headers)
    return len(process.django.asked) - before


# --- How it is answered ---------------------------------------------------------------------------


def test_a_page_is_made_once_and_packed_as_each_reader_takes_it(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    plain = process.get(address)
    assert (plain.status, plain.headers["Vary"]) == (200, "Accept-Encoding")
    assert "Content-Encoding" not in plain.headers
    packed = process.get(address, Accept_Encoding="gzip, deflate")
    smaller = process.get(address, Accept_Encoding="gzip, deflate, br, zstd")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert smaller.headers["Content-Encoding"] == "br"
    assert gzip.decompress(packed.body) == brotli.decompress(smaller.body) == plain.body
    for got in (plain, packed, smaller):
        assert int(got.headers["Content-Length"]) == len(got.body)
    assert len(process.django.asked) == 1
    # As Django says it to one who asks it itself, to the byte.
    with_django = Client().get(address)
    assert plain.body == with_django.content
    apart = {"Content-Length"}
    assert {k: v for k, v in plain.headers.items() if k not in apart} == {k.title(): v for k, v in with_django.headers.items() if k not in apart}  # fmt: skip


def test_who_has_the_page_is_told_so(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    got = process.get(address, Accept_Encoding="br")
    for known in (got.headers["Etag"], f'"x", {got.headers["Etag"]}', "*", got.headers["Etag"].removeprefix("W/")):
        again = process.get(address, Accept_Encoding="br", If_None_Match=known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["Etag"] == got.headers["Etag"]
        assert "Content-Length" not in again.headers
    assert process.get(address, If_None_Match='"other"').status == 200
    # The tag goes before the date.
    assert (
        process.get(address, If_None_Match='"other"', If_Modified_Since="Fri, 01 Jan 2038 00:00:00 GMT").status == 200
    )


def test_a_date_is_told_once_it_can_tell_two_pages_apart(process: Process, piece: Article) -> None:
    """To the second only: two pages of one second would have one date."""
    address = piece.get_absolute_url()
    assert "Last-Modified" not in process.get(address).headers
    (entry,) = process.store.entries.values()
    entry.made_at -= int(3e9)
    entry.changed_at -= 3
    got = process.get(address)
    assert process.get(address, If_Modified_Since=got.headers["Last-Modified"]).status == 304
    assert process.get(address, If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT").status == 200
    assert process.get(address, If_Modified_Since="yesterday").status == 200
    assert len(process.django.asked) == 1


def test_what_is_packed_for_a_page_is_packed_and_counted_once(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    for number in range(3):
        for accepted in ("br", "gzip", ""):
            process.get(address, Accept_Encoding=accepted)
        (entry,) = process.store.entries.values()
        if number == 1:
            entry.made_at -= int(3e9)  # from here on it tells its date
    assert entry.is_ripe
    assert process.store.size == entry.size == len(entry.gzipped) + len(entry.brotli) + OVERHEAD


def test_head_has_the_headers_alone(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    first, second, got = process.ask(address, "HEAD"), process.ask(address, "HEAD"), process.get(address)
    assert first.body == second.body == b""
    assert first.headers == second.headers == got.headers
    assert len(process.django.asked) == 1


def test_a_feed_keeps_its_own_date(process: Process, piece: Article) -> None:
    got = process.get("/feed/")
    assert process.get("/feed/", If_Modified_Since=got.headers["Last-Modified"]).status == 304
    assert len(process.django.asked) == 1


# --- For whom -------------------------------------------------------------------------------------


def test_a_page_of_a_person_never_comes_in(process: Process, piece: Article, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    session = f"sessionid={client.cookies['sessionid'].value}"
    address = piece.get_absolute_url()
    for path in ("/contribute/", "/admin/", "/accounts/login/", address):
        assert made(process, path, Cookie=session) == 2, path
    assert process.store.entries == {}
    assert made(process, address) == 1
    # What is kept does not come to somebody who is signed in either.
    assert made(process, address, Cookie=f"theme=dark; {session}") == 2
    # Any other cookie says nothing to a page for readers.
    assert made(process, address, Cookie="theme=dark; csrftoken=abc") == 0


def test_what_is_no_page_for_readers_is_asked_each_time(process: Process, piece: Article) -> None:
    paths = (
        "/accounts/login/", "/accounts/signup/", "/admin/", "/contribute/new/", "/referee/none/", "/healthz", "/readyz", "/nowhere/",
        "/media/none.jpg",
    )  # fmt: skip
    for path in paths:
        assert made(process, path) == 2, path
    assert process.store.entries == {}


def test_an_unpublished_piece_has_nothing_kept(process: Process, alice: User, bob: User) -> None:
    with transaction.atomic():
        draft = piece_in("editing", author=alice, editor=bob, title="A secret harbour")
    for address in (f"/2026/01/01/{draft.slug}/", f"/admin/articles/article/{draft.pk}/preview/"):
        assert made(process, address) == 2
    assert process.store.entries == {}


def test_a_report_is_sent_to_django_and_never_kept(process: Process, piece: Article) -> None:
    address = f"{piece.get_absolute_url()}report/"
    assert made(process, address) == 1
    got = process.ask(address, "POST", b"text=There+is+a+mistake+in+it")
    assert "There is a mistake in it" in got.text
    assert "There is a mistake in it" not in process.get(address).text


# --- One page, one entry --------------------------------------------------------------------------


def test_parameters_that_a_page_does_not_take_change_and_multiply_nothing(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    whole = process.get(address)
    for query in ("x=1", "utm_source=mail&utm_medium=x", "a=b&a=c", "%00=%ff", "=", "&&&", "page=2", "q=x"):
        assert process.get(f"{address}?{query}").body == whole.body, query
    assert len(process.django.asked) == len(process.store.entries) == 1


def test_parameters_are_in_one_order_and_spelling(process: Process, piece: Article) -> None:
    for query in (
        "q=harbour&sort=newest",
        "sort=newest&q=harbour",
        "q=harbour&sort=newest&z=1",
        "q=h%61rbour&sort=newest",
    ):
        assert process.get(f"/search/?{query}").status == 200
    assert len(process.django.asked) == len(process.store.entries) == 1
    assert process.get("/search/?q=harbours").status == 200
    assert len(process.store.entries) == 2


def test_the_front_page_is_not_taken_for_an_older_address(process: Process, piece: Article) -> None:
    from articles.models import OldAddress

    OldAddress.objects.create(article=piece, path="/?p=123")
    assert process.get("/").status == 200
    assert process.get("/?p=123").headers["Location"] == piece.get_absolute_url()
    assert process.get("/?utm_source=mail&fbclid=1").body == process.get("/").body
    assert len(process.store.entries) == 1


def test_a_piece_that_moved_leads_on_with_its_whole_query(process: Process, piece: Article) -> None:
    got = process.get(f"/2001/01/01/{piece.slug}/?utm_source=mail")
    assert (got.status, got.headers["Location"]) == (301, f"{piece.get_absolute_url()}?utm_source=mail")


HOSTILE = {
    "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https", "X_Forwarded_Port": "1", "X_Forwarded_Prefix": "/evil", "Forwarded": "host=evil.example",
    "X_Original_Url": "/admin/", "X_Rewrite_Url": "/admin/", "X_Http_Method_Override": "POST", "X_Host": "evil.example", "X_Forwarded_For": "6.6.6.6",
    "Accept_Language": "fr", "Accept": "application/json", "User_Agent": "evil", "Referer": "http://evil.example/", "Origin": "http://evil.example",
    "Range": "bytes=0-1", "Authorization": "Basic eDp4", "Cookie": "csrftoken=evil; messages=evil; django_language=fr", "Te": "trailers",
    "X_Requested_With": "XMLHttpRequest", "Save_Data": "on", "Cache_Control": "no-cache", "Accept_Charset": "x", "Expect": "100-continue",
}  # fmt: skip


def test_no_header_of_one_reader_reaches_another(process: Process, piece: Article) -> None:
    """The poisoned request comes first each time, and fills the cache."""
    addresses = {address: Client().get(address).content for address in (piece.get_absolute_url(), "/feed/")}
    for headers in ({}, HOSTILE, *({name: value} for name, value in HOSTILE.items())):
        process.generations.flush()
        for address, clean in addresses.items():
            poisoned = process.get(address, **headers)
            assert poisoned.body == process.get(address).body == clean, headers
            assert "evil" not in str(poisoned.headers)
    assert len(process.store.entries) == len(addresses)
    assert len(process.django.asked) == len(addresses) * (len(HOSTILE) + 2)
    for environ in process.django.environs:
        assert {n for n in environ if n.startswith("HTTP_")} <= {"HTTP_HOST"}


def test_a_strange_host_gets_nothing_kept_and_leaves_nothing(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    assert made(process, address) == 1
    for host in (
        "evil.example",
        "",
        "localhost:80:90",
        "localhost@evil.example",
        "evil.example/localhost",
        "local host",
        "LOCALHOST.evil",
    ):
        assert process.get(address, Host=host).status == 400, host
    assert len(process.store.entries) == 1
    assert "evil.example" not in process.front.keys.hosts


def test_every_allowed_host_gets_the_same_page(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    assert process.get(address, Host="127.0.0.1:8000").body == process.get(address, Host="localhost").body
    assert len(process.django.asked) == 1


def test_no_other_method_is_kept(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"):
        process.ask(address, method)
    assert process.store.entries == {}
    assert process.get(address).status == 200


def test_another_scheme_is_another_page(process: Process, piece: Article, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    address = piece.get_absolute_url()
    plain = process.get(address)
    from tests.kept import call, environ_of

    secure = call(process.front, environ_of(address) | {"wsgi.url_scheme": "https"})
    assert plain.status == secure.status == 200
    assert len(process.store.entries) == 2


def test_a_flood_of_addresses_grows_nothing(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    for number in range(30):
        process.get(f"{address}?x={number}")
        process.get(f"/nowhere-{number}/?x={number}")
    assert len(process.store.entries) == 1
    assert len(process.front.keys.parameters) <= 1024
    long = "a" * 5000
    for asked in (f"/media/{long}", f"/media/{long}?x=1", f"/media/a?x={long}"):
        process.get(asked, Accept_Encoding=long)
    front = process.front
    for memory in (front.keys.parameters, front.keys.asked, front._passing, front._encodings):
        assert max(map(len, memory), default=0) < 5000


# --- One rendering --------------------------------------------------------------------------------


def test_however_many_ask_it_is_made_once(process: Process, piece: Article) -> None:
    address = piece.get_absolute_url()
    gate, answers = threading.Event(), []
    process.django.before = lambda: gate.wait(5)

    def ask() -> None:
        try:
            answers.append(process.get(address))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for one in threads:
        one.start()
    time.sleep(0.2)
    gate.set()
    for one in threads:
        one.join(20)
    assert [got.status for got in answers] == [200] * 12
    assert len({got.body for got in answers}) == 1
    assert len(process.django.asked) == 1


def test_a_page_that_changes_while_it_is_made_is_not_kept(process: Process, piece: Article, bob: User) -> None:
    address = piece.get_absolute_url()
    handler = process.django.handler

    def slow(environ: Any, start: Any) -> Any:
        answer = handler(environ, start)
        Masthead.objects.update_or_create(pk=1, defaults={"name": "Changed meanwhile"})
        process.settle()
        process.django.handler = handler
        return answer

    process.django.handler = slow  # type: ignore[assignment]
    assert "Changed meanwhile" not in process.get(address).text
    assert "Changed meanwhile" in process.get(address).text


# --- What becomes true by itself ------------------------------------------------------------------


def test_a_scheduled_piece_appears_at_its_moment_and_not_before(process: Process, piece: Article, alice: User, bob: User) -> None:  # fmt: skip
    assert "The tide" not in process.get("/").text
    moment = timezone.now() + datetime.timedelta(seconds=3)
    with transaction.atomic():
        later = piece_in("editing", author=alice, editor=bob, title="The tide")
        Article.objects.filter(pk=later.pk).update(
            status="published", live_id=later.latest_id, published_at=moment, published_on=moment.date()
        )
    process.settle()
    seen = []
    while (now := timezone.now()) < moment + datetime.timedelta(seconds=0.5):
        seen.append((now, "The tide" in process.get("/").text, timezone.now()))
    assert [1 for _, is_there, after in seen if is_there and after < moment] == []
    assert [1 for before, is_there, _ in seen if not is_there and before >= moment] == []
    assert any(is_there for _, is_there, _ in seen)
    # It was made a few times, not each time.
    assert len(process.django.asked) < len(seen) / 2


def test_a_page_of_which_the_next_moment_is_unknown_is_not_answered_from_memory(process: Process, piece: Article) -> None:  # fmt: skip
    address = piece.get_absolute_url()
    process.get(address)
    process.generations.words[DUE] = 0
    assert process.get(address).status == 200
    assert len(process.django.asked) == 2
    assert process.generations.words[DUE] > time.time_ns()


# --- Hearing --------------------------------------------------------------------------------------


def test_while_nobody_hears_nothing_is_answered_from_memory(process: Process, piece: Article, bob: User) -> None:
    address = piece.get_absolute_url()
    assert made(process, address) == 1
    lost = process.listener.connection
    assert lost is not None
    # It tries again and again, and does not get through.
    parameters = process.listener._parameters
    process.listener._parameters = lambda: parameters() | {"host": "127.0.0.1", "port": 1}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [lost.info.backend_pid])
    time.sleep(3)
    assert made(process, address) == 2
    Masthead.objects.update_or_create(pk=1, defaults={"name": "Renamed unheard"})
    assert "Renamed unheard" in process.get(address).text
    process.listener._parameters = parameters
    deadline = time.monotonic() + 10
    while not process.listener.is_heard(time.monotonic_ns()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "Renamed unheard" in process.get(address).text
    assert made(process, address) <= 1


def test_a_writer_is_answered_after_it_was_heard(process: Process, piece: Article, alice: User) -> None:
    """Whatever a request changes, by whatever way, is seen by whoever asks after it was answered."""
    address = piece.get_absolute_url()
    handler = process.django.handler

    def change(environ: Any, start: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST":
            with connection.cursor() as cursor:
                cursor.execute("UPDATE articles_byline SET affiliation = %s", [environ["HTTP_X_NAME"]])
        return handler(environ, start)

    process.django.handler = change  # type: ignore[assignment]
    with running(process.generations.path) as other:
        for number in range(8):
            process.get(address)
            other.get(address)
            process.ask("/nowhere/", "POST", X_Name=f"Institute {number}")
            for one in (process, other):
                assert f"Institute {number}" in one.get(address).text


def test_another_machine_hears_of_it(process: Process, piece: Article, tmp_path: Path) -> None:
    address = piece.get_absolute_url()
    with running(tmp_path / "elsewhere") as other:
        for number in range(5):
            other.get(address)
            Masthead.objects.update_or_create(pk=1, defaults={"name": f"Forum {number}"})
            until = time.monotonic() + 5  # how soon is measured by `make storm`
            while f"Forum {number}" not in (text := other.get(address).text) and time.monotonic() < until:
                pass
            assert f"Forum {number}" in text


def test_without_the_database_nothing_breaks_that_could_be_answered(process: Process, piece: Article, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """A change that may not have been heard of drops all pages."""
    address = piece.get_absolute_url()
    process.get(address)
    monkeypatch.setattr(process.listener, "_take", lambda payload: None)
    started = time.monotonic()
    process.listener.wait("x", 0.2)
    assert time.monotonic() - started < 10
    assert not process.is_kept(address)


def test_the_listener_is_one_connection(process: Process) -> None:
    assert isinstance(process.listener.connection, psycopg.Connection)
    assert process.listener.connection.info.status == psycopg.pq.ConnStatus.OK
