"""The page of a piece's referees: who is asked, what each is waiting for, what can be done, who is next, earlier rounds."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial.admin import words
from editorial.admin.words import Pill
from editorial.models import Deadline, Reminder
from editorial.registry import Blocked, Reason
from forum.models import Mail
from review import deciding, inviting, late, released, suggesting
from review.admin.pages import page, piece_of, shown
from review.models import Review, Round
from review.suggesting import Conflict
from review.words import next_action

State = Review.State
PILLS = {
    State.LISTED: Pill("Next choice"),
    State.INVITED: Pill("Invited", "theirs"),
    State.ACCEPTED: Pill("Reviewing", "theirs"),
    State.SUBMITTED: Pill("Review sent", "public"),
    State.CANT: Pill("Can’t review", "soon"),
    State.CANCELLED: Pill("Cancelled"),
}
# What a referee recommends, as a pill: the word says it.
WANTS = {"accept": "public", "minor": "theirs", "major": "soon", "decline": "bad"}


@dataclass
class Row:
    """One referee of a round, as the page prints them."""

    review: Review
    pill: Pill
    since: str = ""
    due: str = ""
    is_late: bool = False
    # The next letter that goes by itself.
    reminder: str = ""
    letter: str = ""
    # When the letter goes that can still be stopped.
    stops: str = ""
    recommends: Pill | None = None
    conflicts: list[Conflict] = field(default_factory=list)
    paused_until: datetime.date | None = None
    # What was typed and refused, to be shown again.
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.review.referee.name

    @property
    def is_open(self) -> bool:
        return self.review.is_open

    @property
    def day_asked(self) -> str:
        """What the field of another day begins with: what was typed, else what the referee asks for."""
        asked = self.review.asked_due_on
        return self.typed.get("due_on") or (asked.isoformat() if asked else "")


# --- what is shown -------------------------------------------------------------------------------------


def rows_of(reviews: list[Review], article: Article, now: datetime.datetime) -> list[Row]:
    """The rows with their days, letters and reminders; two questions whatever their number."""
    ids = [review.pk for review in reviews]
    due = {
        (row.kind, row.subject): row
        for row in Deadline.objects.filter(article=article, kind__in=("answer", "review"), subject__in=ids, end="")
    }
    waiting = Reminder.objects.filter(deadline__in=[row.pk for row in due.values()], sent_at=None, skipped_at=None)
    # The first of each stands last, and stays.
    next_at = dict(waiting.order_by("-due_at").values_list("deadline_id", "due_at"))
    today = timezone.localdate(now)
    found = []
    for review in reviews:
        row = Row(review, PILLS[State(review.state)], since=_since(review))
        kind = {State.INVITED: "answer", State.ACCEPTED: "review"}.get(State(review.state), "")
        if deadline := due.get((kind, review.pk)):
            what = "answer" if kind == "answer" else "review"
            row.due = f"{what} wanted by {words.day(deadline.due_on)}"
            row.is_late = deadline.due_on < today
            if at := next_at.get(deadline.pk):
                row.reminder = f"next reminder {words.moment(at)}"
            else:
                row.reminder = "no further reminder goes by itself"
        if inviting.may_stop(review, now):
            at = review.letter.mail.not_before  # type: ignore[union-attr]  # `may_stop` asked
            assert at is not None
            row.stops = f"{timezone.localtime(at):%H:%M}"
            row.letter = f"the invitation goes at {row.stops}"
        elif review.state == State.INVITED and review.letter is not None:
            row.letter = _of_mail(review.letter.mail)
        if review.state == State.SUBMITTED and review.recommendation:
            row.recommends = Pill(
                f"Recommends: {review.get_recommendation_display()}", WANTS.get(review.recommendation, "")
            )
        if review.referee.not_before and review.referee.not_before > today:
            row.paused_until = review.referee.not_before
        found.append(row)
    return found


def _since(review: Review) -> str:
    moments = {
        State.INVITED: ("invited", review.invited_at),
        State.ACCEPTED: ("returned for a fix", review.returned_at)
        if review.returned_at
        else ("agreed", review.answered_at),
        State.SUBMITTED: ("sent", review.submitted_at),
        State.CANT: ("answered", review.answered_at),
        State.CANCELLED: ("cancelled", review.cancelled_at),
    }
    said, at = moments.get(State(review.state), ("", None))
    return f"{said} {words.moment(at)}" if at else said


def _of_mail(mail: Mail) -> str:
    match mail.state:
        case Mail.State.FAILED:
            return "the invitation was not delivered: look at the address"
        case Mail.State.STOPPED:
            return "the invitation was stopped"
        case Mail.State.WAITING:
            return "the invitation is on its way"
    return ""


def reviews_of(round: Round) -> list[Review]:
    """All but the next choices, those of whom something is expected first."""
    found = round.reviews.exclude(state=State.LISTED).select_related("referee__user", "letter__mail", "round")
    order = {State.SUBMITTED: 0, State.ACCEPTED: 1, State.INVITED: 2, State.CANT: 3, State.CANCELLED: 4}
    return sorted(found, key=lambda review: (order[State(review.state)], review.label or 0, review.pk))


def decide_address(article: Article) -> str:
    try:
        return reverse("admin:review_decide", args=[article.pk])
    except NoReverseMatch:
        return ""


# --- what is done ----------------------------------------------------------------------------------------


def _day(text: str) -> datetime.date:
    try:
        found: datetime.date = forms.DateField().clean(text.replace("\x00", ""))
    except ValidationError:
        raise Blocked(Reason("Give a day, as in 2027-03-17.", "due_on")) from None
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


Said = dict[str, str]


def _stop(review: Review, by: User, said: Said) -> str:
    inviting.stop_invitation(review, by=by)
    return f"The invitation of {review.referee} was stopped: they hear nothing, and are a next choice again."


def _nudge(review: Review, by: User, said: Said) -> str:
    inviting.nudge(review, by=by)
    return f"A reminder is on its way to {review.referee}."


def _extend(review: Review, by: User, said: Said) -> str:
    day = _day(said.get("due_on", ""))
    inviting.extend(review, day, by=by)
    return f"{review.referee} has until {words.day(day)} now, and is told."


def _refuse(review: Review, by: User, said: Said) -> str:
    inviting.refuse_more_time(review, said.get("why", ""), by=by)
    return f"The day stays, and {review.referee} is told."


def _cancel(review: Review, by: User, said: Said) -> str:
    inviting.cancel(review, said.get("why", ""), by=by)
    review.refresh_from_db()
    is_stopped = review.letter is not None and review.letter.mail.state == Mail.State.STOPPED
    return f"Cancelled. {'Nothing has gone' if is_stopped else 'A letter goes'} to {review.referee}."


def _replace(review: Review, by: User, said: Said) -> str:
    named = (
        Review.objects.filter(pk=_number(said.get("next", "")), round=review.round_id).select_related("referee").first()
    )
    made = inviting.replace(review, by=by, expected=named)
    return f"{made.referee} is invited instead. The letter goes in ten minutes, and can be stopped until then."


def _return(review: Review, by: User, said: Said) -> str:
    inviting.return_for_fix(
        review, said.get("why", ""), by=by, due_on=_day(said["due_on"]) if said.get("due_on") else None
    )
    return f"The review is with {review.referee} again, with your question."


def _unlist(review: Review, by: User, said: Said) -> str:
    inviting.unlist(review, by=by)
    return f"{review.referee} is off the list."


def _up(review: Review, by: User, said: Said) -> str:
    inviting.move(review, -1, by=by)
    return ""


def _down(review: Review, by: User, said: Said) -> str:
    inviting.move(review, 1, by=by)
    return ""


OF_REVIEW: dict[str, Callable[[Review, User, Said], str]] = {
    "stop": _stop, "nudge": _nudge, "extend": _extend, "refuse": _refuse, "cancel": _cancel, "replace": _replace,
    "return": _return, "unlist": _unlist, "up": _up, "down": _down,
}  # fmt: skip


def _want(round: Round, by: User, said: Said) -> str:
    inviting.want(round, _number(said.get("wanted", "")), by=by)
    return f"{said['wanted']} review{'' if said['wanted'] == '1' else 's'} wanted now."


def _traces(round: Round, by: User, said: Said) -> str:
    if not said.get("traces_seen"):
        raise Blocked(Reason("Tick that you have looked at these places.", "traces_seen"))
    inviting.confirm_traces(round, by=by)
    return "Noted. Referees can be invited now."


def _earlier(round: Round, by: User, said: Said) -> str:
    made = inviting.invite_earlier(round, by=by)
    names = ", ".join(str(review.referee) for review in made)
    return f"Invited: {names}. The letters go in ten minutes, and can be stopped until then."


OF_ROUND: dict[str, Callable[[Round, User, Said], str]] = {"want": _want, "traces": _traces, "earlier": _earlier}


def act(article: Article, rounds: list[Round], by: User, said: Said) -> str:
    """Do what a button of the page says; returns what to report. Raises Blocked."""
    if (name := said.get("action", "")) in OF_ROUND:
        round = next((round for round in rounds if round.is_open), None)
        if round is None:
            raise Blocked(Reason("No round is open now. Somebody may have decided meanwhile."))
        return OF_ROUND[name](round, by, said)
    review = (
        Review.objects.filter(pk=_number(said.get("review", "")), round__article=article)
        .select_related("referee__user", "round", "letter__mail")
        .first()
    )
    if name not in OF_REVIEW or review is None:
        raise Blocked(Reason("That is not possible any more. Look at the page again."))
    review.round.article = article
    # The state that the person saw: where it is another by now, the act is refused.
    if said.get("seen") in State.values:
        review.state = State(said["seen"])
    return OF_REVIEW[name](review, by, said)


# --- pages -------------------------------------------------------------------------------------------------


@page("<int:pk>/", "review_round")
def round_page(desk: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the referees of a piece. POST does one thing, and says what."""
    article = piece_of(desk, request, pk)
    rounds = list(article.rounds.select_related("revision", "opened_by", "traces_seen_by").order_by("-number"))
    for round in rounds:
        round.article = article
    said = {name: str(value) for name, value in request.POST.items()}
    problem: Blocked | None = None
    if request.method == "POST":
        try:
            done = act(article, rounds, request.user, said)
        except Blocked as answer:
            problem = answer
        except PermissionDenied as refusal:
            desk.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:index")
        else:
            if done:
                desk.message_user(request, done, messages.SUCCESS)
            return redirect("admin:review_round", pk)
    return shown(
        desk, request, "round.html", article, _context(article, rounds, request.user, said, problem, timezone.now())
    )


