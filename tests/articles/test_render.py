"""How a body is shown: notes with their numbers, pages elsewhere as a link, nothing from third parties."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings

from articles.markdown import body_of
from articles.render import body_html, render
from prose.markup import Element, parse, text_in
from prose.sanitise import sanitise
from tests.cast import draft
from tests.prose.bodies import pieces

NOTE = '<span class="footnote">{}</span>'.format


def test_notes_are_numbered_in_order_and_lead_there_and_back() -> None:
    html = body_html(sanitise(f"<h2>Part{NOTE('One.')}</h2><ul><li>a{NOTE('<em>Two</em>.')}</li></ul>"))
    assert re.findall(
        r'href="#(note-\d)" id="(note-ref-\d)" role="doc-noteref" aria-label="(Note \d)">(\d)<', html
    ) == [
        ("note-1", "note-ref-1", "Note 1", "1"),
        ("note-2", "note-ref-2", "Note 2", "2"),
    ]
    text, notes = html.split('<section class="footnotes"')
    assert "One." not in text
    assert "footnote" not in text
    assert '<li id="note-1">One.' in notes
    assert '<li id="note-2"><em>Two</em>.' in notes
    assert 'href="#note-ref-2" role="doc-backlink"' in notes
    assert 'aria-label="Back to note 2 in the text"' in notes


@pytest.mark.parametrize(
    ("pull", "is_hidden"),
    [
        ("‘Ports silt up faster than they’re dug’", True),
        ("Ports silt up, and nobody digs.", False),
        ('Ports <a href="/about/">silt up</a> faster than they’re dug', False),
        ("", False),
    ],
)
def test_a_pull_quote_that_repeats_the_text_is_not_read_twice(pull: str, is_hidden: bool) -> None:
    html = body_html(
        sanitise(f'<p>In truth, ports silt up faster than they’re dug.</p><p class="pull">{pull}</p><p>So.</p>')
    )
    assert ('aria-hidden="true"' in html) == is_hidden
    assert ("silt up faster than they’re dug’" in body_of(html, "http://testserver/x/")) is False


def test_without_notes_there_is_no_list() -> None:
    assert body_html("<p>One.</p>") == "<p>One.</p>"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://www.youtube.com/watch?v=a", "Watch on YouTube (opens youtube.com)"),
        ("https://youtu.be/a", "Watch on YouTube (opens youtu.be)"),
        ("https://player.vimeo.com/1", "Watch on Vimeo (opens vimeo.com)"),
        ("http://EXAMPLE.org:80/a", "Read or watch it there (opens example.org)"),
        ("https://youtube.com.example.org/", "Read or watch it there (opens youtube.com.example.org)"),
    ],
)
def test_a_page_elsewhere_is_a_link_that_says_where_it_leads(address: str, said: str) -> None:
    html = body_html(
        sanitise(f'<figure class="embed"><a href="{address}">The talk</a><figcaption>In 2019</figcaption></figure>')
    )
    assert said in html
    assert '<span class="title">The talk</span>' in html
    assert "<figcaption>In 2019</figcaption>" in html
    assert html.count(address) == 1
    assert 'rel="noopener"' in html
    assert "<iframe" not in html


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("<caption>Tonnes, <em>in thousands</em></caption>", "Tonnes, in thousands"),
        (f"<caption><strong>Tonnes{NOTE('Of 1000 kg.')}</strong></caption>", "Tonnes"),
        ('<caption>"A &lt;b&gt; &amp; C"</caption>', '"A <b> & C"'),
        (f"<caption>{'a' * 200}</caption>", f"{'a' * 149}…"),
        ("<caption> </caption>", "Table"),
        ("", "Table"),
    ],
)
def test_a_table_that_scrolls_is_called_by_its_caption(table: str, name: str) -> None:
    other = "<table><caption>Another</caption><tr><td>2</td></tr></table>"
    nodes = parse(body_html(sanitise(f"<table>{table}<tr><td>1</td></tr></table>{other}")))
    frames = [n for n in nodes if isinstance(n, Element) and n.attributes.get("class") == "table-scroll"]
    assert [frame.attributes["aria-label"] for frame in frames] == [name, "Another"]


@pytest.mark.django_db
def test_a_still_keeps_its_description() -> None:
    html = body_html(
        sanitise(
            '<figure class="embed"><a href="https://youtu.be/a"><img src="/media/a.png" alt="A quay"></a></figure>'
        )
    )
    assert 'alt="A quay"' in html
    assert "Watch on YouTube (opens youtu.be)" in html


def test_notes_are_not_counted_as_words(alice) -> None:
    article = draft(alice, body=f"<p>One two{NOTE('three four five')}.</p>", in_brief="Six.")
    rendering = render(article.latest)
    assert rendering.words == 3
    assert "three four five" in rendering.html


@settings(max_examples=150, deadline=None)
@given(pieces().map("".join).filter(lambda html: "<img" not in html))
def test_every_word_is_shown_and_every_id_is_one_of_a_kind(html: str) -> None:
    body = sanitise(html)
    shown = body_html(body)
    ids = re.findall(r' id="([^"]*)"', shown)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', shown)) <= set(ids)
    letters, seen = (Counter("".join(text_in(parse(part)).split())) for part in (body, shown))
    assert not letters - seen
    assert len(re.findall("doc-noteref", shown)) == body.count('class="footnote"')
