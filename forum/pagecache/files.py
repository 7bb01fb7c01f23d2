"""Files on their way to readers: small ones at once, parts of them, and where a kept one lies.

That everybody may have a file is what the page cache keeps (`front`); its bytes are read from the disk each time, since the
system keeps those of files that are asked for, once for all processes. Where they come from a bucket, they are kept as pages are.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# So much is read at once: nearly every picture as a whole.
BLOCK = 1 << 20
# One part, as readers ask for it; whoever asks for several gets the whole, as the standard allows.
_RANGE = re.compile(r"bytes=\s*([0-9]{0,15})\s*-\s*([0-9]{0,15})\s*", re.ASCII)

Start = Callable[..., Any]
Headers = list[tuple[str, str]]


def at_once(file: IO[bytes], size: int = 0) -> Iterable[bytes]:
    """`wsgi.file_wrapper`: a list where it is small, which granian sends several times as fast as a piece after the other."""
    try:
        first = file.read(BLOCK)
    except BaseException:
        file.close()
        raise
    if len(first) < BLOCK:
        file.close()
        return [first]
    return _Pieces(file, first)


class _Pieces:
    """The rest of a large file, closed by whoever sends it."""

    def __init__(self, file: IO[bytes], first: bytes) -> None:
        self.file, self.first = file, first
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        piece = self.first
        while piece:
            yield piece
            piece = self.file.read(BLOCK)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a file lies, or its bytes."""

    size: int
    path: str = ""
    body: bytes = b""
    # When it was written: another at its place is not this one.
    written: int = 0

    @classmethod
    def of(cls, file: Any) -> "Kept | None":
        """What Django has handed over to be sent; None for what has just gone from the disk."""
        path = Path(getattr(file, "name", "") or "")
        if path.is_absolute():
            try:
                found = path.stat()
            except OSError:
                return None
            return cls(found.st_size, str(path), written=found.st_mtime_ns)
        body = file.read()
        return cls(len(body), body=body)

    def is_there(self) -> bool:
        """Whether it is still what lies at its place."""
        if not self.path:
            return True
        try:
            found = Path(self.path).stat()
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (self.size, self.written)

    def answer(self, environ: dict[str, Any], start: Start, headers: Headers, etag: str) -> Iterable[bytes] | None:
        """The file or the part that is asked for; None where it is gone, or was written anew."""
        descriptor = -1
        if self.path:
            try:
                descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                return None
        try:
            if self.path:
                found = os.fstat(descriptor)
                if (found.st_size, found.st_mtime_ns) != (self.size, self.written):
                    return None
            status, begin, end = self._part(environ, etag)
            if status.startswith("416"):
                # What one reader asked for amiss is kept for no other.
                headers = [(name, value) for name, value in headers if name.lower() != "cache-control"]
                headers.append(("Cache-Control", "no-store"))
            start(status, [*headers, *self._measures(status, begin, end)])
            if environ["REQUEST_METHOD"] == "HEAD" or begin == end:
                return []
            if not self.path:
                return [self.body[begin:end]]
            if end - begin <= BLOCK:
                return [os.pread(descriptor, end - begin, begin)]
            pieces = _Blocks(descriptor, begin, end)
            descriptor = -1  # now its own
            return pieces
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _part(self, environ: dict[str, Any], etag: str) -> tuple[str, int, int]:
        """Status, the first byte and the one after the last."""
        asked = environ.get("HTTP_RANGE")
        if asked is None or environ["REQUEST_METHOD"] == "HEAD" or environ.get("HTTP_IF_RANGE", etag) != etag:
            return "200 OK", 0, self.size
        match = _RANGE.fullmatch(asked.strip())
        if match is None or match.groups() == ("", ""):
            return "200 OK", 0, self.size
        first, last = match.groups()
        if first and last and int(last) < int(first):
            return "200 OK", 0, self.size
        begin = int(first) if first else max(0, self.size - int(last))
        end = min(int(last) + 1, self.size) if first and last else self.size
        if begin >= end:
            return "416 Range Not Satisfiable", 0, 0
        return "206 Partial Content", begin, end

    def _measures(self, status: str, begin: int, end: int) -> Headers:
        measures = [("Content-Length", str(end - begin)), ("Accept-Ranges", "bytes")]
        if status.startswith("206"):
            measures.append(("Content-Range", f"bytes {begin}-{end - 1}/{self.size}"))
        elif status.startswith("416"):
            measures.append(("Content-Range", f"bytes */{self.size}"))
        return measures


class _Blocks:
    """A large file from the disk, block by block."""

    def __init__(self, descriptor: int, begin: int, end: int) -> None:
        self.descriptor, self.begin, self.end = descriptor, begin, end

    def __iter__(self) -> Iterator[bytes]:
        while self.begin < self.end:
            piece = os.pread(self.descriptor, min(BLOCK, self.end - self.begin), self.begin)
            if not piece:
                return
            self.begin += len(piece)
            yield piece

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    # Of a reader who went away nobody may tell.
    __del__ = close
