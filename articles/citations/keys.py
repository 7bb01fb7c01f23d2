"""What a piece is called in somebody's list of references."""

from articles.metadata import Metadata
from prose.slugs import slug


def key_of(metadata: Metadata) -> str:
    """The same for ever, whatever is corrected in title, names or date; and of no other piece. ASCII, as LaTeX needs."""
    return f"{slug(metadata.publication, 'forum', 40)}-{metadata.pk}"


def one_line(text: str) -> str:
    """Without line breaks of any kind, and without what only a machine would see."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
