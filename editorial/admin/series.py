"""Special features and issues: what they are called, who put them together, and the order of their pieces."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone

from articles.former import keep_slug, why_not_slug
from articles.models import Article, Series, SeriesEditor
from articles.status import CLOSED
from authors.models import free_slug
from editorial import access, series_order
from editorial.admin import article_list, words
from editorial.admin.base import desk_page
from editorial.admin.merging import Merges
from editorial.admin.order import Typed, ids_of
from editorial.admin.taxonomy import OwnFieldsAdmin
from editorial.admin.widgets import FindsInForms
from editorial.registry import Blocked
from forum.rich_text import RichTextField, RichTextWidget
from prose.names import tidy_name

FOUND = 20
LONGEST_SEARCH = 300
LONGEST_INTRODUCTION = Series._meta.get_field("introduction").max_length or 20_000


class SeriesForm(forms.ModelForm):  # type: ignore[type-arg]
    introduction = RichTextField(
        required=False, max_characters=LONGEST_INTRODUCTION, widget=RichTextWidget({"rows": 8}, usual_words=None, pieces_url=reverse_lazy("admin:articles_article_pick")),
        help_text="What it is about and why now: two or three paragraphs. Readers see it above the pieces.",
    )  # fmt: skip

    class Meta:
        model = Series
        fields = ("title", "kind", "number", "introduction", "cover", "slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The last part of the address. Made of the title where empty." + (
                " The old address will lead to the new one." if self.instance.pk else ""
            )
        if "cover" in self.fields:
            self.fields["cover"].help_text = "A picture from the library, shown beside the introduction and in lists."

    def clean_title(self) -> str:
        title = tidy_name(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError("Give a title.")
        return title

    def clean_number(self) -> str:
        return tidy_name(self.cleaned_data["number"])

    def clean_introduction(self) -> str:
        introduction = str(self.cleaned_data["introduction"])
        if "<img" in introduction.lower():
            raise forms.ValidationError("The introduction holds no pictures: choose a cover instead.")
        return introduction

    def clean_slug(self) -> str:
        slug = self.cleaned_data.get("slug")
        if not slug:
            return free_slug(Series, self.cleaned_data.get("title", ""), "series")
        if reason := why_not_slug(self.instance, slug):
            raise forms.ValidationError(reason)
        return str(slug)


class EditorForm(forms.ModelForm):  # type: ignore[type-arg]
    """One who put it together. The place is a number, so that it works without script."""

    place = forms.IntegerField(
        label="Place",
        required=False,
        min_value=1,
        max_value=999,
        widget=forms.NumberInput(attrs={"class": "order-field"}),
    )

    class Meta:
        model = SeriesEditor
        fields = ("author",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["place"] = self.instance.position + 1

    def has_changed(self) -> bool:
        """A number alone in a new row names nobody yet."""
        changed = set(self.changed_data)
        return bool(changed - {"place"} if not self.instance.pk else changed)


class SeriesEditorInline(FindsInForms, admin.StackedInline):  # type: ignore[type-arg]
    model = SeriesEditor
    form = EditorForm
    # Stacked: the fields of a tabular row have no labels of their own.
    fields = (("author", "place"),)
    autocomplete_fields = ("author",)
    extra = 1
    verbose_name = "editor"
    verbose_name_plural = "edited by, in order"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("articles.change_series"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("articles.change_series"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("articles.change_series"))


@admin.register(Series)
class SeriesAdmin(Merges, OwnFieldsAdmin):
    list_title = "Special features and issues"
    row_title = "special feature or issue"
    form = SeriesForm
    list_display = ("title", "kind", "number", "piece_count")
    fields = ("title", "kind", "number", "introduction", "cover", "slug")
    search_fields = ("title", "number")
    ordering = ("title", "pk")
    autocomplete_fields = ("cover",)
    inlines = (SeriesEditorInline,)
    change_form_template = "admin/articles/series/change_form.html"

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
        """Only one without pieces: they would lose their place."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.articles.exists())

    # --- saving -------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Series, form: Any, change: bool) -> None:
        if change and "slug" in form.changed_data:
            keep_slug(obj)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Delete, change and add, and number them anew in the order of their places; equal ones as on the page."""
        formset.save(commit=False)
        for row in formset.deleted_objects:
            row.delete()
        kept = [f for f in formset.forms if f not in formset.deleted_forms and (f.instance.pk or f.has_changed())]
        kept.sort(key=lambda f: f.cleaned_data.get("place") or 1000)
        for position, one in enumerate(kept):
            if one.has_changed() or one.instance.position != position:
                one.instance.position = position
                one.instance.save()

    def response_add(self, request: HttpRequest, obj: Series, post_url_continue: str | None = None) -> HttpResponse:
        """On to the pieces, without which it has no page; but in a window that was opened to choose it, back to the choice."""
        if "_popup" in request.POST or "_addanother" in request.POST or "_continue" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(
            request, f"“{obj}” is begun. Add its pieces now, or later. Readers find it once one of them is published.",
            messages.SUCCESS,
        )  # fmt: skip
        return redirect("admin:articles_series_pieces", obj.pk)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            now = timezone.now()
            context["rows"] = rows_of(obj, request)
            context["public_url"] = (
                obj.get_absolute_url() if Article.objects.listed(now).filter(series=obj).exists() else ""
            )
        return super().render_change_form(request, context, *args, **kwargs)

    # --- its pieces ---------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.pieces_view)
        return [path("<int:pk>/pieces/", view, name="articles_series_pieces"), *super().get_urls()]

    @desk_page
    def pieces_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The pieces in order. GET shows them and what a search finds; POST arranges, adds or takes out."""
        series = Series.objects.filter(pk=pk).first() if pk < 2**63 else None
        if series is None or not self.has_view_permission(request, series):
            raise Http404
        typed: dict[int, str] = {}
        problems: list[str] = []
        if request.method == "POST":
            if not self.has_change_permission(request, series):
                raise PermissionDenied
            typed = Typed(request.POST).numbers
            try:
                self.message_user(request, _do(series, request), messages.SUCCESS)
            except Blocked as answer:
                problems = [reason.text for reason in answer.reasons]
            except PermissionDenied as answer:
                problems = [str(answer)]
            else:
                return redirect("admin:articles_series_pieces", pk)
        rows = rows_of(series, request, typed)
        query = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
        found = list(_found(request, query)[: FOUND + 1])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Pieces, in order",
            "series": series,
            "rows": rows,
            "seen": ",".join(str(row["pk"]) for row in rows),
            "may_change": self.has_change_permission(request, series),
            "has_fixed": any(row["why_fixed"] for row in rows),
            "problems": problems,
            "query": query,
            "found": [
                {
                    "pk": piece.pk,
                    "title": words.title(piece),
                    "url": reverse("admin:articles_article_change", args=[piece.pk]),
                    "standing": words.standing(piece, timezone.now()),
                    "elsewhere": str(piece.series) if piece.series and piece.series_id != series.pk else "",
                    "is_here": piece.series_id == series.pk,
                }
                for piece in found[:FOUND]
            ],
            "has_more": len(found) > FOUND,
        }
        return TemplateResponse(request, "admin/articles/series/pieces.html", context)


