"""A piece as a record of RIS, by the specification of its makers (Research Information Systems).

Each tag is two characters, two spaces, a hyphen and a space; each line ends with CR and LF; TY comes first and ER last.
"""

import datetime

from articles.citations.keys import one_line
from articles.citations.people import Person, people_of
from articles.metadata import Metadata


def write(metadata: Metadata, today: datetime.date) -> str:
    lines = [f"{tag}  - {value}" for tag, value in _fields(metadata) if value]
    kind = "JOUR" if metadata.is_in_issue else "MGZN"
    return "\r\n".join((f"TY  - {kind}", *lines, "ER  - ", ""))


def _fields(metadata: Metadata) -> list[tuple[str, str]]:
    people = people_of(metadata)
    day = metadata.published_on
    return [
        *(("AU", _name(one)) for one in people.authors),
        *(("ED", _name(one)) for one in people.editors),
        # Who translated it, for the programs that know a fourth kind of author.
        *(("A4", _name(one)) for one in people.translators),
        ("TI", one_line(f"[Retracted] {metadata.title}" if metadata.is_retracted else metadata.title)),
        ("T2", _unstarred(metadata.publication)),
        ("PY", f"{day.year:04}"),
        ("DA", f"{day:%Y/%m/%d}"),
        ("VL", one_line(metadata.volume)),
        ("IS", one_line(metadata.issue)),
        ("SN", metadata.issn),
        ("DO", metadata.doi),
        ("UR", metadata.url),
        ("AB", one_line(metadata.in_brief)),
        *(("KW", _unstarred(word)) for word in metadata.keywords),
        ("PB", one_line(metadata.publisher)),
        ("LA", metadata.language),
        ("N1", "Retracted" if metadata.is_retracted else ""),
        *(("N1", one_line(f"Interview by {one.printed}")) for one in people.interviewers),
    ]


def _name(person: Person) -> str:
    """“Family, Given, Suffix”; in a name that does not come apart a comma would part it, and goes."""
    if not person.family:
        return _unstarred(person.name.replace(",", " "))
    parts = (person.family, person.given, person.suffix)
    return ", ".join(_unstarred(part.replace(",", " ")) for part in parts if part)


def _unstarred(text: str) -> str:
    """The specification allows no asterisk in names, keywords and the name of a periodical."""
    return one_line(text.replace("*", " "))
