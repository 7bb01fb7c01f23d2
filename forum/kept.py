"""What somebody typed into a form that could not be taken: shown again instead of lost.

For forms that arrive when their sender was signed out, or with a key that has grown old.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Neither shown nor sent again.
KEY = "csrfmiddlewaretoken"
SECRET = ("password", "code", "token", "otp", "secret", "credential")


@dataclass(frozen=True)
class Typed:
    """One value of a form as it came."""

    name: str
    value: str

    @property
    def is_shown(self) -> bool:
        """Whether it is something that a person wrote, worth showing to be copied, rather than a choice or a number."""
        return " " in self.value.strip() or "\n" in self.value.strip() or len(self.value) > 40

    @property
    def rows(self) -> int:
        """The height of the field that shows it."""
        return 2 if len(self.value) < 120 else 8

    @property
    def label(self) -> str:
        return self.name.rpartition("-")[2].replace("_", " ").capitalize()


def typed_fields(request: HttpRequest) -> list[Typed]:
    """The values of a form that was sent, without keys and passwords."""
    return [
        Typed(name, value)
        for name, values in request.POST.lists()
        if name != KEY and not _is_secret(name)
        for value in values
    ]


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET)


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on a page of this site."""
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.get_host()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a fresh key was sent: nothing is done, and what was typed is shown.

    It can be sent once more from here if it came from a page of this site; from elsewhere it is another's doing.
    """
    typed = typed_fields(request)
    is_whole = all(name == KEY or not _is_secret(name) for name in request.POST)
    context = {"typed": typed, "may_repeat": bool(typed) and is_whole and is_from_here(request)}
    return render(request, "403_csrf.html", context, status=403)
