"""Deciding a round: what is missing, the letter that gathers the comments, a draft that can be handed over, the decision.

The piece itself moves by `editorial.perform`; here stands what a decision about reviews asks beside it, in the same
transaction: that the editor saw the round as it is, looked at what could tell who a referee is, and that the letters do
not say what is withheld.
"""

import datetime
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone

from accounts.models import User
from articles.models import Article
from editorial import access, deadlines
from editorial import letters as desk_letters
from editorial.letters import ByHand, Draft
from editorial.models import Event, Handling
from editorial.perform import perform, transaction_of
from editorial.registry import Blocked, Reason
from editorial.workflow import BY_NAME
from review import blindness, identity, record, released, turn
from review.models import DraftDecision, Mode, Question, Recommendation, Review, Round

# What an editor chooses: the step, and how much there is to revise.
CHOICES = {
    "minor": ("request_revision", "minor"),
    "major": ("request_revision", "major"),
    "accept": ("accept", ""),
    "decline": ("decline", ""),
}
# Longer, and the letter points to the piece's page instead of quoting what stands there.
LONGEST_GATHERED = 24_000
LONGEST_MESSAGE = 36_000
LONGEST_NOTE = 5000
# Words in a row that are no chance: they come from the part that is withheld.
RUN = 8
SHORTEST_RUN = 8

Name = Callable[[Review], str]


@dataclass(frozen=True)
class Decision:
    """What an editor has chosen and typed, whole or not yet."""

    choice: str = ""
    message: str = ""
    note: str = ""
    due_on: datetime.date | None = None
    # {review id: "kept" or "cancelled"}
    settle: Mapping[str, str] = field(default_factory=dict)
    # {"review id:part": reason}
    withhold: Mapping[str, str] = field(default_factory=dict)

    @property
    def step(self) -> str:
        return CHOICES[self.choice][0]

    def details(self) -> dict[str, Any]:
        """For `perform`."""
        step, extent = CHOICES[self.choice]
        said: dict[str, Any] = {
            "message": self.message, "note": self.note, "settle": dict(self.settle), "releases": dict(self.withhold),
        }  # fmt: skip
        return said | {"due_on": self.due_on, "extent": extent} if step == "request_revision" else said


@dataclass(frozen=True)
class Seen:
    """What the editor had before their eyes: the piece, the round, the draft, and traces that they confirmed."""

    revision: int | None = None
    status: str = ""
    round: str = ""
    edits: int = 0
    # {review id: mark of what was found}
    traces: Mapping[str, str] = field(default_factory=dict)


class Overwritten(Exception):  # noqa: N818  it is an answer, not an error
    """Somebody else saved the draft meanwhile; `draft` is as it stands. Nothing was written."""

    def __init__(self, draft: DraftDecision) -> None:
        self.draft = draft
        super().__init__("overwritten")


# --- looking -------------------------------------------------------------------------------------------------------


def desks_name(review: Review) -> str:
    return review.name_for_others


def missing(round: Round, name: Name = desks_name) -> list[str]:
    """What the round still lacks, each in a sentence."""
    asked = list(round.reviews.exclude(state=Review.State.LISTED).select_related("referee__user"))
    sent = [review for review in asked if review.state == Review.State.SUBMITTED]
    found = []
    if len(sent) < round.wanted:
        found.append(f"{len(sent)} of {round.wanted} reviews {'is' if len(sent) == 1 else 'are'} here.")
    for review in asked:
        if review.state in (*Review.OPEN, Review.State.SUBMITTED) and blindness.is_author(
            review.referee, round.article
        ):
            found.append(f"{name(review)} is named as an author of the piece by now.")
        if review.state == Review.State.INVITED:
            found.append(f"{name(review)} has not answered the invitation{_due(review, 'answer')}.")
        elif review.state == Review.State.ACCEPTED:
            again = "has the review back for a fix" if review.returned_at else "is reviewing"
            found.append(f"{name(review)} {again}{_due(review, 'review')}.")
        elif review.state == Review.State.SUBMITTED and not review.recommendation:
            found.append(f"{name(review)} recommends nothing.")
    return found


def _due(review: Review, kind: str) -> str:
    row = deadlines.current(review.round.article, kind, review.pk)
    return f", due on {formats.date_format(row.due_on, 'j F Y')}" if row else ""


@dataclass(frozen=True)
class Summary:
    """The reviews of a round in short: recommendations counted, answers side by side."""

    reviews: list[Review]
    recommendations: list[tuple[str, int]]
    # (question, an answer for each of the reviews)
    answers: list[tuple[Question, list[str]]]


