"""People at their browsers: a real Chromium, one window for each person, in which every policy violation is counted."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User
from tests.cast import PASSWORD

# Set before a page's own scripts run, so that nothing is missed; the list is handed to Python at once.
LISTEN = "addEventListener('securitypolicyviolation', e => noteViolation(`${e.violatedDirective} ${e.blockedURI} ${location.pathname}`))"
ANYBODY = Callable[..., "Window"]
# Only what is wrong is told: what is right, of each element and each rule, takes longer to send than to find.
AXE = """async rules => {
  const found = await axe.run({ runOnly: rules, resultTypes: ["violations"], preload: false })
  return found.violations.map(rule => `${rule.id}: ${rule.nodes.slice(0, 3).map(node => node.target).join(" | ")}`)
}"""


def bring_axe(page: Page) -> None:
    """Once for each page that was loaded."""
    page.evaluate(AXE_SCRIPT)


def ask_axe(page: Page, rules: list[str]) -> list[str]:
    """What these rules find wrong with the page as it is shown."""
    found: list[str] = page.evaluate(AXE, rules)
    return found


class Window:
    """One person's browser."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.violations: list[str] = []
        self.failures: list[str] = []
        context.expose_function("noteViolation", lambda found: self.violations.append(found))  # noqa: PLW0108  it sets an attribute on it
        context.add_init_script(LISTEN)
        context.set_default_timeout(15_000)
        self.page: Page = context.new_page()
        self.page.on("response", self._note)

    def _note(self, response: Any) -> None:
        if response.status >= 500:
            self.failures.append(f"{response.status} {response.url}")

    def open(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.address + path)
        return self.page

    def sign_in(self, user: User) -> Page:
        """By the site's own sign-in page."""
        self.open("/accounts/login/")
        self.page.fill("[name=login]", user.email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.locator("form:has([name=password]) button[type=submit]").first.click()
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self.page

    def has_no_sideways_scroll(self) -> bool:
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1")
        )


@contextlib.contextmanager
def open_chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Playwright's own loop runs in this thread, which Django takes for an asynchronous view.
        before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        path = (
            os.environ.get("CHROMIUM")
            or shutil.which("chromium")
            or shutil.which("chromium-browser")
            or "/usr/bin/chromium"
        )
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield browser
        browser.close()
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def window(chromium: Browser, live_server: Any, settings: Any) -> Iterator[ANYBODY]:
    """`window(alice)` opens a signed-in browser, `window()` that of an anonymous reader; at the end none was violated."""
    settings.SITE_URL = live_server.url
    opened: list[Window] = []

    def open_for(user: User | None = None, *, width: int = 1280, **options: Any) -> Window:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        found = Window(context, live_server.url)
        opened.append(found)
        if user is not None:
            found.sign_in(user)
        return found

    yield open_for
    violations = [v for one in opened for v in one.violations]
    failures = [f for one in opened for f in one.failures]
    for one in opened:
        one.context.close()
    assert violations == [], violations
    assert failures == [], failures
