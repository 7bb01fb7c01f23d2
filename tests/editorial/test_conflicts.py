"""Who has a declared conflict with a piece, wrote it or referees it has no access to it at the desk, whatever their role."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from articles.models import Byline
from articles.status import Status
from editorial import access, conflicts, replay, writing
from editorial.models import Conflict, Event, Handling, Letter
from editorial.perform import perform
from editorial.registry import Blocked
from tests.cast import author_for, draft, piece_in
from tests.editorial.desk import client_of, fields_of, text, url
from tests.review import refereeing

pytestmark = pytest.mark.django_db

RELATIONS = ("none", "wrote", "corresponds", "conflict", "overridden", "referees", "listed")


def relate(relation: str, person: User, piece, manager: User) -> None:
    match relation:
        case "wrote":
            author = getattr(person, "author", None) or author_of(person)
            Byline.objects.create(article=piece, author=author, name=str(person), position=9)
        case "corresponds":
            piece.corresponding = person
            piece.save(update_fields=["corresponding"])
        case "conflict" | "overridden":
            made = Conflict.objects.create(article=piece, person=person, reason="Cousins", declared_by=person)
            if relation == "overridden":
                conflicts.override(made, by=manager, reason="Nobody else reads Khmer.")
        case "referees":
            refereeing.invited(refereeing.round_of(piece), refereeing.referee(str(person), person.email.upper()))
        case "listed":
            round = refereeing.round_of(piece)
            round.reviews.create(referee=refereeing.referee(str(person), f"{person.pk}@example.net", user=person))


def author_of(person: User):
    given, _, family = str(person).partition(" ")
    return author_for(person, given, family or "Superuser")


@pytest.mark.parametrize("relation", RELATIONS)
def test_the_desk_is_closed_to_whom_it_must_be_by_every_way(relation, alice, bob, bea, carl, mara, root):
    """Role × relation: the list, the page, its steps, the letters, and being made its editor say the same."""
    is_open = relation in ("none", "overridden", "listed")
    for person in (carl, bob, bea, mara, root):
        manager, handler = (root, bob) if person == mara else (mara, bea if person == bob else bob)
        piece = refereeing.in_review(alice, handler)
        if person == carl:
            writing.assign(piece, by=manager, copy_editor=carl)
        relate(relation, person, piece, manager)
        assert access.is_on_desk(person, piece) == is_open, person
        assert access.deciders_for(piece).filter(pk=person.pk).exists() == (is_open and person != carl), person
        assert access.is_kept_from(person, piece) != is_open, person
        client = client_of(person)
        page = client.get(url(piece), follow=True)
        assert (page.status_code == 200 and "Timeline" in page.content.decode()) == is_open, person
        assert ("You declared a conflict" in page.content.decode()) == (relation == "conflict"), person
        listed = client.get("/admin/articles/article/").content.decode()
        assert (f"/article/{piece.pk}/change/" in listed) == is_open, person
        letter = Letter.objects.filter(article=piece, kind="submitted").get()
        read = client.get(f"/admin/editorial/letter/{letter.pk}/change/")
        assert (read.status_code == 200) == is_open, person
        if person != carl:
            assert (client.get(url(piece, "step/decline/"), follow=True).status_code == 200) == is_open, person
        if not is_open:
            for place in ("editor", "copy_editor"):
                with pytest.raises((Blocked, PermissionDenied)):
                    writing.assign(piece, by=manager, **{place: person})
            with pytest.raises(PermissionDenied):
                perform(piece, "decline", by=person, message="No.", note="No")


def test_declaring_takes_the_piece_and_overriding_is_announced(alice, bob, bea, mara, root):
    piece = piece_in(Status.EDITING, author=alice, editor=bob)
    page = client_of(bob).get(url(piece))
    assert "I have a conflict with this piece" in text(page)
    response = client_of(bob).post(url(piece, "conflict/"), {"declare": "1", "reason": "We wrote a book."}, follow=True)
    assert "no longer on your desk" in text(response)
    piece.refresh_from_db()
    assert Handling.objects.get(article=piece).editor is None
    refused = client_of(bob).get(url(piece))
    assert refused.status_code == 403
    assert "Ask a managing editor" in text(refused)
    # The timeline says who, and nobody but the managing editors reads why.
    timeline = client_of(bea).get(url(piece, "history/")).content.decode()
    assert "A conflict was declared" in timeline
    assert "We wrote a book" not in timeline + client_of(bea).get(url(piece, "conflict/")).content.decode()
    conflict = Conflict.objects.get()
    with pytest.raises(PermissionDenied):
        conflicts.override(conflict, by=bea, reason="I say so.")
    page = client_of(mara).get(url(piece, "conflict/"))
    assert "We wrote a book" in page.content.decode()
    data = {"override": str(conflict.pk), "override_reason": "  "}
    assert "Give the reason" in text(client_of(mara).post(url(piece, "conflict/"), data))
    client_of(mara).post(url(piece, "conflict/"), data | {"override_reason": "Nobody else reads Khmer."})
    assert client_of(bob).get(url(piece)).status_code == 200
    letters = Letter.objects.filter(kind="conflict_overridden")
    assert {letter.recipient for letter in letters} == {root}  # mara did it; nobody handles the piece
    assert "Nobody else reads Khmer." in letters[0].text
    assert Event.objects.filter(
        article=piece, transition="conflict_overridden", note="Nobody else reads Khmer."
    ).exists()
    assert replay.replay(piece) == []


def test_a_managing_editor_declares_for_others_and_nobody_else_does(alice, bob, bea, mara, carl):
    piece = piece_in(Status.EDITING, author=alice, editor=bob)
    writing.assign(piece, by=bob, copy_editor=carl)
    with pytest.raises(PermissionDenied):
        conflicts.declare(piece, bob, "Cousins", by=bea)
    assert "person" not in fields_of(client_of(bea).get(url(piece, "conflict/")).content.decode(), "declare_form")
    client_of(mara).post(url(piece, "conflict/"), {"declare": "1", "person": str(carl.pk), "reason": "Cousins"})
    assert Handling.objects.get(article=piece).copy_editor is None
    assert not access.copy_editors_for(piece).filter(pk=carl.pk).exists()
    with pytest.raises(Blocked):
        conflicts.declare(piece, carl, "Again", by=mara)
    # A managing editor with a conflict of her own overrides none, not even hers.
    conflicts.declare(piece, mara, "My brother", by=mara)
    for conflict in Conflict.objects.all():
        with pytest.raises(PermissionDenied):
            conflicts.override(conflict, by=mara, reason="It is fine.")


@pytest.mark.parametrize("typed", ["", " \x00 ", "x" * 2001])
def test_a_reason_that_is_none_is_refused_in_plain_words(typed, alice, bob):
    piece = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    response = client_of(bob).post(url(piece, "conflict/"), {"declare": "1", "reason": typed})
    assert response.status_code == 200
    assert "Error" in response.content.decode()
    assert not Conflict.objects.exists()


def test_whom_the_author_does_not_want_is_for_the_editors_alone(alice, ada, bob, carl):
    """Typed in the portal; no copy editor, no co-author reads it, and a change says on the timeline that there was one."""
    from tests.editorial.portal import fields, signed_in

    piece = draft(alice)
    Byline.objects.create(article=piece, author=ada.author, name="Ada Quill", position=2)
    portal = signed_in(alice)
    page = f"/contribute/{piece.pk}/write/"
    portal.post(page, fields(portal.get(page)) | {"please_not": "Rollo Grudge\nVera Spite", "action": "save"})
    assert Handling.objects.get(article=piece).please_not == "Rollo Grudge\nVera Spite"
    assert not Event.objects.filter(transition="please_not").exists()
    piece.refresh_from_db()
    perform(piece, "submit", by=alice)
    writing.assign(piece, by=bob, editor=bob, copy_editor=carl)
    assert "Rollo Grudge" in client_of(bob).get(url(piece)).content.decode()
    perform(
        piece, "request_revision", by=bob, message="Shorter.", due_on=refereeing.timezone.localdate() + refereeing.DAY
    )
    portal.post(page, fields(portal.get(page)) | {"please_not": "Vera Spite", "action": "save"})
    for who, is_told in ((bob, True), (carl, False)):
        seen = client_of(who).get(url(piece)).content.decode()
        assert "changed whom they do not want" in seen
        assert ("Rollo Grudge, Vera Spite → Vera Spite" in seen) == is_told
        assert ("Vera Spite" in seen) == is_told
    assert "Vera Spite" in signed_in(alice).get(f"/contribute/{piece.pk}/").content.decode()
    assert "Vera Spite" not in signed_in(ada).get(f"/contribute/{piece.pk}/").content.decode()
    assert replay.replay(piece) == []
