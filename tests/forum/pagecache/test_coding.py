"""How a page is packed for a reader."""

import pytest

from forum.pagecache.front import coding_of


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""), ("gzip", "gzip"), ("GZIP", "gzip"), ("x-gzip", "gzip"), ("br", "br"), ("br;q=0, gzip", "gzip"), ("br;q=0.0,gzip;q=0.000", ""),
        ("identity", ""), ("*", ""), ("brotli", ""), ("gzip;q=0", ""), ("deflate, gzip;q=1.0, *;q=0.5", "gzip"), ("br ; q=0.1", "br"), (";;,,br", "br"),
        ("\x00", ""), ("gzip" * 500, ""),
    ],
)  # fmt: skip
def test_the_encoding_that_a_reader_takes(accepted: str, coding: str) -> None:
    assert coding_of(accepted) == coding
