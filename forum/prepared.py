"""Statements that the database plans once for a connection, and is then asked with other values.

Django sends each query as a whole text, values and all, and the database reads and plans it anew each time; for the pages
of readers that is most of what it does. With DATABASE_PREPARE=0 (a pooler in transaction mode that knows of no prepared
statements) they are sent as any other.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.utils import CursorDebugWrapper
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader

from forum.statements import STALE, rows_of

_NAME = re.compile(r"%\((\w+)\)s")


def fetch(connection: Any, sql: str, values: Sequence[Any]) -> list[Any]:
    """All rows. `sql` has its values as `$1`, `$2`; each is sent as text, whose type the database knows from its place."""
    try:
        return _fetch(connection, sql, values)
    except DatabaseError as problem:
        # Within a transaction, which this broke, nothing can be asked any more.
        if is_stale(problem) and connection.connection.pgconn.transaction_status == TransactionStatus.IDLE:
            return _fetch(connection, sql, values)
        raise


def is_stale(problem: DatabaseError) -> bool:
    """Whether what the connection had prepared was of no use any more. It is forgotten by now: who asks again gets an answer."""
    return isinstance(problem.__cause__, STALE)


class Statement:
    """A statement in SQL with its values as `%(name)s`, prepared where that may be. It has no other percent signs."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._names = list(dict.fromkeys(_NAME.findall(sql)))
        self._prepared = _NAME.sub(lambda found: f"${self._names.index(found[1]) + 1}", sql)

    def rows(self, **values: Any) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        if settings.DATABASE_PREPARE:
            return fetch(connection, self._prepared, [as_text(values[name]) for name in self._names])
        with connection.cursor() as cursor:
            cursor.execute(self._sql, values)
            rows: list[Any] = cursor.fetchall()
        return rows


class _Asked:
    """A question on its way to the database; its answer is `rows`."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.rows: list[Any] = []

    def __call__(self, sql: str, values: Sequence[Any], many: bool, context: dict[str, Any]) -> None:
        self.connection.validate_no_broken_transaction()
        with self.connection.wrap_database_errors:
            self.rows = rows_of(self.connection.connection, sql, values)


def _fetch(connection: Any, sql: str, values: Sequence[Any]) -> list[Any]:
    """As Django's own cursor does it, for whoever counts, logs or notes queries."""
    connection.ensure_connection()
    connection.validate_thread_sharing()
    asked = _Asked(connection)
    execute: Callable[..., Any] = asked
    for wrapper in reversed(connection.execute_wrappers):
        execute = partial(wrapper, execute)
    context = {"connection": connection, "cursor": asked}
    if connection.queries_logged:
        with CursorDebugWrapper(asked, connection).debug_sql(sql):
            execute(sql, values, False, context)
    else:
        execute(sql, values, False, context)
    return asked.rows


def as_text(value: Any) -> Any:
    """A value of a type that does not hang on how large it is: another type would be another statement."""
    if isinstance(value, list):
        return f"{{{','.join(map(_item, value))}}}"
    return str(value) if isinstance(value, int) else value


def _item(value: Any) -> str:
    """As an array has it: a text in quotes, for it may have what divides the items."""
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


class QuickMoments(TimestamptzLoader):
    """Reads moments with the standard library's reader, in a tenth of the time; what that can't read, as ever."""

    timezone = datetime.UTC

    def load(self, data: Any) -> datetime.datetime:
        try:
            return datetime.datetime.fromisoformat(bytes(data).decode())
        except ValueError:
            return super().load(data).replace(tzinfo=self.timezone)


def read_moments_quickly() -> None:
    """For every connection that Django opens from now on; its clock is UTC, as `TIME_ZONE` of a database is not set."""
    from django.db.backends.postgresql.psycopg_any import get_adapters_template  # type: ignore[import-untyped]  # it has no stubs

    get_adapters_template(True, datetime.UTC).register_loader("timestamptz", QuickMoments)
