"""The timeline of a piece can be replayed from its events to its stored state, and what was changed past them is found."""

import datetime
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Publication, Region
from articles.status import Status
from authors.models import Author
from editorial import coauthors, folds, merging, recording, replay, series_order, writing
from editorial.bulk.load import Loader, Options
from editorial.bulk.pictures import Library
from editorial.models import Approval, CoAuthorInvitation, Event, Handling, Letter
from editorial.perform import perform
from editorial.sealing import seal
from tests.cast import BODY, STATES, draft, edit, in_days, piece_in, region

pytestmark = pytest.mark.django_db


def outcome_of(article: Article) -> replay.Outcome:
    return replay.check(replay.pieces().get(pk=article.pk))


def assert_replays(*articles: Article) -> None:
    """Wholly: no difference, and nothing of the present is left unrecorded."""
    for article in articles:
        outcome = outcome_of(article)
        assert [str(one) for one in outcome.differences] == []
        assert outcome.not_recorded == []


def fields(article: Article) -> set[str]:
    """The names under which the replay finds differences."""
    return {one.field for one in replay.replay(article)}


# --- What people do replays ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATES)
def test_a_piece_in_every_state(status, alice, bob, mara):
    assert_replays(piece_in(status, author=alice, editor=bob, manager=mara))


def test_the_way_back_and_round(alice, ada, bob, bea, mara):
    """Revision, approval by two of whom one objects, settling, unscheduling, restoring, reopening."""
    piece = piece_in(Status.APPROVAL, author=alice, editor=bob)
    perform(piece, "object", by=alice, note="Not so")
    perform(piece, "request_approval", by=bob, due_on=in_days(3))
    perform(piece, "step_back", by=bob, note="One more thing")
    perform(piece, "request_revision", by=bob, message="Shorter", due_on=in_days(9))
    edit(piece, alice, "<p>Shorter.</p>" + BODY, title="Another title")
    perform(piece, "resubmit", by=alice, message="Done")
    assert_replays(piece)
    perform(piece, "settle_approval", by=mara, how="by_mail", note="‘Yes.’")
    perform(piece, "publish", by=bob, at=timezone.now() + datetime.timedelta(days=1))
    perform(piece, "unschedule", by=bob)
    edit(piece, bob, title="A third title", is_copy_fix=True)
    assert_replays(piece)
    perform(piece, "publish", by=bob)
    edit(piece, bob, title="A fourth title")
    perform(piece, "update", by=bob, kind="correction", public_note="The title was wrong.")
    perform(piece, "retract", by=mara, second_editor=bob, public_note="Invented.")
    perform(piece, "reinstate", by=mara, second_editor=bob, public_note="Not invented.")
    perform(piece, "take_down", by=mara, note="A court")
    perform(piece, "restore", by=mara, note="The court again")
    seal(piece.revisions.get(pk=piece.publications.order_by("at").first().revision_id), by=mara, reason="Names a child")
    assert_replays(piece)

    other = piece_in(Status.SUBMITTED, author=ada, editor=bob)
    perform(other, "review_in_house", by=bob, second_editor=bea)
    writing.assign(other, by=mara, editor=bea, copy_editor=None)
    perform(other, "ask_withdrawal", by=ada, note="I changed my mind")
    perform(other, "confirm_withdrawal", by=bea)
    perform(other, "reopen", by=mara, note="She changed it again")
    assert_replays(other)


def test_who_stands_above_it(alice, ada, sam, bob):
    piece = draft(alice)
    kim = coauthors.invite(piece, name="Kim Lee", email="kim@example.org", by=alice)
    coauthors.send_again(kim, by=alice)
    coauthors.refuse(kim, None, reason="No time")
    lee = coauthors.invite(piece, name="Lee Kim", email="lee@example.org", by=alice)
    coauthors.cancel(lee, by=alice)
    joined = coauthors.invite(piece, name="Sam Stranger", email="sam@example.org", by=alice)
    coauthors.accept(CoAuthorInvitation.objects.get(pk=joined.pk), sam, name="Sam Stranger", affiliation="Nowhere")
    coauthors.reword(piece.bylines.get(author__user=sam), sam, affiliation="Elsewhere", bio="")
    added = coauthors.add_by_name(piece, name="Nobody Known", by=alice)
    coauthors.move(added, by=alice, is_up=True)
    coauthors.remove(added, by=alice)
    assert_replays(piece)


