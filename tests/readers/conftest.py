"""One publication, one server and one browser for all checks of readers' pages: making them anew costs more than the checks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser import Window, open_chromium
from tests.readers.content import publish
from tests.readers.site import Site


@pytest.fixture(scope="package")
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The publication of `tests.readers.content`, served; it goes when this folder's tests are through."""
    # Tests that are marked as using the database have one of their own; else what is flushed below were the site's.
    assert connection.settings_dict["NAME"].startswith("test_"), "Mark the tests of this module: django_db."
    media: Path = tmp_path_factory.mktemp("media")
    server = LiveServer("localhost")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=media, SITE_URL=server.url, ROOT_URLCONF="tests.readers.urls"),
    ):
        try:
            cache.clear()
            yield Site(server.url, publish())
        finally:
            server.stop()
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser of the other tests, opened once for this whole folder."""
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def reader(chromium: Browser, site: Site) -> Iterator[Window]:
    """A reader at a desk, in one window that goes from page to page."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield Window(context, site.address)
    context.close()


@pytest.fixture(autouse=True)
def _media() -> None:
    """The folder of pictures is the site's, and stays for all tests."""
