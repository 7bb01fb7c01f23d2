"""Due dates and their reminders, all of them rows: seen beforehand, skipped, moved, never lost and never sent twice.

A room registers each kind of due date with whom it reminds. `run` sends what is due, whenever it comes: whatever was due
while nothing ran goes then, several reminders of one date as one letter. `move`, `skip`, `unskip` and `nudge` are an
editor's; `put`, `end` and `reopen` are for effects and for rooms, which hold the lock of the piece.
"""

import datetime
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import formats, timezone

from accounts.models import User
from articles.models import Article
from editorial import access, letters, recording
from editorial.models import Deadline, Event, Handling, Letter, Reminder
from editorial.registry import Blocked, Reason
from forum.models import Masthead

log = logging.getLogger(__name__)

# Reminders go in the morning of the publication's day.
HOUR = 8
DAY = datetime.timedelta(days=1)
# No day is set further ahead; the same as a step's (`guards.due_date_ahead`).
FURTHEST = datetime.timedelta(days=731)
# Nobody is reminded by hand twice within so long: a second click, or a second editor.
BETWEEN_NUDGES = datetime.timedelta(hours=12)


def _nothing(deadline: Deadline, event: Event, now: datetime.datetime) -> None:
    """Another day needs nothing else."""


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
    # The same for one reader of the desk, where a name may or may not be told: “the review of Referee 1”.
    about: Callable[[Deadline, User], str] | None = None
    # What else follows where an editor sets another day, such as telling whoever it is for; within the transaction.
    moved: Callable[[Deadline, Event, datetime.datetime], None] = _nothing
    # How another day is set and a reminder sent by hand, where the room has a way of its own. They ask for the right, lock
    # the piece and record what happened.
    move: "Callable[[Deadline, datetime.date, User, datetime.datetime], None] | None" = None
    nudge: "Callable[[Deadline, User, datetime.datetime], None] | None" = None
    # Whether it runs by now: the review of somebody who has not answered has a day, but nobody is reminded of it yet.
    is_running: Callable[[Deadline], bool] = lambda deadline: True
    # What events of this date keep besides; no names.
    data: Callable[[Deadline], Mapping[str, Any]] = lambda deadline: {}
    # Whether it is the piece's own date, which `Handling.due_on` says too.
    is_of_piece: bool = False


KINDS: dict[str, Due] = {}


def register(due: Due) -> None:
    """Make a kind of due date known; for `AppConfig.ready()`."""
    KINDS[due.kind] = due


def label(deadline: Deadline, reader: User) -> str:
    """What is due, for somebody of the desk: “the revision”."""
    due = KINDS.get(deadline.kind)
    if due is None:
        return f"the {deadline.kind}"
    return due.about(deadline, reader) if due.about else due.label


def is_running(deadline: Deadline) -> bool:
    """Whether somebody can be reminded of it by now, so that the desk shows it."""
    due = KINDS.get(deadline.kind)
    return due is None or due.is_running(deadline)


def current(article: Article, kind: str, subject: int = 0) -> Deadline | None:
    """The open due date of this kind, if there is one."""
    return Deadline.objects.filter(article=article, kind=kind, subject=subject, end="").first()


# --- setting and ending, with the piece locked ---


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
    zone = Masthead.current().zone
    at = {
        moment: datetime.datetime.combine(due_on + days * DAY, datetime.time(HOUR), tzinfo=zone)
        for moment, days in moments
    }
    Reminder.objects.bulk_create(
        Reminder(deadline=made, moment=moment, due_at=due_at) for moment, due_at in at.items() if due_at > now
    )
    return made


def end(article: Article, kind: str, *, now: datetime.datetime, subject: int = 0, how: str = Deadline.End.MET) -> None:
    """What was due is done ("met") or no longer needed ("void"); call it with the piece locked. Without one, nothing."""
    if old := current(article, kind, subject):
        _end(old, how, now)


def reopen(article: Article, kind: str, *, subject: int = 0, ended_at: datetime.datetime) -> None:
    """Take back what `end` did at that moment; call it with the piece locked."""
    found = Deadline.objects.filter(article=article, kind=kind, subject=subject, ended_at=ended_at).last()
    if found is None or current(article, kind, subject) is not None:
        return
    found.end, found.ended_at = Deadline.End.OPEN, None
    found.save(update_fields=["end", "ended_at"])
    found.reminders.filter(skipped_at=ended_at, skipped_by=None).update(skipped_at=None, skipped_why="")


