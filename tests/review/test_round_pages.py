"""The desk's pages of a round, as editors use them: send to referees, choose, read the letter, act on each referee."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import outbox
from editorial.models import Deadline, Event, Letter
from review import answering, inviting, turn
from review.models import Referee, Review, Round
from tests.cast import BODY, author_for, draft, in_days, piece_in
from tests.editorial.desk import client_of, fields_of, url
from tests.review import refereeing

pytestmark = pytest.mark.django_db


@pytest.fixture
def round(alice: User, bob: User) -> Round:
    return refereeing.round_of(refereeing.in_review(alice, bob))


def at(article: Article | int, rest: str = "") -> str:
    return f"/admin/review/{article if isinstance(article, int) else article.pk}/{rest}"


def act(by: User, round: Round, action: str, review: Review | None = None, **said: Any) -> Any:
    if review is not None:
        said = {"review": review.pk, "seen": review.state} | said
    return client_of(by).post(at(round.article), {"action": action} | said)


def page(by: User, address: str) -> str:
    response = client_of(by).get(address)
    assert response.status_code == 200, response
    return response.content.decode()


# --- sending -----------------------------------------------------------------------------------------


def test_sending_shows_what_gives_the_authors_away_and_wants_it_confirmed(alice: User, bob: User) -> None:
    from editorial.perform import perform

    article = draft(alice, body="<p>As Alice Marlowe of Tidewater University argued, harbours matter.</p>" + BODY)
    perform(article, "submit", by=alice)
    client = client_of(bob)
    assert client.get(url(article, "step/send_to_review/")).url.startswith(at(article, "send/"))  # type: ignore[attr-defined]
    html = page(bob, at(article, "send/"))
    assert "Could a referee tell who wrote it?" in html
    assert "As Alice Marlowe of Tidewater University" in html
    assert "Double anonymised" in html
    data = fields_of(html, "send_form")
    assert (data["mode"], data["wanted"]) == ("double", "2")
    refused = client.post(at(article, "send/"), data | {"next": "1", "note": "Mind the tables", "wanted": "3"})
    assert refused.status_code == 200
    html = refused.content.decode()
    assert "Look at what could give the authors away" in html
    assert "Mind the tables" in html
    letters = client.post(at(article, "send/"), data | {"next": "1", "traces_seen": "on", "wanted": "3"})
    assert "This letter goes out" in letters.content.decode()
    sent = client.post(at(article, "send/"), fields_of(letters.content.decode(), "letters_form") | {"send": "1"})
    assert sent.headers["Location"] == at(article, "invite/")
    found = turn.open_round(article)
    assert found is not None
    assert (found.wanted, found.mode, found.traces_seen_by, bool(found.traces)) == (3, "double", bob, True)
    assert client.post(at(article, "send/"), data | {"next": "1"}).status_code == 409


@pytest.mark.parametrize("bad", [{"wanted": "99"}, {"wanted": "x"}, {"expected_on": "yesterday"}, {"expected_on": "1999-01-01"}, {"mode": "none"}, {"note": "\x00"}])  # fmt: skip
def test_bad_answers_are_told_and_open_no_round(bad: dict[str, str], alice: User, bob: User) -> None:
    article = piece_in("submitted", author=alice, editor=bob)
    data = fields_of(page(bob, at(article, "send/")), "send_form")
    response = client_of(bob).post(at(article, "send/"), data | {"next": "1"} | bad)
    assert response.status_code == 200
    assert "errornote" in response.content.decode()
    assert not Round.objects.exists()


# --- choosing, and the letter -------------------------------------------------------------------------


def test_the_letter_is_read_then_goes_as_it_stands(round: Round, bob: User) -> None:
    client = client_of(bob)
    chosen = client.post(at(round.article, "invite/"), {"name": "Rita Gauge", "email": "rita@example.net", "affiliation": "Gauge Institute", "add": "invite"})  # fmt: skip
    rita = Referee.objects.get()
    assert chosen.headers["Location"] == at(round.article, f"invite/{rita.pk}/")
    address = chosen.headers["Location"]
    data = fields_of(page(bob, address), "letter_form")
    assert "Dear [name]" in data["text"]
    assert not Letter.objects.filter(kind="referee_invited").exists()
    # Other days make the letter anew before it goes.
    moved = data | {"answer_by": in_days(9).isoformat(), "review_by": in_days(30).isoformat()}
    again = client.post(address, moved | {"send": "1"})
    assert "reads differently now" in again.content.decode()
    data = fields_of(again.content.decode(), "letter_form")
    assert data["answer_by"] == in_days(9).isoformat()
    # What was typed is kept, and how it would read stands beside it.
    data["text"] += "\n\nP.S. Half of it is tables."
    kept = client.post(address, data | {"days": "1", "answer_by": in_days(8).isoformat()}).content.decode()
    assert "P.S. Half of it is tables." in fields_of(kept, "letter_form")["text"]
    assert "Take that instead" in kept
    sent = client.post(address, fields_of(kept, "letter_form") | {"send": "1"})
    assert sent.headers["Location"] == at(round.article)
    letter = Letter.objects.get(kind="referee_invited")
    assert letter.text.endswith("P.S. Half of it is tables.")
    assert letter.text.startswith("Dear Rita Gauge")


def test_a_letter_without_its_address_is_refused_and_what_was_typed_stays(round: Round, bob: User) -> None:
    rita = refereeing.referee(affiliation="Tidewater University")
    address = at(round.article, f"invite/{rita.pk}/")
    html = page(bob, address)
    assert "share an affiliation" in html
    data = fields_of(html, "letter_form")
    refused = client_of(bob).post(address, data | {"send": "1", "text": "Do come, Rita."}).content.decode()
    assert "[link] is missing" in refused
    assert "should review it all the same" in refused
    assert fields_of(refused, "letter_form")["text"] == "Do come, Rita."
    sent = client_of(bob).post(address, data | {"send": "1", "override": "Nobody else knows sluices."})
    assert sent.status_code == 302
    assert "Nobody else knows sluices." in page(bob, url(round.article, "history/"))


@pytest.mark.parametrize(
    "data",
    [{}, {"who": "referee-0"}, {"who": "account-99999999999999999999"}, {"who": "x\x00"}, {"add": "invite", "name": " ", "email": "no"},
     {"add": "list", "name": "A\x00", "email": "a@example.net"}],
)  # fmt: skip
def test_bad_choices_are_harmless(data: dict[str, str], round: Round, bob: User) -> None:
    assert client_of(bob).post(at(round.article, "invite/"), data).status_code == 200
    assert not round.reviews.exists()


def test_authors_of_the_publication_can_be_chosen(round: Round, ada: User, bob: User) -> None:
    client = client_of(bob)
    html = client.get(at(round.article, "invite/?q=quill")).content.decode()
    assert "Ada Quill" in html
    assert ada.email not in html
    client.post(at(round.article, "invite/"), {"who": f"account-{ada.pk}", "do": "list"})
    assert round.reviews.get().referee.user == ada


# --- the round -----------------------------------------------------------------------------------------


def test_each_thing_is_one_click_from_the_page(round: Round, bob: User) -> None:
    asked = inviting.invite(round, refereeing.referee(), by=bob, answer_by=in_days(5), review_by=in_days(19))
    spare = inviting.list_next(round, refereeing.referee("Nell Next"), by=bob)
    wants = refereeing.accepted(round, refereeing.referee("Mo Time"), asked_at=timezone.now(), asked_due_on=in_days(40), asked_why="Exams.")  # fmt: skip
    html = page(bob, at(round.article))
    for words in ("Rita Gauge", "Stop the invitation", "goes at", "Nell Next", "Asks for more time", "Exams.", "next reminder"):  # fmt: skip
        assert words in html
    # Whoever is in time is not replaced by a slip of the hand.
    assert "Replace by" not in html
    Deadline.objects.filter(kind="answer", subject=asked.pk).update(due_on=in_days(-1))
    assert page(bob, at(round.article)).count("Replace by") == 1
    assert act(bob, round, "extend", wants, due_on=in_days(40).isoformat()).status_code == 302
    wants.refresh_from_db()
    assert wants.asked_at is None
    assert act(bob, round, "replace", asked, next=spare.pk).status_code == 302
    asked.refresh_from_db()
    spare.refresh_from_db()
    assert (asked.state, spare.state) == ("cancelled", "invited")
    assert act(bob, round, "stop", spare).status_code == 302
    spare.refresh_from_db()
    assert spare.state == "listed"
    act(bob, round, "unlist", spare)
    act(bob, round, "want", wanted="4")
    round.refresh_from_db()
    assert round.wanted == 4
    sent = refereeing.submitted(
        round, refereeing.referee("Sue Sent"), for_author="A fine piece.", for_editor="Between us."
    )
    whole = page(bob, at(round.article, f"reviews/{sent.pk}/"))
    assert "A fine piece." in whole
    assert "Between us." in whole
    refused = client_of(bob).post(at(round.article, f"reviews/{sent.pk}/"), {"why": "", "due_on": "never"})
    assert "errornote" in refused.content.decode()
    back = client_of(bob).post(at(round.article, f"reviews/{sent.pk}/"), {"why": "Which table?", "due_on": ""})
    assert back.status_code == 302
    sent.refresh_from_db()
    assert sent.state == "accepted"


def test_what_came_meanwhile_is_told_and_what_was_typed_stays(round: Round, bob: User) -> None:
    seen = refereeing.invited(round, refereeing.referee())
    Review.objects.filter(pk=seen.pk).update(
        state="accepted", answered_at=timezone.now(), no_conflict_at=timezone.now()
    )
    html = act(bob, round, "cancel", seen, why="We have enough by now.").content.decode()
    assert "Rita Gauge has agreed to review by now" in html
    assert "We have enough by now." in html
    assert not Letter.objects.filter(kind="referee_cancelled").exists()


@pytest.mark.parametrize(
    "said",
    [{}, {"action": "nothing"}, {"action": "cancel", "review": "x"}, {"action": "cancel", "review": "9" * 40}, {"action": "want", "wanted": "0"},
     {"action": "want"}, {"action": "traces"}, {"action": "extend", "review": "1", "due_on": "\x00"}, {"action": "earlier"}],
)  # fmt: skip
def test_bad_posts_are_told(said: dict[str, str], round: Round, bob: User) -> None:
    response = client_of(bob).post(at(round.article), said)
    assert response.status_code == 200
    assert "errornote" in response.content.decode()


def test_the_pages_ask_as_often_for_three_referees_as_for_one(round: Round, bob: User) -> None:
    # So that the page has the same to say both times.
    Round.objects.filter(pk=round.pk).update(wanted=1)
    client = client_of(bob)
    counts: dict[str, list[int]] = {"": [], "invite/": []}
    names = iter(("Ann A", "Bo B", "Cy C", "Di D", "Ed E", "Flo F"))
    for count in (1, 2):
        for _ in range(count):
            refereeing.invited(round, refereeing.referee(next(names)))
            inviting.list_next(round, refereeing.referee(next(names)), by=bob)
        for rest, found in counts.items():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(at(round.article, rest)).status_code == 200
            found.append(len(queries))
    assert counts[""][0] == counts[""][1]
    assert counts["invite/"][0] == counts["invite/"][1]


def test_copy_editors_and_strangers_learn_no_name_here(round: Round, alice: User, ada: User, bob: User, bea: User, carl: User, mara: User) -> None:  # fmt: skip
    from editorial import writing

    review = refereeing.submitted(round, refereeing.referee())
    writing.assign(round.article, by=mara, copy_editor=carl)
    for rest in ("", "invite/", f"invite/{review.referee_id}/", f"reviews/{review.pk}/"):
        assert client_of(carl).get(at(round.article, rest)).status_code == 403, rest
        for who in (alice, ada):
            response = client_of(who).get(at(round.article, rest))
            assert response.status_code in (302, 403, 404), rest
            assert b"Rita" not in response.content
    for address in ("/admin/review/referee/", f"/admin/review/referee/{review.referee_id}/change/"):
        assert client_of(carl).get(address).status_code == 403
    assert "Rita" not in page(carl, url(round.article))
    assert "1 of 2 reviews here" in page(bea, url(round.article))
    # Who referees the piece is as little at home on its pages as its author.
    review.referee.user = bea
    review.referee.save()
    assert client_of(bea).get(at(round.article)).status_code == 404


def test_an_editors_own_piece_moves_no_count_that_they_see(round: Round, bob: User, bea: User, alice: User) -> None:
    rita = refereeing.referee()
    refereeing.invited(round, rita)
    author_for(bob, "Bob", "Harker")
    bobs = refereeing.round_of(refereeing.in_review(bob, bea, title="Bobs own"))
    assert 'load">1' in page(bob, "/admin/review/referee/").replace("field-", "")
    refereeing.invited(bobs, rita)
    assert 'load">1' in page(bob, "/admin/review/referee/").replace("field-", "")
    assert 'load">2' in page(bea, "/admin/review/referee/").replace("field-", "")


def test_an_invitation_can_be_stopped_wherever_waiting_letters_are_listed(round: Round, bob: User) -> None:
    review = inviting.invite(round, refereeing.referee(), by=bob, answer_by=in_days(5), review_by=in_days(19))
    assert review.letter is not None
    outbox.stop(review.letter, by=bob)
    review.refresh_from_db()
    assert review.state == "listed"
    assert Event.objects.filter(transition="invitation_stopped").exists()


def test_referees_are_kept_at_the_desk(bob: User) -> None:
    client = client_of(bob)
    data = {"name": " Zoë  Quay ", "email": "zoe@example.net", "affiliation": "Harbour School", "tags": ["Trade", "Tides"], "conflicts": "", "note": "", "not_before": in_days(9).isoformat()}  # fmt: skip
    assert client.post("/admin/review/referee/add/", data).status_code == 302
    zoe = Referee.objects.get()
    assert (zoe.name, zoe.added_by, sorted(zoe.tags.values_list("name", flat=True))) == (
        "Zoë Quay",
        bob,
        ["Tides", "Trade"],
    )
    again = client.post("/admin/review/referee/add/", data | {"email": "ZOE@example.net"})
    assert "Another referee has this address" in again.content.decode()
    html = page(bob, "/admin/review/referee/?q=quay")
    assert "Zoë Quay" in html
    assert "until " in html
    assert "Trade" in page(bob, f"/admin/review/referee/{zoe.pk}/change/")


def test_many_pieces_with_referees_are_not_declined_at_once(round: Round, bob: User) -> None:
    response = client_of(bob).post("/admin/articles/article/bulk/decline/", {"piece": [round.article_id], "message": "No.", "note": "No.", "send": "1"})  # fmt: skip
    assert response.status_code == 302
    round.article.refresh_from_db()
    assert round.article.status == "in_review"


# --- what is next, on the piece and on the front page ---------------------------------------------------------


def test_the_piece_leads_to_what_is_next(round: Round, bob: User, carl: User) -> None:
    from editorial import writing

    change = url(round.article)
    html = page(bob, change)
    referees = f'class="button" href="{at(round.article)}"'
    assert "Invite referees." in html
    assert referees in html
    for who in ("Ann A", "Bo B"):
        refereeing.accepted(round, refereeing.referee(who))
    turn_settled(round)
    assert "The referees have it: nothing is to be done now." in page(bob, change)
    Review.objects.filter(round=round).update(state=Review.State.SUBMITTED, submitted_at=timezone.now())
    turn_settled(round)
    html = page(bob, change)
    assert "All reviews are in: decide." in html
    assert f'class="button" href="{at(round.article, "decide/")}"' in html
    # Who may not know about referees is not led to them.
    writing.assign(round.article, by=bob, copy_editor=carl)
    assert "/admin/review/" not in page(carl, change)


def turn_settled(round: Round) -> None:
    turn.settle(round.article, round.article.handling, timezone.now())


def test_a_handed_decision_stands_on_the_start_page_of_managing_editors(round: Round, bob: User, mara: User) -> None:
    from review import deciding

    refereeing.submitted(round, refereeing.referee())
    deciding.hand_over(round, deciding.Decision("minor", "Please mend it."), by=bob, advice="Small.", edits=0)
    decide = f'href="{at(round.article, "decide/")}"'
    assert decide in page(mara, "/admin/")
    assert decide not in page(bob, "/admin/")


def test_the_day_of_a_review_is_shown_once_somebody_agreed_to_it(round: Round, bob: User) -> None:
    review = inviting.invite(round, refereeing.referee(), by=bob, answer_by=in_days(5), review_by=in_days(19))
    assert "The answer of Rita Gauge" in (html := page(bob, url(round.article)))
    assert "The review of Rita Gauge" not in html
    answering.accept(review, by=None, no_conflict=True)
    assert "The review of Rita Gauge" in page(bob, url(round.article))
