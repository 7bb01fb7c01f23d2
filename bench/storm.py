"""`make storm`: does anybody ever get a page that is not true any more? Two machines, four processes, eight readers, an editor.

    .venv/bin/python -m bench.storm [--seconds 30]

A database, and two web nodes on loopback with their own memory, each with two processes. The editor changes a piece every few
milliseconds, by POST to one node. Readers ask all the time, on connections that go round among the processes. Meanwhile
processes are killed and come back, listeners are cut off, pieces come that were scheduled, and now and then a whole
node is lost and started again while readers go on at the other. What is counted:

- on the node that the editor went to, an answer that began after the editor was answered and is older than that change: must be none;
- on the other node, one that is older than a change by more than a tenth of a second: must be none;
- an answer that shows a scheduled piece before its moment, or lacks it after: must be none.

The same holds while a node is lost and when it is back: the editor goes to the other meanwhile, and there must be answers there.
"""

import argparse
import http.client
import itertools
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("VAR") or ROOT / "var") / "storm"
READERS = 8
PROCESSES = 2
LAG = 0.1
console = Console()


@dataclass
class Node:
    """A web node: granian with two processes, and memory of its own."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    # All of its processes were killed, and it does not answer yet.
    is_lost: bool = False
    since: float = field(default_factory=time.monotonic)

    def workers(self) -> list[int]:
        """The processes that answer, by their parent."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)  # noqa: S607
        return [int(line) for line in found.stdout.split()]


@dataclass
class Seen:
    """What readers got, counted; and the last numbers that the editor was told to be through, with when."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    counts: Counter[str] = field(default_factory=Counter)
    # (when the editor was answered, the number that the piece has since, the node that answered)
    done: list[tuple[float, int, str]] = field(default_factory=lambda: [(0.0, 0, "")])
    faults: list[str] = field(default_factory=list)

    def least(self, at: float, node: str) -> int:
        """The number that whoever asks a node from that moment on must see, or a later one."""
        for when, number, through in reversed(self.done):
            if when + (0 if through == node else LAG) <= at:
                return number
        return 0


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(name: str, database: str) -> Node:
    port, var = _port(), FOLDER / name
    var.mkdir(parents=True, exist_ok=True)
    (var / "static").symlink_to(FOLDER / "static")
    return Node(name, port, launch(name, port, database))


def launch(name: str, port: int, database: str) -> "subprocess.Popen[bytes]":
    environment = os.environ | {
        "DATABASE_URL": database, "VAR": str(FOLDER / name), "PORT": str(port), "SECRET_KEY": "storm", "ALLOWED_HOSTS": "localhost,127.0.0.1", "SITE_URL": "http://localhost",
        "SECURE_SSL_REDIRECT": "0",
    }  # fmt: skip
    command = [
        sys.executable, "-c", "from forum.server import main; main('bench.storm_app:application')", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(PROCESSES), "--blocking-threads", "4", "--respawn-failed-workers", "--respawn-interval", "0.1", "--log-level", "critical",
    ]  # fmt: skip
    return subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)


def ask(port: int, path: str, method: str = "GET", body: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body or None, {"Content-Type": "text/plain"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


def wait_for(node: Node, path: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if ask(node.port, path)[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The {node.name} node did not start.")


_NUMBER = re.compile(r"storm-(\d+)-storm")


def read(node: Node, other: Node, path: str, seen: Seen, is_over: threading.Event) -> None:
    while not is_over.is_set():
        began = time.monotonic()
        try:
            status, text = ask(node.port, path)
        except (OSError, http.client.HTTPException):
            # Its process was killed, or all of them.
            seen.counts["refused by a node that was lost" if node.is_lost else "refused"] += 1
            time.sleep(0.01)
            continue
        if status != 200 or not (match := _NUMBER.search(text)):
            seen.counts[f"status {status}"] += 1
            continue
        wanted = seen.least(began, node.name)
        with seen.lock:
            seen.counts[f"answers of the {node.name} node"] += 1
            seen.counts["answers of a node while the other was lost"] += other.is_lost
            if int(match[1]) < wanted:
                seen.counts["stale"] += 1
                lost = f", the {other.name} node being lost" if other.is_lost else ""
                seen.faults.append(
                    f"{node.name}: got {match[1]}, was to get {wanted}, {began - seen.done[-1][0]:.4f} s after{lost}"
                )


def edit(nodes: list[Node], piece: int, seen: Seen, is_over: threading.Event) -> None:
    """At the first node, or where that is lost at the other."""
    number = 0
    while not is_over.is_set():
        number += 1
        node = next((one for one in nodes if not one.is_lost), nodes[0])
        try:
            status, _ = ask(node.port, f"/storm/{piece}/", "POST", str(number))
        except (OSError, http.client.HTTPException):
            # Nobody knows whether it came through: the next one says.
            seen.counts["edits unanswered"] += 1
            time.sleep(0.01)
            continue
        if status == 200:
            seen.counts["edits"] += 1
            seen.counts["edits while a node was lost"] += any(one.is_lost for one in nodes)
            seen.done.append((time.monotonic(), number, node.name))
        else:
            seen.counts[f"edits with status {status}"] += 1
        time.sleep(random.uniform(0, 0.006))  # noqa: S311  no secret


def lose(nodes: list[Node], path: str, database: str, seen: Seen, is_over: threading.Event) -> None:
    """A whole node: each of its processes at once, as when its machine dies; then it is started again."""
    for turn in itertools.count():
        if is_over.wait(5):
            return
        node = nodes[turn % len(nodes)]
        node.is_lost = True
        os.killpg(node.process.pid, signal.SIGKILL)
        node.process.wait()
        seen.counts["nodes lost"] += 1
        is_over.wait(1)
        node.process = launch(node.name, node.port, database)
        wait_for(node, path)
        node.since, node.is_lost = time.monotonic(), False
        seen.counts["nodes back"] += 1


def kill(nodes: list[Node], seen: Seen, is_over: threading.Event) -> None:
    """One process after the other, of either node in turn; granian gives up where one dies within seconds of its birth."""
    for turn in itertools.count():
        if is_over.wait(4):
            return
        node = nodes[turn % len(nodes)]
        if node.is_lost or time.monotonic() - node.since < 4:
            continue
        workers = node.workers()
        if workers:
            os.kill(workers[0], signal.SIGKILL)  # the eldest
            seen.counts["processes killed"] += 1


def cut(run: Callable[[str], object], seen: Seen, is_over: threading.Event) -> None:
    while not is_over.wait(3):
        run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^(LISTEN|SELECT 1)' AND pid <> pg_backend_pid()"
        )
        seen.counts["listeners cut"] += 1


def schedule(
    nodes: list[Node], place: "Place", seen: Seen, run: Callable[[str], object], is_over: threading.Event
) -> None:
    """A piece's moment: from then on, and not before, the front page names it."""
    while not is_over.wait(1):
        moment = time.time() + 1
        run(f"UPDATE articles_article SET published_at = to_timestamp({moment!r}) WHERE id = {place.scheduled}")  # noqa: S608
        seen.counts["moments"] += 1
        time.sleep(LAG)
        while not is_over.is_set() and time.time() < moment + 0.5:
            for node in nodes:
                before = time.time()
                try:
                    _, text = ask(node.port, "/")
                except (OSError, http.client.HTTPException):
                    continue
                after, is_there = time.time(), place.slug in text
                seen.counts["looks at a moment"] += 1
                if is_there and after < moment:
                    seen.faults.append(f"{node.name}: {moment - after:.4f} s too early")
                if not is_there and before > moment:
                    seen.faults.append(f"{node.name}: {before - moment:.4f} s too late")


