"""What a step does in peer review."""

import datetime

from articles.status import Status
from editorial.models import Event
from editorial.registry import Act, effect, effect_afterwards
from review import post, rounds, turn
from review.guards import settling, withholding
from review.models import Review, Round, Settings

OUTCOMES = {
    "accept": Round.Outcome.ACCEPT,
    "decline": Round.Outcome.DECLINE,
    "withdraw": Round.Outcome.WITHDRAWN,
    "step_back": Round.Outcome.RECALLED,
}
TOLD = {
    "accept": "The piece was accepted.",
    "decline": "The piece was not accepted.",
    "withdraw": "Its author withdrew the piece.",
    "request_revision": "The author was asked to revise it.",
}


@effect
def open_round(act: Act, word: str) -> None:
    settings = Settings.current()
    days = datetime.timedelta(days=settings.answer_days + settings.review_days + settings.decision_days)
    made = rounds.begin(
        act.article, by=act.by, now=act.now, mode=act.said("mode") or settings.mode,
        wanted=act.details.get("wanted") or settings.wanted,
        expected_on=act.details.get("expected_on") or _today(act) + days, from_status=act.article.status,
        traces_seen=bool(act.details.get("traces_seen")),
    )  # fmt: skip
    act.handling.desk_from = act.now
    act.words["who expects"] = f"We expect to answer by {post.day(made.expected_on)}."
    act.data |= {
        "opened": made.pk, "round": made.number, "mode": made.mode, "wanted": made.wanted, "expected_on": str(made.expected_on),
        "traces": len(made.traces),
    }  # fmt: skip


@effect
def open_next_round(act: Act, word: str) -> None:
    if act.target == Status.IN_REVIEW:
        made = rounds.open_next(
            act.article, act.handling, by=act.by, now=act.now, response=act.said("message"), today=_today(act)
        )
        act.data |= {
            "opened": made.pk, "round": made.number, "mode": made.mode, "wanted": made.wanted, "expected_on": str(made.expected_on),
            "listed": list(made.reviews.values_list("pk", flat=True)),
        }  # fmt: skip


@effect
def close_round(act: Act, word: str) -> None:
    """The open round ends with the step that takes the piece out of review; what its readers are told is said anew."""
    round = turn.open_round(act.article) if act.article.status == Status.IN_REVIEW else None
    if round is not None:
        outcome = OUTCOMES.get(act.transition.name) or act.said("extent") or Round.Outcome.REVISION
        if act.transition.name == "step_back":
            act.target = Status(round.from_status)
        act.data |= rounds.close(
            round, by=act.by, now=act.now, outcome=outcome, settle=settling(act), withhold=withholding(act),
            released_at=act.handling.held_until or act.now,
        )  # fmt: skip
        if act.transition.name != "request_revision":
            act.handling.desk_from = None
    if act.transition.name == "accept":
        rounds.state_terms(act.article, act.now)


@effect
def reopen_round(act: Act, word: str) -> None:
    round = rounds.last(act.article)
    closing = Event.objects.filter(article=act.article, data__has_key="settled").order_by("-pk").first()
    assert round is not None, "A decision is held only where a round was decided."
    assert closing is not None, "Closing a round leaves an event."
    act.data |= rounds.reopen(round, act.handling, now=act.now, settled=closing.data["settled"])
    # As it was before the decision; what that did not change stays.
    before = {name: old for name, (old, _) in closing.data.get("set", {}).items()}
    act.handling.came_from = before.get("came_from", act.handling.came_from) or ""
    act.article.how_reviewed = before.get("how_reviewed", act.article.how_reviewed) or ""
    act.article.review_terms = before.get("review_terms", act.article.review_terms) or {}


@effect_afterwards
def tell_referees(act: Act, word: str) -> None:
    """Those who reviewed hear what was decided; those who were asked in vain, that they need not go on."""
    if "settled" not in act.data or act.rehearsed is not None or act.event is None:
        return
    for review in Review.objects.filter(round__article=act.article, round__number=act.data["round"]).select_related("referee__user", "round__revision", "round__article"):  # fmt: skip
        what = act.data["settled"].get(str(review.pk), {})
        if what.get("letter") == rounds.UNSENT:
            continue
        if what.get("now") == rounds.CANCELLED:
            post.write(
                review, "referee_cancelled", act.event, now=act.now, not_before=act.handling.held_until, has_link=False
            )
        elif review.state == Review.State.SUBMITTED and act.transition.name in TOLD:
            said = {"the decision": TOLD[act.transition.name]}
            post.write(review, "referee_told", act.event, now=act.now, not_before=act.handling.held_until, said=said)


def _today(act: Act) -> datetime.date:
    return act.now.astimezone(act.masthead.zone).date()
