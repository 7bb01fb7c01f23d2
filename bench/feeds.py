"""Feeds of a running site, held to what the W3C's feed validator asks for: `check(site) -> {address: [what is wrong]}`."""

import re
import urllib.request
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it has none
from lxml import etree, html  # type: ignore[import-untyped]  # its types are another package

from bench.readers import pages_of, read

SCHEMA = Path(__file__).resolve().parent.parent / "tests" / "articles" / "schemas" / "atom.rng"
ATOM, DC = "{http://www.w3.org/2005/Atom}", "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
TYPES = {"rss": "application/rss+xml", "feed": "application/atom+xml"}
LINK = re.compile(r'<link[^>]+type="application/(?:rss|atom)\+xml"[^>]*>')


def addresses(site: str) -> list[str]:
    """Every feed that the types of page name."""
    found: dict[str, None] = {}
    for path in pages_of(site).values():
        for link in LINK.findall(read(site + path)):
            if href := re.search(r'href="([^"]+)"', link):
                found[href[1] if href[1].startswith("http") else site + href[1]] = None
    return list(found)


def check(site: str) -> dict[str, list[str]]:
    """Every feed, by its path."""
    return {address.removeprefix(site): wrong_with(address) for address in addresses(site)}


def wrong_with(address: str) -> list[str]:
    """In words, nothing if all is well."""
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  our own site
        content, kind = answer.read(), answer.headers["Content-Type"]
    found = []
    if (parsed := feedparser.parse(content)).bozo:
        found.append(f"feedparser: {parsed.bozo_exception}")
    tree = etree.fromstring(content)
    name = etree.QName(tree).localname
    if not kind.startswith(TYPES.get(name, "?")):
        found.append(f"is served as {kind}")
    found += _atom(tree) if name == "feed" else _rss(tree)
    if address not in [str(link.get("href")) for link in tree.iter(f"{ATOM}link") if link.get("rel") == "self"]:
        found.append("has no link to itself")
    return found


def _atom(tree: etree._Element) -> list[str]:
    found = []
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    if not schema.validate(tree):
        found.append(f"schema: {schema.error_log.last_error}")
    entries = tree.findall(f"{ATOM}entry")
    found += _unique([str(entry.findtext(f"{ATOM}id")) for entry in entries])
    for entry in entries:
        moment = datetime.fromisoformat(str(entry.findtext(f"{ATOM}updated")))
        if moment.tzinfo is None or moment > datetime.now(UTC):
            found.append(f"date {moment}")
        for part in (f"{ATOM}content", f"{ATOM}summary"):
            if (node := entry.find(part)) is not None and node.get("type") == "html":
                found += _text(node.text or "")
    return found


def _rss(tree: etree._Element) -> list[str]:
    channel = tree.find("channel")
    if channel is None:
        return ["has no channel"]
    found = [f"channel has no {name}" for name in ("title", "link", "description") if not channel.findtext(name)]
    items = channel.findall("item")
    found += _unique([str(item.findtext("guid")) for item in items])
    for item in items:
        if not item.findtext("title") and not item.findtext("description"):
            found.append("item without title and description")
        guid = item.find("guid")
        if guid is not None and guid.get("isPermaLink", "true") == "true" and not str(guid.text).startswith("http"):
            found.append(f"guid {guid.text} is no address")
        if item.find("author") is not None and "@" not in str(item.findtext("author")):
            found.append("author without e-mail address")
        when = str(item.findtext("pubDate"))
        if not re.fullmatch(r"(\w{3}, )?\d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} ([+-]\d{4}|GMT)", when):
            found.append(f"pubDate {when}")
        elif parsedate_to_datetime(when) > datetime.now(UTC):
            found.append(f"pubDate {when} is to come")
        found += _text(item.findtext(CONTENT) or "")
    return found


def _unique(ids: list[str]) -> list[str]:
    return [f"id twice: {one}" for one in sorted(set(ids)) if ids.count(one) > 1]


def _text(content: str) -> list[str]:
    """What the validator warns of in a text: relative addresses, scripts, styles."""
    if not content.strip():
        return []
    tree = html.fragment_fromstring(content, create_parent=True)
    found = [f"relative address {a}" for a in tree.xpath("//@href | //@src") if not re.match(r"https?://|mailto:|#", a)]
    found += [f"<{e.tag}> in a text" for e in tree.xpath("//script | //style | //iframe | //form | //object")]
    return found + ["style attribute in a text" for _ in tree.xpath("//@style")]
