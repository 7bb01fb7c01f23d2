"""Who may take which step in which state: the whole matrix, tried for real and compared with this table."""

import datetime
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Publication
from articles.status import Status
from editorial import writing
from editorial.models import Approval, Event, Letter
from editorial.perform import perform, steps_for
from editorial.queue import waiting_for_editors
from editorial.registry import Blocked
from editorial.workflow import BY_NAME, TABLE, Transition
from tests.cast import BODY, STATES, author_for, draft, edit, in_days, picture, piece_in

pytestmark = pytest.mark.django_db

DESK = {"bob", "bea", "mara", "root"}
EXPECTED: dict[str, dict[str, set[str]]] = {
    # An author's draft is nobody else's, whatever their role.
    "draft": {"alice": {"submit", "withdraw"}},
    "submitted": {"alice": {"withdraw"}}
    | dict.fromkeys(DESK, {"send_to_review", "review_in_house", "request_revision", "accept", "decline"}),
    # Nobody was invited yet, so that nothing stands against a decision but the reason for accepting without reviews.
    "in_review": {"alice": {"withdraw"}} | dict.fromkeys(DESK, {"request_revision", "accept", "decline", "step_back"}),
    "revising": {"alice": {"resubmit", "withdraw"}} | dict.fromkeys(DESK, {"resubmit", "decline"}),
    "editing": {"alice": {"ask_withdrawal"}}
    | dict.fromkeys(DESK, {"send_to_review", "request_revision", "decline", "request_approval", "step_back"})
    | dict.fromkeys(
        {"mara", "root"},
        {"send_to_review", "request_revision", "decline", "request_approval", "step_back", "settle_approval"},
    ),
    "approval": {"alice": {"ask_withdrawal", "approve", "object"}}
    | dict.fromkeys(DESK, {"request_revision", "decline", "step_back"})
    | dict.fromkeys({"mara", "root"}, {"request_revision", "decline", "step_back", "settle_approval"}),
    "ready": {"alice": {"ask_withdrawal"}}
    | dict.fromkeys(DESK, {"request_revision", "decline", "step_back", "publish"}),
    "published": dict.fromkeys({"mara", "root"}, {"retract", "take_down"}),
    "retracted": dict.fromkeys({"mara", "root"}, {"reinstate", "take_down"}),
    "taken_down": dict.fromkeys({"mara", "root"}, {"restore"}),
    "scheduled": {"alice": {"ask_withdrawal"}} | dict.fromkeys(DESK, {"unschedule"}),
    "declined": dict.fromkeys({"mara", "root"}, {"reopen"}),
    "withdrawn": dict.fromkeys({"mara", "root"}, {"reopen"}),
}
PEOPLE = ("alice", "ada", "bob", "bea", "mara", "carl", "sam", "root")


def good_details(article: Article, bea: User) -> dict[str, Any]:
    """Everything that any step asks for, rightly filled in."""
    return {
        "message": "Words to the author.",
        "note": "A reason.",
        "due_on": in_days(7),
        "how": "waived",
        "kind": "correction",
        "public_note": "It said May; it was June.",
    }


def details_of(step: Transition, article: Article, bea: User) -> dict[str, Any]:
    """The same, with a second editor where the step can't do without one."""
    asked = {ask.name for ask in step.asks if ask.is_required}
    return good_details(article, bea) | ({"second_editor": bea} if "second_editor" in asked else {})


def by_name(state: str) -> dict[str, set[str]]:
    """What the table says of everybody."""
    return {name: EXPECTED[state].get(name, set()) for name in PEOPLE}


@pytest.mark.parametrize("state", STATES)
def test_each_person_takes_exactly_their_own_steps(state: str, request: pytest.FixtureRequest) -> None:
    cast = {who: request.getfixturevalue(who) for who in PEOPLE}
    article = piece_in(state, author=cast["alice"], editor=cast["bob"])
    before = Article.objects.values().get(pk=article.pk)
    counts = Event.objects.count(), Letter.objects.count()
    taken: dict[str, set[str]] = {name: set() for name in PEOPLE}
    # One piece for all of them: each step is taken back before the next is tried.
    for name, step in product(PEOPLE, [step for step in TABLE if not step.is_automatic]):
        try:
            with transaction.atomic():
                perform(article, step.name, by=cast[name], **details_of(step, article, cast["bea"]))
                taken[name].add(step.name)
                transaction.set_rollback(True)
        except (Blocked, PermissionDenied):
            pass
        assert Article.objects.values().get(pk=article.pk) == before
        assert (Event.objects.count(), Letter.objects.count()) == counts
        article.refresh_from_db()
    assert taken == by_name(state)


