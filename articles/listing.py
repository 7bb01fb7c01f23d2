"""Rebuilds the narrow rows that lists are read from, and the two search vectors, for one piece at a time."""

from collections.abc import Iterable

from django.db.models import QuerySet

from articles.models import (
    Article,
    AuthorListing,
    Byline,
    Region,
    RegionListing,
    SeriesListing,
    TaggedArticle,
    TagListing,
)
from articles.models.listing import Listing
from articles.months import note_month
from articles.search import reindex
from articles.share_cards import cards
from articles.status import Status
from forum.compiled import Compiled

# Somebody waits for these: what each asks for is the same for every piece.
_PARENTS: Compiled[tuple[int, int | None]] = Compiled(lambda: Region.objects.order_by().values_list("pk", "parent_id"))
_REGIONS: Compiled[tuple[int]] = Compiled(
    lambda article: Region.objects.filter(articles=article).order_by().values_list("pk"), article=int
)
_TOPICS: Compiled[tuple[int]] = Compiled(
    lambda article: TaggedArticle.objects.filter(content_object=article).values_list("tag_id"), article=int
)
_AUTHORS: Compiled[tuple[int]] = Compiled(
    lambda article: Byline.objects.filter(article=article, author__isnull=False).order_by().values_list("author_id"),
    article=int,
)


def relist(article: Article) -> None:
    """Bring every list and the search in step with the piece. Call it inside the transaction that changed the piece."""
    # Read anew under a lock: a publication that is on its way must neither be missed nor overwritten.
    article = Article.objects.select_for_update().get(pk=article.pk)
    is_listed = article.live_id is not None and article.status == Status.PUBLISHED
    targets: list[tuple[type[Listing], set[int]]] = [
        (RegionListing, _regions_with_ancestors(article) if is_listed else set()),
        (TagListing, {pk for (pk,) in _TOPICS(article=article.pk)} if is_listed else set()),
        (AuthorListing, {pk for (pk,) in _AUTHORS(article=article.pk)} if is_listed else set()),
        (SeriesListing, {article.series_id} if is_listed and article.series_id else set()),
    ]
    was_listed = False
    for model, ids in targets:
        rows = model._default_manager
        was_listed |= rows.filter(article=article).delete()[0] > 0
        place = {"position": article.series_position} if model is SeriesListing and article.series_position else {}
        rows.bulk_create(
            model(target_id=pk, article=article, published_at=article.published_at, **place)  # type: ignore[misc]  # `target` is each table's own
            for pk in sorted(ids)
        )
    reindex(article)
    if is_listed or was_listed:
        note_month(article)
    cards.follow(article)


def _regions_with_ancestors(article: Article) -> set[int]:
    """The piece's regions and all that hold them. The whole tree is read: it is small, and one query."""
    parents = dict(_PARENTS())
    found: set[int] = set()
    for (pk,) in _REGIONS(article=article.pk):
        node: int | None = pk
        while node is not None and node not in found:
            found.add(node)
            node = parents.get(node)
    return found


def relist_regions(article_ids: Iterable[int]) -> None:
    """Bring the lists of regions in step for many pieces at once, after the tree or what stands in it was changed.

    A handful of queries, however many pieces. Lock the pieces before.
    """
    ids = sorted(set(article_ids))
    parents = dict(Region.objects.values_list("pk", "parent_id"))
    listed = dict(
        Article.objects.filter(pk__in=ids, live__isnull=False, status=Status.PUBLISHED).values_list(
            "pk", "published_at"
        )
    )
    wanted: set[tuple[int, int]] = set()
    named = Article.regions.through.objects.filter(article_id__in=listed).values_list("article_id", "region_id")
    for article_id, region_id in named:
        node: int | None = region_id
        while node is not None and (article_id, node) not in wanted:
            wanted.add((article_id, node))
            node = parents.get(node)
    RegionListing.objects.filter(article__in=ids).delete()
    RegionListing.objects.bulk_create(
        (
            RegionListing(article_id=article_id, target_id=region_id, published_at=listed[article_id])  # type: ignore[misc]  # what is live has a moment
            for article_id, region_id in sorted(wanted)
        ),
        batch_size=2000,
    )


def pieces_within(region: Region) -> QuerySet[Article]:
    """Pieces of a region and of the regions within it."""
    inside, frontier = {region.pk}, {region.pk}
    while frontier:
        frontier = set(Region.objects.filter(parent__in=frontier).values_list("pk", flat=True)) - inside
        inside |= frontier
    through = Article.regions.through.objects.filter(region_id__in=inside)
    return Article.objects.filter(pk__in=through.values("article_id"))
