"""Events of peer review: what happens to a round without moving the piece. They name no referee."""

import datetime
from typing import Any

from accounts.models import User
from articles.models import Article
from editorial.models import Event
from review.models import Review


def note(
    article: Article,
    name: str,
    *,
    by: User | None,
    now: datetime.datetime,
    review: Review | None = None,
    note: str = "",
    **data: Any,
) -> Event:
    """Write one event about a round, in the caller's transaction.

    `data` holds no name of a referee: the review's id leads to it, for those who may know (`review.blindness`). `by` is
    nobody for a referee without an account.
    """
    if review is not None:
        data |= {
            "review": review.pk,
            "round": review.round.number,
            "referee": review.name_for_others,
            "state": review.state,
        }
    return Event.objects.create(
        article=article, transition=name, from_status=article.status, to_status=article.status, by=by, at=now,
        note=note, revision_id=article.latest_id, data=data,
    )  # fmt: skip
