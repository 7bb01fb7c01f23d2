"""Health and error pages; the one for what is not there is in `articles.views.missing`."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.http import require_safe

from forum import languages


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The process answers and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Needs neither database nor context processors, as 500."""
    with languages.as_before():
        return HttpResponse(loader.render_to_string("400.html", {"interface": languages.spoken()}), status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Says why, where the refusal says so in words meant for its reader."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs neither database nor context processors: it is what is left when those are gone."""
    with languages.as_before():
        return HttpResponse(loader.render_to_string("500.html", {"interface": languages.spoken()}), status=500)
