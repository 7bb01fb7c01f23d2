"""`manage.py renditions`: make the renditions of pictures that have none yet."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from articles import renditions
from articles.models import Image


class Command(BaseCommand):
    help = (
        "Make the renditions (AVIF and WebP, in several widths) of all pictures that have none, such as after moving in.\n"
        "The worker makes those of new pictures by itself. Each picture is done once it is named, so the command can be\n"
        "interrupted and run again.\n\n"
        "Example: manage.py renditions\n"
        "Example: manage.py renditions --all     (after widths or quality were changed)\n"
        "Example: manage.py renditions --damaged (after missing files were put back)"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--all", action="store_true", help="Make those of every picture anew.")
        which.add_argument("--damaged", action="store_true", help="Try those again whose file was missing or damaged.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            wanted = Image.objects.all()
        elif options["damaged"]:
            wanted = Image.objects.filter(renditions__has_key="problem")
        else:
            wanted = renditions.missing()
        ids = list(wanted.order_by("pk").values_list("pk", flat=True))
        problems = []
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        console = Console(quiet=options["verbosity"] == 0)
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            for pk in progress.track(ids, description="Pictures"):
                image = Image.objects.filter(pk=pk).first()
                if image and (problem := renditions.make(image)):
                    problems.append(f"Picture {pk}: {problem}")
        for line in problems:
            self.stderr.write(line)
        if options["verbosity"] > 0:
            done = len(ids) - len(problems)
            self.stdout.write(
                f"{done} picture{'' if done == 1 else 's'} done." if ids else "Every picture has its renditions."
            )
        if problems:
            raise CommandError(f"Of {len(problems)} picture{'' if len(problems) == 1 else 's'} none could be made.")
