"""What a page costs its reader: bytes as they travel, requests to one origin only, nothing that moves, no script needed."""

import gzip
import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Response, Route

from articles.share_cards.fonts import Face, has
from tests.readers.content import NAMES, PAGES
from tests.readers.site import Site

pytestmark = pytest.mark.django_db

# Bytes as they travel. Pictures are not counted: each has its own sizes for each width.
BUDGET = {"document and sheets": 50_000, "script": 10_000, "font": 80_000}
KINDS = {"document": "document and sheets", "stylesheet": "document and sheets", "script": "script", "font": "font"}


def weight(response: Response) -> int:
    """As the server of a deployment sends it: compressed, but for what is compressed by itself. (The server of the tests
    sends files of ours as they are.)"""
    body = response.body()
    return len(body) if response.request.resource_type == "font" else len(gzip.compress(body, 9))


@pytest.mark.parametrize("name", ["article", "long", "arabic", "home", "region", "author", "results", "plain page"])
def test_within_the_budget(name: str, site: Site, chromium: Browser) -> None:
    """A first visit, with an empty cache."""
    spent: dict[str, int] = defaultdict(int)
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.on("response", note)
        page.goto(site.address + site.pages[name])
        page.evaluate("document.fonts.ready")
        page.wait_for_load_state("networkidle")
        assert context.cookies() == []
        for answer in answers:
            assert f"{urlsplit(answer.url).scheme}://{urlsplit(answer.url).netloc}" == site.address, answer.url
            assert answer.status == 200, answer.url
            if answer.request.resource_type in KINDS:
                spent[KINDS[answer.request.resource_type]] += weight(answer)
    assert spent["document and sheets"] > 0
    assert {kind: size for kind, size in spent.items() if size > BUDGET[kind]} == {}


FONTS = Path(settings.BASE_DIR) / "static" / "fonts"


def test_no_page_can_load_more_fonts_than_the_budget() -> None:
    """Whatever names are on it; half a kilobyte is what an answer has around each file."""
    files = sorted(FONTS.glob("*.woff2"))
    assert len(files) == 3
    assert sum(file.stat().st_size + 500 for file in files) < BUDGET["font"]


@pytest.mark.parametrize("file", sorted(FONTS.glob("*.woff2")), ids=lambda file: file.stem)
def test_no_name_in_latin_letters_is_set_in_two_fonts(file: Path) -> None:
    # Who drew the sans has left out these four.
    letters = set(re.sub(r"<[^>]+>", "", NAMES)) - set("ǎǐǒǔ" if "franklin" in file.stem else "")
    assert {letter for letter in letters if not has(Face(str(file)), letter)} == set()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_of_strangers(name: str, site: Site) -> None:
    """Of the addresses that a page asks for by itself, none is on another server. (Links are followed by whoever clicks.)"""
    tree = site.tree(name)
    asked = tree.xpath(
        "//*[self::img or self::script or self::iframe or self::source or self::video or self::audio or self::embed]/@src"
    )
    asked += [part.split()[0] for several in tree.xpath("//@srcset") for part in several.split(",")]
    asked += tree.xpath(
        "//link[contains('stylesheet preload modulepreload icon apple-touch-icon manifest preconnect dns-prefetch prefetch', @rel)]/@href"
    )
    asked += tree.xpath("//form/@action")
    strangers = {urlsplit(address).netloc for address in asked} - {"", urlsplit(site.address).netloc}
    assert strangers == set()


SHIFTS = """() => {
  window.shifts = []
  new PerformanceObserver(list => {
    for (const entry of list.getEntries())
      window.shifts.push([entry.value, entry.sources.map(source => source.node?.className || source.node?.nodeName).join(" ")])
  }).observe({ type: "layout-shift", buffered: true })
}"""


class Waiting:
    """Requests that are answered once the page was painted without."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.is_over = False

    def hold(self, route: Route) -> None:
        if self.is_over:
            route.continue_()
        else:
            self.routes.append(route)

    def release(self) -> None:
        self.is_over = True
        for route in self.routes:
            route.continue_()


PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
STILL = ("home", "article", "long", "arabic", "chinese", "region", "author", "results")


@pytest.mark.parametrize(("shape", "width", "height"), [("desk", 1280, 900), ("phone", 360, 740)])
def test_nothing_moves(shape: str, width: int, height: int, site: Site, chromium: Browser) -> None:
    """Our fonts come when the page has been painted with others; what the reader has begun to read stays where it is."""
    moved = {}
    with chromium.new_context(viewport={"width": width, "height": height}) as context:
        context.add_init_script(f"({SHIFTS})()")
        for name in STILL:
            page, waiting = context.new_page(), Waiting()
            page.route(re.compile(r"\.woff2"), waiting.hold)
            page.goto(site.address + site.pages[name], wait_until="domcontentloaded")
            page.evaluate(PAINTED)
            assert waiting.routes
            waiting.release()
            page.evaluate("document.fonts.ready")
            page.wait_for_load_state("load")
            page.evaluate(PAINTED)
            assert page.evaluate("[...document.fonts].some(font => font.status === 'loaded')")
            shifts = page.evaluate("shifts")
            if shifts:
                moved[name] = shifts
            page.close()
    assert moved == {}


@pytest.mark.parametrize("name", ["home", "article", "long", "region", "results", "history", "not found"])
def test_whole_without_scripts(name: str, site: Site, chromium: Browser) -> None:
    """The same words, and every control that is seen does something."""
    shown = {}
    for has_scripts in (True, False):
        with chromium.new_context(java_script_enabled=has_scripts) as context:
            page = context.new_page()
            page.goto(site.address + site.pages[name])
            shown[has_scripts] = page.locator("main").inner_text()
            if not has_scripts:
                buttons = page.locator("button:visible, [role=button]:visible").all()
                assert [b.inner_text() for b in buttons if b.get_attribute("type") == "button"] == []
    # What only a script can do is not offered without it.
    with_scripts = [line for line in shown[True].splitlines() if line in shown[False].splitlines()]
    assert with_scripts == shown[False].splitlines()
