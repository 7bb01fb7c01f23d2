"""`make bench`: each type of page as a share of bare bytes on the same server, in one run, written into docs/performance.md.

    .venv/bin/python -m bench.speed [--seconds 2] [--rounds 5]

Rounds alternate between all that is compared, so that whatever else the machine does meets them alike. The load comes from wrk, within
the same machine: the figures are for comparing. CPU is what the server's own processes took, the database's not.
"""

import argparse
import base64
import http.client
import io
import json
import re
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import library, report, servers
from bench.servers import Server

PIECES = 10_000
CONNECTIONS = 16
ENCODING = "gzip"
KEPT_PAGES = 2_000
SHOWN = (
    "article",
    "home",
    "region",
    "topic",
    "author",
    "archive, month",
    "feed",
    "print view",
    "search",
    "picture",
    "style sheet",
)
PICTURED = "bench-picture"
MARGIN = 0.85

console = Console(stderr=True)


@dataclass
class Load:
    """One thing that is compared: an address on a server, perhaps asked by somebody who has the page."""

    page: str
    how: str
    server: Server
    path: str
    headers: dict[str, str]
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def main() -> int:
    options = _options()
    if not shutil.which("wrk"):
        raise SystemExit("The load comes from wrk, and there is none. Install it (on Debian: apt-get install wrk).")
    machine = report.Machine()
    with library.opened(PIECES), ExitStack() as running:
        paths = _paths()
        var = {"VAR": str(library.folder(PIECES)), "SITE_URL": "http://localhost"}
        start = running.enter_context
        hot = start(servers.granian("hot", "forum.wsgi:application", **var | {"PAGE_CACHE_MB": "24"}))
        pages = {name: _fetch(hot, path) for name, path in paths.items()}
        kept = library.folder(PIECES) / "bare.json"
        kept.write_text(json.dumps({paths[name]: [f"{one[0]} OK", one[1], base64.b64encode(one[2]).decode()] for name, one in pages.items()}))  # fmt: skip
        cold = start(servers.granian("cold", "forum.wsgi:application", **var | {"PAGE_CACHE_MB": "0"}))
        bare = start(servers.granian("bare", "bench.bare:application", BARE=str(kept)))
        django = start(servers.granian("Django’s cache", "forum.wsgi:application", DJANGO_SETTINGS_MODULE="bench.django_cache", **var))  # fmt: skip
        static = start(servers.nginx(library.folder(PIECES), pages["article"][2], dict(pages["article"][1])["content-type"]))  # fmt: skip
        loads = _loads(paths, pages, bare=bare, hot=hot, cold=cold, django=django, static=static)
        _run(loads, machine, rounds=options.rounds, seconds=options.seconds)
        memory = {server.name: server.memory() for server in (bare, cold, hot, django)}
        many = _memory_of_many(
            start(servers.granian("many", "forum.wsgi:application", **var | {"PAGE_CACHE_MB": "24"})), options.pages
        )
    rows = _rows(loads)
    _show(rows)
    report.write("bench", _lines(rows, memory, many, str(machine), options, has_nginx=static is not None))
    console.print(f"Written into {report.PAGE.relative_to(report.ROOT)}.")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.speed", description="Each type of page as a share of bare bytes on the same server.")  # fmt: skip
    parser.add_argument("--seconds", type=float, default=2, help="how long each is asked in a round (default: 2)")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds (default: 5)")
    parser.add_argument("--pages", type=int, default=KEPT_PAGES, help=f"how many articles are kept to see what memory that takes (default: {KEPT_PAGES:,})")  # fmt: skip
    return parser.parse_args()


def _paths() -> dict[str, str]:
    from django.contrib.staticfiles.storage import staticfiles_storage

    from bench import questions

    pages = questions.pages()
    pages["print view"] = f"{pages['article']}print/"
    pages["search"] = "/search/?q=trade+policy"
    pages["picture"] = _picture()
    pages["style sheet"] = staticfiles_storage.url("css/tokens.css")
    return {name: pages[name] for name in SHOWN}


def _picture() -> str:
    """One of some 40 KB that readers have: within a page of its own, so that nothing else that is measured changes."""
    from PIL import Image as Pillow

    from articles import images
    from forum.models import Page

    page = Page.objects.filter(slug=PICTURED).first()
    if page is None:
        out = io.BytesIO()
        Pillow.effect_noise((640, 427), 20).convert("RGB").save(out, "JPEG", quality=60)
        image = images.store(out, len(out.getvalue()), alt="Noise")
        body = f'<figure><img src="{image.file.url}" alt="Noise"></figure>'
        page = Page.objects.create(slug=PICTURED, title="A picture", is_published=True, body=body)
    return page.body.split('src="')[1].partition('"')[0]


