"""The due dates of a piece itself: the author's revision, and the author's approval of the edited text."""

import datetime

from django.utils import formats, timezone

from accounts.models import User
from articles.status import Status
from editorial import deadlines, letters
from editorial.models import Approval, Deadline, Event, Letter, Reminder
from forum.models import Masthead

# The same for both, before the day and after it.
OFFSETS = (3, 3)


def remind_of_revision(reminder: Reminder, event: Event, now: datetime.datetime) -> list[Letter]:
    return _remind(reminder, event, now, "revision_reminder")


def remind_of_approval(reminder: Reminder, event: Event, now: datetime.datetime) -> list[Letter]:
    return _remind(reminder, event, now, "approval_reminder")


def _remind(reminder: Reminder, event: Event, now: datetime.datetime, kind: str) -> list[Letter]:
    due_on = reminder.deadline.due_on
    said = {
        "due date": _day(due_on),
        "how late": deadlines.how_late(due_on, timezone.localdate(now, Masthead.current().zone)),
    }
    return [
        letters.write_news(event.article, event, kind, person, said, is_to_author=True)
        for person in expected(reminder.deadline)
    ]


def expected(deadline: Deadline) -> list[User]:
    """Whose answer is still to come. Nobody's while the author waits for an answer to their wish to withdraw."""
    article = deadline.article
    if article.handling.withdrawal_asked_at:
        return []
    if deadline.kind == "revision":
        person = article.corresponding
        return [person] if article.status == Status.REVISING and person is not None and person.is_active else []
    asked = article.approvals.filter(state=Approval.State.ASKED, by__is_active=True).select_related("by").order_by("pk")
    return [approval.by for approval in asked if approval.by] if article.status == Status.APPROVAL else []


def tell_of_move(deadline: Deadline, event: Event, now: datetime.datetime) -> None:
    said = {"due date": _day(deadline.due_on), "what is due": deadline.kind}
    for person in expected(deadline):
        letters.write_news(event.article, event, "due_moved", person, said, is_to_author=True)


def _day(day: datetime.date) -> str:
    return formats.date_format(day, "j F Y")


KINDS = (
    deadlines.Due(
        "revision", "the revision", remind_of_revision, lambda: OFFSETS, moved=tell_of_move, is_of_piece=True
    ),
    deadlines.Due(
        "approval", "the approval", remind_of_approval, lambda: OFFSETS, moved=tell_of_move, is_of_piece=True
    ),
)
