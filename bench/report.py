"""docs/performance.md: each command writes its own part anew, and leaves what people wrote beside it."""

import datetime
import os
import platform
import re
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


def machine() -> str:
    """The day, and what it ran on, with how much else ran there."""
    info = Path("/proc/cpuinfo")
    cpu = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    today = datetime.date.today()  # noqa: DTZ011  of this machine
    return (
        f"{today:%-d %B %Y}, {os.cpu_count()} cores of {cpu[1] if cpu else platform.processor()}, {platform.system()}, Python"
        f" {platform.python_version()}, load {os.getloadavg()[0]:.1f} when it began"
    )


def short(sql: str) -> str:
    """Enough of a statement to know it again, on one line and in a Markdown code span."""
    selected = re.sub(r"SELECT .*? FROM", "SELECT … FROM", sql, count=1, flags=re.DOTALL)
    plain = " ".join(selected.replace("`", "").split())
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"
