"""Deciding a round: the letter that gathers, drafts, what must have been looked at, two editors at once, taking it back."""

import datetime
import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial.models import Conflict, Deadline, Event
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Mail, Masthead
from review import deciding, links
from review.deciding import Decision, Overwritten, Seen
from review.models import Remark, Review, Round, Withheld
from tests.cast import in_days
from tests.editorial.desk import client_of, fields_of, text
from tests.review.refereeing import accepted, in_review, invited, referee, round_of, submitted, token_of

LONG = "The tables were compiled by a committee that never once left its harbour office, as we all know."


def address(article: Article) -> str:
    return f"/admin/review/{article.pk}/decide/"


def seen(article: Article) -> Seen:
    round = round_of(article)
    marks = {str(r.pk): deciding.mark_of_traces(deciding.traces(r)) for r in round.reviews.all()}
    draft = deciding.draft_of(round)
    return Seen(article.latest_id, article.status, deciding.mark(round), draft.edits if draft else 0, marks)


def minor(**fields: Any) -> Decision:
    said: dict[str, Any] = {"choice": "minor", "message": "Please mend the table.", "due_on": in_days(20)}
    return Decision(**said | fields)


@pytest.fixture
def piece(alice: User, bob: User) -> Article:
    """One review sent, one being written, one invitation without an answer; the third referee can’t."""
    article = in_review(alice, bob)
    round = round_of(article)
    invited(round, referee("Carla Cant"), state=Review.State.CANT)
    submitted(round, referee("Rita Gauge"), for_author=LONG)
    accepted(round, referee("Otto Plumb"))
    invited(round, referee("Ina Level"))
    return article


def review_of(article: Article, name: str) -> Review:
    return Review.objects.get(round__article=article, referee__name=name)


def settled(article: Article, otto: str = "kept") -> dict[str, str]:
    return {
        str(review_of(article, "Otto Plumb").pk): otto,
        str(review_of(article, "Ina Level").pk): "cancelled",
    }


# --- the letter and what is missing ---


def test_the_letter_gathers_what_the_author_will_read_and_nothing_else(piece: Article) -> None:
    review = review_of(piece, "Rita Gauge")
    Remark.objects.create(review=review, paragraph=2, quote="tides that move", text="Which tides?")
    Remark.objects.create(review=review, paragraph=3, text="Between us: weak.", is_for_editor=True)
    gathered = deciding.gather(round_of(piece))
    assert LONG in gathered
    assert "“tides that move”" in gathered
    # The author is not told by a number that three were asked.
    assert "Referee 1" in gathered
    for hidden in ("Rita", "Gauge", "Referee 2", "Between us", "Worth keeping", "Otto"):
        assert hidden not in gathered
    remark = review.remarks.get(is_for_editor=False)
    assert "Which tides" not in deciding.gather(round_of(piece), [f"{review.pk}:remark:{remark.pk}"])
    assert "Referee 1" not in deciding.gather(
        round_of(piece), [f"{review.pk}:remark:{remark.pk}", f"{review.pk}:comments"]
    )


def test_an_open_round_names_its_referees(alice: User, bob: User) -> None:
    article = in_review(alice, bob, mode="open")
    submitted(round_of(article), referee("Rita Gauge"))
    assert "Rita Gauge" in deciding.gather(round_of(article))
    assert deciding.traces(round_of(article).reviews.get()) == []


def test_what_is_missing_and_the_summary(piece: Article) -> None:
    said = " ".join(deciding.missing(round_of(piece), lambda review: review.referee.name))
    assert "1 of 2 reviews is here" in said
    assert "Otto Plumb is reviewing, due on" in said
    assert "Ina Level has not answered the invitation, due on" in said
    assert "Carla" not in said
    assert deciding.summary(round_of(piece)).recommendations == [("Minor revision", 1)]