def _context(
    article: Article, rounds: list[Round], user: User, said: Said, problem: Blocked | None, now: datetime.datetime
) -> dict[str, Any]:
    article.refresh_from_db(fields=["status"])
    current = (
        Round.objects.select_related("revision", "opened_by", "traces_seen_by")
        .filter(article=article)
        .order_by("-number")
        .first()
    )
    context: dict[str, Any] = {
        "title": "Referees",
        "problems": problem.reasons if problem else (),
        "round": current,
        "may_send": article.status in ("submitted", "editing"),
    }
    if current is None:
        return context
    current.article = article
    rows = rows_of(reviews_of(current), article, now)
    listed = rows_of(inviting.next_choices(current), article, now) if current.is_open else []
    conflicts = suggesting.conflicts_of_many([row.review.referee for row in listed], article)
    for row in listed:
        row.conflicts = conflicts[row.review.referee_id]
    for row in (*rows, *listed):
        row.typed = said if problem and said.get("review") == str(row.review.pk) else {}
    free = next((row for row in listed if not row.conflicts and not row.paused_until), None)
    sent = sum(row.review.state == State.SUBMITTED for row in rows)
    asked = sum(row.is_open for row in rows)
    needs_look = current.hides_authors and bool(current.traces) and current.traces_seen_at is None
    before = inviting.reviewed_before(current) if current.is_open else []
    earlier = [(round, rows_of(reviews_of(round), article, now)) for round in rounds if round.pk != current.pk]
    return context | {
        "rows": rows,
        "listed": listed,
        "next_choice": free.review if free else None,
        "sent": sent,
        "asked": asked,
        "is_enough": sent >= current.wanted,
        "is_short": sent + asked < current.wanted,
        "before": before,
        "needs_look": needs_look,
        "next": next_action(article, user, now) if current.is_open else "",
        "earlier": earlier,
        "decide_url": decide_address(article) if current.is_open else "",
        "expected_on": words.day(current.expected_on),
        "opened": words.moment(current.opened_at),
        "wanted_typed": said.get("wanted", "") if problem else "",
        "today": timezone.localdate(now).isoformat(),
    }