@pytest.mark.parametrize("state", STATES)
def test_the_steps_offered_and_unblocked_are_those_that_work(state: str, request: pytest.FixtureRequest) -> None:
    cast = {who: request.getfixturevalue(who) for who in PEOPLE}
    article = piece_in(state, author=cast["alice"], editor=cast["bob"])
    offered = {name: {step.name for step, reasons in steps_for(cast[name], article) if not reasons} for name in PEOPLE}
    assert offered == by_name(state)


@pytest.mark.parametrize("state", STATES)
def test_who_wrote_a_piece_never_decides_about_it_whatever_their_role(
    state: str, alice: User, bob: User, root: User
) -> None:
    article = piece_in(state, author=alice, editor=bob)
    alice.give_role("Managing editor")
    alice.is_superuser = True
    alice.save()
    allowed = {"submit", "withdraw", "resubmit", "approve", "object", "ask_withdrawal"}
    assert {step.name for step, _ in steps_for(User.objects.get(pk=alice.pk), article)} <= allowed


def test_an_inactive_person_can_do_nothing(alice: User, bob: User) -> None:
    article = piece_in("submitted", author=alice, editor=bob)
    bob.is_active = False
    bob.save()
    with pytest.raises(PermissionDenied):
        perform(article, "accept", by=User.objects.get(pk=bob.pk))


def test_a_step_writes_one_event_with_who_from_to_and_which_text(alice: User, bob: User) -> None:
    article = draft(alice)
    event = perform(article, "submit", by=alice, note="Here it is")
    assert (event.from_status, event.to_status, event.by, event.note) == ("draft", "submitted", alice, "Here it is")
    assert event.revision_id == article.latest_id
    assert article.events.filter(transition="submit").count() == 1


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ({"title": ""}, "title"),
        ({"in_brief": ""}, "In Brief"),
        ({"body": ""}, "empty"),
        ({"body": "<p>Too short.</p>"}, "at least 100"),
    ],
)
def test_an_incomplete_piece_is_not_submitted_and_each_thing_missing_is_named(
    missing: dict[str, str], text: str, alice: User
) -> None:
    article = draft(alice, **missing)
    with pytest.raises(Blocked) as refusal:
        perform(article, "submit", by=alice)
    assert text in str(refusal.value)
    assert [reason.where for reason in refusal.value.reasons] == [next(iter(missing))]


def test_every_missing_thing_is_said_at_once(alice: User) -> None:
    article = draft(alice, title="", in_brief="", body="", is_declared=False)
    article.bylines.all().delete()
    with pytest.raises(Blocked) as refusal:
        perform(article, "submit", by=alice)
    assert {reason.where for reason in refusal.value.reasons} == {
        "title", "in_brief", "body", "bylines", "conflict_of_interest", "appeared_elsewhere",
    }  # fmt: skip


def test_two_editors_at_once_one_wins_and_the_other_is_told(alice: User, bob: User, bea: User) -> None:
    article = piece_in("submitted", author=alice, editor=bob)
    seen_by_bea = Article.objects.get(pk=article.pk)
    perform(article, "accept", by=bob)
    with pytest.raises(Blocked, match="in editing"):
        perform(seen_by_bea, "decline", by=bea, message="No.", note="Out of scope")
    assert Article.objects.get(pk=article.pk).status == Status.EDITING


