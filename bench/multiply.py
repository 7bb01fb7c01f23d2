"""Ten times as many generated pieces within minutes: the same again, each copy later by one span, with ids of its own.

Copies have what readers' pages, lists and the search are made of, and no events: nobody replays them. What is measured is how
tables grow, and for that the words need not be new; no word and no list becomes more or less common by it.
"""

import datetime
from collections.abc import Callable
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.models import Max

from articles.models import (
    Article,
    AuthorListing,
    Byline,
    Publication,
    RegionListing,
    Rendering,
    Revision,
    SearchEntry,
    SeriesListing,
    TaggedArticle,
    TagListing,
)
from editorial.models import Handling
from forum.models import Masthead

# By column, what it becomes; of the name of the article's key in each table.
_A, _R, _P, _SHIFT = "%(articles)s", "%(revisions)s", "%(publications)s", "%(shift)s::interval"
_LATER: Final = {name: f"{name} + {_SHIFT}" for name in ("published_at", "created_at", "at", "since")}
_TABLES: Final[list[tuple[type[models.Model], str, dict[str, str]]]] = [
    (Article, "id", {
        "id": f"id + {_A}", "latest_id": f"latest_id + {_R}", "live_id": f"live_id + {_R}",
        "slug": f"regexp_replace(slug, '[0-9]+$', '') || (id + {_A})::text",
        "published_on": f"((published_at + {_SHIFT}) AT TIME ZONE %(zone)s)::date",
    }),
    (Revision, "article_id", {"id": f"id + {_R}"}),
    (Rendering, "", {"revision_id": f"revision_id + {_R}"}),
    (Publication, "article_id", {"id": f"id + {_P}", "revision_id": f"revision_id + {_R}"}),
    (Byline, "article_id", {}),
    (Article.regions.through, "article_id", {}),
    (TaggedArticle, "content_object_id", {}),
    (RegionListing, "article_id", {}),
    (TagListing, "article_id", {}),
    (AuthorListing, "article_id", {}),
    (SeriesListing, "article_id", {}),
    (Handling, "article_id", {}),
    (SearchEntry, "article_id", {}),
]  # fmt: skip


def multiply(times: int, span: datetime.timedelta, told: Callable[[int], None]) -> None:
    """Add `times - 1` copies of all there is, the n-th later by n spans. Begun and killed, it goes on where it was."""
    first = {
        "articles": Article.objects.filter(events__isnull=False).aggregate(last=Max("pk"))["last"],
        "revisions": Revision.objects.filter(article__events__isnull=False).aggregate(last=Max("pk"))["last"],
        "publications": Publication.objects.filter(article__events__isnull=False).aggregate(last=Max("pk"))["last"],
    }
    done = Article.objects.aggregate(last=Max("pk"))["last"] // first["articles"]
    for number in range(done, times):
        params = {name: number * last for name, last in first.items()}
        params |= {
            "shift": number * span,
            "zone": str(Masthead.current().zone),
            **{f"last_{n}": v for n, v in first.items()},
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL forum.quiet = 'on'")
            cursor.execute("SET LOCAL session_replication_role = replica")
            for model, key, changed in _TABLES:
                cursor.execute(_statement(model, key, changed), params)
        told(number + 1)
    with connection.cursor() as cursor:
        for table in ("articles_article", "articles_revision", "articles_publication"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608  constants


def _statement(model: type[models.Model], key: str, changed: dict[str, str]) -> str:
    into: list[str] = []
    made: list[str] = []
    for field in model._meta.concrete_fields:
        column: Any = field.column
        if field.primary_key and isinstance(field, models.AutoField | models.BigAutoField) and column not in changed:
            continue
        later = {key: f"{key} + {_A}"} if key and key != "id" else {}
        into.append(f'"{column}"')
        made.append({**_LATER, **later, **changed}.get(column, f'"{column}"'))
    which = f"{key} <= %(last_articles)s" if key else "revision_id <= %(last_revisions)s"
    table = model._meta.db_table
    return f'INSERT INTO "{table}" ({", ".join(into)}) SELECT {", ".join(made)} FROM "{table}" WHERE {which} ORDER BY {key or "revision_id"}'  # noqa: S608  names of our own columns
