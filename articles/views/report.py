"""Reporting an error in a piece, in two steps: what was typed is shown with a key, and sent from there.

The form beneath a piece carries no key and sets no cookie, so that the page can be kept by every cache. What it posts
changes nothing.
"""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from articles.models import Article
from articles.pieces import public_text
from articles.reports import ReportForm, TooMany, take_in
from articles.views.article import address_of, piece_at, piece_titled
from articles.views.public import page, personal, public, takes
from forum.models import Masthead
from prose.scripts import direction_of

Where = tuple[str, str, str, str]


@takes("sent")
@csrf_exempt
def report(request: HttpRequest, year: str, month: str, day: str, slug: str) -> HttpResponseBase:
    """GET shows the empty form; POST shows what was typed, to be checked and sent."""
    view = _check if request.method == "POST" else _write
    return view(request, where=(year, month, day, slug))


@public
@takes("sent")
def _write(request: HttpRequest, masthead: Masthead, now: datetime.datetime, where: Where) -> HttpResponse:
    step = "sent" if request.GET.get("sent") == "yes" else "write"
    return _page(request, masthead, now, where, step=step)


@personal
def _check(request: HttpRequest, masthead: Masthead, now: datetime.datetime, where: Where) -> HttpResponse:
    form = ReportForm(request.POST)
    return _page(request, masthead, now, where, step="check", form=form, status=200 if form.is_valid() else 422)


@personal
def send(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, year: str, month: str, day: str, slug: str
) -> HttpResponse:
    """Store the report. A GET, such as a reload after signing out, leads to the empty form."""
    where = (year, month, day, slug)
    article = _piece(request, masthead, now, where, "articles:report")
    if isinstance(article, HttpResponse):
        return article
    address = reverse("articles:report", args=address_of(article))
    if request.method != "POST":
        return redirect(address)
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _page(request, masthead, now, where, step="check", form=form, status=422)
    try:
        take_in(request, article, form, now)
    except TooMany:
        problem = _("We have had more reports in this hour than we can take. What you typed is kept below.")
        problem += " " + (
            _("Send it again in an hour, or write to %(address)s.") % {"address": masthead.contact_email}
            if masthead.contact_email
            else _("Send it again in an hour.")
        )
        return _page(request, masthead, now, where, step="check", form=form, problem=problem, status=429)
    return HttpResponse(status=303, headers={"Location": f"{address}?sent=yes"})


def _piece(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, where: Where, name: str
) -> Article | HttpResponse:
    return piece_at(request, masthead, now, where, name, piece_titled)


def _page(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, where: Where, *, status: int = 200, **context: Any
) -> HttpResponse:
    article = _piece(request, masthead, now, where, "articles:report")
    if isinstance(article, HttpResponse):
        return article
    shown = {
        "title": public_text(article).title,
        "url": article.get_absolute_url(),
        "language": article.language,
        "direction": direction_of(article.language),
        "report_url": reverse("articles:report", args=address_of(article)),
        "send_url": reverse("articles:report_send", args=address_of(article)),
    }
    return page(request, "articles/report.html", masthead, shown | context, status=status)
