"""Servers to measure, each a process of its own with two workers, with what their workers cost."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forum import processes

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    name: str
    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self) -> list[int]:
        """Its own and those of its workers."""
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*"):
                with contextlib.suppress(OSError):
                    found += [int(child) for child in (task / "children").read_text().split()]
        return found

    def cpu(self) -> float:
        """Seconds of a processor that it took so far."""
        total = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory(self) -> float:
        """MB of all its processes, what they share counted once."""
        return sum(self.shares())

    def shares(self) -> list[float]:
        """MB of each of its processes, the parent’s first; of what several share each has its part."""
        found = []
        for pid in self.pids():
            with contextlib.suppress(OSError):
                told = Path(f"/proc/{pid}/smaps_rollup").read_text()
                found.append(int(told.partition("\nPss:")[2].split()[0]) / 1024)
        return found


@contextlib.contextmanager
def granian(name: str, application: str, **environment: str) -> Iterator[Server]:
    """With the options of `manage.py serve`; the site itself as that starts it, with memory that its processes share."""
    port = _free_port()
    starts = ["-m", "forum.server"]
    if application != "forum.wsgi:application":
        starts = ["-m", "granian", "--interface", "wsgi", "--no-ws", application]
    command = [sys.executable, *starts, "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(WORKERS), "--blocking-threads", str(min(8, 2 * (os.cpu_count() or 1)))]  # fmt: skip
    command += ["--workers-kill-timeout", "8", "--log-level", "warning"]
    with _running(name, command, port, os.environ | environment) as server:
        yield server


@contextlib.contextmanager
def nginx(folder: Path, body: bytes, kind: str) -> Iterator[Server | None]:
    """One page as a static file, compressed beforehand; nothing where nginx is not installed."""
    program = shutil.which("nginx")
    if program is None:
        yield None
        return
    port = _free_port()
    pages = folder / "nginx"
    pages.mkdir(parents=True, exist_ok=True)
    (pages / "page").write_bytes(body)
    # Its workers may be another user, who has to get in.
    for place in (pages, pages / "page"):
        place.chmod(0o755 if place.is_dir() else 0o644)
    user = "user root;" if os.getuid() == 0 else ""
    (pages / "nginx.conf").write_text(
        f"""{user} worker_processes {WORKERS}; daemon off; pid {pages}/pid; error_log {pages}/log error;
        events {{ worker_connections 512; }}
        http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; etag on;
          server {{ listen 127.0.0.1:{port}; root {pages}; default_type "{kind}"; add_header Content-Encoding gzip; }} }}"""
    )
    command = [program, "-p", str(pages), "-c", str(pages / "nginx.conf")]
    with _running("nginx", command, port, dict(os.environ), "/page") as server:
        yield server


@contextlib.contextmanager
def _running(name: str, command: list[str], port: int, environment: dict[str, str], path: str = "/") -> Iterator[Server]:  # fmt: skip
    # They end with us, however we end.
    process = processes.start(command, environment, ROOT)
    try:
        _wait(process, port, path)
        yield Server(name, process, port)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"A server did not start: {process.args!r}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
