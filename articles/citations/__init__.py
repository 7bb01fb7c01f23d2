"""A piece as others cite it: in the styles that people type, in the files that their programs read, and in the tags that
their browsers find. Each is a way of writing down `articles.metadata`; none knows of the database."""

from typing import Any
from urllib.parse import urlsplit

from articles.citations.formats import FORMATS, Format
from articles.citations.styles import Citation, cited
from articles.citations.tags import tags_of
from articles.metadata import Metadata

__all__ = ["FORMATS", "Citation", "Format", "cited", "citing", "tags_of"]


def citing(metadata: Metadata) -> dict[str, Any]:
    """What `articles/_cite.html` and `articles/_meta_citations.html` take. Addresses begin at the root of the site."""
    page = urlsplit(metadata.url).path
    return {
        "citations": cited(metadata),
        "citation_files": [
            {"name": file.name, "url": f"{page}{file.file_name}", "type": file.content_type}
            for file in FORMATS.values()
        ],
        "citation_tags": tags_of(metadata),
    }
