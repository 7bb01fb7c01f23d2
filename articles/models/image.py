"""Pictures with what a reader must be told about them."""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from authors.models import Author

# The formats that renditions are made in, the better first: a browser takes the first that it knows.
FORMATS = ("avif", "webp")
# Cards and thumbnails are of this shape.
CARD_SHAPE = (3, 2)


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape in which search engines ask for a picture, as width to height."""

    across: int
    down: int

    @property
    def name(self) -> str:
        return f"{self.across}x{self.down}"

    def height_of(self, width: int) -> int:
        return max(1, round(width * self.down / self.across))


SHAPES = (Shape(1, 1), Shape(4, 3), Shape(16, 9))


@dataclass(frozen=True, slots=True)
class Shaped:
    """A picture cut to a shape, as it stands at its address."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Source:
    """A `<source>` of a `<picture>`."""

    type: str
    srcset: str


def unguessable_path(image: "Image", filename: str) -> str:
    """Where a picture is stored: a draft's picture must not be found by trying addresses, nor by its file's name."""
    token = secrets.token_urlsafe(24)
    suffix = filename.rsplit(".", 1)[-1].lower() if "." in filename else "bin"
    return f"images/{token[:2].lower()}/{token}.{suffix}"


class Image(models.Model):
    """One picture of the media library. Files are checked and written anew by `articles.images.store`."""

    class Licence(models.TextChoices):
        ALL_RIGHTS = "all_rights", "All rights reserved, used by permission"
        CC_BY = "cc_by", "CC BY 4.0"
        CC_BY_SA = "cc_by_sa", "CC BY-SA 4.0"
        CC0 = "cc0", "CC0 / public domain"
        OWN = "own", "Our own"

    # What may leave our pages: into feeds, books of a series and the cards of those who share a piece. What is used by
    # permission was given for our pages alone.
    TRAVELS = (Licence.CC_BY, Licence.CC_BY_SA, Licence.CC0, Licence.OWN)

    file = models.ImageField(
        upload_to=unguessable_path, width_field="width", height_field="height", max_length=200, unique=True
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    alt = models.CharField(
        "description for those who can’t see it",
        max_length=300,
        blank=True,
        help_text="What the picture shows, in a sentence. Read aloud by screen readers.",
    )
    caption = models.TextField(max_length=1000, blank=True, help_text="Printed beneath the picture.")
    credit = models.CharField(max_length=200, blank=True, help_text="Whose picture it is, as in “Photo: Reuters”.")
    agency = models.CharField(
        max_length=100,
        blank=True,
        help_text="The agency or archive that it came from, such as Reuters. For the desk alone.",
    )
    licence = models.CharField(max_length=12, choices=Licence, default=Licence.ALL_RIGHTS)
    # Shares of width and height from the left and the top.
    focal_x = models.DecimalField("focal point, from the left", max_digits=4, decimal_places=3, default=Decimal("0.5"))
    focal_y = models.DecimalField("focal point, from the top", max_digits=4, decimal_places=3, default=Decimal("0.5"))
    # Which renditions stand beside the file by now, made by the worker (`articles.renditions`): `wide` and `card` are
    # widths, each there in every format, `shapes` the width of each shape, `focus` the point round which cards and shapes
    # were cropped. `is_due`: the focal point has moved since. `problem`: why there are none.
    renditions = models.JSONField(default=dict, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "picture"
        ordering = ("-uploaded_at", "-pk")
        constraints: ClassVar[Any] = (
            models.CheckConstraint(
                name="image_focal_point_inside",
                condition=Q(focal_x__range=(0, 1)) & Q(focal_y__range=(0, 1)),
                violation_error_message="The focal point lies between 0 (left, top) and 1 (right, bottom).",
            ),
            models.CheckConstraint(name="image_has_size", condition=Q(width__gt=0, height__gt=0)),
            models.CheckConstraint(name="image_has_file", condition=~Q(file="")),
        )

    def __str__(self) -> str:
        return self.caption[:60] or self.alt[:60] or f"Picture {self.pk}"

    @property
    def may_travel(self) -> bool:
        """Whether its licence lets it leave our pages."""
        return self.licence in self.TRAVELS

    @property
    def focus_class(self) -> str:
        """CSS class that keeps the focal point in view when the picture is cropped, such as `focus-left-top`."""
        across = "left" if self.focal_x < Decimal("0.34") else "right" if self.focal_x > Decimal("0.66") else "centre"
        down = "top" if self.focal_y < Decimal("0.34") else "bottom" if self.focal_y > Decimal("0.66") else "middle"
        return f"focus-{across}-{down}"

    @property
    def focus(self) -> str:
        """The focal point as names of files have it, in thousandths: `500-500` is the middle."""
        return f"{int(Decimal(self.focal_x) * 1000)}-{int(Decimal(self.focal_y) * 1000)}"

    def rendition_name(self, width: int, suffix: str, focus: str = "") -> str:
        """Name of a rendition: as hard to guess as the picture's own, of which it is a part. With `focus`, of a card."""
        stem = self.file.name.rsplit(".", 1)[0]
        return f"{stem}.c{width}-{focus}.{suffix}" if focus else f"{stem}.w{width}.{suffix}"

    def shape_name(self, shape: Shape, focus: str) -> str:
        """Name of the picture cut to a shape, as hard to guess as its own."""
        return f"{self.file.name.rsplit('.', 1)[0]}.s{shape.name}-{focus}.jpg"

    @property
    def shaped(self) -> list[Shaped]:
        """The picture in each shape that was made; else whole, alone."""
        widths, focus = self.renditions.get("shapes", {}), self.renditions.get("focus", "")
        storage = self.file.storage
        return [
            Shaped(storage.url(self.shape_name(shape, focus)), widths[shape.name], shape.height_of(widths[shape.name]))
            for shape in SHAPES
            if shape.name in widths
        ] or [Shaped(self.file.url, self.width, self.height)]

    def _sources(self, widths: list[int], focus: str = "") -> list[Source]:
        storage = self.file.storage
        return [
            Source(
                f"image/{suffix}",
                ", ".join(f"{storage.url(self.rendition_name(w, suffix, focus))} {w}w" for w in widths),
            )
            for suffix in (FORMATS if widths else ())
        ]

    @property
    def sources(self) -> list[Source]:
        """The whole picture in several widths, as far as it was made; without a look at the storage."""
        return self._sources(self.renditions.get("wide", []))

    @property
    def card_sources(self) -> list[Source]:
        """The picture cropped round its focal point, as far as it was made."""
        return self._sources(self.renditions.get("card", []), self.renditions.get("focus", ""))

    @property
    def thumbnail_url(self) -> str:
        """A small picture for a grid: cropped where that was made, else the picture itself."""
        cards = [width for width in self.renditions.get("card", []) if width >= 240] or self.renditions.get("card", [])
        if not cards:
            return str(self.file.url)
        return str(self.file.storage.url(self.rendition_name(cards[0], "webp", self.renditions.get("focus", ""))))


class Portrait(models.Model):
    """The picture on an author's page. A table of its own: authors stand below pictures and know nothing of them."""

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="portrait")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Portrait of {self.author}"
