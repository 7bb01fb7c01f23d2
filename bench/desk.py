"""The desk's list at volume: time and queries of its pages at 100, 1,000 and 10,000 pieces, as ratios to the first.

    VAR=/tmp/bench .venv/bin/python -m bench.desk [PIECES …]

Works in a database of its own under VAR (never the site's), which it fills and keeps; run again, it goes on from there.
"""

import atexit
import os
import statistics
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rich.console import Console
from rich.progress import track

from accounts import roles
from accounts.models import User
from articles.models import Article, Region
from editorial import access, writing
from editorial.perform import perform
from forum import embedded

LIST = "/admin/articles/article/"
PAGES = {
    "first page": "",
    "last pages": "?p={last}",
    "submitted": "?status=submitted",
    "overdue": "?status=overdue",
    "mine": "?editor=me",
    "whose turn: author": "?turn=author",
    "region": "?region={region}",
    "search, rare": "?q=number4711",
    "search, common": "?q=harbours",
    "sorted by title": "?o=1",
}
TRIES = 5


def fill(count: int, editor: User) -> None:
    """Pieces in the states that a desk has, the work of `editorial.writing` and `perform`."""
    region, _ = Region.objects.get_or_create(name="East Asia")
    have = Article.objects.count()
    body = "<p>" + "Harbours and the words of a piece about them. " * 120 + "</p>"
    for number in track(range(have, count), f"Pieces up to {count:,}", disable=not sys.stderr.isatty()):
        with transaction.atomic():
            article = writing.begin(
                by=editor,
                editor=editor if number % 3 else None,
                title=f"Piece number{number}",
                in_brief="In brief.",
                body=body,
            )
            article.regions.add(region)
            if number % 10:
                article.handling.conflict_of_interest = article.handling.appeared_elsewhere = "none"
                article.handling.save()
                article.bylines.create(name=f"Author {number % 500}")
                if article.handling.editor_id:
                    perform(article, "submit", by=editor)
                    if number % 2:
                        perform(article, "accept", by=editor)


def measure(desk: Client, editor: User, region: Region) -> dict[str, tuple[float, int]]:
    """Median milliseconds and number of queries of each page."""
    last = max(access.desk_pieces(editor).count() // 50, 1)
    found = {}
    for name, query in PAGES.items():
        address = LIST + query.format(last=last, region=region.pk)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(address).status_code == 200, address
        # Counted now: the next request empties the log.
        count = len(queries)
        times = []
        for _ in range(TRIES):
            start = time.perf_counter()
            desk.get(address)
            times.append((time.perf_counter() - start) * 1000)
        found[name] = statistics.median(times), count
    return found


def main() -> None:
    """Fill, measure, print."""
    steps = [int(argument) for argument in sys.argv[1:]] or [100, 1_000, 10_000]
    if settings.IS_EMBEDDED:
        embedded.ensure(settings.VAR, is_durable=False)
        atexit.register(embedded.release, settings.VAR)
    connection.settings_dict["NAME"] = "bench_desk"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'bench_desk'")
        if not cursor.fetchone():
            cursor.execute("CREATE DATABASE bench_desk")
    call_command("migrate", verbosity=0)
    editor = User.objects.filter(email="bench@desk.example").first() or User.objects.create_user(
        "bench@desk.example", name="Bench"
    )
    editor.give_role(roles.MANAGING_EDITOR)
    desk = Client()
    desk.force_login(User.objects.get(pk=editor.pk))
    results = {}
    for count in steps:
        fill(count, editor)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        results[count] = measure(desk, User.objects.get(pk=editor.pk), Region.objects.get(name="East Asia"))
    console = Console()
    first = results[steps[0]]
    for name in PAGES:
        cells = [
            f"{count:,}: {results[count][name][0]:.0f} ms ({results[count][name][0] / first[name][0]:.1f}x, {results[count][name][1]} queries)"
            for count in steps
        ]
        console.print(f"{name:22}", "   ".join(cells))


if __name__ == "__main__":
    main()
