"""`manage.py demo`: a publication to look round in, with a piece for everyone."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from demo import content, load


class Command(BaseCommand):
    help = (
        "Load the demonstration: an invented publication with its people, regions, topics, pictures and pieces in every"
        " state.\nWhat is there already is left as it is, so it can be run again at any time, also after an interruption.\n\n"
        "Example: manage.py demo\n"
        "Example: manage.py demo --new-passwords"
    )

    # Whether somebody typed the command, or `serve` calls it.
    is_typed = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="Load it even though the site has pieces of its own.")
        parser.add_argument(
            "--new-passwords",
            action="store_true",
            help="Give the accounts of the demonstration new passwords and write them down.",
        )

    def run_from_argv(self, argv: list[str]) -> None:
        self.is_typed = True
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_loud = options["verbosity"] > 0
        try:
            publication = content.read()
            outcome = self.load(publication, is_forced=options["force"])
        except (load.DemoError, content.ContentError) as problem:
            raise CommandError(str(problem)) from problem
        for line in outcome.left_out:
            self.stderr.write(f"Left out {line}")
        if options["new_passwords"]:
            load.renew_passwords(publication)
        if not self.is_loud:
            return
        self.say(
            "The demonstration is loaded."
            if outcome.new
            else "The demonstration was loaded already; nothing was changed."
        )
        self.say_accounts()

    def load(self, publication: content.Publication, *, is_forced: bool) -> load.Outcome:
        # On the standard error, so that what the command says can be kept without the bar.
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(
            *columns, console=console, disable=not (self.is_loud and console.is_terminal), transient=True
        ) as bar:
            task = bar.add_task("Demonstration", total=None)

            def progress(done: int, total: int, label: str) -> None:
                bar.update(
                    task, completed=done, total=total, description=label if len(label) < 40 else f"{label[:39]}…"
                )

            return load.load(publication, is_forced=is_forced, progress=progress)

    def say_accounts(self) -> None:
        """Where the passwords are; in full for whoever typed the command (`serve` lists them when the site is up)."""
        found = load.accounts()
        path = load.accounts_file()
        if not found:
            self.say(f"The passwords are not in {path} any more. To make new ones: manage.py demo --new-passwords")
        elif self.is_typed or not settings.IS_EMBEDDED:
            columns = ("role", "email", "password", "note")
            widths = {column: max(len(account[column]) for account in found) for column in columns}
            self.say("\nSign in with one of these:\n")
            for account in found:
                self.say("  " + "   ".join(account[column].ljust(widths[column]) for column in columns).rstrip())
            self.say(f"\nThey are kept in {path}")

    def say(self, text: str) -> None:
        self.stdout.write(text)
