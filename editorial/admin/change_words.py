"""How the desk tells a change: what was changed, from what to what, cut where it is long."""

from dataclasses import dataclass, field

from django.apps import apps
from django.contrib import admin

from editorial.admin import words
from editorial.models import Change

# Enough to see which text is meant; the whole opens beneath.
SHORT = 200


@dataclass
class Shown:
    """One change as a page prints it."""

    at: str
    by: str
    action: str
    kind: str
    name: str
    fields: list[dict[str, object]] = field(default_factory=list)


def kind(model: str) -> str:
    """What a kind of row is called, such as “region”; kinds that are no more keep their technical name."""
    try:
        found = apps.get_model(model)
    except (LookupError, ValueError):
        return model
    # The desk's own word where it has one: a picture, not an image.
    return getattr(admin.site._registry.get(found), "row_title", "") or str(found._meta.verbose_name)


def shown(change: Change) -> Shown:
    rows: list[dict[str, object]] = []
    for label, pair in change.changes.items():
        before, after = (str(part) for part in (*pair, "", "")[:2])
        rows.append(
            {
                "label": label,
                "before": before,
                "after": after,
                "is_long": max(len(before), len(after)) > SHORT,
            }
        )
    return Shown(
        at=words.moment(change.at),
        by=str(change.by),
        action=change.get_action_display(),
        kind=kind(change.model),
        name=change.name,
        fields=rows,
    )
