"""The front page: the lead at its head, what is featured and newest beside it, a shelf for each region below."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from articles.front import Front, front_page
from articles.views.public import absolute, page, public
from forum.models import Masthead


@public
def home(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    return page(request, "articles/home.html", masthead, home_context(front_page(now)))


def home_context(front: Front) -> dict[str, Any]:
    """What `articles/home.html` takes, but for the masthead itself."""
    return {
        "section": "latest",
        "lead": front.lead,
        "latest": front.latest,
        "latest_title": front.latest_title,
        "shelves": [{"region": region, "pieces": pieces} for region, pieces in front.shelves],
        "single": front.single,
        "canonical": absolute("/"),
    }
