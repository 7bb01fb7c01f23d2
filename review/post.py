"""Letters to referees. Each goes to one person alone, with an address for this review and no other."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.utils import formats

from articles.models import Byline
from editorial import deadlines, letters
from editorial.letter_words import Wording
from editorial.models import Event, Letter
from prose import measure
from review import links
from review.models import Mode, Review, Round

SEES = {
    Mode.DOUBLE: "You will not see who wrote it, and the author will not see who you are.",
    Mode.SINGLE: "You see who wrote it; the author will not see who you are.",
    Mode.OPEN: "You see who wrote it, and the author will see who you are.",
}
AGAIN = "You reviewed an earlier version of it. You will see what has changed since, and the author’s response."


def day(value: datetime.date | None) -> str:
    return formats.date_format(value, "j F Y") if value else ""


def authors_of(round: Round) -> str:
    """The names above the piece, as printed; empty where the round hides them."""
    if round.hides_authors:
        return ""
    return ", ".join(round.article.bylines.filter(role=Byline.Role.AUTHOR).values_list("name", flat=True))


def values(review: Review, **more: Any) -> dict[str, str]:
    """What stands for the placeholders of a letter to this referee: nothing that the round hides."""
    round, text = review.round, review.round.revision
    due = deadlines.current(round.article, "review", review.pk)
    answer = deadlines.current(round.article, "answer", review.pk)
    names = authors_of(round)
    has_reviewed = review.referee.reviews.filter(
        round__article=round.article, round__number__lt=round.number, submitted_at__isnull=False
    ).exists()
    return {
        "title": text.title or "Untitled",
        "in brief": text.in_brief,
        "who wrote it": f"It is by {names}." if names else "",
        "who sees what": SEES[Mode(round.mode)],
        "answer by": day(answer.due_on if answer else None),
        "review by": day(due.due_on if due else None),
        "how long": f"{measure.words(text.body)} words, a {measure.reading_minutes(text.body, text.in_brief)} minute read",
        "again": AGAIN if has_reviewed else "",
        **more,
    }


def write(
    review: Review,
    kind: str,
    event: Event,
    *,
    now: datetime.datetime,
    by_hand: Wording | None = None,
    not_before: datetime.datetime | None = None,
    has_link: bool = True,
    said: Mapping[str, str] | None = None,
) -> Letter:
    """Write to the referee of a review, in the caller's transaction, with a new secret address of it. `said` fills
    placeholders that only this letter has."""
    referee = review.referee
    secrets = {"link": links.address(links.make(review, now))} if has_link else {}
    return letters.write_to_address(
        review.round.article, event, kind, referee.name, referee.email, values(review, **(said or {})), secrets=secrets,
        recipient=referee.user, by_hand=by_hand, not_before=not_before,
    )  # fmt: skip


def write_to_desk(review: Review, kind: str, event: Event, **more: str) -> None:
    """Write to the editor who handles the piece, or to all who may, that a referee did something."""
    from editorial.effects import readers_on_desk  # effects of the desk import its letters

    for person in readers_on_desk(review.round.article):
        letters.write_news(
            review.round.article, event, kind, person, {"who": review.referee.name, **more}, is_to_author=False
        )
