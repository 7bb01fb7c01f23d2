"""A page is rendered once for all processes of a machine, and what is not true is taken over by none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as forum
from django.db import transaction

from accounts.models import User
from articles.models import Byline
from forum.pagecache.files import Kept
from forum.pagecache.shared import LARGEST, PLACES, UNFINISHED, Shared, _place
from forum.pagecache.store import Entry, Key
from tests.articles.shelf import ago, published
from tests.cast import picture
from tests.kept import running

KEY: Key = (True, "/2026/01/01/a-piece/?page=ü")


def entry_of(body: bytes = b"packed") -> Entry:
    entry = Entry(body, (17, 99), 123_456_789_012_345)
    entry.headers = [("Content-Type", "text/html; charset=utf-8"), ("Vary", "Accept-Encoding")]
    entry.etag, entry.surrogates, entry.tells_change = "tag", "article:7 furniture", True
    entry.until, entry.made_at, entry.changed_at = 5, 6, 7
    return entry


def said(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    shared = Shared(tmp_path / "pages", 1)
    assert shared.get(KEY) is None
    entry = entry_of(bytes(range(256)) * 9)
    shared.put(KEY, entry)
    found = Shared(tmp_path / "pages", 1).get(KEY)
    assert found
    assert said(found) == said(entry)
    assert (tmp_path / "pages").stat().st_mode & 0o077 == 0


def test_a_file_too_wherever_its_bytes_are(tmp_path: Path) -> None:
    shared = Shared(tmp_path / "pages", 1)
    (path := tmp_path / "picture.png").write_bytes(b"picture")
    with path.open("rb") as file:
        lies = Kept.of(file)
    assert lies
    for kept in (lies, Kept(5, body=b"bytes")):
        entry = entry_of(b"")
        entry.hold(kept)
        shared.put(KEY, entry)
        found = shared.get(KEY)
        assert found
        assert said(found) == said(entry)
    entry = entry_of(b"")
    entry.hold(lies)
    shared.put(KEY, entry)
    path.unlink()
    assert shared.get(KEY) is None


def test_what_is_another_s_is_not_taken(tmp_path: Path) -> None:
    shared = Shared(tmp_path / "pages", 1)
    shared.put(KEY, entry_of())
    other = next(key for n in range(10**6) if _place(key := (True, f"/{n}/")) == _place(KEY))
    assert shared.get(other) is None
    assert shared.get((False, KEY[1])) is None
    # From before the machine was started, whose clock meant something else.
    assert Shared(tmp_path / "pages", 2).get(KEY) is None
    assert Shared(tmp_path / "pages", "1-2").get(KEY) is None
    shared.put(other, entry_of())
    assert shared.get(KEY) is None
    assert len([path for path in (tmp_path / "pages").iterdir() if path.name != "turns"]) == 1


def test_what_a_killed_process_left_unfinished_is_swept_away(tmp_path: Path) -> None:
    shared = Shared(tmp_path / "pages", 1)
    shared.put(KEY, entry_of())
    old, new = (tmp_path / "pages" / name for name in ("0a1.77-1", "0a1.78-1"))
    for path in (old, new):
        path.write_bytes(b"{")
    os.utime(old, (0, time.time() - UNFINISHED - 1))
    assert Shared(tmp_path / "pages", 1).get(KEY)
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"{}\n", b"null\nx", b"[1]\nx", b"{", b"\xff\xfe\n\x00", b'{"key": 1, "mark": 1}\n']
)
def test_a_damaged_one_is_none(tmp_path: Path, content: bytes) -> None:
    shared = Shared(tmp_path / "pages", 1)
    shared.put(KEY, entry_of())
    shared._path(KEY).write_bytes(content)
    assert shared.get(KEY) is None
    shared.put(KEY, entry_of())
    whole = shared._path(KEY).read_bytes()
    for cut in range(0, whole.index(b"\n") + 1, 7):
        shared._path(KEY).write_bytes(whole[:cut])
        assert shared.get(KEY) is None


def test_it_stays_within_its_places(tmp_path: Path) -> None:
    shared = Shared(tmp_path / "pages", 1)
    for number in range(300):
        shared.put((True, f"/{number}/"), entry_of())
    shared.put((True, "/large/"), entry_of(bytes(LARGEST + 1)))
    assert shared.get((True, "/large/")) is None
    names = {path.name for path in (tmp_path / "pages").iterdir()} - {"turns"}
    assert all(int(name, 16) < PLACES for name in names)


def test_a_folder_that_can_t_be_written_costs_a_rendering_each(tmp_path: Path) -> None:
    shared = Shared(tmp_path / "pages", 1)
    (tmp_path / "pages").rename(tmp_path / "elsewhere")
    shared.put(KEY, entry_of())
    assert shared.get(KEY) is None
    with shared.turn(KEY):
        pass


# What a process does for a page, with a line for each rendering.
MAKES = """
import sys, time
from pathlib import Path
from forum.pagecache.shared import Shared
from forum.pagecache.store import Entry
folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
shared, key = Shared(folder / "pages", 1), (True, "/")
print("ready", flush=True)
sys.stdin.readline()
with shared.turn(key):
    if shared.get(key) is None:
        with (folder / "made").open("a") as made:
            made.write("once\\n")
        time.sleep(seconds)
        shared.put(key, Entry(b"page", (1,), 1))
