"""Writing and sending a review: no window overwrites another, nothing typed is lost, every problem has its field."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from editorial import deadlines
from editorial.models import Letter
from editorial.registry import Blocked
from review import passages, reviewing, rounds
from review.answering import Over
from review.models import Attachment, Remark, Review
from review.reviewing import Stale, Words
from tests.cast import picture
from tests.review.refereeing import accepted, in_review, referee, round_of, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(alice: User, bob: User) -> Review:
    return accepted(round_of(in_review(alice, bob)), referee())


def fresh(review: Review) -> Review:
    return Review.objects.select_related("round__article", "round__form").get(pk=review.pk)


def whole(review: Review) -> Words:
    answers = {str(q.pk): "4" for q in reviewing.questions_of(review) if q.is_required}
    return Words("minor", "The tables are upside down.", "Worth it.", answers)


def test_two_windows_do_not_overwrite_each_other(review: Review) -> None:
    assert reviewing.save(review, Words(for_author="First window"), base=0, by=None).edits == 1
    with pytest.raises(Stale) as answer:
        reviewing.save(review, Words(for_author="Second window"), base=0, by=None)
    assert answer.value.review.for_author == "First window"
    # An answer that was lost on its way is asked for again: the same words are no conflict.
    assert reviewing.save(review, Words(for_author="First window"), base=0, by=None).edits == 1
    reviewing.save(review, Words(for_author="Second window"), base=1, by=None)
    assert fresh(review).for_author == "Second window"


def test_whatever_is_typed_is_kept_and_only_what_the_form_asks(review: Review) -> None:
    scale, *_ = reviewing.questions_of(review)
    long = "Words. " * 12_000
    reviewing.save(review, Words("perhaps", long, "\x00secret", {str(scale.pk): "9", "999": "?"}), base=0, by=None)
    found = fresh(review)
    assert (found.recommendation, found.for_author, found.for_editor, found.answers) == ("", long, "secret", {})


def test_each_problem_stands_beside_its_field(review: Review) -> None:
    with pytest.raises(Blocked) as answer:
        reviewing.submit(review, by=None, seen=0)
    needed = {f"q-{q.pk}" for q in reviewing.questions_of(review) if q.is_required}
    assert {reason.where for reason in answer.value.reasons} == needed | {"recommendation", "for_author"}


def test_sending_ends_the_due_date_and_tells_both_once(review: Review) -> None:
    saved = reviewing.save(review, whole(review), base=0, by=None)
    with pytest.raises(Stale):
        reviewing.submit(review, by=None, seen=saved.edits - 1)
    reviewing.submit(review, by=None, seen=saved.edits)
    reviewing.submit(review, by=None, seen=saved.edits)  # a second press
    found = fresh(review)
    assert found.state == "submitted"
    assert deadlines.current(found.round.article, "review", found.pk) is None
    sent = Letter.objects.filter(kind__in=("referee_thanked", "review_sent_desk"))
    assert sorted(sent.values_list("kind", flat=True)) == ["referee_thanked", "review_sent_desk"]
    with pytest.raises(Over):
        reviewing.save(review, Words(for_author="Another word"), base=saved.edits, by=None)


@pytest.mark.parametrize("what", ["kept", "cancelled"])
def test_a_round_that_closes_first_tells_the_referee_and_loses_nothing(review: Review, bob: User, what: str) -> None:
    saved = reviewing.save(review, whole(review), base=0, by=None)
    now = timezone.now()
    rounds.close(
        review.round, by=bob, now=now, outcome="minor", settle={str(review.pk): what}, withhold={}, released_at=now
    )
    if what == "kept":
        reviewing.submit(review, by=None, seen=saved.edits)
        assert fresh(review).state == "submitted"
        return
    with pytest.raises(Over):
        reviewing.submit(review, by=None, seen=saved.edits)
    with pytest.raises(Over):
        reviewing.save(review, Words(for_author="One more word"), base=saved.edits, by=None)
    assert fresh(review).for_author == "The tables are upside down."


def test_a_returned_review_is_open_again(alice: User, bob: User) -> None:
    review = submitted(round_of(in_review(alice, bob)), referee())
    Review.objects.filter(pk=review.pk).update(state="accepted", returned_at=timezone.now(), returned_why="Which page?")
    saved = reviewing.save(review, whole(review), base=0, by=None)
    reviewing.submit(review, by=None, seen=saved.edits)
    assert fresh(review).state == "submitted"


def test_remarks_are_added_once_changed_and_deleted(review: Review) -> None:
    made = reviewing.remark(review, by=None, paragraph=2, quote="tariffs", text="Which?")
    assert reviewing.remark(review, by=None, paragraph=2, quote="tariffs", text="Which?") == made
    reviewing.remark(review, by=None, paragraph=1, text="Which ones?", is_for_editor=True, pk=made.pk)
    made.refresh_from_db()
    assert (made.paragraph, made.quote, made.text, made.is_for_editor) == (2, "tariffs", "Which ones?", True)
    for wrong in ({"paragraph": 99, "text": "x"}, {"paragraph": 1, "text": " "}, {"paragraph": 1, "text": "x" * 6000}):
        with pytest.raises(Blocked):
            reviewing.remark(review, by=None, **wrong)  # type: ignore[arg-type]
    reviewing.delete_remark(review, made.pk, by=None)
    assert not Remark.objects.exists()


def test_a_remark_of_another_review_is_out_of_reach(review: Review) -> None:
    other = accepted(review.round, referee("Otto Keel"))
    made = reviewing.remark(other, by=None, paragraph=1, text="Mine.")
    with pytest.raises(Blocked):
        reviewing.remark(review, by=None, paragraph=1, text="Theirs", pk=made.pk)
    reviewing.delete_remark(review, made.pk, by=None)
    made.refresh_from_db()
    assert made.text == "Mine."


def test_a_file_is_checked_stripped_and_replaced(review: Review, django_capture_on_commit_callbacks: Any) -> None:
    with pytest.raises(Blocked) as answer:
        reviewing.attach(review, b"MZ\x00\x00", "notes.exe", by=None)
    assert answer.value.reasons[0].where == "file"
    first = reviewing.attach(review, b"A note.", "Rita Gauge notes.txt", by=None)
    path, storage = first.file.name, first.file.storage
    assert "rita" not in path.lower()
    with django_capture_on_commit_callbacks(execute=True):
        second = reviewing.attach(review, b"Another note.", "b.txt", by=None)
    assert list(Attachment.objects.all()) == [second]
    assert not storage.exists(path)
    reviewing.detach(review, by=None)
    assert not Attachment.objects.exists()


# --- passages ---

BODY = (
    "<h2>Heads</h2><p>One.</p><ul><li>Two</li><li><p>Three.</p></li><li>Four<ul><li>Five</li></ul></li></ul>"
    "<blockquote><p>Six.</p></blockquote><table><tbody><tr><td>Seven</td></tr></tbody></table>"
    '<p>Eight<span class="footnote">A note.</span></p>'
)


def test_passages_are_what_holds_words() -> None:
    words = [passages.excerpt(BODY, n) for n in range(1, passages.count(BODY) + 1)]
    assert words == ["Heads", "One.", "Two", "Three.", "Four", "Five", "Six.", "Seven", "Eight"]
    assert passages.excerpt(BODY, 99) == passages.excerpt("", 1) == ""


def test_the_text_shown_numbers_passages_and_names_no_file(alice: User, bob: User) -> None:
    image, filling = picture(credit="Photo: Alice Marlowe"), f"<p>{'Words carry it on. ' * 40}</p>"
    body = (
        BODY
        + filling
        + f'<figure><img src="/media/{image.file.name}" alt="Cranes"><figcaption>Nine</figcaption></figure>'
    )
    article = in_review(alice, bob, body=body, lead_image=image)
    review = accepted(round_of(article), referee())
    shown = passages.shown(review, lambda place: f"/here/{place}/", form="f")
    count = passages.count(article.latest.body)
    assert all(f'id="p-{n}"' in shown.body and f'value="remark-{n}"' in shown.body for n in range(1, count + 1))
    assert image.file.name not in shown.body
    assert 'src="/here/0/"' in shown.body  # the same picture as above the text
    assert (shown.picture_url, shown.credit) == ("/here/0/", "")
    assert "Marlowe" not in shown.body
    assert [passages.picture(review, n) for n in (0, 1, 2)] == [image, image, None]
    review.round.mode = "single"
    assert "Marlowe" in passages.shown(review, lambda _: "", form="f").credit


def test_moments_are_those_that_are_given(review: Review) -> None:
    then = timezone.now() - datetime.timedelta(days=1)
    assert reviewing.save(review, Words(for_author="x"), base=0, by=None, now=then).saved_at == then
