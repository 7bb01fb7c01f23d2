"""What every page for readers has in common: the same bytes for everyone, the publication's time zone, an ETag, compression."""

import datetime
import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.http import parse_http_date_safe
from django.views.decorators.http import require_safe

from articles.views.packed import is_to_be_packed, pack
from forum.languages import for_readers, spoken
from forum.models import Masthead
from forum.pagecache import mark_page
from forum.pagecache.keys import PARAMETERS

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# Kept by everyone, asked about each time: a correction or a piece taken down is seen at once.
CACHE_CONTROL = "public, max-age=0, must-revalidate"


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A page for readers: `view(request, masthead, now, …)`, rendered in the publication's time zone and language.

    It answers GET and HEAD alone, sets no cookie and reads no session. `now` is one moment for the whole page. Of the
    parameters of its address it is given those that it says it takes.
    """
    taken: frozenset[str] = getattr(view, PARAMETERS, frozenset())

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.GET.keys() - taken:
            request.GET = _only(request.GET, taken)  # type: ignore[assignment]  # read only, as Django's own
        masthead = Masthead.for_page()
        with for_readers(masthead):
            response = view(request, masthead, timezone.now(), *args, **kwargs)
            response.headers.setdefault("Content-Language", spoken()["language"])
        response.headers.setdefault("Cache-Control", CACHE_CONTROL)
        if response.status_code == 200 and not response.streaming:
            mark_page()
        return _kept(request, response)

    setattr(answer, PARAMETERS, taken)
    return answer


def takes(*names: str) -> Callable[[View], View]:
    """Beneath `public`: the parameters of its address that a page takes. It never sees others."""

    def mark(view: View) -> View:
        setattr(view, PARAMETERS, frozenset(names))
        return view

    return mark


def _only(given: QueryDict, names: frozenset[str]) -> QueryDict:
    found = QueryDict(mutable=True)
    for name in given.keys() & names:
        found.setlist(name, given.getlist(name))
    found._mutable = False
    return found


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """With its ETag, and compressed where that is wished for; or 304."""
    is_packed = is_to_be_packed(request, response)
    if response.status_code == 200:
        # A view that knows the tag of its page without its bytes says so.
        tag = response.get("ETag") or f'"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
        # Weak where it is compressed: the same page, in other bytes than those of the strong one.
        response["ETag"] = f"W/{tag}" if is_packed else tag
        # A view that knows since when its page has been as it is says so.
        changed_at = parse_http_date_safe(response.get("Last-Modified", ""))
        found: HttpResponseBase = (
            get_conditional_response(request, etag=response["ETag"], last_modified=changed_at, response=response)
            or response
        )
        if found is not response:  # 304: the page that the reader has is this one
            return found
    if is_packed:
        pack(response)
    return response


def personal(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A page that shows a reader what they typed themselves: taken as `public` takes one, and kept by nobody."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        masthead = Masthead.current()
        with for_readers(masthead):
            response = view(request, masthead, timezone.now(), *args, **kwargs)
            response.headers.setdefault("Content-Language", spoken()["language"])
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer


def page(
    request: HttpRequest, template: str, masthead: Masthead, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render with the masthead that was read already."""
    return render(request, template, {"masthead": masthead, **context}, status=status)


def absolute(address: str) -> str:
    """The full address of a page or file of this site; an address of a store elsewhere is left as it is."""
    return f"{settings.SITE_URL}{address}" if address.startswith("/") else address


def day_name(day: datetime.date) -> str:
    """A day as printed: 3 March 2026 in English. A moment is given in the time zone of its day."""
    return date_format(day, "DATE_FORMAT")
