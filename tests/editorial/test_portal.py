"""Who comes into the portal, what they see of their pieces, and what they never see."""

import datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.models import Article, Byline
from articles.status import Status
from authors.models import Author
from editorial import access, queue, writing
from editorial.contribute.texts import shown_text, shown_texts
from editorial.perform import perform
from tests.cast import BODY, STATES, draft, edit, in_days, person, piece_in
from tests.editorial.portal import at, signed_in

pytestmark = pytest.mark.django_db

STEPS = ("submit", "resubmit", "approve", "object", "withdraw", "ask_withdrawal")
DESK_STEPS = (
    "accept",
    "decline",
    "publish",
    "review_in_house",
    "settle_approval",
    "reopen",
    "nonsense",
    "begin",
    "assign",
)


def pages(article: Article | int) -> list[str]:
    """Every address of one piece."""
    return [at(name, article) for name in ("piece", "write", "changes", "preview")] + [
        at("step", article, step) for step in STEPS
    ]


@pytest.mark.parametrize("status", STATES)
def test_every_page_of_a_piece_in_every_state_opens_or_leads_back(status: Any, alice: User, bob: User) -> None:
    article = piece_in(status, author=alice, editor=bob)
    client = signed_in(alice)
    for address in (
        at("home"),
        at("new"),
        at("profile"),
        at("piece", article),
        at("changes", article),
        at("preview", article),
    ):
        assert client.get(address).status_code == 200, address
    for address in (at("write", article), *(at("step", article, step) for step in STEPS)):
        response = client.get(address)
        assert response.status_code == 200 or response["Location"] == at("piece", article), address


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_another_persons_piece_is_as_unknown_as_none(
    method: str, alice: User, bob: User, sam: User, root: User
) -> None:
    article = piece_in(Status.APPROVAL, author=alice, editor=bob)
    before = (article.status, article.latest_id, article.events.count())
    for stranger in (sam, bob, root):
        client = signed_in(stranger)
        for mine, unknown in zip(pages(article), pages(999_999), strict=True):
            found, missing = (
                getattr(client, method)(address, {"note": "x", "title": "x"} if method == "post" else {})
                for address in (mine, unknown)
            )
            assert found.status_code == missing.status_code == 404, mine
            # But for the key of the form that signs out, the same bytes.
            assert len(found.content) == len(missing.content)
    article.refresh_from_db()
    assert (article.status, article.latest_id, article.events.count()) == before


