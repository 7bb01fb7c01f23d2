"""What pages tell machines in the words of schema.org: plain dicts, written into the page as a block of data.

`publication` says who publishes, `piece` describes a piece, `lists` the pages on which pieces stand. Each says only what
its page says too, and full addresses.
"""

from articles.structured.lists import (
    about_page,
    author_page,
    collection_page,
    front_page,
    issue_page,
    plain_page,
    section_page,
)
from articles.structured.piece import piece_page

__all__ = [
    "about_page",
    "author_page",
    "collection_page",
    "front_page",
    "issue_page",
    "piece_page",
    "plain_page",
    "section_page",
]
