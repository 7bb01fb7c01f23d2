"""How a piece was made, told beneath it: who reviewed and approved it, what was corrected, how it may be reused, and
where its publication says how it works."""

from dataclasses import dataclass, field
from urllib.parse import quote

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from articles import how
from articles.metadata import licence_url
from articles.models import Article
from articles.pieces import Link, Piece
from articles.reviewed import line_of, terms_of
from forum.languages import in_a_row
from forum.models import Masthead


@dataclass(frozen=True, slots=True)
class Row:
    """A thing to know, in a sentence, and where it leads."""

    label: str
    text: str
    links: list[Link] = field(default_factory=list)


def rows_for(article: Article, piece: Piece, masthead: Masthead, *, history_url: str, canonical: str) -> list[Row]:
    """The rows of a piece; what is not known is left out. `history_url` and `canonical` are empty where readers have no such page."""
    rows = [
        Row(_("Review"), line_of(article, masthead), _about_review(article, masthead, history_url)),
        Row(_("Approval"), how.said(article.how_approved)),
        Row(_("Corrected"), _days(piece, masthead), [Link(_("What was corrected"), "#corrections"), *_page(masthead, "corrections_page")]),
        Row(_("Reuse"), *_reuse(article, piece, masthead)),
        _address(article, canonical),
    ]  # fmt: skip
    if pages := [*_page(masthead, "about_page"), *_page(masthead, "principles_page")]:
        rows.append(Row(_("Published by"), masthead.published_by, pages))
    return [row for row in rows if row.text]


def _page(masthead: Masthead, name: str) -> list[Link]:
    found = masthead.page_link(name)
    return [Link(found.label, found.url)] if found else []


def _about_review(article: Article, masthead: Masthead, history_url: str) -> list[Link]:
    has_terms = history_url and terms_of(article, masthead)
    means = [Link(_("What this means"), f"{history_url}#review")] if has_terms else []
    return means + _page(masthead, "review_page")


def _days(piece: Piece, masthead: Masthead) -> str:
    days = (timezone.localtime(correction.at, masthead.zone).date() for correction in reversed(piece.corrections))
    return in_a_row(dict.fromkeys(date_format(day, "DATE_FORMAT") for day in days)) if piece.corrections else ""


def _reuse(article: Article, piece: Piece, masthead: Masthead) -> tuple[str, list[Link]]:
    """The licence with its address, or who is to be asked."""
    licence = article.licence or masthead.rights_line
    text = licence or _("© %(holder)s") % {"holder": masthead.rights_holder}
    address = licence_url(licence)
    links = [Link(_("What it allows"), address)] if address else []
    if masthead.contact_email:
        subject = quote(_("Reuse of: %(title)s") % {"title": piece.live.title}, safe="")
        links.append(Link(_("Ask to reuse it"), f"mailto:{masthead.contact_email}?subject={subject}"))
    return text, links


def _address(article: Article, canonical: str) -> Row:
    address = canonical and (f"https://doi.org/{article.doi}" if article.doi else canonical)
    return Row(_("Permanent address"), address)
