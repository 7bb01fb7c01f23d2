"""Letters that the desk writes: the text as it goes, its mail in the outbox, all in the step's own transaction.

A template in `templates/letters/` is plain text; its first line is the subject. The HTML part is made of it.
"""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from editorial import access
from editorial.models import Letter
from editorial.registry import Act
from forum import mail


def write(act: Act, kind: str, recipient: User, *, is_to_author: bool) -> Letter | None:
    """Write one letter about the step to one person and put it into the outbox.

    Whoever took the step themselves at the desk is not written to about it; an author gets a copy for their files.
    """
    assert act.event is not None
    if not is_to_author and recipient == act.by:
        return None
    text = render_to_string(f"letters/{kind}.txt", context(act, recipient, is_to_author=is_to_author))
    subject, _, body = text.strip().partition("\n")
    subject, body = " ".join(subject.split())[:300], body.strip()
    message = EmailMultiAlternatives(subject, body, settings.DEFAULT_FROM_EMAIL, [recipient.email])
    if act.masthead.contact_email:
        message.reply_to = [act.masthead.contact_email]
    message.attach_alternative(
        render_to_string("letters/letter.html", {"text": body, "subject": subject, "masthead": act.masthead}),
        "text/html",
    )
    return Letter.objects.create(
        article=act.article, event=act.event, kind=kind, recipient=recipient, address=recipient.email,
        subject=subject, text=body, is_to_author=is_to_author, at=act.now, mail=mail.post(message),
    )  # fmt: skip


def context(act: Act, recipient: User, *, is_to_author: bool) -> dict[str, object]:
    """What a letter may say. Letters to authors name no editor: the desk signs as the publication."""
    piece = act.article
    address = (
        reverse("contribute:piece", args=[piece.pk])
        if is_to_author
        else reverse("admin:articles_article_change", args=[piece.pk])
    )
    at = piece.published_at.astimezone(act.masthead.zone) if piece.published_at else None
    return {
        "title": (access.text_for_author(piece) if is_to_author else piece.latest).title or "Untitled",
        "name": recipient.get_full_name(),
        "message": act.said("message"),
        "note": act.said("note"),
        "public_note": act.said("public_note"),
        "kind": act.said("kind"),
        "due_on": act.handling.due_on,
        "published_at": at,
        "is_scheduled": piece.is_scheduled(act.now),
        "public_url": f"{settings.SITE_URL}{piece.get_absolute_url()}" if piece.published_on else "",
        "url": f"{settings.SITE_URL}{address}",
        "has_copy_fixes": "copy_fixes_since" in act.data,
        "is_by_recipient": recipient == act.by,
        "all_approved": piece.status == "ready",
        "masthead": act.masthead,
    }
