"""Parts of pages that are remembered: the same bytes, the same tags, and never of yesterday."""

import dataclasses
import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from accounts.models import User
from articles.models import Article
from articles.pieces import Link, Piece
from forum.models import Masthead
from forum.pagecache.shown import Shown, noting
from forum.remembered import forget_all
from tests.articles.test_crawl import Shelf, shelf  # noqa: F401  a fixture
from tests.articles.test_kept import GRAVE, SMALL

pytestmark = pytest.mark.django_db

FEEDS = ("feed/", "feed/atom/", "feed.json")


def addresses_of(shelf: Shelf) -> list[str]:  # noqa: F811
    """Of each kind that is made of remembered parts."""
    article = shelf.piece.get_absolute_url()
    series = shelf.piece.series
    assert series is not None
    lists = (
        "/regions/japan/",
        "/regions/east-asia/",
        "/topics/common/",
        "/authors/alice-marlowe/",
        series.get_absolute_url(),
    )
    months = ("/archive/", f"/archive/{shelf.piece.published_on:%Y/}", f"/archive/{shelf.piece.published_on:%Y/%m/}")
    return [
        "/", article, f"{article}print/", *(one.get_absolute_url() for one in shelf.others), *lists, *months,
        *(f"{under}{feed}" for under in ("/", *lists) for feed in FEEDS), "/search/?q=harbours", "/regions/", "/topics/", "/authors/",
        "/record/", f"{article}history/", "/sitemap.xml",
    ]  # fmt: skip


def asked(address: str) -> tuple[Shown, int, bytes]:
    with noting() as shown:
        answer = Client().get(address)
    return shown, answer.status_code, answer.content


def texts(addresses: list[str]) -> dict[str, tuple[int, bytes]]:
    return {address: asked(address)[1:] for address in addresses}


def test_a_page_of_remembered_parts_shows_what_it_showed_before(shelf: Shelf) -> None:  # noqa: F811
    """Without one of its tags it would be served when it is true no more."""
    for address in addresses_of(shelf):
        forget_all()
        first, again = asked(address), asked(address)
        assert first[1] == 200, address
        assert first[1:] == again[1:], address
        assert (first[0].tags, first[0].unheard, first[0].until) == (again[0].tags, again[0].unheard, again[0].until), (
            address
        )


@pytest.mark.parametrize("changes", [SMALL, GRAVE], ids=["small", "grave"])
def test_nothing_remembered_is_of_yesterday(shelf: Shelf, alice: User, bob: User, changes: list[Any]) -> None:  # noqa: F811
    """After each change, what is made of remembered parts is what is made of none."""
    addresses = addresses_of(shelf)
    for change in changes:
        before = texts(addresses)
        change(shelf, alice, bob)
        after = texts(addresses)
        forget_all()
        assert after == texts(addresses), change
        assert after != before, change


def test_the_language_of_the_site_is_seen_at_once(shelf: Shelf) -> None:  # noqa: F811
    addresses = ["/", shelf.piece.get_absolute_url(), "/regions/japan/", "/feed/"]
    texts(addresses)
    Masthead.objects.update_or_create(pk=1, defaults={"language": "fr"})
    after = texts(addresses)
    forget_all()
    assert after == texts(addresses)
    assert b"Citer" in after[shelf.piece.get_absolute_url()][1]


def test_the_foot_of_a_piece_tells_the_year_that_it_is(shelf: Shelf, time_machine: TimeMachineFixture) -> None:  # noqa: F811
    address = shelf.piece.get_absolute_url()
    year = timezone.now().year
    assert f"© {year} ".encode() in asked(address)[2]
    time_machine.move_to(timezone.now() + datetime.timedelta(days=366))
    assert f"© {year + 1} ".encode() in asked(address)[2]


@pytest.mark.parametrize("is_prepared", [True, False])
def test_with_and_without_prepared_statements_pages_are_the_same(
    shelf: Shelf,  # noqa: F811
    settings: Any,
    is_prepared: bool,
) -> None:
    addresses = addresses_of(shelf)
    first = texts(addresses)
    settings.DATABASE_PREPARE = not is_prepared
    forget_all()
    assert texts(addresses) == first


def test_a_piece_whose_rendering_is_missing_is_made_each_time(shelf: Shelf) -> None:  # noqa: F811
    """What was made in passing is not remembered, as it asks for pictures."""
    piece = Article.objects.get(pk=shelf.piece.pk)
    assert piece.live is not None
    address = piece.get_absolute_url()
    first = texts([address, "/feed/"])
    piece.live.rendering.delete()
    forget_all()
    assert texts([address, "/feed/"]) == texts([address, "/feed/"]) == first


def test_a_piece_on_another_page_is_the_same_but_for_the_order_of_its_regions() -> None:
    """Whatever is added to it, too: each of its parts is other than by default here."""
    kinds: dict[str, Any] = {one.name: object() for one in dataclasses.fields(Piece)} | {"region_list": [Link("Japan")]}
    piece = Piece(**kinds)
    other = piece.on_another_page()
    assert {name: getattr(other, name) for name in kinds} == kinds
    other.region_list.clear()
    assert piece.region_list == [Link("Japan")]
