"""Files go out whole or in part, and only as long as they are what was kept."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum.pagecache.files import BLOCK, Kept, at_once
from tests.kept import Got, call, environ_of

BODY = bytes(range(256)) * 4


def kept_in(folder: Path, body: bytes = BODY) -> Kept:
    path = folder / "picture.png"
    path.write_bytes(body)
    with path.open("rb") as file:
        found = Kept.of(file)
    assert found is not None
    assert found.path
    return found


def ask(kept: Kept, method: str = "GET", **headers: str) -> Got:
    def app(environ: dict[str, Any], start: Any) -> Any:
        answer = kept.answer(
            environ, start, [("Content-Type", "image/png"), ("Cache-Control", "public, max-age=9")], '"tag"'
        )
        assert answer is not None
        return answer

    return call(app, environ_of("/x", method, **headers))


PARTS = {
    "bytes=0-0": (0, 1), "bytes=0-9": (0, 10), "bytes=10-": (10, 1024), "bytes=-10": (1014, 1024), "bytes=1000-99999": (1000, 1024),
    "bytes=-99999": (0, 1024), "bytes= 5 - 6 ": (5, 7), "bytes=1023-1023": (1023, 1024),
}  # fmt: skip


@pytest.mark.parametrize("from_disk", [True, False])
def test_a_part_is_answered_as_such(tmp_path: Path, from_disk: bool) -> None:
    kept = kept_in(tmp_path) if from_disk else Kept(len(BODY), body=BODY)
    for asked, (begin, end) in PARTS.items():
        got = ask(kept, Range=asked)
        assert (got.status, got.body) == (206, BODY[begin:end]), asked
        assert got.headers["Content-Range"] == f"bytes {begin}-{end - 1}/1024"
        assert got.headers["Content-Length"] == str(end - begin)
    for asked in ("bytes=1024-", "bytes=5000-6000", "bytes=-0"):
        got = ask(kept, Range=asked)
        assert (got.status, got.body, got.headers["Content-Range"]) == (416, b"", "bytes */1024"), asked
        # Nobody else, who asks for the whole, is answered with it.
        assert got.headers["Cache-Control"] == "no-store"


def test_what_asks_for_no_part_that_we_know_gets_the_whole(tmp_path: Path) -> None:
    kept = kept_in(tmp_path)
    for asked in (
        "bytes=0-1,5-6",
        "bytes=-",
        "bytes=9-5",
        "lines=0-1",
        "bytes",
        "",
        "bytes=١-٢",
        f"bytes=0-{'9' * 5000}",
    ):
        got = ask(kept, Range=asked)
        assert (got.status, got.body, got.headers["Content-Length"]) == (200, BODY, "1024"), asked
    # Part of another file is of no use.
    assert ask(kept, Range="bytes=0-1", If_Range='"other"').status == 200
    assert ask(kept, Range="bytes=0-1", If_Range='"tag"').status == 206
    head = ask(kept, "HEAD", Range="bytes=0-1")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "1024")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    asked=st.text(max_size=30) | st.from_regex(r"bytes=[0-9]{0,5}-[0-9]{0,5}", fullmatch=True), size=st.integers(0, 40)
)
def test_any_range_is_answered_with_what_it_says(asked: str, size: int) -> None:
    body = BODY[:size]
    got = ask(Kept(size, body=body), Range=asked)
    assert got.status in (200, 206, 416)
    assert len(got.body) == int(got.headers["Content-Length"])
    if got.status == 206:
        begin, end = got.headers["Content-Range"].removeprefix("bytes ").partition("/")[0].split("-")
        assert got.body == body[int(begin) : int(end) + 1]
    else:
        assert got.body == (body if got.status == 200 else b"")


def test_a_large_file_goes_out_block_by_block_and_is_closed(tmp_path: Path) -> None:
    body = os.urandom(2 * BLOCK + 5)
    kept = kept_in(tmp_path, body)
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir())) if descriptors.exists() else 0
    assert ask(kept).body == body
    assert ask(kept, Range=f"bytes=7-{BLOCK * 2}").body == body[7 : BLOCK * 2 + 1]
    if before:
        assert len(list(descriptors.iterdir())) == before


def test_a_large_file_is_closed_whatever_becomes_of_its_reader(tmp_path: Path) -> None:
    kept = kept_in(tmp_path, bytes(2 * BLOCK))
    answer: Any = kept.answer(environ_of("/x"), lambda *a: None, [], '"tag"')
    descriptor = answer.descriptor
    next(iter(answer))
    os.fstat(descriptor)
    del answer
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(descriptor)


def test_another_file_at_its_place_is_not_taken_for_it(tmp_path: Path) -> None:
    kept = kept_in(tmp_path)
    environ, said = environ_of("/x"), []
    Path(kept.path).write_bytes(b"other")
    assert kept.answer(environ, lambda *a: said.append(a), [], '"tag"') is None
    Path(kept.path).unlink()
    assert kept.answer(environ, lambda *a: said.append(a), [], '"tag"') is None
    assert said == []


def test_what_django_hands_over_is_sent_at_once_where_it_is_small() -> None:
    small, large = io.BytesIO(BODY), io.BytesIO(bytes(2 * BLOCK + 1))
    assert at_once(small, 4096) == [BODY]
    assert small.closed
    pieces = at_once(large)
    assert b"".join(pieces) == bytes(2 * BLOCK + 1)
    pieces.close()  # type: ignore[attr-defined]  # what is no list has it
    assert large.closed
