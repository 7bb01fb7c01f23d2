"""One of my pieces: where it stands, what I can do, the letters to me, the text, what happened."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Publication
from articles.pieces import Name as Printed
from articles.pieces import bios_of
from articles.status import CLOSED, Status
from articles.views.article import article_context
from editorial import access, coauthors, rooms
from editorial.contribute import home
from editorial.contribute.changes import comparisons
from editorial.contribute.door import for_authors, own_piece, page, person
from editorial.contribute.sheet import DECLARED
from editorial.contribute.steps import WORDING, why_not_now, words_of
from editorial.contribute.texts import names_shown, shown_text
from editorial.contribute.write import editors_letter, why_not_write
from editorial.models import Approval, Event
from editorial.workflow import BY_NAME

# Each step as authors are told: by themselves, and by others. What is not here is the desk's own business.
BY_ME: dict[str, str] = {
    "begin": "You began the piece",
    "submit": "You submitted it",
    "resubmit": "You sent a revision",
    "withdraw": "You withdrew it",
    "ask_withdrawal": "You asked to withdraw it",
    "approve": "You approved the text",
    "object": "You objected to the text",
    "coauthor_invited": "You invited a co-author",
    "coauthor_joined": "You joined as an author and confirmed your name",
    "coauthor_cancelled": "You took an invitation back",
    "byline_confirmed": "You confirmed your line above the piece",
}
BY_OTHERS: dict[str, str] = {
    "begin": "The piece was begun",
    "submit": "It was submitted",
    "send_to_review": "It was sent to referees",
    "review_in_house": "The editors took it on to review it themselves",
    "request_revision": "The editors asked for a revision",
    "resubmit": "A revision was sent",
    "accept": "It was accepted",
    "decline": "It was not accepted",
    "withdraw": "It was withdrawn",
    "ask_withdrawal": "An author asked to withdraw it",
    "confirm_withdrawal": "The withdrawal was confirmed",
    "refuse_withdrawal": "The editors keep it, and wrote to you",
    "request_approval": "You were shown the edited text and asked for approval",
    "approve": "An author approved the text",
    "object": "An author objected to the text",
    "settle_approval": "The approval was settled by the editors",
    "step_back": "The editors took a step back with it",
    "publish": "It was published",
    "unschedule": "It is no longer scheduled",
    "update": "The published text was changed",
    "retract": "It was retracted",
    "reinstate": "It was reinstated",
    "take_down": "It was taken down",
    "restore": "It is back with readers",
    "reopen": "It was opened again",
    "coauthor_invited": "A co-author was invited",
    "coauthor_joined": "A co-author joined",
    "coauthor_refused": "A co-author does not want to be named",
    "coauthor_cancelled": "An invitation was taken back",
    "byline_confirmed": "An author confirmed the line above the piece",
}
# Steps about one's own name, which need not be said.
OWN_LINE = frozenset({"coauthor_joined", "byline_confirmed"})
# Where what stands beside the text has been shown to its authors, or to everybody.
SETTLED = frozenset({Status.APPROVAL, Status.READY, Status.PUBLISHED, Status.RETRACTED})


@dataclass(frozen=True)
class Happened:
    """One line of the history. What the partial portal/_timeline takes."""

    what: str
    at: datetime
    who: str = ""
    note: str = ""


@for_authors
def piece(request: HttpRequest, pk: int) -> HttpResponse:
    """All that concerns one piece."""
    article = own_piece(request, pk)
    me = person(request)
    now = timezone.now()
    text = shown_text(article)
    asked = article.approvals.filter(by=me, state=Approval.State.ASKED).exists()
    is_authors = article.status in access.AUTHORS_TURN
    context = {
        "named": coauthors.named(article) if is_authors else [],
        "may_settle_names": not coauthors.why_not_settle(me, article),
        "own_line": own_line(article, me),
        "tab": "pieces",
        "article": article,
        "text": text,
        "names": names_shown(article),
        "standing": home.standing(article, me, text.title if text else "", now=now),
        "steps": steps_now(article, me),
        "may_write": not why_not_write(request, article),
        "asked": asked,
        "has_changes": asked or any(not c.is_same for c in comparisons(article, me)),
        "letter": editors_letter(request, article) if article.status == Status.REVISING else None,
        "letters": access.letters_for(me, article),
        "panels": [panel(request, article) for panel in rooms.PORTAL_PANELS],
        "history": history(article, me, now),
        "declared": declared(article, me),
        "public_url": article.get_absolute_url() if article.is_public(now) else "",
        "is_corresponding": article.corresponding_id == me.pk,
    }
    return page(request, "contribute/piece.html", context)


def own_line(article: Article, me: User) -> dict[str, object] | None:
    """This person's own line above a piece that another corresponds for, and whether it waits for their word."""
    byline = article.bylines.filter(author__user=me).first()
    if byline is None or article.corresponding_id == me.pk or article.status in CLOSED:
        return None
    is_open = not coauthors.why_not_reword(me, article)
    return {"byline": byline, "is_waiting": byline.confirmed_at is None and is_open, "is_open": is_open}