print("done", flush=True)
"""


@pytest.fixture
def start(tmp_path: Path) -> Any:
    processes: list[subprocess.Popen[str]] = []

    def run(seconds: float) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", MAKES, str(tmp_path), str(seconds)]
        one = subprocess.Popen(command, cwd=forum.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(one)
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
        return one

    yield run
    for one in processes:
        one.kill()
        one.communicate()


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def test_of_four_processes_one_renders(start: Callable[[float], Any], tmp_path: Path) -> None:
    processes = [start(0.3) for _ in range(4)]
    for one in processes:
        go(one)
    assert {one.stdout.readline() for one in processes} == {"done\n"}
    assert (tmp_path / "made").read_text() == "once\n"


def test_where_the_one_that_renders_dies_the_next_does(start: Callable[[float], Any], tmp_path: Path) -> None:
    first, second = start(60), start(0)
    go(first)
    while not (tmp_path / "made").exists():
        time.sleep(0.01)
    go(second)
    time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    began = time.monotonic()
    assert second.stdout.readline() == "done\n"
    assert time.monotonic() - began < 1
    assert (tmp_path / "made").read_text() == "once\n" * 2


def test_nobody_waits_for_one_that_is_stuck(start: Callable[[float], Any], tmp_path: Path) -> None:
    first, second = start(60), start(0)
    go(first)
    while not (tmp_path / "made").exists():
        time.sleep(0.01)
    go(second)
    assert second.stdout.readline() == "done\n"
    assert (tmp_path / "made").read_text() == "once\n" * 2


@pytest.mark.django_db(transaction=True)
def test_what_one_process_has_made_another_gives(tmp_path: Path, settings: Any, alice: User, bob: User) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "http://localhost", ["localhost"]
    image = picture()
    with transaction.atomic():
        piece = published(alice, bob, at=ago(days=3), lead_image=image)
    addresses = (piece.get_absolute_url(), "/", image.file.url, "/feed/")
    with running(tmp_path / "words", shares=True) as one, running(tmp_path / "words", shares=True) as two:
        processes = one, two
        for number in range(3):
            for process in processes:
                process.settle()
            before = len(one.django.asked) + len(two.django.asked)
            got = [[process.get(address, Accept_Encoding="br") for address in addresses] for process in processes]
            assert [(a.status, a.body, a.headers) for a in got[0]] == [(b.status, b.body, b.headers) for b in got[1]]
            made = len(one.django.asked) + len(two.django.asked) - before
            # The picture is told by its piece; feed and front page by all pieces.
            assert made == len(addresses), number
            assert number == 0 or f"Elsewhere {number}" in one.get(addresses[0]).text
            Byline.objects.filter(article=piece).update(affiliation=f"Elsewhere {number + 1}")
        # What is never kept is asked of Django each time, by whom it is asked.
        before = len(two.django.asked)
        assert {process.get("/nowhere/").status for process in processes * 2} == {404}
        assert len(two.django.asked) == before + 2
