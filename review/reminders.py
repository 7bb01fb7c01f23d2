"""Reminders to referees: of an invitation without an answer, and of a review that is wanted."""

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from articles.status import Status
from editorial import deadlines
from editorial.models import Deadline, Event, Letter, Reminder
from editorial.registry import Blocked, Reason
from forum.models import Masthead
from review import blindness, inviting, post
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
    # Of a piece that its author took back nobody is asked for anything, though a review of it was kept before.
    if review is None or review.round.article.status == Status.WITHDRAWN:
        return []
    today = timezone.localdate(now, Masthead.current().zone)
    said = deadlines.how_late(reminder.deadline.due_on, today)
    return [post.write(review, kind, event, now=now, said={"how late": said})]


def remind_of_answer(reminder: Reminder, event: Event, now: datetime.datetime) -> list[Letter]:
    return _remind("referee_answer_reminder", Review.State.INVITED, reminder, event, now)


def remind_of_review(reminder: Reminder, event: Event, now: datetime.datetime) -> list[Letter]:
    return _remind("referee_review_reminder", Review.State.ACCEPTED, reminder, event, now)


def about(deadline: Deadline, reader: User) -> str:
    """What is due of whom, as far as this reader may know."""
    what = "the answer" if deadline.kind == "answer" else "the review"
    review = Review.objects.filter(pk=deadline.subject).select_related("referee").first()
    return f"{what} of {blindness.name_of(review, reader)}" if review else what


def data(deadline: Deadline) -> dict[str, Any]:
    """What the event of a reminder keeps besides: by the review's id, whoever may know finds the name."""
    review = Review.objects.filter(pk=deadline.subject).select_related("round").first()
    return {"review": review.pk, "round": review.round.number, "referee": review.name_for_others} if review else {}


def move(deadline: Deadline, due_on: datetime.date, by: User, now: datetime.datetime) -> None:
    review = _review(deadline)
    if deadline.kind == "review" and review.state == Review.State.INVITED:
        raise Blocked(Reason("The invitation is not answered yet: set another day for the answer instead.", "due_on"))
    inviting.extend(review, due_on, by=by, now=now)


def nudge(deadline: Deadline, by: User, now: datetime.datetime) -> None:
    review = _review(deadline)
    if deadline.kind == "review" and review.state == Review.State.INVITED:
        raise Blocked(Reason("The invitation is not answered yet: send a reminder of the answer instead."))
    inviting.nudge(review, by=by, now=now)


def is_running(deadline: Deadline) -> bool:
    """A review is waited for once the invitation is answered; until then the date of the answer is the one that counts."""
    return not Review.objects.filter(pk=deadline.subject, state=Review.State.INVITED).exists()


def _review(deadline: Deadline) -> Review:
    found = Review.objects.filter(pk=deadline.subject).select_related("round__article").first()
    if found is None:
        raise Blocked(Reason("This review is not there any more."))
    return found


KINDS = (
    deadlines.Due(
        "answer",
        "the answer to an invitation",
        remind_of_answer,
        offsets,
        about=about,
        data=data,
        move=move,
        nudge=nudge,
    ),
    deadlines.Due(
        "review",
        "the review",
        remind_of_review,
        offsets,
        about=about,
        data=data,
        move=move,
        nudge=nudge,
        is_running=is_running,
    ),
)
