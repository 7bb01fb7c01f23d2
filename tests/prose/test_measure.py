"""Words, minutes, plain text and headings."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prose.measure import Heading, contents, reading_minutes, text_of, with_heading_ids, words
from prose.sanitise import sanitise
from tests.prose.bodies import bodies


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("<p></p>", 0),
        ("one two", 2),
        ("<p>one</p><p>two</p>", 2),
        ("<ul><li>one</li><li>two</li></ul><table><tr><td>three</td><td>four</td></tr></table>", 4),
        ("<p>re<strong>ception</strong></p>", 1),
        ("<p>one<br>two</p>", 2),
        ("<script>no no no</script><p>one</p>", 1),
        ("Kim–Trump summit — ‘fire and fury’", 6),  # a dash between spaces counts, as in Word
        ("AT&amp;T &lt; 5", 3),
        ("2 < 3", 3),
        ("한국의 경제 성장", 3),
        ("السلام عليكم", 2),
        ("中国经济正在增长", 5),  # 8 characters, 1.6 a word
        ("2020年的GDP，增长。", 5),  # two words, and four characters
        ("ประเทศไทย", 2),  # eight letters, five a word
        ("👍🏽 yes", 2),
        ("\ud800", 1),
        ('<p>one<span class="footnote">not this</span> two</p>', 2),  # notes are not counted
        ('<figure class="embed"><a href="https://e.org/a">one two</a></figure>', 2),
    ],
)
def test_words(text: str, count: int) -> None:
    assert words(text) == count


def test_the_model_page_takes_five_minutes() -> None:
    body = "<p>" + "word " * 805 + "</p>"
    assert words(body) == 805
    assert reading_minutes(body, "word " * 51) == 5


@pytest.mark.parametrize(("count", "minutes"), [(0, 1), (1, 1), (200, 1), (201, 2), (400, 2), (401, 3)])
def test_minutes_are_rounded_up_and_never_none(count: int, minutes: int) -> None:
    assert reading_minutes("<p>" + "word " * count + "</p>", "") == minutes


def test_notes_stand_at_the_end_of_the_text_and_in_no_heading() -> None:
    note = '<span class="footnote">{}</span>'.format
    html = f"<h2>Part{note('One.')}</h2><p>Fell{note('<em>Two</em>, p. 3.')} again.</p><table><tr><td>4{note('Three.')}</td><td>5</td></tr></table>"
    assert text_of(html) == ("Part [1]\n\nFell [2] again.\n\n4 [3] | 5\n\n[1] One.\n\n[2] Two, p. 3.\n\n[3] Three.")
    assert contents(html) == [Heading(2, "Part", "h-part")]


def test_text_keeps_paragraphs_lists_and_rows() -> None:
    html = (
        "<h2>Part</h2><p>One<br>two &amp; <em>three</em>&nbsp;four</p><ul><li>a<ul><li><p>b</p></li></ul></li><li><p>c</p>"
        '<p>d</p></li></ul><ol start="3"><li>x</li><li>y</li></ol><table><caption>T</caption><tr><th>1</th><td><p>2</p>'
        "<p>3</p></td></tr><tr><td>4</td></tr></table><blockquote><p>Said.</p></blockquote><pre>a\n  b</pre>"
    )
    assert text_of(html) == (
        "Part\n\nOne\ntwo & three four\n\n- a\n- b\n- c\n\nd\n\n3. x\n4. y\n\nT\n\n1 | 2 3\n4\n\nSaid.\n\na\nb"
    )


def test_headings_are_found_with_ids_that_are_unique_and_stay() -> None:
    html = "<h2>Main</h2><p>a</p><h3>Main</h3><h2>한국 <em>now</em></h2><h4>Main 2</h4><h2>…</h2><h2>…</h2>"
    assert contents(html) == [
        Heading(2, "Main", "h-main"),
        Heading(3, "Main", "h-main-2"),
        Heading(2, "한국 now", "h-hangug-now"),
        Heading(4, "Main 2", "h-main-2-2"),
        Heading(2, "…", "h-section"),
        Heading(2, "…", "h-section-2"),
    ]
    assert with_heading_ids('<h2 lang="fr">Été</h2><p>a</p>') == '<h2 id="h-ete" lang="fr">Été</h2><p>a</p>'


@settings(max_examples=150, deadline=None)
@given(bodies())
def test_anything_can_be_measured(html: str) -> None:
    assert words(html) >= 0
    assert reading_minutes(html, html) >= 1
    assert "\n\n\n" not in text_of(html)
    assert not re.search("[\x00-\x08]", text_of(html))
    written = with_heading_ids(html)
    ids = re.findall(r' id="([^"]*)"', written)
    assert ids == [heading.id for heading in contents(html)]
    assert len(set(ids)) == len(ids)
    assert re.sub(r' id="[^"]*"', "", written) == sanitise(html)


@given(st.text(), st.text())
def test_words_of_any_text_add_up(one: str, two: str) -> None:
    if not set("<&") & set(one + two):
        assert abs(words(f"{one} {two}") - words(one) - words(two)) <= 1  # the halves of words are rounded up
