"""Public addresses. They last: what once led to a page leads to it for ever."""

from django.urls import path, re_path

from articles import feeds, views

app_name = "articles"

DAY = r"(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})"
SLUG = r"(?P<slug>[-a-zA-Z0-9_]+)"

urlpatterns = [
    path("", views.home, name="home"),
    # /2020/01/25/slug/
    re_path(rf"^{DAY}/{SLUG}/$", views.article_page, name="article"),
    re_path(rf"^{DAY}/{SLUG}/print/$", views.print_view, name="print"),
    # /regions/, /topics/, /series/
    path("regions/", views.regions, name="regions"),
    path("regions/<slug:slug>/", views.region, name="region"),
    path("regions/<slug:slug>/feed/", feeds.region_feed, name="region_feed"),
    path("topics/", views.topics, name="topics"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("topics/<slug:slug>/feed/", feeds.topic_feed, name="topic_feed"),
    path("series/", views.series_list, name="series_list"),
    path("series/<slug:slug>/", views.series, name="series"),
    path("series/<slug:slug>/feed/", feeds.series_feed, name="series_feed"),
    # /authors/
    path("authors/", views.authors, name="authors"),
    path("authors/<slug:slug>/", views.author, name="author"),
    path("authors/<slug:slug>/feed/", feeds.author_feed, name="author_feed"),
    # /archive/2020/01/
    path("archive/", views.archive, name="archive"),
    re_path(r"^archive/(?P<year>[0-9]{4})/$", views.archive_year, name="archive_year"),
    re_path(r"^archive/(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/$", views.archive_month, name="archive_month"),
    # /search/
    path("search/", views.search, name="search"),
    # /feed/ and what else machines ask for
    path("feed/", feeds.feed, name="feed"),
    path("robots.txt", views.robots, name="robots"),
]
