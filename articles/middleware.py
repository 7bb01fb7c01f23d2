"""Addresses that pieces had on the site they came from lead to them for ever."""

import datetime
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect

from articles import old_addresses
from articles.models import Article
from articles.status import Status
from articles.views.public import page, public
from forum.models import Masthead


class OldAddressMiddleware:
    """Asked after a 404 alone, and before the front page where the address says more than `/`.

    A page that is found costs nothing; so does the front page itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        # `/?p=123` is the front page to our views.
        if query and request.path_info == "/":
            return _answer(request, query) or self.get_response(request)
        response = self.get_response(request)
        return (_answer(request, query) or response) if response.status_code == 404 else response


def _answer(request: HttpRequest, query: str) -> HttpResponseBase | None:
    article = old_addresses.article_at(request.path_info, query)
    if article is None:
        return None
    response = _lead_on(request, article=article)
    return None if response.status_code == 404 else response


@public
def _lead_on(request: HttpRequest, masthead: Masthead, now: datetime.datetime, *, article: Article) -> HttpResponse:
    """To the piece; 410 where it was taken down; what readers may not know of is answered as if there were nothing."""
    address = article.get_absolute_url()
    if article.is_public(now) and address != request.path_info:
        return HttpResponsePermanentRedirect(address)
    if article.status == Status.TAKEN_DOWN:
        return page(request, "410.html", masthead, {}, status=410)
    return HttpResponse(status=404)
