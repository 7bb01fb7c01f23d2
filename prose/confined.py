"""A module run in a process of its own, with limits: what a hostile file does to that process ends with it.

The process gets its input on its standard input and nothing else: no settings, no secrets, no files to write to. One that
takes too long or too much is ended, and its answer is cut short, which the caller has to notice.
"""

import os
import resource
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path


def ask(module: str, data: bytes, *, seconds: float, most: int) -> bytes:
    """What `python -m module` answers to `data`: all of it, or what there was of it when it was ended.

    An answer of more than `most` bytes comes with one byte more.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        # Where the modules are, and nothing else of what this process knows.
        env={
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parents[1]), *filter(None, sys.path)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
        },
        start_new_session=True,
    )
    timer = threading.Timer(seconds, _end, [process])
    timer.daemon = True
    timer.start()
    # Sent from a thread: a process that answers before it has read all would else wait for us, and we for it.
    sender = threading.Thread(target=_send, args=(process, data), daemon=True)
    sender.start()
    try:
        assert process.stdout is not None
        return process.stdout.read(most + 1)
    finally:
        _end(process)
        timer.cancel()
        sender.join()
        with suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        process.stdout.close()  # type: ignore[union-attr]
        process.wait()


def _send(process: "subprocess.Popen[bytes]", data: bytes) -> None:
    with suppress(OSError):
        assert process.stdin is not None
        process.stdin.write(data)
        process.stdin.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process if it still runs: it stands in a session of its own, whose number is its own."""
    if process.poll() is None:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)


def limit(*, processor_seconds: int, memory: int) -> None:
    """Called in the process itself, before it reads anything."""
    limits = [
        (resource.RLIMIT_CPU, processor_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_AS, memory),  # macOS does not keep to it; the limits of whoever reads hold there
    ]
    for kind, most in limits:
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
