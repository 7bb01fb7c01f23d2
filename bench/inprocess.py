"""Pages asked of the WSGI application within this process, with the time they took and the statements they made."""

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
            found = self.application(environ, start)
            answer.body = b"".join(found)
            if hasattr(found, "close"):
                found.close()
            answer.ms, answer.cpu = (time.perf_counter() - began) * 1000, self.cpu.ms() - spent
        return answer


def _noting(into: list[tuple[float, str]]) -> Callable[..., Any]:
    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            into.append(((time.perf_counter() - began) * 1000, sql))

    return note


class Processor:
    """Milliseconds of a processor that this process and its connection to the database took so far."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            # A process of its own; one on another machine is not to be seen, and not counted.
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def ms(self) -> float:
        theirs = int(self.backend.read_text().split()[0]) if self.backend.exists() else 0
        return time.process_time() * 1000 + theirs / 1e6
