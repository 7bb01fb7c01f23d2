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
from articles.listing import relist
from articles.models import Article, FrontPick, Series
from editorial.perform import perform
from tests.articles.shelf import ago, many
from tests.cast import STATES, piece_in

pytestmark = pytest.mark.django_db

SECOND = datetime.timedelta(seconds=1)
TICK = datetime.timedelta(microseconds=1)


def pick(article: Article, by: User, position: int = 1, **fields: object) -> FrontPick:
    return FrontPick.objects.create(article=article, by=by, position=position, **{"starts_at": ago(hours=1)} | fields)


def in_series(series: Series, pieces: list[Article]) -> None:
    for piece in pieces:
        piece.series = series
        piece.save(update_fields=["series"])
        relist(piece)


def titles(client: Client, part: str) -> list[str]:
    """The titles in the parts of the front page with this class, in order."""
    page = client.get("/").content.decode()
    found = re.findall(rf'<section class="{part} .*?</section>', page, re.DOTALL)
    return re.findall(r'<h3 class="title"[^>]*><a [^>]*>([^<]*)</a>', "".join(found))


def top(client: Client) -> list[str]:
    """The titles at the head of the front page, the lead first."""
    page = client.get("/").content.decode().split('<section class="selection"')[0]
    return re.findall(r'<h[23] class="title"[^>]*><a [^>]*>([^<]*)</a>', page)[:6]


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
    assert picked_at(timezone.now()).top == [second.pk, first.pk]


def test_a_span_counts_from_its_first_moment_to_its_last(alice: User, bob: User) -> None:
    piece = many(1, alice, bob)[0]
    start, end = ago(minutes=30), ago(minutes=10)
    pick(piece, bob, starts_at=start, ends_at=end)
    assert picked_at(start - TICK).top == []
    assert picked_at(start).top == [piece.pk]
    assert picked_at(end - TICK).top == [piece.pk]
    assert picked_at(end).top == []


def test_a_scheduled_pick_waits_for_the_piece(alice: User, bob: User) -> None:
    piece = piece_in("scheduled", author=alice, editor=bob)
    pick(piece, bob)
    assert picked_at(piece.published_at - TICK).top == []
    assert picked_at(piece.published_at).top == [piece.pk]


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
    pick(pieces[4], bob, 1, section="selection")
    selected = count()
    in_series(Series.objects.create(title="Feature"), many(3, alice, bob))
    assert without == one == selected == count() == 8


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


# --- The editors' selection -------------------------------------------------------------------------


def test_the_selection_stands_below_and_takes_no_place_from_what_is_new(client: Client, alice: User, bob: User) -> None:
    pieces = many(12, alice, bob)
    assert "Editors’ selection" not in client.get("/").content.decode()
    for place, number in enumerate((9, 2, 8, 11, 10, 7), start=1):
        pick(pieces[number], bob, place, section="selection")
    assert top(client) == [f"Piece {number}" for number in range(6)]
    # The third of the newest stands at the top already; there are four places.
    assert titles(client, "selection") == ["Piece 9", "Piece 8", "Piece 11", "Piece 10"]
    pick(pieces[8], bob, 1)
    assert titles(client, "selection") == ["Piece 9", "Piece 11", "Piece 10", "Piece 7"]


@pytest.mark.parametrize("state", [state for state in STATES if state != "published"])
def test_what_readers_may_not_see_is_not_selected(client: Client, alice: User, bob: User, state: str) -> None:
    pieces = many(8, alice, bob)
    pick(piece_in(state, author=alice, editor=bob, title="Zyxocanary"), bob, 1, section="selection")
    pick(pieces[7], bob, 2, section="selection")
    assert titles(client, "selection") == ["Piece 7"]
    assert "Zyxocanary" not in client.get("/").content.decode()


def test_the_selection_keeps_its_time(alice: User, bob: User) -> None:
    piece = many(1, alice, bob)[0]
    pick(piece, bob, section="selection", starts_at=ago(minutes=30), ends_at=ago(minutes=10))
    assert picked_at(ago(minutes=20)).selection == [piece.pk]
    assert picked_at(timezone.now()).selection == []


def test_without_regions_the_newest_go_on_below(client: Client, alice: User, bob: User) -> None:
    pieces = many(14, alice, bob)
    for piece in pieces:
        piece.regions.clear()
        relist(piece)
    page = client.get("/").content.decode()
    found = re.findall(r'<h[23] class="title"[^>]*><a [^>]*>(Piece [^<]*)</a>', page)
    assert found == [f"Piece {number}" for number in range(12)]


# --- Special features -------------------------------------------------------------------------------


def test_two_features_with_their_newest_pieces(client: Client, alice: User, bob: User) -> None:
    pieces = many(20, alice, bob)
    for number, title in enumerate(("Old", "Middle", "New")):
        in_series(Series.objects.create(title=title), pieces[16 - 4 * number : 20 - 4 * number])
    assert titles(client, "feature") == ["Piece 8", "Piece 9", "Piece 10", "Piece 12", "Piece 13", "Piece 14"]
    page = client.get("/").content.decode()
    assert page.index(">New</a>") < page.index(">Middle</a>")
    assert ">Old</a>" not in page
    assert page.count(">All 4 pieces</a>") == 2


def test_a_feature_of_which_all_but_one_stand_above_is_passed_over(client: Client, alice: User, bob: User) -> None:
    pieces = many(10, alice, bob)
    in_series(Series.objects.create(title="Above"), pieces[3:7])
    in_series(Series.objects.create(title="Below"), pieces[7:9])
    page = client.get("/").content.decode()
    assert ">Above</a>" not in page
    assert titles(client, "feature") == ["Piece 7", "Piece 8"]


def test_what_is_not_listed_is_in_no_feature(client: Client, alice: User, bob: User, mara: User) -> None:
    pieces = many(11, alice, bob)
    in_series(Series.objects.create(title="Feature"), pieces[7:])
    perform(pieces[8], "take_down", by=mara, note="A reader asked.")
    perform(pieces[9], "retract", by=mara, second_editor=bob, public_note="Invented.")
    in_series(Series.objects.create(title="Zyxocanary"), [piece_in("scheduled", author=alice, editor=bob)] * 2)
    assert titles(client, "feature") == ["Piece 7", "Piece 10"]
    page = client.get("/").content.decode()
    assert ">All 2 pieces</a>" in page
    assert "Zyxocanary" not in page


def test_no_piece_stands_there_twice(client: Client, alice: User, bob: User) -> None:
    pieces = many(20, alice, bob)
    in_series(Series.objects.create(title="Feature"), pieces[:14])
    pick(pieces[12], bob, 1)
    for place, number in enumerate((0, 12, 13, 9), start=1):
        pick(pieces[number], bob, place, section="selection")
    page = client.get("/").content.decode()
    found = re.findall(r'<h[23] class="title"[^>]*><a [^>]*>(Piece [^<]*)</a>', page)
    assert len(found) == len(set(found)) == 6 + 2 + 3 + 3