# --- what must have been looked at ---


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("no choice", "Choose a decision"),
        ("another review came", "Referee 3 has sent a review"),
        ("a draft was saved", "saved a draft"),
        ("traces", "look at what could tell"),
        ("withheld, yet said", "This still says what you withhold"),
        ("no answer about an open review", "Say whether it is kept or cancelled"),
    ],
)
def test_a_decision_waits_for_what_was_not_looked_at(
    change: str, said: str, piece: Article, bob: User, bea: User
) -> None:
    review = review_of(piece, "Rita Gauge")
    if change == "traces":
        Review.objects.filter(pk=review.pk).update(for_author="As Rita Gauge I say: mend it.")
    before, decision = seen(piece), minor(settle=settled(piece))
    if change == "no choice":
        decision = minor(choice="", settle=settled(piece))
    if change == "another review came":
        Review.objects.filter(referee__name="Otto Plumb").update(state="submitted", submitted_at=timezone.now())
    if change == "a draft was saved":
        deciding.save_draft(round_of(piece), minor(), by=bea, edits=0)
    if change == "traces":
        before = Seen(before.revision, before.status, before.round, before.edits, {})
    if change == "withheld, yet said":
        decision = minor(settle=settled(piece), message=f"They say: {LONG}", withhold={f"{review.pk}:comments": "Rude"})
    if change == "no answer about an open review":
        decision = minor()
    with pytest.raises(Blocked, match=said):
        deciding.decide(round_of(piece), decision, before, by=bob)
    piece.refresh_from_db()
    assert piece.status == "in_review"
    assert not Review.objects.exclude(released_at=None).exists()


def test_confirmed_traces_are_recorded_and_a_letter_may_not_say_what_is_withheld(piece: Article, bob: User) -> None:
    review = review_of(piece, "Rita Gauge")
    Review.objects.filter(pk=review.pk).update(for_author=f"As Rita Gauge I say: {LONG}")
    decision = minor(settle=settled(piece), withhold={f"{review.pk}:comments": "It names a committee"})
    from editorial.letters import ByHand

    with pytest.raises(Blocked, match="This still says what you withhold") as refused:
        deciding.decide(round_of(piece), decision, seen(piece), by=bob, letters={"revision_requested": ByHand("Please revise", f"Mend: {LONG}")})  # fmt: skip
    assert refused.value.reasons[0].where == "letter-revision_requested-text"
    deciding.decide(round_of(piece), decision, seen(piece), by=bob)
    assert Withheld.objects.get().reason == "It names a committee"
    assert piece.events.filter(transition="review_traces_seen", by=bob).exists()


