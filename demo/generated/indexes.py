"""Indexes of the search that cost most to keep, taken away while very many rows come, and built in one go afterwards."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction

from articles.models import SearchEntry, SearchWord


def heavy() -> list[tuple[type[models.Model], GinIndex]]:
    tables: tuple[type[models.Model], ...] = (SearchEntry, SearchWord)
    return [(table, index) for table in tables for index in table._meta.indexes if isinstance(index, GinIndex)]


def missing() -> set[str]:
    """The names of those that are not there: of this run, or of one that was killed."""
    there: set[str] = set()
    with connection.cursor() as cursor:
        for table in {table for table, _index in heavy()}:
            there |= set(connection.introspection.get_constraints(cursor, table._meta.db_table))
    return {index.name for _table, index in heavy()} - there


def take_away() -> None:
    gone = missing()
    with schema() as editor:
        for table, index in heavy():
            if index.name not in gone:
                editor.remove_index(table, index)


def put_back() -> None:
    gone = missing()
    with schema() as editor:
        editor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        for table, index in heavy():
            if index.name in gone:
                editor.add_index(table, index)


@contextlib.contextmanager
def schema() -> Iterator[Any]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Else rows of this very transaction would stand in the way of any change of their table.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with connection.schema_editor(atomic=False) as editor:
            yield editor
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
