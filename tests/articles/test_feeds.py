"""Feeds as their readers take them: by a feed reader's library, and by the letter of each format."""

import datetime
import json
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import http_date

from accounts.models import User
from articles.listing import relist
from articles.models import Article, Byline, FeedState, Image
from authors.models import Author
from editorial import writing
from forum.models import Masthead
from tests.articles.shelf import ago, correct, many, published
from tests.cast import BODY, edit, picture, retract, take_down

pytestmark = pytest.mark.django_db

DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ("/feed/", "/feed/atom/", "/feed.json")
TYPES = {
    "/feed/": "application/rss+xml; charset=utf-8",
    "/feed/atom/": "application/atom+xml; charset=utf-8",
    "/feed.json": "application/feed+json; charset=utf-8",
}


def channel(client: Client, address: str = "/feed/") -> ET.Element:
    feed = client.get(address)
    assert feed.status_code == 200
    assert feed["Content-Type"] == "application/rss+xml; charset=utf-8"
    found = ET.fromstring(feed.content).find("channel")  # noqa: S314  our own feed
    assert found is not None
    return found


def read(client: Client, address: str) -> list[dict[str, Any]]:
    """The pieces of a feed in one shape, RSS and Atom as a feed reader's library finds them."""
    answer = client.get(address)
    assert answer.status_code == 200
    if address.endswith(".json"):
        return [
            {
                "id": item["id"],
                "title": item["title"],
                "link": item["url"],
                "authors": [person["name"] for person in item["authors"]],
                "tags": item["tags"],
                "content": item["content_html"],
                "updated": item["date_modified"],
                "picture": item.get("image", ""),
            }
            for item in json.loads(answer.content)["items"]
        ]
    feed = feedparser.parse(answer.content, sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo, feed.get("bozo_exception")
    return [
        {
            "id": entry.id,
            "title": entry.title,
            "link": entry.link,
            "authors": [person.name for person in entry.get("authors", [])],
            "tags": [tag.term for tag in entry.get("tags", [])],
            "content": entry.content[0].value,
            "updated": entry.updated,
            "picture": next(
                (found["url" if "url" in found else "href"] for found in [*entry.get("media_content", []), *entry.enclosures]), ""
            ),
        }
        for entry in feed.entries
    ]  # fmt: skip


def figure(image: Image, caption: str = "") -> str:
    told = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure><img src="{image.file.url}" alt="Within">{told}</figure>'


# --- What a piece is told with ----------------------------------------------------------------------


@pytest.mark.parametrize("address", FEEDS)
def test_an_item_has_what_a_feed_reader_shows(client: Client, alice: User, ada: User, bob: User, address: str) -> None:
    article = published(
        alice, bob, at=ago(days=1), tags=("Trade",), lead_image=picture(licence="cc_by"),
        body=f'<h2>Head</h2><p><a href="/regions/">Here</a> <a href="#head">up</a> <a href="https://example.org/">there</a></p>{BODY}',
    )  # fmt: skip
    writing.add_byline(article, Author.objects.get(user=ada))
    assert client.get(address)["Content-Type"] == TYPES[address]
    [item] = read(client, address)
    page = f"http://testserver{article.get_absolute_url()}"
    assert item["title"] == "The tide tables of trade"
    assert item["link"] == page
    assert item["authors"] == ["Alice Marlowe", "Ada Quill"]
    assert item["tags"] == ["Japan", "Trade"]
    assert item["picture"].startswith("http://testserver/media/images/")
    for part in (
        "Paragraph 3 of a piece",
        f'<img src="{item["picture"]}" alt="Cranes at dusk" width="800" height="450">',
        "Photo: A Photographer",
        'href="http://testserver/regions/"',
        f'href="{page}#head"',
        'href="https://example.org/"',
        "teaches harbours",
        '<div lang="en" dir="ltr">',
    ):
        assert part in item["content"]


def test_rss_by_the_letter(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, at=ago(days=1), lead_image=picture(licence="own"))
    feed = channel(client)
    assert feed.findtext("title") == "Forum"
    assert feed.find(f"{ATOM}link").attrib == {
        "href": "http://testserver/feed/", "rel": "self", "type": "application/rss+xml",
    }  # fmt: skip
    assert feed.findtext("copyright") == "© Forum. All rights reserved."
    [item] = feed.findall("item")
    assert parsedate_to_datetime(item.findtext("pubDate")) == article.published_at.replace(microsecond=0)
    assert item.findtext("description").startswith("Harbours change slowly")
    assert item.findtext(f"{DC}language") == "en"
    assert item.findtext(f"{DC}rights") == "All rights reserved."
    media = item.find(f"{MEDIA}content")
    assert (media.get("medium"), media.get("width"), media.findtext(f"{MEDIA}credit")) == (
        "image", "800", "Photo: A Photographer",
    )  # fmt: skip
    # The summary comes before the full text: some readers show the first of them that they meet.
    names = [child.tag for child in item]
    assert names.index("description") < names.index(f"{CONTENT}encoded")


def test_a_piece_has_its_own_language_and_licence_in_atom_and_json(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, title="مد وجزر التجارة")
    Article.objects.filter(pk=article.pk).update(language="ar", licence="CC BY 4.0")
    feed = ET.fromstring(client.get("/feed/atom/").content)  # noqa: S314  our own feed
    entry = feed.find(f"{ATOM}entry")
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"
    assert entry.findtext(f"{ATOM}rights") == "CC BY 4.0"
    assert [link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel") == "license"] == [
        "https://creativecommons.org/licenses/by/4.0/"
    ]
    assert '<div lang="ar" dir="rtl">' in entry.findtext(f"{ATOM}content")
    [item] = json.loads(client.get("/feed.json").content)["items"]
    assert item["language"] == "ar"
    assert item["_rights"] == {"text": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}


@pytest.mark.parametrize("address", FEEDS)
def test_a_translator_is_named_and_no_author(client: Client, alice: User, ada: User, bob: User, address: str) -> None:
    article = published(alice, bob)
    byline = writing.add_byline(article, Author.objects.get(user=ada))
    Byline.objects.filter(pk=byline.pk).update(role="translator")
    [item] = read(client, address)
    assert item["authors"] == ["Alice Marlowe"]
    assert "Translated by <bdi>Ada Quill</bdi>" in item["content"]
    if address != "/feed.json":
        assert b"contributor>" in client.get(address).content


@pytest.mark.parametrize("address", FEEDS)
def test_the_id_outlives_slug_title_and_day(client: Client, alice: User, bob: User, address: str) -> None:
    article = published(alice, bob)
    first = read(client, address)[0]["id"]
    article.slug, article.published_on = "elsewhere", datetime.date(2019, 1, 1)
    article.save(update_fields=["slug", "published_on"])
    correct(article, bob, "The title was wrong.")
    assert read(client, address)[0]["id"] == first
    if address == "/feed/":
        # As it has been since the first feed: whoever follows sees nothing twice.
        assert first == f"testserver:article:{article.pk}"
        assert channel(client).find("item/guid").get("isPermaLink") == "false"
    else:
        assert first.startswith("urn:uuid:")


@pytest.mark.parametrize("address", FEEDS)
def test_a_correction_is_told_at_the_head_and_moves_the_date_of_change(
    client: Client, alice: User, bob: User, address: str
) -> None:
    with time_machine.travel(ago(days=5)):
        article = published(alice, bob)
    before = read(client, address)[0]
    correct(article, bob, "It was <May>, not March.")
    after = read(client, address)[0]
    assert after["content"].index("It was &lt;May&gt;, not March.") < after["content"].index("Harbours change slowly")
    assert after["updated"] > before["updated"]
    if address == "/feed/":
        built = parsedate_to_datetime(channel(client).findtext("lastBuildDate"))
        assert built.replace(microsecond=0) == article.publications.first().at.replace(microsecond=0)


# --- Pictures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("licence", ["all_rights", "cc_by", "own"])
def test_a_picture_travels_by_its_licence(client: Client, alice: User, bob: User, licence: str) -> None:
    lead = picture(licence=licence, alt="Cranes at dusk", caption="The old port", credit="Photo: Lead")
    within = picture(licence=licence, credit="Photo: Inner")
    article = published(
        alice, bob, lead_image=lead,
        body=f'{figure(within, "A map")}{BODY}<figure class="embed"><a href="https://youtu.be/x"><img src="{within.file.url}" alt="A still"></a></figure>',
    )  # fmt: skip
    may_travel = licence != "all_rights"
    page = f"http://testserver{article.get_absolute_url()}"
    for address in FEEDS:
        answer = client.get(address).content.decode()
        [item] = read(client, address)
        for image in (lead, within):
            assert (image.file.name in answer) is may_travel
        assert bool(item["picture"]) is may_travel
        # Whose they are, and what they show, is said either way.
        for words in ("The old port", "Photo: Lead", "A map", "Photo: Inner", "Cranes at dusk", "Within", "A still"):
            assert words in item["content"]
        assert ("<img" in item["content"]) is may_travel
        link = f'<em>Within</em> (<a href="{page}" lang="en-AU" dir="ltr">See the picture on our page</a>)'
        assert (link in item["content"]) is not may_travel


def test_a_picture_that_is_not_of_the_library_stays(client: Client, alice: User, bob: User) -> None:
    published(alice, bob, body=f'<p>Here: <img src="/static/icons/x.png" alt="A sign"></p>{BODY}')
    [item] = read(client, "/feed/")
    assert "/static/" not in item["content"]
    assert "<em>A sign</em>" in item["content"]


# --- Which pieces -----------------------------------------------------------------------------------


@pytest.mark.parametrize("under", ["/", "/regions/east-asia/"])
def test_newest_first_and_no_more_than_the_newest(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, under: str
) -> None:
    monkeypatch.setattr("articles.feeds.views.COUNT", 2)
    many(3, alice, bob)
    for tail in ("feed/", "feed/atom/", "feed.json"):
        assert [item["title"] for item in read(client, f"{under}{tail}")] == ["Piece 0", "Piece 1"]


@pytest.mark.parametrize(
    ("under", "title"),
    [
        ("/regions/japan/", "Japan"),
        ("/regions/east-asia/", "East Asia"),
        ("/topics/trade/", "Trade"),
        ("/authors/alice-marlowe/", "Alice Marlowe"),
    ],
)
def test_feeds_of_parts(client: Client, alice: User, ada: User, bob: User, under: str, title: str) -> None:
    published(alice, bob, title="Mine", tags=("Trade",))
    other = published(ada, bob, title="Other")
    other.regions.clear()
    relist(other)
    page = client.get(under).content.decode()
    for tail in ("feed/", "feed/atom/", "feed.json"):
        address = f"{under}{tail}"
        assert [item["title"] for item in read(client, address)] == ["Mine"]
        assert f'href="{address}"' in page
        answer = client.get(address).content
        if tail == "feed.json":
            told = json.loads(answer)
            named, own, home = told["title"], told["feed_url"], told["home_page_url"]
        else:
            feed = feedparser.parse(answer).feed
            named, home = feed.title, feed.link
            own = next(link.href for link in feed.links if link.rel == "self")
        assert (named, own, home) == (f"{title} · Forum", f"http://testserver{address}", f"http://testserver{under}")


@pytest.mark.parametrize("address", FEEDS)
def test_what_was_retracted_or_taken_down_leaves(
    client: Client, alice: User, bob: User, mara: User, address: str
) -> None:
    first, second = many(2, alice, bob)
    retract(first, mara, bob)
    assert [item["title"] for item in read(client, address)] == ["Piece 1"]
    take_down(second, mara)
    assert read(client, address) == []


def test_an_empty_feed_is_a_feed(client: Client, db: None) -> None:
    masthead = Masthead.current()
    masthead.name, masthead.tagline = "A & B", ""
    masthead.save()
    assert channel(client).findtext("title") == channel(client).findtext("description") == "A & B"
    for address in FEEDS:
        assert read(client, address) == []
    assert json.loads(client.get("/feed.json").content)["title"] == "A & B"


@pytest.mark.parametrize("address", FEEDS)
def test_signs_that_xml_does_not_know_are_left_out(client: Client, alice: User, bob: User, address: str) -> None:
    article = published(alice, bob)
    article.bylines.update(name="Al\x01ice \ufffe", bio="Bell \x07 bio")
    masthead = Masthead.current()
    masthead.name = "Fo\x0brum"
    masthead.save()
    assert [name.strip("\ufffe ") for name in read(client, address)[0]["authors"]] in (["Alice"], ["Al\x01ice"])


@pytest.mark.parametrize(("address", "queries"), [("/feed/", 5), ("/topics/trade/feed.json", 6)])
def test_queries_do_not_grow(client: Client, alice: User, bob: User, address: str, queries: int) -> None:
    def piece(number: int) -> None:
        image = picture(licence="own")
        article = published(
            alice, bob, title=f"Piece {number}", tags=("Trade", f"Topic {number}"), lead_image=picture(licence="own"),
            body=f"{figure(image)}{figure(picture())}{BODY}",
        )  # fmt: skip
        correct(article, bob, "Oh.", body=f"{figure(image)}<p>Mended.</p>{BODY}")

    def count() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert len(read(client, address)) in (1, 3)
        return len(captured)

    piece(0)
    one = count()
    piece(1)
    piece(2)
    assert count() == one == queries


# --- Asked again ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", FEEDS)
def test_asked_by_date_or_by_tag_nothing_is_sent_twice(client: Client, alice: User, bob: User, address: str) -> None:
    published(alice, bob)
    with time_machine.travel(ago(minutes=-1), tick=False):
        first = client.get(address)
    with time_machine.travel(ago(minutes=-2), tick=False):
        for headers in ({"If-Modified-Since": first["Last-Modified"]}, {"If-None-Match": first["ETag"]}):
            again = client.get(address, headers=headers)
            assert (again.status_code, again.content) == (304, b"")
            assert again["Last-Modified"] == first["Last-Modified"]
        # The tag is the better witness.
        assert client.get(
            address, headers={"If-Modified-Since": first["Last-Modified"], "If-None-Match": '"other"'}
        ).status_code == 200  # fmt: skip
        assert client.get(address, headers={"If-Modified-Since": "yesterday, I think"}).status_code == 200


def change(article: Article, mara: User, bob: User, how: str) -> None:
    match how:
        case "corrected":
            correct(article, bob, "Oh.")
        case "taken down":
            take_down(article, mara)
        case "retracted":
            retract(article, mara, bob)
        case "a name mended":
            article.bylines.update(name="Alys Marlowe")
        case "the masthead":
            Masthead(name="Another").save()


@pytest.mark.parametrize("how", ["corrected", "taken down", "retracted", "a name mended", "the masthead"])
def test_a_change_is_seen_by_those_who_ask_by_date(
    client: Client, alice: User, bob: User, mara: User, how: str
) -> None:
    """Even one that no date of a piece tells of, and within the second in which the feed was fetched."""
    with time_machine.travel(ago(days=3)):
        article, _ = published(alice, bob, title="It"), published(alice, bob, title="Another")
    with time_machine.travel(ago(minutes=-1).replace(microsecond=0), tick=False) as clock:
        first = client.get("/feed/")
        change(article, mara, bob, how)
        at_once = client.get("/feed/", headers={"If-Modified-Since": first["Last-Modified"]})
        assert at_once.status_code == 200
        # A date ahead of the answer's own would be none.
        assert "Last-Modified" not in at_once
        clock.shift(5)
        later = client.get("/feed/", headers={"If-Modified-Since": first["Last-Modified"]})
        assert later.status_code == 200
        assert later.content == at_once.content != first.content
        assert parsedate_to_datetime(later["Last-Modified"]) > parsedate_to_datetime(first["Last-Modified"])


def test_what_comes_back_is_new_again(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    start = ago(minutes=-1).replace(microsecond=0)
    answers = []
    for minute, name in enumerate(("Alice", "Alys", "Alice")):
        article.bylines.update(name=name)
        with time_machine.travel(start + datetime.timedelta(minutes=minute), tick=False):
            answers.append(client.get("/feed/"))
    assert answers[0].content == answers[2].content
    with time_machine.travel(start + datetime.timedelta(minutes=9), tick=False):
        assert client.get("/feed/", headers={"If-Modified-Since": answers[1]["Last-Modified"]}).status_code == 200
        assert client.get("/feed/", headers={"If-Modified-Since": answers[2]["Last-Modified"]}).status_code == 304
        FeedState.objects.all().delete()
        assert client.get("/feed/", headers={"If-Modified-Since": answers[2]["Last-Modified"]}).status_code == 200
        assert client.get("/feed/")["Last-Modified"] == http_date((start + datetime.timedelta(minutes=9)).timestamp())


def test_only_feeds_that_there_are_are_kept(client: Client, alice: User, bob: User) -> None:
    edit(published(alice, bob), bob)
    for address in ("/feed/?a=1", "/feed/?a=2", "/regions/nowhere/feed/", "/authors/nobody/feed.json", "/regions/japan/feed.json"):  # fmt: skip
        client.get(address)
    assert sorted(FeedState.objects.values_list("path", flat=True)) == ["/feed/", "/regions/japan/feed.json"]


def _links(client: Client, address: str) -> tuple[list[str], dict[str, str]]:
    """The titles on a page of a feed, and where its other pages are."""
    body = client.get(address).content
    if ".json" in address:
        feed = json.loads(body)
        urls = {"self": feed["feed_url"]} | ({"next": feed["next_url"]} if "next_url" in feed else {})
        return [item["title"] for item in feed["items"]], urls
    found = feedparser.parse(body)
    urls = {link["rel"]: link["href"] for link in found.feed.links if link["rel"] != "alternate"}
    return [entry.title for entry in found.entries], urls


@pytest.mark.parametrize("under", ["", "/regions/east-asia", "/authors/alice-marlowe"])
@pytest.mark.parametrize("end", ["/feed/", "/feed/atom/", "/feed.json"])
def test_a_feed_leads_to_all_that_was_published(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, under: str, end: str
) -> None:
    """In pages (RFC 5005, 3), of which each is one of a fixed number: nobody has to be sent everything."""
    monkeypatch.setattr("articles.feeds.views.COUNT", 2)
    many(5, alice, bob)
    address, read, seen = f"{under}{end}", [], []
    while address:
        assert address not in seen
        titles, urls = _links(client, address)
        assert urls["self"] == f"http://testserver{address}"
        if ".json" not in address:
            assert ("previous" in urls) == ("first" in urls) == bool(read)
        read.append(titles)
        seen.append(address)
        address = urls.get("next", "").removeprefix("http://testserver")
    assert read == [["Piece 0", "Piece 1"], ["Piece 2", "Piece 3"], ["Piece 4"]]
    assert seen[0] == f"{under}{end}"


def test_a_later_page_keeps_no_row_and_ends_where_nothing_is(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.feeds.views.COUNT", 2)
    many(3, alice, bob)
    _titles, urls = _links(client, "/feed/atom/")
    before = FeedState.objects.count()
    answer = client.get(urls["next"])
    assert FeedState.objects.count() == before
    assert "Last-Modified" not in answer
    assert client.get(urls["next"], headers={"if-none-match": answer["ETag"]}).status_code == 304
    for nowhere in ("1-1", "x", "99999999999999999-999999999999999999999"):
        assert client.get(f"/feed/atom/?before={nowhere}").status_code == 404
