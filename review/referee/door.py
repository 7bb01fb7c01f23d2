"""The door of the referees' pages: by the secret address of one review, or signed in to one's own.

Behind it a view gets a `Seat`, and nothing else of the piece. What was posted to a review that is over comes back to be
copied, and nothing of the piece with it.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# The public module leaves out GETs, which is how addresses are guessed.
from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from articles.status import Status
from editorial import access
from editorial.contribute.door import LARGEST_ID, for_authors
from forum.kept import typed_fields
from forum.models import Mail, Masthead
from review import answering, links
from review.models import Review

View = Callable[..., HttpResponseBase]
# By which the masthead knows whom to lead to their reviews; see `review.referee.home`.
IS_REFEREE = "is_referee"


@dataclass(frozen=True)
class Seat:
    """A referee at one review: by its secret, or with the account that it belongs to."""

    review: Review
    by: User | None
    token: str = ""

    def at(self, name: str = "", *args: Any) -> str:
        """The address of a page of this review, by the way that the referee came."""
        start, first = ("review", self.token) if self.token else ("own", self.review.pk)
        return reverse(f"referee:{start}_{name}" if name else f"referee:{start}", args=[first, *args])


def closed(response: HttpResponseBase) -> HttpResponseBase:
    """Headers of every page for referees: no search engine keeps it, and no other site learns its address.

    Not `no-referrer`: with it browsers send forms with the origin “null”, which the check of their keys refuses.
    """
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def pages(route: str, view: View, name: str = "") -> list[URLPattern]:
    """A page of a review under both of its addresses."""
    tail = f"_{name}" if name else ""
    return [
        path(f"reviews/<int:pk>/{route}", _signed_in(view), name=f"own{tail}"),
        path(f"<str:token>/{route}", _by_link(view), name=f"review{tail}"),
    ]


def _by_link(view: View) -> View:
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @functools.wraps(view)
    def guarded(request: HttpRequest, token: str, **more: Any) -> HttpResponseBase:
        with timezone.override(Masthead.current().zone):
            return closed(_seated(request, token, **more))

    def _seated(request: HttpRequest, token: str, **more: Any) -> HttpResponseBase:
        try:
            review = links.find(token, timezone.now())
        except links.Expired as expired:
            return _expired(request, expired.link.review)
        except links.Gone:
            return gone(request)
        if review.state in (Review.State.LISTED, Review.State.CANCELLED):
            return gone(request)
        if isinstance(request.user, User) and access.wrote(request.user, review.round.article):
            # Forwarded to who wrote the piece: nobody reviews their own, nor reads who was asked.
            return gone(request)
        if is_withdrawn(review):
            return gone(request)
        is_own = request.user.is_authenticated and request.user.pk == review.referee.user_id
        return view(request, Seat(review, review.referee.user if is_own else None, token), **more)

    return guarded


def _signed_in(view: View) -> View:
    @functools.wraps(view)
    def seated(request: HttpRequest, pk: int, **more: Any) -> HttpResponseBase:
        assert isinstance(request.user, User)
        review = own_reviews(request.user).filter(pk=pk).first() if pk <= LARGEST_ID else None
        if review is None or access.wrote(request.user, review.round.article) or is_withdrawn(review):
            return _over(request, 404)
        request.session[IS_REFEREE] = True
        return view(request, Seat(review, request.user), **more)

    guarded = for_authors(seated)  # type: ignore[arg-type]

    @functools.wraps(view)
    def answered(request: HttpRequest, **more: Any) -> HttpResponseBase:
        return closed(guarded(request, **more))

    return answered


def is_withdrawn(review: Review) -> bool:
    """Whether the author took the piece away before the review was sent: then its text is shown to nobody any more."""
    return review.round.article.status == Status.WITHDRAWN and review.state != Review.State.SUBMITTED


def own_reviews(user: User) -> Any:
    """What a signed-in referee has to do or did. An invitation that can still be stopped is not there yet."""
    waits = Mail.objects.filter(state=Mail.State.WAITING, not_before__gt=timezone.now()).values("pk")
    return (
        Review.objects.filter(referee__user=user)
        .exclude(state__in=(Review.State.LISTED, Review.State.CANCELLED))
        .exclude(state=Review.State.INVITED, letter__mail__in=waits)
        .select_related("round__article__handling", "round__revision", "round__form", "referee__user")
    )


def gone(request: HttpRequest) -> HttpResponse:
    """One answer for what never was and what was cancelled. Who tries many addresses is told to wait."""
    if not ratelimit.consume(request, app="allauth.account", action="referee_guess", limit_get=True):
        return _over(request, 429)
    return _over(request, 404)


def _over(request: HttpRequest, status: int) -> HttpResponse:
    typed = typed_fields(request) if request.method == "POST" else []
    return render(request, "referee/gone.html", {"typed": typed, "is_too_often": status == 429}, status=status)


def _expired(request: HttpRequest, review: Review) -> HttpResponse:
    """The address grew old; a new one goes to where the first went, whoever asks."""
    is_sent = request.method == "POST" and request.POST.get("action") == "link"
    if is_sent:
        answering.send_link(review)
    typed = typed_fields(request) if request.method == "POST" and not is_sent else []
    return render(request, "referee/expired.html", {"typed": typed, "is_sent": is_sent}, status=410)
