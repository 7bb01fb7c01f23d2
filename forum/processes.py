"""The processes that `manage.py serve` starts: known again by `manage.py stop`, and never outliving their owner for long."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

# What a process may take to end in an orderly way before it is killed.
END_SECONDS = 10

_PR_SET_PDEATHSIG = 1
# Looked up here: nothing may be imported between fork and exec.
_prctl = getattr(ctypes.CDLL(None), "prctl", None)


def started_at(pid: int) -> str | None:
    """When a process was started, as the system says it; None where it is gone. Tells a number given anew from the old one."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] in "ZX" else fields[19]  # a zombie is gone but for its number
    seen = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True)  # noqa: S607, PLW1510  no output says it
    return seen.stdout.strip() or None


class Record:
    """VAR/serve.pid: which processes are ours, so that they can be ended after their owner was killed."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.path = var / "serve.pid"
        self.processes: dict[str, tuple[int, str]] = {}
        self.address = ""
        try:
            saved = json.loads(self.path.read_text())
            self.address = saved["address"]
            self.processes = {name: (int(pid), str(start)) for name, (pid, start) in saved["processes"].items()}
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            pass  # none, or cut short by a crash: then there is nobody we could know again

    def add(self, name: str, pid: int) -> None:
        """Remember a process from now on."""
        self.processes[name] = (pid, started_at(pid) or "")
        unfinished = self.path.with_suffix(".new")
        unfinished.write_text(json.dumps({"address": self.address, "processes": self.processes}))
        unfinished.replace(self.path)

    def is_alive(self, name: str) -> bool:
        pid, start = self.processes.get(name, (0, ""))
        return bool(start) and started_at(pid) == start

    def is_gone(self, name: str) -> bool:
        return not self.is_alive(name)

    def end_all(self) -> list[str]:
        """End what still runs of these, the owner first so that it restarts nothing. Names what was ended."""
        ended = []
        for name in sorted(self.processes, key=lambda name: name != "serve"):
            pid, _ = self.processes[name]
            if self.is_alive(name):
                # The owner ends its own, which takes as long as theirs.
                is_owner = name == "serve"
                seconds = END_SECONDS + 5 if is_owner else END_SECONDS
                end(pid, partial(self.is_gone, name), seconds, is_head=not is_owner)
                ended.append(name)
            elif name != "serve" and started_at(pid) is None and end_orphans(pid, self.var):
                ended.append(name)
        self.path.unlink(missing_ok=True)
        return ended


def start(command: list[str], environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    """Start a process at the head of a group of its own, told to end if we die."""
    parent = os.getpid()

    def before() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    # A group of its own: Ctrl-C in the terminal reaches us alone, and we end the others in order.
    return subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=before,  # noqa: PLW1509  there are no threads here: the pool is closed before
    )


def end(pid: int, is_gone: Callable[[], bool], seconds: float = END_SECONDS, *, is_head: bool = True) -> None:
    """Ask a process to end, kill it if it does not, and then whatever it left of the group that it heads."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while not is_gone() and time.monotonic() < deadline:
            time.sleep(0.05)
        if not is_gone():
            os.kill(pid, signal.SIGKILL)
    if is_head:
        end_group(pid)


def end_group(pid: int) -> None:
    """Kill what is left of a group that we started and whose head is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def end_orphans(pid: int, var: Path) -> bool:
    """Kill what is left of a group that a killed `serve` started. Says whether there was anybody.

    After a restart of the machine the number may be that of a stranger's group: ours have our VAR in their environment.
    """
    mark = b"VAR=" + os.fsencode(var)
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(folder.name)) == pid and mark in (folder / "environ").read_bytes().split(b"\0"):
                end_group(pid)
                return True
    return False
