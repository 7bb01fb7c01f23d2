"""The page of a piece, its print view, and its address."""

import datetime
import re
import zoneinfo

import pytest
from django.test import Client

from accounts.models import User
from articles.models import Article, FormerAddress, Series
from articles.pieces import first_lines
from articles.views import article_context
from authors.models import Author
from editorial import writing
from editorial.perform import perform
from forum.models import Masthead
from prose.scripts import direction_of
from tests.articles.shelf import ago, correct, many, published, walked
from tests.cast import BODY, edit, managing, picture, piece_in, take_down

pytestmark = pytest.mark.django_db


@pytest.fixture
def masthead(db: None) -> Masthead:
    masthead = Masthead.current()
    masthead.name, masthead.tagline = "Harbour Review", "Considered analysis"
    masthead.acknowledgement = "We acknowledge the Ngunnawal and Ngambri people."
    masthead.support_text, masthead.support_url = "It stays free with your help.", "https://example.org/support"
    masthead.contact_email = "editors@example.org"
    masthead.save()
    return masthead


def read(client: Client, article: Article, tail: str = "") -> str:
    page = client.get(article.get_absolute_url() + tail)
    assert page.status_code == 200
    return page.content.decode()


def test_the_page_has_all_that_the_model_page_has(client: Client, alice: User, bob: User, masthead: Masthead) -> None:
    article = walked(
        alice,
        bob,
        at=datetime.datetime(2020, 1, 25, 9, tzinfo=zoneinfo.ZoneInfo("Australia/Sydney")),
        tags=("Trade",),
        lead_image=picture(),
    )
    page = read(client, article)
    assert article.get_absolute_url() == "/2020/01/25/the-tide-tables-of-trade/"
    for part in (
        "Harbour Review", "Considered analysis", "<h1", "The tide tables of trade", "Alice Marlowe", "Tidewater University",
        "25 January 2020", " min read", "Cranes at dusk", "Photo: A Photographer", "In brief", "Harbours change slowly",
        "Paragraph 3 of a piece", "Alice Marlowe teaches harbours at Tidewater University.", 'href="/regions/japan/"',
        'href="/topics/trade/"', "Comments are closed.", "Support quality analysis", "It stays free with your help.",
        "We acknowledge the Ngunnawal and Ngambri people.", f"© {datetime.datetime.now().year} Harbour Review",
        'class="sizes"', "print/", "Read and accepted by an editor", "Approved by the author, this text",
    ):  # fmt: skip
        assert part in page, part


def test_the_head_tells_machines(client: Client, alice: User, bob: User, masthead: Masthead) -> None:
    article = published(alice, bob, lead_image=picture(licence="own"))
    page = read(client, article)
    address = f"http://testserver{article.get_absolute_url()}"
    assert "<title>The tide tables of trade · Harbour Review</title>" in page
    assert '<meta name="description" content="Harbours change slowly' in page
    assert f'<link rel="canonical" href="{address}">' in page
    assert '<meta property="og:type" content="article">' in page
    assert '<meta property="og:image" content="http://testserver/media/images/' in page
    assert (
        f'<meta property="article:published_time" content="{article.published_at.astimezone(masthead.zone):%Y-%m-%dT%H:%M}'
        in page
    )
    assert 'type="application/rss+xml"' in page
    assert "noindex" not in page


