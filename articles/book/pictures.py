"""Pictures as books have them: a JPEG that every reading system knows, in the width of a page."""

import io

from PIL import Image as Pillow

from articles.models import Image
from articles.renditions import book_name, on_paper, write

LARGEST_SIDE = 1200
TYPE = "image/jpeg"
# A file without its end was cut short, or is being written.
_END = b"\xff\xd9"


class MissingError(Exception):
    """The files of pictures are gone or damaged."""

    def __init__(self, *images: Image) -> None:
        super().__init__(f"Pictures that can’t be read: {', '.join(str(image.pk) for image in images)}")
        self.images = images


def size_of(image: Image) -> tuple[int, int]:
    """Width and height that `content_of` gives it, without a look at it."""
    share = min(1, LARGEST_SIDE / max(image.width, image.height))
    return max(1, round(image.width * share)), max(1, round(image.height * share))


def content_of(image: Image) -> bytes:
    """The picture for a book; made once and kept beside the others. Raises MissingError."""
    storage, name = image.file.storage, book_name(image)
    try:
        with storage.open(name) as file:
            if (kept := file.read()).endswith(_END):
                return bytes(kept)
    except FileNotFoundError:
        pass
    try:
        content = _made(image)
    except (OSError, ValueError, SyntaxError, EOFError, Pillow.DecompressionBombError) as problem:
        raise MissingError(image) from problem
    write(image, name, content)
    return content


def _made(image: Image) -> bytes:
    with image.file.storage.open(image.file.name) as file, Pillow.open(file) as opened:
        # A JPEG is decoded at the size that is needed, or a little more.
        opened.draft("RGB", size_of(image))
        picture = opened.convert("RGBA") if "A" in opened.getbands() else opened.convert("RGB")
    picture = picture.resize(size_of(image), Pillow.Resampling.LANCZOS, reducing_gap=3.0)
    picture = on_paper(picture, "white")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()
