"""Search over what readers have."""

import datetime
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from articles import spelling
from articles.asked import LAST_PAGE, PARAMETERS, Asked
from articles.lists import cards_by_id
from articles.models import Article
from articles.patience import TooLong, answered
from articles.pieces import Piece
from articles.results import MOST, Found, look, matching
from articles.snippets import passage, read, snippet, terms_of, words_of
from articles.suggest import suggestions
from articles.views.public import page, public, takes
from forum.compiled import Compiled, any_of
from forum.models import Masthead
from forum.remembered import MEMORY, Remembered
from prose import measure
from prose.segments import fold

PAGE = 20
QUOTES = '"“”„«»'
# Characters of a text that are looked through for a passage: about 8,000 words.
FURTHEST = 60_000
# Values of a facet that are seen at once; the others are folded away.
SHOWN = 6
TITLES = {
    "region": gettext_lazy("Region"),
    "topic": gettext_lazy("Topic"),
    "author": gettext_lazy("Author"),
    "series": gettext_lazy("Special feature"),
    "year": gettext_lazy("Year"),
}
KINDS = {**TITLES, "piece": gettext_lazy("Piece")}


@public
@takes(*PARAMETERS)
def search(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    asked = Asked.read(request.GET)
    context: dict[str, object] = {"section": "search", "asked": asked, "query": asked.q, "page": asked.page}
    # What only excludes would find nearly everything; within a list it narrows that.
    if asked.chosen or (asked.has_words and words_of(asked.q)):
        try:
            context |= answered(lambda: _found(asked, now))
        except TooLong:
            context |= {"problem": gettext("This search takes too long. Add a word, or leave out quotation marks.")}
            return page(request, "articles/search.html", masthead, context, status=503)
    elif asked.q:
        context |= {"problem": _problem(asked.q, [], set())}
    return page(request, "articles/search.html", masthead, context)


def _found(asked: Asked, now: datetime.datetime) -> dict[str, object]:
    """What was found, or why nothing was."""
    words = words_of(asked.q)
    parts = {word: re.split("['’]", word) for word in words}
    found = look(asked, now, size=PAGE, parts=[part for several in parts.values() for part in several])
    common = {word for word, several in parts.items() if found.common.issuperset(several)}
    context = _results(asked, found, terms_of(asked.q, common), now)
    return context if found.count else context | _nothing(asked, words, common, now)


@public
@takes("q")
def suggest(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    """GET ?q= as JSON, for the script that completes what is typed."""
    try:
        # Somebody is typing: what comes later than that is of no use.
        found = answered(lambda: suggestions(request.GET.get("q", ""), now), seconds=0.5)
    except TooLong:
        return JsonResponse({"suggestions": []}, status=503)
    told = [{"kind": str(KINDS[one.kind]), "name": one.name, "url": one.url} for one in found]
    return JsonResponse({"suggestions": told}, headers={"X-Robots-Tag": "noindex"})


@dataclass(frozen=True, slots=True)
class Result:
    """A piece as a search shows it: its title and some of its text, as safe HTML with the words marked."""

    piece: Piece
    title: SafeString
    text: SafeString


def _results(asked: Asked, found: Found, terms: frozenset[str], now: datetime.datetime) -> dict[str, object]:
    is_last = len(found.ids) <= PAGE
    return {
        "count": found.count,
        "count_text": _counted(found.count, is_partial=found.is_partial),
        "is_capped": found.is_capped or found.is_partial,
        "most": min(found.count, MOST),
        "results": _shown(found.ids[:PAGE], now, terms),
        "chips": _chips(asked, found),
        "facets": _facets(asked, found),
        "by_relevance_url": asked.but(sort="").address if asked.sort and asked.has_words else "",
        "by_date_url": asked.but(sort="newest").address if not asked.sort and asked.has_words else "",
        "newer_url": asked.but(page=asked.page - 1).address if asked.page > 1 else "",
        "older_url": "" if is_last or asked.page == LAST_PAGE else asked.but(page=asked.page + 1).address,
        "is_end_of_newest": found.is_partial and is_last and not asked.sort,
        "is_end_of_reach": asked.page == LAST_PAGE and not is_last,
        "reach": PAGE * LAST_PAGE,
        "first_url": asked.but(page=1).address,
    }


def _counted(count: int, *, is_partial: bool = False) -> str:
    if is_partial:
        return gettext("At least %(number)s pieces") % {"number": number_format(count, force_grouping=True)}
    if count > MOST:
        return gettext("More than %(number)s pieces") % {"number": number_format(MOST, force_grouping=True)}
    number = number_format(count, force_grouping=True)
    return ngettext("%(number)s piece", "%(number)s pieces", count) % {"number": number}


def _shown(ids: Sequence[int], now: datetime.datetime, terms: frozenset[str]) -> list[Result]:
    """Where neither title nor In Brief shows what was asked for, the passage of the text that does stands in."""
    pieces = cards_by_id(ids, now)
    read_of = {pk: (read(piece.live.title, terms), read(piece.live.in_brief, terms)) for pk, piece in pieces.items()}
    hidden = [pk for pk, (title, in_brief) in read_of.items() if not in_brief.hits and not terms <= title.terms]
    passages = _passages(hidden, now, terms) if hidden and terms else {}
    return [
        Result(pieces[pk], snippet(title), passages.get(pk) or snippet(in_brief))
        for pk, (title, in_brief) in ((pk, read_of[pk]) for pk in ids if pk in pieces)
    ]


_BODIES: Compiled[tuple[int, str]] = Compiled(
    lambda ids, now: (
        Article.objects.listed(now).filter(any_of("pk", ids)).order_by().values_list("pk", Left("live__body", FURTHEST))
    ),
    ids=list,
    now=datetime.datetime,
)
# The texts of bodies, which take longer to make of them than to look through.
_TEXTS: Remembered[str] = Remembered(MEMORY * 3 // 32, lambda text: 2 * sys.getsizeof(text))


def _passages(ids: Sequence[int], now: datetime.datetime, terms: frozenset[str]) -> dict[int, SafeString]:
    return {
        pk: passage(_TEXTS(body, partial(measure.text_of, body)), terms) for pk, body in _BODIES(ids=list(ids), now=now)
    }


# --- narrowing --------------------------------------------------------------------------------------


def _chips(asked: Asked, found: Found) -> list[dict[str, Any]]:
    """What the search is narrowed to, each with the address of the search without it."""
    return [
        {
            "field": name,
            "title": TITLES[name],
            "name": found.names.get(name, "") or (value if name == "year" else ""),
            "slug": value,
            "url": asked.but(**{name: ""}).address,
        }
        for name, value in asked.chosen.items()
    ]


def _facets(asked: Asked, found: Found) -> list[dict[str, Any]]:
    """What it could be narrowed to, with the number of pieces that are left then."""
    facets = []
    for name, title in TITLES.items():
        address = asked.narrowed_by(name)
        values = [
            {"name": value.name or value.slug, "count": value.count, "url": address(value.slug)}
            for value in found.values.get(name, ())
        ]
        if values:
            # A fold that hides one value takes as much room as the value.
            shown = SHOWN if len(values) > SHOWN + 1 else len(values)
            facets.append({"id": name, "title": title, "values": values[:shown], "more": values[shown:]})
    return facets


# --- nothing found ------------------------------------------------------------------------------------


def _nothing(asked: Asked, words: list[str], common: set[str], now: datetime.datetime) -> dict[str, object]:
    """Why nothing was found, and what would find something: without what it was narrowed to, in another spelling, or
    by any of the words. Each way that is offered leads to a piece.
    """
    context: dict[str, object] = {
        "problem": _problem(asked.q, words, common) if asked.q else "",
        "has_quotes": not set(QUOTES).isdisjoint(asked.q),
    }
    if asked.chosen and asked.has_words:
        wider = asked.without_facets()
        if count := matching(wider, now).order_by().values("pk")[: MOST + 1].count():
            return context | {"wider_url": wider.address, "wider_text": _counted(count)}
    if context["problem"] or not asked.has_words:
        return context
    said = spelling.corrections(words, now)
    for better in (_respelt(asked.q, said), _any_of(words, common) if not said else ""):
        if better and (nearest := asked.without_facets().but(q=better)) and matching(nearest, now).exists():
            context |= {"better": better, "better_url": nearest.address, "is_spelling": bool(said)}
    return context


def _respelt(query: str, said: dict[str, str]) -> str:
    """The query with words put right, the rest of it as it was typed."""
    if not said:
        return ""
    return re.sub(r"[^\s\"“”„«»]+", lambda typed: _put_right(typed[0], said), query)


def _put_right(typed: str, said: dict[str, str]) -> str:
    if typed.startswith("-"):
        return typed
    return re.sub(r"[^\W_]+(?:['’\u0300-\u036f]+[^\W_]+)*", lambda word: said.get(fold(word[0]), word[0]), typed)


def _any_of(words: list[str], common: set[str]) -> str:
    worth = [word for word in dict.fromkeys(words) if word not in common and word not in ("or", "and")]
    return " or ".join(worth) if len(worth) > 1 else ""


def _problem(query: str, words: list[str], common: set[str]) -> str:
    """Why a query can't find anything, in words; empty where it only didn't."""
    if words and common.issuperset(words):
        typed = query.strip(QUOTES)
        if len(words) == 1:
            return gettext("“%(typed)s” is too common to search for. Add another word.") % {"typed": typed}
        return gettext("The words of “%(typed)s” are too common to search for. Add another word.") % {"typed": typed}
    if not words and re.search(r"[^\W_]", query):
        return gettext("A minus before a word leaves out the pieces that have it. Say what to look for, too.")
    if not words:
        return gettext(
            "There is no word in “%(query)s” to search for. Type a word, an author, a region or a topic."
        ) % {"query": query}
    return ""
