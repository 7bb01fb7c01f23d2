"""Who changed what, outside pieces: settings, taxonomy, authors, pictures, plain pages, letters, people.

`record` writes one `Change`. The desk's own forms do it for every save (`editorial.admin.base.DeskAdmin`): they read the
row with `words_of` before and after, and `differences` is what is told. What happens to a piece is an `Event`.
"""

import datetime
import json
import re
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Model
from django.utils import formats, timezone

from accounts.models import User
from editorial.models import Change

# Told as changed, never with what they hold.
SECRET = re.compile(r"password|passphrase|token|secret|digest|recovery|api_?key|private_?key", re.IGNORECASE)
NOT_SHOWN = "(not shown)"
LONGEST_NAME = Change._meta.get_field("name").max_length or 300

# What a row holds, by the words that its form has for each field.
Words = dict[str, str]


def record(
    *,
    by: User,
    action: str,
    obj: Model,
    changes: dict[str, list[Any]],
    name: str = "",
    now: datetime.datetime | None = None,
) -> Change | None:
    """Note that the person added, changed, merged or deleted `obj`; call it in the transaction that does so.

    `changes` is {field: [before, after]}, in words. A change without differences is none, and writes nothing. `name` is
    what the row was called, where that is not what it is called now.
    """
    told = {
        _clean(field)[:200]: [NOT_SHOWN, NOT_SHOWN] if SECRET.search(field) else [_told(value) for value in pair]
        for field, pair in changes.items()
    }
    if action == Change.Action.CHANGED and not told:
        return None
    return Change.objects.create(
        by=by,
        at=now or timezone.now(),
        action=Change.Action(action),
        model=obj._meta.label_lower,
        object_id=str(obj.pk)[:40],
        name=_clean(name or str(obj))[:LONGEST_NAME],
        changes=told,
    )


def words_of(obj: Model, *, rows: Iterable[tuple[str, models.QuerySet[Any]]] = ()) -> Words:
    """What a form can change of a row, in words, and many-to-many fields by names.

    `rows` are the rows that belong to it, each kind with its name: such as ("editors", series.editors.all()).
    """
    found: Words = {}
    for field in obj._meta.get_fields():
        if not isinstance(field, models.Field) or not field.editable or field.primary_key:
            continue
        if field.many_to_many:
            names = [str(row) for row in getattr(obj, field.name).all()]
            found[_label(field)] = ", ".join(sorted(names, key=str.casefold))
        else:
            found[_label(field)] = _value(obj, field)
    for label, belonging in rows:
        found[label] = "\n".join(_row(row, obj) for row in belonging)
    return found


def differences(before: Words, after: Words) -> dict[str, list[str]]:
    """What is not the same in the two, as `record` takes it; of a secret only that it is another."""
    return {
        label: [NOT_SHOWN, NOT_SHOWN] if SECRET.search(label) else [before.get(label, ""), after.get(label, "")]
        for label in dict.fromkeys((*before, *after))
        if before.get(label, "") != after.get(label, "")
    }


def _label(field: Any) -> str:
    return f"{field.verbose_name} ({field.name})" if SECRET.search(field.name) else str(field.verbose_name)


def _value(obj: Model, field: Any) -> str:
    value = getattr(obj, field.attname)
    if value is None or value == "":
        return ""
    if field.is_relation:
        # Rows that were made meanwhile or are gone are told by what is known of them.
        related = field.related_model._base_manager.filter(pk=value).first()
        return str(related) if related is not None else str(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.FileField):
        return str(value).rsplit("/", 1)[-1]
    return _told(value)


def _told(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return _clean(value)
        case datetime.datetime():
            return formats.date_format(timezone.localtime(value), "j F Y, H:i")
        case datetime.date():
            return formats.date_format(value, "j F Y")
        case dict():
            return _clean(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
        case list() | tuple() | set() | frozenset():
            return ", ".join(_told(one) for one in value)
    return _clean(str(value))


def _row(row: Model, owner: Model) -> str:
    """One row that belongs to another: what it is called, and what else it holds."""
    held = []
    for field in row._meta.concrete_fields:
        is_ours = field.is_relation and field.related_model is type(owner)
        if field.primary_key or not field.editable or is_ours or SECRET.search(field.name):
            continue
        if value := _value(row, field):
            held.append(f"{field.verbose_name}: {value}")
    return "; ".join(held) or str(row)


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    return text.replace("\x00", "")
