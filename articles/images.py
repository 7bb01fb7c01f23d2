"""Taking in a picture: limits before anything is decoded, then written anew without what a camera added.

Writing it anew drops EXIF (and with it where the photo was taken), and whatever else was hidden in the file.
"""

import io
import re
from html import unescape
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from articles.models import Image, ImageUse, Revision

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 50_000_000
MIN_SIDE = 200
# Wide enough for a lead image at twice the density of the widest page.
LARGEST_SIDE = 2400
FORMATS = ("JPEG", "PNG", "WEBP")
# Sanitised HTML: attributes are quoted, and `src` comes first.
_IMG = re.compile(r'<img\b[^<>]*? src="([^"]*)"')


def pictures_in(body: str) -> list[str]:
    """File names (`Image.file`) of the pictures within a sanitised body, in order, each once."""
    names = [unescape(src).split("?")[0].removeprefix(settings.MEDIA_URL) for src in _IMG.findall(body)]
    return list(dict.fromkeys(names))


def record_uses(revision: Revision) -> None:
    """Note which pictures a new version of a text has, at its head and within. Call it where the version is written."""
    within = Image.objects.filter(file__in=pictures_in(revision.body))
    uses = [ImageUse(revision=revision, image=image, is_lead=False) for image in within]
    if revision.lead_image_id:
        uses.append(ImageUse(revision=revision, image_id=revision.lead_image_id, is_lead=True))
    ImageUse.objects.bulk_create(uses)


def check(file: IO[bytes], size: int) -> Pillow.Image:
    """Open a picture by its header alone and refuse what is too large or no picture.

    Raises ValidationError with what to do next.
    """
    if size > MAX_BYTES:
        raise ValidationError(
            f"The picture has {size / 1048576:.0f} MB; at most {MAX_BYTES // 1048576} MB are taken. Save it smaller."
        )
    file.seek(0)
    try:
        picture = Pillow.open(file, formats=FORMATS)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Pillow.DecompressionBombError) as problem:
        raise ValidationError("This file is not a JPEG, PNG or WebP picture.") from problem
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise ValidationError(
            f"The picture has {width} × {height} pixels; at most {MAX_PIXELS // 1_000_000} million are taken."
        )
    if min(width, height) < MIN_SIDE:
        raise ValidationError(f"The picture has {width} × {height} pixels; at least {MIN_SIDE} each way are needed.")
    # Phones put a second picture, or a depth map, into a JPEG (MPO): the first is the photo.
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":
        raise ValidationError("The picture is an animation; give a still one.")
    return picture


def store(file: IO[bytes], size: int, **fields: Any) -> Image:
    """Check a picture, write it anew at an address that can't be guessed, and return its row."""
    content, suffix = reencode(check(file, size))
    image = Image(**fields)
    image.file.save(f"picture.{suffix}", content, save=False)
    image.full_clean()
    image.save()
    return image


def reencode(picture: Pillow.Image) -> tuple[ContentFile, str]:
    """The picture upright, at most `LARGEST_SIDE` wide or high, without its metadata; and its suffix."""
    try:
        picture = ImageOps.exif_transpose(picture)
        picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        if picture.mode.startswith("I"):
            # Sixteen bits of grey, as from scanners: scaled, since a plain conversion would cut them off at white.
            picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        picture = picture.convert("RGBA" if has_alpha else "RGB")
        out = io.BytesIO()
        if has_alpha:
            picture.save(out, "PNG", optimize=True)
        else:
            picture.save(out, "JPEG", quality=86, optimize=True, progressive=True)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as problem:
        raise ValidationError("The picture is damaged and could not be read. Save it anew and try again.") from problem
    return ContentFile(out.getvalue()), "png" if has_alpha else "jpg"
