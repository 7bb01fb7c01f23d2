"""Mail on its way: put into the outbox with the caller's transaction, sent by the worker.

Django's own calls (`EmailMessage.send`) end in `OutboxBackend`, so whatever a transaction rolls back is never
sent, and whatever it commits is never lost. `deliver` sends one; a process killed between the mail server's
acceptance and the commit sends it again, with the same Message-ID.
"""

import datetime
from collections.abc import Sequence
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from forum.models import Mail, Masthead

# Seconds before each further try; after the last the mail is marked as not delivered.
RETRY_AFTER = (30, 120, 600, 1800, 7200, 21600, 43200)


def post(message: EmailMessage, *, not_before: datetime.datetime | None = None) -> Mail:
    """Put a message into the outbox, in the caller's transaction, and return its row.

    With `not_before` it waits there until then, and can be stopped; the sweep of each minute sends it. Raises ValueError
    for what the outbox does not carry: copies and attachments.
    """
    if message.cc or message.bcc or message.attachments:
        raise ValueError("The outbox carries neither copies nor attachments.")
    from forum.jobs import send_mail  # the job names this module

    html = _html_of(message)
    with transaction.atomic():
        mail = Mail.objects.create(
            recipients=message.recipients(),
            from_email=_sender(message.from_email or settings.DEFAULT_FROM_EMAIL),
            reply_to=list(message.reply_to or []),
            subject=" ".join(message.subject.split())[:998],
            text=str(message.body),
            html=html,
            message_id=Mail.new_message_id(),
            not_before=not_before,
        )
        if not_before is None:
            send_mail.defer(mail_id=mail.pk)
    return mail


def stop(mail: Mail) -> bool:
    """Stop a mail that waits; call it with the row locked. Whether it was still there to be stopped."""
    if mail.state == Mail.State.STOPPED:
        return True
    if mail.state != Mail.State.WAITING:
        return False
    mail.state = Mail.State.STOPPED
    mail.text = mail.html = ""  # it may hold a secret link
    mail.save(update_fields=["state", "text", "html"])
    return True


def release(mail: Mail, now: datetime.datetime) -> None:
    """Let a mail that waits for its moment go at once; call it with the row locked."""
    from forum.jobs import send_mail

    mail.not_before = now
    mail.save(update_fields=["not_before"])
    send_mail.defer(mail_id=mail.pk)


def put_back(mail: Mail, message: EmailMultiAlternatives) -> None:
    """Send a mail that was stopped, with what it should say: its text was wiped. Call it with the row locked."""
    from forum.jobs import send_mail

    mail.state, mail.tries, mail.error, mail.not_before = Mail.State.WAITING, 0, "", None
    mail.text, mail.html = str(message.body), _html_of(message)
    mail.save(update_fields=["state", "tries", "error", "not_before", "text", "html"])
    send_mail.defer(mail_id=mail.pk)


def _html_of(message: EmailMessage) -> str:
    return next(
        (str(part.content) for part in getattr(message, "alternatives", []) if part.mimetype == "text/html"), ""
    )


def _sender(address: str) -> str:
    """The address with the publication's name before it, as its readers know it."""
    if address != settings.DEFAULT_FROM_EMAIL:
        return address
    return formataddr((Masthead.current().name, parseaddr(address)[1]))


class OutboxBackend(BaseEmailBackend):
    """Django's mail backend: nothing is sent from a request, everything goes through the outbox."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            post(message)
        return len(email_messages)


def deliver(mail_id: int) -> float | None:
    """Send one mail of the outbox, unless it has gone already.

    Returns the seconds to wait before another try where the mail server did not take it, else None.
    """
    with transaction.atomic():
        mail = Mail.objects.select_for_update(of=("self",)).filter(pk=mail_id, state=Mail.State.WAITING).first()
        if mail is None or (mail.not_before is not None and mail.not_before > timezone.now()):
            return None
        message = EmailMultiAlternatives(
            mail.subject,
            mail.text,
            mail.from_email,
            mail.recipients,
            reply_to=mail.reply_to,
            headers={"Message-ID": mail.message_id},
            connection=get_connection(settings.DELIVERY_BACKEND, timeout=30)
            if "smtp" in settings.DELIVERY_BACKEND
            else get_connection(settings.DELIVERY_BACKEND),
        )
        if mail.html:
            message.attach_alternative(mail.html, "text/html")
        mail.tries += 1
        wait: float | None = None
        try:
            message.send()
        except Exception as failure:  # noqa: BLE001  whatever a mail server or the network does, the mail must not be lost
            mail.error = f"{type(failure).__name__}: {failure}"[:2000]
            if mail.tries > len(RETRY_AFTER):
                mail.state = Mail.State.FAILED
            else:
                wait = RETRY_AFTER[mail.tries - 1]
        else:
            mail.state, mail.sent_at, mail.error = Mail.State.SENT, timezone.now(), ""
            mail.text = mail.html = ""
        mail.save(update_fields=["tries", "error", "state", "sent_at", "text", "html"])
    return wait
