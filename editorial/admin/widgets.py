"""Fields and widgets of the desk's forms: tags that are never doubled, people by name, moments of the publication."""

import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from articles.models import Image, Tag
from editorial.admin.article_list import in_tree_order
from prose import names

MOST_TAGS = 30
LONGEST_TAG = 100


class TagSelect(AutocompleteSelectMultiple):
    """Tags by name, never by key, so that a tag “2020” is no number. What is typed may be new.

    Without script, a line of its own takes further tags, separated by commas.
    """

    template_name = "admin/widgets/tags.html"

    @property
    def media(self) -> forms.Media:
        return super().media + forms.Media(js=("admin/js/autocomplete.js", "js/desk-tags.js"))

    def get_url(self) -> str:
        return reverse("admin:articles_article_tags")

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        return attrs | {
            "data-tags": "true",
            "data-token-separators": '[","]',
            "data-placeholder": self.attrs.get("data-placeholder") or "Type to find or add",
        }

    def optgroups(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Any:
        options = [self.create_option(name, tag, tag, True, index) for index, tag in enumerate(value)]
        return [(None, options, 0)]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        chosen = data.getlist(name) if hasattr(data, "getlist") else list(data.get(name) or [])
        return [*chosen, *str(data.get(f"{name}_more") or "").split(",")]


class TagsField(forms.Field):
    """A list of tag names, tidied, each once whatever its case and spacing."""

    hidden_widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        found: dict[str, str] = {}
        for typed in value or []:
            if "\x00" in typed:
                raise ValidationError("A tag holds a character that can’t be stored.")
            name = names.tidy_name(typed)
            if name:
                found.setdefault(names.name_key(name), name)
        return list(found.values())

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > MOST_TAGS:
            raise ValidationError(f"There are {len(value)} tags; at most {MOST_TAGS} help a reader.")
        if too_long := [name for name in value if len(name) > LONGEST_TAG]:
            raise ValidationError(f"“{too_long[0][:40]}…” is too long for a tag; at most {LONGEST_TAG} characters fit.")

    def has_changed(self, initial: Any, data: Any) -> bool:
        def keys(value: Any) -> set[str]:
            return {names.name_key(name) for name in self.to_python(value)}

        return keys(initial) != keys(data)


def settled_tags(typed: list[str]) -> list[Tag]:
    """The tag of each name, made where there is none; “North  korea” finds “North Korea”."""
    known = {names.name_key(tag.name): tag for tag in Tag.objects.filter(name__in=typed)}
    found = []
    for name in typed:
        key = names.name_key(name)
        tag = known.get(key) or Tag.objects.filter(name__iexact=name).first()
        if tag is None:
            try:
                with transaction.atomic():
                    tag = Tag(name=name)
                    tag.save()
            except IntegrityError:
                # Somebody made it in this very moment.
                tag = Tag.objects.get(name__iexact=name)
        known[key] = tag
        found.append(tag)
    return found


class FoundSelect(AutocompleteSelect):
    """A choice with search. Values that are no keys are left to the field to refuse: the stock one asks the database."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(
            name, [key for key in value if str(key).isascii() and str(key).isdigit() and len(str(key)) < 19], attr
        )


class PictureSelect(FoundSelect):
    """A picture of the library. With script it is seen beside the field, and chosen from a grid (js/desk-pictures.js)."""

    @property
    def media(self) -> forms.Media:
        return super().media + forms.Media(
            css={"all": ("css/library.css",)}, js=(forms.Script("js/desk-pictures.js", type="module"),)
        )

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        return attrs | {"data-pictures": reverse("admin:articles_image_pick")}


class FindsInForms:
    """For admins and inlines: `autocomplete_fields` become a `FoundSelect`, pictures a `PictureSelect`."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            widget = PictureSelect if db_field.related_model is Image else FoundSelect
            kwargs["widget"] = widget(db_field, self.admin_site)  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class PeopleSelect(FoundSelect):
    """Accounts by name; their addresses stay with those who keep accounts."""

    def get_url(self) -> str:
        return reverse("admin:articles_article_people")


class RegionsField(forms.ModelMultipleChoiceField):
    """The tree of regions as ticks, each indented by its depth."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, queryset: Any, **kwargs: Any) -> None:
        super().__init__(queryset, **kwargs)
        self.depths: dict[int, int] = {}

    def in_tree_order(self) -> None:
        """Lay the choices out as the tree stands now."""
        self.widget.choices = [(region.pk, "\u2003" * depth + region.name) for region, depth in in_tree_order()]

    def label_from_instance(self, obj: Model) -> str:
        return str(obj)


class MomentField(forms.DateTimeField):
    """A moment in the time zone that is active. One that the clocks skip or show twice is refused with the reason."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime.datetime | None:
        if isinstance(value, str) and (naive := _naive(value.strip())):
            zone = timezone.get_current_timezone()
            try:
                first, second = naive.replace(tzinfo=zone, fold=0), naive.replace(tzinfo=zone, fold=1)
                if first.utcoffset() != second.utcoffset():
                    there_and_back = first.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None)
                    raise ValidationError(
                        "This time comes twice that night, since the clocks go back. Choose one before or after that hour."
                        if there_and_back == naive
                        else "This time does not exist: the clocks go forward over it that night. Choose one an hour earlier or later."
                    )
            except (OverflowError, ValueError) as problem:
                raise ValidationError("This moment lies outside the calendar.") from problem
        return super().to_python(value)


def _naive(value: str) -> datetime.datetime | None:
    try:
        found = parse_datetime(value)
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0) if found and found.tzinfo is None else None
