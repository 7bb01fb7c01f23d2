"""Two regions, tags, authors or special features become one, and nothing of either is lost.

At once, in one transaction: every piece and every other relation is moved, lists are complete and the old addresses
lead to the new page. What search knows of over `jobs.AT_ONCE` pieces is brought in step by the worker. What stands above
a piece as a name stays as it was printed on the day.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from articles.former import former_model, former_owner
from articles.listing import pieces_within, relist_regions
from articles.models import (
    Article,
    AuthorListing,
    Byline,
    Portrait,
    Region,
    Series,
    SeriesEditor,
    SeriesListing,
    Tag,
    TaggedArticle,
    TagListing,
)
from articles.status import Status
from authors.models import Author
from editorial import access, changes, jobs
from editorial.models import Change
from editorial.registry import Blocked, Reason

# What `into` takes over where it has nothing there itself.
FILLED: dict[type[Model], tuple[str, ...]] = {
    Region: ("description", "image"),
    Tag: ("description", "image"),
    Author: ("native_name", "affiliation", "bio", "orcid"),
    Series: ("number", "introduction", "cover"),
}
# Every table that names one of the four, and what becomes of its rows; a test holds it against the models.
RELATIONS = {
    "articles.article.regions", "articles.region.parent", "articles.regionformerslug.region", "articles.regionlisting.target",
    "articles.taggedarticle.tag", "articles.tagformerslug.tag", "articles.taglisting.target",
    "articles.byline.author", "articles.portrait.author", "articles.serieseditor.author", "authors.authorformerslug.author",
    "articles.authorlisting.target",
    "articles.article.series", "articles.serieseditor.series", "articles.seriesformerslug.series", "articles.serieslisting.target",
}  # fmt: skip
# Where an author's approval is asked for or given, and not yet used.
APPROVING = (Status.APPROVAL, Status.READY)
SHOWN = 5


@dataclass
class Plan:
    """What a merge will do, or why it can't be done."""

    pieces: int
    # Of these, those that have the target already.
    in_both: int
    others: dict[str, int]
    filled: list[str]
    # Old addresses with the new one.
    moved_from: list[str]
    moved_to: str
    reasons: list[Reason] = field(default_factory=list)


def pieces_of(row: Any) -> QuerySet[Article]:
    """All pieces that have the region, tag, author or special feature, in every state."""
    match row:
        case Region():
            return Article.objects.filter(
                pk__in=Article.regions.through.objects.filter(region=row).values("article_id")
            )
        case Tag():
            return Article.objects.filter(pk__in=TaggedArticle.objects.filter(tag=row).values("content_object_id"))
        case Author():
            return Article.objects.filter(pk__in=Byline.objects.filter(author=row).values("article_id"))
        case Series():
            return Article.objects.filter(series=row)
    raise TypeError(f"{type(row)} can’t be merged.")


def plan(source: Any, into: Any, *, by: User) -> Plan:
    """What merging `source` into `into` would do. Raises PermissionDenied where it is not this person's to do."""
    if type(source) is not type(into) or type(source) not in FILLED:
        raise TypeError("Only two regions, tags, authors or special features become one.")
    if not access.may_merge(by, type(source)):
        raise PermissionDenied("Merging these is not yours to do.")
    pieces = pieces_of(source)
    former = [source, *_former(source)]
    prefix = source.get_absolute_url().removesuffix(f"{source.slug}/")
    return Plan(
        pieces=pieces.count(),
        in_both=pieces.filter(pk__in=pieces_of(into).values("pk")).count(),
        others=_others(source),
        filled=[
            str(source._meta.get_field(name).verbose_name)
            for name in FILLED[type(source)]
            if getattr(source, name) and not getattr(into, name)
        ]
        + (["picture"] if isinstance(source, Author) and _portrait(source) and not _portrait(into) else []),
        moved_from=[f"{prefix}{one.slug}/" for one in former],
        moved_to=into.get_absolute_url(),
        reasons=_reasons(source, into, by),
    )


