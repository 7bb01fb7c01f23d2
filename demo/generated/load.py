"""Writes generated pieces into the database by COPY, a batch a transaction: `Load(…).run()`.

Each piece has what one has that `load_articles` took in: its versions, their renderings, publications, bylines, topics, regions, the
rows of lists, both search vectors, handling, and events that retell it all.
"""

import contextlib
import datetime
import json
import zoneinfo
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Sum
from django.utils import timezone

from articles import addresses, search
from articles.counts import recount
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
from articles.models.listing import Listing
from articles.spelling import can_be_wrong, keys_of
from articles.status import Status
from articles.telling import TELLING
from demo.generated import cast as casting
from demo.generated import indexes
from demo.generated.pieces import Maker, Piece, Text
from demo.generated.rows import Rows
from demo.generated.words import FUNCTION, ORDINARY, word
from demo.models import Generated
from editorial.models import Event, Handling
from editorial.recording import changed, plain
from forum.models import Masthead

BATCH: Final = 1_000
# Only for so many pieces is it worth taking indexes of an empty table away and building them at the end.
MANY: Final = 5_000
# One load at a time; any number does that nobody else locks.
LOCK: Final = 4_310_777
_KIND = Publication.Kind


class Refused(Exception):  # noqa: N818  it is an answer, not an error
    """Why nothing can be generated, and what to do."""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Refused("Pieces are being generated already. Wait until that is through.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


class Load:
    """Brings the generated pieces of a seed up to `wanted`.

    `told` is called with how many there are, and what is being done. Raises Refused where pieces stand in the database that were not
    generated, unless `is_beside`.
    """

    def __init__(
        self,
        wanted: int,
        *,
        seed: int = 1,
        years: float = 12,
        length: int = 800,
        is_beside: bool = False,
        has_search: bool = True,
        trusts_keys: bool = True,
        now: datetime.datetime | None = None,
        told: Callable[[int, str], None] | None = None,
    ) -> None:
        self.wanted, self.seed, self.years, self.length = wanted, seed, years, length
        self.is_beside, self.has_search, self.trusts_keys = is_beside, has_search, trusts_keys
        self.now = now or timezone.now()
        self.told = told or (lambda done, doing: None)
        self.learned: set[str] = set()

    def run(self) -> int:
        """Returns how many were made now. Interrupted, it leaves whole batches, and running it again goes on from there."""
        self._refuse_strangers()
        before = self.there()
        if before >= self.wanted and not indexes.missing():
            return 0
        self.told(before, "Authors, regions and topics")
        with transaction.atomic():
            _be_quiet()
            self.cast = casting.gather(self.wanted)
            if self.has_search:
                names = {part.lower() for author in self.cast.authors for part in author.name.split()}
                self._learn({*FUNCTION, *map(word, range(ORDINARY)), *names})
        self.zone = Masthead.current().zone
        try:
            if self.has_search and self.wanted - before >= MANY and not SearchEntry.objects.exists():
                indexes.take_away()
            for run in self._runs():
                self._finish(run)
        finally:
            if indexes.missing():
                self.told(self.there(), "Indexes of the search")
                indexes.put_back()
        self.told(self.there(), "Months and statistics")
        finish(self.now)
        return self.there() - before

    def there(self) -> int:
        """How many pieces of this seed there are."""
        last = Generated.objects.filter(seed=self.seed).order_by("-first").first()
        return last.done if last else 0

    def _refuse_strangers(self) -> None:
        mine = Generated.objects.aggregate(count=Sum(F("done") - F("first") + 1))["count"] or 0
        others = Article.objects.count() - mine
        if others > 0 and not self.is_beside:
            raise Refused(
                f"This site has {others} piece{'s' if others > 1 else ''} that were not generated, and readers would see the generated ones"
                " beside them. Generate into a database of its own, such as with VAR=var/large; or, where that is wanted: --beside"
            )

    def _runs(self) -> Iterator[Generated]:
        """What was begun and not finished, then one for all that is still wanted."""
        begun = Generated.objects.filter(seed=self.seed, done__lt=F("last")).order_by("first")
        yield from begun
        there = self.there()
        if there < self.wanted:
            yield Generated.objects.create(
                seed=self.seed,
                first=there + 1,
                last=self.wanted,
                done=there,
                words=self.length,
                begins_at=self.now - datetime.timedelta(days=round(365.25 * self.years)),
                ends_at=self.now - datetime.timedelta(minutes=1),
            )

    def _finish(self, run: Generated) -> None:
        maker = Maker(self.seed, self.cast, run.first, run.last, run.begins_at, run.ends_at, run.words)
        end = min(run.last, self.wanted)
        batches = [range(first, min(first + BATCH, end + 1)) for first in range(run.done + 1, end + 1, BATCH)]
        # While the database takes one batch in, the next is thought up.
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(maker.pieces, batches[0]) if batches else None
            for place, batch in enumerate(batches):
                assert coming is not None
                pieces = coming.result()
                coming = pool.submit(maker.pieces, batches[place + 1]) if place + 1 < len(batches) else None
                with transaction.atomic():
                    _be_quiet()
                    if self.trusts_keys:
                        _trust_keys()
                    self._write(pieces)
                    run.done = batch[-1]
                    run.save(update_fields=["done"])
                self.told(run.done, "Pieces")

    # --- A batch ------------------------------------------------------------------------------------

    def _write(self, pieces: list[Piece]) -> None:
        with connection.cursor() as cursor:
            batch = Batch(cursor, pieces, by=self.cast.by.pk, zone=self.zone)
            batch.write(cursor)
            _index(cursor, batch.ids, pieces, has_search=self.has_search)
        if self.has_search:
            self._learn({word for piece in pieces for word in piece.text.rare})

    def _learn(self, found: set[str]) -> None:
        """Words for help with spelling, of which the worker would take hours."""
        new = sorted(word for word in found - self.learned if can_be_wrong(word))
        self.learned |= found
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS generated_words (word text, shown text, keys text[]) ON COMMIT DELETE ROWS"
            )
            cursor.execute("TRUNCATE generated_words")
            with cursor.copy("COPY generated_words FROM STDIN") as copy:
                for one in new:
                    copy.write_row((one, one, keys_of(one)))
            cursor.execute(
                "INSERT INTO articles_searchword (word, shown, keys) SELECT word, shown, keys FROM generated_words ON CONFLICT DO NOTHING"
            )


