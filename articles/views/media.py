"""Uploaded pictures. Readers get those that they have on some page; others are for those who are signed in.

A draft's picture, a scheduled piece's and one that was taken down are not public, though their addresses can't be guessed.
"""

import re

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.static import serve

from articles.models import Article, Image, Portrait, Region, Series, Tag
from articles.renditions import stem_of
from forum.models import Page

PUBLIC = "public, max-age=31536000, immutable"
PRIVATE = "private, no-store"
_PATH = re.compile(r"images/[a-z0-9_-]{2}/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9-]+){1,2}")


def is_public() -> Q:
    """Whether readers have a picture on some page now: within the text of a piece, of a page, as a cover or portrait."""
    here = OuterRef("pk")
    pieces = Article.objects.published(timezone.now()).filter(live__image_uses__image=here).order_by()
    # Texts that no version of a piece holds are few, and searched for the name.
    return (
        Q(Exists(pieces))
        | Q(Exists(Series.objects.filter(Q(cover=here) | Q(introduction__contains=OuterRef("file"))).order_by()))
        | Q(Exists(Region.objects.filter(image=here).order_by()))
        | Q(Exists(Tag.objects.filter(image=here).order_by()))
        | Q(Exists(Portrait.objects.filter(image=here)))
        | Q(Exists(Page.objects.filter(is_published=True, body__contains=OuterRef("file")).order_by()))
    )


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture or a rendition of it. Its bytes never change, so what readers have may be kept for ever."""
    # One query; who is signed in is asked only about what readers do not have.
    image = _image_of(path)
    if image is None:
        return _not_found()
    is_for_all: bool = image.is_for_all  # type: ignore[attr-defined]  # annotated
    if not is_for_all and not request.user.is_authenticated:
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
    response["Cache-Control"] = kept if is_for_all else PRIVATE
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
