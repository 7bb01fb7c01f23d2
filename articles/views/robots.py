"""What machines that read the whole site are asked, and told."""

import datetime
import json

from django.http import HttpRequest, HttpResponse

from articles import crawlers
from articles.llms import llms_txt
from articles.views.public import public
from forum.models import Masthead

PLAIN = "text/plain; charset=utf-8"


@public
def robots(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    return HttpResponse(crawlers.robots(masthead), content_type=PLAIN)


@public
def tdmrep(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    return HttpResponse(json.dumps(crawlers.mining_reservation(masthead)), content_type="application/json")


@public
def llms(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    """In Markdown, at the address where its readers look for it."""
    response = HttpResponse(llms_txt(masthead, now), content_type=PLAIN)
    response["X-Robots-Tag"] = "noindex"
    return response
