"""Search over what readers have."""

import datetime
import re
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from articles.lists import cards
from articles.models import Article
from articles.search import search_public
from articles.snippets import snippet, terms_of
from articles.views.public import page, public
from forum.models import Masthead
from prose.sanitise import plain_line

PAGE = 20
# Nobody reads further, and each page more costs the database all the pages before it.
LAST_PAGE = 25
LONGEST = 200


@public
def search(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    query = plain_line(request.GET.get("q", "")[: 10 * LONGEST])[:LONGEST].strip()
    number = _page_number(request.GET.get("page", ""))
    context: dict[str, object] = {"section": "search", "query": query, "page": number}
    if re.search(r"\w", query):
        matches = search_public(Article.objects.listed(now), query)
        start = (number - 1) * PAGE
        ids = list(matches.values_list("pk", flat=True)[start : start + PAGE + 1])
        terms = terms_of(query)
        context |= {
            "count": matches.order_by().values("pk")[: PAGE * LAST_PAGE + 1].count(),
            "most": PAGE * LAST_PAGE,
            "results": [(piece, snippet(piece.live.in_brief, terms)) for piece in cards(ids[:PAGE], now)],
            "newer_url": _address(query, number - 1) if number > 1 else "",
            "older_url": _address(query, number + 1) if len(ids) > PAGE and number < LAST_PAGE else "",
        }
    return page(request, "articles/search.html", masthead, context)


def _page_number(text: str) -> int:
    """From 1 to `LAST_PAGE`, whatever was asked for."""
    if not re.fullmatch(r"[0-9]+", text):
        return 1
    return min(max(int(text[:9]), 1), LAST_PAGE)


def _address(query: str, number: int) -> str:
    return f"?{urlencode({'q': query, 'page': number} if number > 1 else {'q': query})}"
