from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from forum.languages import spoken
from forum.models import Masthead
from forum.remembered import surroundings


def masthead(request: HttpRequest) -> dict[str, object]:
    """`masthead` for every template: read once for each page, and only where the page prints it."""
    return {"masthead": SimpleLazyObject(Masthead.current)}


def interface(request: HttpRequest) -> dict[str, object]:
    """`interface.language` and `interface.direction`: what the page itself speaks, whatever its pieces are written in; and
    `surroundings`, by which what is printed is remembered."""
    return {"interface": spoken(), "surroundings": surroundings()}
