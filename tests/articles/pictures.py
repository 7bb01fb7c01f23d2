"""Files as people and attackers send them, made here."""

import io
import struct
import zlib

from PIL import Image as Pillow
from PIL import PngImagePlugin


def saved(picture: Pillow.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def photo(size: tuple[int, int] = (900, 600), mode: str = "RGB") -> Pillow.Image:
    """Not of one colour, so that renditions differ."""
    across = Pillow.linear_gradient("L").resize(size)
    if mode == "L":
        return across
    picture = Pillow.merge("RGB", (across, across.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT), across))
    picture = picture.convert(mode)
    if mode == "RGBA":
        picture.putalpha(across)
    return picture


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_claims(width: int, height: int) -> bytes:
    """A header that promises a vast picture, and almost nothing behind it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def webp_that_claims(width: int, height: int, *, is_animated: bool = False) -> bytes:
    flags = 2 if is_animated else 0
    body = bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunks = b"WEBPVP8X" + struct.pack("<I", len(body)) + body + b"VP8 " + struct.pack("<I", 10) + b"\0" * 10
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def with_place(orientation: int = 1) -> bytes:
    """A photo that says where it was taken, by whom, and hides a comment."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Secret Photographer"
    exif.get_ifd(0x8825).update({1: "S", 2: (33.0, 51.0, 25.0), 3: "E", 4: (151.0, 12.0, 36.0)})
    return saved(photo(), "JPEG", exif=exif.tobytes(), comment=b"secret comment")


def with_text() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "Secret Photographer")
    told.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>secret place</x:xmpmeta>")
    return saved(photo(), "PNG", pnginfo=told)


FRAMES = [Pillow.new("RGB", (300, 300), colour) for colour in ("red", "green", "blue")]
JPEG = saved(photo(), "JPEG")

# What is refused, with a word of the reason.
REFUSED = {
    "empty": (b"", "empty"),
    "html": (b"<!DOCTYPE html><script>alert(1)</script>", "not a JPEG, PNG or WebP"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "not a JPEG, PNG or WebP"),
    "pdf": (b"%PDF-1.7\n" + b"x" * 999, "not a JPEG, PNG or WebP"),
    "gif": (saved(FRAMES[0], "GIF"), "not a JPEG, PNG or WebP"),
    "tiff": (saved(FRAMES[0], "TIFF"), "not a JPEG, PNG or WebP"),
    "png bomb": (png_that_claims(30000, 30000), "at most 50 million"),
    "png bomb beyond all": (png_that_claims(2**31 - 1, 2**31 - 1), ""),
    "webp bomb": (webp_that_claims(16384, 16384), "at most 50 million"),
    "animated webp by its header": (webp_that_claims(400, 400, is_animated=True), "animation"),
    "animated webp": (saved(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]), "animation"),
    "apng": (saved(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]), "animation"),
    "tiny": (saved(photo((100, 700)), "PNG"), "at least 200"),
    "truncated jpeg": (JPEG[: len(JPEG) // 2], "damaged"),
    "truncated png": (saved(photo(), "PNG")[:900], "damaged"),
    "header alone": (JPEG[:20], ""),
    "promises more": (png_that_claims(900, 900), "damaged"),
}

# What is taken.
TAKEN = {
    "jpeg": JPEG,
    "png": saved(photo(), "PNG"),
    "webp": saved(photo(), "WEBP"),
    "alpha": saved(photo(mode="RGBA"), "PNG"),
    "palette": saved(photo().quantize(16), "PNG", transparency=0),
    "cmyk": saved(photo(mode="CMYK"), "JPEG"),
    "grey": saved(photo(mode="L"), "JPEG"),
    "16 bit": saved(photo(mode="L").convert("I;16"), "PNG"),
    "mpo": saved(photo(), "MPO", save_all=True, append_images=[photo((450, 300))]),
    "a zip behind it": JPEG + b"PK\x03\x04" + b"secret" * 50,
    "html in a comment": saved(photo(), "JPEG", comment=b"<script>secret</script>"),
    "exif": with_place(),
    "text in png": with_text(),
    "a profile that is none": saved(photo(), "JPEG", icc_profile=b"secret nonsense"),
}

HOSTILE_NAMES = (
    "../../etc/passwd.jpg",
    "..\\..\\x.png",
    "a\x00b.jpg",
    "x.jpg/../../y",
    ".htaccess",
    "x.php",
    "é" * 300 + ".jpg",
    "con.jpg",
    "",
)
