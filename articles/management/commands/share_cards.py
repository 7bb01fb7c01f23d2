"""`manage.py share_cards`: draw the cards of shared links that are due."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from articles.models import Article
from articles.share_cards import cards
from forum.models import Masthead


class Command(BaseCommand):
    help = (
        "Draw the pictures that stand beside shared links: of the publication, and of each piece that has none or one of\n"
        "another time. The worker does that by itself, a few hundred every ten minutes; this does all now. It can be\n"
        "interrupted and run again.\n\n"
        "Example: manage.py share_cards\n"
        "Example: manage.py share_cards --all   (after fonts were installed)"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="Draw every card anew.")

    def handle(self, *args: Any, **options: Any) -> None:
        masthead = Masthead.current()
        done = int(cards.make_site(masthead))
        pieces = Article.objects.filter(live__isnull=False).newest_first() if options["all"] else cards.due(masthead)
        ids = list(pieces.values_list("pk", flat=True))
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        console = Console(quiet=options["verbosity"] == 0)
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            for pk in progress.track(ids, description="Cards"):
                done += cards.make(pk, anew=options["all"])
        if options["verbosity"] > 0:
            self.stdout.write(
                f"{done} card{'' if done == 1 else 's'} drawn." if done else "Every card is there already."
            )