@for_authors
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The piece as a reader would see it: the version that its authors may read."""
    article = own_piece(request, pk)
    text = shown_text(article)
    if text is None:
        return page(request, "contribute/nothing_yet.html", {"tab": "pieces", "article": article})
    context = article_context(article, text, timezone.now(), preview=True)
    shown = context["article"]
    if article.status not in SETTLED:
        # What editors prepare beside the text is theirs until they show it.
        shown.region_list, shown.tag_list, shown.series, context["trust"] = [], [], None, []
        shown.byline_list = [Printed(n.name, "", n.details, "", n.role, "") for n in names_shown(article)]
        context["bios"] = bios_of(shown.byline_list)
    return page(request, "contribute/preview.html", {**context, "back_url": reverse("contribute:piece", args=[pk])})


def steps_now(article: Article, me: User) -> list[dict[str, object]]:
    """The steps that are this person's now; approving has its own page, where the changes are."""
    return [
        {
            "words": words_of(BY_NAME[name], article),
            "url": reverse("contribute:step", args=[article.pk, name]),
            "is_grave": BY_NAME[name].is_grave,
        }
        for name in WORDING
        if name not in ("approve", "object") and not why_not_now(me, article, BY_NAME[name])
    ]


def history(article: Article, me: User, now: datetime) -> list[Happened]:
    """What happened, newest first, without the desk's names and notes."""
    events = happened(article, now)
    notes = {p.at: p.note for p in article.publications.all() if p.kind != Publication.Kind.COPY_FIX}
    return [line for event in events if (line := _line(event, me, notes))]


def happened(article: Article, now: datetime) -> list[Event]:
    """The events that authors may know of, newest first: not a decision that can still be taken back, nor one that was."""
    shown: list[Event] = []
    is_taken_back = is_held = False
    if (until := article.handling.held_until) is not None:
        is_held = until > now
    for event in article.events.order_by("-at", "-pk"):
        if event.transition == "take_back":
            is_taken_back = True
        elif (
            event.from_status == Status.IN_REVIEW and event.to_status != Status.IN_REVIEW and (is_taken_back or is_held)
        ):
            is_taken_back = is_held = False
        else:
            shown.append(event)
    return shown


def _line(event: Event, me: User, notes: dict[datetime, str]) -> Happened | None:
    is_mine = event.by_id == me.pk
    what = BY_ME.get(event.transition) if is_mine else None
    what = what or BY_OTHERS.get(event.transition)
    if what is None:
        return None
    at = timezone.localtime(event.at)
    if (name := event.data.get("coauthor")) and not (is_mine and event.transition in OWN_LINE):
        what += f": {name}"
    if is_mine:
        said = "\n\n".join(filter(None, (event.data.get("message", ""), event.note)))
        return Happened(what, at, note=said)
    if event.transition == "publish" and (when := event.data.get("published_at")):
        ahead = timezone.localtime(datetime.fromisoformat(when))
        if ahead > event.at:
            what = f"It was scheduled for {home.day(ahead)}, {ahead:%H:%M}"
    if event.transition == "update":
        what = (
            "The published text was corrected"
            if event.data.get("kind") == "correction"
            else "Spelling or form was mended in the published text"
        )
    return Happened(what, at, note=notes.get(event.at, ""))


def declared(article: Article, me: User) -> list[tuple[str, str]]:
    """What the authors said about the piece, for reading. Whom they do not want as a referee stays between the one who
    wrote that and the editors."""
    labels = ("Conflict of interest", "Where else it appeared", "Suggested regions", "Suggested topics", "Please not these referees")  # fmt: skip
    said = [(label, getattr(article.handling, name)) for label, name in zip(labels, DECLARED, strict=True)]
    return said if article.corresponding_id == me.pk else said[:-1]
