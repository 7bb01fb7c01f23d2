"""What a connection to the database has prepared: each statement is planned once for it, and its answers are read alike.

Beneath psycopg's cursors, by its own layer of libpq (`psycopg.pq`): a cursor does for each question, and for each column of
its answer, what is the same each time, and takes three times as long. Unlike a cursor it waits within libpq: Ctrl-C is
heard once the answer is there.

PostgreSQL refuses a statement whose table is read in another way since it was prepared. Then all are forgotten, for one
migration changes several; who asks again, after the transaction that this broke, gets an answer. So within a transaction that
changes tables itself, ask otherwise.
"""

import datetime
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg import capabilities
from psycopg.adapt import Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

# Pages, lists and searches have some 120 statements. Of more the oldest is given up.
MOST: Final = 400
# What was prepared is of no use any more: a table was changed, or somebody dropped all statements of the connection.
STALE: Final = (FeatureNotSupported, InvalidSqlStatementName)
_MOMENT: Final = psycopg.adapters.types["timestamptz"].oid
_DAY: Final = psycopg.adapters.types["date"].oid
# From libpq 17 on; poolers know it, too.
_CAN_CLOSE: Final = capabilities.has_send_close_prepared()


def rows_of(conn: Any, sql: str, values: Sequence[str | datetime.date | None]) -> list[tuple[Any, ...]]:
    """All rows. `conn` is psycopg's, and keeps what it has prepared; `sql` has its values as `$1`, `$2`, which are sent as text.

    Raises errors of psycopg's kinds, among them `STALE`; TypeError for a value of another type.
    """
    if not conn.autocommit and conn.pgconn.transaction_status == TransactionStatus.IDLE:
        conn.execute("")  # which begins the transaction that was asked for
    types = tuple([_type_of(value) for value in values])
    sent = [None if value is None else _sent(value) for value in values]
    with conn.lock:
        try:
            statements: _Statements = conn.forum_statements
        except AttributeError:
            statements = conn.forum_statements = _Statements()
        known = statements.of(conn, sql, types)
        result = conn.pgconn.exec_prepared(known.name, sent)
        if result.status != ExecStatus.TUPLES_OK:
            problem = _problem(conn, result)
            # One that was prepared in a transaction may have learned types from a table that is not so any more.
            if not isinstance(problem, psycopg.OperationalError):
                statements.forget(None if isinstance(problem, STALE) else known)
            raise problem
        return known.read(conn, result)


class _Known:
    """A statement that was prepared, and how its rows are read: their columns are always the same."""

    __slots__ = ("name", "reader")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.reader: Any = None

    def read(self, conn: "psycopg.Connection[Any]", result: PGresult) -> list[tuple[Any, ...]]:
        reader = self.reader
        if reader is None:
            # By what the connection reads, not by the connection, which would then wait for the collector of cycles.
            reader = Transformer(conn.adapters)
            reader.set_pgresult(result)
            self.reader = reader  # once it knows the columns: without them it would read anywhere
        else:
            reader.set_pgresult(result, set_loaders=False)
        try:
            rows: list[tuple[Any, ...]] = reader.load_rows(0, result.ntuples, tuple)
            return rows
        finally:
            # It may be large, and the next may not come for long.
            reader.set_pgresult(None, set_loaders=False)


class _Statements:
    """By the text and the types of the values, as the server names types."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[int, ...]], _Known] = {}
        # Those that the server still has, and that nobody asks any more.
        self._left: list[bytes] = []
        self._made = 0

    def of(self, conn: "psycopg.Connection[Any]", sql: str, types: tuple[int, ...]) -> _Known:
        known = self._known.get((sql, types))
        if known is None:
            while len(self._known) >= MOST:
                self._left.append(self._known.pop(next(iter(self._known))).name)
            if self._left and conn.pgconn.transaction_status == TransactionStatus.IDLE:
                self._close(conn)
            self._made += 1
            name = b"forum_%d" % self._made
            result = conn.pgconn.prepare(name, sql.encode(), types)
            if result.status != ExecStatus.COMMAND_OK:
                raise _problem(conn, result)
            known = self._known[sql, types] = _Known(name)
        return known

    def forget(self, known: _Known | None) -> None:
        """Prepare this one, or all, anew when asked next."""
        gone = {key: one for key, one in self._known.items() if known is None or one is known}
        self._left += [one.name for one in gone.values()]
        self._known = {key: one for key, one in self._known.items() if key not in gone}

    def _close(self, conn: "psycopg.Connection[Any]") -> None:
        """Outside a transaction, which a refusal would break: one that is not there any more is all the same here."""
        while self._left:
            name = self._left.pop()
            if _CAN_CLOSE:
                conn.pgconn.close_prepared(name)
            else:
                conn.pgconn.exec_(b"DEALLOCATE " + name)


def _problem(conn: Any, result: PGresult) -> psycopg.Error:
    if conn.pgconn.status == ConnStatus.BAD and not result.error_field(DiagnosticField.SQLSTATE):
        # It was not the server that said it, so it has no code.
        return psycopg.OperationalError(result.get_error_message() or "the connection is lost")
    return error_from_result(result, encoding=conn.info.encoding)


def _type_of(value: Any) -> int:
    """What its place alone might not tell: `$1 - interval '1 day'`. Texts, and numbers as texts, go without a type."""
    if value is None or isinstance(value, str):
        return 0
    if isinstance(value, datetime.datetime):
        return _MOMENT
    if isinstance(value, datetime.date):
        return _DAY
    raise TypeError(f"A prepared statement takes texts, days and moments, not {type(value).__name__}.")


def _sent(value: Any) -> bytes:
    """As text. The server would take a text only up to a NUL, and nobody would know."""
    sent = str(value).encode()
    if b"\0" in sent:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return sent
