"""The sitemap: every page once, none that readers may not have, valid by its schemas, and as cheap for a million."""

import datetime
import zoneinfo
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import etree
from time_machine import TimeMachineFixture

from accounts.models import User
from articles import sitemaps
from articles.listing import relist
from articles.models import Article, ChangedMonth
from editorial.perform import perform
from forum.models import Masthead, Page
from tests.articles.shelf import ago, correct, published
from tests.cast import picture, piece_in, retract

pytestmark = pytest.mark.django_db

SCHEMAS = Path(__file__).parent / "schemas"
NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "xhtml": "http://www.w3.org/1999/xhtml",
}
# As people write their titles.
SCRIPTS = (
    "Müßig & “naïve” <tariffs>", "Đồng bằng sông Cửu Long", "Цены на зерно", "Οι λιμένες", "המכס על הנמל", "المياه والحدود",
    "سیاست آب", "दक्षिण एशिया का व्यापार", "বন্দর ও শুল্ক", "துறைமுகக் கட்டணம்", "ภาษีท่าเรือ", "ဆိပ်ကမ်း", "កំពង់ផែ", "ທ່າເຮືອ",
    "වරාය ගාස්තු", "ნავსადგური", "Նավահանգիստ", "የወደብ ታሪፍ", "朝鲜半岛", "朝鮮半島の和平", "한반도 평화", "ཐོག་མ",
)  # fmt: skip


def read(client: Client, address: str) -> etree._Element:
    response = client.get(address)
    assert response.status_code == 200, address
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return etree.fromstring(response.content)


def locations(client: Client, address: str) -> list[str]:
    return [str(text) for text in read(client, address).xpath("*/s:loc/text()", namespaces=NAMES)]


def every_address(client: Client) -> list[str]:
    """All that the sitemap leads to, by its index."""
    return [
        address
        for file in locations(client, "/sitemap.xml")
        for address in locations(client, file.removeprefix("http://testserver"))
    ]


def month_of(article: Article) -> str:
    return f"/sitemap-{article.published_on:%Y-%m}.xml"


def test_it_names_every_page_once(client: Client, alice: User, bob: User) -> None:
    new = published(alice, bob, title="New", tags=("Trade",))
    old = published(alice, bob, title="Old", at=datetime.datetime(1998, 7, 5, tzinfo=datetime.UTC))
    Page.objects.create(slug="about", title="About", is_published=True)
    Page.objects.create(slug="draft", title="Draft")
    addresses = every_address(client)
    assert len(addresses) == len(set(addresses))
    assert {address.removeprefix("http://testserver") for address in addresses} == {
        "/", "/regions/", "/topics/", "/authors/", "/series/", "/archive/", "/record/", "/about/",
        "/regions/japan/", "/regions/east-asia/", "/topics/trade/", "/authors/alice-marlowe/",
        new.get_absolute_url(), old.get_absolute_url(),
    }  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("state", ["ready", "scheduled", "retracted", "taken_down"])
def test_what_is_not_listed_is_not_in_it(client: Client, alice: User, bob: User, mara: User, state: str) -> None:
    article = piece_in(state, author=alice, editor=bob, manager=mara)
    Article.objects.filter(pk=article.pk).update(slug="zyxocanary")
    found = every_address(client)
    assert not any("zyxocanary" in address or "alice-marlowe" in address for address in found)


def test_a_scheduled_piece_is_in_it_from_its_moment_on(
    client: Client, alice: User, bob: User, time_machine: TimeMachineFixture
) -> None:
    article = piece_in("scheduled", author=alice, editor=bob)
    assert article.published_at is not None
    time_machine.move_to(article.published_at, tick=False)
    assert f"http://testserver{article.get_absolute_url()}" in every_address(client)
    assert len(read(client, "/sitemap-news.xml")) == 1