def _end(deadline: Deadline, how: str, now: datetime.datetime) -> None:
    deadline.end, deadline.ended_at = Deadline.End(how), now
    deadline.save(update_fields=["end", "ended_at"])
    deadline.reminders.filter(sent_at=None, skipped_at=None).update(
        skipped_at=now, skipped_why=deadline.get_end_display()
    )


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


# --- what an editor does with one ---


def move(
    article: Article, deadline: Deadline, due_on: datetime.date, *, by: User, now: datetime.datetime | None = None
) -> None:
    """Set another day, as an editor; whoever it is for is told. Raises Blocked or PermissionDenied."""
    from editorial.perform import transaction_of  # it imports what imports this module

    now = now or timezone.now()
    with transaction_of(article) as (locked, handling):
        row = _open(locked, handling, deadline.pk, by, now)
        today = timezone.localdate(now, Masthead.current().zone)
        if due_on < today:
            raise Blocked(Reason("The date has passed. Choose today or a later day.", "due_on"))
        if due_on > today + FURTHEST:
            raise Blocked(Reason("The date is more than two years ahead.", "due_on"))
        if due_on == row.due_on:
            raise Blocked(Reason("That is the day already. Choose another.", "due_on"))
        if own := KINDS[row.kind].move:
            own(row, due_on, by, now)
            return
        due, before = KINDS[row.kind], recording.columns(locked, handling)
        made = put(locked, row.kind, due_on, by=by, now=now, subject=row.subject)
        made.article = locked
        if due.is_of_piece:
            handling.due_on, handling.desk_from = due_on, day_after(due_on)
            handling.save(update_fields=["due_on", "desk_from"])
        event = _note(
            locked, made, "deadline_moved", by, now, before=str(row.due_on),
            **recording.changed(before, recording.columns(locked, handling)),
        )  # fmt: skip
        due.moved(made, event, now)


def skip(reminder: Reminder, *, by: User, now: datetime.datetime | None = None) -> Event:
    """Leave a reminder out that has not gone yet. Raises Blocked or PermissionDenied."""
    from editorial.perform import transaction_of

    now = now or timezone.now()
    with transaction_of(reminder.deadline.article) as (locked, handling):
        row = Reminder.objects.select_for_update().get(pk=reminder.pk)
        deadline = _open(locked, handling, row.deadline_id, by, now)
        if row.sent_at:
            raise Blocked(Reason("This reminder has gone already."))
        if row.skipped_at:
            raise Blocked(Reason("This reminder is skipped already."))
        row.skipped_at, row.skipped_by, row.skipped_why = now, by, "skipped"
        row.save(update_fields=["skipped_at", "skipped_by", "skipped_why"])
        return _note(locked, deadline, "reminder_skipped", by, now, moment=row.moment)


def unskip(reminder: Reminder, *, by: User, now: datetime.datetime | None = None) -> Event:
    """Let a reminder that somebody skipped go after all, where its moment is still to come."""
    from editorial.perform import transaction_of

    now = now or timezone.now()
    with transaction_of(reminder.deadline.article) as (locked, handling):
        row = Reminder.objects.select_for_update().get(pk=reminder.pk)
        deadline = _open(locked, handling, row.deadline_id, by, now)
        if row.skipped_at is None:
            raise Blocked(Reason("This reminder is not skipped."))
        if row.due_at <= now:
            raise Blocked(Reason("Its moment has passed. Send a reminder now instead."))
        row.skipped_at, row.skipped_by, row.skipped_why = None, None, ""
        row.save(update_fields=["skipped_at", "skipped_by", "skipped_why"])
        return _note(locked, deadline, "reminder_restored", by, now, moment=row.moment)


def nudge(deadline: Deadline, *, by: User, now: datetime.datetime | None = None) -> None:
    """Send a reminder now, whenever the next would go by itself. Raises Blocked or PermissionDenied."""
    from editorial.perform import transaction_of

    now = now or timezone.now()
    with transaction_of(deadline.article) as (locked, handling):
        row = _open(locked, handling, deadline.pk, by, now)
        if own := KINDS[row.kind].nudge:
            own(row, by, now)
            return
        if (last := last_reminded(row)) and now - last < BETWEEN_NUDGES:
            said = formats.date_format(timezone.localtime(last, Masthead.current().zone), "j F Y, H:i")
            raise Blocked(Reason(f"A reminder went on {said}. Wait half a day before the next."))
        written = _remind(row, Reminder(deadline=row, moment=Reminder.Moment.ON, due_at=now), by, now)
        if not written:
            raise Blocked(Reason("There is nobody who could be reminded of it now."))
        # What should have gone by itself by now has gone with this.
        row.reminders.filter(due_at__lte=now, sent_at=None, skipped_at=None).update(sent_at=now, letter=written[0])