@pytest.mark.parametrize("status", [Status.EDITING, Status.APPROVAL, Status.READY, "scheduled", Status.PUBLISHED])
def test_details(status, alice, ada, bob):
    """Other bylines make an approval void, and send back what waits on it; the slug is told."""
    piece = piece_in(status, author=alice, editor=bob)
    with transaction.atomic():
        before = writing.snapshot(piece)
        piece.slug, piece.has_own_slug = "a-slug-of-its-own", True
        piece.save(update_fields=["slug", "has_own_slug"])
        writing.add_byline(piece, Author.objects.get(user=ada))
        writing.settle_details(piece, by=bob, before=before)
    assert_replays(piece)
    assert not piece.approvals.filter(state__in=("given", "asked")).exists()


def test_merging_and_arranging_change_nothing_of_it(alice, bob, mara):
    from articles.models import Series

    piece = piece_in(Status.PUBLISHED, author=alice, editor=bob)
    merging.merge(Region.objects.get(name="Japan"), region("Nippon"), by=mara)
    series_order.add(Series.objects.create(title="The year"), piece, by=bob)
    assert_replays(piece)


def test_what_was_loaded(mara, tmp_path):
    """With what followed elsewhere, and loaded again with another text and slug."""
    line: dict[str, Any] = {
        "external_id": "1", "title": "An older piece", "body": BODY, "date": "2019-03-04T08:00:00Z", "authors": ["Kim Lee"],
        "slug": "old-and-own", "corrections": [{"date": "2020-01-01T08:00:00Z", "note": "A figure was wrong."},
            {"kind": "reinstatement", "date": "2020-03-01T08:00:00Z", "note": "Not invented."}],
        "retraction": {"date": "2020-02-01T08:00:00Z", "note": "Invented."},
    }  # fmt: skip

    def taken(**changes: Any) -> Article:
        loader = Loader(by=mara, library=Library(tmp_path, None, by=mara, is_dry=False), options=Options())
        done = loader.line(1, json.dumps(line | changes).encode())
        assert done.outcome in ("taken", "changed"), done.notes
        return Article.objects.get()

    piece = taken()
    assert piece.handling.editor is None
    assert piece.publications.count() == 4
    assert_replays(piece)
    assert_replays(taken(title="An older piece, mended", slug="another-slug"))


# --- What was changed past them is found ----------------------------------------------------------------


def test_status(alice, bob):
    piece = piece_in(Status.EDITING, author=alice, editor=bob)
    Article.objects.filter(pk=piece.pk).update(status=Status.SUBMITTED)
    (found,) = replay.replay(piece)
    assert (found.field, found.replayed, found.stored) == ("status", "editing", "submitted")
    assert found.event.transition == "accept"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("published_at", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
        ("published_on", datetime.date(2020, 1, 1)),
        ("slug", "tampered"),
        ("how_reviewed", "Reviewed by ten referees"),
        ("how_approved", ""),
        ("corresponding", None),
    ],
)
def test_columns_of_the_piece(field, value, alice, bob):
    piece = piece_in(Status.PUBLISHED, author=alice, editor=bob)
    Article.objects.filter(pk=piece.pk).update(**{field: value})
    assert fields(piece) == {field}


@pytest.mark.parametrize("field", ["live", "latest"])
def test_pointers(field, alice, bob):
    piece = piece_in(Status.PUBLISHED, author=alice, editor=bob)
    Article.objects.filter(pk=piece.pk).update(**{field: piece.revisions.get(number=1)})
    assert fields(piece) == {field}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("editor", None),
        ("second_editor", "bob"),
        ("copy_editor", "bob"),
        ("since", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
        ("due_on", datetime.date(2020, 1, 1)),
        ("came_from", "editing"),
        ("submitted_revision", None),
        ("withdrawal_asked_at", datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
    ],
)
def test_columns_of_the_handling(field, value, alice, bob):
    piece = piece_in(Status.APPROVAL, author=alice, editor=bob)
    Handling.objects.filter(article=piece).update(**{field: bob if value == "bob" else value})
    assert fields(piece) == {field}


