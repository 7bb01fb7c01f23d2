"""Uploaded pictures. Readers get those that they have on some page; others are for those whom the desk lets see them.

A draft's picture, a scheduled piece's and one that was taken down are not public, though their addresses can't be guessed.
"""

import datetime
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.static import serve

from articles.models import (
    Article,
    AuthorListing,
    Image,
    Portrait,
    Region,
    Series,
    SeriesListing,
    Tag,
    TagListing,
)
from articles.models.listing import Listing
from articles.renditions import stem_of
from articles.share_cards import cards
from forum.models import Page

# Its bytes never change, but a piece may be taken down: nobody's cache keeps its pictures for longer than this.
PUBLIC = "public, max-age=3600"
PRIVATE = "private, no-store"
_PATH = re.compile(r"images/[a-z0-9_-]{2}/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9-]+){1,2}")

_CARD = re.compile(r"cards/(?:site-[0-9a-f]{32}|[0-9a-f]{2}/[0-9a-f]{32})\.jpg")


def is_public() -> Q:
    """Whether readers have a picture on some page now: within the text of a piece, of a page, as a cover or portrait."""
    here, now = OuterRef("pk"), timezone.now()
    pieces = Article.objects.published(now).filter(live__image_uses__image=here).order_by()
    # Texts that no version of a piece holds are few, and searched for the name.
    return (
        Q(Exists(pieces))
        | Q(
            Exists(
                Series.objects.filter(
                    Q(cover=here) | Q(introduction__contains=OuterRef("file")), pk__in=_listed(SeriesListing, now)
                ).order_by()
            )
        )
        | Q(Exists(Region.objects.filter(image=here).order_by()))
        | Q(Exists(Tag.objects.filter(image=here, pk__in=_listed(TagListing, now)).order_by()))
        | Q(Exists(Portrait.objects.filter(image=here, author__in=_listed(AuthorListing, now))))
        | Q(Exists(Page.objects.filter(is_published=True, body__contains=OuterRef("file")).order_by()))
    )


def _listed(model: type[Listing], now: datetime.datetime) -> QuerySet[Any]:
    """Those that have a page: something of them is listed."""
    return model.objects.filter(published_at__lte=now).values("target")  # type: ignore[attr-defined]


# Whether a person may see a picture that readers do not have. This room knows no roles: `editorial` says it.
Rule = Callable[[Any, Image], bool]
_rules: list[Rule] = []


def let_see(rule: Rule) -> None:
    """Register a rule by which signed-in people see pictures that are not public."""
    if rule not in _rules:
        _rules.append(rule)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture or a rendition of it, or the card of a shared link."""
    if path.startswith("cards/"):
        return _card(request, path)
    # One query; who is signed in is asked only about what readers do not have.
    image = _image_of(path)
    if image is None:
        return _not_found()
    is_for_all: bool = image.is_for_all  # type: ignore[attr-defined]  # annotated
    if not is_for_all and not (request.user.is_authenticated and any(rule(request.user, image) for rule in _rules)):
        return _not_found()
    try:
        response, kept = serve(request, path, document_root=str(settings.MEDIA_ROOT)), PUBLIC
    except Http404:
        if path == image.file.name:
            return _not_found()
        # A page may name a rendition that was replaced while it was open: it gets the whole picture.
        try:
            response, kept = serve(request, image.file.name, document_root=str(settings.MEDIA_ROOT)), "no-cache"
        except Http404:
            return _not_found()
    return _guarded(response, kept if is_for_all else PRIVATE)


def _card(request: HttpRequest, path: str) -> HttpResponseBase:
    """The card of a piece that readers have, or of the publication."""
    if not _CARD.fullmatch(path) or not cards.is_public(path, timezone.now()):
        return _not_found()
    try:
        return _guarded(serve(request, path, document_root=str(settings.MEDIA_ROOT)), PUBLIC)
    except Http404:
        return _not_found()


def _guarded(response: HttpResponseBase, kept: str) -> HttpResponseBase:
    response["Cache-Control"] = kept
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _image_of(path: str) -> Image | None:
    if not _PATH.fullmatch(path) or len(path) > 200:
        return None
    stem = stem_of(path)
    names = [f"{stem}.{suffix}" for suffix in ("jpg", "png")] if stem else [path]
    return Image.objects.filter(file__in=names).annotate(is_for_all=is_public()).first()


def _not_found() -> HttpResponseNotFound:
    """Kept by nobody: the piece may be published in a minute."""
    return HttpResponseNotFound(
        "There is no such file.\n", content_type="text/plain", headers={"Cache-Control": PRIVATE}
    )
