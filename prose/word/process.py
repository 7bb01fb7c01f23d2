"""Reading a Word document in a process of its own, with limits: what it does to that process ends with it.

It answers with one line of JSON, then the bytes of the pictures. A document that takes too long or too much is given up,
and its author is told so. `prose.confined` has the process itself.
"""

import json
import sys
import threading
from typing import Final

from prose import confined
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
        return _understood(confined.ask("prose.word.process", data, seconds=seconds, most=MAX_ANSWER))
    finally:
        _places.release()


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


def _main() -> None:
    confined.limit(processor_seconds=PROCESSOR_SECONDS, memory=MEMORY)
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
