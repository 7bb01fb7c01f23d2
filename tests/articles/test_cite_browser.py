"""Copying a citation in a real browser, and having one without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from forum.models import Masthead
from tests.browser import ANYBODY, chromium, window  # noqa: F401  fixtures
from tests.cast import piece_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_click_copies_the_entry_and_says_so(alice: User, bob: User, window: ANYBODY) -> None:  # noqa: F811
    masthead = Masthead.current()
    masthead.name = "Harbour Review"
    masthead.save()
    article = piece_in("published", author=alice, editor=bob)
    one = window(width=360, permissions=["clipboard-read", "clipboard-write"])
    page = one.open(article.get_absolute_url())
    page.get_by_text("Cite this piece").click()
    expect(page.locator("[data-copies]:visible")).to_have_count(3)
    page.locator("[data-copies=cite-mla]").click()
    expect(page.locator("dt:has([data-copies=cite-mla]) [role=status]")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Marlowe, Alice. “The tide tables of trade.” Harbour Review, ")
    kept = page.evaluate(
        "navigator.clipboard.read().then(items => items[0].getType('text/html')).then(blob => blob.text())"
    )
    assert "Harbour Review</i>" in kept
    assert one.has_no_sideways_scroll()


def test_a_browser_that_refuses_says_what_to_do(alice: User, bob: User, window: ANYBODY) -> None:  # noqa: F811
    article = piece_in("published", author=alice, editor=bob)
    one = window()
    one.context.add_init_script("navigator.clipboard.write = navigator.clipboard.writeText = () => Promise.reject()")
    page = one.open(article.get_absolute_url())
    page.get_by_text("Cite this piece").click()
    page.locator("[data-copies=cite-apa]").click()
    expect(page.locator("dt:has([data-copies=cite-apa]) [role=status]")).to_contain_text("Please select the text")


def test_without_scripts_there_is_the_text_and_no_dead_button(alice: User, bob: User, window: ANYBODY) -> None:  # noqa: F811
    article = piece_in("published", author=alice, editor=bob)
    one = window(java_script_enabled=False)
    page = one.open(article.get_absolute_url())
    page.get_by_text("Cite this piece").click()
    expect(page.locator("#cite-apa")).to_be_visible()
    expect(page.locator(".cite button:visible")).to_have_count(0)