def test_a_month_says_when_it_last_changed(
    client: Client, alice: User, bob: User, django_capture_on_commit_callbacks: object
) -> None:
    article = published(alice, bob, at=datetime.datetime(2019, 3, 5, 2, tzinfo=datetime.UTC))

    def stands() -> str:
        index = read(client, "/sitemap.xml")
        [found] = index.xpath(
            f"s:sitemap[s:loc='http://testserver{month_of(article)}']/s:lastmod/text()", namespaces=NAMES
        )
        return str(found)

    ChangedMonth.objects.all().delete()
    assert stands() == "2019-03-05T02:00:00Z"
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        correct(article, bob, "The tariff was 12 per cent.")
    [changed] = ChangedMonth.objects.all()
    assert changed.count == 1
    assert stands() == f"{changed.changed_at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"
    [piece] = read(client, month_of(article)).xpath("s:url/s:lastmod/text()", namespaces=NAMES)
    assert datetime.datetime.fromisoformat(str(piece)) > ago(minutes=1)


@pytest.mark.parametrize("state", ["scheduled", "taken_down"])
def test_what_is_done_to_a_piece_that_nobody_sees_moves_no_month(
    client: Client, alice: User, bob: User, mara: User, state: str, django_capture_on_commit_callbacks: object
) -> None:
    seen, hidden = published(alice, bob), piece_in(state, author=alice, editor=bob, manager=mara)
    Article.objects.filter(pk=hidden.pk).update(published_on=seen.published_on)
    before = client.get("/sitemap.xml").content
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        relist(hidden)
    assert client.get("/sitemap.xml").content == before
    assert not ChangedMonth.objects.exists()


def test_taking_down_moves_the_month(
    client: Client, alice: User, bob: User, mara: User, django_capture_on_commit_callbacks: object
) -> None:
    article = published(alice, bob)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        perform(article, "take_down", by=mara, note="A court asks for it")
    assert article.published_on is not None
    assert ChangedMonth.objects.filter(first_on=article.published_on.replace(day=1)).exists()


def test_a_month_goes_by_the_day_in_the_address(client: Client, alice: User, bob: User) -> None:
    """1 April in Sydney is 31 March in UTC: the file is that of the address."""
    moment = datetime.datetime(2019, 4, 1, 8, tzinfo=zoneinfo.ZoneInfo("Australia/Sydney"))
    article = published(alice, bob, at=moment)
    assert article.get_absolute_url().startswith("/2019/04/01/")
    assert locations(client, "/sitemap-2019-04.xml") == [f"http://testserver{article.get_absolute_url()}"]
    assert client.get("/sitemap-2019-03.xml").status_code == 404


