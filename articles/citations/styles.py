"""The entry of a piece in a list of references, in the styles that readers are asked for.

APA 7, the bibliography of Chicago 17 (notes and bibliography) and MLA 9, as each writes an article of a magazine with its
day, and an essay of a quarterly's issue with volume and number. Their words are English whatever the language of the page,
and titles stand as they were published: nothing changes their capitals.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles.citations.people import Person, initials, people_of
from articles.metadata import Metadata

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SHORT_MONTHS = (
    "Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.",
)  # fmt: skip
RETRACTED = "[Retracted]"
_DOUBLE_QUOTES = (("“", "‘"), ("”", "’"), ("„", "‚"))
_STRAIGHT = re.compile(r'"([^"]*)"')
# What ends a sentence, so that no full stop follows it; within quotation marks too.
_IS_ENDED = re.compile(r"[.?!…。？！؟।][’”\"'»]*$")

# Of an address, not of a closing tag.
_STROKE = re.compile(r"(?<!<)/(?=[^/>\s])")


@dataclass(frozen=True, slots=True)
class Citation:
    """One style: its name, and the entry as HTML with italics."""

    key: str
    name: str
    html: SafeString

    @property
    def on_page(self) -> SafeString:
        """The same, with leave to break a long address after each of its strokes rather than anywhere."""
        return mark_safe(_STROKE.sub("/<wbr>", self.html))  # noqa: S308  safe before


def cited(metadata: Metadata) -> list[Citation]:
    """The piece in each style."""
    return [Citation(key, name, write(metadata)) for key, name, write in STYLES]


# --- APA 7 ----------------------------------------------------------------------------------------


def apa(metadata: Metadata) -> SafeString:
    """Up to 20 authors, or 19, an ellipsis and the last; initials; the day, but of an issue its year."""
    people = people_of(metadata)
    day = metadata.published_on
    when = f"({day.year})" if metadata.is_in_issue else f"({day.year}, {_MONTHS[day.month - 1]} {day.day})"
    roles = [(people.translators, "Trans.", "Trans."), (people.interviewers, "Interviewer", "Interviewers")]
    if people.authors:
        head = _apa_names(people.authors)
        roles.insert(0, (people.editors, "Ed.", "Eds."))
    else:
        head = _apa_names(people.editors)
        head = f"{head} ({'Ed.' if len(people.editors) == 1 else 'Eds.'})" if head else ""
    helpers = "; ".join(
        f"{_and([_apa_straight(one) for one in named], '&')}, {one_word if len(named) == 1 else words}"
        for named, one_word, words in roles
        if named
    )
    title = _title(metadata, _in_english(metadata), f"({helpers})" if helpers else "", _retracted(metadata))
    first = (_sentence(_isolated(head)), _sentence(when)) if head else (_sentence(title), _sentence(when))
    rest = (_sentence(title),) if head else ()
    return _joined(*first, *rest, _apa_container(metadata), _address(metadata))


def _apa_names(people: list[Person]) -> str:
    names = [_apa_name(one) for one in people]
    if len(names) > 20:
        return ", ".join(names[:19]) + f", . . . {names[-1]}"
    # The comma stands before the ampersand even between two.
    return f"{', '.join(names[:-1])}, & {names[-1]}" if len(names) > 1 else "".join(names)


def _apa_name(person: Person) -> str:
    if not person.is_turned:
        return person.printed
    return ", ".join(filter(None, (person.family, initials(person.given), _dotted(person.suffix))))


def _apa_straight(person: Person) -> str:
    if not person.is_turned:
        return person.printed
    return " ".join(filter(None, (initials(person.given), person.family, _dotted(person.suffix))))


def _apa_container(metadata: Metadata) -> SafeString:
    parts = [format_html("<i>{}</i>", _isolated(metadata.publication))]
    if metadata.volume:
        issue = f"({metadata.issue})" if metadata.issue else ""
        parts.append(format_html("<i>{}</i>{}", metadata.volume, issue))
    elif metadata.issue:
        parts.append(format_html("({})", metadata.issue))
    return _sentence(_comma(parts))


# --- Chicago 17, bibliography ----------------------------------------------------------------------


def chicago(metadata: Metadata) -> SafeString:
    """Up to ten authors, or seven and “et al.”; what nobody signed stands under the name of the publication (14.199)."""
    people = people_of(metadata)
    leading = people.authors or people.editors
    names = [_turned(one) if place == 0 else one.printed for place, one in enumerate(leading)]
    head = f"{', '.join(names[:7])}, et al." if len(names) > 10 else _and(names, "and")
    if head and not people.authors:
        head = f"{head}, {'ed.' if len(leading) == 1 else 'eds.'}"
    helped = [
        (people.editors if people.authors else [], "Edited by"),
        (people.translators, "Translated by"),
        (people.interviewers, "Interview by"),
    ]
    helpers = [
        _sentence(_isolated(f"{word} {_and([one.printed for one in named], 'and')}")) for named, word in helped if named
    ]
    publication = format_html("<i>{}</i>", _isolated(metadata.publication))
    day = metadata.published_on
    when = f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
    if metadata.is_in_issue and (metadata.volume or metadata.issue):
        number = _comma(filter(None, (metadata.volume, f"no. {metadata.issue}" if metadata.issue else "")))
        dated, between = format_html("{} ({})", number, day.year), " " if metadata.volume else ", "
    else:
        dated, between = format_html("{}", when), ", "
    container = format_html("{}{}{}", publication, between, dated) if head else dated
    return _joined(
        _sentence(_isolated(head)) if head else _sentence(publication),
        _quoted(metadata),
        _retracted(metadata, "."),
        *helpers,
        _sentence(container),
        _sentence(_address(metadata)),
    )


# --- MLA 9 ----------------------------------------------------------------------------------------


def mla(metadata: Metadata) -> SafeString:
    """Two authors, or the first and “et al.”; without authors the title comes first; no “https://” but before a DOI."""
    people = people_of(metadata)
    leading = people.authors or people.editors
    head = ""
    if leading:
        head = _turned(leading[0])
        if len(leading) == 2:
            head = _and([head, leading[1].printed], "and")
        elif len(leading) > 2:
            head = f"{head}, et al."
        if not people.authors:
            head = f"{head}, {'editor' if len(leading) == 1 else 'editors'}"
    helped = [
        (people.interviewers, "interview by"),
        (people.translators, "translated by"),
        (people.editors if people.authors else [], "edited by"),
    ]
    helpers = ", ".join(f"{word} {_mla_others(named)}" for named, word in helped if named)
    day = metadata.published_on
    container = [
        _isolated(helpers[:1].upper() + helpers[1:]) if helpers else "",
        format_html("<i>{}</i>", _isolated(metadata.publication)),
        f"vol. {metadata.volume}" if metadata.volume else "",
        f"no. {metadata.issue}" if metadata.issue else "",
        f"{day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}",
        _address(metadata, is_bare=True),
    ]
    return _joined(
        _sentence(_isolated(head)) if head else "",
        _quoted(metadata),
        _retracted(metadata, "."),
        _sentence(_comma(filter(None, container))),
    )


