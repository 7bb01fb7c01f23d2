"""The sentences that tell readers how a piece was reviewed and approved.

The rooms above choose one and store it with the piece, in English, as what was true on that day; `said` says it in
the language that readers are spoken to in. Who stores a sentence takes it from here, so that there is none that
can't be said again.
"""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, gettext_noop, ngettext, override

ONE_EDITOR = gettext_noop("Reviewed in house by one editor")
TWO_EDITORS = gettext_noop("Reviewed in house by two editors")
NO_REFEREES = gettext_noop("Read and accepted by an editor, without referees")
BY_AUTHOR = gettext_noop("Approved by the author, this text, on %(day)s")
BY_AUTHORS = gettext_noop("Approved by the authors, this text, on %(day)s")
BY_AUTHOR_BEFORE = gettext_noop("Approved by the author on %(day)s")
BY_AUTHORS_BEFORE = gettext_noop("Approved by the authors on %(day)s")
BY_MAIL = gettext_noop("Approved by mail, on %(day)s")
BY_SILENCE = gettext_noop("The author was sent this text and did not object by the announced date")
WAIVED = gettext_noop("Published without the author’s approval of the edited text")
NOT_NEEDED = gettext_noop("A piece of the publication itself")
CHANGED_SINCE = gettext_noop("; the editors have changed the text since")

SENTENCES = (
    ONE_EDITOR, TWO_EDITORS, NO_REFEREES, BY_AUTHOR, BY_AUTHORS, BY_AUTHOR_BEFORE, BY_AUTHORS_BEFORE, BY_MAIL, BY_SILENCE, WAIVED, NOT_NEEDED,
)  # fmt: skip
# What is said of an approval of a text that was changed afterwards.
BEFORE = {BY_AUTHOR: BY_AUTHOR_BEFORE, BY_AUTHORS: BY_AUTHORS_BEFORE}
# One is always with its noun, whose gender it has in other languages.
NUMBERS = tuple(gettext_lazy(word) for word in ("two", "three", "four", "five", "six", "seven", "eight", "nine"))
IDENTITY = {
    "all identities visible": gettext_lazy("all identities visible"),
    "single anonymised": gettext_lazy("single anonymised"),
    "double anonymised": gettext_lazy("double anonymised"),
}


def stored(sentence: str, day: datetime.date | None = None) -> str:
    """One of `SENTENCES` as it is stored, with the day that it tells."""
    return sentence % {"day": f"{day.day} {day:%B %Y}"} if day else sentence


def changed_since(line: str) -> str:
    """What is stored once readers have another text than the one that was approved; nothing where nothing was said."""
    if not line or line.endswith(CHANGED_SINCE):
        return line
    for sentence, pattern in _PATTERNS.items():
        if sentence in BEFORE and (found := pattern.fullmatch(line)):
            line = BEFORE[sentence] % found.groupdict()
    return line + CHANGED_SINCE


def refereed(terms: Mapping[str, Any]) -> str:
    """The sentence of a refereed piece without a full stop, in the language of the moment: {"identity", "referees", "rounds", "days"}."""
    identity = str(terms["identity"])
    days = terms["days"]
    return gettext("Peer reviewed, %(identity)s, by %(referees)s in %(rounds)s and %(days)s") % {
        "identity": IDENTITY.get(identity, identity),
        "referees": ngettext("one referee", "%(number)s referees", terms["referees"]) % {"number": _word(terms["referees"])},
        "rounds": ngettext("one round", "%(number)s rounds", terms["rounds"]) % {"number": _word(terms["rounds"])},
        "days": ngettext("%(number)s day", "%(number)s days", days) % {"number": days},
    }  # fmt: skip


def refereed_as_stored(terms: Mapping[str, Any]) -> str:
    with override("en"):
        return refereed(terms)


def said(line: str, terms: Mapping[str, Any] | None = None) -> str:
    """A stored sentence in the language of the moment; one that is not of this house stays as it is.

    `terms` are those of a refereed piece, whose sentence is said from them.
    """
    if terms and line == refereed_as_stored(terms):
        return refereed(terms)
    first = line.removesuffix(CHANGED_SINCE)
    since = gettext(CHANGED_SINCE) if first != line else ""
    for sentence, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(first):
            return gettext(sentence) % {name: _day(text) for name, text in found.groupdict().items()} + since
    return line


def _word(number: int) -> str:
    return str(NUMBERS[number - 2]) if 2 <= number < len(NUMBERS) + 2 else str(number)


def _day(text: str) -> str:
    """A stored day as readers are told days; one that is none stays."""
    try:
        return date_format(datetime.datetime.strptime(text, "%d %B %Y").replace(tzinfo=datetime.UTC), "DATE_FORMAT")
    except ValueError:
        return text


_PATTERNS = {
    sentence: re.compile(re.escape(sentence).replace(re.escape("%(day)s"), r"(?P<day>\d{1,2} \w+ \d{4})"))
    for sentence in SENTENCES
}
