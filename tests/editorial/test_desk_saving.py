"""The form of a piece: what it saves, what it leaves alone, and that it loses nothing that was typed."""

import threading

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from accounts.models import User
from articles.models import Article, FormerAddress, Tag
from articles.status import Status
from editorial import writing
from editorial.models import Event
from editorial.perform import perform
from tests.cast import edit, in_days, picture, piece_in, region
from tests.editorial.desk import client_of, fields_of, opened, save, text, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def editing(alice: User, bob: User) -> Article:
    return piece_in("editing", author=alice, editor=bob)


def test_a_save_makes_a_version_and_says_so(editing: Article, bob: User) -> None:
    client = client_of(bob)
    data = opened(client, editing)
    response = client.post(url(editing), data | {"title": "Another title", "note": "Shorter"}, follow=True)
    assert "Saved as version 2." in text(response)
    editing.refresh_from_db()
    assert (editing.latest.title, editing.latest.note, editing.latest.by) == ("Another title", "Shorter", bob)
    assert editing.status == Status.EDITING


def test_the_same_again_makes_no_version(editing: Article, bob: User) -> None:
    client = client_of(bob)
    response = client.post(url(editing), opened(client, editing), follow=True)
    assert "Nothing was changed." in text(response)
    assert editing.revisions.count() == 1
    assert not Event.objects.filter(article=editing, transition="change_details").exists()


def test_a_stale_save_is_refused_and_keeps_what_was_typed(editing: Article, bob: User, bea: User) -> None:
    client = client_of(bob)
    data = opened(client, editing)
    edit(editing, bea, title="Bea’s title")
    response = save(client, editing, data, title="Bob’s title", body="<p>Bob wrote this sentence.</p>")
    page = text(response)
    assert response.status_code == 200
    assert "Bea Margin saved version 2" in page
    assert "Bob’s title" in response.content.decode()
    assert "Bob wrote this sentence." in response.content.decode()
    assert url(editing, f"diff/?a={data['base']}&amp;b={editing.latest_id}") in response.content.decode()
    editing.refresh_from_db()
    assert editing.latest.title == "Bea’s title"


def test_a_stale_text_is_saved_after_the_other_was_read(editing: Article, bob: User, bea: User) -> None:
    client = client_of(bob)
    data = opened(client, editing)
    edit(editing, bea, title="Bea’s title")
    still_refused = save(client, editing, data, title="Bob’s title")
    assert still_refused.status_code == 200
    response = save(client, editing, data, title="Bob’s title", over=editing.latest_id)
    assert response.status_code == 302
    editing.refresh_from_db()
    assert (editing.latest.number, editing.latest.title) == (3, "Bob’s title")


def test_details_are_saved_beside_a_text_that_somebody_saved_meanwhile(editing: Article, bob: User, bea: User) -> None:
    client = client_of(bob)
    data = opened(client, editing)
    edit(editing, bea, title="Bea’s title")
    assert save(client, editing, data, language="ko").status_code == 302
    editing.refresh_from_db()
    assert (editing.latest.title, editing.language) == ("Bea’s title", "ko")


def test_two_editors_change_details_at_once(editing: Article, bob: User, bea: User) -> None:
    first, second = client_of(bob), client_of(bea)
    data = opened(first, editing)
    assert save(second, editing, opened(second, editing), language="ja").status_code == 302
    response = save(first, editing, data, licence="CC BY 4.0")
    assert "Somebody changed the details" in text(response)
    editing.refresh_from_db()
    assert (editing.language, editing.licence) == ("ja", "")
    # Pressed again, knowingly: one's own change is saved, the other's stays.
    assert save(first, editing, fields_of(response.content.decode())).status_code == 302
    editing.refresh_from_db()
    assert (editing.language, editing.licence) == ("ja", "CC BY 4.0")


def test_publishing_between_load_and_save_is_not_reverted(alice: User, bob: User, bea: User) -> None:
    piece = piece_in("ready", author=alice, editor=bob)
    client = client_of(bob)
    data = opened(client, piece)
    perform(piece, "publish", by=bea)
    assert save(client, piece, data, licence="CC BY 4.0").status_code == 302
    piece.refresh_from_db()
    assert (piece.status, piece.licence) == (Status.PUBLISHED, "CC BY 4.0")
    assert piece.live_id is not None


