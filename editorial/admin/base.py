"""What every page of the desk shares: the publication's time, strict filters, and no error from a hostile address."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst

from editorial import changes
from editorial.admin import change_words
from editorial.models import Change
from forum.models import Masthead

# Longer searches say nothing more, and PostgreSQL parses each word.
LONGEST_SEARCH = 300
# On one page; older ones are found in the list of all changes.
MOST_CHANGES = 200


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
    # What one row is called on its form, where the model's own name is not the word on screen.
    row_title = ""

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

    def heading(self, obj: Any) -> str:
        """What stands above the form of a row."""
        return str(obj)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        """The form of a row has the row's name for its heading, where the stock one says “Change” and the model's."""
        row_title = self.row_title or self.opts.verbose_name
        if context.get("title") in {f"{word} {self.opts.verbose_name}" for word in ("Add", "Change", "View")}:
            title = f"Add {row_title}" if obj is None else self.heading(obj)
            context |= {"title": title, "subtitle": None}
        context.setdefault("list_title", self.list_title or capfirst(self.opts.verbose_name_plural))
        return super().render_change_form(request, context, add, change, form_url, obj)

    @desk_page
    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().delete_view(request, object_id, extra_context)

    # --- who changed what -----------------------------------------------------------------------------

    # A piece has its own record (`Event`), and so need not be read before each save.
    keeps_changes = True

    def _words(self, request: HttpRequest, pk: Any) -> changes.Words:
        """What the row holds in the database now, with the rows of its inlines."""
        obj = self.model._base_manager.filter(pk=pk).first()
        if obj is None:
            return {}
        rows = []
        for inline in self.get_inline_instances(request, obj):
            key = inline.fk_name or next(
                (f.name for f in inline.model._meta.fields if f.is_relation and f.related_model is self.model), None
            )
            if key:
                label = str(inline.verbose_name_plural or inline.model._meta.verbose_name_plural)
                rows.append((label, inline.model._default_manager.filter(**{key: obj})))
        return changes.words_of(obj, rows=rows)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Reads what the row held, just before it is saved."""
        if change and self.keeps_changes:
            known: dict[Any, changes.Words] = request.__dict__.setdefault("desk_before", {})
            known[form.instance.pk] = self._words(request, form.instance.pk)
        return super().save_form(request, form, change)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        if self.keeps_changes:
            told = changes.differences({}, self._words(request, obj.pk))
            changes.record(by=request.user, action=Change.Action.ADDED, obj=obj, changes=told)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        if self.keeps_changes:
            before = request.__dict__.get("desk_before", {}).get(obj.pk, {})
            told = changes.differences(before, self._words(request, obj.pk))
            changes.record(by=request.user, action=Change.Action.CHANGED, obj=obj, changes=told)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Before the rows are gone: what they held."""
        for obj in queryset if self.keeps_changes else ():
            told = changes.differences(self._words(request, obj.pk), {})
            changes.record(by=request.user, action=Change.Action.DELETED, obj=obj, changes=told)

    @desk_page
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who added and changed the row, with what stood there before."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        found = Change.objects.filter(model=self.opts.label_lower, object_id=str(obj.pk)).select_related("by")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Changes of {obj}",
            "subtitle": None,
            "opts": self.opts,
            "object": obj,
            "changes": [change_words.shown(change) for change in found[:MOST_CHANGES]],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/editorial/change/history.html", context)
