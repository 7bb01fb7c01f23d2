"""A piece: its page and its print view, at its address for ever."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.citations import citing
from articles.lists import newest_but
from articles.metadata import for_metadata, metadata_of, translations_of
from articles.models import Article, FormerAddress, Publication, Revision
from articles.pieces import Link, Piece, bios_of, corrections_of, first_lines, piece_of, public_text, rendering_of
from articles.querysets import ArticleQuerySet
from articles.render import in_own_words
from articles.reviewed import line_of, terms_of
from articles.series import neighbours
from articles.status import Status
from articles.views.public import absolute, day_name, page, public
from forum.languages import in_a_row
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
    article = piece_at(request, masthead, now, where, name, for_metadata(Article.objects.all(), now))
    if isinstance(article, HttpResponse):
        return article
    context = article_context(article, public_text(article), now, masthead=masthead)
    context["metadata"] = metadata_of(article, masthead, now, translations=translations_of(article, now))
    context |= citing(context["metadata"])
    context["part_of"] = neighbours(article, now)
    if name == "articles:article":
        context["more"] = _more(article, now)
    return page(request, template, masthead, context)


def piece_at(
    request: HttpRequest,
    masthead: Masthead,
    now: datetime.datetime,
    where: tuple[str, str, str, str],
    name: str,
    pieces: ArticleQuerySet,
) -> Article | HttpResponse:
    """The piece at an address (year, month, day, slug), from `pieces`, for the page of that name; or the answer instead.

    That is a redirect where the piece has another address by now (but what was typed into a form reaches it from there
    too), and 410 where it was taken down. What readers may not know of is answered as if there were nothing.
    """
    on, slug = _day(*where[:3]), where[3]
    article = pieces.published(now).filter(slug=slug).first()
    if article and article.published_on == on:
        return article
    if moved := article or _moved(on, slug, now):
        if request.method not in ("GET", "HEAD"):
            return article or pieces.published(now).get(pk=moved.pk)
        address = reverse(name, args=address_of(moved))
        asked = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{address}?{asked}" if asked else address)
    if _was_taken_down(slug):
        return page(request, "410.html", masthead, {}, status=410)
    raise Http404("There is no piece at this address.")


def address_of(article: Article) -> list[str]:
    """What the addresses of a public piece are made of: year, month, day, slug."""
    return [*str(article.published_on).split("-"), article.slug]


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


def _was_taken_down(slug: str) -> bool:
    """Whether the address, if it were not for that, would show a piece or lead to it."""
    gone = Article.objects.filter(status=Status.TAKEN_DOWN)
    slugs = {slug, slug.lower()}
    return (
        gone.filter(slug__in=slugs).exists() or FormerAddress.objects.filter(slug__in=slugs, article__in=gone).exists()
    )


def _more(article: Article, now: datetime.datetime) -> dict[str, Any]:
    """What to read next: from the region that stands first above the piece, or else the newest of all."""
    region = next(iter(article.regions.all()), None)
    is_near, pieces = newest_but(article, region, now, MORE)
    if region and is_near:
        named = {"region": region.name}
        title, url, link = _("More on %(region)s") % named, region.get_absolute_url(), _("All on %(region)s") % named
    else:
        title, url, link = _("Latest"), reverse("articles:archive"), _("All in the archive")
    return {"title": title, "url": url, "link": link, "pieces": pieces}


def article_context(
    article: Article,
    revision: Revision,
    now: datetime.datetime,
    preview: bool = False,
    *,
    masthead: Masthead | None = None,
) -> dict[str, Any]:
    """What `articles/article_detail.html` and `articles/article_print.html` take, but for the masthead itself and `metadata`.

    `revision` is the text to show: `article.live`, or for the desk's preview any text of a piece in any state, which
    then leads to no page that readers may not have.
    """
    masthead = masthead or Masthead.current()
    publications = sorted(
        (p for p in article.publications.all() if p.at <= now), key=lambda p: (p.at, p.pk), reverse=True
    )
    is_listed = not preview and article.status == Status.PUBLISHED and article.is_public(now)
    rendering = rendering_of(revision)
    piece = piece_of(article, revision, is_listed=is_listed)
    piece.reading_minutes = rendering.minutes
    piece.corrections = corrections_of(publications)
    beside = _beside(article, piece, now, preview=preview)
    tags = sorted((row.tag for row in article.tagged_items.all()), key=lambda tag: tag.name.lower())
    piece.tag_list = [Link(tag.name, tag.get_absolute_url() if is_listed else "") for tag in tags]
    return {
        "article": piece,
        "html": in_own_words(rendering.html),
        "bios": bios_of(piece.byline_list),
        "first_appeared": _first_appeared(article),
        "trust": _trust(article, piece, masthead, beside["history_url"]),
        "verdict": (verdict := verdict_on(article, publications, masthead)),
        "is_retracted": verdict is not None and verdict.is_retracted,
        "is_preview": preview,
        "description": first_lines(piece.live.in_brief) or piece.live.title,
        "canonical": absolute(piece.get_absolute_url),
        **beside,
        "picture_url": absolute(piece.live.lead_image.file.url) if piece.live.lead_image else "",
        "modified_at": max((p.at for p in publications), default=article.published_at),
    }


def _beside(article: Article, piece: Piece, now: datetime.datetime, *, preview: bool) -> dict[str, str]:
    """The other pages of a piece, where readers have them."""
    pages = ("print", "history", "report")
    if preview or not article.is_public(now):
        return {f"{name}_url": "" for name in pages}
    return {f"{name}_url": f"{piece.get_absolute_url}{name}/" for name in pages}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands at the head of a piece that was retracted, or was and is so no more."""

    title: str
    text: str
    is_retracted: bool


