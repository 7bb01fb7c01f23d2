"""Renditions of pictures: narrower ones for narrow screens, cards cropped round the focal point, and the shapes that search
engines ask for.

They stand beside the picture, under names made from its own, so that an address is known without a look at the storage,
and from an address the picture (`articles.views.media`). Made by the worker or by `manage.py renditions`; until then the
picture itself is shown.

Pillow alone: django-imagefield keeps focal points as text, files renditions where no row is found from their names, and
sets its own check of uploads before ours.
"""

import io
import re
from collections.abc import Iterable, Iterator

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from articles.models import Image, Rendering, Revision
from articles.models.image import CARD_SHAPE, FORMATS, SHAPES

# What pages need: a phone's half and whole width, the column of the text, the head of a piece, twice that.
WIDTHS = (320, 480, 640, 960, 1280, 1920)
CARD_WIDTHS = (240, 480, 800)
# Search engines ask for 1,200 at least; more would only be shrunk there.
SHAPE_WIDTH = 1200
# AVIF at this speed is as small as at slower ones, within a few in a hundred, and ten times as fast.
SAVING = {"avif": {"quality": 55, "speed": 8}, "webp": {"quality": 76, "method": 4}}
SAVING_SHAPES = {"quality": 80, "optimize": True, "progressive": True}
# What shows through in a format without transparency.
PAPER = "#fdfcf9"

_NAME = re.compile(
    r"(?P<stem>.+)\.(?:(?:w[0-9]+|c[0-9]+-[0-9]+-[0-9]+)\.(?:avif|webp)|s[0-9]+x[0-9]+-[0-9]+-[0-9]+\.jpg)"
)


def stem_of(name: str) -> str | None:
    """The name of the picture, without its suffix, of which the file of this name is a rendition; None if it is none."""
    match = _NAME.fullmatch(name)
    return match["stem"] if match else None


def widths_of(width: int) -> list[int]:
    """The widths for a picture of this width: never wider, and its own where that is of use."""
    return sorted({w for w in WIDTHS if w < width} | {min(width, WIDTHS[-1])})