def test_answers_and_publications(alice, bob):
    piece = piece_in(Status.PUBLISHED, author=alice, editor=bob)
    given = piece.approvals.get()
    Approval.objects.filter(pk=given.pk).update(state=Approval.State.VOID)
    made = Approval.objects.create(article=piece, revision=piece.latest, by=alice)
    shown = Publication.objects.create(
        article=piece, revision=piece.latest, kind="correction", note="Tampered", by=bob, at=timezone.now()
    )
    found = fields(piece)
    assert {f"approval {given.pk}: state", f"approval {made.pk}: state", f"publication {shown.pk}: kind"} <= found
    assert f"approval {given.pk}: by" not in found


def test_what_was_mended_again_by_a_step_is_found_all_the_same(alice, bob, bea):
    """Taken over past the workflow, and then properly by a third: the event itself shows it."""
    piece = piece_in(Status.EDITING, author=alice, editor=bob)
    Handling.objects.filter(article=piece).update(editor=None)
    writing.assign(piece, by=bea, editor=bea)
    (found,) = replay.replay(piece)
    assert (found.field, found.replayed, found.stored) == ("editor before the event", bob.pk, None)
    assert found.event.transition == "assign"


def event(piece: Article, transition: str, source: str, target: str, **data: Any) -> Event:
    return Event.objects.create(
        article=piece, transition=transition, from_status=source, to_status=target, revision=piece.latest,
        data={"set": {}} | data,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("transition", "source", "target", "field"),
    [
        ("publish", "submitted", "submitted", "status after the event"),
        ("accept", "submitted", "ready", "status after the event"),
        ("accept", "editing", "editing", "status before the event"),
        ("step_back", "submitted", "draft", "status after the event"),
        ("assign", "submitted", "editing", "status after the event"),
        ("begin", "submitted", "submitted", "status after the event"),
        ("conjured", "submitted", "submitted", "event"),
    ],
)
def test_steps_that_do_not_follow(transition, source, target, field, alice, bob):
    piece = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    made = event(piece, transition, source, target)
    assert (field, made) in {(one.field, one.event) for one in replay.replay(piece)}


def test_a_letter_that_was_left_out(alice, bob):
    piece = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    written = Letter.objects.filter(article=piece).first()
    made = event(piece, "assign", "submitted", "submitted", letters_left_out=[written.kind])
    assert fields(piece) == set()
    Letter.objects.create(
        article=piece, event=made, kind=written.kind, recipient=alice, address="a@example.org", subject="S", text="T",
        is_to_author=True, mail=_mail(),
    )  # fmt: skip
    assert len(fields(piece)) == 1


def _mail() -> Any:
    from django.core.mail import EmailMultiAlternatives

    from forum import mail

    return mail.post(EmailMultiAlternatives("S", "T", "a@example.org", ["b@example.org"]))


# --- Events from before anything was recorded -----------------------------------------------------------


@pytest.fixture
def as_before(monkeypatch) -> None:
    """Events are written as they were once: without what they set."""
    original = Event.save

    def save(self: Event, *args: Any, **kwargs: Any) -> None:
        self.data = {k: v for k, v in self.data.items() if k not in ("set", "approvals", "publications")}
        original(self, *args, **kwargs)

    monkeypatch.setattr(Event, "save", save)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.APPROVAL, Status.PUBLISHED, Status.TAKEN_DOWN])
def test_older_events_are_counted_not_reported(status, as_before, alice, bob, mara):
    piece = piece_in(status, author=alice, editor=bob, manager=mara)
    outcome = outcome_of(piece)
    assert outcome.differences == []
    assert {"since", "corresponding"} <= set(outcome.not_recorded)
    Article.objects.filter(pk=piece.pk).update(how_reviewed="Reviewed by ten referees")
    assert fields(piece) == set()


def test_what_older_events_tell_is_compared(as_before, alice, bob):
    piece = piece_in(Status.PUBLISHED, author=alice, editor=bob)
    Article.objects.filter(pk=piece.pk).update(published_at=timezone.now() - datetime.timedelta(days=9), live=piece.revisions.get(number=1))  # fmt: skip
    assert fields(piece) == {"published_at", "live"}


def test_what_follows_older_events_is_known(monkeypatch, alice, bob, bea):
    with monkeypatch.context() as then:
        then.setattr(recording, "changed", lambda before, after: {})
        piece = piece_in(Status.EDITING, author=alice, editor=bob)
    writing.assign(piece, by=bob, editor=bea)
    Handling.objects.filter(article=piece).update(editor=bob)
    assert fields(piece) == {"editor"}


