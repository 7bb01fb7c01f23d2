"""RSS as its readers take it."""

import datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from articles.listing import relist
from authors.models import Author
from editorial import writing
from forum.models import Masthead
from tests.articles.shelf import ago, correct, many, published
from tests.cast import BODY, picture

pytestmark = pytest.mark.django_db

DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
ATOM = "{http://www.w3.org/2005/Atom}"


def channel(client: Client, address: str = "/feed/") -> ET.Element:
    feed = client.get(address)
    assert feed.status_code == 200
    assert feed["Content-Type"] == "application/rss+xml; charset=utf-8"
    found = ET.fromstring(feed.content).find("channel")  # noqa: S314  our own feed
    assert found is not None
    return found


def test_an_item_has_what_a_feed_reader_shows(client: Client, alice: User, ada: User, bob: User) -> None:
    article = published(
        alice, bob, at=ago(days=1), tags=("Trade",), lead_image=picture(),
        body=f'<h2>Head</h2><p><a href="/regions/">Here</a> <a href="#head">up</a> <a href="https://example.org/">there</a></p>{BODY}',
    )  # fmt: skip
    writing.add_byline(article, Author.objects.get(user=ada))
    feed = channel(client)
    assert feed.findtext("title") == "Forum"
    assert feed.find(f"{ATOM}link").attrib == {"rel": "self", "href": "http://testserver/feed/"}
    [item] = feed.findall("item")
    address = f"http://testserver{article.get_absolute_url()}"
    assert item.findtext("title") == "The tide tables of trade"
    assert item.findtext("link") == address
    assert parsedate_to_datetime(item.findtext("pubDate")) == article.published_at.replace(microsecond=0)
    assert [creator.text for creator in item.findall(f"{DC}creator")] == ["Alice Marlowe", "Ada Quill"]
    assert [category.text for category in item.findall("category")] == ["Japan", "Trade"]
    assert item.findtext("description").startswith("Harbours change slowly")
    text = item.findtext(f"{CONTENT}encoded")
    assert "Paragraph 3 of a piece" in text
    assert '<img src="http://testserver/media/images/' in text
    assert 'href="http://testserver/regions/"' in text
    assert f'href="{address}#head"' in text
    assert 'href="https://example.org/"' in text
    assert "teaches harbours" in text
    # The summary comes before the full text: some readers show the first of them that they meet.
    names = [child.tag for child in item]
    assert names.index("description") < names.index(f"{CONTENT}encoded")


def test_the_guid_outlives_slug_title_and_day(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)

    def guid() -> str | None:
        return channel(client).findtext("item/guid")

    first = guid()
    assert channel(client).find("item/guid").get("isPermaLink") == "false"
    article.slug, article.published_on = "elsewhere", datetime.date(2019, 1, 1)
    article.save(update_fields=["slug", "published_on"])
    correct(article, bob, "The title was wrong.")
    assert guid() == first


def test_a_correction_is_told_in_the_text(client: Client, alice: User, bob: User) -> None:
    with time_machine.travel(ago(days=5)):
        article = published(alice, bob)
    before = channel(client).findtext("lastBuildDate")
    correct(article, bob, "It was <May>, not March.")
    text = channel(client).findtext(f"item/{CONTENT}encoded")
    assert "It was &lt;May&gt;, not March." in text
    assert parsedate_to_datetime(channel(client).findtext("lastBuildDate")) > parsedate_to_datetime(before)


def test_newest_first_and_no_more_than_the_newest(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.feeds.COUNT", 2)
    many(3, alice, bob)
    for address in ("/feed/", "/regions/east-asia/feed/"):
        assert [item.findtext("title") for item in channel(client, address).findall("item")] == ["Piece 0", "Piece 1"]


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/regions/japan/feed/", "Japan"),
        ("/regions/east-asia/feed/", "East Asia"),
        ("/topics/trade/feed/", "Trade"),
        ("/authors/alice-marlowe/feed/", "Alice Marlowe"),
    ],
)
def test_feeds_of_parts(client: Client, alice: User, ada: User, bob: User, address: str, title: str) -> None:
    published(alice, bob, title="Mine", tags=("Trade",))
    other = published(ada, bob, title="Other")
    other.regions.clear()
    relist(other)
    feed = channel(client, address)
    assert feed.findtext("title") == f"{title} · Forum"
    assert [item.findtext("title") for item in feed.findall("item")] == ["Mine"]


def test_an_empty_feed_is_a_feed(client: Client, db: None) -> None:
    masthead = Masthead.current()
    masthead.name, masthead.tagline = "A & B", ""
    masthead.save()
    assert channel(client).findtext("title") == "A & B"
    assert channel(client).findall("item") == []


def test_signs_that_xml_does_not_know_are_left_out(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    article.bylines.update(name="Al\x01ice \ufffe", bio="Bell \x07 bio")
    masthead = Masthead.current()
    masthead.name = "Fo\x0brum"
    masthead.save()
    assert channel(client).findtext(f"item/{DC}creator") == "Alice "
