"""What peer review asks of a step. Each guard returns its reasons in plain words, with the field where it is mended."""

import datetime

from articles.status import Status
from editorial.registry import Act, Reason, guard
from review import identity, rounds, turn
from review.models import Mode, Review

FURTHEST = datetime.timedelta(days=730)


@guard
def identity_traces_seen(act: Act) -> list[Reason]:
    """Somebody at the desk looked at what could give the authors away, before a round that hides them."""
    if act.details.get("traces_seen") or act.said("mode") in (Mode.SINGLE, Mode.OPEN):
        return []
    if not identity.in_text(act.article, act.article.latest):
        return []
    return [Reason("Look at what could give the authors away, and confirm that you did.", "traces_seen")]


@guard
def round_can_open(act: Act) -> list[Reason]:
    found = []
    if turn.open_round(act.article) is not None:
        return [Reason("A round is open already.")]
    mode, wanted, expected = (act.details.get(name) for name in ("mode", "wanted", "expected_on"))
    if mode and mode not in Mode.values:
        found.append(Reason("Choose who sees whose name.", "mode"))
    if wanted is not None and not (isinstance(wanted, int) and 1 <= wanted <= 9):
        found.append(Reason("Ask for one to nine reviews.", "wanted"))
    today = act.now.astimezone(act.masthead.zone).date()
    if isinstance(expected, datetime.date) and not today <= expected <= today + FURTHEST:
        found.append(Reason("Choose a day from today on, within two years.", "expected_on"))
    return found


def settling(act: Act) -> dict[str, str]:
    """What the step says becomes of each open review: {review id: "kept" or "cancelled"}."""
    said = act.details.get("settle") or {}
    return {str(pk): str(what) for pk, what in said.items()} if isinstance(said, dict) else {}


def withholding(act: Act) -> dict[str, str]:
    """What the step withholds from the author: {"review id:part": reason}."""
    said = act.details.get("releases") or {}
    return {str(part): str(why).strip() for part, why in said.items()} if isinstance(said, dict) else {}


@guard
def open_reviews_settled(act: Act) -> list[Reason]:
    """Nobody's work is dropped in silence: with the decision, each open review is kept or cancelled."""
    round = turn.open_round(act.article) if act.article.status == Status.IN_REVIEW else None
    if round is None:
        return []
    said = settling(act)
    found = [
        Reason(f"{review.name_for_others} has not sent a review. Say whether it is kept or cancelled.", "settle")
        for review in round.reviews.filter(state__in=Review.OPEN)
        if said.get(str(review.pk)) not in (rounds.KEPT, rounds.CANCELLED)
    ]
    own = set(round.reviews.filter(state=Review.State.SUBMITTED).values_list("pk", flat=True))
    for key, why in withholding(act).items():
        review_id, _, part = key.partition(":")
        if not part or not review_id.isdigit() or int(review_id) not in own:
            found.append(
                Reason("A part to withhold is not in this round any more. Look at the reviews again.", "releases")
            )
        elif not why:
            found.append(Reason("Give the reason for each part that you withhold.", "releases"))
    return found


@guard
def enough_reviews_or_reason(act: Act) -> list[Reason]:
    """Accepting before the wanted reviews are in needs a reason; a revision that no referee was asked about does not."""
    round = turn.open_round(act.article) if act.article.status == Status.IN_REVIEW else None
    if round is None or act.said("note"):
        return []
    asked = round.reviews.exclude(state=Review.State.LISTED)
    sent = asked.filter(state=Review.State.SUBMITTED).count()
    if sent >= round.wanted or (round.number > 1 and not asked.exists()):
        return []
    return [
        Reason(
            f"{sent} of {round.wanted} reviews {'is' if sent == 1 else 'are'} here. Give the reason for accepting without the rest.",
            "note",
        )
    ]