# --- Other rooms ---------------------------------------------------------------------------------------


def test_a_room_adds_its_own(alice, bob, monkeypatch):
    class Visits(replay.Fold):
        name, events = "visits", frozenset({"visited"})

        def event(self, ledger: replay.Ledger, event: Event) -> None:
            for pk, who in event.data.get("visits", []):
                ledger.tell_row("visit", pk, event, who=who)

        def stored(self, article: Article) -> dict[str, Any]:
            return {"visit 7: who": "kim"}

    piece = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    monkeypatch.setattr(replay, "FOLDS", dict(replay.FOLDS))
    event(piece, "visited", "submitted", "submitted", visits=[[7, "lee"]])
    assert fields(piece) == {"event"}
    replay.register(Visits())
    (found,) = replay.replay(piece)
    assert str(found) == "visit 7: who: lee → kim"
    assert found.event.transition == "visited"


def test_every_effect_that_chooses_is_one_of_the_table():
    from editorial.registry import EFFECTS

    assert replay.CHOICES.keys() <= EFFECTS.keys()
    assert folds.PieceFold.name in replay.FOLDS


# --- The command ----------------------------------------------------------------------------------------


def run(*args: str, **options: Any) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("verify_history", *args, stdout=out, stderr=out, **options)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_what_where_and_since_when(alice, bob):
    right, wrong = (
        piece_in(Status.EDITING, author=alice, editor=bob),
        piece_in(Status.EDITING, author=alice, editor=bob),
    )
    assert run() == (0, f"2 pieces replayed from {Event.objects.count()} events: none differs.\n")
    Handling.objects.filter(article=wrong).update(editor=None)
    code, said = run()
    assert code == 1
    last = wrong.events.get(transition="accept")
    assert f"Piece {wrong.pk}, “{wrong.latest.title}”, is not what its events tell:" in said
    assert f"  editor: {bob.pk} → nothing (event {last.pk}, accept, " in said
    assert "1 difference in 1 piece (replayed → stored)." in said
    assert run(str(right.pk))[0] == 0
    assert run(str(wrong.pk), verbosity=0)[0] == 1


def test_the_command_counts_what_older_events_do_not_tell(as_before, alice):
    draft(alice)
    code, said = run(verbosity=2)
    assert code == 0
    assert "not recorded: slug, corresponding, since" in said
    assert "3 values of 1 piece were not compared" in said


@pytest.mark.parametrize("wanted", ["0", "-5", "999999", "9" * 40])
def test_pieces_that_are_not_there(wanted, alice):
    draft(alice)
    with pytest.raises(CommandError, match="There is no piece"):
        call_command("verify_history", "--", wanted)


def test_interrupted(alice, monkeypatch):
    draft(alice)

    def stop(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(replay, "check", stop)
    code, said = run()
    assert (code, said) == (130, "Stopped after 0 pieces; 0 of them differ so far.\n")


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit):
        call_command("verify_history", "--help")
    assert "Example: manage.py verify_history" in capsys.readouterr().out


def test_a_step_taken_meanwhile_is_no_difference(alice, bob, monkeypatch):
    """Between two of our queries the piece moved on; it is read again under its lock."""
    piece = piece_in(Status.SUBMITTED, author=alice, editor=bob)
    original, seen = replay.check, []

    def check(article: Article) -> replay.Outcome:
        if not seen:
            seen.append(article)
            article.status = Status.EDITING
        return original(article)

    monkeypatch.setattr(replay, "check", check)
    assert [(found.pk, outcome.differences) for found, outcome in replay.check_all()] == [(piece.pk, [])]


def test_no_more_queries_for_more_pieces(alice, bob, monkeypatch):
    piece_in(Status.PUBLISHED, author=alice, editor=bob)
    with CaptureQueriesContext(connection) as one:
        assert run()[0] == 0
    for _ in range(2):
        piece_in(Status.PUBLISHED, author=alice, editor=bob)
    with CaptureQueriesContext(connection) as three:
        assert run()[0] == 0
    assert len(one) == len(three) == 9
    # A few at a time: the pieces are never all in memory.
    monkeypatch.setattr(replay, "AT_ONCE", 2)
    assert [article.pk for article, _ in replay.check_all()] == sorted(Article.objects.values_list("pk", flat=True))
