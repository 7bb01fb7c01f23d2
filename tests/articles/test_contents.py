"""The contents of long pieces, the names of languages, and what is handed on: words made of what a page knows."""

import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.contents import HEADINGS, NESTED, WORDS, contents_of
from articles.languages import own_name
from articles.sharing import citation_line, places_to_share


def headings(levels: str) -> list[dict[str, Any]]:
    return [{"level": int(level), "text": f"Heading {n}", "id": f"h-{n}"} for n, level in enumerate(levels)]


@pytest.mark.parametrize(("levels", "words"), [("22", 5000), ("", 5000), ("222", WORDS - 1)])
def test_what_is_read_in_one_go_has_no_contents(levels: str, words: int) -> None:
    assert contents_of(headings(levels), words) == []


def test_contents_have_two_levels() -> None:
    found = contents_of(headings("23342"), WORDS)
    assert [(one.text, [part.text for part in one.parts]) for one in found] == [
        ("Heading 0", ["Heading 1", "Heading 2"]),
        ("Heading 4", []),
    ]


def test_a_book_is_told_by_its_chapters_alone() -> None:
    found = contents_of(headings("233" * 20), 60_000)
    assert [one.id for one in found] == [f"h-{n}" for n in range(0, 60, 3)]
    assert not any(one.parts for one in found)


@given(st.text("234", max_size=80), st.integers(0, 10_000))
def test_contents_lead_to_headings_that_there_are(levels: str, words: int) -> None:
    found = contents_of(headings(levels), words)
    ids = [one.id for chapter in found for one in (chapter, *chapter.parts)]
    assert ids == sorted(set(ids), key=lambda name: int(name[2:]))
    assert bool(found) == (len(levels) >= HEADINGS and words >= WORDS)
    assert len(ids) <= max(NESTED, len(found))


@pytest.mark.parametrize(
    ("tag", "name"),
    [("fr", "français"), ("fr-CA", "français"), ("ko", "한국어"), ("zh-Hant", "繁體中文"), ("zh-TW", "繁體中文"), ("zh-CN", "简体中文"), ("zh", "中文"),
     ("pt-BR", "Português Brasileiro"), ("ar", "العربيّة"), ("tpi", "Tok Pisin"), ("lo", "ລາວ"), ("en-AU", "Australian English"), ("x-none", "x-none"), ("", "")],
)  # fmt: skip
def test_a_language_by_its_own_name(tag: str, name: str) -> None:
    assert own_name(tag) == name


def told(title: str = "Tides & “reform”", names: tuple[str, ...] = ("Alice O’Brien", "李明")) -> Any:
    return SimpleNamespace(
        title=title,
        description="In brief.",
        url="https://example.org/2026/03/02/tides/",
        publication="Harbour Review",
        published_on=datetime.date(2026, 3, 2),
        authors=[SimpleNamespace(name=name) for name in names],
    )


@given(st.text(min_size=1, max_size=60))
def test_links_to_share_carry_title_and_address_whole(title: str) -> None:
    piece = told(title.encode("utf-8", "ignore").decode())
    for place in places_to_share(piece):
        parts = urlsplit(place.url)
        assert parts.scheme in ("https", "mailto")
        values = " ".join(value for values in parse_qs(parts.query, strict_parsing=True).values() for value in values)
        assert piece.url in values
        assert place.name == "LinkedIn" or piece.title in values


@pytest.mark.parametrize(
    ("names", "start"),
    [((), "“Tides"), (("Alice O’Brien",), "Alice O’Brien, “Tides"), (("Tom & 'Jo'", "B"), "Tom & 'Jo' and B, “"),
     (("A", "B", "C"), "A, B and C, “"), (("A", "B", "C", "D"), "A and others, “")],
)  # fmt: skip
def test_a_quotation_says_who_and_where(names: tuple[str, ...], start: str) -> None:
    line = citation_line(told(names=names))
    assert line.startswith(start)
    assert line.endswith(", Harbour Review, 2 March 2026")
