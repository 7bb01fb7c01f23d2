"""Structured data: what a machine reads off our pages, over names and titles in any script."""

import datetime
import html
import json
from typing import Any

import lxml.html
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import User
from articles import renditions
from articles.listing import relist
from articles.locales import open_graph
from articles.models import Article, Byline, Series
from articles.structured.terms import block
from authors.models import Author
from editorial import writing
from editorial.perform import perform
from forum.models import Masthead, Page
from tests.articles.schema_org import data_of, thing
from tests.cast import BODY, edit, picture, piece_in

pytestmark = pytest.mark.django_db

SCRIPTS = {
    "Latin": "Łukasz Żółć", "Vietnamese": "Nguyễn Thị Minh Khai", "Greek": "Ελένη Παπαδοπούλου", "Cyrillic": "Анна Каренина",
    "Arabic": "ليلى الحداد", "Hebrew": "דוד לוי", "Urdu": "فیض احمد", "Devanagari": "अमर्त्य सेन", "Bengali": "অমর্ত্য সেন",
    "Tamil": "கமலா", "Sinhala": "සුනිල්", "Thai": "สมชาย ใจดี", "Lao": "ສົມພອນ", "Khmer": "សុខ សាន", "Burmese": "အောင်ဆန်း",
    "Chinese": "王小明", "Japanese": "山田 太郎", "Korean": "서하윤", "Georgian": "ნინო", "Armenian": "Արամ", "Amharic": "አበበ",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ", "Emoji": "Fa‘afetai 👩‍🔬", "Markup": "</script><!-- & \"O'Brien\" \\u0041",
}  # fmt: skip


def page_of(article: Article) -> bytes:
    response = Client().get(article.get_absolute_url())
    assert response.status_code == 200
    return response.content


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_and_titles_come_out_as_they_went_in(alice: User, bob: User, script: str) -> None:
    name = SCRIPTS[script]
    piece = piece_in("published", author=alice, editor=bob, title=f"On {name}", in_brief=f"{name} writes.")
    Byline.objects.filter(article=piece).update(name=name, affiliation=name, bio=name)
    told = thing(page_of(piece), "NewsArticle")
    assert (told["headline"], told["abstract"]) == (f"On {name}", f"{name} writes.")
    assert told["author"]["name"] == told["author"]["affiliation"]["name"] == told["author"]["description"] == name


@given(st.text(), st.text())
@example("</script>", "<!--<script>")
@example("\u2028", "\u2029&amp;")
def test_a_block_holds_anything_and_ends_nothing(name: str, text: str) -> None:
    told: dict[str, Any] = {name: text, "more": [text]}
    written = block(told)
    page = f'<!doctype html><head><script type="application/ld+json">{written}</script></head><body><p>After</p>'
    tree = lxml.html.fromstring(page)
    [script] = tree.xpath("//script")
    assert json.loads(written) == told
    assert json.loads(script.text) == told
    assert [p.text for p in tree.xpath("//p")] == ["After"]
    assert not set("<>&\u2028\u2029") & set(written)


