"""What the authors of a piece read of its reviews and when: what was released, nothing that was withheld, no trace before."""

import datetime
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial.models import Event
from editorial.perform import perform
from forum.models import Mail
from review import released
from review.models import Attachment, Question, Remark, Review
from tests.cast import edit, in_days
from tests.editorial.desk import client_of, text
from tests.editorial.portal import at, fields
from tests.review.refereeing import in_review, invited, referee, round_of, submitted

COMMENTS, REMARK, ANSWER, SECRET = (
    "The table is upside down.",
    "Say which tide.",
    "A map of the estuary.",
    "Between us it is weak.",
)


def reviewed(author: User, editor: User, mode: str = "double") -> Article:
    """One review with every kind of part; an earlier referee can’t, another is asked in vain."""
    article = in_review(author, editor, mode=mode)
    round = round_of(article)
    invited(round, referee("Carla Cant"), state=Review.State.CANT)
    review = submitted(round, referee("Rita Gauge"), for_author=COMMENTS, for_editor=SECRET)
    invited(round, referee("Ina Level"))
    Remark.objects.create(review=review, paragraph=2, quote="tides that move", text=REMARK)
    Remark.objects.create(review=review, paragraph=3, text="Unoriginal, I fear.", is_for_editor=True)
    questions = {question.kind: question for question in round.form.questions.filter(is_for_author=True)}
    own = round.form.questions.filter(is_for_author=False).first()
    review.answers = {str(questions[Question.Kind.TEXT].pk): ANSWER, str(own.pk): "no"}  # type: ignore[union-attr]
    review.save()
    Attachment.objects.create(
        review=review, file=ContentFile(b"%PDF-1.4 notes", "kept.pdf"), kind="pdf", size=14, sent_name="rita-gauge.pdf"
    )
    return article


def decide(article: Article, by: User, step: str = "request_revision", **more: Any) -> None:
    waiting = {str(r.pk): "cancelled" for r in round_of(article).reviews.filter(state__in=Review.OPEN)}
    said = {"message": "Please mend it.", "note": "Enough", "settle": waiting} | more
    perform(
        article,
        step,
        by=by,
        **said | ({"due_on": in_days(20), "extent": "minor"} if step == "request_revision" else {}),
    )


def time_passes(article: Article) -> None:
    """The ten minutes are over, and the outbox was sent."""
    past = timezone.now() - datetime.timedelta(seconds=1)
    article.handling.refresh_from_db()
    article.handling.held_until = past
    article.handling.save()
    Review.objects.exclude(released_at=None).update(released_at=past)
    Mail.objects.exclude(not_before=None).update(not_before=past)


def part_key(part: str, article: Article) -> str:
    review = Review.objects.get(round__article=article, state="submitted")
    if part == "remark":
        return f"{review.pk}:remark:{review.remarks.get(is_for_editor=False).pk}"
    if part == "answer":
        return f"{review.pk}:answer:{review.round.form.questions.get(kind='text', is_for_author=True).pk}"
    return f"{review.pk}:{part}"


def everything(user: User, article: Article) -> str:
    """All that an author is shown of a piece while they revise it."""
    client = client_of(user)
    pages = [at("home"), at("piece", article), at("write", article), at("step", article, "resubmit")]
    return " ".join(
        text(client.get(page, follow=True)) + client.get(page, follow=True).content.decode() for page in pages
    )


@pytest.mark.parametrize("mode", ["double", "single", "open"])
@pytest.mark.parametrize("withheld", ["", "comments", "remark", "answer", "file"])
def test_authors_read_what_was_released_but_not_what_was_withheld(
    mode: str, withheld: str, alice: User, bob: User
) -> None:
    article = reviewed(alice, bob, mode)
    releases = {part_key(withheld, article): "Not for the author"} if withheld else {}
    decide(article, bob, releases=releases)
    time_passes(article)
    seen = everything(alice, article)
    shown = {"comments": COMMENTS, "remark": REMARK, "answer": ANSWER, "file": "/reviews/1/1/file/"}
    for part, words in shown.items():
        assert (words in seen) == (part != withheld), part
    assert ("Rita Gauge" in seen) == (mode == "open")
    # Neither who was asked in vain, nor how many, nor what is for the editors alone.
    for hidden in (
        "Carla",
        "Ina Level",
        "Referee 2",
        SECRET,
        "Unoriginal",
        "Not for the author",
        "rita-gauge",
        "Gauge Institute",
    ):
        assert hidden not in seen, hidden
    answer = client_of(alice).get(f"/contribute/{article.pk}/reviews/1/1/file/")
    assert answer.status_code == (404 if withheld == "file" else 200)
    if withheld != "file":
        assert "rita" not in answer["Content-Disposition"].lower()
        assert answer["Content-Disposition"].startswith("attachment")


def test_nobody_else_has_a_referees_file(alice: User, ada: User, bob: User, bea: User, carl: User, mara: User) -> None:
    article = reviewed(alice, bob)
    review = Review.objects.get(round__article=article, state="submitted")
    portal, desk = f"/contribute/{article.pk}/reviews/1/1/file/", f"/admin/review/file/{review.pk}/"
    assert client_of(alice).get(portal).status_code == 404  # not decided
    decide(article, bob)
    assert client_of(alice).get(portal).status_code == 404  # it can still be taken back
    time_passes(article)
    for user in (ada, bea, carl, mara):
        assert client_of(user).get(portal).status_code == 404, user
    for user, wanted in ((bea, 200), (mara, 200), (carl, 404), (alice, 302), (ada, 302)):
        assert client_of(user).get(desk).status_code == wanted, user
    assert client_of(bea).get("/admin/review/file/99999999999999999999999/").status_code == 404
    assert client_of(alice).get(f"/contribute/{article.pk}/reviews/99999999999999999/1/file/").status_code == 404
    assert client_of(alice).get(f"/media/{review.attachment.file.name}").status_code == 404


