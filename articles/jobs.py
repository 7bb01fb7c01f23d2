"""Jobs of the worker about pictures, the search and cards of shared links. Each is enqueued in the caller's transaction, and
safe to run twice."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import BigIntegerField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

if TYPE_CHECKING:
    from articles.models import Image

TASK = "articles.make_renditions"
CARD_TASK = "articles.make_share_card"
log = logging.getLogger(__name__)
# As many as one sweep hands out.
SWEPT = 200


@app.task(name=TASK, queue="pictures")
def make_renditions(image_id: int) -> None:
    """Make the renditions of one picture."""
    from articles.models import Image  # this module is read before the models are
    from articles.renditions import make

    if image := Image.objects.filter(pk=image_id).first():
        make(image)


def order_renditions(image: "Image") -> None:
    """Have the renditions of a picture made, once the present transaction is through."""
    # One after the other for one picture: the second may have another focal point.
    make_renditions.configure(lock=f"picture-{image.pk}").defer(image_id=image.pk)


@app.periodic(cron="*/10 * * * *", periodic_id="pictures")
@app.task(name="articles.sweep_pictures", queue="pictures", pass_context=True, queueing_lock="articles.sweep_pictures")
async def sweep_pictures(context: JobContext, timestamp: int) -> None:
    """Every ten minutes: find pictures without renditions that no job will make."""
    async for image_id in forgotten().aiterator():
        await make_renditions.configure(lock=f"picture-{image_id}").defer_async(image_id=image_id)


def forgotten() -> QuerySet["Image", int]:
    """Ids of pictures that wait for renditions though no job is left that makes them, such as after a crash."""
    from articles.renditions import missing

    pending = ProcrastinateJob.objects.filter(task_name=TASK, status__in=("todo", "doing")).values_list(
        Cast(KeyTextTransform("image_id", "args"), BigIntegerField()), flat=True
    )
    settled = timezone.now() - timedelta(minutes=2)
    return missing().filter(uploaded_at__lt=settled).exclude(pk__in=pending).values_list("pk", flat=True)[:SWEPT]


# Pieces that one sweep of the search takes; the next is a minute later.
SEARCHED = 500


@app.periodic(cron="* * * * *", periodic_id="search")
@app.task(name="articles.sweep_search", queue="lists", queueing_lock="articles.sweep_search", lock="search-words")
def sweep_search(timestamp: int) -> None:
    """Every minute: make vectors anew that an older version made, and learn the words of what readers have since."""
    from articles.models import Article, SearchEntry
    from articles.search import VERSION, reindex_each
    from articles.spelling import learn
    from articles.telling import is_known, keep_shares

    if not is_known() and keep_shares():
        # What was told apart without knowing how common words are is told apart anew.
        SearchEntry.objects.filter(public__isnull=False).update(version=VERSION - 1)
    old = list(Article.objects.filter(search__version__lt=VERSION).values_list("pk", flat=True)[:SEARCHED])
    # A lock is held over a few of them at a time, so that nobody who saves a piece waits long.
    for start in range(0, len(old), 25):
        reindex_each(Article.objects.filter(pk__in=old[start : start + 25]))
    learn(timezone.now(), SEARCHED)


@app.periodic(cron="17 3 * * *", periodic_id="forget-words")
@app.task(name="articles.forget_words", queue="lists", queueing_lock="articles.forget_words", lock="search-words")
def forget_words(timestamp: int) -> None:
    """Every night: words that no piece has any more are no longer kept; how common the others are is taken anew."""
    from articles.spelling import forget
    from articles.telling import keep_shares

    forget()
    keep_shares()


@app.periodic(cron="7 * * * *", periodic_id="gather-counts")
@app.task(name="articles.gather_counts", queue="lists", queueing_lock="articles.gather_counts")
def gather_counts(timestamp: int) -> None:
    """Every hour: one row for each count of a list, where differences were written down since."""
    from articles.counts import gather

    gather()


@app.task(name=CARD_TASK, queue="pictures")
def make_share_card(article_id: int) -> None:
    """Draw the card of one piece, where what it shows has changed."""
    from articles.share_cards.cards import make

    make(article_id)


def order_share_card(article_id: int) -> None:
    """Have the card of a piece drawn, once the present transaction is through."""
    make_share_card.configure(lock=f"share-card-{article_id}").defer(article_id=article_id)


@app.periodic(cron="*/10 * * * *", periodic_id="share_cards")
@app.task(name="articles.sweep_share_cards", queue="pictures", queueing_lock="articles.sweep_share_cards")
def sweep_share_cards(timestamp: int) -> None:
    """Every ten minutes: the card of the publication, and of pieces that have none, the newest first."""
    from articles.share_cards.cards import due, make, make_site
    from forum.models import Masthead

    masthead = Masthead.current()
    make_site(masthead)
    for article_id in due(masthead).values_list("pk", flat=True)[:SWEPT]:
        try:
            make(article_id)
        except Exception:
            # One that can't be drawn keeps none of the others waiting; its page names another picture meanwhile.
            log.exception("The card of piece %s could not be drawn.", article_id)