@pytest.mark.parametrize("number", [0, 2**63 - 1, 2**63, 10**30])
def test_absurd_ids_are_unknown(number: int, alice: User) -> None:
    client = signed_in(alice)
    for address in (f"/contribute/{number}/", f"/contribute/{number}/write/", f"/contribute/{number}/submit/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"title": "x"}).status_code == 404


@pytest.mark.parametrize("step", DESK_STEPS)
def test_steps_of_the_desk_do_not_exist_here(step: str, alice: User, bob: User) -> None:
    article = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    client = signed_in(alice)
    assert client.get(at("step", article, step)).status_code == 404
    assert client.post(at("step", article, step), {"seen": article.latest_id, "note": "x"}).status_code == 404


def test_who_is_signed_out_is_sent_to_sign_in_and_back(client: Client, alice: User, bob: User) -> None:
    article = piece_in(Status.DRAFT, author=alice, editor=bob)
    for address in (at("home"), at("new"), at("profile"), *pages(article), *pages(999_999)):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"] == f"{settings_login()}?next={address.replace('/', '%2F')}"


def settings_login() -> str:
    from django.urls import reverse

    return reverse(settings.LOGIN_URL)


def test_an_unconfirmed_address_comes_no_further(alice: User) -> None:
    EmailAddress.objects.filter(user=alice).update(verified=False)
    response = signed_in(alice).get(at("home"))
    assert response.status_code == 403
    assert "Confirm your address first" in response.content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(method: str, alice: User) -> None:
    assert getattr(signed_in(alice), method)(at("home")).status_code == 405


def test_pages_are_kept_by_no_cache(alice: User) -> None:
    assert "no-store" in signed_in(alice).get(at("home"))["Cache-Control"]


# --- My pieces ------------------------------------------------------------------------------------
def test_home_without_pieces_says_how_it_works(sam: User) -> None:
    text = signed_in(sam).get(at("home")).content.decode()
    assert "Nothing here yet" in text
    assert at("new") in text


def test_home_says_whose_turn_it_is_and_since_when(alice: User, bob: User) -> None:
    article = piece_in(Status.REVISING, author=alice, editor=bob, title="Harbour dues")
    five_days_ago = timezone.now() - datetime.timedelta(days=5)
    article.handling.since = five_days_ago
    article.handling.save()
    text = signed_in(alice).get(at("home")).content.decode()
    assert "Your turn since" in text
    assert "(5 days ago)" in text
    assert "Due on" in text
    assert "Revise" in text


def test_home_has_own_pieces_alone_and_those_waiting_first(alice: User, ada: User, bob: User) -> None:
    piece_in(Status.SUBMITTED, author=alice, editor=bob, title="With the desk")
    piece_in(Status.APPROVAL, author=alice, editor=bob, title="Waits for Alice")
    draft(ada, title="Not Alice’s")
    text = signed_in(alice).get(at("home")).content.decode()
    assert text.index("Waits for Alice") < text.index("With the desk")
    assert "Not Alice" not in text


def test_what_is_due_soonest_stands_first_and_drafts_last(alice: User, bob: User) -> None:
    days = {"Due later": 9, "Due sooner": 2}
    draft(alice, title="An old draft")
    for title, due in days.items():
        article = piece_in(Status.REVISING, author=alice, editor=bob, title=title)
        article.handling.due_on = in_days(due)
        article.handling.save()
    text = signed_in(alice).get(at("home")).content.decode()
    assert text.index("Due sooner") < text.index("Due later") < text.index("An old draft")


def test_published_and_closed_pieces_stand_apart(alice: User, bob: User) -> None:
    for status in (Status.PUBLISHED, Status.WITHDRAWN):
        piece_in(status, author=alice, editor=bob, title=f"Was {status}")
    text = signed_in(alice).get(at("home")).content.decode()
    places = [text.index(words) for words in ('id="published"', "Was published", 'id="closed"', "Was withdrawn")]
    assert places == sorted(places)
    assert "Times are those of Australia/Sydney." in text


def test_home_takes_as_many_queries_for_three_pieces_as_for_one(
    alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    client = signed_in(alice)
    piece_in(Status.APPROVAL, author=alice, editor=bob)
    with django_assert_num_queries(13):
        client.get(at("home"))
    piece_in(Status.PUBLISHED, author=alice, editor=bob)
    piece_in(Status.APPROVAL, author=alice, editor=bob)
    with django_assert_num_queries(13):
        client.get(at("home"))


@pytest.mark.parametrize("status", STATES)
def test_the_list_shows_of_each_piece_what_the_rules_allow(status: Any, alice: User, bob: User) -> None:
    article = piece_in(status, author=alice, editor=bob)
    ids = access.shown_to_author(article)
    newest = article.revisions.filter(pk__in=ids).order_by("-number").first()
    assert shown_texts([article])[article.pk] == newest == shown_text(article)


def test_long_names_and_empty_titles_hold(alice: User) -> None:
    draft(alice, title="")
    draft(alice, title="x" * 300)
    text = signed_in(alice).get(at("home")).content.decode()
    assert "Untitled" in text
    assert "x" * 300 in text


# --- What an author never sees --------------------------------------------------------------------
@pytest.fixture
def canary(alice: User, bob: User) -> Article:
    """A piece with everything about it that is the desk's own business."""
    article = draft(alice, title="The open title")
    perform(article, "submit", by=alice, note="A word from Alice")
    perform(
        article,
        "review_in_house",
        by=bob,
        note="CANARY-NOTE",
        second_editor=person("second@example.org", "CANARY-SECOND", roles.EDITOR),
    )
    writing.assign(article, by=bob, copy_editor=person("copy@example.org", "CANARY-COPY", roles.COPY_EDITOR))
    edit(
        article, bob, f"<p>CANARY-BODY</p>{BODY}", title="CANARY-TITLE", in_brief="CANARY-BRIEF", note="CANARY-REVISION"
    )
    before = writing.snapshot(article)
    byline = article.bylines.get()
    byline.name, byline.bio = "CANARY-NAME", "CANARY-BIO"
    byline.save()
    article.tags.add("CANARY-TAG")
    writing.settle_details(article, by=bob, before=before)
    article.refresh_from_db()
    return article


def everything(user: User, article: Article) -> str:
    client = signed_in(user)
    addresses = [at("home"), at("profile"), *pages(article), f"{at('changes', article)}?view=clean"]
    return "".join(client.get(address, follow=True).content.decode() for address in addresses)


def test_nothing_of_the_desks_reaches_the_author_while_editors_work(canary: Article, alice: User) -> None:
    text = everything(alice, canary)
    assert "CANARY" not in text
    assert "Bob" not in text
    assert "The open title" in text
    assert "A word from Alice" in text


def test_the_edited_text_is_shown_once_it_is_for_approval_but_no_names_and_notes(
    canary: Article, alice: User, bob: User
) -> None:
    perform(canary, "request_approval", by=bob, due_on=in_days(5), note="CANARY-PRIVATE")
    text = everything(alice, canary)
    for shown in ("CANARY-BODY", "CANARY-TITLE", "CANARY-BRIEF", "CANARY-NAME"):
        assert shown in text
    for hidden in (
        "CANARY-NOTE",
        "CANARY-SECOND",
        "CANARY-COPY",
        "CANARY-REVISION",
        "CANARY-PRIVATE",
        "Bob",
        "Redpen",
        "bob@",
    ):
        assert hidden not in text


def test_edits_after_an_objection_are_hidden_again(alice: User, bob: User) -> None:
    article = piece_in(Status.APPROVAL, author=alice, editor=bob)
    perform(article, "object", by=alice, note="Not so")
    edit(article, bob, f"<p>CANARY</p>{BODY}", title="CANARY title")
    assert "CANARY" not in everything(alice, article)


def test_edits_of_a_published_piece_are_hidden_until_readers_have_them(alice: User, bob: User) -> None:
    article = piece_in(Status.PUBLISHED, author=alice, editor=bob)
    edit(article, bob, f"<p>CANARY</p>{BODY}", title="CANARY title", is_copy_fix=True)
    assert "CANARY" not in everything(alice, article)
    perform(article, "update", by=bob, kind="correction", public_note="We mended a figure.", note="PRIVATE")
    text = everything(alice, article)
    assert "CANARY" in text
    assert "We mended a figure." in text
    assert "PRIVATE" not in text


def test_copy_fixes_after_the_approval_are_shown_once_published(alice: User, bob: User) -> None:
    article = piece_in(Status.READY, author=alice, editor=bob)
    edit(article, bob, article.latest.body + "<p>FIXED</p>", is_copy_fix=True)
    assert "FIXED" not in everything(alice, article)
    perform(article, "publish", by=bob)
    page = signed_in(alice).get(at("changes", article)).content.decode()
    assert "Mended before it was published" in page
    assert "FIXED" in page


def test_letters_of_others_and_of_the_desk_are_not_shown(alice: User, ada: User, bob: User) -> None:
    article = piece_in(Status.DECLINED, author=alice, editor=bob)
    text = signed_in(alice).get(at("piece", article)).content.decode()
    assert "Not for us, with thanks." in text
    assert "Out of scope" not in text
    assert "waits for an editor" not in text


# --- A co-author ----------------------------------------------------------------------------------
@pytest.fixture
def shared(alice: User, ada: User, bob: User) -> Article:
    article = draft(alice, title="Written by two")
    writing.add_byline(article, Author.objects.get(user=ada))
    return article


def test_a_co_author_reads_but_does_not_write_submit_or_withdraw(shared: Article, ada: User) -> None:
    client = signed_in(ada)
    text = client.get(at("piece", shared)).content.decode()
    assert "Written by two" in text
    assert at("write", shared) not in text
    assert at("step", shared, "submit") not in text
    for address in (at("write", shared), at("step", shared, "submit"), at("step", shared, "withdraw")):
        assert client.get(address)["Location"] == at("piece", shared)
    response = client.post(
        at("write", shared), {"title": "Ada’s own title", "base": shared.latest_id, "action": "save"}
    )
    assert response.status_code == 409
    assert "Ada’s own title" in response.content.decode()
    assert client.post(at("step", shared, "submit"), {"seen": shared.latest_id}).status_code == 409
    shared.refresh_from_db()
    assert (shared.status, shared.latest.title) == (Status.DRAFT, "Written by two")


def test_each_author_answers_for_themselves(shared: Article, alice: User, ada: User, bob: User) -> None:
    perform(shared, "submit", by=alice)
    perform(shared, "accept", by=bob)
    perform(shared, "request_approval", by=bob, due_on=in_days(3))
    assert signed_in(ada).post(at("step", shared, "approve"), {"seen": shared.latest_id}).status_code == 302
    shared.refresh_from_db()
    assert shared.status == Status.APPROVAL
    text = signed_in(ada).get(at("home")).content.decode()
    assert "Another author has still to answer" in text
    assert signed_in(alice).post(at("step", shared, "approve"), {"seen": shared.latest_id}).status_code == 302
    shared.refresh_from_db()
    assert shared.status == Status.READY


def test_a_piece_that_editors_began_shows_its_author_nothing_unfinished(alice: User, bob: User) -> None:
    article = writing.begin(by=bob, editor=bob, title="CANARY by the desk", body="<p>CANARY</p>")
    Byline.objects.create(article=article, author=Author.objects.get(user=alice), name="Alice Marlowe")
    client = signed_in(alice)
    for address in (at("piece", article), at("preview", article), at("changes", article), at("home")):
        assert client.get(address).status_code == 200


def test_is_asked_reads_the_prefetch(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    article = piece_in(Status.APPROVAL, author=alice, editor=bob)
    found = Article.objects.prefetch_related("approvals").select_related("handling").get(pk=article.pk)
    with django_assert_num_queries(0):
        assert queue.is_asked(found, alice)
        assert not queue.is_asked(found, bob)


# --- One's own details ----------------------------------------------------------------------------
def test_the_first_visit_offers_the_accounts_name(sam: User) -> None:
    text = signed_in(sam).get(at("profile")).content.decode()
    assert 'value="Sam"' in text
    assert 'value="Stranger"' in text


def test_details_are_made_and_changed_but_earlier_bylines_stay(alice: User, bob: User) -> None:
    article = piece_in(Status.PUBLISHED, author=alice, editor=bob)
    client = signed_in(alice)
    response = client.post(
        at("profile"),
        {
            "given_name": "Alicia",
            "family_name": "Marlowe",
            "affiliation": "Elsewhere",
            "bio": "New",
            "other_names": "앨리스\nAlice",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
        },
    )
    assert response.status_code == 302
    author = Author.objects.get(user=alice)
    assert (author.name, author.affiliation, author.orcid) == ("Alicia Marlowe", "Elsewhere", "0000-0002-1825-0097")
    assert author.other_names == "앨리스\nAlice"
    assert article.bylines.get().name == "Alice Marlowe"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"given_name": "", "family_name": ""}, "Give a family and a given name, or else a single name."),
        ({"single_name": "Both"}, "Give a family and a given name, or else a single name."),
        ({"orcid": "0000-0002-1825-0098"}, "ORCID"),
        ({"given_name": "me@example.org"}, "This looks like an e-mail address"),
        ({"bio": "x" * 601}, "at most 600 fit"),
        ({"affiliation": "a\x00b"}, "can’t be stored"),
    ],
)
def test_details_that_can_not_be_are_said_and_kept(changed: dict[str, str], said: str, alice: User) -> None:
    sent = {"given_name": "Alice", "family_name": "Marlowe", "affiliation": "Kept University", "bio": "Kept"} | changed
    response = signed_in(alice).post(at("profile"), sent)
    assert response.status_code == 422
    text = response.content.decode()
    assert said in text
    assert "Kept" in text
    assert Author.objects.get(user=alice).affiliation == "Tidewater University"


