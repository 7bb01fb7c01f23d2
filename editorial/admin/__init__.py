"""The desk: the stock admin as editors use it. A file for each idea; each registers its own models."""

from editorial.admin import (
    articles,
    authors,
    changes,
    front,
    images,
    letter_templates,
    letters,
    masthead,
    navigation,
    pages,
    people,
    reports,
    series,
    site,
    taxonomy,
)

__all__ = [
    "articles",
    "authors",
    "changes",
    "front",
    "images",
    "letter_templates",
    "letters",
    "masthead",
    "navigation",
    "pages",
    "people",
    "reports",
    "series",
    "site",
    "taxonomy",
]
