"""The moments that all processes of a machine share."""

import time
from pathlib import Path

import pytest

from forum.pagecache import generations
from forum.pagecache.generations import DUE, HEARD, LAST, Generations, slots_of
from forum.pagecache.listener import Listener


def test_one_process_moves_what_another_reads(tmp_path: Path) -> None:
    one, other = Generations(tmp_path / "words"), Generations(tmp_path / "words")
    slots = slots_of(["article:7", "region:3"])
    born = time.monotonic_ns()
    assert other.holds(slots, born)
    one.move(["region:3"])
    assert not other.holds(slots, born)
    assert other.holds(slots_of(["article:7"]), born)
    assert other.holds(slots, time.monotonic_ns())
    assert other.words[LAST] > born


def test_a_flush_moves_everything(tmp_path: Path) -> None:
    one = Generations(tmp_path / "words")
    born = time.monotonic_ns()
    one.flush()
    assert not one.holds(slots_of(["article:7"]), born)
    assert one.holds(slots_of(["article:7"]), time.monotonic_ns())


def test_what_was_heard_goes_forward_only(tmp_path: Path) -> None:
    one = Generations(tmp_path / "words")
    one.hear(50)
    one.hear(20)
    assert one.words[HEARD] == 50


def test_another_start_of_the_machine_means_nothing_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Generations(tmp_path / "words")
    one.move(["article:7"])
    one.words[DUE] = 1
    one.close()
    assert Generations(tmp_path / "words").words[DUE] == 1
    monkeypatch.setattr(generations, "_machine_start", lambda: 12345)
    again = Generations(tmp_path / "words")
    assert not any(again.words[1:])


def test_a_lock_may_be_nested(tmp_path: Path) -> None:
    one = Generations(tmp_path / "words")
    with one.locked(), one.locked():
        one.flush()
    with one.locked():
        pass


def test_what_a_node_that_is_gone_had_heard_is_not_what_its_next_start_knows(tmp_path: Path) -> None:
    """All of its processes were lost and are back within moments: nothing is served from memory until one of them listens."""
    one = Generations(tmp_path / "words")
    one.hear(time.monotonic_ns())
    listener = Listener(one, lambda: {"host": "/nowhere", "dbname": "none"})
    assert listener.is_heard(time.monotonic_ns())
    listener.start()
    try:
        assert not listener.is_heard(time.monotonic_ns())
    finally:
        listener.stop()