@pytest.mark.parametrize("who", ["alice", "sam", "carl", "conflicted"])
def test_only_an_editor_of_the_piece_decides(
    who: str, piece: Article, bea: User, request: pytest.FixtureRequest
) -> None:
    if who == "conflicted":
        Conflict.objects.create(article=piece, person=bea, declared_by=bea, reason="A friend")
    user = bea if who == "conflicted" else request.getfixturevalue(who)
    before = seen(piece)
    for act in (
        lambda: deciding.decide(round_of(piece), minor(settle=settled(piece)), before, by=user),
        lambda: deciding.save_draft(round_of(piece), minor(), by=user, edits=0),
        lambda: deciding.hand_over(round_of(piece), minor(), by=user, advice="Yes", edits=0),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert client_of(user).get(address(piece)).status_code in (302, 403, 404)


# --- drafts ---


def test_two_editors_do_not_overwrite_each_others_draft(piece: Article, bob: User, bea: User) -> None:
    round = round_of(piece)
    deciding.save_draft(round, minor(message="Bob’s letter"), by=bob, edits=0)
    with pytest.raises(Overwritten) as answer:
        deciding.save_draft(round, minor(message="Bea’s letter"), by=bea, edits=0)
    assert answer.value.draft.message == "Bob’s letter"
    deciding.save_draft(round, minor(message="Bea’s letter"), by=bea, edits=1)
    assert deciding.draft_of(round).message == "Bea’s letter"  # type: ignore[union-attr]


def test_a_draft_is_handed_to_the_managing_editor_who_decides(piece: Article, bob: User, mara: User) -> None:
    round = round_of(piece)
    with pytest.raises(Blocked, match="Say why"):
        deciding.hand_over(round, minor(), by=bob, advice=" ", edits=0)
    deciding.hand_over(round, minor(settle=settled(piece)), by=bob, advice="The table decides it.", edits=0)
    letter = piece.letters.get(kind="decision_handed")
    assert letter.recipient == mara
    assert "The table decides it." in letter.text
    assert address(piece) in letter.text
    assert "Take it back" in text(client_of(bob).get(address(piece)))
    page = text(client_of(mara).get(address(piece)))
    assert "The table decides it." in page
    assert "Take it over" in page
    deciding.take_over(round, by=mara)
    with pytest.raises(Blocked):
        deciding.take_over(round, by=bob)


def test_without_a_managing_editor_nothing_is_handed_over(piece: Article, bob: User) -> None:
    with pytest.raises(Blocked, match="No managing editor"):
        deciding.hand_over(round_of(piece), minor(), by=bob, advice="Yes", edits=0)


# --- deciding, and taking it back ---


@pytest.mark.parametrize("choice", ["minor", "major", "accept", "decline"])
def test_taking_a_decision_back_restores_everything(choice: str, piece: Article, bob: User, alice: User) -> None:
    ina = review_of(piece, "Ina Level")
    token = token_of(ina)
    review = review_of(piece, "Rita Gauge")

    def state() -> Any:
        return (
            list(
                Review.objects.order_by("pk").values(
                    "pk", "state", "is_kept", "cancelled_at", "cancelled_why", "released_at"
                )
            ),
            list(Round.objects.values("closed_at", "closed_by", "outcome")),
            list(
                Deadline.objects.filter(kind__in=("answer", "review"))
                .order_by("pk")
                .values("kind", "subject", "due_on", "end", "ended_at")
            ),
            list(Withheld.objects.values("part")),
            Article.objects.values_list("status", "how_reviewed", "review_terms").get(pk=piece.pk),
        )

    before = state()
    decision = Decision(
        choice, "Here is why.", "Enough", in_days(20), settled(piece), {f"{review.pk}:comments": "Rude"}
    )
    deciding.decide(round_of(piece), decision, seen(piece), by=bob)
    piece.refresh_from_db()
    assert piece.status == {"accept": "editing", "decline": "declined"}.get(choice, "revising")
    ina.refresh_from_db()
    assert ina.state == Review.State.CANCELLED
    with pytest.raises(links.Gone):
        links.find(token, timezone.now())
    assert review_of(piece, "Otto Plumb").is_kept
    perform(piece, "take_back", by=bob, note="Wrong button")
    assert state() == before
    assert links.find(token, timezone.now()) == ina
    assert not Mail.objects.filter(not_before__isnull=False).exclude(state=Mail.State.STOPPED).exists()
    # The words are still there to be sent another time.
    assert deciding.draft_of(round_of(piece)).message == "Here is why."  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_who_decide_at_once_one_wins_and_the_other_is_told(piece: Article, bob: User, bea: User) -> None:
    ends: list[Any] = []
    decisions = {bob: minor(settle=settled(piece)), bea: Decision("decline", "No.", "Weak", settle=settled(piece))}
    before, round, barrier = seen(piece), round_of(piece), threading.Barrier(2)

    def decide(user: User) -> None:
        barrier.wait()
        try:
            ends.append(deciding.decide(round_of_again(round), decisions[user], before, by=user))
        except Blocked as answer:
            ends.append(answer)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[user]) for user in decisions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(end).__name__ for end in ends) == ["Blocked", "Event"]
    assert "decided in the meantime" in str(next(end for end in ends if isinstance(end, Blocked)))
    assert Event.objects.filter(article=piece, transition__in=("request_revision", "decline")).count() == 1


def round_of_again(round: Round) -> Round:
    return Round.objects.select_related("article__handling").get(pk=round.pk)


# --- the page ---


