"""What pieces are about: the tree of regions, and tags."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from articles.former import keep_slug, why_not_slug
from articles.listing import pieces_within
from articles.models import Region, RegionListing, Tag
from authors.models import free_slug
from editorial import access, jobs, tree
from editorial.admin.article_list import in_tree_order
from editorial.admin.base import DeskAdmin, desk_page
from editorial.admin.merging import Merges
from editorial.admin.widgets import FindsInForms
from editorial.registry import Blocked
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
            self.fields["slug"].help_text = "The last part of the address. Made of the name where empty." + (
                " The old address will lead to the new one." if self.instance.pk else ""
            )

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data.get("slug") or "")
        if not slug:
            return free_slug(type(self.instance), self.cleaned_data.get("name", ""), "topic")
        if reason := why_not_slug(self.instance, slug):
            raise forms.ValidationError(reason)
        return slug


class OwnFieldsAdmin(FindsInForms, DeskAdmin):
    """Saves the fields that were changed, and no others. An address that was changed leads to the new one."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "image":
            kwargs["queryset"] = access.desk_images(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.save()
        elif form.changed_data:
            if "slug" in form.changed_data:
                keep_slug(obj)
            obj.save(update_fields=list(form.changed_data))


@admin.register(Region)
class RegionAdmin(Merges, OwnFieldsAdmin):
    form = TidyNameForm
    list_title = "Regions"
    list_display = ("place", "order", "slug", "piece_count")
    list_display_links = ("place",)
    fields = ("name", "parent", "description", "image", "slug")
    autocomplete_fields = ("image",)
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

    @admin.display(description="order")
    def order(self, region: Region) -> str:
        """Buttons of the list's own form, each sent to an address of its own: they work without script."""
        buttons = (
            ("up", "↑", "Move {} up"),
            ("down", "↓", "Move {} down"),
            ("out", "←", "Move {} out, one level up"),
            ("in", "→", "Move {} into the region above it"),
        )
        return format_html_join(
            "", '<button type="submit" class="move" formaction="{}" name="way" value="{}" title="{}"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></button>',
            (
                (reverse("admin:articles_region_move", args=[region.pk]), way, said.format(region.name), sign, said.format(region.name))
                for way, sign, said in buttons
            ),
        )  # fmt: skip

    def get_list_display(self, request: HttpRequest) -> Any:
        """With the buttons for those who may press them."""
        shown = super().get_list_display(request)
        return shown if self.has_change_permission(request) else [name for name in shown if name != "order"]

    def get_urls(self) -> list[URLPattern]:
        move = self.admin_site.admin_view(self.move_view)
        return [path("<path:object_id>/move/", move, name="articles_region_move"), *super().get_urls()]

    @desk_page
    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Move a region one place, and back to the tree."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        region = self.get_object(request, object_id)
        if region is None:
            raise Http404("There is no such region.")
        try:
            tree.move(region, request.POST.get("way", ""), by=request.user)
        except Blocked as blocked:
            self.message_user(request, str(blocked), messages.WARNING)
        return redirect("admin:articles_region_changelist")

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
        if change and "parent" in form.changed_data:
            tree.change_parent(obj, obj.parent)
        elif change and "name" in form.changed_data:
            jobs.order_reindexing(pieces_within(obj).values_list("pk", flat=True))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With a word on why there is no button that deletes."""
        obj = kwargs.get("obj")
        if (
            obj is not None
            and super().has_delete_permission(request, obj)
            and not self.has_delete_permission(request, obj)
        ):
            context["why_not_delete"] = f"{obj} holds pieces or regions, so it can’t be deleted. Merge it into another."
        return super().render_change_form(request, context, *args, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Region | None = None) -> bool:
        """Only one that holds nothing: its pieces would lose their place."""
        return super().has_delete_permission(request, obj) and (
            obj is None or not (obj.articles.exists() or obj.children.exists())
        )


class TagForm(TidyNameForm):
    class Meta:
        model = Tag
        fields = ("name", "description", "image", "slug")
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
class TagAdmin(Merges, OwnFieldsAdmin):
    form = TagForm
    list_title = "Tags"
    list_display = ("name", "slug", "piece_count")
    fields = ("name", "description", "image", "slug")
    autocomplete_fields = ("image",)
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
            jobs.order_reindexing(obj.items.values_list("content_object_id", flat=True))

    def has_delete_permission(self, request: HttpRequest, obj: Tag | None = None) -> bool:
        """Only one that no piece has: it is merged into another, or taken from its pieces, which they then record."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.items.exists())
