"""Queries that are put into SQL once for a process, and asked with other values each time.

Django makes the SQL of a query anew whenever it is asked, which for the pages of readers takes several times as long as
the database takes to answer. What is compiled is an ordinary query set: it is written, tested and migrated like any other,
and its rows are loaded as ever.
"""

import datetime
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet, Value, prefetch_related_objects
from django.db.models.expressions import Col
from django.db.models.query import ModelIterable, get_related_populators  # type: ignore[attr-defined]  # as ModelIterable itself does
from psycopg.sql import Literal

from forum.prepared import as_text, fetch

Row = TypeVar("Row")
# Stand in for values while a query is compiled, and are found again among its parameters: nothing else equals them.
_MOMENT: Final = datetime.datetime(1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)
_NUMBER: Final = -(2**31) + 77


def any_of(field: str, ids: Sequence[int]) -> Func:
    """A condition: the field is one of the numbers. One parameter however many they are, where `IN` has one for each."""
    return Func(
        F(field),
        Value(ids, output_field=ArrayField(BigIntegerField())),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _stand_in(kind: type, number: int) -> Any:
    if kind is datetime.datetime:
        return _MOMENT + datetime.timedelta(microseconds=number)
    if kind is datetime.date:
        return _MOMENT.date() + datetime.timedelta(days=number)
    if kind is str:
        return f"\x01{number}\x01"
    return [_NUMBER + number] if kind is list else _NUMBER + number


class Compiled(Generic[Row]):
    """`build` makes the query of a value for each name in `kinds`: a `datetime`, `date`, `str` or `int`, or a `list` for `any_of`.
    It is called once and must make the same of whatever it gets. Asked with values, this answers with the rows."""

    def __init__(self, build: Callable[..., QuerySet[Any]], **kinds: type) -> None:
        self._build, self._kinds = build, kinds

    def __call__(self, **values: Any) -> list[Row]:
        return self.loaded(self.rows(**values))

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """As the database gives them: for who knows already what they make."""
        made = self._made
        connection = connections[DEFAULT_DB_ALIAS]
        if settings.DATABASE_PREPARE:
            return fetch(connection, made.prepared, [as_text(values[name]) for name in made.names])
        params = [values[given.name] if type(given) is _Given else given for given in made.params]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def place_of(self, column: str) -> int:
        """Where a column stands in a row, such as `article.slug`."""
        return self._made.place_of(column)

    def loaded(self, rows: list[tuple[Any, ...]]) -> list[Row]:
        """What is made of such rows."""
        return self._made.loaded(rows, connections[DEFAULT_DB_ALIAS])

    def first(self, **values: Any) -> Row | None:
        """For a query that asks for one row."""
        rows = self(**values)
        return rows[0] if rows else None

    @cached_property
    def _made(self) -> "_Made":
        stand_ins = {name: _stand_in(kind, number) for number, (name, kind) in enumerate(self._kinds.items())}
        return _Made(self._build(**stand_ins), stand_ins)


class _Given(str):
    """The name of a value that takes this place among the parameters."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return str(self)


class _Made:
    """A query in SQL, and how its rows are loaded: as `ModelIterable` does, or as they are for `values_list`."""

    def __init__(self, found: QuerySet[Any], stand_ins: dict[str, Any]) -> None:
        compiler = found.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, params = compiler.as_sql()
        self.params = [self._place(param, stand_ins) for param in params]
        # The same for the server to prepare: a number for each name, what never changes within the text.
        self.names = list(dict.fromkeys(given.name for given in self.params if type(given) is _Given))
        self.prepared = self._numbered(compiler.connection)
        self._converters = list(compiler.get_converters(expression for expression, *_ in compiler.select).items())
        self._prefetches = found._prefetch_related_lookups  # type: ignore[attr-defined]
        self._is_of_models = found._iterable_class is ModelIterable
        self._places = [
            f"{expression.target.model._meta.model_name}.{expression.target.attname}" if isinstance(expression, Col) else ""
            for expression, *_ in compiler.select
        ]  # fmt: skip
        if self._is_of_models:
            info = compiler.klass_info
            fields = info["select_fields"]
            self._span = slice(fields[0], fields[-1] + 1)
            self._model = info["model"]
            self._names = [expression.target.attname for expression, *_ in compiler.select[self._span]]
            self._related = get_related_populators(info, compiler.select, DEFAULT_DB_ALIAS)
            self._annotations = list((compiler.annotation_col_map or {}).items())

    @staticmethod
    def _place(param: Any, stand_ins: dict[str, Any]) -> Any:
        return next(
            (_Given(name) for name, one in stand_ins.items() if type(one) is type(param) and one == param), param
        )

    def place_of(self, column: str) -> int:
        return self._places.index(column)

    def _numbered(self, connection: Any) -> str:
        number = {name: f"${place}" for place, name in enumerate(self.names, 1)}
        with connection.cursor() as cursor:
            context = cursor.connection
            said = [
                number[param.name] if type(param) is _Given else Literal(param).as_string(context)
                for param in self.params
            ]
        return str(self.sql % tuple(said))

    def loaded(self, found: list[Any], connection: Any) -> list[Any]:
        rows = found
        if self._converters:
            rows = [list(row) for row in found]
            for place, (converters, expression) in self._converters:
                for row in rows:
                    value = row[place]
                    for convert in converters:
                        value = convert(value, expression, connection)
                    row[place] = value
            if not self._is_of_models:
                rows = [tuple(row) for row in rows]
        if not self._is_of_models:
            return rows
        found = [self._object(row) for row in rows]
        if self._prefetches:
            prefetch_related_objects(found, *self._prefetches)
        return found

    def _object(self, row: Any) -> Any:
        one = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._span])
        for populator in self._related:
            populator.populate(row, one)
        for name, place in self._annotations:
            setattr(one, name, row[place])
        return one
