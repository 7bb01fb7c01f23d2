"""What was met on the way that the author of a document has to know."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


@dataclass(slots=True)
class Found:
    """What the author has to know: counts of what was settled or left out, and the pictures."""

    count: Counter[str] = field(default_factory=Counter)
    pictures: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    refused_pictures: list[str] = field(default_factory=list)
    picture_bytes: int = 0
    notes: list[str] = field(default_factory=list)  # further remarks, as sentences

    def remarks(self) -> list[str]:
        count = self.count
        said = []
        changes = [counted(count[kind], kind) for kind in ("insertion", "deletion", "move") if count[kind]]
        if changes:
            number = count["insertion"] + count["deletion"] + count["move"]
            said.append(
                f"{counted(number, 'tracked change')} {_were(number)} taken as accepted ({', '.join(changes)})."
            )
        for kind, one, many, tail in _LEFT_OUT:
            if number := count[kind]:
                said.append(
                    f"{counted(number, one, many)} {_were(number)} {tail.format(it='it leads' if number == 1 else 'they lead')}"
                )
        for kind, sentence in _ONCE:
            if count[kind]:
                said.append(sentence)
        return said + self.refused_pictures + self.notes


_LEFT_OUT: Final = (
    ("comment", "comment", "comments", "left out."),
    (
        "text box",
        "text box",
        "text boxes",
        "taken as paragraphs, after the paragraph beside which they stood. Look at their place.",
    ),
    ("equation", "equation", "equations", "taken as plain text. Look for “[equation:”."),
    ("chart", "chart", "charts", "left out. To have it here, save it as a picture and put that in."),
    (
        "diagram",
        "SmartArt diagram",
        "SmartArt diagrams",
        "left out. To have it here, save it as a picture and put that in.",
    ),
    ("object", "embedded object", "embedded objects", "left out."),
    ("shape", "drawn shape", "drawn shapes", "left out."),
    ("hidden", "passage of hidden text", "passages of hidden text", "left out."),
    (
        "struck",
        "passage that was struck through",
        "passages that were struck through",
        "kept as plain text. Delete what was not meant to stay.",
    ),
    ("link", "link", "links", "left out, since {it} to no address on the web. The words stay."),
    ("linked picture", "picture", "pictures", "not taken: the document only points to where it lies. Add it here."),
)
_ONCE: Final = (
    ("contents", "The table of contents was left out; readers get one from the headings."),
    ("header", "Headers and footers were left out."),
    ("macro", "The document’s macros were left out."),
    ("part", "A document embedded in this one was left out."),
)
