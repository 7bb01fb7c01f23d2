"""Writing a review: what is typed is kept as it is typed, remarks on passages, a file, and sending it.

`Review.edits` counts what was saved, so that two windows do not overwrite each other: who saves from an older count is
told (`Stale`), and nothing of either is lost.
"""

import datetime
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from editorial import access, deadlines
from editorial.registry import Blocked, Reason
from prose import papers, sanitise
from prose.characters import clean
from review import identity, passages, post, record, turn
from review.answering import Over, at_hand, is_open_for_words
from review.models import Attachment, Question, Recommendation, Remark, Review

# More than anybody writes; only sending refuses what is longer, saving takes everything.
LONGEST = 60_000
LONGEST_REMARK = 5000
LONGEST_QUOTE = 1000
MOST_REMARKS = 300
SCALE = tuple("12345")
YES_NO = ("yes", "no")
SENT_ALREADY = (
    "This review was sent already, so nothing was saved over it. Write to the editors if something has to change."
)


@dataclass(frozen=True)
class Words:
    """What a referee types into the form."""

    recommendation: str = ""
    for_author: str = ""
    for_editor: str = ""
    # By the question's id, as text.
    answers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, review: Review) -> "Words":
        answers = {key: str(value) for key, value in review.answers.items() if value}
        return cls(review.recommendation, review.for_author, review.for_editor, answers)


class Stale(Exception):  # noqa: N818  it is an answer, not an error
    """Another window saved the review meanwhile; `review` is as it stands there. Nothing was written."""

    def __init__(self, review: Review) -> None:
        self.review = review
        super().__init__("Another window saved this review in the meantime.")


def questions_of(review: Review) -> list[Question]:
    """The questions of the form that the round froze."""
    return list(review.round.form.questions.all())


def choices_of(question: Question) -> tuple[str, ...]:
    """The answers that a question takes; none where it is answered in words."""
    match question.kind:
        case Question.Kind.CHOICE:
            return tuple(question.choice_list)
        case Question.Kind.SCALE:
            return SCALE
        case Question.Kind.YES_NO:
            return YES_NO
    return ()


def _tidy(review: Review, words: Words) -> Words:
    """As it is kept. Words are never cut; a choice that the form does not have is none."""
    answers = {}
    for question in questions_of(review):
        said = clean(str(words.answers.get(str(question.pk), "")))
        options = choices_of(question)
        if said.strip() and (not options or said in options):
            answers[str(question.pk)] = said
    recommendation = words.recommendation if words.recommendation in Recommendation.values else ""
    return Words(recommendation, clean(words.for_author), clean(words.for_editor), answers)


def _check_open(review: Review) -> None:
    if review.state == Review.State.SUBMITTED:
        raise Over(SENT_ALREADY)
    if not is_open_for_words(review):
        raise Over


def save(review: Review, words: Words, *, base: int, by: User | None, now: datetime.datetime | None = None) -> Review:
    """Keep what was typed, whatever is still missing; `base` is `Review.edits` as the window had it.

    The same words once more are no change. Raises Stale, or Over where nothing can be written any more.
    """
    now = now or timezone.now()
    with at_hand(review, by) as (found, _handling):
        _check_open(found)
        tidy = _tidy(found, words)
        if tidy == Words.of(found):
            return found
        if base != found.edits:
            raise Stale(found)
        found.recommendation, found.for_author, found.for_editor = tidy.recommendation, tidy.for_author, tidy.for_editor
        found.answers = dict(tidy.answers)
        found.edits += 1
        found.saved_at = now
        found.save(update_fields=["recommendation", "for_author", "for_editor", "answers", "edits", "saved_at"])
        return found


def problems(review: Review) -> list[Reason]:
    """What is missing before the review can be sent, each with its field."""
    found = []
    if review.recommendation not in Recommendation.values:
        found.append(Reason("Choose what you recommend.", "recommendation"))
    for question in questions_of(review):
        answer = str(review.answers.get(str(question.pk), "")).strip()
        if question.is_required and not answer:
            found.append(Reason("This needs an answer.", f"q-{question.pk}"))
        elif len(answer) > LONGEST:
            found.append(Reason(_too_long(answer), f"q-{question.pk}"))
    found += [
        Reason(_too_long(words), name)
        for name in ("for_author", "for_editor")
        if len(words := getattr(review, name)) > LONGEST
    ]
    if not (review.for_author.strip() or review.for_editor.strip() or review.remarks.exists() or attachment_of(review)):
        found.append(Reason("Say in a few words what leads you to your recommendation.", "for_author"))
    return found


def _too_long(words: str) -> str:
    return f"This has {len(words):,} characters; at most {LONGEST:,} can be sent. It is kept; shorten it, or attach it as a file."


def attachment_of(review: Review) -> Attachment | None:
    """The file that came with the review."""
    return Attachment.objects.filter(review=review).first()