def test_text_typed_for_a_piece_that_left_the_desk_is_kept(editing: Article, bob: User, bea: User) -> None:
    client = client_of(bob)
    data = opened(client, editing)
    perform(editing, "request_revision", by=bea, message="Shorter, please.", due_on=in_days(5))
    response = save(client, editing, data, body="<p>Bob’s long work.</p>")
    assert "What you typed is kept" in text(response)
    assert "Bob’s long work." in response.content.decode()
    editing.refresh_from_db()
    assert editing.revisions.count() == 1


def test_an_approved_text_changes_by_a_copy_fix_alone(alice: User, bob: User) -> None:
    piece = piece_in("ready", author=alice, editor=bob)
    client = client_of(bob)
    data = opened(client, piece)
    response = save(client, piece, data, title="A mended title")
    assert "Mark the change as a copy fix" in text(response)
    assert "A mended title" in response.content.decode()
    assert save(client, piece, data, title="A mended title", is_copy_fix="on").status_code == 302
    piece.refresh_from_db()
    assert piece.latest.is_copy_fix
    assert piece.status == Status.READY


@pytest.mark.parametrize("typed", [["North  korea"], ["north korea", "NORTH KOREA"], [" North Korea "]])
def test_a_tag_is_never_doubled(editing: Article, bob: User, typed: list[str]) -> None:
    known = Tag(name="North Korea")
    known.save()
    client = client_of(bob)
    assert save(client, editing, opened(client, editing), tags=typed).status_code == 302
    assert list(editing.tags.all()) == [known]
    assert Tag.objects.count() == 1


def test_a_tag_that_looks_like_a_number_is_a_name(editing: Article, bob: User) -> None:
    for name in ("first", "second"):
        Tag(name=name).save()
    number = str(Tag.objects.get(name="first").pk)
    client = client_of(bob)
    assert save(client, editing, opened(client, editing), tags=["2020", number]).status_code == 302
    assert set(editing.tags.values_list("name", flat=True)) == {"2020", number}


def test_tags_are_typed_with_commas_where_there_is_no_script(editing: Article, bob: User) -> None:
    client = client_of(bob)
    assert (
        save(client, editing, opened(client, editing), tags=["Trade"], tags_more="Ports, trade, 한국").status_code
        == 302
    )
    assert set(editing.tags.values_list("name", flat=True)) == {"Trade", "Ports", "한국"}
    assert client.get("/admin/articles/article/tags/", {"term": "한"}).json()["results"] == [
        {"id": "한국", "text": "한국"}
    ]
    assert client.get("/admin/articles/article/tags/", {"term": "NORTH"}).json()["results"] == []
    assert client.get("/admin/articles/article/tags/", {"term": "por"}).json()["results"] == [
        {"id": "Ports", "text": "Ports"}
    ]


def test_details_are_recorded_with_what_they_were(editing: Article, bob: User) -> None:
    korea = region("Korea")
    client = client_of(bob)
    assert save(client, editing, opened(client, editing), regions=[str(korea.pk)], language="ko").status_code == 302
    changes = Event.objects.get(article=editing, transition="change_details").data["changes"]
    assert changes["regions"] == [["Japan"], ["Korea"]]
    assert changes["language"] == ["en", "ko"]


def test_a_slug_chosen_by_hand_stays_and_an_emptied_one_follows_the_title(editing: Article, bob: User) -> None:
    client = client_of(bob)
    assert save(client, editing, opened(client, editing), slug="tide-tables").status_code == 302
    editing.refresh_from_db()
    assert (editing.slug, editing.has_own_slug) == ("tide-tables", True)
    assert save(client, editing, opened(client, editing), title="Quite another").status_code == 302
    editing.refresh_from_db()
    assert editing.slug == "tide-tables"
    assert save(client, editing, opened(client, editing), slug="").status_code == 302
    editing.refresh_from_db()
    assert (editing.slug, editing.has_own_slug) == ("quite-another", False)


