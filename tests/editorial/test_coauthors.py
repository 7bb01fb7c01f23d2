"""Co-authors: invited or entered by name, in order; who may; what an invitation shows and to whom; the answers."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from articles.models import Article, Byline
from articles.status import Status
from authors.models import Author
from editorial import access, coauthors, writing
from editorial.coauthors import Gone
from editorial.models import CoAuthorInvitation, Event, Letter
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Mail
from tests.accounts.conftest import code_in
from tests.cast import draft, in_days, person, piece_in
from tests.editorial import desk
from tests.editorial.portal import at, fields, save, signed_in
from tests.editorial.test_races import together

pytestmark = pytest.mark.django_db


def invited(piece: Article, by: User, **fields: str) -> tuple[CoAuthorInvitation, str]:
    """An invitation, and the secret as its letter has it."""
    words = {"name": "Kim Lee", "email": "kim@example.net"} | fields
    invitation = coauthors.invite(piece, by=by, **words)
    return invitation, secret()


def secret() -> str:
    sent = Mail.objects.order_by("-pk").first()
    assert sent is not None
    found = re.search(r"/contribute/join/([^/\s]+)/", sent.text)
    assert found, sent.text
    return found[1]


def join(client: Client, token: str, **changes: str) -> Any:
    address = f"/contribute/join/{token}/"
    page = client.get(address)
    sheet = {key: value for key, value in fields(page, "").items() if key.startswith("line-")}
    return client.post(address, sheet | changes | {"action": "accept"})


def names(piece: Article) -> list[str]:
    return list(piece.bylines.order_by("position").values_list("name", flat=True))


def line_of(piece: Article, name: str) -> Byline:
    return piece.bylines.get(name=name)


def joined(piece: Article, by: User, user: User, **words: str) -> Byline:
    invitation, _ = invited(piece, by, name=str(user))
    line = {"name": str(user), "affiliation": "", "bio": ""} | words
    return coauthors.accept(invitation, user, **line)


# --- who may, and when ---

# (state, who): whether they may settle the names, and whether they may invite.
MAY: dict[tuple[str, str], tuple[bool, bool]] = {}
for _state in ("draft", "submitted", "revising", "editing", "approval", "ready", "published", "scheduled", "retracted", "declined", "withdrawn", "taken_down"):  # fmt: skip
    for _who in ("alice", "ada", "sam", "bob", "bea", "mara", "carl"):
        may_settle = (_who == "alice" and _state in ("draft", "revising")) or (
            _who in ("bob", "bea", "mara") and _state != "draft"
        )
        is_shut = _state in ("published", "scheduled", "retracted", "declined", "withdrawn", "taken_down")
        MAY[_state, _who] = (may_settle, may_settle and not is_shut)


@pytest.mark.parametrize("state", sorted({state for state, _ in MAY}))
def test_who_may_settle_and_invite(
    state: str, alice: User, ada: User, sam: User, bob: User, bea: User, mara: User, carl: User
) -> None:
    piece = piece_in(state, author=alice, editor=bob, manager=mara)
    for who, user in {
        "alice": alice,
        "ada": ada,
        "sam": sam,
        "bob": bob,
        "bea": bea,
        "mara": mara,
        "carl": carl,
    }.items():
        assert (not coauthors.why_not_settle(user, piece), not coauthors.why_not_invite(user, piece)) == MAY[
            state, who
        ], who
        if not MAY[state, who][0]:
            with pytest.raises(PermissionDenied):
                coauthors.add_by_name(piece, name="Kim Lee", by=user)
        if not MAY[state, who][1]:
            with pytest.raises(PermissionDenied):
                coauthors.invite(piece, name="Kim Lee", email="kim@example.net", by=user)
    assert names(piece) == ["Alice Marlowe"]
    assert not CoAuthorInvitation.objects.exists()


def test_an_editor_who_wrote_the_piece_settles_nothing(alice: User, bob: User, bea: User) -> None:
    piece = piece_in("editing", author=alice, editor=bea)
    joined(piece, bea, bob)
    with pytest.raises(PermissionDenied):
        coauthors.add_by_name(piece, name="Kim Lee", by=bob)


# --- inviting ---


def test_an_invitation_names_the_person_at_once_and_writes(alice: User) -> None:
    piece = draft(alice)
    invitation, token = invited(piece, alice, affiliation="Harbour School")
    assert names(piece) == ["Alice Marlowe", "Kim Lee"]
    line = line_of(piece, "Kim Lee")
    assert (line.confirmed_at, line.affiliation, line.author) == (None, "Harbour School", None)
    letter = Letter.objects.get(kind="coauthor_invited")
    assert (letter.recipient, letter.address) == (None, "kim@example.net")
    assert "You are named by Alice Marlowe as a co-author of “The tide tables of trade”" in letter.text
    # The secret goes with the mail and is kept nowhere else.
    assert token not in letter.text
    assert invitation.digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(list(Event.objects.values_list("data", flat=True)))
    assert Event.objects.filter(transition="coauthor_invited", by=alice, data={"coauthor": "Kim Lee"}).exists()


def test_inviting_says_the_same_whether_or_not_there_is_an_account(alice: User, sam: User) -> None:
    piece = draft(alice)
    client = signed_in(alice)
    said = []
    for email in ("nobody@example.net", "sam@example.org"):
        page = client.post(at("authors", piece), {"name": "Kim Lee", "email": email, "add": "1"}, follow=True)
        said.append(desk.text(page).replace(email, "ADDRESS"))
    first, second = (re.findall(r"An invitation to Kim Lee is on its way to ADDRESS\.", text) for text in said)
    assert first == second != []
    letters = Letter.objects.filter(kind="coauthor_invited")
    assert {letter.recipient for letter in letters} == {None}
    assert len({letter.text for letter in letters}) == 1


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        ({"name": ""}, "name", "Give the name"),
        ({"name": " \u200b "}, "name", "Give the name"),
        ({"name": "www.win.com"}, "name", "web address"),
        ({"name": "kim@example.net"}, "name", "e-mail address"),
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"email": "kim"}, "email", "not an e-mail address"),
        ({"email": "kim@example.net\nBcc: all@example.net"}, "email", "not an e-mail address"),
        ({"email": "k" * 250 + "@example.net"}, "email", ""),
        ({"email": "ALICE@example.org"}, "email", "your own address"),
        ({"affiliation": "x" * 201}, "affiliation", "at most 200"),
    ],
)
def test_what_is_refused(words: dict[str, str], field: str, said: str, alice: User) -> None:
    piece = draft(alice)
    with pytest.raises(Blocked) as answer:
        invited(piece, alice, **words)
    assert answer.value.reasons[0].where == field
    assert said in str(answer.value)
    assert names(piece) == ["Alice Marlowe"]
    assert not Letter.objects.exists()
    typed = {"name": "Kim Lee", "email": "kim@example.net", "affiliation": ""} | words
    page = signed_in(alice).post(at("authors", piece), typed | {"add": "1"})
    assert page.status_code == 422
    assert names(piece) == ["Alice Marlowe"]


def test_nul_characters_and_odd_numbers_are_no_error(alice: User) -> None:
    piece = draft(alice)
    client = signed_in(alice)
    client.post(at("authors", piece), {"name": "Ki\x00m", "email": "k\x00@example.net", "add": "1"})
    for action in ("", "up", "up-", "up-x", "up-" + "9" * 40, "down-0", "remove--1", "keep-²", "nothing-1", "\x00"):
        assert client.post(at("authors", piece), {"action": action}).status_code in (200, 302), action
    assert client.get(f"/contribute/invitations/{10**30}/").status_code == 404
    assert client.get("/contribute/join/" + "x" * 3000 + "/").status_code == 404
    assert names(piece) == ["Alice Marlowe"]


def test_limits(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = draft(alice)
    monkeypatch.setattr(coauthors, "MOST_OPEN", 2)
    monkeypatch.setattr(coauthors, "MOST_A_DAY", 3)
    invited(piece, alice)
    with pytest.raises(Blocked, match="waits for its answer"):
        invited(piece, alice, email="KIM@example.net")
    second, _ = invited(piece, alice, email="b@example.net")
    with pytest.raises(Blocked, match="Take one back first"):
        invited(piece, alice, email="c@example.net")
    coauthors.cancel(second, by=alice)
    invited(piece, alice, email="c@example.net")
    other = draft(alice, title="Another")
    with pytest.raises(Blocked, match="within a day"):
        invited(other, alice, email="d@example.net")
    assert names(other) == ["Alice Marlowe"]


def test_the_editors_invite_as_the_publication(alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    _, token = invited(piece, bob)
    page = desk.text(Client().get(f"/contribute/join/{token}/"))
    assert "the editors of" in page
    assert "Bob" not in page
    assert "Bob" not in Letter.objects.get(kind="coauthor_invited").text


# --- what the secret shows ---


def test_the_secret_shows_title_inviter_and_line_and_nothing_else(alice: User, bob: User) -> None:
    piece = piece_in("revising", author=alice, editor=bob)
    coauthors.add_by_name(piece, name="Third Person", by=alice)
    _, token = invited(piece, alice)
    page = Client().get(f"/contribute/join/{token}/")
    words = desk.text(page)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"] or "private" in page["Cache-Control"]
    for shown in ("The tide tables of trade", "Alice Marlowe", "Kim Lee"):
        assert shown in words
    for hidden in (
        "Paragraph 1",
        "Harbours change slowly",
        "Third Person",
        "Bob",
        "Please shorten",
        "kim@example.net",
        "alice@",
    ):
        assert hidden not in words, hidden


def test_a_get_changes_nothing(alice: User, sam: User) -> None:
    piece = draft(alice)
    _, token = invited(piece, alice)
    events = Event.objects.count()
    for client in (Client(), signed_in(sam)):
        for ask in (client.get, client.head):
            assert ask(f"/contribute/join/{token}/").status_code == 200
    assert (Event.objects.count(), names(piece)) == (events, ["Alice Marlowe", "Kim Lee"])


def test_all_closed_doors_look_the_same(alice: User, bob: User, sam: User) -> None:
    tokens = {"unknown": "x" * 43}
    for number, state in enumerate(("used", "refused", "cancelled", "removed", "replaced", "withdrawn")):
        piece = draft(alice, title=f"Piece {number}")
        invitation, tokens[state] = invited(piece, alice)
        if state == "used":
            coauthors.accept(invitation, sam, name="Sam")
        elif state == "refused":
            coauthors.refuse(invitation, None)
        elif state == "cancelled":
            coauthors.cancel(invitation, by=alice)
        elif state == "removed":
            coauthors.remove(line_of(piece, "Kim Lee"), by=alice)
        elif state == "replaced":
            coauthors.send_again(invitation, by=alice)
        else:
            perform(piece, "withdraw", by=alice)
    for client in (Client(), signed_in(sam)):
        pages = set()
        for state, token in tokens.items():
            for page in (client.get(f"/contribute/join/{token}/"), client.post(f"/contribute/join/{token}/", {"action": "refuse"})):  # fmt: skip
                assert page.status_code == 404, state
                pages.add(desk.text(page))
        assert len(pages) == 1


# --- joining ---


def test_joining_from_the_letter_to_ones_own_list(alice: User, bob: User) -> None:
    piece = piece_in("revising", author=alice, editor=bob)
    _, token = invited(piece, alice, affiliation="Harbour School")
    address = f"/contribute/join/{token}/"
    assert f"?next={address}" in Client().get(address).content.decode()
    # Another address than the one that was written to.
    kim = person("elsewhere@example.com", "Kim Lee")
    client = signed_in(kim)
    sheet = fields(client.get(address), "")
    assert (sheet["line-given_name"], sheet["line-family_name"]) == ("Kim", "Lee")
    assert sheet["line-affiliation"] == "Harbour School"
    answer = join(client, token, **{"line-family_name": "Leigh", "line-bio": "Kim Leigh teaches tides."})
    assert answer["Location"] == at("piece", piece)
    line = line_of(piece, "Kim Leigh")
    assert line.author == Author.objects.get(user=kim)
    assert line.confirmed_at is not None
    assert (line.affiliation, line.bio) == ("Harbour School", "Kim Leigh teaches tides.")
    invitation = CoAuthorInvitation.objects.get()
    assert (invitation.answer, invitation.answered_by) == ("joined", kim)
    page = desk.text(client.get(at("piece", piece)))
    assert "Paragraph 1" in page
    assert "You joined as an author" in page
    assert "The tide tables of trade" in desk.text(client.get(at("home")))
    # They read, and do not write.
    assert client.get(at("write", piece))["Location"] == at("piece", piece)
    assert client.get(at("authors", piece))["Location"] == at("piece", piece)
    told = set(Letter.objects.filter(kind="coauthor_joined").values_list("recipient__email", "is_to_author"))
    assert told == {("alice@example.org", True), ("bob@example.org", False)}


def test_joining_with_an_author_record_keeps_the_record(alice: User, ada: User) -> None:
    draft(ada, title="Hers")
    piece = draft(alice)
    _, token = invited(piece, alice)
    sheet = fields(signed_in(ada).get(f"/contribute/join/{token}/"), "")
    assert (sheet["line-name"], sheet["line-affiliation"]) == ("Ada Quill", "Tidewater University")
    join(signed_in(ada), token, **{"line-name": "A. Quill", "line-affiliation": "Elsewhere"})
    line = line_of(piece, "A. Quill")
    assert (line.author, line.affiliation) == (ada.author, "Elsewhere")
    ada.author.refresh_from_db()
    assert (ada.author.name, ada.author.affiliation) == ("Ada Quill", "Tidewater University")


def test_joining_needs_an_account_with_a_known_address(alice: User) -> None:
    piece = draft(alice)
    _, token = invited(piece, alice)
    address = f"/contribute/join/{token}/"
    typed = {"line-single_name": "Kim", "action": "accept"}
    page = Client().post(address, typed)
    assert page.status_code == 401
    assert "Kim" in page.content.decode()
    unknown = User.objects.create_user("new@example.com", "x", name="New")
    assert signed_in(unknown).post(address, typed).status_code == 403
    assert "Confirm your e-mail address first" in desk.text(signed_in(unknown).get(address))
    assert CoAuthorInvitation.objects.get().answer == ""


def test_a_new_account_leads_back_to_the_invitation(alice: User) -> None:
    _, token = invited(draft(alice), alice)
    address = f"/contribute/join/{token}/"
    client = Client()
    new = {"name": "Kim Lee", "email": "new@example.com", "password1": "four quiet herons wading", "next": address}
    client.post("/accounts/signup/", new)
    answer = client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert answer["Location"] == address
    assert "Confirm and join" in desk.text(client.get(address))


def test_hostile_lines_are_refused_and_nothing_is_lost(alice: User, sam: User) -> None:
    piece = draft(alice)
    _, token = invited(piece, alice)
    address = f"/contribute/join/{token}/"
    for typed in (
        {"line-single_name": "www.win.com"}, {"line-single_name": "a@b.org"}, {"line-bio": "x" * 601},
        {"line-affiliation": "x" * 201}, {"line-bio": "a\x00b"}, {"line-given_name": "A", "line-single_name": "B"},
    ):  # fmt: skip
        page = signed_in(sam).post(address, {"line-single_name": "Sam", "line-affiliation": "Kept words"} | typed | {"action": "accept"})  # fmt: skip
        assert page.status_code == 422, typed
        if "line-affiliation" not in typed:
            assert "Kept words" in page.content.decode()
    assert names(piece) == ["Alice Marlowe", "Kim Lee"]
    sheet = {"line-single_name": "<b>Sam</b>", "line-bio": "<script>alert(1)</script>", "line-affiliation": ""}
    signed_in(sam).post(address, sheet | {"action": "accept"})
    page = signed_in(alice).get(at("piece", piece)).content.decode()
    assert "<script>alert" not in page
    assert "<b>Sam</b>" not in page


def test_whoever_stands_above_it_already_or_handles_it_does_not_join(alice: User, bob: User, bea: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    _, token = invited(piece, bob)
    for user, said in ((alice, "You stand above this piece already"), (bob, "You handle this piece at the desk")):
        client = signed_in(user)
        assert said in desk.text(client.get(f"/contribute/join/{token}/"))
        page = client.post(
            f"/contribute/join/{token}/", {"line-name": "X", "line-single_name": "X", "action": "accept"}
        )
        assert page.status_code == 422
        assert said in desk.text(page)
    assert CoAuthorInvitation.objects.get().answer == ""
    assert access.is_on_desk(bea, piece)
    assert "this one leaves your desk" in desk.text(signed_in(bea).get(f"/contribute/join/{token}/"))
    join(signed_in(bea), token)
    assert not access.is_on_desk(bea, piece)
    assert access.own_pieces(bea).filter(pk=piece.pk).exists()


def test_the_name_of_another_account_is_not_taken(alice: User, ada: User, sam: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    invitation, _ = invited(piece, bob)
    Byline.objects.filter(pk=invitation.byline_id).update(author=ada.author)
    with pytest.raises(Blocked, match="another account"):
        coauthors.accept(invitation, sam, name="Sam")


def test_an_invitation_waits_at_the_head_of_the_portal_for_its_address_alone(alice: User, ada: User, sam: User) -> None:
    piece = draft(alice)
    invitation, _ = invited(piece, alice, email="SAM@example.org", name="Sam S.")
    client = signed_in(sam)
    assert "You are invited to stand above it as Sam S." in desk.text(client.get(at("home")))
    address = f"/contribute/invitations/{invitation.pk}/"
    assert signed_in(ada).get(address).status_code == 404
    assert signed_in(ada).post(address, {"action": "refuse"}).status_code == 404
    assert "You are invited" not in desk.text(signed_in(ada).get(at("home")))
    sheet = {key: value for key, value in fields(client.get(address), "").items() if key.startswith("line-")}
    assert client.post(address, sheet | {"action": "accept"})["Location"] == at("piece", piece)
    assert client.get(address).status_code == 404
    assert "You are invited" not in desk.text(client.get(at("home")))


def test_an_address_that_is_not_verified_opens_nothing(alice: User, sam: User) -> None:
    from allauth.account.models import EmailAddress

    piece = draft(alice)
    invitation, _ = invited(piece, alice)
    EmailAddress.objects.create(user=sam, email="kim@example.net", verified=False)
    assert signed_in(sam).get(f"/contribute/invitations/{invitation.pk}/").status_code == 404


def test_the_first_page_costs_the_same_for_one_and_for_three(
    alice: User, sam: User, django_assert_num_queries: Any
) -> None:
    client = signed_in(sam)

    def queries(number: int) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        invited(draft(alice, title=f"Piece {number}"), alice, email="sam@example.org")
        client.get(at("home"))
        with CaptureQueriesContext(connection) as seen:
            client.get(at("home"))
        return len(seen)

    one = queries(1)
    queries(2)
    assert queries(3) == one


# --- saying no ---


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_saying_no_needs_no_account(is_signed_in: bool, alice: User, bob: User, sam: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    _, token = invited(piece, bob)
    client = signed_in(sam) if is_signed_in else Client()
    page = client.post(f"/contribute/join/{token}/", {"action": "refuse", "reason": "I had no part in it."})
    assert "You are not named" in desk.text(page)
    assert names(piece) == ["Alice Marlowe"]
    invitation = CoAuthorInvitation.objects.get()
    assert (invitation.answer, invitation.answered_by) == ("refused", sam if is_signed_in else None)
    letters = Letter.objects.filter(kind="coauthor_refused")
    assert {letter.recipient for letter in letters} == {alice, bob}
    assert all("I had no part in it." in letter.text for letter in letters)
    timeline = desk.text(desk.client_of(bob).get(desk.url(piece, "history/")))
    assert "A co-author does not want to be named" in timeline
    assert "Details changed" in timeline


# --- confirming one's own line ---


def test_words_that_others_change_are_theirs_to_confirm_again(alice: User, sam: User) -> None:
    piece = draft(alice)
    line = joined(piece, alice, sam, affiliation="Mine", bio="Sam.")
    before = line_of(piece, str(sam)).confirmed_at
    # Arranging the names is no change of a line.
    coauthors.move(line, by=alice, is_up=True)
    assert line_of(piece, str(sam)).confirmed_at == before
    row = next(n for n in range(2) if fields(signed_in(alice).get(at("write", piece)))[f"row-{n}-kind"] != "me")
    save(signed_in(alice), piece, **{f"row-{row}-affiliation": "Not mine"})
    line = line_of(piece, str(sam))
    assert (line.affiliation, line.confirmed_at, line.author) == ("Not mine", None, sam.author)
    client = signed_in(sam)
    assert "Look and confirm" in desk.text(client.get(at("home")))
    sheet = fields(client.get(at("byline", piece)), "")
    client.post(at("byline", piece), sheet | {"affiliation": "Mine"})
    line = line_of(piece, str(sam))
    assert line.affiliation == "Mine"
    assert line.confirmed_at is not None
    assert "Look and confirm" not in desk.text(client.get(at("home")))


def test_the_desk_changes_a_line_and_it_is_open_again(alice: User, bob: User, sam: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    joined(piece, bob, sam, affiliation="Mine")
    client = desk.client_of(bob)
    data = desk.opened(client, piece)
    key = next(key for key, value in data.items() if key.endswith("-affiliation") and value == "Mine")
    desk.save(client, piece, data, **{key: "Theirs"})
    line = line_of(piece, str(sam))
    assert (line.affiliation, line.confirmed_at) == ("Theirs", None)
    assert "has an account, not confirmed yet" in desk.text(client.get(desk.url(piece)))


def test_a_confirmation_voids_nothing_and_a_change_waits_for_the_editors(alice: User, bob: User, ada: User) -> None:
    piece = draft(alice)
    writing.add_byline(piece, ada.author)
    perform(piece, "submit", by=alice)
    perform(piece, "accept", by=bob)
    perform(piece, "request_approval", by=bob, due_on=in_days(5))
    line = line_of(piece, "Ada Quill")
    with pytest.raises(PermissionDenied):
        coauthors.reword(line, ada, affiliation="Elsewhere", bio="")
    coauthors.confirm(line, ada)
    piece.refresh_from_db()
    assert piece.status == Status.APPROVAL
    assert set(piece.approvals.values_list("state", flat=True)) == {"asked"}
    page = signed_in(ada).get(at("byline", piece))
    assert "Write to the editors" in desk.text(page)


def test_approving_confirms_ones_own_line(alice: User, bob: User, ada: User) -> None:
    piece = draft(alice)
    writing.add_byline(piece, ada.author)
    perform(piece, "submit", by=alice)
    perform(piece, "accept", by=bob)
    perform(piece, "request_approval", by=bob, due_on=in_days(5))
    perform(piece, "approve", by=ada)
    assert line_of(piece, "Ada Quill").confirmed_at is not None
    assert line_of(piece, "Alice Marlowe").confirmed_at is None


def test_nobody_confirms_another_line_or_one_that_changed_meanwhile(alice: User, ada: User, sam: User) -> None:
    piece = draft(alice)
    line = joined(piece, alice, sam, affiliation="Mine")
    with pytest.raises(PermissionDenied):
        coauthors.confirm(line, ada)
    assert signed_in(ada).get(at("byline", piece)).status_code == 404
    seen = coauthors.mark_of(line)
    Byline.objects.filter(pk=line.pk).update(affiliation="Other", confirmed_at=None)
    with pytest.raises(Blocked, match="changed after you opened"):
        coauthors.confirm(line, sam, seen=seen)
    page = signed_in(sam).post(at("byline", piece), {"seen": seen, "affiliation": "Mine", "bio": ""})
    assert page.status_code == 422


def test_who_confirms_a_line_that_the_desk_linked_has_answered(alice: User, ada: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    invitation, _ = invited(piece, bob)
    Byline.objects.filter(pk=invitation.byline_id).update(author=ada.author)
    client = signed_in(ada)
    assert "You stand above it as Kim Lee" in desk.text(client.get(at("home")))
    client.post(at("byline", piece), fields(client.get(at("byline", piece)), ""))
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.answered_by) == ("joined", ada)
    perform(piece, "request_approval", by=bob, due_on=in_days(5))


# --- the list of the corresponding author ---


def test_adding_moving_removing_in_the_portal(alice: User) -> None:
    piece = draft(alice)
    client = signed_in(alice)
    client.post(at("authors", piece), {"name": "Second Name", "affiliation": "Here", "email": "", "add": "1"})
    client.post(at("authors", piece), {"name": "Kim Lee", "email": "kim@example.net", "add": "1"})
    assert names(piece) == ["Alice Marlowe", "Second Name", "Kim Lee"]
    words = desk.text(client.get(at("authors", piece)))
    assert "entered by name" in words
    assert "not answered yet" in words
    client.post(at("authors", piece), {"action": f"up-{line_of(piece, 'Kim Lee').pk}"})
    client.post(at("authors", piece), {"action": f"down-{line_of(piece, 'Alice Marlowe').pk}"})
    assert names(piece) == ["Kim Lee", "Alice Marlowe", "Second Name"]
    client.post(at("authors", piece), {"action": f"remove-{line_of(piece, 'Alice Marlowe').pk}"})
    assert len(names(piece)) == 3
    client.post(at("authors", piece), {"action": f"remove-{line_of(piece, 'Kim Lee').pk}"})
    assert names(piece) == ["Alice Marlowe", "Second Name"]
    assert CoAuthorInvitation.objects.get().answer == "cancelled"


def test_a_name_taken_out_on_the_sheet_ends_its_invitation(alice: User) -> None:
    piece = draft(alice)
    _, token = invited(piece, alice)
    client = signed_in(alice)
    sheet = fields(client.get(at("write", piece)))
    assert "not answered yet" in desk.text(client.get(at("write", piece)))
    page = client.post(at("write", piece), sheet | {"action": "remove-1"})
    client.post(at("write", piece), fields(page) | {"action": "save"})
    assert names(piece) == ["Alice Marlowe"]
    assert CoAuthorInvitation.objects.get().answer == "cancelled"
    assert Client().get(f"/contribute/join/{token}/").status_code == 404


def test_saving_leads_on_to_the_list(alice: User) -> None:
    client = signed_in(alice)
    answer = save(client, action="authors", title="A piece to be")
    piece = Article.objects.get()
    assert answer["Location"] == at("authors", piece)
    assert piece.latest.title == "A piece to be"


def test_an_answer_does_not_disturb_the_sheet_unless_the_line_changed(alice: User, sam: User) -> None:
    piece = draft(alice)
    invitation, _ = invited(piece, alice, name="Sam Stranger")
    client = signed_in(alice)
    sheet = fields(client.get(at("write", piece)))
    coauthors.accept(invitation, sam, name="Sam Stranger")
    answer = client.post(at("write", piece), sheet | {"title": "Another title", "action": "save"})
    assert answer.status_code == 302
    line = line_of(piece, "Sam Stranger")
    assert (line.author, line.confirmed_at is not None) == (sam.author, True)


# --- the desk ---


def test_open_invitations_stand_against_approval_and_an_editor_settles_them(alice: User, bob: User, mara: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    invited(piece, bob)
    for step, by, said in (
        ("request_approval", bob, {"due_on": in_days(5)}),
        ("settle_approval", mara, {"how": "waived", "note": "Late"}),
    ):
        with pytest.raises(Blocked, match="“Kim Lee” was invited"):
            perform(piece, step, by=by, **said)
    client = desk.client_of(bob)
    assert "“Kim Lee” was invited as co-author" in desk.text(client.get(desk.url(piece)))
    line = line_of(piece, "Kim Lee")
    page = client.get(desk.url(piece, "authors/"))
    assert "kim@example.net" in desk.text(page)
    client.post(desk.url(piece, "authors/"), {"action": f"keep-{line.pk}"})
    assert names(piece) == ["Alice Marlowe", "Kim Lee"]
    with pytest.raises(Blocked) as answer:
        perform(piece, "request_approval", by=bob, due_on=in_days(5))
    assert "invited" not in str(answer.value)  # what is left is the author record, as for every name
    coauthors.remove(line, by=bob)
    invited(piece, bob, email="again@example.net")
    client.post(desk.url(piece, "authors/"), {"action": f"cancel-{line_of(piece, 'Kim Lee').pk}"})
    perform(piece, "request_approval", by=bob, due_on=in_days(5))
    assert piece.status == Status.APPROVAL


def test_inviting_while_the_text_is_approved_asks_again(alice: User, bob: User) -> None:
    piece = piece_in("approval", author=alice, editor=bob)
    page = desk.client_of(bob).post(
        desk.url(piece, "authors/"), {"name": "Kim Lee", "email": "kim@example.net", "add": "1"}
    )
    assert page.status_code == 302
    piece.refresh_from_db()
    assert piece.status == Status.EDITING
    assert set(piece.approvals.values_list("state", flat=True)) == {"void"}


def test_a_name_without_an_answer_but_with_an_account_blocks_nothing(alice: User, ada: User, bob: User) -> None:
    piece = draft(alice)
    writing.add_byline(piece, ada.author)
    perform(piece, "submit", by=alice)
    perform(piece, "accept", by=bob)
    perform(piece, "request_approval", by=bob, due_on=in_days(5))
    assert {approval.by for approval in piece.approvals.all()} == {alice, ada}


def test_the_page_at_the_desk_is_its_editors_alone(
    alice: User, bob: User, bea: User, carl: User, sam: User, mara: User
) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    writing.assign(piece, by=bob, copy_editor=carl)
    invited(piece, bob)
    for user, status in (
        (alice, (302, 403, 404)),
        (sam, (302, 403, 404)),
        (carl, (403,)),
        (bea, (200,)),
        (mara, (200,)),
    ):
        assert desk.client_of(user).get(desk.url(piece, "authors/")).status_code in status, user
    before = names(piece)
    for user in (alice, sam, carl):
        desk.client_of(user).post(desk.url(piece, "authors/"), {"action": f"cancel-{line_of(piece, 'Kim Lee').pk}"})
    assert names(piece) == before


# --- two at once ---


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_is_told(alice: User, sam: User, ada: User) -> None:
    piece = draft(alice)
    invitation, _ = invited(piece, alice)
    accept: Callable[[User], Any] = lambda user: coauthors.accept(invitation, user, name=str(user))  # noqa: E731
    answers = together(lambda: accept(sam), lambda: accept(ada), lambda: coauthors.refuse(invitation, None))
    assert sum(isinstance(answer, Gone) for answer in answers) == 2, answers
    assert CoAuthorInvitation.objects.filter(answer="").count() == 0
    assert len(names(piece)) in (1, 2)


@pytest.mark.django_db(transaction=True)
def test_two_presses_on_one_button_send_one_invitation(alice: User) -> None:
    piece = draft(alice)
    act = lambda: coauthors.invite(piece, name="Kim Lee", email="kim@example.net", by=alice)  # noqa: E731
    answers = together(act, act)
    assert sum(isinstance(answer, Blocked) for answer in answers) == 1, answers
    assert names(piece) == ["Alice Marlowe", "Kim Lee"]
