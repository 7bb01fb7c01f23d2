"""The portal in a real browser: every screen on desktop and phone, and a text that outlives its session."""

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.models import User
from articles.models import Article
from articles.status import Status
from tests.browser import ANYBODY, Window, chromium, window  # noqa: F401  fixtures
from tests.cast import PASSWORD, draft, piece_in
from tests.editorial.portal import at

pytestmark = pytest.mark.django_db(transaction=True)


def save_button(one: Window) -> Any:
    return one.page.locator("form.sheet > .actions").get_by_role("button", name="Save", exact=True)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_fits_and_breaks_no_policy(
    width: int,
    scheme: str,
    alice: User,
    bob: User,
    window: ANYBODY,  # noqa: F811
) -> None:
    long = draft(alice, title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 5)
    revising = piece_in(Status.REVISING, author=alice, editor=bob)
    asked = piece_in(Status.APPROVAL, author=alice, editor=bob)
    one = window(alice, width=width, color_scheme=scheme)
    addresses = [
        at("home"),
        at("new"),
        at("profile"),
        at("write", revising),
        at("changes", asked),
        at("preview", asked),
    ]
    addresses += [at("piece", article) for article in (long, revising, asked)]
    addresses += [at("step", long, "submit"), at("step", long, "withdraw"), at("step", revising, "resubmit")]
    for address in addresses:
        one.open(address)
        assert one.has_no_sideways_scroll(), address


def test_a_text_outlives_the_session_in_which_it_was_typed(alice: User, window: ANYBODY) -> None:  # noqa: F811
    one = window(alice, width=360)
    page = one.open(at("new"))
    page.fill("[name=title]", "Typed before the session ended")
    page.locator(".ProseMirror[contenteditable]").click()
    page.keyboard.type("Words with spaces between them.")
    one.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    save_button(one).click()
    expect(page.get_by_role("heading", name="Your text is safe")).to_be_visible()
    with one.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in, in a new window").click()
    other = opened.value
    other.fill("[name=login]", alice.email)
    other.fill("[name=password]", PASSWORD)
    other.locator("form:has([name=password]) button[type=submit]").first.click()
    other.wait_for_url(f"**{at('home')}")
    page.get_by_role("button", name="I have signed in: go on").click()
    # Signing in made a new key, so the old page's form needs one more press.
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Saved at").first).to_be_visible()
    article = Article.objects.get(corresponding=alice)
    assert article.latest.title == "Typed before the session ended"
    assert article.latest.body == "<p>Words with spaces between them.</p>"


def test_two_windows_of_one_piece(alice: User, window: ANYBODY) -> None:  # noqa: F811
    article = draft(alice)
    one, two = window(alice), window(alice)
    for each, title in ((one, "From the first window"), (two, "From the second window")):
        each.open(at("write", article))
        each.page.fill("[name=title]", title)
    save_button(one).click()
    expect(one.page.get_by_text("Saved at").first).to_be_visible()
    save_button(two).click()
    expect(two.page.get_by_text("another version was saved")).to_be_visible()
    two.page.get_by_role("button", name="Save mine over it").click()
    expect(two.page.get_by_text("Saved at").first).to_be_visible()
    article.refresh_from_db()
    assert article.latest.title == "From the second window"
