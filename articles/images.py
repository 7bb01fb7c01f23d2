"""Taking in a picture: limits before anything is decoded, then written anew without what a camera added.

Writing it anew drops EXIF (and with it where the photo was taken), comments, and whatever else was hidden in the file.
"""

import io
import re
from html import unescape
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from articles import jobs
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
    """Note which pictures a new version of a text has, at its head and within. Call it where the version is written,
    in its transaction and before it is rendered."""
    # Locked until the text is saved: renditions or a credit that are written meanwhile find it among the uses, and
    # without the lock neither would see the other.
    within = Image.objects.select_for_update(no_key=True).filter(file__in=pictures_in(revision.body)).order_by("pk")
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
    if not size:
        raise ValidationError("The file is empty. Perhaps it was not copied whole; choose it again.")
    file.seek(0)
    _refuse_vast_webp(file.read(30))
    file.seek(0)
    try:
        picture = Pillow.open(file, formats=FORMATS)
    except Pillow.DecompressionBombError as problem:
        raise ValidationError(
            f"The picture has far too many pixels; at most {MAX_PIXELS // 1_000_000} million are taken."
        ) from problem
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as problem:
        raise ValidationError("This file is not a JPEG, PNG or WebP picture.") from problem
    _refuse_size(*picture.size)
    # Phones put a second picture, or a depth map, into a JPEG (MPO): the first is the photo.
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":
        raise ValidationError("The picture is an animation; give a still one.")
    return picture


def _refuse_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ValidationError(
            f"The picture has {width} × {height} pixels; at most {MAX_PIXELS // 1_000_000} million are taken."
        )
    if min(width, height) < MIN_SIDE:
        raise ValidationError(f"The picture has {width} × {height} pixels; at least {MIN_SIDE} each way are needed.")


def _refuse_vast_webp(head: bytes) -> None:
    """By its first 30 bytes: to say its size, the decoder of WebP would already set aside memory for all of it."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return
    match head[12:16]:
        case b"VP8X":
            if head[20] & 0b10:
                raise ValidationError("The picture is an animation; give a still one.")
            _refuse_size(1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little"))
        case b"VP8 ":
            _refuse_size(int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF)
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            _refuse_size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))


@transaction.atomic
def store(file: IO[bytes], size: int, **fields: Any) -> Image:
    """Check a picture, write it anew at an address that can't be guessed, and return its row.

    The worker makes its renditions once the transaction is through. Raises ValidationError, and leaves no file then.
    """
    content, suffix = reencode(check(file, size))
    return keep(content, suffix, **fields)


@transaction.atomic
def keep(content: ContentFile, suffix: str, **fields: Any) -> Image:
    """Store what `reencode` has written; see `store`."""
    image = Image(**fields)
    # What is told of it, before anything is written.
    image.full_clean(exclude={"file", "width", "height"})
    image.file.save(f"picture.{suffix}", content, save=False)
    try:
        image.width, image.height = image.file.width, image.file.height
        image.save(force_insert=True)
        jobs.order_renditions(image)
    except BaseException:
        image.file.storage.delete(image.file.name)
        raise
    return image


def reencode(picture: Pillow.Image) -> tuple[ContentFile, str]:
    """The picture upright, at most `LARGEST_SIDE` wide or high, without its metadata; and its suffix."""
    try:
        # A JPEG is decoded at the size that is needed, or a little more.
        picture.draft(None, (LARGEST_SIDE, LARGEST_SIDE))
        picture = ImageOps.exif_transpose(picture)
        picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        if picture.mode.startswith("I"):
            # Sixteen bits of grey, as from scanners: scaled, since a plain conversion would cut them off at white.
            picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        picture = _in_srgb(picture).convert("RGBA" if has_alpha else "RGB")
        # A comment, a profile and the like would be written along.
        picture.info.clear()
        out = io.BytesIO()
        if has_alpha:
            picture.save(out, "PNG", optimize=True)
        else:
            picture.save(out, "JPEG", quality=86, optimize=True, progressive=True)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Pillow.DecompressionBombError) as problem:
        raise ValidationError("The picture is damaged and could not be read. Save it anew and try again.") from problem
    return ContentFile(out.getvalue()), "png" if has_alpha else "jpg"


def _in_srgb(picture: Pillow.Image) -> Pillow.Image:
    """The colours of the web. A profile goes with the other metadata: without this, photos of phones would pale."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        return (
            ImageCms.profileToProfile(picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode=mode)
            or picture
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a profile that is none
