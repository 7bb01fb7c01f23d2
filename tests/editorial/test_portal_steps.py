"""Submitting, revising, approving, objecting, withdrawing: as authors do it, without scripts."""

from typing import Any

import pytest

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import writing
from editorial.models import Approval, Event, Letter
from editorial.perform import perform
from tests.cast import BODY, IN_BRIEF, draft, edit, in_days, picture, piece_in
from tests.editorial.portal import at, fields, save, signed_in

pytestmark = pytest.mark.django_db


def take(user: User, article: Article, step: str, **said: str) -> Any:
    """Open a step, say something, press its button."""
    client = signed_in(user)
    address = at("step", article, step)
    return client.post(address, fields(client.get(address), form=address) | said)


# --- Submit ---------------------------------------------------------------------------------------
def test_what_is_missing_is_listed_each_with_its_place(alice: User) -> None:
    article = writing.begin(by=alice, corresponding=alice)
    text = signed_in(alice).get(at("step", article, "submit")).content.decode()
    assert "Something is missing" in text
    for place in ("id_title", "id_in_brief", "text", "id_conflict_of_interest", "id_appeared_elsewhere"):
        assert f'href="{at("write", article)}#{place}"' in text
        assert f'id="{place}"' in signed_in(alice).get(at("write", article)).content.decode()
    assert ">Submit</button>" not in text


def test_an_incomplete_piece_is_not_submitted_by_force(alice: User) -> None:
    article = writing.begin(by=alice, corresponding=alice, title="Only a title")
    response = signed_in(alice).post(at("step", article, "submit"), {"seen": article.latest_id, "note": "Please!"})
    assert response.status_code == 409
    text = response.content.decode()
    assert "The In Brief is missing." in text
    assert "Please!" in text
    article.refresh_from_db()
    assert article.status == Status.DRAFT


def test_from_an_empty_page_to_the_desk_without_scripts(sam: User, bob: User) -> None:
    client = signed_in(sam)
    body = "\r\n\r\n".join("A paragraph of plain words, typed without any editor. " * 4 for _ in range(6))
    place = save(
        client,
        title="Typed by hand",
        in_brief=IN_BRIEF,
        body=body,
        action="submit",
        conflict_of_interest="None",
        appeared_elsewhere="Nowhere",
    )["Location"]
    page = client.get(place)
    assert "Everything is there" in page.content.decode()
    assert client.post(place, fields(page, form=place) | {"note": "Hello"}).status_code == 302
    article = Article.objects.get(corresponding=sam)
    assert article.status == Status.SUBMITTED
    assert article.events.get(transition="submit").note == "Hello"
    assert Letter.objects.filter(recipient=bob, kind="submitted_desk").exists()


def test_submitting_twice_is_one_submission_and_no_complaint(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    sheet = {"seen": article.latest_id}
    first, second = (client.post(at("step", article, "submit"), sheet) for _ in range(2))
    assert first["Location"] == second["Location"] == at("piece", article)
    assert article.events.filter(transition="submit").count() == 1


def test_a_text_changed_since_the_page_was_opened_is_not_submitted(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    sheet = fields(client.get(at("step", article, "submit")), form=at("step", article, "submit"))
    save(client, article, title="Changed in another window")
    response = client.post(at("step", article, "submit"), sheet | {"note": "Kept words"})
    assert response.status_code == 409
    text = response.content.decode()
    assert "Changed in another window" in text
    kept = fields(response, form=at("step", article, "submit"))
    assert kept["note"] == "Kept words"
    article.refresh_from_db()
    assert article.status == Status.DRAFT
    # The page stands for the present text now: the next press goes through.
    assert client.post(at("step", article, "submit"), kept).status_code == 302
    assert article.events.get(transition="submit").note == "Kept words"


def test_a_revision_changed_since_the_page_was_opened_is_sent_by_the_next_press(alice: User, bob: User) -> None:
    article = piece_in(Status.REVISING, author=alice, editor=bob)
    client = signed_in(alice)
    address = at("step", article, "resubmit")
    sheet = fields(client.get(address), form=address)
    save(client, article, title="Changed in another window")
    response = client.post(address, sheet | {"message": "Kept response"})
    assert response.status_code == 409
    assert "Changed in another window" in response.content.decode()
    assert client.post(address, fields(response, form=address)).status_code == 302
    article.refresh_from_db()
    assert article.status == Status.SUBMITTED
    assert article.events.get(transition="resubmit").data["message"] == "Kept response"


def test_a_piece_that_has_moved_since_the_page_was_opened_needs_another_press(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    address = at("step", article, "withdraw")
    sheet = fields(client.get(address), form=address)
    perform(article, "submit", by=alice)
    response = client.post(address, sheet)
    assert response.status_code == 409
    assert "It is now: With the editors." in response.content.decode()
    article.refresh_from_db()
    assert article.status == Status.SUBMITTED
    assert client.post(address, fields(response, form=address)).status_code == 302
    article.refresh_from_db()
    assert article.status == Status.WITHDRAWN


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"alt": "", "credit": ""}, "The picture has no description or credit. The editors will ask for it."),
        ({"alt": ""}, "The picture has no description. The editors will ask for it."),
        ({"credit": ""}, "The picture has no credit. The editors will ask for it."),
        ({}, ""),
    ],
)
def test_a_picture_without_words_is_pointed_out_and_stands_in_nobodys_way(
    words: dict[str, str], said: str, alice: User
) -> None:
    article = draft(alice, lead_image=picture(uploaded_by=alice, **words))
    text = signed_in(alice).get(at("step", article, "submit")).content.decode()
    assert said in text
    assert ("The picture has no" in text) is bool(said)
    assert ">Submit</button>" in text


