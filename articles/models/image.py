"""Pictures with what a reader must be told about them."""

import secrets
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from authors.models import Author


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
    # Which renditions stand beside the file by now; made by the worker (`articles.renditions`).
    renditions = models.JSONField(default=dict, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
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
    def focus_class(self) -> str:
        """CSS class that keeps the focal point in view when the picture is cropped, such as `focus-left-top`."""
        across = "left" if self.focal_x < Decimal("0.34") else "right" if self.focal_x > Decimal("0.66") else "centre"
        down = "top" if self.focal_y < Decimal("0.34") else "bottom" if self.focal_y > Decimal("0.66") else "middle"
        return f"focus-{across}-{down}"


class Portrait(models.Model):
    """The picture on an author's page. A table of its own: authors stand below pictures and know nothing of them."""

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="portrait")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Portrait of {self.author}"
