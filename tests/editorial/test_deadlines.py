"""Due dates of a piece: their rows follow the steps, their reminders go once, and an editor moves and skips them."""

import datetime
import subprocess
import time
import zoneinfo
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import User
from articles.models import Article
from editorial import access, deadlines, jobs, queue, replay
from editorial.admin import article_list
from editorial.models import Deadline, Event, Letter, Reminder
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Mail, Masthead
from tests.cast import in_days, piece_in
from tests.editorial.desk import client_of, text, url
from tests.editorial.test_crash import kill, start, waiting_without_job

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"


@pytest.fixture
def revising(alice: User, bob: User) -> Article:
    return piece_in("revising", author=alice, editor=bob)


def the_date(article: Article, kind: str = "revision") -> Deadline:
    found = deadlines.current(article, kind)
    assert found is not None
    return found


def at(day: datetime.date, hour: int = 8, minute: int = 0) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour, minute), tzinfo=Masthead.current().zone)


def ends(article: Article) -> list[tuple[str, str]]:
    return list(article.deadlines.order_by("pk").values_list("kind", "end"))


def reminded(kind: str = "revision_reminder") -> list[str]:
    return list(Letter.objects.filter(kind=kind).order_by("pk").values_list("subject", flat=True))


# --- rows follow the steps ---


def test_a_date_is_a_row_with_its_reminders(revising: Article) -> None:
    due = the_date(revising)
    assert due.due_on == revising.handling.due_on == in_days(7)
    mornings = {r.moment: r.due_at for r in due.reminders.all()}
    assert mornings == {"before": at(in_days(4)), "on": at(in_days(7)), "after": at(in_days(10))}
    assert revising.handling.desk_from == at(in_days(8), 0)


@pytest.mark.parametrize(
    ("step", "by", "said", "end"),
    [
        ("resubmit", "alice", {"message": "Shorter now"}, "met"),
        ("decline", "bob", {"message": "No", "note": "No"}, "void"),
        ("withdraw", "alice", {}, "void"),
    ],
)
def test_what_was_due_ends_with_the_step(
    revising: Article, request: pytest.FixtureRequest, step: str, by: str, said: dict[str, str], end: str
) -> None:
    perform(revising, step, by=request.getfixturevalue(by), **said)
    assert ends(revising) == [("revision", end)]
    handling = revising.handling
    handling.refresh_from_db()
    assert (handling.due_on, handling.desk_from) == (None, None)
    assert not deadlines.waiting(timezone.now() + 30 * DAY)


def test_an_approval_is_met_by_the_last_answer_and_void_when_a_revision_is_asked_for(alice: User, bob: User) -> None:
    piece = piece_in("approval", author=alice, editor=bob)
    other = piece_in("approval", author=alice, editor=bob, title="Another")
    perform(piece, "approve", by=alice)
    assert ends(piece) == [("approval", "met")]
    perform(other, "request_revision", by=bob, message="Once more", due_on=in_days(9))
    assert ends(other) == [("approval", "void"), ("revision", "")]
    assert the_date(other).due_on == in_days(9)


# --- reminders ---


def test_every_reminder_goes_at_its_time_and_once(revising: Article) -> None:
    day, went = in_days(1), []
    for _ in range(14):
        for moment in (at(day, 7, 59), at(day), at(day, 8, 1)):
            before = len(reminded())
            deadlines.run(moment)
            deadlines.run(moment)
            went += [moment] * (len(reminded()) - before)
        day += DAY
    assert went == [at(in_days(4)), at(in_days(7)), at(in_days(10))]
    said = [subject.rsplit("” ", 1)[1] for subject in reminded()]
    assert said[0].startswith("is due in 3 days, on ")
    assert said[1] == "is due today"
    assert said[2].startswith("was due on ")
    assert Event.objects.filter(transition="reminder_sent").count() == 3
    assert replay.replay(revising) == []


