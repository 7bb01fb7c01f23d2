"""llms.txt: what a program that answers questions is told of the publication, and where it finds what (llmstxt.org)."""

import datetime
from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles.lists import headlines
from articles.markdown import plain
from articles.models import Article
from articles.sitemaps import index_url
from articles.views.public import absolute
from forum.models import PAGES, Masthead

LATEST = 20


def llms_txt(masthead: Masthead, now: datetime.datetime) -> str:
    """Where the managing editor does not want answers made from the pieces, it says so and lists none."""
    parts = [f"# {plain(masthead.name)}"]
    if about := masthead.description or masthead.tagline:
        parts.append(f"> {plain(about)}")
    parts.append(_terms(masthead))
    if masthead.lets_ai_cite:
        parts += _section(_("Latest pieces"), _latest(now))
        parts += _section(_("Lists"), _lists())
    parts += _section(_("About the publication"), _pages(masthead))
    return "\n\n".join(parts) + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = "\n".join(lines)
    return [f"## {title}\n\n{found}"] if found else []


def _terms(masthead: Masthead) -> str:
    said = [
        _("Pieces may be quoted in answers: with their authors, title and date, and a link to the page of the piece.")
        if masthead.lets_ai_cite
        else _("Please make no answers from our pieces. Lead people to the site instead."),
        _("Models may be trained on the pieces.")
        if masthead.lets_ai_train
        else _("Please train no models on our pieces."),
        _("Pieces are corrected in the open: what a page says now goes before what was read of it earlier."),
    ]
    if masthead.lets_ai_cite:
        said.append(_("Each piece has a Markdown form: its address with index.md at the end."))
    if masthead.rights_line:
        said.append(plain(masthead.rights_line))
    return "\n".join(f"- {line}" for line in said)


def _latest(now: datetime.datetime) -> Iterator[str]:
    for piece in headlines(Article.objects.listed(now).newest_first()[:LATEST]):
        names = ", ".join(plain(byline.name) for byline in piece.author_list)
        day = date_format(piece.published_on, "DATE_FORMAT") if piece.published_on else ""
        url = absolute(f"{piece.get_absolute_url}index.md")
        yield f"- [{plain(piece.live.title)}]({url}): {', '.join(filter(None, (names, day)))}"


def _lists() -> Iterator[str]:
    for title, name in (
        (_("Regions"), "regions"), (_("Topics"), "topics"), (_("Special features"), "series_list"), (_("Authors"), "authors"),
        (_("Archive"), "archive"), (_("Corrections and retractions"), "record"),
    ):  # fmt: skip
        yield f"- [{title}]({absolute(reverse(f'articles:{name}'))})"
    yield f"- [{_('Sitemap')}]({index_url()})"


def _pages(masthead: Masthead) -> Iterator[str]:
    links = [link for name in PAGES if (link := masthead.page_link(name))] + masthead.foot_links
    for url, label in {link.url: link.label for link in reversed(links)}.items():
        yield f"- [{plain(label)}]({absolute(url)})"
