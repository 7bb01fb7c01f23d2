"""The front page: what editors picked for a time stands first, then the newest; below it the editors' selection, the
special features that grew last, and a shelf for each region. No piece stands there twice.

A pick that readers may not see (taken down, retracted, not there yet) is passed over, and the next one moves up: nobody
has to tidy up for the page to be right. So is a piece of the selection that stands at the top in any case: the selection
is for what is worth reading still, and takes no place from what is new.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from articles.lists import Branch, cards_by_id, newest_in_each, region_tree, shelf_regions
from articles.models import Article, FrontPick
from articles.pieces import Piece
from articles.series import Feature, newest_features
from forum.compiled import Compiled, any_of

LATEST = 6  # the lead and five beside it
SELECTION = 4
SHELF = 3
MORE = 6
FEATURES = 2
# Fewer would be no feature of several pieces any more; those at the top are not among them.
FEWEST_OF_FEATURE, MOST_OF_FEATURE = 2, 3
# What is read of the picks; the places are few, and those that overlap are passed over.
MOST_PICKS = 100


@dataclass(frozen=True, slots=True)
class Picked:
    """The ids of the picked pieces that readers see at a moment, in order, each once in its section."""

    top: list[int]
    selection: list[int]


@dataclass(slots=True)
class Front:
    """What stands on the front page. The pieces of the template with their ids, for the desk's preview."""

    lead: Piece | None = None
    latest: list[Piece] = field(default_factory=list)
    selection: list[Piece] = field(default_factory=list)
    features: list[tuple[Feature, list[Piece]]] = field(default_factory=list)
    shelves: list[tuple[Branch, list[Piece]]] = field(default_factory=list)
    # Pieces that would be alone on the shelf of their region, or have none.
    single: list[Piece] = field(default_factory=list)
    # The ids at the top in order, the lead first, and those of them that were picked; the ids of the selection.
    top: list[int] = field(default_factory=list)
    picked: list[int] = field(default_factory=list)
    selected: list[int] = field(default_factory=list)
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


_PICKS: Compiled[tuple[str, int]] = Compiled(
    lambda now, leave_out: (
        valid_at(FrontPick.objects.filter(article__in=Article.objects.listed(now)), now)
        .filter(~any_of("article_id", leave_out))
        .values_list("section", "article_id")[:MOST_PICKS]
    ),
    now=datetime.datetime,
    leave_out=list,
)


@lru_cache(maxsize=64)
def _newest(most: int) -> Compiled[tuple[int]]:
    return Compiled(
        lambda now: Article.objects.listed(now).newest_first().values_list("pk")[:most], now=datetime.datetime
    )


def picked_at(now: datetime.datetime, *, leave_out: Collection[int] = ()) -> Picked:
    """What is picked for either section at that moment, and readers see; one query for both."""
    found: dict[str, dict[int, None]] = {section: {} for section in FrontPick.Section.values}
    for section, pk in _PICKS(now=now, leave_out=list(leave_out)):
        found[section][pk] = None
    return Picked(list(found[FrontPick.Section.TOP])[:LATEST], list(found[FrontPick.Section.SELECTION]))


def front_page(now: datetime.datetime, *, leave_out: Collection[int] = ()) -> Front:
    """The front page at that moment, in a fixed number of queries.

    `leave_out` are pieces that whoever looks may not know of, for the desk's preview of a moment still ahead.
    """
    picked = picked_at(now, leave_out=leave_out)
    # Enough to fill the places beside whatever was picked.
    most = LATEST + SELECTION + FEATURES * MOST_OF_FEATURE + MORE + len(leave_out) + len(picked.top)
    rest = [pk for (pk,) in _newest(most)(now=now) if pk not in {*leave_out, *picked.top}]
    top = [*picked.top, *rest][:LATEST]
    shown = {*top, *leave_out}
    selected = list(_unseen(picked.selection, SELECTION, shown))
    # Below them stands only what a site with more pieces has.
    has_more = len(top) == LATEST
    features = _features(now, shown, len(leave_out)) if has_more else []
    shelves = _shelves(now, shown, len(leave_out)) if has_more else []
    # Where no piece has a region, the newest go on below.
    more = list(_unseen(rest, MORE, shown)) if has_more and not any(pks for __, pks in shelves) else []
    below = [pk for __, pks in (*features, *shelves) for pk in pks]
    by_id = cards_by_id([*top, *selected, *below, *more], now)
    front = Front(
        by_id=by_id,
        top=[pk for pk in top if pk in by_id],
        picked=[pk for pk in picked.top if pk in by_id],
        selected=[pk for pk in selected if pk in by_id],
        features=[(feature, _cards(pks, by_id)) for feature, pks in features],
    )
    front.selection = _cards(front.selected, by_id)
    front.single = _cards(more, by_id)
    _fill_top(front)
    for region, pks in shelves:
        pieces = _cards(pks, by_id)
        region.label(pieces)
        if len(pieces) > 1:
            front.shelves.append((region, pieces))
        else:
            # A shelf with one piece on it looks forgotten; those share one.
            front.single += pieces
    return front


def _unseen(ids: Iterable[int], count: int, shown: set[int]) -> Iterator[int]:
    """The first of them that do not stand on the page yet; from then on they do."""
    for pk in [pk for pk in ids if pk not in shown][:count]:
        shown.add(pk)
        yield pk


def _cards(ids: Iterable[int], by_id: dict[int, Piece]) -> list[Piece]:
    return [by_id[pk] for pk in ids if pk in by_id]


def _features(now: datetime.datetime, shown: set[int], spare: int) -> list[tuple[Feature, list[int]]]:
    """The special features with the newest pieces, as far as those do not stand above."""
    # One whose pieces stand above is passed over, so a few more are looked at.
    found = newest_features(now, count=2 * FEATURES, pieces=LATEST + SELECTION + MOST_OF_FEATURE + spare)
    features: list[tuple[Feature, list[int]]] = []
    for feature in found:
        if len(features) < FEATURES and sum(pk not in shown for pk in feature.newest) >= FEWEST_OF_FEATURE:
            features.append((feature, list(_unseen(feature.newest, MOST_OF_FEATURE, shown))))
    return features


def _shelves(now: datetime.datetime, shown: set[int], spare: int) -> list[tuple[Branch, list[int]]]:
    regions = shelf_regions(region_tree()[0])
    # Enough of each that a shelf is still full without what stands above it and on the other shelves.
    above = LATEST + SELECTION + FEATURES * MOST_OF_FEATURE
    found = newest_in_each(regions, now, above + 2 * SHELF + spare)
    return [(region, list(_unseen(found.get(region.pk, []), SHELF, shown))) for region in regions]


def _fill_top(front: Front) -> None:
    above = _cards(front.top, front.by_id)
    if front.picked:
        front.lead = above[0]
    else:
        # A front page begins with a picture where it has one; the newest pieces stand beside it in any case.
        front.lead = next((piece for piece in above if piece.live.lead_image), above[0] if above else None)
    front.latest = [piece for piece in above if piece is not front.lead]