def summary(round: Round) -> Summary:
    """The reviews that were sent, compared."""
    reviews = list(released.whole(round.reviews.filter(state=Review.State.SUBMITTED)).order_by("label", "pk"))
    counted = [(choice.label, sum(review.recommendation == choice for review in reviews)) for choice in Recommendation]
    questions = list(round.form.questions.all())
    answers = [(question, [released.answer(question, review) for review in reviews]) for question in questions]
    return Summary(reviews, [(label, n) for label, n in counted if n], answers)


def traces(review: Review) -> list[dict[str, str]]:
    """What could tell its author who the referee is; nothing in a round in which the author is told."""
    if review.round.mode == Mode.OPEN:
        return []
    # A file goes to the author under a name that tells of nobody.
    return [one for one in identity.in_review(review) if one["where"] != "file name"]


def mark_of_traces(found: list[dict[str, str]]) -> str:
    """Stands for what was found: with something else there, it is looked at again."""
    return _digest("\n".join(f"{one['where']}|{one['kind']}|{one['quote']}" for one in found)) if found else ""


def mark(round: Round) -> str:
    """Stands for the round as it is: who was asked, and what is here of each."""
    rows = round.reviews.exclude(state=Review.State.LISTED).order_by("pk")
    return " ".join(f"{r.pk}:{r.state}:{r.edits if r.state == Review.State.SUBMITTED else 0}" for r in rows)


def changed_since(round: Round, seen: str, name: Name = desks_name) -> list[str]:
    """What happened in the round since a page with this mark was opened, each in a sentence."""
    before = set(seen.split())
    now = {part for part in mark(round).split() if part not in before}
    said = {
        Review.State.SUBMITTED: "has sent a review", Review.State.INVITED: "was invited", Review.State.ACCEPTED: "is reviewing now",
        Review.State.CANT: "can’t review", Review.State.CANCELLED: "was cancelled",
    }  # fmt: skip
    ids = [int(part.partition(":")[0]) for part in now]
    reviews = round.reviews.filter(pk__in=ids).select_related("referee").order_by("label", "pk")
    return [f"{name(review)} {said[Review.State(review.state)]}." for review in reviews if review.state in said]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


# --- the letter's words --------------------------------------------------------------------------------------------


def gather(round: Round, withhold: Collection[str] = ()) -> str:
    """What a letter begins with: everything its author may read of the reviews, referee by referee.

    Referees are called as the author will call them, by name in an open round alone.
    """
    shown = released.if_decided(round, withhold)
    text = ""
    for is_short in (False, True):
        text = render_to_string("review/decision.txt", {"round": round, "shown": shown, "is_short": is_short})
        text = "\n".join(line.rstrip() for line in text.strip().splitlines())
        while "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
        if len(text) <= LONGEST_GATHERED:
            break
    return text


def is_as_gathered(message: str, gathered: str) -> bool:
    """Whether nobody has changed the words since they were gathered; `gathered` is their `mark_of_words`."""
    return mark_of_words(message) == gathered


def mark_of_words(message: str) -> str:
    return _digest(_plain(message))


def _plain(text: str) -> str:
    return " ".join(text.split())


def still_said(round: Round, withhold: Collection[str], text: str, name: Name = desks_name) -> list[str]:
    """Parts that are withheld and yet stand in a text for the author, each in words."""
    said, found = _plain(text).casefold(), []
    for review in released.whole(round.reviews.filter(state=Review.State.SUBMITTED)):
        found += [
            f"{name(review)}, {part.heading.lower() or 'comments'}"
            for part in released.parts_of(review)
            if f"{review.pk}:{part.key}" in withhold and part.kind != "file" and _stands_in(part.text, said)
        ]
    return found


def _stands_in(part: str, said: str) -> bool:
    """Whether a text, plain and without capitals, has a run of words of the part: all of it, where it is short."""
    words = _plain(part).casefold().split()
    runs = (" ".join(words[n : n + RUN]) for n in range(max(len(words) - RUN, 0) + 1))
    return any(len(run) >= SHORTEST_RUN and run in said for run in runs)


# --- a draft of the decision ---------------------------------------------------------------------------------------


def draft_of(round: Round) -> DraftDecision | None:
    return DraftDecision.objects.filter(round=round).select_related("by", "handed_by").first()


def _may(by: User, article: Article) -> None:
    if not access.may_decide(by, article):
        raise PermissionDenied("Deciding about this piece is not yours to do.")


