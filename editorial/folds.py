"""What `editorial.replay` folds of this room: the piece with its handling, approvals, publications, letters."""

import datetime
from typing import Any

from django.db.models import Prefetch

from articles.models import Article, Publication
from articles.status import PUBLIC, Status
from editorial import recording, replay
from editorial.effects import STEP_BACK
from editorial.models import Approval, Event, Letter
from editorial.replay import BEGIN, Fold, Ledger
from editorial.workflow import BY_NAME


def is_recorded(event: Event) -> bool:
    """Whether the event says what it set; older ones do not."""
    return "set" in event.data


def may_set_anything(event: Event) -> bool:
    return event.transition == BEGIN or event.transition in BY_NAME


class PieceLedger(Ledger):
    def __init__(self, last: int | None) -> None:
        super().__init__()
        # The newest version that there is, and the newest of which an event told so far.
        self.last, self.newest = last, 0
        self.tell("latest", last, None)

    def see(self, revision: int, status: str | None) -> None:
        """Until readers have the piece its slug follows the title with each version, without an event."""
        if revision > self.newest:
            if self.newest and status not in PUBLIC:
                self.leave("slug")
            self.newest = revision

    def compare(self, stored: Any) -> tuple[list[replay.Difference], list[str]]:
        self.see(self.last or 0, self.values.get("status"))
        return super().compare(stored)


class PieceFold(Fold):
    """Status, pointers, printed lines, and who handles it since when."""

    name = "piece"

    def start(self, article: Article) -> Ledger:
        return PieceLedger(max((revision.pk for revision in article.revisions.all()), default=None))

    def event(self, ledger: Ledger, event: Event) -> None:
        assert isinstance(ledger, PieceLedger)
        before = ledger.values.get("status")
        if event.from_status != (before or ""):
            ledger.problem("status before the event", before, event.from_status or None, event)
        allowed = replay.may_become(event)
        if allowed is not None and event.to_status not in allowed:
            where = " or ".join(sorted(allowed)) or f"not possible from {event.from_status or 'nothing'}"
            ledger.problem("status after the event", where, event.to_status, event)
        ledger.tell("status", event.to_status, event)
        ledger.see(event.revision_id, before)
        if not is_recorded(event):
            self._lose(ledger, event)
        elif event.transition == BEGIN:
            for name in recording.COLUMNS:
                ledger.tell(name, None, event)
        for name, (old, new) in event.data.get("set", {}).items():
            # The slug may have followed the title since.
            if name != "slug" and ledger.knows(name) and ledger.values[name] != old:
                ledger.problem(f"{name} before the event", ledger.values[name], old, event)
            ledger.tell(name, new, event)

    @staticmethod
    def _lose(ledger: Ledger, event: Event) -> None:
        changes = event.data.get("changes", {})
        if may_set_anything(event):
            for name in recording.COLUMNS:
                ledger.lose(name)
            if event.to_status not in PUBLIC:
                # The database holds the two to the status.
                ledger.tell("live", None, event)
                ledger.tell("published_at", None, event)
            elif "published_at" in event.data:
                ledger.tell("live", event.revision_id, event)
                ledger.tell("published_at", datetime.datetime.fromisoformat(event.data["published_at"]), event)
        elif event.transition == "assign":
            for name in changes:
                ledger.lose(name)
        elif event.transition == "change_details":
            if "slug" in changes:
                ledger.tell("slug", changes["slug"][1], event)
            if "corresponding" in changes:
                ledger.lose("corresponding")
            if "bylines" in changes:
                ledger.lose("how_approved")

    def stored(self, article: Article) -> dict[str, Any]:
        found = {"status": article.status, "latest": article.latest_id}
        return found | recording.columns(article, getattr(article, "handling", None))


