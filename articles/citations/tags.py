"""What the head of a piece's page says of it to whoever keeps references: Highwire's `citation_*` and Dublin Core.

Written so that Zotero, which reads both, takes every field. What follows is how its translators (Embedded Metadata and RDF)
behave, of 2024:

- `citation_journal_title` makes whatever bears it a journal article, so that only an essay of a quarterly's issue has it.
  Every other piece is a magazine article: `z:itemType` says so in Zotero's own words, which win over what it would guess
  (a journal article, from `citation_title` alone); the publication's name then comes from `DC.source`.
- Authors are taken from `citation_author` where there are any, and from nowhere else: translators and editors reach Zotero
  by the files beneath the piece.
- One author alone, with a space on each side of the comma, would be taken for two; a no-break space before it prevents that.
- A name without a comma is parted at its last space; a comma at its end keeps a house byline whole.
- `DC.coverage` would become a place in an archive, and `DCTERMS.alternative` the short name of a journal: neither is here.
"""

from django.utils import timezone

from articles.citations.keys import one_line
from articles.citations.people import Person, people_of
from articles.metadata import Metadata

_NO_BREAK = "\N{NO-BREAK SPACE}"


def tags_of(metadata: Metadata) -> list[tuple[str, str]]:
    """Name and content of each tag, in order: what belongs to an author follows that author."""
    found = [*_highwire(metadata), *_dublin_core(metadata)]
    return [(name, content) for name, content in found if content]


def _highwire(metadata: Metadata) -> list[tuple[str, str]]:
    day = f"{metadata.published_on:%Y/%m/%d}"
    authors = people_of(metadata).authors
    return [
        ("citation_title", title_of(metadata)),
        *(tag for one in authors for tag in _author(one, is_alone=len(authors) == 1)),
        ("citation_publication_date", day),
        ("citation_online_date", day),
        ("citation_journal_title", one_line(metadata.publication) if metadata.is_in_issue else ""),
        ("citation_volume", metadata.volume),
        ("citation_issue", metadata.issue),
        ("citation_issn", metadata.issn),
        ("citation_doi", metadata.doi),
        ("citation_publisher", one_line(metadata.publisher)),
        ("citation_language", metadata.language),
        ("citation_keywords", "; ".join(word.replace(";", ",") for word in metadata.keywords)),
        ("citation_abstract", one_line(metadata.in_brief)),
        ("citation_abstract_html_url", metadata.url),
        ("citation_fulltext_html_url", metadata.url),
        ("citation_public_url", metadata.url),
        ("z:itemType", "" if metadata.is_in_issue else "magazineArticle"),
    ]


def _author(person: Person, *, is_alone: bool) -> list[tuple[str, str]]:
    return [
        ("citation_author", _highwire_name(person, is_alone=is_alone)),
        ("citation_author_institution", one_line(person.affiliation)),
        ("citation_author_orcid", f"https://orcid.org/{person.orcid}" if person.orcid else ""),
    ]


def _highwire_name(person: Person, *, is_alone: bool) -> str:
    # A semicolon would part it in two.
    name, family, given = (
        one_line(part.replace(";", " ")) for part in (person.name, person.family, f"{person.given} {person.suffix}")
    )
    if not family:
        return f"{name}," if person.is_house and " " in name and "," not in name else name
    if is_alone and " " in given:
        family = family.replace(" ", _NO_BREAK)
    return f"{family}, {given}" if given else f"{family},"


def _dublin_core(metadata: Metadata) -> list[tuple[str, str]]:
    people = people_of(metadata)
    helpers = (*people.editors, *people.translators, *people.interviewers)
    return [
        ("DC.title", title_of(metadata)),
        *(("DC.creator", one_line(one.printed)) for one in people.authors),
        *(("DC.contributor", one_line(one.printed)) for one in helpers),
        ("DC.date", metadata.published_on.isoformat()),
        ("DCTERMS.issued", metadata.published_on.isoformat()),
        ("DCTERMS.modified", timezone.localdate(metadata.modified_at).isoformat()),
        # The DOI first: whoever takes one of them should take what lasts longest.
        ("DC.identifier", metadata.doi),
        ("DC.identifier", metadata.url),
        ("DC.source", one_line(metadata.publication)),
        ("DC.publisher", one_line(metadata.publisher)),
        ("DC.language", metadata.language),
        ("DC.rights", one_line(" ".join(filter(None, (metadata.licence, _beside(metadata)))))),
        *(("DC.subject", word) for word in metadata.keywords),
        ("DC.description", one_line(metadata.in_brief)),
        ("DC.relation", one_line(metadata.series.name) if metadata.series else ""),
        ("DC.type", "Text"),
        ("DC.format", "text/html"),
    ]


def _beside(metadata: Metadata) -> str:
    """The address of the licence, where its words do not hold it."""
    return "" if metadata.licence_url in metadata.licence else metadata.licence_url


def title_of(metadata: Metadata) -> str:
    return one_line(f"[Retracted] {metadata.title}" if metadata.is_retracted else metadata.title)
