"""Addresses of things that have a slug. A page names hundreds of them: what stands round the slug is looked up once."""

from functools import cache

from django.urls import reverse


def address_of(name: str, slug: str) -> str:
    """As `reverse(name, args=[slug])`."""
    before, after = _around(name)
    return f"{before}{slug}{after}"


@cache
def _around(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=["slug-of-it"]).partition("slug-of-it")
    return before, after
