"""`manage.py load_articles`: pieces that were published elsewhere come in, each with its date and its old addresses."""

import csv
import json
import sys
import time
from argparse import RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from accounts.models import User
from editorial import access
from editorial.bulk.load import Loader, Options, Outcome, Problem, alone, raw_lines
from editorial.bulk.pictures import Library
from prose.names import tidy_name

COLUMNS = ("line", "external_id", "title", "outcome", "address", "notes")
MOST_LINKS = 20


class Command(BaseCommand):
    help = (
        "Load published pieces from FILE, one JSON object a line (docs/loading.md has every field).\n"
        "Nothing is mailed. What was loaded before is passed over, so it can be run again at any time, also after an interruption.\n\n"
        "Example: manage.py load_articles old-site.jsonl --by mara@example.org --dry-run\n"
        "Example: manage.py load_articles old-site.jsonl --by mara@example.org --images uploads --report report.csv"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="The file with the pieces, in UTF-8.")
        parser.add_argument(
            "--by", metavar="EMAIL", required=True, help="The managing editor in whose name it is done."
        )
        parser.add_argument(
            "--images", metavar="DIR", help="Where the pictures are; else a folder “images” beside the file."
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and write nothing.")
        parser.add_argument("--report", metavar="FILE", help="Write what became of each line: .csv or .jsonl.")
        parser.add_argument(
            "--overwrite", action="store_true", help="Changed lines win over what was edited here since."
        )
        parser.add_argument(
            "--again", action="store_true", help="Look at lines that did not change, too: once pictures were added."
        )
        parser.add_argument(
            "--create-regions", action="store_true", help="Make regions that are not known, at the top of the tree."
        )
        parser.add_argument(
            "--region",
            metavar="NAME",
            action="append",
            default=[],
            help="For lines that name no region. May be given more than once.",
        )
        parser.add_argument(
            "--slugs-as-tags", action="store_true", help="The file has tags as slugs: read “open-data” as “open data”."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_loud = options["verbosity"] > 0
        path = Path(options["file"])
        try:
            with path.open("rb") as file, alone(), _Report(options["report"]) as report:
                self._load(path, file, report, options)
        except FileNotFoundError as problem:
            raise CommandError(f"There is no file {problem.filename}.") from problem
        except (IsADirectoryError, PermissionError) as problem:
            raise CommandError(f"{problem.filename} can’t be opened: {problem.strerror}.") from problem
        except Problem as problem:
            raise CommandError(str(problem)) from problem

    def _load(self, path: Path, file: IO[bytes], report: "_Report", options: dict[str, Any]) -> None:
        loader = self._loader(path, options)
        counts: Counter[str] = Counter()
        remarked = 0
        started = time.monotonic()
        last = 0
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        try:
            with Progress(
                *columns, console=console, disable=not (self.is_loud and console.is_terminal), transient=True
            ) as bar:
                task = bar.add_task("Pieces", total=path.stat().st_size)
                for done in loader.lines(raw_lines(file)):
                    last = done.line
                    counts[done.outcome] += 1
                    remarked += bool(done.notes) and done.outcome in (Outcome.TAKEN, Outcome.CHANGED)
                    report.write(done)
                    if done.outcome == Outcome.REFUSED:
                        self.stderr.write(f"Line {done.line}, {_named(done)}: {' '.join(done.notes)}")
                    elif done.outcome == Outcome.LEFT and self.is_loud:
                        self.stdout.write(f"Line {done.line}, {_named(done)}: {' '.join(done.notes)}.")
                    elif options["verbosity"] > 1:
                        self.stdout.write(f"Line {done.line}, {_named(done)}: {'; '.join([done.outcome, *done.notes])}")
                    bar.update(task, completed=file.tell(), description=f"{sum(counts.values())} pieces")
        except KeyboardInterrupt:
            report.close()
            self.stderr.write(f"Stopped after line {last}. Run the same command again: it goes on from there.")
            sys.exit(130)
        self._sum_up(loader, counts, remarked, time.monotonic() - started, options)
        if counts[Outcome.REFUSED]:
            sys.exit(1)

    def _loader(self, path: Path, options: dict[str, Any]) -> Loader:
        images = Path(options["images"]) if options["images"] else path.parent / "images"
        if options["images"] and not images.is_dir():
            raise CommandError(f"{images} is no folder. Name the one that holds the pictures.")
        by = _managing_editor(options["by"])
        library = Library(path.parent, images if images.is_dir() else None, by=by, is_dry=options["dry_run"])
        chosen = Options(
            is_dry=options["dry_run"],
            is_again=options["again"],
            overwrites=options["overwrite"],
            creates_regions=options["create_regions"],
            regions=tuple(filter(None, map(tidy_name, options["region"]))),
            has_slugs_as_tags=options["slugs_as_tags"],
        )
        return Loader(by=by, library=library, options=chosen)

    def _sum_up(
        self, loader: Loader, counts: Counter[str], remarked: int, seconds: float, options: dict[str, Any]
    ) -> None:
        if not self.is_loud:
            return
        total = sum(counts.values())
        say = self.stdout.write
        say(
            f"{'Nothing was written: this was a dry run. ' if options['dry_run'] else ''}{total} line{'s' if total != 1 else ''} read in {seconds:.0f} s."
        )
        for outcome in (Outcome.TAKEN, Outcome.CHANGED, Outcome.SAME, Outcome.LEFT, Outcome.REFUSED):
            if counts[outcome]:
                say(f"  {counts[outcome]:>6} {outcome}")
        if remarked:
            say(
                f"Something of {remarked} was changed or is missing; {'the report' if options['report'] else 'a --report'} says what, line by line."
            )
        if loader.guessed:
            names = sorted(loader.guessed.items())
            shown = ", ".join(f"{name} ({family})" for name, family in names[:8])
            say(
                f"Of {len(names)} new author{'s' if len(names) != 1 else ''} the last word was taken for the family name; look them through: {shown}{' …' if len(names) > 8 else ''}"
            )
        if lost := loader.broken_links():
            say(
                f"{sum(count for _, count in lost)} links within the texts lead to {len(lost)} addresses that this site does not know, such as:"
            )
            for link, count in lost[:MOST_LINKS]:
                say(f"  {count:>6} {link}")


def _managing_editor(email: str) -> User:
    user = User.objects.filter(email__iexact=email.strip().replace("\x00", "")).first()
    if user is None:
        raise CommandError(f"There is no account {email}. Name a managing editor with --by.")
    if not (user.is_active and user.has_perm("editorial.manage") and access.deciders().filter(pk=user.pk).exists()):
        raise CommandError(
            f"{user.email} is no managing editor, or the account is closed. Pieces are loaded in the name of one."
        )
    return user


def _named(done: Outcome) -> str:
    return f"“{done.title[:60]}”" if done.title else done.external_id[:60] or "without a name"


class _Report:
    """What became of each line, in a file as it happens: CSV for a spreadsheet, or JSON Lines."""

    def __init__(self, name: str | None) -> None:
        self.path = Path(name) if name else None
        self.file: IO[str] | None = None
        self.write: Callable[[Outcome], None] = lambda done: None

    def __enter__(self) -> "_Report":
        if self.path is None:
            return self
        if self.path.suffix not in (".csv", ".jsonl"):
            raise CommandError("The report ends in .csv or .jsonl.")
        # A spreadsheet knows UTF-8 by the mark at its beginning.
        self.file = self.path.open("w", encoding="utf-8-sig" if self.path.suffix == ".csv" else "utf-8", newline="")
        if self.path.suffix == ".csv":
            writer = csv.writer(self.file)
            writer.writerow(COLUMNS)
            self.write = lambda done: writer.writerow(
                [_cell(getattr(done, name) if name != "notes" else "; ".join(done.notes)) for name in COLUMNS]
            )
        else:
            file = self.file
            self.write = lambda done: print(
                json.dumps({name: getattr(done, name) for name in COLUMNS}, ensure_ascii=False)
                .encode("utf-8", "replace")
                .decode(),
                file=file,
            )
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        if self.file:
            self.file.close()


def _cell(value: object) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    text = str(value).encode("utf-8", "replace").decode()
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
