"""Jobs of the worker for the desk. A job is enqueued in the caller's transaction and is safe to run twice."""

from collections.abc import Iterable

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
