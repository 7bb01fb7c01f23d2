"""Each format by the letter, over names and titles in every script and any text at all; no database is needed."""

import dataclasses
import datetime
import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from articles.feeds import atom, rss
from articles.feeds import json as json_feed
from articles.feeds.entries import Channel, Entry, Picture
from articles.metadata import Contributor
from prose.characters import for_xml

GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent / "schemas" / "atom.rng"))
AT = datetime.datetime(2020, 1, 25, 0, 30, tzinfo=datetime.UTC)
NAMES = [
    "Charles K Armstrong", "Bùi Thị Minh Hằng", "Ólafur Ragnar Grímsson", "Dvořák Čeněk", "Ngā Pae o te Māramatanga",
    "李文涛", "山田 太郎", "한강", "Нурсултан Назарбаев", "Ελένη Παπαδοπούλου", "محمد بن سلمان", "נועה קירל", "अमर्त्य सेन",
    "রবীন্দ্রনাথ ঠাকুর", "தமிழ்ச்செல்வி", "ప్రియాంక", "ಕನ್ನಡ ಹೆಸರು", "മലയാളം പേര്", "สมชาย ใจดี", "အောင်ဆန်းစုကြည်", "ສຸພານຸວົງ",
    "សម្តេច ហ៊ុន", "བསྟན་འཛིན་", "ᠮᠣᠩᠭᠣᠯ", "მარიამ", "Հայկ", "አብይ አህመድ", "ޑިވެހި", "👩🏽‍🔬 Emoji 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "O’Brien & <Sons> \"]]>\"",
]  # fmt: skip


def entry(text: str = "Tides", **fields: object) -> Entry:
    return Entry(**{
        "guid": "example.org:article:1", "urn": "urn:uuid:1b4e28ba-2fa1-5d2f-883f-0016d3cca427", "title": text,
        "url": "https://example.org/2020/01/25/tides/", "language": "en", "summary": text, "content": f"<p>{text}</p>",
        "published_at": AT, "modified_at": AT, "authors": [Contributor(text, url="https://example.org/authors/a/")],
        "others": [Contributor(text, role="translator")], "categories": [text], "licence": text,
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "picture": Picture("https://example.org/media/a.jpg", "image/jpeg", 800, 450, text, text),
    } | fields)  # fmt: skip


def channel(text: str = "Forum", *entries: Entry) -> Channel:
    return Channel(
        urn="urn:uuid:6ba7b810-9dad-51d1-80b4-00c04fd430c8", title=text, url="https://example.org/",
        feed_url="https://example.org/feed/", about=text, publication=text, site_url="https://example.org/",
        language="en-au", rights=text, icon="https://example.org/icon.png", entries=list(entries),
    )  # fmt: skip


def check_rss(content: bytes) -> None:
    """What RSS 2.0 and the W3C's validator ask for."""
    root = etree.fromstring(content)
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    found = root[0]
    assert found.tag == "channel"
    tags = [child.tag for child in found]
    for name in ("title", "link", "description"):
        assert tags.count(name) == 1
        assert found.findtext(name)
    assert {re.sub(r"\{.*\}", "", tag) for tag in tags} <= {
        "title", "link", "description", "language", "copyright", "lastBuildDate", "item",
    }  # fmt: skip
    assert re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", found.findtext("language"))
    own = found.find("{http://www.w3.org/2005/Atom}link")
    assert (own.get("rel"), own.get("type")) == ("self", "application/rss+xml")
    parsedate_to_datetime(found.findtext("lastBuildDate"))
    guids = []
    for item in found.findall("item"):
        names = [child.tag for child in item]
        for name in ("title", "link", "guid", "pubDate", "description"):
            assert names.count(name) <= 1
        assert "title" in names or "description" in names
        assert item.find("guid").get("isPermaLink") in ("true", "false")
        guids.append(item.findtext("guid"))
        parsedate_to_datetime(item.findtext("pubDate"))
        assert urlsplit(item.findtext("link")).scheme in ("http", "https")
        # An author in RSS is an address of mail; names stand in dc:creator.
        assert "author" not in names
    assert len(set(guids)) == len(guids)