def _be_quiet() -> None:
    """For the present transaction: nobody is told of each row, but once at the end that everything is new."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL forum.quiet = 'on'")
        cursor.execute("SET LOCAL synchronous_commit = off")


def _trust_keys() -> None:
    """Where we may (the embedded database's owner may): about thirty keys of each piece, all made by this module, are not
    looked up again one by one. Tests load with every check."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
        if cursor.fetchone()[0]:
            cursor.execute("SET LOCAL session_replication_role = replica")


def finish(now: datetime.datetime) -> None:
    """After many rows: months as `articles.months` notes them, statistics, and every kept page is told to be made anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL forum.quiet = 'on'")
        cursor.execute(
            """INSERT INTO articles_changedmonth (first_on, changed_at, count, counted_at)
               SELECT date_trunc('month', published_on)::date, %(now)s, count(*), %(now)s
               FROM articles_article WHERE live_id IS NOT NULL GROUP BY 1
               ON CONFLICT (first_on) DO UPDATE
                 SET changed_at = EXCLUDED.changed_at, count = EXCLUDED.count, counted_at = EXCLUDED.counted_at""",
            {"now": now},
        )
        recount()
        cursor.execute("SELECT pg_notify('forum_pages', '*')")
        # Else the first plans would be those of an empty database.
        cursor.execute("ANALYZE")


# --- Rows -------------------------------------------------------------------------------------------


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


# --- Search -----------------------------------------------------------------------------------------


def _index(cursor: CursorWrapper, ids: list[int], pieces: list[Piece], *, has_search: bool) -> None:
    """The vectors as `articles.search.reindex` makes them; where that is left to the worker, rows of an older version."""
    if not has_search:
        rows = Rows(SearchEntry)
        for pk in ids:
            rows.add(article_id=pk)
        rows.write(cursor)
        return
    cursor.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS generated_texts (id bigint, is_listed boolean, names text, t0 text, t1 text, t2 text)"
        " ON COMMIT DELETE ROWS"
    )
    cursor.execute("TRUNCATE generated_texts")
    with cursor.copy("COPY generated_texts FROM STDIN") as copy:
        for pk, piece in zip(ids, pieces, strict=True):
            text = piece.correction[2] if piece.correction else piece.text
            copy.write_row([pk, piece.retraction is None, _names(piece), *text.indexed])
    # English, nobody with a name that is not shown, nothing pending: both vectors are the same.
    columns = {"names": "names", "unseen": "''", "t0": "t0", "t1": "t1", "t2": "t2"}
    telling = TELLING % {"names": "made.names", "unseen_weight": f"'{search.UNSEEN}'"}
    period = f"floor(extract(epoch FROM article.published_at) / {search.PERIOD * 86_400})::int"
    cursor.execute(
        f"""INSERT INTO articles_searchentry (article_id, public, desk, telling, published_at, periods, version, is_learned)
            SELECT made.id, public, vector, {telling}, CASE WHEN is_listed THEN article.published_at END,
              CASE WHEN is_listed THEN ARRAY[{period}] END, {search.VERSION}, is_listed
            FROM (
              SELECT id, names, is_listed, vector, CASE WHEN is_listed THEN vector END AS public
              FROM (SELECT id, names, is_listed, {search._vector("t", is_english=True) % columns} AS vector FROM generated_texts OFFSET 0) AS whole
            ) AS made JOIN articles_article AS article ON article.id = made.id"""  # noqa: S608  made of constants
    )


def _names(piece: Piece) -> str:
    """In the order in which the search reads them, since it keeps where a word stands."""
    regions = sorted(piece.regions, key=lambda region: (region.position, region.name))
    found: list[str] = []
    for author in piece.authors:
        found += [author.name, author.name, ""]
    found += [region.name for region in regions]
    found += [region.parent.name for region in regions if region.parent]
    found += sorted(name for _tag, name in piece.topics)
    return search._indexed(" \n".join(found))
