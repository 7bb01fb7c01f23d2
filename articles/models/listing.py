"""Narrow rows that lists are read from, so that they stay flat at any size.

Each holds `published_at` beside what it lists by, for live pieces, those still ahead included: queries ask for
`published_at <= now`. `articles.listing.relist` rebuilds the rows of a piece; a region's list holds the pieces of
the regions within it.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from articles.models.article import Article
from articles.models.taxonomy import Region, Series, Tag
from authors.models import Author


class Listing(models.Model):
    """One piece in one list. The concrete tables differ in `target` alone."""

    published_at = models.DateTimeField()
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="%(class)s_rows")

    class Meta:
        abstract = True
        constraints: ClassVar = [models.UniqueConstraint(fields=["target", "article"], name="%(class)s_once")]
        indexes: ClassVar = [models.Index(fields=["target", "published_at", "article"], name="%(class)s_by_date")]

    def __str__(self) -> str:
        return f"{self.target_id}: {self.article_id}"  # type: ignore[attr-defined]  # each table has its own target


class RegionListing(Listing):
    target = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="+", db_index=False)


class TagListing(Listing):
    target = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False)


class AuthorListing(Listing):
    target = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+", db_index=False)


class SeriesListing(Listing):
    target = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="+", db_index=False)
    # As in `Article.series_position`; those without one come last.
    position = models.PositiveSmallIntegerField(default=65535 // 2)

    class Meta(Listing.Meta):
        indexes: ClassVar = [
            *Listing.Meta.indexes,
            models.Index(fields=["target", "position", "published_at", "article"], name="serieslisting_in_order"),
            models.Index(
                F("published_at").desc(), F("article").desc(), include=["target"], name="serieslisting_newest"
            ),
        ]


class ListCount(models.Model):
    """A difference of how many pieces a list holds, or a month of addresses (`articles.counts`): `kind` says of what,
    `target` which one, a month as 202601. Written by triggers."""

    kind = models.CharField(max_length=7)
    target = models.BigIntegerField()
    difference = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "target"], include=["difference"], name="list_count")]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}: {self.difference:+}"


class ChangedMonth(models.Model):
    """When a piece with an address in that month was last changed for readers, so that machines which read the whole
    site know which months to read again; and about how many pieces it has, for how many files of the sitemap it fills.

    A month that is missing was not changed since its newest piece appeared. `articles.months` keeps them.
    """

    first_on = models.DateField(primary_key=True)
    changed_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.first_on:%Y-%m}"


class SearchEntry(models.Model):
    """Two vectors of a piece: the public one made from what readers have, the desk's from the latest text.

    One vector for both would leak pending text through search.
    """

    article = models.OneToOneField(Article, primary_key=True, on_delete=models.CASCADE, related_name="search")
    public = SearchVectorField(null=True)
    desk = SearchVectorField(null=True)
    # A query for the words that tell the most of what readers have (`articles.telling`); empty where nothing is listed.
    telling = models.TextField(default="", db_default="", blank=True)
    # Of what is listed: since when, and the period that lies in (`articles.search.PERIOD`), as an array for the index.
    published_at = models.DateTimeField(null=True)
    periods = ArrayField(models.IntegerField(), null=True)
    # How they were made (`articles.search.VERSION`), and whether `SearchWord` has the words of what readers have.
    version = models.PositiveSmallIntegerField(default=0)
    is_learned = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["article"], name="search_unlearned", condition=Q(is_learned=False)),
            models.Index(fields=["version"], name="search_version"),
            models.Index(
                F("published_at").desc(), F("article").desc(), condition=Q(public__isnull=False), name="search_by_date"
            ),
            # Without the pending list a publication never waits for somebody else's clean-up.
            GinIndex(fields=["public", "periods"], name="search_public_periods", fastupdate=False),
            GinIndex(fields=["desk"], name="search_desk", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"Search entry of {self.article_id}"


class SearchWord(models.Model):
    """A word that readers' texts have or had, for help with spelling (`articles.spelling`).

    Whether it may be named is asked each time: a word is proposed only while a listed piece has it.
    """

    word = models.CharField(max_length=40, primary_key=True, help_text="Folded.")
    shown = models.CharField(max_length=60, help_text="As it is written.")
    # What words that are a slip apart have in common.
    keys = ArrayField(models.CharField(max_length=41))

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["keys"], name="search_word_keys")]

    def __str__(self) -> str:
        return self.shown


class WordShare(models.Model):
    """How common a word of the public vectors is, for `articles.telling`: the share of pieces that have it."""

    word = models.TextField(primary_key=True)
    share = models.FloatField()

    def __str__(self) -> str:
        return self.word
