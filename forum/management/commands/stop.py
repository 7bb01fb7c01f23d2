"""`manage.py stop`: end what `manage.py serve` started."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from forum import embedded, processes
from forum.postgres import EmbeddedError


class Command(BaseCommand):
    help = "End the site that `manage.py serve` started from this VAR, or left behind when it was killed.\n\nExample: VAR=var2 manage.py stop"
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ended = processes.Record(settings.VAR).end_all()
            if settings.IS_EMBEDDED and embedded.stop(settings.VAR):
                ended.append("database")
        except PermissionError as error:
            raise CommandError("The site was started by another user, who has to stop it.") from error
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Stopped." if ended else f"Nothing is running from {settings.VAR}.")
