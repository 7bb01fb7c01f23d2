"""Addresses that pieces had on the site they came from: how they are written down, and which piece has one."""

import re
from urllib.parse import unquote

from articles.models import Article, OldAddress

LONGEST = 500
# Of a query with more than these parts the rest says nothing about a piece.
_MOST_PARTS = 12
_ORIGIN = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


def normalise(address: str) -> str:
    """An address as it is kept and looked for: path and query, in small letters, decoded, without the slash at the end.

    Takes a whole address too. Empty where nothing is left that could lead to one piece: the front page, or too much.
    """
    try:
        address = address.encode("utf-8", "replace").decode("utf-8")
    except UnicodeError:
        return ""
    address = _ORIGIN.sub("", _UNSEEN.sub("", address).strip()).split("#", 1)[0]
    path, _, query = address.partition("?")
    path = _SLASHES.sub("/", f"/{_decoded(path).strip()}").rstrip("/").lower()
    query = _decoded(query.strip("&")).lower()
    found = f"{path or '/'}?{query}" if query else path
    return found if len(found) <= LONGEST else ""


def _decoded(text: str) -> str:
    """Percent signs resolved, once; what is no text in UTF-8 stays as it was, for we could not keep it."""
    try:
        return _UNSEEN.sub("", unquote(text, errors="strict"))
    except UnicodeDecodeError:
        return text


def candidates(path: str, query: str) -> list[str]:
    """What a request may mean, the most exact first: with its whole query, with one part of it, without."""
    found = [normalise(f"{path}?{query}")] if query else []
    if query:
        found += [normalise(f"{path}?{part}") for part in query.split("&")[:_MOST_PARTS] if part]
    found.append(normalise(path))
    return [address for address in dict.fromkeys(found) if address]


def article_at(path: str, query: str = "") -> Article | None:
    """The piece that once stood there, in whatever state it is now."""
    wanted = candidates(path, query)
    if not wanted:
        return None
    rows = OldAddress.objects.filter(path__in=wanted).select_related("article")
    by_path = {row.path: row.article for row in rows}
    return next((by_path[address] for address in wanted if address in by_path), None)


def known(paths: list[str]) -> set[str]:
    """Those of the paths, normalised, that lead to some piece."""
    return set(OldAddress.objects.filter(path__in=paths).values_list("path", flat=True))
