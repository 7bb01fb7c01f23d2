"""The database for tests, started for the run if DATABASE_URL names none; the cast; the worker."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from forum import embedded
from tests import database
from tests.browser import chromium, window  # noqa: F401  fixtures
from tests.cast import ada, alice, bea, bob, carl, mara, root, sam  # noqa: F401  fixtures
from tests.kept import process  # noqa: F401  a fixture


def pytest_configure(config: pytest.Config) -> None:
    # Under xdist the one that starts the others starts it for them, and is the last to leave.
    if settings.IS_EMBEDDED and not hasattr(config, "workerinput"):
        embedded.ensure(settings.VAR, is_durable=False)


# Modules that take minutes, the longest first.
LONG = (
    "test_every_screen",
    "test_every_page",
    "test_html",
    "test_weight",
    "test_addresses",
    "test_canary",
    "test_rich_text",
    "test_desk_saving",
    "test_desk_pages",
    "test_workflow",
    "test_refereed",
    "test_crash",
    "test_one_piece",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that two processes end at the same time and not one long after the other."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there by now stays to the end, and need not be looked through for what can go."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if settings.IS_EMBEDDED and not hasattr(config, "workerinput"):
        embedded.release(settings.VAR)


@pytest.fixture(scope="session")
def _copies(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: Any,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_use_migrations: bool,
) -> Iterator[database.Copies | None]:
    """Held from before the database of this process is made until it is there."""
    database.empty_quickly()
    # One that stays from run to run, or that is no copy of what migrations make.
    if (django_db_keepdb and not django_db_createdb) or not django_db_use_migrations:
        yield None
        return
    with django_db_blocker.unblock():
        copies = database.Copies()
    yield copies
    copies.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(_copies: database.Copies | None) -> None:
    if _copies is not None:
        _copies.begin_from_one()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, _copies: database.Copies | None) -> None:
    if _copies is not None:
        with django_db_blocker.unblock():
            _copies.keep_one()


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> None:
    """Pictures of a test go with it."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def drain(transactional_db: None) -> Callable[[], None]:
    """Runs the worker until nothing is left to do. Jobs survive the flush of a test, so those of others go first."""
    from django.db import connection
    from procrastinate.contrib.django import app

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    def run() -> None:
        # In a thread of its own: a test in a browser runs within Playwright's loop.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(work).result()

    def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
        connection.close()

    return run
