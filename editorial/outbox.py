"""Letters that wait in the outbox: stopped, sent before their moment, or sent after all, by an editor of the piece.

The letters of a decision are stopped by taking the decision back, and by nothing else: they say what it was. A room that
has more to do than not to send one of its letters says how it is stopped (`rooms.STOPPERS`).
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import access, letters, rooms
from editorial.letter_words import Wording
from editorial.models import Event, Handling, Letter
from editorial.registry import Blocked, Reason
from forum import mail
from forum.models import Mail, Masthead

STOPPED = "letter_stopped"


def waits(letter: Letter, now: datetime.datetime) -> bool:
    """Whether the letter is kept back in the outbox until a moment that is still to come."""
    held = letter.mail
    return held.state == Mail.State.WAITING and held.not_before is not None and held.not_before > now


def is_of_decision(letter: Letter, handling: Handling) -> bool:
    """Whether the letter waits with a decision that can be taken back."""
    return handling.held_until is not None and letter.mail.not_before == handling.held_until


def can_follow(letter: Letter) -> bool:
    """Whether a letter that was stopped may be sent after all: one that somebody stopped for itself, and that names no
    address which was for its reader alone. The letters of a decision that was taken back never go."""
    if letter.mail.state != Mail.State.STOPPED or letters.NOT_RECORDED in letter.text:
        return False
    return Event.objects.filter(article_id=letter.article_id, transition=STOPPED, data__letter=letter.pk).exists()


def stop(letter: Letter, *, by: User, now: datetime.datetime | None = None) -> None:
    """Stop a letter that waits. Raises Blocked where it has gone or is part of a decision, or PermissionDenied."""
    now = now or timezone.now()
    if stopper := rooms.STOPPERS.get(letter.kind):
        _ask(letter.article, letter, by)
        stopper(letter, by, now)
        return
    with _locked(letter, by) as (article, handling, held):
        _not_of_decision(letter, handling, now, "To stop it, take the decision back.")
        if held.not_before is None or held.state != Mail.State.WAITING:
            raise Blocked(Reason(_gone(held)))
        mail.stop(held)
        _note(article, STOPPED, letter, by, now)


def hurry(letter: Letter, *, by: User, now: datetime.datetime | None = None) -> None:
    """Send a letter now that waits for its moment."""
    now = now or timezone.now()
    with _locked(letter, by) as (article, handling, held):
        _not_of_decision(letter, handling, now, "It goes with it.")
        if held.state != Mail.State.WAITING or held.not_before is None or held.not_before <= now:
            raise Blocked(Reason(_gone(held)))
        mail.release(held, now)
        _note(article, "letter_hurried", letter, by, now)


def send_after_all(letter: Letter, *, by: User, now: datetime.datetime | None = None) -> None:
    """Send a letter that somebody had stopped, as it stands in the record."""
    now = now or timezone.now()
    with _locked(letter, by) as (article, _handling, held):
        letter.mail = held
        if not can_follow(letter):
            raise Blocked(Reason("This letter can’t be sent after all. Write anew what it should say."))
        written = letters.message(Wording(letter.subject, letter.text), letter.address, Masthead.current())
        mail.put_back(held, written)
        _note(article, "letter_sent_after_all", letter, by, now)


@contextmanager
def _locked(letter: Letter, by: User) -> Iterator[tuple[Article, Handling, Mail]]:
    from editorial.perform import transaction_of  # it imports letters, as this module does

    with transaction_of(letter.article) as (article, handling):
        _ask(article, letter, by)
        # Where the worker is sending it at this moment, its answer is waited for.
        yield article, handling, Mail.objects.select_for_update().get(pk=letter.mail_id)


def _ask(article: Article, letter: Letter, by: User) -> None:
    if not access.may_decide(by, article) or not access.letters_for(by, article).filter(pk=letter.pk).exists():
        raise PermissionDenied("Letters that wait are for the editors of the piece.")


def _not_of_decision(letter: Letter, handling: Handling, now: datetime.datetime, instead: str) -> None:
    if letters.is_held(handling, now) and is_of_decision(letter, handling):
        raise Blocked(Reason(f"This letter is part of the decision, which can still be taken back. {instead}"))


def _gone(held: Mail) -> str:
    match held.state:
        case Mail.State.STOPPED:
            return "This letter was stopped already."
        case Mail.State.FAILED:
            return "This letter could not be delivered. It is not on its way any more."
        case Mail.State.SENT:
            return "Too late: this letter has gone already."
    return "This letter is on its way already."


def _note(article: Article, name: str, letter: Letter, by: User, now: datetime.datetime, **data: Any) -> None:
    Event.objects.create(
        article=article, transition=name, from_status=article.status, to_status=article.status, by=by, at=now,
        revision_id=article.latest_id, data={"letter": letter.pk, "letter_kind": letter.kind, **data},
    )  # fmt: skip
