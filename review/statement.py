"""How a piece was reviewed, for its readers, in the terms of ANSI/NISO Z39.106: identity transparency, the number of
referees and rounds, the days it took."""

import datetime
from typing import Any

from articles import how
from articles.models import Article
from review.models import Mode, Review, Round

# From the least to the most that was hidden: a piece whose rounds differed is told by the openest.
OPENNESS = (Mode.OPEN, Mode.SINGLE, Mode.DOUBLE)


def terms(article: Article, now: datetime.datetime) -> dict[str, Any]:
    """{"identity", "referees", "rounds", "days"} of the rounds in which a review was sent; empty without any.

    Days are whole days from the opening of the first round to `now`, the moment of the decision.
    """
    sent = Review.objects.filter(round__article=article, submitted_at__isnull=False, state=Review.State.SUBMITTED)
    rounds = list(Round.objects.filter(pk__in=sent.values("round")).order_by("number"))
    if not rounds:
        return {}
    mode = next(mode for mode in OPENNESS if mode in {round.mode for round in rounds})
    return {
        "identity": Mode(mode).label,
        "referees": sent.values("referee").distinct().count(),
        "rounds": len(rounds),
        "days": (now - rounds[0].opened_at).days,
    }


def line(terms: dict[str, Any]) -> str:
    """One sentence without a full stop, as stored with the piece and printed beneath it."""
    return how.refereed_as_stored(terms)