def _fetch(server: Server, path: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """What is answered there, without what each server says for itself."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers={"Accept-Encoding": ENCODING})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answers {answer.status}.")
    left_out = {"date", "server", "connection", "transfer-encoding"}
    return answer.status, [(n.lower(), v) for n, v in answer.getheaders() if n.lower() not in left_out], body


def _loads(paths: dict[str, str], pages: dict[str, Any], *, bare: Server, hot: Server, cold: Server, django: Server, static: Server | None) -> list[Load]:  # fmt: skip
    found: list[Load] = []
    plain = {"Accept-Encoding": ENCODING}
    for name, path in paths.items():
        tag = dict(pages[name][1]).get("etag", "")
        found.append(Load(name, "bare bytes", bare, path, plain))
        found.append(Load(name, "hot", hot, path, plain))
        if tag:
            found.append(Load(name, "304", hot, path, plain | {"If-None-Match": tag}))
        found.append(Load(name, "cold", cold, path, plain))
        if name == "article":
            found.append(Load(name, "Django’s cache", django, path, plain))
            found += [Load(name, "nginx, static file", static, "/page", plain)] if static else []
    return found


def _run(loads: list[Load], machine: report.Machine, *, rounds: int, seconds: float) -> None:
    for load in loads:
        _wrk(load, 0.5)  # warm
    todo = [load for _ in range(rounds) for load in loads]
    for load in track(todo, f"{rounds} rounds", console=console):
        if load is loads[0]:
            machine.look()
        before = load.server.cpu()
        count, rate, p50, p99 = _wrk(load, seconds)
        load.cpu.append((load.server.cpu() - before) / count * 1e6)
        load.rates.append(rate)
        load.p50.append(p50)
        load.p99.append(p99)


_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def _wrk(load: Load, seconds: float) -> tuple[int, float, float, float]:
    """How many were answered, how many a second, and the milliseconds that half of them and all but one in a hundred took."""
    # It counts whole seconds; half a one is what it takes at least.
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency", "--timeout", "20s"]
    for name, value in load.headers.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run([*command, load.server.site + load.path], check=True, capture_output=True, text=True).stdout
    if "Non-2xx or 3xx" in said or "Socket errors" in said:
        raise SystemExit(f"{load.how} of {load.page}:\n{said}")
    times = {int(m[1]): float(m[2]) * _UNITS[m[3]] for m in re.finditer(r"(\d+)%\s+([\d.]+)(us|ms|s|m)\b", said)}
    count = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]  # wrk always says it
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]  # the same
    return max(count, 1), rate, times[50], times[99]


def _memory_of_many(server: Server, count: int) -> tuple[int, list[float]]:
    """How many articles were asked of every worker, and the MB of the parent and of each worker afterwards."""
    from articles.models import Article

    pieces = Article.objects.filter(live__isnull=False).order_by("-pk")[:count]
    paths = [piece.get_absolute_url() for piece in pieces]
    # A connection stays with one worker: new ones until each has had every page.
    for _ in track(range(2 * servers.WORKERS), f"{len(paths):,} pages", console=console):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for path in paths:
            connection.request("GET", path, headers={"Accept-Encoding": ENCODING})
            connection.getresponse().read()
        connection.close()
    return len(paths), server.shares()


# --- What is written --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    page: str
    how: str
    share: float
    rate: float
    p50: float
    p99: float
    cpu: float


def _rows(loads: list[Load]) -> list[Row]:
    bare = {load.page: load.rates for load in loads if load.how == "bare bytes"}
    return [
        Row(
            load.page,
            load.how,
            statistics.median(rate / floor for rate, floor in zip(load.rates, bare[load.page], strict=True)),
            *(statistics.median(values) for values in (load.rates, load.p50, load.p99, load.cpu)),
        )
        for load in loads
    ]


COLUMNS = ("page", "how", "of bare bytes", "a second", "p50 ms", "p99 ms", "CPU µs")


def _cells(row: Row) -> tuple[str, ...]:
    share = f"{row.share:.2f}" if row.share >= 0.1 else f"{row.share:.4f}"
    return (row.page, row.how, share, f"{row.rate:,.0f}", f"{row.p50:.2f}", f"{row.p99:.2f}", f"{row.cpu:,.0f}")


def _show(rows: list[Row]) -> None:
    table = Table(*COLUMNS, title="As a share of bare bytes on the same server")
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)


def _lines(rows: list[Row], memory: dict[str, float], many: tuple[int, list[float]], machine: str, options: Any, *, has_nginx: bool) -> list[str]:  # fmt: skip
    by: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        by[row.page][row.how] = row
    article = by["article"]
    times = article["hot"].rate / article["Django’s cache"].rate
    lines = [
        "## As fast as static files",
        "",
        f"`make bench`, {machine}.",
        "",
        f"{PIECES:,} generated pieces; granian with {servers.WORKERS} workers, as `manage.py serve` runs it; {options.rounds} alternating rounds of {options.seconds:g} s, of which the middle is",
        f"shown; wrk with {CONNECTIONS} connections on the same machine, gzip. *Bare bytes* is a WSGI function that returns the page with its headers;",
        "*hot* is kept by the page cache, *304* asked by somebody who has the page, *cold* with the cache turned off. CPU is that of the server’s",
        "processes for one request, without the database’s.",
        "",
        *report.table(COLUMNS, [_cells(row) for row in rows]),
        "",
        f"- A hot article is at {article['hot'].share:.2f} of bare bytes (asked for: {MARGIN}) and {times:.1f} times as fast as Django’s own cache middleware in",
        "  local memory (asked for: 5).",
        f"- Memory of both workers and their parent, shared pages counted once: {', '.join(f'{name} {mb:.0f} MB' for name, mb in memory.items())}; after {many[0]:,} articles were asked of both",
        f"  {sum(many[1][1:]):.0f} MB of the workers (asked for: at most 150), and {many[1][0]:.0f} MB of their parent.",
    ]
    if not has_nginx:
        lines.append("- nginx is not installed here, so that a static file was not measured.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
