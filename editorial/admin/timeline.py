"""What happened to a piece, newest first, in plain words."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import access, appearance, outbox, rooms, workflow
from editorial.admin import words
from editorial.letter_words import KINDS
from editorial.models import Event, Letter
from forum.models import Mail

WHAT = {
    "begin": "Begun",
    "submit": "Submitted",
    "review_in_house": "Taken into review in house",
    "request_revision": "Revision asked for",
    "resubmit": "Revision sent",
    "accept": "Accepted",
    "decline": "Declined",
    "withdraw": "Withdrawn by the author",
    "ask_withdrawal": "The author asked to withdraw it",
    "confirm_withdrawal": "Withdrawn, as the author asked",
    "refuse_withdrawal": "Kept, though the author asked to withdraw it",
    "request_approval": "Author’s approval asked for",
    "approve": "Approved by an author",
    "object": "An author objected",
    "settle_approval": "Approval settled",
    "step_back": "Stepped back",
    "publish": "Published",
    "unschedule": "Unscheduled",
    "update": "Changes published",
    "retract": "Retracted",
    "reinstate": "Reinstated",
    "take_down": "Taken down",
    "restore": "Given back to readers",
    "send_to_review": "Sent to referees",
    "take_back": "The decision was taken back before it went",
    "conflict_declared": "A conflict was declared",
    "conflict_overridden": "A declared conflict was overridden",
    "please_not": "The author changed whom they do not want as a referee",
    "deadline_moved": "Another day was set",
    "reminder_sent": "A reminder went",
    "reminder_skipped": "A reminder was skipped",
    "reminder_restored": "A skipped reminder will go after all",
    "letter_stopped": "A letter was stopped before it went",
    "letter_hurried": "A letter that waited was sent at once",
    "letter_sent_after_all": "A letter that was stopped goes after all",
    "seal": "A text removed from the public history",
    "reopen": "Reopened",
    "assign": "Assigned",
    "change_details": "Details changed",
    "coauthor_invited": "A co-author invited",
    "coauthor_joined": "A co-author joined and confirmed the byline",
    "coauthor_refused": "A co-author does not want to be named",
    "coauthor_cancelled": "An invitation taken back",
    "byline_confirmed": "Byline confirmed",
    "import": "Brought in from elsewhere",
    "import_again": "What followed elsewhere was brought in",
}
FIELDS = {
    "slug": "Slug",
    "language": "Language",
    "translation_of": "Translation of",
    "licence": "Licence",
    "doi": "DOI",
    "series": "Special feature",
    "series_position": "Place in the special feature",
    "first_appeared": "First published by",
    "first_appeared_url": "Its address there",
    "regions": "Regions",
    "tags": "Tags",
    "bylines": "Bylines",
    "editor": "Editor",
    "second_editor": "Second editor",
    "copy_editor": "Copy editor",
    "corresponding": "Corresponding author",
    "conflict_of_interest": "Conflict of interest",
    "appeared_elsewhere": "Where else it appeared",
}
# Words of the table that the timeline says shorter than the step's form does.
SAID = {
    "person": "Person",
    "message": "Words in the letter",
    "public_note": "Public note",
    "second_editor": "Second editor",
    "how": "How",
    "kind": "Kind",
    "version": "Version",
    "coauthor": "Name",
    "what": "What is due",
}
VALUES = dict(workflow.KINDS) | dict(workflow.WAYS)


@dataclass
class Waiting:
    """Whether a letter waits in the outbox, and what can be done about it."""

    # As in 14:32, or with its day where that is another.
    goes_at: str = ""
    # It goes with a decision, and is stopped with it.
    is_of_decision: bool = False
    is_stopped: bool = False
    can_follow: bool = False


@dataclass
class Sent:
    """One letter on the timeline."""

    letter: Letter
    state: str
    tone: str
    has_failed: bool
    wait: "Waiting"


@dataclass
class Moment:
    """One entry of the timeline, ready to print."""

    what: str
    who: str
    at: datetime.datetime
    when: str
    note: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)
    letters: list[Sent] = field(default_factory=list)


def timeline(article: Article, viewer: User) -> list[Moment]:
    """Every event of the piece with its letters, newest first, as this person of the desk may read it."""
    events = article.events.select_related("by").order_by("-at", "-pk")
    seen = appearance.seen_by(article, viewer)
    letters: dict[int, list[Sent]] = {}
    for letter in access.letters_for(viewer, article):
        letter.article = article
        letters.setdefault(letter.event_id, []).append(sent(letter))
    return [
        Moment(
            what=what(event), who=seen.who(event), at=event.at, when=words.moment(event.at), note=seen.note(event),
            lines=seen.lines(event, lines(event.data)), letters=letters.get(event.pk, []),
        )
        for event in events
    ]  # fmt: skip


def sent(letter: Letter) -> Sent:
    state = Mail.State(letter.mail.state)
    tone = {Mail.State.SENT: "public", Mail.State.FAILED: "bad"}.get(state, "soon")
    return Sent(letter, state.label, tone, state == Mail.State.FAILED, waiting(letter, timezone.now()))


def waiting(letter: Letter, now: datetime.datetime) -> Waiting:
    """How a letter stands in the outbox."""
    if letter.mail.state == Mail.State.STOPPED:
        return Waiting(is_stopped=True, can_follow=outbox.can_follow(letter))
    if not outbox.waits(letter, now):
        return Waiting()
    assert letter.mail.not_before is not None
    at = timezone.localtime(letter.mail.not_before)
    said = f"{at:%H:%M}" if at.date() == timezone.localdate(now) else words.moment(at)
    return Waiting(said, is_of_decision=outbox.is_of_decision(letter, letter.article.handling))


def what(event: Event) -> str:
    """The step, and where it led when it led somewhere else."""
    said = (
        WHAT.get(event.transition)
        or rooms.EVENT_WORDS.get(event.transition)
        or (
            workflow.BY_NAME[event.transition].label
            if event.transition in workflow.BY_NAME
            else event.transition.replace("_", " ").capitalize()
        )
    )
    if (
        event.transition == "publish"
        and (at := parse_datetime(str(event.data.get("published_at", ""))))
        and at > event.at
    ):
        return f"Scheduled for {words.moment(at)}"
    if event.from_status and event.from_status != event.to_status:
        return f"{said}: now {Status(event.to_status).label}"
    return said


def lines(data: dict[str, Any]) -> list[tuple[str, str]]:
    """What else the event recorded, each with its name."""
    found = [
        (FIELDS.get(key, key.replace("_", " ").capitalize()), f"{_plain(old)} → {_plain(new)}")
        for key, (old, new) in data.get("changes", {}).items()
    ]
    found += [(label, VALUES.get(str(data[key]), str(data[key]))) for key, label in SAID.items() if data.get(key)]
    if due := parse_date(str(data.get("due_on", ""))):
        found.append(("Due on", words.day(due)))
    for key, said in (("letters_changed", "changed by hand before it went"), ("letters_left_out", "not sent")):
        found += [(f"Letter “{_letter(kind)}”", said) for kind in data.get(key, [])]
    if "copy_fixes_since" in data:
        found.append(("After the approval", "copy fixes, of which the author was told"))
    return found


def _letter(kind: str) -> str:
    return KINDS[kind].label if kind in KINDS else kind


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value) or "none"
    return str(value) or "none"
