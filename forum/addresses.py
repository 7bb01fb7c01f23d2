"""Addresses of things that have a slug. A page names hundreds of them: what stands round the slug is looked up once."""

from functools import cache
from typing import Final

from django.db.models import Func
from django.urls import reverse

# The words of a slug as an index has them: migrations made the indexes with it, so it stays as it is.
SLUG_WORDS: Final = "array_to_tsvector(array_remove(string_to_array({slug}, '-'), ''))"


class SlugWords(Func):
    """For the index by which `articles.meant` finds names: however many there are, it goes through none that have not a word."""

    template = SLUG_WORDS.format(slug="%(expressions)s")


def address_of(name: str, slug: str) -> str:
    """As `reverse(name, args=[slug])`."""
    before, after = _around(name)
    return f"{before}{slug}{after}"


@cache
def _around(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=["slug-of-it"]).partition("slug-of-it")
    return before, after
