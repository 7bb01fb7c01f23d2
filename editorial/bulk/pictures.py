"""Pictures of loaded pieces: found beside the file, stored once, whatever the number of pieces that have them."""

import hashlib
import io
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import Error as DatabaseFailure

from accounts.models import User
from articles import images
from articles.models import Image
from editorial import changes
from editorial.bulk.record import Picture
from editorial.models import Change, LoadedPicture

NOT_FOUND = "no such file was given"
ELSEWHERE = "it is on another site, and nothing is fetched"
_MOST_FILES = 500_000
# WordPress keeps smaller copies beside a picture: harbour-300x200.jpg.
_COPY = re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w+$)")
_STEM = re.compile(r"[^\w.-]+")


class Library:
    """The media library, for one run of the loader."""

    def __init__(self, base: Path, folder: Path | None, *, by: User, is_dry: bool) -> None:
        self.base, self.by, self.is_dry = base.resolve(), by, is_dry
        self.folder = folder.resolve() if folder else None
        # By name; "" where two files share it.
        self.by_name: dict[str, Path | None] = {}
        for path in _files_below(self.folder) if self.folder else ():
            self.by_name[path.name.lower()] = None if path.name.lower() in self.by_name else path
        # Files written and not yet committed: they go where the line can't be taken.
        self.written: list[str] = []

    def find(self, source: str) -> Path | str:
        """The file of a picture, by its path or else by its name; or why there is none."""
        try:
            path = unquote(urlsplit(source).path).replace("\\", "/").replace("\x00", "")
            is_remote = bool(urlsplit(source).netloc)
        except ValueError:
            return NOT_FOUND
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if not parts or len(path) > 1000:
            return ELSEWHERE if is_remote else NOT_FOUND
        for name in dict.fromkeys((parts[-1], _COPY.sub("", parts[-1]))):
            if found := self._at([*parts[:-1], name], is_remote):
                return found
        return ELSEWHERE if is_remote else NOT_FOUND

    def _at(self, parts: list[str], is_remote: bool) -> Path | None:
        if not is_remote and (found := _inside(self.base, parts)):
            return found
        if self.folder:
            # The folder may hold /wp-content/uploads/2013/05/x.jpg from any of these on, but for the bare name.
            for start in range(min(len(parts) - 1, 8)):
                if found := _inside(self.folder, parts[start:]):
                    return found
        names = [parts[-1].lower()]
        if len(parts) > 1:
            names.insert(0, f"{parts[-2]}__{parts[-1]}".lower())
        # One name alone says little of a picture on another site: "image1.png" is many.
        return next((path for name in names[: 1 if is_remote else 2] if (path := self.by_name.get(name))), None)

    def own(self, source: str) -> Image | None:
        """A picture that is in this library already, by its address."""
        if not source.startswith(settings.MEDIA_URL):
            return None
        name = source.removeprefix(settings.MEDIA_URL).split("?")[0]
        return Image.objects.filter(file=name).first() if len(name) <= 200 and "\x00" not in name else None

    def take(self, picture: Picture) -> Image | str:
        """The row of a picture, stored now or before; or why it can't be taken. Call it in the line's transaction."""
        if own := self.own(picture.file):
            return own
        path = self.find(picture.file)
        if isinstance(path, str):
            return path
        try:
            if path.stat().st_size > images.MAX_BYTES:
                return f"it has more than {images.MAX_BYTES // 1048576} MB"
            content = path.read_bytes()
        except OSError as problem:
            return f"the file can’t be read: {problem.strerror}"
        digest = hashlib.sha256(content).hexdigest()
        if known := LoadedPicture.objects.filter(digest=digest).select_related("image").first():
            self._tell_more(known.image, picture)
            return known.image
        file = io.BytesIO(content)
        try:
            if self.is_dry:
                images.check(file, len(content))
                return ""
            image = images.store(file, len(content), uploaded_by=self.by, **self._told(picture))
        except ValidationError as problem:
            return " ".join(problem.messages).rstrip(".").replace("The picture", "it", 1)
        self.written.append(image.file.name)
        LoadedPicture.objects.create(digest=digest, stem=_free_stem(path), image=image)
        changes.record(by=self.by, action=Change.Action.ADDED, obj=image, changes={"file": ["", path.name]})
        return image

    @staticmethod
    def _told(picture: Picture) -> dict[str, str]:
        told = {name: getattr(picture, name) for name in ("alt", "caption", "credit", "agency", "licence")}
        told["alt"] = told["alt"][:300]
        if picture.focus:
            told |= {"focal_x": picture.focus[0], "focal_y": picture.focus[1]}
        return told

    def _tell_more(self, image: Image, picture: Picture) -> None:
        """Fill in what the library did not know of the picture; what stands there stays."""
        said = self._told(picture)
        more = {
            name: said[name]
            for name in ("alt", "caption", "credit", "agency")
            if said[name] and not getattr(image, name)
        }
        if more and not self.is_dry:
            for name, value in more.items():
                setattr(image, name, value)
            image.save(update_fields=list(more))
            changes.record(
                by=self.by,
                action=Change.Action.CHANGED,
                obj=image,
                changes={name: ["", value] for name, value in more.items()},
            )

    def forget(self) -> None:
        """The line was not taken: neither are its pictures.

        It may have been taken all the same, where somebody interrupts the commit or the connection breaks in it; so a file
        goes only where no row names it. Where the database can't say, they stay: a file too many harms nobody.
        """
        written = self.written.copy()
        self.written.clear()
        if not written:
            return
        try:
            kept = set(Image.objects.filter(file__in=written).values_list("file", flat=True))
        except DatabaseFailure:
            return
        for name in written:
            if name not in kept:
                default_storage.delete(name)


def _inside(root: Path, parts: list[str]) -> Path | None:
    """The file at this path below the root; never one outside of it."""
    try:
        path = root.joinpath(*parts).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):
        return None


def _files_below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for where, _, names in os.walk(folder):
        found += [Path(where, name) for name in names]
        if len(found) > _MOST_FILES:
            break
    return found


def _free_stem(path: Path) -> str:
    stem = _STEM.sub("-", path.stem).lstrip(".")[:120] or "picture"
    taken = set(LoadedPicture.objects.filter(stem__startswith=stem).values_list("stem", flat=True))
    candidate, number = stem, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate
