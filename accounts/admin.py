"""People at the desk: who they are, which roles they hold, whether they may sign in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin  # noqa: F401  registers Group, which is taken out below
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import addresses, roles
from accounts.forms import NameField
from accounts.invitations import invite
from accounts.models import User

# What a role may do is written in code and synchronised from there.
admin.site.unregister(Group)


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    name = NameField(max_length=400, required=False, widget=forms.TextInput(attrs={"class": "vTextField"}))
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label="Roles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="An author’s pages come with Author; the desk opens with the roles from Copy editor on.",
    )

    class Meta:
        model = User
        fields = ("name", "email", "groups", "is_active", "is_superuser")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "groups" in self.fields:
            self.fields["groups"].queryset = Group.objects.filter(name__in=roles.ALL).order_by("pk")  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Somebody has this address already. Search for it in the list of people.")
        return email


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = UserForm
    list_display = ("__str__", "email", "role_list", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    search_fields = ("name", "email")
    search_help_text = "Name or e-mail address"
    readonly_fields = ("joined_at", "last_login")
    actions = ("send_link",)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="roles")
    def role_list(self, user: User) -> str:
        return ", ".join(sorted((group.name for group in user.groups.all()), key=roles.ALL.index)) or "–"

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields: tuple[str, ...] = ("name", "email", "groups", "is_active")
        if request.user.is_superuser:
            fields += ("is_superuser",)
        return fields + self.readonly_fields if obj else fields

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody changes a person who may do more than they themselves."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """An account is closed by unticking “active”: what the person did stays in the history."""
        return False

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form_class = super().get_form(request, obj, change=change, **kwargs)
        if obj is None or obj.pk != request.user.pk:
            return form_class

        class OwnForm(form_class):  # type: ignore[misc, valid-type]
            def clean_is_active(self) -> bool:
                if not self.cleaned_data["is_active"]:
                    raise forms.ValidationError("You can’t close your own account. Ask another administrator.")
                return True

        return OwnForm

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        if not change:
            obj.set_unusable_password()
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=[name for name in form.changed_data if name != "groups"])
        if "email" in form.changed_data:
            addresses.replace(obj, obj.email)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            invite(request, form.instance)
            self.message_user(request, f"{form.instance.email} is sent a link to set a password.", messages.SUCCESS)

    @admin.action(description="Send a link to set a password", permissions=["change"])
    def send_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = [user for user in queryset.filter(is_active=True) if self.has_change_permission(request, user)]
        for user in people:
            invite(request, user)
        self.message_user(request, f"Sent to {len(people)}.", messages.SUCCESS if people else messages.WARNING)
