"""The one writer of a piece's status.

`perform` locks the row, checks source, right and guards, changes the state, writes exactly one `Event` and puts
the letters into the outbox, all in one transaction: killed at any moment, it leaves the old state or the new one.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import access, recording
from editorial.guards import ACCEPTED
from editorial.letters import ByHand, Draft, is_held, recorded, release_held
from editorial.letters import reasons_against as reasons_against_letters
from editorial.models import Event, Handling
from editorial.registry import AFTERWARDS, EFFECTS, GUARDS, Act, Blocked, Reason
from editorial.workflow import BY_NAME, TABLE, Transition
from forum.models import Masthead

# Columns of the article that effects may change; a form's fields are none of them.
OWN_FIELDS = ("status", "live", "published_at", "published_on", "slug", "how_reviewed", "how_approved", "review_terms")


def perform(
    article: Article,
    transition: str,
    *,
    by: User,
    seen: int | None = None,
    seen_status: str = "",
    now: datetime.datetime | None = None,
    letters: Mapping[str, ByHand] | None = None,
    **details: Any,
) -> Event:
    """Take one step of the workflow with a piece, wholly or not at all.

    `seen` is the id of the revision that the person had before their eyes and `seen_status` the state (that of
    `article` where it is not given); with another text or state there by now the step is refused. `details` are what
    the transition asks for (`Transition.asks`). `letters` are those that somebody read beforehand (`letters.drafts`), as
    they are to go; the event notes which were changed. `now` is another moment than the present for loading a past.
    Refreshes `article`.

    Raises Blocked with every reason, or PermissionDenied where the step is not this person's.
    """
    event = _take(
        article, BY_NAME[transition], by=by, seen=seen, seen_status=seen_status, now=now, details=details,
        letters=dict(letters or {}), rehearsed=None,
    )  # fmt: skip
    article.refresh_from_db()
    return event


TAKE_BACK = "take_back"


def rehearse(
    article: Article, transition: str, *, by: User, seen: int | None, seen_status: str, details: dict[str, Any]
) -> list[Draft]:
    """The letters that the step would write, of a step that is taken and rolled back. For `letters.drafts`."""
    found: list[Draft] = []
    try:
        with transaction.atomic():
            _take(
                article, BY_NAME[transition], by=by, seen=seen, seen_status=seen_status, now=None, details=details,
                letters={}, rehearsed=found,
            )  # fmt: skip
            raise _OnlyRehearsed
    except _OnlyRehearsed:
        return found


class _OnlyRehearsed(Exception):  # noqa: N818  it takes everything back
    pass


def _take(
    article: Article,
    step: Transition,
    *,
    by: User,
    seen: int | None,
    seen_status: str,
    now: datetime.datetime | None,
    details: dict[str, Any],
    letters: dict[str, ByHand],
    rehearsed: list[Draft] | None,
) -> Event:
    with transaction_of(article) as (locked, handling):
        act = Act(
            article=locked, handling=handling, transition=step, by=by, now=now or timezone.now(), masthead=Masthead.current(),
            details=details, target=step.target, letters=letters, rehearsed=rehearsed,
        )  # fmt: skip
        check(act, seen=seen, seen_status=seen_status or article.status)
        before, columns = Status(locked.status), recording.columns(locked, handling)
        if step.name != TAKE_BACK:
            # Who goes on with the piece means the decision: its letters go, and what follows is written after them.
            release_held(act)
        _run(act, afterwards=False)
        locked.status = act.target or before
        locked.save(update_fields=OWN_FIELDS)
        if locked.status != before:
            handling.since = act.now
        handling.save()
        act.data |= recording.changed(columns, recording.columns(locked, handling))
        act.event = Event.objects.create(
            article=locked, transition=step.name, from_status=before, to_status=locked.status, by=by, at=act.now,
            note=act.said("note"), revision_id=locked.latest_id, data=act.data | _recorded(act) | recorded(act),
        )  # fmt: skip
        _run(act, afterwards=True)
    return act.event


class transaction_of:  # noqa: N801  reads as a word of the language where it is used
    """`with transaction_of(article) as (locked, handling)`: both rows locked until the block ends."""

    def __init__(self, article: Article) -> None:
        self.pk = article.pk
        self.atomic = transaction.atomic()

    def __enter__(self) -> tuple[Article, Handling]:
        self.atomic.__enter__()
        try:
            # The bare row: joined to its text, it would be gone for whoever waited while another text was saved.
            locked = Article.objects.select_for_update().get(pk=self.pk)
            handling = Handling.objects.select_for_update().get(article=locked)
        except BaseException as failure:
            self.atomic.__exit__(type(failure), failure, failure.__traceback__)
            raise
        locked.handling = handling
        return locked, handling

    def __exit__(self, *failure: Any) -> None:
        self.atomic.__exit__(*failure)


def check(act: Act, *, seen: int | None = None, seen_status: str = "") -> None:
    """Raise what stands against the step: PermissionDenied, or Blocked with every reason."""
    if not access.may_perform(act.by, act.article, act.transition):
        raise PermissionDenied(f"“{act.transition.label}” is not yours to do with this piece.")
    if is_held(act.handling, act.now) and not access.is_on_desk(act.by, act.article):
        raise Blocked(Reason("The editors are writing to you about this piece. Try again in a quarter of an hour."))
    status = Status(act.article.status)
    if status not in act.transition.sources or (seen_status and seen_status != status):
        raise Blocked(
            Reason(
                f"“{act.transition.label}” is not possible now: the piece is {status.label}. It may have been moved a moment ago."
            )
        )
    if seen is not None and seen != act.article.latest_id:
        raise Blocked(Reason("The text was changed after you opened this page. Read it again before you go on."))
    missing = [
        Reason(f"“{ask.label}” is needed.", ask.name)
        for ask in act.transition.asks
        if ask.is_required and not act.said(ask.name)
    ]
    reasons = missing + [reason for name in act.transition.guards for reason in GUARDS[name](act)]
    reasons += reasons_against_letters(act)
    if reasons:
        raise Blocked(*dict.fromkeys(reasons))


def reasons_against(article: Article, step: Transition, by: User) -> list[Reason]:
    """What stands in the way of a step of this person, before they have said anything with it.

    What the step itself asks for is left out: it is said in the step. For the desk's buttons.
    """
    act = Act(
        article=article, handling=article.handling, transition=step, by=by, now=timezone.now(),
        masthead=Masthead.current(), target=step.target,
    )  # fmt: skip
    asked = {ask.name for ask in step.asks}
    found = [reason for name in step.guards for reason in GUARDS[name](act) if reason.where not in asked]
    return list(dict.fromkeys(found))


def steps_for(user: User, article: Article) -> list[tuple[Transition, list[Reason]]]:
    """The steps that are this person's to take with the piece as it stands, each with what blocks it."""
    standing = access.Standing(user, article)
    return [
        (step, reasons_against(article, step, user))
        for step in TABLE
        if article.status in step.sources
        and not step.is_automatic
        and standing.may_perform(step)
        and _makes_sense(article, step)
    ]