def rows_of(series: Series, request: HttpRequest, typed: dict[int, str] | None = None) -> list[dict[str, Any]]:
    """The pieces in their order as the page prints them, in a fixed number of queries. One that is not on this person's
    desk tells no more than readers know."""
    now = timezone.now()
    pieces = list(series_order.in_order(series).select_related("latest", "live", "handling").defer(
        "latest__body", "latest__in_brief", "live__body", "live__in_brief"
    ))  # fmt: skip
    fixed = series_order.fixed_for(request.user, pieces)
    hidden = {pk for pk, reason in fixed.items() if reason == series_order.NOT_ON_DESK}
    rows = []
    for place, piece in enumerate(pieces, start=1):
        is_hidden = piece.pk in hidden
        is_public = piece.is_public(now) and piece.live is not None
        if is_hidden:
            title = str(piece.live.title) if is_public and piece.live else "A piece that is not on your desk"
            url = piece.get_absolute_url() if is_public else ""
        else:
            title, url = words.title(piece), reverse("admin:articles_article_change", args=[piece.pk])
        rows.append(
            {
                "pk": piece.pk,
                "place": place,
                "number": (typed or {}).get(piece.pk, str(place)),
                "title": title,
                "url": url,
                "standing": [] if is_hidden else words.standing(piece, now),
                "date": words.day(piece.published_on) if piece.published_on and is_public else "",
                "why_fixed": fixed.get(piece.pk, ""),
                "is_first": place == 1,
                "is_last": place == len(pieces),
            }
        )
    return rows


def _found(request: HttpRequest, query: str) -> QuerySet[Article]:
    """Pieces on this person's desk that hold what was typed, the newest first; without a word, those that are free."""
    pieces = article_list.on_desk(request)
    pieces = article_list.search(request, pieces, query) if query else pieces.filter(series=None)
    return pieces.exclude(status__in=CLOSED).select_related("series").order_by("-created_at", "-pk")


def _do(series: Series, request: HttpRequest) -> str:
    """What the button asks for; returns what to say. Raises Blocked, or PermissionDenied."""
    post = request.POST
    for name, act, said in (
        ("add", series_order.add, "“{}” is part of it now, at the end."),
        ("remove", series_order.remove, "“{}” is taken out. The piece itself stays as it is."),
    ):
        if name in post:
            chosen = ids_of(post[name])
            piece = access.desk_pieces(request.user).filter(pk__in=chosen).first() if chosen else None
            if piece is None:
                raise PermissionDenied("This piece is not on your desk, so it is not yours to move.")
            act(series, piece, by=request.user)
            return said.format(words.title(piece))
    seen = ids_of(post.get("seen", ""))
    fixed = series_order.fixed_for(request.user, series_order.in_order(series))
    moved = series_order.arrange(series, Typed(post).order(seen, fixed), by=request.user, seen=seen)
    return "The order is saved. Readers see it at once." if moved else "The order was like this already."
