"""Pages of a running site for its readers, one of each type, found by following its own links; and the browser to open them."""

import os
import re
import shutil
import urllib.request
from urllib.parse import urljoin


def read(address: str) -> str:
    """What is answered there, as text."""
    request = urllib.request.Request(address, headers={"User-Agent": "Forum's own audit"})  # noqa: S310  the site's
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the same
        text: str = answer.read().decode()
    return text


def first(site: str, path: str, pattern: str) -> str:
    """The first address on a page that looks like that, as a path."""
    found = re.search(rf'href="(?:{re.escape(site)})?({pattern})"', read(urljoin(site, path)))
    if found is None:
        raise SystemExit(
            f"No address like {pattern} is on {urljoin(site, path)}: is it a demonstration that runs there?"
        )
    return found[1]


def pages_of(site: str) -> dict[str, str]:
    """Each type of page and where one is."""
    home = read(site + "/")
    articles = re.findall(r'href="(/[0-9]{4}/[0-9]{2}/[0-9]{2}/[-\w]+/)"', home)
    article = next((a for a in articles if "<figure" in read(site + a)), articles[0])
    year = first(site, "/archive/", r"/archive/[0-9]{4}/")
    return {
        "home": "/",
        "article": article,
        "print view": f"{article}print/",
        "history": f"{article}history/",
        "region": first(site, article, r"/regions/[-\w]+/"),
        "author": first(site, article, r"/authors/[-\w]+/"),
        "topic": first(site, article, r"/topics/[-\w]+/"),
        "special feature": first(site, "/series/", r"/series/[-\w]+/"),
        "regions": "/regions/",
        "authors": "/authors/",
        "year": year,
        "search": "/search/?q=the+price+of+rice",
        "plain page": "/about/",
    }


def chromium() -> str:
    """The browser, as the tests find it."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise SystemExit(
            "There is no Chromium. Install it (on Debian: apt-get install chromium), or name it: CHROMIUM=…"
        )
    return found
