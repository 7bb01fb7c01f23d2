"""The front page by hand: what is picked stands first for its time, and only while readers may see it."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import TimeMachineFixture

from accounts.models import User
from articles.front import front_page, picked_at
from articles.models import Article, FrontPick
from editorial.perform import perform
from tests.articles.shelf import ago, many
from tests.cast import STATES, piece_in

pytestmark = pytest.mark.django_db

SECOND = datetime.timedelta(seconds=1)
TICK = datetime.timedelta(microseconds=1)


def pick(article: Article, by: User, position: int = 1, **fields: object) -> FrontPick:
    return FrontPick.objects.create(article=article, by=by, position=position, **{"starts_at": ago(hours=1)} | fields)


def top(client: Client) -> list[str]:
    """The titles at the head of the front page, the lead first."""
    page = client.get("/").content.decode().split('<h2><a href="/regions/')[0]
    return re.findall(r'<h[23] class="title" dir="auto"><a [^>]*>([^<]*)</a>', page)[:6]


def test_without_picks_it_is_the_newest(client: Client, alice: User, bob: User) -> None:
    many(7, alice, bob)
    assert top(client) == [f"Piece {number}" for number in range(6)]
    assert '<h2 id="latest-title">Latest</h2>' in client.get("/").content.decode()


def test_picks_lead_and_are_featured_and_the_newest_fill_the_rest(client: Client, alice: User, bob: User) -> None:
    pieces = many(8, alice, bob)
    pick(pieces[7], bob, 1)
    pick(pieces[2], bob, 2)
    assert top(client) == ["Piece 7", "Piece 2", "Piece 0", "Piece 1", "Piece 3", "Piece 4"]
    page = client.get("/").content.decode()
    assert "Featured and latest" in page
    # Each stands once, whatever its region's shelf would show.
    assert page.count(">Piece 7</a>") == page.count(">Piece 2</a>") == 1


def test_more_picks_than_places_are_cut_and_doubles_removed(client: Client, alice: User, bob: User) -> None:
    pieces = many(8, alice, bob)
    pick(pieces[7], bob, 1)
    pick(pieces[7], bob, 2)
    for number in range(7):
        pick(pieces[number], bob, number + 3)
    assert top(client) == ["Piece 7", *(f"Piece {number}" for number in range(5))]
    assert '<h2 id="latest-title">Featured</h2>' in client.get("/").content.decode()


def test_of_two_at_one_place_the_later_begun_goes_first(alice: User, bob: User) -> None:
    first, second = many(2, alice, bob)
    pick(first, bob, 1, starts_at=ago(days=2))
    pick(second, bob, 1, starts_at=ago(days=1))
    assert picked_at(timezone.now()) == [second.pk, first.pk]


def test_a_span_counts_from_its_first_moment_to_its_last(alice: User, bob: User) -> None:
    piece = many(1, alice, bob)[0]
    start, end = ago(minutes=30), ago(minutes=10)
    pick(piece, bob, starts_at=start, ends_at=end)
    assert picked_at(start - TICK) == []
    assert picked_at(start) == [piece.pk]
    assert picked_at(end - TICK) == [piece.pk]
    assert picked_at(end) == []


def test_a_scheduled_pick_waits_for_the_piece(alice: User, bob: User) -> None:
    piece = piece_in("scheduled", author=alice, editor=bob)
    pick(piece, bob)
    assert picked_at(piece.published_at - TICK) == []
    assert picked_at(piece.published_at) == [piece.pk]


@pytest.mark.parametrize("state", [state for state in STATES if state != "published"])
def test_a_pick_that_readers_may_not_see_makes_room(client: Client, alice: User, bob: User, state: str) -> None:
    _, other = many(2, alice, bob)
    hidden = piece_in(state, author=alice, editor=bob, title="Zyxocanary")
    pick(hidden, bob, 1)
    pick(other, bob, 2)
    assert top(client) == ["Piece 1", "Piece 0"]
    assert "Zyxocanary" not in client.get("/").content.decode()


def test_a_pick_leaves_with_its_piece(client: Client, alice: User, bob: User, mara: User) -> None:
    pieces = many(2, alice, bob)
    pick(pieces[1], bob)
    assert top(client) == ["Piece 1", "Piece 0"]
    perform(pieces[1], "take_down", by=mara, note="A reader asked.")
    assert top(client) == ["Piece 0"]


def test_queries_do_not_grow_with_picks(client: Client, alice: User, bob: User) -> None:
    pieces = many(8, alice, bob)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        return len(queries)

    client.get("/")
    without = count()
    pick(pieces[7], bob, 1)
    one = count()
    pick(pieces[6], bob, 2)
    pick(pieces[5], bob, 3)
    assert without == one == count() == 9


def test_what_may_not_be_known_can_be_left_out(alice: User, bob: User) -> None:
    pieces = many(9, alice, bob)
    pick(pieces[8], bob)
    page = front_page(timezone.now(), leave_out={pieces[8].pk, pieces[0].pk})
    assert page.top == [piece.pk for piece in pieces[1:7]]
    assert not {pieces[8].pk, pieces[0].pk} & page.by_id.keys()


def test_a_pick_begins_by_itself(client: Client, alice: User, bob: User, time_machine: TimeMachineFixture) -> None:
    pieces = many(3, alice, bob)
    at = timezone.now() + datetime.timedelta(days=1)
    pick(pieces[2], bob, starts_at=at, ends_at=at + datetime.timedelta(hours=1))
    for moment, lead in ((at - SECOND, "Piece 0"), (at, "Piece 2"), (at + datetime.timedelta(hours=1), "Piece 0")):
        time_machine.move_to(moment, tick=False)
        assert top(client)[0] == lead, moment