def test_a_worker_dead_for_a_week_writes_one_letter_a_date(revising: Article, alice: User, bob: User) -> None:
    second = piece_in("approval", author=alice, editor=bob, title="Another")
    late = at(in_days(14), 3)
    assert deadlines.run(late) == 2
    assert deadlines.run(late + DAY) == 0
    assert len(reminded()) == len(reminded("approval_reminder")) == 1
    letters = set(Reminder.objects.filter(deadline__article=revising).values_list("sent_at", "letter__kind"))
    assert letters == {(late, "revision_reminder")}
    assert {r.letter.recipient for r in the_date(second, "approval").reminders.all() if r.letter} == {alice}


def test_one_that_fails_does_not_hold_up_the_others(
    revising: Article, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    piece_in("approval", author=alice, editor=bob, title="Another")

    def fails(*args: Any) -> list[Letter]:
        User.objects.update(name="half done")
        raise RuntimeError("No wording")

    kinds = dict(deadlines.KINDS)
    monkeypatch.setitem(deadlines.KINDS, "revision", deadlines.Due("revision", "the revision", fails))
    late = at(in_days(14))
    assert deadlines.run(late) == 1
    assert "No wording" in caplog.text
    assert not User.objects.filter(name="half done").exists()
    monkeypatch.setattr(deadlines, "KINDS", kinds)
    assert deadlines.run(late + datetime.timedelta(minutes=1)) == 1  # it was not lost


def test_nobody_to_remind_is_no_event(revising: Article, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert deadlines.run(at(in_days(7))) == 0
    assert not Event.objects.filter(transition="reminder_sent").exists()
    assert set(the_date(revising).reminders.filter(moment="on").values_list("skipped_why", flat=True)) == {
        "nobody was to be reminded then"
    }


def test_the_publications_own_clock_rules_also_where_it_changes(alice: User, bob: User) -> None:
    masthead = Masthead.current()
    masthead.time_zone = "America/Santiago"  # where the clock goes forward at midnight, so that this day begins at one
    masthead.save()
    forward, zone = datetime.date(2027, 9, 5), zoneinfo.ZoneInfo("America/Santiago")
    assert deadlines.day_after(forward - DAY).astimezone(datetime.UTC).hour == 4
    piece = piece_in("submitted", author=alice, editor=bob)
    perform(
        piece, "request_revision", by=bob, message="Shorter", due_on=forward,
        now=datetime.datetime(2027, 8, 20, tzinfo=datetime.UTC),
    )  # fmt: skip
    hours = {r.moment: r.due_at.astimezone(datetime.UTC).hour for r in the_date(piece).reminders.all()}
    assert hours == {"before": 12, "on": 11, "after": 11}
    assert {r.due_at.astimezone(zone).hour for r in the_date(piece).reminders.all()} == {8}


def test_what_is_past_already_is_not_reminded_of(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    noon = at(timezone.localdate(), 12)
    perform(piece, "request_revision", by=bob, message="Shorter", due_on=noon.date(), now=noon)
    assert list(the_date(piece).reminders.values_list("moment", flat=True)) == ["after"]


def test_the_job_runs_each_minute() -> None:
    assert any(
        task.task.name == "editorial.remind" and task.cron == "* * * * *"
        for task in app.periodic_registry.periodic_tasks.values()
    )
    jobs.remind(timestamp=0)


# Two of these run at once on the database of the test.
RUNNER = """
import datetime, sys
from tests import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"
import django
django.setup()
from editorial import deadlines
now = datetime.datetime.fromisoformat(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
deadlines.run(now)
print("done", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_one_that_is_killed_send_none_twice(alice: User, bob: User) -> None:
    pieces = [piece_in("revising", author=alice, editor=bob, title=f"Piece {n}") for n in range(12)]
    late = at(in_days(14))
    Mail.objects.update(state="sent", sent_at=late)
    killed = start(RUNNER, late.isoformat(), stdin=subprocess.PIPE)
    workers = [start(RUNNER, late.isoformat(), stdin=subprocess.PIPE) for _ in range(2)]
    for worker in (killed, *workers):
        assert worker.stdout
        assert worker.stdout.readline() == b"ready\n"
    assert killed.stdin
    killed.stdin.write(b"go\n")
    killed.stdin.flush()
    deadline = time.monotonic() + 10
    while not reminded() and time.monotonic() < deadline:
        time.sleep(0.002)
    kill(killed)
    for worker in workers:
        assert worker.stdin
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == b"done\n"
        worker.wait()
        worker.stdout.close()
        worker.stdin.close()  # type: ignore[union-attr]
    killed.stdin.close()
    assert len(reminded()) == len(pieces)
    assert Event.objects.filter(transition="reminder_sent").count() == len(pieces)
    assert set(Reminder.objects.values_list("letter__article", flat=True)) == {piece.pk for piece in pieces}
    assert waiting_without_job() == 0
    connection.close()


# --- what an editor does ---


def test_another_day_moves_the_reminders_tells_the_author_and_keeps_the_first(revising: Article, bob: User) -> None:
    old = the_date(revising)
    deadlines.move(revising, old, in_days(20), by=bob)
    assert ends(revising) == [("revision", "moved"), ("revision", "")]
    revising.handling.refresh_from_db()
    assert (revising.handling.due_on, revising.handling.desk_from) == (in_days(20), at(in_days(21), 0))
    assert deadlines.run(at(in_days(14))) == 0
    [letter] = Letter.objects.filter(kind="due_moved")
    assert letter.recipient == revising.corresponding
    assert f"{in_days(20).day} " in letter.text
    assert replay.replay(revising) == []


@pytest.mark.parametrize("days", [-1, 7, 900])
def test_no_day_that_makes_no_sense(revising: Article, bob: User, days: int) -> None:
    with pytest.raises(Blocked):
        deadlines.move(revising, the_date(revising), in_days(days), by=bob)
    assert ends(revising) == [("revision", "")]


def test_skipping_and_letting_it_go_after_all(revising: Article, bob: User) -> None:
    first = the_date(revising).reminders.get(moment="before")
    deadlines.skip(first, by=bob)
    assert deadlines.run(at(in_days(5))) == 0
    with pytest.raises(Blocked):
        deadlines.skip(first, by=bob)
    with pytest.raises(Blocked, match="has passed"):
        deadlines.unskip(first, by=bob, now=at(in_days(5)))
    deadlines.unskip(first, by=bob)
    assert deadlines.run(at(in_days(5))) == 1


def test_a_nudge_goes_at_once_and_not_twice(revising: Article, bob: User) -> None:
    due, when = the_date(revising), at(in_days(7), 9)
    deadlines.nudge(due, by=bob, now=when)
    with pytest.raises(Blocked, match="half a day"):
        deadlines.nudge(due, by=bob, now=when + datetime.timedelta(seconds=1))
    assert deadlines.run(when) == 0  # what should have gone by then went with it
    assert len(reminded()) == 1


def test_what_is_over_and_what_is_not_theirs(revising: Article, alice: User, bob: User, carl: User, sam: User) -> None:
    due = the_date(revising)
    reminder = due.reminders.first()
    assert reminder is not None
    for person in (alice, carl, sam):
        with pytest.raises(PermissionDenied):
            deadlines.move(revising, due, in_days(20), by=person)
        with pytest.raises(PermissionDenied):
            deadlines.skip(reminder, by=person)
        with pytest.raises(PermissionDenied):
            deadlines.nudge(due, by=person)
    perform(revising, "resubmit", by=alice, message="Done")
    for act in (
        lambda: deadlines.move(revising, due, in_days(20), by=bob),
        lambda: deadlines.skip(reminder, by=bob),
        lambda: deadlines.nudge(due, by=bob),
    ):
        with pytest.raises(Blocked, match="is over"):
            act()


# --- whose turn ---


@pytest.mark.parametrize("status", ["submitted", "in_review", "revising", "approval", "editing", "ready"])
@pytest.mark.parametrize("days", [0, 40])
def test_the_list_and_the_piece_agree_whose_turn_it_is(
    alice: User, bob: User, time_machine: Any, status: str, days: int
) -> None:
    article = piece_in(status, author=alice, editor=bob)
    time_machine.move_to(timezone.now() + days * DAY)
    article.refresh_from_db()
    now, said = timezone.now(), queue.turn(article)
    listed = queue.with_holder(Article.objects.filter(pk=article.pk), now).get()
    assert (listed.holder, listed.since) == (said.holder, said.since)
    waits = queue.waiting_for_editors(bob).filter(pk=article.pk).exists()
    assert waits == (said.holder == queue.EDITOR or queue.is_desks(article, now))
    # The job of a day that passes: none. The moment is a column, and the query knows the time.
    assert waits == (status in ("submitted", "in_review", "editing", "ready") or days == 40)


def test_what_is_late_stands_first_by_how_long_it_waits(alice: User, bob: User, time_machine: Any) -> None:
    late = piece_in("revising", author=alice, editor=bob, title="Late")  # due in seven days
    fresh = piece_in("revising", author=alice, editor=bob, title="Not late yet")
    deadlines.move(fresh, the_date(fresh), in_days(60), by=bob)
    time_machine.move_to(timezone.now() + 20 * DAY)
    new = piece_in("submitted", author=alice, editor=bob, title="New")
    pieces = article_list.in_order_of_work(queue.with_holder(access.desk_pieces(bob)))
    assert list(pieces.order_by(*article_list.ORDER_OF_WORK)) == [late, new, fresh]
    assert list(queue.waiting_for_editors(bob)) == [late, new]


# --- at the desk ---


def test_the_panel_shows_dates_and_acts_on_them(revising: Article, bob: User, carl: User) -> None:
    desk = client_of(bob)
    page = text(desk.get(url(revising)))
    assert "Due dates" in page
    assert "Next reminder on" in page
    due, address = the_date(revising), url(revising, "due/")
    first = due.reminders.get(moment="before")
    for act, expected in (("skip", "is skipped"), ("unskip", "goes after all")):
        said = text(desk.post(address, {"act": act, "reminder": first.pk}, follow=True))
        assert expected in said
    assert "A reminder is on its way" in text(desk.post(address, {"act": "nudge", "deadline": due.pk}, follow=True))
    said = text(desk.post(address, {"act": "move", "deadline": due.pk, "due_on": str(in_days(30))}, follow=True))
    assert "Another day is set" in said
    assert the_date(revising).due_on == in_days(30)


def test_what_makes_no_sense_is_answered_with_words(revising: Article, bob: User, alice: User) -> None:
    desk, address = client_of(bob), url(revising, "due/")
    due = the_date(revising)
    for typed, expected in (
        ({}, "Nothing was done"),
        ({"act": "burn", "deadline": due.pk}, "Nothing was done"),
        ({"act": "nudge", "deadline": "x\x00"}, "Nothing was done"),
        ({"act": "nudge", "deadline": "9" * 40}, "Nothing was done"),
        ({"act": "skip", "reminder": "1"}, "Nothing was done"),
        ({"act": "move", "deadline": due.pk, "due_on": "the day after"}, "the day after"),
        ({"act": "move", "deadline": due.pk, "due_on": str(in_days(-2))}, "has passed"),
    ):
        response = desk.post(address, typed, follow=True)
        assert expected in text(response)
    assert desk.get(address).status_code == 405
    assert client_of(alice).post(address, {"act": "nudge", "deadline": due.pk}).status_code in (302, 403, 404)
    assert not reminded()