def test_a_namesake_is_never_taken_over(sam: User, alice: User) -> None:
    other = Author.objects.create(given_name="Sam", family_name="Stranger", bio="A professor of long standing")
    client = signed_in(sam)
    client.post(at("profile"), {"given_name": "Sam", "family_name": "Stranger"})
    assert Author.objects.get(user=sam) != other
    other.refresh_from_db()
    assert (other.user, other.bio) == (None, "A professor of long standing")


def test_an_orcid_of_another_is_refused(sam: User, alice: User) -> None:
    Author.objects.filter(user=alice).update(orcid="0000-0002-1825-0097")
    response = signed_in(sam).post(at("profile"), {"given_name": "S", "family_name": "S", "orcid": "0000000218250097"})
    assert response.status_code == 422
    assert "Another author has this ORCID" in response.content.decode()


def test_names_changed_after_an_objection_are_hidden(alice: User, bob: User) -> None:
    article = piece_in(Status.APPROVAL, author=alice, editor=bob)
    perform(article, "object", by=alice, note="Not so")
    before = writing.snapshot(article)
    article.bylines.update(bio="CANARY")
    writing.settle_details(article, by=bob, before=before)
    assert "CANARY" not in everything(alice, article)


def test_an_approval_settled_by_the_desk_leaves_the_changes_readable(alice: User, bob: User, mara: User) -> None:
    article = piece_in(Status.EDITING, author=alice, editor=bob)
    edit(article, bob, article.latest.body + "<p>SETTLED</p>")
    perform(article, "settle_approval", by=mara, how="waived", note="PRIVATE")
    page = signed_in(alice).get(at("changes", article)).content.decode()
    assert "SETTLED" in page
    assert "PRIVATE" not in page
