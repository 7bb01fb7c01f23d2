"""The pages on which pieces stand, and the plain ones, in the words of schema.org."""

from collections.abc import Iterable, Sequence

from articles.metadata import Contributor
from articles.models import Image
from articles.pieces import Link, Piece
from articles.structured.piece import pictures, who
from articles.structured.publication import PUBLICATION, SITE, issue, publication, section, site
from articles.structured.terms import Thing, breadcrumbs, graph, one_or_all, said
from articles.views.public import absolute
from forum.models import Masthead


def front_page(masthead: Masthead, pieces: Iterable[Piece]) -> Thing:
    """The site with its search, who publishes it, and what stands on its front page."""
    return graph(
        {**_page("CollectionPage", masthead.name, absolute("/")), **said({"mainEntity": item_list(pieces)})},
        site(masthead),
        publication(masthead),
    )


def collection_page(
    masthead: Masthead,
    name: str,
    url: str,
    pieces: Iterable[Piece],
    trail: Sequence[Link],
    *,
    about: str = "",
    image: Image | None = None,
) -> Thing:
    """A list of pieces: of a region, a topic, a month. `trail` leads to it from the front page, itself left out."""
    return graph(
        {
            **_page("CollectionPage", name, url),
            **said(
                {
                    "description": about,
                    "mainEntity": item_list(pieces),
                    "primaryImageOfPage": pictures(image)[0] if image else None,
                }
            ),
        },
        breadcrumbs(*trail, Link(name, url)),
        site(masthead),
        publication(masthead),
    )


def issue_page(
    masthead: Masthead,
    series: Link,
    pieces: Iterable[Piece],
    *,
    volume: str,
    number: str,
    editors: Iterable[Link],
    about: str = "",
    url: str = "",
) -> Thing:
    """An issue of a quarterly with its essays."""
    address = url or absolute(series.url)
    whole = issue(masthead, series, volume=volume, number=number) | said(
        {
            "@id": f"{absolute(series.url)}#issue",
            "description": about,
            "editor": one_or_all(_person(editor) for editor in editors),
            "hasPart": [_part(piece, "ScholarlyArticle") for piece in pieces],
        }
    )
    return graph(
        {**_page("CollectionPage", series.name, address), "mainEntity": whole},
        breadcrumbs(section("series"), Link(series.name, series.url)),
        site(masthead),
        publication(masthead),
    )


def author_page(
    masthead: Masthead, author: Contributor, url: str, pieces: Iterable[Piece], *, image: Image | None = None
) -> Thing:
    """Who somebody is, and what they wrote here."""
    person = who(author) | said({"image": pictures(image)[0] if image else None})
    return graph(
        {
            **_page("ProfilePage", author.name, url),
            "mainEntity": {"@id": f"{author.url}#author", **person},
            **said({"hasPart": [_part(piece) for piece in pieces]}),
        },
        breadcrumbs(section("authors"), Link(author.name, author.url)),
        site(masthead),
        publication(masthead),
    )


def section_page(masthead: Masthead, part: str, name: str = "") -> Thing:
    """A part of the site that leads on: all regions, all authors, the archive."""
    here = section(part)
    link = Link(name or here.name, here.url)
    return graph(
        _page("CollectionPage", link.name, absolute(link.url)), breadcrumbs(link), site(masthead), publication(masthead)
    )


def plain_page(masthead: Masthead, title: str, url: str, *, about: str = "") -> Thing:
    """Submissions, terms and the like."""
    return graph(
        {**_page("WebPage", title, absolute(url)), **said({"description": about})},
        breadcrumbs(Link(title, url)),
        site(masthead),
        publication(masthead),
    )


def about_page(masthead: Masthead, title: str, url: str, *, about: str = "") -> Thing:
    """The page on which the publication says who it is."""
    return graph(
        {
            **_page("AboutPage", title, absolute(url)),
            **said({"description": about}),
            "mainEntity": {"@id": absolute(PUBLICATION)},
        },
        breadcrumbs(Link(title, url)),
        site(masthead),
        publication(masthead),
    )


def item_list(pieces: Iterable[Piece]) -> Thing | None:
    """The pieces in the order of the page; nothing where there are none."""
    found = [
        {
            "@type": "ListItem",
            "position": place,
            "url": absolute(piece.get_absolute_url),
            "name": piece.live.title,
        }
        for place, piece in enumerate(pieces, start=1)
    ]
    return {"@type": "ItemList", "numberOfItems": len(found), "itemListElement": found} if found else None


def _part(piece: Piece, kind: str = "Article") -> Thing:
    return said(
        {
            "@type": kind,
            "headline": piece.live.title,
            "url": absolute(piece.get_absolute_url),
            "inLanguage": piece.language,
            "datePublished": str(piece.published_on or ""),
        }
    )


def _person(link: Link) -> Thing:
    return said({"@type": "Person", "name": link.name, "url": absolute(link.url) if link.url else ""})


def _page(kind: str, name: str, url: str) -> Thing:
    return {"@type": kind, "@id": url, "name": name, "url": url, "isPartOf": {"@id": absolute(SITE)}}
