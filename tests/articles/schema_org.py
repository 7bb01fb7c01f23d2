"""The terms of schema.org that our pages use, as its vocabulary has them: each type with its parents and its properties.

From https://schema.org/version/latest/schemaorg-current-https.jsonld; only what we use, so that a slip of a name is seen.
"""

import json
from collections.abc import Iterator
from typing import Any

import lxml.html

PARENTS = {
    "AboutPage": "WebPage",
    "Article": "CreativeWork",
    "BreadcrumbList": "ItemList",
    "CollectionPage": "WebPage",
    "CorrectionComment": "CreativeWork",
    "CreativeWork": "Thing",
    "CreativeWorkSeries": "CreativeWork",
    "EntryPoint": "Thing",
    "ImageObject": "MediaObject",
    "ItemList": "Thing",
    "ListItem": "Thing",
    "MediaObject": "CreativeWork",
    "NewsArticle": "Article",
    "NewsMediaOrganization": "Organization",
    "Organization": "Thing",
    "Periodical": "CreativeWorkSeries",
    "Person": "Thing",
    "Place": "Thing",
    "ProfilePage": "WebPage",
    "PropertyValue": "Thing",
    "PublicationIssue": "CreativeWork",
    "PublicationVolume": "CreativeWork",
    "ScholarlyArticle": "Article",
    "SearchAction": "Thing",
    "WebPage": "CreativeWork",
    "WebSite": "CreativeWork",
}
PROPERTIES = {
    "Thing": "name url description image identifier sameAs mainEntityOfPage potentialAction",
    "CreativeWork": (
        "abstract about author contentLocation contributor copyrightHolder copyrightNotice copyrightYear correction"
        " creativeWorkStatus creditText dateModified datePublished editor hasPart headline inLanguage isAccessibleForFree"
        " isPartOf keywords license mainEntity publisher publishingPrinciples text timeRequired translationOfWork"
        " translator workTranslation"
    ),
    "Article": "articleSection wordCount",
    "MediaObject": "contentUrl height width",
    "ImageObject": "caption",
    "Organization": (
        "actionableFeedbackPolicy correctionsPolicy email ethicsPolicy logo ownershipFundingInfo parentOrganization"
        " publishingPrinciples slogan"
    ),
    "NewsMediaOrganization": "masthead",
    "Person": "affiliation familyName givenName",
    "CreativeWorkSeries": "issn",
    "PublicationIssue": "issueNumber",
    "PublicationVolume": "volumeNumber",
    "WebPage": "primaryImageOfPage",
    "ItemList": "itemListElement numberOfItems",
    "ListItem": "item position",
    "SearchAction": "query-input target",
    "EntryPoint": "urlTemplate",
    "PropertyValue": "propertyID value",
}  # fmt: skip


def data_of(page: str | bytes) -> list[dict[str, Any]]:
    """The things that a page tells of, as a machine reads them; each is held against the vocabulary."""
    text = page.decode() if isinstance(page, bytes) else page
    blocks = lxml.html.fromstring(text).xpath('//script[@type="application/ld+json"]/text()')
    found = [json.loads(block) for block in blocks]
    things = [thing for block in found for thing in block["@graph"]]
    assert all(block["@context"] == "https://schema.org" for block in found)
    for thing in things:
        for part in walk(thing):
            check(part)
    return things


def thing(page: str | bytes, kind: str) -> dict[str, Any]:
    """The one thing of that type."""
    [found] = [thing for thing in data_of(page) if thing["@type"] == kind]
    return found


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from walk(one)
    elif isinstance(value, dict):
        yield value
        for one in value.values():
            yield from walk(one)


def check(part: dict[str, Any]) -> None:
    if set(part) == {"@id"}:
        assert part["@id"].startswith("http")
        return
    allowed = {"@type", "@id"}
    kind: str | None = part["@type"]
    assert kind in PARENTS, kind
    while kind:
        allowed |= set(PROPERTIES.get(kind, "").split())
        kind = PARENTS.get(kind)
    assert set(part) <= allowed, f"{part['@type']} has no {set(part) - allowed}"
    for name, value in part.items():
        assert value not in ("", None, [], {}), name
        if name in ("url", "contentUrl", "sameAs", "license", "item"):
            assert str(value).startswith(("http://", "https://")), (name, value)
