"""Uploaded pictures. Readers get those that they have on some page; others are for those whom the desk lets see them.

A draft's picture, a scheduled piece's and one that was taken down are not public, though their addresses can't be guessed.
"""

import datetime
import logging
import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

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
from articles.told import PIECES
from articles.views.public import takes
from forum.models import Page
from forum.pagecache import covered, mark_page, shows, until
from forum.pagecache.front import BROWSERS

# Its address stands for its bytes, so that who has it need never ask again. But a piece may be taken down: what stands between us
# and many readers asks after an hour, and after a minute behind our own nginx (docs/examples/nginx.conf).
PUBLIC = f"{BROWSERS}, s-maxage=3600"
# What the page cache does not answer (somebody is signed in, say) does not name what it shows: a cache that is told of changes could
# not drop it.
UNTOLD = f"{BROWSERS}, s-maxage=0"
PRIVATE = "private, no-store"
KINDS = {"jpg": "image/jpeg", "png": "image/png", "avif": "image/avif", "webp": "image/webp"}
log = logging.getLogger(__name__)
_PATH = re.compile(r"images/[a-z0-9_-]{2}/[A-Za-z0-9_-]+(?:\.[A-Za-z0-9-]+){1,2}")

_CARD = re.compile(r"cards/(?:site-[0-9a-f]{32}|[0-9a-f]{2}/[0-9a-f]{32})\.jpg")


def _pieces_with(image: OuterRef) -> QuerySet[Article]:
    """Those whose text, as readers have it, has the picture within or at its head."""
    return Article.objects.published(timezone.now()).filter(live__image_uses__image=image).order_by()


def _is_around() -> Q:
    """Whether readers have a picture on some other page: of a region, topic, series or author, or within a page's text."""
    here, now = OuterRef("pk"), timezone.now()
    # Texts that no version of a piece holds are few, and searched for the name.
    return (
        Q(
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


@takes()
@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A picture or a rendition of it, or the card of a shared link.

    What everybody may have is kept by the page cache, as the pages are that show it: until something of them changes.
    """
    # One query; who is signed in is asked only about what readers do not have. It can be answered otherwise only once what is
    # noted here has changed: the piece that has the picture, or else anything.
    with covered():
        if path.startswith("cards/"):
            return _card(request, path)
        image = _image_of(path)
    if image is None:
        return _not_found()
    is_for_all: bool = image.piece is not None or image.is_around  # type: ignore[attr-defined]  # annotated
    if not is_for_all and not (request.user.is_authenticated and any(rule(request.user, image) for rule in _rules)):
        return _not_found()
    shows(f"article:{image.piece}" if image.piece is not None else PIECES)  # type: ignore[attr-defined]
    if found := _file(request, path, PUBLIC if is_for_all else PRIVATE):
        return found
    # A page may name a rendition that was replaced while it was open: it gets the whole picture.
    name = image.file.name
    return (path != name and _file(request, name, "no-cache" if is_for_all else PRIVATE)) or _not_found()


def _card(request: HttpRequest, path: str) -> HttpResponseBase:
    """The card of a piece that readers have, or of the publication."""
    if not _CARD.fullmatch(path):
        return _not_found()
    kept = PUBLIC
    if not path.startswith("cards/site-"):
        if (found := cards.piece_of(path, timezone.now())) is None:
            return _not_found()
        piece, is_told = found
        shows(f"article:{piece}")
        kept = PUBLIC if is_told else "no-cache"
    return _file(request, path, kept) or _not_found()


def _file(request: HttpRequest, name: str, kept: str) -> HttpResponseBase | None:
    """The file of this name, or what has the proxy in front send it; None if there is none."""
    try:
        response = _accelerated(name) if settings.MEDIA_ACCEL else _opened(name)
    except FileNotFoundError:
        return None
    except OSError as problem:
        log.warning("%s", problem)
        return _out_of_reach()
    response["Cache-Control"] = UNTOLD if kept == PUBLIC and settings.CDN_SECONDS else kept
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    if kept == PUBLIC:
        mark_page()
    if kept == PRIVATE:
        return response
    found: HttpResponseBase | None = get_conditional_response(request, etag=response["ETag"], response=response)  # type: ignore[arg-type]  # its headers are taken
    if found is not response:
        response.close()
    return found


def _opened(name: str) -> HttpResponseBase:
    file = default_storage.open(name)
    response = FileResponse(file, content_type=_kind(name))
    response["ETag"] = _tag(name, f"-{file.size:x}")
    return response


def _accelerated(name: str) -> HttpResponseBase:
    if not default_storage.exists(name):
        raise FileNotFoundError(name)
    response = HttpResponse(content_type=_kind(name))
    response["ETag"] = _tag(name)
    if signed := getattr(default_storage, "signed", None):
        # Told again well before it has expired.
        until(timezone.now() + datetime.timedelta(minutes=30))
        response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL}{signed(name)}"
    else:
        response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL}/{name}"
    return response


def _kind(name: str) -> str | None:
    return KINDS.get(name.rsplit(".", 1)[-1])


def _tag(name: str, size: str = "") -> str:
    """By its name and length: a file is never written otherwise under the same."""
    return f'"{blake2b(name.encode(), digest_size=12).hexdigest()}{size}"'


def _image_of(path: str) -> Image | None:
    if not _PATH.fullmatch(path) or len(path) > 200:
        return None
    stem = stem_of(path)
    names = [f"{stem}.{suffix}" for suffix in ("jpg", "png")] if stem else [path]
    found = Image.objects.filter(file__in=names).annotate(piece=Subquery(_pieces_with(OuterRef("pk")).values("pk")[:1]))
    # The rest is asked only where no piece has it.
    return found.annotate(is_around=Case(When(piece__isnull=False, then=False), default=_is_around())).first()


def _not_found() -> HttpResponseNotFound:
    """Kept by nobody: the piece may be published in a minute."""
    return HttpResponseNotFound(
        "There is no such file.\n", content_type="text/plain", headers={"Cache-Control": PRIVATE}
    )


def _out_of_reach() -> HttpResponse:
    return HttpResponse(
        "The file can’t be had at the moment.\n",
        content_type="text/plain; charset=utf-8",
        status=503,
        headers={"Cache-Control": PRIVATE, "Retry-After": "10"},
    )
