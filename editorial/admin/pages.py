"""Plain pages at the desk: written with the editor, each text kept, and a way back to any of them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import Resolver404, URLPattern, path, resolve, reverse, reverse_lazy
from django.utils import timezone
from django.utils.html import format_html

from articles.views.pages import page_context
from authors.models import free_slug
from editorial import changes
from editorial.admin.base import DeskAdmin, desk_page
from editorial.models import Change
from forum import pages
from forum.languages import for_readers
from forum.models import Masthead, Page, PageVersion
from forum.rich_text import RichTextField, RichTextWidget
from prose import diff

# Addresses that no view of ours answers, and that are yet not free.
RESERVED = frozenset({"static", "media", "referee", "favicon"})


def is_taken(slug: str) -> bool:
    """Whether an address at the root is one of the site's own."""
    if slug in RESERVED:
        return True
    for address in (f"/{slug}/", f"/{slug}"):
        try:
            match = resolve(address)
        except Resolver404:
            continue
        if match.view_name != "articles:page":
            return True
    # A word under which the site keeps more than one page, such as `accounts`.
    try:
        return resolve(f"/{slug}/x/").view_name != "articles:page"
    except Resolver404:
        return False


class PageForm(forms.ModelForm):  # type: ignore[type-arg]
    body = RichTextField(
        label="Text", required=False,
        widget=RichTextWidget(
            usual_words=None, pictures_url=reverse_lazy("admin:articles_image_pick"), pieces_url=reverse_lazy("admin:articles_article_pick")
        ),
    )  # fmt: skip
    note = forms.CharField(
        label="What you changed", max_length=300, required=False, help_text="Kept with this text in the page’s history."
    )
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Page
        fields = ("title", "slug", "body", "is_published")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields[
                "slug"
            ].help_text = (
                "The address: /about/ for about. Made of the title where empty; an earlier address leads here."
            )
        number = newest(self.instance)
        self.initial["base"] = number.number if number else 0

    def clean_slug(self) -> str:
        slug = str(
            self.cleaned_data.get("slug") or free_slug(Page, self.cleaned_data.get("title", ""), "page", limit=50)
        ).lower()
        if is_taken(slug):
            raise forms.ValidationError(f"/{slug}/ is an address of the site itself. Choose another.")
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        current = newest(self.instance)
        base = cleaned.get("base") or 0
        if current and current.number != base:
            # What was typed stays, and stands above the other text once it is saved again.
            self.data = {**self.data.dict(), "base": str(current.number)}  # type: ignore[attr-defined]  # a posted form
            raise forms.ValidationError(
                f"{current.by} saved this page after you opened it (version {current.number}; its text is in the page’s"
                " history). Your text still stands here, unsaved. Look at the other, then save again to put yours in its place."
            )
        return cleaned


def newest(page: Page) -> PageVersion | None:
    """The text that the page has, as its history keeps it."""
    return page.versions.select_related("by").first() if page.pk else None


