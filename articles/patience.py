"""How long the database may think about what a reader asked. What takes longer is given up, and said in plain words: one
odd search must not keep everybody else waiting.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

SECONDS: Final = 3.0


class TooLong(Exception):  # noqa: N818  it is an answer, not an error
    """The database was stopped before it had an answer."""


@contextmanager
def patient(seconds: float = SECONDS) -> Iterator[None]:
    """Each query within may take so long. Raises TooLong."""
    within_another = connection.in_atomic_block
    try:
        with transaction.atomic():
            _stop_after(seconds)
            yield
            if within_another:
                _stop_after(0)
    except OperationalError as problem:
        if isinstance(problem.__cause__, QueryCanceled):
            raise TooLong from problem
        raise


def _stop_after(seconds: float) -> None:
    """For the rest of the transaction; 0 is never."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, TRUE)", [str(int(seconds * 1000))])
