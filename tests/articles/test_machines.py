"""What programs are asked and told: robots.txt, tdmrep.json, llms.txt, and the Markdown form of a piece."""

import re
from html import unescape
from urllib.robotparser import RobotFileParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from accounts.models import User
from articles import crawlers
from articles.listing import relist
from articles.markdown import body_of, plain
from articles.render import body_html
from authors.models import Author
from editorial import writing
from forum.models import Masthead, Page
from prose.characters import clean
from prose.sanitise import sanitise
from tests.articles.shelf import correct, published
from tests.cast import picture, retract

SITE = "http://testserver"


# --- robots.txt -----------------------------------------------------------------------------------


def asked(client: Client) -> RobotFileParser:
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    found = RobotFileParser()
    found.parse(response.content.decode().splitlines())
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("trains", [True, False])
@pytest.mark.parametrize("cites", [True, False])
def test_training_and_citing_are_asked_apart(client: Client, trains: bool, cites: bool) -> None:
    Masthead(lets_ai_train=trains, lets_ai_cite=cites).save()
    rules = asked(client)
    for name in crawlers.TRAINING:
        assert rules.can_fetch(name, f"{SITE}/2026/03/03/a-piece/") == trains, name
    for name in crawlers.CITING:
        assert rules.can_fetch(name, f"{SITE}/2026/03/03/a-piece/") == cites, name
    for name in ("Googlebot", "bingbot", "Applebot", "Mozilla/5.0"):
        assert rules.can_fetch(name, f"{SITE}/2026/03/03/a-piece/"), name
    said = "yes" if cites else "no", "yes" if trains else "no"
    assert (
        "Content-Signal: search=yes, ai-input={}, ai-train={}".format(*said)
        in client.get("/robots.txt").content.decode()
    )
    assert client.get("/.well-known/tdmrep.json").json() == [{"location": "/", "tdm-reservation": 0 if trains else 1}]


@pytest.mark.django_db
def test_nobody_is_led_to_what_is_no_page_for_readers(client: Client) -> None:
    rules = asked(client)
    for path in ("/admin/", "/contribute/", "/accounts/login/", "/referee/abc/", "/search/?q=tide"):
        assert not rules.can_fetch("Googlebot", f"{SITE}{path}"), path
    # The form itself may be found; Python's reader of robots.txt drops the question mark.
    assert "Disallow: /search/?\n" in client.get("/robots.txt").content.decode()
    assert rules.site_maps() == [f"{SITE}/sitemap.xml", f"{SITE}/sitemap-news.xml"]


def test_no_crawler_is_named_for_both() -> None:
    assert set(crawlers.TRAINING).isdisjoint(crawlers.CITING)


# --- llms.txt -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_llms_txt_leads_to_the_newest_pieces_as_markdown(client: Client, alice: User, bob: User) -> None:
    page = Page.objects.create(slug="how-we-review", title="How we review", is_published=True)
    Masthead(name="Harbour [Review]", description="On *tides*.", review_page=page).save()
    article = published(alice, bob, title="Who pays for [the] tide?")
    response = client.get("/llms.txt")
    text = response.content.decode()
    assert text.startswith("# Harbour \\[Review\\]\n\n> On \\*tides\\*.\n\n")
    links = [
        str(token.attrs["href"])
        for line in MarkdownIt().parse(text)
        for token in line.children or ()
        if token.type == "link_open"
    ]
    assert f"{SITE}{article.get_absolute_url()}index.md" in links
    assert f"{SITE}/how-we-review/" in links
    for link in links:
        assert client.get(link).status_code == 200, link


@pytest.mark.django_db
def test_llms_txt_lists_nothing_where_answers_are_not_wanted(client: Client, alice: User, bob: User) -> None:
    Masthead(lets_ai_cite=False).save()
    article = published(alice, bob)
    text = client.get("/llms.txt").content.decode()
    assert "Please make no answers from our pieces" in text
    assert article.slug not in text


# --- Markdown -------------------------------------------------------------------------------------

BODY = (
    '<h2>Ports &amp; tides</h2><p>Four <strong>bold</strong> and <em>leaning</em> words, a <a href="/about/">link</a> and a note'
    '<span class="footnote">See <em>Harbours</em>, p. 3.</span>.</p><ul><li>one</li><li>two</li></ul>'
    "<blockquote><p>Quoted.</p></blockquote><table><thead><tr><th>Port</th><th>TEU</th></tr></thead>"
    "<tbody><tr><td>Busan</td><td>22 | 1</td></tr></tbody></table><p># no heading, 1. no list, *no* _emphasis_ [no](link)</p>"
    f"<p>{'Words carry it on. ' * 30}</p>"
)


