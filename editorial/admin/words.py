"""What the desk says about a piece, in plain words. Moments are told in the time zone that is active."""

import datetime
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import queue, rooms

HOLDERS = {queue.AUTHOR: "Author", queue.EDITOR: "Editor", queue.REFEREE: "Referees", queue.NOBODY: "Nobody"}
TONES = {
    Status.SUBMITTED: "soon",
    Status.EDITING: "yours",
    Status.READY: "yours",
    Status.REVISING: "theirs",
    Status.APPROVAL: "theirs",
    Status.IN_REVIEW: "theirs",
    Status.DRAFT: "theirs",
    Status.PUBLISHED: "public",
    Status.RETRACTED: "bad",
    Status.TAKEN_DOWN: "bad",
}
# What an editor does next where it is the editors' turn.
NEXT = {
    Status.PITCHED: "Take it up, or decline",
    Status.SUBMITTED: "Read it and decide",
    Status.EDITING: "Edit it, then ask for the author’s approval",
    Status.READY: "Publish it, or choose its moment",
    Status.PUBLISHED: "Publish the changes",
}
# Where it is an author's turn, and the day has passed.
LATE = {
    Status.REVISING: "The revision is late: remind the author, set another day, or decline",
    Status.APPROVAL: "The approval is late: remind the author, set another day, or step back",
}


@dataclass(frozen=True)
class Pill:
    """A word or two about where a piece stands, with the tone that supports it."""

    text: str
    tone: str = ""

    def __html__(self) -> SafeString:
        return format_html('<span class="pill{}">{}</span>', f" is-{self.tone}" if self.tone else "", self.text)

    __str__ = __html__


def day(date: datetime.date) -> str:
    """As in 3 March 2026."""
    return formats.date_format(date, "j F Y")


def moment(at: datetime.datetime) -> str:
    """As in 3 March 2026, 14:05."""
    return formats.date_format(timezone.localtime(at), "j F Y, H:i")


def days(count: int) -> str:
    """How long something has waited."""
    return "since today" if count == 0 else "1 day" if count == 1 else f"{count} days"


def title(article: Article) -> str:
    return article.latest.title or "Untitled"


def standing(article: Article, now: datetime.datetime) -> list[Pill]:
    """The status, and what follows from the dates and texts of the piece."""
    status = Status(article.status)
    if article.is_scheduled(now):
        assert article.published_at is not None
        pills = [Pill(f"Scheduled for {moment(article.published_at)}", "soon")]
    else:
        pills = [Pill(status.label.capitalize(), TONES.get(status, ""))]
    if article.is_public(now) and article.has_pending_edits:
        pills.append(Pill("Changes not published", "yours"))
    if article.handling.withdrawal_asked_at:
        pills.append(Pill("Author asks to withdraw", "soon"))
    return pills


def now_it_is(article: Article, now: datetime.datetime) -> str:
    """The same within a sentence, as in “scheduled for 3 March 2026, 14:05, changes not published”."""
    return ", ".join(pill.text[:1].lower() + pill.text[1:] for pill in standing(article, now))


def next_step(article: Article, now: datetime.datetime, user: User) -> str:
    """What waits for this person of the desk."""
    if not user.has_perm("editorial.decide"):
        return "Edit the text" if article.status == Status.EDITING else ""
    if article.handling.withdrawal_asked_at:
        return "Answer the author’s wish to withdraw it"
    if article.is_scheduled(now):
        return ""
    if said := rooms.NEXT_WORDS.get(article.status):
        return said(article, user, now)
    if article.status in LATE and queue.is_desks(article, now):
        return LATE[Status(article.status)]
    return NEXT.get(Status(article.status), "")


def readers_see(article: Article, now: datetime.datetime) -> str:
    """What readers get at the address of a piece; empty where they never had one."""
    if article.status == Status.RETRACTED:
        return "Readers see the text as it was, under a notice with the public reason. It is on no list, in no feed and not in the search."
    if article.status == Status.TAKEN_DOWN:
        return "Readers who come to its address are told that it is gone, and nothing of it stands anywhere else. The texts and the history are kept: a managing editor can restore it."
    if article.status == Status.PUBLISHED and article.is_public(now) and article.has_pending_edits:
        return "Readers see the text as it was published last, without the changes made since."
    return ""


def whose_turn(article: Article, holder: str, user: User) -> str:
    """The person, where it is known, else the kind of person."""
    if holder == queue.EDITOR:
        editor = article.handling.editor
        return "You" if editor == user else str(editor) if editor else "Editor, nobody yet"
    return HOLDERS[holder]
