"""Fonts that have the letters of a text: our own for Latin and Vietnamese, the system's for all else.

A text of which a letter has no font is not drawn at all: boxes in the place of words would be worse than none.
"""

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from PIL import ImageFont, features

OURS = {"serif": "forum-serif-latin", "sans": "libre-franklin-latin"}
# Where fonts are kept on systems that have no fontconfig to ask.
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
# Without fontconfig, fonts of these names are tried, the better first.
PATTERNS = (
    "NotoSerif*-*.tt?",
    "NotoSerif*-*.otf",
    "NotoNaskh*.tt?",
    "NotoSans*-Regular.*",
    "*Unicode*.ttf",
    "DejaVuSans.ttf",
)
MOST_FILES = 400
# A text that needs more fonts than this from the system is no title.
MOST_FOUND = 4
_SAMPLE = 24  # pixels; the size at which letters are looked at
_NOWHERE = "\U0010fffd"  # a character that no font has
# Scripts whose letters change with their neighbours: without shaping they would be read as nonsense.
_SHAPED = re.compile(
    "[\u0590-\u109f\u1780-\u18af\u1a20-\u1aaf\u1b00-\u1cff\ua800-\ua8ff\ua980-\uabff\ufb1d-\ufdff\ufe70-\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Face:
    """A font file; `index` counts those within a collection. `weight` is for ours, which take any."""

    path: str
    index: int = 0
    weight: int = 0

    @property
    def is_of_system(self) -> bool:
        return not self.weight


def can_shape() -> bool:
    """Whether letters that change with their neighbours can be drawn, and text from right to left."""
    return bool(features.check("raqm"))


@lru_cache(maxsize=256)
def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """Raises OSError where the file is no font."""
    found = ImageFont.truetype(face.path, size, index=face.index)
    if face.weight:
        found.set_variation_by_axes([face.weight])
    return found


def ours(style: str, weight: int) -> list[Face]:
    """The font of our pages."""
    folder = Path(settings.BASE_DIR) / "static" / "fonts"
    return [Face(str(folder / f"{OURS[style]}.woff2"), weight=weight)]


def faces_for(text: str, style: str, weight: int, language: str = "") -> list[Face] | None:
    """Fonts that together have every letter of the text, the first choice first; None where there are none."""
    if _SHAPED.search(text) and not can_shape():
        return None
    faces = ours(style, weight)
    missing = _missing(text, faces)
    for _ in range(MOST_FOUND):
        if not missing:
            return faces
        found = _system_face("".join(sorted(missing)), style, weight, _tag(language))
        if found is None:
            return None
        faces = [*faces, found]
        missing = _missing("".join(missing), faces)
    return faces if not missing else None


def has(face: Face, letter: str) -> bool:
    """Whether the font has the letter, seen by what it draws: something else than for what it has not."""
    if unicodedata.category(letter) in ("Zs", "Cf", "Cc"):
        return True
    try:
        return _drawn(face, letter) != _drawn(face, _NOWHERE)
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=20_000)
def _drawn(face: Face, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = _plain(face).getmask(letter)
    return mask.size, bytes(mask)


@lru_cache(maxsize=256)
def _plain(face: Face) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face.path, _SAMPLE, index=face.index, layout_engine=ImageFont.Layout.BASIC)


def _missing(text: str, faces: Iterable[Face]) -> set[str]:
    return {letter for letter in set(text) if not any(has(face, letter) for face in faces)}


@lru_cache(maxsize=1000)
def _system_face(letters: str, style: str, weight: int, language: str) -> Face | None:
    """A font of the system that has most of the letters; None where none has any."""
    best = max(
        _candidates(letters, style, weight, language),
        key=lambda face: sum(has(face, letter) for letter in letters),
        default=None,
    )
    return best if best and any(has(best, letter) for letter in letters) else None


def _candidates(letters: str, style: str, weight: int, language: str) -> Iterator[Face]:
    if program := shutil.which("fc-match"):
        # Fontconfig knows which font suits a language; the weight as it counts: 180 is semibold.
        wanted = f"Noto {style.title()},{'Noto Naskh Arabic,' if style == 'serif' else ''}{style}"
        charset = " ".join(f"{ord(letter):x}" for letter in letters)
        spoken = f":lang={language}" if language else ""
        for family in (wanted, style):
            pattern = f"{family}{spoken}:weight={180 if weight >= 600 else 80}:charset={charset}"
            if face := _answered(program, pattern):
                yield face
        return
    yield from _files()


def _answered(program: str, pattern: str) -> Face | None:
    try:
        told = subprocess.run(
            [program, "-f", "%{file}\n%{index}", pattern], capture_output=True, text=True, timeout=20, check=True
        )
        path, _, index = told.stdout.partition("\n")
        # The upper half of the number is a named instance of a variable font.
        return Face(path, int(index or 0) & 0xFFFF) if path else None
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


@cache
def _files() -> tuple[Face, ...]:
    found: list[Face] = []
    for pattern in PATTERNS:
        for folder in FOLDERS:
            found += [Face(str(path)) for path in sorted(Path(folder).glob(f"**/{pattern}"))]
    return tuple(found[:MOST_FILES])


def _tag(language: str) -> str:
    """A language tag as fontconfig takes it; nothing of it is anything else than letters."""
    first, *others = re.sub(r"[^a-z-]", "", language.lower().replace("_", "-")).split("-")
    place = {"hant": "tw", "hans": "cn"}.get(others[0], others[0]) if others else ""
    # Chinese is written in different shapes of the same letters; elsewhere the place says nothing.
    return f"{first}-{place}" if first == "zh" and place else first
