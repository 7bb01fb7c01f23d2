"""`manage.py generate_articles`: as many invented pieces as are asked for."""

import sys
import time
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from demo.generated.load import Load, Refused, alone


def _number(least: int, most: int) -> Any:
    def read(text: str) -> int:
        number = int(text.replace(",", "").replace("_", ""))
        if not least <= number <= most:
            raise ArgumentTypeError(f"choose a number from {least:,} to {most:,}, and not {number:,}")
        return number

    read.__name__ = "number"  # what argparse calls it where it is none
    return read


class Command(BaseCommand):
    help = (
        "Bring the generated pieces of this site up to N: invented text by Zipf’s law, with authors, regions, topics, special\n"
        "features, corrections and retractions, spread over years up to now. For measuring, and to see what a large publication is like.\n"
        "It can be interrupted: whole batches stay, and the same command goes on from there. While more pieces come than there are\n"
        "the indexes of the search are away; where the command was killed, running it again puts them back.\n\n"
        "Example: VAR=var/large manage.py generate_articles 100000 --seed 1\n"
        "Example: manage.py generate_articles 500 --beside        (among the pieces of the demonstration)"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "count", metavar="N", type=_number(1, 100_000_000), help="How many there are to be in the end."
        )
        parser.add_argument(
            "--seed", type=_number(0, 2**31 - 1), default=1, help="The same seed makes the same pieces (default: 1)."
        )
        parser.add_argument(
            "--years",
            type=_number(1, 100),
            default=12,
            help="Over how many years up to now they are spread (default: 12).",
        )
        parser.add_argument(
            "--words", type=_number(100, 20_000), default=800, help="About how many words a piece has (default: 800)."
        )
        parser.add_argument(
            "--beside", action="store_true", help="Do it though the site has pieces that were not generated."
        )
        parser.add_argument(
            "--without-search",
            action="store_true",
            help="Leave the search to the worker, which takes a minute for 500 pieces; several times as fast.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_loud = options["verbosity"] > 0
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[speed]}"), TimeElapsedColumn(), TimeRemainingColumn())  # fmt: skip
        started = time.monotonic()
        try:
            with (
                alone(),
                Progress(
                    *columns, console=console, disable=not (is_loud and console.is_terminal), transient=True
                ) as bar,
            ):
                task = bar.add_task("Pieces", total=options["count"], speed="")
                first: list[tuple[int, float]] = []

                def told(done: int, doing: str) -> None:
                    first.append((done, time.monotonic())) if not first else None
                    seconds = time.monotonic() - first[0][1]
                    speed = (
                        f"{(done - first[0][0]) / seconds:,.0f}/s" if done > first[0][0] and doing == "Pieces" else ""
                    )
                    bar.update(task, completed=done, description=doing, speed=speed)

                load = Load(
                    options["count"],
                    seed=options["seed"],
                    years=options["years"],
                    length=options["words"],
                    is_beside=options["beside"],
                    has_search=not options["without_search"],
                    told=told,
                )
                made = load.run()
        except Refused as problem:
            raise CommandError(str(problem)) from problem
        except KeyboardInterrupt:
            self.stderr.write(
                f"Stopped at {load.there():,} of {options['count']:,} pieces. The same command goes on from there."
            )
            sys.exit(130)
        if is_loud:
            seconds = time.monotonic() - started
            there = load.there()
            self.stdout.write(
                f"{made:,} pieces made in {seconds:,.0f} s ({made / max(seconds, 0.001):,.0f} a second); there are {there:,} of seed {options['seed']}."
                if made
                else f"There are {there:,} pieces of seed {options['seed']} already; nothing was changed."
            )
