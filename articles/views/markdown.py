"""A piece as Markdown, beside its page."""

import datetime

from django.http import HttpRequest, HttpResponse

from articles.markdown import markdown_of
from articles.metadata import metadata_of, piece_told
from articles.pieces import public_text, rendering_of
from articles.views.article import piece_at, verdict_on
from articles.views.public import public
from forum.models import Masthead


@public
def markdown(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, year: str, month: str, day: str, slug: str
) -> HttpResponse:
    """The same as the page says; search engines are led to the page."""
    article = piece_at(request, masthead, now, (year, month, day, slug), "articles:markdown", piece_told)
    if isinstance(article, HttpResponse):
        return article
    metadata = metadata_of(article, masthead, now)
    verdict = verdict_on(article, list(article.publications.all()), masthead)
    notice = (verdict.title, verdict.text) if verdict else ("", "")
    text = markdown_of(metadata, rendering_of(public_text(article)).html, masthead, notice=notice)
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Link"] = f'<{metadata.url}>; rel="canonical"'
    response["Content-Language"] = metadata.language
    response["X-Robots-Tag"] = "noindex"
    return response