def last_reminded(deadline: Deadline) -> datetime.datetime | None:
    """When the last reminder of this date went, by itself or by hand."""
    events = Event.objects.filter(
        article_id=deadline.article_id, transition="reminder_sent", data__deadline=deadline.pk
    ).order_by("-at")
    return events.values_list("at", flat=True).first()


def _open(article: Article, handling: Handling, pk: int, by: User, now: datetime.datetime) -> Deadline:
    """The due date as it stands under the lock, where this person may do something with it."""
    if not access.may_decide(by, article):
        raise PermissionDenied("Due dates are for the editors of the piece.")
    if letters.is_held(handling, now):
        raise Blocked(
            Reason(
                "The decision about this piece has not gone yet. Wait until it has, or take it back to change a date."
            )
        )
    row = Deadline.objects.filter(pk=pk, article=article).first()
    if row is None or row.end != Deadline.End.OPEN or row.kind not in KINDS:
        raise Blocked(
            Reason("This date is over: it was met, moved or is not needed any more. Look at the dates again.")
        )
    row.article = article
    return row


def _note(
    article: Article, deadline: Deadline, name: str, by: User | None, now: datetime.datetime, **data: Any
) -> Event:
    due = KINDS[deadline.kind]
    known = {"what": due.label, "due_kind": deadline.kind, "subject": deadline.subject, "deadline": deadline.pk, "due_on": str(deadline.due_on)}  # fmt: skip
    return Event.objects.create(
        article=article, transition=name, from_status=article.status, to_status=article.status, by=by, at=now,
        revision_id=article.latest_id, data={**known, **due.data(deadline), **data},
    )  # fmt: skip


# --- reminders that go by themselves ---


def waiting(now: datetime.datetime) -> Iterable[int]:
    """Ids of due dates with a reminder that should have gone by now, the longest waiting first."""
    due = Reminder.objects.filter(due_at__lte=now, sent_at=None, skipped_at=None)
    return dict.fromkeys(due.order_by("due_at", "deadline_id").values_list("deadline_id", flat=True))


def run(now: datetime.datetime) -> int:
    """Send every reminder that is due; returns how many letters went. Safe to run twice and at the same time.

    Each date has a transaction of its own, so that one which fails neither holds up the others nor goes by half.
    """
    count = 0
    for pk in waiting(now):
        try:
            count += send(pk, now)
        except Exception:  # whatever it was, the others wait
            log.exception("Reminders of due date %s were not sent; they are tried again in a minute.", pk)
    return count


def send(deadline_id: int, now: datetime.datetime) -> int:
    """Send what is due of one date: several reminders that were missed go as one letter."""
    from editorial.perform import transaction_of  # it imports what imports this module

    article = Article.objects.filter(deadlines=deadline_id).first()
    if article is None:
        return 0
    with transaction_of(article) as (locked, handling):
        deadline = Deadline.objects.get(pk=deadline_id)
        # While a decision can be taken back nobody hears of its date; the next run finds it.
        if deadline.kind not in KINDS or deadline.end != Deadline.End.OPEN or letters.is_held(handling, now):
            return 0
        deadline.article = locked
        # Locked with the piece; whoever waited here finds nothing left.
        due = list(deadline.reminders.filter(due_at__lte=now, sent_at=None, skipped_at=None).order_by("due_at"))
        if not due:
            return 0
        due[-1].deadline = deadline
        written = _remind(deadline, due[-1], None, now)
        for reminder in due:
            if written:
                reminder.sent_at, reminder.letter = now, written[0]
            else:
                reminder.skipped_at, reminder.skipped_why = now, "nobody was to be reminded then"
            reminder.save(update_fields=["sent_at", "letter", "skipped_at", "skipped_why"])
    return len(written)


class _NobodyError(Exception):
    """Takes the event back that no letter came of: events can't be deleted."""


def _remind(deadline: Deadline, reminder: Reminder, by: User | None, now: datetime.datetime) -> list[Letter]:
    try:
        with transaction.atomic():
            event = _note(deadline.article, deadline, "reminder_sent", by, now)
            written = KINDS[deadline.kind].remind(reminder, event, now)
            if not written:
                raise _NobodyError
    except _NobodyError:
        return []
    return written
