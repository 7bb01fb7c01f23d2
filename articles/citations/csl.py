"""A piece as CSL-JSON, by the schema of the Citation Style Language (csl-data.json, 1.0.2): an array of one item, whose
properties are those that the schema knows and no others."""

import datetime
import json
from typing import Any

from articles.citations.keys import key_of
from articles.citations.people import Person, people_of
from articles.metadata import Metadata


def write(metadata: Metadata, today: datetime.date) -> str:
    return json.dumps([item_of(metadata)], ensure_ascii=False, indent=2) + "\n"


def item_of(metadata: Metadata) -> dict[str, Any]:
    people = people_of(metadata)
    day = metadata.published_on
    item: dict[str, Any] = {
        "id": key_of(metadata),
        "type": "article-journal" if metadata.is_in_issue else "article-magazine",
        "title": metadata.title,
        "author": [_name(one) for one in people.authors],
        "editor": [_name(one) for one in people.editors],
        "translator": [_name(one) for one in people.translators],
        "interviewer": [_name(one) for one in people.interviewers],
        "container-title": metadata.publication,
        # The special feature, or the title of the issue.
        "collection-title": metadata.series.name if metadata.series else "",
        "volume": metadata.volume,
        "issue": metadata.issue,
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "DOI": metadata.doi,
        "ISSN": metadata.issn,
        "URL": metadata.url,
        "abstract": metadata.in_brief.strip(),
        "language": metadata.language,
        "publisher": metadata.publisher,
        "keyword": ", ".join(metadata.keywords),
        "note": "Retracted" if metadata.is_retracted else "",
    }
    return {name: value for name, value in item.items() if value}


def _name(person: Person) -> dict[str, str]:
    """Parts where they are known. A family name keeps its particle beside it, as its bearer writes it."""
    if not person.family:
        return {"literal": person.name}
    parts = {
        "family": person.bare_family,
        "given": person.given,
        "non-dropping-particle": person.particle,
        "suffix": person.suffix,
    }
    return {name: value for name, value in parts.items() if value}