class ApprovalsFold(Fold):
    """Who was asked about which text, and what they answered."""

    name, prefetch = "approvals", ("approvals",)

    def event(self, ledger: Ledger, event: Event) -> None:
        if not is_recorded(event) and (may_set_anything(event) or "bylines" in event.data.get("changes", {})):
            ledger.lose_rows("approval")
        for what, *rest in event.data.get("approvals", []):
            match what, rest:
                case "asked", [pk, by]:
                    self._ask(ledger, event, pk, by=by)
                case "settled", [pk]:
                    self._ask(ledger, event, pk, by=None)
                    ledger.tell_row("approval", pk, event, state=Approval.State.SETTLED, answered_at=event.at)
                case (("given" | "objected"), [pk]):
                    ledger.tell_row("approval", pk, event, state=what, answered_at=event.at)
                case "void", []:
                    self._void(ledger, event, Approval.State.ASKED, answered_at=event.at)
                    self._void(ledger, event, Approval.State.GIVEN, Approval.State.SETTLED)
                case "void_answered", []:
                    self._void(ledger, event, Approval.State.GIVEN, Approval.State.SETTLED)
                case _:
                    ledger.problem("approvals", "something that is known", what, event)

    @staticmethod
    def _ask(ledger: Ledger, event: Event, pk: int, *, by: int | None) -> None:
        ledger.tell_row(
            "approval", pk, event, state=Approval.State.ASKED, by=by, revision=event.revision_id, asked_at=event.at, answered_at=None,
        )  # fmt: skip

    @staticmethod
    def _void(ledger: Ledger, event: Event, *states: Approval.State, **columns: Any) -> None:
        for pk in ledger.rows("approval", "state", states):
            ledger.tell_row("approval", pk, event, state=Approval.State.VOID, **columns)

    def stored(self, article: Article) -> dict[str, Any]:
        return replay.rows_of(
            "approval", article.approvals.all(),
            lambda row: {
                "state": row.state, "by": row.by_id, "revision": row.revision_id, "asked_at": row.asked_at, "answered_at": row.answered_at,
            },
        )  # fmt: skip


class PublicationsFold(Fold):
    """What readers were given, and when."""

    name, prefetch = "publications", ("publications",)

    def event(self, ledger: Ledger, event: Event) -> None:
        if not is_recorded(event) and may_set_anything(event):
            ledger.lose_rows("publication")
        for what, *rest in event.data.get("publications", []):
            match what, rest:
                case "given", [pk, kind, revision, at, note]:
                    ledger.tell_row(
                        "publication", pk, event, kind=kind, revision=revision, at=at, note=note, by=event.by_id
                    )
                case "not_yet_gone", []:
                    for pk in ledger.rows("publication", "kind", (Publication.Kind.FIRST,)):
                        at = ledger.values[f"publication {pk}: at"]
                        if datetime.datetime.fromisoformat(at) > event.at:
                            ledger.drop_row("publication", pk)
                case _:
                    ledger.problem("publications", "something that is known", what, event)

    def stored(self, article: Article) -> dict[str, Any]:
        return replay.rows_of(
            "publication", article.publications.all(),
            lambda row: {"kind": row.kind, "revision": row.revision_id, "at": row.at, "note": row.note, "by": row.by_id},
        )  # fmt: skip


class LettersFold(Fold):
    """A letter that was left out was not written, and each belongs to a step of its own piece."""

    name = "letters"
    prefetch = (Prefetch("letters", Letter.objects.order_by("pk").only("article_id", "event_id", "kind")),)

    def event(self, ledger: Ledger, event: Event) -> None:
        """What letters there were is no event's to tell; `stored` finds those that can't be."""

    def stored(self, article: Article) -> dict[str, Any]:
        events = {event.pk: event for event in article.events.all()}
        found = {}
        for letter in article.letters.all():
            if letter.event_id not in events:
                found[f"letter {letter.pk}: event"] = f"{letter.event_id}, of another piece"
            elif letter.kind in events[letter.event_id].data.get("letters_left_out", []):
                found[f"letter {letter.pk}: kind"] = f"{letter.kind}, which event {letter.event_id} left out"
        return found


replay.register(PieceFold())
replay.register(ApprovalsFold())
replay.register(PublicationsFold())
replay.register(LettersFold())

# Where a piece was when it was sent to referees.
FROM_REFEREES = (Status.SUBMITTED, Status.EDITING)
PUBLIC_AGAIN = (Status.PUBLISHED, Status.RETRACTED)
replay.may_lead("back_to_origin", (Status.SUBMITTED, Status.IN_REVIEW, Status.EDITING))
replay.may_lead("one_step_back", lambda source: FROM_REFEREES if source == Status.IN_REVIEW else {STEP_BACK[source]})
replay.may_lead("hold_back", lambda source: {Status.READY if source == Status.PUBLISHED else source})
replay.may_lead("record_approval", (Status.APPROVAL, Status.READY))
replay.may_lead("give_back_to_readers", PUBLIC_AGAIN)
replay.may_lead("record_what_followed", PUBLIC_AGAIN)
