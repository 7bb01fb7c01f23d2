"""Beside a piece's form: where its referees stand, in two lines, and what is next."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.models import Article
from editorial import access, rooms
from editorial.admin import words
from editorial.models import Deadline
from review import inviting
from review.admin.rounds import decide_address
from review.models import Review, Round

State = Review.State


def panel(request: HttpRequest, article: Article) -> SafeString:
    """For who decides about the piece, once it was sent to referees; nobody else is told how many there are."""
    if not (request.user.has_perm("editorial.see_referees") and access.may_decide(request.user, article)):
        return SafeString("")
    round = Round.objects.filter(article=article).order_by("-number").first()
    if round is None:
        return SafeString("")
    states = list(round.reviews.values_list("pk", "state"))
    count = {state: sum(found == state for _, found in states) for state in State.values}
    context = {
        "piece": article,
        "round": round,
        "count": count,
        "outcome": round.get_outcome_display(),
        "next": _next(round, count, dict(states)) if round.is_open else "",
        "decide_url": decide_address(article) if round.is_open and count[State.SUBMITTED] else "",
        "expected_on": words.day(round.expected_on) if round.is_open else "",
    }
    return SafeString(render_to_string("admin/review/_panel.html", context, request))


def _next(round: Round, count: dict[str, int], states: dict[int, str]) -> str:
    """What an editor does next, in a few words; empty where there is nothing but to wait."""
    open_ones = count[State.INVITED] + count[State.ACCEPTED]
    if count[State.SUBMITTED] >= round.wanted:
        return "Enough reviews are here: decide"
    if open_ones + count[State.SUBMITTED] < round.wanted:
        missing = round.wanted - open_ones - count[State.SUBMITTED]
        return f"Invite {missing} more referee{'' if missing == 1 else 's'}"
    if round.reviews.filter(asked_at__isnull=False, state__in=Review.OPEN).exists():
        return "A referee asks for more time"
    kinds = {"answer": State.INVITED, "review": State.ACCEPTED}
    late = Deadline.objects.filter(
        article=round.article_id, kind__in=kinds, subject__in=states, end="", due_on__lt=timezone.localdate()
    )
    slow = sum(states[row.subject] == kinds[row.kind] for row in late)
    if not slow:
        return ""
    said = "A referee is late" if slow == 1 else f"{slow} referees are late"
    return f"{said}: remind, give another day, or {'invite the next choice' if inviting.next_choices(round) else 'replace'}"


rooms.DESK_PANELS.append(panel)
