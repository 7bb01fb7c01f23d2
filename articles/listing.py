"""Rebuilds the narrow rows that lists are read from, and the two search vectors, for one piece at a time."""

from articles.models import (
    Article,
    AuthorListing,
    Region,
    RegionListing,
    SeriesListing,
    TagListing,
)
from articles.models.listing import Listing
from articles.search import reindex
from articles.status import Status


def relist(article: Article) -> None:
    """Bring every list and the search in step with the piece. Call it inside the transaction that changed the piece."""
    # Read anew under a lock: a publication that is on its way must neither be missed nor overwritten.
    article = Article.objects.select_for_update().get(pk=article.pk)
    is_listed = article.live_id is not None and article.status == Status.PUBLISHED
    targets: list[tuple[type[Listing], set[int]]] = [
        (RegionListing, _regions_with_ancestors(article) if is_listed else set()),
        (TagListing, set(article.tagged_items.values_list("tag_id", flat=True)) if is_listed else set()),
        (
            AuthorListing,
            set(article.bylines.filter(author__isnull=False).values_list("author_id", flat=True))
            if is_listed
            else set(),
        ),
        (SeriesListing, {article.series_id} if is_listed and article.series_id else set()),
    ]
    for model, ids in targets:
        rows = model._default_manager
        rows.filter(article=article).delete()
        place = {"position": article.series_position} if model is SeriesListing and article.series_position else {}
        rows.bulk_create(
            model(target_id=pk, article=article, published_at=article.published_at, **place)  # type: ignore[misc]  # `target` is each table's own
            for pk in sorted(ids)
        )
    reindex(article)


def relist_region(region: Region) -> int:
    """Relist every piece within a region, after the tree was changed; returns how many."""
    inside, frontier = {region.pk}, {region.pk}
    while frontier:
        frontier = set(Region.objects.filter(parent__in=frontier).values_list("pk", flat=True)) - inside
        inside |= frontier
    pieces = Article.objects.filter(regions__in=inside).distinct().order_by("pk")
    for piece in pieces:
        relist(piece)
    return len(pieces)


def _regions_with_ancestors(article: Article) -> set[int]:
    """The piece's regions and all that hold them. The whole tree is read: it is small, and one query."""
    parents = dict(Region.objects.values_list("pk", "parent_id"))
    found: set[int] = set()
    for pk in article.regions.values_list("pk", flat=True):
        node: int | None = pk
        while node is not None and node not in found:
            found.add(node)
            node = parents.get(node)
    return found
