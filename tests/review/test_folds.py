"""Whatever happens in rounds of peer review, the timeline of the piece replays to what is stored."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import conflicts, deadlines, replay
from editorial.models import Letter
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Mail
from review import answering, expecting, inviting, reviewing
from review.models import Referee, Review
from tests.cast import draft, in_days
from tests.review.refereeing import in_review, referee, round_of

pytestmark = pytest.mark.django_db


def assert_replays(article: Article) -> None:
    outcome = replay.check(replay.pieces().get(pk=article.pk))
    assert [str(one) for one in outcome.differences] == []
    assert outcome.not_recorded == []


def ask(article: Article, who: Referee, by: User) -> Review:
    return inviting.invite(round_of(article), who, by=by, answer_by=in_days(5), review_by=in_days(14))


def agree(article: Article, who: Referee, by: User) -> Review:
    review = ask(article, who, by)
    answering.accept(review, by=None, no_conflict=True)
    return anew(review)


def send(review: Review) -> Review:
    answers = {str(q.pk): "4" for q in reviewing.questions_of(review) if q.is_required}
    words = reviewing.Words("minor", "The table is upside down.", "Worth keeping.", answers)
    found = reviewing.save(anew(review), words, base=review.edits, by=None)
    reviewing.submit(found, by=None, seen=found.edits)
    return anew(review)


def anew(review: Review) -> Review:
    return Review.objects.select_related("round__article", "round__form", "referee").get(pk=review.pk)


def mails_go() -> None:
    """The worker sent what waited."""
    Mail.objects.filter(state="waiting").update(state="sent", sent_at=timezone.now(), not_before=None)


def revise(article: Article, bob: User, **said: Any) -> None:
    whole: dict[str, Any] = {"message": "Mend it.", "due_on": in_days(9), "extent": "minor", **said}
    perform(article, "request_revision", by=bob, **whole)


def test_all_that_an_editor_and_a_referee_do_about_an_invitation(alice: User, bob: User, bea: User, mara: User) -> None:
    article = in_review(alice, bob)
    round = round_of(article)
    people = [referee(f"{name} Gauge") for name in ("Ada", "Ben", "Cleo", "Dora", "Emil")]
    listed = [inviting.list_next(round, one, by=bob) for one in people]
    inviting.move(listed[2], -1, by=bob)
    inviting.unlist(listed[4], by=bob)
    inviting.want(round, 3, by=bob)
    assert_replays(article)

    stopped = ask(article, people[0], bob)
    inviting.stop_invitation(stopped, by=bob)
    assert_replays(article)
    inviting.unlist(anew(stopped), by=bob)
    assert anew(stopped).state == Review.State.CANCELLED
    assert_replays(article)

    silent = ask(article, people[1], bob)
    mails_go()
    inviting.extend(anew(silent), in_days(8), by=bob)
    inviting.nudge(anew(silent), by=bob)
    made = inviting.replace(anew(silent), by=bob)
    mails_go()
    answering.cannot(made, by=None, why="busy")
    answering.undo_cannot(anew(made), by=None)
    answering.accept(anew(made), by=None, no_conflict=True)
    answering.ask_more_time(anew(made), by=None, due_on=in_days(30))
    inviting.refuse_more_time(anew(made), "No", by=bob)
    assert_replays(article)
    sent = send(anew(made))
    inviting.return_for_fix(sent, "Which table?", by=bob)
    assert_replays(article)
    send(anew(made))
    expecting.move(article, in_days(60), by=bob, writes=True)
    conflict = conflicts.declare(article, bea, "A friend", by=bea)
    conflicts.override(conflict, by=mara, reason="Nobody else")
    assert_replays(article)


def test_decisions_taken_back_and_taken_anew_and_the_next_round(alice: User, bob: User, mara: User) -> None:
    article = in_review(alice, bob)
    ben, cleo, dora = (referee(f"{name} Gauge") for name in ("Ben", "Cleo", "Dora"))
    send(agree(article, ben, bob))
    writing, waiting = agree(article, cleo, bob), ask(article, dora, bob)
    settle = {str(writing.pk): "kept", str(waiting.pk): "cancelled"}
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("decline", {"message": "No.", "note": "Reason"}),
        ("accept", {"note": "One is enough"}),
    )
    for step, said in steps:
        perform(article, step, by=bob, settle=settle, **said)
        assert_replays(article)
        perform(article, "take_back", by=bob, note="A misclick")
        assert_replays(article)
    revise(article, bob, settle=settle, releases={})
    send(anew(writing))  # kept, and sent while the decision can be taken back
    perform(article, "take_back", by=bob, note="It came after all")
    assert_replays(article)
    revise(article, bob)
    # Who goes on while it could be taken back means it: nothing is held any more.
    perform(article, "decline", by=bob, message="No.", note="On second thoughts")
    assert_replays(article)
    with pytest.raises(Blocked):
        perform(article, "take_back", by=bob, note="Too late")
    assert set(Letter.objects.filter(is_to_author=True, mail__state="waiting").values_list("kind", flat=True)) >= {"revision_requested", "declined"}  # fmt: skip
    held = Mail.objects.filter(state="waiting", not_before__gt=timezone.now())
    assert not held.exclude(subject__startswith="Will you review").exists()


def test_the_next_round_its_recall_and_the_way_out(alice: User, bob: User, mara: User) -> None:
    article = in_review(alice, bob, wanted=1)
    ben = referee("Ben Gauge")
    send(agree(article, ben, bob))
    revise(article, bob)
    perform(article, "resubmit", by=bob, message="On the author’s behalf")
    assert_replays(article)
    inviting.confirm_traces(round_of(article), by=bob)
    again = inviting.invite_earlier(round_of(article), by=bob)[0]
    mails_go()
    answering.accept(again, by=None, no_conflict=True)
    perform(article, "step_back", by=bob, note="No need", settle={str(again.pk): "cancelled"})
    assert article.status == "submitted"
    assert_replays(article)
    perform(article, "send_to_review", by=bob, mode="open", wanted=1, traces_seen=True)
    third = ask(article, ben, bob)
    perform(article, "withdraw", by=alice)
    assert anew(third).state == Review.State.CANCELLED
    assert_replays(article)
    perform(article, "reopen", by=mara, note="They asked")
    perform(article, "send_to_review", by=bob, wanted=1, traces_seen=True)
    send(agree(article, ben, bob))
    perform(article, "accept", by=bob)
    perform(article, "send_to_review", by=bob, wanted=1, traces_seen=True)
    perform(article, "step_back", by=bob, note="Not again")
    assert article.status == "editing"
    assert_replays(article)


def test_reminders_and_a_round_from_editing(alice: User, bob: User) -> None:
    article = draft(alice)
    perform(article, "submit", by=alice)
    perform(article, "review_in_house", by=bob, note="Small")
    perform(article, "send_to_review", by=bob, wanted=1, traces_seen=True)
    ask(article, referee(), bob)
    deadlines.run(timezone.now() + datetime.timedelta(days=30))
    assert_replays(article)
