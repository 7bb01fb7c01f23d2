"""What the publication adds to the head and the foot of every page: one form for all of it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.models import User
from editorial import changes
from editorial.admin.base import DeskAdmin, desk_page
from editorial.models import Change
from forum.models import Masthead, NavigationItem, Page
from prose.sanitise import plain_line, web_address


class LinkForm(forms.ModelForm):  # type: ignore[type-arg]
    order = forms.IntegerField(label="Order", min_value=1, max_value=999, required=False)

    class Meta:
        model = NavigationItem
        fields = ("place", "label", "page", "address")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An empty row is one that nobody filled in, whatever its place.
        self.empty_permitted = not self.instance.pk
        self.fields["page"].empty_label = "No page: an address"  # type: ignore[attr-defined]
        self.fields["label"].help_text = self.fields["address"].help_text = ""

    def has_changed(self) -> bool:
        return bool(set(self.changed_data) - ({"place", "order"} if not self.instance.pk else set()))

    def clean_label(self) -> str:
        return plain_line(self.cleaned_data["label"])

    def clean_address(self) -> str:
        typed = self.cleaned_data["address"]
        if not typed:
            return ""
        address = web_address(typed)
        if address is None:
            raise forms.ValidationError(
                "Give an address within the site, such as /topics/, or one that begins with https://."
            )
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        page, address = cleaned.get("page"), cleaned.get("address")
        if "address" in cleaned and bool(page) == bool(address):
            self.add_error("address", "Choose a page or give an address, one of the two.")
        elif not page and not cleaned.get("label") and "label" in cleaned:
            self.add_error("label", "An address needs a label.")
        return cleaned

    def validate_constraints(self) -> None:
        """`clean` says the same beside the field that mends it."""


LinkFormSet = forms.modelformset_factory(NavigationItem, form=LinkForm, extra=2, can_delete=True, max_num=60)


def as_told(items: list[NavigationItem]) -> str:
    """All links in words, for the record of changes."""
    return "; ".join(f"{item.get_place_display()}: {item} ({item.address or item.page})" for item in items)  # type: ignore[misc]


def all_links() -> list[NavigationItem]:
    return list(NavigationItem.objects.select_related("page"))


@transaction.atomic
def save_links(formset: Any, *, by: User) -> None:
    """Write what the form changed, in the order of its numbers, each place by itself; one `Change` says what."""
    if not by.has_perm("forum.change_navigationitem"):
        raise PermissionDenied
    masthead, _ = Masthead.objects.get_or_create(pk=1)
    before = as_told(all_links())
    formset.save(commit=False)
    for row in formset.deleted_objects:
        row.delete()
    kept = [f for f in formset.forms if f not in formset.deleted_forms and (f.instance.pk or f.has_changed())]
    kept.sort(key=lambda form: form.cleaned_data.get("order") or 1000)
    for position, form in enumerate(kept):
        form.instance.position = position
        form.instance.save()
    after = as_told(all_links())
    if before != after:
        changes.record(
            by=by, action=Change.Action.CHANGED, obj=masthead, name="Navigation", changes={"links": [before, after]}
        )


@admin.register(NavigationItem)
class NavigationAdmin(DeskAdmin):
    list_title = "Navigation"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: NavigationItem | None = None) -> bool:
        return False

    @desk_page
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No list: the form of all links."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        can_change = self.has_change_permission(request)
        items = NavigationItem.objects.select_related("page").order_by("-place", "position", "pk")
        formset = LinkFormSet(request.POST if request.method == "POST" else None, queryset=items)
        pages = [
            ("", "No page: an address"),
            *((p.pk, p.title if p.is_published else f"{p.title} (not published)") for p in Page.objects.all()),
        ]
        places: dict[str, int] = {}
        for form in formset.initial_forms:
            places[form.instance.place] = places.get(form.instance.place, 0) + 1
            form.initial["order"] = places[form.instance.place]
        for form in formset.forms:
            form.fields["page"].choices = pages  # type: ignore[attr-defined]  # a choice field
        if request.method == "POST":
            if not can_change:
                raise PermissionDenied
            if formset.is_valid():
                save_links(formset, by=request.user)
                self.message_user(request, "The navigation is saved. Readers see it at once.", messages.SUCCESS)
                return redirect("admin:forum_navigationitem_changelist")
        return TemplateResponse(request, "admin/forum/navigationitem/form.html", {
            **self.admin_site.each_context(request), "title": "Navigation", "formset": formset, "opts": self.opts,
            "can_change": can_change, "can_add_page": request.user.has_perm("forum.add_page"),
        })  # fmt: skip

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:forum_navigationitem_changelist")