def submit(review: Review, *, by: User | None, seen: int, now: datetime.datetime | None = None) -> None:
    """Send the review as it was saved; `seen` is the count of edits that the referee read over.

    A second press changes nothing. Raises Blocked with every problem, Stale, or Over where the round was closed first.
    """
    now = now or timezone.now()
    with at_hand(review, by) as (found, handling):
        if found.state == Review.State.SUBMITTED:
            return
        if not is_open_for_words(found):
            raise Over
        if found.referee.user is not None and access.wrote(found.referee.user, found.round.article):
            raise Over("You stand above this piece by now, so you can’t review it. What you wrote is kept. Thank you.")
        if seen != found.edits:
            raise Stale(found)
        if reasons := problems(found):
            raise Blocked(*reasons)
        is_again = found.returned_at is not None
        found.state, found.submitted_at = Review.State.SUBMITTED, now
        found.asked_due_on, found.asked_why, found.asked_at = None, "", None
        found.save()
        deadlines.end(found.round.article, "review", subject=found.pk, now=now)
        event = record.note(found.round.article, "review_sent", by=by, now=now, review=found, again=is_again)
        post.write(found, "referee_thanked", event, now=now)
        post.write_to_desk(found, "review_sent_desk", event)
        turn.settle(found.round.article, handling, now)


# --- remarks on passages ---


def remark(
    review: Review,
    *,
    by: User | None,
    paragraph: int,
    text: str,
    quote: str = "",
    is_for_editor: bool = False,
    pk: int | None = None,
    now: datetime.datetime | None = None,
) -> Remark:
    """Put a comment on a passage, or with `pk` change one. The same comment twice is one. Raises Blocked or Over."""
    now = now or timezone.now()
    text, quote = sanitise.plain_text(text), sanitise.plain_text(quote)[:LONGEST_QUOTE]
    with at_hand(review, by) as (found, _handling):
        _check_open(found)
        if not text:
            raise Blocked(Reason("Write your comment.", "text"))
        if len(text) > LONGEST_REMARK:
            raise Blocked(
                Reason(f"This has {len(text):,} characters; at most {LONGEST_REMARK:,} fit on one passage.", "text")
            )
        if not 1 <= paragraph <= passages.count(found.round.revision.body):
            raise Blocked(Reason("Choose the passage in the text.", "paragraph"))
        if pk is not None:
            row = found.remarks.filter(pk=pk).first()
            if row is None:
                raise Blocked(Reason("This comment was deleted in another window. Your words are here still.", "text"))
            row.text, row.is_for_editor = text, is_for_editor
            row.save(update_fields=["text", "is_for_editor"])
            return row
        wanted = {"paragraph": paragraph, "quote": quote, "text": text, "is_for_editor": is_for_editor}
        if (same := found.remarks.filter(**wanted).first()) is not None:
            return same
        if found.remarks.count() >= MOST_REMARKS:
            raise Blocked(
                Reason(f"There are {MOST_REMARKS} comments on passages already. Write the rest into the form.", "text")
            )
        return Remark.objects.create(review=found, at=now, **wanted)


def delete_remark(review: Review, pk: int, *, by: User | None) -> None:
    """Take a comment on a passage away; one that is gone already is gone. Raises Over."""
    with at_hand(review, by) as (found, _handling):
        _check_open(found)
        found.remarks.filter(pk=pk).delete()


# --- the file ---


def attach(
    review: Review, data: bytes, name: str, *, by: User | None, now: datetime.datetime | None = None
) -> Attachment:
    """Take a file with the review, rid of what tells who made it; an earlier one goes. Raises Blocked or Over."""
    now = now or timezone.now()
    _check_open(review)
    try:
        # Outside of the lock: it takes seconds.
        stripped = papers.strip(data, name, person=review.name_for_others)
    except papers.Refused as refusal:
        raise Blocked(Reason(str(refusal), "file")) from refusal
    traces = identity.in_file(stripped.text, review.referee)
    with at_hand(review, by) as (found, _handling):
        _check_open(found)
        _forget(found)
        made = Attachment(
            review=found, kind=stripped.kind, size=len(stripped.data), sent_name=sanitise.plain_line(name)[-255:] or "file",
            found=[*stripped.found, *stripped.remarks], traces=traces, at=now,
        )  # fmt: skip
        stored = papers.neutral_name(secrets.token_hex(12), stripped.kind)
        made.file.save(stored, ContentFile(stripped.data), save=False)
        made.save()
        return made


def detach(review: Review, *, by: User | None) -> None:
    """Take the file away again. Raises Over."""
    with at_hand(review, by) as (found, _handling):
        _check_open(found)
        _forget(found)


def _forget(review: Review) -> None:
    for old in Attachment.objects.filter(review=review):
        erase = partial(old.file.storage.delete, old.file.name)
        old.delete()
        # Only once it is certain that nothing names it.
        transaction.on_commit(erase)
