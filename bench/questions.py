"""What is asked of a database of generated pieces: an address of each type of page, words of each commonness, mixed searches."""

import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count

from articles.models import Article, AuthorListing, RegionListing, SearchEntry, SeriesListing, TagListing
from articles.paging import Cursor
from articles.search import query_of
from demo.generated import words

# Of each hundred pieces so many have the word; and a word of a handful.
SHARES = {"99 %": 0.99, "15 %": 0.15, "medium (1 %)": 0.01}


def pages() -> dict[str, str]:
    """Addresses of readers' pages, the biggest list of each kind."""
    middle = _middle()
    region = _biggest(RegionListing)
    month = f"{middle.published_on:%Y/%m}"
    return {
        "article": middle.get_absolute_url(),
        "newest article": Article.objects.filter(live__isnull=False).latest("published_at").get_absolute_url(),
        "history": f"{middle.get_absolute_url()}history/",
        "home": "/",
        "region": region.get_absolute_url(),
        "region, 100th page": f"{region.get_absolute_url()}?before={_cursor(region.pk, 100 * 20)}",
        "region, half way back": f"{region.get_absolute_url()}?before={_cursor(region.pk, RegionListing.objects.filter(target=region).count() // 2)}",
        "topic": _biggest(TagListing).get_absolute_url(),
        "author": _biggest(AuthorListing).get_absolute_url(),
        "special feature": _biggest(SeriesListing).get_absolute_url(),
        "archive": "/archive/",
        "archive, year": f"/archive/{middle.published_on:%Y}/",
        "archive, month": f"/archive/{month}/",
        "record": "/record/",
        "regions": "/regions/",
        "topics": "/topics/",
        "authors": "/authors/",
        "feed": "/feed/",
        "region’s feed": f"{region.get_absolute_url()}feed/",
        "sitemap, index": "/sitemap.xml",
        "sitemap, month": f"/sitemap-{month.replace('/', '-')}.xml",
        "search page, empty": "/search/",
    }


def searches() -> dict[str, str]:
    """Addresses of searches, from words of a few pieces to words of nearly all."""
    found = {f"search, {name}": words.word(_rank_of(share, words.ORDINARY, words.word)) for name, share in SHARES.items()}  # fmt: skip
    total = Article.objects.filter(live__isnull=False).count()
    rare = _rank_of(8 / total, words.RARE, lambda rank: words.invented(words.ORDINARY + rank))
    found["search, rare (a handful)"] = words.invented(words.ORDINARY + rare)
    found["search, phrase"] = f'"{" ".join(_running_words(_middle())[40:43])}"'
    found["search, two common words"] = f"{words.word(0)} {words.word(3)}"
    found["search, misspelt"] = f"{words.word(2)[:-2]}{words.word(2)[-1]}x{words.word(1)}"
    return {name: f"/search/?{urlencode({'q': text})}" for name, text in found.items()} | {
        "suggestions": f"/search/suggest/?{urlencode({'q': words.word(0)[:3]})}"
    }


def mixed(count: int) -> list[str]:
    """Searches as many people make them, always the same for the same pieces."""
    chance = random.Random(4711)  # noqa: S311  the same each time
    texts = [
        _running_words(article) for article in Article.objects.filter(live__isnull=False).select_related("live")[:40]
    ]
    regions = list(RegionListing.objects.order_by().values_list("target__slug", flat=True).distinct()[:20])
    found = []
    for _ in range(count):
        several = [words.word(words.rank(chance, words.ORDINARY, 10)) for _ in range(3)]
        text, at = chance.choice(texts), chance.randrange(10, 60)
        asked = {"q": chance.choice((
            several[0], " ".join(several[:2]), " ".join(several), f'"{" ".join(text[at : at + 2])}"', f"{several[0]} -{several[1]}",
            f"{several[0]} or {several[2]}", words.invented(words.ORDINARY + words.rank(chance, words.RARE)), several[0][:-1] + "q",
        ))}  # fmt: skip
        if chance.random() < 0.2:
            asked["region"] = chance.choice(regions)
        if chance.random() < 0.1:
            asked["year"] = str(chance.randint(2016, 2025))
        if chance.random() < 0.1:
            asked["page"] = "2"
        found.append(f"/search/?{urlencode(asked)}")
    return found


def _middle() -> Article:
    """A piece of half way back, as most readers from search engines come to."""
    pieces = Article.objects.filter(live__isnull=False, status="published").order_by("pk")
    first, last = pieces.values_list("pk", flat=True)[0], pieces.reverse().values_list("pk", flat=True)[0]
    return pieces.filter(pk__gte=(first + last) // 2).select_related("live")[0]


def _biggest(model: Any) -> Any:
    rows = model.objects.order_by().values("target").annotate(count=Count("pk")).order_by("-count")
    return model._meta.get_field("target").related_model.objects.get(pk=rows[0]["target"])


def _cursor(region: int, place: int) -> Cursor:
    rows = RegionListing.objects.filter(target=region).order_by("-published_at", "-article_id")
    row = rows.values_list("published_at", "article_id")[max(0, min(place, rows.count() - 30))]
    return Cursor(*row)


def _running_words(article: Article) -> list[str]:
    assert article.live is not None
    text = article.live.body
    return re.findall(r"[a-z]+", re.sub("<[^>]*>", " ", text).lower())


def _rank_of(share: float, ranks: int, word: Callable[[int], str]) -> int:
    """The rank of a word that about such a share of pieces has; the more common the lower."""
    total = SearchEntry.objects.count()
    low, high = 0, ranks - 1
    while low < high:
        between = (low + high) // 2
        count = SearchEntry.objects.filter(public=query_of(word(between))).count()
        low, high = (between + 1, high) if count > share * total else (low, between)
    return low


def bytes_of_database() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size: int = cursor.fetchone()[0]
    return size
