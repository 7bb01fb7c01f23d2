"""kill -9 at any moment leaves the old state or the new one, whole; and no mail is lost."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Q
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import User
from articles.models import Article, AuthorListing, RegionListing
from articles.status import Status
from editorial.models import Event, Letter
from forum.models import Mail
from tests.cast import piece_in

KILLS = 6
TOP = Path(__file__).parents[2]

# Publishes and unschedules the piece for ever, in a process of its own on the database of the test.
PUBLISHER = """
import os, sys
from datetime import timedelta
from tests import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"
import django
django.setup()
from django.utils import timezone
from accounts.models import User
from articles.models import Article
from editorial.perform import perform
article, by = Article.objects.get(pk=sys.argv[2]), User.objects.get(pk=sys.argv[3])
while True:
    if article.status == "ready":
        perform(article, "publish", by=by, at=timezone.now() + timedelta(hours=1))
    else:
        perform(article, "unschedule", by=by)
    print("ready", flush=True)
"""

# Sends with a mail server that takes the message and then keeps the worker waiting before it may commit.
WORKER = """
import sys, time
from tests import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.DELIVERY_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
settings.EMAIL_FILE_PATH = sys.argv[2]
import django
django.setup()
from django.core.mail.backends.filebased import EmailBackend
send = EmailBackend.send_messages
def slowly(self, messages):
    count = send(self, messages)
    time.sleep(float(sys.argv[3]))
    return count
EmailBackend.send_messages = slowly
from django.core.management import call_command
call_command("procrastinate", "worker", "--one-shot")
"""


def start(script: str, *argv: object, stdin: int | None = None) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", script, connection.settings_dict["NAME"], *map(str, argv)],
        cwd=TOP, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def kill(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


@pytest.mark.django_db(transaction=True)
def test_a_publisher_killed_at_any_moment_leaves_a_whole_state(alice: User, bob: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"
    article = piece_in(Status.READY, author=alice, editor=bob)
    chance = random.Random(3)
    for _ in range(KILLS):
        process = start(PUBLISHER, article.pk, bob.pk)
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        # On a busy machine a moment is longer: it is killed at work, not before it.
        had, deadline = Event.objects.filter(article=article).count(), time.monotonic() + 5
        time.sleep(chance.uniform(0.005, 0.12))
        while Event.objects.filter(article=article).count() == had and time.monotonic() < deadline:
            time.sleep(chance.uniform(0.001, 0.02))
        kill(process)

        article.refresh_from_db()
        is_public = article.status == Status.PUBLISHED
        assert is_public == (article.live_id is not None) == (article.published_at is not None)
        assert article.publications.count() == is_public
        assert RegionListing.objects.filter(article=article).exists() == is_public
        assert AuthorListing.objects.filter(article=article).exists() == is_public
        last = Event.objects.filter(article=article).latest("pk")
        assert last.to_status == article.status
        told = Event.objects.filter(article=article, transition__in=("publish", "unschedule"))
        assert Letter.objects.filter(kind__in=("published", "unscheduled")).count() == told.count()
        assert waiting_without_job() == 0
    assert told.count() >= KILLS  # it was killed while at work


def waiting_without_job() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM forum_mail m WHERE state = 'waiting' AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j"
            " WHERE (j.args->>'mail_id')::bigint = m.id AND j.status IN ('todo', 'doing'))"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_sends_again_under_the_same_id(
    alice: User, bob: User, settings: Any, tmp_path: Path, drain: Callable[[], None]
) -> None:
    settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"
    piece_in(Status.SUBMITTED, author=alice, editor=bob)
    wanted = set(Mail.objects.values_list("message_id", flat=True))
    assert wanted
    folder = tmp_path / "mail"
    process = start(WORKER, folder, 30)
    deadline = time.monotonic() + 20
    while not list(folder.glob("*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    kill(process)
    # The rows of the killed worker's transactions are let go as soon as the server notices.
    deadline = time.monotonic() + 10
    while Mail.objects.filter(~Q(state="waiting") | ~Q(tries=F("tries"))).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert set(Mail.objects.values_list("state", flat=True)) == {"waiting"}
    with connection.cursor() as cursor:
        # Half a minute later.
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 hour'")
    from forum.jobs import sweep

    # From here on, since the sweep's own worker may send what it gives back.
    settings.DELIVERY_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(folder)
    with contextlib.suppress(AlreadyEnqueued):  # by the worker itself, where a minute began meanwhile
        sweep.defer(timestamp=0)
    drain()  # gives the jobs back
    drain()
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}
    sent = [
        message_from_bytes(part)
        for file in folder.glob("*")
        for part in file.read_bytes().split(b"-" * 79 + b"\n")
        if part.strip()
    ]
    assert {message["Message-ID"] for message in sent} == wanted
    assert Article.objects.count() == 1
