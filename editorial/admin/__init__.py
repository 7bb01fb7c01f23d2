"""The desk: the stock admin as editors use it. A file for each idea; each registers its own models."""

from editorial.admin import articles, authors, changes, front, images, letters, masthead, navigation, pages, people, series, site, taxonomy

__all__ = ["articles", "authors", "changes", "front", "images", "letters", "masthead", "navigation", "pages", "people", "series", "site", "taxonomy"]
