"""What the desk's timeline calls the events of peer review that are no steps of the table. No name stands in them."""

from accounts.models import User
from editorial.models import Event

EVENT_WORDS: dict[str, str] = {
    # --- of referees (`review.answering`, `review.reviewing`)
    "referee_accepted": "A referee agreed to review",
    "referee_cant": "A referee can’t review",
    "referee_cant_undone": "A referee who couldn’t review can after all",
    "more_time_asked": "A referee asked for more time",
    "referee_link_asked": "A referee asked for a new link",
    "review_released": "A late review was handed on to the author",
    "review_sent": "A review was sent",
    # --- of editors about referees (`review.inviting`)
    "referee_listed": "A referee was listed as a next choice",
    "referee_unlisted": "A referee was taken off the next choices",
    "referees_reordered": "The next choices were put in another order",
    "referee_invited": "A referee was invited",
    "invitation_stopped": "An invitation was stopped before it went",
    "review_cancelled": "A review was cancelled",
    "referee_nudged": "A referee was reminded",
    "review_due": "A referee got another day",
    "more_time_refused": "A referee’s wish for more time was refused",
    "review_returned": "A review was returned to its referee for a fix",
    "traces_seen": "Looked at what could give the authors away",
    "reviews_wanted": "The number of reviews wanted was changed",
    "decision_handed": "A draft decision was handed to the managing editors",
    "decision_taken_over": "A draft decision was taken over",
    "review_traces_seen": "Looked at what could tell the author who a referee is",
}

# Reasons that editors typed about referees. They stand in `data`, since the whole desk reads the notes.
REASONS = {"override": "Invited despite a conflict", "why": "Reason"}
OF_EDITORS = frozenset({"referee_invited", "review_cancelled", "more_time_refused", "review_returned"})


def reasons(event: Event, viewer: User) -> list[tuple[str, str]]:
    """What was said about a referee, for who may know who they are. For `rooms.EVENT_LINES`."""
    if event.transition not in OF_EDITORS or not viewer.has_perm("editorial.see_referees"):
        return []
    return [(label, str(event.data[key])) for key, label in REASONS.items() if event.data.get(key)]
