"""Jobs of the worker for the desk. A job is enqueued in the caller's transaction and is safe to run twice."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

# So few are brought in step while the person waits.
AT_ONCE = 50
# A job takes so many; a lock is held over so few of them at a time, so that nobody who saves a piece waits long.
A_JOB, A_LOCK = 500, 25


@app.task(name="editorial.reindex_pieces", queue="lists")
def reindex_pieces(article_ids: list[int]) -> None:
    """Make what search knows of these pieces anew; those that are gone are passed over."""
    from articles.models import Article  # this module is read before the models are
    from articles.search import reindex_each

    for start in range(0, len(article_ids), A_LOCK):
        reindex_each(Article.objects.filter(pk__in=article_ids[start : start + A_LOCK]))


def order_reindexing(article_ids: Iterable[int]) -> int:
    """Bring search in step with these pieces: at once where they are few, else by the worker after this transaction.

    Call it when a name changed. What readers open and list does not wait for it. Returns how many are left to the worker.
    """
    ids = sorted(set(article_ids))
    if len(ids) <= AT_ONCE:
        reindex_pieces(ids)
        return 0
    for start in range(0, len(ids), A_JOB):
        reindex_pieces.defer(article_ids=ids[start : start + A_JOB])
    return len(ids)


@app.task(name="editorial.relist_pieces", queue="lists")
def relist_pieces(article_ids: list[int]) -> None:
    """Bring the lists and the search in step with these pieces; those that are gone are passed over."""
    from articles.listing import relist
    from articles.models import Article

    for start in range(0, len(article_ids), A_LOCK):
        with transaction.atomic():
            pieces = Article.objects.select_for_update().filter(pk__in=article_ids[start : start + A_LOCK])
            for article in pieces.order_by("pk"):
                relist(article)


def order_relisting(article_ids: Iterable[int]) -> None:
    """Bring lists and search in step with these pieces right after this transaction, and once more by the worker.

    For pieces that can't be locked within it. What follows a commit can be cut short, by a crash or a restart; the worker's
    job is committed with the rest, and makes sure.
    """
    ids = sorted(set(article_ids))
    for start in range(0, len(ids), A_JOB):
        relist_pieces.defer(article_ids=ids[start : start + A_JOB])
    if ids:
        # Robust: what was ordered is done, and the person is not told otherwise; the worker does the rest.
        transaction.on_commit(lambda: relist_pieces(ids), robust=True)


@app.periodic(cron="* * * * *", periodic_id="remind")
@app.task(name="editorial.remind", queue="mail", queueing_lock="editorial.remind")
def remind(timestamp: int) -> None:
    """Every minute: send the reminders that are due by now, whenever they should have gone."""
    from editorial import deadlines

    deadlines.run(timezone.now())
