"""The front page: what editors picked for a time stands first, then the newest; a shelf for each region below.

A pick that readers may not see (taken down, retracted, not there yet) is passed over, and the next one moves up: nobody
has to tidy up for the page to be right.
"""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from articles.lists import Branch, cards_by_id, newest_in_each, region_tree, shelf_regions
from articles.models import Article, FrontPick
from articles.pieces import Piece

LATEST = 6  # the lead and five beside it
SHELF = 3
# What is read of the picks; the places are few, and those that overlap are passed over.
MOST_PICKS = 50


@dataclass(slots=True)
class Front:
    """What stands on the front page. The pieces of the template with their ids, for the desk's preview."""

    lead: Piece | None = None
    latest: list[Piece] = field(default_factory=list)
    shelves: list[tuple[Branch, list[Piece]]] = field(default_factory=list)
    # Pieces that would be alone on the shelf of their region.
    single: list[Piece] = field(default_factory=list)
    # The ids at the top in order, the lead first, and those of them that were picked.
    top: list[int] = field(default_factory=list)
    picked: list[int] = field(default_factory=list)
    by_id: dict[int, Piece] = field(default_factory=dict)

    @property
    def latest_title(self) -> str:
        """What the list beside the lead holds: the newest, picked pieces, or both."""
        beside = [pk for pk in self.top if self.by_id[pk] is not self.lead]
        picked = [pk for pk in beside if pk in self.picked]
        return _("Latest") if not picked else _("Featured") if len(picked) == len(beside) else _("Featured and latest")


def valid_at(picks: QuerySet[FrontPick], now: datetime.datetime) -> QuerySet[FrontPick]:
    """Those whose time it is: from their first moment on, up to but without their last."""
    return picks.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), starts_at__lte=now)


def picked_at(now: datetime.datetime, *, leave_out: Collection[int] = ()) -> list[int]:
    """The ids of the picked pieces that readers see at that moment, in order, each once; at most as many as fit."""
    rows = valid_at(FrontPick.objects.filter(article__in=Article.objects.listed(now)), now)
    ids = rows.exclude(article__in=leave_out) if leave_out else rows
    return list(dict.fromkeys(ids.values_list("article_id", flat=True)[:MOST_PICKS]))[:LATEST]


def front_page(now: datetime.datetime, *, leave_out: Collection[int] = ()) -> Front:
    """The front page at that moment, in a fixed number of queries.

    `leave_out` are pieces that whoever looks may not know of, for the desk's preview of a moment still ahead.
    """
    picked = picked_at(now, leave_out=leave_out)
    newest = Article.objects.listed(now).newest_first().values_list("pk", flat=True)
    # Enough to fill the places beside whatever was picked.
    rest = [pk for pk in newest[: LATEST + len(leave_out) + len(picked)] if pk not in leave_out and pk not in picked]
    top = [*picked, *rest][:LATEST]
    regions = shelf_regions(region_tree()[0]) if len(top) == LATEST else []
    # Enough of each that a shelf is still full without what stands above it and on the other shelves.
    found = newest_in_each(regions, now, LATEST + 2 * SHELF + len(leave_out))
    shown = {*top, *leave_out}
    shelves = []
    for region in regions:
        ids = [pk for pk in found.get(region.pk, []) if pk not in shown][:SHELF]
        shown.update(ids)
        shelves.append((region, ids))
    by_id = cards_by_id([*top, *(pk for __, pks in shelves for pk in pks)], now)
    front = Front(by_id=by_id, top=[pk for pk in top if pk in by_id], picked=[pk for pk in picked if pk in by_id])
    above = [by_id[pk] for pk in front.top]
    if front.picked:
        front.lead = above[0]
    else:
        # A front page begins with a picture where it has one; the newest pieces stand beside it in any case.
        front.lead = next((piece for piece in above if piece.live.lead_image), above[0] if above else None)
    front.latest = [piece for piece in above if piece is not front.lead]
    for region, pks in shelves:
        pieces = [by_id[pk] for pk in pks if pk in by_id]
        region.label(pieces)
        if len(pieces) > 1:
            front.shelves.append((region, pieces))
        else:
            # A shelf with one piece on it looks forgotten; those share one.
            front.single += pieces
    return front
