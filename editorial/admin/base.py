"""What every page of the desk shares: the publication's time, strict filters, and no error from a hostile address."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.core.exceptions import BadRequest
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from forum.models import Masthead

# Longer searches say nothing more, and PostgreSQL parses each word.
LONGEST_SEARCH = 300


def desk_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run a view, its template included, in the publication's time zone.

    Refuses NUL characters in the address: PostgreSQL would, with an error.
    """

    @wraps(view)
    def page(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if any("\x00" in part for pair in request.GET.lists() for part in (pair[0], *pair[1])):
            raise BadRequest("The address holds a character that can’t be searched for.")
        with timezone.override(Masthead.current().zone):
            response = view(self, request, *args, **kwargs)
            if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                response.render()
        return response

    return page


class DeskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The base of all that is registered at the desk."""

    # Counts beside each filter would cost a query for each choice.
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    view_on_site = False
    save_on_top = False
    actions: Any = None
    list_title = ""

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """Only by the filters that the page offers: free lookups would answer questions that rows may not."""
        return lookup in {getattr(offered, "parameter_name", None) for offered in self.get_list_filter(request)}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new form begins empty, whatever the address says."""
        return {}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term.replace("\x00", " ")[:LONGEST_SEARCH])

    @desk_page
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(
            request, {"title": self.list_title or self.opts.verbose_name_plural.capitalize()} | (extra_context or {})
        )

    @desk_page
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Somebody took a unique name or slug between the check and the write. The second check finds it, and says so.
            for _, files in request.FILES.lists():
                for file in files:
                    file.seek(0)
            return super().changeform_view(request, object_id, form_url, extra_context)

    @desk_page
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().delete_view(request, object_id, extra_context)

    @desk_page
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().history_view(request, object_id, extra_context)
