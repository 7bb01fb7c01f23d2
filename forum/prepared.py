"""Statements that the database plans once for a connection, and is then asked with other values.

Django sends each query as a whole text, values and all, and the database reads and plans it anew each time; for the pages
of readers that is most of what it does. They are asked through psycopg's own layer beneath its cursors (`psycopg.pq`): a cursor
does for each question, and for each column of its answer, what is the same each time, and takes three times as long. With
DATABASE_PREPARE=0 (a pooler in transaction mode that knows of no prepared statements) they are sent as any other.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections
from django.db.backends.utils import CursorDebugWrapper
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.types.datetime import TimestamptzLoader

_NAME = re.compile(r"%\((\w+)\)s")
# Pages, lists and searches have some 120 statements. Of more the oldest is given up.
MOST: Final = 400
# What a value is, where its place alone might not tell: `$1 - interval '1 day'`. Texts, and numbers as texts, go without.
_TYPES: Final = {
    datetime.datetime: psycopg.adapters.types["timestamptz"].oid,
    datetime.date: psycopg.adapters.types["date"].oid,
}


def fetch(connection: Any, sql: str, values: Sequence[Any]) -> list[Any]:
    """All rows. `sql` has its values as `$1`, `$2`; each is sent as text, whose type the database knows from its place."""
    try:
        return _fetch(connection, sql, values)
    except NotSupportedError:
        # A table was changed since the statement was prepared, and is read in another way now. It was forgotten.
        if connection.in_atomic_block:
            raise
        return _fetch(connection, sql, values)


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
            self.rows = _rows(self.connection.connection, sql, values)


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


class _Known:
    """A statement that a connection has prepared, and how its rows are read: their columns are always the same."""

    __slots__ = ("name", "reader")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.reader: Any = None

    def read(self, conn: "psycopg.Connection[Any]", result: PGresult) -> list[Any]:
        reader = self.reader
        if reader is None:
            reader = self.reader = Transformer(conn)
            reader.set_pgresult(result)
        else:
            reader.set_pgresult(result, set_loaders=False)
        try:
            rows: list[Any] = reader.load_rows(0, result.ntuples, tuple)
            return rows
        finally:
            # It may be large, and the next may not come for long.
            reader.set_pgresult(None, set_loaders=False)


class _Statements:
    """What a connection has prepared, by the text and the types of its values."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[type, ...]], _Known] = {}
        self._made = 0

    def of(self, conn: "psycopg.Connection[Any]", sql: str, kinds: tuple[type, ...]) -> _Known:
        known = self._known.get((sql, kinds))
        if known is None:
            if len(self._known) >= MOST:
                oldest = next(iter(self._known))
                _done(conn, conn.pgconn.exec_(b"DEALLOCATE " + self._known.pop(oldest).name))
            self._made += 1
            name = b"forum_%d" % self._made
            _done(conn, conn.pgconn.prepare(name, sql.encode(), [_TYPES.get(kind, 0) for kind in kinds]))
            known = self._known[sql, kinds] = _Known(name)
        return known

    def forget(self, known: _Known) -> None:
        """Prepare it anew when it is asked next. The server keeps the old one to the end of the connection: here is no time to say so."""
        self._known = {key: one for key, one in self._known.items() if one is not known}


def _rows(conn: Any, sql: str, values: Sequence[Any]) -> list[Any]:
    """`conn` is psycopg's, and keeps what it has prepared. Raises errors of psycopg's kinds."""
    if not conn.autocommit and conn.pgconn.transaction_status == TransactionStatus.IDLE:
        conn.execute("")  # which begins the transaction that was asked for
    sent = [None if value is None else _sent(value) for value in values]
    with conn.lock:
        try:
            statements: _Statements = conn.forum_statements
        except AttributeError:
            statements = conn.forum_statements = _Statements()
        known = statements.of(conn, sql, tuple(map(type, values)))
        result = conn.pgconn.exec_prepared(known.name, sent)
        if result.status != ExecStatus.TUPLES_OK:
            problem = _problem(conn, result)
            if isinstance(problem, psycopg.NotSupportedError):
                statements.forget(known)
            raise problem
        return known.read(conn, result)


def _done(conn: Any, result: PGresult) -> None:
    if result.status != ExecStatus.COMMAND_OK:
        raise _problem(conn, result)


def _problem(conn: Any, result: PGresult) -> psycopg.Error:
    if conn.pgconn.status == ConnStatus.BAD:
        # What the server said last, if it said anything, has no code.
        return psycopg.OperationalError(result.get_error_message() or "the connection is lost")
    return error_from_result(result, encoding=conn.info.encoding)


def _sent(value: Any) -> bytes:
    """As text. The server would take a text only up to a NUL, and nobody would know."""
    sent = str(value).encode()
    if b"\0" in sent:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return sent


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
