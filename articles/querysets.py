"""What readers may see, said once. Feeds, lists, search and pages are one line on top of it."""

import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

from articles.status import Status

if TYPE_CHECKING:
    from articles.models import Article  # noqa: F401  the type of the rows


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, now: datetime.datetime) -> Self:
        """Pieces with a page at that moment, retracted ones included."""
        return self.filter(live__isnull=False, published_at__lte=now)

    def listed(self, now: datetime.datetime) -> Self:
        """Pieces that lists, feeds, sitemap and search may name at that moment."""
        return self.published(now).filter(status=Status.PUBLISHED)

    def newest_first(self) -> Self:
        """Latest publication first, the order of every list of readers."""
        return self.order_by("-published_at", "-pk")
