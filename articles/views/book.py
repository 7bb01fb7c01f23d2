"""The book of a special feature or an issue, to be kept and read anywhere."""

import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from articles.book.contents import Book, book_of
from articles.book.package import CONTENT_TYPE, Bound, bound
from articles.book.pictures import MissingError
from articles.former import moved
from articles.models import Series, SeriesListing
from articles.views.public import public
from forum.models import Masthead


@public
def book(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    series = Series.objects.select_related("cover").filter(slug=slug).first()
    if series is None:
        return moved(request, SeriesListing, slug, "articles:book", now)
    missing: frozenset[int] = frozenset()
    while True:
        found = bound(_book(series, masthead, now, missing), masthead)
        # Known from the texts: who has the book already waits for no picture.
        tag = f'"{found.digest}"'
        if (known := get_conditional_response(request, etag=tag)) is not None:
            return known
        try:
            return _answer(found, tag, slug)
        except MissingError as problem:
            missing |= {image.pk for image in problem.images}


def _book(series: Series, masthead: Masthead, now: datetime.datetime, missing: frozenset[int]) -> Book:
    found = book_of(series, masthead, now, missing=missing)
    if found is None:
        raise Http404("There is no book of this special feature.")
    return found


def _answer(found: Bound, tag: str, slug: str) -> HttpResponse:
    answer = HttpResponse(found.packed(), content_type=CONTENT_TYPE)
    answer["ETag"] = tag
    answer["Content-Disposition"] = f'attachment; filename="{slug}.epub"'
    return answer
