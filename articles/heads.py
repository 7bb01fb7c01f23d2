"""What the head of a page tells those who find it or share it: address, languages, card, structured data.

`templates/articles/_head.html` writes it down; each view of a page that may be found makes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from articles import structured
from articles.locales import open_graph
from articles.metadata import Metadata
from articles.models import Article
from articles.share_cards.cards import Pictured, picture_of_piece, picture_of_site
from articles.structured.piece import headline
from articles.structured.publication import section
from articles.structured.terms import Thing, block
from articles.views.public import absolute
from forum.models import Masthead


@dataclass(frozen=True, slots=True)
class Head:
    """Addresses are full. `kind` is a type of Open Graph: article, profile or website."""

    title: str
    url: str
    structured: SafeString
    description: str = ""
    kind: str = "website"
    locale: str = ""
    picture: Pictured | None = None
    # Of a piece alone.
    piece: Metadata | None = None
    # The piece in each language, its own among them, by language tag; and the text that the others translate.
    languages: dict[str, str] = field(default_factory=dict)
    original: str = ""
    other_locales: Sequence[str] = ()


def head_of_piece(article: Article, piece: Metadata, masthead: Masthead) -> Head:
    languages = _languages(piece)
    locale = open_graph(piece.language, masthead.language)
    others = [open_graph(language, masthead.language) for language in languages]
    return Head(
        title=headline(piece),
        url=piece.url,
        structured=block(structured.piece_page(piece, masthead)),
        description=piece.description,
        kind="article",
        locale=locale,
        picture=picture_of_piece(article, masthead),
        piece=piece,
        languages=languages,
        original=_original(piece) if languages else "",
        other_locales=[other for other in dict.fromkeys(others) if other and other != locale],
    )


def head_of_page(
    masthead: Masthead, title: str, url: str, data: Thing, *, description: str = "", kind: str = "website"
) -> Head:
    """Of a list or a plain page; its card is that of the publication."""
    return Head(
        title=title,
        url=url,
        structured=block(data),
        description=description or masthead.description or masthead.tagline,
        kind=kind,
        locale=open_graph(masthead.language),
        picture=picture_of_site(masthead),
    )


def head_of_section(masthead: Masthead, part: str, name: str = "") -> Head:
    """Of the page of a part of the site, such as all regions; `name` where it is another than usual."""
    here = section(part)
    return head_of_page(masthead, name or here.name, absolute(here.url), structured.section_page(masthead, part, name))


def head_of_names(masthead: Masthead, part: str, url: str, name: str) -> Head:
    """Of one page of a long list of names, by its own name and address."""
    return head_of_page(masthead, name, url, structured.section_page(masthead, part, name))


def page_name(subject: str, *, is_first: bool) -> str:
    """A list by its name; what is not its first page says so."""
    return subject if is_first else _("%(subject)s, earlier pieces") % {"subject": subject}


def _languages(piece: Metadata) -> dict[str, str]:
    """By language tag, each once. Each page names all, itself too, or search engines believe none of them: so a retracted
    piece, which the others do not name, names none."""
    if piece.is_retracted or not piece.translations:
        return {}
    found = {piece.language: piece.url}
    for other in piece.translations:
        found.setdefault(other.language, other.url)
    return dict(sorted(found.items()))


def _original(piece: Metadata) -> str:
    """The address of the text that the others translate, where readers have it."""
    originals = [other.url for other in piece.translations if other.is_original]
    return originals[0] if originals else ("" if piece.is_translation else piece.url)
