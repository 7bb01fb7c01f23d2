"""`make audit`: what outside tools say of readers' pages, printed and written into docs/quality.md.

    .venv/bin/python -m bench.audit [http://localhost:8000]

Without an address the demonstration is served for it, from a folder of its own in VAR. Lighthouse comes from npm into the
same folder, with a Node that is new enough where this machine's is not; npm and Chromium are needed.
"""

import contextlib
import datetime
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench import feeds, weights
from bench.readers import chromium, pages_of

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "quality.md"
FOLDER = Path(os.environ.get("VAR") or ROOT / "var") / "audit"
LIGHTHOUSE = "13.5.0"
NODE, NODE_AT_LEAST = "22.23.3", (22, 19)  # what that needs
CATEGORIES = {
    "performance": "performance",
    "accessibility": "accessibility",
    "best-practices": "best practices",
    "seo": "SEO",
}
LEAST = 99
RUNS = 3
AUDITED = ("home", "article", "region", "author", "search")
# Results of a search are not for search engines, which say so themselves: the page asks them to keep it out.
SKIPPED = {"search": ["is-crawlable"]}
METRICS = {"first-contentful-paint": "first paint", "largest-contentful-paint": "largest paint", "total-blocking-time": "blocked", "cumulative-layout-shift": "shift", "total-byte-weight": "weight"}  # fmt: skip

console = Console()


def main() -> int:
    """Serve, look, print, write. 1 if something falls short."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served(sys.argv[1] if len(sys.argv) > 1 else "") as site:
        scores = lighthouse(site)
        visits = weights.weigh(site)
        fed = feeds.check(site)
    problems = [
        f"{name}: {CATEGORIES[category]} is {score}" for name, one in scores.items() for category, score in one["scores"].items() if score < LEAST
    ]  # fmt: skip
    problems += weights.over({"article": visits["article"]}) + [
        f"{name}: {p}" for name, found in fed.items() for p in found
    ]
    tables: list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]] = [
        (f"Lighthouse {LIGHTHOUSE}, mobile", *_scores(scores)),
        ("A first visit by phone, kB as they travel", weights.COLUMNS, weights.rows(visits)),
        ("Feeds", ("feed", "found wrong"), [(name, "; ".join(found) or "nothing") for name, found in fed.items()]),
    ]
    for title, columns, rows in tables:
        table = Table(*columns, title=title)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    for problem in problems:
        console.print(f"[red]{problem}[/red]")
    REPORT.write_text(_report(tables, problems), "utf-8")
    console.print(f"Written into {REPORT.relative_to(ROOT)}.")
    return 1 if problems else 0


# --- The site -------------------------------------------------------------------------------------


@contextlib.contextmanager
def served(address: str) -> Iterator[str]:
    """The site at that address; else the demonstration, served as in a deployment (granian, compressed, hashed names)."""
    if address:
        yield address.rstrip("/")
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"VAR": str(FOLDER / "site"), "PORT": str(port)}
    environment.pop("DATABASE_URL", None)
    manage = [sys.executable, str(ROOT / "manage.py")]
    console.print("Serving the demonstration …")
    process = subprocess.Popen([*manage, "serve"], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Forum runs at"):
                break
        else:
            raise SystemExit("The demonstration could not be served; what it said is above.")
        _make_renditions(environment)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.communicate()


def _make_renditions(environment: dict[str, str]) -> None:
    """The worker makes them within minutes; a visitor of the first minute is not the one to look for."""
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "renditions"], env=environment, check=True, stdout=subprocess.DEVNULL
    )


# --- Lighthouse -----------------------------------------------------------------------------------


def tool() -> list[str]:
    """The command of Lighthouse, installed from npm if it is not there yet."""
    if not (npm := shutil.which("npm")):
        raise SystemExit("Lighthouse comes from npm, and there is none. Install it (on Debian: apt-get install npm).")
    home = FOLDER / f"lighthouse-{LIGHTHOUSE}"
    modules = home / "node_modules"
    program, node = modules / "lighthouse" / "cli" / "index.js", shutil.which("node") or ""
    wanted = [] if program.exists() else [f"lighthouse@{LIGHTHOUSE}"]
    if _version(node) < NODE_AT_LEAST:
        package = f"node-{platform.system().lower()}-{'arm64' if platform.machine() in ('arm64', 'aarch64') else 'x64'}"
        node = str(modules / package / "bin" / "node")
        wanted += [] if Path(node).exists() else [f"{package}@{NODE}"]
    if wanted:
        console.print(f"Installing {' and '.join(wanted)} from npm …")
        # Nothing of theirs runs while they are installed.
        command = [npm, "install", "--prefix", str(home), "--no-audit", "--no-fund", "--ignore-scripts", *wanted]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return [node, str(program)]


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout if node else "v0"
    return tuple(map(int, re.findall("[0-9]+", said)[:2]))


def lighthouse(site: str) -> dict[str, dict[str, Any]]:
    """Each page a few times; of them the run in the middle, by performance, which is what differs."""
    program, pages = tool(), pages_of(site)
    found: dict[str, dict[str, Any]] = {}
    for name in track(AUDITED, "Lighthouse", console=console):
        # The first visit fills what the server keeps.
        urllib.request.urlopen(site + pages[name], timeout=60).close()  # noqa: S310  our own site
        runs = sorted((_run(program, site + pages[name], SKIPPED.get(name, [])) for _ in range(RUNS)), key=lambda run: run["scores"]["performance"])  # fmt: skip
        found[name] = runs[len(runs) // 2]
        found[name]["path"] = pages[name]
        found[name]["spread"] = statistics.pstdev(run["scores"]["performance"] for run in runs)
    return found


def _run(program: list[str], address: str, skipped: list[str]) -> dict[str, Any]:
    command = [*program, address, "--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}"]
    command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"]
    command += [f"--skip-audits={','.join(skipped)}"] if skipped else []
    done = subprocess.run(
        command, check=False, env=os.environ | {"CHROME_PATH": chromium()}, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"Lighthouse failed on {address}:\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout)
    short = [
        audit["title"] for category in report["categories"].values() for ref in category["auditRefs"] if ref["weight"]
        for audit in [report["audits"][ref["id"]]] if audit["score"] is not None and audit["score"] < 0.9
    ]  # fmt: skip
    return {
        "scores": {name: round((one["score"] or 0) * 100) for name, one in report["categories"].items()},
        "metrics": {name: report["audits"][name]["displayValue"].replace("\xa0", " ") for name in METRICS},
        "short": short,
    }


def _scores(found: dict[str, dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    columns = ("page", *CATEGORIES.values(), *METRICS.values(), "falls short in")
    rows = [
        (name, *(str(one["scores"][c]) for c in CATEGORIES), *(one["metrics"][m].replace("Total size was ", "") for m in METRICS), "; ".join(one["short"]) or "nothing")
        for name, one in found.items()
    ]  # fmt: skip
    return columns, rows


# --- What is written ------------------------------------------------------------------------------


def _machine() -> str:
    """What it ran on, in a line."""
    cpu = (
        re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        if Path("/proc/cpuinfo").exists()
        else None
    )
    browser = subprocess.run([chromium(), "--version"], check=False, capture_output=True, text=True).stdout.strip()
    return f"{os.cpu_count()} cores of {cpu[1] if cpu else platform.processor()}, {platform.system()}, Python {platform.python_version()}, {browser}"


def _report(tables: list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]], problems: list[str]) -> str:
    lines = [
        "# What outside tools say of readers’ pages",
        "",
        f"Written by `make audit` on {datetime.date.today():%-d %B %Y} from the demonstration, served by `manage.py serve`. {_machine()}.",  # noqa: DTZ011  of this machine
        "",
        f"Each score is of 100, at least {LEAST} is asked for, and of {RUNS} runs the one in the middle is shown. Times are those of Lighthouse’s slow",
        "phone (four times slower than this machine, 1.6 Mbit/s, 150 ms to the server), as it computes them.",
        "",
    ]
    for title, columns, rows in tables:
        lines += [f"## {title}", "", f"| {' | '.join(columns)} |", f"|---{'|---:' * (len(columns) - 1)}|"]
        lines += [f"| {' | '.join(row)} |" for row in rows] + [""]
    lines += ["## What falls short", "", *([f"- {p}" for p in problems] or ["Nothing."]), "", *NOTES]
    return "\n".join(lines)


NOTES = """## How to read this

