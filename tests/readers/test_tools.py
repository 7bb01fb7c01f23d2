"""What scripts add to a piece: a passage copied with its source, an address copied. The page is whole without them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.readers.site import Site

pytestmark = pytest.mark.django_db

MARK = """([first, last]) => {
  const paragraphs = document.querySelectorAll(".body > p"), range = document.createRange()
  range.setStart(paragraphs[first].firstChild, 3); range.setEnd(paragraphs[last].firstChild, 30)
  getSelection().removeAllRanges(); getSelection().addRange(range); paragraphs[first].scrollIntoView()
}"""
CLIPBOARD = "navigator.clipboard.readText()"
# Whether the button lies over any line of the text.
COVERS = """() => {
  const tool = document.querySelector(".quote-tool button").getBoundingClientRect(), range = document.createRange()
  return [...document.querySelectorAll(".body > p")].some(p => { range.selectNodeContents(p); return [...range.getClientRects()].some(
    r => r.left < tool.right && r.right > tool.left && r.top < tool.bottom && r.bottom > tool.top) })
}"""


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    ) as context:
        yield context


def opened(context: BrowserContext, site: Site, name: str) -> Page:
    page = context.new_page()
    page.goto(site.address + site.pages[name])
    return page


@pytest.mark.parametrize("name", ["article", "arabic", "chinese"])
def test_a_marked_passage_is_copied_with_its_source(name: str, site: Site, context: BrowserContext) -> None:
    page = opened(context, site, name)
    tool = page.locator(".quote-tool")
    assert tool.is_hidden()
    page.evaluate(MARK, [1, 2])
    tool.wait_for(state="visible")
    assert not page.evaluate(COVERS)
    marked = page.evaluate("String(getSelection())").split("\n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".quote-tool [role=status]", has_text="Copied").wait_for(state="attached")
    quoted = page.evaluate(CLIPBOARD)
    first, *_, source, address = quoted.split("\n")
    assert first == f"“{marked[0].strip()}"
    assert page.locator("h1").inner_text() in source
    assert address.startswith(f"{site.address}{site.pages[name]}#:~:text=")
    page.keyboard.press("Escape")
    assert tool.is_hidden()
    # The address leads to the passage.
    other = context.new_page()
    other.set_viewport_size({"width": 1280, "height": 300})
    other.goto(address)
    for _ in range(50):
        if other.evaluate("scrollY"):
            break
        other.wait_for_timeout(100)
    assert other.evaluate("scrollY") > 0


def test_a_word_or_what_stands_outside_of_the_text_is_no_quotation(site: Site, context: BrowserContext) -> None:
    page = opened(context, site, "article")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    page.wait_for_timeout(400)
    assert page.locator(".quote-tool").is_hidden()


def test_the_address_is_copied(site: Site, context: BrowserContext) -> None:
    page = opened(context, site, "article")
    page.get_by_role("button", name="Copy link").click()
    page.locator(".share [role=status]", has_text="Copied").wait_for(state="attached")
    assert page.evaluate(CLIPBOARD) == f"{site.address}{site.pages['article']}"
