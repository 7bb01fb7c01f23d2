"""Where rooms put the guards and effects that the table of transitions names."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial.models import Event, Handling
from editorial.workflow import Transition
from forum.models import Masthead

if TYPE_CHECKING:
    from editorial.letters import ByHand, Draft


@dataclass(frozen=True)
class Reason:
    """Why a step is blocked, for the person who wants it, and where it is mended (the name of a form field)."""

    text: str
    where: str = ""

    def __str__(self) -> str:
        return self.text


class Blocked(Exception):  # noqa: N818  it is an answer, not an error
    """A step that can't be taken now, with every reason."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reason.text for reason in reasons))


@dataclass
class Act:
    """One step being taken. Rows are locked; effects change them, and `perform` saves them."""

    article: Article
    handling: Handling
    transition: Transition
    by: User
    now: datetime.datetime
    masthead: Masthead
    details: dict[str, Any] = field(default_factory=dict)
    # Where it leads; set by effects of transitions without a fixed target.
    target: Status | None = None
    # What else the event records.
    data: dict[str, Any] = field(default_factory=dict)
    event: Event | None = None
    # What rooms above say for the placeholders of their letters.
    words: dict[str, str] = field(default_factory=dict)
    # Letters as somebody read and perhaps changed them before they go, by kind; others go as they are worded.
    letters: dict[str, "ByHand"] = field(default_factory=dict)
    # Each kind of letter of this step, made once.
    drafted: dict[str, "Draft"] = field(default_factory=dict)
    # Where letters are noted instead of sent, in a rehearsal.
    rehearsed: list["Draft"] | None = None

    def said(self, name: str) -> str:
        """What the person wrote in a field of the step."""
        return str(self.details.get(name) or "").strip()


Guard = Callable[[Act], list[Reason]]
Effect = Callable[[Act, str], None]

GUARDS: dict[str, Guard] = {}
EFFECTS: dict[str, Effect] = {}
# Effects that need the event, such as letters.
AFTERWARDS: set[str] = set()


def guard(function: Guard) -> Guard:
    """Register a guard under its function's name. It returns the reasons against the step, none where there are none."""
    GUARDS[function.__name__] = function
    return function


def effect(function: Effect) -> Effect:
    """Register an effect under its function's name; the table may give it a word after a colon."""
    EFFECTS[function.__name__] = function
    return function


def effect_afterwards(function: Effect) -> Effect:
    """Register an effect that runs when the event is written."""
    AFTERWARDS.add(function.__name__)
    return effect(function)


def unregistered() -> set[str]:
    """Names in the table that no room registered."""
    from editorial.workflow import TABLE

    named = {name for t in TABLE for name in t.guards} - GUARDS.keys()
    return named | ({name.partition(":")[0] for t in TABLE for name in t.effects} - EFFECTS.keys())
