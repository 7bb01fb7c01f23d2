"""What each type of page weighs on a first visit by phone, in bytes as they travel.

.venv/bin/python -m bench.weights [http://localhost:8000]
"""

import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from bench.readers import chromium, pages_of

KINDS = {"Document": "HTML", "Stylesheet": "CSS", "Script": "script", "Font": "fonts", "Image": "pictures"}
# What an article may weigh, in kB. Pictures have no budget: they have sizes for each width, and come when they are near.
BUDGET = {"HTML and CSS": 50, "script": 10, "fonts": 80}


@dataclass
class Visit:
    """One first visit."""

    path: str
    bytes: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    strangers: set[str] = field(default_factory=set)

    def kilobytes(self, *kinds: str) -> float:
        return sum(self.bytes[kind] for kind in kinds) / 1000


def visit(browser: Browser, site: str, path: str) -> Visit:
    """Open a page with an empty cache and add up what came."""
    found, kinds = Visit(path), dict[str, str]()
    with browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2) as context:
        page = context.new_page()
        network = context.new_cdp_session(page)

        def answered(event: dict[str, Any]) -> None:
            kinds[event["requestId"]] = KINDS.get(event["type"], "other")
            found.requests += 1
            if urlsplit(event["response"]["url"]).netloc not in (urlsplit(site).netloc, ""):
                found.strangers.add(event["response"]["url"])

        def finished(event: dict[str, Any]) -> None:
            found.bytes[kinds.get(event["requestId"], "other")] += event["encodedDataLength"]

        network.on("Network.responseReceived", answered)
        network.on("Network.loadingFinished", finished)
        network.send("Network.enable")
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
    return found


def weigh(site: str) -> dict[str, Visit]:
    """A first visit to each type of page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            return {name: visit(browser, site, path) for name, path in pages_of(site).items()}
        finally:
            browser.close()


COLUMNS = ("page", "HTML", "CSS", "script", "fonts", "pictures", "requests", "of strangers")


def rows(visits: dict[str, Visit]) -> list[tuple[str, ...]]:
    """As a table, in kB."""
    return [
        (name, *(f"{one.kilobytes(kind):.1f}" for kind in COLUMNS[1:6]), str(one.requests), str(len(one.strangers)))
        for name, one in visits.items()
    ]


def over(visits: dict[str, Visit]) -> list[str]:
    """Where a budget is exceeded, in words."""
    found = []
    for name, one in visits.items():
        for kind, limit in BUDGET.items():
            if (spent := one.kilobytes(*kind.split(" and "))) > limit:
                found.append(f"{name}: {kind} is {spent:.1f} kB, of at most {limit}")
        found += [f"{name}: asks {address}" for address in sorted(one.strangers)]
    return found


def main() -> None:
    """Weigh, print."""
    visits = weigh((sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000").rstrip("/"))
    table = Table(*COLUMNS, title="A first visit by phone, kB as they travel")
    for row in rows(visits):
        table.add_row(*row)
    console = Console()
    console.print(table)
    for problem in over(visits):
        console.print(f"[red]{problem}[/red]")


if __name__ == "__main__":
    main()
