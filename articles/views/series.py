"""Special features and issues: all of them, and the page of one with its pieces in the order that its editors gave them.

One has a page once a piece of it is listed: until then its title may be the working name of what nobody has read.
"""

import datetime
import math
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from articles import structured
from articles.book.contents import MOST_PIECES
from articles.former import moved
from articles.heads import head_of_names, head_of_page, page_name
from articles.lists import cards, tag_of
from articles.metadata import volume_and_issue
from articles.models import Series, SeriesListing
from articles.paging import Pages
from articles.pieces import Link, Piece, first_lines
from articles.series import editors_of, kind_label, newest_rows, rows_in_order, summary, with_counts
from articles.structured.publication import section
from articles.structured.terms import Thing
from articles.views.public import absolute, page, public, takes
from forum.models import Masthead
from forum.pagecache import covered
from prose.measure import text_of

PAGE = 24
# Special features on a page of their list.
SERIES = 100
# No series has that many pages: a longer number is nobody's bookmark.
LONGEST_NUMBER = 4


@lru_cache(maxsize=4)
def _pages(size: int) -> Pages:
    return Pages(newest_rows, size=size, now=datetime.datetime)


@public
@takes("before", "after")
def series_list(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    """Special features and issues, the one with the newest piece first."""
    held = _pages(SERIES).page(request.GET, now=now)
    found = with_counts(held.ids, now)
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
    canonical = absolute(f"{reverse('articles:series_list')}{held.query}")
    return page(request, "articles/series_list.html", masthead, {
        "section": "series", "title": title, "series_list": shown, "canonical": canonical, "newer_url": held.newer_url,
        "older_url": held.older_url, "head": head_of_names(masthead, "series", canonical, title),
    })  # fmt: skip


@public
@takes("page")
def series(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    """The pieces in their order, a numbered page at a time: an order that people set by hand is no stream of dates."""
    found = Series.objects.select_related("cover").filter(slug=slug).first()
    if found is None:
        return moved(request, SeriesListing, slug, "articles:series", now)
    with covered(tag_of(SeriesListing, found.pk)):
        held = summary(found, now)
        if not held.count:
            raise Http404("There is no such special feature.")
        number, last = _page_number(request), math.ceil(held.count / PAGE)
        if number > last:
            raise Http404("The list ends before this page.")
        start = (number - 1) * PAGE
        ids = list(rows_in_order(found, now).values_list("article_id", flat=True)[start : start + PAGE])
    address = found.get_absolute_url()
    about = first_lines(text_of(found.introduction))
    pieces, editors = cards(ids, now), editors_of(found, now) if number == 1 else []
    canonical = absolute(_address(address, number))
    name = page_name(found.title, is_first=number == 1)
    data = _data(masthead, found, name, canonical, pieces, editors, about)
    return page(request, "articles/series_detail.html", masthead, {
        "section": "series",
        "series": found,
        "kind": kind_label(found),
        "editors": editors,
        "held": held,
        "subject": found.title,
        "about": about,
        "numbered": list(enumerate(pieces, start=start + 1)),
        "number": number,
        "last": last,
        "newer_url": _address(address, number - 1) if number > 1 else "",
        "older_url": _address(address, number + 1) if number < last else "",
        "is_first_page": number == 1,
        "canonical": canonical,
        "head": head_of_page(masthead, name, canonical, data, description=about),
        "feed_url": f"{address}feed/",
        "feeds_under": address,
        "book_url": f"{address}book.epub" if held.count <= MOST_PIECES else "",
    })  # fmt: skip


def _data(
    masthead: Masthead, found: Series, name: str, url: str, pieces: list[Piece], editors: list[Link], about: str
) -> Thing:
    """An issue of a quarterly is a thing of its own; a special feature is a list of pieces."""
    if found.kind != Series.Kind.ISSUE:
        return structured.collection_page(masthead, name, url, pieces, [section("series")], about=about)
    volume, issue = volume_and_issue(found.number)
    link = Link(found.title, found.get_absolute_url())
    return structured.issue_page(
        masthead, link, pieces, volume=volume, number=issue, editors=editors, about=about, url=url
    )


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER and int(text) > 0):
        raise Http404("There is no such page of the list.")
    return int(text)


def _address(address: str, number: int) -> str:
    return address if number == 1 else f"{address}?page={number}"
