"""Words of any script: what is asked for is found in what is indexed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prose import segments


@pytest.mark.parametrize(
    ("text", "indexed"),
    [
        ("Kim–Trump summit", "kim trump summit"),
        ("朝鮮半島の平和", "朝鮮 鮮半 半島 島の の平 平和 朝 鮮 半 島 の 平 和"),
        ("2020年", "2020 年 年"),
        ("한국의 정책", "한국 국의 정책 한 국 의 정 책"),
        ("हिन्दी में", "हिन्दी में"),
        ("ไทยแลนด์", "ไท ทย ยแ แล ลน นด์ ไ ท ย แ ล น ด์"),
        ("L’Été à Đà Nẵng", "l'ete a da nang"),
    ],
)
def test_dense_scripts_stand_in_pairs(text: str, indexed: str) -> None:
    assert segments.indexed(text).split() == indexed.split()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("L’Été d'été", ["l", "ete", "d", "ete"]),
        ("日本's", ["日本", "s"]),
        ("日本'日本", ["日本", "日本"]),
        ("'' '", []),
    ],
)
def test_words_have_no_empty_ones_among_them(text: str, found: list[str]) -> None:
    assert segments.indexed_words(text) == found


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("tide tables", "tide tables"),
        ('"tide tables" -fish or boat', '"tide tables" -fish or boat'),
        ("朝鮮半島", '"朝鮮 鮮半 半島"'),
        ("朝鮮 平和", '"朝鮮" "平和"'),
        ("-朝鮮半島", '-"朝鮮 鮮半 半島"'),
        ("2020年代", '2020 "年代"'),
        ('"2020年代"', '"2020 年代"'),
        ("年", '"年"'),
        ("Kim–Trump -Kim–Trump", 'kim trump -"kim trump"'),
        ("“quoted”", '"quoted"'),
        ("", ""),
    ],
)
def test_queries_keep_their_meaning(query: str, asked: str) -> None:
    assert segments.asked(query) == asked


@given(st.text(max_size=60))
def test_any_text_can_be_indexed_and_asked_for(text: str) -> None:
    indexed = segments.indexed(text)
    assert all(word in indexed for word in segments.indexed_words(text))
    segments.asked(text)
