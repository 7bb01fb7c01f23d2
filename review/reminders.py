"""Reminders to referees: of an invitation without an answer, and of a review that is wanted."""

import datetime

from django.utils import timezone

from editorial import deadlines
from editorial.models import Event, Letter, Reminder
from forum.models import Masthead
from review import post
from review.models import Review, Settings


def offsets() -> tuple[int | None, int | None]:
    settings = Settings.current()
    return settings.remind_before_days, settings.remind_after_days


def _remind(kind: str, state: str, reminder: Reminder, event: Event, now: datetime.datetime) -> list[Letter]:
    review = (
        Review.objects.filter(pk=reminder.deadline.subject, state=state)
        .select_related("referee__user", "round__revision", "round__article")
        .first()
    )
    if review is None:
        return []
    today = timezone.localdate(now, Masthead.current().zone)
    said = {"how late": deadlines.how_late(reminder.deadline.due_on, today)}
    return [post.write(review, kind, event, now=now, **said)]


def remind_of_answer(reminder: Reminder, event: Event, now: datetime.datetime) -> list[Letter]:
    return _remind("referee_answer_reminder", Review.State.INVITED, reminder, event, now)


def remind_of_review(reminder: Reminder, event: Event, now: datetime.datetime) -> list[Letter]:
    return _remind("referee_review_reminder", Review.State.ACCEPTED, reminder, event, now)


KINDS = (
    deadlines.Due("answer", "the answer to an invitation", remind_of_answer, offsets),
    deadlines.Due("review", "the review", remind_of_review, offsets),
)
