"""The day by which authors are told to expect an answer: whether it can still be kept, and moving it."""

import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import access, letters, replay, rooms
from editorial.deadlines import FURTHEST
from editorial.models import Deadline
from editorial.perform import transaction_of
from editorial.registry import Blocked, Reason
from forum.models import Masthead
from review import post, record
from review.models import Review, Round, Settings

MOVED = "expectation_moved"
SHOWN = 6


def proposed(round: Round, today: datetime.date) -> datetime.date | None:
    """A later day than the author was told, where that day can't be kept any more: it has passed, or the last review is
    wanted after it. Nothing while the promise holds."""
    last = (
        Deadline.objects.filter(article_id=round.article_id, kind="review", end="")
        .filter(subject__in=round.reviews.filter(state__in=Review.OPEN).values("pk"))
        .aggregate(last=Max("due_on"))["last"]
    )
    if round.expected_on >= today and (last is None or last <= round.expected_on):
        return None
    return max(last or today, today) + datetime.timedelta(days=Settings.current().decision_days)


def move(
    article: Article, day: datetime.date, *, by: User, writes: bool = False, now: datetime.datetime | None = None
) -> None:
    """Tell the authors of another day: on their page of the piece, and by letter where `writes`. Raises Blocked."""
    now = now or timezone.now()
    with transaction_of(article) as (locked, _handling):
        if not access.may_decide(by, locked):
            raise PermissionDenied("What the author is told is for the editors of the piece.")
        round = Round.objects.filter(article=locked, closed_at=None).first()
        if locked.status != Status.IN_REVIEW or round is None:
            raise Blocked(Reason("The piece is not with referees any more.", "expected_on"))
        today = timezone.localdate(now, Masthead.current().zone)
        if not today <= day <= today + FURTHEST:
            raise Blocked(Reason("Choose a day from today on, within two years.", "expected_on"))
        if day == round.expected_on:
            raise Blocked(Reason("That is the day already. Choose another.", "expected_on"))
        before, round.expected_on = round.expected_on, day
        round.save(update_fields=["expected_on"])
        event = record.note(
            locked, MOVED, by=by, now=now, round=round.number, expected_on=str(day), expected_before=str(before)
        )
        if writes:
            said = {"who expects": f"We expect to answer by {post.day(day)}."}
            for person in access.authors_with_account(locked):
                letters.write_news(locked, event, "answer_later", person, said, is_to_author=True)


def late_pieces(user: User, now: datetime.datetime) -> QuerySet[Article]:
    """Pieces on this person's desk, theirs or nobody's, whose authors wait for an answer longer than they were told."""
    today = timezone.localdate(now, Masthead.current().zone)
    wanted = Deadline.objects.filter(
        Exists(Review.objects.filter(pk=OuterRef("subject"), round=OuterRef(OuterRef("pk")), state__in=Review.OPEN)),
        kind="review", end="",
    )  # fmt: skip
    last = wanted.order_by("-due_on").values("due_on")[:1]
    rounds = Round.objects.filter(closed_at=None).annotate(last=Subquery(last))
    rounds = rounds.filter(Q(expected_on__lt=today) | Q(last__gt=F("expected_on")))
    pieces = access.desk_pieces(user).filter(status=Status.IN_REVIEW, pk__in=rounds.values("article"))
    return pieces.filter(Q(handling__editor=user) | Q(handling__editor=None)).select_related("latest").order_by("pk")


# --- at the desk ---


def panel(request: HttpRequest, article: Article) -> SafeString:
    """What the author is told to expect, beside the piece; and that it is late, with a way to move it."""
    round = Round.objects.filter(article=article, closed_at=None).first()
    if (
        article.status != Status.IN_REVIEW
        or round is None
        or not isinstance(request.user, User)
        or not access.may_decide(request.user, article)
    ):
        return SafeString("")
    later = proposed(round, timezone.localdate(timezone.now(), Masthead.current().zone))
    said = {"piece": article, "round": round, "expected": post.day(round.expected_on), "later": later}
    return SafeString(render_to_string("admin/review/_expecting.html", said, request))


def front_panel(request: HttpRequest) -> SafeString:
    """Pieces whose authors wait longer than they were told."""
    if not isinstance(request.user, User) or not request.user.has_perm("editorial.decide"):
        return SafeString("")
    late = list(late_pieces(request.user, timezone.now())[:SHOWN])
    return (
        SafeString(render_to_string("admin/review/_promises.html", {"late": late}, request)) if late else SafeString("")
    )


class _Known(replay.Fold):
    """The day that authors are told is compared by nobody: the fold only knows the event."""

    name, events = "expectation", {MOVED}

    def event(self, ledger: replay.Ledger, event: object) -> None:
        """Nothing is set by it that the timeline replays."""

    def stored(self, article: Article) -> dict[str, object]:
        return {}


def register() -> None:
    """Add the panels to the desk; for `AppConfig.ready()`."""
    rooms.EVENT_WORDS[MOVED] = "Authors are told another day for the answer"
    if panel not in rooms.DESK_PANELS:
        rooms.DESK_PANELS.append(panel)
    if front_panel not in rooms.FRONT_PANELS:
        rooms.FRONT_PANELS.append(front_panel)
    replay.register(_Known())