def verdict_on(article: Article, publications: list[Publication], masthead: Masthead) -> Verdict | None:
    """What readers are told of a retraction. Takes what was given to readers, newest first."""
    kinds = (Publication.Kind.RETRACTION, Publication.Kind.REINSTATEMENT)
    told = [p for p in publications if p.kind in kinds]
    days = [day_name(timezone.localtime(p.at, masthead.zone)) for p in told]
    if article.status == Status.RETRACTED:
        title = _("This piece was retracted on %(day)s") % {"day": days[0]} if told else _("This piece was retracted")
        return Verdict(title, told[0].note if told else _("It is kept here for the record."), is_retracted=True)
    if article.status != Status.PUBLISHED or not told:
        return None
    if len(told) > 1:
        title = _("This piece was retracted on %(day)s and reinstated on %(later)s") % {
            "day": days[1],
            "later": days[0],
        }
    else:
        title = _("This piece was reinstated on %(day)s") % {"day": days[0]}
    return Verdict(title, told[0].note, is_retracted=False)


def _first_appeared(article: Article) -> dict[str, str]:
    """Where readers could read it before; with an address alone, its host stands for the name."""
    host = article.first_appeared_url.partition("//")[2].partition("/")[0]
    return {"name": article.first_appeared, "url": article.first_appeared_url, "host": host}


def _trust(article: Article, piece: Piece, masthead: Masthead, history_url: str) -> list[dict[str, str]]:
    """How the piece was made, in rows; what is not known is left out."""
    review = {"label": _("Review"), "text": line_of(article, masthead)}
    if history_url and terms_of(article, masthead):
        review |= {"url": f"{history_url}#review", "link": _("What this means")}
    rows = [review, {"label": _("Approval"), "text": article.how_approved}]
    if piece.corrections:
        days = dict.fromkeys(day_name(timezone.localtime(c.at, masthead.zone)) for c in reversed(piece.corrections))
        rows.append(
            {"label": _("Corrected"), "text": in_a_row(days), "url": "#corrections", "link": _("What was corrected")}
        )
    # The terms of the house stand in the foot of every page.
    rows.append({"label": _("Licence"), "text": article.licence})
    return [row for row in rows if row["text"]]
