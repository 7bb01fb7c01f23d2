"""What an event keeps of what its step set, so that the timeline can be replayed (`editorial.replay`).

`data["set"]` has each column that was changed, as {name: [before, after]}: people and texts by their ids, moments in UTC,
nothing as null. `data["approvals"]` and `data["publications"]` list what became of those rows, in order. None of it is
shown on the timeline, which tells the same in words.
"""

import datetime
from typing import Any

from django.db.models import Field

from articles.models import Article
from editorial.models import Handling

# Of the piece, besides its status, which every event has anyway, and its text, which is in the versions.
OF_ARTICLE = ("slug", "corresponding", "live", "published_at", "published_on", "how_reviewed", "how_approved", "review_terms")  # fmt: skip
OF_HANDLING = ("editor", "second_editor", "copy_editor", "since", "due_on", "came_from", "submitted_revision", "withdrawal_asked_at", "held_until", "held_status")  # fmt: skip
COLUMNS = OF_ARTICLE + OF_HANDLING

Columns = dict[str, Any]


def columns(article: Article, handling: Handling | None) -> Columns:
    """The columns as events keep them. Makes no query."""
    found = {name: plain(_of(article, name)) for name in OF_ARTICLE}
    if handling is not None:
        found |= {name: plain(_of(handling, name)) for name in OF_HANDLING}
    return found


def _of(row: Article | Handling, name: str) -> Any:
    field = row._meta.get_field(name)
    assert isinstance(field, Field), "Only columns of the table itself are recorded."
    return getattr(row, field.attname)


def plain(value: Any) -> Any:
    """A value as JSON has it: the same moment is always the same text, and what is empty is nothing."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value or None


def changed(before: Columns, after: Columns) -> dict[str, dict[str, list[Any]]]:
    """What to add to an event's data: which columns have another value than before."""
    told = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    if "live" in told:
        # It follows the title while a piece is written, without an event.
        told["slug"] = [before.get("slug"), after["slug"]]
    return {"set": told}


def note_row(data: dict[str, Any], rows: str, *what: Any) -> None:
    """Add to an event's data what became of rows: `note_row(act.data, "approvals", "given", approval.pk)`."""
    data.setdefault(rows, []).append([plain(part) for part in what])
