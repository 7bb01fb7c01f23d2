"""A round that closes: invitations that have not gone, what was printed before, and what is put back."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.models import Article
from editorial import deadlines, replay
from editorial.models import Letter
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Mail
from review import answering, blindness, deciding, inviting, links, suggesting
from review.models import Review
from tests.cast import author_for, draft, in_days, person
from tests.editorial.desk import client_of
from tests.review.refereeing import accepted, in_review, referee, round_of, submitted, token_of

pytestmark = pytest.mark.django_db


def anew(review: Review) -> Review:
    return Review.objects.select_related("round__article__handling", "referee__user", "letter__mail").get(pk=review.pk)


@pytest.fixture
def unsent(alice: User, bob: User) -> Review:
    """An invitation whose letter still waits in the outbox."""
    article = in_review(alice, bob)
    return inviting.invite(round_of(article), referee(), by=bob, answer_by=in_days(5), review_by=in_days(14))


@pytest.mark.parametrize("step", ["decline", "withdraw", "step_back"])
def test_who_was_not_written_to_yet_hears_nothing_of_a_round_that_closes(step: str, unsent: Review, alice: User, bob: User) -> None:  # fmt: skip
    said: dict[str, Any] = {"message": "No.", "note": "Reason", "settle": {str(unsent.pk): "cancelled"}}
    by = alice if step == "withdraw" else bob
    perform(unsent.round.article, step, by=by, **(said if by == bob else {}))
    review = anew(unsent)
    assert (review.state, review.letter.mail.state) == (Review.State.CANCELLED, Mail.State.STOPPED)  # type: ignore[union-attr]
    assert not Letter.objects.filter(kind="referee_cancelled").exists()


def test_with_the_decision_taken_back_they_are_a_next_choice(unsent: Review, bob: User) -> None:
    article = unsent.round.article
    said: dict[str, Any] = {"message": "No.", "note": "Reason", "settle": {str(unsent.pk): "cancelled"}}
    perform(article, "decline", by=bob, **said)
    perform(article, "take_back", by=bob, note="A misclick")
    review = anew(unsent)
    assert (review.state, review.invited_at) == (Review.State.LISTED, None)
    assert deadlines.current(article, "answer", review.pk) is None
    assert replay.replay(article) == []
    inviting.invite(round_of(article), review, by=bob, answer_by=in_days(5), review_by=in_days(14))
    assert anew(unsent).state == Review.State.INVITED


def test_a_letter_that_went_is_followed_by_another(unsent: Review, bob: User) -> None:
    Mail.objects.filter(pk=unsent.letter.mail_id).update(state="sent", sent_at=timezone.now(), not_before=None)  # type: ignore[union-attr]
    said: dict[str, Any] = {"message": "No.", "note": "Reason", "settle": {str(unsent.pk): "cancelled"}}
    perform(unsent.round.article, "decline", by=bob, **said)
    assert Letter.objects.filter(kind="referee_cancelled").count() == 1


def test_taking_back_leaves_how_it_was_reviewed_before(alice: User, bob: User, bea: User) -> None:
    article = draft(alice)
    perform(article, "submit", by=alice)
    perform(article, "review_in_house", by=bob, second_editor=bea)
    printed = article.how_reviewed
    perform(article, "send_to_review", by=bob, traces_seen=True)
    perform(article, "decline", by=bob, message="No.", note="Reason")
    perform(article, "take_back", by=bob, note="A misclick")
    assert article.how_reviewed == printed != ""
    assert replay.replay(article) == []


def test_nobody_is_reminded_of_a_review_of_a_piece_that_was_withdrawn(alice: User, bob: User) -> None:
    article = in_review(alice, bob, wanted=1)
    review = accepted(round_of(article), referee())
    perform(article, "request_revision", by=bob, message="Mend it.", due_on=in_days(20), extent="minor", settle={str(review.pk): "kept"})  # fmt: skip
    article.handling.__class__.objects.update(held_until=None, held_status="")
    perform(article, "withdraw", by=alice)
    deadlines.run(timezone.now() + datetime.timedelta(days=30))
    assert not Letter.objects.filter(kind="referee_review_reminder").exists()


def test_a_referee_who_was_named_as_an_author_since_does_not_agree_and_the_desk_is_told(alice: User, bob: User) -> None:
    article = in_review(alice, bob)
    round = round_of(article)
    sam = person("sam.levee@example.net", "Sam Levee", roles.AUTHOR)
    agreed = accepted(round, referee("Rolf Levee", "rolf@example.net"))
    asked = inviting.invite(round, referee("Sam Levee", sam.email, user=sam), by=bob, answer_by=in_days(5), review_by=in_days(14))  # fmt: skip
    article.bylines.create(author=author_for(sam, "Sam", "Levee"), name="Sam Levee", position=3)
    with pytest.raises(Blocked, match="named as an author"):
        answering.accept(asked, by=sam, no_conflict=True)
    assert anew(asked).state == Review.State.INVITED
    missing = deciding.missing(round)
    assert f"{asked.name_for_others} is named as an author of the piece by now." in missing
    assert not any("author" in said for said in missing if said.startswith(f"{agreed.name_for_others} "))


def test_asked_again_is_asked_anew_and_whoever_saw_the_text_stays_away(alice: User, bob: User, bea: User) -> None:
    article = in_review(alice, bob, mode="open")
    review = accepted(round_of(article), referee("Bea Margin", bea.email, user=bea))
    for _press in range(2):
        answering.ask_more_time(review, by=None, due_on=in_days(40), why="Term begins")
    assert Letter.objects.filter(kind="more_time_desk", recipient=bob).count() == 1
    inviting.cancel(anew(review), by=bob)
    review = inviting.invite(round_of(article), anew(review), by=bob, answer_by=in_days(5), review_by=in_days(14), override="Known")  # fmt: skip
    assert (review.asked_at, review.asked_due_on, review.answered_at) == (None, None, None)
    inviting.cancel(anew(review), by=bob)
    assert article.pk in blindness.binding().filter(referee__user=bea).values_list("round__article", flat=True)


def test_an_editor_does_not_find_who_was_added_for_their_own_piece(alice: User, bob: User, bea: User) -> None:
    """Neither among the newest, nor by name, nor by what they reviewed."""
    bea.give_role(roles.AUTHOR)
    author_for(bea, "Bea", "Margin")
    own: Article = in_review(bea, bob, wanted=1)
    other = in_review(alice, bob)
    for article in (own, other):
        article.tags.add("Harbours")
    submitted(round_of(own), referee("Quintilla Haverbrook", added_by=bob))
    for found in (
        suggesting.suggestions(round_of(other), viewer=bea),
        suggesting.search(round_of(other), "Quintilla", viewer=bea),
    ):
        assert "Quintilla Haverbrook" not in [one.name for one in found]
    assert "Quintilla Haverbrook" in [one.name for one in suggesting.suggestions(round_of(other), viewer=bob)]
    secret = Review.objects.get().referee
    invite = f"/admin/review/{other.pk}/invite/"
    assert client_of(bea).get(f"{invite}{secret.pk}/").status_code == 404
    assert "Quintilla" not in client_of(bea).post(invite, {"who": f"referee-{secret.pk}"}, follow=True).content.decode()
    # Whoever types the address knows it: it is the same referee, invited as anybody else.
    typed = {"name": "Quintilla H.", "email": secret.email, "affiliation": "", "add": "invite"}
    assert client_of(bea).post(invite, typed, follow=True).status_code == 200
    Review.objects.filter(round__article=other).delete()
    # Known from elsewhere, they are there, without what they did for the piece.
    submitted(round_of(in_review(alice, bob)), Review.objects.get().referee)
    (known,) = suggesting.search(round_of(other), "Quintilla", viewer=bea)
    assert known.record.reviewed == 1
    found = [one for one in suggesting.suggestions(round_of(other), viewer=bea) if one.name == known.name]
    assert [share for one in found for share in one.shares] == []


def test_a_kept_review_sent_within_the_ten_minutes_tells_its_referee_nothing(
    alice: User, bob: User, client: Client
) -> None:
    article = in_review(alice, bob, wanted=1)
    review = accepted(round_of(article), referee())
    token = token_of(review)
    perform(article, "accept", by=bob, note="Enough", settle={str(review.pk): "kept"})
    Review.objects.filter(pk=review.pk).update(state="submitted", submitted_at=timezone.now())
    assert links.find(token, timezone.now()) == review
    page = f"/referee/{token}/"
    assert "was accepted" not in client.get(page).content.decode()
    article.handling.__class__.objects.update(held_until=timezone.now())
    assert "was accepted" in client.get(page).content.decode()
