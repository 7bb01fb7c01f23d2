"""What a page tells of itself to machines and to who shares a link to it, written out as `fragments` are: on a list it is a third of what
a template engine would look up.

It belongs to `templates/articles/_head.html`, which says what it takes. Structured data is a block of data, which no browser runs and
no policy needs to allow.
"""

from collections.abc import Iterator

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.heads import Head
from articles.metadata import Metadata
from articles.share_cards.cards import Pictured
from articles.templatetags.fragments import as_text

register = template.Library()

_ROBOTS = "max-image-preview:large, max-snippet:-1, max-video-preview:-1"


@register.simple_tag(takes_context=True)
def told_head(context: Context) -> SafeString:
    """The lines of `head`."""
    head: Head = context["head"]
    lines = [*_languages(head), *_told(head, context["masthead"].name)]
    lines.append(f'<script type="application/ld+json">{head.structured}</script>')
    return mark_safe("\n  ".join(lines))  # noqa: S308  every part was escaped


def _languages(head: Head) -> Iterator[str]:
    yield f'<link rel="canonical" href="{as_text(head.url)}">'
    for language, url in head.languages.items():
        yield f'<link rel="alternate" hreflang="{as_text(language)}" href="{as_text(url)}">'
    if head.original:
        yield f'<link rel="alternate" hreflang="x-default" href="{as_text(head.original)}">'
    yield f'<meta name="robots" content="{_ROBOTS}">'


def _told(head: Head, site: str) -> Iterator[str]:
    yield _property("og:type", head.kind)
    yield _property("og:site_name", site)
    yield _property("og:title", head.title)
    if head.description:
        yield _property("og:description", head.description)
    yield _property("og:url", head.url)
    if head.locale:
        yield _property("og:locale", head.locale)
    for locale in head.other_locales:
        yield _property("og:locale:alternate", locale)
    yield from _pictured(head.picture)
    if head.piece:
        yield from _piece(head.piece)


def _pictured(picture: Pictured | None) -> Iterator[str]:
    if picture:
        yield _property("og:image", picture.url)
        yield _property("og:image:type", picture.type)
        yield _property("og:image:width", picture.width)
        yield _property("og:image:height", picture.height)
        yield _property("og:image:alt", picture.alt)
    yield f'<meta name="twitter:card" content="{"summary_large_image" if picture else "summary"}">'


def _piece(piece: Metadata) -> Iterator[str]:
    yield _property("article:published_time", timezone.localtime(piece.published_at).isoformat())
    if piece.modified_at != piece.published_at:
        yield _property("article:modified_time", timezone.localtime(piece.modified_at).isoformat())
    for one in piece.contributors:
        yield f'<meta name="author" content="{as_text(one.name)}">'
        if one.url:
            yield _property("article:author", one.url)
    for link in piece.regions[:1]:
        yield _property("article:section", link.name)
    for link in piece.topics:
        yield _property("article:tag", link.name)


def _property(name: str, content: object) -> str:
    return f'<meta property="{name}" content="{as_text(content)}">'
