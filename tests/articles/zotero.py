"""How Zotero reads the head of a page, as far as we need it; retold from what its translators do."""

import re
from html.parser import HTMLParser
from typing import Any


class Head(HTMLParser):
    """The tags of a head, in order: name and content of each."""

    def __init__(self, page: str = "", metas: list[tuple[str, str]] | None = None) -> None:
        super().__init__()
        self.metas = metas or []
        self.feed(page.split("</head>", maxsplit=1)[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "meta" and (name := found.get("name") or found.get("property")):
            self.metas.append((name, found.get("content") or ""))

    def all(self, name: str) -> list[str]:
        return [content for found, content in self.metas if found.casefold() == name.casefold() and content]

    def first(self, *names: str) -> str:
        return next((content for name in names for content in self.all(name)), "")


def zotero(head: Head) -> dict[str, Any]:
    """What Zotero's translators (Embedded Metadata, which hands on to RDF) make of a head; see articles/citations/tags.py."""
    return {
        "itemType": "journalArticle" if head.all("citation_journal_title") else head.first("z:itemType") or "journalArticle",
        "title": head.first("citation_title", "dc.title", "og:title"),
        "creators": zotero_creators(head.all("citation_author")),
        "publicationTitle": head.first("citation_journal_title", "dc.source", "og:site_name"),
        "date": head.first("citation_publication_date", "dcterms.issued", "dc.date"),
        "volume": head.first("citation_volume"),
        "issue": head.first("citation_issue"),
        "ISSN": ", ".join(head.all("citation_issn")),
        "DOI": head.first("citation_doi") or next((one for one in head.all("dc.identifier") if one.startswith("10.")), ""),
        "url": head.first("citation_public_url", "og:url"),
        "language": head.first("citation_language", "dc.language"),
        "publisher": head.first("citation_publisher", "dc.publisher"),
        "rights": head.first("dc.rights"),
        "abstractNote": head.first("citation_abstract", "og:description"),
        "tags": head.all("dc.subject") or [tag.strip() for tag in head.first("citation_keywords").split(";")],
        # What it would take for something that it is not.
        "archiveLocation": head.first("dc.coverage"),
        "journalAbbreviation": head.first("dcterms.alternative"),
        "accepted": head.first("dcterms.dateAccepted"),
    }  # fmt: skip


def zotero_creators(nodes: list[str]) -> list[tuple[str, str]]:
    """Last and first name of each, parted as Zotero parts them."""
    found = []
    for node in nodes:
        authors = re.split(r"\s*;\s*", node)
        by_comma = re.split(r"\s*,\s*", node)
        if len(authors) == len(nodes) == 1 and len(by_comma) > 1 and " " in by_comma[0] and " " in by_comma[1]:
            authors = by_comma
        for author in authors:
            has_comma = "," in author
            clean = re.sub(r"[\s\xa0]+", " ", re.sub(r"^[\s.,/\[\]:]+|[\s.,/\[\]:]+$", "", author), count=1)
            if has_comma:
                last, first = [*re.split(r", ?", clean), ""][:2]
            else:
                first, _, last = clean.rpartition(" ")
            found.append((last, first))
    return found
