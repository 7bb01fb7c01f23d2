"""What the authors of a piece may read of its reviews: what was sent, released by now, and not withheld.

Desk and portal make a review's parts here, so that what an editor looks at is what its author gets. Authors read no label
of the desk's (“Referee 3” would tell that three were asked): referees are numbered in the order in which they were read.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from articles.models import Article
from editorial.letters import is_held
from review import passages
from review.models import Attachment, Mode, Question, Review, Round


@dataclass(frozen=True)
class Part:
    """One part of a review that its author may read. `key` names it for withholding: "comments", "remark:12"."""

    key: str
    text: str = ""
    # What it is about: a question, or a place in the text.
    heading: str = ""
    # The passage that a remark is about.
    quote: str = ""

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]


@dataclass(frozen=True)
class Shown:
    """One review as its author reads it."""

    review: Review
    name: str
    # What stands for the referee in an address.
    number: int
    parts: list[Part]

    @property
    def has_file(self) -> bool:
        return any(part.key == "file" for part in self.parts)


@dataclass(frozen=True)
class ShownRound:
    round: Round
    reviews: list[Shown]


def parts_of(review: Review) -> list[Part]:
    """Every part of a review that could be released, in the order in which it is read."""
    found = [Part("comments", review.for_author)] if review.for_author.strip() else []
    for remark in sorted((r for r in review.remarks.all() if not r.is_for_editor), key=lambda r: (r.paragraph, r.pk)):
        place = f"On paragraph {remark.paragraph}"
        found.append(
            Part(
                f"remark:{remark.pk}",
                remark.text,
                place,
                remark.quote or passages.excerpt(review.round.revision.body, remark.paragraph),
            )
        )
    for question in review.round.form.questions.all():
        said = answer(question, review)
        if question.is_for_author and said:
            found.append(Part(f"answer:{question.pk}", said, question.label))
    if attachment_of(review) is not None:
        found.append(Part("file", heading="An attached file"))
    return found


def answer(question: Question, review: Review) -> str:
    """What the referee answered, as it is read."""
    said = str(review.answers.get(str(question.pk), "")).strip()
    if said and question.kind == Question.Kind.SCALE:
        return f"{said} of 5"
    return {"yes": "Yes", "no": "No"}.get(said, said) if question.kind == Question.Kind.YES_NO else said


def attachment_of(review: Review) -> Attachment | None:
    return getattr(review, "attachment", None)


def whole(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """Reviews with all that `parts_of` asks for."""
    return reviews.select_related("referee", "round__form", "round__revision", "attachment").prefetch_related(
        "remarks", "withheld", "round__form__questions"
    )


def visible(review: Review, withheld: Collection[str]) -> list[Part]:
    """The parts that are left where these are withheld."""
    return [part for part in parts_of(review) if part.key not in withheld]


def for_authors(article: Article, now: datetime.datetime | None = None) -> list[ShownRound]:
    """What the authors of a piece may read by now, the newest round first."""
    rounds: dict[int, ShownRound] = {}
    for shown in _released(article, now or timezone.now()):
        round = shown.review.round
        rounds.setdefault(round.number, ShownRound(round, [])).reviews.append(shown)
    return [rounds[number] for number in sorted(rounds, reverse=True)]


def if_decided(round: Round, withhold: Collection[str] = ()) -> list[Shown]:
    """What the authors would read of a round if it were decided now; `withhold` as in "review id:part"."""
    return [
        shown
        for shown in _released(round.article, timezone.now(), round, withhold)
        if shown.review.round_id == round.pk
    ]


def _released(
    article: Article, now: datetime.datetime, deciding: Round | None = None, withhold: Collection[str] = ()
) -> list[Shown]:
    """Reviews with something to read, in the order of release, each referee with one number through all rounds."""
    reviews = [
        review
        for review in whole(Review.objects.filter(round__article=article, state=Review.State.SUBMITTED))
        if (review.released_at is not None and (review.released_at <= now or not is_held(article.handling, now)))
        or (deciding is not None and review.round_id == deciding.pk)
    ]
    numbers: dict[int, int] = {}
    found = []
    for review in sorted(reviews, key=lambda r: (r.released_at or now, r.round.number, r.label or 0)):
        keys = {one.part for one in review.withheld.all()} | {
            part for key in withhold for pk, _, part in [key.partition(":")] if pk == str(review.pk)
        }
        if parts := visible(review, keys):
            number = numbers.setdefault(review.referee_id, len(numbers) + 1)
            name = review.referee.name if review.round.mode == Mode.OPEN else f"Referee {number}"
            found.append(Shown(review, name, number, parts))
    return found


def file_for_authors(
    article: Article, round_number: int, number: int, now: datetime.datetime | None = None
) -> Attachment | None:
    """The file of a referee's that the authors of a piece may have."""
    for shown in _released(article, now or timezone.now()):
        if shown.has_file and (shown.review.round.number, shown.number) == (round_number, number):
            return attachment_of(shown.review)
    return None
