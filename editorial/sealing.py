"""Taking one text of a piece out of the public history: its words and differences go, the record of it stays."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Revision, SealedText
from editorial import access
from editorial.models import Event
from editorial.perform import transaction_of
from editorial.registry import Blocked, Reason

LONGEST_REASON = 2000


def why_not_seal(article: Article, revision: Revision) -> str:
    """Empty where this text can be taken out of the public history; else the reason, in plain words."""
    given = article.publications.filter(at__lte=timezone.now())
    if SealedText.objects.filter(pk=revision.pk).exists():
        return "This text was removed from the public history already."
    if not given.filter(revision=revision).exists():
        return "Readers never had this text, so their history does not show it."
    last = given.order_by("-at", "-pk").values_list("revision_id", flat=True).first()
    if revision.pk in (article.live_id, last):
        return "This is the text that readers were given last. Publish another first, or take the piece down."
    return ""


def seal(revision: Revision, *, by: User, reason: str) -> SealedText:
    """Take a text out of the public history, for ever; an event records it.

    The row of the history stays and says that the text was removed. Managing editors still read it at the desk; other
    editors and its authors do not. Raises PermissionDenied, or Blocked with the reason against it.
    """
    reason = reason.replace("\x00", "").strip()
    with transaction_of(revision.article) as (locked, _handling):
        if not access.may_seal(by, locked):
            raise PermissionDenied("Removing a text from the public history is for managing editors.")
        if problem := why_not_seal(locked, revision):
            raise Blocked(Reason(problem))
        if not reason:
            raise Blocked(Reason("Say why the text is removed. The desk alone reads it.", "reason"))
        if len(reason) > LONGEST_REASON:
            raise Blocked(
                Reason(f"The reason has {len(reason):,} characters; at most {LONGEST_REASON:,} fit.", "reason")
            )
        now = timezone.now()
        found = SealedText.objects.create(revision=revision, by=by, at=now, reason=reason)
        Event.objects.create(
            article=locked, transition="seal", from_status=locked.status, to_status=locked.status, by=by, at=now,
            note=reason, revision=revision, data={"version": revision.number},
        )  # fmt: skip
    return found
