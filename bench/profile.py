"""Where the time of an uncached page goes, by what it is spent on, written into docs/performance.md.

    .venv/bin/python -m bench.profile [/2020/01/25/slug/]

Without an address it is an article of a generated publication. The profiler makes small functions look dearer than they are: the shares are of
a profiled page, the milliseconds those of a page without it.
"""

import cProfile
import pstats
import re
import statistics
import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import library, report

PIECES = 10_000
PAGES, TIMED = 100, 60
# What a function belongs to, by its file; the first that fits.
PARTS = (
    # Prepared statements wait within libpq, of which the profiler sees who called it.
    ("waiting for the database", r"psycopg.*\b(?:wait|execute|fetch)|^~.*psycopg|/forum/statements\.py rows_of$"),
    ("psycopg: to and from Python", r"/psycopg"),
    ("Django’s ORM: making statements", r"/django/db/models/sql/|/django/db/models/(?:expressions|lookups|query_utils)|/django/utils/tree"),
    ("Django’s ORM: making rows into objects", r"/django/db/"),
    ("templates", r"/django/template/|/django/utils/(?:safestring|html)|/django/templatetags/"),
    ("addresses (reverse and resolve)", r"/django/urls/|/django/utils/regex_helper"),
    ("dates and languages", r"/django/utils/(?:formats|dateformat|translation|timezone|dates)|/gettext|zoneinfo"),
    ("middleware and handler", r"/django/(?:core/handlers|middleware|http)|/whitenoise|/csp/|/allauth/"),
    ("compression and hashes", r"zlib|gzip|brotli|hashlib|_blake2"),
    ("JSON", r"/json/|_json"),
    ("our code", re.escape(str(library.ROOT)) + r"/(?!\.venv)"),
    ("the rest of Django", r"/django/"),
    ("Python itself", r""),
)  # fmt: skip
FUNCTIONS = 15

console = Console(stderr=True)


def main() -> int:
    machine = report.Machine()
    with library.opened(PIECES):
        from bench import questions
        from bench.inprocess import Site

        site = Site()
        path = sys.argv[1] if len(sys.argv) > 1 else questions.pages()["article"]
        for _ in range(5):
            site.ask(path)
        asked = [site.ask(path) for _ in range(TIMED)]
        from forum.remembered import forget_all

        first = []
        for _ in range(TIMED):
            forget_all()
            first.append(site.ask(path))
        site.ask(path)
        profiler = cProfile.Profile()
        for _ in range(PAGES):
            environ = site.factory.get(path).environ
            profiler.enable()
            site.answer(environ)
            profiler.disable()
    middle = sorted(asked, key=lambda one: one.ms)[TIMED // 2]
    stats = pstats.Stats(profiler)
    total = stats.total_tt  # type: ignore[attr-defined]  # its types leave it out
    parts = _parts(stats)
    ms = statistics.median(one.cpu for one in asked)
    rows = [(name, f"{share:.0%}", f"{share * ms:.2f}") for name, share in parts]
    shown = Table("spent on", "share", "ms", title=f"{path}: {ms:.1f} ms, {len(middle.sql)} statements")
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
    lines = [
        "## An uncached article",
        "",
        f"`python -m bench.profile`, {machine}.",
        "",
        f"{ms:.1f} ms of a processor for a whole page of {PIECES:,} generated pieces, with {len(middle.sql)} statements; {statistics.median(one.cpu for one in first):.1f} ms where",
        "nothing is remembered of the piece, as the first time after a start. Where they go, by the files of the functions that took them:",
        "",
        *report.table(("spent on", "share", "ms"), rows),
        "",
        "Its statements:",
        "",
        *(f"- {took:.2f} ms `{report.short(sql)}`" for took, sql in middle.sql),
        "",
        "The functions that took most, without what they called:",
        "",
        *report.table(("function", "calls a page", "share"), _functions(stats, total)),
    ]
    report.write("bench-profile", lines)
    console.print(f"Written into {report.PAGE.relative_to(report.ROOT)}.")
    return 0


def _parts(stats: pstats.Stats) -> list[tuple[str, float]]:
    spent: Counter[str] = Counter()
    for (file, _line, name), (_calls, _all, own, _cumulative, _callers) in stats.stats.items():  # type: ignore[attr-defined]  # its types leave it out
        spent[_part(f"{file} {name}")] += own
    total = sum(spent.values())
    return [(name, own / total) for name, own in spent.most_common()]


def _part(function: str) -> str:
    return next(name for name, pattern in PARTS if re.search(pattern, function))


def _functions(stats: pstats.Stats, total: float) -> list[tuple[str, str, str]]:
    found = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:FUNCTIONS]  # type: ignore[attr-defined]  # the same
    rows = []
    for (file, line, name), (_calls, calls, own, _cumulative, _callers) in found:
        where = f"{'/'.join(Path(file).parts[-2:])}:{line} " if line else ""
        rows.append((f"`{where}{name}`".replace("|", "¦"), f"{calls / PAGES:,.0f}", f"{own / total:.1%}"))
    return rows


if __name__ == "__main__":
    sys.exit(main())
