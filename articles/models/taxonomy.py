"""What a piece is about: the tree of regions, tags (readers see topics), series."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Lower
from taggit.models import ItemBase, TagBase

from articles.models.image import Image
from authors.models import Author, FormerSlug, free_slug
from forum.addresses import SlugWords, address_of
from prose import names, sanitise, slugs


class Region(models.Model):
    """A place in the tree of regions. A piece about Japan is listed under East Asia too."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    description = models.TextField(max_length=1000, blank=True)
    image = models.ForeignKey(Image, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order among its neighbours; then by name.")

    class Meta:
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(
                Lower("name"), name="region_name_unique", violation_error_message="There is a region of this name."
            ),
            models.CheckConstraint(name="region_slug_not_empty", condition=~Q(slug="")),
            models.CheckConstraint(name="region_not_its_own_parent", condition=~Q(parent=models.F("pk"))),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address_of("articles:region", self.slug)

    def clean(self) -> None:
        self.name = names.tidy_name(self.name)
        if self.pk and self.parent and self.pk in {self.parent.pk, *(r.pk for r in self.parent.ancestors())}:
            raise ValidationError({"parent": f"{self.parent} lies within {self.name}: choose a region outside it."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = names.tidy_name(self.name)
        if not self.slug:
            self.slug = free_slug(Region, self.name, "region")
        super().save(*args, **kwargs)

    def ancestors(self) -> "list[Region]":
        """From the parent up to the root, in one query for each level; the tree is three deep."""
        found: list[Region] = []
        node = self.parent
        while node is not None and node not in found:
            found.append(node)
            node = node.parent
        return found


class RegionFormerSlug(FormerSlug):
    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="former_slugs")


class Tag(TagBase):
    """A tag; readers see it as a topic. One name in whatever case and spacing is one tag."""

    description = models.TextField(max_length=1000, blank=True)
    image = models.ForeignKey(Image, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Follows from the name: letters with and without accents share a place.
    sort_key = models.CharField(max_length=200, editable=False, default="", db_default="")

    class Meta:
        ordering = (Lower("name"),)
        indexes = (
            models.Index(Collate("sort_key", "C"), "id", name="tag_in_order"),
            GinIndex(SlugWords("slug"), name="tag_slug_words"),
        )
        constraints = (
            models.UniqueConstraint(
                Lower("name"), name="tag_name_unique", violation_error_message="There is a tag of this name."
            ),
            models.CheckConstraint(name="tag_slug_not_empty", condition=~Q(slug="")),
        )

    def get_absolute_url(self) -> str:
        return address_of("articles:topic", self.slug)

    def clean(self) -> None:
        self.name = names.tidy_name(self.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = names.tidy_name(self.name)
        self.sort_key = slugs.fold(self.name)[:200]
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "sort_key"}
        super().save(*args, **kwargs)

    def slugify(self, tag: str, i: int | None = None) -> str:
        """One that no tag has or had. Where somebody takes it meanwhile, taggit asks again."""
        return free_slug(Tag, tag, "topic", limit=90)


class TagFormerSlug(FormerSlug):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="former_slugs")


class TaggedArticle(ItemBase):
    """Through model of a piece's tags: a plain foreign key, where taggit's generic relation is slow."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="items")
    content_object = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="tagged_items")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tag", "content_object"], name="tag_once_a_piece"),)


class Series(models.Model):
    """Pieces that belong together, in an order of their own: a special feature, or an issue of a quarterly."""

    class Kind(models.TextChoices):
        FEATURE = "feature", "special feature"
        ISSUE = "issue", "quarterly issue"

    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FEATURE)
    number = models.CharField(
        "volume and number", max_length=60, blank=True, help_text="Of an issue, such as Vol. 12, No. 3."
    )
    slug = models.SlugField(max_length=120, unique=True, blank=True)
    introduction = models.TextField(blank=True, max_length=20000, help_text="HTML as `prose.sanitise` leaves it.")
    cover = models.ForeignKey(Image, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("title",)
        verbose_name = "special feature"
        indexes = (GinIndex(SlugWords("slug"), name="series_slug_words"),)
        constraints = (
            models.CheckConstraint(name="series_slug_not_empty", condition=~Q(slug="")),
            models.CheckConstraint(name="series_kind_is_known", condition=Q(kind__in=("feature", "issue"))),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address_of("articles:series", self.slug)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title = names.tidy_name(self.title)
        self.introduction = sanitise.sanitise(self.introduction)
        if not self.slug:
            self.slug = free_slug(Series, self.title, "series")
        super().save(*args, **kwargs)


class SeriesFormerSlug(FormerSlug):
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="former_slugs")


class SeriesEditor(models.Model):
    """Who put a series together, in order."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="editors")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint(fields=["series", "author"], name="series_editor_once"),)

    def __str__(self) -> str:
        return f"{self.author}, editor of {self.series_id}"
