"""Pictures: their pixels, and nothing that a camera or a program wrote beside them.

PNG and JPEG keep their pixels bit for bit: only the parts that hold no pixels are left out. Colour profiles go too: those
of screens bear the names that people gave their screens. Other kinds, within a document, are written anew.
"""

import io
import struct
import warnings
import zlib
from typing import Final

from PIL import Image as Pillow
from PIL import ImageOps

from prose.papers.given import Notes, Refused

MAX_PIXELS: Final = 40_000_000
MAX_SEGMENTS: Final = 20_000
_DAMAGED = "The picture is damaged. Open it, save it anew as PNG or JPEG, and choose it again."
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
)
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}


def png(data: bytes, notes: Notes) -> bytes:
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + size
        if end > len(data):
            break
        if kind == b"IHDR":
            _refuse_vast(*struct.unpack(">II", data[at + 8 : at + 16]))
        if kind in _PNG_KEPT:
            parts.append(data[at:end])
        elif kind in _TEXTS:
            notes.add("Text in a picture", _png_text(kind, data[at + 8 : end - 4]))
        elif kind == b"eXIf":
            _note_exif(data[at + 8 : end - 4], notes)
        at = end
        if kind == b"IEND":
            return b"".join(parts)
    raise Refused(_DAMAGED)


def _png_text(kind: bytes, data: bytes) -> str:
    key, _, rest = data.partition(b"\x00")
    if kind == b"zTXt":
        rest = zlib.decompressobj().decompress(rest[1:], 4000)
    elif kind == b"iTXt":
        is_packed = rest[:1] == b"\x01"
        rest = rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
        if is_packed:
            rest = zlib.decompressobj().decompress(rest, 4000)
    return f"{key.decode('latin-1')} {rest[:4000].decode('utf-8', 'replace')}"


def jpeg(data: bytes, notes: Notes, *, is_turned: bool = True) -> bytes:
    """`is_turned`: what is shown as EXIF says stays so, by the one entry of EXIF that is kept."""
    parts, at, turned = [b"\xff\xd8"], 2, 1
    while at + 4 <= len(data):
        if data[at] != 0xFF or len(parts) > MAX_SEGMENTS:
            raise Refused(_DAMAGED)
        marker = data[at + 1]
        if marker in (0xFF, 0x01) or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at + 4 : end]
        if marker == 0xDA:
            # The pixels follow, to the end of the picture; what comes behind it is another picture, or anything.
            stop = _end_of_scan(data, end)
            parts.append(data[at:stop])
            at = stop
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            _refuse_vast(int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[1:3], "big"))
        if marker == 0xE1 and segment.startswith(b"Exif\x00\x00"):
            turned = _note_exif(segment[6:], notes)
        elif marker in (0xE1, 0xED):
            notes.add("XMP or IPTC in a picture", _letters(segment))
        elif marker == 0xFE:
            notes.add("Comment in a picture", segment.decode("utf-8", "replace"))
        elif marker == 0xE0:
            # JFIF says how many dots make an inch; its thumbnail, which may show what was cropped, goes.
            if segment.startswith(b"JFIF\x00") and len(segment) >= 14:
                parts.append(b"\xff\xe0\x00\x10" + segment[:12] + b"\x00\x00")
        elif marker == 0xEE and segment.startswith(b"Adobe"):
            parts.append(b"\xff\xee\x00\x0e" + segment[:12])
        elif not 0xE0 <= marker <= 0xEF:
            parts.append(data[at:end])
        at = end
    if len(parts) < 3:
        raise Refused(_DAMAGED)
    if is_turned and 2 <= turned <= 8:
        entry = struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0)
        exif = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
        parts.insert(1, b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    return b"".join(parts) + b"\xff\xd9"


def _end_of_scan(data: bytes, at: int) -> int:
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        elif data[at + 1] == 0xFF:
            at += 1
        else:
            return at
    return len(data)


def _letters(data: bytes) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in data[:4000].decode("utf-8", "replace"))


_EXIF = {
    0x013B: "Artist",
    0x8298: "Copyright",
    0x010E: "Description",
    0x0131: "Software",
    0x9C9D: "Author",
    0x9C9B: "Title",
}


def _note_exif(data: bytes, notes: Notes) -> int:
    """Note what it tells; return how the picture is to be turned."""
    try:
        exif = Pillow.Exif()
        exif.load(data)
        for tag, called in _EXIF.items():
            if value := exif.get(tag):
                text = value.decode("utf-16-le", "replace") if isinstance(value, bytes) else str(value)
                notes.add(f"{called} of a picture", text)
        if exif.get_ifd(0x8825):
            notes.add("Where a picture was taken")
        turned = exif.get(0x0112)
        return turned if isinstance(turned, int) else 1
    # Pillow stumbles over broken EXIF in many ways; it is left out all the same.
    except Exception:  # noqa: BLE001
        notes.add("Metadata of a picture")
        return 1


def _refuse_vast(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Refused(
            f"A picture has {width} × {height} pixels; at most {MAX_PIXELS // 1_000_000} million are taken. Save it smaller."
        )


def anew(data: bytes, kind: str, notes: Notes) -> bytes | None:
    """A picture within a document, by the ending of its name; None for one that can't be cleaned."""
    try:
        if data.startswith(b"\x89PNG"):
            return png(data, notes)
        if data.startswith(b"\xff\xd8"):
            return jpeg(data, notes)
        if kind == "emf":
            return _emf(data)
        if kind == "wmf":
            return data
        return _rewritten(data, kind)
    # A picture that no library can read is left out; the text around it is what counts.
    except (
        Refused,
        OSError,
        ValueError,
        SyntaxError,
        struct.error,
        zlib.error,
        Pillow.DecompressionBombError,
        EOFError,
    ):
        return None


def _rewritten(data: bytes, kind: str) -> bytes | None:
    form = {"gif": "GIF", "bmp": "BMP", "dib": "BMP", "tif": "TIFF", "tiff": "TIFF", "webp": "WEBP"}.get(kind)
    if form is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error", Pillow.DecompressionBombWarning)
        with Pillow.open(io.BytesIO(data), formats=[form]) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            turned = ImageOps.exif_transpose(opened)
            # A plain copy knows nothing of the file that it came from.
            copy = turned.copy()
    copy.info = {key: value for key, value in copy.info.items() if key == "transparency"}
    copy.getexif().clear()
    out = io.BytesIO()
    copy.save(out, form)
    return out.getvalue()


def _emf(data: bytes) -> bytes | None:
    """Its head may hold which program made it and the title of the picture."""
    if len(data) < 88 or data[40:44] != b" EMF":
        return None
    letters, at = struct.unpack("<II", data[60:68])
    if not letters or at + 2 * letters > len(data):
        return data
    return data[:at] + bytes(2 * letters) + data[at + 2 * letters :]
