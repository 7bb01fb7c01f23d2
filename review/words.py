"""Where a piece with referees stands, in plain words: for its authors without names, for editors as their next action.

What authors read says how many agreed to review and until when we expect to answer, and nothing of who was asked, who
could not, or what was recommended. While a decision can still be taken back they read what they read before it.
"""

import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import formats, timezone

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import rooms
from editorial.models import Deadline
from forum.models import Masthead
from review import blindness
from review.models import Mode, Review, Round

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
State = Review.State

# What the words read, for lists of many pieces.
READ: tuple["Prefetch[Any]", ...] = (
    Prefetch("rounds", Round.objects.select_related("draft_decision").order_by("number")),
    Prefetch("rounds__reviews", Review.objects.select_related("referee")),
    Prefetch("deadlines", Deadline.objects.filter(end="", kind__in=("answer", "review")), to_attr="referees_dates"),
)


def count(number: int) -> str:
    """A small number as a word."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def day(date: datetime.date, today: datetime.date) -> str:
    """As in 3 March, with the year where it is another."""
    return formats.date_format(date, "j F" if date.year == today.year else "j F Y")


def _last_round(article: Article) -> Round | None:
    """The newest round with its reviews: from the prefetch of a list, else read anew."""
    if "rounds" in getattr(article, "_prefetched_objects_cache", {}):
        return max(article.rounds.all(), key=lambda round: round.number, default=None)
    found = Round.objects.filter(article=article).select_related("draft_decision")
    return (
        found.prefetch_related(Prefetch("reviews", Review.objects.select_related("referee")))
        .order_by("-number")
        .first()
    )


# --- for authors ---


def for_authors(article: Article, now: datetime.datetime) -> str:
    """“With two referees since 3 March; we expect to answer by 17 March.”"""
    round = _last_round(article)
    if round is None:
        return "With referees."
    zone = Masthead.current().zone
    today = timezone.localdate(now, zone)
    # Whoever agreed, also if they gave up later: the piece has been with referees since then.
    agreed = [review for review in round.reviews.all() if review.no_conflict_at and review.answered_at]
    theirs = [review for review in agreed if _is_with(review, round)]
    sent = [review for review in theirs if review.submitted_at]
    if not theirs:
        since = timezone.localdate(round.opened_at, zone)
        said = f"We have been looking for referees since {day(since, today)}"
    elif len(sent) == len(theirs) and len(sent) >= round.wanted:
        said = (
            "The referees have answered, and an editor decides"
            if len(sent) > 1
            else "The referee has answered, and an editor decides"
        )
    else:
        since = min(timezone.localdate(review.answered_at, zone) for review in agreed if review.answered_at)
        said = f"With {count(len(theirs))} referee{'s' if len(theirs) > 1 else ''} since {day(since, today)}"
    if round.expected_on < today:
        return f"{said}. We had hoped to answer by {day(round.expected_on, today)}; we are sorry that it takes longer."
    return f"{said}; we expect to answer by {day(round.expected_on, today)}."


def _is_with(review: Review, round: Round) -> bool:
    """Whether the review is, or until the decision was, in the referee’s hands or sent."""
    if review.state == State.CANCELLED:
        return round.closed_at is not None and review.cancelled_at == round.closed_at
    return review.state in (State.ACCEPTED, State.SUBMITTED)


# --- for editors ---


def next_action(article: Article, user: User, now: datetime.datetime) -> str:
    """What an editor does next about the referees; empty where the piece rightly waits for them."""
    round = _last_round(article)
    if round is None or not round.is_open:
        return ""
    reviews = sorted(round.reviews.all(), key=lambda review: (review.label or 0, review.pk))
    waiting = [review for review in reviews if review.is_open]
    sent = [review for review in reviews if review.state == State.SUBMITTED]
    if round.mode == Mode.DOUBLE and round.traces_seen_at is None:
        return "Look at the identity check, then invite referees"
    if (draft := getattr(round, "draft_decision", None)) is not None and draft.handed_at:
        mine = user.has_perm("editorial.manage")
        return "A draft decision waits for you" if mine else "A draft decision waits for a managing editor"
    if asking := [review for review in waiting if review.asked_at]:
        if len(asking) == 1:
            return f"{blindness.name_of(asking[0], user)} asks for more time"
        return f"{count(len(asking)).capitalize()} referees ask for more time"
    if len(sent) >= round.wanted:
        return "Enough reviews are in: decide, or wait for the others" if waiting else "All reviews are in: decide"
    if len(waiting) + len(sent) < round.wanted:
        return _whom_to_invite(round, reviews, waiting, sent)
    if said := _who_is_late(article, waiting, now):
        return said
    is_past = round.expected_on < timezone.localdate(now, Masthead.current().zone)
    return "Tell the author another day: the promised one has passed" if is_past else ""


def _whom_to_invite(round: Round, reviews: list[Review], waiting: list[Review], sent: list[Review]) -> str:
    missing = round.wanted - len(waiting) - len(sent)
    what = (
        "Invite the next referee on the list"
        if any(r.state == State.LISTED for r in reviews)
        else "Invite another referee"
    )
    if all(review.state == State.LISTED for review in reviews):
        return "Invite referees" if missing > 1 else "Invite a referee"
    if sent and not waiting:
        are = "review is" if len(sent) == 1 else "reviews are"
        return f"{count(len(sent)).capitalize()} {are} in, {count(round.wanted)} were wanted: {what[0].lower()}{what[1:]}, or decide"
    return what


def _who_is_late(article: Article, waiting: list[Review], now: datetime.datetime) -> str:
    today = timezone.localdate(now, Masthead.current().zone)
    wanted = {(row.kind, row.subject): row.due_on for row in dates(article)}
    silent = [r for r in waiting if r.state == State.INVITED and wanted.get(("answer", r.pk), today) < today]
    late = [r for r in waiting if r.state == State.ACCEPTED and wanted.get(("review", r.pk), today) < today]
    if silent and late:
        return "Referees are silent or late: remind, give another day, or replace them"
    if silent:
        return (
            "An invitation was not answered: remind or replace the referee"
            if len(silent) == 1
            else f"{count(len(silent)).capitalize()} invitations were not answered: remind or replace the referees"
        )
    if late:
        return (
            "A referee is late: remind, give another day, or replace them"
            if len(late) == 1
            else f"{count(len(late)).capitalize()} referees are late: remind, give another day, or replace them"
        )
    return ""


def dates(article: Article) -> list[Deadline]:
    """The open dates of referees, from the prefetch where there is one."""
    known: list[Deadline] | None = getattr(article, "referees_dates", None)
    return list(article.deadlines.filter(end="", kind__in=("answer", "review"))) if known is None else known


def register() -> None:
    """Say so wherever the rooms below speak of a piece; for `AppConfig.ready()`."""
    rooms.AUTHOR_WORDS[Status.IN_REVIEW] = for_authors
    rooms.NEXT_WORDS[Status.IN_REVIEW] = next_action
    rooms.WORDS_READ[:] = READ
