"""Slugs and addresses: never empty, never twice, and an address once given keeps working."""

import datetime
import zoneinfo

from django.db import connection
from django.db.models import Q

from articles.models import Article, FormerAddress
from prose import slugs


def free_slug(text: str, *, article_id: int | None = None) -> str:
    """A slug of the text that no other piece has or had.

    Call it in the transaction that saves it: whoever wants a slug of the same stem waits until that is done.
    """
    stem = slugs.slug(text, "untitled")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"slug {stem.rstrip('-0123456789')}"])
    like = Q(slug=stem) | Q(slug__startswith=f"{stem}-")
    others, former = Article.objects.filter(like), FormerAddress.objects.filter(like)
    if article_id is not None:
        others, former = others.exclude(pk=article_id), former.exclude(article_id=article_id)
    taken = {*others.values_list("slug", flat=True), *former.values_list("slug", flat=True)}
    candidate, number = stem, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def day_of(moment: datetime.datetime, zone: zoneinfo.ZoneInfo) -> datetime.date:
    """The day of a moment in the publication's time zone: 8 am in Canberra is that day's address."""
    return moment.astimezone(zone).date()


def keep(article: Article, published_on: datetime.date, slug: str) -> None:
    """Remember an address that readers knew, once the piece has another of the same day."""
    FormerAddress.objects.get_or_create(published_on=published_on, slug=slug, defaults={"article": article})
    FormerAddress.objects.filter(article=article, published_on=published_on, slug=article.slug).delete()
