"""Which list a feed is of, and in which format it was asked for."""

import datetime
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import http_date

from articles.feeds import atom, json, rss
from articles.feeds.entries import COUNT, channel_of, entries_of
from articles.feeds.freshness import since
from articles.former import moved
from articles.identity import urn
from articles.lists import pages_in, tag_of
from articles.models import Article, AuthorListing, Region, RegionListing, Series, SeriesListing, Tag, TagListing
from articles.models.listing import Listing
from articles.paging import Page, Pages
from articles.views.public import public, takes
from authors.models import Author
from forum.models import Masthead
from forum.pagecache import covered
from prose.measure import text_of

# The formats, by the names in the addresses of feeds.
FORMATS: dict[str, Any] = {"rss": rss, "atom": atom, "json": json}


@lru_cache(maxsize=4)
def _all(size: int) -> Pages:
    return Pages(Article.objects.listed, size=size, pk="pk", now=datetime.datetime)


@public
@takes("before", "after")
def feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, kind: str) -> HttpResponse:
    shown = _all(COUNT).page(request.GET, now=now)
    about = masthead.description or masthead.tagline or masthead.name
    return _answer(request, masthead, now, kind, shown, name="site", pk=1, title=masthead.name, link="/", about=about)


@public
@takes("before", "after")
def region_feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str, kind: str) -> HttpResponse:
    region = Region.objects.filter(slug=slug).first()
    if region is None:
        return moved(request, RegionListing, slug, _asked(request), now)
    return _of(request, masthead, now, kind, RegionListing, region, region.name, region.description, may_be_empty=True)


@public
@takes("before", "after")
def topic_feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str, kind: str) -> HttpResponse:
    topic = Tag.objects.filter(slug=slug).first()
    if topic is None:
        return moved(request, TagListing, slug, _asked(request), now)
    return _of(request, masthead, now, kind, TagListing, topic, topic.name, topic.description)


@public
@takes("before", "after")
def author_feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str, kind: str) -> HttpResponse:
    with covered():
        author = Author.objects.filter(slug=slug).first()
    if author is None:
        return moved(request, AuthorListing, slug, _asked(request), now)
    return _of(request, masthead, now, kind, AuthorListing, author, author.name, author.bio)


@public
@takes("before", "after")
def series_feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str, kind: str) -> HttpResponse:
    series = Series.objects.filter(slug=slug).first()
    if series is None:
        return moved(request, SeriesListing, slug, _asked(request), now)
    return _of(request, masthead, now, kind, SeriesListing, series, series.title, text_of(series.introduction))


def _asked(request: HttpRequest) -> str:
    """The name of the address, which has a list and a format."""
    assert request.resolver_match is not None, "A view was found for it."
    return request.resolver_match.view_name


def _of(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, kind: str, model: type[Listing], target: Any,
    name: str, about: str, *, may_be_empty: bool = False,
) -> HttpResponse:  # fmt: skip
    """The feed of one list. As with its page, only a region's is there before anything is listed."""
    with covered(tag_of(model, target.pk)):
        shown = pages_in(model, COUNT).page(request.GET, target=target.pk, now=now)
    title = f"{name} · {masthead.name}"
    return _answer(
        request, masthead, now, kind, shown,
        name=target._meta.model_name, pk=target.pk, title=title, link=target.get_absolute_url(), about=about or title,
        may_be_empty=may_be_empty,
    )  # fmt: skip


def _answer(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, kind: str, shown: Page,
    *, name: str, pk: int, title: str, link: str, about: str, may_be_empty: bool = True,
) -> HttpResponse:  # fmt: skip
    entries = entries_of(shown.ids, masthead, now)
    if not entries and not may_be_empty:
        raise Http404("There is no such feed.")
    channel = channel_of(
        masthead,
        entries,
        urn=urn(f"feed:{name}", pk),
        title=title,
        link=link,
        feed_link=request.path,
        about=about,
        shown=shown,
    )
    content = FORMATS[kind].write(channel)
    answer = HttpResponse(content, content_type=FORMATS[kind].CONTENT_TYPE)
    # A row is kept for each address that is asked by date, so not for those that anybody can make up.
    if not shown.query and (changed_at := since(request.path, content, now)) <= now:
        answer["Last-Modified"] = http_date(changed_at.timestamp())
    return answer