def test_a_piece_tells_all_that_its_page_says(alice: User, bob: User) -> None:
    Masthead.objects.create(name="Tides", time_zone="Asia/Tokyo", publisher="Harbour Press", rights_line="CC BY 4.0")
    about, rules = (Page.objects.create(slug=s, title=s, is_published=True) for s in ("about", "corrections"))
    Masthead.objects.update(about_page=about, corrections_page=rules)
    image = picture(licence="cc_by", caption="Cranes", credit="Photo: A")
    renditions.make(image)
    piece = piece_in("published", author=alice, editor=bob, lead_image=image)
    Author.objects.filter(user=alice).update(orcid="0000-0002-1825-0097")
    board = Author.objects.create(single_name="The Board", is_house=True)
    writing.add_byline(piece, board)
    writing.add_byline(piece, Author.objects.create(given_name="Li", family_name="Wen"), role=Byline.Role.TRANSLATOR)
    piece.doi = "10.59425/eabc.1755295200"
    piece.save(update_fields=["doi"])
    edit(piece, bob, body=f"<p>New.</p>{BODY}")
    # A correction that comes within the second of publishing would have the same date.
    piece.published_at -= datetime.timedelta(minutes=1)
    Article.objects.filter(pk=piece.pk).update(published_at=piece.published_at)
    perform(piece, "update", by=bob, kind="correction", public_note="The year was wrong.")
    told = thing(page_of(piece), "NewsArticle")
    assert told["url"] == told["mainEntityOfPage"]["@id"] == f"http://testserver{piece.get_absolute_url()}"
    assert [(one["@type"], one["name"]) for one in told["author"]] == [
        ("Person", "Alice Marlowe"), ("Organization", "The Board"),
    ]  # fmt: skip
    assert told["author"][0]["sameAs"] == "https://orcid.org/0000-0002-1825-0097"
    assert told["author"][0]["url"] == "http://testserver/authors/alice-marlowe/"
    assert told["translator"]["name"] == "Li Wen"
    assert told["identifier"]["value"] == "10.59425/eabc.1755295200"
    assert [one["text"] for one in told["correction"]] == ["The year was wrong."]
    assert [round(one["width"] / one["height"], 2) for one in told["image"]] == [1, 1.33, 1.78]
    assert {one["license"] for one in told["image"]} == {"https://creativecommons.org/licenses/by/4.0/"}
    assert {(one["creditText"], one["caption"]) for one in told["image"]} == {("Photo: A", "Cranes")}
    for one in told["image"]:
        assert Client().get(one["contentUrl"].removeprefix("http://testserver")).status_code == 200
    assert datetime.datetime.fromisoformat(told["datePublished"]) == piece.published_at.replace(microsecond=0)
    assert told["datePublished"].endswith("+09:00")
    assert told["dateModified"] > told["datePublished"]
    assert (told["license"], told["inLanguage"]) == ("https://creativecommons.org/licenses/by/4.0/", "en")
    assert told["timeRequired"] == "PT2M"
    assert (told["articleSection"], told["contentLocation"]["name"]) == ("Japan", "Japan")
    publisher = told["publisher"]
    assert (publisher["name"], publisher["parentOrganization"]["name"]) == ("Tides", "Harbour Press")
    assert (publisher["masthead"], publisher["correctionsPolicy"]) == (
        "http://testserver/about/", "http://testserver/corrections/",
    )  # fmt: skip
    assert "ownershipFundingInfo" not in publisher
    crumbs = thing(page_of(piece), "BreadcrumbList")["itemListElement"]
    assert [crumb["name"] for crumb in crumbs] == ["Front page", "Japan", "The tide tables of trade"]


def test_an_essay_of_a_quarterly_stands_in_its_issue(alice: User, bob: User, client: Client) -> None:
    Masthead.objects.create(name="Tides Quarterly", issn="2049-3630")
    piece = piece_in("published", author=alice, editor=bob)
    piece.series = Series.objects.create(title="Waters", kind="issue", number="Vol. 12, No. 3")
    piece.save(update_fields=["series"])
    relist(piece)
    told = thing(page_of(piece), "ScholarlyArticle")["isPartOf"]
    assert (told["@type"], told["issueNumber"], told["name"]) == ("PublicationIssue", "3", "Waters")
    assert told["isPartOf"]["volumeNumber"] == "12"
    assert told["isPartOf"]["isPartOf"]["issn"] == "2049-3630"
    listed = thing(client.get("/series/waters/").content, "CollectionPage")["mainEntity"]
    assert (listed["@type"], listed["issueNumber"]) == ("PublicationIssue", "3")
    assert [part["headline"] for part in listed["hasPart"]] == ["The tide tables of trade"]


def test_a_retracted_piece_says_so_and_leads_to_no_list(alice: User, bob: User) -> None:
    told = thing(page_of(piece_in("retracted", author=alice, editor=bob)), "NewsArticle")
    assert told["headline"] == "Retracted: The tide tables of trade"
    assert told["creativeWorkStatus"] == "Retracted"
    assert "url" not in told["author"]


def test_translations_name_each_other(alice: User, bob: User) -> None:
    first = piece_in("published", author=alice, editor=bob)
    second = piece_in("published", author=alice, editor=bob, title="무역의 조수표")
    Article.objects.filter(pk=second.pk).update(translation_of=first, language="ko")
    assert thing(page_of(first), "NewsArticle")["workTranslation"][0]["headline"] == "무역의 조수표"
    assert thing(page_of(second), "NewsArticle")["translationOfWork"]["inLanguage"] == "en"


def languages_of(article: Article) -> dict[str, str]:
    tree = lxml.html.fromstring(page_of(article).decode())
    return {link.get("hreflang"): link.get("href") for link in tree.xpath('//link[@rel="alternate"][@hreflang]')}


def test_each_translation_names_all_and_the_original_for_everybody_else(alice: User, bob: User) -> None:
    first = piece_in("published", author=alice, editor=bob)
    assert languages_of(first) == {}
    others = [piece_in("published", author=alice, editor=bob, title=title) for title in ("무역의 조수표", "Les marées")]
    for other, language in zip(others, ("ko", "fr"), strict=True):
        Article.objects.filter(pk=other.pk).update(translation_of=first, language=language)
    named = {"en": first, "ko": others[0], "fr": others[1], "x-default": first}
    wanted = {language: f"http://testserver{piece.get_absolute_url()}" for language, piece in named.items()}
    for piece in (first, *others):
        assert languages_of(piece) == wanted
    page = page_of(others[1]).decode()
    assert '<meta property="og:locale" content="fr_FR">' in page
    assert '<meta property="og:locale:alternate" content="ko_KR">' in page
    # What is retracted is named by no other, and names none; without the original nobody else is led to one.
    Article.objects.filter(pk=first.pk).update(status="retracted")
    assert languages_of(first) == {}
    assert set(languages_of(others[0])) == {"ko", "fr"}


