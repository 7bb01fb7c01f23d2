"""Writing plain pages: one place that sanitises them and keeps each text that readers had."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from forum.models import Page, PageVersion
from prose import sanitise


class Stale(Exception):  # noqa: N818  it is an answer, not an error
    """Somebody saved another text of the page in the meantime. Nothing was written; `current` is what stands now."""

    def __init__(self, current: PageVersion) -> None:
        self.current = current
        super().__init__(f"{current.by} saved this page after you opened it.")


@transaction.atomic
def write(
    page: Page,
    *,
    by: Any,
    slug: str,
    title: str,
    body: str,
    is_published: bool,
    base: int = 0,
    note: str = "",
    now: datetime.datetime | None = None,
) -> PageVersion | None:
    """Give a page its next text; the same again makes none. `by` is the user.

    `base` is the number of the version that the person began from, 0 for a new page. Raises Stale where another was
    saved since. Whoever may write pages is asked for by the caller.
    """
    at = now or timezone.now()
    fields = {
        "slug": slug,
        "title": sanitise.plain_line(title),
        "body": sanitise.sanitise(body),
        "is_published": is_published,
    }
    current = None
    if page.pk:
        page = Page.objects.select_for_update().get(pk=page.pk)
        current = page.versions.select_related("by").first()
    if current and all(getattr(current, name) == value for name, value in fields.items()):
        return None
    if current and current.number != base:
        raise Stale(current)
    for name, value in fields.items():
        setattr(page, name, value)
    page.changed_at = at
    page.save()
    return PageVersion.objects.create(
        page=page,
        number=current.number + 1 if current else 1,
        by=by,
        at=at,
        note=sanitise.plain_line(note)[:300],
        **fields,
    )
