"""Two people at the same moment in a round: one wins, the other is told, nothing is lost."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import deadlines
from editorial.models import Event, Letter
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Mail
from review import answering, deciding, inviting, reviewing
from review.models import Review, Round
from tests.cast import in_days
from tests.editorial.test_races import together, while_held
from tests.review.refereeing import accepted, in_review, invited, referee, round_of, submitted

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = reviewing.Words("minor", "The tide table is upside down.", "Between us: worth keeping.", {})


def anew(review: Review) -> Review:
    return Review.objects.select_related("round__article", "referee").get(pk=review.pk)


def decide(round: Round, choice: str, by: User, **more: Any) -> Event:
    """As the page of the decision sends it: with what the editor had before their eyes."""
    found = Round.objects.select_related("article", "revision").get(pk=round.pk)
    decision = deciding.Decision(
        choice=choice, message="Words to the author.", note="A reason.", due_on=in_days(7), **more
    )
    seen = deciding.Seen(revision=found.article.latest_id, status="in_review", round=deciding.mark(found))
    return deciding.decide(found, decision, seen, by=by)


def wanting_answers(review: Review) -> reviewing.Words:
    """The words with an answer to each question that needs one."""
    answers = {str(q.pk): "4" for q in review.round.form.questions.filter(is_required=True)}
    return reviewing.Words(WORDS.recommendation, WORDS.for_author, WORDS.for_editor, answers)


def test_two_editors_decide_at_once(alice: User, bob: User, bea: User) -> None:
    article = in_review(alice, bob, wanted=1)
    round = round_of(article)
    submitted(round, referee())
    answers = together(lambda: decide(round, "accept", bob), lambda: decide(round, "decline", bea))
    assert sorted(type(answer).__name__ for answer in answers) == ["Blocked", "Event"]
    event = next(answer for answer in answers if isinstance(answer, Event))
    article.refresh_from_db()
    assert article.status == event.to_status
    assert Round.objects.get(pk=round.pk).closed_by_id == event.by_id
    # The author is written to by one of the two alone.
    assert set(Letter.objects.filter(is_to_author=True).exclude(kind__in=("submitted", "sent_to_review")).values_list("event", flat=True)) == {event.pk}  # fmt: skip


def test_a_referee_sends_while_the_round_closes_and_nothing_is_lost(alice: User, bob: User) -> None:
    article = in_review(alice, bob, wanted=1)
    round = round_of(article)
    review = accepted(round, referee())
    saved = reviewing.save(review, wanting_answers(review), base=0, by=None)

    answer = while_held(
        lambda: perform(article, "decline", by=bob, message="No.", note="Out of scope", settle={str(review.pk): "cancelled"}),
        lambda: reviewing.submit(anew(review), by=None, seen=saved.edits),
    )  # fmt: skip
    assert isinstance(answer, answering.Over)
    found = Review.objects.get(pk=review.pk)
    assert (found.state, found.submitted_at) == (Review.State.CANCELLED, None)
    assert (found.for_author, found.for_editor) == (WORDS.for_author, WORDS.for_editor)

    # The other way round the editor, who did not see the review, is told.
    article = in_review(alice, bob, wanted=1, title="Another tide")
    round = round_of(article)
    review = accepted(round, referee("Rolf Late"))
    saved = reviewing.save(review, wanting_answers(review), base=0, by=None)
    seen = deciding.mark(round)
    found_round = Round.objects.select_related("article", "revision").get(pk=round.pk)
    decision = deciding.Decision(choice="decline", message="No.", note="Scope", settle={str(review.pk): "cancelled"})
    answer = while_held(
        lambda: reviewing.submit(anew(review), by=None, seen=saved.edits),
        lambda: deciding.decide(
            found_round, decision, deciding.Seen(revision=article.latest_id, status="in_review", round=seen), by=bob
        ),
    )
    assert isinstance(answer, Blocked)
    assert Review.objects.get(pk=review.pk).state == Review.State.SUBMITTED
    article.refresh_from_db()
    assert article.status == "in_review"


def invitation(alice: User, bob: User) -> tuple[Article, Review]:
    article = in_review(alice, bob)
    review = inviting.invite(round_of(article), referee(), by=bob, answer_by=in_days(5), review_by=in_days(14))
    return article, review


Act = Callable[[Review, User], Any]
ACTS: dict[str, Act] = {
    "cancelled": lambda review, bob: inviting.cancel(anew(review), "We found somebody.", by=bob),
    "stopped": lambda review, bob: inviting.stop_invitation(anew(review), by=bob),
}


@pytest.mark.parametrize("what", ACTS)
@pytest.mark.parametrize("is_referee_first", [True, False])
def test_an_invitation_is_accepted_while_it_is_taken_back(
    what: str, is_referee_first: bool, alice: User, bob: User
) -> None:
    _, review = invitation(alice, bob)
    # Both looked at it while it was open.
    for_desk, for_referee = anew(review), anew(review)
    acts = {"cancelled": inviting.cancel, "stopped": inviting.stop_invitation}

    def agree() -> None:
        answering.accept(for_referee, by=None, no_conflict=True)

    def take_back() -> None:
        acts[what](for_desk, by=bob)

    first, second = (agree, take_back) if is_referee_first else (take_back, agree)
    answer = while_held(first, second)
    assert isinstance(answer, Blocked)
    found = anew(review)
    if is_referee_first:
        assert found.state == Review.State.ACCEPTED
        assert "has agreed to review by now" in str(answer)
        assert found.links.filter(revoked_at=None).exists()
        assert deadlines.current(found.round.article, "review", found.pk) is not None
    else:
        assert found.state in (Review.State.CANCELLED, Review.State.LISTED)
        assert not found.links.filter(revoked_at=None).exists()
        assert deadlines.current(found.round.article, "review", found.pk) is None


def test_one_replacement_however_often_the_button_is_pressed(alice: User, bob: User) -> None:
    article = in_review(alice, bob)
    round = round_of(article)
    review = invited(round, referee(), now=timezone.now() - datetime.timedelta(days=9))
    nexts = [inviting.list_next(round, referee(f"Next{n} Choice"), by=bob) for n in (1, 2)]
    pressed = [anew(review) for _ in range(3)]
    answers = together(*[lambda one=one: inviting.replace(one, by=bob) for one in pressed])
    assert sorted(type(answer).__name__ for answer in answers) == ["Blocked", "Blocked", "Review"]
    states = [Review.objects.get(pk=one.pk).state for one in nexts]
    assert states == [Review.State.INVITED, Review.State.LISTED]


def test_a_decision_is_taken_back_while_its_letter_goes(alice: User, bob: User) -> None:
    from forum import mail

    article = in_review(alice, bob, wanted=1)
    submitted(round_of(article), referee())
    perform(article, "accept", by=bob)
    letter = Letter.objects.get(kind="accepted")
    Mail.objects.filter(pk=letter.mail_id).update(not_before=timezone.now())
    answer = while_held(
        lambda: mail.deliver(letter.mail_id),
        lambda: perform(Article.objects.get(pk=article.pk), "take_back", by=bob, note="A slip"),
    )
    assert isinstance(answer, Blocked)
    article.refresh_from_db()
    assert article.status == "editing"
