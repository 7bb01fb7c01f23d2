"""The tree of regions, laid out by hand: up, down, into the one above, out again."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from articles.listing import pieces_within, relist_regions
from articles.models import Article, Region
from editorial import changes, jobs
from editorial.models import Change
from editorial.registry import Blocked, Reason

WAYS = ("up", "down", "in", "out")
# Deeper trees are read by nobody.
DEEPEST = 4


def move(region: Region, way: str, *, by: User) -> None:
    """Move a region one place. Raises Blocked with the reason where it can't go that way."""
    if not by.has_perm("articles.change_region"):
        raise PermissionDenied("Moving regions is not yours to do.")
    with transaction.atomic():
        # The whole tree: it is small, and two moves at once would give two regions one place.
        rows = {row.pk: row for row in Region.objects.select_for_update(no_key=True).order_by("pk")}
        if region.pk not in rows:
            raise Blocked(Reason("This region is gone by now. Somebody merged or deleted it."))
        region = rows[region.pk]
        before = changes.words_of(region)
        family = _within(rows, region.parent_id)
        place = family.index(region)
        match way:
            case "up" | "down":
                other = place + (-1 if way == "up" else 1)
                if not 0 <= other < len(family):
                    raise Blocked(Reason(f"{region} stands {'first' if way == 'up' else 'last'} already."))
                family[place], family[other] = family[other], family[place]
                _number(family)
            case "in":
                if place == 0:
                    raise Blocked(Reason(f"There is no region above {region} that it could go into."))
                if _depth(rows, region) + _height(rows, region) > DEEPEST:
                    raise Blocked(Reason(f"Regions lie at most {DEEPEST} deep."))
                above = family[place - 1]
                change_parent(region, above)
                _number([*_within(rows, above.pk, but=region), region])
                _number([row for row in family if row != region])
            case "out":
                if region.parent_id is None:
                    raise Blocked(Reason(f"{region} is at the top already."))
                parent = rows[region.parent_id]
                around = _within(rows, parent.parent_id)
                change_parent(region, rows.get(parent.parent_id) if parent.parent_id else None)
                around.insert(around.index(parent) + 1, region)
                _number(around)
                _number([row for row in family if row != region])
            case _:
                raise Blocked(Reason("A region goes up, down, in or out."))
        told = changes.differences(before, changes.words_of(Region.objects.get(pk=region.pk)))
        changes.record(by=by, action=Change.Action.CHANGED, obj=region, changes=told)


def change_parent(region: Region, parent: Region | None) -> None:
    """Save another parent, and list the pieces of the region under what holds it now. Call it inside a transaction."""
    touched = list(pieces_within(region).order_by("pk").values_list("pk", flat=True))
    list(Article.objects.select_for_update().filter(pk__in=touched).order_by("pk").values_list("pk"))
    region.parent = parent
    region.save(update_fields=["parent"])
    relist_regions(touched)
    jobs.order_reindexing(touched)


def _within(rows: dict[int, Region], parent: int | None, *, but: Region | None = None) -> list[Region]:
    """The regions within one, in their order."""
    found = [row for row in rows.values() if row.parent_id == parent and row != but]
    return sorted(found, key=lambda row: (row.position, row.name))


def _number(family: list[Region]) -> None:
    for place, row in enumerate(family, 1):
        if row.position != place:
            row.position = place
            row.save(update_fields=["position"])


def _depth(rows: dict[int, Region], region: Region) -> int:
    """1 at the top."""
    depth, node = 1, region.parent_id
    while node is not None and depth <= len(rows):
        depth, node = depth + 1, rows[node].parent_id
    return depth


def _height(rows: dict[int, Region], region: Region) -> int:
    """How many levels it has, itself included."""
    return 1 + max((_height(rows, row) for row in rows.values() if row.parent_id == region.pk), default=0)
