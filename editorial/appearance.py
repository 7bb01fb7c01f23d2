"""How a person appears to a viewer of the desk: decided here and nowhere else.

Timeline, letters and lists ask `seen_by(article, viewer)` or `letters_hidden_from(viewer)`; rooms above add what they hide
(`rooms.MASKS`, `rooms.LETTERS_HIDDEN`): peer review hides who referees from those who may not know it. What an author
reads of a piece are the letters written to them (`access.letters_for`), which the same rules do not weaken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q

from accounts.models import User
from articles.models import Article
from editorial import rooms
from editorial.models import Event

NOBODY = "The publication"
# What stands where a note was written for others.
HIDDEN_NOTE = "A note for the editors who decide."


class Mask(Protocol):
    """What a room hides of one piece from one viewer. Made once for a page, so it reads what it needs at once."""

    def who(self, event: Event) -> str | None:
        """How who did it appears, where the room has something to say about it."""
        ...

    def lines(self, event: Event) -> list[tuple[str, str]]:
        """Whom else the event was about, each with what they are: [("Referee", "Referee 1")]."""
        ...

    def hides(self, event: Event) -> bool:
        """Whether what was written with the event is not for this viewer."""
        ...

    def names(self, text: str) -> bool:
        """Whether the text names somebody whom this viewer must not know."""
        ...


@dataclass(frozen=True)
class View:
    """A piece's people and words as one viewer may read them."""

    article: Article
    viewer: User
    masks: tuple[Mask, ...]

    def who(self, event: Event) -> str:
        """Who did it."""
        for mask in self.masks:
            if (said := mask.who(event)) is not None:
                return said
        if event.by is None and event.transition == "coauthor_refused":
            return "The invited person"  # who needs no account to say no
        return str(event.by or NOBODY)

    def note(self, event: Event) -> str:
        """What was noted with it, or that there is a note which is not for this viewer."""
        if event.note and (any(mask.hides(event) for mask in self.masks) or self.is_hidden(event.note)):
            return HIDDEN_NOTE
        return event.note

    def lines(self, event: Event, lines: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """What else was recorded, and what rooms above add to it, without what this viewer must not read."""
        if any(mask.hides(event) for mask in self.masks):
            lines = ()
        if (unwanted := event.data.get("please_not")) and self.viewer.has_perm("editorial.see_referees"):
            lines = (*lines, ("Please not", " → ".join(", ".join(said.splitlines()) or "nobody" for said in unwanted)))
        people = [line for mask in self.masks for line in mask.lines(event)]
        added = [line for more in rooms.EVENT_LINES for line in more(event, self.viewer)]
        return [(label, said) for label, said in (*people, *lines, *added) if not self.is_hidden(said)]

    def is_hidden(self, text: str) -> bool:
        """Whether the text names somebody whom this viewer must not know."""
        return any(mask.names(text) for mask in self.masks)


def seen_by(article: Article, viewer: User) -> View:
    """How the people of a piece appear to this viewer."""
    return View(article, viewer, tuple(mask(article, viewer) for mask in rooms.MASKS))


def letters_hidden_from(viewer: User) -> Q:
    """A Q over letters of the desk that this viewer must not read: they name somebody whom the viewer must not know."""
    hidden = Q(pk__in=()) if viewer.has_perm("editorial.see_referees") else Q(names_referee=True)
    for room in rooms.LETTERS_HIDDEN:
        hidden |= room(viewer)
    return hidden


def changes_hidden_from(viewer: User) -> Q:
    """A Q over the record of changes (`editorial.changes`) that this viewer must not read."""
    hidden = Q(pk__in=())
    for room in rooms.CHANGES_HIDDEN:
        hidden |= room(viewer)
    return hidden
