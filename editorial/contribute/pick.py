"""Published pieces that an author links to; see `editorial.pick`."""

from django.http import HttpRequest, HttpResponse

from editorial import pick
from editorial.contribute.door import for_authors


@for_authors
def pieces(request: HttpRequest) -> HttpResponse:
    """As JSON, for the editor."""
    return pick.answer(request)
