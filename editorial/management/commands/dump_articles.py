"""`manage.py dump_articles`: pieces as `load_articles` takes them in."""

import os
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from editorial.bulk.dump import FOLDER, Dumper, pieces, write


class Command(BaseCommand):
    help = (
        "Write pieces as JSON, one a line, with their pictures: what readers have, retracted ones included.\n"
        "`load_articles` takes the file in on another site (docs/loading.md).\n\n"
        "Example: manage.py dump_articles --out backup/pieces.jsonl\n"
        "Example: manage.py dump_articles --public > pieces.jsonl"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--out", metavar="FILE", help="Where to write; else to the standard output, without pictures."
        )
        parser.add_argument(
            "--images", metavar="DIR", help="Where the pictures go; else a folder “images” beside FILE."
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--all",
            action="store_true",
            help="Every piece, drafts included, each with its status; those are not loaded again.",
        )
        which.add_argument("--public", action="store_true", help="Only what stands on lists: no retracted pieces.")

    def handle(self, *args: Any, **options: Any) -> None:
        out = Path(options["out"]) if options["out"] else None
        folder = Path(options["images"]) if options["images"] else (out.parent / FOLDER if out else None)
        try:
            if folder:
                folder.mkdir(parents=True, exist_ok=True)
            dumper = Dumper(folder)
            chosen = pieces(has_all=options["all"], is_listed=options["public"])
            if out is None:
                write(dumper.records(chosen), self.stdout, lambda count: None)  # type: ignore[arg-type]  # Django’s wrapper of the stream
                return
            count = self._write(dumper, chosen, out, is_loud=options["verbosity"] > 0)
        except OSError as problem:
            raise CommandError(f"{problem.filename} can’t be written: {problem.strerror}.") from problem
        if options["verbosity"] > 0:
            self.stdout.write(
                f"{count} piece{'s' if count != 1 else ''} written to {out}; the pictures are in {folder}."
            )
        for name in dumper.missing:
            self.stderr.write(f"The picture {name} is not in the store.")

    @staticmethod
    def _write(dumper: Dumper, chosen: Any, out: Path, *, is_loud: bool) -> int:
        """Wholly or not at all: what stood there stays until the new file is whole."""
        out.parent.mkdir(parents=True, exist_ok=True)
        new = out.with_name(f".{out.name}.{os.getpid()}")
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        try:
            with (
                new.open("w", encoding="utf-8") as file,
                Progress(
                    *columns, console=console, disable=not (is_loud and console.is_terminal), transient=True
                ) as bar,
            ):
                task = bar.add_task("Pieces", total=chosen.count())
                count = write(dumper.records(chosen), file, lambda done: bar.update(task, completed=done))
            new.replace(out)
        finally:
            new.unlink(missing_ok=True)
        return count
