"""How long the database may think about what a reader asked. What takes longer is given up, and said in plain words: one
odd search must not keep everybody else waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from forum.prepared import is_stale

SECONDS: Final = 3.0
Answer = TypeVar("Answer")
# To start a helper takes the database longer than most searches.
_ALONE: Final = "set_config('max_parallel_workers_per_gather', '0', TRUE)"


class TooLong(Exception):  # noqa: N818  it is an answer, not an error
    """The database was stopped before it had an answer."""


def answered(ask: Callable[[], Answer], seconds: float = SECONDS) -> Answer:
    """What `ask` makes of queries, each of which may take so long. Raises TooLong."""
    try:
        with patient(seconds):
            return ask()
    except DatabaseError as problem:
        if not is_stale(problem):
            raise
        with patient(seconds):
            return ask()


@contextmanager
def patient(seconds: float = SECONDS) -> Iterator[None]:
    """Each query within may take so long, and one processor. Raises TooLong."""
    within_another = connection.in_atomic_block
    try:
        with transaction.atomic():
            _run(f"SELECT set_config('statement_timeout', '{int(seconds * 1000)}', TRUE), {_ALONE}")
            yield
            if within_another:
                _run("SET LOCAL statement_timeout TO 0; SET LOCAL max_parallel_workers_per_gather TO DEFAULT")
    except OperationalError as problem:
        if isinstance(problem.__cause__, QueryCanceled):
            raise TooLong from problem
        raise


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
