"""docs/performance.md keeps what people wrote, whichever command writes its part, and however often."""

from pathlib import Path

import pytest

from bench import report


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    return report.PAGE


def test_a_part_is_written_anew_where_it_stands(page: Path) -> None:
    report.write("one", ["first"])
    report.write("two", ["second"])
    page.write_text(
        page.read_text("utf-8").replace("<!-- end of one -->", "<!-- end of one -->\n\nOf this table: a note.")
    )
    report.write("one", [r"again \1 \g<0>"])
    text = page.read_text("utf-8")
    assert text.startswith(report.HEAD.splitlines()[0])
    assert "first" not in text
    parts = [r"again \1 \g<0>", "<!-- end of one -->", "Of this table: a note.", "second"]
    assert [text.count(part) for part in parts] == [1, 1, 1, 1]
    assert sorted(parts, key=text.index) == parts


def test_a_table_has_its_words_left_and_its_figures_right() -> None:
    assert report.table(("page", "ms"), [("home", "3")]) == ["| page | ms |", "|---|---:|", "| home | 3 |"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ('SELECT a,\n  b FROM "t"  WHERE `c` = 1', 'SELECT … FROM "t" WHERE c = 1'),
        ("UPDATE t SET a = 1", "UPDATE t SET a = 1"),
        (f"DELETE {'x' * 300}", f"DELETE {'x' * 212}…"),
    ],
)
def test_a_statement_is_told_on_one_short_line(sql: str, said: str) -> None:
    assert report.short(sql) == said
    assert len(report.short(sql)) <= report.LONGEST
