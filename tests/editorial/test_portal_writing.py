"""Writing in the portal: save at any time, lose nothing, make nothing twice. Without scripts throughout."""

import threading
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from accounts.models import User
from articles.images import MAX_BYTES
from articles.models import Article, Byline, Image
from articles.status import Status
from authors.models import Author
from editorial import writing
from editorial.contribute import saving
from editorial.perform import perform
from tests.cast import BODY, IN_BRIEF, draft, edit, picture, picture_file, piece_in
from tests.editorial.portal import at, fields, save, signed_in

pytestmark = pytest.mark.django_db


def only_piece(user: User) -> Article:
    return Article.objects.select_related("latest", "handling").get(corresponding=user)


def names(article: Article) -> list[str]:
    return list(article.bylines.values_list("name", flat=True))


# --- Saving ---------------------------------------------------------------------------------------
def test_everything_typed_is_saved(alice: User) -> None:
    response = save(
        signed_in(alice), title="Tides", in_brief="Short.", body="<p>Text</p>", suggested_regions="Japan", suggested_topics="trade",
        conflict_of_interest="None", appeared_elsewhere="Nowhere", **{"row-0-affiliation": "Harbour House", "row-0-bio": "A. M. writes."},
    )  # fmt: skip
    article = only_piece(alice)
    assert response["Location"] == at("write", article)
    latest, handling, byline = article.latest, article.handling, article.bylines.get()
    assert (latest.title, latest.in_brief, latest.body) == ("Tides", "Short.", "<p>Text</p>")
    assert (handling.suggested_regions, handling.suggested_topics) == ("Japan", "trade")
    assert (handling.conflict_of_interest, handling.appeared_elsewhere) == ("None", "Nowhere")
    assert (byline.name, byline.affiliation, byline.bio) == ("Alice Marlowe", "Harbour House", "A. M. writes.")


def test_an_empty_sheet_is_saved_too(sam: User) -> None:
    assert save(signed_in(sam), **{"row-0-given_name": "", "row-0-family_name": ""}).status_code == 302
    article = only_piece(sam)
    assert article.latest.title == ""
    assert names(article) == ["Sam Stranger"]


def test_saved_text_comes_back_and_saving_it_unchanged_makes_no_version(alice: User) -> None:
    client = signed_in(alice)
    article = draft(alice)
    events = article.events.count()
    assert fields(client.get(at("write", article)))["title"] == article.latest.title
    assert save(client, article).status_code == 302
    article.refresh_from_db()
    assert (article.revisions.count(), article.events.count()) == (1, events)


def test_plain_text_without_scripts_becomes_paragraphs(alice: User) -> None:
    save(signed_in(alice), body="One & only.\r\n\r\nTwo <3.")
    assert only_piece(alice).latest.body == "<p>One &amp; only.</p>\n<p>Two &lt;3.</p>"


def test_save_and_submit_leads_on_with_everything_saved(alice: User) -> None:
    response = save(signed_in(alice), action="submit", title="Tides")
    assert response["Location"] == at("step", only_piece(alice), "submit")
    assert only_piece(alice).latest.title == "Tides"


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\x00", "'; DROP TABLE articles_article; --", "{{ settings.SECRET_KEY }}",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "\u202etxt.exe", "%s%n%00", "../../etc/passwd", "a\r\nSet-Cookie: x=y", "𝕿" * 50,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_in_every_field_harm_nothing(text: str, alice: User) -> None:
    client = signed_in(alice)
    sheet = fields(client.get(at("new")))
    sent = {name: text for name in sheet if name != "key"} | {
        "action": text,
        "row-1-kind": text,
        "row-1-name": text,
        "rows": "2",
    }
    response = client.post(at("new"), sent)
    assert response.status_code in (200, 302, 422)
    again = client.post(at("new"), sheet | {"title": text, "in_brief": text, "body": text, "action": "save"})
    assert again.status_code in (302, 422)
    shown = client.get(at("home")).content.decode()
    for page in (response.content.decode(), again.content.decode(), shown):
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize(
    ("field", "length", "limit"),
    [
        ("title", 301, "300"),
        ("in_brief", 3001, "3,000"),
        ("conflict_of_interest", 2001, "2,000"),
        ("suggested_regions", 301, "300"),
        ("row-0-bio", 601, "600"),
        ("row-0-name", 201, "200"),
        ("body", 400_001, "400,000"),
    ],
)
def test_what_is_too_long_is_refused_with_everything_kept(field: str, length: int, limit: str, alice: User) -> None:
    draft(alice)  # so that the name is asked for as printed
    sheet = {"title": "Kept title", "in_brief": "Kept brief"} | {field: "x" * length}
    response = save(signed_in(alice), **sheet)
    assert response.status_code == 422
    text = response.content.decode()
    assert limit in text
    assert "x" * length in text
    assert "Kept" in text
    assert Article.objects.count() == 1