def test_a_slug_that_another_piece_has_or_had_is_refused(editing: Article, ada: User, bob: User) -> None:
    other = piece_in("published", author=ada, editor=bob)
    client = client_of(bob)
    response = save(client, editing, opened(client, editing), slug=other.slug)
    assert "Another piece has this slug" in text(response)
    former = other.slug
    assert save(client, other, opened(client, other), slug="a-new-slug").status_code == 302
    assert FormerAddress.objects.filter(article=other, slug=former).exists()
    response = save(client, editing, opened(client, editing), slug=former)
    assert "Another piece had this slug" in text(response)


def test_bylines_are_reordered_and_swapped(editing: Article, ada: User, bob: User) -> None:
    writing.add_byline(editing, ada.author)
    client = client_of(bob)
    data = opened(client, editing)
    assert save(client, editing, data, **{"bylines-0-order": "2", "bylines-1-order": "1"}).status_code == 302
    assert [b.name for b in editing.bylines.all()] == ["Ada Quill", "Alice Marlowe"]
    data = opened(client, editing)
    a, b = data["bylines-0-author"], data["bylines-1-author"]
    assert (
        save(
            client,
            editing,
            data,
            **{"bylines-0-author": b, "bylines-1-author": a, "bylines-0-name": "", "bylines-1-name": ""},
        ).status_code
        == 302
    )
    assert [b.name for b in editing.bylines.all()] == ["Alice Marlowe", "Ada Quill"]


def test_a_byline_takes_what_is_empty_from_its_author(editing: Article, ada: User, bob: User) -> None:
    client = client_of(bob)
    data = opened(client, editing)
    assert (
        save(
            client, editing, data, **{"bylines-1-author": str(ada.author.pk), "bylines-1-role": "translator"}
        ).status_code
        == 302
    )
    added = editing.bylines.get(role="translator")
    assert (added.name, added.affiliation, added.bio, added.position) == (
        "Ada Quill",
        ada.author.affiliation,
        ada.author.bio,
        1,
    )


def test_an_author_stands_above_a_piece_once(editing: Article, alice: User, bob: User) -> None:
    client = client_of(bob)
    response = save(
        client,
        editing,
        opened(client, editing),
        **{"bylines-1-author": str(alice.author.pk), "bylines-1-role": "author"},
    )
    assert "stands above the piece twice" in text(response)
    assert editing.bylines.count() == 1


def test_a_changed_byline_voids_the_approval(alice: User, bob: User) -> None:
    piece = piece_in("ready", author=alice, editor=bob)
    client = client_of(bob)
    assert save(client, piece, opened(client, piece), **{"bylines-0-name": "A. Marlowe"}).status_code == 302
    piece.refresh_from_db()
    assert piece.status == Status.EDITING


def test_bylines_that_somebody_changed_are_not_overwritten(editing: Article, ada: User, bob: User, bea: User) -> None:
    first, second = client_of(bob), client_of(bea)
    data = opened(first, editing)
    assert save(second, editing, opened(second, editing), **{"bylines-0-name": "Alice B. Marlowe"}).status_code == 302
    response = save(first, editing, data, **{"bylines-0-name": "Alice C. Marlowe"})
    assert "Somebody changed the bylines" in text(response)
    assert "Alice C. Marlowe" in text(response)
    assert editing.bylines.get().name == "Alice B. Marlowe"
    again = fields_of(response.content.decode()) | {"bylines-0-name": "Alice C. Marlowe"}
    assert save(first, editing, again).status_code == 302
    assert editing.bylines.get().name == "Alice C. Marlowe"


def test_the_lead_image_is_chosen_from_the_library(editing: Article, bob: User) -> None:
    image = picture()
    client = client_of(bob)
    assert save(client, editing, opened(client, editing), lead_image=str(image.pk)).status_code == 302
    editing.refresh_from_db()
    assert editing.latest.lead_image == image
    assert image.file.url in client.get(url(editing)).content.decode()


