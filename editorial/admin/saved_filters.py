"""Views of the list of pieces that somebody wants again: filters, search and order, by name."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Q, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from accounts.models import User
from editorial.admin.base import desk_page
from editorial.models import SavedFilter
from prose.names import tidy_name

# More than these on a person's page are a list of their own, and nobody finds one.
MOST = 30


class SavedFilterForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = SavedFilter
        fields = ("name", "is_shared")

    def clean_name(self) -> str:
        name = tidy_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Give it a name.")
        return name


@dataclass
class Shown:
    """A saved view, as the list prints it."""

    pk: int
    name: str
    url: str
    is_here: bool
    is_mine: bool
    by: str


def shown_to(user: User, query: str) -> list[Shown]:
    """The person's own and those that others share, in one query."""
    found = SavedFilter.objects.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner")
    # One's own first: what others share never pushes them out.
    found = found.order_by(Case(When(owner=user, then=0), default=1), "name", "pk")
    address = reverse("admin:articles_article_changelist")
    return [
        Shown(
            one.pk, one.name, f"{address}?{one.query}", one.query == query, one.owner_id == user.pk,
            "" if one.owner_id == user.pk else str(one.owner),
        )
        for one in found[: 2 * MOST]
    ]  # fmt: skip


class SavedFilters:
    """For the ModelAdmin of pieces."""

    def saved_filter_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("views/save/", view(self.save_filter), name="articles_article_save_filter"),
            path("views/<int:pk>/forget/", view(self.forget_filter), name="articles_article_forget_filter"),
        ]

    def known_query(self, request: HttpRequest, query: str) -> str:
        """The parts of a query that the list knows, in one order; what is empty or unknown goes."""
        known = {f.parameter_name for f in self.get_list_filter(request)} | {"q", "o"}  # type: ignore[attr-defined]
        given = QueryDict(query.replace("\x00", "")[:1000])
        return urlencode(sorted((name, given[name][:300]) for name in given if name in known and given[name]))

    def filters_context(self, request: HttpRequest) -> dict[str, Any]:
        query = self.known_query(request, request.META.get("QUERY_STRING", ""))
        shown = shown_to(request.user, query)
        return {
            "saved_filters": shown,
            "filter_query": query,
            "can_save_filter": bool(query) and not any(s.is_here for s in shown),
        }

    @desk_page
    def save_filter(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        query = self.known_query(request, request.POST.get("query", ""))
        form = SavedFilterForm(request.POST)
        back = f"{reverse('admin:articles_article_changelist')}?{query}"
        if not form.is_valid():
            problem = " ".join(str(error) for errors in form.errors.values() for error in errors)
            self.message_user(request, f"Not saved: {problem}", messages.ERROR)  # type: ignore[attr-defined]
            return redirect(back)
        if not query:
            self.message_user(request, "There is nothing to save: choose a filter or search first.", messages.WARNING)  # type: ignore[attr-defined]
        elif SavedFilter.objects.filter(owner=request.user).exclude(name=form.cleaned_data["name"]).count() >= MOST:
            self.message_user(request, f"You have {MOST} saved views. Forget one first.", messages.ERROR)  # type: ignore[attr-defined]
        else:
            SavedFilter.objects.update_or_create(
                owner=request.user, name=form.cleaned_data["name"],
                defaults={"query": query, "is_shared": form.cleaned_data["is_shared"]},
            )  # fmt: skip
            self.message_user(request, f"Saved as “{form.cleaned_data['name']}”.", messages.SUCCESS)  # type: ignore[attr-defined]
        return redirect(back)

    @desk_page
    def forget_filter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One's own; a shared one of somebody else stays theirs."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        found = SavedFilter.objects.filter(pk=pk, owner=request.user).first() if pk < 2**63 else None
        if found is None:
            raise Http404("There is no such saved view of yours.")
        found.delete()
        self.message_user(request, f"“{found.name}” is forgotten. The pieces stay.", messages.SUCCESS)  # type: ignore[attr-defined]
        return redirect("admin:articles_article_changelist")
