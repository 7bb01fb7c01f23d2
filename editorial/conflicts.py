"""Declared conflicts: somebody at the desk who should have no part in a piece, and a managing editor who overrides that.

`access` keeps the piece from whoever has an open conflict with it. One's own piece is no declared conflict: it stays closed
whatever anybody overrides.
"""

import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import access, letters, recording
from editorial.models import Conflict, Event, Handling
from editorial.perform import transaction_of
from editorial.registry import Blocked, Reason
from prose import sanitise

LONGEST = 2000
PLACES = ("editor", "second_editor", "copy_editor")
OVERRIDDEN = "conflict_overridden"


def of(article: Article) -> QuerySet[Conflict]:
    """All conflicts with a piece, open and overridden, in the order in which they were declared."""
    return Conflict.objects.filter(article=article).select_related("person", "declared_by", "overridden_by")


def open_for(person: User, article_id: int) -> Conflict | None:
    """The conflict that keeps the piece from the person."""
    return Conflict.objects.filter(article=article_id, person=person, overridden_at=None).first()


def people_for(article: Article, by: User) -> QuerySet[User]:
    """For whom somebody may declare a conflict: for themselves; a managing editor for everybody at the desk."""
    if not _manages(by, article):
        return User.objects.filter(pk=by.pk)
    declared = Conflict.objects.filter(article=article, overridden_at=None).values("person")
    return (access.deciders_for(article) | access.copy_editors_for(article)).exclude(pk__in=declared).distinct()


def may_override(by: User, article: Article) -> bool:
    """Whether the person may override conflicts with this piece: a managing editor who has none, and did not write it."""
    return _manages(by, article)


def declare(article: Article, person: User, reason: str, *, by: User, now: datetime.datetime | None = None) -> Conflict:
    """Declare that the person has a conflict with the piece. It is taken from them and leaves their desk at once.

    The reason is for managing editors: the timeline says who, not why. Raises PermissionDenied, or Blocked.
    """
    moment, said = now or timezone.now(), _said(reason)
    with transaction_of(article) as (locked, handling):
        if not access.is_on_desk(by, locked) or (person != by and not _manages(by, locked)):
            raise PermissionDenied("Declare your own conflicts; a managing editor declares those of others.")
        if open_for(person, locked.pk):
            raise Blocked(Reason(f"{person} has a declared conflict with this piece already.", "person"))
        if not people_for(locked, by).filter(pk=person.pk).exists():
            raise Blocked(Reason(f"{person} has no access to this piece at the desk.", "person"))
        made = Conflict.objects.create(article=locked, person=person, reason=said, declared_by=by, declared_at=moment)
        columns = recording.columns(locked, handling)
        changes = _take_away(handling, person)
        Event.objects.create(
            article=locked, transition="conflict_declared", from_status=locked.status, to_status=locked.status, by=by,
            at=moment, revision_id=locked.latest_id,
            data={"conflict": made.pk, "person": str(person), "changes": changes}
            | recording.changed(columns, recording.columns(locked, handling)),
        )  # fmt: skip
    article.refresh_from_db()
    return made


def _take_away(handling: Handling, person: User) -> dict[str, list[str]]:
    held = [place for place in PLACES if getattr(handling, f"{place}_id") == person.pk]
    for place in held:
        setattr(handling, place, None)
    if held:
        handling.save(update_fields=held)
    return {place: [str(person), ""] for place in held}


def override(conflict: Conflict, *, by: User, reason: str, now: datetime.datetime | None = None) -> None:
    """Give the person access to the piece again. Recorded, and announced to its editor and every other managing editor.

    Raises PermissionDenied where it is not this person's to override, or Blocked.
    """
    moment, said = now or timezone.now(), _said(reason)
    with transaction_of(conflict.article) as (locked, _handling):
        if not may_override(by, locked):
            raise PermissionDenied("A managing editor without a conflict of their own overrides one.")
        row = Conflict.objects.select_related("person").get(pk=conflict.pk)
        if row.overridden_at is not None:
            raise Blocked(Reason("This conflict was overridden already."))
        row.overridden_by, row.overridden_at, row.override_reason = by, moment, said
        row.save(update_fields=["overridden_by", "overridden_at", "override_reason"])
        event = Event.objects.create(
            article=locked, transition=OVERRIDDEN, from_status=locked.status, to_status=locked.status, by=by, at=moment,
            note=said, revision_id=locked.latest_id, data={"conflict": row.pk, "person": str(row.person)},
        )  # fmt: skip
        words = {"who overrode": str(by), "who has the conflict": str(row.person), "override reason": said}
        for reader in _told(locked, by):
            letters.write_news(locked, event, OVERRIDDEN, reader, words, is_to_author=False)
    conflict.refresh_from_db()


def _told(article: Article, by: User) -> list[User]:
    """The editor of the piece and every other managing editor who may see it."""
    people = access.deciders_for(article).exclude(pk=by.pk)
    editor = article.handling.editor_id
    return [person for person in people if person.pk == editor or person.has_perm("editorial.manage")]


def _manages(by: User, article: Article) -> bool:
    return by.has_perm("editorial.manage") and access.may_decide(by, article)


def _said(reason: str) -> str:
    said = sanitise.plain_text(reason.replace("\x00", ""))
    if not said:
        raise Blocked(Reason("Give the reason.", "reason"))
    if len(said) > LONGEST:
        raise Blocked(Reason(f"The reason has {len(said):,} characters; {LONGEST:,} is the most.", "reason"))
    return said
