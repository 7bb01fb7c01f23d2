"""Who referees is a secret from those who must not know, and referees stay away from the piece at the desk."""

import datetime
import re

import pytest
from django.utils import timezone

from editorial import access, appearance, conflicts, letters, writing
from editorial.models import Letter
from editorial.perform import perform
from review import blindness
from review.models import Review
from review.record import note
from tests.editorial.desk import client_of, url
from tests.review.refereeing import accepted, in_review, invited, referee, round_of, submitted

pytestmark = pytest.mark.django_db

NAME, EMAIL = "Quintilla Haverbrook", "quintilla@haverbrook.example"


@pytest.fixture
def piece(alice, bob):
    return in_review(alice, bob)


def test_whoever_was_asked_stays_away_and_why_it_ends(piece, bea):
    """Each state of a review, with the text seen and not: whether it closes the desk to its referee."""
    review = invited(round_of(piece), referee("Bea Margin", "else@example.net", user=bea))
    moment = timezone.now()
    seen = {"answered_at": moment, "no_conflict_at": moment}
    for fields, is_closed in (
        ({"state": "listed"}, False),
        ({"state": "invited"}, True),
        ({"state": "accepted", **seen}, True),
        ({"state": "submitted", "submitted_at": moment, **seen}, True),
        ({"state": "cant"}, True),  # until the round is closed they may think better of it
        ({"state": "cant", **seen}, True),
        ({"state": "cancelled", "cancelled_at": moment}, False),
        ({"state": "cancelled", "cancelled_at": moment, **seen}, True),
    ):
        blank = {"answered_at": None, "no_conflict_at": None, "submitted_at": None, "cancelled_at": None}
        Review.objects.filter(pk=review.pk).update(**blank | fields)
        assert access.is_on_desk(bea, piece) != is_closed, fields
        assert access.deciders_for(piece).filter(pk=bea.pk).exists() != is_closed, fields


def test_cant_without_the_text_seen_is_over_with_the_round_and_a_cancelled_one_with_the_hold(piece, bea, bob):
    review = invited(round_of(piece), referee("Bea Margin", "else@example.net", user=bea), state="cant")
    perform(piece, "step_back", by=bob, note="Another way")
    assert access.is_on_desk(bea, piece)
    Review.objects.filter(pk=review.pk).update(state="cancelled", cancelled_at=timezone.now())
    piece.handling.held_until = timezone.now() + datetime.timedelta(minutes=5)
    piece.handling.save(update_fields=["held_until"])
    assert not access.is_on_desk(bea, piece)
    piece.handling.held_until = timezone.now() - datetime.timedelta(minutes=5)
    piece.handling.save(update_fields=["held_until"])
    assert access.is_on_desk(bea, piece)


@pytest.mark.parametrize("address", ["bea@example.org", "BEA@Example.org", "bea.second@example.org"])
def test_an_address_is_as_good_as_the_account_that_has_it(address, piece, bea):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=bea, email="bea.second@example.org", verified=True)
    invited(round_of(piece), referee("B. Margin", address))
    assert not access.is_on_desk(bea, piece)
    assert not access.deciders_for(piece).filter(pk=bea.pk).exists()


def test_who_cannot_be_asked(piece, alice, ada, bob, bea, mara, carl, sam):
    writing.assign(piece, by=bob, copy_editor=carl)
    perform(piece, "step_back", by=mara, note="Another way")
    conflicts.declare(piece, bea, "Cousins", by=bea)
    for person, said in (
        (alice, "wrote"), (bob, "handles"), (carl, "handles"), (mara, "worked on"), (bea, "worked on"), (ada, ""), (sam, ""),
    ):  # fmt: skip
        assert said in blindness.why_not_referee(person, piece)
        assert bool(said) == bool(blindness.why_not_referee(person, piece)), person
        by_mail = referee(f"The {person}", person.email.upper())
        assert bool(said) == bool(blindness.why_not_referee(by_mail, piece)), person
    assert blindness.why_not_referee(referee(), piece) == ""


@pytest.fixture
def told(piece, bob, carl, sam):
    """A piece with events, notes and letters that name a referee, assigned to a copy editor."""
    writing.assign(piece, by=bob, copy_editor=carl)
    now = timezone.now()
    first = submitted(round_of(piece), referee(NAME, EMAIL))
    second = accepted(round_of(piece), referee("Sam Stranger", "sam@example.org", user=sam))
    asked = note(piece, "referee_invited", by=bob, now=now, review=first, note=f"{NAME} knows tides.")
    note(piece, "review_sent", by=None, now=now, review=first)
    note(piece, "referee_accepted", by=sam, now=now, review=second)
    values = {"review by": "3 March", "the decision": "Accepted."}
    letters.write_to_address(piece, asked, "referee_accepted", NAME, EMAIL, values)
    letters.write_news(
        piece, asked, "referee_agreed_desk", bob, {"who": NAME, "review by": "3 March"}, is_to_author=False
    )
    letters.write_news(piece, asked, "objected", bob, {"note": f"I think that {NAME} wrote this."}, is_to_author=False)
    letters.write_news(piece, asked, "withdrawal_asked", bob, {"note": "An innocent letter."}, is_to_author=False)
    return piece


def test_a_copy_editor_reads_referee_1_and_nothing_that_names_one(told, bob, carl):
    for page in ("change/", "history/"):
        for_bob, for_carl = (client_of(who).get(url(told, page)).content.decode() for who in (bob, carl))
        assert "Quintilla Haverbrook" in for_bob
        assert "Sam Stranger" in for_bob
        assert "Referee 1" in for_carl
        assert "Referee 2" in for_carl
        assert "An innocent letter." in for_carl
        for canary in ("Quintilla", "Haverbrook", "Stranger", "knows tides"):
            assert canary not in for_carl
    # What is hidden is not found, and the page is that of words that nobody wrote.
    nothing, hidden = (
        client_of(carl).get("/admin/editorial/letter/", {"q": typed}).content.decode()
        for typed in ("Zzzzzzzzz", NAME[:9])
    )
    assert _without_noise(hidden).replace(NAME[:9], "Zzzzzzzzz") == _without_noise(nothing)
    for letter in Letter.objects.filter(article=told):
        is_shown = client_of(carl).get(f"/admin/editorial/letter/{letter.pk}/change/").status_code == 200
        assert is_shown == (NAME not in letter.text)


def _without_noise(page: str) -> str:
    return re.sub(r'(nonce|csrfmiddlewaretoken" value)="[^"]*"', "", page)


def test_words_that_name_a_referee_are_found_whatever_their_form(told, carl, bob):
    seen = appearance.seen_by(told, carl)
    for said in (NAME, "as haverbrook wrote", f"ask {EMAIL} again", "QUINTILLA"):
        assert seen.is_hidden(said)
    for said in ("", "The tide is high.", "haverbrooks"):
        assert not seen.is_hidden(said)
    assert not appearance.seen_by(told, bob).is_hidden(NAME)


def test_the_timeline_asks_as_often_for_three_referees_as_for_one(told, bob, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from editorial.admin.timeline import timeline

    def count():
        with CaptureQueriesContext(
            connection,
        ) as made:
            timeline(told, bob)
        return len(made)

    timeline(told, bob)
    before = count()
    for number in range(3):
        review = invited(round_of(told), referee(f"Other {number}", f"other{number}@example.net"))
        note(told, "referee_invited", by=bob, now=timezone.now(), review=review)
    assert count() == before