def card_widths_of(width: int, height: int) -> list[int]:
    across, down = CARD_SHAPE
    widest = min(width, height * across // down)
    return sorted({w for w in CARD_WIDTHS if w < widest} | {min(widest, CARD_WIDTHS[-1])})


def shapes_of(width: int, height: int) -> dict[str, int]:
    """The width of each shape that search engines ask for, cut from a picture of this size: never wider than it."""
    return {shape.name: min(SHAPE_WIDTH, max(1, min(width, height * shape.across // shape.down))) for shape in SHAPES}


def crop_box(
    width: int, height: int, x: float, y: float, shape: tuple[int, int] = CARD_SHAPE
) -> tuple[int, int, int, int]:
    """The largest box of a shape within a picture, with the focal point as near its middle as the edges let it."""
    across, down = shape
    w, h = max(1, min(width, height * across // down)), max(1, min(height, width * down // across))
    left = min(max(round(width * x - w / 2), 0), width - w)
    top = min(max(round(height * y - h / 2), 0), height - h)
    return left, top, left + w, top + h


def missing() -> QuerySet[Image]:
    """Pictures that wait for renditions; not those of which none can be made."""
    # Those of before shapes were made have none.
    has_no_shapes = ~Q(renditions__has_key="shapes") & ~Q(renditions__has_key="problem")
    return Image.objects.filter(Q(renditions={}) | Q(renditions__has_key="is_due") | has_no_shapes)


def make(image: Image) -> str:
    """Make the renditions of a picture as it stands now, and show them. Returns what went wrong, in words, or nothing.

    Harmless to repeat, and at the same time as another.
    """
    focus = image.focus
    wide, card = widths_of(image.width), card_widths_of(image.width, image.height)
    try:
        with image.file.storage.open(image.file.name) as file, Pillow.open(file) as picture:
            picture.load()
            for name, content in (*_made(image, picture, wide, card), *_shaped(image, picture)):
                write(image, name, content)
    except FileNotFoundError:
        problem = "The file of the picture is missing."
    except (UnidentifiedImageError, ValueError, SyntaxError, EOFError, Pillow.DecompressionBombError):
        problem = "The file of the picture is damaged."
    else:
        problem = ""
    made: dict[str, object] = {
        "wide": wide,
        "card": card,
        "focus": focus,
        "shapes": shapes_of(image.width, image.height),
    }
    _note(image, focus, {"problem": problem} if problem else made)
    return problem


def _made(image: Image, picture: Pillow.Image, wide: list[int], card: list[int]) -> Iterator[tuple[str, bytes]]:
    box = crop_box(picture.width, picture.height, float(image.focal_x), float(image.focal_y))
    cropped = picture.crop(box)
    for source, widths, focus in ((picture, wide, ""), (cropped, card, image.focus)):
        for width in widths:
            height = max(1, round(source.height * width / source.width))
            small = source.resize((width, height), Pillow.Resampling.LANCZOS, reducing_gap=3.0)
            for suffix in FORMATS:
                out = io.BytesIO()
                small.save(out, suffix.upper(), **SAVING[suffix])
                yield image.rendition_name(width, suffix, focus), out.getvalue()


def _shaped(image: Image, picture: Pillow.Image) -> Iterator[tuple[str, bytes]]:
    """As JPEG, which everybody who is handed the address can read."""
    picture = on_paper(picture)
    for shape in SHAPES:
        width = shapes_of(picture.width, picture.height)[shape.name]
        focus = float(image.focal_x), float(image.focal_y)
        box = crop_box(picture.width, picture.height, *focus, (shape.across, shape.down))
        small = picture.resize((width, shape.height_of(width)), Pillow.Resampling.LANCZOS, box=box, reducing_gap=3.0)
        out = io.BytesIO()
        small.save(out, "JPEG", **SAVING_SHAPES)
        yield image.shape_name(shape, image.focus), out.getvalue()


def on_paper(picture: Pillow.Image, paper: str = PAPER) -> Pillow.Image:
    """The picture for a format without transparency: what lies under it shows through, not what it hides."""
    if picture.mode == "RGB":
        return picture
    whole = picture.convert("RGBA")
    found = Pillow.new("RGB", picture.size, paper)
    found.paste(whole, mask=whole)
    return found


def book_name(image: Image) -> str:
    """Name of the picture as books have it (`articles.book.pictures`), made when the first book needs it."""
    return f"{image.file.name.rsplit('.', 1)[0]}.book.jpg"


def write(image: Image, name: str, content: bytes) -> None:
    """Store a rendition under its name."""
    storage = image.file.storage
    # One that is there may have been cut short by a crash.
    storage.delete(name)
    written = storage.save(name, ContentFile(content))
    if written != name:
        # Another worker wrote the same meanwhile.
        storage.delete(written)


def _note(image: Image, focus: str, made: dict[str, object]) -> None:
    """Show what was made, unless the picture is gone or its focal point moved meanwhile: then another job follows."""
    with transaction.atomic():
        row = Image.objects.select_for_update().filter(pk=image.pk).first()
        if row is None:
            remove_files(image)
            return
        if row.focus != focus:
            return
        before = row.renditions
        row.renditions = made
        row.save(update_fields=["renditions"])
        image.renditions = made
        if before.get("wide") != made.get("wide"):
            render_texts_with(row)
    if before.get("focus", focus) != focus:
        for name in _cropped(image, before.get("card", []), before["focus"]):
            image.file.storage.delete(name)


def _cropped(image: Image, widths: Iterable[int], focus: str) -> list[str]:
    """The names of what is cropped round a focal point."""
    cards = [image.rendition_name(width, suffix, focus) for width in widths for suffix in FORMATS]
    return cards + [image.shape_name(shape, focus) for shape in SHAPES]


def render_texts_with(image: Image) -> None:
    """Make anew what is derived from the texts that have the picture within: its credit or its renditions changed."""
    from articles.render import render  # it shows pictures itself

    within = Revision.objects.filter(image_uses__image=image, image_uses__is_lead=False)
    for revision in within.filter(pk__in=Rendering.objects.values("revision_id")).order_by("pk"):
        render(revision)


def remove_files(image: Image) -> None:
    """Delete the file of a picture whose row is gone, and its renditions. Call it once the transaction is through."""
    storage = image.file.storage
    focuses = {image.focus, image.renditions.get("focus", image.focus)}
    names = [image.file.name, book_name(image)]
    for suffix in FORMATS:
        names += [image.rendition_name(width, suffix) for width in widths_of(image.width)]
    for focus in focuses:
        names += _cropped(image, card_widths_of(image.width, image.height), focus)
    for name in names:
        storage.delete(name)
