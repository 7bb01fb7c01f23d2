"""Writes pieces as `load` takes them in: load(dump(x)) = x."""

import json
import os
import re
import shutil
import zoneinfo
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from articles import old_addresses
from articles.images import pictures_in
from articles.models import Article, Byline, Image, Publication, Revision
from articles.querysets import ArticleQuerySet
from editorial.bulk.record import as_words
from editorial.models import LoadedPicture, LoadedPiece
from forum.models import Masthead

# Read at a time, so that memory stays the same for any number of pieces.
BATCH: Final = 100
FOLDER: Final = "images"
_SRC = re.compile(r'(<img\b[^<>]*? src=")([^"]*)(")')


def pieces(*, has_all: bool = False, is_listed: bool = False) -> ArticleQuerySet:
    """What is written: what readers have; with `is_listed` without the retracted ones; with `has_all` every piece."""
    if has_all:
        return Article.objects.all()
    now = timezone.now()
    return Article.objects.listed(now) if is_listed else Article.objects.published(now)


class Dumper:
    def __init__(self, folder: Path | None) -> None:
        """`folder` is where the pictures go; without one they are named, and not written."""
        self.folder = folder
        self.masthead = Masthead.current()
        self.host = urlsplit(settings.SITE_URL).hostname or "localhost"
        self.stems = dict(LoadedPicture.objects.values_list("image_id", "stem"))
        self.missing: list[str] = []

    def records(self, chosen: ArticleQuerySet) -> Iterator[dict[str, Any]]:
        """One record for each piece, by date."""
        ids = list(chosen.order_by("published_at", "pk").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            found = (
                Article.objects.filter(pk__in=batch)
                .select_related("live__lead_image", "latest__lead_image", "series")
                .prefetch_related(  # type: ignore[misc]  # the manager of tags is taggit’s, untyped
                    "regions",
                    "tags",
                    "former_addresses",
                    "old_addresses",
                    Prefetch("bylines", Byline.objects.select_related("author").order_by("position", "pk")),
                    Prefetch("publications", Publication.objects.order_by("at", "pk")),
                )
                .in_bulk()
            )
            named = {*batch, *(article.translation_of_id for article in found.values() if article.translation_of_id)}
            external = dict(LoadedPiece.objects.filter(article__in=named).values_list("article_id", "external_id"))
            names = {name for article in found.values() for name in pictures_in((article.live or article.latest).body)}
            images = {image.file.name: image for image in Image.objects.filter(file__in=names)}
            for pk in batch:
                if pk in found:
                    yield self.record(found[pk], external, images)

    def record(self, article: Article, external: dict[int, str], images: dict[str, Image]) -> dict[str, Any]:
        """What `load` reads; what is empty is left out. `external` are the ids under which pieces were loaded."""
        text = article.live or article.latest
        zone = self.masthead.zone
        html, pictures = self._with_files(text, images)
        found: dict[str, Any] = {
            "external_id": self._external(article.pk, external),
            "title": as_words(text.title),
            "slug": article.slug,
            "date": (article.published_at or article.created_at).astimezone(zone).isoformat(),
            "authors": [_name(byline) for byline in article.bylines.all()],
            "regions": [region.name for region in article.regions.all()],
            "tags": sorted((tag.name for tag in article.tags.all()), key=str.casefold),
            "series": _series(article),
            "in_brief": as_words(text.in_brief),
            "html": html,
            "image": self._picture(text.lead_image) if text.lead_image else None,
            "pictures": pictures,
            "language": article.language,
            "licence": as_words(article.licence),
            "doi": article.doi,
            "translation_of": self._external(article.translation_of_id, external) if article.translation_of_id else "",
            "first_appeared": {"name": as_words(article.first_appeared), "url": article.first_appeared_url},
            "old_addresses": sorted(
                {row.path for row in article.old_addresses.all()}
                | {
                    old_addresses.normalise(f"/{row.published_on:%Y/%m/%d}/{row.slug}/")
                    for row in article.former_addresses.all()
                }
            ),
            "corrections": _corrections(article, zone),
            "is_ours": True,
        }
        if not article.is_public():
            found["status"] = "scheduled" if article.is_scheduled() else str(article.status)
        if not any(found["first_appeared"].values()):
            del found["first_appeared"]
        return {key: value for key, value in found.items() if value not in (None, "", [], {}) or key == "title"}

    def _external(self, pk: int, external: dict[int, str]) -> str:
        return external.get(pk, f"{self.host}:{pk}")

    # --- Pictures ---

    def _with_files(self, text: Revision, images: dict[str, Image]) -> tuple[str, list[dict[str, Any]]]:
        """The body with the names that its pictures have beside the file, and what is told of them."""
        told: dict[str, dict[str, Any]] = {}

        def named(match: re.Match[str]) -> str:
            name = unescape(match[2]).split("?")[0].removeprefix(settings.MEDIA_URL)
            image = images.get(name)
            if image is None:
                return match[0]
            picture = self._picture(image)
            told[picture["file"]] = picture
            return f"{match[1]}{picture['file']}{match[3]}"

        return _SRC.sub(named, text.body), list(told.values())

    def _picture(self, image: Image) -> dict[str, Any]:
        path = Path(image.file.name)
        name = f"{FOLDER}/{self.stems.get(image.pk, path.stem)}{path.suffix}"
        if self.folder:
            self._write(image, self.folder / Path(name).name)
        said: dict[str, Any] = {
            name: as_words(getattr(image, name)) for name in ("alt", "caption", "credit", "agency", "licence")
        }
        if (float(image.focal_x), float(image.focal_y)) != (0.5, 0.5):
            said["focus"] = [float(image.focal_x), float(image.focal_y)]
        return {"file": name} | {key: value for key, value in said.items() if value}

    def _write(self, image: Image, target: Path) -> None:
        if target.exists():
            return
        try:
            with image.file.open("rb") as source:
                new = target.with_name(f".{target.name}.{os.getpid()}")
                with new.open("wb") as out:
                    shutil.copyfileobj(source, out)
                new.replace(target)
        except FileNotFoundError:
            self.missing.append(image.file.name)


def _name(byline: Byline) -> dict[str, Any]:
    author = byline.author
    found: dict[str, Any] = {"name": byline.name}
    if author is not None:
        found |= {"given_name": author.given_name, "family_name": author.family_name, "single_name": author.single_name}
        found |= {"native_name": author.native_name}
        found |= {
            "is_family_first": author.is_family_first,
            "is_house": author.is_house,
            "slug": author.slug,
            "orcid": author.orcid,
        }
    found |= {"affiliation": as_words(byline.affiliation), "bio": as_words(byline.bio)}
    if byline.role != Byline.Role.AUTHOR:
        found["role"] = str(byline.role)
    return {key: value for key, value in found.items() if value}


def _series(article: Article) -> dict[str, Any] | None:
    if article.series is None:
        return None
    found: dict[str, Any] = {
        "title": article.series.title,
        "kind": str(article.series.kind),
        "number": article.series.number,
    }
    if article.series_position:
        found["position"] = article.series_position
    return {key: value for key, value in found.items() if value}


def _corrections(article: Article, zone: zoneinfo.ZoneInfo) -> list[dict[str, str]]:
    """What readers were told after the first day, retractions included."""
    rows = [row for row in article.publications.all() if row.kind != Publication.Kind.FIRST]
    found = [
        {"date": row.at.astimezone(zone).isoformat(), "kind": str(row.kind), "note": as_words(row.note)} for row in rows
    ]
    return [{key: value for key, value in row.items() if value} for row in found]


def write(records: Iterator[dict[str, Any]], out: IO[str], told: Callable[[int], None]) -> int:
    """One line for each record; returns how many."""
    count = 0
    for count, record in enumerate(records, 1):
        out.write(json.dumps(record, ensure_ascii=False) + "\n")
        told(count)
    return count
