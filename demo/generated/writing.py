"""Makes the pieces of a run and writes them, a batch a transaction: `Writer(order).write(range(1, 1001))`.

Several processes may write batches of one run at once. They are committed in their order, so that an interrupted run has no gaps.
"""

import time
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from demo.generated import vectors
from demo.generated.batch import Batch
from demo.generated.cast import Cast
from demo.generated.pieces import Maker
from demo.models import Generated


class GivenUp(Exception):  # noqa: N818  it is no fault of the batch that waits
    """The batch before this one will never be there."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to write, and how."""

    run: Generated
    cast: Cast
    zone: zoneinfo.ZoneInfo
    has_search: bool = True
    trusts_keys: bool = True


class Writer:
    def __init__(self, order: Order, is_over: Callable[[], bool] = lambda: False) -> None:
        run = order.run
        self.order, self.is_over = order, is_over
        self.maker = Maker(run.seed, order.cast, run.first, run.last, run.begins_at, run.ends_at, run.words)
        self.words = vectors.Words()

    def write(self, numbers: range) -> None:
        """Make and write the pieces of these numbers."""
        pieces = self.maker.pieces(numbers)
        with connection.cursor() as cursor:
            if self.order.has_search:
                self.words.learn(cursor, {word for piece in pieces for word in piece.text.rare})
            with transaction.atomic():
                be_quiet()
                if self.order.trusts_keys:
                    _trust_keys()
                batch = Batch(cursor, pieces, by=self.order.cast.by, zone=self.order.zone)
                batch.write(cursor)
                if self.order.has_search:
                    vectors.index(cursor, batch.ids, pieces)
                else:
                    vectors.leave_to_worker(cursor, batch.ids)
                self._note(numbers)

    def _note(self, numbers: range) -> None:
        """That they are there, once all before them are."""
        before = Generated.objects.filter(pk=self.order.run.pk, done=numbers[0] - 1)
        while not before.update(done=numbers[-1]):
            if self.is_over():
                raise GivenUp
            time.sleep(0.02)


def be_quiet() -> None:
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
