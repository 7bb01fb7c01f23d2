"""Special features and issues: all of them, and the page of one with its pieces in the order that its editors gave them.

One has a page once a piece of it is listed: until then its title may be the working name of what nobody has read.
"""

import datetime
import math

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.book.contents import MOST_PIECES
from articles.former import moved
from articles.lists import cards
from articles.models import Series, SeriesListing
from articles.pieces import first_lines
from articles.series import editors_of, kind_label, rows_in_order, summary, with_counts
from articles.views.public import absolute, page, public
from forum.models import Masthead
from prose.measure import text_of

PAGE = 24
# No series has that many pages: a longer number is nobody's bookmark.
LONGEST_NUMBER = 4


@public
def series_list(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    """Special features and issues, the one with the newest piece first."""
    found = with_counts(now)
    shown = [
        {
            "title": one.title,
            "kind": kind_label(one),
            "about": first_lines(text_of(one.introduction)),
            "cover": one.cover,
            "url": one.get_absolute_url(),
            "count": count,
        }
        for one, count in found
    ]
    has_features = not found or any(one.kind == Series.Kind.FEATURE for one, __ in found)
    has_issues = any(one.kind == Series.Kind.ISSUE for one, __ in found)
    title = _("Special features") if has_features else _("Issues")
    if has_features and has_issues:
        title = _("Special features and issues")
    return page(request, "articles/series_list.html", masthead, {
        "section": "series", "title": title, "series_list": shown, "canonical": absolute(reverse("articles:series_list")),
    })  # fmt: skip


@public
def series(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    """The pieces in their order, a numbered page at a time: an order that people set by hand is no stream of dates."""
    found = Series.objects.select_related("cover").filter(slug=slug).first()
    if found is None:
        return moved(request, SeriesListing, slug, "articles:series", now)
    held = summary(found, now)
    if not held.count:
        raise Http404("There is no such special feature.")
    number, last = _page_number(request), math.ceil(held.count / PAGE)
    if number > last:
        raise Http404("The list ends before this page.")
    start = (number - 1) * PAGE
    ids = list(rows_in_order(found, now).values_list("article_id", flat=True)[start : start + PAGE])
    address = found.get_absolute_url()
    about = text_of(found.introduction)
    return page(request, "articles/series_detail.html", masthead, {
        "section": "series",
        "series": found,
        "kind": kind_label(found),
        "editors": editors_of(found, now) if number == 1 else [],
        "held": held,
        "subject": found.title,
        "about": first_lines(about),
        "numbered": list(enumerate(cards(ids, now), start=start + 1)),
        "number": number,
        "last": last,
        "newer_url": _address(address, number - 1) if number > 1 else "",
        "older_url": _address(address, number + 1) if number < last else "",
        "is_first_page": number == 1,
        "canonical": absolute(_address(address, number)),
        "feed_url": f"{address}feed/",
        "feeds_under": address,
        "book_url": f"{address}book.epub" if held.count <= MOST_PIECES else "",
    })  # fmt: skip


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER and int(text) > 0):
        raise Http404("There is no such page of the list.")
    return int(text)


def _address(address: str, number: int) -> str:
    return address if number == 1 else f"{address}?page={number}"
