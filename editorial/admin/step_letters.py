"""The letters of a step, as its page shows them before they go: read, changed, carried from page to page, sent.

Nothing is kept between the pages but what their forms carry: the letters as typed, and of each a digest of the text
that it was made from, so that one that nobody changed follows the answers, and one that somebody changed is kept.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from articles.models import Article
from editorial import access, effects, letter_words, letters
from editorial.letter_words import Wording
from editorial.letters import ByHand, Draft
from editorial.registry import Reason
from editorial.workflow import Transition

PREFIX = "letter-"


@dataclass
class Typed:
    """A letter as the form carries it."""

    kind: str
    subject: str
    text: str
    # Digest of the text that the page had shown first.
    base: str
    is_left_out: bool = False

    @property
    def wording(self) -> Wording:
        return Wording(self.subject, self.text)

    @property
    def is_changed(self) -> bool:
        return self.is_left_out or digest(self.wording) != self.base

    def by_hand(self) -> ByHand:
        return ByHand(self.subject, self.text, self.is_left_out)

    def fields(self) -> list[tuple[str, str]]:
        """Names and values that carry it to the next page."""
        carried = [
            (f"{PREFIX}{self.kind}-subject", self.subject),
            (f"{PREFIX}{self.kind}-text", self.text),
            (f"{PREFIX}{self.kind}-base", self.base),
        ]
        return [*carried, (f"{PREFIX}{self.kind}-stays", "on")] if self.is_left_out else carried


@dataclass
class Sheet:
    """A letter on the page."""

    typed: Typed
    draft: Draft
    # How it would read with the answers of now, where somebody changed what was made from others.
    fresh: Wording | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def people(self) -> str:
        return ", ".join(f"{name} ({address})" for name, address in self.draft.people)

    @property
    def has_several(self) -> bool:
        return len(self.draft.people) > 1

    @property
    def is_left_open(self) -> bool:
        """Whether the tick that leaves it out is shown."""
        return self.draft.may_stay

    @property
    def rows(self) -> int:
        """Lines that the text takes, roughly."""
        return min(max(sum(1 + len(line) // 80 for line in self.typed.text.splitlines()) + 1, 8), 30)


def digest(wording: Wording) -> str:
    plain = f"{wording.subject.strip()}\n{letter_words.lines_of(wording.text).strip()}"
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


def typed_in(data: Mapping[str, Any], transition: Transition) -> dict[str, Typed]:
    """The letters that a form carries, of the kinds that the step writes."""
    found = {}
    for kind in letters.kinds_of(transition):
        name = f"{PREFIX}{kind.name}-"
        if f"{name}text" in data:
            subject, text, base = (str(data.get(name + part, "")) for part in ("subject", "text", "base"))
            found[kind.name] = Typed(kind.name, subject, letter_words.lines_of(text), base[:64], f"{name}stays" in data)
    return found


def sheets(drafts: Iterable[Draft], typed: Mapping[str, Typed], *, anew: str = "") -> list[Sheet]:
    """The letters as the page shows them: as typed where somebody changed them, else as they read with the answers."""
    found = []
    for draft in drafts:
        now = digest(draft.wording)
        before = typed.get(draft.kind)
        if before is None or draft.kind == anew or not before.is_changed:
            found.append(Sheet(Typed(draft.kind, draft.subject, draft.text, now), draft))
        else:
            is_stale = before.base != now and digest(before.wording) != now
            found.append(Sheet(before, draft, fresh=draft.wording if is_stale else None))
    return found


def mark(found: list[Sheet], reasons: Iterable[Reason]) -> list[Reason]:
    """Put each reason beside its field; returns those that are mended elsewhere."""
    elsewhere = []
    for reason in reasons:
        kind, _, where = reason.where.removeprefix(PREFIX).rpartition("-")
        sheet = next((sheet for sheet in found if sheet.typed.kind == kind), None)
        if sheet is None or not reason.where.startswith(PREFIX):
            elsewhere.append(reason)
        else:
            # The name of the letter stands above it on the page.
            said = reason.text.removeprefix(f"“{sheet.draft.label}”: ")
            sheet.errors.setdefault(where, []).append(said)
    return elsewhere


def are_letters(reasons: Iterable[Reason]) -> bool:
    """Whether all that stands in the way is mended in the letters."""
    return all(reason.where.startswith(PREFIX) for reason in reasons)


def will_write(article: Article, transition: Transition, user: User) -> bool:
    """Whether the step writes to anybody, as far as that is known before its questions are answered."""
    kinds = letters.kinds_of(transition)
    if any(kind.who == letter_words.AUTHORS for kind in kinds) and access.authors_with_account(article).exists():
        return True
    if any(kind.who == letter_words.DESK for kind in kinds):
        return any(person != user for person in effects.readers_on_desk(article))
    return any(kind.who == letter_words.SECOND for kind in kinds)


def send_label(transition: Transition, found: list[Sheet]) -> str:
    """As in “Send the letter and accept”."""
    if not found:
        return transition.label
    do = transition.label[:1].lower() + transition.label[1:]
    return f"Send the letter{'s' if len(found) > 1 or found[0].has_several else ''} and {do}"
