"""What belongs to a piece (bylines, regions, topics, what readers were told), read with it in one query.

`beside` adds a column for each to a query of pieces, `settle` makes of those columns what the relations of the piece then
answer with, without a further query.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from articles.models import Byline, Publication, Region, TaggedArticle
from articles.models.taxonomy import Tag
from authors.models import Author

_AUTHOR = (
    "id", "given_name", "family_name", "single_name", "is_family_first", "is_house", "slug", "orcid",
)  # fmt: skip
_BYLINE = ("id", "article_id", "author_id", "position", "role", "name", "affiliation", "bio")
_REGION = ("id", "name", "slug")
_TAGGED = ("id", "tag_id", "content_object_id")
_TAG = ("id", "name", "slug")
_TOLD = ("id", "article_id", "revision_id", "kind", "note", "at")


def beside(pieces: Any, now: datetime.datetime) -> Any:
    """`pieces` with all of it. Of publications those that readers have at that moment."""
    here = OuterRef("pk")
    bylines = Byline.objects.filter(article=here).order_by("position", "pk")
    regions = Region.objects.filter(articles=here).order_by("position", "name")
    tagged = TaggedArticle.objects.filter(content_object=here).order_by("pk")
    told = Publication.objects.filter(article=here, at__lte=now).order_by("-at", "-pk")
    return pieces.annotate(
        byline_rows=_rows(bylines, _BYLINE, author=_AUTHOR),
        region_rows=_rows(regions, _REGION),
        tagged_rows=_rows(tagged, _TAGGED, tag=_TAG),
        told_rows=_rows(told, _TOLD),
    )


def _rows(found: QuerySet[Any], names: Iterable[str], **related: Iterable[str]) -> ArraySubquery:
    """The rows as JSON; those of a related table with its name before theirs, as in `tag__slug`."""
    columns = {name: name for name in names}
    columns |= {f"{table}__{name}": f"{table}__{name}" for table, several in related.items() for name in several}
    return ArraySubquery(found.values(json=JSONObject(**columns)))


def settle(article: Any) -> Any:
    """The piece, whose relations answer with what was read beside it."""
    found: dict[str, list[Any]] = {
        "bylines": [_with(_loaded(Byline, _BYLINE, row), "author", Author, _AUTHOR, row) for row in article.byline_rows],
        "regions": [_loaded(Region, _REGION, row) for row in article.region_rows],
        "tagged_items": [_with(_loaded(TaggedArticle, _TAGGED, row), "tag", Tag, _TAG, row) for row in article.tagged_rows],
        "publications": [
            _loaded(Publication, _TOLD, row | {"at": datetime.datetime.fromisoformat(row["at"])}) for row in article.told_rows
        ],
    }  # fmt: skip
    article._prefetched_objects_cache = {name: _known(rows, _MODELS[name]) for name, rows in found.items()}
    return article


_MODELS: dict[str, Any] = {
    "bylines": Byline,
    "regions": Region,
    "tagged_items": TaggedArticle,
    "publications": Publication,
}


def _known(rows: list[Any], model: Any) -> QuerySet[Any]:
    """A query that was answered already."""
    answered: Any = QuerySet(model)
    answered._result_cache = rows
    return answered


def _loaded(model: type[Model], names: tuple[str, ...], row: dict[str, Any], before: str = "") -> Any:
    return model.from_db(DEFAULT_DB_ALIAS, names, [row[before + name] for name in names])


def _with(one: Any, name: str, model: type[Model], names: tuple[str, ...], row: dict[str, Any]) -> Any:
    """`one` with the row of another table that it leads to, if it leads to any."""
    is_there = row[f"{name}__id"] is not None
    one._state.fields_cache[name] = _loaded(model, names, row, f"{name}__") if is_there else None
    return one
