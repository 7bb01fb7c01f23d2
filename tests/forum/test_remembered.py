"""What is remembered by what it was made from."""

import pytest
from django.test.utils import override_settings
from django.utils import translation

from forum.models import Masthead
from forum.pagecache import shows
from forum.pagecache.shown import noting
from forum.remembered import Remembered, surroundings

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> list[str]:
    return []


def maker(made: list[str], name: str) -> str:
    made.append(name)
    shows(f"article:{name}")
    return name * 10


def test_the_same_is_made_once(made: list[str]) -> None:
    memory: Remembered[str] = Remembered(1000, len)
    for name in ("a", "b", "a", "a", "b"):
        assert memory(name, lambda name=name: maker(made, name)) == name * 10  # type: ignore[misc]  # bound at once
    assert made == ["a", "b"]


def test_a_page_that_uses_it_shows_what_it_shows(made: list[str]) -> None:
    memory: Remembered[str] = Remembered(1000, len)
    memory("a", lambda: maker(made, "a"))
    with noting() as shown:
        memory("a", lambda: maker(made, "a"))
    assert "article:a" in shown.tags
    with noting() as first:
        memory("b", lambda: maker(made, "b"))
    assert "article:b" in first.tags
    assert made == ["a", "b"]


def test_what_is_within_another_is_noted_with_it(made: list[str]) -> None:
    inner: Remembered[str] = Remembered(1000, len)
    outer: Remembered[str] = Remembered(1000, len)
    inner("a", lambda: maker(made, "a"))
    outer("page", lambda: inner("a", lambda: maker(made, "a")))
    with noting() as shown:
        outer("page", lambda: "never")
    assert "article:a" in shown.tags


def test_what_asks_the_database_is_not_remembered() -> None:
    memory: Remembered[str] = Remembered(1000, len)
    Masthead.objects.update_or_create(pk=1, defaults={"name": "One"})

    def name() -> str:
        return Masthead.objects.get().name

    assert memory("a", name) == "One"
    Masthead.objects.update(name="Two")
    assert memory("a", name) == "Two"


def test_it_stays_within_its_bounds_and_keeps_what_is_used(made: list[str]) -> None:
    memory: Remembered[str] = Remembered(400, len)
    for number in range(300):
        memory(number, lambda: "x" * 10)
        memory("used", lambda: maker(made, "used"))
        assert sum(one[2] for half in (memory._younger, memory._older) for one in half.values()) <= 400
    assert made == ["used"]
    assert memory("large", lambda: "x" * 201) == "x" * 201
    assert "large" not in memory._younger


def test_language_and_addresses_are_part_of_every_key() -> None:
    here = surroundings()
    with translation.override("fr"):
        assert surroundings() != here
    with override_settings(SITE_URL="https://elsewhere.example"):
        assert surroundings() != here


def test_a_masthead_for_pages_follows_its_row() -> None:
    Masthead.objects.update_or_create(pk=1, defaults={"name": "One"})
    first = Masthead.for_page()
    assert Masthead.for_page() is first
    Masthead.objects.update(name="Two")
    assert (Masthead.for_page().name, first.name) == ("Two", "One")
    # Who changes one, such as the desk, has one of their own.
    assert Masthead.current() is not Masthead.current()
