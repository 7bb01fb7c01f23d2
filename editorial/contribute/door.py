"""The door of the portal: signed in, with an address that is known to be theirs, and only to one's own pieces."""

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.utils import has_verified_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from articles.models import Article
from editorial import access, queue
from forum.kept import typed_fields
from forum.models import Masthead

View = Callable[..., HttpResponse]
# PostgreSQL's bigint: an id beyond it is no piece of anybody's, and must not reach the database.
LARGEST_ID = 2**63 - 1


def for_authors(view: View) -> View:
    """A page of the portal. Who is signed out is sent to sign in and back, and loses nothing that was typed.

    Times stand in the publication's zone. The pages differ from person to person and are kept by no cache.
    """

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _signed_out(request)
        if not has_verified_email(request.user):
            return render(request, "contribute/unverified.html", status=403)
        request.masthead = Masthead.current()  # type: ignore[attr-defined]
        with timezone.override(request.masthead.zone):  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

    return guarded


def _signed_out(request: HttpRequest) -> HttpResponse:
    """A page is asked for again after signing in; a form that was sent is shown again, with all that it held."""
    sign_in = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    if request.method != "POST":
        return redirect(sign_in)
    back = f"{reverse('account_login')}?{urlencode({'next': reverse('contribute:home')})}"
    return render(
        request, "contribute/signed_out.html", {"typed": typed_fields(request), "sign_in_url": back}, status=401
    )


def person(request: HttpRequest) -> User:
    """Whoever is signed in, as the type that it is behind the door."""
    assert isinstance(request.user, User)
    return request.user


def own_piece(request: HttpRequest, pk: int) -> Article:
    """A piece that the person wrote, as its authors see it; any other answers as one that does not exist."""
    if pk <= LARGEST_ID:
        pieces = access.own_pieces(person(request)).select_related("latest__lead_image", "live", "handling")
        if found := pieces.filter(pk=pk).first():
            queue.as_authors_see([found], timezone.now())
            return found
    raise Http404("No such piece.")


def page(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    """A page of the portal with the masthead that the door has read already."""
    masthead = request.masthead  # type: ignore[attr-defined]
    return render(request, template, {"masthead": masthead, **context}, status=status)
