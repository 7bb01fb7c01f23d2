"""Decisions about many pieces at once, and views of the list that somebody saved."""

from typing import Any

import lxml.html
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from articles.models import Article
from editorial.models import Letter, SavedFilter
from tests.cast import author_for, piece_in
from tests.editorial.desk import client_of, fields_of

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"


def act(desk: Client, action: str, *pieces: Article) -> Any:
    return desk.post(LIST, {"action": action, "_selected_action": [piece.pk for piece in pieces]})


def go(desk: Client, name: str, *pieces: Article, **said: Any) -> str:
    chosen = {"piece": [piece.pk for piece in pieces]} if pieces else {}
    answer = desk.post(f"{LIST}bulk/{name}/", chosen | said, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_for_each_piece_whether_it_can_be_done(alice: User, bob: User) -> None:
    open_piece = piece_in("submitted", author=alice, editor=bob, title="Open to a decision")
    closed = piece_in("declined", author=alice, editor=bob, title="Closed already")
    page = act(client_of(bob), "decline_many", open_piece, closed).content.decode()
    boxes = lxml.html.fromstring(page).xpath("//input[@name='piece']")
    assert {(box.get("value"), box.get("disabled") is not None) for box in boxes} == {
        (str(open_piece.pk), False), (str(closed.pk), True),
    }  # fmt: skip
    assert "can’t be declined: it is declined" in page


def test_each_piece_is_declined_by_itself_and_reported(alice: User, ada: User, bob: User) -> None:
    first = piece_in("submitted", author=alice, editor=bob, title="First piece")
    second = piece_in("submitted", author=ada, editor=bob, title="Second piece")
    public = piece_in("published", author=alice, editor=bob, title="Public piece")
    desk = client_of(bob)
    said = {"message": "Not for us.", "note": "Too many on this."}
    page = go(desk, "decline", first, second, public, **said)
    assert page.count("Not for us.") == 3  # in both letters, and carried on
    assert not Letter.objects.filter(kind="declined").exists()
    letters = fields_of(page, "bulk_form")
    name = f"letter-{first.pk}-declined-text"
    wrong = desk.post(f"{LIST}bulk/decline/", letters | {name: "Dear [name], [link]", "send": "1"}).content.decode()
    assert "Mend what is marked" in wrong
    assert "Dear [name], [link]" in wrong
    page = go(desk, "decline", **letters | {name: "Dear [name], a word of my own. Not for us.", "send": "1"})
    assert "2 done, 0 not done" in page
    assert [p.status for p in Article.objects.order_by("pk")] == ["declined", "declined", "published"]
    letters = Letter.objects.filter(kind="declined")
    assert {letter.recipient for letter in letters} == {alice, ada}
    assert all("Not for us." in letter.text for letter in letters)
    assert [letter.recipient for letter in letters if "Dear Alice Marlowe, a word of my own" in letter.text] == [alice]
    # Shown once: a reload neither repeats nor tells again.
    assert desk.get(f"{LIST}bulk/done/").status_code == 302


def test_nothing_happens_without_what_is_asked_and_it_is_kept(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    page = go(client_of(bob), "decline", piece, message="Written with care.", note="")
    assert "Nothing was changed yet" in page
    assert "Written with care." in page
    piece.refresh_from_db()
    assert piece.status == "submitted"


def test_pieces_are_assigned_together(alice: User, bob: User, bea: User, carl: User) -> None:
    pieces = [piece_in("editing", author=alice, editor=bob) for _ in range(3)]
    page = go(client_of(bob), "assign", *pieces, editor=str(bea.pk), copy_editor=str(carl.pk))
    assert "3 done, 0 not done" in page
    assert {(p.handling.editor, p.handling.copy_editor) for p in Article.objects.select_related("handling")} == {
        (bea, carl)
    }
    go(client_of(bob), "assign", *pieces, editor="", copy_editor="none")
    assert {(p.handling.editor, p.handling.copy_editor) for p in Article.objects.select_related("handling")} == {
        (bea, None)
    }


def test_tags_are_added_and_removed_and_readers_see_it_at_once(client: Client, alice: User, bob: User) -> None:
    pieces = [piece_in("published", author=alice, editor=bob) for _ in range(2)]
    pieces[0].tags.add("Old words")
    page = go(client_of(bob), "tag", *pieces, add=["Fresh Topic"], remove=["old  WORDS"])
    assert "2 done, 0 not done" in page
    assert all([tag.name for tag in piece.tags.all()] == ["Fresh Topic"] for piece in pieces)
    assert client.get("/topics/fresh-topic/").content.decode().count("<article") == 2
    assert all(piece.events.filter(transition="change_details").exists() for piece in pieces)


@pytest.mark.parametrize("name", ["assign", "tag", "decline"])
@pytest.mark.parametrize("who", ["carl", "sam", "alice"])
def test_only_who_decides_is_offered_it_or_can_do_it(
    name: str, who: str, alice: User, bob: User, request: pytest.FixtureRequest
) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    desk = client_of(request.getfixturevalue(who))
    answer = desk.post(
        f"{LIST}bulk/{name}/", {"piece": piece.pk, "message": "m", "note": "n", "add": "x", "editor": "none"}
    )
    assert answer.status_code in (302, 403)
    piece.refresh_from_db()
    assert piece.status == "submitted"
    assert not piece.tags.exists()


def test_a_piece_of_ones_own_is_not_touched_by_hand_made_ids(bob: User, bea: User) -> None:
    author_for(bob, "Bob", "Harker")
    own = piece_in("submitted", author=bob, editor=bea)
    page = go(client_of(bob), "decline", own, message="m", note="n", send="1")
    assert "0 done, 0 not done" in page
    own.refresh_from_db()
    assert own.status == "submitted"


def test_too_many_and_hostile_ids_are_said(alice: User, bob: User) -> None:
    desk = client_of(bob)
    page = desk.post(
        f"{LIST}bulk/tag/", {"piece": [*range(1, 120), "x", "9" * 40, "\x00"], "add": "x"}
    ).content.decode()
    assert "More than 100 pieces" in page
    assert desk.get(f"{LIST}bulk/nothing/").status_code == 404


def test_the_list_costs_the_same_for_one_and_for_three(alice: User, bob: User) -> None:
    desk = client_of(bob)
    counts = []
    for _ in range(2):
        piece_in("submitted", author=alice, editor=bob)
        SavedFilter.objects.create(owner=bob, name=str(len(counts)), query="status=ready")
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LIST).status_code == 200
        counts.append(len(queries))
        piece_in("submitted", author=alice, editor=bob)
    assert counts[0] == counts[1]


# --- Saved views ----------------------------------------------------------------------------------


def test_a_view_is_saved_found_again_shared_and_forgotten(bob: User, bea: User) -> None:
    desk = client_of(bob)
    page = desk.get(f"{LIST}?status=submitted&q=harbour&p=3").content.decode()
    form = lxml.html.fromstring(page).xpath("//form[contains(@action, 'views/save')]")[0]
    assert form.fields["query"] == "q=harbour&status=submitted"
    desk.post(form.action, {"query": form.fields["query"], "name": "Harbours to read", "is_shared": "on"})
    saved = SavedFilter.objects.get()
    others = client_of(bea).get(LIST).content.decode()
    assert "Harbours to read" in others
    assert f"{LIST}?q=harbour&amp;status=submitted" in others
    assert client_of(bea).post(f"{LIST}views/{saved.pk}/forget/").status_code == 404
    assert "Forget" in desk.get(f"{LIST}?status=submitted&q=harbour").content.decode()
    desk.post(f"{LIST}views/{saved.pk}/forget/")
    assert not SavedFilter.objects.exists()


def test_what_the_list_does_not_know_is_not_saved(bob: User) -> None:
    desk = client_of(bob)
    for query in ("", "evil=1", "status=&q=", "\x00", "latest__body__contains=secret"):
        desk.post(f"{LIST}views/save/", {"query": query, "name": "Nothing"})
    assert not SavedFilter.objects.exists()
    answer = desk.post(f"{LIST}views/save/", {"query": "status=ready", "name": "  "}, follow=True)
    assert "Not saved" in answer.content.decode()


def test_the_same_name_again_takes_the_place_of_the_first(bob: User) -> None:
    desk = client_of(bob)
    for status in ("ready", "editing"):
        desk.post(f"{LIST}views/save/", {"query": f"status={status}", "name": "Mine"})
    assert [one.query for one in SavedFilter.objects.all()] == ["status=editing"]
    assert desk.get(f"{LIST}?status=editing").status_code == 200
