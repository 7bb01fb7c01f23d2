from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from forum.models import Masthead


def masthead(request: HttpRequest) -> dict[str, object]:
    """`masthead` for every template: read once for each page, and only where the page prints it."""
    return {"masthead": SimpleLazyObject(Masthead.current)}
