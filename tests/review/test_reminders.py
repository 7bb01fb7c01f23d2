"""Referees are reminded by the schedule and once; authors and editors read in plain words where a piece stands."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import access, deadlines, outbox, queue, replay
from editorial.admin import words as desk_words
from editorial.models import Deadline, Letter, Reminder
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Masthead
from review import expecting, inviting, turn
from review.models import DraftDecision, Review
from tests.cast import person
from tests.editorial.desk import client_of, text, url
from tests.review.refereeing import accepted, in_review, invited, referee, round_of, submitted

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"


@pytest.fixture
def piece(alice: User, bob: User) -> Article:
    return in_review(alice, bob)


def settle(article: Article) -> None:
    from editorial.perform import transaction_of

    with transaction_of(article) as (locked, handling):
        turn.settle(locked, handling, timezone.now())
    article.refresh_from_db()


def differences(article: Article) -> list[replay.Difference]:
    """What the timeline does not tell, but for the reviews, which these tests put there without it."""
    return [found for found in replay.replay(article) if not found.field.startswith("review ")]


def at(days: int, hour: int = 8) -> datetime.datetime:
    zone = Masthead.current().zone
    day = timezone.localdate(timezone.now(), zone) + days * DAY
    return datetime.datetime.combine(day, datetime.time(hour), tzinfo=zone)


def reminded() -> list[tuple[str, str]]:
    kinds = {"referee_answer_reminder": "answer", "referee_review_reminder": "review"}
    rows = Letter.objects.filter(kind__in=kinds).order_by("pk")
    return [(kinds[letter.kind], letter.address.split("@")[0]) for letter in rows]


# --- reminders ---


def test_every_reminder_of_a_round_at_its_time_and_once(piece: Article) -> None:
    round = round_of(piece)
    sue, rita = invited(round, referee("Silent Sue")), accepted(round, referee("Rita Gauge"))
    due = {"silent": deadlines.current(piece, "answer", sue.pk), "rita": deadlines.current(piece, "review", rita.pk)}
    went: list[tuple[int, str, str]] = []
    mornings = [at(day) for day in range(1, 20)]
    for morning in mornings:
        for moment in (morning - datetime.timedelta(minutes=1), morning, morning + datetime.timedelta(minutes=1)):
            before = len(reminded())
            deadlines.run(moment)
            deadlines.run(moment)
            went += [((morning.date() - due[who].due_on).days, what, who) for what, who in reminded()[before:]]  # type: ignore[union-attr]
    # Before the day, on it and after it; who did not answer is not reminded of the review.
    assert went == [(days, *who) for who in (("answer", "silent"), ("review", "rita")) for days in (-3, 0, 3)]
    assert not Reminder.objects.filter(sent_at=None, skipped_at=None, due_at__lte=mornings[-1]).exists()
    # The record has no name in it, and the link is in the mail alone.
    events = piece.events.filter(transition="reminder_sent")
    assert {event.data["referee"] for event in events} == {"Referee 1", "Referee 2"}
    assert not any("Rita" in str(event.data) for event in events)
    assert differences(piece) == []


def test_a_worker_dead_for_weeks_writes_once_to_each(piece: Article) -> None:
    round = round_of(piece)
    invited(round, referee("Silent Sue"))
    accepted(round, referee("Rita Gauge"))
    submitted(round, referee("Quick Quinn"))
    late = at(20, 3)
    assert deadlines.run(late) == 2
    assert deadlines.run(late) == deadlines.run(late + DAY) == 0
    assert sorted(reminded()) == [("answer", "silent"), ("review", "rita")]


def test_the_letter_of_a_decision_that_can_be_taken_back_comes_before_its_reminder(piece: Article, bob: User) -> None:
    early = at(3, 7) + datetime.timedelta(minutes=55)
    due = timezone.localdate(early, Masthead.current().zone)
    perform(piece, "request_revision", by=bob, message="Shorter", due_on=due, now=early, extent="minor")
    assert deadlines.run(early + datetime.timedelta(minutes=5)) == 0
    assert deadlines.run(early + datetime.timedelta(minutes=11)) == 1
    due_row = deadlines.current(piece, "revision")
    assert due_row is not None


def test_a_decision_taken_back_ends_the_date_as_not_needed(piece: Article, bob: User) -> None:
    review = accepted(round_of(piece), referee())
    settle_all = {str(review.pk): "cancelled"}
    due = timezone.localdate() + 9 * DAY
    perform(piece, "request_revision", by=bob, message="Shorter", due_on=due, extent="minor", settle=settle_all)
    held = deadlines.current(piece, "revision")
    assert held is not None
    with pytest.raises(Blocked, match="has not gone yet"):
        deadlines.move(piece, held, due + DAY, by=bob)
    perform(piece, "take_back", by=bob, note="A slip")
    assert Deadline.objects.get(kind="revision").end == "void"
    assert deadlines.current(piece, "review", review.pk) is not None
    piece.handling.refresh_from_db()
    assert piece.handling.due_on is None
    assert deadlines.run(at(30)) == 1  # the referee alone


def test_another_day_and_a_nudge_from_the_piece(piece: Article, bob: User) -> None:
    review = accepted(round_of(piece), referee())
    due = deadlines.current(piece, "review", review.pk)
    assert due is not None
    desk, address = client_of(bob), url(piece, "due/")
    page = text(desk.get(url(piece)))
    assert "The review of Rita Gauge" in page
    day = str(timezone.localdate() + 40 * DAY)
    assert "Another day is set" in text(
        desk.post(address, {"act": "move", "deadline": due.pk, "due_on": day}, follow=True)
    )
    moved = deadlines.current(piece, "review", review.pk)
    assert moved is not None
    assert str(moved.due_on) == day
    assert "on its way" in text(desk.post(address, {"act": "nudge", "deadline": moved.pk}, follow=True))
    assert list(Letter.objects.filter(kind__startswith="referee_").values_list("kind", flat=True)) == [
        "referee_review_reminder", "referee_due",
    ]  # fmt: skip


def test_a_copy_editor_reads_no_name_beside_a_date(piece: Article, bob: User, carl: User) -> None:
    piece.handling.copy_editor = carl
    piece.handling.save()
    accepted(round_of(piece), referee())
    page = client_of(carl).get(url(piece)).content.decode()
    assert "The review of Referee 1" in page
    assert "Rita" not in page


def test_an_invitation_is_stopped_from_its_letter_as_from_the_round(piece: Article, bob: User) -> None:
    round = round_of(piece)
    answer_by, review_by = inviting.usual_days(timezone.now())
    review = inviting.invite(round, referee(), by=bob, answer_by=answer_by, review_by=review_by)
    letter = Letter.objects.get(kind="referee_invited")
    outbox.stop(letter, by=bob)
    review.refresh_from_db()
    assert review.state == Review.State.LISTED
    assert deadlines.current(piece, "answer", review.pk) is None
    with pytest.raises(Blocked):
        outbox.stop(letter, by=bob)
    with pytest.raises(Blocked):
        outbox.send_after_all(letter, by=bob)


# --- what authors read ---


def for_author(article: Article) -> str:
    assert article.corresponding is not None
    return queue.words_for_author(article, article.corresponding, timezone.now())


def day(moment: datetime.datetime | datetime.date, year: str = "") -> str:
    date = timezone.localdate(moment, Masthead.current().zone) if isinstance(moment, datetime.datetime) else moment
    return f"{date.day} {date:%B}" + (f" {date.year}" if date.year != timezone.now().year else "")


def test_authors_read_how_many_since_when_and_until_when(piece: Article, bob: User, time_machine: Any) -> None:
    round, now = round_of(piece), timezone.now()
    until = f"we expect to answer by {day(round.expected_on)}."
    assert for_author(piece) == f"We have been looking for referees since {day(round.opened_at)}; {until}"
    invited(round, referee("Silent Sue"))
    cant = invited(round, referee("Busy Bea"))
    Review.objects.filter(pk=cant.pk).update(state="cant")
    assert for_author(piece).startswith("We have been looking")  # nothing of who was asked or could not
    first = accepted(round, referee("Rita Gauge"), now=now)
    accepted(round, referee("Quick Quinn"), now=now + DAY)
    assert for_author(piece) == f"With two referees since {day(now)}; {until}"
    Review.objects.filter(pk=first.pk).update(state="submitted", submitted_at=now)
    assert for_author(piece).startswith("With two referees")  # nothing of who has answered
    Review.objects.filter(state="accepted").update(state="submitted", submitted_at=now)
    decided = f"The referees have answered, and an editor decides; {until}"
    assert for_author(piece) == decided
    time_machine.move_to(now + 60 * DAY)
    late = for_author(piece)
    assert "We had hoped to answer by" in late
    assert "sorry" in late
    assert not any(name in late for name in ("Rita", "Quinn", "Sue", "Bea"))


def test_a_decision_that_can_be_taken_back_changes_no_word(piece: Article, bob: User) -> None:
    open_one = accepted(round_of(piece), referee())
    before = for_author(piece)
    perform(piece, "decline", by=bob, message="Not for us", note="Out of scope", settle={str(open_one.pk): "cancelled"})
    queue.as_authors_see([piece], timezone.now())
    assert for_author(piece) == before


# --- what editors read ---


def next_for(article: Article, user: User) -> str:
    article.refresh_from_db()
    return desk_words.next_step(article, timezone.now(), user)


def test_the_desk_reads_what_to_do_next(piece: Article, bob: User, mara: User, time_machine: Any) -> None:
    round, now = round_of(piece), timezone.now()
    assert next_for(piece, bob) == "Invite referees"
    sue = invited(round, referee("Silent Sue"))
    assert next_for(piece, bob) == "Invite another referee"
    rita = accepted(round, referee("Rita Gauge"))
    assert next_for(piece, bob) == ""  # it rightly waits for them
    time_machine.move_to(now + 6 * DAY)
    assert next_for(piece, bob) == "An invitation was not answered: remind or replace the referee"
    Review.objects.filter(pk=sue.pk).update(state="accepted", no_conflict_at=now)
    time_machine.move_to(now + 16 * DAY)
    assert next_for(piece, bob) == "Two referees are late: remind, give another day, or replace them"
    Review.objects.filter(pk=rita.pk).update(asked_at=now, asked_due_on=timezone.localdate())
    assert next_for(piece, bob) == "Rita Gauge asks for more time"
    DraftDecision.objects.create(round=round, by=bob, handed_by=bob, handed_at=now)
    assert next_for(piece, mara) == "A draft decision waits for you"
    assert next_for(piece, bob) == "A draft decision waits for a managing editor"
    DraftDecision.objects.all().delete()
    Review.objects.update(state="submitted", submitted_at=now, asked_at=None)
    assert next_for(piece, bob) == "All reviews are in: decide"


def test_names_are_for_those_who_may_know(piece: Article, bob: User) -> None:
    review = accepted(round_of(piece), referee())
    accepted(round_of(piece), referee("Quick Quinn"))
    Review.objects.filter(pk=review.pk).update(asked_at=timezone.now())
    deputy = person("dora@example.org", "Dora Deputy")
    from django.contrib.auth.models import Permission

    deputy.user_permissions.add(Permission.objects.get(codename="decide", content_type__app_label="editorial"))
    assert next_for(piece, User.objects.get(pk=deputy.pk)) == "Referee 1 asks for more time"


@pytest.mark.parametrize("later", [0, 6, 16])
def test_list_and_piece_agree_whose_turn_it_is(piece: Article, bob: User, time_machine: Any, later: int) -> None:
    """Invited and agreed, it is the referees'; from the day after somebody was due it is the desk's, without any job."""
    round = round_of(piece)
    invited(round, referee("Silent Sue"))
    accepted(round, referee("Rita Gauge"))
    Review.objects.exclude(state="listed").update(label=1)
    piece.handling.desk_from = None
    piece.handling.save()
    settle(piece)
    time_machine.move_to(timezone.now() + later * DAY)
    said = queue.turn(Article.objects.get(pk=piece.pk))
    listed = queue.with_holder(Article.objects.filter(pk=piece.pk)).get()
    assert (listed.holder, listed.since) == (said.holder, said.since)
    assert said.holder == (queue.EDITOR if later else queue.REFEREE)
    assert queue.waiting_for_editors(bob).filter(pk=piece.pk).exists() == bool(later)


def test_the_front_page_asks_no_more_for_three_pieces_than_for_one(
    alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk, counts = client_of(bob), []
    for number in (1, 3):
        while Article.objects.count() < number:
            piece = in_review(alice, bob, title=f"Piece {Article.objects.count()}")
            submitted(round_of(piece), referee(f"Rita{piece.pk} Gauge"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = text(desk.get("/admin/"))
        counts.append(len(queries))
    assert page.count("Invite another referee, or decide") + page.count("invite another referee, or decide") == 3
    assert counts[0] == counts[1]


# --- what the author was told to expect ---


def test_a_promise_that_can_not_be_kept_is_told_and_moved(
    piece: Article, bob: User, alice: User, time_machine: Any
) -> None:
    round, desk = round_of(piece), client_of(bob)
    today = timezone.localdate(timezone.now(), Masthead.current().zone)
    assert expecting.proposed(round, today) is None
    review = accepted(round, referee())
    deadlines.put(piece, "review", round.expected_on + 3 * DAY, by=bob, now=timezone.now(), subject=review.pk)
    assert expecting.proposed(round, today) == round.expected_on + 10 * DAY
    assert "That can’t be kept" in text(desk.get(url(piece)))
    assert "Answers later than promised" in text(desk.get("/admin/"))
    day_told = round.expected_on + 12 * DAY
    address = f"/admin/review/{piece.pk}/expect/"
    said = text(desk.post(address, {"expected_on": str(day_told), "writes": "on"}, follow=True))
    assert "names another day" in said
    round.refresh_from_db()
    assert round.expected_on == day_told
    [letter] = Letter.objects.filter(kind="answer_later")
    assert letter.recipient == alice
    assert "That can’t be kept" not in text(desk.get(url(piece)))
    assert differences(piece) == []
    for typed in ("", "soon\x00", str(today - DAY), "9999-99-99", str(day_told)):
        assert desk.post(address, {"expected_on": typed}, follow=True).status_code == 200
    round.refresh_from_db()
    assert round.expected_on == day_told
    with pytest.raises(PermissionDenied):
        expecting.move(piece, day_told + DAY, by=alice)
    assert access.may_decide(bob, piece)
