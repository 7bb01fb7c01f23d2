"""Whose turn it is, and since when: always known, said in plain words to each kind of person."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import access, rooms
from editorial.models import Approval, Event

AUTHOR, EDITOR, REFEREE, NOBODY = "author", "editor", "referee", "nobody"

# Who holds the turn in each state. With edits pending on a public piece it is the editor's; see `turn`.
HOLDERS: dict[Status, str] = {
    Status.PITCHED: EDITOR,
    Status.DRAFT: AUTHOR,
    Status.SUBMITTED: EDITOR,
    Status.IN_REVIEW: REFEREE,
    Status.REVISING: AUTHOR,
    Status.EDITING: EDITOR,
    Status.APPROVAL: AUTHOR,
    Status.READY: EDITOR,
    Status.PUBLISHED: NOBODY,
    Status.TAKEN_DOWN: NOBODY,
    Status.RETRACTED: NOBODY,
    Status.DECLINED: NOBODY,
    Status.WITHDRAWN: NOBODY,
}

WORDS_FOR_AUTHOR: dict[Status, str] = {
    Status.DRAFT: "Your draft. Only you see it. Submit it when it is ready.",
    Status.SUBMITTED: "With the editors, who read it and decide. We write to you.",
    Status.IN_REVIEW: "With referees.",
    Status.REVISING: "Your turn: revise the text and send it back.",
    Status.EDITING: "Accepted. An editor is working on the text; you will be shown every change.",
    Status.APPROVAL: "Your turn: look at what was changed, and approve it or object.",
    Status.READY: "Approved. An editor chooses when it is published.",
    Status.PUBLISHED: "Published.",
    Status.TAKEN_DOWN: "Taken down. Readers who come to its address are told that it is gone. The letter says more.",
    Status.RETRACTED: "Retracted. The page stays at its address, under a notice that says why, and is on no list.",
    Status.DECLINED: "Not accepted. The letter says why.",
    Status.WITHDRAWN: "Withdrawn. Nothing of it is published.",
}


@dataclass(frozen=True)
class Turn:
    """Whose turn it is with a piece (`author`, `editor`, `referee`, `nobody`), since when, and until when if a date is set."""

    holder: str
    since: datetime.datetime
    due_on: datetime.date | None = None

    def days(self, now: datetime.datetime) -> int:
        """Whole days that the holder has had the turn."""
        return max((now - self.since).days, 0)

    def is_overdue(self, today: datetime.date) -> bool:
        return self.due_on is not None and self.due_on < today


def turn(article: Article) -> Turn:
    """Whose turn it is with a piece."""
    handling = article.handling
    holder = HOLDERS[Status(article.status)]
    since = handling.since
    if article.status == Status.DRAFT and article.corresponding_id is None:
        holder = EDITOR  # begun for an author without an account, or by the publication itself
    if handling.withdrawal_asked_at:
        holder, since = EDITOR, handling.withdrawal_asked_at
    elif article.status == Status.IN_REVIEW and is_desks(article, timezone.now()):
        holder, since = EDITOR, handling.desk_from or since
    elif article.status == Status.PUBLISHED and article.is_public() and article.has_pending_edits:
        holder, since = EDITOR, article.latest.at
    return Turn(holder, since, handling.due_on)


def is_desks(article: Article, now: datetime.datetime) -> bool:
    """Whether an editor has something to do with the piece by now, such as with a late referee or a late revision."""
    return article.handling.desk_from is not None and article.handling.desk_from <= now


def as_authors_see(articles: Iterable[Article], now: datetime.datetime) -> None:
    """Put on pieces, in memory alone, what their authors are shown: for the portal, which shows nothing else.

    While a decision can be taken back they see the piece as it was before it, and one that was taken back never was.
    With referees they see since when it has been there, not when an editor had something to do with it.
    """
    found = []
    for article in articles:
        status = access.status_for_authors(article, now)
        if status != article.status:
            article.handling.due_on = None
        article.status = status
        if status == Status.IN_REVIEW:
            article.handling.desk_from = None
            found.append(article)
    if not found:
        return
    arrivals = Event.objects.filter(article__in=found, to_status=Status.IN_REVIEW).exclude(from_status=Status.IN_REVIEW)
    arrived = dict(arrivals.exclude(transition="take_back").order_by("at", "pk").values_list("article_id", "at"))
    for article in found:
        article.handling.since = arrived.get(article.pk, article.handling.since)


def words_for_author(article: Article, author: User, now: datetime.datetime) -> str:
    """Where the piece stands, as its author is told. Names no editor."""
    status = Status(article.status)
    if article.handling.withdrawal_asked_at:
        return "You asked to withdraw it. An editor confirms, or writes to you."
    if article.is_scheduled(now):
        return "Scheduled. It appears by itself."
    if status == Status.DRAFT and article.handling.editor_id:
        return "Your draft. An editor began it for you and can see it. Submit it when it is ready."
    if status == Status.APPROVAL and not is_asked(article, author):
        return "You approved it. Another author has still to answer."
    if status in access.AUTHORS_TURN and article.corresponding_id != author.pk:
        return "With its corresponding author."
    said = rooms.AUTHOR_WORDS.get(status)
    return said(article, now) if said else WORDS_FOR_AUTHOR[status]


def is_asked(article: Article, author: User) -> bool:
    """Whether this person's approval is still to come; from the prefetch where there is one."""
    return any(a.by_id == author.pk and a.state == Approval.State.ASKED for a in article.approvals.all())


