"""What an author sees of an editor's changes."""

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prose.diff import diff_html, diff_text, is_same
from prose.markup import parse, text_in
from prose.sanitise import ATTRIBUTES, TAGS, sanitise
from tests.prose.bodies import bodies, pieces

_NAMES = "|".join(sorted({name for names in ATTRIBUTES.values() for name in names}))
SAFE = re.compile(
    rf'(?:</?(?:{"|".join(sorted(TAGS))}|ins|del)(?: (?:{_NAMES})="[^"<>]*")*>|<span class="diff-note">|</span>|[^<>])*'
)
_NOTE = re.compile(r'<span class="diff-note">.*?</span>', re.DOTALL)
_INS = re.compile(r"<ins>.*?</ins>", re.DOTALL)
_DEL = re.compile(r"<del>.*?</del>", re.DOTALL)


def letters(html: str) -> str:
    return "".join(text_in(parse(html)).split())


def assert_honest(before: str, after: str, diff: str) -> None:
    """Without what came, the text before; without what went, the text after."""
    assert SAFE.fullmatch(diff), diff
    diff = _NOTE.sub("", diff)
    assert letters(_INS.sub("", diff)) == letters(before)
    assert letters(_DEL.sub("", diff)) == letters(after)


# --- Bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("<p>one two three.</p>", "<p>one 2 three.</p>", "<p>one <del>two</del> <ins>2</ins> three.</p>"),
        ("<p>one, two</p>", "<p>one two</p>", "<p>one<del>,</del> two</p>"),
        (
            "<p>a</p><p>b</p>",
            "<p>a</p><p>new words here</p><p>b</p>",
            "<p>a</p><p><ins>new words here</ins></p><p>b</p>",
        ),
        (
            "<p>a</p><p>old words here</p><p>b</p>",
            "<p>a</p><p>b</p>",
            "<p>a</p><p><del>old words here</del></p><p>b</p>",
        ),
        ("", "<p>a</p>", "<p><ins>a</ins></p>"),
        (
            "<p>Fell again.</p>",
            '<p>Fell<span class="footnote">Kim, 2019.</span> again.</p>',
            '<p>Fell<ins><span class="diff-note"> [note:</span> Kim, 2019.<span class="diff-note">]</span></ins> again.</p>',
        ),
        (
            '<p>Fell<span class="footnote">Kim, in 2019.</span></p>',
            '<p>Fell<span class="footnote">Kim, in 2020.</span></p>',
            '<p>Fell<span class="diff-note"> [note:</span> Kim, in <del>2019</del> <ins>2020</ins>.<span class="diff-note">]</span></p>',
        ),
        ("<p>a</p>", "", "<p><del>a</del></p>"),
        ("<p>中国经济正在增长</p>", "<p>中国经济正在放缓</p>", "<p>中国经济正在<del>增长</del><ins>放缓</ins></p>"),
        ("<p>เศรษฐกิจดี</p>", "<p>เศรษฐกิจไม่ดี</p>", "<p>เศรษฐกิจ<ins>ไม่</ins>ดี</p>"),
        (
            "<ul><li>a b</li><li>c d</li><li>e f</li></ul>",
            "<ul><li>a b</li><li>e f</li><li>g</li></ul>",
            "<ul><li>a b</li><li><del>c d</del></li><li>e f</li><li><ins>g</ins></li></ul>",
        ),
        (
            "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
            "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td><td></td></tr></tbody></table>",
            "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td><ins>c</ins></td><td></td></tr></tbody></table>",
        ),
    ],
)
def test_changed_words_are_marked_where_they_stand(before: str, after: str, shown: str) -> None:
    assert diff_html(before, after) == shown


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ("<p>a bold move</p>", "<p>a <strong>bold</strong> move</p>", "now bold"),
        ("<p>a <em>fine</em> move</p>", "<p>a fine move</p>", "no longer italic"),
        ("<p>H<sub>2</sub>O</p>", "<p>H2O</p>", "no longer lowered"),
        ('<p>see <a href="/a">this</a></p>', '<p>see <a href="/b">this</a></p>', "link: /b; it was /a"),
        ("<p>see this now</p>", '<p>see <a href="https://a.example/">this</a> now</p>', "link: https://a.example/"),
        ('<p>see <a href="/a">this</a> now</p>', "<p>see this now</p>", "no longer a link; it was /a"),
        ("<p>see</p>", '<p>see <a href="/b">that one</a></p>', "link: /b"),
        ("<h2>T</h2>", "<h3>T</h3>", "second heading, was heading"),
        ("<p>T</p>", "<h2>T</h2>", "heading, was paragraph"),
        ("<p>Q</p>", "<blockquote><p>Q</p></blockquote>", "quotation, was paragraph"),
        ("<p>Q</p>", '<p class="pull">Q</p>', "pull quote, was paragraph"),
        ("<ul><li>a</li></ul>", "<ol><li>a</li></ol>", "numbered list, was list"),
        ("<p>a</p>", '<p lang="fr">a</p>', "formatting changed"),
        ("<p>One two. Three four.</p>", "<p>One two.</p><p>Three four.</p>", "paragraph split here"),
        ("<p>One two.</p><p>Three four.</p>", "<p>One two. Three four.</p>", "paragraphs joined here"),
        ("<p>a b</p>", "<p>a<br>b</p>", "new line"),
        ("<p>a<br>b</p>", "<p>a b</p>", "lines joined"),
        ("<p>a</p><p>b</p>", "<p>a</p><hr><p>b</p>", "line added"),
        ("<p>a</p><hr><p>b</p>", "<p>a</p><p>b</p>", "line removed"),
        ("<p>a</p>", '<p>a</p><figure><img src="/media/a.png" alt="The quay"></figure>', "picture added: The quay"),
        ('<p>a</p><figure><img src="/media/a.png" alt="The quay"></figure>', "<p>a</p>", "picture removed: The quay"),
        (
            '<figure><img src="/media/a.png" alt="x"></figure>',
            '<figure><img src="/media/a.png" alt="The quay"></figure>',
            "description of the picture, was: x; now: The quay",
        ),
        ('<p><img src="/media/a.png"></p>', '<p><img src="/media/b.png" alt="B"></p>', "picture added: B"),
    ],
)
def test_what_has_no_words_of_its_own_is_told(before: str, after: str, note: str) -> None:
    diff = diff_html(before, after)
    assert f'<span class="diff-note">[{note}]</span>' in diff
    assert_honest(before, after, diff)


