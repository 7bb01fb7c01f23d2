"""The page for an address where there is nothing: a search, and what may have been meant."""

import datetime

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from articles.meant import meant
from articles.pieces import Link
from articles.views.public import CACHE_CONTROL, page
from forum.languages import for_readers
from forum.models import Masthead


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same bytes for everyone, and for what is hidden the same as for what never was: only listed things are asked."""
    masthead = Masthead.current()
    with for_readers(masthead):
        found = _meant(request.path_info, timezone.now())
        answer = page(request, "404.html", masthead, {"meant": found}, status=404)
    # Kept, and asked about each time: a piece may appear there any moment.
    answer.headers["Cache-Control"] = CACHE_CONTROL
    return answer


def _meant(path: str, now: datetime.datetime) -> list[Link]:
    try:
        return meant(path, now)
    except DatabaseError:
        # In a transaction that failed already, the page must still say what it can.
        return []
