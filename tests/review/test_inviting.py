"""Inviting at the desk: who is listed, invited, stopped, cancelled, replaced, reminded, given another day."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from editorial import deadlines
from editorial.letter_words import Wording
from editorial.letters import HOLD
from editorial.models import Deadline, Event, Letter
from editorial.registry import Blocked
from forum.models import Mail
from review import inviting, links, turn
from review.models import Referee, Review, Round
from tests.cast import author_for, in_days
from tests.review import refereeing

pytestmark = pytest.mark.django_db


@pytest.fixture
def round(alice: User, bob: User) -> Round:
    return refereeing.round_of(refereeing.in_review(alice, bob))


def invite(round: Round, who: Referee | Review, by: User, **more: Any) -> Review:
    return inviting.invite(round, who, by=by, **{"answer_by": in_days(5), "review_by": in_days(19)} | more)


def events(round: Round) -> list[str]:
    return list(round.article.events.values_list("transition", flat=True))


def test_an_invitation_waits_ten_minutes_with_its_days_label_and_own_address(round: Round, bob: User) -> None:
    now = timezone.now()
    rita = refereeing.referee()
    review = invite(round, rita, bob, now=now)
    assert (review.state, review.label, review.invited_by) == ("invited", 1, bob)
    letter = review.letter
    assert letter is not None
    assert (letter.kind, letter.address, letter.names_referee) == ("referee_invited", rita.email, True)
    assert letter.mail.not_before == now + HOLD
    assert letter.mail.state == Mail.State.WAITING
    token = letter.mail.text.split("/referee/")[1].split("/")[0]
    assert links.find(token, now) == review
    assert token not in letter.text
    assert {d.kind: d.due_on for d in Deadline.objects.filter(subject=review.pk)} == {"answer": in_days(5), "review": in_days(19)}  # fmt: skip
    assert "Rita" not in str(Event.objects.get(transition="referee_invited").data)


def test_a_referee_keeps_the_number_through_all_rounds_and_states(round: Round, bob: User) -> None:
    rita, ruth = refereeing.referee(), refereeing.referee("Ruth Sounding")
    first, second = invite(round, rita, bob), invite(round, ruth, bob)
    inviting.cancel(first, by=bob)
    again = invite(round, rita, bob)
    assert (again.pk, again.label, again.state, second.label) == (first.pk, 1, "invited", 2)
    assert again.cancelled_at is None
    later = Round.objects.create(
        article=round.article, number=2, revision=round.revision, form=round.form, from_status="submitted", opened_by=bob,
        expected_on=in_days(30), closed_at=timezone.now(), outcome="minor",
    )  # fmt: skip
    assert inviting._label(round.article, ruth) == 2
    assert later.reviews.count() == 0


def test_the_letter_goes_as_it_was_read(round: Round, bob: User) -> None:
    rita = refereeing.referee()
    read = inviting.letter_to(round, rita, in_days(5), in_days(19))
    assert "[name]" in read.text
    assert "[link]" in read.text
    review = invite(round, rita, bob, by_hand=Wording(read.subject, read.text + "\n\nP.S. [[sic] Please do."))
    assert review.letter is not None
    sent = review.letter.mail.text
    assert sent.startswith("Dear Rita Gauge")
    assert sent.endswith("P.S. [sic] Please do.")
    assert "/referee/" in sent
    usual = invite(round, refereeing.referee("Ruth Sounding"), bob)
    assert usual.letter is not None
    assert usual.letter.text.replace("Ruth Sounding", "Rita Gauge") == review.letter.text.rpartition("\n\nP.S.")[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [("Dear [name], please come.", "[link] is missing"), ("", "empty"), ("[link] [title]", "not filled in"), ("[link]\x00", "can’t be kept")],
)  # fmt: skip
def test_a_letter_that_is_no_use_is_refused(text: str, said: str, round: Round, bob: User) -> None:
    with pytest.raises(Blocked) as answer:
        invite(round, refereeing.referee(), bob, by_hand=Wording("Subject", text))
    assert said in str(answer.value)
    assert not round.reviews.exists()


def test_who_is_never_invited(round: Round, alice: User, bob: User, bea: User) -> None:
    author = refereeing.referee("Alice M.", alice.email)
    editor = refereeing.referee("Bob", bob.email, user=bob)
    for who in (author, editor):
        with pytest.raises(Blocked):
            invite(round, who, bob)
        with pytest.raises(Blocked):
            inviting.list_next(round, who, by=bob)
    herself = refereeing.referee("Bea", bea.email, user=bea)
    with pytest.raises(Blocked, match="You would referee"):
        invite(round, herself, bea)
    rita = refereeing.referee()
    invite(round, rita, bob)
    with pytest.raises(Blocked, match="is invited in this round already"):
        invite(round, rita, bob)
    assert round.reviews.count() == 1


def test_a_conflict_needs_a_reason_and_a_pause_a_confirmation(round: Round, bob: User) -> None:
    rita = refereeing.referee(affiliation="Tidewater University", not_before=in_days(30))
    with pytest.raises(Blocked) as answer:
        invite(round, rita, bob)
    assert {reason.where for reason in answer.value.reasons} == {"override", "despite_pause"}
    review = invite(round, rita, bob, override="The only one who knows sluices.", despite_pause=True)
    event = Event.objects.get(transition="referee_invited")
    assert event.data["override"] == "The only one who knows sluices."
    assert event.data["conflicts"] == ["affiliation"]
    assert event.note == ""  # copy editors read the notes
    assert review.state == "invited"


@pytest.mark.parametrize(
    ("answer_by", "review_by", "where"),
    [(-1, 10, "answer_by"), (5, 4, "review_by"), (5, 2000, "review_by"), (-3, -2, "review_by")],
)
def test_days_are_ahead_and_in_order(answer_by: int, review_by: int, where: str, round: Round, bob: User) -> None:
    with pytest.raises(Blocked) as answer:
        invite(round, refereeing.referee(), bob, answer_by=in_days(answer_by), review_by=in_days(review_by))
    assert where in {reason.where for reason in answer.value.reasons}


def test_nobody_is_invited_before_somebody_looked_at_what_gives_the_authors_away(round: Round, bob: User) -> None:
    Round.objects.filter(pk=round.pk).update(traces=[{"kind": "name", "quote": "Alice", "where": "text", "says": "x"}], traces_seen_at=None)  # fmt: skip
    rita = refereeing.referee()
    with pytest.raises(Blocked, match="give the authors away"):
        invite(round, rita, bob)
    inviting.confirm_traces(round, by=bob)
    round.refresh_from_db()
    assert round.traces_seen_by == bob
    invite(round, rita, bob)


def test_only_who_decides_about_the_piece(round: Round, alice: User, carl: User, sam: User) -> None:
    rita = refereeing.referee()
    review = refereeing.invited(round, refereeing.referee("Ruth Sounding"))
    for who in (alice, carl, sam):
        for act in (
            lambda who=who: invite(round, rita, who),
            lambda who=who: inviting.list_next(round, rita, by=who),
            lambda who=who: inviting.cancel(review, by=who),
            lambda who=who: inviting.nudge(review, by=who),
            lambda who=who: inviting.want(round, 3, by=who),
        ):
            with pytest.raises(PermissionDenied):
                act()
    assert not Letter.objects.filter(kind__startswith="referee_").exists()


# --- taking back -----------------------------------------------------------------------------------


def test_stopping_in_time_leaves_no_trace_at_the_referee(round: Round, bob: User) -> None:
    review = invite(round, refereeing.referee(), bob)
    token = review.letter.mail.text.split("/referee/")[1].split("/")[0]  # type: ignore[union-attr]
    assert inviting.may_stop(review)
    inviting.stop_invitation(review, by=bob)
    review.refresh_from_db()
    assert (review.state, review.label) == ("listed", 1)
    assert review.letter.mail.state == Mail.State.STOPPED  # type: ignore[union-attr]
    assert not deadlines.current(round.article, "answer", review.pk)
    with pytest.raises(links.Gone):
        links.find(token, timezone.now())
    again = invite(round, review, bob)
    assert (again.pk, again.state) == (review.pk, "invited")


def test_a_letter_that_went_is_not_stopped(round: Round, bob: User) -> None:
    review = invite(round, refereeing.referee(), bob)
    Mail.objects.filter(pk=review.letter.mail_id).update(state="sent", sent_at=timezone.now())  # type: ignore[union-attr]
    with pytest.raises(Blocked, match="has gone already"):
        inviting.stop_invitation(review, by=bob)
    inviting.cancel(review, "We have enough.", by=bob)
    letter = Letter.objects.get(kind="referee_cancelled")
    assert "We have enough." in letter.text
    assert "/referee/" not in letter.mail.text
    review.refresh_from_db()
    assert review.state == "cancelled"


def test_cancelling_before_the_letter_went_writes_to_nobody(round: Round, bob: User) -> None:
    review = invite(round, refereeing.referee(), bob)
    inviting.cancel(review, by=bob)
    assert not Letter.objects.filter(kind="referee_cancelled").exists()
    assert review.letter is not None
    review.letter.mail.refresh_from_db()
    assert review.letter.mail.state == Mail.State.STOPPED


def test_an_answer_that_came_meanwhile_wins_and_the_editor_is_told(round: Round, bob: User) -> None:
    seen = refereeing.invited(round, refereeing.referee())
    now = timezone.now()
    Review.objects.filter(pk=seen.pk).update(state="accepted", answered_at=now, no_conflict_at=now)
    for act in (inviting.cancel, inviting.stop_invitation, inviting.nudge):
        with pytest.raises(Blocked, match="Rita Gauge has agreed to review by now"):
            act(seen, by=bob)
    with pytest.raises(Blocked, match="has agreed"):
        inviting.replace(seen, by=bob)
    assert not Letter.objects.filter(names_referee=True).exists()


def test_replacing_is_one_act(round: Round, bob: User) -> None:
    silent = refereeing.invited(round, refereeing.referee())
    with pytest.raises(Blocked, match="No next choice"):
        inviting.replace(silent, by=bob)
    silent.refresh_from_db()
    assert silent.state == "invited"
    paused = inviting.list_next(round, refereeing.referee("Pia Pause", not_before=in_days(9)), by=bob)
    tied = inviting.list_next(round, refereeing.referee("Tom Tie", affiliation="Tidewater University"), by=bob)
    free = inviting.list_next(round, refereeing.referee("Fay Free"), by=bob)
    assert inviting.next_choice(round) == free
    with pytest.raises(Blocked, match="is Fay Free by now"):
        inviting.replace(silent, by=bob, expected=tied)
    made = inviting.replace(silent, by=bob, expected=free)
    silent.refresh_from_db()
    assert (silent.state, made.pk, made.state, made.label) == ("cancelled", free.pk, "invited", 2)
    assert made.letter is not None
    assert set(Letter.objects.filter(names_referee=True).values_list("kind", "address")) == {
        ("referee_cancelled", "rita@example.net"),
        ("referee_invited", "fay@example.net"),
    }
    assert {paused.state, tied.state} == {"listed"}
    cant = refereeing.invited(round, refereeing.referee("Cara Cant"), state="cant", answered_at=timezone.now())
    inviting.list_next(round, refereeing.referee("Lea Last"), by=bob)
    inviting.replace(cant, by=bob)
    cant.refresh_from_db()
    assert cant.state == "cant"
    assert Letter.objects.filter(kind="referee_cancelled").count() == 1


def test_the_list_of_next_choices_has_an_order(round: Round, bob: User) -> None:
    one, two, three = (
        inviting.list_next(round, refereeing.referee(name), by=bob) for name in ("Ann A", "Ben B", "Cas C")
    )
    inviting.move(three, -1, by=bob)
    assert inviting.next_choices(round) == [one, three, two]
    inviting.move(one, 1, by=bob)
    assert inviting.next_choices(round) == [three, one, two]
    inviting.unlist(one, by=bob)
    assert inviting.next_choices(round) == [three, two]
    with pytest.raises(Blocked, match="is a next choice in this round"):
        inviting.list_next(round, two.referee, by=bob)


# --- time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "kind"), [("invited", "referee_answer_reminder"), ("accepted", "referee_review_reminder")]
)
def test_a_nudge_is_one_letter(made: str, kind: str, round: Round, bob: User) -> None:
    review = getattr(refereeing, made)(round, refereeing.referee())
    inviting.nudge(review, by=bob)
    letter = Letter.objects.get(kind=kind)
    assert "/referee/" in letter.mail.text
    assert "is due in" in letter.text
    with pytest.raises(Blocked, match="within the last hour"):
        inviting.nudge(review, by=bob)


def test_another_day_answers_the_wish_and_leaves_what_authors_were_told(round: Round, bob: User) -> None:
    review = refereeing.accepted(
        round, refereeing.referee(), asked_at=timezone.now(), asked_due_on=in_days(40), asked_why="Exams."
    )
    before = round.expected_on
    inviting.extend(review, in_days(40), by=bob)
    review.refresh_from_db()
    round.refresh_from_db()
    assert (review.asked_at, review.asked_due_on, review.asked_why) == (None, None, "")
    due = deadlines.current(round.article, "review", review.pk)
    assert due is not None
    assert due.due_on == in_days(40)
    # An editor moves that, in the open; the desk says that the day can't be kept.
    assert round.expected_on == before
    assert Letter.objects.filter(kind="referee_due").count() == 1
    for day in (in_days(-1), in_days(4000)):
        with pytest.raises(Blocked, match="two years"):
            inviting.extend(review, day, by=bob)


def test_no_more_time_is_said_with_its_reason(round: Round, bob: User) -> None:
    review = refereeing.accepted(round, refereeing.referee(), asked_at=timezone.now(), asked_due_on=in_days(40))
    inviting.refuse_more_time(review, "The piece is about [this] week.", by=bob)
    review.refresh_from_db()
    assert review.asked_at is None
    letter = Letter.objects.get(kind="referee_due")
    assert "The piece is about [this] week." in letter.text
    assert "Another day" not in letter.subject
    assert "/referee/" in letter.mail.text
    with pytest.raises(Blocked, match="answered already"):
        inviting.refuse_more_time(review, by=bob)


def test_a_review_is_returned_with_a_question_until_the_author_has_it(round: Round, bob: User) -> None:
    review = refereeing.submitted(round, refereeing.referee())
    with pytest.raises(Blocked, match="what the referee should mend"):
        inviting.return_for_fix(review, "  ", by=bob)
    inviting.return_for_fix(review, "Which table do you mean?", by=bob)
    review.refresh_from_db()
    assert (review.state, review.submitted_at, review.for_author != "") == ("accepted", None, True)
    assert "Which table do you mean?" in Letter.objects.get(kind="referee_returned").text
    assert deadlines.current(round.article, "review", review.pk) is not None
    other = refereeing.submitted(round, refereeing.referee("Ruth Sounding"), released_at=timezone.now())
    with pytest.raises(Blocked, match="has this review already"):
        inviting.return_for_fix(other, "Too late?", by=bob)


def test_the_turn_follows_what_is_asked(round: Round, bob: User) -> None:
    now = timezone.now()
    handling = round.article.handling
    rita = invite(round, refereeing.referee(), bob, now=now)
    handling.refresh_from_db()
    assert handling.desk_from <= now  # two are wanted
    invite(round, refereeing.referee("Ruth Sounding"), bob, now=now)
    handling.refresh_from_db()
    assert handling.desk_from > now + datetime.timedelta(days=4)
    inviting.cancel(rita, by=bob, now=now)
    handling.refresh_from_db()
    assert handling.desk_from == now
    inviting.want(round, 1, by=bob, now=now)
    handling.refresh_from_db()
    assert handling.desk_from > now
    assert "reviews_wanted" in events(round)


def test_those_who_reviewed_before_are_invited_in_one_click(round: Round, alice: User, bob: User) -> None:
    from editorial.perform import perform

    refereeing.submitted(round, refereeing.referee(affiliation="Tidewater University"))
    refereeing.submitted(round, refereeing.referee("Ruth Sounding"))
    article = round.article
    perform(article, "request_revision", by=bob, message="Please mend.", due_on=in_days(9), extent="major")
    later = timezone.now() + datetime.timedelta(hours=1)
    perform(article, "resubmit", by=alice, message="Mended.", now=later)
    second = turn.open_round(article)
    assert second is not None
    made = inviting.invite_earlier(second, by=bob, now=later)
    assert [(review.label, review.state) for review in made] == [(1, "invited"), (2, "invited")]
    assert all("earlier version" in review.letter.text for review in made if review.letter)
    with pytest.raises(Blocked, match="Nobody who reviewed before"):
        inviting.invite_earlier(second, by=bob)


def test_an_address_is_one_referee(bob: User, ada: User) -> None:
    one = inviting.referee_of("Rita Gauge", "Rita@Example.net", by=bob)
    assert inviting.referee_of("R. Gauge", "rita@example.NET", by=bob) == one
    with_account = inviting.referee_of("Ada", ada.email.upper(), by=bob)
    assert with_account.user == ada
    assert inviting.referee_for_account(ada, by=bob) == with_account
    with pytest.raises(PermissionDenied):
        inviting.referee_of("Rita", "else@example.net", by=ada)
    assert author_for(bob, "Bob", "Harker")