@pytest.mark.django_db
def test_a_piece_as_markdown_says_what_its_page_says(client: Client, alice: User, bob: User) -> None:
    Masthead(name="Harbour Review").save()
    article = published(
        alice, bob, title="The *tide* tables", in_brief="Slow harbours.\n\nQuick tariffs.", body=BODY, tags=("Trade",),
        lead_image=picture(caption="Cranes", alt="Cranes at dusk"),
    )  # fmt: skip
    correct(article, bob, "It was 12 per cent.", body=BODY)
    response = client.get(f"{article.get_absolute_url()}index.md")
    text = response.content.decode()
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response["Link"] == f'<{SITE}{article.get_absolute_url()}>; rel="canonical"'
    assert response["X-Robots-Tag"] == "noindex"
    assert text.startswith(
        "# The \\*tide\\* tables\n\n[Alice Marlowe](http://testserver/authors/alice-marlowe/), Tidewater University"
    )
    assert "> **Correction, " in text
    assert "**In brief:** Slow harbours. Quick tariffs." in text
    assert "## Ports \\& tides" in text
    assert "Four **bold** and *leaning* words, a [link](http://testserver/about/) and a note[^1]." in text
    assert "\n[^1]: See *Harbours*, p. 3" in text
    assert "- one\n- two" in text
    assert "> Quoted." in text
    assert "| Port | TEU |\n| --- | --- |\n| Busan | 22 \\| 1 |" in text
    assert "- Regions: Japan\n- Topics: Trade" in text
    assert "<" not in re.sub(r"<http[^>]*>", "", text)
    # What is no Markdown stays none.
    shown = MarkdownIt().render(text)
    assert "<em>no</em>" not in shown
    assert "# no heading, 1. no list, *no* _emphasis_ [no](link)" in re.sub(r"<[^>]+>", "", shown)


@pytest.mark.django_db
def test_who_translated_a_piece_is_nowhere_taken_for_its_author(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    translator = Author.objects.create(given_name="Joana", family_name="Lima")
    writing.add_byline(article, translator, role="translator")
    relist(article)
    assert "Marlowe, Tidewater University; Translated by [Joana Lima]" in client.get(
        f"{article.get_absolute_url()}index.md"
    ).content.decode().replace("[Alice Marlowe](http://testserver/authors/alice-marlowe/)", "Marlowe")
    for address in ("/", "/llms.txt", "/archive/", "/regions/japan/", "/search/?q=tide"):
        page = client.get(address).content.decode()
        assert "Alice Marlowe" in page, address
        assert "Joana Lima" not in page, address
    assert "Joana Lima" in client.get(article.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_a_retracted_piece_says_so_first(client: Client, alice: User, bob: User, mara: User) -> None:
    article = published(alice, bob, title="The tide tables of trade")
    retract(article, mara, bob, "The data were invented.")
    text = client.get(f"{article.get_absolute_url()}index.md").content.decode()
    assert text.startswith("# Retracted: The tide tables of trade\n")
    assert "The data were invented." in text.split("Paragraph 0")[0]


@pytest.mark.django_db
def test_it_costs_the_same_for_any_piece(client: Client, alice: User, ada: User, bob: User) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as taken:
            assert client.get(address).status_code == 200
        return len(taken)

    bare, full = published(alice, bob, tags=("One",)), published(alice, bob, title="Full", tags=("One", "Two", "Three"))
    assert queries(f"{bare.get_absolute_url()}index.md") == queries(f"{full.get_absolute_url()}index.md") == 2


@given(st.text(max_size=200))
def test_any_text_stays_that_text(text: str) -> None:
    """Read as Markdown it is the same words again, and nothing else."""
    wanted = " ".join(clean(text).split())
    shown = MarkdownIt("commonmark").render(plain(wanted))
    assert " ".join(unescape(shown.removeprefix("<p>").strip().removesuffix("</p>")).split()) == wanted


@given(st.lists(st.sampled_from(["<p>a</p>", "<ul><li>b</li></ul>", "<h2>c</h2>", "<table><tr><td>d</td></tr></table>", "<pre>e</pre>", "<p>f<br>g</p>", "<blockquote><ul><li>h</li></ul></blockquote>", "<p>i<span class='footnote'>j</span></p>"]), max_size=8))  # fmt: skip
def test_no_word_of_a_body_is_lost(parts: list[str]) -> None:
    html = body_html(sanitise("".join(parts)))
    text = body_of(html, f"{SITE}/2026/03/03/a-piece/")
    for part in parts:
        for word in re.findall(r">([a-j])<", part):
            assert word in text