def _open(round: Round, article: Article) -> Round:
    """The round as it is now; it must be the one that is open."""
    found = turn.open_round(article)
    if found is None or found.pk != round.pk:
        raise Blocked(
            Reason("This round was decided in the meantime. Nothing of yours was sent; what you typed is kept.")
        )
    found.article = article
    return found


def save_draft(
    round: Round,
    decision: Decision,
    *,
    by: User,
    edits: int,
    is_over: bool = False,
    now: datetime.datetime | None = None,
) -> DraftDecision:
    """Keep a decision that is not taken yet. `edits` is `DraftDecision.edits` as the editor had it, 0 for none.

    Raises Overwritten where somebody else saved it meanwhile, unless `is_over` says that this one is to stand.
    """
    with transaction_of(round.article) as (article, _handling):
        _may(by, article)
        return _keep(_open(round, article), decision, by=by, edits=edits, is_over=is_over, now=now or timezone.now())


def _keep(
    round: Round, decision: Decision, *, by: User, edits: int, is_over: bool, now: datetime.datetime
) -> DraftDecision:
    draft = DraftDecision.objects.select_for_update().filter(round=round).first() or DraftDecision(round=round)
    if draft.edits != edits and not is_over:
        raise Overwritten(draft)
    too_long = [
        Reason(f"These are {len(words):,} characters; {most:,} is the most.", name)
        for name, words, most in (("message", decision.message, LONGEST_MESSAGE), ("note", decision.note, LONGEST_NOTE))
        if len(words) > most
    ]
    if too_long:
        raise Blocked(*too_long)
    draft.decision = decision.choice if decision.choice in CHOICES else ""
    draft.message, draft.note, draft.due_on = decision.message, decision.note, decision.due_on
    draft.settle, draft.withhold = dict(decision.settle), dict(decision.withhold)
    draft.by, draft.saved_at, draft.edits = by, now, draft.edits + 1
    draft.save()
    return draft


def managing_editors(article: Article, but: User) -> list[User]:
    """Who could be handed a draft decision about the piece."""
    return [person for person in access.deciders_for(article).exclude(pk=but.pk) if person.has_perm("editorial.manage")]


def hand_over(
    round: Round, decision: Decision, *, by: User, advice: str, edits: int, is_over: bool = False,
    now: datetime.datetime | None = None,
) -> DraftDecision:  # fmt: skip
    """Save the draft and hand it to the managing editors, with why it is recommended. Raises what `save_draft` raises."""
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, handling):
        _may(by, article)
        found = _open(round, article)
        advice, people = advice.strip(), managing_editors(article, by)
        reasons = []
        if decision.choice not in CHOICES:
            reasons.append(Reason("Choose the decision that you recommend.", "decision"))
        if not advice:
            reasons.append(Reason("Say why you recommend it.", "advice"))
        if len(advice) > LONGEST_NOTE:
            reasons.append(Reason(f"These are {len(advice):,} characters; {LONGEST_NOTE:,} is the most.", "advice"))
        if not people:
            reasons.append(
                Reason(
                    "No managing editor could take it: nobody is, or they wrote it, referee it or have a conflict with it."
                )
            )
        if reasons:
            raise Blocked(*reasons)
        draft = _keep(found, decision, by=by, edits=edits, is_over=is_over, now=moment)
        draft.handed_by, draft.handed_at, draft.advice = by, moment, advice
        draft.save(update_fields=["handed_by", "handed_at", "advice"])
        event = record.note(article, "decision_handed", by=by, now=moment, note=advice, round=found.number)
        said = {"who": by.get_full_name(), "the reason": advice, "link": address(article)}
        for person in people:
            desk_letters.write_news(article, event, "decision_handed", person, said, is_to_author=False)
        turn.settle(article, handling, moment)
    return draft


def take_over(round: Round, *, by: User, now: datetime.datetime | None = None) -> DraftDecision:
    """Take a draft that was handed over: the managing editor to decide, or who handed it to go on with it."""
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, handling):
        _may(by, article)
        found = _open(round, article)
        draft = DraftDecision.objects.select_for_update().filter(round=found).first()
        if draft is None or draft.handed_at is None:
            raise Blocked(Reason("This draft is in nobody else’s hands: somebody took it a moment ago."))
        draft.handed_by, draft.handed_at = None, None
        draft.save(update_fields=["handed_by", "handed_at"])
        record.note(article, "decision_taken_over", by=by, now=moment, round=found.number)
        turn.settle(article, handling, moment)
    return draft


