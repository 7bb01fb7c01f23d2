"""Every type of page for readers, in every way of looking at it: nothing that axe finds (WCAG 2.2 AA and its best practice),
no sideways scroll, no text cut off, no violation of the policy."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser import Window, ask_axe, bring_axe
from tests.readers.content import PAGES
from tests.readers.site import Site

pytestmark = pytest.mark.django_db

LOOK = (Path(__file__).parent / "look.js").read_text()
# Every rule where the page has another shape. The others read the same document again: there the rules that look at it do.
ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
SIZES = ["target-size", "scrollable-region-focusable"]
# As a reader's own style sheet, which the policy of the page does not touch.
STYLE = "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }"
# WCAG 1.4.12.
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }"


@dataclass(frozen=True)
class Way:
    """A way of looking at a page, and what axe is asked there."""

    name: str
    rules: list[str]
    width: int = 1280
    height: int = 900
    css: str = ""
    text: int = 16  # the size of text that the reader chose in the browser
    media: dict[str, Any] = field(default_factory=dict)


WAYS = (
    Way("light", ALL),
    Way("dark", COLOURS, media={"color_scheme": "dark"}),
    # The colours are the reader's own then, and axe takes ours for them: that nothing opts out is looked at (look.js).
    Way("forced colours", ["link-in-text-block"], media={"forced_colors": "active"}),
    Way("200 % text", SIZES, text=32),
    Way("text spacing", SIZES, css=SPACED),
    Way("phone", ALL, 360, 740),
    Way("200 % text on a phone", SIZES, 360, 740, text=32),
    Way("text spacing on a phone", SIZES, 360, 740, css=SPACED),
    Way("320 px", SIZES, 320, 640),
    Way("400 % zoom", SIZES, 320, 256),
    Way("print", COLOURS, 720, 1000, media={"media": "print"}),
)
USUAL: dict[str, Any] = {"color_scheme": "light", "forced_colors": "none", "media": "screen"}


def take(page: Page, way: Way, browser: CDPSession) -> None:
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": way.text, "fixed": way.text - 3}})
    page.emulate_media(**(USUAL | way.media))
    page.set_viewport_size({"width": way.width, "height": way.height})
    page.evaluate(STYLE, way.css)


@pytest.mark.parametrize("name", PAGES)
def test_every_page(name: str, site: Site, reader: Window) -> None:
    reader.violations.clear()
    page = reader.open(site.pages[name])
    browser = reader.context.new_cdp_session(page)
    take(page, WAYS[0], browser)
    page.wait_for_load_state("load")
    assert reader.violations == []
    bring_axe(page)
    found = {}
    for way in WAYS:
        take(page, way, browser)
        if problems := page.evaluate(LOOK) + ask_axe(page, way.rules):
            found[way.name] = problems
    assert found == {}
