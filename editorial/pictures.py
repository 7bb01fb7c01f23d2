"""The media library for whoever chooses and sends pictures: one way for desk and portal.

`answer` lists pictures as JSON and takes an upload; `take` stores one; `uses_of` says where a picture stands. Who sees
which pictures is said in `editorial.access`.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles import images
from articles.models import Article, Image, Portrait, Region, Series, Tag
from articles.status import Status
from editorial import access
from forum.models import Page, PageVersion
from prose import sanitise

A_PAGE = 24
# More pages than anybody leafs through; a search finds sooner.
LAST_PAGE = 1000
LONGEST_SEARCH = 300
# Pictures that one author may send in an hour.
AN_HOUR = 60
LIMITS = {"alt": 300, "caption": 1000, "credit": 200, "agency": 100}
LABELS = {"alt": "description", "caption": "caption", "credit": "credit", "agency": "name of the agency"}


def found(pictures: QuerySet[Image], query: str) -> QuerySet[Image]:
    """Those of which caption, description, credit or agency hold every word."""
    for word in query.replace("\x00", " ")[:LONGEST_SEARCH].split()[:10]:
        pictures = pictures.filter(
            Q(caption__icontains=word) | Q(alt__icontains=word) | Q(credit__icontains=word) | Q(agency__icontains=word)
        )
    return pictures


def told(image: Image) -> dict[str, Any]:
    """A picture as scripts are told of it. `src` is what a text names."""
    return {
        "id": image.pk,
        "src": image.file.url,
        "thumb": image.thumbnail_url,
        "alt": image.alt,
        "caption": image.caption,
        "credit": image.credit,
        "width": image.width,
        "height": image.height,
        "name": str(image),
    }


def answer(request: HttpRequest, pictures: QuerySet[Image], *, may_send: bool, is_limited: bool) -> JsonResponse:
    """GET ?q=&page= lists pictures, newest first; ?id= finds one. POST with `file` and what is told of it adds one to the library.

    What can't be taken is answered with 422 and `error` in plain words, `errors` by field; `is_limited`: at most so many
    an hour, then 429.
    """
    if request.method == "POST":
        return _sent(request, may_send=may_send, is_limited=is_limited)
    number = request.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    page = min(max(page, 1), LAST_PAGE)
    start = (page - 1) * A_PAGE
    if (pk := request.GET.get("id", "")).isascii() and pk.isdigit() and len(pk) < 19:
        pictures = pictures.filter(pk=pk)
    rows = list(found(pictures, request.GET.get("q", "")).order_by("-uploaded_at", "-pk")[start : start + A_PAGE + 1])
    return _json({"results": [told(image) for image in rows[:A_PAGE]], "more": len(rows) > A_PAGE})


def _json(data: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(data, status=status, headers={"Cache-Control": "private, no-store"})


def _sent(request: HttpRequest, *, may_send: bool, is_limited: bool) -> JsonResponse:
    user = request.user
    if not may_send or not isinstance(user, User):
        return _json({"error": "Adding pictures is not yours to do."}, 403)
    if is_limited and has_sent_too_many(user):
        return _json({"error": f"You sent {AN_HOUR} pictures within an hour. Send this one later."}, 429)
    try:
        image = take(request.FILES.get("file"), request.POST, by=user)
    except ValidationError as problem:
        errors = problem.message_dict if hasattr(problem, "error_dict") else {"file": problem.messages}
        return _json({"error": " ".join(text for texts in errors.values() for text in texts), "errors": errors}, 422)
    response = _json(told(image), 201)
    response.image = image  # type: ignore[attr-defined]  # for the caller, who may keep a record
    return response


def has_sent_too_many(user: User) -> bool:
    since = timezone.now() - datetime.timedelta(hours=1)
    return Image.objects.filter(uploaded_by=user, uploaded_at__gte=since).count() >= AN_HOUR


def words(posted: Any) -> dict[str, str]:
    """What is told of a picture, tidied. Raises ValidationError by field where it is too long."""
    said = {}
    errors = {}
    for name, limit in LIMITS.items():
        value = str(posted.get(name) or "")
        said[name] = sanitise.plain_text(value) if name == "caption" else sanitise.plain_line(value)
        if len(said[name]) > limit:
            errors[name] = f"The {LABELS[name]} has {len(said[name])} characters; at most {limit} fit."
    licence = posted.get("licence") or ""
    if licence in Image.Licence.values:
        said["licence"] = licence
    elif licence:
        errors["licence"] = "Choose one of the licences."
    if errors:
        raise ValidationError(errors)
    return said


def take(file: UploadedFile | None, posted: Any, *, by: User) -> Image:
    """Store a picture that somebody sent, with what they told of it. Raises ValidationError and leaves nothing behind."""
    if file is None:
        raise ValidationError({"file": "No file came with it. Choose a picture."})
    told_of = words(posted)
    try:
        return images.store(file, file.size or 0, uploaded_by=by, **told_of)
    except ValidationError as problem:
        if hasattr(problem, "error_dict"):
            raise
        raise ValidationError({"file": problem.messages}) from problem


# --- Where a picture is used ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """A place where a picture stands."""

    kind: str
    name: str
    url: str
    said: str = ""


def uses_of(image: Image, user: User) -> list[Use]:
    """Where a picture stands: pieces on the person's desk with their state, and all that is not a piece.

    Of pieces that are not on their desk only the number is told.
    """
    pieces = access.pieces_with(image)
    on_desk = access.desk_pieces(user).filter(pk__in=pieces.values("pk")).select_related("latest")
    revisions = set(image.uses.values_list("revision_id", flat=True))
    uses = [_piece(article, revisions) for article in on_desk.order_by("-pk")]
    if hidden := pieces.count() - len(uses):
        uses.append(Use("Piece", f"{hidden} piece{'' if hidden == 1 else 's'} not on your desk", ""))
    uses += [
        Use(
            "Special feature",
            series.title,
            _page("series", series.pk),
            "cover" if series.cover_id == image.pk else "introduction",
        )
        for series in Series.objects.filter(Q(cover=image) | Q(introduction__contains=image.file.name))
    ]
    uses += [Use("Region", r.name, _page("region", r.pk)) for r in Region.objects.filter(image=image)]
    uses += [Use("Topic", t.name, _page("tag", t.pk)) for t in Tag.objects.filter(image=image)]
    uses += [
        Use("Author", str(p.author), reverse("admin:authors_author_change", args=[p.author_id]), "portrait")
        for p in Portrait.objects.filter(image=image).select_related("author")
    ]
    return uses + list(_pages(image))


def _page(model: str, pk: int) -> str:
    return reverse(f"admin:articles_{model}_change", args=[pk])


def _piece(article: Article, revisions: set[int]) -> Use:
    said = "scheduled" if article.is_scheduled() else str(Status(article.status).label)
    if article.live_id in revisions and article.is_public():
        said += "; readers see it"
    elif article.latest_id not in revisions and article.live_id not in revisions:
        said += "; in an earlier version"
    return Use("Piece", str(article), reverse("admin:articles_article_change", args=[article.pk]), said)


def _pages(image: Image) -> Iterable[Use]:
    pages = Page.objects.filter(body__contains=image.file.name)
    for page in pages:
        said = "readers see it" if page.is_published else "not published"
        yield Use("Page", page.title, reverse("admin:forum_page_change", args=[page.pk]), said)
    earlier = PageVersion.objects.filter(body__contains=image.file.name).exclude(page__in=pages)
    for version in earlier.order_by("page_id", "-number").distinct("page_id").select_related("page"):
        yield Use(
            "Page",
            version.page.title,
            reverse("admin:forum_page_change", args=[version.page_id]),
            "in an earlier version",
        )