def test_an_unchanged_revision_is_said_to_be_one(alice: User, bob: User) -> None:
    article = piece_in(Status.REVISING, author=alice, editor=bob)
    client = signed_in(alice)
    address = at("step", article, "resubmit")
    assert "The text is the same as when you were asked" in client.get(address).content.decode()
    save(client, article, title="Shorter")
    assert "The text is the same" not in client.get(address).content.decode()


@pytest.mark.parametrize("seen", ["", "0", "-5", "x", "9" * 40, "1.5", "\x00"])
def test_a_forged_or_missing_text_number_approves_nothing(seen: str, alice: User, bob: User) -> None:
    article = piece_in(Status.APPROVAL, author=alice, editor=bob)
    response = signed_in(alice).post(at("step", article, "approve"), {"seen": seen, "note": "Kept words"})
    assert response.status_code in (409, 422)
    assert "Kept words" in response.content.decode()
    article.refresh_from_db()
    assert article.status == Status.APPROVAL


# --- Revise ---------------------------------------------------------------------------------------
def test_a_revision_begins_with_the_letter_and_ends_with_a_response(alice: User, bob: User) -> None:
    article = piece_in(Status.REVISING, author=alice, editor=bob)
    client = signed_in(alice)
    for address in (at("piece", article), at("write", article), at("step", article, "resubmit")):
        text = client.get(address).content.decode()
        assert "Please shorten it." in text
        assert "Bob" not in text
    place = save(client, article, action="submit", title="Shorter")["Location"]
    assert place == at("step", article, "resubmit")
    article.refresh_from_db()
    without = client.post(place, {"seen": article.latest_id, "message": "  "})
    assert without.status_code == 422
    assert "A few words are needed here." in without.content.decode()
    assert client.post(place, {"seen": article.latest_id, "message": "Cut the second half."}).status_code == 302
    article.refresh_from_db()
    assert (article.status, article.latest.title) == (Status.SUBMITTED, "Shorter")
    assert article.events.get(transition="resubmit").data["message"] == "Cut the second half."
    assert "Cut the second half." in client.get(at("piece", article)).content.decode()


def test_what_was_edited_before_a_revision_was_asked_for_is_shown(alice: User, bob: User) -> None:
    article = piece_in(Status.EDITING, author=alice, editor=bob)
    edit(article, bob, article.latest.body.replace("harbours", "seaports"))
    perform(article, "request_revision", by=bob, message="More data please", due_on=in_days(5))
    text = signed_in(alice).get(at("changes", article)).content.decode()
    assert "Edited before you were asked to revise" in text
    assert "seaports" in text


# --- Approve and object ---------------------------------------------------------------------------
@pytest.fixture
def edited(alice: User, bob: User) -> Article:
    """A piece whose title, In Brief, text, picture and byline the desk has changed, for approval."""
    article = draft(alice)
    perform(article, "submit", by=alice)
    perform(article, "accept", by=bob)
    edit(
        article, bob, BODY.replace("harbours", "seaports"), title="The time tables of trade", in_brief=IN_BRIEF.replace("twice", "thrice"),
        lead_image=picture(),
    )  # fmt: skip
    before = writing.snapshot(article)
    article.bylines.update(bio="Alice Marlowe is Reader in Seaports.")
    writing.settle_details(article, by=bob, before=before)
    perform(article, "request_approval", by=bob, due_on=in_days(5))
    return article


