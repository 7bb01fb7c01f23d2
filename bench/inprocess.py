"""Pages asked of the WSGI application within this process, with the time they took and the statements they made."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Asked:
    status: int
    # On the clock, and what this process and the database’s took of a processor, which does not hang on what else runs.
    ms: float
    cpu: float = 0.0
    # Of that what this process took.
    own: float = 0.0
    # Each statement with its milliseconds.
    sql: list[tuple[float, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def sql_ms(self) -> float:
        return sum(ms for ms, _ in self.sql)


class Site:
    """Call it once Django is set up; the page cache has to be off (PAGE_CACHE_MB=0)."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application
        from django.test import RequestFactory

        self.application: Callable[..., Any] = get_wsgi_application()
        self.factory = RequestFactory(headers={"accept-encoding": "gzip", "host": "localhost"})
        self.cpu = Processor()

    def ask(self, path: str) -> Asked:
        from django.db import connection

        environ = self.factory.get(path).environ
        answer = Asked(0, 0.0)

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            answer.status = int(status.split(maxsplit=1)[0])

        with connection.execute_wrapper(_noting(answer.sql)):
            began, spent = time.perf_counter(), self.cpu.ms()
            own = time.process_time()
            answer.body = self.answer(environ, start)
            answer.own = (time.process_time() - own) * 1000
            answer.ms, answer.cpu = (time.perf_counter() - began) * 1000, self.cpu.ms() - spent
        return answer

    def answer(self, environ: dict[str, Any], start: Callable[..., Any] = lambda status, headers: None) -> bytes:
        """The page alone, for who looks at where its time goes."""
        found = self.application(environ, start)
        body = b"".join(found)
        if hasattr(found, "close"):
            found.close()
        return body


def _noting(into: list[tuple[float, str]]) -> Callable[..., Any]:
    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            into.append(((time.perf_counter() - began) * 1000, sql))

    return note


class Processor:
    """Milliseconds of a processor that this process and those of its connections to the database took so far: a pool has several,
    and a page may have another than the page before."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            # Processes of their own; those on another machine are not to be seen, and not counted.
            cursor.execute("SELECT pg_backend_pid(), current_user")
            backend, user = cursor.fetchone()
        self.title = f"postgres: {user} "
        status = Path(f"/proc/{backend}/status")
        parent = re.search(r"^PPid:\s*([0-9]+)", status.read_text(), re.MULTILINE) if status.exists() else None
        self.children = Path(f"/proc/{parent[1]}/task/{parent[1]}/children") if parent else None

    def ms(self) -> float:
        return time.process_time() * 1000 + sum(map(self._of, self._backends())) / 1e6

    def _backends(self) -> list[Path]:
        if self.children is None or not self.children.exists():
            return []
        return [Path("/proc") / pid for pid in self.children.read_text().split()]

    def _of(self, process: Path) -> int:
        try:
            # Those that write to the disk, or tidy up, work for everybody.
            is_ours = (process / "cmdline").read_text(errors="replace").startswith(self.title)
            return int((process / "schedstat").read_text().split()[0]) if is_ours else 0
        except OSError:
            return 0  # it has just ended
