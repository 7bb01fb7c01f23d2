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

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections
from psycopg.types.datetime import TimestamptzLoader

_NAME = re.compile(r"%\((\w+)\)s")
# So many that the pool holds, at most.
_CONNECTIONS = max(1, settings.DATABASES[DEFAULT_DB_ALIAS].get("OPTIONS", {}).get("pool", {}).get("max_size", 1))


class _Prepared(psycopg.RawCursor[Any]):
    """Values are `$1`, `$2` and so on, and go to the server beside the statement."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        done = super().execute(query, params, prepare=True, **options)
        # Psycopg remembers no statement that it sent by its name alone; Django's log of statements asks for it.
        self._query = self._query or self._convert_query(query)
        return done


def fetch(connection: Any, sql: str, values: Sequence[Any]) -> list[Any]:
    """All rows. `sql` has its values as `$1`, `$2`; each is sent as text, whose type the database knows from its place."""
    for _ in range(_CONNECTIONS):
        try:
            return _fetch(connection, sql, values)
        except NotSupportedError:
            # A table was changed since the statement was prepared: the plan is of no use any more, on this connection. The next that the
            # pool gives may be as old.
            if connection.in_atomic_block:
                raise
            connection.connection.close()  # so that the pool does not give it to anybody any more
            connection.close()
    return _fetch(connection, sql, values)


def keep_many(connection: Any, **of_the_signal: Any) -> None:
    """Pages, lists and searches have some 120 statements; psycopg gives up those over a hundred, to prepare them again."""
    connection.connection.prepared_max = 400


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


def _fetch(connection: Any, sql: str, values: Sequence[Any]) -> list[Any]:
    if connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.cursor.close()
            cursor.cursor = _Prepared(connection.connection)
            cursor.execute(sql, values)
            logged: list[Any] = cursor.fetchall()
        return logged
    # What Django's own cursor does, but for what costs it as much as the question itself: one wrapping another for each.
    connection.ensure_connection()
    connection.validate_thread_sharing()
    with _Prepared(connection.connection) as cursor:
        execute: Callable[..., Any] = partial(_execute, connection, cursor)
        for wrapper in reversed(connection.execute_wrappers):
            execute = partial(wrapper, execute)
        execute(sql, values, False, {"connection": connection, "cursor": cursor})
        with connection.wrap_database_errors:
            rows: list[Any] = cursor.fetchall()
    return rows


def _execute(
    connection: Any, cursor: _Prepared, sql: str, values: Sequence[Any], many: bool, context: dict[str, Any]
) -> Any:
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        return cursor.execute(sql, values)


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
