"""Who publishes: the publication with its principles, and the quarterly that an issue belongs to."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy

from articles.pieces import Link
from articles.structured.terms import Thing, said
from articles.views.public import absolute
from forum.models import Masthead

# The icon of every page: its sides in pixels.
LOGO, LOGO_SIDE = "icons/apple-touch-icon.png", 180
# What other things on a page refer to them by.
SITE = "/#site"
PUBLICATION = "/#publication"


def publication(masthead: Masthead) -> Thing:
    """The publication, with the pages on which it says what it holds itself to."""
    parent = masthead.published_by
    return said(
        {
            "@type": "NewsMediaOrganization",
            "@id": absolute(PUBLICATION),
            "name": masthead.name,
            "url": absolute("/"),
            "slogan": masthead.tagline,
            "description": masthead.description,
            "logo": {
                "@type": "ImageObject",
                "url": absolute(static(LOGO)),
                "width": LOGO_SIDE,
                "height": LOGO_SIDE,
            },
            "email": masthead.contact_email,
            "parentOrganization": {"@type": "Organization", "name": parent} if parent != masthead.name else None,
            **policies(masthead),
        }
    )


def policies(masthead: Masthead) -> Thing:
    """The pages of the masthead, each under the name that search engines know it by."""
    told = {
        "masthead": "about_page",
        "ethicsPolicy": "principles_page",
        "correctionsPolicy": "corrections_page",
        # Where readers are told how to report what is wrong.
        "actionableFeedbackPolicy": "corrections_page",
        "ownershipFundingInfo": "ownership_page",
    }
    found = {name: link for name, page in told.items() if (link := masthead.page_link(page))}
    return {name: absolute(link.url) for name, link in found.items()} | said(
        {"publishingPrinciples": principles(masthead)}
    )


def principles(masthead: Masthead) -> list[str]:
    """What it holds itself to, and what a piece goes through before it is published."""
    pages = (masthead.page_link("principles_page"), masthead.page_link("review_page"))
    return [absolute(link.url) for link in pages if link]


def site(masthead: Masthead) -> Thing:
    """The site with its search."""
    return said(
        {
            "@type": "WebSite",
            "@id": absolute(SITE),
            "name": masthead.name,
            "description": masthead.description or masthead.tagline,
            "url": absolute("/"),
            "inLanguage": masthead.language,
            "publisher": {"@id": absolute(PUBLICATION)},
            "potentialAction": {
                "@type": "SearchAction",
                "target": {
                    "@type": "EntryPoint",
                    "urlTemplate": absolute("/search/?q={search_term_string}"),
                },
                "query-input": "required name=search_term_string",
            },
        }
    )


def issue(masthead: Masthead, series: Link, *, volume: str, number: str) -> Thing:
    """An issue of the quarterly, in its volume where that is known."""
    quarterly = said(
        {
            "@type": "Periodical",
            "name": masthead.name,
            "issn": masthead.issn,
            "url": absolute("/"),
            "publisher": {"@id": absolute(PUBLICATION)},
        }
    )
    bound = {"@type": "PublicationVolume", "volumeNumber": volume, "isPartOf": quarterly} if volume else quarterly
    return said(
        {
            "@type": "PublicationIssue",
            "name": series.name,
            "url": absolute(series.url) if series.url else "",
            "issueNumber": number,
            "isPartOf": bound,
        }
    )


_SECTIONS = {
    "regions": gettext_lazy("Regions"),
    "topics": gettext_lazy("Topics"),
    "authors": gettext_lazy("Authors"),
    "series": gettext_lazy("Special features"),
    "archive": gettext_lazy("Archive"),
    "search": gettext_lazy("Search"),
}


def section(name: str) -> Link:
    """A part of the site, by the name of its address."""
    return Link(str(_SECTIONS[name]), f"/{name}/")
