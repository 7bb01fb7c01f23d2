"""The card that stands beside a shared link."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from articles.models.article import Article
from articles.models.image import Image


class ShareCard(models.Model):
    """The card of one piece, as it was drawn last (`articles.share_cards`). May be thrown away and drawn again."""

    article = models.OneToOneField(Article, primary_key=True, on_delete=models.CASCADE, related_name="share_card")
    # Its place in the storage, which can't be guessed.
    file = models.CharField(max_length=100, blank=True)
    # What it shows, told apart by this: a page names the card only while it shows what the page says.
    key = models.CharField(max_length=32)
    # The publication's part in that: another name of the publication makes every card another.
    house = models.CharField(max_length=32)
    # Readers get the card only while they have this title, and this state.
    title = models.CharField(max_length=300)
    is_retracted = models.BooleanField(default=False)
    picture = models.ForeignKey(Image, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file"], condition=~Q(file=""), name="share_card_file_once")
        ]

    def __str__(self) -> str:
        return f"Card of {self.article_id}"
