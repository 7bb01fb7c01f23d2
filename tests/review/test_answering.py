"""What a referee answers: one wins, a decliner can return, nothing goes to somebody else's address."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from editorial import deadlines
from editorial.models import Event, Letter
from editorial.registry import Blocked
from forum.models import Mail
from review import answering, rounds
from review.models import Review
from tests.cast import in_days
from tests.review.refereeing import accepted, in_review, invited, referee, round_of, submitted

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def asked(alice: User, bob: User) -> Review:
    return invited(round_of(in_review(alice, bob)), referee())


def kinds(review: Review) -> set[str]:
    return set(Letter.objects.filter(article=review.round.article_id).values_list("kind", flat=True))


def fresh(review: Review) -> Review:
    return Review.objects.select_related("round__article").get(pk=review.pk)


def test_agreeing_needs_no_conflict_and_tells_both(asked: Review) -> None:
    with pytest.raises(Blocked) as answer:
        answering.accept(asked, by=None, no_conflict=False)
    assert [reason.where for reason in answer.value.reasons] == ["no_conflict"]
    answering.accept(asked, by=None, no_conflict=True)
    found = fresh(asked)
    assert (found.state, bool(found.no_conflict_at)) == ("accepted", True)
    assert deadlines.current(found.round.article, "answer", found.pk) is None
    assert deadlines.current(found.round.article, "review", found.pk) is not None
    assert {"referee_accepted", "referee_agreed_desk"} <= kinds(asked)
    before = Mail.objects.count()
    answering.accept(asked, by=None, no_conflict=True)  # a second press
    assert Mail.objects.count() == before
    # What is recorded names nobody.
    event = Event.objects.get(transition="referee_accepted")
    assert event.by is None
    assert "Gauge" not in str(event.data)


def test_whoever_declined_can_return_with_all_that_was_written(alice: User, bob: User) -> None:
    review = accepted(round_of(in_review(alice, bob)), referee(), for_author="Half a review.")
    with pytest.raises(Blocked):
        answering.cannot(review, by=None, why="")
    promised = in_days(40)
    deadlines.put(review.round.article, "review", promised, by=bob, now=timezone.now(), subject=review.pk)
    answering.cannot(review, by=None, why="busy", note="A\x00 grant", others="Nora Gale, Tidewater")
    found = fresh(review)
    assert (found.state, found.cant_why, found.cant_others) == ("cant", "busy", "Nora Gale, Tidewater")
    letter = Letter.objects.get(kind="referee_cant_desk")
    assert "Nora Gale" in letter.text
    assert deadlines.current(found.round.article, "review", found.pk) is None
    answering.undo_cannot(review, by=None)
    found = fresh(review)
    assert (found.state, found.for_author, found.cant_why) == ("invited", "Half a review.", "")
    assert deadlines.current(found.round.article, "answer", found.pk) is not None
    due = deadlines.current(found.round.article, "review", found.pk)
    assert due is not None
    assert due.due_on == promised
    answering.accept(review, by=None, no_conflict=True)
    assert fresh(review).state == "accepted"


def test_who_returns_after_the_round_closed_is_told(asked: Review, bob: User) -> None:
    answering.cannot(asked, by=None, why="field")
    now = timezone.now()
    rounds.close(
        round_of(asked.round.article), by=bob, now=now, outcome="accept", settle={}, withhold={}, released_at=now
    )
    with pytest.raises(answering.Over):
        answering.undo_cannot(asked, by=None)
    assert fresh(asked).state == "cant"


@pytest.mark.parametrize("act", [
    lambda r: answering.accept(r, by=None, no_conflict=True),
    lambda r: answering.cannot(r, by=None, why="busy"),
    lambda r: answering.ask_more_time(r, by=None, due_on=datetime.date(2099, 1, 1)),
])  # fmt: skip
def test_nothing_is_answered_after_cancelling(asked: Review, act: Any) -> None:
    rounds.cancel(asked, now=timezone.now())
    with pytest.raises(answering.Over):
        act(asked)
    assert fresh(asked).state == "cancelled"


def test_more_time_is_asked_for_within_reason_and_moves_nothing(alice: User, bob: User) -> None:
    review = accepted(round_of(in_review(alice, bob)), referee())
    stands = deadlines.current(review.round.article, "review", review.pk)
    assert stands is not None
    for wrong in (None, stands.due_on, stands.due_on + 400 * DAY):
        with pytest.raises(Blocked):
            answering.ask_more_time(review, by=None, due_on=wrong)
    answering.ask_more_time(review, by=None, due_on=stands.due_on + 7 * DAY, why="A grant is due.")
    found = fresh(review)
    assert found.asked_due_on == stands.due_on + 7 * DAY
    assert deadlines.current(review.round.article, "review", review.pk) == stands
    assert "A grant is due." in Letter.objects.get(kind="more_time_desk").text


def test_a_new_link_goes_to_the_same_address_and_not_without_end(asked: Review) -> None:
    for _ in range(5):
        answering.send_link(asked)
    letters = Letter.objects.filter(kind="referee_link")
    assert letters.count() == answering.MOST_LINKS
    assert set(letters.values_list("address", flat=True)) == {asked.referee.email}
    assert not any("/referee/" in letter.text for letter in letters)  # the secret is in the mail alone


def test_another_account_answers_for_nobody(asked: Review, sam: User) -> None:
    for act in (
        lambda: answering.accept(asked, by=sam, no_conflict=True),
        lambda: answering.cannot(asked, by=sam, why="busy"),
        lambda: answering.pause(asked.referee, by=sam, until=None),
        lambda: answering.declare(asked.referee, by=sam, conflicts="x"),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_a_referee_says_when_and_whom_not(sam: User) -> None:
    who = referee("Sam Stranger", sam.email, user=sam)
    with pytest.raises(Blocked):
        answering.pause(who, by=sam, until=timezone.localdate())
    answering.pause(who, by=sam, until=timezone.localdate() + 30 * DAY)
    answering.declare(who, by=sam, conflicts=" Tidewater University \n\nTidewater University\nA. Marlowe")
    who.refresh_from_db()
    assert who.not_before == timezone.localdate() + 30 * DAY
    assert who.conflicts == "Tidewater University\nA. Marlowe"


def test_a_sent_review_is_not_declined(alice: User, bob: User) -> None:
    review = submitted(round_of(in_review(alice, bob)), referee())
    with pytest.raises(answering.Over):
        answering.cannot(review, by=None, why="busy")
