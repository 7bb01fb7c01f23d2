"""Letters that wait in the outbox: sent at their moment, stopped, sent before it; a race is told, and nothing goes twice."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend as LocMem
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import letters, outbox, replay
from editorial.models import Event, Letter
from editorial.perform import perform
from editorial.registry import Blocked
from forum import jobs, mail
from forum.models import Mail
from tests.cast import piece_in
from tests.editorial.desk import client_of, text, url
from tests.review.refereeing import in_review

TEN = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"
    settings.DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def held(subject: str = "Hello", wait: timedelta = TEN) -> Mail:
    message = EmailMessage(subject, "Plain.", "us@example.org", ["you@example.org"])
    return mail.post(message, not_before=timezone.now() + wait)


def a_letter(article: Article, kind: str = "due_moved", **values: str) -> Letter:
    """One to the author that waits for ten minutes, as any room may write it."""
    event = Event.objects.create(
        article=article, transition="deadline_moved", from_status=article.status, to_status=article.status,
        revision_id=article.latest_id,
    )  # fmt: skip
    return letters.write_to_address(
        article, event, kind, "Alice Marlowe", "alice@example.org",
        {"title": "T", "due date": "3 March", "what is due": "revision"} | values,
        secrets={"link": "https://example.org/secret"} if "link" not in values else None, not_before=timezone.now() + TEN,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_sweep_sends_what_is_due_and_nothing_before(drain: Callable[[], None], time_machine: Any) -> None:
    soon, later = held("Soon"), held("Later", timedelta(days=2))
    now = timezone.now()
    time_machine.move_to(now + timedelta(minutes=9, seconds=55))
    assert list(jobs.orphans()) == []
    assert mail.deliver(soon.pk) is None
    assert not django_mail.outbox
    time_machine.move_to(now + TEN + timedelta(seconds=5))
    assert list(jobs.orphans()) == [soon.pk]
    jobs.send_mail.defer(mail_id=soon.pk)
    jobs.send_mail.defer(mail_id=soon.pk)
    drain()
    assert [m.subject for m in django_mail.outbox] == ["Soon"]
    assert list(jobs.orphans()) == []
    time_machine.move_to(now + timedelta(days=9))  # whatever did not run meanwhile
    assert list(jobs.orphans()) == [later.pk]


@pytest.mark.django_db
def test_a_stopped_mail_keeps_no_secret_and_never_goes(time_machine: Any) -> None:
    row = held()
    with transaction.atomic():
        assert mail.stop(Mail.objects.select_for_update().get(pk=row.pk))
    row.refresh_from_db()
    assert (row.state, row.text, row.html) == ("stopped", "", "")
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert list(jobs.orphans()) == []
    mail.deliver(row.pk)
    assert not django_mail.outbox


class Slow(LocMem):
    """A mail server that takes its time."""

    began, may_end = threading.Event(), threading.Event()

    def send_messages(self, messages: Any) -> int:
        self.began.set()
        self.may_end.wait(5)
        return super().send_messages(messages)


@pytest.mark.django_db(transaction=True)
def test_stopping_while_it_is_being_sent_waits_and_is_told(
    alice: User, bob: User, settings: Any, time_machine: Any
) -> None:
    letter = a_letter(piece_in("submitted", author=alice, editor=bob))
    time_machine.move_to(timezone.now() + TEN)
    settings.DELIVERY_BACKEND = f"{__name__}.Slow"

    def deliver() -> None:
        mail.deliver(letter.mail_id)
        connection.close()

    worker = threading.Thread(target=deliver)
    worker.start()
    assert Slow.began.wait(5)
    threading.Timer(0.3, Slow.may_end.set).start()
    with pytest.raises(Blocked, match="gone already"):
        outbox.stop(letter, by=bob)
    worker.join()
    assert Mail.objects.get(pk=letter.mail_id).state == "sent"
    assert not Event.objects.filter(transition="letter_stopped").exists()


@pytest.mark.django_db
def test_an_editor_stops_a_letter_sends_it_after_all_or_sends_it_now(alice: User, bob: User, carl: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    first, second = a_letter(piece, link="https://example.org/plain"), a_letter(piece)
    for person in (alice, carl):
        for act in (outbox.stop, outbox.hurry, outbox.send_after_all):
            with pytest.raises(PermissionDenied):
                act(first, by=person)
    outbox.stop(first, by=bob)
    with pytest.raises(Blocked, match="stopped already"):
        outbox.stop(first, by=bob)
    outbox.send_after_all(first, by=bob)
    mail.deliver(first.mail_id)
    assert [m.body for m in django_mail.outbox] == [first.text]
    with pytest.raises(Blocked):
        outbox.send_after_all(first, by=bob)
    outbox.hurry(second, by=bob)
    mail.deliver(second.mail_id)
    assert len(django_mail.outbox) == 2
    told = ["letter_stopped", "letter_sent_after_all", "letter_hurried"]
    assert (
        list(piece.events.filter(transition__startswith="letter_").order_by("pk").values_list("transition", flat=True))
        == told
    )
    assert replay.replay(piece) == []


@pytest.mark.django_db
def test_an_address_for_one_person_is_not_sent_again_from_the_record(alice: User, bob: User) -> None:
    letter = a_letter(piece_in("submitted", author=alice, editor=bob))
    outbox.stop(letter, by=bob)
    with pytest.raises(Blocked, match="Write anew"):
        outbox.send_after_all(letter, by=bob)


@pytest.mark.django_db
def test_the_letter_of_a_decision_is_stopped_by_taking_it_back_alone(alice: User, bob: User) -> None:
    piece = in_review(alice, bob)
    perform(piece, "decline", by=bob, message="Not for us", note="Out of scope")
    letter = Letter.objects.get(kind="declined")
    for act in (outbox.stop, outbox.hurry):
        with pytest.raises(Blocked, match="part of the decision"):
            act(letter, by=bob)
    desk = client_of(bob)
    assert "It is part of the decision" in text(desk.get(url(piece)))
    perform(piece, "take_back", by=bob, note="A slip")
    letter.refresh_from_db()
    assert letter.mail.state == "stopped"
    # It said what was never decided.
    with pytest.raises(Blocked):
        outbox.send_after_all(letter, by=bob)
    assert "Send it after all" not in text(desk.get(url(piece)))


@pytest.mark.django_db
def test_the_desk_shows_what_waits_with_its_buttons(alice: User, bob: User, carl: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    letter, desk = a_letter(piece, link="https://example.org/plain"), client_of(bob)
    page = text(desk.get(url(piece)))
    assert "Goes at " in page
    assert "Stop it" in page
    address = f"/admin/editorial/letter/{letter.pk}/outbox/"
    assert desk.get(address).status_code == 405
    assert "is stopped" in text(desk.post(address, {"act": "stop"}, follow=True))
    shown = text(desk.get(f"/admin/editorial/letter/{letter.pk}/change/"))
    assert "It was stopped and did not go." in shown
    assert "Stopped" in text(desk.get("/admin/editorial/letter/?state=stopped"))
    assert "on its way after all" in text(desk.post(address, {"act": "after-all", "letter": "1"}, follow=True))
    assert "Nothing was done" in text(desk.post(address, {}, follow=True))
    assert client_of(alice).post(address, {"act": "stop"}).status_code in (302, 403, 404)
    assert client_of(carl).post(address, {"act": "stop"}).status_code in (403, 404)
