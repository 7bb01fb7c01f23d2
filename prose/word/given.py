"""What a document gives."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture within the document; in the HTML it stands at `PLACEHOLDER` and its number."""

    number: int
    data: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class WordText:
    """What a document held. `html` is in the markup of our house, not yet sanitised; `remarks` are for its author."""

    title: str
    in_brief: str
    html: str
    pictures: list[Picture] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
