"""Retract, reinstate, take down, restore: who agrees, what is kept, who is told; and reports of errors at the desk."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from articles.models import Article, ErrorReport, Publication
from articles.status import Status
from authors.models import Author
from editorial import access, queue, writing
from editorial.models import Letter
from editorial.perform import perform, steps_for
from editorial.registry import Blocked
from editorial.reports import handle
from forum.models import Mail
from tests.cast import BODY, author_for, edit, piece_in, retract, take_down
from tests.editorial.desk import step, text, url

pytestmark = pytest.mark.django_db


def test_nobody_retracts_alone(alice: User, bob: User, mara: User, sam: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    for details, words in (
        ({"public_note": "Invented."}, "Second editor"),
        ({"public_note": "Invented.", "second_editor": mara}, "another editor"),
        ({"public_note": "Invented.", "second_editor": sam}, "another editor"),
        ({"public_note": "Invented.", "second_editor": alice}, "another editor"),
        ({"public_note": " ", "second_editor": bob}, "Public reason"),
    ):
        with pytest.raises(Blocked, match=words):
            perform(article, "retract", by=mara, **details)
    author_for(bob, "Bob", "Redpen")
    writing.add_byline(article, Author.objects.get(user=bob), role="translator")
    with pytest.raises(Blocked, match="did not write"):
        retract(article, mara, bob)


def test_retracting_tells_authors_and_the_second_editor(alice: User, bob: User, mara: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    retract(article, mara, bob, "The survey never took place.")
    told = {(letter.kind, letter.recipient) for letter in Letter.objects.filter(event__transition="retract")}
    assert told == {("retracted", alice), ("retraction_agreed", bob)}
    assert "The survey never took place." in Letter.objects.get(kind="retracted").text
    assert "Mara" not in Letter.objects.get(kind="retracted").text
    assert article.publications.first().kind == Publication.Kind.RETRACTION
    perform(article, "reinstate", by=mara, second_editor=bob, public_note="It did.")
    assert article.status == Status.PUBLISHED
    assert Letter.objects.filter(kind="reinstated", recipient=alice).exists()


def test_a_retracted_piece_is_neither_edited_nor_updated_and_waits_for_nobody(
    alice: User, bob: User, mara: User
) -> None:
    article = piece_in("published", author=alice, editor=bob)
    edit(article, bob, f"<p>Pending.</p>{BODY}")
    retract(article, mara, bob)
    with pytest.raises(PermissionDenied):
        edit(article, bob, f"<p>More.</p>{BODY}")
    assert queue.turn(article).holder == queue.NOBODY
    assert queue.with_holder(Article.objects.filter(pk=article.pk)).get().holder == queue.NOBODY
    perform(article, "reinstate", by=mara, second_editor=bob, public_note="It stands.")
    assert article.has_pending_edits
    assert queue.turn(article).holder == queue.EDITOR
    perform(article, "update", by=bob, kind="copy_fix")


def test_a_second_retraction_after_a_reinstatement_is_kept_by_taking_down(alice: User, bob: User, mara: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    for again in range(2):
        retract(article, mara, bob, f"Reason {again}")
        take_down(article, mara)
        perform(article, "restore", by=mara, note="Mistaken")
        assert article.status == Status.RETRACTED
        perform(article, "reinstate", by=mara, second_editor=bob, public_note="It stands.")
    take_down(article, mara)
    perform(article, "restore", by=mara, note="Mistaken")
    assert article.status == Status.PUBLISHED
    kinds = [p.kind for p in article.publications.order_by("at", "pk")]
    assert kinds == ["first", *["retraction", "reinstatement"] * 2]


def test_taking_down_is_one_managing_editors_and_gives_a_reason(alice: User, bob: User, mara: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    at, on = article.published_at, article.published_on
    with pytest.raises(PermissionDenied):
        take_down(article, bob)
    with pytest.raises(Blocked, match="Reason"):
        perform(article, "take_down", by=mara)
    take_down(article, mara)
    assert (article.live, article.published_at, article.published_on) == (None, None, on)
    letter = Letter.objects.get(kind="taken_down")
    assert letter.recipient == alice
    assert "A court asks" not in letter.text
    perform(article, "restore", by=mara, note="Mistaken")
    assert (article.published_at, article.published_on) == (at, on)
    assert article.live_id == article.publications.first().revision_id
    assert Letter.objects.filter(kind="restored", recipient=alice).exists()


def test_an_address_changed_while_it_is_down_leads_there_once_it_is_back(
    client: Client, alice: User, bob: User, mara: User
) -> None:
    article = piece_in("taken_down", author=alice, editor=bob, manager=mara)
    old = article.get_absolute_url()
    before = writing.snapshot(article)
    article.slug = "another-slug"
    article.save(update_fields=["slug"])
    writing.settle_details(article, by=mara, before=before)
    assert {client.get(old).status_code, client.get(article.get_absolute_url()).status_code} == {410}
    perform(article, "restore", by=mara, note="Mistaken")
    assert client.get(old)["Location"] == article.get_absolute_url()


def test_a_scheduled_piece_is_not_offered_to_be_retracted(alice: User, bob: User, mara: User) -> None:
    article = piece_in("scheduled", author=alice, editor=bob)
    assert not {"retract", "take_down"} & {step.name for step, _ in steps_for(mara, article)}
    with pytest.raises(Blocked, match="not appeared yet"):
        take_down(article, mara)


@pytest.mark.parametrize(
    ("state", "desk", "portal"),
    [("retracted", "under a notice with the public reason", "under a notice that says why"), ("taken_down", "told that it is gone", "told that it is gone")],
)  # fmt: skip
def test_desk_and_portal_say_what_readers_see(
    client: Client, alice: User, bob: User, mara: User, state: str, desk: str, portal: str
) -> None:
    article = piece_in(state, author=alice, editor=bob, manager=mara)
    client.force_login(mara)
    page = client.get(f"/admin/articles/article/{article.pk}/change/").content.decode()
    assert desk in page
    assert ("Retracted" if state == "retracted" else "Taken down") in page
    client.force_login(alice)
    page = client.get(f"/contribute/{article.pk}/").content.decode()
    assert portal in page
    assert ("It was retracted" if state == "retracted" else "It was taken down") in page
    assert "A court asks" not in page


def test_the_steps_are_taken_at_the_desk(client: Client, alice: User, bob: User, mara: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    client.force_login(mara)
    assert client.get(url(article, "step/retract/")).status_code == 200
    article.refresh_from_db()
    assert article.status == Status.PUBLISHED
    refused = text(step(client, article, "retract", public_note="Invented."))
    assert "“Second editor who agrees” is needed." in refused
    assert "Invented." in refused
    for name, said, status in (
        ("retract", {"public_note": "Invented.", "second_editor": bob.pk}, Status.RETRACTED),
        ("take_down", {"note": "A court asks"}, Status.TAKEN_DOWN),
        ("restore", {"note": "Mistaken"}, Status.RETRACTED),
        ("reinstate", {"public_note": "True.", "second_editor": bob.pk}, Status.PUBLISHED),
    ):
        step(client, article, name, **said)
        article.refresh_from_db()
        assert article.status == status


# --- reports of errors ----------------------------------------------------------------------------


@pytest.fixture
def report(alice: User, bob: User) -> ErrorReport:
    article = piece_in("published", author=alice, editor=bob)
    return ErrorReport.objects.create(
        article=article, revision=article.live, text="Osaka, not Kobe.", email="reader@example.org"
    )


def test_a_report_is_dealt_with_once_and_answered_by_mail(report: ErrorReport, bob: User, mara: User) -> None:
    handle(report, by=bob, state="corrected", note="Checked.", answer="You are right: it is Osaka.")
    assert (report.state, report.handled_by, report.note) == ("corrected", bob, "Checked.")
    mail = Mail.objects.get(recipients=["reader@example.org"])
    assert "You are right: it is Osaka." in mail.text
    assert "Osaka, not Kobe." in mail.text
    assert "Bob" not in mail.text
    assert report.article.get_absolute_url() in mail.text
    # The authors are not told.
    assert not Letter.objects.filter(recipient__email="alice@example.org", at__gte=report.at).exists()
    with pytest.raises(Blocked, match="already"):
        handle(report, by=mara, state="dismissed", note="No.")
    assert Mail.objects.filter(recipients=["reader@example.org"]).count() == 1


def test_what_is_missing_is_said_at_once(report: ErrorReport, bob: User) -> None:
    report.email = ""
    report.save()
    for details, wheres in (
        ({"state": "new"}, ["state"]),
        ({"state": "dismissed"}, ["note"]),
        ({"state": "corrected", "note": "x" * 2001, "answer": "Hello"}, ["note", "answer"]),
    ):
        with pytest.raises(Blocked) as refusal:
            handle(report, by=bob, **details)
        assert [reason.where for reason in refusal.value.reasons] == wheres
    assert not Mail.objects.filter(recipients=[""]).exists()


def test_who_wrote_the_piece_neither_sees_nor_answers_its_reports(
    report: ErrorReport, alice: User, bob: User, carl: User, sam: User, root: User
) -> None:
    alice.give_role("Managing editor")
    alice = User.objects.get(pk=alice.pk)
    for person in (alice, carl, sam):
        assert not access.reports_for(person).exists()
        with pytest.raises(PermissionDenied):
            handle(report, by=person, state="corrected")
    assert access.reports_for(bob).exists()
    assert access.reports_for(root).exists()
    client = Client()
    client.force_login(alice)
    address = f"/admin/articles/errorreport/{report.pk}/change/"
    assert "Osaka" not in client.get("/admin/articles/errorreport/").content.decode()
    assert client.get(address).status_code == 404
    assert client.post(address, {"state": "corrected"}).status_code == 404
    assert "error report" not in client.get("/admin/").content.decode()


def test_the_list_has_the_new_ones_first_and_the_start_page_counts_them(
    client: Client, report: ErrorReport, bob: User
) -> None:
    newer = ErrorReport.objects.create(article=report.article, revision=report.revision, text="Dealt with.")
    handle(newer, by=bob, state="dismissed", note="It says so.")
    client.force_login(bob)
    page = client.get("/admin/articles/errorreport/").content.decode()
    assert page.index("Osaka, not Kobe.") < page.index("Dealt with.")
    assert "An error report from a reader waits" in client.get("/admin/").content.decode()
    assert (
        "An error report waits" in client.get(f"/admin/articles/article/{report.article_id}/change/").content.decode()
    )
    address = f"/admin/articles/errorreport/{report.pk}/change/"
    assert "reader@example.org" in client.get(address).content.decode()
    refused = client.post(address, {"state": "dismissed", "answer": "My words\x00 here"})
    assert "Say why no change was needed" in refused.content.decode()
    assert "My words here" in refused.content.decode()
    done = client.post(address, {"state": "corrected", "note": "", "answer": "Thank you."}, follow=True)
    assert "Your answer to the reader is on its way." in done.content.decode()
    late = client.post(address, {"state": "dismissed", "note": "I typed this too late"})
    assert late.status_code == 409
    assert "has dealt with this report already" in late.content.decode()
    assert "I typed this too late" in late.content.decode()
    assert (
        "waits"
        not in client.get("/admin/").content.decode().partition('class="shelves"')[0].partition("error report")[2]
    )


@pytest.mark.parametrize("pk", ["0", "999999999999999999", "9" * 40, "x", "%00"])
def test_reports_that_there_are_not_are_not_found(client: Client, bob: User, pk: str) -> None:
    client.force_login(bob)
    assert client.get(f"/admin/articles/errorreport/{pk}/change/").status_code == 404


@pytest.mark.parametrize("path", ["/admin/articles/errorreport/", "/admin/"])
def test_a_list_of_reports_costs_the_same_at_any_length(
    client: Client, report: ErrorReport, bob: User, path: str
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(bob)
    client.get(path)
    counts: list[Any] = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
        for number in range(2):
            ErrorReport.objects.create(
                article=report.article, revision=report.revision, text=f"{number}", email="a@example.org"
            )
    assert counts[0] == counts[1]