def test_the_bio_line_is_that_of_the_day(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    author = Author.objects.get(user=alice)
    author.bio, author.affiliation = "Alice Marlowe has moved.", "Elsewhere College"
    author.save()
    page = read(client, article)
    assert "teaches harbours" in page
    assert "has moved" not in page
    assert "Elsewhere College" not in page


def test_a_bio_stands_once_though_its_person_stands_twice(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    writing.add_byline(article, Author.objects.get(user=alice), role="translator")
    page = read(client, article)
    assert page.partition("<body")[2].count("teaches harbours") == 1
    assert "Translated by" in page


def test_print_view(client: Client, alice: User, bob: User, masthead: Masthead) -> None:
    article = published(alice, bob)
    page = read(client, article, "print/")
    address = f"http://testserver{article.get_absolute_url()}"
    assert "Printed from Harbour Review, <a" in page
    assert address in page
    assert "© " in page
    assert '<meta name="robots" content="noindex">' in page
    assert f'<link rel="canonical" href="{address}">' in page
    assert "<nav" not in page
    assert "<script" not in page
    assert "Paragraph 3 of a piece" in page


def test_a_correction_stands_at_the_top_with_its_day(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, at=ago(days=40))
    correct(article, bob, "The month was May, not March.")
    page = read(client, article)
    assert page.index("The month was May, not March.") < page.index("The corrected text.")
    assert "Updated <time" in page
    assert "one correction" in page
    correct(article, bob, "And the year was 2019.", "<p>Corrected again.</p>" + BODY)
    page = read(client, article)
    assert "2 corrections" in page
    assert page.index("And the year was 2019.") < page.index("The month was May")


def test_a_copy_fix_is_not_announced(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    edit(article, bob, f"<p>Speling mended.</p>{BODY}", is_copy_fix=True)
    perform(article, "update", by=bob, kind="copy_fix")
    piece = (
        read(client, article).partition("<main")[2].partition("</main>")[0]
    )  # the footer has a link to all corrections
    assert "Speling mended." in piece
    assert "Updated" not in piece
    assert "orrection" not in piece


# --- Round the text -------------------------------------------------------------------------------


def test_the_support_block_needs_something_to_do(client: Client, alice: User, bob: User, masthead: Masthead) -> None:
    article = published(alice, bob)
    assert 'href="https://example.org/support"' in read(client, article)
    masthead.support_url = ""
    masthead.save()
    block = read(client, article).split('<section class="support"')[1].split("</section>")[0]
    assert '<a class="button" href="mailto:editors@example.org">Write to us</a>' in block
    masthead.contact_email = ""
    masthead.save()
    assert 'class="support"' not in read(client, article)


def test_related_pieces_at_the_end_with_the_reason(client: Client, alice: User, bob: User) -> None:
    article, *others = many(5, alice, bob)
    end = read(client, article).split("</article>")[-1]
    assert "Related" in end
    assert sorted(re.findall(r'class="title"[^>]*><a href="([^"]*)"', end)) == sorted(
        a.get_absolute_url() for a in others
    )
    assert end.count("Also on Japan · By the same author") == 4
    assert "more-pieces" not in read(client, article, "print/")


def test_a_piece_alone_has_nothing_to_read_next(client: Client, alice: User, bob: User) -> None:
    assert 'class="related' not in read(client, published(alice, bob))


def test_regions_alone_are_called_regions(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    assert 'aria-label="Regions"' in read(client, article)
    article.series = Series.objects.create(title="The year in review")
    article.save(update_fields=["series"])
    assert 'aria-label="Special feature and regions"' in read(client, article)


def test_the_print_view_leads_nowhere_else(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    assert "More by" in read(client, article)
    assert "More by" not in read(client, article, "print/")


# --- Addresses ------------------------------------------------------------------------------------


def test_the_day_is_that_of_the_publication(client: Client, alice: User, bob: User) -> None:
    """Eight in the morning in Canberra is that day's address, though it is the evening before in London."""
    article = published(alice, bob, at=datetime.datetime(2020, 1, 24, 21, tzinfo=datetime.UTC))
    assert article.get_absolute_url().startswith("/2020/01/25/")
    assert "25 January 2020" in read(client, article)


def test_an_address_survives_a_change_of_slug(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    old = article.get_absolute_url()
    before = writing.snapshot(article)
    article.slug = "another-slug"
    article.save(update_fields=["slug"])
    writing.settle_details(article, by=bob, before=before)
    for tail in ("", "print/"):
        moved = client.get(old + tail)
        assert (moved.status_code, moved["Location"]) == (301, article.get_absolute_url() + tail)


@pytest.mark.parametrize("day", ["2019/12/31", "2020/01/24", "9999/12/31", "0001/01/01"])
def test_a_wrong_day_leads_to_the_right_one(client: Client, alice: User, bob: User, day: str) -> None:
    article = published(alice, bob)
    moved = client.get(f"/{day}/{article.slug}/")
    assert (moved.status_code, moved["Location"]) == (301, article.get_absolute_url())


def test_capitals_lead_to_the_address_in_small_letters(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    FormerAddress.objects.create(article=article, published_on=datetime.date(2019, 5, 6), slug="its-first-name")
    day = f"{article.published_on:%Y/%m/%d}"
    for old in (
        f"/{day}/{article.slug.upper()}/",
        f"/2019/01/01/{article.slug.title()}/",
        "/2019/05/06/Its-First-Name/",
    ):
        for tail in ("", "print/"):
            moved = client.get(old + tail)
            assert (moved.status_code, moved["Location"]) == (301, article.get_absolute_url() + tail), old
    take_down(article, managing())
    assert client.get(f"/{day}/{article.slug.upper()}/").status_code == 410
    hidden = piece_in("ready", author=alice, editor=bob)
    assert client.get(f"/{day}/{hidden.slug.upper()}/").status_code == 404


def test_a_former_address_on_a_wrong_day_leads_there_too(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    FormerAddress.objects.create(article=article, published_on=datetime.date(2019, 5, 6), slug="its-first-name")
    for day in ("2019/05/06", "2018/01/01"):
        assert client.get(f"/{day}/its-first-name/")["Location"] == article.get_absolute_url()


def test_a_former_address_of_a_piece_taken_down_is_gone(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    FormerAddress.objects.create(article=article, published_on=datetime.date(2019, 5, 6), slug="its-first-name")
    take_down(article, managing())
    assert client.get("/2019/05/06/its-first-name/").status_code == 410


@pytest.mark.parametrize(
    "address",
    ["/2020/13/01/x/", "/2020/02/30/x/", "/0000/01/01/x/", "/9999/99/99/x/", "/2020/1/1/x/", "/٢٠٢٠/01/01/x/", "/2020/01/01/ü/", "/2020/01/01/x%00/",
     "/2020/01/01/" + "x" * 5000 + "/", "/2020/01/01/x/print/print/"],
)  # fmt: skip
def test_impossible_addresses_are_not_found(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 404


# --- Languages, long and odd texts ----------------------------------------------------------------


def test_a_piece_says_its_language_and_direction(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, title="مد وجزر", body=f'<p dir="rtl">نص</p>{BODY}')
    article.language = "ar"
    article.save(update_fields=["language"])
    assert '<article class="page" lang="ar" dir="rtl">' in read(client, article)


@pytest.mark.parametrize(
    ("tag", "direction"),
    [("ar", "rtl"), ("fa-IR", "rtl"), ("ur", "rtl"), ("he", "rtl"), ("ku-Arab", "rtl"), ("az-Latn", "ltr"), ("ar-Latn", "ltr"), ("en", "ltr"),
     ("zh-Hant", "ltr"), ("", "ltr"), ("x", "ltr")],
)  # fmt: skip
def test_direction_of_a_language(tag: str, direction: str) -> None:
    assert direction_of(tag) == direction


def test_hostile_titles_and_names_stay_text(client: Client, alice: User, bob: User) -> None:
    article = published(
        alice, bob, title='<script>alert("x")</script> & "quotes"', in_brief="<img src=x onerror=alert(1)> brief"
    )
    article.bylines.update(name="<b>Alice</b>", affiliation='"><svg onload=alert(1)>')
    for page in (read(client, article), read(client, article, "print/"), client.get("/").content.decode()):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<svg onload" not in page
        assert "&lt;b&gt;Alice" in page


def test_a_long_in_brief_is_cut_at_a_word_for_machines() -> None:
    cut = first_lines("word " * 200)
    assert len(cut) <= 301
    assert cut.endswith("word…")
    assert first_lines("Two\nlines") == "Two lines"


# --- The desk's preview -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "submitted", "editing", "ready", "scheduled", "published", "declined"])
def test_a_preview_shows_any_text_of_any_state(alice: User, bob: User, state: str, rf: object) -> None:
    from django.template.loader import render_to_string
    from django.utils import timezone

    article = piece_in(state, author=alice, editor=bob)
    article.tags.add("Unseen topic")
    article.series = Series.objects.create(title="Unseen feature")
    article.save(update_fields=["series"])
    context = article_context(article, article.latest, timezone.now(), preview=True)
    page = render_to_string("articles/article_detail.html", context | {"masthead": Masthead.current()})
    assert article.latest.title in page
    assert "Preview" in page
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert "Unseen topic" in page
    assert "Unseen feature" in page
    for address in (
        "/topics/unseen-topic/",
        "/series/unseen-feature/",
        "/authors/alice-marlowe/",
        "canonical",
        "og:title",
    ):
        assert address not in page


def test_a_text_without_its_rendering_is_rendered_in_passing(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    whole = read(client, article)
    article.live.rendering.delete()
    assert read(client, article) == whole
    assert client.get("/").status_code == client.get("/feed/").status_code == 200
