"""Accounts at the desk, with one rule more than `accounts.admin` has: nobody gives a role beyond their own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import roles
from accounts.admin import UserAdmin
from accounts.models import User
from editorial.admin.base import DeskAdmin


def highest(user: User) -> int:
    """How far up the ladder of roles a person stands."""
    if user.is_superuser:
        return len(roles.ALL)
    return max((roles.ALL.index(name) for name in user.role_names if name in roles.ALL), default=-1)


def roles_to_give(user: User) -> list[str]:
    """The roles that a person may give and take: those up to their own."""
    return [name for place, name in enumerate(roles.ALL) if place <= highest(user)]


class RoleFilter(admin.SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in roles.ALL]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() in roles.ALL:
            return queryset.filter(groups__name=self.value())
        return queryset


class ActiveFilter(admin.SimpleListFilter):
    title = "account"
    parameter_name = "active"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Open"), ("no", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(is_active=self.value() == "yes") if self.value() in ("yes", "no") else queryset


admin.site.unregister(User)


@admin.register(User)
class PeopleAdmin(UserAdmin, DeskAdmin):
    list_title = "People"
    list_filter = (RoleFilter, ActiveFilter)
    actions = ("send_link",)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody changes a person who stands above them: whoever sets an address can take over the account."""
        if obj is not None and obj.pk != request.user.pk and highest(obj) > highest(request.user):
            return False
        return bool(super().has_change_permission(request, obj))

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        allowed = set(roles_to_give(request.user))
        is_own = obj is not None and obj.pk == request.user.pk and not request.user.is_superuser

        class RuledForm(form_class):  # type: ignore[misc, valid-type]
            def clean_groups(self) -> QuerySet[Group]:
                chosen: QuerySet[Group] = self.cleaned_data["groups"]
                before = set(obj.groups.values_list("name", flat=True)) if obj else set()
                changed = before ^ {group.name for group in chosen}
                if changed and is_own:
                    raise forms.ValidationError("Your own roles are changed by somebody else.")
                if beyond := sorted(changed - allowed):
                    raise forms.ValidationError(
                        f"{', '.join(beyond)} is beyond your own role, so it is not yours to give or take."
                    )
                return chosen

        return RuledForm
