"""Pieces with referees, for tests: rows as the functions of `review` leave them, without the letters."""

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import deadlines
from editorial.perform import perform
from review import links
from review.models import Referee, Review, Round
from review.turn import open_round
from tests.cast import draft

DAY = datetime.timedelta(days=1)


def in_review(author: User, editor: User, *, mode: str = "double", wanted: int = 2, **fields: Any) -> Article:
    """A piece of the author's that the editor sent to referees; nobody is invited yet."""
    article = draft(author, **fields)
    perform(article, "submit", by=author)
    perform(article, "send_to_review", by=editor, mode=mode, wanted=wanted, traces_seen=True)
    return article


def round_of(article: Article) -> Round:
    found = open_round(article)
    assert found is not None
    return found


def referee(name: str = "Rita Gauge", email: str = "", **fields: Any) -> Referee:
    """A referee without an account; `user=` gives one."""
    address = email or f"{name.split(maxsplit=1)[0].lower()}@example.net"
    return Referee.objects.create(name=name, email=address, **{"affiliation": "Gauge Institute"} | fields)


def invited(round: Round, who: Referee, *, now: datetime.datetime | None = None, **fields: Any) -> Review:
    """Invited now, to answer in five days and review in fourteen."""
    moment = now or timezone.now()
    label = (round.reviews.exclude(label=None).count() or 0) + 1
    review = Review.objects.create(
        round=round, referee=who, **{"label": label, "state": Review.State.INVITED, "invited_at": moment} | fields
    )
    today = timezone.localdate(moment)
    deadlines.put(round.article, "answer", today + 5 * DAY, by=None, now=moment, subject=review.pk)
    deadlines.put(round.article, "review", today + 14 * DAY, by=None, now=moment, subject=review.pk)
    return review


def accepted(round: Round, who: Referee, *, now: datetime.datetime | None = None, **fields: Any) -> Review:
    moment = now or timezone.now()
    review = invited(round, who, now=moment, state=Review.State.ACCEPTED, answered_at=moment, no_conflict_at=moment, **fields)  # fmt: skip
    deadlines.end(round.article, "answer", subject=review.pk, now=moment)
    return review


def submitted(round: Round, who: Referee, *, now: datetime.datetime | None = None, **fields: Any) -> Review:
    moment = now or timezone.now()
    said = {
        "recommendation": "minor",
        "for_author": "The tide table on page two is upside down.",
        "for_editor": "Worth keeping.",
    }
    review = accepted(round, who, now=moment, **said | fields)
    review.state, review.submitted_at = Review.State.SUBMITTED, moment
    review.save()
    deadlines.end(round.article, "review", subject=review.pk, now=moment)
    return review


def token_of(review: Review) -> str:
    """A good secret of the review."""
    return links.make(review, timezone.now())
