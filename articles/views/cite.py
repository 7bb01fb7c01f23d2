"""A piece for programs that keep references: one file each, beneath its address."""

import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from articles.citations import FORMATS
from articles.metadata import metadata_of, piece_told
from articles.views.article import piece_at
from articles.views.public import public
from forum.models import Masthead


@public
def cite(
    request: HttpRequest,
    masthead: Masthead,
    now: datetime.datetime,
    year: str,
    month: str,
    day: str,
    slug: str,
    extension: str,
) -> HttpResponse:
    """`…/cite.bib`, `…/cite.ris`, `…/cite.json`; a retracted piece can be cited, and says that it is one."""
    file = FORMATS[extension]
    article = piece_at(request, masthead, now, (year, month, day, slug), f"articles:cite_{extension}", piece_told)
    if isinstance(article, HttpResponse):
        return article
    text = file.write(metadata_of(article, masthead, now), timezone.localdate(now))
    response = HttpResponse(text, content_type=f"{file.content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{article.slug}.{extension}"'
    # For people who are on the page; who searches should find the page itself.
    response["X-Robots-Tag"] = "noindex"
    return response
