"""The rows of some generated pieces, in every table: `Batch(cursor, pieces, …).write(cursor)`.

Each piece has what one has that `load_articles` took in: its versions, their renderings, publications, bylines, topics, regions, the
rows of lists, handling, and events that retell it all. Its vectors are `demo.generated.vectors`’ to make.
"""

import datetime
import json
import zoneinfo
from typing import Any

from django.db.backends.utils import CursorWrapper

from articles import addresses
from articles.models import (
    Article,
    AuthorListing,
    Byline,
    Publication,
    RegionListing,
    Rendering,
    Revision,
    SeriesListing,
    TaggedArticle,
    TagListing,
)
from articles.models.listing import Listing
from articles.status import Status
from demo.generated.pieces import Piece, Text
from demo.generated.rows import Rows
from editorial.models import Event, Handling
from editorial.recording import changed, plain

_KIND = Publication.Kind


def _take_ids(cursor: CursorWrapper, table: str, count: int) -> list[int]:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
        [table, count],
    )
    return [pk for (pk,) in cursor.fetchall()]


class Batch:
    """The rows of some pieces, in every table."""

    def __init__(self, cursor: CursorWrapper, pieces: list[Piece], *, by: int, zone: zoneinfo.ZoneInfo) -> None:
        self.by, self.zone = by, zone
        self.articles = Rows(Article, has_keys=True)
        self.revisions = Rows(Revision, has_keys=True)
        self.renderings = Rows(Rendering)
        self.publications = Rows(Publication, has_keys=True)
        self.bylines = Rows(Byline)
        self.regions = Rows(Article.regions.through)
        self.tags = Rows(TaggedArticle)
        lists: tuple[type[Listing], ...] = (RegionListing, TagListing, AuthorListing, SeriesListing)
        self.lists = {model: Rows(model) for model in lists}
        self.handlings = Rows(Handling)
        self.events = Rows(Event)
        later = sum(bool(piece.correction or piece.retraction) for piece in pieces)
        second = sum(bool(piece.correction) for piece in pieces)
        self.ids = _take_ids(cursor, "articles_article", len(pieces))
        self._revision_ids = iter(_take_ids(cursor, "articles_revision", len(pieces) + second))
        self._publication_ids = iter(_take_ids(cursor, "articles_publication", len(pieces) + later))
        for pk, piece in zip(self.ids, pieces, strict=True):
            self._add(pk, piece)

    def write(self, cursor: CursorWrapper) -> None:
        for rows in (
            self.articles, self.revisions, self.renderings, self.publications, self.bylines, self.regions, self.tags,
            *self.lists.values(), self.handlings, self.events,
        ):  # fmt: skip
            rows.write(cursor)

    def _add(self, pk: int, piece: Piece) -> None:
        first = latest = self._text(pk, 1, piece.text, piece.at)
        published_on = addresses.day_of(piece.at, self.zone)
        given = self._given(pk, first, _KIND.FIRST, piece.at)
        self._event(pk, "begin", "", Status.DRAFT, piece.at, first, changed({}, {
            "slug": piece.slug, "editor": self.by, "since": plain(piece.at),
        }))  # fmt: skip
        before: dict[str, Any] = {"slug": piece.slug, "editor": self.by}
        after = {"slug": piece.slug, "live": first, "published_at": plain(piece.at), "published_on": plain(published_on), "editor": None}  # fmt: skip
        self._event(pk, "import", Status.DRAFT, Status.PUBLISHED, piece.at, first, {
            "published_at": piece.at.isoformat(), "publications": [given], **changed(before, after),
        })  # fmt: skip
        status = Status.PUBLISHED
        if piece.correction:
            at, note, text = piece.correction
            latest = self._text(pk, 2, text, at)
            self._followed(pk, piece, latest, _KIND.CORRECTION, at, note, changed({"live": first, "slug": piece.slug}, {"live": latest, "slug": piece.slug}))  # fmt: skip
        elif piece.retraction:
            at, note = piece.retraction
            status = Status.RETRACTED
            self._followed(pk, piece, first, _KIND.RETRACTION, at, note, changed({}, {}))
        self.articles.add(
            id=pk, status=status, slug=piece.slug, series_id=piece.series, latest_id=latest, live_id=latest,
            published_at=piece.at, published_on=published_on, created_at=piece.at,
        )  # fmt: skip
        self.handlings.add(article_id=pk, since=piece.at)
        self._stands_under(pk, piece, is_listed=status == Status.PUBLISHED)

    def _text(self, pk: int, number: int, text: Text, at: datetime.datetime) -> int:
        revision = next(self._revision_ids)
        self.revisions.add(
            id=revision, article_id=pk, number=number, title=text.title, in_brief=text.in_brief, body=text.body, by_id=self.by, at=at,
        )  # fmt: skip
        self.renderings.add(
            revision_id=revision,
            html=text.html,
            contents=json.dumps(text.headings),
            words=text.words,
            minutes=text.minutes,
        )
        return revision

    def _given(self, pk: int, revision: int, kind: str, at: datetime.datetime, note: str = "") -> list[Any]:
        """A row of the public history; returns what the event says of it."""
        publication = next(self._publication_ids)
        self.publications.add(
            id=publication, article_id=pk, revision_id=revision, kind=str(kind), note=note, by_id=self.by, at=at
        )
        return ["given", *(plain(part) for part in (publication, str(kind), revision, at, note))]

    def _followed(
        self, pk: int, piece: Piece, revision: int, kind: str, at: datetime.datetime, note: str, was_set: dict[str, Any]
    ) -> None:
        given = self._given(pk, revision, kind, at, note)
        to = Status.RETRACTED if kind == _KIND.RETRACTION else Status.PUBLISHED
        self._event(pk, "import_again", Status.PUBLISHED, to, at, revision, {
            "kind": str(kind), "public_note": note, "publications": [given], **was_set,
        })  # fmt: skip

    def _event(self, pk: int, step: str, old: str, new: str, at: datetime.datetime, revision: int, data: dict[str, Any]) -> None:  # fmt: skip
        self.events.add(
            article_id=pk, transition=step, from_status=str(old), to_status=str(new), by_id=self.by, at=at, revision_id=revision,
            data=json.dumps(data),
        )  # fmt: skip

    def _stands_under(self, pk: int, piece: Piece, *, is_listed: bool) -> None:
        """Bylines, regions, topics; and the rows of the lists, those of the regions that hold its regions too."""
        for position, author in enumerate(piece.authors):
            self.bylines.add(
                article_id=pk, author_id=author.pk, position=position, name=author.name, affiliation=author.affiliation, bio=author.bio,
            )  # fmt: skip
        for region in piece.regions:
            self.regions.add(article_id=pk, region_id=region.pk)
        for tag, _name in piece.topics:
            self.tags.add(tag_id=tag, content_object_id=pk)
        if not is_listed:
            return
        targets: dict[type[Listing], set[int]] = {
            RegionListing: {place.pk for region in piece.regions for place in region.with_ancestors()},
            TagListing: {tag for tag, _name in piece.topics},
            AuthorListing: {author.pk for author in piece.authors},
            SeriesListing: {piece.series} if piece.series else set(),
        }
        for model, ids in targets.items():
            for target in sorted(ids):
                self.lists[model].add(target_id=target, article_id=pk, published_at=piece.at)
