"""What is taken, what comes back, and what is said of a file that is not taken."""

from dataclasses import dataclass, field
from typing import Final

from prose.characters import clean
from prose.slugs import slug

MAX_BYTES: Final = 20 * 1024 * 1024
# Of the words that are handed on for the identity check.
MAX_TEXT: Final = 400_000
MAX_FOUND: Final = 100
MAX_FOUND_LENGTH: Final = 300

KINDS: Final = ("pdf", "docx", "txt", "md", "png", "jpeg")
_SUFFIXES: Final = {"jpeg": "jpg"}
MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain; charset=utf-8",
    "md": "text/plain; charset=utf-8",  # not text/markdown: no browser shows it
    "png": "image/png",
    "jpeg": "image/jpeg",
}
TAKEN: Final = "PDF, Word (.docx), plain text, Markdown, PNG and JPEG"


class Refused(ValueError):  # noqa: N818  said in the words of whoever catches it
    """The file was not taken. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A file as it is kept and handed on."""

    data: bytes
    kind: str  # one of KINDS
    # What told of somebody and was taken out, such as "Author: Ada King"; and paths and links that were.
    found: list[str] = field(default_factory=list)
    # The words that stay, with the addresses of links.
    text: str = ""
    # What an editor should know, such as that there were no words to be read.
    remarks: list[str] = field(default_factory=list)


class Notes:
    """What is found on the way: each thing once, one line each, and not without end."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}

    def add(self, what: str, value: str = "") -> None:
        value = " ".join(clean(value[: MAX_FOUND_LENGTH * 4]).split())[:MAX_FOUND_LENGTH]
        if len(self.found) < MAX_FOUND:
            self.found.setdefault(f"{what}: {value}" if value else what)


def neutral_name(label: str, kind: str) -> str:
    """A file's name that tells of nobody: "referee-1.pdf"."""
    if kind not in KINDS:
        raise ValueError(kind)
    return f"{slug(label, 'file')}.{_SUFFIXES.get(kind, kind)}"


def is_path(text: str) -> bool:
    """Whether a text is where a file lies on somebody's computer."""
    start = text.strip()[:8].lower()
    return start.startswith(("/users/", "/home/", "\\\\", "~/", "file:")) or (
        start[1:3] in (":\\", ":/") and start[:1].isalpha()
    )
