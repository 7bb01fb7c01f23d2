"""Who stands in a citation, and how their names come apart."""

import re
import unicodedata
from dataclasses import dataclass

from articles.metadata import Contributor, Metadata
from articles.models import Byline
from prose.names import name_key

# Alphabets whose names lists of references turn round and shorten to initials. A name in any other script stands as it
# is printed: there is no letter for a full stop to follow, and often no family name to put first.
_TURNED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN")
# Scripts that write family and given name without a space between them.
_CLOSED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO")
_SUFFIX = re.compile(r"^(?P<rest>.+?),?\s+(?P<suffix>[JS]r\.?|I{2,3}|IV)$")
# What stands in small letters before a family name and belongs to it.
_PARTICLE = re.compile(
    r"^(?P<particle>(?:(?:van|von|vom|zu|zum|zur|der|den|dem|de|del|della|dei|degli|di|da|das|do|dos|du|des|la|le|las|los|ten|"
    r"ter|te|af|av|bin|bint|ibn|al|el|’t|'t)\s+)+)(?P<rest>\w.*)$"
)


@dataclass(frozen=True, slots=True)
class Person:
    """A name that may come apart. Without `family` it is whole: a single name, a house, one that nobody can tell apart."""

    name: str
    family: str = ""
    given: str = ""
    suffix: str = ""
    is_house: bool = False
    is_family_first: bool = False
    affiliation: str = ""
    orcid: str = ""

    @property
    def is_turned(self) -> bool:
        """Whether a list of references puts its family name first, with a comma."""
        return bool(self.family) and _is_in(self.family + self.given, _TURNED)

    @property
    def printed(self) -> str:
        """In the order in which it is said: 李文涛 closed up, as those scripts write it."""
        if self.family and _is_in(self.family + self.given, _CLOSED):
            return f"{self.family}{self.given}" if self.is_family_first else f"{self.given}{self.family}"
        return self.name

    @property
    def particle(self) -> str:
        """“van der” of “van der Berg”; empty where the family name has none that is known to be one."""
        match = _PARTICLE.match(self.family)
        return match["particle"].strip() if match else ""

    @property
    def bare_family(self) -> str:
        match = _PARTICLE.match(self.family)
        return match["rest"] if match else self.family


@dataclass(frozen=True, slots=True)
class People:
    """All who are named above a piece, by what they did."""

    authors: list[Person]
    editors: list[Person]
    translators: list[Person]
    interviewers: list[Person]


def people_of(metadata: Metadata) -> People:
    """An interview without a byline of its own is its interviewer's."""
    found = {
        role: [person_of(one) for one in metadata.with_role(role.value)]
        for role in (Byline.Role.AUTHOR, Byline.Role.EDITOR, Byline.Role.TRANSLATOR, Byline.Role.INTERVIEWER)
    }
    authors, interviewers = found[Byline.Role.AUTHOR], found[Byline.Role.INTERVIEWER]
    if not authors:
        authors, interviewers = interviewers, []
    return People(authors, found[Byline.Role.EDITOR], found[Byline.Role.TRANSLATOR], interviewers)


def person_of(contributor: Contributor) -> Person:
    family, given, suffix = contributor.family, contributor.given, ""
    is_family_first = bool(family) and name_key(contributor.name) == name_key(f"{family} {given}")
    for part in (family, given):
        if match := _SUFFIX.match(part):
            suffix = match["suffix"]
            family, given = (match["rest"], given) if part is family else (family, match["rest"])
            break
    return Person(
        contributor.name,
        family,
        given,
        suffix,
        contributor.is_house,
        is_family_first,
        contributor.affiliation,
        contributor.orcid,
    )


def _is_in(text: str, scripts: tuple[str, ...]) -> bool:
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and all(unicodedata.name(letter, "").startswith(scripts) for letter in letters)


_PARTS = re.compile(r"[\s.]+")


def initials(given: str) -> str:
    """“Charles K” as “C. K.”, “Jean-Paul” as “J.-P.”, “J.R.R.” as “J. R. R.”"""
    words = [word for word in _PARTS.split(given) if word]
    return " ".join("-".join(f"{_first(part)}." for part in word.split("-") if part) for word in words)


def _first(word: str) -> str:
    """Its first letter, with the marks that belong to it."""
    word = unicodedata.normalize("NFC", word)
    # What stands before the letter, such as an apostrophe, is none.
    at = next((place for place, character in enumerate(word) if character.isalpha()), 0)
    end = at + 1
    while end < len(word) and unicodedata.combining(word[end]):
        end += 1
    return word[at:end]
