"""The e-mail address that a person signs in with, and whether it is known to be theirs."""

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User


@transaction.atomic
def confirm(user: User) -> None:
    """Take the user's present address as theirs, so that signing in asks for no code.

    For accounts that an operator makes: the demonstration's, the first administrator's, a test's.
    """
    replace(user, user.email, is_verified=True)


@transaction.atomic
def replace(user: User, email: str, *, is_verified: bool = False) -> None:
    """Make `email` the one address of this user; unless it is verified, the next sign-in asks for a code sent to it."""
    email = email.strip().lower()
    EmailAddress.objects.filter(user=user).exclude(email=email).delete()
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"primary": True, "verified": is_verified})
    if user.email != email:
        user.email = email
        user.save(update_fields=["email"])


def confirm_if_only(user: User) -> None:
    """After a reset by a link sent to the user's address: who set the password reads that mailbox.

    With more than one address the link may have gone to another, so nothing is taken for granted.
    """
    others = EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email)
    if not others.exists():
        confirm(user)