@pytest.mark.parametrize(("language", "house", "locale"), [
    ("en", "en-AU", "en_AU"), ("en", "fr", "en_GB"), ("en-nz", "en-AU", "en_NZ"), ("zh-Hant", "en-AU", "zh_TW"),
    ("zh-Hant", "zh-SG", "zh_TW"), ("zh-Hans-SG", "", "zh_SG"), ("pt-BR", "", "pt_BR"), ("mi", "en-NZ", ""), ("", "", ""),
    ("x-forum", "", ""), ("ko_KR", "", "ko_KR"),
])  # fmt: skip
def test_a_language_in_the_words_of_open_graph(language: str, house: str, locale: str) -> None:
    assert open_graph(language, house) == locale


LISTS = {
    "/": "CollectionPage", "/regions/": "CollectionPage", "/regions/japan/": "CollectionPage", "/topics/": "CollectionPage",
    "/topics/tides/": "CollectionPage", "/authors/": "CollectionPage", "/authors/alice-marlowe/": "ProfilePage",
    "/series/": "CollectionPage", "/series/waters/": "CollectionPage", "/archive/": "CollectionPage",
    "/archive/{year}/": "CollectionPage", "/archive/{year}/{month}/": "CollectionPage", "/about/": "AboutPage",
    "/terms/": "WebPage",
}  # fmt: skip


@pytest.fixture
def shelves(alice: User, bob: User) -> Article:
    """A piece that stands on every kind of page."""
    about = Page.objects.create(slug="about", title="About", body="<p>Who we are.</p>", is_published=True)
    Page.objects.create(slug="terms", title="Terms", is_published=True)
    Masthead.objects.create(about_page=about)
    piece = piece_in("published", author=alice, editor=bob)
    piece.series = Series.objects.create(title="Waters")
    piece.save(update_fields=["series"])
    piece.tags.add("Tides")
    relist(piece)
    return piece


def test_every_page_says_what_it_is_and_where_it_is_found(client: Client, shelves: Article) -> None:
    day = timezone.localdate(shelves.published_at, Masthead.current().zone)
    for pattern, kind in LISTS.items():
        address = pattern.format(year=f"{day:%Y}", month=f"{day:%m}")
        response = client.get(address)
        assert response.status_code == 200, address
        told = thing(response.content, kind)
        assert told["url"] == f"http://testserver{address}"
        text = response.content.decode()
        assert text.count(f'<link rel="canonical" href="http://testserver{address}">') == 1, address
        assert text.count('name="robots"') == 1, address
        assert '<meta property="og:title"' in text
        crumbs = [one for one in data_of(text) if one["@type"] == "BreadcrumbList"]
        assert len(crumbs) == (0 if address == "/" else 1)
        if crumbs:
            assert crumbs[0]["itemListElement"][-1]["item"] == f"http://testserver{address}"


def test_lists_name_their_pieces_and_the_front_page_its_search(client: Client, shelves: Article) -> None:
    region = thing(client.get("/regions/japan/").content, "CollectionPage")
    assert [item["name"] for item in region["mainEntity"]["itemListElement"]] == ["The tide tables of trade"]
    author = thing(client.get("/authors/alice-marlowe/").content, "ProfilePage")
    assert (author["mainEntity"]["@type"], author["mainEntity"]["name"]) == ("Person", "Alice Marlowe")
    site = thing(client.get("/").content, "WebSite")
    assert site["potentialAction"]["target"]["urlTemplate"] == "http://testserver/search/?q={search_term_string}"


def test_what_is_not_to_be_found_says_so_and_tells_nothing(client: Client, shelves: Article) -> None:
    address = shelves.get_absolute_url()
    for other in ("/search/?q=tide", f"{address}print/", f"{address}history/", f"{address}report/"):
        text = client.get(other).content.decode()
        assert '<meta name="robots" content="noindex' in text, other
        assert data_of(text) == []


def test_the_page_of_a_list_names_itself_and_not_the_first(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.views.subjects.PAGE", 1)
    for number in range(2):
        piece_in("published", author=alice, editor=bob, title=f"Piece {number}")
    first = lxml.html.fromstring(client.get("/regions/japan/").content.decode())
    [older] = {a for a in first.xpath("//a/@href") if "?" in a and "before" in a}
    address = older if older.startswith("/") else f"/regions/japan/{older}"
    text = client.get(address).content.decode()
    assert f'<link rel="canonical" href="{html.escape("http://testserver" + address)}">' in text
    assert thing(text, "CollectionPage")["name"] == "Japan, earlier pieces"
