"""docs/performance.md: each command writes its own part anew, and leaves what people wrote beside it."""

import datetime
import os
import platform
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Characters of a statement.
LONGEST = 220
PAGE = ROOT / "docs" / "performance.md"
HEAD = """# How fast, and how flat

Each part below is written by the command that it names; run it to have the figures of your own machine. What stands
between the parts is written by people, and stays.
"""


def write(name: str, lines: Sequence[str]) -> None:
    """Put these lines where the part of that name stands, or at the end."""
    text = PAGE.read_text("utf-8") if PAGE.exists() else HEAD
    begin, end = f"<!-- {name}: written by the command -->", f"<!-- end of {name} -->"
    part = "\n".join([begin, *lines, end])
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    text = found.sub(lambda _match: part, text) if found.search(text) else f"{text.rstrip()}\n\n{part}\n"
    PAGE.write_text(text, "utf-8")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """As Markdown; the first column in words, the others in figures."""
    return [f"| {' | '.join(columns)} |", f"|---{'|---:' * (len(columns) - 1)}|", *(f"| {' | '.join(row)} |" for row in rows)]  # fmt: skip


class Machine:
    """The day, and what was measured on, with how much else ran there. A machine that is shared is not always as fast: the same
    plain loop is timed when it begins, at each `look`, and at the end.
    """

    def __init__(self) -> None:
        self._load, self._paces = os.getloadavg()[0], [pace()]

    def look(self) -> None:
        self._paces.append(pace())

    def __str__(self) -> str:
        self.look()
        info = Path("/proc/cpuinfo")
        cpu = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
        today = datetime.date.today()  # noqa: DTZ011  of this machine
        return (
            f"{today:%-d %B %Y}, {os.cpu_count()} cores of {cpu[1] if cpu else platform.processor()}, {platform.system()}, Python"
            f" {platform.python_version()}, load {self._load:.1f} when it began; a million steps of a plain loop took it"
            f" {min(self._paces):.0f} to {max(self._paces):.0f} ms"
        )


def pace(steps: int = 1_000_000, tries: int = 5) -> float:
    """Milliseconds of a processor for a million steps of a loop, by so many; the middle of several tries."""
    found = []
    for _ in range(tries):
        began, total = time.process_time(), 0
        for step in range(steps):
            total += step * step
        found.append((time.process_time() - began) * 1e9 / steps)
    return statistics.median(found)


def short(sql: str) -> str:
    """Enough of a statement to know it again, on one line and in a Markdown code span."""
    selected = re.sub(r"SELECT .*? FROM", "SELECT … FROM", sql, count=1, flags=re.DOTALL)
    plain = " ".join(selected.replace("`", "").split())
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"