def test_from_the_reviews_to_the_letters_to_the_outbox(piece: Article, bob: User, alice: User) -> None:
    client = client_of(bob)
    assert client.get(f"/admin/articles/article/{piece.pk}/step/accept/")["Location"] == f"{address(piece)}?step=accept"
    page = client.get(address(piece))
    said = text(page)
    for wanted in ("Rita Gauge", LONG, "Worth keeping.", "Otto Plumb", "Ina Level", "Minor revision: 1"):
        assert wanted in said, wanted
    form = fields_of(page.content.decode(), "decide_form")
    assert LONG in form["message"]
    answers = {"decision": "minor", f"settle-{review_of(piece, 'Otto Plumb').pk}": "kept"}
    letters = client.post(address(piece), form | answers | {"next": "1"})
    assert "Please revise: The tide tables of trade" in letters.content.decode()
    assert "We no longer need your review" in text(letters)
    assert piece.events.filter(transition="request_revision").count() == 0
    sent = client.post(address(piece), fields_of(letters.content.decode(), "letters_form") | {"send": "1"}, follow=True)
    piece.refresh_from_db()
    assert piece.status == "revising"
    until = timezone.localtime(piece.handling.held_until, Masthead.current().zone)
    assert f"The letters go at {until:%H:%M}. Until then you can take the decision back." in text(sent)
    assert "/step/take_back/" in sent.content.decode()
    assert LONG in piece.letters.get(kind="revision_requested").text


def test_words_nobody_changed_follow_what_is_withheld_and_typed_words_stay(piece: Article, bob: User) -> None:
    client, review = client_of(bob), review_of(piece, "Rita Gauge")
    form = fields_of(client.get(address(piece)).content.decode(), "decide_form")
    withheld = {f"withhold-{review.pk}:comments": "Rude"}
    page = client.post(address(piece), form | withheld | {"back": "1"})
    assert LONG not in fields_of(page.content.decode(), "decide_form")["message"]
    typed = form | {"message": "My own words about the table."}
    page = client.post(address(piece), typed | {"gather": "1"})
    anew = fields_of(page.content.decode(), "decide_form")
    assert LONG in anew["message"]
    assert anew["before"] == "My own words about the table."
    page = client.post(address(piece), anew | {"put_back": "1"})
    assert fields_of(page.content.decode(), "decide_form")["message"] == "My own words about the table."


def test_who_comes_too_late_is_told_and_keeps_the_letter(piece: Article, bob: User, bea: User) -> None:
    client = client_of(bea)
    form = fields_of(client.get(address(piece)).content.decode(), "decide_form")
    deciding.decide(round_of(piece), minor(settle=settled(piece)), seen(piece), by=bob)
    late = client.post(address(piece), form | {"decision": "decline", "message": "Bea’s long letter", "next": "1"})
    assert late.status_code == 409
    assert "Bob Redpen: Ask for a revision" in text(late)
    assert "Bea’s long letter" in text(late)
    assert client.get(address(piece)).status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "nonsense"}, {"edits": "9" * 40}, {"seen": "x"}, {"message": "a\x00b"}, {"due_on": "soon"},
        {"message": "x" * 50_000, "save": "1"}, {"round": "1:submitted:x", "seen_status": "elsewhere"}, {"advice": "", "hand": "1"},
        {"send": "1"}, {"take": "1"}, {"put_back": "1"},
    ],
)  # fmt: skip
def test_bad_input_is_answered_with_the_page(changes: dict[str, str], piece: Article, bob: User) -> None:
    form = fields_of(client_of(bob).get(address(piece)).content.decode(), "decide_form")
    answer = client_of(bob).post(address(piece), form | {"decision": "minor"} | changes)
    assert answer.status_code in (200, 302, 409, 422)
    assert client_of(bob).post(address(piece), {}).status_code in (200, 422)
    piece.refresh_from_db()
    assert piece.status == "in_review"


def test_pieces_with_referees_are_not_declined_in_bulk(piece: Article, bob: User) -> None:
    form = {"pieces": [piece.pk], "message": "No", "note": "No"}
    client_of(bob).post("/admin/articles/article/bulk/decline/", form | {"send": "1"})
    piece.refresh_from_db()
    assert piece.status == "in_review"


def test_decided_drafts_do_not_outlive_their_day(piece: Article, bob: User) -> None:
    """A due date that has passed is refused like everywhere."""
    with pytest.raises(Blocked):
        deciding.decide(round_of(piece), minor(settle=settled(piece), due_on=timezone.localdate() - datetime.timedelta(days=2)), seen(piece), by=bob)  # fmt: skip
