"""Who sees what at the desk, and what its pages do with whatever is sent to them."""

import datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.models import Article, Image, Region, RegionListing, Series, Tag
from articles.search import search_desk, search_public
from articles.status import Status
from authors.models import Author
from editorial import writing
from editorial.models import Letter
from editorial.perform import perform
from editorial.workflow import TABLE
from forum.models import Mail, Masthead
from tests.cast import author_for, draft, edit, in_days, person, picture_file, piece_in
from tests.editorial.desk import client_of, fields_of, opened, send, step, text, url

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/article/"
CANARY = "Canary in the harbour"
LIST_QUERIES = 16
FRONT_QUERIES = 16


def pages(piece: Article) -> list[str]:
    """Every address of a piece at the desk."""
    first = piece.revisions.order_by("number").first()
    assert first is not None
    return [
        url(piece), url(piece, "history/"), url(piece, "delete/"), url(piece, "preview/"), url(piece, f"diff/?a={first.pk}&b={piece.latest_id}"),
        url(piece, f"version/{first.pk}/"), url(piece, "step/accept/"), url(piece, "step/decline/"), url(piece, "step/publish/"), url(piece, "assign/"),
    ]  # fmt: skip


def is_refused(response: Any) -> bool:
    return response.status_code in (403, 404, 405) or (response.status_code == 302 and response.url == "/admin/")


# --- whose pieces ---


@pytest.mark.parametrize("status", ["submitted", "editing", "ready", "published", "declined"])
@pytest.mark.parametrize("who", ["editor", "superuser"])
def test_ones_own_piece_is_nowhere_at_the_desk(alice: User, bob: User, bea: User, status: str, who: str) -> None:
    piece = piece_in(status, author=alice, editor=bob, title=CANARY)
    if who == "editor":
        alice.give_role(roles.MANAGING_EDITOR)
    else:
        alice.is_superuser = True
        alice.save()
    client = client_of(User.objects.get(pk=alice.pk))
    for address in pages(piece):
        assert is_refused(client.get(address)), address
        assert is_refused(client.post(address, {})), address
    letter = Letter.objects.filter(article=piece).first()
    assert letter is not None
    assert is_refused(client.get(f"/admin/editorial/letter/{letter.pk}/change/"))
    assert is_refused(client.post(f"/admin/editorial/letter/{letter.pk}/again/"))
    for address in ("/admin/", LIST, f"{LIST}?q=canary", "/admin/editorial/letter/"):
        assert CANARY not in client.get(address).content.decode(), address
    # The control: a colleague sees it on the list.
    assert CANARY in client_of(bea).get(LIST).content.decode()


def test_an_authors_draft_is_not_on_the_desk(alice: User, bob: User, root: User) -> None:
    piece = draft(alice, title=CANARY)
    for user in (bob, root):
        client = client_of(user)
        assert CANARY not in client.get(LIST).content.decode()
        assert all(is_refused(client.get(address)) for address in pages(piece))


def test_a_copy_editor_sees_what_is_assigned(alice: User, bob: User, carl: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob, title=CANARY)
    client = client_of(carl)
    assert CANARY not in client.get(LIST).content.decode()
    assert all(is_refused(client.get(address)) for address in pages(piece))
    writing.assign(piece, by=bob, editor=bob, copy_editor=carl)
    assert CANARY in client.get(LIST).content.decode()
    assert CANARY in client.get("/admin/").content.decode()
    assert client.get(url(piece)).status_code == 200
    assert client.get(url(piece, "step/decline/")).status_code == 403
    assert client.post(url(piece, "step/decline/"), {"message": "No", "note": "No"}).status_code == 403
    assert client.post(url(piece, "assign/"), {"take": "1"}).status_code == 403
    assert alice.email not in client.get(url(piece)).content.decode()
    letter = Letter.objects.filter(article=piece, recipient=alice).first()
    assert letter is not None
    assert alice.email not in client.get(f"/admin/editorial/letter/{letter.pk}/change/").content.decode()
    assert client.get("/admin/articles/article/people/?term=a").status_code == 403
    piece.refresh_from_db()
    assert piece.status == Status.EDITING


def test_strangers_do_not_enter(alice: User, bob: User, client: Client) -> None:
    piece = piece_in("editing", author=alice, editor=bob, title=CANARY)
    for who in (client, client_of(alice)):
        for address in ["/admin/", LIST, *pages(piece)]:
            response = who.get(address, follow=True)
            assert CANARY not in response.content.decode()