def _makes_sense(article: Article, step: Transition) -> bool:
    """Leaves out steps that answer a question nobody asked: they would stand blocked for ever."""
    is_asked = article.handling.withdrawal_asked_at is not None
    if step.name in ("confirm_withdrawal", "refuse_withdrawal"):
        return is_asked
    if step.name == TAKE_BACK:
        return is_held(article.handling, timezone.now())
    if step.name in ("unschedule", "ask_withdrawal") and article.status == Status.PUBLISHED:
        return article.is_scheduled()
    if step.name in ("update", "retract", "take_down"):
        return article.is_public()
    if step.name in ("withdraw", "ask_withdrawal") and article.status == Status.REVISING:
        was_accepted = article.handling.came_from in ACCEPTED
        return was_accepted == (step.name == "ask_withdrawal")
    return True


def _run(act: Act, *, afterwards: bool) -> None:
    for named in act.transition.effects:
        name, _, word = named.partition(":")
        if (name in AFTERWARDS) == afterwards:
            EFFECTS[name](act, word)


def _recorded(act: Act) -> dict[str, str]:
    """What was said with the step, besides the note, as the event keeps it."""
    return {
        ask.name: act.said(ask.name)
        for ask in act.transition.asks
        if ask.name != "note" and ask.kind != "own" and act.said(ask.name)
    }