@admin.register(Page)
class PageAdmin(DeskAdmin):
    list_title = "Plain pages"
    row_title = "plain page"
    form = PageForm
    list_display = ("title", "address", "is_published", "changed_at")
    search_fields = ("title", "body")
    fields = ("title", "slug", "body", "is_published", "note", "base")
    object_history_template = "admin/forum/page/history.html"
    change_form_template = "admin/forum/page/change_form.html"

    @admin.display(description="address", ordering="slug")
    def address(self, page: Page) -> str:
        return (
            format_html('<a href="{0}">{0}</a>', page.get_absolute_url())
            if page.is_published
            else page.get_absolute_url()
        )

    def has_delete_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        """A page is taken from readers by unticking “published”; its texts stay."""
        return False

    # --- saving -------------------------------------------------------------------------------------

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Page:
        """The form writes nothing itself: `forum.pages.write` does, under a lock."""
        instance: Page = form.instance
        return instance

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        data = form.cleaned_data
        page = Page.objects.get(pk=obj.pk) if change else Page()
        pages.write(
            page, by=request.user, slug=data["slug"], title=data["title"], body=data["body"],
            is_published=data["is_published"], base=data["base"] or 0, note=data["note"],
        )  # fmt: skip
        if not change:
            obj.pk = Page.objects.get(slug=data["slug"]).pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing but the page itself."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except pages.Stale:
            # Between the form's check and the write. The second check finds it, and says so.
            return super().changeform_view(request, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Page, post_url_continue: str | None = None) -> HttpResponse:
        return self._saved(request, obj)

    def response_change(self, request: HttpRequest, obj: Page) -> HttpResponse:
        return self._saved(request, obj)

    def _saved(self, request: HttpRequest, page: Page) -> HttpResponse:
        seen = (
            format_html('Readers see it at <a href="{0}">{0}</a>.', page.get_absolute_url())
            if page.is_published
            else "Readers do not see it: tick “published” when it is ready."
        )
        self.message_user(request, format_html("“{}” is saved. {}", page.title, seen), messages.SUCCESS)
        return redirect("admin:forum_page_change", page.pk)

    # --- history ------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="forum_page_preview"),
            path(
                "<int:pk>/versions/<int:number>/", self.admin_site.admin_view(self.version), name="forum_page_version"
            ),
            path(
                "<int:pk>/versions/<int:number>/restore/",
                self.admin_site.admin_view(self.restore),
                name="forum_page_restore",
            ),
            *super().get_urls(),
        ]

    def page_or_404(self, request: HttpRequest, pk: int) -> Page:
        page = Page.objects.filter(pk=pk).first() if pk < 2**63 else None
        if page is None:
            raise Http404("There is no such page.")
        if not self.has_view_permission(request, page):
            raise PermissionDenied
        return page

    @desk_page
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page = self.page_or_404(request, int(object_id) if object_id.isascii() and object_id.isdigit() else 0)
        versions: QuerySet[PageVersion] = page.versions.select_related("by").defer("body")
        return TemplateResponse(request, self.object_history_template, {
            **self.admin_site.each_context(request), "title": f"History of “{page.title}”", "page": page,
            "versions": versions, "opts": self.opts,
        })  # fmt: skip

    @desk_page
    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """As readers would see it: only what is saved."""
        page = self.page_or_404(request, pk)
        with for_readers(masthead := Masthead.current()):
            context = {"masthead": masthead, "is_preview": True, **page_context(page.title, page.body)}
            return render(request, "forum/page_detail.html", context)

    @desk_page
    def version(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """A text that the page had, and what changed from it to the present one."""
        page = self.page_or_404(request, pk)
        versions = {
            v.number: v for v in page.versions.select_related("by").filter(number__in=(number, newest_number(page)))
        }
        if number not in versions:
            raise Http404("There is no such version.")
        old, now = versions[number], versions[newest_number(page)]
        return TemplateResponse(request, "admin/forum/page/version.html", {
            **self.admin_site.each_context(request), "title": f"Version {number} of “{page.title}”", "page": page, "version": old,
            "is_present": old.pk == now.pk, "difference": diff.diff_html(old.body, now.body) if old.body != now.body else "",
            "can_restore": self.has_change_permission(request, page) and old.pk != now.pk, "opts": self.opts,
        })  # fmt: skip

    @desk_page
    def restore(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Write an earlier text once more, as the newest."""
        page = self.page_or_404(request, pk)
        if request.method != "POST":
            return redirect("admin:forum_page_version", pk, number)
        if not self.has_change_permission(request, page):
            raise PermissionDenied
        old = page.versions.filter(number=number).first()
        if old is None:
            raise Http404("There is no such version.")
        before = {"text": f"version {newest_number(page)}"}
        written = pages.write(
            page, by=request.user, slug=page.slug, title=old.title, body=old.body, is_published=page.is_published,
            base=newest_number(page), note=f"Version {number} again", now=timezone.now(),
        )  # fmt: skip
        if written:
            changes.record(
                by=request.user, action=Change.Action.CHANGED, obj=page,
                changes={"text": [before["text"], f"version {written.number}, which is version {number} again"]},
            )  # fmt: skip
        self.message_user(request, f"“{page.title}” has the text of version {number} again.", messages.SUCCESS)
        return redirect(reverse("admin:forum_page_change", args=[page.pk]))


def newest_number(page: Page) -> int:
    found = page.versions.values_list("number", flat=True).first()
    return found or 0
