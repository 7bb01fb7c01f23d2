"""The site behind its page cache, in this process: as many processes of one machine as a test wants."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from forum.pagecache.front import PageCache
from forum.pagecache.generations import Generations
from forum.pagecache.listener import Listener
from forum.pagecache.purging import Purging
from forum.pagecache.shared import Shared
from forum.pagecache.store import Key, Store


@dataclass
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Counted:
    """Django's application, and the paths that it was asked for."""

    def __init__(self) -> None:
        self.handler = WSGIHandler()
        self.asked: list[str] = []
        self.environs: list[dict[str, Any]] = []
        self.before: Callable[[], None] = lambda: None

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self.asked.append(environ["PATH_INFO"] + (f"?{q}" if (q := environ.get("QUERY_STRING")) else ""))
        self.environs.append(environ)
        self.before()
        return self.handler(environ, start)


def environ_of(address: str, method: str = "GET", body: bytes = b"", **headers: str) -> dict[str, Any]:
    """What a server makes of a request. Headers as `Accept_Encoding="gzip"`."""
    path, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost", "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(), "wsgi.version": (1, 0),
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    } | {f"HTTP_{name.upper()}": value for name, value in headers.items()}  # fmt: skip


def call(app: Any, environ: dict[str, Any]) -> Got:
    said: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        said.update(status=int(status.split(maxsplit=1)[0]), headers={name.title(): value for name, value in headers})

    answer = app(environ, start)
    try:
        body = b"".join(answer)
    finally:
        if close := getattr(answer, "close", None):
            close()
    return Got(said["status"], said["headers"], body)


@dataclass
class Process:
    """One process of the server."""

    front: PageCache
    django: Counted
    generations: Generations
    listener: Listener
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = self.front.store

    def get(self, address: str, **headers: str) -> Got:
        return call(self.front, environ_of(address, **headers))

    def ask(self, address: str, method: str = "GET", body: bytes = b"", **headers: str) -> Got:
        return call(self.front, environ_of(address, method, body, **headers))

    def is_kept(self, address: str) -> bool:
        """Whether it would be answered without Django."""
        environ = environ_of(address)
        key: Key | None = self.front.keys.of(environ)
        entry = self.store.entries.get(key) if key else None
        return entry is not None and self.front._is_true(entry)

    def settle(self) -> None:
        """As an editor's request ends: this machine has heard of all that was changed."""
        self.listener.wait(f"test-{time.monotonic_ns()}", 5)


def end(listener: Listener) -> None:
    """Stop it at once: told of something, it does not wait for the end of its beat."""
    listener._is_ending = True
    listener.wait("the end", 0)
    listener.stop()


@contextmanager
def running(
    path: Path, *, limit: int = 32 << 20, purging: Purging | None = None, shares: bool = False
) -> Iterator[Process]:
    """A process that shares the memory at that path, and hears; `shares`: and what it has made."""
    generations = Generations(path)
    parameters = connection.get_connection_params()
    listener = Listener(generations, lambda: dict(parameters), purging)
    django = Counted()
    listener.start()
    deadline = time.monotonic() + 10
    while not (listener.connection and listener.is_heard(time.monotonic_ns())):
        assert time.monotonic() < deadline, "It hears nothing."
        time.sleep(0.005)
    shared = Shared(path.with_name("pages"), generations.mark) if shares else None
    process = Process(PageCache(django, generations, Store(limit), listener, shared), django, generations, listener)
    process.settle()
    try:
        yield process
    finally:
        end(listener)
        if shared:
            shared.close()
        generations.close()


@contextmanager
def alone(folder: Path, settings: Any) -> Iterator[Process]:
    """One process of a site on this machine, with a folder for what the processes of a machine share."""
    settings.SITE_URL = "http://localhost"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
    with running(folder / "words") as one:
        yield one


@pytest.fixture
def process(tmp_path: Path, settings: Any) -> Iterator[Process]:
    with alone(tmp_path, settings) as one:
        yield one
