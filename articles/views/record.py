"""The public record of corrections and retractions, a page of it at a time, each at an address that stays."""

import datetime
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from articles import structured
from articles.heads import head_of_page
from articles.paging import Pages
from articles.record import by_month, rows, told
from articles.views.public import absolute, page, public, takes
from forum.models import Masthead

PAGE = 30


@cache
def _pages(size: int) -> Pages:
    return Pages(rows, size=size, pk="id", now=datetime.datetime)


@public
@takes("before", "after")
def record(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    """The newest first, by month."""
    shown = _pages(PAGE).page(request.GET, now=now)
    canonical = absolute(f"{reverse('articles:record')}{shown.query}")
    title = _("Corrections and retractions")
    name = _("%(title)s, earlier ones") % {"title": title} if shown.query else title
    about = _("What we corrected, retracted or reinstated after readers had it, the newest first.")
    data = structured.collection_page(masthead, name, canonical, (), (), about=about)
    return page(request, "articles/record_list.html", masthead, {
        "title": title,
        "name": name,
        "about": about,
        "months": by_month(told(shown.ids, now), masthead),
        "rules": masthead.page_link("corrections_page"),
        "newer_url": shown.newer_url,
        "older_url": shown.older_url,
        "canonical": canonical,
        "head": head_of_page(masthead, name, canonical, data, description=about),
    })  # fmt: skip