def test_every_kind_of_change_is_marked(edited: Article, alice: User) -> None:
    text = signed_in(alice).get(at("changes", edited)).content.decode()
    for old, new in (("tide", "time"), ("twice", "thrice"), ("harbours", "seaports")):
        assert f"<del>{old}" in text
        assert f"<ins>{new}" in text
    assert "A picture was added." in text
    assert "Cranes at dusk" in text
    assert "teaches harbours" in text
    assert "Reader in Seaports" in text


def test_the_clean_text_has_no_marks_and_the_forms_still(edited: Article, alice: User) -> None:
    text = signed_in(alice).get(at("changes", edited), {"view": "clean"}).content.decode()
    assert "<ins>" not in text
    assert "seaports" in text
    assert at("step", edited, "approve") in text


def test_approving_from_the_changes(edited: Article, alice: User) -> None:
    client = signed_in(alice)
    address = at("step", edited, "approve")
    sheet = fields(client.get(at("changes", edited)), form=address)
    assert sheet["seen"] == str(edited.latest_id)
    assert client.post(address, sheet | {"note": "Fine"}).status_code == 302
    edited.refresh_from_db()
    assert edited.status == Status.READY
    assert edited.approvals.get(state=Approval.State.GIVEN).revision_id == edited.latest_id
    # A second press says the same and does nothing more.
    assert client.post(address, sheet)["Location"] == at("piece", edited)
    assert edited.approvals.count() == 1


def test_objecting_needs_words_and_keeps_them(edited: Article, alice: User) -> None:
    client = signed_in(alice)
    address = at("step", edited, "object")
    sheet = fields(client.get(at("changes", edited)), form=address)
    assert client.post(address, sheet).status_code == 422
    assert client.post(address, sheet | {"note": "Seaports is wrong."}).status_code == 302
    edited.refresh_from_db()
    assert edited.status == Status.EDITING
    assert "Seaports is wrong." in client.get(at("piece", edited)).content.decode()


def test_an_answer_to_another_text_than_the_one_shown_is_refused(alice: User, bob: User) -> None:
    article = piece_in(Status.APPROVAL, author=alice, editor=bob)
    old = article.latest_id
    perform(article, "step_back", by=bob, note="One more look")
    edit(article, bob, article.latest.body + "<p>Changed again.</p>")
    perform(article, "request_approval", by=bob, due_on=in_days(5))
    response = signed_in(alice).post(at("step", article, "approve"), {"seen": old, "note": "Kept words"})
    assert response.status_code == 409
    text = response.content.decode()
    assert "The text was changed after you opened this page." in text
    assert "Kept words" in text
    article.refresh_from_db()
    assert article.status == Status.APPROVAL


def test_words_for_a_step_that_is_no_longer_possible_are_kept(alice: User, bob: User) -> None:
    article = piece_in(Status.APPROVAL, author=alice, editor=bob)
    seen = article.latest_id
    perform(article, "step_back", by=bob, note="One more look")
    response = signed_in(alice).post(at("step", article, "object"), {"seen": seen, "note": "A long objection"})
    assert response.status_code == 409
    assert "A long objection" in response.content.decode()


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [("approve", "object", "You approved this text on"), ("object", "approve", "You objected to this text on")],
)
def test_the_opposite_answer_from_another_window(
    first: str, second: str, said: str, edited: Article, alice: User
) -> None:
    client = signed_in(alice)
    page = client.get(at("changes", edited))
    sheets = {name: fields(page, form=at("step", edited, name)) for name in (first, second)}
    client.post(at("step", edited, first), sheets[first] | {"note": "First answer"})
    response = client.post(at("step", edited, second), sheets[second] | {"note": "Second answer"})
    assert response.status_code == 409
    text = response.content.decode()
    assert said in text
    assert "Second answer" in text
    assert at("piece", edited) in text
    assert f'action="{at("step", edited, second)}"' not in text
    assert said in client.get(at("changes", edited)).content.decode()
    assert said in client.get(at("step", edited, second), follow=True).content.decode()


