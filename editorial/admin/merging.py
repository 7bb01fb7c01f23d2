"""Pages of the desk that make one of two, and that show which names may be one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from authors.models import Author
from editorial import access
from editorial.admin import words
from editorial.admin.base import desk_page
from editorial.merging import merge, pieces_of, plan
from editorial.models import NotTheSame
from editorial.registry import Blocked
from prose import likeness

FOUND = 20
SAMPLES = 5
PAGE = 50


class Merges:
    """For admins of regions, tags, authors and special features: a page to merge one into another, and near-duplicates."""

    def get_urls(self) -> list[URLPattern]:
        """Beside those of every admin."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"  # type: ignore[attr-defined]
        wrap = self.admin_site.admin_view  # type: ignore[attr-defined]
        return [
            path("alike/", wrap(self.alike_view), name=f"{name}_alike"),
            path("<path:object_id>/merge/", wrap(self.merge_view), name=f"{name}_merge"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def _address(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)  # type: ignore[attr-defined]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None and obj.pk and access.may_merge(request.user, self.model):  # type: ignore[attr-defined]
            context["merge_url"] = self._address("merge", obj.pk)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        more = {}
        if access.may_merge(request.user, self.model):  # type: ignore[attr-defined]
            more["alike_url"] = self._address("alike")
        return super().changelist_view(request, more | (extra_context or {}))  # type: ignore[misc,no-any-return]

    def _context(self, request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": title,
            "opts": self.opts,  # type: ignore[attr-defined]
            "list_title": self.list_title or self.opts.verbose_name_plural,  # type: ignore[attr-defined]
            **more,
        }

    def _all_told(self, rows: dict[int, Any]) -> list[dict[str, Any]]:
        """Rows as choices are shown: the name, what tells it apart, where it is edited. One query."""
        counts = self._counts(rows)
        return [
            {
                "pk": pk, "name": str(row), "about": getattr(row, "affiliation", "") or row.get_absolute_url(),
                "pieces": counts.get(pk, 0), "url": self._address("change", pk),
            }
            for pk, row in rows.items()
        ]  # fmt: skip

    def _told(self, row: Any) -> dict[str, Any]:
        return self._all_told({row.pk: row})[0]

    # --- one into another -----------------------------------------------------------------------------

    @desk_page
    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose the other, see what will happen, and press the button. Nothing is changed by looking."""
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        model = self.model  # type: ignore[attr-defined]
        if not access.may_merge(request.user, model):
            raise PermissionDenied("Merging these is not yours to do.")
        source = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if source is None:
            raise Http404("There is nothing to merge.")
        chosen = (request.POST if request.method == "POST" else request.GET).get("into", "")
        # To the stock method any text is a key that may be looked up.
        into = self.get_object(request, chosen) if chosen else None  # type: ignore[attr-defined]
        problem = "The one that you chose is gone by now. Choose another." if chosen and into is None else ""
        if request.method == "POST" and into is not None:
            name = str(source)
            try:
                merge(source, into, by=request.user)
            except Blocked as blocked:
                problem = " ".join(str(reason) for reason in blocked.reasons)
            except IntegrityError:
                problem = "Somebody changed one of the two at this moment. Look at it again, and merge once more."
            else:
                self.message_user(  # type: ignore[attr-defined]
                    request,
                    format_html("<bdi>{}</bdi> is merged into <bdi>{}</bdi>. Its old address leads there.", name, into),
                    messages.SUCCESS,
                )
                return redirect(self._address("change", into.pk))
        typed = request.GET.get("q", "").strip()[:100]
        context = self._context(
            request, f"Merge {source}", source=self._told(source), object=source, problem=problem, typed=typed,
            found=self._found(request, source, typed) if into is None else [], has_searched=bool(typed),
        )  # fmt: skip
        if into is not None:
            seen = access.desk_pieces(request.user).filter(pk__in=pieces_of(source).order_by().values("pk"))
            context |= {
                "into": self._told(into),
                "plan": plan(source, into, by=request.user),
                "samples": [words.title(piece) for piece in seen.select_related("latest")[:SAMPLES]],
                "turned": f"{self._address('merge', into.pk)}?{urlencode({'into': source.pk})}",
            }
        return TemplateResponse(request, "admin/editorial/merge.html", context, status=409 if problem and into else 200)

    def _found(self, request: HttpRequest, source: Any, typed: str) -> list[dict[str, Any]]:
        """What was searched for; before that, what has a name like it."""
        model = self.model  # type: ignore[attr-defined]
        if typed:
            rows, _ = self.get_search_results(request, model._default_manager.exclude(pk=source.pk), typed)  # type: ignore[attr-defined]
            return self._all_told({row.pk: row for row in rows[:FOUND]})
        pairs = likeness.alike(_names(model), of_people=model is Author)
        near = [p.second if p.first == source.pk else p.first for p in pairs if source.pk in (p.first, p.second)]
        rows = model._default_manager.in_bulk(near[:FOUND])
        return self._all_told({pk: rows[pk] for pk in near[:FOUND] if pk in rows})

    # --- near-duplicates ----------------------------------------------------------------------------------

    @desk_page
    def alike_view(self, request: HttpRequest) -> HttpResponse:
        """Pairs whose names may be one, the surest first. “Not the same” is remembered."""
        model = self.model  # type: ignore[attr-defined]
        if not access.may_merge(request.user, model):
            raise PermissionDenied("Merging these is not yours to do.")
        label = model._meta.label_lower
        if request.method == "POST":
            self._say_apart(request, label)
            return redirect(request.get_full_path())
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "POST"])
        apart = set(NotTheSame.objects.filter(model=label).values_list("first", "second"))
        pairs = [
            pair
            for pair in likeness.alike(_names(model), of_people=model is Author)
            if (min(pair.first, pair.second), max(pair.first, pair.second)) not in apart
        ]
        shown = pairs[:PAGE]
        rows = model._default_manager.in_bulk({pk for pair in shown for pk in (pair.first, pair.second)})
        told = {one["pk"]: one for one in self._all_told(rows)}
        listed = []
        for pair in shown:
            if pair.first in told and pair.second in told:
                # What has fewer pieces goes into what has more.
                small, big = sorted((told[pair.first], told[pair.second]), key=lambda one: (one["pieces"], -one["pk"]))
                url = f"{self._address('merge', small['pk'])}?{urlencode({'into': big['pk']})}"
                listed.append({"small": small, "big": big, "why": pair.why.said, "merge_url": url})
        return TemplateResponse(
            request,
            "admin/editorial/alike.html",
            self._context(request, "Near-duplicates", pairs=listed, more=max(len(pairs) - PAGE, 0)),
        )

    def _say_apart(self, request: HttpRequest, label: str) -> None:
        model = self.model  # type: ignore[attr-defined]
        typed = (request.POST.get("first", ""), request.POST.get("second", ""))
        found = {one.pk for text in typed if (one := self.get_object(request, text))}  # type: ignore[attr-defined]
        if len(found) != 2:
            self.message_user(request, "One of the two is gone by now.", messages.WARNING)  # type: ignore[attr-defined]
            return
        with transaction.atomic():
            NotTheSame.objects.get_or_create(
                model=label, first=min(found), second=max(found), defaults={"by": request.user}
            )
        names = " and ".join(str(row) for row in model._default_manager.filter(pk__in=found))
        self.message_user(request, f"{names} are kept apart, and not shown as one again.", messages.SUCCESS)  # type: ignore[attr-defined]

    def _counts(self, rows: dict[int, Any]) -> dict[int, int]:
        """How many pieces each has, in one query."""
        name = {"region": "articles", "tag": "items", "author": "bylines__article", "series": "articles"}
        found = self.model._default_manager.filter(pk__in=rows).order_by()  # type: ignore[attr-defined]
        return dict(found.values_list("pk").annotate(n=Count(name[self.opts.model_name], distinct=True)))  # type: ignore[attr-defined]


def _names(model: Any) -> dict[int, list[str]]:
    """Every row by the names that it is known by."""
    if model is Author:
        return {author.pk: [author.name, *author.further_names] for author in Author.objects.filter(is_house=False)}
    name = "title" if model._meta.model_name == "series" else "name"
    return {pk: [text] for pk, text in model._default_manager.values_list("pk", name)}