def check_atom(content: bytes) -> None:
    GRAMMAR.assertValid(root := etree.fromstring(content))
    own = "{http://www.w3.org/2005/Atom}"
    assert [link.get("href") for link in root.findall(f"{own}link") if link.get("rel") == "self"]
    for found in (root, *root.findall(f"{own}entry")):
        assert len([link for link in found.findall(f"{own}link") if link.get("rel") == "alternate"]) == 1
        assert re.match(r"[a-z][a-z0-9+.-]*:.", found.findtext(f"{own}id"))
        assert (found.findtext(f"{own}title") or "").strip()


def check_json(content: bytes) -> None:
    feed = json.loads(content)
    known = {"version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url", "icon", "favicon", "authors", "language", "expired", "hubs", "items"}  # fmt: skip
    parts = {"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image", "date_published", "date_modified", "authors", "tags", "language", "attachments"}  # fmt: skip
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    assert isinstance(feed["items"], list)
    assert {name for name in feed if not name.startswith("_")} <= known
    for item in feed["items"]:
        assert {name for name in item if not name.startswith("_")} <= parts
        assert isinstance(item["id"], str)
        assert item["id"]
        assert isinstance(item["content_html"], str)
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
        for name in ("date_published", "date_modified"):
            assert datetime.datetime.fromisoformat(item[name]).tzinfo is not None
        for address in filter(None, (item["url"], item.get("image"))):
            assert urlsplit(address).scheme == "https"
    for person in [*feed["authors"], *(person for item in feed["items"] for person in item.get("authors", []))]:
        assert set(person) & {"name", "url", "avatar"}


FORMATS = [(rss, check_rss), (atom, check_atom), (json_feed, check_json)]
each_format = pytest.mark.parametrize(("form", "check"), FORMATS, ids=["rss", "atom", "json"])


@each_format
@pytest.mark.parametrize("name", NAMES)
def test_every_script_comes_out_as_it_went_in(form: ModuleType, check: object, name: str) -> None:
    content = form.write(channel(name, entry(name)))
    check(content)  # type: ignore[operator]
    if form is json_feed:
        feed = json.loads(content)
        [item] = feed["items"]
        seen = [feed["title"], item["title"], item["authors"][0]["name"], *item["tags"]]
    else:
        feed = feedparser.parse(content, sanitize_html=False)
        assert not feed.bozo
        [item] = feed.entries
        seen = [feed.feed.title, item.title, item.authors[0].name, *(tag.term for tag in item.tags)]
    # A library that takes titles for HTML undoes what looks like a character of it; none of ours does.
    assert seen == [name] * 4


@each_format
def test_an_empty_feed_is_valid(form: ModuleType, check: object) -> None:
    check(form.write(channel()))  # type: ignore[operator]
    check(form.write(dataclasses.replace(channel(), title="", about="", publication="", rights="")))  # type: ignore[operator]


@each_format
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(st.characters(), max_size=40)
    | st.sampled_from(["]]>", "\ud800", "\x00\x0b\ufffe", "<b>&amp;</b>", "&#0;", "\r\n\t", "", "\x85\u2028"])
)
def test_no_text_costs_the_feed(form: ModuleType, check: object, text: str) -> None:
    content = form.write(channel(text, entry(text), entry(text, guid="b", urn="urn:b", authors=[], others=[], picture=None)))  # fmt: skip
    check(content)  # type: ignore[operator]
    content.decode("utf-8")
    if form is not json_feed and (kept := " ".join(for_xml(text).split())):
        own = "{http://www.w3.org/2005/Atom}" if form is atom else ""
        titles = [title.text for title in etree.fromstring(content).iter(f"{own}title")]
        assert [" ".join(title.split()) for title in titles] in ([kept] * 3, ["…"] * 3)
