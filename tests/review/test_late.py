"""A review that comes after the decision is not lost: an editor hands it on, but for what is withheld."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import replay
from editorial.models import Letter
from editorial.perform import perform
from editorial.registry import Blocked
from review import inviting, late, released, reviewing
from review.models import Review
from tests.cast import in_days
from tests.editorial.desk import client_of
from tests.review.refereeing import in_review, referee, round_of, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(alice: User, bob: User) -> Review:
    """Decided with one of two reviews; the other was kept and came afterwards, and the letters have gone."""
    article = in_review(alice, bob)
    round = round_of(article)
    review = inviting.invite(round, referee(), by=bob, answer_by=in_days(5), review_by=in_days(14))
    from review import answering

    answering.accept(review, by=None, no_conflict=True)
    submitted(round, referee("Rolf Levee"))
    perform(
        article, "request_revision", by=bob, message="Please revise.", due_on=in_days(20), extent="minor",
        settle={str(review.pk): "kept"},
    )  # fmt: skip
    moment = timezone.now() - datetime.timedelta(minutes=11)
    article.handling.__class__.objects.update(held_until=moment)
    Review.objects.exclude(released_at=None).update(released_at=moment)
    answers = {str(q.pk): "4" for q in round.form.questions.filter(is_required=True)}
    review.refresh_from_db()
    saved = reviewing.save(review, reviewing.Words("minor", "Late but true.", "Sorry.", answers), base=0, by=None)
    reviewing.submit(saved, by=None, seen=saved.edits)
    return Review.objects.select_related("round__article").get(pk=review.pk)


def texts(article: Article) -> list[str]:
    return [part.text for one in released.for_authors(article) for shown in one.reviews for part in shown.parts]


def test_the_author_reads_it_once_an_editor_hands_it_on(kept: Review, alice: User, bob: User) -> None:
    article = kept.round.article
    assert "Late but true." not in texts(article)
    page = client_of(bob).get(reverse("admin:review_read", args=[article.pk, kept.pk]))
    assert "It came after the decision" in page.content.decode()
    client_of(bob).post(reverse("admin:review_read", args=[article.pk, kept.pk]), {"action": "hand_on"})
    assert "Late but true." in texts(article)
    assert "Sorry." not in texts(article)
    assert Letter.objects.get(kind="review_released").recipient == alice
    with pytest.raises(Blocked, match="has this review"):
        late.hand_on(kept, by=bob)
    mine = [found for found in replay.replay(article) if "released_at" in found.field and str(kept.pk) in found.field]
    assert mine == []


def test_what_is_withheld_stays_and_not_all_can_be(kept: Review, bob: User, carl: User) -> None:
    with pytest.raises(PermissionDenied):
        late.hand_on(kept, by=carl)
    parts = {part.key: "It names somebody." for part in released.parts_of(kept)}
    with pytest.raises(Blocked, match="Nothing would be left"):
        late.hand_on(kept, by=bob, withhold=parts)
    late.hand_on(kept, by=bob, withhold={"comments": "It names somebody."})
    assert "Late but true." not in texts(kept.round.article)


def test_what_could_tell_who_it_is_is_looked_at_first(kept: Review, bob: User) -> None:
    Review.objects.filter(pk=kept.pk).update(for_author="As I, Rita Gauge, have written before.")
    with pytest.raises(Blocked, match="who the referee is"):
        late.hand_on(kept, by=bob)
