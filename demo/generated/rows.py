"""Rows of a table, written by COPY: `Rows(Byline).add(article_id=1, …)`, many times, then `write(cursor)`."""

from typing import Any

from django.db import models
from django.db.backends.utils import CursorWrapper
from django.db.models.fields import NOT_PROVIDED


class Rows:
    """What is not said is what the model says of itself; a key that nobody needs to know is the database's to give."""

    def __init__(self, model: type[models.Model], *, has_keys: bool = False) -> None:
        fields = [
            field
            for field in model._meta.concrete_fields
            if has_keys or not isinstance(field, models.AutoField | models.BigAutoField)
        ]
        self.places = {field.attname: place for place, field in enumerate(fields)}
        self.usual = [_usual(field) for field in fields]
        names = ", ".join(f'"{field.column}"' for field in fields)
        self.statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
        self.waiting: list[list[Any]] = []

    def add(self, **values: Any) -> None:
        row = self.usual.copy()
        for name, value in values.items():
            row[self.places[name]] = value
        self.waiting.append(row)

    def write(self, cursor: CursorWrapper) -> None:
        with cursor.copy(self.statement) as copy:
            for row in self.waiting:
                copy.write_row(row)
        self.waiting.clear()


def _usual(field: "models.Field[Any, Any]") -> Any:
    """What a column holds when nothing is said: as when a model is saved, but for moments, which are always said."""
    if field.default is NOT_PROVIDED:
        return None if field.null else ""
    value = field.get_default()
    return "{}" if value == {} else "[]" if value == [] else value
