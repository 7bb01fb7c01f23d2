"""No mail is lost, none is sent that was rolled back, and a repeat carries the same Message-ID."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend as LocMem
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from forum import jobs, mail
from forum.models import Mail

OUTBOX = "forum.mail.OutboxBackend"


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = OUTBOX
    settings.DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


class Refusing(LocMem):
    """A mail server that takes nothing."""

    def send_messages(self, messages: Any) -> int:
        raise OSError("451 try again later")


class DyingAfterwards(LocMem):
    """The server took it, and the worker is killed before it can say so."""

    def send_messages(self, messages: Any) -> int:
        super().send_messages(messages)
        raise KeyboardInterrupt


def send(subject: str = "Hello") -> None:
    message = EmailMultiAlternatives(
        subject, "Plain.", "us@example.org", ["you@example.org"], reply_to=["desk@example.org"]
    )
    message.attach_alternative("<p>Rich.</p>", "text/html")
    message.send()


@pytest.mark.django_db
def test_mail_and_its_job_are_rolled_back_with_the_transaction() -> None:
    # The queue is no table that a flush empties: what other tests ordered may still be there.
    jobs = ProcrastinateJob.objects.filter(task_name="forum.send_mail")
    before = jobs.count()
    with transaction.atomic():
        send()
        assert jobs.count() == before + 1
        transaction.set_rollback(True)
    assert not Mail.objects.exists()
    assert jobs.count() == before


@pytest.mark.django_db
def test_a_mail_goes_once_with_both_parts_and_is_wiped() -> None:
    send()
    row = Mail.objects.get()
    assert (row.state, row.recipients, row.reply_to) == ("waiting", ["you@example.org"], ["desk@example.org"])
    assert mail.deliver(row.pk) is None
    assert mail.deliver(row.pk) is None
    [sent] = django_mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    assert (sent.body, sent.alternatives[0][0], sent.extra_headers["Message-ID"]) == (
        "Plain.",
        "<p>Rich.</p>",
        row.message_id,
    )
    row.refresh_from_db()
    assert (row.state, row.text, row.html, row.tries) == ("sent", "", "", 1)
    assert row.sent_at is not None


@pytest.mark.django_db
def test_a_refused_mail_is_tried_again_later_and_in_the_end_marked(settings: Any) -> None:
    settings.DELIVERY_BACKEND = f"{__name__}.Refusing"
    send()
    row = Mail.objects.get()
    waits = [mail.deliver(row.pk) for _ in range(len(mail.RETRY_AFTER) + 1)]
    assert waits == [*mail.RETRY_AFTER, None]
    row.refresh_from_db()
    assert (row.state, row.tries) == ("failed", len(waits))
    assert "451 try again later" in row.error
    assert row.text == "Plain."  # kept: it can be sent again by hand


@pytest.mark.django_db(transaction=True)
def test_killed_between_acceptance_and_commit_it_is_sent_again_with_the_same_id(settings: Any) -> None:
    send()
    row = Mail.objects.get()
    settings.DELIVERY_BACKEND = f"{__name__}.DyingAfterwards"
    with pytest.raises(KeyboardInterrupt):
        mail.deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, row.tries) == ("waiting", 0)
    settings.DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.deliver(row.pk)
    assert [m.extra_headers["Message-ID"] for m in django_mail.outbox] == [row.message_id] * 2


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_what_waits(drain: Callable[[], None]) -> None:
    send("One")
    send("Two")
    drain()
    assert {m.subject for m in django_mail.outbox} == {"One", "Two"}
    assert not Mail.objects.exclude(state="sent").exists()


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_lost_its_job_is_found_again(drain: Callable[[], None]) -> None:
    send("Lost")
    send("Kept")
    lost = Mail.objects.get(subject="Lost")
    with transaction.atomic():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE (args->>'mail_id')::bigint = %s", [lost.pk])
    Mail.objects.update(queued_at=timezone.now() - timedelta(minutes=5))
    assert list(jobs.orphans()) == [lost.pk]


@pytest.mark.django_db
def test_a_header_can_not_be_smuggled_in() -> None:
    EmailMessage("One\nBcc: thief@example.org", "Text", "us@example.org", ["you@example.org"]).send()
    row = Mail.objects.get()
    assert "\n" not in row.subject
    mail.deliver(row.pk)
    assert django_mail.outbox[0].recipients() == ["you@example.org"]


def test_the_sweep_is_scheduled_every_minute() -> None:
    assert any(
        task.task.name == "forum.sweep" and task.cron == "* * * * *"
        for task in app.periodic_registry.periodic_tasks.values()
    )