def test_a_step_on_a_text_that_changed_meanwhile_is_refused(alice: User, bob: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    seen = article.latest_id
    edit(article, bob, "<p>New.</p>" + BODY)
    with pytest.raises(Blocked, match="changed after you opened"):
        perform(article, "request_approval", by=bob, seen=seen, due_on=in_days(3))


# --- the author's approval


def test_approval_covers_exactly_the_text_that_was_shown(alice: User, bob: User) -> None:
    article = piece_in("approval", author=alice, editor=bob)
    asked = article.approvals.get(state="asked")
    assert asked.revision_id == article.latest_id
    perform(article, "approve", by=alice)
    assert article.status == Status.READY
    assert "Approved by the author, this text, on" in article.how_approved


def test_after_approval_only_copy_fixes_are_taken_and_the_author_is_told(alice: User, bob: User) -> None:
    article = piece_in("ready", author=alice, editor=bob)
    with pytest.raises(Blocked, match="copy fix"):
        edit(article, bob, "<p>Another claim.</p>" + BODY)
    edit(article, bob, BODY.replace("harbours", "harbors"), is_copy_fix=True)
    perform(article, "publish", by=bob)
    letter = Letter.objects.get(article=article, kind="published")
    assert letter.recipient == alice
    assert "After your approval we mended" in letter.text


def test_stepping_back_voids_the_approval(alice: User, bob: User) -> None:
    article = piece_in("ready", author=alice, editor=bob)
    perform(article, "step_back", by=bob, note="One more thought")
    assert article.status == Status.EDITING
    assert article.how_approved == ""
    assert set(article.approvals.values_list("state", flat=True)) == {"void"}


def test_an_objection_leads_back_to_editing_and_can_be_asked_again(alice: User, bob: User) -> None:
    article = piece_in("approval", author=alice, editor=bob)
    perform(article, "object", by=alice, note="The second paragraph turns my argument round.")
    assert article.status == Status.EDITING
    assert Letter.objects.get(article=article, kind="objected").recipient == bob
    edit(article, bob, "<p>As you wish.</p>" + BODY)
    perform(article, "request_approval", by=bob, due_on=in_days(3))
    perform(article, "approve", by=alice)
    perform(article, "publish", by=bob)
    assert article.status == Status.PUBLISHED


def test_each_author_with_an_account_is_asked_and_all_must_answer(alice: User, ada: User, bob: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    writing.add_byline(article, ada.author)
    perform(article, "request_approval", by=bob, due_on=in_days(3))
    perform(article, "approve", by=alice)
    assert article.status == Status.APPROVAL
    perform(article, "approve", by=ada)
    assert article.status == Status.READY
    assert article.how_approved.startswith("Approved by the authors")


def test_changed_bylines_void_the_approval(alice: User, ada: User, bob: User) -> None:
    article = piece_in("ready", author=alice, editor=bob)
    before = writing.snapshot(article)
    writing.add_byline(article, ada.author)
    with transaction.atomic():
        writing.settle_details(article, by=bob, before=before)
    article.refresh_from_db()
    assert article.status == Status.EDITING
    assert not article.approvals.exclude(state=Approval.State.VOID).exists()
    assert "bylines" in article.events.get(transition="change_details").data["changes"]
    voided = article.events.get(transition="void_approval")
    assert (voided.from_status, voided.to_status) == ("ready", "editing")
    assert Letter.objects.filter(article=article, kind="approval_void", recipient=alice).exists()


def test_changed_bylines_hold_a_scheduled_piece_back(alice: User, ada: User, bob: User) -> None:
    article = piece_in("scheduled", author=alice, editor=bob)
    before = writing.snapshot(article)
    writing.add_byline(article, ada.author)
    writing.settle_details(article, by=bob, before=before)
    article.refresh_from_db()
    assert (article.status, article.live, article.how_approved) == (Status.EDITING, None, "")
    assert not article.publications.exists()


def test_readers_are_told_when_the_text_is_no_longer_the_one_approved(alice: User, bob: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    assert ", this text, on" in article.how_approved
    for word in ("currents", "streams"):
        edit(article, bob, BODY.replace("tides", word))
        perform(article, "update", by=bob, kind="copy_fix")
    assert article.how_approved.count("; the editors have changed the text since") == 1
    assert "this text" not in article.how_approved


def test_a_piece_whose_authors_have_no_account_is_not_stuck(bob: User, mara: User) -> None:
    from authors.models import Author
    from tests.cast import region

    article = writing.begin(by=bob, editor=bob, title="Posted to us", in_brief="By mail.", body=BODY)
    writing.add_byline(article, Author.objects.create(given_name="Paper", family_name="Post"))
    article.regions.add(region())
    article.handling.conflict_of_interest = article.handling.appeared_elsewhere = "None"
    article.handling.save()
    perform(article, "submit", by=bob)
    perform(article, "accept", by=bob)
    with pytest.raises(Blocked, match="managing editor can settle"):
        perform(article, "request_approval", by=bob, due_on=in_days(3))
    perform(article, "settle_approval", by=mara, how="by_mail", note="“Fine by me”, 3 March")
    assert article.status == Status.READY
    assert article.how_approved.startswith("Approved by mail, on ")
    perform(article, "publish", by=bob)


def test_silence_counts_only_after_the_announced_date(alice: User, bob: User, mara: User, time_machine: Any) -> None:
    article = piece_in("approval", author=alice, editor=bob)
    with pytest.raises(Blocked, match="has until"):
        perform(article, "settle_approval", by=mara, how="by_silence", note="No answer")
    time_machine.move_to(timezone.now() + datetime.timedelta(days=7))
    perform(article, "settle_approval", by=mara, how="by_silence", note="No answer")
    assert article.status == Status.READY


# --- withdrawing


def test_after_acceptance_the_author_asks_and_an_editor_confirms(alice: User, bob: User) -> None:
    article = piece_in("ready", author=alice, editor=bob)
    with pytest.raises((Blocked, PermissionDenied)):
        perform(article, "withdraw", by=alice)
    perform(article, "ask_withdrawal", by=alice, note="Overtaken by events")
    with pytest.raises(Blocked, match="asked to withdraw"):
        perform(article, "publish", by=bob)
    perform(article, "confirm_withdrawal", by=bob)
    assert article.status == Status.WITHDRAWN


def test_a_scheduled_piece_whose_author_asks_to_withdraw_does_not_appear(
    alice: User, bob: User, time_machine: Any
) -> None:
    article = piece_in("scheduled", author=alice, editor=bob)
    perform(article, "ask_withdrawal", by=alice, note="Overtaken by events")
    assert article.status == Status.READY
    time_machine.move_to(timezone.now() + datetime.timedelta(days=3))
    assert not Article.objects.published(timezone.now()).exists()
    perform(article, "confirm_withdrawal", by=bob)


@pytest.mark.parametrize("end", ["decline", "step_back"])
def test_a_wish_to_withdraw_is_never_left_open_without_an_answer(end: str, alice: User, bob: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    perform(article, "ask_withdrawal", by=alice, note="Overtaken by events")
    perform(article, end, by=bob, message="With thanks.", note="It is over")
    offered = {step.name for step, reasons in steps_for(bob, article) if not reasons}
    is_open = article.handling.withdrawal_asked_at is not None
    assert is_open == ({"confirm_withdrawal", "refuse_withdrawal"} <= offered)


def test_an_editor_can_keep_the_piece_and_says_why(alice: User, bob: User) -> None:
    article = piece_in("ready", author=alice, editor=bob)
    perform(article, "ask_withdrawal", by=alice, note="Overtaken by events")
    perform(article, "refuse_withdrawal", by=bob, message="It is timely still; may we talk?")
    assert article.status == Status.READY
    perform(article, "publish", by=bob)


def test_the_desk_is_not_told_of_a_draft_that_nobody_handed_in(alice: User, bob: User) -> None:
    article = draft(alice)
    perform(article, "withdraw", by=alice)
    assert not Letter.objects.exclude(recipient=alice).exists()


# --- revising


def test_a_revision_returns_to_where_it_was_asked_for(alice: User, bob: User) -> None:
    for state, lands in (("submitted", Status.SUBMITTED), ("editing", Status.EDITING), ("ready", Status.EDITING)):
        article = piece_in(state, author=alice, editor=bob, title=f"From {state}")
        perform(article, "request_revision", by=bob, message="Shorter, please.", due_on=in_days(7))
        edit(article, alice, "<p>Shorter.</p>" + BODY)
        perform(article, "resubmit", by=alice, message="Cut by a third.")
        assert article.status == lands
        assert article.handling.submitted_revision_id == article.latest_id


def test_a_due_date_in_the_past_is_refused(alice: User, bob: User) -> None:
    article = piece_in("submitted", author=alice, editor=bob)
    with pytest.raises(Blocked, match="has passed"):
        perform(article, "request_revision", by=bob, message="Shorter.", due_on=in_days(-2))


def test_nobody_is_asked_to_revise_who_has_no_account(bob: User) -> None:
    article = writing.begin(by=bob, editor=bob, title="Posted to us", in_brief="By mail.", body=BODY)
    article.bylines.create(name="Paper Post")
    article.handling.conflict_of_interest = article.handling.appeared_elsewhere = "None"
    article.handling.save()
    perform(article, "submit", by=bob)
    with pytest.raises(Blocked, match="No author with an account"):
        perform(article, "request_revision", by=bob, message="Shorter.", due_on=in_days(7))


def test_in_house_review_names_a_second_editor_or_a_reason_and_readers_are_told(
    alice: User, bob: User, bea: User, sam: User
) -> None:
    article = piece_in("submitted", author=alice, editor=bob)
    for details, words in (
        ({}, "second editor"),
        ({"second_editor": bob}, "other than you"),
        ({"second_editor": sam}, "can’t be"),
    ):
        with pytest.raises(Blocked, match=words):
            perform(article, "review_in_house", by=bob, **details)
    perform(article, "review_in_house", by=bob, second_editor=bea)
    assert article.how_reviewed == "Reviewed in house by two editors"
    assert Letter.objects.filter(article=article, kind="second_editor", recipient=bea).exists()
    assert article in waiting_for_editors(bea)


def test_a_step_from_a_page_that_is_out_of_date_is_refused(alice: User, bob: User, bea: User) -> None:
    article = piece_in("submitted", author=alice, editor=bob)
    perform(article, "accept", by=bea)
    with pytest.raises(Blocked, match="moved a moment ago"):
        perform(article, "decline", by=bob, seen_status="submitted", message="No.", note="Out of scope")


def test_the_piece_of_an_editor_who_left_waits_for_all(alice: User, bob: User, bea: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    assert article not in waiting_for_editors(bea)
    bob.is_active = False
    bob.save()
    assert article in waiting_for_editors(bea)


def test_letters_to_authors_never_name_the_desks_unfinished_title(alice: User, bob: User, mara: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    edit(article, bob, title="DESK TITLE")
    perform(article, "decline", by=bob, message="No.", note="Out of scope")
    perform(article, "reopen", by=mara, note="Yes after all")
    subjects = Letter.objects.filter(article=article, recipient=alice).values_list("subject", flat=True)
    assert not [subject for subject in subjects if "DESK" in subject]


# --- publishing


def test_publishing_moves_the_pointer_and_gives_the_day_of_the_masthead(
    alice: User, bob: User, time_machine: Any
) -> None:
    from forum.models import Masthead

    Masthead(time_zone="Australia/Sydney").save()
    article = piece_in("ready", author=alice, editor=bob)
    # 22:30 on 3 March in London's winter is already the 4th in Canberra.
    time_machine.move_to(datetime.datetime(2031, 3, 3, 22, 30, tzinfo=datetime.UTC), tick=False)
    perform(article, "publish", by=bob)
    assert article.get_absolute_url() == "/2031/03/04/the-tide-tables-of-trade/"
    assert article.live_id == article.latest_id
    assert article.publications.get().kind == Publication.Kind.FIRST


@pytest.mark.parametrize(
    ("local", "utc"),
    [  # Canberra leaves daylight saving on 5 April 2026 and enters it on 4 October 2026.
        ("2026-04-04 08:00", "2026-04-03 21:00"), ("2026-04-05 08:00", "2026-04-04 22:00"),
        ("2026-10-03 08:00", "2026-10-02 22:00"), ("2026-10-04 08:00", "2026-10-03 21:00"),
    ],
)  # fmt: skip
def test_eight_in_the_morning_is_that_days_address_on_both_sides_of_daylight_saving(
    local: str, utc: str, alice: User, bob: User, time_machine: Any
) -> None:
    import zoneinfo

    from forum.models import Masthead

    Masthead(time_zone="Australia/Sydney").save()
    time_machine.move_to(datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC))
    article = piece_in("ready", author=alice, editor=bob)
    at = datetime.datetime.fromisoformat(local).replace(tzinfo=zoneinfo.ZoneInfo("Australia/Sydney"))
    perform(article, "publish", by=bob, at=at)
    assert article.published_at == datetime.datetime.fromisoformat(utc).replace(tzinfo=datetime.UTC)
    assert article.get_absolute_url().startswith(f"/{local[:10].replace('-', '/')}/")


def test_a_scheduled_piece_appears_by_itself_and_can_be_unscheduled_before(
    alice: User, bob: User, time_machine: Any
) -> None:
    article = piece_in("scheduled", author=alice, editor=bob)
    assert not Article.objects.published(timezone.now()).exists()
    perform(article, "unschedule", by=bob)
    assert article.status == Status.READY
    assert article.live is None
    assert not article.publications.exists()
    perform(article, "publish", by=bob, at=timezone.now() + datetime.timedelta(hours=1))
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=1, seconds=1))
    assert Article.objects.listed(timezone.now()).get() == article
    with pytest.raises(Blocked, match="already"):
        perform(article, "unschedule", by=bob)


def test_a_moment_that_has_passed_is_refused(alice: User, bob: User) -> None:
    article = piece_in("ready", author=alice, editor=bob)
    with pytest.raises(Blocked, match="has passed"):
        perform(article, "publish", by=bob, at=timezone.now() - datetime.timedelta(hours=1))


def test_a_correction_needs_a_public_note_and_moves_the_text(alice: User, bob: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    first = article.live_id
    with pytest.raises(Blocked, match="Edit and save it first"):
        perform(article, "update", by=bob, kind="copy_fix")
    edit(article, bob, BODY.replace("tides", "currents"))
    assert article.has_pending_edits
    assert article.live_id == first
    with pytest.raises(Blocked, match="public note"):
        perform(article, "update", by=bob, kind="correction")
    perform(article, "update", by=bob, kind="correction", public_note="It said tides; it is currents.")
    assert article.live_id == article.latest_id != first
    assert [p.kind for p in article.publications.all()] == ["correction", "first"]


def test_the_lead_image_must_be_described_and_credited_before_readers_see_it(
    alice: User, bob: User, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    article = piece_in("editing", author=alice, editor=bob)
    edit(article, bob, lead_image=picture(alt="", credit=""))
    with pytest.raises(Blocked) as refusal:
        perform(article, "request_approval", by=bob, due_on=in_days(3))
    assert [reason.where for reason in refusal.value.reasons] == ["lead_image", "lead_image"]


def test_a_name_without_an_author_record_blocks_publication(alice: User, bob: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    article.bylines.create(name="Nobody Yet", position=5)
    with pytest.raises(Blocked, match="Nobody Yet"):
        perform(article, "request_approval", by=bob, due_on=in_days(3))


def test_one_person_may_be_author_and_editor_and_edits_only_others_pieces(alice: User, ada: User, bob: User) -> None:
    alice.give_role("Editor")
    alice = User.objects.get(pk=alice.pk)
    own = piece_in("submitted", author=alice, editor=bob)
    other = piece_in("submitted", author=ada, editor=bob, title="Another's")
    perform(other, "accept", by=alice)
    with pytest.raises(PermissionDenied):
        perform(own, "accept", by=alice)


def test_being_named_above_a_piece_takes_the_editor_off_it(alice: User, bob: User) -> None:
    article = piece_in("submitted", author=alice, editor=bob)
    writing.add_byline(article, author_for(bob, "Bob", "Redpen"), role="translator")
    with pytest.raises(PermissionDenied):
        perform(article, "accept", by=bob)


def test_the_table_is_whole() -> None:
    assert len(BY_NAME) == len(TABLE)
    from editorial.registry import unregistered

    assert unregistered() == set()
