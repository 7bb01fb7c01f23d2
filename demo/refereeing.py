"""The refereeing of a piece of the demonstration: each invitation, answer, review and decision by the person whose it is."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from accounts.models import User
from demo.content import DemoOpinion, DemoRound
from editorial.models import Reminder
from editorial.perform import perform
from review import answering, inviting, reviewing
from review.models import Question, Referee, Review, Round
from review.reviewing import Words
from review.turn import open_round

if TYPE_CHECKING:
    from demo.history import _Story

# Days from the invitation on, as `review.models.Settings` begins with.
ANSWER_IN, REVIEW_IN = 5, 14
NOT_REMINDED = "not sent in the demonstration"


def tell(story: "_Story") -> bool:
    """Send the piece to its referees and take it through its rounds; whether it was accepted."""
    piece, editor = story.piece, story.cast.editor
    first = piece.rounds[0]
    perform(story.article, "send_to_review", by=editor, traces_seen=True, wanted=2, now=story.at(first.opened, 11))
    for number, told in enumerate(piece.rounds):
        round = open_round(story.article)
        assert round is not None
        if number:
            # The revision opened it by itself; the text is looked at before anybody is invited.
            inviting.confirm_traces(round, by=editor, now=story.at(told.opened, 12))
        _read(story, round, told)
        if not told.decision:
            break
        _decide(story, told)
    _silence(story)
    return bool(piece.rounds[-1].decision == "accept")


def _read(story: "_Story", round: Round, told: DemoRound) -> None:
    """All that happens in the round, in the order in which it happened."""
    acts: list[tuple[datetime.datetime, Callable[[datetime.datetime], Any]]] = []
    for opinion in told.opinions:
        acts.append((story.at(opinion.invited, 14), partial(_invite, story, round, opinion)))
        if opinion.answered >= 0:
            acts.append((story.at(opinion.answered, 9), partial(_agree, story, round, opinion)))
        if opinion.sent >= 0:
            acts.append((story.at(opinion.sent, 18), partial(_send, story, round, opinion)))
    for key in told.next_choices:
        who = _referee(story, key)
        acts.append((story.at(told.opened, 15), partial(_list, story, round, who)))
    for moment, act in sorted(acts, key=lambda one: one[0]):
        act(moment)


def _list(story: "_Story", round: Round, who: Referee, now: datetime.datetime) -> None:
    inviting.list_next(round, who, by=story.cast.editor, now=now)


def _invite(story: "_Story", round: Round, opinion: DemoOpinion, now: datetime.datetime) -> None:
    day = story.calendar.day
    inviting.invite(
        round, _referee(story, opinion.referee), by=story.cast.editor, answer_by=day(ANSWER_IN - opinion.invited),
        review_by=day(REVIEW_IN - opinion.invited), now=now,
    )  # fmt: skip


def _agree(story: "_Story", round: Round, opinion: DemoOpinion, now: datetime.datetime) -> None:
    review, user = _review(story, round, opinion)
    answering.accept(review, by=user, no_conflict=True, now=now)


def _send(story: "_Story", round: Round, opinion: DemoOpinion, now: datetime.datetime) -> None:
    review, user = _review(story, round, opinion)
    scales = [question for question in round.form.questions.all() if question.kind == Question.Kind.SCALE]
    answers = {str(question.pk): opinion.rating for question in scales}
    words = Words(opinion.recommendation, opinion.for_author, opinion.for_editor, answers)
    saved = reviewing.save(review, words, base=review.edits, by=user, now=now)
    reviewing.submit(saved, by=user, seen=saved.edits, now=now + datetime.timedelta(minutes=2))


def _review(story: "_Story", round: Round, opinion: DemoOpinion) -> tuple[Review, User | None]:
    review = round.reviews.select_related("referee", "round__article").get(referee=_referee(story, opinion.referee))
    return review, story.cast.referees[opinion.referee][1]


def _referee(story: "_Story", key: str) -> Referee:
    who, user = story.cast.referees[key]
    by = story.cast.editor
    if user is not None:
        return inviting.referee_for_account(user, by=by)
    return inviting.referee_of(who.name, who.email, by=by, affiliation=who.affiliation)


def _decide(story: "_Story", told: DemoRound) -> None:
    now = story.at(told.decided, 15)
    if told.decision == "accept":
        perform(story.article, "accept", by=story.cast.editor, message=told.message, now=now)
        return
    details: dict[str, Any] = {"extent": told.decision, "message": told.message}
    due = story.calendar.day(14 - told.decided)
    perform(story.article, "request_revision", by=story.cast.editor, due_on=due, now=now, **details)
    perform(story.article, "resubmit", by=story.by, message=told.response, now=story.at(told.answered, 10))


def _silence(story: "_Story") -> None:
    """Reminders whose day is past would all go with the first run of the worker, to people who do not exist."""
    past = Reminder.objects.filter(
        deadline__article=story.article, due_at__lte=story.calendar.now, sent_at=None, skipped_at=None
    )
    past.update(skipped_at=story.calendar.now, skipped_why=NOT_REMINDED)
