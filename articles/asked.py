"""What a search asks for, as its address says it: each state of the page has one address, and links to its neighbours."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import quote_plus, urlencode

from prose.sanitise import plain_line

LONGEST = 200
# Nobody reads further, and each page more costs the database all the pages before it.
LAST_PAGE = 25
# What a search can be narrowed to, in the order of addresses and of the page.
FACETS = ("region", "topic", "author", "series", "year")
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")
_YEAR = re.compile(r"[12][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields are the parameters, in the order in which addresses have them."""

    q: str = ""
    region: str = ""
    topic: str = ""
    author: str = ""
    series: str = ""
    year: str = ""
    sort: str = ""
    page: int = 1

    @classmethod
    def read(cls, params: Mapping[str, str]) -> Self:
        """Of whatever was sent: what can't be meant is left out."""
        slugs = {name: _matching(_SLUG, params.get(name, "")) for name in FACETS}
        return cls(
            q=plain_line(params.get("q", "")[: 10 * LONGEST])[:LONGEST].strip(),
            **{**slugs, "year": _matching(_YEAR, params.get("year", ""))},
            sort="newest" if params.get("sort") == "newest" else "",
            page=_page_number(params.get("page", "")),
        )

    @property
    def chosen(self) -> dict[str, str]:
        """What the search is narrowed to."""
        return {name: value for name in FACETS if (value := getattr(self, name))}

    @property
    def has_words(self) -> bool:
        return re.search(r"[^\W_]", self.q) is not None

    def but(self, **changes: Any) -> Self:
        """The same with something changed; what is another list begins at its first page."""
        return replace(self, **{"page": 1, **changes})

    def narrowed_by(self, name: str) -> Callable[[str], str]:
        """Makes the address of the same, narrowed to a value: what all of them have in common is said once."""
        before, after = self.but(**{name: "\0"}).address.split("%00")
        return lambda value: f"{before}{value if _SLUG.fullmatch(value) else quote_plus(value)}{after}"

    def without_facets(self) -> Self:
        return self.but(**dict.fromkeys(FACETS, ""))

    @property
    def address(self) -> str:
        """The query string, in the one order; the page itself where nothing is asked."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        sent = {name: value for name, value in values.items() if value and (name, value) != ("page", 1)}
        return f"?{urlencode(sent)}" if sent else "/search/"


# What a search takes from its address.
PARAMETERS = tuple(field.name for field in fields(Asked))


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _page_number(text: str) -> int:
    """From 1 to `LAST_PAGE`, whatever was asked for."""
    if not re.fullmatch(r"[0-9]+", text):
        return 1
    return min(max(int(text[:9]), 1), LAST_PAGE)