def test_exactly_our_own_models_are_at_the_desk() -> None:
    assert {model._meta.label for model in admin.site._registry} == {
        "accounts.User", "articles.Article", "articles.ErrorReport", "articles.FrontPick", "articles.Image", "articles.Region", "articles.Series", "articles.Tag",
        "authors.Author", "editorial.Change", "editorial.Letter", "editorial.LetterTemplate", "forum.Masthead", "forum.NavigationItem",
        "forum.Page", "review.Referee",
    }  # fmt: skip


def test_no_bulk_action_goes_round_the_rules(alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    client = client_of(bob)
    client.post(LIST, {"action": "delete_selected", "_selected_action": [piece.pk], "post": "yes"})
    assert Article.objects.filter(pk=piece.pk).exists()


# --- the list and the front page ---


def test_the_list_costs_the_same_for_one_and_for_three(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    client = client_of(bob)
    piece_in("editing", author=alice, editor=bob)
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)
    piece_in("approval", author=alice, editor=bob)
    piece_in("scheduled", author=alice, editor=bob)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


def test_the_front_page_costs_the_same_for_one_and_for_three(
    alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    client = client_of(bob)
    for status in ("submitted", "approval", "scheduled"):
        piece_in(status, author=alice, editor=bob)
    client.get("/admin/")
    with django_assert_num_queries(FRONT_QUERIES):
        client.get("/admin/")
    for status in ("submitted", "editing", "approval", "approval", "scheduled", "scheduled"):
        piece_in(status, author=alice, editor=bob)
    with django_assert_num_queries(FRONT_QUERIES):
        client.get("/admin/")


def test_the_longest_wait_for_an_editor_stands_first(alice: User, bob: User) -> None:
    for number, status in enumerate(("published", "approval", "submitted", "editing")):
        piece = piece_in(status, author=alice, editor=bob, title=f"Piece {status}")
        piece.handling.since = timezone.now() - datetime.timedelta(days=number)
        piece.handling.save()
    page = text(client_of(bob).get(LIST))
    places = [page.index(f"Piece {status}") for status in ("editing", "submitted", "approval", "published")]
    assert places == sorted(places)


FOUND: dict[str, set[str]] = {
    "status=editing": {"editing"}, "status=scheduled": {"scheduled"}, "status=published": {"published"}, "turn=editor": {"editing"},
    "turn=author": {"approval"}, "editor=me": {"editing", "approval", "published", "scheduled"}, "editor=nobody": set(),
    "q=schedùled": {"scheduled"}, "q=Marlowe": {"editing", "approval", "published", "scheduled"}, "q=appro": {"approval"},
    "status=nonsense": {"editing", "approval", "published", "scheduled"},
}  # fmt: skip


def test_filters_and_search(alice: User, bob: User) -> None:
    statuses, client = ("editing", "approval", "published", "scheduled"), client_of(bob)
    for status in statuses:
        piece_in(status, author=alice, editor=bob, title=f"Title {status}")
    pages = {query: client.get(f"{LIST}?{query}").content.decode() for query in FOUND}
    found = {query: {status for status in statuses if f"Title {status}</bdi>" in page} for query, page in pages.items()}
    assert found == FOUND


def test_the_list_counts_pieces(alice: User, bob: User) -> None:
    client = client_of(bob)
    piece_in("editing", author=alice, editor=bob)
    assert "1 piece " in text(client.get(LIST))
    piece_in("editing", author=alice, editor=bob)
    assert "2 pieces" in text(client.get(LIST))
    assert "2 articles" not in text(client.get(LIST))
    assert "There is no such piece on your desk" in text(client.get(url(99999), follow=True))


def test_a_region_holds_what_lies_within_it(alice: User, bob: User) -> None:
    piece_in("editing", author=alice, editor=bob, title=CANARY)
    east, pacific = Region.objects.get(name="East Asia"), Region.objects.create(name="Pacific")
    client = client_of(bob)
    assert CANARY in client.get(f"{LIST}?region={east.pk}").content.decode()
    assert CANARY not in client.get(f"{LIST}?region={pacific.pk}").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "status=%00",
        "slug=%00",
        "slug__regex=[",
        "corresponding__email__startswith=a",
        "latest__body__contains=x",
        "p=99999999999999999999",
        "p=x",
        "o=999.x",
        "q=" + "a%20" * 2000,
        "editor=99999999999999999999999",
        "region=abc",
        "all=",
        "_popup=1&_to_field=password",
    ],
)
def test_no_query_string_is_an_error_of_ours(alice: User, bob: User, query: str) -> None:
    piece_in("editing", author=alice, editor=bob)
    client = client_of(bob)
    for address in (
        LIST,
        "/admin/authors/author/",
        "/admin/editorial/letter/",
        "/admin/articles/tag/",
        "/admin/articles/article/tags/",
        "/admin/articles/article/people/",
    ):
        assert client.get(f"{address}?{query}").status_code in (200, 302, 400), address
    assert client.get(
        f"/admin/autocomplete/?app_label=articles&model_name=byline&field_name=author&term=%00&{query}"
    ).status_code in (200, 400)


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999999", "abc", "-1", "%00", "1_2f"])
def test_unknown_ids(bob: User, pk: str) -> None:
    client = client_of(bob)
    for page in ("change/", "history/", "delete/", "preview/", "diff/", "step/accept/", "assign/", ""):
        assert client.get(f"{LIST}{pk}/{page}").status_code in (302, 403, 404, 405)


