"""Letters: their wording and its checks, the templates of the desk, and each letter read before it goes."""

import datetime
import re
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import letter_words, letters
from editorial.letter_words import KINDS, NAME, WORDS, Wording
from editorial.letters import ByHand
from editorial.models import Change, Event, Letter, LetterTemplate
from editorial.perform import perform
from editorial.registry import Blocked
from editorial.workflow import TABLE
from forum.models import Mail, Masthead
from review import letter_kinds
from tests.browser import ANYBODY
from tests.cast import author_for, edit, in_days, piece_in
from tests.editorial.desk import client_of, fields_of, send, text, url

LIST = "/admin/editorial/lettertemplate/"


def typed(html: str, **changes: str) -> dict[str, Any]:
    """The page of letters with some of them changed: `accepted_text="…"`."""
    data = fields_of(html, "letters_form")
    return data | {"-".join(("letter", *key.rsplit("_", 1))): value for key, value in changes.items()}


# --- wording ---


def table_kinds() -> dict[str, set[str]]:
    """Each kind that the table writes, with the names of what its steps ask."""
    found: dict[str, set[str]] = {}
    for transition in TABLE:
        for kind in letters.kinds_of(transition):
            found.setdefault(kind.name, set()).update(ask.name for ask in transition.asks)
    return found


def test_every_letter_of_the_table_has_a_wording_and_a_description() -> None:
    beside_the_table = {"coauthor_invited", "coauthor_joined", "coauthor_refused"}
    beside_the_table |= {"revision_reminder", "approval_reminder", "conflict_overridden", "due_moved"}
    beside_the_table |= {kind.name for kind in letter_kinds.KINDS} - {"sent_to_review"}
    assert set(table_kinds()) == set(KINDS) - beside_the_table
    for transition in TABLE:
        for effect in transition.effects:
            name, _, kind = effect.partition(":")
            if name.startswith("tell_") and kind:
                assert KINDS[kind].is_to_author == (name == "tell_authors"), effect


@pytest.mark.parametrize("name", KINDS)
def test_each_delivered_letter_passes_its_own_check(name: str) -> None:
    kind, wording = KINDS[name], letter_words.delivered(name)
    assert letter_words.problems(kind, wording) == []
    assert kind.label
    assert kind.when.endswith(".")
    assert set(kind.needed) | set(kind.sometimes) <= set(kind.words) <= set(WORDS)
    assert "{" not in wording.text
    # All its words are used: what it has is not forgotten.
    used = {letter_words.name_of(found) for found in letter_words.named_in(wording.subject + "\n" + wording.text)}
    assert used == set(kind.words)


@pytest.mark.parametrize(("name", "asks"), table_kinds().items())
def test_no_letter_can_swallow_what_somebody_writes_for_it(name: str, asks: set[str]) -> None:
    kind = KINDS[name]
    if kind.who != letter_words.SECOND:
        assert ("message" in asks) == ("message" in kind.needed)
    assert ("public_note" in asks) == ("public note" in kind.needed)
    if not kind.is_to_author:
        # Notes of editors stay with the desk; an author's go into the letter.
        by_author = {
            a.name for t in TABLE if kind in letters.kinds_of(t) and "editor" not in " ".join(t.who) for a in t.asks
        }
        assert ("note" in by_author) == ("note" in kind.needed)
    else:
        assert "note" not in kind.words


@pytest.mark.parametrize("name", KINDS)
def test_each_placeholder_in_each_letter(name: str) -> None:
    """One that the letter has is filled in; one that it has not, or without which it is no use, is refused."""
    for word in WORDS:
        check_placeholder(name, word)


def check_placeholder(name: str, word: str) -> None:
    kind, wording = KINDS[name], letter_words.delivered(name)
    more = Wording(wording.subject, f"{wording.text}\n\nMore: [{word.upper()}]")
    without = Wording(wording.subject.replace(f"[{word}]", ""), wording.text.replace(f"[{word}]", ""))
    if word in kind.words:
        assert letter_words.problems(kind, more) == []
        values = dict.fromkeys(kind.words, "x") | {word: "Wellington"}
        assert "More: Wellington" in letter_words.fill(more, values).text
    else:
        assert f"This letter has no [{word}]" in letter_words.problems(kind, more)[0][1]
    said = [said for _, said in letter_words.problems(kind, without) if "is missing" in said]
    assert bool(said) == (word in kind.needed)


