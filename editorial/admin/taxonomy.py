"""What pieces are about: the tree of regions, tags, special features."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.http import HttpRequest
from django.utils.html import format_html

from articles.listing import relist, relist_region
from articles.models import Article, Region, RegionListing, Series, Tag
from articles.search import reindex_each
from authors.models import free_slug
from editorial import access
from editorial.admin.article_list import in_tree_order
from editorial.admin.base import DeskAdmin
from editorial.admin.widgets import FindsInForms
from prose.names import tidy_name


class TidyNameForm(forms.ModelForm):  # type: ignore[type-arg]
    """Names are held against each other as they will be kept: with single spaces."""

    def clean_name(self) -> str:
        name = tidy_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Give a name.")
        return name

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The last part of the address. Made of the name where empty."

    def clean_slug(self) -> str:
        return str(
            self.cleaned_data.get("slug") or free_slug(type(self.instance), self.cleaned_data.get("name", ""), "topic")
        )


class OwnFieldsAdmin(FindsInForms, DeskAdmin):
    """Saves the fields that were changed, and no others."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=list(form.changed_data))


@admin.register(Region)
class RegionAdmin(OwnFieldsAdmin):
    form = TidyNameForm
    list_display = ("place", "slug", "piece_count")
    list_display_links = ("place",)
    fields = ("name", "parent", "position", "description", "slug")
    search_fields = ("name",)
    list_per_page = 500
    ordering: Any = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Region]:
        """In the order of the tree."""
        self_order = [When(pk=region.pk, then=Value(place)) for place, (region, _) in enumerate(in_tree_order())]
        listed = (
            RegionListing.objects.filter(target=OuterRef("pk"))
            .order_by()
            .values("target")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return (
            Region.objects.select_related("parent__parent__parent")
            .annotate(
                place_in_tree=Case(*self_order, default=Value(100000), output_field=IntegerField())
                if self_order
                else Value(0),
                pieces=Coalesce(Subquery(listed), 0),
            )
            .order_by("place_in_tree")
        )

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("place_in_tree",)

    @admin.display(description="region", ordering="place_in_tree")
    def place(self, region: Region) -> str:
        return format_html("{}{}", "\u2003" * len(region.ancestors()), region.name)

    @admin.display(description="published pieces, with regions within", ordering="pieces")
    def piece_count(self, region: Region) -> int:
        return int(region.pieces)  # type: ignore[attr-defined]  # annotated

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "parent":
            kwargs["queryset"] = Region.objects.all()
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "parent" and field is not None:
            field.choices = [
                ("", "None: at the top"),
                *((region.pk, "\u2003" * depth + region.name) for region, depth in in_tree_order()),
            ]
        return field

    def save_model(self, request: HttpRequest, obj: Region, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # A piece is listed under what holds its region, and found by that name.
        if change and {"parent", "name"} & set(form.changed_data):
            relist_region(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Region | None = None) -> bool:
        """Only one that holds nothing: its pieces would lose their place."""
        return super().has_delete_permission(request, obj) and (
            obj is None or not (obj.articles.exists() or obj.children.exists())
        )


class TagForm(TidyNameForm):
    class Meta:
        model = Tag
        fields = ("name", "description", "slug")
        error_messages: ClassVar[dict[str, dict[str, str]]] = {
            "name": {"unique": "There is a tag of this name."},
            "slug": {"unique": "Another tag has this slug."},
        }

    def clean_name(self) -> str:
        name = super().clean_name()
        if Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is a tag of this name. Use that one.")
        return name


@admin.register(Tag)
class TagAdmin(OwnFieldsAdmin):
    form = TagForm
    list_display = ("name", "slug", "piece_count")
    fields = ("name", "description", "slug")
    search_fields = ("name",)
    ordering = (Lower("name"), "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        published = Count("items", filter=Q(items__content_object__live__isnull=False))
        return super().get_queryset(request).annotate(pieces=published)

    @admin.display(description="published pieces", ordering="pieces")
    def piece_count(self, tag: Tag) -> int:
        return int(tag.pieces)  # type: ignore[attr-defined]  # annotated

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "name" in form.changed_data:
            reindex_each(Article.objects.filter(tagged_items__tag=obj))

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        """The pieces that had it are no longer found by it."""
        pieces = list(Article.objects.filter(tagged_items__tag=obj))
        obj.delete()
        for piece in pieces:
            relist(piece)


class SeriesForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Series
        fields = ("title", "introduction", "cover", "slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The last part of the address. Made of the title where empty."

    def clean_title(self) -> str:
        title = tidy_name(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError("Give a title.")
        return title

    def clean_slug(self) -> str:
        return str(self.cleaned_data.get("slug") or free_slug(Series, self.cleaned_data.get("title", ""), "series"))


@admin.register(Series)
class SeriesAdmin(OwnFieldsAdmin):
    list_title = "Special features"
    form = SeriesForm
    list_display = ("title", "slug", "piece_count")
    fields = ("title", "introduction", "cover", "slug")
    search_fields = ("title",)
    ordering = ("title", "pk")
    autocomplete_fields = ("cover",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "cover":
            kwargs["queryset"] = access.desk_images(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Series]:
        return super().get_queryset(request).annotate(pieces=Count("articles", filter=Q(articles__live__isnull=False)))

    @admin.display(description="published pieces", ordering="pieces")
    def piece_count(self, series: Series) -> int:
        return int(series.pieces)  # type: ignore[attr-defined]  # annotated

    def has_delete_permission(self, request: HttpRequest, obj: Series | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.articles.exists())
