"""What is derived from a revision: HTML ready to serve, contents, words, minutes. Rebuilt at will."""

import re

from articles.models import Rendering, Revision
from prose import measure

# Sanitised HTML has no table within a table.
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)


def with_scrolling_tables(html: str) -> str:
    """A wide table scrolls by itself, with the keyboard too, and the page stays as wide as the phone."""
    return _TABLE.sub(r'<div class="table-scroll" role="region" tabindex="0" aria-label="Table">\g<0></div>', html)


def render(revision: Revision) -> Rendering:
    """Make, or make anew, the rendering of a revision; its body is sanitised already."""
    words = measure.words(revision.body) + measure.words(revision.in_brief)
    rendering, _ = Rendering.objects.update_or_create(
        revision=revision,
        defaults={
            "html": with_scrolling_tables(measure.with_heading_ids(revision.body)),
            "contents": [{"level": h.level, "text": h.text, "id": h.id} for h in measure.contents(revision.body)],
            "words": words,
            "minutes": measure.reading_minutes(revision.body, revision.in_brief),
        },
    )
    return rendering
