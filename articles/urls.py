"""Public addresses. They last: what once led to a page leads to it for ever."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path, re_path

from articles.citations import FORMATS
from articles.feeds import views as feeds
from articles.views import (
    archive,
    article,
    authors,
    book,
    cite,
    history,
    home,
    markdown,
    media,
    pages,
    record,
    report,
    robots,
    search,
    series,
    sitemaps,
    subjects,
)

app_name = "articles"

DAY = r"(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})"
SLUG = r"(?P<slug>[-a-zA-Z0-9_]+)"
# /sitemap-2020-01.xml, its further files, and those of lists
SITEMAP_PART = r"pages|(?:regions|topics|series|authors)-[0-9]{1,9}|[0-9]{4}-(?:0[1-9]|1[0-2])(?:-[1-9][0-9]{0,3})?"


def feeds_at(under: str, view: Callable[..., HttpResponseBase], name: str) -> list[URLPattern]:
    """The three formats of one list."""
    return [
        path(f"{under}feed/", view, {"kind": "rss"}, name=name),
        path(f"{under}feed/atom/", view, {"kind": "atom"}, name=f"{name}_atom"),
        path(f"{under}feed.json", view, {"kind": "json"}, name=f"{name}_json"),
    ]


urlpatterns = [
    path("", home.home, name="home"),
    # /2020/01/25/slug/
    re_path(rf"^{DAY}/{SLUG}/$", article.article_page, name="article"),
    re_path(rf"^{DAY}/{SLUG}/print/$", article.print_view, name="print"),
    re_path(rf"^{DAY}/{SLUG}/history/$", history.history, name="history"),
    re_path(rf"^{DAY}/{SLUG}/index\.md$", markdown.markdown, name="markdown"),
    re_path(rf"^{DAY}/{SLUG}/report/$", report.report, name="report"),
    re_path(rf"^{DAY}/{SLUG}/report/send/$", report.send, name="report_send"),
    *(
        re_path(rf"^{DAY}/{SLUG}/cite\.{name}$", cite.cite, {"extension": name}, name=f"cite_{name}")
        for name in FORMATS
    ),
    # /regions/, /topics/, /series/
    path("regions/", subjects.regions, name="regions"),
    path("regions/<slug:slug>/", subjects.region, name="region"),
    *feeds_at("regions/<slug:slug>/", feeds.region_feed, "region_feed"),
    path("topics/", subjects.topics, name="topics"),
    path("topics/<slug:slug>/", subjects.topic, name="topic"),
    *feeds_at("topics/<slug:slug>/", feeds.topic_feed, "topic_feed"),
    path("series/", series.series_list, name="series_list"),
    path("series/<slug:slug>/", series.series, name="series"),
    path("series/<slug:slug>/book.epub", book.book, name="book"),
    *feeds_at("series/<slug:slug>/", feeds.series_feed, "series_feed"),
    # /authors/
    path("authors/", authors.authors, name="authors"),
    path("authors/<slug:slug>/", authors.author, name="author"),
    *feeds_at("authors/<slug:slug>/", feeds.author_feed, "author_feed"),
    # /archive/2020/01/
    path("archive/", archive.archive, name="archive"),
    re_path(r"^archive/(?P<year>[0-9]{4})/$", archive.archive_year, name="archive_year"),
    re_path(r"^archive/(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/$", archive.archive_month, name="archive_month"),
    # /record/, what was corrected or retracted
    path("record/", record.record, name="record"),
    # /search/
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggest, name="search_suggest"),
    # /feed/ and what else machines ask for
    *feeds_at("", feeds.feed, "feed"),
    path("robots.txt", robots.robots, name="robots"),
    path("llms.txt", robots.llms, name="llms"),
    path(".well-known/tdmrep.json", robots.tdmrep, name="tdmrep"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-news.xml", sitemaps.sitemap_news, name="sitemap_news"),
    re_path(rf"^sitemap-(?P<name>{SITEMAP_PART})\.xml$", sitemaps.sitemap_part, name="sitemap_part"),
    # /media/, uploaded pictures
    re_path(r"^media/(?P<path>.*)$", media.media, name="media"),
    # /about/ and other plain pages; what stands above goes first
    path("<slug:slug>/", pages.plain_page, name="page"),
]