def _withheld(said: Said) -> dict[str, str]:
    start = "withhold-"
    return {name.removeprefix(start): why for name, why in said.items() if name.startswith(start)}


def _late(review: Review, said: Said) -> dict[str, Any]:
    """What is asked before a review that came after the decision is handed on."""
    typed, told = _withheld(said), deciding.traces(review)
    return {
        "traces": told,
        "mark": deciding.mark_of_traces(told),
        "parts": [(part, typed.get(part.key, "")) for part in released.parts_of(review)],
        "is_typed": any(typed.values()),
    }


@page("<int:pk>/reviews/<int:review>/", "review_read")
def read(desk: Any, request: HttpRequest, pk: int, review: int) -> HttpResponse:
    """A review that was sent, all of it, to read; and giving it back for a fix."""
    article = piece_of(desk, request, pk)
    found = (
        released.whole(
            Review.objects.filter(pk=review, round__article=article).exclude(submitted_at=None, returned_at=None)
        )
        .select_related("referee__user")
        .first()
    )
    if found is None:
        raise Http404
    said = {name: str(value) for name, value in request.POST.items()}
    problem: Blocked | None = None
    if request.method == "POST":
        try:
            if said.get("action") == "hand_on":
                late.hand_on(found, by=request.user, seen_traces=said.get("traces", ""), withhold=_withheld(said))
                done = "The author can read it, and gets a letter that says so."
            else:
                done = act(article, [], request.user, {"review": str(review), "action": "return"} | said)
        except Blocked as answer:
            problem = answer
        else:
            desk.message_user(request, done, messages.SUCCESS)
            return redirect("admin:review_round", pk)
    answers = [(q.label, released.answer(q, found), q.is_for_author) for q in found.round.form.questions.all()]
    row = rows_of([found], article, timezone.now())[0]
    context = {
        "title": f"Review by {found.referee}",
        "row": row,
        "review": found,
        "remarks": [(part, part.key) for part in released.parts_of(found) if part.kind == "remark"],
        "for_desk": [remark for remark in found.remarks.all() if remark.is_for_editor],
        "answers": [(label, said, is_for_author) for label, said, is_for_author in answers if said],
        "attachment": released.attachment_of(found),
        "file_url": reverse("admin:review_file", args=[found.pk]) if found.state == State.SUBMITTED else "",
        "problems": problem.reasons if problem else (),
        "typed": said if problem else {},
        "late": _late(found, said) if late.is_late(found) else None,
        "may_return": found.state == State.SUBMITTED and found.released_at is None and found.round.is_open,
    }
    return shown(desk, request, "read.html", article, context)