def test_an_editor_begins_a_piece_for_an_author_once(alice: User, bob: User) -> None:
    client = client_of(bob)
    data = fields_of(client.get("/admin/articles/article/add/").content.decode())
    data |= {"title": "Begun at the desk", "corresponding": str(alice.pk), "body": "<p>A start.</p>"}
    first = client.post("/admin/articles/article/add/", data)
    second = client.post("/admin/articles/article/add/", data)
    piece = Article.objects.get()
    assert first.url == second.url == url(piece)
    assert (piece.corresponding, piece.handling.editor, piece.status) == (alice, bob, Status.DRAFT)
    assert [b.name for b in piece.bylines.all()] == ["Alice Marlowe"]


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_begin_one_piece(alice: User, bob: User) -> None:
    client = client_of(bob)
    data = fields_of(client.get("/admin/articles/article/add/").content.decode())
    data |= {"title": "Begun once", "corresponding": str(alice.pk), "body": "<p>A start.</p>"}
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    places = []

    def press() -> None:
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
        places.append(browser.post("/admin/articles/article/add/", data)["Location"])
        connections.close_all()

    presses = [threading.Thread(target=press) for _ in range(4)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert places == [url(Article.objects.get())] * 4


def test_nobody_begins_a_piece_of_their_own_at_the_desk(bob: User) -> None:
    client = client_of(bob)
    response = client.post("/admin/articles/article/add/", {"title": "Mine", "corresponding": str(bob.pk)})
    assert "begun on the authors’ pages" in text(response)
    assert not Article.objects.exists()


def test_declarations_of_a_draft_begun_at_the_desk_can_be_made_there(alice: User, bob: User) -> None:
    piece = writing.begin(by=bob, editor=bob, corresponding=alice, title="Begun")
    client = client_of(bob)
    data = opened(client, piece)
    assert save(client, piece, data, conflict_of_interest="None", appeared_elsewhere="Nowhere").status_code == 302
    piece.refresh_from_db()
    assert piece.handling.conflict_of_interest == "None"
    assert Event.objects.filter(article=piece, transition="change_details", by=bob).exists()


HOSTILE = [
    "\x00",
    "<script>alert(1)</script>",
    "\u202e reversed",
    "x" * 5000,
    "'; DROP TABLE articles_article; --",
    "{{ 7|add:7 }}",
    "𝕿𝖎𝖙𝖑𝖊" * 40,
    "\U0001f600 ☃",
]


@pytest.mark.parametrize(
    "field",
    [
        "title",
        "in_brief",
        "body",
        "note",
        "slug",
        "language",
        "licence",
        "series",
        "corresponding",
        "lead_image",
        "regions",
        "tags",
        "base",
        "over",
        "details_base",
        "bylines-0-name",
        "bylines-0-bio",
        "bylines-0-author",
        "bylines-0-order",
        "bylines-0-id",
        "bylines-TOTAL_FORMS",
        "bylines-INITIAL_FORMS",
    ],
)
def test_hostile_input_gets_an_answer(editing: Article, bob: User, field: str) -> None:
    client = client_of(bob)
    data = opened(client, editing)
    for value in HOSTILE:
        response = client.post(url(editing), {**data, field: value})
        assert response.status_code in (200, 302), value
    editing.refresh_from_db()
    assert "<script" not in editing.latest.body
    assert editing.status == Status.EDITING


def test_a_text_that_is_too_long_is_refused_and_kept(editing: Article, bob: User) -> None:
    client = client_of(bob)
    body = "<p>" + "a" * 400_001 + "</p>"
    response = save(client, editing, opened(client, editing), body=body)
    assert response.status_code == 200
    assert "a" * 400_001 in response.content.decode()
    assert editing.revisions.count() == 1


@pytest.mark.parametrize("missing", ["base", "details_base", "bylines_base", "bylines-TOTAL_FORMS", "slug", "body"])
def test_a_form_with_a_part_missing_gets_an_answer(editing: Article, bob: User, missing: str) -> None:
    client = client_of(bob)
    data = opened(client, editing)
    data.pop(missing)
    response = client.post(url(editing), data | {"title": "Changed"})
    assert response.status_code in (200, 302)


def test_a_copy_editor_edits_the_text_and_nothing_else(editing: Article, bob: User, carl: User) -> None:
    client = client_of(carl)
    assert client.get(url(editing)).status_code == 302
    writing.assign(editing, by=bob, editor=bob, copy_editor=carl)
    data = opened(client, editing)
    assert "slug" not in data
    assert "regions" not in data
    assert save(client, editing, data, title="Mended").status_code == 302
    response = save(client, editing, opened(client, editing), slug="my-own", language="ko")
    assert "Editors change regions" in text(response)
    editing.refresh_from_db()
    assert (editing.latest.title, editing.language) == ("Mended", "en")
    assert editing.slug != "my-own"
