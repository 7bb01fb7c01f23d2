"""What `editorial.replay` folds of peer review: rounds, reviews, and what was released to the author."""

from typing import Any

from articles.models import Article
from editorial import replay
from editorial.models import Event
from editorial.replay import Ledger
from review.models import Review, Round

UNLISTED = "referee_unlisted"


class ReviewFold(replay.Fold):
    """Each round from its opening to its outcome, each review from the list of next choices to its end.

    Due dates and what referees typed are no part of it: they have rows and texts of their own.
    """

    name, prefetch = "peer review", ("rounds__reviews",)

    def event(self, ledger: Ledger, event: Event) -> None:
        data = event.data
        if pk := data.get("opened"):
            ledger.tell_row(
                "round", pk, event, number=data["round"], mode=data["mode"], wanted=data["wanted"], revision=event.revision_id,
                outcome=None, closed_at=None,
            )  # fmt: skip
        for review in data.get("listed", []):
            self._tell(ledger, event, review, Review.State.LISTED)
        if "review" in data and "state" in data:
            self._tell(ledger, event, data["review"], data["state"])
        if event.transition == UNLISTED and not data.get("kept"):
            ledger.drop_row("review", data["review"])
        if event.transition == "review_released":
            ledger.tell_row("review", data["review"], event, released_at=data["released_at"])
        if event.transition == "reviews_wanted":
            self._tell_round(ledger, event, wanted=data["wanted"])
        if "settled" in data:
            self._close(ledger, event)
        if "restored" in data:
            self._reopen(ledger, event)

    @staticmethod
    def _tell(ledger: Ledger, event: Event, pk: int, state: str) -> None:
        ledger.tell_row("review", pk, event, state=state)
        ledger.tell_row(
            "review", pk, event, **({} if ledger.knows(f"review {pk}: released_at") else {"released_at": None})
        )

    @staticmethod
    def _tell_round(ledger: Ledger, event: Event, **columns: Any) -> None:
        for pk in ledger.rows("round", "number", (event.data["round"],)):
            ledger.tell_row("round", pk, event, **columns)

    def _close(self, ledger: Ledger, event: Event) -> None:
        self._tell_round(ledger, event, outcome=event.data["outcome"], closed_at=event.at)
        for pk, settled in event.data["settled"].items():
            if settled["now"] == Review.State.CANCELLED:
                ledger.tell_row("review", int(pk), event, state=Review.State.CANCELLED)
        for pk in event.data.get("released", []):
            ledger.tell_row("review", pk, event, released_at=event.data["released_at"])

    def _reopen(self, ledger: Ledger, event: Event) -> None:
        self._tell_round(ledger, event, outcome=None, closed_at=None)
        for pk, state in event.data["restored"].items():
            ledger.tell_row("review", int(pk), event, state=state)
        for pk in event.data.get("released", []):
            ledger.tell_row("review", pk, event, released_at=None)

    def stored(self, article: Article) -> dict[str, Any]:
        rounds: list[Round] = list(article.rounds.all())
        found = replay.rows_of(
            "round", rounds,
            lambda row: {
                "number": row.number, "mode": row.mode, "wanted": row.wanted, "revision": row.revision_id, "outcome": row.outcome,
                "closed_at": row.closed_at,
            },
        )  # fmt: skip
        reviews = [review for round in rounds for review in round.reviews.all()]
        return found | replay.rows_of(
            "review", reviews, lambda row: {"state": row.state, "released_at": row.released_at}
        )


def register() -> None:
    """For `AppConfig.ready()`."""
    replay.register(ReviewFold())
