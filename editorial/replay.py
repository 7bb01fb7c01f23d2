"""Replays the timeline of a piece: what its events tell, folded from the first to the last, held against what is stored.

`replay(article)` returns the differences, none where the two agree. It reads nothing but events and the immutable
versions of the text, in the order in which the events were written: under the lock of the piece that is the order of
their ids, while the moments of a loaded past may be equal.

What events do not tell is not compared: of events that were written before `editorial.recording` was, all that they set
besides the status; of a piece that is being written, its slug, which follows the title. Regions, tags, bylines and the
like are told in words alone, for people.

A higher room adds its own rows in `AppConfig.ready()`: `replay.register(RoundsFold())`, with

    class RoundsFold(replay.Fold):
        name, events, prefetch = "rounds", {"round_extended"}, ("rounds",)

        def event(self, ledger, event):
            for what, pk in event.data.get("rounds", []):
                ledger.tell_row("round", pk, event, state=what)

        def stored(self, article):
            return replay.rows_of("round", article.rounds.all(), lambda row: {"state": row.state})

where its effects wrote `recording.note_row(act.data, "rounds", "opened", round.pk)`. Values are as `recording.plain`
makes them. An effect of the room that chooses where a step leads says so: `replay.may_lead("close_round", {…})`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from articles.models import Article, Revision
from articles.querysets import ArticleQuerySet
from articles.status import Status
from editorial.models import Event
from editorial.recording import plain
from editorial.rooms import EVENT_WORDS
from editorial.workflow import BY_NAME

# Written by this room without being steps of the table; none of them moves the piece, but `begin`.
BEGIN = "begin"
EVENTS = frozenset({
    BEGIN, "assign", "change_details", "seal", "coauthor_invited", "coauthor_joined", "coauthor_refused", "coauthor_cancelled",
    "byline_confirmed", "conflict_declared", "conflict_overridden", "please_not", "deadline_moved", "reminder_sent", "reminder_skipped",
    "letter_stopped", "reminder_restored", "letter_hurried", "letter_sent_after_all",
})  # fmt: skip
AT_ONCE = 200


@dataclass(frozen=True)
class Difference:
    """Where the replay and the record part. `event` is the last that told of it, or the one that does not follow."""

    field: str
    replayed: Any
    stored: Any
    event: Event | None = None

    def __str__(self) -> str:
        return f"{self.field}: {_said(self.replayed)} → {_said(self.stored)}"


def _said(value: Any) -> str:
    return "nothing" if value is None else str(value)


@dataclass
class Outcome:
    """What came of one piece."""

    differences: list[Difference] = field(default_factory=list)
    # What is stored and no event tells.
    not_recorded: list[str] = field(default_factory=list)
    events: int = 0


class Ledger:
    """What the events told so far: a value for each name, and the event that told it last."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.events: dict[str, Event] = {}
        self.problems: list[Difference] = []
        self._lost: set[str] = set()
        self._lost_rows: set[str] = set()
        self._left: set[str] = set()

    def tell(self, name: str, value: Any, event: Event | None) -> None:
        """From this event on it is this; without one from the beginning."""
        self.values[name] = plain(value)
        if event is not None:
            self.events[name] = event
        self._lost.discard(name)
        self._left.discard(name)

    def knows(self, name: str) -> bool:
        return name in self.values

    def lose(self, name: str) -> None:
        """An event may have changed it and does not say how: it is counted as not recorded."""
        self.values.pop(name, None)
        self._lost.add(name)

    def leave(self, name: str) -> None:
        """It is not an event's to tell: from here on it is not compared."""
        self.values.pop(name, None)
        self._left.add(name)

    def tell_row(self, row: str, pk: int, event: Event, **columns: Any) -> None:
        """Columns of a row of a table beside the piece, such as an approval. `row` is one word."""
        for column, value in columns.items():
            self.tell(f"{row} {pk}: {column}", value, event)

    def lose_rows(self, row: str) -> None:
        """Events do not say which rows of this kind there are; those told later are known again."""
        for name in [name for name in self.values if name.startswith(f"{row} ")]:
            del self.values[name]
        self._lost_rows.add(row)

    def rows(self, row: str, column: str, values: Collection[Any]) -> list[int]:
        """Ids of the rows known so far that have one of these values in the column."""
        return [
            int(name.removeprefix(f"{row} ").partition(": ")[0])
            for name, value in self.values.items()
            if name.startswith(f"{row} ") and name.endswith(f": {column}") and value in values
        ]

    def drop_row(self, row: str, pk: int) -> None:
        """The row was deleted."""
        for name in [name for name in self.values if name.startswith(f"{row} {pk}: ")]:
            del self.values[name]

    def problem(self, name: str, expected: Any, found: Any, event: Event) -> None:
        """This event does not follow from those before it."""
        self.problems.append(Difference(name, expected, found, event))

    def compare(self, stored: Mapping[str, Any]) -> tuple[list[Difference], list[str]]:
        """The differences, and the names of what no event tells."""
        found, unknown = list(self.problems), []
        for name in dict.fromkeys([*self.values, *stored]):
            value = stored.get(name)
            if name in self.values:
                if self.values[name] != value:
                    found.append(Difference(name, self.values[name], value, self.events.get(name)))
            elif name in self._lost or name.partition(" ")[0] in self._lost_rows:
                unknown += [name] if value is not None else []
            elif name not in self._left and value is not None:
                found.append(Difference(name, None, value))
        return found, unknown