def merge(source: Any, into: Any, *, by: User, now: datetime.datetime | None = None) -> Change:
    """Make one of two. `source` is gone afterwards; its addresses lead to `into`, which has all that it had.

    Raises PermissionDenied, or Blocked with every reason against it.
    """
    if not access.may_merge(by, type(source)):
        raise PermissionDenied("Merging these is not yours to do.")
    model = type(source)
    with transaction.atomic():
        # Not the full lock yet: somebody who gives a piece this tag at the moment may finish.
        rows = model._default_manager.select_for_update(no_key=True).order_by("pk")
        if model is not Region:
            rows = rows.filter(pk__in=(source.pk, into.pk))
        # The whole tree, as in `editorial.tree`: regions within are moved too, and would be locked out of order later.
        found = {row.pk: row for row in rows}
        if source.pk not in found or into.pk not in found:
            raise Blocked(Reason("One of the two is gone by now. Somebody merged or deleted it."))
        source, into = found[source.pk], found[into.pk]
        touched = set(_touched(source).values_list("pk", flat=True))
        # In order, as everywhere: no piece is given to readers or taken from them meanwhile.
        list(Article.objects.select_for_update().filter(pk__in=touched).order_by("pk").values_list("pk"))
        told = plan(source, into, by=by)
        if told.reasons:
            raise Blocked(*told.reasons)
        held = changes.words_of(source, rows=_rows_noted(source))
        before = pieces_of(into).count()
        # What somebody gave it while this waited for their locks.
        late = set(_touched(source).values_list("pk", flat=True)) - touched
        MOVES[model](source, into)
        for further, name, once in FURTHER.get(model, []):
            _move(further, name, source, into, once=once)
        # What was committed before this lock is moved as well. Keys are checked at the commit: whoever gave a piece the old
        # one and has not committed by now waits there for this lock, and is refused.
        model._default_manager.select_for_update().get(pk=source.pk)
        late |= set(_touched(source).values_list("pk", flat=True)) - touched
        MOVES[model](source, into)
        for further, name, once in FURTHER.get(model, []):
            _move(further, name, source, into, once=once)
        _move_addresses(source, into)
        _fill(source, into)
        name, old_address, was = str(source), source.get_absolute_url(), source.pk
        source.delete()
        after = pieces_of(into).count()
        if isinstance(into, Region):
            relist_regions(touched)
        jobs.order_reindexing(touched)
        # Their pieces are not locked here: to wait for a lock now could be to wait for each other.
        jobs.order_relisting(late)
        record = changes.record(
            by=by, action=Change.Action.MERGED, obj=into, name=f"{name} into {into}", now=now or timezone.now(),
            changes={
                "pieces": [f"{told.pieces} of {name}, {before} of {into}", f"{after} of {into}"],
                "address": [old_address, into.get_absolute_url()],
                **{f"{label} of {name}": [text, ""] for label, text in held.items() if text and label != "slug"},
                "merged id": [was, into.pk],
            },
        )  # fmt: skip
    assert record is not None
    return record


def _touched(source: Any) -> QuerySet[Article]:
    """Pieces whose lists or search change: with those of the regions within."""
    return pieces_within(source) if isinstance(source, Region) else pieces_of(source)


def _former(row: Any) -> list[Any]:
    return list(former_model(type(row)).objects.filter(**{former_owner(type(row)): row}).order_by("pk"))


def _rows_noted(source: Any) -> list[tuple[str, QuerySet[Any]]]:
    """Rows of the one that goes that may go with it, as the desk's form names them: two portraits become one."""
    return [("portrait", Portrait.objects.filter(author=source))] if isinstance(source, Author) else []


def _portrait(author: Author) -> Portrait | None:
    return Portrait.objects.filter(author=author).first()


