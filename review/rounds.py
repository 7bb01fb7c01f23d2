"""Opening and closing a round, and taking a decision back. Called by effects, within the step's transaction."""

import datetime
from typing import Any

from articles.models import Article
from articles.status import Status
from editorial import deadlines
from editorial.models import Handling
from editorial.recording import plain
from forum import mail
from forum.models import Mail
from review import identity, links, questions, statement, turn
from review.models import Mode, Review, Round, Settings, Withheld

KEPT, CANCELLED = "kept", "cancelled"
# Of the letter of an invitation that was stopped with the round.
UNSENT = "unsent"
DECISIONS = frozenset(
    {Round.Outcome.ACCEPT, Round.Outcome.MINOR, Round.Outcome.MAJOR, Round.Outcome.REVISION, Round.Outcome.DECLINE}
)


def last(article: Article) -> Round | None:
    return Round.objects.filter(article=article).select_related("revision", "form").order_by("-number").first()


def begin(
    article: Article,
    *,
    by: Any,
    now: datetime.datetime,
    mode: str,
    wanted: int,
    expected_on: datetime.date,
    from_status: str,
    response: str = "",
    traces_seen: bool = False,
) -> Round:
    """Open a round on the latest text, which it freezes. The identity check is made here, whatever a page showed."""
    before = last(article)
    form = questions.current()
    questions.freeze(form, now)
    return Round.objects.create(
        article=article, number=before.number + 1 if before else 1, revision=article.latest, mode=mode, wanted=wanted,
        form=form, from_status=from_status, opened_by=by, opened_at=now, expected_on=expected_on, response=response,
        traces=identity.in_text(article, article.latest, response) if mode == Mode.DOUBLE else [],
        traces_seen_by=by if traces_seen else None, traces_seen_at=now if traces_seen else None,
    )  # fmt: skip


def open_next(
    article: Article, handling: Handling, *, by: Any, now: datetime.datetime, response: str, today: datetime.date
) -> Round:
    """Open the round of a revision: those who reviewed before are the first choices; an editor invites them."""
    before, settings = last(article), Settings.current()
    assert before is not None, "A revision comes back to referees only where there were some."
    days = datetime.timedelta(days=settings.review_days + settings.decision_days)
    made = begin(
        article, by=by, now=now, mode=before.mode, wanted=before.wanted, expected_on=today + days,
        from_status=before.from_status, response=response,
    )  # fmt: skip
    seen: set[int] = set()
    earlier = Review.objects.filter(round__article=article, round__number__lt=made.number, submitted_at__isnull=False)
    for review in earlier.order_by("-round__number", "label"):
        if review.referee_id not in seen:
            seen.add(review.referee_id)
            Review.objects.create(round=made, referee_id=review.referee_id, label=review.label, position=len(seen))
    handling.desk_from = now
    return made


def stop_letter(review: Review) -> bool:
    """Whether the invitation's letter still waited and was stopped; waits for a worker that sends it in this moment."""
    if review.letter is None:
        return False
    return mail.stop(Mail.objects.select_for_update().get(pk=review.letter.mail_id))


def cancel(review: Review, *, now: datetime.datetime, why: str = "") -> None:
    """End an open review: its addresses are over, its due dates void. What was typed stays."""
    review.state, review.cancelled_at, review.cancelled_why = Review.State.CANCELLED, now, why[:300]
    review.save(update_fields=["state", "cancelled_at", "cancelled_why"])
    links.revoke(review, now)
    for kind in ("answer", "review"):
        deadlines.end(review.round.article, kind, subject=review.pk, now=now, how="void")


def close(
    round: Round,
    *,
    by: Any,
    now: datetime.datetime,
    outcome: str,
    settle: dict[str, str],
    withhold: dict[str, str],
    released_at: datetime.datetime,
) -> dict[str, Any]:
    """Close a round: each open review is kept or cancelled, the sent ones released but for what is withheld. An
    invitation that has not gone is stopped: its referee hears neither of it nor of its end.

    Returns what the event records, without names, so that `reopen` can take it back.
    """
    settled = {}
    for review in round.reviews.filter(state__in=Review.OPEN).select_related("letter").order_by("pk"):
        review.round = round
        if settle.get(str(review.pk)) == KEPT and review.state == Review.State.ACCEPTED:
            review.is_kept = True
            review.save(update_fields=["is_kept"])
            settled[str(review.pk)] = {"was": review.state, "now": KEPT}
        else:
            settled[str(review.pk)] = {"was": review.state, "now": CANCELLED}
            if review.state == Review.State.INVITED and stop_letter(review):
                settled[str(review.pk)]["letter"] = UNSENT
            cancel(review, now=now, why="The round was closed.")
    released = []
    if outcome in DECISIONS:
        for review in round.reviews.filter(state=Review.State.SUBMITTED):
            review.released_at = released_at
            review.save(update_fields=["released_at"])
            released.append(review.pk)
        for key, reason in withhold.items():
            review_id, _, part = key.partition(":")
            Withheld.objects.update_or_create(
                review_id=int(review_id), part=part, defaults={"reason": reason, "by": by, "at": now}
            )
    round.closed_at, round.closed_by, round.outcome = now, by, Round.Outcome(outcome)
    round.save(update_fields=["closed_at", "closed_by", "outcome"])
    return {
        "round": round.number, "outcome": outcome, "settled": settled, "withheld": sorted(withhold), "released": released,
        "released_at": plain(released_at) if released else None,
    }  # fmt: skip


def reopen(round: Round, handling: Handling, *, now: datetime.datetime, settled: dict[str, Any]) -> dict[str, Any]:
    """Take back what `close` did: nobody outside the desk has heard of it. Returns what the event records."""
    at = round.closed_at
    assert at is not None, "Only a closed round is opened again."
    for review in round.reviews.filter(pk__in=[int(pk) for pk in settled]):
        was = settled[str(review.pk)]
        review.is_kept = False
        if was["now"] == CANCELLED and was.get("letter") == UNSENT:
            # Its letter can't go any more, so its referee is a next choice again.
            review.state, review.cancelled_at, review.cancelled_why = Review.State.LISTED, None, ""
            review.invited_at = review.invited_by = None
        elif was["now"] == CANCELLED:
            review.state, review.cancelled_at, review.cancelled_why = was["was"], None, ""
            links.restore(review, at)
            for kind in ("answer", "review"):
                deadlines.reopen(round.article, kind, subject=review.pk, ended_at=at)
        review.save(update_fields=["is_kept", "state", "cancelled_at", "cancelled_why", "invited_at", "invited_by"])
    Withheld.objects.filter(review__round=round).delete()
    released = list(round.reviews.exclude(released_at=None).values_list("pk", flat=True))
    round.reviews.update(released_at=None)
    round.closed_at, round.closed_by, round.outcome = None, None, Round.Outcome.OPEN
    round.save(update_fields=["closed_at", "closed_by", "outcome"])
    handling.desk_from = turn.desk_from(round, now)
    restored = {
        pk: Review.State.LISTED if was.get("letter") == UNSENT else was["was"]
        for pk, was in settled.items()
        if was["now"] == CANCELLED
    }
    return {"round": round.number, "restored": restored, "released": released}


def state_terms(article: Article, now: datetime.datetime) -> None:
    """Say on the piece how it was reviewed, for its readers."""
    article.review_terms = statement.terms(article, now)
    if article.review_terms:
        article.how_reviewed = statement.line(article.review_terms)


def is_in_review(article: Article) -> bool:
    return article.status == Status.IN_REVIEW
