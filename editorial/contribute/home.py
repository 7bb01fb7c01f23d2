"""My pieces: whose turn it is with each and since when, in plain words."""

import datetime
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats, timezone

from accounts.models import User
from articles.models import Article, Revision
from articles.status import CLOSED, Status
from editorial import access, coauthors, queue, rooms
from editorial.contribute.door import for_authors, page, person
from editorial.contribute.texts import shown_texts
from editorial.models import Approval

STANDS: dict[str, str] = {
    Status.DRAFT: "Draft",
    Status.SUBMITTED: "With the editors",
    Status.IN_REVIEW: "With referees",
    Status.REVISING: "To revise",
    Status.EDITING: "In editing",
    Status.APPROVAL: "For approval",
    Status.READY: "Approved",
    Status.PUBLISHED: "Published",
    Status.TAKEN_DOWN: "Taken down",
    Status.RETRACTED: "Retracted",
    Status.DECLINED: "Not accepted",
    Status.WITHDRAWN: "Withdrawn",
}


@dataclass(frozen=True)
class Standing:
    """Where one piece stands, as one of its authors is told. What the partial portal/_piece takes."""

    title: str
    url: str
    status: str
    tone: str
    turn: str
    next: str
    is_mine_to_do: bool
    since: datetime.datetime
    action_url: str = ""
    action: str = ""
    due_on: datetime.date | None = None
    is_draft: bool = False
    is_published: bool = False
    is_closed: bool = False

    @property
    def urgency(self) -> tuple[bool, datetime.date, datetime.datetime]:
        """What sorts one's own turns: by the day they are due, then by how long they wait; drafts last."""
        return (self.is_draft, self.due_on or datetime.date.max, self.since)


@for_authors
def home(request: HttpRequest) -> HttpResponse:
    """The person's pieces: those that wait for them first, most urgent first; then the rest, newest movement first."""
    me = person(request)
    pieces = (
        access.own_pieces(me)
        .select_related("latest", "live", "handling")
        .prefetch_related("approvals", *rooms.WORDS_READ)
    )
    found = list(pieces.defer("latest__body", "live__body").order_by("-handling__since", "-pk"))
    titles = shown_texts(found)
    now = timezone.now()
    queue.as_authors_see(found, now)
    standings = [standing(piece, me, titles[piece.pk].title if piece.pk in titles else "", now=now) for piece in found]
    mine = sorted((s for s in standings if s.is_mine_to_do), key=lambda s: s.urgency)
    rest = [s for s in standings if not s.is_mine_to_do]
    context = {
        "tab": "pieces",
        "to_confirm": to_confirm(me, titles),
        "mine": mine,
        "others": [s for s in rest if not (s.is_published or s.is_closed)],
        "published": [s for s in rest if s.is_published],
        "closed": [s for s in rest if s.is_closed],
        "has_any": bool(found),
    }
    return page(request, "contribute/home.html", context)


@dataclass(frozen=True)
class ToConfirm:
    """A line of this person above a piece of others that waits for their word."""

    title: str
    name: str
    url: str
    is_invitation: bool


def to_confirm(me: User, titles: dict[int, Revision]) -> list[ToConfirm]:
    """Invitations to this person's addresses, then lines that somebody put above a piece for them."""
    invitations = list(coauthors.waiting_invitations(me))
    invited = shown_texts([one.article for one in invitations]) if invitations else {}
    found = [
        ToConfirm(
            invited[one.article_id].title if one.article_id in invited else "",
            one.name,
            reverse("contribute:invitation", args=[one.pk]),
            True,
        )
        for one in invitations
    ]
    for row in coauthors.waiting_bylines(me):
        title = titles[row.article_id].title if row.article_id in titles else ""
        found.append(ToConfirm(title, row.name, reverse("contribute:byline", args=[row.article_id]), False))
    return found


def standing(article: Article, me: User, title: str, *, now: datetime.datetime) -> Standing:
    """Where a piece stands, in the words of its author."""
    turn = queue.turn(article)
    is_mine = queue.is_authors_turn(article, me)
    action_url, action = _action(article, is_mine)
    return Standing(
        title=title,
        url=reverse("contribute:piece", args=[article.pk]),
        status=_stands(article, now),
        tone=_tone(article, is_mine, now),
        turn=_turn(article, me, turn, is_mine, now),
        next=queue.words_for_author(article, me, now),
        is_mine_to_do=is_mine,
        since=turn.since,
        action_url=action_url,
        action=action,
        due_on=turn.due_on,
        is_draft=article.status == Status.DRAFT,
        is_published=article.is_public(now),
        is_closed=article.status in CLOSED or article.status == Status.TAKEN_DOWN,
    )


def day(moment: datetime.datetime | datetime.date) -> str:
    """A date as the site prints it: 3 March 2026."""
    if isinstance(moment, datetime.datetime):
        moment = timezone.localtime(moment).date()
    return formats.date_format(moment, "j F Y")


def moment(at: datetime.datetime) -> str:
    """A date with its time, as on 3 March 2026 at 14:05."""
    return f"{day(at)} at {formats.date_format(timezone.localtime(at), 'H:i')}"


def _stands(article: Article, now: datetime.datetime) -> str:
    if article.handling.withdrawal_asked_at:
        return "To be withdrawn"
    return (
        "Scheduled"
        if article.is_scheduled(now)
        else STANDS.get(article.status, article.get_status_display().capitalize())
    )


def _tone(article: Article, is_mine: bool, now: datetime.datetime) -> str:
    if is_mine:
        return "yours"
    if article.is_scheduled(now):
        return "soon"
    if article.is_public(now):
        return "public"
    return "" if article.status in CLOSED or article.status == Status.TAKEN_DOWN else "theirs"


def _turn(article: Article, me: User, turn: queue.Turn, is_mine: bool, now: datetime.datetime) -> str:
    """Whose turn and since when, in a sentence or two."""
    if article.published_at and article.live_id:
        at = timezone.localtime(article.published_at)
        if article.is_scheduled(now):
            return f"Appears on {day(at)} at {formats.date_format(at, 'H:i')}."
        return f"Published on {day(article.published_on or at)}."
    since = day(turn.since)
    if turn.holder == queue.NOBODY:
        return f"Since {since}."
    days = turn.days(now)
    ago = "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
    if article.status == Status.IN_REVIEW:
        # Whether it waits for a referee or an editor changes with every answer, and would tell of each.
        return f"With referees since {since} ({ago})."
    if is_mine:
        holder = "Your turn"
    elif turn.holder == queue.AUTHOR:
        holder = "Another author’s turn"
    else:
        holder = "The editors’ turn"
    said = f"{holder} since {since} ({ago})."
    if turn.due_on and turn.holder == queue.AUTHOR:
        today = timezone.localtime(now).date()
        said += f" {'It was due' if turn.is_overdue(today) else 'Due'} on {day(turn.due_on)}."
    return said


def _action(article: Article, is_mine: bool) -> tuple[str, str]:
    """The one thing to do next, where it is theirs."""
    if not is_mine:
        return "", ""
    if article.status == Status.APPROVAL:
        return reverse("contribute:changes", args=[article.pk]), "See the changes"
    word = "Go on writing" if article.status == Status.DRAFT else "Revise"
    return reverse("contribute:write", args=[article.pk]), word


def asked_revision_id(article: Article, me: User) -> int | None:
    """The version that this person is asked to approve, if any."""
    return article.approvals.filter(by=me, state=Approval.State.ASKED).values_list("revision_id", flat=True).first()