def _others(source: Any) -> dict[str, int]:
    match source:
        case Region():
            return {"regions within": source.children.count()}
        case Author():
            return {"special features edited": SeriesEditor.objects.filter(author=source).count()}
        case Series():
            return {"editors": source.editors.count()}
    return {}


# --- why not ----------------------------------------------------------------------------------------


def _reasons(source: Any, into: Any, by: User) -> list[Reason]:
    if source.pk == into.pk:
        return [Reason("Choose another than the one that goes: it can’t be merged into itself.", "into")]
    match source:
        case Region():
            return _reasons_of_region(source, into)
        case Author():
            return _reasons_of_author(source, into, by)
    return []


def _reasons_of_region(source: Region, into: Region) -> list[Reason]:
    if source.pk in {region.pk for region in into.ancestors()}:
        return [
            Reason(
                f"{into} lies within {source}. Merge {into} into {source} instead and rename it, or move {into} out first.",
                "into",
            )
        ]
    return []


def _reasons_of_author(source: Author, into: Author, by: User) -> list[Reason]:
    """Who wrote a piece decides who may handle it; so a merge may neither hide that nor bring it about unseen."""
    found = []
    if by.pk in (source.user_id, into.user_id):
        found.append(Reason("One of the two is your own record. Somebody else merges it."))
    if source.user_id and into.user_id:
        found.append(Reason("Both have an account, so both are signed in as themselves. Untie one account first."))
    if source.is_house != into.is_house:
        found.append(Reason("One is a house byline and the other a person.", "into"))
    if source.orcid and into.orcid and source.orcid != into.orcid:
        found.append(Reason("They have two ORCID iDs, as two people have. Take out the one that is wrong first."))
    roles = dict(Byline._meta.get_field("role").flatchoices)
    same = Byline.objects.filter(article=OuterRef("article"), role=OuterRef("role"), author=into)
    twice = Byline.objects.filter(Exists(same), author=source).select_related("article__latest")[:SHOWN]
    found += [
        Reason(f"Both stand above {_named(one.article, by)} as {roles[one.role]}. Take one of the two out there first.")
        for one in twice
    ]
    account = source.user or into.user
    if account is not None and not (source.user_id and into.user_id):
        gained = pieces_of(into if source.user_id else source)
        handled = gained.filter(
            Q(handling__editor=account) | Q(handling__second_editor=account) | Q(handling__copy_editor=account)
        )
        found += [
            Reason(f"{account} handles {_named(article, by)}, and would be its author. Assign somebody else first.")
            for article in handled.select_related("latest")[:SHOWN]
        ]
        waiting = gained.exclude(corresponding=account).filter(
            Q(status__in=APPROVING) | Q(live__isnull=False, published_at__gt=timezone.now())
        )
        found += [
            Reason(
                f"{_named(article, by).capitalize()} is approved, or waits for approval, without {account}. Step it back"
                " into editing first, or publish it."
            )
            for article in waiting.select_related("latest")[:SHOWN]
        ]
    return found


def _named(article: Article, by: User) -> str:
    """The title, to those who may know of the piece."""
    return f"“{article}”" if access.is_on_desk(by, article) else "a piece that is not on your desk"


# --- moving -------------------------------------------------------------------------------------------


def _move(model: Any, name: str, source: Any, into: Any, *, once: tuple[str, ...]) -> None:
    """Give rows of `source` to `into`; one that `into` has already, as `once` tells them apart, is dropped."""
    theirs = set(model.objects.filter(**{name: into}).values_list(*once))
    doubles = [
        pk for pk, *key in model.objects.filter(**{name: source}).values_list("pk", *once) if tuple(key) in theirs
    ]
    for start in range(0, len(doubles), 2000):
        model.objects.filter(pk__in=doubles[start : start + 2000]).delete()
    model.objects.filter(**{name: source}).update(**{name: into})


