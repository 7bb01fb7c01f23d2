"""The contents of a long piece, made from its headings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# From how many headings and words on a list of them helps more than it stands in the way.
HEADINGS, WORDS = 3, 1200
# Of more entries than these only the larger headings are told.
NESTED = 24


@dataclass(slots=True)
class Chapter:
    """A heading with those beneath it."""

    text: str
    id: str
    parts: "list[Chapter]" = field(default_factory=list)


def contents_of(headings: Sequence[dict[str, Any]], words: int) -> list[Chapter]:
    """What `Rendering.contents` holds, as a tree of two levels; nothing for a text that is read in one go."""
    if len(headings) < HEADINGS or words < WORDS:
        return []
    top = min(heading["level"] for heading in headings)
    chapters: list[Chapter] = []
    for heading in headings:
        one = Chapter(heading["text"], heading["id"])
        if heading["level"] == top or not chapters:
            chapters.append(one)
        elif heading["level"] == top + 1:
            chapters[-1].parts.append(one)
    if sum(1 + len(chapter.parts) for chapter in chapters) > NESTED and len(chapters) >= HEADINGS:
        for chapter in chapters:
            chapter.parts.clear()
    return chapters
