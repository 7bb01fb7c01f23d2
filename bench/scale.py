"""`make bench-scale`: what readers' pages and searches take at 10,000, 100,000 and 1,000,000 generated pieces, written into docs/performance.md.

    .venv/bin/python -m bench.scale [10000 100000 1000000] [--words 120]

Each size has a database of its own (`bench.library`), filled once, which takes a minute for 10,000, and kept. Pages are asked of the
WSGI application within a process, without the page cache, until what can be cached is; the middle one of several tries counts. The
sizes take turns, so that a machine that has others to serve meets them alike.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import library, report

SIZES = (10_000, 100_000, 1_000_000)
TRIES, WARM = 7, 2
# How many times each size has its turn.
PASSES = 3
# Steps of the loop that tells how fast the machine is just then (`report.pace`): some milliseconds.
STEPS = 50_000
MIXED, PUBLISHED = 200, 200
# Above this factor from the smallest to the largest a page does not stay flat; below so many milliseconds it is noise.
FLAT, NOISE = 1.3, 1.0
SLOWEST = 12

console = Console(stderr=True)


def main() -> int:
    """Measure each size in a process of its own; print, and write. 1 if a page does not stay flat."""
    if "--at" in sys.argv:
        size = int(sys.argv[sys.argv.index("--at") + 1])
        with library.opened(size):
            kept = json.loads(_kept(size).read_text("utf-8")) if _kept(size).exists() else []
            _kept(size).write_text(json.dumps([*kept, measure()]), "utf-8")
        return 0
    sizes = [int(text.replace(",", "").replace("_", "")) for text in sys.argv[1:]] or list(SIZES)
    machine = report.Machine()
    for size in sizes:
        _kept(size).unlink(missing_ok=True)
    for number, size in [(number, size) for number in range(1, PASSES + 1) for size in sizes]:
        console.print(f"{size:,} pieces, {number} of {PASSES}")
        subprocess.run([sys.executable, "-m", "bench.scale", "--at", str(size)], check=True, cwd=library.ROOT)
        machine.look()
    passes = {size: json.loads(_kept(size).read_text("utf-8")) for size in sizes}
    # As fast as the machine was when it was fastest.
    full = min(page["pace"] for several in passes.values() for one in several for page in one["pages"].values())
    found = {size: _together(several, full) for size, several in passes.items()}
    rows = _rows(found)
    shown = Table(*_columns(sizes), title="Milliseconds of a processor, and by the clock")
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
    report.write("bench-scale", _lines(found, rows, str(machine)))
    console.print(f"Written into {report.PAGE.relative_to(report.ROOT)}.")
    return 1 if any(row[-2].endswith("*") for row in rows) else 0


def _kept(size: int) -> Path:
    return library.folder(size) / "scale.json"


# --- Measuring, in the process of one size ----------------------------------------------------------


def measure() -> dict[str, Any]:
    from bench import questions
    from bench.inprocess import Site

    site = Site()
    pages: dict[str, Any] = {}
    asked = questions.pages() | questions.searches()
    for name, path in track(asked.items(), "Pages", console=console):
        pages[name] = _page(site, path)
    mixed: list[tuple[str, float, float, float]] = []
    for path in track(questions.mixed(MIXED), "Mixed searches", console=console):
        site.ask(path)  # once for what it brings into the cache: a popular archive has that
        pace, one = report.pace(STEPS, 1), site.ask(path)
        mixed.append((path, one.ms, one.cpu, pace))
    return {"pages": pages, "mixed": mixed, "publication": _publications(), "bytes": questions.bytes_of_database()}


def _together(passes: list[dict[str, Any]], full: float) -> dict[str, Any]:
    """Of each page and each search the middle one of all passes; of publications all, since each is of another piece. What a processor took is
    told as of one that is as fast as the machine was at its fastest: a shared one is often slower, for minutes.
    """
    for one in passes:
        for page in one["pages"].values():
            page["cpu"] *= full / page["pace"]
            page["own"] *= full / page["pace"]
        one["mixed"] = [(path, ms, cpu * full / pace) for path, ms, cpu, pace in one["mixed"]]
        one["publication"] = [(ms, cpu * full / pace) for ms, cpu, pace in one["publication"]]
    mixed = [sorted(several, key=lambda one: one[2])[len(several) // 2] for several in zip(*[one["mixed"] for one in passes], strict=True)]  # fmt: skip
    return {
        "pages": {
            name: sorted((one["pages"][name] for one in passes), key=lambda page: page["cpu"])[len(passes) // 2]
            for name in passes[0]["pages"]
        },
        "mixed": _spread([(ms, cpu) for _, ms, cpu in mixed]),
        "mixed slowest": sorted(((cpu, path) for path, _, cpu in mixed), reverse=True)[:5],
        "publication": _spread([time for one in passes for time in one["publication"]]),
        "bytes": passes[-1]["bytes"],
    }


def _page(site: Any, path: str) -> dict[str, Any]:
    # A page that takes seconds need not be asked so often to be known as slow.
    warm = [site.ask(path) for _ in range(WARM)]
    tries = [(report.pace(STEPS, 1), site.ask(path)) for _ in range(TRIES if warm[-1].ms < 2000 else 1)]
    tries.sort(key=lambda one: one[1].cpu / one[0])
    pace, middle = tries[len(tries) // 2]
    return {
        "path": path,
        "status": middle.status,
        "ms": middle.ms,
        "cpu": middle.cpu,
        "own": middle.own,
        "pace": pace,
        "sql": middle.sql_ms,
        "queries": len(middle.sql),
        "slowest": max(middle.sql, default=(0.0, "")),
    }


def _publications() -> list[tuple[float, float, float]]:
    """What a publication or a correction waits for: lists and search of a piece, brought in step and committed."""
    import random

    from django.db import transaction

    from articles.listing import relist
    from articles.models import Article
    from bench.inprocess import Processor

    ids = Article.objects.order_by("pk").values_list("pk", flat=True)
    first, last = ids[0], ids.reverse()[0]
    # Others each time: the entry of one that was brought in step before is as it will be, and costs no index anything.
    chance = random.Random()  # noqa: S311  nothing secret
    processor = Processor()
    times: list[tuple[float, float, float]] = []
    for pk in track([chance.randint(first, last) for _ in range(PUBLISHED)], "Publications", console=console):
        if article := Article.objects.filter(pk=pk).first():
            pace = report.pace(STEPS, 1)
            began, spent = time.perf_counter(), processor.ms()
            with transaction.atomic():
                relist(article)
            times.append(((time.perf_counter() - began) * 1000, processor.ms() - spent, pace))
    return times


def _spread(times: Sequence[Sequence[float]]) -> dict[str, tuple[float, float]]:
    """By the clock and by the processor."""
    found = []
    for several in zip(*times, strict=True):
        cut = statistics.quantiles(several, n=100, method="inclusive")
        found.append({"p50": cut[49], "p95": cut[94], "p99": cut[98], "worst": max(several)})
    clock, cpu = found
    return {name: (clock[name], cpu[name]) for name in clock}


# --- What is written --------------------------------------------------------------------------------


def _columns(sizes: list[int]) -> tuple[str, ...]:
    return ("page", "queries", *(f"{size:,}" for size in sizes), "factor", "of it Python")


def _rows(found: dict[int, dict[str, Any]]) -> list[tuple[str, ...]]:
    rows = []
    for name in next(iter(found.values()))["pages"]:
        ones = [at["pages"][name] for at in found.values()]
        # A page of another status would be quick for another reason.
        figures = [f"{one['cpu']:.1f} ({one['ms']:.1f})" if one["status"] == 200 else f"status {one['status']}" for one in ones]  # fmt: skip
        rows.append((name, str(ones[-1]["queries"]), *figures, _factor(ones[0]["cpu"], ones[-1]["cpu"]), f"{ones[-1]['own']:.1f}"))  # fmt: skip
    for what, label in (("mixed", "200 mixed searches"), ("publication", "one publication")):
        for part in ("p50", "p95", "p99", "worst"):
            spread = [at[what][part] for at in found.values()]
            rows.append((f"{label}, {part}", "", *(f"{cpu:.1f} ({ms:.1f})" for ms, cpu in spread), _factor(spread[0][1], spread[-1][1], is_page=False), ""))  # fmt: skip
    return rows


def _factor(first: float, last: float, *, is_page: bool = True) -> str:
    is_steep = is_page and last > first * FLAT and last - first > NOISE
    return f"{last / first:.2f}{' *' if is_steep else ''}"


def _lines(found: dict[int, dict[str, Any]], rows: list[tuple[str, ...]], machine: str) -> list[str]:
    sizes = list(found)
    largest = found[sizes[-1]]["pages"]
    told = ", ".join(f"{size:,}: {at['bytes'] / 1e9:.1f} GB" for size, at in found.items())
    lines = [
        "## Flat to a million pieces",
        "",
        f"`make bench-scale`, {machine}.",
        "",
        f"Generated pieces of about {library.WORDS} words, the biggest region, topic, author and special feature of each size, in databases of",
        f"{told}, with {library.CACHE} of shared buffers. Milliseconds of a processor (of this process and the database’s) for a whole page without the",
        f"page cache, warm, the middle of {TRIES} tries, and of {PASSES} passes in which the sizes take turns; each set against a plain loop timed just before it, as of the machine at its fastest; in brackets those by the clock, which on a busy machine are more. A star marks a page that takes more than {FLAT} times as long at the largest size as at the smallest.",
        "*Python* is what the server’s process took at the largest size, the rest is the database’s. A publication is what it waits for: lists and search of the piece brought in step, and committed.",
        "",
        *report.table(_columns(sizes), rows),
        "",
        f"The slowest statements at {sizes[-1]:,} pieces:",
        "",
    ]
    slowest = sorted(((one["slowest"], name) for name, one in largest.items()), reverse=True)[:SLOWEST]
    lines += [f"- {ms:.1f} ms, {name}: `{report.short(sql)}`" for (ms, sql), name in slowest]
    worst = found[sizes[-1]]["mixed slowest"]
    lines += [
        "",
        "The slowest of the mixed searches: " + ", ".join(f"`{path}` {ms:.0f} ms" for ms, path in worst) + ".",
    ]
    return lines


if __name__ == "__main__":
    os.chdir(library.ROOT)
    sys.exit(main())
