"""An account that somebody else made: the person sets the password by a link that only they are sent."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.http import HttpRequest

from accounts.models import User


def invite(request: HttpRequest, user: User) -> None:
    """Send the link by which a new person sets a password; opening it changes nothing, the form behind it does."""
    adapter = get_adapter(request)
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    url = adapter.get_reset_password_from_key_url(key)
    adapter.send_mail("account/email/invitation", user.email, {"user": user, "password_reset_url": url})
