"""The desk's pages about the referees of a piece: their addresses, and what all of them ask first.

A page is a function (desk, request, pk, …), `desk` being the admin of pieces, whose frame and rules it shares.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from articles.models import Article
from editorial import access
from editorial.admin import words
from editorial.admin.base import desk_page

PAGES: list[URLPattern] = []


def page(route: str, name: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Register a page under admin/review/: `@page("<int:pk>/", "review_round")`."""

    def register(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        shown = desk_page(view)

        @wraps(view)
        def answer(request: HttpRequest, **named: Any) -> HttpResponse:
            return shown(admin.site._registry[Article], request, **named)

        PAGES.append(path(f"review/{route}", admin.site.admin_view(answer), name=name))
        return answer

    return register


def piece_of(desk: Any, request: HttpRequest, pk: int) -> Article:
    """A piece of which the person decides, and so may know who referees it; 404 where it is not on their desk."""
    article: Article = desk.piece_or_404(request, pk)
    if not (access.may_decide(request.user, article) and request.user.has_perm("editorial.see_referees")):
        raise PermissionDenied("Who referees a piece is for the editors who decide about it.")
    return article


def shown(
    desk: Any, request: HttpRequest, template: str, article: Article, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of `templates/admin/review/` in the frame of the piece's own pages."""
    shared = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "piece": article,
        "piece_title": words.title(article),
        "standing": words.standing(article, timezone.now()),
    }
    return TemplateResponse(request, f"admin/review/{template}", shared | context, status=status)


stock_urls = admin.site.get_urls


def with_pages() -> list[Any]:
    """The desk's addresses, before them those of the pages here: the last of the stock ones catches all."""
    return [*PAGES, *stock_urls()]


admin.site.get_urls = with_pages  # type: ignore[method-assign]
