"""The sitemap, its files, and that of the news."""

import datetime
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, HttpResponse

from articles import sitemaps
from articles.sitemaps import Entry, File, News
from articles.views.public import public
from forum.models import Masthead
from prose.characters import clean

TYPE = "application/xml; charset=utf-8"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'


@public
def sitemap(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    return _answer(_index(sitemaps.files(now)))


@public
def sitemap_part(request: HttpRequest, masthead: Masthead, now: datetime.datetime, name: str) -> HttpResponse:
    found = sitemaps.entries(name, now)
    if not found:
        raise Http404("There is no such part of the sitemap.")
    return _answer(_urls(found))


@public
def sitemap_news(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    """May be empty: a quiet weekend is no error."""
    return _answer(_news(sitemaps.news(now), masthead))


def _answer(lines: Iterable[str]) -> HttpResponse:
    response = HttpResponse(_DECLARED + "\n".join(lines) + "\n", content_type=TYPE)
    # It is read by machines, and no page to be found.
    response["X-Robots-Tag"] = "noindex"
    return response


def _index(files: Iterable[File]) -> Iterator[str]:
    yield f'<sitemapindex xmlns="{_SITEMAP}">'
    files = list(files)
    for file, url in zip(files, _texts(file.url for file in files), strict=True):
        yield f"<sitemap><loc>{url}</loc>{_changed(file.changed_at)}</sitemap>"
    yield "</sitemapindex>"


def _urls(entries: Iterable[Entry]) -> Iterator[str]:
    yield f'<urlset xmlns="{_SITEMAP}" xmlns:image="{_IMAGE}" xmlns:xhtml="{_XHTML}">'
    entries = list(entries)
    for entry, url in zip(entries, _texts(entry.url for entry in entries), strict=True):
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{_text(language)}" href="{_text(url)}"/>'
            for language, url in entry.translations
        )
        picture = f"<image:image><image:loc>{_text(entry.picture)}</image:loc></image:image>" if entry.picture else ""
        yield f"<url><loc>{url}</loc>{_changed(entry.changed_at)}{others}{picture}</url>"
    yield "</urlset>"


def _news(pieces: Iterable[News], masthead: Masthead) -> Iterator[str]:
    yield f'<urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}">'
    name = _text(masthead.name)
    for piece in pieces:
        yield (
            f"<url><loc>{_text(piece.url)}</loc><news:news><news:publication><news:name>{name}</news:name>"
            f"<news:language>{_text(piece.language)}</news:language></news:publication>"
            f"<news:publication_date>{_moment(piece.published_at)}</news:publication_date>"
            f"<news:title>{_text(piece.title)}</news:title></news:news></url>"
        )
    yield "</urlset>"


def _changed(moment: datetime.datetime | None) -> str:
    return f"<lastmod>{_moment(moment)}</lastmod>" if moment else ""


def _moment(moment: datetime.datetime) -> str:
    """W3C date and time, to the second."""
    return f"{moment.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _text(text: str) -> str:
    return escape(clean(text), {'"': "&quot;"})


def _texts(addresses: Iterable[str]) -> list[str]:
    """The same of many addresses, which are on one line each: one look for all instead of one for each."""
    return _text("\n".join(addresses)).split("\n")