def test_referees_are_numbered_as_they_are_read_through_all_rounds(alice: User, bob: User) -> None:
    article = reviewed(alice, bob)
    decide(article, bob)
    time_passes(article)
    perform(article, "resubmit", by=alice, message="Mended.")
    round = round_of(article)
    round.reviews.all().delete()
    submitted(round, referee("Nell New"), label=1, for_author="I come anew.")
    submitted(round, Review.objects.get(referee__name="Rita Gauge").referee, label=2, for_author="Better now.")
    decide(article, bob, "accept")
    time_passes(article)
    rounds = released.for_authors(article)
    assert [(one.round.number, [(s.name, s.parts[0].text) for s in one.reviews]) for one in rounds] == [
        (2, [("Referee 2", "I come anew."), ("Referee 1", "Better now.")]),
        (1, [("Referee 1", COMMENTS)]),
    ]


# --- the author’s answer ---


def test_a_response_begins_with_what_is_to_be_answered_and_is_not_sent_without_answers(alice: User, bob: User) -> None:
    article = reviewed(alice, bob)
    decide(article, bob, releases={part_key("remark", article): "Rude"})
    time_passes(article)
    client, address = client_of(alice), at("step", article, "resubmit")
    form = fields(client.get(address), address)
    assert f"> {COMMENTS}" in form["message"]
    assert REMARK not in form["message"]
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert "Write your answers below" in text(refused)
    assert f"> {COMMENTS}" in fields(refused, address)["message"]
    client.post(address, form | {"message": form["message"] + "We turned it round."})
    article.refresh_from_db()
    assert article.status == "in_review"
    assert "We turned it round." in round_of(article).response


@pytest.mark.parametrize(("mode", "is_blind"), [("double", True), ("open", False)])
def test_a_response_names_no_referee_to_the_others_and_its_author_knows_who_reads_it(
    alice: User, bob: User, mode: str, is_blind: bool
) -> None:
    article = reviewed(alice, bob, mode)
    decide(article, bob)
    time_passes(article)
    address = at("step", article, "resubmit")
    page = client_of(alice).get(address)
    assert "Rita Gauge" not in fields(page, address)["message"]
    assert "get your response, too" in text(page)
    assert ("don’t sign it" in text(page)) == is_blind


def test_an_in_house_revision_asks_for_a_plain_response(alice: User, bob: User) -> None:
    from tests.cast import piece_in

    article = piece_in("revising", author=alice, editor=bob)
    address = at("step", article, "resubmit")
    form = fields(client_of(alice).get(address), address)
    assert form["message"] == ""


# --- while a decision can be taken back ---

PAGES = (
    "home",
    "piece",
    "write",
    "changes",
    "preview",
    "submit",
    "resubmit",
    "withdraw",
    "ask_withdrawal",
    "byline",
    "authors",
)


@pytest.mark.parametrize("decision", ["request_revision", "accept", "decline"])
def test_no_page_of_the_portal_tells_of_a_decision_that_can_be_taken_back(
    decision: str, alice: User, ada: User, bob: User
) -> None:
    article = reviewed(alice, bob)
    article.bylines.create(author=ada.author, name="Ada Quill", position=2)
    edit_of_the_desk = "A word of the desk’s own"
    clients = {name: client_of(user) for name, user in (("alice", alice), ("ada", ada))}

    def shown() -> dict[tuple[str, str], Any]:
        found: dict[tuple[str, str], Any] = {}
        for name, client in clients.items():
            for page in PAGES:
                where = at("home") if page == "home" else at(page, article) if page in ("piece", "write", "changes", "preview", "byline", "authors") else at("step", article, page)  # fmt: skip
                answer = client.get(where, follow=True)
                found[name, page] = (answer.status_code, answer.redirect_chain, text(answer))
        return found

    before = shown()
    decide(article, bob, decision)
    assert shown() == before
    with_desk = Article.objects.get(pk=article.pk)
    if decision == "accept":
        edit(with_desk, bob, f"<p>{edit_of_the_desk}</p>" + with_desk.latest.body)
        assert shown() == before
    # An author does not write meanwhile, whatever the state says.
    post = clients["alice"].post(at("write", article), {"title": "Mine", "base": article.latest_id, "action": "save"})
    assert (
        Article.objects.get(pk=article.pk).latest.by != alice
        or Article.objects.get(pk=article.pk).latest.title != "Mine"
    )
    assert "revis" not in text(post).lower()
    perform(Article.objects.get(pk=article.pk), "take_back", by=bob, note="A slip")
    assert shown() == before


def test_after_the_ten_minutes_the_author_is_told(alice: User, bob: User) -> None:
    article = reviewed(alice, bob)
    decide(article, bob)
    time_passes(article)
    page = text(client_of(alice).get(at("piece", article)))
    for wanted in (
        "Your turn: revise",
        "Please mend it.",
        COMMENTS,
        "tides that move",
        "The editors asked for a revision",
        "It was sent to referees",
    ):
        assert wanted in page, wanted
    assert text(client_of(alice).get(at("home"))).count("Your turn") >= 1


def test_a_decision_that_was_taken_back_never_happened_for_its_author(alice: User, bob: User) -> None:
    article = reviewed(alice, bob)
    decide(article, bob, "decline")
    perform(article, "take_back", by=bob, note="A slip")
    decide(article, bob)
    time_passes(article)
    page = text(client_of(alice).get(at("piece", article)))
    assert "It was not accepted" not in page
    assert page.count("The editors asked for a revision") == 1
    assert Event.objects.filter(article=article, transition="decline").exists()
    assert "About your piece" not in page