def test_many_pieces_of_a_month_stand_in_several_files(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    monkeypatch.setattr(sitemaps, "FILE", 2)
    at = datetime.datetime(2019, 3, 5, tzinfo=datetime.UTC)
    pieces = [published(alice, bob, title=f"Piece {n}", at=at + datetime.timedelta(hours=n)) for n in range(3)]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        relist(pieces[0])
    # Comes in while the month is not counted anew.
    pieces.append(published(alice, bob, title="Piece 3", at=at + datetime.timedelta(hours=3)))
    pieces.append(published(alice, bob, title="Piece 4", at=at + datetime.timedelta(hours=4)))
    files = [file for file in locations(client, "/sitemap.xml") if "2019" in file]
    assert files == ["http://testserver/sitemap-2019-03.xml", "http://testserver/sitemap-2019-03-2.xml"]
    assert [a for f in files for a in locations(client, f.removeprefix("http://testserver"))] == [
        f"http://testserver{piece.get_absolute_url()}" for piece in pieces
    ]


def test_the_last_file_of_a_month_is_never_empty(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    """What one file may hold is counted from where it begins: a month may hold more than that."""
    monkeypatch.setattr(sitemaps, "FILE", 2)
    monkeypatch.setattr(sitemaps, "LARGEST", 4)
    at = datetime.datetime(2019, 3, 5, tzinfo=datetime.UTC)
    pieces = [published(alice, bob, title=f"Piece {n}", at=at + datetime.timedelta(hours=n)) for n in range(5)]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        relist(pieces[0])
    assert locations(client, "/sitemap-2019-03-3.xml") == [f"http://testserver{pieces[4].get_absolute_url()}"]


def test_translations_name_each_other(client: Client, alice: User, bob: User) -> None:
    at = datetime.datetime(2019, 3, 5, tzinfo=datetime.UTC)
    original, korean = published(alice, bob, at=at), published(alice, bob, title="번역", at=at)
    Article.objects.filter(pk=korean.pk).update(translation_of=original, language="ko")
    page = read(client, "/sitemap-2019-03.xml")
    wanted = {
        "en": f"http://testserver{original.get_absolute_url()}",
        "ko": f"http://testserver{korean.get_absolute_url()}",
    }
    for url in page:
        assert {link.get("hreflang"): link.get("href") for link in url.findall("xhtml:link", NAMES)} == wanted


def test_it_is_valid_by_its_schemas(client: Client, alice: User, bob: User) -> None:
    first = published(alice, bob, title=SCRIPTS[0], lead_image=picture())
    for title in SCRIPTS[1:]:
        published(alice, bob, title=title)
    Article.objects.filter(pk=published(alice, bob).pk).update(translation_of=first, language="fr")
    index = etree.XMLSchema(etree.parse(SCHEMAS / "siteindex.xsd"))
    index.assertValid(read(client, "/sitemap.xml"))
    urls = etree.XMLSchema(etree.parse(SCHEMAS / "all.xsd"))
    for file in locations(client, "/sitemap.xml"):
        urls.assertValid(read(client, file.removeprefix("http://testserver")))
    news = read(client, "/sitemap-news.xml")
    urls.assertValid(news)
    titles = {str(text) for text in news.xpath("s:url/news:news/news:title/text()", namespaces=NAMES)}
    assert titles >= set(SCRIPTS)


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en-AU", "en"), ("zh-Hant", "zh-tw"), ("zh-Hans-SG", "zh-cn"), ("zh", "zh-cn"), ("zh-HK", "zh-tw"), ("ko", "ko")],
)
def test_news_names_languages_as_google_does(tag: str, language: str) -> None:
    assert sitemaps.news_language(tag) == language


def test_news_are_those_of_two_days_without_what_was_retracted(
    client: Client, alice: User, bob: User, mara: User
) -> None:
    Masthead(name="Harbour & Tide").save()
    assert len(read(client, "/sitemap-news.xml")) == 0
    published(alice, bob, title="Fresh", at=ago(hours=47))
    published(alice, bob, title="Stale", at=ago(hours=49))
    retract(published(alice, bob, title="Gone"), mara, bob)
    news = read(client, "/sitemap-news.xml")
    assert news.xpath("s:url/news:news/news:title/text()", namespaces=NAMES) == ["Fresh"]
    assert set(news.xpath("//news:name/text()", namespaces=NAMES)) == {"Harbour & Tide"}


@pytest.mark.parametrize(
    "name", ["2019-13", "0000-01", "9999-12", "2019-1", "regions", "regions-99999", "others-0", "pages-1", "2019-03-0"]
)
def test_there_is_no_such_file(client: Client, alice: User, bob: User, name: str) -> None:
    published(alice, bob)
    assert client.get(f"/sitemap-{name}.xml").status_code == 404


def test_each_file_takes_as_many_queries_for_three_as_for_one(client: Client, alice: User, bob: User) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as taken:
            assert client.get(address).status_code == 200
        return len(taken)

    first = published(alice, bob, tags=("One",))
    files = {
        "/sitemap.xml": 3,
        "/sitemap-news.xml": 2,
        month_of(first): 6,
        "/sitemap-topics-0.xml": 2,
        "/sitemap-pages.xml": 2,
    }
    assert {file: queries(file) for file in files} == files
    for number in range(2):
        published(alice, bob, title=f"Piece {number}", tags=(f"Topic {number}",), at=ago(days=40 * number))
    assert {file: queries(file) for file in files} == files


def test_an_unchanged_file_is_not_sent_again(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    for address in ("/sitemap.xml", "/sitemap-news.xml", month_of(article)):
        etag = client.get(address)["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_a_piece_that_was_taken_down_leaves_at_once(client: Client, alice: User, bob: User, mara: User) -> None:
    article = published(alice, bob, at=timezone.now())
    assert f"http://testserver{article.get_absolute_url()}" in every_address(client)
    perform(article, "take_down", by=mara, note="A court asks for it")
    assert f"http://testserver{article.get_absolute_url()}" not in every_address(client)
