"""Readers' pages, a module for each idea."""

from articles.views.archive import archive, archive_month, archive_year
from articles.views.article import article_context, article_page, print_view
from articles.views.authors import author, authors
from articles.views.home import home
from articles.views.robots import robots
from articles.views.search import search
from articles.views.subjects import region, regions, series, series_list, topic, topics

__all__ = [
    "archive",
    "archive_month",
    "archive_year",
    "article_context",
    "article_page",
    "author",
    "authors",
    "home",
    "print_view",
    "region",
    "regions",
    "robots",
    "search",
    "series",
    "series_list",
    "topic",
    "topics",
]
