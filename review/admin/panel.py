"""Beside a piece's form: where its referees stand, in two lines, and the page where what is next is done. On the desk's
front page: decisions that were handed to the managing editors."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import access, rooms
from editorial.admin import words
from review.admin.rounds import decide_address
from review.models import Review, Round
from review.words import next_action

State = Review.State
# The front page shows so many; the list of pieces has the rest.
SHOWN = 8


def _may_know(user: User, article: Article) -> bool:
    return user.has_perm("editorial.see_referees") and access.may_decide(user, article)


def panel(request: HttpRequest, article: Article) -> SafeString:
    """For who decides about the piece, once it was sent to referees; nobody else is told how many there are."""
    if not (isinstance(request.user, User) and _may_know(request.user, article)):
        return SafeString("")
    round = Round.objects.filter(article=article).order_by("-number").first()
    if round is None:
        return SafeString("")
    states = list(round.reviews.values_list("state", flat=True))
    count = {state: states.count(state) for state in State.values}
    context = {
        "piece": article,
        "round": round,
        "count": count,
        "outcome": round.get_outcome_display(),
        "is_waiting": round.is_open and not next_action(article, request.user, timezone.now()),
        "decide_url": decide_address(article) if round.is_open and count[State.SUBMITTED] else "",
    }
    return SafeString(render_to_string("admin/review/_panel.html", context, request))


def next_page(article: Article, user: User) -> tuple[str, str] | None:
    """Where an editor goes with a piece that is with referees: to the decision once it is due, else to the referees."""
    if not _may_know(user, article):
        return None
    round = Round.objects.filter(article=article, closed_at=None).select_related("draft_decision").first()
    if round is None:
        return None
    is_handed = hasattr(round, "draft_decision") and round.draft_decision.handed_at is not None
    if is_handed or round.reviews.filter(state=State.SUBMITTED).count() >= round.wanted:
        return "Read the reviews and decide", decide_address(article)
    return "Referees and invitations", reverse("admin:review_round", args=[article.pk])


def handed(request: HttpRequest) -> SafeString:
    """Decisions that editors handed over, for each managing editor who may take them; their own pieces stand below anyway."""
    user = request.user
    if not (isinstance(user, User) and user.has_perm("editorial.manage")):
        return SafeString("")
    pieces = (
        access.desk_pieces(user)
        .filter(status=Status.IN_REVIEW, rounds__closed_at=None, rounds__draft_decision__handed_at__isnull=False)
        .exclude(handling__editor=user)
        .select_related("latest")
        .order_by("rounds__draft_decision__handed_at")[:SHOWN]
    )
    rows = [(words.title(piece), reverse("admin:review_decide", args=[piece.pk])) for piece in pieces]
    return SafeString(render_to_string("admin/review/_handed.html", {"rows": rows})) if rows else SafeString("")


# What an editor does most with such a piece stands first.
rooms.DESK_PANELS.insert(0, panel)
rooms.FRONT_PANELS.append(handed)
rooms.NEXT_PAGES[Status.IN_REVIEW] = next_page
