"""Due dates and their reminders, all of them rows: seen beforehand, skipped, moved, never lost and never sent twice.

A room registers each kind of due date with whom it reminds. `run` sends what is due, whenever it comes: whatever was due
while nothing ran goes then, several reminders of one date as one letter.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import formats

from accounts.models import User
from articles.models import Article
from editorial.models import Deadline, Event, Letter, Reminder
from forum.models import Masthead

# Reminders go in the morning of the publication's day.
HOUR = 8
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """What is due, and how its reminders are written."""

    kind: str
    # As the desk calls it: “the revision”.
    label: str
    # Writes the letters of one reminder, in its transaction; none where nobody can be reminded.
    remind: Callable[[Reminder, Event, datetime.datetime], list[Letter]]
    # Days before and after the date; None for no such reminder.
    offsets: Callable[[], tuple[int | None, int | None]] = lambda: (3, 3)


KINDS: dict[str, Due] = {}


def register(due: Due) -> None:
    """Make a kind of due date known; for `AppConfig.ready()`."""
    KINDS[due.kind] = due


def current(article: Article, kind: str, subject: int = 0) -> Deadline | None:
    """The open due date of this kind, if there is one."""
    return Deadline.objects.filter(article=article, kind=kind, subject=subject, end="").first()


def put(
    article: Article, kind: str, due_on: datetime.date, *, by: User | None, now: datetime.datetime, subject: int = 0
) -> Deadline:
    """Set a due date, or another day for it, with its reminders; call it with the piece locked.

    Reminders whose moment has passed by now are not made. Handling's own due date is not touched.
    """
    old = current(article, kind, subject)
    if old is not None:
        if old.due_on == due_on:
            return old
        _end(old, Deadline.End.MOVED, now)
    made = Deadline.objects.create(article=article, kind=kind, subject=subject, due_on=due_on, set_by=by, set_at=now)
    before, after = KINDS[kind].offsets()
    moments = [(Reminder.Moment.ON, 0)]
    if before is not None:
        moments.append((Reminder.Moment.BEFORE, -before))
    if after is not None:
        moments.append((Reminder.Moment.AFTER, after))
    for moment, days in moments:
        at = _morning(due_on + days * DAY)
        if at > now:
            Reminder.objects.create(deadline=made, moment=moment, due_at=at)
    return made


def end(article: Article, kind: str, *, now: datetime.datetime, subject: int = 0, how: str = Deadline.End.MET) -> None:
    """What was due is done ("met") or no longer needed ("void"); call it with the piece locked. Without one, nothing."""
    if old := current(article, kind, subject):
        _end(old, how, now)


def reopen(article: Article, kind: str, *, subject: int = 0, ended_at: datetime.datetime) -> None:
    """Take back what `end` did at that moment."""
    found = Deadline.objects.filter(article=article, kind=kind, subject=subject, ended_at=ended_at).last()
    if found is None or current(article, kind, subject) is not None:
        return
    found.end, found.ended_at = Deadline.End.OPEN, None
    found.save(update_fields=["end", "ended_at"])
    found.reminders.filter(skipped_at=ended_at, skipped_by=None).update(skipped_at=None, skipped_why="")


def _end(deadline: Deadline, how: str, now: datetime.datetime) -> None:
    deadline.end, deadline.ended_at = Deadline.End(how), now
    deadline.save(update_fields=["end", "ended_at"])
    deadline.reminders.filter(sent_at=None, skipped_at=None).update(skipped_at=now, skipped_why=deadline.get_end_display())


def _morning(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(HOUR), tzinfo=Masthead.current().zone)


def day_after(day: datetime.date) -> datetime.datetime:
    """The moment from which something due on this day is late, in the publication's time zone."""
    return datetime.datetime.combine(day + DAY, datetime.time(), tzinfo=Masthead.current().zone)


def how_late(due_on: datetime.date, today: datetime.date) -> str:
    """“is due in three days”, “is due today”, “was due on 3 March 2027”."""
    days = (due_on - today).days
    if days < 0:
        return f"was due on {formats.date_format(due_on, 'j F Y')}"
    if days == 0:
        return "is due today"
    return "is due tomorrow" if days == 1 else f"is due in {days} days, on {formats.date_format(due_on, 'j F Y')}"


def waiting(now: datetime.datetime) -> Iterable[int]:
    """Ids of due dates with a reminder that should have gone by now."""
    due = Reminder.objects.filter(due_at__lte=now, sent_at=None, skipped_at=None)
    return due.order_by("due_at", "deadline_id").values_list("deadline_id", flat=True).distinct()


def run(now: datetime.datetime) -> int:
    """Send every reminder that is due; returns how many letters went. Safe to run twice and at the same time."""
    return sum(send(pk, now) for pk in list(dict.fromkeys(waiting(now))))


def send(deadline_id: int, now: datetime.datetime) -> int:
    """Send what is due of one date: several reminders that were missed go as one letter."""
    from editorial.perform import transaction_of  # it imports what imports this module

    article = Article.objects.filter(deadlines=deadline_id).first()
    if article is None:
        return 0
    with transaction.atomic(), transaction_of(article) as (locked, _handling):
        deadline = Deadline.objects.get(pk=deadline_id)
        due = list(
            deadline.reminders.select_for_update().filter(due_at__lte=now, sent_at=None, skipped_at=None).order_by("due_at")
        )
        if not due or deadline.kind not in KINDS:
            return 0
        last = due[-1]
        last.deadline.article = locked
        event = Event.objects.create(
            article=locked, transition="reminder_sent", from_status=locked.status, to_status=locked.status, by=None,
            at=now, revision_id=locked.latest_id, data={"what": KINDS[deadline.kind].label, "kind": deadline.kind, "subject": deadline.subject, "due_on": str(deadline.due_on)},
        )  # fmt: skip
        letters = KINDS[deadline.kind].remind(last, event, now)
        for reminder in due:
            if letters:
                reminder.sent_at, reminder.letter = now, letters[0]
            else:
                reminder.skipped_at, reminder.skipped_why = now, "nobody to remind"
            reminder.save(update_fields=["sent_at", "letter", "skipped_at", "skipped_why"])
    return len(letters)