def _move_region(source: Region, into: Region) -> None:
    _move(Article.regions.through, "region", source, into, once=("article_id",))
    # After those that are there, in the order that they have.
    last = into.children.aggregate(last=Max("position"))["last"]
    for place, child in enumerate(source.children.order_by("position", "name"), 1 if last is None else last + 1):
        Region.objects.filter(pk=child.pk).update(parent=into, position=min(place, 32767))


def _move_tag(source: Tag, into: Tag) -> None:
    _move(TaggedArticle, "tag", source, into, once=("content_object_id",))
    _move(TagListing, "target", source, into, once=("article_id",))


def _move_author(source: Author, into: Author) -> None:
    _move(Byline, "author", source, into, once=("article_id", "role"))
    _move(AuthorListing, "target", source, into, once=("article_id",))
    _move(SeriesEditor, "author", source, into, once=("series_id",))
    if not _portrait(into):
        Portrait.objects.filter(author=source).update(author=into)


def _move_series(source: Series, into: Series) -> None:
    """The pieces come after those that are there; those without a place of their own stay without."""
    last = into.articles.aggregate(last=Max("series_position"))["last"] or 0
    placed = source.articles.exclude(series_position=None).order_by("series_position", "published_at", "pk")
    places = {pk: min(place, 32767) for place, pk in enumerate(placed.values_list("pk", flat=True), last + 1)}
    for pk, place in places.items():
        Article.objects.filter(pk=pk).update(series=into, series_position=place)
        SeriesListing.objects.filter(target=source, article=pk).update(target=into, position=place)
    source.articles.all().update(series=into)
    _move(SeriesListing, "target", source, into, once=("article_id",))
    last_editor = into.editors.aggregate(last=Max("position"))["last"]
    for place, editor in enumerate(source.editors.all(), 0 if last_editor is None else last_editor + 1):
        SeriesEditor.objects.filter(pk=editor.pk).update(position=min(place, 32767))
    _move(SeriesEditor, "series", source, into, once=("author_id",))


MOVES: dict[type[Model], Callable[[Any, Any], None]] = {
    Region: _move_region,
    Tag: _move_tag,
    Author: _move_author,
    Series: _move_series,
}


# Tables of rooms above that name one of the four: (model, column, what tells rows apart).
FURTHER: dict[type[Model], list[tuple[Any, str, tuple[str, ...]]]] = {}


def also(kind: type[Model], model: Any, name: str, *, once: tuple[str, ...], relation: str) -> None:
    """Move rows of a room above too; for its `AppConfig.ready()`. `relation` is such as "review.referee.tags"."""
    if relation not in RELATIONS:
        RELATIONS.add(relation)
        FURTHER.setdefault(kind, []).append((model, name, once))


def _move_addresses(source: Any, into: Any) -> None:
    """All that led to `source` leads to `into`, its former addresses included."""
    former, owner = former_model(type(source)), former_owner(type(source))
    former.objects.filter(**{owner: source}).update(**{owner: into})
    former.objects.update_or_create(slug=source.slug, defaults={owner: into})


def _fill(source: Any, into: Any) -> None:
    """What `into` does not say itself it takes from `source`; an author keeps every name and the account of either."""
    filled = [name for name in FILLED[type(source)] if getattr(source, name) and not getattr(into, name)]
    for name in filled:
        setattr(into, name, getattr(source, name))
    if isinstance(source, Author):
        seen = [into.name, *filter(None, [into.native_name])]
        known = [name for name in into.further_names if name != into.native_name]
        gained = [source.name, *source.further_names]
        keys = {name.casefold() for name in (*seen, *known)}
        for name in gained:
            if name.casefold() not in keys:
                keys.add(name.casefold())
                known.append(name)
        into.other_names = "\n".join(known)
        filled.append("other_names")
        if source.user_id:
            into.user_id = source.user_id
            filled.append("user")
        # Both are unique.
        Author.objects.filter(pk=source.pk).update(user=None, orcid="")
    if filled:
        into.save(update_fields=filled)
