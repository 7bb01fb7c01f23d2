"""Slugs and folding."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prose.slugs import fold, slug


@pytest.mark.parametrize(
    ("title", "made"),
    [
        (
            "Korean Peninsula peace prospects unravelling in 2020",
            "korean-peninsula-peace-prospects-unravelling-in-2020",
        ),
        ("Asia’s ‘new’ order — again?", "asias-new-order-again"),
        ("한국", "hangug"),
        ("中国经济", "zhong-guo-jing-ji"),
        ("Việt Nam đổi mới", "viet-nam-doi-moi"),
        ("Éire & Ísland", "eire-island"),
        ("2020", "2020"),
        ("", "untitled"),
        ("…!?", "untitled"),
        ("\ud800\x00\u202e", "untitled"),
        ("  --a--b--  ", "a-b"),
    ],
)
def test_slug(title: str, made: str) -> None:
    assert slug(title) == made


def test_a_long_slug_ends_with_a_word() -> None:
    assert slug("prospects " * 30) == "-".join(["prospects"] * 10)
    assert slug("prospects unravelling", limit=12) == "prospects"
    assert slug("a" * 300) == "a" * 100
    assert slug("a " + "b" * 300, limit=50) == "a-" + "b" * 48  # better half a word than almost nothing


def test_the_caller_says_what_an_empty_one_is_called() -> None:
    assert slug("—", fallback="topic") == "topic"


@given(st.text(), st.integers(1, 120))
def test_any_text_makes_a_slug(text: str, limit: int) -> None:
    made = slug(text, limit=limit)
    assert made == "untitled" or (re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made) and len(made) <= limit)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Việt Nam ĐỔI MỚI", "viet nam doi moi"),
        ("Übergröße Æon Łódź Þór İstanbul ışık", "ubergrosse aeon lodz thor istanbul isik"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Ёлка й", "елка й"),
        ("한국 가", "한국 가"),
        ("東京がギ", "東京がギ"),
        ("ＧＤＰ ①", "gdp 1"),
        ("مُحَمَّد", "محمد"),
        ("हिन्दी", "हिन्दी"),
        ("ประเทศไทย", "ประเทศไทย"),
        ("“trade war” -tariff ‘x’", "\"trade war\" -tariff 'x'"),
        ("co\xadop\u200berate", "cooperate"),
        ("a\x00b\ud800", "ab�"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_is_stable_and_fits_the_database(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded.encode() is not None
    assert "\x00" not in folded


@given(st.text())
def test_case_is_folded(text: str) -> None:
    assert fold(text.casefold()) == fold(text)
