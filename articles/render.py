"""What is derived from a revision: HTML ready to serve, contents, words, minutes. Rebuilt at will."""

from articles.models import Rendering, Revision
from prose import measure


def render(revision: Revision) -> Rendering:
    """Make, or make anew, the rendering of a revision; its body is sanitised already."""
    words = measure.words(revision.body) + measure.words(revision.in_brief)
    rendering, _ = Rendering.objects.update_or_create(
        revision=revision,
        defaults={
            "html": measure.with_heading_ids(revision.body),
            "contents": [{"level": h.level, "text": h.text, "id": h.id} for h in measure.contents(revision.body)],
            "words": words,
            "minutes": measure.reading_minutes(revision.body, revision.in_brief),
        },
    )
    return rendering
