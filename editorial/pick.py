"""Published pieces found by their words, for the link dialog of the editor: one way for desk and portal."""

import zoneinfo

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from articles.addresses import day_of
from articles.models import Article
from articles.search import search_public
from forum.models import Masthead
from prose.sanitise import plain_line

MOST = 10
LONGEST = 200


def answer(request: HttpRequest) -> JsonResponse:
    """GET ?q= as JSON: what readers can find anyway, newest first where the title has the words, then by the text."""
    query = plain_line(request.GET.get("q", "")[: 10 * LONGEST])[:LONGEST].strip()
    results = found(query) if any(char.isalnum() for char in query) else []
    return JsonResponse({"results": results}, headers={"Cache-Control": "private, no-store"})


def found(query: str) -> list[dict[str, str]]:
    """Pieces with these words, as a script is told of them. The last word may be unfinished in a title."""
    now = timezone.now()
    listed = Article.objects.listed(now)
    titled = listed
    for word in query.split()[:10]:
        titled = titled.filter(live__title__icontains=word)
    ids = list(titled.newest_first().values_list("pk", flat=True)[:MOST])
    if len(ids) < MOST:
        more = search_public(listed, query).values_list("pk", flat=True)[: 2 * MOST]
        ids = list(dict.fromkeys([*ids, *more]))[:MOST]
    rows = listed.filter(pk__in=ids).select_related("live").defer("live__body").prefetch_related("bylines")
    zone = Masthead.current().zone
    told = {article.pk: _told(article, zone) for article in rows}
    return [told[pk] for pk in ids if pk in told]


def _told(article: Article, zone: zoneinfo.ZoneInfo) -> dict[str, str]:
    assert article.live is not None
    assert article.published_at is not None
    day = day_of(article.published_at, zone)
    return {
        "title": article.live.title,
        "url": article.get_absolute_url(),
        "by": ", ".join(byline.name for byline in article.byline_list),
        "on": f"{day.day} {day:%B %Y}",
    }
