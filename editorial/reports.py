"""What the desk does with a reader's report of an error: says what became of it, and answers where an answer is wanted."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from articles.models import ErrorReport
from editorial import access
from editorial.registry import Blocked, Reason
from forum import mail
from forum.models import Masthead
from prose import sanitise

LONGEST_NOTE = 2000
LONGEST_ANSWER = 5000
HANDLED = (ErrorReport.State.CORRECTED, ErrorReport.State.DISMISSED)


def may_handle(user: User, report: ErrorReport) -> bool:
    """Whether the person may say what became of a report: an editor of the piece, who did not write it."""
    return access.may_decide(user, report.article)


def handle(report: ErrorReport, *, by: User, state: str, note: str = "", answer: str = "") -> None:
    """Say what became of a report, once; `answer` goes to the reader by mail, where they gave an address.

    The authors are not told. Raises PermissionDenied, or Blocked with every reason. Refreshes `report`.
    """
    note, answer = sanitise.plain_text(note), sanitise.plain_text(answer)
    with transaction.atomic():
        locked = ErrorReport.objects.select_for_update().get(pk=report.pk)
        if not may_handle(by, locked):
            raise PermissionDenied("Reports on this piece are not yours to answer.")
        if reasons := _reasons_against(locked, state, note, answer):
            raise Blocked(*reasons)
        locked.state, locked.note, locked.answer = state, note, answer
        locked.handled_by, locked.handled_at = by, timezone.now()
        locked.save(update_fields=["state", "note", "answer", "handled_by", "handled_at"])
        if answer:
            mail.post(_letter(locked, answer))
    report.refresh_from_db()


def _reasons_against(report: ErrorReport, state: str, note: str, answer: str) -> list[Reason]:
    if report.state != ErrorReport.State.NEW:
        return [Reason(f"{report.handled_by} has dealt with this report already: {report.get_state_display()}.")]
    reasons = []
    if state not in HANDLED:
        reasons.append(Reason("Say whether the piece was corrected, or no change was needed.", "state"))
    if state == ErrorReport.State.DISMISSED and not note:
        reasons.append(Reason("Say why no change was needed, for whoever asks next.", "note"))
    for name, text, longest in (("note", note, LONGEST_NOTE), ("answer", answer, LONGEST_ANSWER)):
        if len(text) > longest:
            reasons.append(Reason(f"This has {len(text):,} characters; at most {longest:,} fit.", name))
    if answer and not report.email:
        reasons.append(Reason("The reader gave no address, so no answer can go to them.", "answer"))
    return reasons


def _letter(report: ErrorReport, answer: str) -> EmailMultiAlternatives:
    masthead = Masthead.current()
    text = render_to_string("admin/articles/errorreport/answer.txt", {
        "title": report.revision.title, "answer": answer, "report": report, "masthead": masthead,
        "public_url": f"{settings.SITE_URL}{report.article.get_absolute_url()}" if report.article.is_public() else "",
    })  # fmt: skip
    subject, _, body = text.strip().partition("\n")
    subject, body = " ".join(subject.split())[:300], body.strip()
    message = EmailMultiAlternatives(subject, body, settings.DEFAULT_FROM_EMAIL, [report.email])
    if masthead.contact_email:
        message.reply_to = [masthead.contact_email]
    message.attach_alternative(
        render_to_string("letters/letter.html", {"text": body, "subject": subject, "masthead": masthead}), "text/html"
    )
    return message
