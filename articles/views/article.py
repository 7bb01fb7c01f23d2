"""A piece: its page and its print view, at its address for ever."""

import datetime
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone

from articles.lists import newest_but
from articles.models import Article, Byline, FormerAddress, Publication, Revision, Tag
from articles.pieces import Link, Piece, bios_of, corrections_of, first_lines, piece_of, public_text, rendering_of
from articles.status import Status
from articles.views.public import absolute, day_name, page, public
from forum.models import Masthead

MORE = 3


@public
def article_page(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, year: str, month: str, day: str, slug: str
) -> HttpResponse:
    return _at_address(
        request, masthead, now, (year, month, day, slug), "articles:article", "articles/article_detail.html"
    )


@public
def print_view(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, year: str, month: str, day: str, slug: str
) -> HttpResponse:
    return _at_address(
        request, masthead, now, (year, month, day, slug), "articles:print", "articles/article_print.html"
    )


def _at_address(
    request: HttpRequest,
    masthead: Masthead,
    now: datetime.datetime,
    where: tuple[str, str, str, str],
    name: str,
    template: str,
) -> HttpResponse:
    """The piece at an address; a redirect where it has another by now; 410 where it was taken down; else 404.

    What readers may not know of is answered as if there were nothing.
    """
    on, slug = _day(*where[:3]), where[3]
    pieces = Article.objects.select_related("live__lead_image", "live__rendering", "series").prefetch_related(
        Prefetch("bylines", Byline.objects.select_related("author")), "regions"
    )
    article = pieces.published(now).filter(slug=slug).first()
    if article and article.published_on == on:
        context = article_context(article, public_text(article), now, masthead=masthead)
        if name == "articles:article":
            context["more"] = _more(article, now)
        return page(request, template, masthead, context)
    if article or (article := _moved(on, slug, now)):
        return HttpResponsePermanentRedirect(reverse(name, args=[*str(article.published_on).split("-"), article.slug]))
    if _was_taken_down(on, slug):
        return page(request, "410.html", masthead, {}, status=410)
    raise Http404("There is no piece at this address.")


def _day(year: str, month: str, day: str) -> datetime.date:
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError as problem:
        raise Http404("There is no such day.") from problem


def _moved(on: datetime.date, slug: str, now: datetime.datetime) -> Article | None:
    """The public piece that once had this address, or this slug on another day; or that has it in small letters."""
    former = FormerAddress.objects.filter(slug=slug, article__in=Article.objects.published(now)).select_related(
        "article"
    )
    found = former.filter(published_on=on).first() or former.first()
    if found or slug == (small := slug.lower()):
        return found.article if found else None
    return Article.objects.published(now).filter(slug=small).first() or _moved(on, small, now)


def _was_taken_down(on: datetime.date, slug: str) -> bool:
    gone = Article.objects.filter(status=Status.TAKEN_DOWN)
    slugs = {slug, slug.lower()}
    if gone.filter(published_on=on, slug__in=slugs).exists():
        return True
    return FormerAddress.objects.filter(published_on=on, slug__in=slugs, article__in=gone).exists()


def _more(article: Article, now: datetime.datetime) -> dict[str, Any]:
    """What to read next: from the region that stands first above the piece, or else the newest of all."""
    region = next(iter(article.regions.all()), None)
    is_near, pieces = newest_but(article, region, now, MORE)
    if region and is_near:
        title, url, link = f"More on {region.name}", region.get_absolute_url(), f"All on {region.name}"
    else:
        title, url, link = "Latest", reverse("articles:archive"), "All in the archive"
    return {"title": title, "url": url, "link": link, "pieces": pieces}


def article_context(
    article: Article,
    revision: Revision,
    now: datetime.datetime,
    preview: bool = False,
    *,
    masthead: Masthead | None = None,
) -> dict[str, Any]:
    """What `articles/article_detail.html` and `articles/article_print.html` take, but for the masthead itself.

    `revision` is the text to show: `article.live`, or for the desk's preview any text of a piece in any state, which
    then leads to no page that readers may not have.
    """
    masthead = masthead or Masthead.current()
    publications = list(article.publications.filter(at__lte=now))
    is_listed = not preview and article.status == Status.PUBLISHED and article.is_public(now)
    rendering = rendering_of(revision)
    piece = piece_of(article, revision, is_listed=is_listed)
    piece.reading_minutes = rendering.minutes
    piece.corrections = corrections_of(publications)
    tags = Tag.objects.filter(items__content_object=article)
    piece.tag_list = [Link(tag.name, tag.get_absolute_url() if is_listed else "") for tag in tags]
    return {
        "article": piece,
        "html": rendering.html,
        "bios": bios_of(piece.byline_list),
        "trust": _trust(article, piece, masthead),
        "retraction": _retraction(article, publications),
        "is_preview": preview,
        "description": first_lines(piece.live.in_brief) or piece.live.title,
        "canonical": absolute(piece.get_absolute_url),
        "print_url": f"{piece.get_absolute_url}print/" if piece.get_absolute_url and not preview else "",
        "picture_url": absolute(piece.live.lead_image.file.url) if piece.live.lead_image else "",
        "modified_at": max((p.at for p in publications), default=article.published_at),
    }


def _retraction(article: Article, publications: list[Publication]) -> str:
    """The public reason, where the piece is retracted now; newest first."""
    if article.status != Status.RETRACTED:
        return ""
    notes = [p.note for p in publications if p.kind == Publication.Kind.RETRACTION]
    return notes[0] if notes else "It is kept here for the record."


def _trust(article: Article, piece: Piece, masthead: Masthead) -> list[dict[str, str]]:
    """How the piece was made, in rows; what is not known is left out."""
    rows = [
        {"label": "Review", "text": article.how_reviewed},
        {"label": "Approval", "text": article.how_approved},
    ]
    if piece.corrections:
        days = dict.fromkeys(day_name(timezone.localtime(c.at, masthead.zone)) for c in reversed(piece.corrections))
        rows.append(
            {"label": "Corrected", "text": ", ".join(days), "url": "#corrections", "link": "What was corrected"}
        )
    # The terms of the house stand in the foot of every page.
    rows.append({"label": "Licence", "text": article.licence})
    return [row for row in rows if row["text"]]