@pytest.mark.parametrize(
    ("subject", "body", "field", "said"),
    [
        ("", "[message]", "subject", "The subject is empty"),
        ("A", "", "text", "The text is empty"),
        ("A\nB", "[message]", "subject", "one line"),
        ("x" * 201, "[message]", "subject", "200 is the most"),
        ("A", "[message]" + "x" * 10_000, "text", "10,000 is the most"),
        ("A", "[mesage]", "text", "Did you mean [message]?"),
        ("A [Titel]", "[message]", "subject", "Did you mean [title]?"),
        ("A", "[message] [anything]", "text", "For the bracket itself type it twice: [[anything]"),
        ("A", "[message] [public note]", "text", "This letter has no [public note]"),
        ("A\x00", "[message]", "subject", "can’t be kept"),
    ],
)
def test_what_a_wording_may_not_be(subject: str, body: str, field: str, said: str) -> None:
    found = letter_words.problems(KINDS["accepted"], Wording(subject, body))
    assert any(where == field and said in words for where, words in found), found


def test_a_needed_word_does_not_stand_beside_one_that_may_be_empty() -> None:
    kind = KINDS["approval_requested"]
    beside = Wording("A", "By [due date]. [message]\n[link]")
    assert any("would fall away with it" in said for _, said in letter_words.problems(kind, beside))
    apart = Wording("A", "By [due date].\n\n[message]\n\n[link]")
    assert letter_words.problems(kind, apart) == []


def test_a_paragraph_with_nothing_to_say_falls_away() -> None:
    wording = Wording("About [title]", "One.\n\nOur words:\n[message]\n\n\nThree [[brackets] [Title].")
    values = {"title": "[message]", "message": ""}
    assert letter_words.fill(wording, values) == Wording("About [message]", "One.\n\nThree [brackets] [message].")
    said = letter_words.fill(wording, values | {"message": "Two\r\n\r\n[title]"})
    assert said.text == "One.\n\nOur words:\nTwo\n\n[title]\n\nThree [brackets] [message]."


SCRAPS = st.sampled_from(
    ["[", "]", "[[", "]]", "[name]", "[ NAME ]", "[title]", "[message]", "[link]", "[nonsense]", "\n", "\n\n", "\r\n", " ", "{{ name }}", "{% if %}", "%s", "\\1", "a", "é", "\u202e", "\u2028"]
)  # fmt: skip
TEXTS = st.lists(SCRAPS | st.text(max_size=5), max_size=12).map("".join)


@settings(deadline=None)
@given(subject=TEXTS, body=TEXTS, title=TEXTS, message=TEXTS, name=TEXTS)
def test_any_text_with_any_values(subject: str, body: str, title: str, message: str, name: str) -> None:
    """Nothing is refused in rendering, no value is read as a placeholder, and read by hand it is the same letter."""
    wording, kind = Wording(subject, body), KINDS["accepted"]
    values = dict.fromkeys(kind.words, "") | {"title": title, "message": message, "publication": "P", "link": "L"}
    letter_words.problems(kind, wording)
    letter_words.problems_by_hand(wording)
    letter_words.fill_by_hand(wording, name)
    marker = "\ue000"
    at_once = letter_words.fill(wording, values | {NAME: marker})
    del values[NAME]
    draft = letter_words.fill(wording, values, keeps=(NAME,))
    by_hand = letter_words.fill_by_hand(draft, marker)
    if len(by_hand.subject) < 300:
        assert by_hand == at_once
    # What a draft says of itself is no mistake of whoever reads it.
    assert not any("not filled in" in said for _, said in letter_words.problems_by_hand(draft))
    # The name is put in once and never read.
    twice = letter_words.fill_by_hand(Wording("s", "a[name]b"), f"x{name}x")
    assert twice.text == f"ax{name}xb".strip()


# --- what goes ---


