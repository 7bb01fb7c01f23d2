"""Pictures for an author's text: those they sent and those of their own pieces; and sending another."""

from django.http import HttpRequest, HttpResponse

from editorial import access, pictures
from editorial.contribute.door import for_authors, person


@for_authors
def library(request: HttpRequest) -> HttpResponse:
    """As JSON, for the editor; see `pictures.answer`."""
    return pictures.answer(request, access.own_images(person(request)), may_send=True, is_limited=True)
