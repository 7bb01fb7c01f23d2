"""The process that reads: the name and the file on its standard input, one line of JSON and the new file on its output."""

import json
import sys
from typing import Final

from prose import confined
from prose.papers.given import Refused
from prose.papers.here import strip_here

PROCESSOR_SECONDS: Final = 18
MEMORY: Final = 512 * 1024 * 1024


def _main() -> None:
    confined.limit(processor_seconds=PROCESSOR_SECONDS, memory=MEMORY)
    # The tree of a long document's headings is deep.
    sys.setrecursionlimit(6000)
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    content = b""
    try:
        stripped = strip_here(data, asked["name"], person=asked["person"])
    except Refused as problem:
        said: dict[str, object] = {"problem": str(problem)}
    except MemoryError:
        said = {"problem": ""}
    else:
        content = stripped.data
        said = {
            "kind": stripped.kind,
            "found": stripped.found,
            "text": stripped.text,
            "remarks": stripped.remarks,
            "size": len(content),
        }
    out = sys.stdout.buffer
    out.write(json.dumps(said).encode() + b"\n" + content)
    out.flush()


if __name__ == "__main__":
    _main()