- **Budgets** of an article: HTML and CSS at most 50 kB, script at most 10 kB and never needed, fonts at most 80 kB, as they travel.
  Pictures have none: each is there in several sizes, and those further down come when they are near.
- **Search** asks search engines to leave its results out (`noindex`), as they ask sites to. Lighthouse counts that as a fault of every
  page; for this one that audit is left out, and all others of SEO stand.
- **Fonts** are `optional`: one that arrives after the first paint is used from the next page on. No text moves under a reader’s eyes.
- **Feeds**: the W3C’s feed validator is in no registry. Each feed is read by feedparser, Atom is held to the RELAX NG schema of
  RFC 4287, and what the validator warns of is asked for in `bench/feeds.py`: absolute addresses, dates in their form and order, ids that
  are unique, a link of the feed to itself, the media type.

## What `make test` checks on every type of page

In `tests/readers/`, on one publication with a page of every type, many scripts among them: no error by the W3C’s HTML checker (Nu); nothing that axe
finds (WCAG 2.2 AA and its best practice) in light, dark, forced colours, on a phone, at 320 px, 400 % zoom, 200 % text, with increased spacing and in print; no sideways scroll and
no text cut off in any of them; no violation of the content security policy; ids, headings and links in order; the same words without scripts and in a text browser; the budgets above; no request to
strangers; nothing that moves, with fonts that come late.
""".splitlines()


if __name__ == "__main__":
    sys.exit(main())
