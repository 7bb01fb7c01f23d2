"""How django-allauth does things at Forum: plain words, who a new person is, and mail in the publication's name."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts import roles
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address and the password don’t match. Check both and try again.",
        "too_many_login_attempts": "Too many tries that failed. Wait five minutes, then try again or reset your password.",
        "incorrect_code": "This code is not the one that we sent. Check it against the newest mail from us.",
        "incorrect_password": "This is not your present password. Try again.",
        "enter_current_password": "This is not your present password. Try again.",
        "invalid_password_reset": "This link has been used, or is too old. Ask for a new one.",
        "duplicate_email": "This is your address already.",
        "same_as_current": "This is your address already. Give the new one.",
        "email_taken": "This address can’t be used. Give another one.",
        "unverified_primary_email": "Confirm your address first, with the code that we sent to it.",
        "cannot_remove_primary_email": "This is the address that you sign in with. Change it instead of removing it.",
        "rate_limited": "That was too fast for us. Wait a minute, then try again.",
    }

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Whoever signs up is an author: the one role that nobody has to grant."""
        user.name = form.cleaned_data.get("name", "")
        super().save_user(request, user, form, commit=commit)
        if commit:
            user.give_role(roles.AUTHOR)
        return user

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """A mail with text and HTML. Unlike allauth's own, its subject too knows the publication's name."""
        request = allauth_context.request
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context, request).split())
        text = render_to_string(f"{template_prefix}_message.txt", context, request).strip() + "\n"
        message = EmailMultiAlternatives(
            subject, text, self.get_from_email(), [email] if isinstance(email, str) else email, headers=headers
        )
        html = render_to_string("account/email/message.html", {"subject": subject, "text": text}, request)
        message.attach_alternative(html, "text/html")
        return message

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that rate limits count by; a forged or missing header of the proxy must not stop the page."""
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            return str(request.META.get("REMOTE_ADDR") or "unknown")