def test_the_letters_of_a_step_are_shown_without_taking_it(alice: User, bob: User, bea: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    counts = Event.objects.count(), Letter.objects.count(), Mail.objects.count()
    found = letters.drafts(piece, "review_in_house", bob, {"second_editor": bea, "message": "Soon."})
    assert [(draft.kind, draft.people) for draft in found] == [
        ("taken_in_house", [("Alice Marlowe", "alice@example.org")]),
        ("second_editor", [("Bea Margin", "bea@example.org")]),
    ]
    assert "Dear [name]," in found[0].text
    assert "Soon." in found[0].text
    assert (Event.objects.count(), Letter.objects.count(), Mail.objects.count()) == counts
    piece.refresh_from_db()
    assert (piece.status, piece.handling.second_editor) == (Status.SUBMITTED, None)
    with pytest.raises(Blocked):
        letters.drafts(piece, "review_in_house", bob, {})


def test_a_draft_sent_as_it_stands_is_the_letter_that_goes_by_itself(alice: User, ada: User, bob: User) -> None:
    Masthead(name="A [title] of [name]").save()
    one = piece_in("submitted", author=alice, editor=bob, title="On [name] and [message]")
    other = piece_in("submitted", author=ada, editor=bob, title="On [name] and [message]")
    said = {"message": "See [link] and [[name]."}
    perform(one, "accept", by=bob, **said)
    drafts = letters.drafts(other, "accept", bob, said)
    perform(other, "accept", by=bob, letters={d.kind: ByHand(d.subject, d.text) for d in drafts}, **said)
    first, second = (Letter.objects.get(article=piece, kind="accepted") for piece in (one, other))
    assert first.subject == second.subject == "Accepted: On [name] and [message]"
    assert "See [link] and [[name]." in first.text
    assert first.text == second.text.replace("Ada Quill", "Alice Marlowe").replace(f"/{other.pk}/", f"/{one.pk}/")
    assert "letters_changed" not in other.events.get(transition="accept").data


@pytest.mark.parametrize(
    ("status", "said", "subject", "body"),
    [
        ("ready", {}, "Published:", "” is published:\nhttp"),
        ("ready", {"at": "later"}, "Scheduled:", "will appear by itself on"),
        ("published", {"kind": "correction", "public_note": "It was in June."}, "Corrected:", "It was in June."),
        ("published", {"kind": "copy_fix", "public_note": "Nobody is told."}, "Mended:", "the sense is unchanged"),
    ],
)
def test_the_words_of_each_case(
    alice: User, bob: User, status: str, said: dict[str, Any], subject: str, body: str
) -> None:
    piece = piece_in(status, author=alice, editor=bob)
    if status == "published":
        edit(piece, bob, title="Another title")
    if "at" in said:
        said = {"at": timezone.now() + datetime.timedelta(days=1)}
    perform(piece, "publish" if status == "ready" else "update", by=bob, **said)
    letter = Letter.objects.filter(article=piece).first()
    assert letter is not None
    assert letter.subject.startswith(subject)
    assert body in letter.text
    assert "Nobody is told" not in letter.text
    assert "[" not in letter.text


def test_what_may_not_be_sent(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    for by_hand, said in (
        ({"accepted": ByHand("", "Text")}, "The subject is empty"),
        ({"accepted": ByHand("A", " ")}, "The text is empty"),
        ({"accepted": ByHand("A\nB", "Text")}, "one line"),
        ({"accepted": ByHand("A" * 301, "Text")}, "300 is the most"),
        ({"accepted": ByHand("A", "x" * 40_001)}, "40,000 is the most"),
        ({"accepted": ByHand("A", "Look at [link].")}, "not filled in here"),
        ({"accepted": ByHand(is_left_out=True)}, "can’t be left out"),
        ({"declined": ByHand("A", "Text")}, "writes no letter of this kind"),
        ({"nonsense": ByHand("A", "Text")}, "writes no letter of this kind"),
    ):
        with pytest.raises(Blocked, match=re.escape(said)):
            perform(piece, "accept", by=bob, letters=by_hand)
    piece.refresh_from_db()
    assert piece.status == Status.SUBMITTED


@pytest.mark.parametrize(
    ("status", "name", "said", "kind", "may"),
    [
        ("ready", "publish", {}, "published", True),
        ("scheduled", "unschedule", {}, "unscheduled", True),
        ("published", "update", {"kind": "copy_fix"}, "updated", True),
        ("published", "update", {"kind": "correction", "public_note": "June."}, "updated", False),
        ("submitted", "decline", {"message": "No.", "note": "Scope"}, "declined", False),
        ("editing", "request_approval", {"due_on": in_days(3)}, "approval_requested", False),
    ],
)
def test_only_news_can_be_left_out(
    alice: User, bob: User, status: str, name: str, said: dict[str, Any], kind: str, may: bool
) -> None:
    piece = piece_in(status, author=alice, editor=bob)
    if status == "published":
        edit(piece, bob, title="Another title")
    before = Letter.objects.filter(article=piece, kind=kind).count()
    [draft] = letters.drafts(piece, name, bob, said)
    assert draft.may_stay == may
    left_out = {kind: ByHand(is_left_out=True)}
    if not may:
        with pytest.raises(Blocked):
            perform(piece, name, by=bob, letters=left_out, **said)
        return
    event = perform(piece, name, by=bob, letters=left_out, **said)
    assert event.data["letters_left_out"] == [kind]
    assert Letter.objects.filter(article=piece, kind=kind).count() == before
    assert f"Letter “{KINDS[kind].label}” not sent" in text(client_of(bob).get(url(piece, "history/")))


def test_a_person_without_an_account_is_written_to(alice: User, bob: User, carl: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    event = piece.events.latest("pk")
    values = {"title": "The [name]", "link": ""}
    letter = letters.write_to_address(
        piece, event, "accepted", "Zoë", "zoe@example.net", values, secrets={"link": "https://x.example/once"}
    )
    assert (letter.recipient, letter.address, letter.reader_name) == (None, "zoe@example.net", "zoe")
    assert "Dear Zoë," in letter.text
    assert "“The [name]”" in letter.text
    assert "once" not in letter.text
    assert "https://x.example/once" in letter.mail.text
    assert "https://x.example/once" in letter.mail.html
    Mail.objects.filter(pk=letter.mail_id).update(state="failed", error="No such box")
    client = client_of(bob)
    for address in ("/admin/", "/admin/editorial/letter/", url(piece), url(piece, "history/"), f"/admin/editorial/letter/{letter.pk}/change/"):  # fmt: skip
        page = text(client.get(address))
        assert "zoe" in page, address
        assert "o None" not in page, address
    assert "to zoe is on its way" in text(client.post(f"/admin/editorial/letter/{letter.pk}/again/", follow=True))


# --- read before it goes, at the desk ---


def test_a_letter_is_changed_before_it_goes(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    client = client_of(bob)
    page = client.get(url(piece, "step/accept/")).content.decode()
    assert "Next: read the letter" in page
    asked = client.post(url(piece, "step/accept/"), fields_of(page, "") | {"message": "Gladly.", "next": "1"})
    shown = text(asked)
    for said in ("Alice Marlowe (alice@example.org)", "Gladly.", "Dear [name],", "Send the letter and accept"):
        assert said in shown
    piece.refresh_from_db()
    assert piece.status == Status.SUBMITTED
    own = {"accepted_subject": "Yes!", "accepted_text": "Dear [name],\r\n\r\n<b>Yes</b>, [but] read [[name]."}
    done = client.post(url(piece, "step/accept/"), typed(asked.content.decode(), **own) | {"send": "1"})
    assert done.status_code == 302
    letter = Letter.objects.get(article=piece, kind="accepted")
    assert (letter.subject, letter.text) == ("Yes!", "Dear Alice Marlowe,\n\n<b>Yes</b>, [but] read [name].")
    assert letter.mail.text == letter.text
    assert "&lt;b&gt;Yes" in letter.mail.html
    event = piece.events.get(transition="accept")
    assert (event.data["letters_changed"], event.data["message"]) == (["accepted"], "Gladly.")
    assert "changed by hand before it went" in text(client.get(url(piece, "history/")))


def test_back_and_forth_loses_nothing(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    client, address = client_of(bob), url(piece, "step/request_revision/")
    said = {"message": "One\n\nTwo", "due_on": in_days(4).isoformat(), "note": "Hm", "next": "1"}
    asked = client.post(address, fields_of(client.get(address).content.decode(), "") | said)
    mine = typed(asked.content.decode(), revision_requested_text="My own words for [name].")
    back = client.post(address, mine | {"back": "1"})
    data = fields_of(back.content.decode(), "")
    assert {key: data[key] for key in ("message", "due_on", "note")} == {
        key: said[key] for key in ("message", "due_on", "note")
    }
    assert "errornote" not in back.content.decode()
    # The same answers: the letter as it was typed. Others: the same, with what it would be now beside it.
    again = client.post(address, data | {"next": "1"})
    assert "My own words for [name]." in again.content.decode()
    assert "Take that instead" not in again.content.decode()
    other = client.post(address, data | {"message": "Three", "next": "1"})
    assert (
        fields_of(other.content.decode(), "letters_form")["letter-revision_requested-text"]
        == "My own words for [name]."
    )
    assert "Three" in text(other)
    anew = client.post(address, typed(other.content.decode()) | {"anew": "revision_requested"})
    assert "Three" in fields_of(anew.content.decode(), "letters_form")["letter-revision_requested-text"]
    assert not piece.events.filter(transition="request_revision").exists()


def test_a_letter_that_nobody_changed_follows_the_answers(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    client, address = client_of(bob), url(piece, "step/accept/")
    asked = client.post(address, fields_of(client.get(address).content.decode(), "") | {"message": "One"})
    back = client.post(address, typed(asked.content.decode()) | {"back": "1"})
    again = client.post(address, fields_of(back.content.decode(), "") | {"message": "Two"})
    body = fields_of(again.content.decode(), "letters_form")["letter-accepted-text"]
    assert "Two" in body
    assert "One" not in body


@pytest.mark.parametrize("body", ["", "x" * 40_001, "See [link].", "\x00"])
def test_a_letter_that_can_not_go_is_kept_and_says_why(alice: User, bob: User, body: str) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    client, address = client_of(bob), url(piece, "step/accept/")
    asked = client.post(address, fields_of(client.get(address).content.decode(), "") | {"message": "Gladly."})
    refused = client.post(
        address, typed(asked.content.decode(), accepted_subject="Mine", accepted_text=body) | {"send": "1"}
    )
    assert refused.status_code == 200
    assert "Nothing was sent" in text(refused)
    kept = fields_of(refused.content.decode(), "letters_form")
    assert (kept["letter-accepted-subject"], kept["message"]) == ("Mine", "Gladly.")
    piece.refresh_from_db()
    assert piece.status == Status.SUBMITTED


def test_a_step_that_is_stale_at_the_letter_keeps_it(alice: User, bob: User, bea: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    client, address = client_of(bob), url(piece, "step/request_approval/")
    asked = client.post(
        address, fields_of(client.get(address).content.decode(), "") | {"due_on": in_days(3).isoformat()}
    )
    edit(piece, bea, title="Another title")
    mine = typed(asked.content.decode(), approval_requested_text="My own words.")
    stale = client.post(address, mine | {"send": "1"})
    assert "The text was changed after you opened this page" in text(stale)
    again = client.post(address, fields_of(stale.content.decode(), "") | {"next": "1"})
    assert fields_of(again.content.decode(), "letters_form")["letter-approval_requested-text"] == "My own words."
    assert send(client, piece, "request_approval", again).status_code == 302
    assert Letter.objects.get(article=piece, kind="approval_requested").text == "My own words."


def test_steps_without_letters_stay_one_click(alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    client, address = client_of(bob), url(piece, "step/step_back/")
    page = client.get(address).content.decode()
    assert "Next: read the letter" not in page
    assert client.post(address, fields_of(page, "") | {"note": "A slip"}).status_code == 302


def test_news_left_out_at_the_desk(alice: User, bob: User) -> None:
    piece = piece_in("ready", author=alice, editor=bob)
    client, address = client_of(bob), url(piece, "step/publish/")
    asked = client.post(address, fields_of(client.get(address).content.decode(), ""))
    assert "Do not send this letter" in text(asked)
    ticked = typed(asked.content.decode()) | {"letter-published-stays": "on"}
    back = client.post(address, ticked | {"back": "1"})
    again = client.post(address, fields_of(back.content.decode(), ""))
    assert fields_of(again.content.decode(), "letters_form")["letter-published-stays"] == "on"
    assert client.post(address, ticked | {"send": "1"}).status_code == 302
    assert not Letter.objects.filter(article=piece, kind="published").exists()


# --- the templates ---


def wording(client: Any, kind: str, **changes: str) -> Any:
    data = fields_of(client.get(f"{LIST}{kind}/").content.decode(), "wording_form")
    return client.post(f"{LIST}{kind}/", data | changes)


def test_all_kinds_are_listed(mara: User, alice: User, bob: User, django_assert_max_num_queries: Any) -> None:
    LetterTemplate.objects.create(kind="accepted", subject="Yes", text="[message]", changed_by=mara)
    client = client_of(mara)
    client.get(LIST)
    with django_assert_max_num_queries(12):
        page = text(client.get(LIST))
    for kind in KINDS.values():
        assert kind.label in page
        assert kind.when in page
    assert page.count("Own wording") == 1
    assert page.count("As delivered") == len(KINDS) - 1
    assert "by Mara Chief" in page


def test_a_wording_of_ones_own(mara: User, alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    client = client_of(mara)
    saved = wording(
        client,
        "accepted",
        subject="Yes to [Title]",
        text="Dear [ name ],\r\n\r\n[message]\r\n\r\nWe take it [[gladly].",
    )
    assert saved.status_code == 302
    perform(piece, "accept", by=bob)
    letter = Letter.objects.get(article=piece, kind="accepted")
    assert (letter.subject, letter.text) == (
        "Yes to The tide tables of trade",
        "Dear Alice Marlowe,\n\nWe take it [gladly].",
    )
    change = Change.objects.get()
    assert (change.by, change.name) == (mara, "Letter “Accepted”")
    assert set(change.changes) == {"subject", "text"}
    # Back, by its button; and nothing is noted where nothing changed.
    assert client.get(f"{LIST}accepted/delivered/").status_code == 405
    assert client.post(f"{LIST}accepted/delivered/").status_code == 302
    assert not LetterTemplate.objects.exists()
    client.post(f"{LIST}accepted/delivered/")
    assert wording(client, "accepted").status_code == 302
    assert Change.objects.count() == 2
    assert not LetterTemplate.objects.exists()


def test_a_wrong_wording_is_kept_on_the_page(mara: User) -> None:
    refused = wording(client_of(mara), "accepted", subject="Yes", text="[mesage] and more words")
    assert "Did you mean [message]?" in text(refused)
    assert "[mesage] and more words" in refused.content.decode()
    assert not LetterTemplate.objects.exists()
    for hostile in ("\x00", "[" * 50_000, "[[[name]]]", "x" * 1_000_000):
        assert wording(client_of(mara), "accepted", subject=hostile, text=hostile).status_code == 200


def test_two_who_change_one_letter(mara: User, root: User) -> None:
    one, other = client_of(mara), client_of(root)
    data = fields_of(one.get(f"{LIST}accepted/").content.decode(), "wording_form")
    assert wording(other, "accepted", subject="Theirs", text="[message]").status_code == 302
    stale = one.post(f"{LIST}accepted/", data | {"subject": "Mine", "text": "[message] mine"})
    assert "somebody changed this letter" in text(stale)
    assert LetterTemplate.objects.get().subject == "Theirs"
    again = one.post(f"{LIST}accepted/", fields_of(stale.content.decode(), "wording_form"))
    assert again.status_code == 302
    assert LetterTemplate.objects.get().subject == "Mine"


def test_a_preview_on_a_piece_and_a_test_to_oneself(mara: User, alice: User, bob: User) -> None:
    piece = piece_in("published", author=alice, editor=bob, title="On <b>[name]</b>")
    client = client_of(mara)
    own = {
        "subject": "S [title]",
        "text": "Dear [name],\n\n[message]\n\n[when it appears] [public address]\n\n[mended since approval]\n\n[link]",
    }
    shown = wording(client, "published", preview="1", q="name", piece=str(piece.pk), **own)
    page = text(shown)
    for said in (
        "S On <b>[name]</b>",
        "Dear Alice Marlowe,",
        "will appear by itself on",
        piece.get_absolute_url(),
        "To Alice Marlowe.",
    ):
        assert said in page
    assert "<b>[name]</b>" not in shown.content.decode()
    assert not LetterTemplate.objects.exists()
    before = Letter.objects.count(), Event.objects.count()
    sent = wording(client, "published", test="1", piece=str(piece.pk), **own)
    assert "A test is on its way to mara@example.org" in text(sent)
    mail = Mail.objects.latest("pk")
    assert (mail.recipients, mail.subject) == (["mara@example.org"], "Test: S On <b>[name]</b>")
    assert mail.text.startswith("This is a test of a letter.")
    assert (Letter.objects.count(), Event.objects.count()) == before
    assert "No test was sent" in text(wording(client, "published", test="1", subject="", text=""))


def test_every_preview_stands(mara: User, alice: User) -> None:
    piece_in("submitted", author=alice, editor=mara)
    client = client_of(mara)
    for kind in KINDS:
        assert "How it reads for" in text(client.get(f"{LIST}{kind}/")), kind


def test_pieces_offered_are_those_of_ones_desk(mara: User, alice: User, bob: User) -> None:
    private = piece_in("draft", author=alice, editor=bob, title="A private draft")
    author_for(mara, "Mara", "Chief")
    own = piece_in("submitted", author=mara, editor=bob, title="By Mara herself")
    client = client_of(mara)
    for wrong in (private.pk, own.pk, "x", "9" * 30, "²", "-1", ""):
        page = text(client.get(f"{LIST}accepted/?piece={wrong}"))
        assert "A private draft" not in page
        assert "By Mara herself" not in page


def test_who_may_change_letters(bob: User, carl: User, alice: User, mara: User) -> None:
    for user in (bob, carl, alice):
        client = client_of(user)
        for address in (LIST, f"{LIST}accepted/"):
            assert client.get(address).status_code in (302, 403)
            assert client.post(address, {"subject": "A", "text": "[message]"}).status_code in (302, 403, 405)
        assert client.post(f"{LIST}accepted/delivered/").status_code in (302, 403)
    client = client_of(mara)
    for unknown in ("nonsense", "1", "add", "letter", "accepted.txt"):
        assert client.get(f"{LIST}{unknown}/").status_code == 404
    assert not LetterTemplate.objects.exists()
    assert "Letter templates" in text(client.get("/admin/"))


# --- in the browser ---


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_way_of_a_letter_in_a_browser(
    alice: User, bob: User, mara: User, window: ANYBODY, has_scripts: bool
) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    editor = window(bob, width=390, java_script_enabled=has_scripts)
    page = editor.open(url(piece, "step/accept/"))
    page.fill("[name=message]", "Gladly.")
    page.get_by_role("button", name="Next: read the letter").click()
    page.fill("[name=letter-accepted-subject]", "Yes to your piece")
    # The Enter key sends nothing.
    page.press("[name=letter-accepted-subject]", "Enter")
    page.wait_for_load_state()
    assert page.input_value("[name=letter-accepted-subject]") == "Yes to your piece"
    page.get_by_role("button", name="Back", exact=True).click()
    assert page.input_value("[name=message]") == "Gladly."
    page.get_by_role("button", name="Next: read the letter").click()
    assert page.input_value("[name=letter-accepted-subject]") == "Yes to your piece"
    if has_scripts:
        assert editor.has_no_sideways_scroll()
    page.get_by_role("button", name="Send the letter and accept").click()
    page.wait_for_url("**/change/")
    letter = Letter.objects.get(article=piece, kind="accepted")
    assert letter.subject == "Yes to your piece"
    page = editor.open("/admin/editorial/letter/")
    if has_scripts:
        assert editor.has_no_sideways_scroll()
        table = page.locator("#result_list").bounding_box()
        assert table is not None
        assert table["x"] + table["width"] <= 390
    manager = window(mara, width=390, java_script_enabled=has_scripts)
    page = manager.open(LIST)
    page.get_by_role("link", name="Accepted", exact=True).click()
    page.fill("[name=subject]", "Gladly: [title]")
    page.get_by_role("button", name="Preview").click()
    assert page.get_by_text(f"Gladly: {piece.latest.title}").first.is_visible()
    if has_scripts:
        assert manager.has_no_sideways_scroll()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Own wording").wait_for()
    assert LetterTemplate.objects.get(kind="accepted").subject == "Gladly: [title]"
    assert Article.objects.get().status == Status.EDITING
