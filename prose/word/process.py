"""Reading a Word document in a process of its own, with limits: what it does to that process ends with it.

The process gets the document on its standard input and nothing else: no settings, no secrets, no files to write to. It
answers on its standard output with one line of JSON, then the bytes of the pictures. A document that takes too long or
too much is given up, and its author is told so.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from prose.word import Picture, WordError, WordText
from prose.word import read as read_here
from prose.word.limits import MAX_PICTURE_BYTES

# A text of 400,000 characters takes 1.5 s of a processor; a bomb is refused before the second is over.
SECONDS: Final = 15
PROCESSOR_SECONDS: Final = 8
# Addresses, not memory in use, which is less: a text of 400,000 characters with its notes has 40 MB.
MEMORY: Final = 256 * 1024 * 1024
# The longest answer that is taken: a text of the longest kind with its markup, and the pictures.
MAX_HEAD: Final = 12 * 1024 * 1024
MAX_ANSWER: Final = MAX_HEAD + MAX_PICTURE_BYTES
# Documents that are read at the same time, in this process of the server.
AT_ONCE: Final = 2

_places = threading.BoundedSemaphore(AT_ONCE)
_TOO_LONG = (
    "Reading the document took too long, so it was given up. Take out what is not text, or copy the text into a new "
    "document, and choose that."
)


def read(data: bytes, *, seconds: float = SECONDS) -> WordText:
    """The text of a .docx, as `prose.word.read` gives it. Raises WordError where it can't be taken."""
    if not _places.acquire(timeout=seconds):
        raise WordError("Other documents are being read just now. Wait a minute, then choose yours again.")
    try:
        return _read(data, seconds)
    finally:
        _places.release()


def _read(data: bytes, seconds: float) -> WordText:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "prose.word.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        # Where the modules are, and nothing else of what this process knows.
        env={
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parents[2]), *filter(None, sys.path)]),
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
        answer = process.stdout.read(MAX_ANSWER + 1)
    finally:
        _end(process)
        timer.cancel()
        sender.join()
        with suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        process.stdout.close()  # type: ignore[union-attr]
        process.wait()
    return _understood(answer)


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


def _understood(answer: bytes) -> WordText:
    head, end, rest = answer.partition(b"\n")
    if not end or len(answer) > MAX_ANSWER:
        raise WordError(_TOO_LONG)
    said = json.loads(head)
    if "problem" in said:
        raise WordError(said["problem"])
    pictures, at = [], 0
    for number, size, alt in said["pictures"]:
        pictures.append(Picture(number, rest[at : at + size], alt))
        at += size
    if at != len(rest):
        raise WordError(_TOO_LONG)
    return WordText(said["title"], said["in_brief"], said["html"], pictures, said["remarks"])


# --- The process itself ---------------------------------------------------------------------------


def _limit() -> None:
    limits = [
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_AS, MEMORY),  # macOS does not keep to it; the limits in `prose.word` hold there
    ]
    for kind, most in limits:
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def _main() -> None:
    _limit()
    sys.setrecursionlimit(6000)
    pictures: list[Picture] = []
    try:
        text = read_here(sys.stdin.buffer.read())
    except WordError as problem:
        said: dict[str, object] = {"problem": str(problem)}
    except MemoryError:
        said = {"problem": _TOO_LONG}
    else:
        pictures = text.pictures
        said = {
            "title": text.title,
            "in_brief": text.in_brief,
            "html": text.html,
            "remarks": text.remarks,
            "pictures": [[picture.number, len(picture.data), picture.alt] for picture in pictures],
        }
    out = sys.stdout.buffer
    out.write(json.dumps(said).encode() + b"\n")
    for picture in pictures:
        out.write(picture.data)
    out.flush()


if __name__ == "__main__":
    _main()
