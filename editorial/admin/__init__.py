"""The desk: the stock admin as editors use it. A file for each idea; each registers its own models."""

from editorial.admin import articles, authors, images, letters, masthead, people, site, taxonomy

__all__ = ["articles", "authors", "images", "letters", "masthead", "people", "site", "taxonomy"]
