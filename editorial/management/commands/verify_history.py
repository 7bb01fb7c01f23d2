"""`manage.py verify_history`: replays the timeline of each piece and holds it against what is stored."""

import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Collection
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from articles.models import Article
from editorial import replay
from editorial.models import Event

BIGGEST_ID = 2**63 - 1


class Command(BaseCommand):
    help = (
        "Replay the timeline of each piece from its events, and report where what is stored is not what they tell: a value\n"
        "that was changed past the workflow, a step that does not follow from the one before. Nothing is written.\n"
        "Ends with 0 where none differs and with 1 where one does, so that it can be run each night.\n\n"
        "Example: manage.py verify_history\n"
        "Example: manage.py verify_history 12 40"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pieces", metavar="ID", nargs="*", type=int, help="Only these pieces; else all.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_loud = options["verbosity"] > 0
        self.says_all = options["verbosity"] > 1
        self.seen = self.events = self.differing = self.found = self.unknown = self.partly = 0
        ids = self._ids(options["pieces"])
        try:
            self._verify(ids)
        except KeyboardInterrupt:
            self.stderr.write(f"Stopped after {_count(self.seen, 'piece')}; {self.differing} of them differ so far.")
            sys.exit(130)
        self._sum_up()
        if self.differing:
            sys.exit(1)

    @staticmethod
    def _ids(wanted: Collection[int]) -> set[int] | None:
        if not wanted:
            return None
        ids = {pk for pk in wanted if 0 < pk <= BIGGEST_ID}
        there = set(Article.objects.filter(pk__in=ids).values_list("pk", flat=True))
        if missing := sorted(set(wanted) - there):
            raise CommandError(f"There is no piece {', '.join(map(str, missing))}.", returncode=2)
        return ids

    def _verify(self, ids: set[int] | None) -> None:
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        is_shown = self.is_loud and console.is_terminal
        with Progress(*columns, console=console, disable=not is_shown, transient=True) as bar:
            task = bar.add_task("Pieces", total=len(ids) if ids else Article.objects.count())
            for article, outcome in replay.check_all(ids):
                self.seen += 1
                self.events += outcome.events
                self._tell(article, outcome)
                bar.update(task, advance=1)

    def _tell(self, article: Article, outcome: replay.Outcome) -> None:
        if outcome.not_recorded:
            self.unknown += len(outcome.not_recorded)
            self.partly += 1
            if self.says_all:
                self.stdout.write(f"Piece {article.pk}: not recorded: {', '.join(outcome.not_recorded)}")
        if not outcome.differences:
            return
        self.differing += 1
        self.found += len(outcome.differences)
        self.stdout.write(f"Piece {article.pk}, “{article.latest.title or 'Untitled'}”, is not what its events tell:")
        for one in outcome.differences:
            self.stdout.write(f"  {one} ({_event(one.event)})")

    def _sum_up(self) -> None:
        if not self.is_loud:
            return
        said = f"{_count(self.seen, 'piece')} replayed from {_count(self.events, 'event')}: "
        if self.differing:
            said += f"{_count(self.found, 'difference')} in {_count(self.differing, 'piece')} (replayed → stored)."
        else:
            said += "none differs."
        self.stdout.write(said)
        if self.unknown:
            self.stdout.write(
                f"{_count(self.unknown, 'value')} of {_count(self.partly, 'piece')} were not compared: the events are older than"
                " the record of what they set. --verbosity 2 names them."
            )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _event(event: Event | None) -> str:
    if event is None:
        return "no event tells of it"
    return f"event {event.pk}, {event.transition}, {timezone.localtime(event.at):%Y-%m-%d %H:%M}"
