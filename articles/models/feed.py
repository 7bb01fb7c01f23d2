"""Since when the address of a feed has had what it has (`articles.feeds.freshness`)."""

from django.db import models


class FeedState(models.Model):
    """What somebody last got from one address. May be thrown away: its readers then fetch the feed once more."""

    path = models.CharField(max_length=200, primary_key=True)
    digest = models.CharField(max_length=32)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.path
