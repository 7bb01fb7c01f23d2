"""What a referee answers: yes, “can’t review” and its undoing, more time, a new link, and from when on to be asked.

Each takes the referee's account as `by`, or None for who came by the link; the link was good for this review when the
page was asked for, and a review that was cancelled since refuses by its state.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from editorial import deadlines
from editorial.models import Deadline, Handling
from editorial.perform import transaction_of
from editorial.registry import Blocked, Reason
from forum.models import Masthead
from prose import sanitise
from review import blindness, post, record, turn
from review.models import Referee, Review, Settings

FURTHEST = datetime.timedelta(days=180)
LONGEST_PAUSE = datetime.timedelta(days=730)
# New links that one review gets in an hour.
MOST_LINKS = 3

OVER = "We no longer need this review: the piece was decided, or somebody took the request back. Thank you."


NAMED = "You are named as an author of this piece by now, so you can’t review it. Choose “I can’t review it”, or write to the editors."


class Over(Blocked):
    """Nothing can be written to this review any more."""

    def __init__(self, text: str = OVER) -> None:
        super().__init__(Reason(text))


@contextmanager
def at_hand(review: Review, by: User | None) -> Iterator[tuple[Review, Handling]]:
    """The review with its piece, read anew and locked until the block ends.

    Raises PermissionDenied where `by` is another account than the referee's.
    """
    with transaction_of(review.round.article) as (article, handling):
        found = (
            Review.objects.select_for_update(of=("self",))
            .select_related("round__revision", "round__form", "referee__user")
            .get(pk=review.pk)
        )
        found.round.article = article
        if by is not None and found.referee.user_id != by.pk:
            raise PermissionDenied("This review is somebody else’s.")
        yield found, handling


def is_open_for_words(review: Review) -> bool:
    """Whether the referee can still write and send: in an open round, or kept when it was closed."""
    return review.state == Review.State.ACCEPTED and (review.round.is_open or review.is_kept)


def accept(review: Review, *, by: User | None, no_conflict: bool, now: datetime.datetime | None = None) -> None:
    """Agree to review. The referee has said that they have no conflict; the text is shown from now on.

    A second press changes nothing. Raises Blocked.
    """
    now = now or timezone.now()
    with at_hand(review, by) as (found, handling):
        if found.state == Review.State.ACCEPTED:
            return
        if found.state != Review.State.INVITED or not found.round.is_open:
            raise Over
        if not no_conflict:
            raise Blocked(
                Reason("Say that you have no conflict of interest, or choose “I can’t review it”.", "no_conflict")
            )
        if blindness.is_author(found.referee, found.round.article):
            raise Blocked(Reason(NAMED))
        found.state = Review.State.ACCEPTED
        found.answered_at = found.no_conflict_at = now
        found.cant_why = found.cant_note = found.cant_others = ""
        found.save()
        deadlines.end(found.round.article, "answer", subject=found.pk, now=now)
        event = record.note(found.round.article, "referee_accepted", by=by, now=now, review=found)
        post.write(found, "referee_accepted", event, now=now)
        due = deadlines.current(found.round.article, "review", found.pk)
        post.write_to_desk(found, "referee_agreed_desk", event, **{"review by": post.day(due.due_on if due else None)})
        turn.settle(found.round.article, handling, now)


def cannot(
    review: Review, *, by: User | None, why: str, note: str = "", others: str = "", now: datetime.datetime | None = None
) -> None:
    """Say no, before or after agreeing. It can be undone while the round is open, and what was typed stays.

    Raises Blocked.
    """
    now = now or timezone.now()
    note, others = sanitise.plain_text(note)[:2000], sanitise.plain_text(others)[:2000]
    with at_hand(review, by) as (found, handling):
        if found.state == Review.State.CANT:
            return
        if not found.is_open:
            raise Over
        if why not in Review.Why.values:
            raise Blocked(Reason("Choose a reason; one click is enough.", "why"))
        # `no_conflict_at` stays where it was set: whoever was shown the text has seen it.
        found.state, found.answered_at = Review.State.CANT, now
        found.cant_why, found.cant_note, found.cant_others = why, note, others
        found.asked_due_on, found.asked_why, found.asked_at = None, "", None
        found.is_kept = False
        found.save()
        for kind in ("answer", "review"):
            deadlines.end(found.round.article, kind, subject=found.pk, now=now, how="void")
        event = record.note(found.round.article, "referee_cant", by=by, now=now, review=found, why=why)
        post.write(found, "referee_cant", event, now=now)
        post.write_to_desk(found, "referee_cant_desk", event, **{"the reason": _reason(found)})
        turn.settle(found.round.article, handling, now)


def _reason(review: Review) -> str:
    """Why not, and who else, as the desk reads it."""
    said = [Review.Why(review.cant_why).label + ".", review.cant_note]
    if review.cant_others:
        said.append(f"Who else could, in the referee’s words: {review.cant_others}")
    return "\n\n".join(filter(None, said))


def undo_cannot(review: Review, *, by: User | None, now: datetime.datetime | None = None) -> None:
    """Take a “can’t review” back: the invitation is open again, with all that was typed before. Raises Blocked."""
    now = now or timezone.now()
    with at_hand(review, by) as (found, handling):
        if found.is_open:
            return
        if found.state != Review.State.CANT or not found.round.is_open:
            raise Over(
                "The piece was decided in the meantime, so we no longer need a review. Thank you for coming back."
            )
        found.state, found.answered_at = Review.State.INVITED, None
        found.cant_why = found.cant_note = found.cant_others = ""
        found.save()
        settings, today = Settings.current(), _today(now)
        for kind, days in (("answer", settings.answer_days), ("review", settings.review_days)):
            # A day that was promised before never comes nearer.
            before = Deadline.objects.filter(article=found.round.article, kind=kind, subject=found.pk)
            promised = before.order_by("-pk").values_list("due_on", flat=True).first() or today
            due_on = max(promised, today + datetime.timedelta(days=days))
            deadlines.put(found.round.article, kind, due_on, by=by, now=now, subject=found.pk)
        record.note(found.round.article, "referee_cant_undone", by=by, now=now, review=found)
        turn.settle(found.round.article, handling, now)


def ask_more_time(
    review: Review,
    *,
    by: User | None,
    due_on: datetime.date | None,
    why: str = "",
    now: datetime.datetime | None = None,
) -> None:
    """Ask the desk for another day; until an editor answers, the old one stands. The same wish twice is one. Raises Blocked."""
    now = now or timezone.now()
    why = sanitise.plain_text(why)[:1000]
    with at_hand(review, by) as (found, handling):
        if not is_open_for_words(found):
            raise Over
        due = deadlines.current(found.round.article, "review", found.pk)
        today = _today(now)
        earliest = max(today, due.due_on) if due else today
        if due_on is None or due_on <= earliest:
            raise Blocked(Reason(f"Choose a day after {post.day(earliest)}.", "due_on"))
        if due_on > today + FURTHEST:
            raise Blocked(Reason("Choose a day within half a year; later than that, the piece can’t wait.", "due_on"))
        if (found.asked_due_on, found.asked_why) == (due_on, why):
            return
        found.asked_due_on, found.asked_why, found.asked_at = due_on, why, now
        found.save(update_fields=["asked_due_on", "asked_why", "asked_at"])
        event = record.note(
            found.round.article, "more_time_asked", by=by, now=now, review=found, due_on=str(due_on), why=why
        )
        said = {"review by": post.day(due_on), "the reason": why}
        post.write_to_desk(found, "more_time_desk", event, **said)
        turn.settle(found.round.article, handling, now)


def send_link(review: Review, *, now: datetime.datetime | None = None) -> None:
    """Send a new link to where the invitation went, and nowhere else; nothing where it went a few times just now.

    Who asks learns neither the address nor whether anything was sent.
    """
    now = now or timezone.now()
    with at_hand(review, None) as (found, _handling):
        recent = found.links.filter(made_at__gt=now - datetime.timedelta(hours=1)).count()
        if found.state in (Review.State.LISTED, Review.State.CANCELLED) or recent >= MOST_LINKS:
            return
        event = record.note(found.round.article, "referee_link_asked", by=None, now=now, review=found)
        post.write(found, "referee_link", event, now=now)


# --- what a referee says of themselves ---


def pause(referee: Referee, *, by: User, until: datetime.date | None, now: datetime.datetime | None = None) -> None:
    """Not to be asked before that day; without one, from now on again. Raises Blocked."""
    _own(referee, by)
    today = _today(now or timezone.now())
    if until is not None and not today < until <= today + LONGEST_PAUSE:
        raise Blocked(Reason("Choose a day after today, within two years.", "until"))
    referee.not_before = until
    referee.save(update_fields=["not_before"])


def declare(referee: Referee, *, by: User, conflicts: str) -> None:
    """With whom the referee has a conflict: names and institutions, a line each. Raises Blocked."""
    _own(referee, by)
    lines = "\n".join(
        dict.fromkeys(line for line in map(str.strip, sanitise.plain_text(conflicts).splitlines()) if line)
    )
    if len(lines) > 2000:
        raise Blocked(Reason(f"This has {len(lines):,} characters; at most 2,000 fit.", "conflicts"))
    referee.conflicts = lines
    referee.save(update_fields=["conflicts"])


def _own(referee: Referee, by: User) -> None:
    if referee.user_id != by.pk:
        raise PermissionDenied("Only the referee says this.")


def _today(now: datetime.datetime) -> datetime.date:
    return timezone.localdate(now, Masthead.current().zone)
