"""A piece as an entry for BibTeX and biblatex, in UTF-8.

An essay of a quarterly's issue is an `@article`, with the names of fields that both programs know. Any other piece is
biblatex's `@online` (manual, 2.1.1: author, title, date, url), whose `organization` is the publication.
"""

import datetime
import re

from articles.citations.keys import key_of, one_line
from articles.citations.people import Person, people_of
from articles.metadata import Metadata

# An escaped brace still counts where BibTeX looks for the end of a field, so that braces are named.
_ESCAPES = str.maketrans(
    {character: f"\\{character}" for character in "&%_#$"}
    | {"\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# The languages of babel and polyglossia, by which biblatex hyphenates and shifts case.
_LANGUAGES = {
    "ar": "arabic", "bg": "bulgarian", "bn": "bengali", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "fa": "persian", "fi": "finnish", "fr": "french", "he": "hebrew",
    "hi": "hindi", "hr": "croatian", "hu": "magyar", "hy": "armenian", "id": "indonesian", "it": "italian", "ja": "japanese",
    "ka": "georgian", "km": "khmer", "ko": "korean", "lo": "lao", "lt": "lithuanian", "lv": "latvian", "mn": "mongolian",
    "mr": "marathi", "ms": "malay", "nb": "norsk", "nl": "dutch", "nn": "nynorsk", "no": "norsk", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sa": "sanskrit", "sk": "slovak", "sl": "slovene", "sq": "albanian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "te": "telugu", "th": "thai", "tr": "turkish", "uk": "ukrainian",
    "ur": "urdu", "vi": "vietnamese", "zh": "chinese",
}  # fmt: skip
_WORD = re.compile(r"\S+")
# What opens a word before its first letter.
_OPENING = "‘“'\"([«"


def write(metadata: Metadata, today: datetime.date) -> str:
    """The file. `today` is the day on which its reader has seen the piece."""
    kind = "article" if metadata.is_in_issue else "online"
    lines = [f"  {name} = {value}," for name, value in _fields(metadata, today) if value not in ("", "{}")]
    return "\n".join((f"@{kind}{{{key_of(metadata)},", *lines, "}", ""))


def _fields(metadata: Metadata, today: datetime.date) -> list[tuple[str, str]]:
    people = people_of(metadata)
    day = metadata.published_on
    language = metadata.language.lower().replace("_", "-").split("-")[0]
    known = _LANGUAGES.get(language, "")
    where = (
        [
            ("journal", _braced(metadata.publication)),
            ("year", f"{{{day.year}}}"),
            ("month", _MONTHS[day.month - 1]),
            ("volume", _braced(metadata.volume)),
            ("number", _braced(metadata.issue)),
            ("issuetitle", _braced(metadata.series.name if metadata.series else "")),
            ("publisher", _braced(metadata.publisher)),
        ]
        if metadata.is_in_issue
        else [("organization", _braced(metadata.publication)), ("date", f"{{{day.isoformat()}}}")]
    )
    notes = ["Retracted"] if metadata.is_retracted else []
    notes += [f"Interview by {one.printed}" for one in people.interviewers]
    return [
        ("author", _names(people.authors)),
        ("editor", _names(people.editors)),
        ("translator", _names(people.translators)),
        ("title", f"{{{_title(metadata, is_english=language == 'en')}}}"),
        *where,
        ("issn", _braced(metadata.issn)),
        # Read letter by letter, so that nothing in them is escaped.
        ("doi", f"{{{metadata.doi}}}"),
        ("url", f"{{{_verbatim(metadata.url)}}}"),
        ("urldate", f"{{{today.isoformat()}}}"),
        ("langid", _braced(known)),
        ("language", "" if known else _braced(metadata.language)),
        ("keywords", _braced(", ".join(word.replace(",", " ") for word in metadata.keywords))),
        ("abstract", _braced(metadata.in_brief)),
        ("note", _braced("; ".join(notes))),
    ]


def escaped(text: str) -> str:
    """On one line, with what TeX would take for a command or a comment made harmless."""
    return one_line(text).translate(_ESCAPES)


def _braced(text: str) -> str:
    return f"{{{escaped(text)}}}"


def _verbatim(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _title(metadata: Metadata, *, is_english: bool) -> str:
    """Braces keep the capitals of names where a style writes titles in small letters, and all of them in a language whose
    capitals it knows nothing of."""
    if not is_english:
        return _braced(metadata.title)
    words = _WORD.findall(one_line(metadata.title))
    return " ".join(_kept(word, is_first=place == 0) for place, word in enumerate(words))


def _kept(word: str, *, is_first: bool) -> str:
    bare = word.lstrip(_OPENING)
    telling = bare[1:] if is_first else bare
    has_capital = any(character.isupper() for character in telling)
    return _braced(word) if has_capital else escaped(word)


def _names(people: list[Person]) -> str:
    return f"{{{' and '.join(_name(person) for person in people)}}}"


def _name(person: Person) -> str:
    """“von Last, Jr, First”, as BibTeX takes names apart; what is no person's name is one piece, in braces."""
    if not person.family:
        return _braced(person.name)
    return ", ".join(_part(part) for part in (person.family, person.suffix, person.given) if part)


def _part(part: str) -> str:
    """A comma or an “and” within it would end it, so that it goes in braces."""
    is_risky = "," in part or re.search(r"(?i)(?:^|\s)and(?:\s|$)", part)
    return _braced(part) if is_risky else escaped(part)