def address(article: Article) -> str:
    return f"{settings.SITE_URL}{reverse('admin:review_decide', args=[article.pk])}"


# --- deciding ------------------------------------------------------------------------------------------------------


def reasons_against(
    round: Round, decision: Decision, seen: Seen, *, by: User, letters: Mapping[str, ByHand] | None = None
) -> list[Reason]:
    """What stands against the decision as far as the reviews go; the step has reasons of its own."""
    found = []
    if decision.choice not in CHOICES:
        found.append(Reason("Choose a decision.", "decision"))
    if seen.round != mark(round):
        what = " ".join(changed_since(round, seen.round)) or "Somebody changed it."
        found.append(
            Reason(f"The round has changed since you opened this page. {what} Look again before you go on.", "round")
        )
    draft = draft_of(round)
    if draft is not None and draft.edits != seen.edits:
        found.append(
            Reason(
                f"{draft.by} saved a draft of this decision after you opened this page. Look at it before you go on.",
                "edits",
            )
        )
    for review in round.reviews.filter(state=Review.State.SUBMITTED).select_related("referee", "round__form"):
        told = traces(review)
        if told and seen.traces.get(str(review.pk)) != mark_of_traces(told):
            found.append(
                Reason(
                    f"{review.name_for_others}: look at what could tell who it is, and confirm that you did.",
                    f"traces-{review.pk}",
                )
            )
    if said := still_said(round, decision.withhold, decision.message):
        found.append(
            Reason(
                f"This still says what you withhold ({'; '.join(said)}). Take it out, or write the letter anew.",
                "message",
            )
        )
    for kind, letter in (letters or {}).items():
        if said := still_said(round, decision.withhold, f"{letter.subject}\n{letter.text}"):
            found.append(
                Reason(f"This still says what you withhold ({'; '.join(said)}). Take it out.", f"letter-{kind}-text")
            )
    return found


def drafts(round: Round, decision: Decision, seen: Seen, *, by: User) -> list[Draft]:
    """The letters that the decision would write, as their readers will see them. Raises what `decide` raises."""
    article = round.article
    _may(by, article)
    _open(round, article)
    if reasons := reasons_against(round, decision, seen, by=by):
        raise Blocked(*reasons, *_of_step(round, decision, by))
    return desk_letters.drafts(
        article, decision.step, by, decision.details(), seen=seen.revision, seen_status=seen.status
    )


def _of_step(round: Round, decision: Decision, by: User) -> list[Reason]:
    """What the step itself has against it, so that all is said at once."""
    if decision.choice not in CHOICES:
        return []
    try:
        desk_letters.drafts(round.article, decision.step, by, decision.details())
    except Blocked as answer:
        return list(answer.reasons)
    return []


def decide(
    round: Round,
    decision: Decision,
    seen: Seen,
    *,
    by: User,
    letters: Mapping[str, ByHand] | None = None,
    now: datetime.datetime | None = None,
) -> Event:
    """Take the decision, wholly or not at all. Of two editors who decide at once the second is told, by Blocked.

    What was decided stays as the round's draft, for the case that the decision is taken back.
    """
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, _handling):
        _may(by, article)
        found = _open(round, article)
        if reasons := reasons_against(found, decision, seen, by=by, letters=letters):
            raise Blocked(*reasons)
        for pk in seen.traces:
            review = found.reviews.filter(pk=int(pk), state=Review.State.SUBMITTED).first() if pk.isdigit() else None
            if review is not None and (told := traces(review)):
                record.note(article, "review_traces_seen", by=by, now=moment, review=review, found=len(told))
        _keep(found, decision, by=by, edits=seen.edits, is_over=True, now=moment)
        event = perform(
            article, decision.step, by=by, seen=seen.revision, seen_status=seen.status, now=now, letters=letters,
            **decision.details(),
        )  # fmt: skip
    round.article.refresh_from_db()
    return event


def letters_go_at(article: Article) -> datetime.datetime | None:
    """Until when the last decision can be taken back."""
    return Handling.objects.filter(article=article).values_list("held_until", flat=True).first()


def last_decision(article: Article) -> Event | None:
    """The step that closed the last round, for who came too late."""
    steps = {step for step, _ in CHOICES.values()} | {"withdraw", "step_back"}
    return article.events.filter(transition__in=steps).select_related("by").order_by("-at", "-pk").first()


def label_of(event: Event) -> str:
    return BY_NAME[event.transition].label
