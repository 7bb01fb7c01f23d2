"""Search over what readers have."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from articles.lists import cards_by_id
from articles.models import Article
from articles.pieces import Piece
from articles.search import CONFIG, search_public
from articles.snippets import passage, snippet, terms_in, terms_of, words_of
from articles.views.public import page, public
from forum.models import Masthead
from prose import measure
from prose.sanitise import plain_line

PAGE = 20
# Nobody reads further, and each page more costs the database all the pages before it.
LAST_PAGE = 25
LONGEST = 200
QUOTES = '"“”„«»'
# Characters of a text that are looked through for a passage: about 8,000 words.
FURTHEST = 60_000


@public
def search(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    query = plain_line(request.GET.get("q", "")[: 10 * LONGEST])[:LONGEST].strip()
    number = _page_number(request.GET.get("page", ""))
    context: dict[str, object] = {"section": "search", "query": query, "page": number}
    words = words_of(query)
    common = _common(words)
    if re.search(r"[^\W_]", query):
        matches = search_public(Article.objects.listed(now), query)
        start = (number - 1) * PAGE
        ids = list(matches.values_list("pk", flat=True)[start : start + PAGE + 1])
        context |= {
            "count": matches.order_by().values("pk")[: PAGE * LAST_PAGE + 1].count(),
            "most": PAGE * LAST_PAGE,
            "results": _results(ids[:PAGE], now, terms_of(query, common)),
            "newer_url": _address(query, number - 1) if number > 1 else "",
            "older_url": _address(query, number + 1) if len(ids) > PAGE and number < LAST_PAGE else "",
        }
    if query and not context.get("count"):
        context["problem"] = _problem(query, words, common)
        context["has_quotes"] = not set(QUOTES).isdisjoint(query)
    return page(request, "articles/search.html", masthead, context)


@dataclass(frozen=True, slots=True)
class Result:
    """A piece as a search shows it: its title and some of its text, as safe HTML with the words marked."""

    piece: Piece
    title: SafeString
    text: SafeString


def _results(ids: Sequence[int], now: datetime.datetime, terms: frozenset[str]) -> list[Result]:
    """Where neither title nor In Brief shows what was asked for, the passage of the text that does stands in."""
    pieces = cards_by_id(ids, now)
    hidden = [pk for pk, piece in pieces.items() if _is_hidden(piece, terms)]
    bodies = dict(Article.objects.listed(now).filter(pk__in=hidden).values_list("pk", "live__body")) if hidden else {}
    found = []
    for piece, body in ((pieces[pk], bodies.get(pk, "")) for pk in ids if pk in pieces):
        shown = passage(measure.text_of(body[:FURTHEST]), terms) if body else SafeString("")
        found.append(Result(piece, snippet(piece.live.title, terms), shown or snippet(piece.live.in_brief, terms)))
    return found


def _is_hidden(piece: Piece, terms: frozenset[str]) -> bool:
    return not terms_in(piece.live.in_brief, terms) and not terms <= terms_in(piece.live.title, terms)


def _common(words: list[str]) -> set[str]:
    """Which of the words are on PostgreSQL's list of those that stand in every text, and so find nothing."""
    if not words:
        return set()
    parts = {word: re.split("['’]", word) for word in words}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT part FROM unnest(%s::text[]) AS part WHERE ts_lexize(%s::regdictionary, part) = '{}'",
            [[part for several in parts.values() for part in several], f"{CONFIG}_stem"],
        )
        found = {part for (part,) in cursor.fetchall()}
    return {word for word, several in parts.items() if found.issuperset(several)}


def _problem(query: str, words: list[str], common: set[str]) -> str:
    """Why a query can't find anything, in words; empty where it only didn't."""
    if words and common.issuperset(words):
        typed = query.strip(QUOTES)
        named = f"“{typed}” is" if len(words) == 1 else f"The words of “{typed}” are"
        return f"{named} too common to search for. Add another word."
    if not words and re.search(r"[^\W_]", query):
        return "A minus before a word leaves out the pieces that have it. Say what to look for, too."
    if not words:
        return f"There is no word in “{query}” to search for. Type a word, an author, a region or a topic."
    return ""


def _page_number(text: str) -> int:
    """From 1 to `LAST_PAGE`, whatever was asked for."""
    if not re.fullmatch(r"[0-9]+", text):
        return 1
    return min(max(int(text[:9]), 1), LAST_PAGE)


def _address(query: str, number: int) -> str:
    return f"?{urlencode({'q': query, 'page': number} if number > 1 else {'q': query})}"