class Fold:
    """One room's part of the replay; see the head of this module."""

    # Registered again under the same name, a fold takes the place of the first.
    name = ""
    # What the room writes that is no step of the table, besides what it named in `rooms.EVENT_WORDS`. Such an event
    # leaves the piece in its state.
    events: Collection[str] = ()
    # What `stored` reads of the article.
    prefetch: Collection[Any] = ()

    def start(self, article: Article) -> Ledger:
        """An empty ledger. Of the article nothing may be read but its id and its versions."""
        return Ledger()

    def event(self, ledger: Ledger, event: Event) -> None:
        """Fold one event; each event of the piece in turn comes here, those of other rooms too."""
        raise NotImplementedError

    def stored(self, article: Article) -> dict[str, Any]:
        """What the tables say, under the names that the ledger has."""
        raise NotImplementedError


FOLDS: dict[str, Fold] = {}
Choice = Callable[[Status], Collection[Status]]
# Where an effect may send a piece whose step has no target of its own.
CHOICES: dict[str, Choice] = {}


def register(fold: Fold) -> None:
    """Add a fold to every replay."""
    FOLDS[fold.name] = fold


def may_lead(effect: str, to: Collection[Status] | Choice) -> None:
    """Where this effect may send a piece: the same places always, or by where it stands."""
    CHOICES[effect] = to if callable(to) else lambda source: to


def rows_of(row: str, rows: Iterable[Any], columns: Callable[[Any], Mapping[str, Any]]) -> dict[str, Any]:
    """Stored rows under the names that `Ledger.tell_row` gives."""
    return {f"{row} {one.pk}: {name}": plain(value) for one in rows for name, value in columns(one).items()}


def may_become(event: Event) -> Collection[str] | None:
    """The states to which the table lets this event lead; nothing where it knows no such event."""
    if event.transition == BEGIN:
        return () if event.from_status else (Status.DRAFT,)
    if event.transition not in BY_NAME:
        return (event.from_status,) if event.transition in known_events() else None
    step = BY_NAME[event.transition]
    if event.from_status not in step.sources:
        return ()
    if step.target is not None:
        return (step.target,)
    source = Status(event.from_status)
    choices = [CHOICES[name] for name in (effect.partition(":")[0] for effect in step.effects) if name in CHOICES]
    return {status for choice in choices for status in choice(source)} or (source,)


def known_events() -> set[str]:
    """Names of events that some room knows."""
    return {*EVENTS, *BY_NAME, *EVENT_WORDS, *(name for fold in FOLDS.values() for name in fold.events)}


# --- replaying ---


def replay(article: Article) -> list[Difference]:
    """Where what is stored is not what the events of the piece tell; reads the piece anew."""
    return check(pieces().get(pk=article.pk)).differences


def pieces() -> ArticleQuerySet:
    """Pieces with all that `check` reads: as many queries for a thousand as for one."""
    found: ArticleQuerySet = Article.objects.select_related("handling").prefetch_related(
        Prefetch("events", Event.objects.order_by("pk").defer("note")),
        Prefetch("revisions", Revision.objects.order_by("pk").only("article_id", "number")),
        *[lookup for fold in FOLDS.values() for lookup in fold.prefetch],
    )
    return found.order_by("pk")


def check(article: Article) -> Outcome:
    """Replay a piece of `pieces()` as it was read."""
    events = list(article.events.all())
    outcome = Outcome(events=len(events))
    known = known_events()
    for event in events:
        if event.transition not in known:
            outcome.differences.append(Difference("event", "a step that is known", event.transition, event))
    if not events or events[0].transition != BEGIN:
        found = events[0].transition if events else None
        outcome.differences.append(Difference("first event", BEGIN, found, events[0] if events else None))
    for fold in FOLDS.values():
        ledger = fold.start(article)
        for event in events:
            fold.event(ledger, event)
        differences, unknown = ledger.compare(fold.stored(article))
        outcome.differences += differences
        outcome.not_recorded += unknown
    return outcome


def check_all(ids: Collection[int] | None = None) -> Iterator[tuple[Article, Outcome]]:
    """Every piece in turn, or those of the ids, a few hundred at a time.

    A piece that seems to differ is read again under its lock: a step may have been committed between two of our queries.
    """
    last = 0
    while True:
        some = pieces().filter(pk__gt=last)
        chunk = list((some if ids is None else some.filter(pk__in=ids))[:AT_ONCE])
        if not chunk:
            return
        for article in chunk:
            outcome = check(article)
            yield article, (outcome if not outcome.differences else _check_again(article))
        last = chunk[-1].pk


def _check_again(article: Article) -> Outcome:
    with transaction.atomic():
        Article.objects.select_for_update().get(pk=article.pk)
        return check(pieces().get(pk=article.pk))
