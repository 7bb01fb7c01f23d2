"""A review that was kept when its round was decided, and came afterwards: an editor hands it on to the author."""

import datetime
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from editorial import access, letters
from editorial.perform import transaction_of
from editorial.recording import plain
from editorial.registry import Blocked, Reason
from review import deciding, record, released, rounds
from review.models import Review, Withheld

RELEASED = "review_released"


def is_late(review: Review) -> bool:
    """Whether the review came after its round was decided, and its author has not got it."""
    is_sent = review.state == Review.State.SUBMITTED and review.released_at is None
    return is_sent and not review.round.is_open and review.round.outcome in rounds.DECISIONS


def hand_on(
    review: Review,
    *,
    by: User,
    seen_traces: str = "",
    withhold: Mapping[str, str] | None = None,
    now: datetime.datetime | None = None,
) -> None:
    """Let the authors read a late review, but for the parts of `withhold` ({part: reason}); they get a letter.

    `seen_traces` stands for what could tell who the referee is, as the editor saw it (`deciding.mark_of_traces`). Raises
    PermissionDenied, or Blocked.
    """
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, handling):
        if not (access.may_decide(by, article) and by.has_perm("editorial.see_referees")):
            raise PermissionDenied("The reviews of this piece are not yours to hand on.")
        found = released.whole(Review.objects.filter(pk=review.pk)).get()
        found.round.article = article
        if letters.is_held(handling, moment):
            raise Blocked(Reason("The letters of the decision have not gone yet. Hand the review on after them."))
        if not is_late(found):
            raise Blocked(Reason("The author has this review, or its round is open again. Look at the page again."))
        if (told := deciding.traces(found)) and seen_traces != deciding.mark_of_traces(told):
            raise Blocked(Reason("Look at what could tell who the referee is, and confirm that you did.", "traces"))
        keys = {part.key for part in released.parts_of(found)}
        said = {part: " ".join(why.replace("\x00", "").split())[:1000] for part, why in (withhold or {}).items()}
        reasons = {part: why for part, why in said.items() if why}
        if unknown := set(reasons) - keys:
            raise Blocked(Reason(f"The review has no such part any more ({', '.join(sorted(unknown))}).", "withhold"))
        if keys <= set(reasons):
            raise Blocked(Reason("Nothing would be left for the author to read.", "withhold"))
        for part, why in reasons.items():
            Withheld.objects.update_or_create(review=found, part=part, defaults={"reason": why, "by": by, "at": moment})
        found.released_at = moment
        found.save(update_fields=["released_at"])
        event = record.note(
            article, RELEASED, by=by, now=moment, review=found, released_at=plain(moment), withheld=sorted(reasons)
        )
        for person in access.authors_with_account(article):
            letters.write_news(article, event, RELEASED, person, {}, is_to_author=True)
