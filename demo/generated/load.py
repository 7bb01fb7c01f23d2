"""Brings generated pieces into the database, as many as are wanted: `Load(…).run()`."""

import contextlib
import datetime
import os
from collections.abc import Callable, Generator, Iterator
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from articles.counts import recount
from articles.models import Article, SearchEntry
from demo.generated import cast as casting
from demo.generated import indexes, workers
from demo.generated.vectors import Words
from demo.generated.words import FUNCTION, ORDINARY, word
from demo.generated.writing import Order, Writer, be_quiet
from demo.models import Generated
from forum.models import Masthead

BATCH: Final = 1_000
# Only for so many pieces, and for more than there are, is it worth taking indexes away and building them at the end; and only
# for so many, beginning processes.
MANY: Final = 5_000
# One load at a time; any number does that nobody else locks.
LOCK: Final = 4_310_777


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
        processes: int | None = None,
        now: datetime.datetime | None = None,
        told: Callable[[int, str], None] | None = None,
    ) -> None:
        self.wanted, self.seed, self.years, self.length = wanted, seed, years, length
        self.is_beside, self.has_search, self.trusts_keys = is_beside, has_search, trusts_keys
        self.processes = processes
        self.now = now or timezone.now()
        self.told = told or (lambda done, doing: None)

    def run(self) -> int:
        """Returns how many were made now. Interrupted, it leaves whole batches, and running it again goes on from there."""
        self._refuse_strangers()
        before = self.there()
        if before >= self.wanted and not indexes.missing():
            return 0
        self.told(before, "Authors, regions and topics")
        with transaction.atomic():
            be_quiet()
            self.cast = casting.gather(self.wanted)
        if self.has_search:
            names = {part.lower() for author in self.cast.authors for part in author.name.split()}
            with connection.cursor() as cursor:
                Words().learn(cursor, {*FUNCTION, *map(word, range(ORDINARY)), *names})
        try:
            if self.has_search and self.wanted - before >= max(MANY, SearchEntry.objects.count()):
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
        end = min(run.last, self.wanted)
        batches = [range(first, min(first + BATCH, end + 1)) for first in range(run.done + 1, end + 1, BATCH)]
        order = Order(run, self.cast, Masthead.current().zone, self.has_search, self.trusts_keys)
        with contextlib.closing(self._written(order, batches)) as written:
            for batch in written:
                self.told(batch[-1], "Pieces")

    def _written(self, order: Order, batches: list[range]) -> Generator[range]:
        """Each batch once it is there."""
        processes = min(self.processes or os.cpu_count() or 1, len(batches))
        if processes > 1 and (self.processes or len(batches) * BATCH >= MANY):
            yield from workers.write(order, batches, processes)
            return
        writer = Writer(order)
        for batch in batches:
            writer.write(batch)
            yield batch


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