@dataclass
class Place:
    """The piece that is edited, and the one that is scheduled."""

    edited: int
    address: str
    scheduled: int
    slug: str


def pick(connection: Any) -> Place:
    rows = connection.execute(
        "SELECT id, slug, published_on FROM articles_article WHERE status = 'published' ORDER BY published_at DESC LIMIT 2"
    ).fetchall()
    (scheduled, slug, _), (edited, edited_slug, on) = rows
    return Place(edited, f"/{on:%Y/%m/%d}/{edited_slug}/", scheduled, slug)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.storm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=30, help="How long it blows (default: %(default)g).")
    seconds: float = parser.parse_args().seconds
    shutil.rmtree(FOLDER / "editor", ignore_errors=True)
    shutil.rmtree(FOLDER / "other", ignore_errors=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")
    from forum import embedded

    FOLDER.mkdir(parents=True, exist_ok=True)
    embedded.ensure(FOLDER, is_durable=False)
    nodes: list[Node] = []
    try:
        import psycopg

        database = embedded.url(FOLDER)
        for command in (
            ["migrate", "--verbosity", "0"],
            ["collectstatic", "--noinput", "--verbosity", "0"],
            ["generate_articles", "60", "--seed", "1"],
        ):
            subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=os.environ | {"VAR": str(FOLDER)}, check=True
            )
        with psycopg.connect(database, autocommit=True) as connection:
            lock = threading.Lock()

            def run(sql: str) -> None:
                with lock:
                    connection.execute(sql)

            place = pick(connection)
            run(f"UPDATE articles_byline SET affiliation = 'storm-0-storm' WHERE article_id = {place.edited}")  # noqa: S608
            nodes = [start("editor", database), start("other", database)]
            for node in nodes:
                wait_for(node, place.address)
            seen, is_over = Seen(), threading.Event()
            threads = [
                threading.Thread(target=read, args=(node, other, place.address, seen, is_over))
                for node, other in (nodes, reversed(nodes))
                for _ in range(READERS // 2)
            ]
            threads += [
                threading.Thread(target=edit, args=(nodes, place.edited, seen, is_over)),
                threading.Thread(target=lose, args=(nodes, place.address, database, seen, is_over)),
                threading.Thread(target=kill, args=(nodes, seen, is_over)),
                threading.Thread(target=cut, args=(run, seen, is_over)),
                threading.Thread(target=schedule, args=(nodes, place, seen, run, is_over)),
            ]
            for one in threads:
                one.start()
            with console.status(f"A storm of {seconds:g} seconds …"):
                time.sleep(seconds)
            is_over.set()
            for one in threads:
                one.join(60)
    finally:
        for node in nodes:
            os.killpg(node.process.pid, signal.SIGTERM)
            node.process.wait()
        embedded.release(FOLDER)
    for name, count in sorted(seen.counts.items()):
        console.print(f"{name}: {count}")
    for fault in seen.faults[:20]:
        console.print(f"[red]{fault}[/red]")
    console.print("Nobody got what was not true." if not seen.faults else f"{len(seen.faults)} faults.")
    if seen.counts["nodes lost"] and not seen.faults:
        lost = seen.counts["answers of a node while the other was lost"]
        console.print(
            f"While a node was lost, the other gave {lost:,} answers, each true within {LAG * 1000:.0f} ms of a change."
        )
    went = ("edits", *(("answers of a node while the other was lost",) if seen.counts["nodes lost"] else ()))
    return 1 if seen.faults or not all(seen.counts[one] for one in went) else 0


if __name__ == "__main__":
    sys.exit(main())