# --- Withdraw -------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.REVISING])
def test_before_acceptance_a_piece_is_withdrawn_at_once(status: Status, alice: User, bob: User) -> None:
    article = piece_in(status, author=alice, editor=bob)
    page = signed_in(alice).get(at("piece", article)).content.decode()
    assert at("step", article, "withdraw") in page
    assert at("step", article, "ask_withdrawal") not in page
    take(alice, article, "withdraw", note="Changed my mind")
    article.refresh_from_db()
    assert article.status == Status.WITHDRAWN


def test_giving_up_a_draft_that_nobody_saw_speaks_of_no_editors(alice: User) -> None:
    article = draft(alice)
    text = signed_in(alice).get(at("step", article, "withdraw")).content.decode()
    assert "Nobody but you has seen it." in text
    assert "editors" not in text[text.index("<h1") : text.index("</form>", text.index("<h1"))]


def test_withdrawing_says_who_can_undo_it(alice: User, bob: User) -> None:
    article = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    text = signed_in(alice).get(at("step", article, "withdraw")).content.decode()
    assert "Only the editors can open it again: write to them." in text


@pytest.mark.parametrize("status", [Status.EDITING, Status.APPROVAL, Status.READY, "scheduled"])
def test_after_acceptance_the_author_asks(status: Any, alice: User, bob: User) -> None:
    article = piece_in(status, author=alice, editor=bob)
    page = signed_in(alice).get(at("piece", article)).content.decode()
    assert at("step", article, "ask_withdrawal") in page
    assert at("step", article, "withdraw") not in page
    assert take(alice, article, "ask_withdrawal", note="").status_code == 422
    take(alice, article, "ask_withdrawal", note="Overtaken by events")
    article.handling.refresh_from_db()
    assert article.handling.withdrawal_asked_at
    page = signed_in(alice).get(at("piece", article)).content.decode()
    assert "You asked to withdraw it." in page
    assert at("step", article, "ask_withdrawal") not in page


@pytest.mark.parametrize("origin", [Status.APPROVAL, Status.READY])
def test_an_accepted_piece_in_revision_is_withdrawn_by_asking(origin: Status, alice: User, bob: User) -> None:
    article = piece_in(origin, author=alice, editor=bob)
    perform(article, "request_revision", by=bob, message="Once more", due_on=in_days(5))
    page = signed_in(alice).get(at("piece", article)).content.decode()
    assert at("step", article, "ask_withdrawal") in page
    assert at("step", article, "withdraw") not in page


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.DECLINED, Status.WITHDRAWN])
def test_what_is_public_or_closed_is_not_withdrawn_here(status: Status, alice: User, bob: User) -> None:
    article = piece_in(status, author=alice, editor=bob)
    page = signed_in(alice).get(at("piece", article)).content.decode()
    for step in ("withdraw", "ask_withdrawal"):
        assert at("step", article, step) not in page
        response = signed_in(alice).post(at("step", article, step), {"seen": article.latest_id, "note": "x"})
        article.refresh_from_db()
        assert article.status == status
        assert response.status_code in (302, 409)


def test_a_get_does_nothing(alice: User, bob: User) -> None:
    for status in (Status.DRAFT, Status.REVISING, Status.APPROVAL, Status.EDITING):
        article = piece_in(status, author=alice, editor=bob)
        events = Event.objects.filter(article=article).count()
        for step in ("submit", "resubmit", "approve", "object", "withdraw", "ask_withdrawal"):
            signed_in(alice).get(
                at("step", article, step), {"note": "x", "message": "x", "seen": str(article.latest_id)}
            )
            signed_in(alice).head(at("step", article, step))
        assert Event.objects.filter(article=article).count() == events


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a\u202eb", "Ünï", "x" * 20_000])
def test_words_with_a_step_are_shown_as_words(text: str, alice: User, bob: User) -> None:
    article = piece_in(Status.DRAFT, author=alice, editor=bob)
    assert take(alice, article, "submit", note=text).status_code == 302
    page = signed_in(alice).get(at("piece", article)).content.decode()
    assert "<script>alert(1)" not in page
    assert "\u202e" not in page


@pytest.mark.parametrize("text", ["a\x00b", "x" * 20_001])
def test_words_that_can_not_be_taken_are_kept_and_explained(text: str, alice: User, bob: User) -> None:
    article = piece_in(Status.DRAFT, author=alice, editor=bob)
    response = take(alice, article, "submit", note=text)
    assert response.status_code == 422
    article.refresh_from_db()
    assert article.status == Status.DRAFT