def is_authors_turn(article: Article, author: User) -> bool:
    """Whether this author, not another above the piece, is the one to act."""
    if article.handling.withdrawal_asked_at:
        return False
    if article.status == Status.APPROVAL:
        return is_asked(article, author)
    return article.status in access.AUTHORS_TURN and article.corresponding_id == author.pk


def with_holder(pieces: QuerySet[Article], now: datetime.datetime | None = None) -> QuerySet[Article]:
    """Annotates `holder` and `since` for lists that sort and filter by them. Says the same as `turn`.

    `desk_since` is from when on an editor has something to do, also with what is late in an author's hands; nothing where
    nobody at the desk has.
    """
    asked = Q(handling__withdrawal_asked_at__isnull=False)
    pending = Q(status=Status.PUBLISHED, published_at__lte=now or timezone.now()) & ~Q(live=F("latest"))
    nobodys = Q(status=Status.DRAFT, corresponding=None)
    desks = Q(status=Status.IN_REVIEW, handling__desk_from__lte=now or timezone.now())
    late = Q(status__in=(Status.REVISING, Status.APPROVAL), handling__desk_from__lte=now or timezone.now())
    by_status = [When(status=status, then=Value(holder)) for status, holder in HOLDERS.items()]
    known = pieces.annotate(
        holder=Case(When(asked | pending | nobodys | desks, then=Value(EDITOR)), *by_status, output_field=CharField()),
        since=Case(
            When(asked, then=F("handling__withdrawal_asked_at")),
            When(pending, then=F("latest__at")),
            When(desks, then=F("handling__desk_from")),
            default=F("handling__since"),
        ),
    )
    return known.annotate(
        desk_since=Case(When(holder=EDITOR, then=F("since")), When(late, then=F("handling__desk_from")))
    )


def waiting_for_editors(user: User) -> QuerySet[Article]:
    """Pieces on this person's desk with which an editor has something to do: their own and those nobody handles, longest
    first. A late revision or approval is among them, though it is its author's turn."""
    pieces = with_holder(access.desk_pieces(user)).filter(desk_since__isnull=False)  # type: ignore[misc]  # annotated above
    if user.has_perm("editorial.decide"):
        nobodys = Q(handling__editor=None) | Q(handling__editor__is_active=False)
        pieces = pieces.filter(nobodys | Q(handling__editor=user) | Q(handling__second_editor=user))
    return pieces.select_related("latest", "handling__editor").order_by("desk_since", "pk")