def _mla_others(people: list[Person]) -> str:
    return f"{people[0].printed} et al." if len(people) > 2 else _and([one.printed for one in people], "and")


STYLES: tuple[tuple[str, str, Callable[[Metadata], SafeString]], ...] = (
    ("apa", "APA 7", apa),
    ("chicago", "Chicago 17", chicago),
    ("mla", "MLA 9", mla),
)


# --- What they share ------------------------------------------------------------------------------


def _turned(person: Person) -> str:
    """As the first name of an entry: “Armstrong, Charles K”; no comma in one that begins with the family name anyway."""
    if not person.is_turned or person.is_family_first:
        return person.printed
    return ", ".join(filter(None, (person.family, person.given, _dotted(person.suffix))))


def _dotted(suffix: str) -> str:
    return f"{suffix}." if suffix in ("Jr", "Sr") else suffix


def _and(names: list[str], word: str) -> str:
    if len(names) < 2:
        return "".join(names)
    # A first name that was turned round has a comma already, and needs one after it.
    comma = "," if len(names) > 2 or "," in names[0] else ""
    return f"{', '.join(names[:-1])}{comma} {word} {names[-1]}"


def _in_english(metadata: Metadata) -> str:
    """The title of the English translation, in brackets, where the piece is in another language and has one."""
    if _is_english(metadata.language):
        return ""
    return next((f"[{other.title}]" for other in metadata.translations if _is_english(other.language)), "")


def _is_english(language: str) -> bool:
    return language.lower().replace("_", "-").split("-")[0] == "en"


def _retracted(metadata: Metadata, end: str = "") -> str:
    return f"{RETRACTED}{end}" if metadata.is_retracted else ""


def _title(metadata: Metadata, *after: str) -> SafeString:
    return _joined(_in_its_language(metadata, metadata.title), *(_isolated(part) for part in after if part))


def _quoted(metadata: Metadata) -> SafeString:
    """In double quotation marks, with the full stop within; its own become single ones."""
    title = _STRAIGHT.sub(r"‘\1’", metadata.title)
    for double, single in _DOUBLE_QUOTES:
        title = title.replace(double, single)
    english = _in_english(metadata)
    end = "" if _IS_ENDED.search(title) and not english else "."
    told = _in_its_language(metadata, title)
    return format_html("“{}{}{}”", told, format_html(" {}", english) if english else "", end)


def _in_its_language(metadata: Metadata, text: str) -> SafeString:
    """Marked, so that a screen reader says it right and it keeps its direction."""
    if _is_english(metadata.language):
        return _isolated(text)
    return format_html('<bdi lang="{}">{}</bdi>', metadata.language, text)


def _isolated(text: str) -> SafeString:
    """What runs from right to left does not turn what stands beside it."""
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return format_html("<bdi>{}</bdi>", text)
    return conditional_escape(text)


def _address(metadata: Metadata, *, is_bare: bool = False) -> str:
    """The DOI in full where there is one: it outlasts the address of the page."""
    return metadata.doi_url or (re.sub(r"^https?://", "", metadata.url) if is_bare else metadata.url)


def _sentence(part: str) -> SafeString:
    """With a full stop, but after what ends a sentence already."""
    return format_html("{}{}", part, "" if _IS_ENDED.search(plain(part)) else ".")


def plain(html: str) -> str:
    """An entry, or a part of one, as text."""
    return unescape(re.sub(r"<[^>]*>", "", conditional_escape(html)))


def _comma(parts: Iterable[str]) -> SafeString:
    return format_html_join(", ", "{}", ((part,) for part in parts))


def _joined(*parts: str) -> SafeString:
    return format_html_join(" ", "{}", ((part,) for part in parts if part))
