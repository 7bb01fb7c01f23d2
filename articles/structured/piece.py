"""A piece in the words of schema.org, from what is told of it everywhere (`articles.metadata`)."""

import datetime
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from articles.metadata import Contributor, Metadata, Translation, licence_url
from articles.models import Byline, Image
from articles.pieces import Link
from articles.structured.publication import SITE, issue, principles, publication, site
from articles.structured.terms import Thing, breadcrumbs, graph, one_or_all, said
from articles.views.public import absolute
from forum.models import Masthead

ORCID = "https://orcid.org/"
# An image names its licence by address; what is used by permission has none.
_IMAGE_LICENCES = {
    Image.Licence.CC_BY: "CC BY",
    Image.Licence.CC_BY_SA: "CC BY-SA",
    Image.Licence.CC0: "CC0",
}


def piece_page(piece: Metadata, masthead: Masthead) -> Thing:
    """The page of a piece: the piece itself, where it stands, and the site."""
    region = piece.regions[:1]
    return graph(
        article(piece, masthead),
        breadcrumbs(*region, Link(headline(piece), piece.url)),
        site(masthead),
    )


def article(piece: Metadata, masthead: Masthead) -> Thing:
    """An essay of a quarterly is scholarly; all else is news."""
    return said(
        {
            "@type": "ScholarlyArticle" if piece.is_in_issue else "NewsArticle",
            "@id": f"{piece.url}#piece",
            "headline": headline(piece),
            "name": headline(piece),
            "description": piece.description,
            "abstract": piece.in_brief,
            "url": piece.url,
            "mainEntityOfPage": {"@type": "WebPage", "@id": piece.url},
            "image": one_or_all(pictures(piece.lead_image)) if piece.lead_image else None,
            "datePublished": _moment(piece.published_at, masthead),
            "dateModified": _moment(piece.modified_at, masthead),
            "author": one_or_all(who(one) for one in piece.authors),
            "translator": one_or_all(_others(piece, Byline.Role.TRANSLATOR)),
            "editor": one_or_all(_others(piece, Byline.Role.EDITOR)),
            "contributor": one_or_all(_others(piece, Byline.Role.INTERVIEWER)),
            "publisher": publication(masthead),
            "publishingPrinciples": principles(masthead),
            "articleSection": one_or_all(link.name for link in piece.regions),
            "keywords": piece.keywords,
            "about": [_thing("Thing", link) for link in piece.topics],
            "contentLocation": one_or_all(_thing("Place", link) for link in piece.regions),
            "wordCount": piece.words,
            "timeRequired": f"PT{piece.minutes}M" if piece.minutes else "",
            "inLanguage": piece.language,
            "license": piece.licence_url,
            "copyrightNotice": piece.licence,
            "copyrightYear": piece.published_on.year,
            "copyrightHolder": {"@type": "Organization", "name": masthead.rights_holder},
            "isAccessibleForFree": True,
            "identifier": _doi(piece),
            "sameAs": piece.doi_url,
            "isPartOf": _whole(piece, masthead),
            "correction": [
                {"@type": "CorrectionComment", "text": one.note, "datePublished": _moment(one.at, masthead)}
                for one in piece.corrections
            ],
            "creativeWorkStatus": "Retracted" if piece.is_retracted else "",
            **_translations(piece.translations),
        }
    )


def headline(piece: Metadata) -> str:
    """As its page is titled."""
    return f"{_('Retracted:')} {piece.title}" if piece.is_retracted else piece.title


def who(one: Contributor) -> Thing:
    """A person, or the house where it speaks for itself."""
    if one.is_house:
        return said({"@type": "Organization", "name": one.name, "url": one.url})
    return said(
        {
            "@type": "Person",
            "name": one.name,
            "alternateName": one.native,
            "familyName": one.family,
            "givenName": one.given,
            "url": one.url,
            "affiliation": {"@type": "Organization", "name": one.affiliation} if one.affiliation else None,
            "description": one.bio,
            "sameAs": f"{ORCID}{one.orcid}" if one.orcid else "",
        }
    )


def pictures(image: Image) -> list[Thing]:
    """A picture in the shapes that were made of it, each with whose it is."""
    told = {
        "caption": image.caption or image.alt,
        "creditText": image.credit,
        "copyrightNotice": image.credit,
        "license": licence_url(_IMAGE_LICENCES.get(Image.Licence(image.licence), "")),
    }
    return [
        said(
            {
                "@type": "ImageObject",
                "url": absolute(one.url),
                "contentUrl": absolute(one.url),
                "width": one.width,
                "height": one.height,
                **told,
            }
        )
        for one in image.shaped
    ]


def _others(piece: Metadata, role: str) -> list[Thing]:
    """Those in a role besides the authors, but where they are all that the piece has."""
    return [who(one) for one in piece.with_role(role) if one not in piece.authors]


def _whole(piece: Metadata, masthead: Masthead) -> Thing:
    """What the piece is a part of: an issue, a special feature, or else the site."""
    if piece.series is None:
        return {"@id": absolute(SITE)}
    if piece.is_in_issue:
        return issue(masthead, piece.series, volume=piece.volume, number=piece.issue)
    return _thing("CreativeWorkSeries", piece.series)


def _translations(translations: Iterable[Translation]) -> Thing:
    """The original of a translation; of an original, its translations."""
    found = list(translations)
    originals = [one for one in found if one.is_original]
    if originals:
        return {"translationOfWork": _work(originals[0])}
    return said({"workTranslation": [_work(one) for one in found]})


def _work(one: Translation) -> Thing:
    return {
        "@type": "Article",
        "@id": f"{one.url}#piece",
        "url": one.url,
        "headline": one.title,
        "inLanguage": one.language,
    }


def _doi(piece: Metadata) -> Thing | None:
    if not piece.doi:
        return None
    return {"@type": "PropertyValue", "propertyID": "doi", "value": piece.doi, "url": piece.doi_url}


def _thing(kind: str, link: Link) -> Thing:
    return said({"@type": kind, "name": link.name, "url": absolute(link.url) if link.url else ""})


def _moment(at: datetime.datetime, masthead: Masthead) -> str:
    """With the offset of the publication's time zone, to the second."""
    return timezone.localtime(at, masthead.zone).isoformat(timespec="seconds")