@pytest.mark.parametrize("base", ["", "0", "-1", "x", "9" * 40, "1e9", "٣"])
def test_a_sheet_with_a_forged_base_overwrites_nothing(base: str, alice: User) -> None:
    article = draft(alice)
    response = save(signed_in(alice), article, title="Typed", base=base)
    assert response.status_code == 409
    assert "Typed" in response.content.decode()
    article.refresh_from_db()
    assert article.latest.number == 1


def test_rows_without_measure_are_cut(alice: User) -> None:
    article = draft(alice)
    assert save(signed_in(alice), article, rows="99999999999999999999999").status_code in (302, 409)
    assert save(signed_in(alice), article, rows="1000").status_code == 302


# --- Two windows ----------------------------------------------------------------------------------
def test_a_stale_sheet_is_refused_with_its_text_and_can_be_saved_over_knowingly(alice: User) -> None:
    article = draft(alice, title="At first")
    client = signed_in(alice)
    old = fields(client.get(at("write", article)))
    save(client, article, title="In the other window")
    response = client.post(
        at("write", article), old | {"title": "In this window", "body": "<p>My own words</p>", "action": "save"}
    )
    assert response.status_code == 409
    text = response.content.decode()
    assert "another version was saved at" in text
    assert "two windows" in text
    assert "<ins>" in text
    kept = fields(response)
    assert (kept["title"], kept["body"]) == ("In this window", "<p>My own words</p>")
    article.refresh_from_db()
    assert article.latest.title == "In the other window"
    # Saving again without a decision is refused again.
    assert client.post(at("write", article), kept | {"action": "save"}).status_code == 409
    assert client.post(at("write", article), kept | {"action": "save_over"}).status_code == 302
    article.refresh_from_db()
    assert article.latest.title == "In this window"
    assert article.revisions.count() == 3


