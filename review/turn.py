"""When a piece with referees becomes an editor's turn: `Handling.desk_from`, said anew after each thing that happens."""

import datetime

from articles.models import Article
from articles.status import Status
from editorial import deadlines
from editorial.models import Deadline, Handling
from review.models import Review, Round


def open_round(article: Article) -> Round | None:
    """The round that is open on a piece."""
    return Round.objects.filter(article=article, closed_at=None).select_related("revision", "form").first()


def settle(article: Article, handling: Handling, now: datetime.datetime) -> None:
    """Write from when on an editor has something to do; call it with the piece locked, after every change of a round.

    A moment that was reached before stays: it says how long the piece has waited for an editor.
    """
    if article.status != Status.IN_REVIEW or (round := open_round(article)) is None:
        return
    moment = desk_from(round, now)
    if moment is not None and moment <= now and handling.desk_from is not None and handling.desk_from <= now:
        return
    handling.desk_from = moment
    handling.save(update_fields=["desk_from"])


def desk_from(round: Round, now: datetime.datetime) -> datetime.datetime | None:
    """From when on the round needs an editor: now, where too few are asked, enough is in or somebody asks for time; else
    the first day on which somebody is late."""
    reviews = list(round.reviews.exclude(state=Review.State.LISTED))
    waiting = [review for review in reviews if review.is_open]
    sent = [review for review in reviews if review.state == Review.State.SUBMITTED]
    if len(waiting) + len(sent) < round.wanted or not waiting or len(sent) >= round.wanted:
        return now
    if any(review.asked_at for review in waiting):
        return now
    if hasattr(round, "draft_decision") and round.draft_decision.handed_at:
        return now
    due = Deadline.objects.filter(
        article_id=round.article_id, kind__in=("answer", "review"), subject__in=[r.pk for r in waiting], end=""
    ).order_by("due_on")
    kinds = {"answer": Review.State.INVITED, "review": Review.State.ACCEPTED}
    states = {review.pk: review.state for review in waiting}
    days = [row.due_on for row in due if states[row.subject] == kinds[row.kind]]
    return deadlines.day_after(min(days)) if days else now
