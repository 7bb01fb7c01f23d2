"""Readers' pages, a module for each idea."""

from articles.views.article import article_context

__all__ = ["article_context"]
