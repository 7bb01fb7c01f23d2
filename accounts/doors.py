"""Where somebody goes after signing in, as rooms above know it. They register in `AppConfig.ready()`."""

from collections.abc import Callable

from django.http import HttpRequest

# Each is asked in turn, and may note in the session what the masthead shows; the first address that one gives is gone to.
AFTER_SIGN_IN: list[Callable[[HttpRequest], str]] = []
