"""The front page: the lead at its head, what is featured and newest beside it; then the editors' selection, and special
features between the shelves of the regions."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse

from articles import structured
from articles.front import Front, front_page
from articles.heads import head_of_page
from articles.views.public import absolute, page, public
from forum.models import Masthead


@public
def home(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    front = front_page(now)
    data = structured.front_page(masthead, [front.by_id[pk] for pk in front.top])
    return page(request, "articles/home.html", masthead, home_context(front) | {
        "head": head_of_page(masthead, masthead.name, absolute("/"), data),
    })  # fmt: skip


def _below(front: Front) -> Iterator[dict[str, Any]]:
    """The shelves of the regions, on every other of which one piece is larger than the rest; a special feature after the
    first and after the third."""
    features = [
        {"id": f"feature-{number}", "feature": feature, "pieces": pieces}
        for number, (feature, pieces) in enumerate(front.features, start=1)
    ]
    for number, (region, pieces) in enumerate(front.shelves, start=1):
        led, rest = (pieces[0], pieces[1:]) if number % 2 else (None, pieces)
        yield {"id": f"shelf-{number}", "region": region, "led": led, "pieces": rest}
        if number % 2 and features:
            yield features.pop(0)
    yield from features


def home_context(front: Front) -> dict[str, Any]:
    """What `articles/home.html` takes, but for the masthead itself."""
    return {
        "section": "latest",
        "lead": front.lead,
        "latest": front.latest,
        "latest_title": front.latest_title,
        "selection": front.selection,
        "shelves": [*_below(front)],
        "single": front.single,
        "canonical": absolute("/"),
    }
