"""The database of the tests: migrated once for all processes, and emptied of what a test has put there.

Every process of a run has a database of its own. The first that comes makes it by all migrations and leaves a copy, which
the others, and the next run with the same migrations, begin from. (`migrate` runs on a copy too, so that what
`post_migrate` brings in is of today.)

A test whose transactions are real leaves rows. Django would truncate every table and bring permissions and roles in anew,
after each of them, which takes longer than most such tests.
"""

import hashlib
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase

# Any number that nobody else locks by.
LOCK = 7_306_110
PREFIX = "test_migrated_"


class Copies:
    """The copy that was made by the migrations as they are. While this is open no other process makes a database."""

    def __init__(self) -> None:
        self.name = PREFIX + _digest()
        self.stack = ExitStack()
        self.cursor = self.stack.enter_context(connection._nodb_cursor())
        self.cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        self.cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        self.there = {name for (name,) in self.cursor.fetchall()}

    def begin_from_one(self) -> None:
        """Where there is one, Django copies it where it would create an empty database."""
        if self.name in self.there:
            settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = self.name

    def keep_one(self) -> None:
        """Copy the database that was just made by all migrations; copies by others go."""
        if self.name not in self.there:
            connection.close()
            connection.close_pool()
            for old in self.there:
                self.cursor.execute(f'DROP DATABASE "{old}"')
            # It has its name once it is whole.
            self.cursor.execute(f'CREATE DATABASE "{PREFIX}unfinished" TEMPLATE "{connection.settings_dict["NAME"]}"')
            self.cursor.execute(f'ALTER DATABASE "{PREFIX}unfinished" RENAME TO "{self.name}"')
        self.close()

    def close(self) -> None:
        self.stack.close()


def _digest() -> str:
    root, digest = Path(settings.BASE_DIR), hashlib.sha256()
    for path in sorted(
        [
            root / "requirements.txt",
            *root.glob("*/migrations/*.py"),
            *root.glob("prose/*.py"),
            root / "forum/addresses.py",
        ]
    ):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


# --- Emptying it -----------------------------------------------------------------------------------


class Emptying:
    """Deletes what a test left, where the rows that every test finds (roles, permissions) are as they were."""

    def __init__(self) -> None:
        self.flush = TransactionTestCase._fixture_teardown
        self.found: dict[str, str] | None = None
        self.tables: list[str] = []

    def after(self, case: TransactionTestCase) -> None:
        if case.available_apps is not None or case.serialized_rollback:
            self.flush(case)
        elif self.found is None or not self._is_emptied():
            self.flush(case)
            self._look()

    def _look(self) -> None:
        """What a flushed database holds."""
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self.tables, self.found = sorted(map(connection.ops.quote_name, names)), None
        self.found = self._rows()

    def _rows(self) -> dict[str, str]:
        """The tables that hold anything, each with a mark of all that it holds, or only that it does."""
        found = self.found
        asked = " UNION ALL ".join(
            f"SELECT '{table}', md5(string_agg(one::text, '' ORDER BY one::text)) FROM {table} AS one"
            if found is None or table in found
            else f"SELECT '{table}', 'some' WHERE EXISTS (SELECT FROM {table})"
            for table in self.tables
        )
        with connection.cursor() as cursor:
            cursor.execute(asked)
            return {table: mark for table, mark in cursor.fetchall() if mark}

    def _is_emptied(self) -> bool:
        assert self.found is not None
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                # Whoever still writes is waited for, as by a flush.
                cursor.execute(f"LOCK TABLE {', '.join(self.tables)} IN SHARE ROW EXCLUSIVE MODE")
                rows = self._rows()
                if {table: rows.get(table) for table in self.found} != self.found:
                    return False
                if left := rows.keys() - self.found.keys():
                    # All at once, so that no row's rules stand in the way of another's.
                    cursor.execute("SET LOCAL session_replication_role = replica")
                    cursor.execute(";".join(f"DELETE FROM {table}" for table in left))
        except DatabaseError:
            # Only a superuser of the server may do without the rules.
            return False
        return True


def empty_quickly() -> None:
    emptying = Emptying()

    def teardown(case: TransactionTestCase) -> None:
        emptying.after(case)

    TransactionTestCase._fixture_teardown = teardown
