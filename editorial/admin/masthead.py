"""The masthead: one row, so its link leads straight to the form."""

import zoneinfo
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from editorial.admin.base import DeskAdmin, desk_page
from forum.models import Masthead
from prose.names import issn


class MastheadForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(help_text=Masthead._meta.get_field("time_zone").help_text)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Names without a slash are abbreviations and aliases; UTC is one that people want.
        names = sorted(
            name
            for name in zoneinfo.available_timezones()
            if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/"))
        )
        chosen = self.instance.time_zone
        if "time_zone" in self.fields:
            field = self.fields["time_zone"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(name, name.replace("_", " ")) for name in dict.fromkeys(("UTC", *names, chosen))]

    def clean_issn(self) -> str:
        return issn(self.cleaned_data["issn"]) if self.cleaned_data["issn"] else ""


@admin.register(Masthead)
class MastheadAdmin(DeskAdmin):
    form = MastheadForm
    # An address typed without its scheme is one of today's web.
    formfield_overrides: ClassVar[Any] = {models.URLField: {"assume_scheme": "https"}}
    fieldsets = (
        ("The publication", {"fields": ("name", "tagline", "description", "language", "time_zone", "contact_email")}),
        (
            "Beneath each piece",
            {
                "fields": (
                    "shows_review",
                    "comments_line",
                    "support_title",
                    "support_text",
                    "support_label",
                    "support_url",
                )
            },
        ),
        ("In the foot of each page", {"fields": ("acknowledgement", "copyright_holder", "rights_line")}),
        (
            "For citations and search engines",
            {
                "fields": (
                    "publisher",
                    "issn",
                    "about_page",
                    "review_page",
                    "principles_page",
                    "corrections_page",
                    "ownership_page",
                ),
                "description": "A page is named to readers and search engines as soon as it is published.",
            },
        ),
        ("Machines that gather text", {"fields": ("lets_ai_train", "lets_ai_cite")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Masthead | None = None) -> bool:
        return False

    @desk_page
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No list: the form, of a row made of the defaults where nobody has saved one yet."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if self.has_change_permission(request):
            Masthead.objects.get_or_create(pk=1)
        return redirect("admin:forum_masthead_change", 1)

    def response_change(self, request: HttpRequest, obj: Masthead) -> HttpResponse:
        self.message_user(request, "The masthead is saved. Readers see it at once.", messages.SUCCESS)
        return redirect(reverse("admin:forum_masthead_change", args=[1]))