def test_a_rewritten_sentence_reads_as_two_not_as_confetti() -> None:
    diff = diff_html(
        "<p>Kept. Prices rose in the spring and the poor paid for it first.</p>",
        "<p>Kept. Nobody could say how the ministry would answer such a shock.</p>",
    )
    assert diff.count("<del>") == diff.count("<ins>") == 1


def test_nothing_changed_shows_nothing() -> None:
    body = "<h2>A</h2><p>b <em>c</em></p><ul><li>d</li></ul><hr>"
    assert diff_html(body, body) == body
    assert diff_html(body, body.replace("</p>", "</p>\n")) == body
    assert is_same(body, body.replace("</h2>", "</h2>\n").replace("em>", "i>")) is False
    assert is_same("<p><i>a</i></p>", "<p><em>a</em></p>")
    assert not is_same("<p>a</p>", "<p>b</p>")


@settings(max_examples=250, deadline=None)
@given(pieces(), pieces(), st.data())
def test_the_diff_of_any_two_pieces_is_honest(one: list[str], two: list[str], data: st.DataObject) -> None:
    # Mostly what two versions of a piece have in common.
    kept = [block for block in one if data.draw(st.booleans())]
    place = data.draw(st.integers(0, len(kept)))
    before, after = sanitise("".join(one)), sanitise("".join([*kept[:place], *two[:2], *kept[place:]]))
    assert_honest(before, after, diff_html(before, after))


@settings(max_examples=250, deadline=None)
@given(bodies(), bodies())
def test_the_diff_of_any_two_inputs_is_safe_and_honest(before: str, after: str) -> None:
    assert_honest(sanitise(before), sanitise(after), diff_html(before, after))


@settings(max_examples=100, deadline=None)
@given(bodies())
def test_a_body_and_itself_differ_nowhere(html: str) -> None:
    diff = diff_html(html, html)
    assert is_same(html, html)
    assert "<ins>" not in diff
    assert "<del>" not in diff
    # Footnotes alone are shown with a note of ours.
    assert "diff-note" not in diff or "footnote" in sanitise(html)


# --- Plain texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Peace prospects fade", "Peace hopes fade", "Peace <del>prospects</del> <ins>hopes</ins> fade"),
        ("a", "a", "a"),
        ("", "<b>", "<ins>&lt;b&gt;</ins>"),
        ("a & b", "", "<del>a &amp; b</del>"),
        ("One.\n\nTwo.", "One.\n\nTwo more.", "One.\n\nTwo <ins>more</ins>."),
        ("平和の見通し", "平和への見通し", "平和<ins>へ</ins>の見通し"),
    ],
)
def test_titles_and_in_briefs(before: str, after: str, shown: str) -> None:
    assert diff_text(before, after) == shown


@settings(max_examples=300, deadline=None)
@given(st.text(), st.text())
def test_the_diff_of_any_two_texts_is_safe_and_honest(before: str, after: str) -> None:
    from prose.characters import clean

    diff = diff_text(before, after)
    assert SAFE.fullmatch(diff)
    assert not re.search(r"<(ins|del)>[^<]*\n", diff)
    bare = _NOTE.sub("", diff)
    for pattern, text in ((_INS, before), (_DEL, after)):
        assert letters(pattern.sub("", bare)) == "".join(clean(text).split())


# --- Time -----------------------------------------------------------------------------------------


def _long_text(seed: int, words: int = 12_000) -> list[str]:
    chance = random.Random(seed)
    vocabulary = [f"{chance.choice('bcdfgklmnprst')}{n}" for n in range(3_000)]
    drawn = [vocabulary[min(2_999, int(chance.paretovariate(0.7)) - 1)] for _ in range(words)]
    return [" ".join(drawn[start : start + 80]) for start in range(0, words, 80)]


def _body(paragraphs: list[str]) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


@pytest.mark.parametrize("kind", ["edited", "rewritten", "shuffled", "repeated", "one word over and over", "no spaces"])
def test_twelve_thousand_words_take_less_than_two_seconds(kind: str) -> None:
    before = _long_text(1)
    chance = random.Random(5)
    if kind == "edited":
        after = [re.sub(r"\S+", lambda m: "new" if chance.random() < 0.1 else m[0], paragraph) for paragraph in before]
    elif kind == "rewritten":
        after = _long_text(2)
    elif kind == "shuffled":
        after = chance.sample(before, len(before))
    elif kind == "repeated":
        before = before[:10] * 15
        after = [paragraph.replace("1 ", "1 new ") for paragraph in before]
    elif kind == "no spaces":
        before, after = (["".join(random.Random(seed).choices("中国经济正在增长放缓", k=12_000))] for seed in (1, 2))
    else:
        before, after = ["a " * 12_000], ["a b " * 6_000]
    started = time.process_time()
    diff = diff_html(_body(before), _body(after))
    assert time.process_time() - started < 2
    assert_honest(_body(before), _body(after), diff)