# --- steps ---


def test_a_step_asks_acts_and_says_so(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    client = client_of(bob)
    response = step(
        client, piece, "request_revision", message="Please say what the tariffs cost.", due_on=in_days(5).isoformat()
    )
    assert response.status_code == 302
    assert "with author for revision" in text(client.get(response.url))
    piece.refresh_from_db()
    assert piece.status == Status.REVISING
    assert "what the tariffs cost" in Letter.objects.get(kind="revision_requested").text


@pytest.mark.parametrize(
    ("status", "name", "said", "after"),
    [
        ("submitted", "accept", {"message": "Gladly."}, "editing"),
        ("submitted", "review_in_house", {"note": "A short piece"}, "editing"),
        ("submitted", "decline", {"message": "Not for us.", "note": "Scope"}, "declined"),
        ("editing", "request_approval", {"due_on": "+5"}, "approval"),
        ("editing", "step_back", {"note": "Too early"}, "submitted"),
        ("approval", "request_revision", {"message": "Once more.", "due_on": "+3"}, "revising"),
        ("approval", "step_back", {"note": "A slip"}, "editing"),
        ("ready", "publish", {}, "published"),
        ("scheduled", "unschedule", {}, "ready"),
        ("declined", "reopen", {"note": "Asked again"}, "submitted"),
        ("approval", "settle_approval", {"how": "waived", "note": "Unreachable"}, "ready"),
        ("revising", "resubmit", {"message": "The author sent it by mail."}, "submitted"),
    ],
)  # fmt: skip
def test_each_step_from_its_page(
    alice: User, mara: User, status: str, name: str, said: dict[str, str], after: str
) -> None:
    piece = piece_in(status, author=alice, editor=mara)
    filled = {key: in_days(int(value)).isoformat() if value.startswith("+") else value for key, value in said.items()}
    response = step(client_of(mara), piece, name, **filled)
    assert response.status_code == 302, text(response)
    piece.refresh_from_db()
    assert piece.status == after


def test_changes_of_a_public_piece_are_published_with_a_note(alice: User, bob: User) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    edit(piece, bob, title="A corrected title")
    client = client_of(bob)
    refused = step(client, piece, "update", kind="correction")
    assert "A correction needs a public note" in text(refused)
    assert step(client, piece, "update", kind="correction", public_note="The port is in Busan.").status_code == 302
    piece.refresh_from_db()
    assert not piece.has_pending_edits
    assert "The port is in Busan." in text(client.get(url(piece)))


def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    response = step(client_of(bob), piece, "request_revision", message="A long letter.", due_on="2020-01-01")
    assert response.status_code == 200
    assert "The date has passed" in text(response)
    assert "A long letter." in response.content.decode()
    response = step(client_of(bob), piece, "request_revision", note="Only a note", due_on="not a date")
    assert "Only a note" in response.content.decode()
    piece.refresh_from_db()
    assert piece.status == Status.SUBMITTED


def test_a_blocked_step_names_its_reasons_with_the_place_to_mend_them(alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    piece.regions.clear()
    page = client_of(bob).get(url(piece)).content.decode()
    assert '<a href="#id_regions">No region is chosen.</a>' in page
    assert 'id="id_regions"' in page
    page = client_of(bob).get(url(piece, "step/request_approval/")).content.decode()
    assert f'<a href="{url(piece)}#id_regions">No region is chosen.</a>' in page


def test_a_second_press_changes_nothing_and_says_so(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    client = client_of(bob)
    data = fields_of(client.get(url(piece, "step/accept/")).content.decode(), "")
    data = fields_of(client.post(url(piece, "step/accept/"), data).content.decode(), "letters_form") | {"send": "1"}
    assert client.post(url(piece, "step/accept/"), data).status_code == 302
    second = client.post(url(piece, "step/accept/"), data)
    assert second.status_code == 409
    assert "It may have been moved a moment ago" in text(second)
    assert piece.events.filter(transition="accept").count() == 1


def test_a_step_on_a_text_that_changed_since_is_refused(alice: User, bob: User, bea: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    client = client_of(bob)
    data = fields_of(client.get(url(piece, "step/request_approval/")).content.decode(), "")
    edit(piece, bea, title="Another title")
    response = client.post(url(piece, "step/request_approval/"), data | {"due_on": in_days(3).isoformat()})
    assert "The text was changed after you opened this page" in text(response)


def test_a_decline_of_a_piece_that_a_colleague_accepted_meanwhile_is_refused(alice: User, bob: User, bea: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    client = client_of(bob)
    data = fields_of(client.get(url(piece, "step/decline/")).content.decode(), "")
    said = {"message": "With regret, not for us.", "note": "Out of scope"}
    perform(piece, "accept", by=bea)
    response = client.post(url(piece, "step/decline/"), data | said)
    assert "The piece was moved after you opened this page: it is in editing now" in text(response)
    assert "What you typed is kept" in text(response)
    page = response.content.decode()
    assert all(words in page for words in said.values())
    piece.refresh_from_db()
    assert piece.status == Status.EDITING
    assert not piece.events.filter(transition="decline").exists()
    # The page that says so has what stands now: pressed there again, it is meant.
    response = client.post(url(piece, "step/decline/"), fields_of(page, ""))
    assert send(client, piece, "decline", response).status_code == 302
    piece.refresh_from_db()
    assert (piece.status, piece.events.get(transition="decline").note) == (Status.DECLINED, "Out of scope")


@pytest.mark.parametrize(
    ("status", "name", "is_letter"),
    [("submitted", "accept", True), ("submitted", "decline", True), ("editing", "step_back", False)],
)
def test_a_letter_that_reaches_nobody_is_said_before_it_is_written(
    alice: User, bob: User, status: str, name: str, is_letter: bool
) -> None:
    said = "None of its authors has an account, so this letter goes to nobody."
    piece = piece_in(status, author=alice, editor=bob)
    client = client_of(bob)
    assert said not in text(client.get(url(piece, f"step/{name}/")))
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert (said in text(client.get(url(piece, f"step/{name}/")))) == is_letter
    if is_letter:
        assert step(client, piece, name, message="Words", note="Words").status_code == 302
        assert not Letter.objects.filter(article=piece, kind__in=("accepted", "declined")).exists()


@pytest.mark.parametrize("name", [step.name for step in TABLE if step.is_automatic])
def test_what_follows_by_itself_is_no_step_of_anybodys(alice: User, mara: User, name: str) -> None:
    for status in ("approval", "ready", "scheduled"):
        piece = piece_in(status, author=alice, editor=mara)
        client = client_of(mara)
        assert url(piece, f"step/{name}/") not in client.get(url(piece)).content.decode()
        assert client.get(url(piece, f"step/{name}/")).status_code == 404
        assert client.post(url(piece, f"step/{name}/"), {"note": "By hand"}).status_code == 404
        assert not piece.events.filter(transition=name).exists()


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2027-10-03T02:30", "does not exist"), ("2027-04-04T02:30", "comes twice"), ("2019-01-01T08:00", "has passed"),
        ("9999-12-31T23:59", "more than two years"), ("0001-01-01T00:00", ""), ("tomorrow", "valid date"),
    ],
)  # fmt: skip
def test_moments_that_can_not_be(alice: User, bob: User, moment: str, said: str) -> None:
    piece = piece_in("ready", author=alice, editor=bob)
    response = step(client_of(bob), piece, "publish", at=moment)
    assert response.status_code == 200
    assert said in text(response)
    piece.refresh_from_db()
    assert piece.status == Status.READY


def test_eight_in_canberra_is_that_days_address(alice: User, bob: User) -> None:
    Masthead.objects.create(time_zone="Australia/Sydney")
    piece = piece_in("ready", author=alice, editor=bob)
    day = in_days(30)
    assert step(client_of(bob), piece, "publish", at=f"{day.isoformat()}T08:00").status_code == 302
    piece.refresh_from_db()
    assert piece.published_on == day
    assert "08:00" in text(client_of(bob).get(url(piece)))


def test_a_get_changes_nothing(alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    client = client_of(bob)
    before = piece.events.count()
    for address in pages(piece):
        client.get(address)
    piece.refresh_from_db()
    assert (piece.status, piece.events.count()) == (Status.EDITING, before)


# --- versions, preview, assigning, letters ---


def test_any_two_versions_are_compared(alice: User, ada: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    first = piece.latest
    edit(piece, bob, title="The tide tables of commerce", body="<p>Wholly new.</p>")
    client = client_of(bob)
    page = client.get(url(piece, f"diff/?a={first.pk}&b={piece.latest_id}")).content.decode()
    assert "<ins>" in page
    assert "commerce" in page
    other = piece_in("editing", author=ada, editor=bob)
    for query in (
        f"a={first.pk}&b={other.latest_id}",
        f"a={first.pk}",
        "a=x&b=y",
        f"a={first.pk}&b=99999999999999999999",
        "a=²&b=1",
    ):
        assert client.get(url(piece, f"diff/?{query}")).status_code == 404, query
    assert client.get(url(piece, f"version/{other.latest_id}/")).status_code == 404


def test_the_preview_is_the_readers_page_and_stays_private(alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob, title=CANARY)
    response = client_of(bob).get(url(piece, "preview/"))
    assert CANARY in text(response)
    assert "Preview" in text(response)
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_taking_over_and_assigning(alice: User, bob: User, bea: User, carl: User, sam: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    client = client_of(bea)
    client.post(url(piece, "assign/"), {"take": "1"})
    piece.refresh_from_db()
    assert piece.handling.editor == bea
    client.post(url(piece, "assign/"), {"assign-editor": bob.pk, "assign-copy_editor": carl.pk})
    piece.handling.refresh_from_db()
    assert (piece.handling.editor, piece.handling.copy_editor) == (bob, carl)
    for wrong in (sam.pk, alice.pk, "x", "99999999999999999999"):
        assert client.post(url(piece, "assign/"), {"assign-editor": wrong}).status_code == 302
        piece.handling.refresh_from_db()
        assert piece.handling.editor == bob
    assert "Copy editor" in text(client.get(url(piece)))


def test_a_letter_that_failed_is_sent_again(alice: User, bob: User) -> None:
    piece = piece_in("submitted", author=alice, editor=bob)
    letter = Letter.objects.filter(article=piece, recipient=alice).get()
    Mail.objects.filter(pk=letter.mail_id).update(state="failed", error="No such box", tries=8)
    client = client_of(bob)
    assert "Letters not delivered" in text(client.get("/admin/"))
    assert "No such box" in text(client.get(url(piece)))
    assert client.get(f"/admin/editorial/letter/{letter.pk}/again/").status_code == 405
    client.post(f"/admin/editorial/letter/{letter.pk}/again/")
    letter.mail.refresh_from_db()
    assert (letter.mail.state, letter.mail.tries) == ("waiting", 0)
    assert "not waiting for a second try" in text(
        client.post(f"/admin/editorial/letter/{letter.pk}/again/", follow=True)
    )


def test_the_timeline_says_what_happened(alice: User, bob: User) -> None:
    piece = piece_in("declined", author=alice, editor=bob)
    page = text(client_of(bob).get(url(piece, "history/")))
    for said in ("Declined: now declined", "Out of scope", "Not for us, with thanks.", "Letter to Alice Marlowe"):
        assert said in page


# --- the rest of the desk ---


def test_a_renamed_author_is_found_at_once(alice: User, bob: User) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    client = client_of(bob)
    address = f"/admin/authors/author/{alice.author.pk}/change/"
    data = fields_of(client.get(address).content.decode(), "author_form")
    assert client.post(address, data | {"family_name": "Zimányi"}).status_code == 302
    assert list(search_public(Article.objects.listed(timezone.now()), "zimanyi")) == [piece]
    assert client.get("/admin/authors/author/?q=zimanyi").content.decode().count("<bdi>Alice Zimányi</bdi>") == 1


def test_authors_names_and_namesakes(alice: User, bob: User) -> None:
    client = client_of(bob)
    blank = fields_of(client.get("/admin/authors/author/add/").content.decode(), "author_form")
    response = client.post("/admin/authors/author/add/", blank | {"given_name": "  ", "family_name": "Only"})
    assert "Give a family and a given name, or else a single name." in text(response)
    response = client.post("/admin/authors/author/add/", blank | {"single_name": "X", "orcid": "0000-0002-1825-0098"})
    assert "last character does not fit" in text(response)
    response = client.post(
        "/admin/authors/author/add/", blank | {"given_name": "alice ", "family_name": "Marlowe"}, follow=True
    )
    assert "another author of this name" in text(response)
    response = client.post("/admin/authors/author/add/", blank | {"single_name": "Me", "user": bob.pk})
    assert not Author.objects.filter(user=bob).exists()


def test_a_moved_region_takes_its_pieces_along(alice: User, bob: User) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    japan, pacific = Region.objects.get(name="Japan"), Region.objects.create(name="Pacific")
    client = client_of(bob)
    address = f"/admin/articles/region/{japan.pk}/change/"
    data = fields_of(client.get(address).content.decode(), "region_form")
    assert client.post(address, data | {"parent": pacific.pk}).status_code == 302
    assert set(RegionListing.objects.filter(article=piece).values_list("target__name", flat=True)) == {
        "Japan",
        "Pacific",
    }
    loop = fields_of(client.get(f"/admin/articles/region/{pacific.pk}/change/").content.decode(), "region_form")
    assert "lies within" in text(
        client.post(f"/admin/articles/region/{pacific.pk}/change/", loop | {"parent": japan.pk})
    )


def test_a_renamed_tag_is_found_and_a_double_is_refused(alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob)
    client = client_of(bob)
    tags = {"tags": ["Harbours", "Trade"]}
    assert client.post(url(piece), opened(client, piece) | tags).status_code == 302
    tag = Tag.objects.get(name="Harbours")
    address = f"/admin/articles/tag/{tag.pk}/change/"
    data = fields_of(client.get(address).content.decode(), "tag_form")
    assert "There is a tag of this name" in text(client.post(address, data | {"name": " trade "}))
    assert client.post(address, data | {"name": "Wharves"}).status_code == 302
    assert piece in search_desk(Article.objects.all(), "wharves")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SimpleUploadedFile("a.jpg", b"no picture at all", "image/jpeg"), "not a JPEG, PNG or WebP"),
        (SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"), "not a JPEG, PNG or WebP"),
        (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "image/png"), "picture"),
        (SimpleUploadedFile("empty.png", b"", "image/png"), "empty"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_and_the_words_are_kept(bob: User, file: SimpleUploadedFile, said: str) -> None:
    file.seek(0)
    told = {
        "upload": file,
        "alt": "Cranes at dusk",
        "caption": "A caption",
        "credit": "Photo",
        "licence": "own",
        "focal_x": "0.5",
        "focal_y": "0.5",
    }
    response = client_of(bob).post("/admin/articles/image/add/", told)
    assert said in text(response)
    assert "Cranes at dusk" in response.content.decode()
    assert not Image.objects.exists()


def test_a_picture_is_taken_in(bob: User) -> None:
    told = {
        "upload": picture_file(),
        "alt": "Cranes",
        "caption": "",
        "credit": "Photo",
        "licence": "own",
        "focal_x": "0.2",
        "focal_y": "2",
    }
    client = client_of(bob)
    assert client.post("/admin/articles/image/add/", told).status_code == 200
    assert not Image.objects.exists()
    told |= {"upload": picture_file(), "focal_y": "0.8"}
    assert client.post("/admin/articles/image/add/", told).status_code == 302
    image = Image.objects.get()
    assert (image.width, image.uploaded_by, image.focus_class) == (800, bob, "focus-left-bottom")
    assert client.get(f"/admin/articles/image/{image.pk}/change/").status_code == 200


def test_the_masthead_is_one_form_for_those_who_keep_it(bob: User, mara: User) -> None:
    assert client_of(bob).get("/admin/forum/masthead/").status_code in (302, 403)
    assert client_of(bob).get("/admin/forum/masthead/1/change/").status_code in (302, 403)
    client = client_of(mara)
    response = client.get("/admin/forum/masthead/", follow=True)
    data = fields_of(response.content.decode(), "masthead_form")
    assert (
        client.post(
            "/admin/forum/masthead/1/change/", data | {"name": "Harbour Review", "time_zone": "Asia/Tokyo"}
        ).status_code
        == 302
    )
    assert Masthead.current().time_zone == "Asia/Tokyo"
    assert "Harbour Review" in text(client.get("/admin/"))
    assert client.post("/admin/forum/masthead/1/change/", data | {"time_zone": "Mars/Olympus"}).status_code == 200
    assert client.post("/admin/forum/masthead/1/change/", data | {"support_url": "example.org/give"}).status_code == 302
    assert Masthead.current().support_url == "https://example.org/give"


def test_nobody_gives_a_role_beyond_their_own(alice: User, mara: User, root: User) -> None:
    client = client_of(mara)
    address = f"/admin/accounts/user/{alice.pk}/change/"
    ids = {group.name: group.pk for group in Group.objects.all()}
    data = {"name": "Alice Marlowe", "email": alice.email, "is_active": "on"}
    assert client.post(address, data | {"groups": [ids[roles.AUTHOR], ids[roles.EDITOR]]}).status_code == 302
    response = client.post(address, data | {"groups": [ids[roles.ADMINISTRATOR]]})
    assert "beyond your own role" in text(response)
    own = f"/admin/accounts/user/{mara.pk}/change/"
    response = client.post(
        own,
        {
            "name": "Mara",
            "email": mara.email,
            "is_active": "on",
            "groups": [ids[roles.MANAGING_EDITOR], ids[roles.AUTHOR]],
        },
    )
    assert "changed by somebody else" in text(response)
    assert client.post(f"/admin/accounts/user/{root.pk}/change/", data).status_code == 403
    assert User.objects.get(pk=alice.pk).role_names == {roles.AUTHOR, roles.EDITOR}
    assert "password" not in client.get(address).content.decode().lower().replace("set a password", "")


def test_an_administrator_keeps_accounts_and_sees_no_piece(alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob, title=CANARY)
    client = client_of(person("adm@example.org", "Adam Keys", roles.ADMINISTRATOR))
    assert CANARY not in client.get("/admin/").content.decode()
    assert client.get(LIST).status_code == 403
    assert all(is_refused(client.get(address)) for address in pages(piece))
    assert client.get("/admin/accounts/user/").status_code == 200


def test_another_editors_author_record_follows_the_row_rules(ada: User, bob: User) -> None:
    """An editor who becomes an author of a piece no longer sees it."""
    piece = piece_in("editing", author=ada, editor=bob, title=CANARY)
    record = author_for(bob, "Bob", "Redpen")
    client = client_of(bob)
    assert client.get(url(piece)).status_code == 200
    writing.add_byline(piece, record)
    assert is_refused(client.get(url(piece)))


@pytest.mark.parametrize(
    ("kind", "data"),
    [("region", {"name": " Southeast  Asia"}), ("tag", {"name": "한국"}), ("series", {"title": "Asia’s waters"})],
)
def test_a_slug_is_made_of_the_name(bob: User, kind: str, data: dict[str, str]) -> None:
    client = client_of(bob)
    blank = fields_of(client.get(f"/admin/articles/{kind}/add/").content.decode(), f"{kind}_form")
    for _ in range(2 if kind == "series" else 1):
        response = client.post(f"/admin/articles/{kind}/add/", blank | data)
        assert response.status_code == 302, text(response)
    model = {"region": Region, "tag": Tag, "series": Series}[kind]
    assert all(row.slug for row in model.objects.all())
    assert client.get(f"/admin/articles/{kind}/?q=asia").status_code == 200


def test_stock_pages_that_go_round_the_rules_are_gone(alice: User, bob: User, carl: User) -> None:
    piece = piece_in("scheduled", author=alice, editor=bob)
    kind = ContentType.objects.get_for_model(Article).pk
    assert client_of(carl).get(f"/admin/r/{kind}/{piece.pk}/").status_code == 404
    assert client_of(carl).get("/admin/password_change/").status_code == 404
