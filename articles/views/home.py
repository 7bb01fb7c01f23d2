"""The front page: one of the newest pieces at its head, the others beside it, a shelf for each region below."""

import datetime

from django.http import HttpRequest, HttpResponse

from articles.lists import cards_by_id, newest_in_each, region_tree, shelf_regions
from articles.models import Article
from articles.views.public import absolute, page, public
from forum.models import Masthead

LATEST = 6  # the lead and five beside it
SHELF = 3


@public
def home(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    newest = list(Article.objects.listed(now).newest_first().values_list("pk", flat=True)[:LATEST])
    regions = shelf_regions(region_tree()[0]) if len(newest) == LATEST else []
    # Enough of each that a shelf is still full without what stands above it and on the other shelves.
    found = newest_in_each(regions, now, LATEST + 2 * SHELF)
    shown = set(newest)
    shelves = []
    for region in regions:
        ids = [pk for pk in found.get(region.pk, []) if pk not in shown][:SHELF]
        shown.update(ids)
        shelves.append((region, ids))
    ids = [*newest, *(pk for _, pks in shelves for pk in pks)]
    by_id = cards_by_id(ids, now)
    latest = [by_id[pk] for pk in newest if pk in by_id]
    # A front page begins with a picture where it has one; the newest pieces stand beside it in any case.
    lead = next((piece for piece in latest if piece.live.lead_image), latest[0] if latest else None)
    filled, single_ids = [], set()
    for region, pks in shelves:
        pieces = [by_id[pk] for pk in pks if pk in by_id]
        region.label(pieces)
        if len(pieces) > 1:
            filled.append({"region": region, "pieces": pieces})
        else:
            single_ids.update(pks)
    # A shelf with one piece on it looks forgotten; those share one.
    single = [by_id[pk] for pk in ids if pk in single_ids and pk in by_id]
    return page(request, "articles/home.html", masthead, {
        "section": "latest",
        "lead": lead,
        "latest": [piece for piece in latest if piece is not lead],
        "shelves": filled,
        "single": single,
        "canonical": absolute("/"),
    })  # fmt: skip
