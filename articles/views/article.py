"""A piece: its page and its print view, at its address for ever."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.citations import citing
from articles.contents import contents_of
from articles.heads import head_of_piece
from articles.languages import own_name
from articles.lists import headline_rows, headlines_of
from articles.metadata import metadata_of, told_from, translations_of
from articles.models import Article, FormerAddress, Publication, Revision
from articles.pieces import Link, Piece, bios_of, corrections_of, first_lines, piece_of, public_text, rendering_of
from articles.related import Candidates
from articles.render import in_own_words
from articles.series import Place, part_of, place_of
from articles.sharing import citation_line, places_to_share
from articles.status import Status
from articles.trust import rows_for
from articles.views.public import absolute, day_name, page, public
from articles.views.sheet import Sheet, sheet_of, told_at
from forum.compiled import Compiled
from forum.models import Masthead
from forum.pagecache import covered, until


class Addressed(Protocol):
    """What has the address of a piece."""

    @property
    def slug(self) -> str: ...

    @property
    def published_on(self) -> datetime.date | None: ...


class Told(Protocol):
    """A time that readers were given a text or told something."""

    @property
    def kind(self) -> str: ...

    @property
    def at(self) -> datetime.datetime: ...

    @property
    def note(self) -> str: ...


Found = TypeVar("Found", bound=Addressed)


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
    told = piece_at(request, masthead, now, where, name, told_at)
    if isinstance(told, HttpResponse):
        return told
    is_page = name == "articles:article"
    sheet = sheet_of(template, told, masthead, lambda row: _context_of(row, masthead, now, is_page=is_page))
    beside = _named_beside(sheet, now, is_page=is_page)
    years = _years_of(sheet.metadata.published_at, now) if is_page else 0
    return HttpResponse(sheet.filled((*beside.rows, years), lambda: beside.told() | {"years": years}))


def _years_of(at: datetime.datetime, now: datetime.datetime) -> int:
    """How old the piece is; on the day when that is another number, its page is another."""
    years = (now - at).days // 365
    until(at + datetime.timedelta(days=365 * (years + 1)))
    return years


def _context_of(row: tuple[Any, ...], masthead: Masthead, now: datetime.datetime, *, is_page: bool) -> dict[str, Any]:
    """What the template takes of the piece itself: nothing of it hangs on the moment, as the row was read for it."""
    article = told_from(row)
    context = article_context(article, public_text(article), now, masthead=masthead)
    translations = translations_of(article) if is_page else []
    metadata = metadata_of(article, masthead, now, translations=translations)
    context |= {"piece": article, "metadata": metadata, **citing(metadata)}
    if is_page:
        context["head"] = head_of_piece(article, metadata, masthead)
        context["translations"] = [(own_name(other.language), other) for other in translations]
        context["shares"] = places_to_share(metadata)
        context["cited_as"] = citation_line(metadata)
    return context


@dataclass(frozen=True, slots=True)
class _Beside:
    """Other pieces that a page names: those before and after it, and on the page itself what else to read."""

    place: Place | None
    others: Candidates | None
    named: list[tuple[Any, ...]]

    @property
    def rows(self) -> tuple[Any, ...]:
        """As the database gave them: from the same rows the same is told."""
        return self.others.rows if self.others else [], self.named

    def told(self) -> dict[str, Any]:
        pieces = headlines_of(self.named)
        return {"part_of": part_of(self.place, pieces), "related": self.others.told(pieces) if self.others else None}


def _named_beside(sheet: Sheet, now: datetime.datetime, *, is_page: bool) -> _Beside:
    article = sheet.article
    place = place_of(article)
    ids = {article.pk, *(place.ids if place else ())}
    others = Candidates(article, now, but=ids, names=sheet.names) if is_page else None
    # Asked with the piece itself, so that one that has nothing beside it costs no query less: a page has one cost.
    return _Beside(place, others, headline_rows(ids | (others.ids if others else set()), now))


def piece_at(
    request: HttpRequest,
    masthead: Masthead,
    now: datetime.datetime,
    where: tuple[str, str, str, str],
    name: str,
    read: Callable[[str, datetime.datetime], Found | None],
) -> Found | HttpResponse:
    """The piece at an address (year, month, day, slug) for the page of that name; or the answer instead. `read` gives the
    piece of a slug, if readers have it at that moment.

    That is a redirect where the piece has another address by now (but what was typed into a form reaches it from there
    too), and 410 where it was taken down. What readers may not know of is answered as if there were nothing.
    """
    on, slug = _day(*where[:3]), where[3]
    with covered():
        article = read(slug, now)
    if article and article.published_on == on:
        return article
    if moved := article or _moved(on, slug, now):
        if request.method not in ("GET", "HEAD"):
            return article or moved  # type: ignore[return-value]  # forms are sent to pages that read articles
        address = reverse(name, args=address_of(moved))
        asked = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{address}?{asked}" if asked else address)
    if _was_taken_down(slug):
        return page(request, "410.html", masthead, {}, status=410)
    raise Http404("There is no piece at this address.")


_TITLED: Compiled[Article] = Compiled(
    lambda slug, now: (
        Article.objects.published(now).filter(slug=slug).select_related("live").defer("live__body", "live__in_brief")
    ),
    slug=str,
    now=datetime.datetime,
)


def piece_titled(slug: str, now: datetime.datetime) -> Article | None:
    """For pages about a piece that print its title alone."""
    return _TITLED.first(slug=slug, now=now)


def address_of(article: Addressed) -> list[str]:
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
    canonical = absolute(piece.get_absolute_url)
    tags = sorted((row.tag for row in article.tagged_items.all()), key=lambda tag: tag.name.lower())
    piece.tag_list = [Link(tag.name, tag.get_absolute_url() if is_listed else "") for tag in tags]
    return {
        "article": piece,
        "html": in_own_words(rendering.html),
        "bios": bios_of(piece.byline_list),
        "first_appeared": _first_appeared(article),
        "contents": contents_of(rendering.contents, rendering.words),
        "has_notes": 'id="notes"' in rendering.html,
        "trust": rows_for(
            article,
            piece,
            masthead,
            history_url=beside["history_url"],
            canonical=canonical if beside["print_url"] else "",
        ),
        "verdict": (verdict := verdict_on(article, publications, masthead)),
        "is_retracted": verdict is not None and verdict.is_retracted,
        "is_preview": preview,
        "description": first_lines(piece.live.in_brief) or piece.live.title,
        "canonical": canonical,
        **beside,
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


def verdict_on(article: Article, publications: Sequence[Told], masthead: Masthead) -> Verdict | None:
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
