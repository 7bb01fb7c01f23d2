"""Stripping in a process of its own, with limits on time and memory."""

import json
import threading
from typing import Final

from prose import confined
from prose.papers.given import MAX_BYTES, TAKEN, Refused, Stripped

SECONDS: Final = 20
# Rebuilding changes the size of a file little, but pictures in old kinds may grow.
MAX_ANSWER: Final = 64 * 1024 * 1024
# Files that are read at the same time, in this process of the server.
AT_ONCE: Final = 2

_places = threading.BoundedSemaphore(AT_ONCE)
_GIVEN_UP = (
    "Reading the file took too much time or memory, so it was given up. Save it anew, with fewer or smaller pictures, or "
    "copy the text into the form."
)


def strip(data: bytes, name: str, *, person: str = "Referee", seconds: float = SECONDS) -> Stripped:
    """The file without what tells who made it. Raises Refused, with what to do, where it can't be taken.

    What it is follows from its content; of its `name`, only the ending counts. Comments and tracked changes that stay are
    signed with `person`.
    """
    if not data:
        raise Refused("The file is empty. Perhaps it was not copied whole; choose it again.")
    if len(data) > MAX_BYTES:
        raise Refused(
            f"The file has {len(data) / 1048576:.0f} MB; at most {MAX_BYTES // 1048576} MB are taken. "
            "Save it with smaller pictures, then choose it again."
        )
    if not _places.acquire(timeout=seconds):
        raise Refused("Other files are being read just now. Wait a minute, then choose yours again.")
    try:
        asked = json.dumps({"name": name[-200:], "person": person}).encode() + b"\n" + data
        return _understood(confined.ask("prose.papers.child", asked, seconds=seconds, most=MAX_ANSWER))
    finally:
        _places.release()


def _understood(answer: bytes) -> Stripped:
    head, end, rest = answer.partition(b"\n")
    if not end or len(answer) > MAX_ANSWER:
        raise Refused(_GIVEN_UP)
    said = json.loads(head)
    if said.get("problem") == "":
        raise Refused(_GIVEN_UP)
    if "problem" in said:
        raise Refused(said["problem"])
    if len(rest) != said["size"]:
        raise Refused(_GIVEN_UP)
    if len(rest) > MAX_BYTES * 2:
        raise Refused(f"Rebuilt, the file is too large. Save it with smaller pictures. Taken are {TAKEN}.")
    return Stripped(rest, said["kind"], said["found"], said["text"], said["remarks"])