def test_saving_over_is_refused_when_yet_another_version_came(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    old = fields(client.get(at("write", article)))
    save(client, article, title="Second")
    kept = fields(client.post(at("write", article), old | {"title": "Mine", "action": "save"}))
    save(client, article, title="Third")
    assert client.post(at("write", article), kept | {"action": "save_over"}).status_code == 409
    article.refresh_from_db()
    assert article.latest.title == "Third"


def test_the_editor_who_saved_in_between_is_not_named(alice: User, bob: User) -> None:
    article = writing.begin(by=bob, corresponding=alice, editor=bob, title="Begun by the desk")
    client = signed_in(alice)
    old = fields(client.get(at("write", article)))
    edit(article, bob, "<p>From the desk</p>")
    text = client.post(at("write", article), old | {"title": "Mine", "action": "save"}).content.decode()
    assert "The editors saved it while this page was open." in text
    assert "Bob" not in text


def test_names_changed_in_another_window_are_not_overwritten_unseen(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    old = fields(client.get(at("write", article)))
    save(client, article, conflict_of_interest="A grant from the port")
    response = client.post(at("write", article), old | {"appeared_elsewhere": "On my blog", "action": "save"})
    assert response.status_code == 409
    article.handling.refresh_from_db()
    assert (article.handling.conflict_of_interest, article.handling.appeared_elsewhere) == (
        "A grant from the port",
        "Nowhere",
    )
    assert client.post(at("write", article), fields(response) | {"action": "save_over"}).status_code == 302
    article.handling.refresh_from_db()
    assert article.handling.appeared_elsewhere == "On my blog"


def test_words_of_a_picture_from_another_window_are_not_overwritten_unseen(alice: User) -> None:
    image = picture(uploaded_by=alice, alt="", caption="", credit="")
    article = draft(alice, lead_image=image)
    client = signed_in(alice)
    old = fields(client.get(at("write", article)))
    save(client, article, alt="Cranes in fog", caption="The port in May", credit="Photo: me")
    response = client.post(at("write", article), old | {"title": "From the first window", "action": "save"})
    assert response.status_code == 409
    text = response.content.decode()
    for words in ("Cranes in fog", "The port in May", "Photo: me"):
        assert words in text
    article.refresh_from_db()
    image.refresh_from_db()
    assert (image.alt, article.latest.title) == ("Cranes in fog", "The tide tables of trade")
    kept = fields(response) | {"alt": "Cranes in rain", "action": "save_over"}
    assert client.post(at("write", article), kept).status_code == 302
    article.refresh_from_db()
    image.refresh_from_db()
    assert (image.alt, article.latest.title) == ("Cranes in rain", "From the first window")


def test_going_back_to_the_first_page_does_not_overwrite_what_was_declared_since(alice: User) -> None:
    client = signed_in(alice)
    sheet = fields(client.get(at("new"))) | {"title": "First", "action": "save"}
    client.post(at("new"), sheet)
    save(client, only_piece(alice), conflict_of_interest="A grant from the port")
    assert client.post(at("new"), sheet).status_code == 409
    assert only_piece(alice).handling.conflict_of_interest == "A grant from the port"


def test_a_conflict_offers_both_ways_and_no_other_button(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    old = fields(client.get(at("write", article)))
    save(client, article, title="Second")
    text = client.post(at("write", article), old | {"title": "Mine", "action": "save"}).content.decode()
    assert "Save mine over it</button>" in text
    assert f'href="{at("write", article)}">Use the saved version</a>' in text
    assert "Save and submit" not in text


def test_a_form_without_names_leaves_the_names(alice: User, ada: User) -> None:
    article = draft(alice)
    writing.add_byline(article, Author.objects.get(user=ada))
    client = signed_in(alice)
    sheet = {n: v for n, v in fields(client.get(at("write", article))).items() if not n.startswith("row")}
    sent = sheet | {"conflict_of_interest": "A grant from the port", "action": "save"}
    assert client.post(at("write", article), sent).status_code == 302
    article.handling.refresh_from_db()
    assert article.handling.conflict_of_interest == "A grant from the port"
    assert names(article) == ["Alice Marlowe", "Ada Quill"]


def test_a_title_is_one_line_however_it_is_typed(alice: User) -> None:
    save(signed_in(alice), title="The tides\r\nof  trade\n")
    assert only_piece(alice).latest.title == "The tides of trade"


def test_who_saves_is_told_when_and_by_which_clock(alice: User) -> None:
    client = signed_in(alice)
    assert "(Australia/Sydney)." in client.get(save(client, title="Tides")["Location"]).content.decode()


def test_who_may_not_write_now_is_told_so_on_the_piece(alice: User, bob: User) -> None:
    article = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    text = signed_in(alice).get(at("write", article), follow=True).content.decode()
    assert "not in your hands now" in text
    assert text.index("not in your hands now") < text.index("<h1")


def test_a_text_sent_after_the_piece_was_handed_in_is_kept_on_the_page(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    old = fields(client.get(at("write", article)))
    perform(article, "submit", by=alice)
    response = client.post(at("write", article), old | {"title": "Too late", "action": "save"})
    assert response.status_code == 409
    assert fields(response)["title"] == "Too late"
    assert "Nothing was saved." in response.content.decode()
    assert 'value="save"' not in response.content.decode()
    article.refresh_from_db()
    assert article.latest.title == "The tide tables of trade"


# --- A piece begun twice --------------------------------------------------------------------------
def test_the_first_save_sent_twice_makes_one_piece(alice: User) -> None:
    client = signed_in(alice)
    sheet = fields(client.get(at("new"))) | {"title": "Once", "action": "save", "row-0-affiliation": "Somewhere"}
    first, second = client.post(at("new"), sheet), client.post(at("new"), sheet)
    assert first["Location"] == second["Location"] == at("write", only_piece(alice))
    assert only_piece(alice).revisions.count() == 1


def test_going_back_to_the_first_page_and_saving_again_goes_on_with_the_same_piece(alice: User) -> None:
    client = signed_in(alice)
    sheet = fields(client.get(at("new"))) | {"title": "First", "action": "save"}
    client.post(at("new"), sheet)
    assert client.post(at("new"), sheet | {"title": "Second"}).status_code == 302
    assert only_piece(alice).latest.title == "Second"
    # With a version in between it is a conflict like any other.
    response = client.post(at("new"), sheet | {"title": "Third"})
    assert response.status_code == 409
    assert fields(response)["title"] == "Third"
    assert only_piece(alice).latest.title == "Second"


def test_two_new_pages_make_two_pieces(alice: User) -> None:
    client = signed_in(alice)
    save(client, title="One")
    save(client, title="Two")
    assert Article.objects.filter(corresponding=alice).count() == 2


def test_a_key_of_another_persons_piece_is_worth_nothing(alice: User, sam: User) -> None:
    client = signed_in(alice)
    sheet = fields(client.get(at("new"))) | {"title": "Alice’s", "action": "save"}
    client.post(at("new"), sheet)
    other = signed_in(sam)
    other.post(at("new"), fields(other.get(at("new"))) | {"title": "Sam’s", "key": sheet["key"], "action": "save"})
    assert only_piece(alice).latest.title == "Alice’s"
    assert only_piece(sam).latest.title == "Sam’s"


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_piece(alice: User) -> None:
    client = signed_in(alice)
    sheet = fields(client.get(at("new"))) | {"title": "Once", "action": "save"}
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    places = []

    def press() -> None:
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
        places.append(browser.post(at("new"), sheet)["Location"])
        connections.close_all()

    presses = [threading.Thread(target=press) for _ in range(4)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert len(set(places)) == 1
    assert Article.objects.filter(corresponding=alice).count() == 1


def test_who_has_too_many_drafts_is_told_and_loses_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(alice)
    sheet = fields(client.get(at("new"))) | {"title": "One too many", "action": "save"}
    monkeypatch.setattr(saving, "MOST_DRAFTS", 1)
    draft(alice)
    response = client.post(at("new"), sheet)
    assert response.status_code == 422
    assert fields(response)["title"] == "One too many"
    assert Article.objects.count() == 1
    assert "drafts already" in client.get(at("new")).content.decode()


# --- Names ----------------------------------------------------------------------------------------
def test_the_first_piece_makes_the_author_record(sam: User) -> None:
    client = signed_in(sam)
    sheet = fields(client.get(at("new")))
    assert (sheet["row-0-given_name"], sheet["row-0-family_name"]) == ("Sam", "Stranger")
    save(
        client,
        **{
            "row-0-given_name": "Wentao",
            "row-0-family_name": "Li",
            "row-0-is_family_first": "on",
            "row-0-affiliation": "ANU",
            "row-0-bio": "Li Wentao is at ANU.",
        },
    )
    author = Author.objects.get(user=sam)
    assert (author.name, author.affiliation, author.bio) == ("Li Wentao", "ANU", "Li Wentao is at ANU.")
    article = only_piece(sam)
    assert names(article) == ["Li Wentao"]
    # Until it is used elsewhere it is mended here.
    save(client, article, **{"row-0-given_name": "", "row-0-family_name": "", "row-0-single_name": "정약용"})
    author.refresh_from_db()
    assert author.name == "정약용"
    assert names(article) == ["정약용"]


def test_a_namesake_is_not_taken_over_by_writing(sam: User) -> None:
    namesake = Author.objects.create(given_name="Sam", family_name="Stranger")
    save(signed_in(sam), title="Mine")
    assert only_piece(sam).bylines.get().author != namesake
    namesake.refresh_from_db()
    assert namesake.user is None


def test_a_public_authors_own_page_does_not_follow_a_draft(alice: User, bob: User) -> None:
    piece_in(Status.PUBLISHED, author=alice, editor=bob)
    client = signed_in(alice)
    save(client, title="Next", **{"row-0-name": "A. Marlowe", "row-0-affiliation": "New place", "row-0-bio": "New bio"})
    author = Author.objects.get(user=alice)
    assert (author.name, author.affiliation) == ("Alice Marlowe", "Tidewater University")
    byline = Byline.objects.get(article__status=Status.DRAFT)
    assert (byline.name, byline.affiliation, byline.bio) == ("A. Marlowe", "New place", "New bio")


def test_authors_are_added_moved_and_taken_away_without_losing_a_word(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    first = save(client, article, action="add", title="Typed, not saved", body="<p>Typed</p>")
    assert first.status_code == 200
    sheet = fields(first)
    assert (sheet["title"], sheet["body"], sheet["rows"]) == ("Typed, not saved", "<p>Typed</p>", "2")
    sheet |= {"row-1-name": "Bo Harbour", "row-1-affiliation": "Port Authority", "row-1-bio": "Bo pilots."}
    sheet = fields(client.post(at("write", article), sheet | {"action": "add"}))
    sheet |= {"row-2-name": "Cy Harbour"}
    sheet = fields(client.post(at("write", article), sheet | {"action": "up-2"}))
    assert [sheet[f"row-{n}-name"] for n in (1, 2)] == ["Cy Harbour", "Bo Harbour"]
    sheet = fields(client.post(at("write", article), sheet | {"action": "up-1"}))
    article.refresh_from_db()
    assert names(article) == ["Alice Marlowe"]  # nothing is saved before Save
    assert client.post(at("write", article), sheet | {"action": "save"}).status_code == 302
    assert names(article) == ["Cy Harbour", "Alice Marlowe", "Bo Harbour"]
    assert article.bylines.get(name="Bo Harbour").affiliation == "Port Authority"
    article.refresh_from_db()
    assert article.latest.title == "Typed, not saved"
    sheet = fields(client.post(at("write", article), fields(client.get(at("write", article))) | {"action": "remove-0"}))
    client.post(at("write", article), sheet | {"action": "save"})
    assert names(article) == ["Alice Marlowe", "Bo Harbour"]


@pytest.mark.parametrize(
    "action", ["remove-0", "remove-99", "remove-x", "up-0", "up-99", "up-", "remove--1", "nonsense"]
)
def test_odd_presses_change_nothing(action: str, alice: User) -> None:
    article = draft(alice)
    assert save(signed_in(alice), article, action=action).status_code in (200, 302)
    assert names(article) == ["Alice Marlowe"]


def test_one_cannot_take_oneself_away_nor_another_persons_byline_along(alice: User, ada: User) -> None:
    foreign = draft(ada).bylines.get()
    article = draft(alice)
    save(
        signed_in(alice),
        article,
        rows="2",
        **{"row-1-kind": "other", "row-1-id": str(foreign.pk), "row-1-name": "Ada Quill"},
    )
    foreign.refresh_from_db()
    assert foreign.article.corresponding == ada
    assert names(article) == ["Alice Marlowe", "Ada Quill"]
    assert article.bylines.get(name="Ada Quill").author is None
    save(signed_in(alice), article, rows="0")
    assert "Alice Marlowe" in names(article)


def test_whom_the_desk_linked_stays_linked(alice: User, ada: User) -> None:
    article = draft(alice)
    writing.add_byline(article, Author.objects.get(user=ada))
    save(signed_in(alice), article, **{"row-1-bio": "Ada writes with Alice."})
    byline = article.bylines.get(name="Ada Quill")
    assert (byline.author, byline.bio) == (Author.objects.get(user=ada), "Ada writes with Alice.")


def test_an_author_without_a_name_is_kept_on_the_page_and_the_rest_saved(alice: User) -> None:
    article = draft(alice)
    response = save(
        signed_in(alice),
        article,
        title="Saved all the same",
        rows="2",
        **{"row-1-kind": "other", "row-1-affiliation": "Port Authority"},
    )
    assert response.status_code == 200
    text = response.content.decode()
    assert "An author without a name is not saved yet" in text
    assert "Port Authority" in text
    article.refresh_from_db()
    assert article.latest.title == "Saved all the same"
    kept = fields(response) | {"row-1-name": "Bo", "action": "save"}
    assert signed_in(alice).post(at("write", article), kept).status_code == 302
    assert names(article) == ["Alice Marlowe", "Bo"]


# --- The picture ----------------------------------------------------------------------------------
def test_a_picture_with_its_words_is_stored_shown_described_and_taken_away(alice: User) -> None:
    client = signed_in(alice)
    save(
        client,
        title="With a picture",
        picture_file=picture_file(),
        alt="Cranes",
        caption="Cranes at dusk",
        credit="Photo: me",
    )
    article = only_piece(alice)
    image = article.latest.lead_image
    assert image is not None
    assert (image.alt, image.caption, image.credit, image.uploaded_by) == (
        "Cranes",
        "Cranes at dusk",
        "Photo: me",
        alice,
    )
    assert image.file.url in client.get(at("write", article)).content.decode()
    save(client, article, caption="Cranes at dawn")
    image.refresh_from_db()
    assert image.caption == "Cranes at dawn"
    save(client, article, has_no_picture="on", alt="", caption="", credit="")
    article.refresh_from_db()
    assert article.latest.lead_image is None


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (lambda: picture_file(size=(50, 50)), "at least 200"),
        (lambda: _file(b"not a picture"), "not a JPEG"),
        (lambda: _file(b""), "empty"),
        (lambda: _file(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), "not a JPEG"),
        (lambda: _file(b"\xff\xd8\xff" + b"0" * (MAX_BYTES + 1)), "MB"),
    ],
)
def test_a_picture_that_is_refused_leaves_the_text_saved(file: Any, said: str, alice: User) -> None:
    article = draft(alice)
    response = save(signed_in(alice), article, title="Typed", picture_file=file(), alt="Cranes")
    assert response.status_code == 200
    text = response.content.decode()
    assert "The picture was not taken." in text
    assert said in text
    assert fields(response)["alt"] == "Cranes"
    article.refresh_from_db()
    assert (article.latest.title, article.latest.lead_image) == ("Typed", None)


def _file(content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("picture.jpg", content, "image/jpeg")


def test_a_picture_need_not_be_chosen_again_when_something_else_has_to_be_mended(alice: User) -> None:
    article = draft(alice)
    client = signed_in(alice)
    response = save(client, article, title="x" * 301, picture_file=picture_file(), alt="Cranes")
    assert response.status_code == 422
    client.post(at("write", article), fields(response) | {"title": "Short", "action": "save"})
    article.refresh_from_db()
    assert article.latest.lead_image is not None
    assert article.latest.lead_image.alt == "Cranes"


def test_pictures_of_others_can_not_be_claimed_nor_described(alice: User, bob: User) -> None:
    theirs = picture(uploaded_by=bob, alt="Secret")
    article = draft(alice)
    response = save(signed_in(alice), article, picture=str(theirs.pk), alt="Mine now")
    assert theirs.file.url not in response.content.decode()
    article.refresh_from_db()
    theirs.refresh_from_db()
    assert article.latest.lead_image is None
    assert theirs.alt == "Secret"


def test_the_words_of_a_picture_that_readers_have_stay(alice: User, bob: User) -> None:
    image = picture(uploaded_by=alice)
    piece_in(Status.PUBLISHED, author=alice, editor=bob, lead_image=image)
    another = draft(alice, title="Second", lead_image=image)
    save(signed_in(alice), another, title="Second, revised", caption="Changed behind their back")
    image.refresh_from_db()
    assert image.caption == "Cranes at dusk"


def test_words_without_their_picture_are_kept_on_the_page(alice: User) -> None:
    article = draft(alice)
    response = save(signed_in(alice), article, caption="For later")
    assert response.status_code == 200
    assert fields(response)["caption"] == "For later"


# --- Signed out in the meantime -------------------------------------------------------------------
def test_a_text_sent_when_signed_out_stands_on_the_page(alice: User, client: Client) -> None:
    article = draft(alice)
    for address in (at("write", article), at("new"), at("step", article, "submit"), at("profile")):
        response = client.post(
            address,
            {
                "title": "Typed",
                "body": "<p>Long & precious " + "words " * 20 + "</p>",
                "base": "5",
                "csrfmiddlewaretoken": "k",
            },
        )
        assert response.status_code == 401
        kept = fields(response, form=address)
        assert kept["title"] == "Typed"
        assert kept["body"].startswith("<p>Long & precious")
        assert kept["base"] == "5"
        assert reverse(settings.LOGIN_URL) in response.content.decode()


def test_a_form_with_an_old_key_is_shown_to_be_sent_once_more(alice: User) -> None:
    article = draft(alice)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    sheet = fields(client.get(at("write", article))) | {
        "title": "Precious",
        "action": "save",
        "csrfmiddlewaretoken": "x" * 64,
    }
    response = client.post(at("write", article), sheet, headers={"Origin": "http://testserver"})
    assert response.status_code == 403
    assert "One more press" in response.content.decode()
    kept = fields(response, form=at("write", article))
    assert kept == {name: value for name, value in sheet.items() if name != "csrfmiddlewaretoken"}
    kept["csrfmiddlewaretoken"] = client.cookies["csrftoken"].value
    assert client.post(at("write", article), kept).status_code == 302
    article.refresh_from_db()
    assert article.latest.title == "Precious"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_form_from_elsewhere_gets_no_button(origin: str, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    headers = {"Origin": origin} if origin else {}
    response = client.post(at("new"), {"title": "Forged", "body": "x" * 100, "action": "save"}, headers=headers)
    assert response.status_code == 403
    assert not fields(response, form=at("new"))
    assert Article.objects.count() == 0


def test_passwords_are_never_shown_again(client: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(
        reverse(settings.LOGIN_URL),
        {"login": "a@example.org", "password": "very secret words indeed"},
        headers={"Origin": "http://testserver"},
    )
    assert response.status_code == 403
    text = response.content.decode()
    assert "very secret" not in text
    assert "One more press" not in text


def test_pictures_sent_by_one_person_in_a_day_are_limited(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MOST_PICTURES", 1)
    article = draft(alice)
    client = signed_in(alice)
    save(client, article, picture_file=picture_file())
    response = save(client, article, title="Second", picture_file=picture_file(colour="#123456"))
    assert "very many pictures" in response.content.decode()
    assert Image.objects.count() == 1
    assert connection.in_atomic_block  # the transaction of the test is whole


def test_the_sheet_says_how_long_an_in_brief_is_without_scripts(alice: User) -> None:
    text = signed_in(alice).get(at("new")).content.decode()
    assert "about 50 words" in text
    assert 'data-count-words="50"' in text
    assert "style=" not in text
    assert IN_BRIEF not in text
    assert BODY not in text
