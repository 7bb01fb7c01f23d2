"""The months of addresses: which have listed pieces, when each last changed, how many files of the sitemap each fills."""

import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from articles import counts
from articles.models import Article, ChangedMonth, Publication
from articles.status import Status
from forum.prepared import Statement

# While many pieces come in at once, a month is not counted anew for each.
COUNT_AGAIN: Final = datetime.timedelta(minutes=10)


def note_month(article: Article) -> None:
    """Note that readers have something else of the piece. Done once that is committed, and by itself: many pieces that are
    changed in one transaction would else lock their months in any order. Whoever changed it is told nothing if it fails:
    a machine then reads the month a little later."""
    if article.published_on is not None:
        first_on = article.published_on.replace(day=1)
        transaction.on_commit(lambda: _note(article.pk, first_on), robust=True)


def _note(article_id: int, first_on: datetime.date) -> None:
    now = timezone.now()
    # That a piece waits for its moment, or was touched meanwhile, is nobody's to know.
    if not Publication.objects.filter(article=article_id, at__lte=now).exists():
        return
    known = ChangedMonth.objects.filter(pk=first_on).first()
    if known and now - known.counted_at < COUNT_AGAIN:
        ChangedMonth.objects.filter(pk=first_on).update(changed_at=now)
        return
    ChangedMonth.objects.bulk_create(
        [ChangedMonth(first_on=first_on, changed_at=now, count=counts.of_month(first_on), counted_at=now)],
        update_conflicts=True, unique_fields=["first_on"], update_fields=["changed_at", "count", "counted_at"],
    )  # fmt: skip


def after(first_on: datetime.date) -> datetime.date:
    """The first day of the next month. Raises OverflowError after the last there is."""
    return (first_on + datetime.timedelta(days=31)).replace(day=1)


def files_of(count: int, size: int) -> int:
    """How many files a month of about so many pieces fills: the last takes what has come since it was counted."""
    return max(1, -(-count // size))


def months(now: datetime.datetime) -> list[tuple[datetime.date, datetime.datetime, int]]:
    """The months that have listed pieces, the newest first, each with its last change and about how many pieces it has.

    Goes from month to month through an index: it costs what the months cost, however many pieces there are.
    """
    return _MONTHS.rows(now=now)


_MONTHS: Final = Statement(f"""
    WITH RECURSIVE newest AS (
      (SELECT published_on, published_at FROM articles_article
       WHERE live_id IS NOT NULL AND status = '{Status.PUBLISHED.value}' AND published_at <= %(now)s
       ORDER BY published_on DESC, published_at DESC LIMIT 1)
      UNION ALL
      SELECT older.published_on, older.published_at FROM newest, LATERAL (
        SELECT published_on, published_at FROM articles_article
        WHERE live_id IS NOT NULL AND status = '{Status.PUBLISHED.value}' AND published_at <= %(now)s
          AND published_on < date_trunc('month', newest.published_on)::date
        ORDER BY published_on DESC, published_at DESC LIMIT 1) AS older
    )
    SELECT first_on, GREATEST(published_at, changed_at), COALESCE(count, 0)
    FROM (SELECT date_trunc('month', published_on)::date AS first_on, published_at FROM newest) AS months
    LEFT JOIN articles_changedmonth USING (first_on) ORDER BY first_on DESC
""")  # noqa: S608  a constant
