"""The list of changes: who changed what in settings, taxonomy, authors, pictures, pages and people, and when."""

import datetime
from typing import Any

from django.contrib import admin
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html

from accounts.models import User
from articles.models import Image
from editorial import access, appearance
from editorial.admin import change_words, words
from editorial.admin.base import DeskAdmin
from editorial.models import Change


class PersonFilter(admin.SimpleListFilter):
    title = "person"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        people = User.objects.filter(Exists(Change.objects.filter(by=OuterRef("pk"))))
        return [(str(user.pk), str(user)) for user in people]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(by=self.value()) if self.value() in dict(self.lookup_choices) else queryset


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = Change.objects.order_by("model").values_list("model", flat=True).distinct()
        return sorted(((model, change_words.kind(model).capitalize()) for model in found), key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(model=self.value()) if self.value() in dict(self.lookup_choices) else queryset


class ActionFilter(admin.SimpleListFilter):
    title = "what was done"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label.capitalize()) for value, label in Change.Action.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(action=self.value()) if self.value() in Change.Action.values else queryset


class DayFilter(admin.SimpleListFilter):
    """The days in question; any date may stand in the address as `since=2026-03-01`."""

    title = "date"
    parameter_name = "since"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        today = timezone.localdate()
        spans = ((0, "Today"), (6, "Past 7 days"), (29, "Past 30 days"), (364, "Past year"))
        return [((today - datetime.timedelta(days=back)).isoformat(), label) for back, label in spans]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        try:
            day = parse_date(self.value() or "")
            if day is None:
                return queryset
            # The first days of the calendar lie beyond it in the time of the database.
            start = timezone.make_aware(datetime.datetime.combine(day, datetime.time())).astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            return queryset
        return queryset.filter(at__gte=start)


@admin.register(Change)
class ChangeAdmin(DeskAdmin):
    """Read, never written: the rows stay as they are."""

    list_title = "Changes"
    list_display = ("when", "by", "what", "fields_changed")
    list_display_links = None
    list_filter = (PersonFilter, KindFilter, ActionFilter, DayFilter)
    search_fields = ("name",)
    search_help_text = "What it was called"
    list_select_related = ("by",)
    ordering = ("-at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        """Without those of people whom they must not know, and of pictures that are not in their library, as everywhere
        at the desk."""
        theirs = access.desk_images(request.user).order_by().annotate(key=Cast("pk", CharField())).values("key")
        gone = Image.objects.order_by().annotate(key=Cast("pk", CharField())).values("key")
        hidden = Q(model="articles.image") & ~Q(object_id__in=theirs) & Q(object_id__in=gone)
        return super().get_queryset(request).exclude(hidden).exclude(appearance.changes_hidden_from(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Change | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Change | None = None) -> bool:
        return False

    @admin.display(description="when", ordering="at")
    def when(self, change: Change) -> str:
        return words.moment(change.at)

    @admin.display(description="what", ordering="name")
    def what(self, change: Change) -> str:
        name = format_html("<bdi>{}</bdi>", change.name)
        if change.action != Change.Action.DELETED and (url := self._url(change)):
            name = format_html('<a href="{}">{}</a>', url, name)
        return format_html("{}: {} {}", change_words.kind(change.model).capitalize(), name, change.get_action_display())

    @admin.display(description="before and after")
    def fields_changed(self, change: Change) -> str:
        return render_to_string("admin/editorial/change/_fields.html", {"fields": change_words.shown(change).fields})

    def _url(self, change: Change) -> str:
        """The form of what was changed. Where it is gone by now, the desk says so."""
        app, _, model = change.model.partition(".")
        try:
            return reverse(f"admin:{app}_{model}_history", args=[change.object_id])
        except NoReverseMatch:
            return ""
