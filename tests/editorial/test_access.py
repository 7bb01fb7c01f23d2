"""The two ways in which access to a piece is asked, of a query and of one row, say the same."""

import pytest

from accounts.models import User
from articles.status import Status
from editorial import access, conflicts, writing
from editorial.effects import readers_on_desk
from editorial.perform import perform
from tests.cast import STATES, draft, person, piece_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", STATES)
def test_a_piece_that_is_its_authors_own_is_on_nobodys_desk(
    state: Status | str, alice: User, bob: User, mara: User
) -> None:
    piece = piece_in(state, author=alice, editor=bob)
    assert access.is_authors_own(piece) == (not access.is_on_desk(mara, piece))
    assert access.is_authors_own(piece) == (
        state in (Status.DRAFT, Status.WITHDRAWN) and piece.handling.submitted_revision is None
    )


def test_one_that_was_given_up_before_anybody_had_it_stays_its_authors(alice: User, mara: User, bob: User) -> None:
    piece = draft(alice)
    perform(piece, "withdraw", by=alice)
    assert piece.status == Status.WITHDRAWN
    assert access.is_authors_own(piece)
    assert not access.is_on_desk(mara, piece)
    assert readers_on_desk(piece) == []


def test_a_draft_that_an_editor_began_is_on_the_desk(alice: User, bob: User, mara: User) -> None:
    piece = writing.begin(by=bob, editor=bob, corresponding=alice, title="Tides", in_brief="", body="<p>Begun.</p>")
    assert not access.is_authors_own(piece)
    assert access.is_on_desk(mara, piece)
    assert readers_on_desk(piece) == [bob]


@pytest.mark.parametrize("state", STATES)
def test_the_desk_is_told_of_what_it_may_see(
    state: Status | str, alice: User, bob: User, bea: User, mara: User, carl: User
) -> None:
    piece = piece_in(state, author=alice, editor=bob)
    told = readers_on_desk(piece)
    may = [person for person in (alice, bob, bea, mara, carl) if access.may_decide(person, piece)]
    assert set(told) == set(may if piece.handling.editor is None else may and [bob])


def test_an_editor_with_a_conflict_is_told_no_more_and_the_others_are(
    alice: User, bob: User, bea: User, mara: User
) -> None:
    piece = piece_in(Status.EDITING, author=alice, editor=bob)
    assert readers_on_desk(piece) == [bob]
    conflicts.declare(piece, bob, by=mara, reason="They wrote a book together.")
    piece.refresh_from_db()
    assert set(readers_on_desk(piece)) == {bea, mara}


@pytest.mark.parametrize("count", [1, 3])
def test_telling_the_desk_asks_once_however_many_editors_there_are(
    count: int, alice: User, bob: User, django_assert_num_queries: object
) -> None:
    piece = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    for number in range(count):
        person(f"editor{number}@example.org", f"Editor {number}", "Editor")
    with django_assert_num_queries(2):  # type: ignore[operator]  # its handling, and the people
        assert len(readers_on_desk(piece)) == count + 1
