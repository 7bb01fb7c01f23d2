"""The site's addresses, and one that breaks."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from forum import urls
from forum.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class BrokenOnPurpose(Exception):  # noqa: N818  it is no error of ours
    """What a bug of a view raises."""


def broken(request: HttpRequest) -> HttpResponse:
    raise BrokenOnPurpose


urlpatterns = [path("broken/", broken), *urls.urlpatterns]
