"""Pieces at the desk: the list, the form, the pages of a piece."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import InlineAdminFormSet
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.forms.utils import ErrorDict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from accounts.models import User
from articles.models import Article, Byline, Revision, Tag
from editorial import access, coauthors, conflicts, letters, pick, rooms, sealing, writing
from editorial.admin import article_list, from_word, revisions, step_letters, steps, words
from editorial.admin.article_form import (
    DECLARED,
    DETAILS,
    ArticleForm,
    BylineForm,
    BylineFormSet,
    NewArticleForm,
    Openness,
    fingerprints,
    openness,
)
from editorial.admin.article_list import (
    ORDER_OF_WORK,
    ArticleColumns,
    EditorFilter,
    RegionFilter,
    SeriesFilter,
    StatusFilter,
    TurnFilter,
)
from editorial.admin.assigning import AssignForm
from editorial.admin.base import DeskAdmin, desk_page
from editorial.admin.bulk import BulkActions
from editorial.admin.coauthors import CoAuthorPages
from editorial.admin.conflicts import ConflictPages, refuse_for_conflict
from editorial.admin.due_dates import DueDatePages, of_piece
from editorial.admin.saved_filters import SavedFilters
from editorial.admin.saving import save_piece
from editorial.admin.step_letters import Typed
from editorial.admin.timeline import timeline
from editorial.admin.widgets import FindsInForms
from editorial.models import Handling
from editorial.perform import perform, reasons_against
from editorial.queue import is_desks, turn
from editorial.registry import Blocked, Reason
from editorial.workflow import BY_NAME, Transition
from forum.languages import for_readers
from forum.models import Masthead
from prose.names import tidy_name

CHOICES_A_PAGE = 20


class BylineInline(FindsInForms, admin.StackedInline):  # type: ignore[type-arg]
    """Who stands above the piece, in order. Closed together with the other details."""

    model = Byline
    form = BylineForm
    formset = BylineFormSet
    fields = (("author", "role", "order"), ("name", "affiliation"), "bio")
    autocomplete_fields = ("author",)
    extra = 0
    verbose_name = "byline"
    verbose_name_plural = "bylines, in order"

    def get_extra(self, request: HttpRequest, obj: Article | None = None, **kwargs: Any) -> int:
        """One empty row, so that a name can be added without script."""
        return 1

    def get_formset(self, request: HttpRequest, obj: Article | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        return type("BylineFormSet", (formset,), {"is_open": self._is_open(request, obj)})

    def _is_open(self, request: HttpRequest, obj: Article | None) -> bool:
        return obj is not None and open_to(request, obj).has_details

    def has_view_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return self._is_open(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return self._is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return self._is_open(request, obj)


def open_to(request: HttpRequest, article: Article) -> Openness:
    """What is open to the person of this request, asked once for a page."""
    known: dict[int, Openness] = request.__dict__.setdefault("desk_openness", {})
    if article.pk not in known:
        known[article.pk] = openness(request.user, article, request.POST if request.method == "POST" else None)
    return known[article.pk]


@admin.register(Article)
class ArticleAdmin(ArticleColumns, BulkActions, CoAuthorPages, ConflictPages, DueDatePages, SavedFilters, DeskAdmin):
    list_title = "Pieces"
    list_display = ("piece", "standing", "whose_turn", "waiting", "editor", "region_names", "next_date")
    list_display_links = ("piece",)
    list_filter = (StatusFilter, TurnFilter, EditorFilter, RegionFilter, SeriesFilter)
    search_fields = ("latest__title",)
    search_help_text = "Words of the text, names, regions or tags"
    change_form_template = "admin/articles/article/change_form.html"
    object_history_template = "admin/articles/article/history.html"
    inlines = (BylineInline,)
    formfield_overrides: ClassVar[Any] = {models.URLField: {"assume_scheme": "https"}}
    keeps_changes = False

    # --- whose pieces -------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return article_list.in_order_of_work(article_list.on_desk(request)).order_by(*ORDER_OF_WORK, "-pk")

    def get_ordering(self, request: HttpRequest) -> Any:
        return ORDER_OF_WORK

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Article], search_term: str
    ) -> tuple[QuerySet[Article], bool]:
        typed = search_term.replace("\x00", " ").strip()[:300]
        return (article_list.search(request, queryset, typed) if typed else queryset), False

    def _is_on_desk(self, request: HttpRequest, article: Article | None) -> bool:
        if article is None or article.pk is None:
            return True
        known: dict[int, bool] = request.__dict__.setdefault("desk_pieces", {})
        if article.pk not in known:
            known[article.pk] = access.is_on_desk(request.user, article)
        return known[article.pk]

    def has_view_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return super().has_view_permission(request, obj) and self._is_on_desk(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_on_desk(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """A piece is declined, withdrawn or taken down, never deleted: what happened stays."""
        return False

    def piece_or_404(self, request: HttpRequest, pk: int) -> Article:
        """A piece on this person's desk; any other is as unknown as one that never was. Who declared a conflict is told."""
        article = self.get_queryset(request).filter(pk=pk).first()
        if article is None or not self.has_view_permission(request, article):
            refuse_for_conflict(request.user, pk)
            raise Http404
        return article

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        refuse_for_conflict(request.user, object_id)
        self.message_user(request, "There is no such piece on your desk.", messages.WARNING)
        return redirect("admin:index")

    @desk_page
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, self.filters_context(request) | (extra_context or {}))

    # --- the form -----------------------------------------------------------------------------------

    def get_inlines(self, request: HttpRequest, obj: Article | None) -> Any:
        return self.inlines if obj else ()

    def get_form(self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["fields"] = ()
            form = super().get_form(request, obj, change, form=NewArticleForm, **kwargs)
            return type("NewArticleForm", (form,), {"user": request.user, "is_filled": from_word.is_filled(request)})
        form = super().get_form(request, obj, change, form=ArticleForm, **kwargs)
        more = {"user": request.user, "closed": open_to(request, obj).closed, "is_filled": from_word.is_filled(request)}
        return type("ArticleForm", (form,), more)

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("corresponding", "title", "in_brief", "body", "lead_image")}),)
        plan = open_to(request, obj)
        text: tuple[str, ...] = ("title", "in_brief", "body", "lead_image", "lead_picture")
        if plan.has_text:
            text += tuple(name for name in ("is_copy_fix", "note") if name not in plan.closed)
        else:
            text = ("shown_title", "shown_in_brief", "shown_body", "lead_picture")
        where = (
            ("regions", "tags", ("series", "series_position"), "slug")
            if plan.has_details
            else ("shown_regions", "shown_tags", ("series", "series_position"), "slug")
        )
        about = (
            "corresponding", ("language", "translation_of"), "licence", "doi", "first_appeared", "first_appeared_url",
        )  # fmt: skip
        declared = (
            tuple(name for name in ("conflict_of_interest", "appeared_elsewhere") if name not in plan.closed)
            or ("shown_conflict", "shown_elsewhere")
        )  # fmt: skip
        unwanted = ("shown_please_not",) if request.user.has_perm("editorial.see_referees") else ()
        return (
            ("Text", {"fields": text, "description": plan.why_not_text}),
            ("Where readers find it", {"fields": where, "description": plan.why_not_details}),
            ("About the piece", {"fields": about}),
            (
                "Declared by the author",
                {"fields": (*declared, "shown_suggested_regions", "shown_suggested_topics", *unwanted)},
            ),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> Any:
        if obj is None:
            return ()
        plan = open_to(request, obj)
        own = (
            "series", "series_position", "slug", "language", "translation_of", "licence", "doi", "first_appeared",
            "first_appeared_url",
        )  # fmt: skip
        closed = [name for name in (*own, "corresponding") if name in plan.closed]
        return (
            *closed, "lead_picture", "shown_title", "shown_in_brief", "shown_body", "shown_regions", "shown_tags",
            "shown_conflict", "shown_elsewhere", "shown_suggested_regions", "shown_suggested_topics",
            "shown_please_not",
        )  # fmt: skip

    @admin.display(description="title")
    def shown_title(self, article: Article) -> str:
        return format_html('<bdi id="id_title">{}</bdi>', words.title(article))

    @admin.display(description="In Brief")
    def shown_in_brief(self, article: Article) -> str:
        return format_html('<div id="id_in_brief" class="lines" dir="auto">{}</div>', article.latest.in_brief)

    @admin.display(description="text")
    def shown_body(self, article: Article) -> str:
        # Sanitised when the version was written.
        return format_html('<div id="id_body" class="text-shown" dir="auto">{}</div>', mark_safe(article.latest.body))  # noqa: S308

    @admin.display(description="lead image as saved")
    def lead_picture(self, article: Article) -> str:
        image = article.latest.lead_image
        if image is None:
            return "None"
        url = reverse("admin:articles_image_change", args=[image.pk])
        return format_html(
            '<a class="thumbnail" href="{}"><img src="{}" alt="{}" width="{}" height="{}" loading="lazy"></a>'
            '<div class="quiet">{}<br>{}</div>',
            url, image.file.url, image.alt, image.width, image.height, image.caption or "No caption", image.credit or "No credit",
        )  # fmt: skip

    @admin.display(description="regions")
    def shown_regions(self, article: Article) -> str:
        return ", ".join(region.name for region in article.regions.all()) or "–"

    @admin.display(description="tags")
    def shown_tags(self, article: Article) -> str:
        return ", ".join(article.tags.values_list("name", flat=True)) or "–"

    @admin.display(description="conflict of interest")
    def shown_conflict(self, article: Article) -> str:
        return format_html(
            '<div id="id_conflict_of_interest" class="lines" dir="auto">{}</div>',
            article.handling.conflict_of_interest or "Nothing said yet",
        )

    @admin.display(description="where else it appeared")
    def shown_elsewhere(self, article: Article) -> str:
        return format_html(
            '<div id="id_appeared_elsewhere" class="lines" dir="auto">{}</div>',
            article.handling.appeared_elsewhere or "Nothing said yet",
        )

    @admin.display(description="regions suggested")
    def shown_suggested_regions(self, article: Article) -> str:
        return article.handling.suggested_regions or "–"

    @admin.display(description="topics suggested")
    def shown_suggested_topics(self, article: Article) -> str:
        return article.handling.suggested_topics or "–"

    @admin.display(description="please not these referees")
    def shown_please_not(self, article: Article) -> str:
        return format_html('<div class="lines" dir="auto">{}</div>', article.handling.please_not or "–")

    def get_inline_formsets(
        self, request: HttpRequest, formsets: Any, inline_instances: Any, obj: Article | None = None, **kwargs: Any
    ) -> list[InlineAdminFormSet]:
        """Bylines that somebody else changed are fetched anew, and what was typed is told beside them."""
        shown = []
        for formset in formsets:
            if getattr(formset, "is_stale", False):
                fresh = type(formset)(instance=obj, prefix=formset.prefix, queryset=Byline.objects.all())
                # Both are set, or asking for one clears the other.
                fresh._errors, fresh._non_form_errors = [], formset.non_form_errors()
                request.__dict__["desk_typed_bylines"] = formset.typed()
                shown.append(fresh)
            else:
                shown.append(formset)
        return list(super().get_inline_formsets(request, shown, inline_instances, obj, **kwargs))

    # --- saving -------------------------------------------------------------------------------------

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Article:
        """The form writes nothing itself: a plain save would put back what another request wrote meanwhile."""
        instance: Article = form.instance
        return instance

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        if change:
            return
        text = form.text
        article = writing.begin(
            by=request.user, editor=request.user, corresponding=form.cleaned_data["corresponding"],
            title=text["title"], in_brief=text["in_brief"], body=text["body"], lead_image=form.cleaned_data["lead_image"],
        )  # fmt: skip
        obj.pk = article.pk
        obj.refresh_from_db()
        if token := form.cleaned_data.get("token"):
            cache.set(self._token_key(request, token), article.pk, 86400)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change:
            bylines = next((s for s in formsets if isinstance(s, BylineFormSet) and s.is_open), None)
            revision = save_piece(form, bylines, by=request.user)
            request.__dict__["desk_written"] = revision
            request.__dict__["desk_changed"] = bool({*DETAILS, *DECLARED} & set(form.changed_data)) or any(
                s.has_changed() for s in formsets
            )

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The timeline records what happens to a piece."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The timeline records what happens to a piece."""

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        self.message_user(request, "The piece is begun. It is a draft, and you handle it.", messages.SUCCESS)
        return redirect("admin:articles_article_change", obj.pk)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Back to the piece: after saving, one takes the next step."""
        revision = request.__dict__.get("desk_written")
        if revision is not None:
            said = f"Saved as version {revision.number}."
        else:
            said = "Saved." if request.__dict__.get("desk_changed") else "Nothing was changed."
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:articles_article_change", obj.pk)

    @staticmethod
    def _token_key(request: HttpRequest, token: str) -> str:
        return f"desk-begin-{request.user.pk}-{token.encode().hex()[:128]}"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if (
            request.method == "POST"
            and from_word.is_asked(request)
            and (no := self._fill_from_word(request, object_id))
        ):
            return no
        token = request.POST.get("token", "")
        if object_id is not None or not token:
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]
        with transaction.atomic():
            # Two presses on one button come here one after the other: the second finds what the first has committed.
            User.objects.select_for_update().get(pk=request.user.pk)
            pk = cache.get(self._token_key(request, token))
            if pk and Article.objects.filter(pk=pk).exists():
                self.message_user(request, "This piece was begun already, by the first of two presses.", messages.INFO)
                return redirect("admin:articles_article_change", pk)
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]

    def _fill_from_word(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """Put the text of a Word document into what was sent, to be shown and not saved; or the answer why not."""
        if object_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
        else:
            pk = int(object_id) if object_id.isascii() and object_id.isdigit() and len(object_id) < 19 else 0
            if problem := access.why_not_edit_text(request.user, self.piece_or_404(request, pk)):
                self.message_user(request, f"The document was not taken. {problem}", messages.ERROR)
                return redirect("admin:articles_article_change", pk)
        from_word.fill(request)
        return None

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Article | None = None,
    ) -> Any:
        form = context["adminform"].form
        context["word"] = from_word.shown(request)
        if from_word.is_filled(request):
            # Nothing was to be saved, so nothing has to be mended yet.
            context["errors"], form._errors = [], ErrorDict()
        context["show_save_and_add_another"] = context["show_save_and_continue"] = False
        if obj is None:
            context |= {"title": "Begin a piece", "token": form["token"].value() or timezone.now().timestamp()}
        else:
            context |= self._context(request, obj, form)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _context(self, request: HttpRequest, piece: Article, form: ArticleForm) -> dict[str, Any]:
        """What stands beside the form."""
        now = timezone.now()
        # What was typed has been put on the instance; the panels speak of what is saved.
        piece = (
            self.get_queryset(request)
            .select_related("live", "handling__copy_editor", "handling__second_editor")
            .get(pk=piece.pk)
        )
        plan = open_to(request, piece)
        whose = turn(piece)
        bases = fingerprints(piece)
        may_decide = access.may_decide(request.user, piece)
        typed_bylines = request.__dict__.get("desk_typed_bylines")
        due, due_over = of_piece(piece, request.user)
        context: dict[str, Any] = {
            "title": words.title(piece),
            "subtitle": None,
            "piece": piece,
            "plan": plan,
            "show_save": plan.has_text or plan.has_details,
            "standing": words.standing(piece, now),
            "turn": words.whose_turn(piece, whose.holder, request.user),
            "since": words.moment(whose.since),
            "waited": words.days(whose.days(now)) if whose.holder != "nobody" else "",
            "due_on": words.day(whose.due_on) if whose.due_on else "",
            "is_overdue": whose.is_overdue(timezone.localdate(now)),
            "next_step": words.next_step(piece, now, request.user)
            if whose.holder == "editor" or is_desks(piece, now)
            else "",
            "next_page": next_page(piece, request.user) if (next_page := rooms.NEXT_PAGES.get(piece.status)) else None,
            "held_until": f"{timezone.localtime(held):%H:%M}"
            if may_decide and (held := piece.handling.held_until) and held > now
            else "",
            "steps": steps.offered(request.user, piece),
            "due": due,
            "due_over": due_over,
            "panels": [panel(request, piece) for panel in rooms.DESK_PANELS],
            "named": coauthors.named(piece),
            "may_decide": may_decide,
            "assign_form": AssignForm(article=piece) if may_decide else None,
            "conflicts_open": conflicts.of(piece).filter(overridden_at=None),
            "is_mine": piece.handling.editor_id == request.user.pk,
            "timeline": timeline(piece, request.user),
            "versions": revisions.versions(piece),
            "typed_bylines": typed_bylines,
            "base": form["base"].value() if form.is_bound else piece.latest_id,
            "details_base": form["details_base"].value()
            if form.is_bound and not form.details_are_stale
            else bases["details_base"],
            "bylines_base": form["bylines_base"].value()
            if form.is_bound and typed_bylines is None
            else bases["bylines_base"],
            "public_url": piece.get_absolute_url() if piece.is_public(now) else "",
            "readers_see": words.readers_see(piece, now),
            "reports_waiting": piece.error_reports.filter(state="new").count(),
            "approvals": [
                (
                    str(a.by or "The desk"),
                    a.get_state_display(),
                    a.revision.number,
                    words.moment(a.answered_at or a.asked_at),
                    a.note,
                )
                for a in piece.approvals.select_related("by", "revision").defer("revision__body")
            ],
        }
        if form.is_bound and (newer := form.newer):
            context["newer"] = newer
            context["newer_difference"] = revisions.difference(
                revisions.text_of(newer), {**revisions.text_of(newer), **form.text}
            )
        return context

    # --- the pages of a piece -----------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("tags/", view(self.tags_view), name="articles_article_tags"),
            path("people/", view(self.people_view), name="articles_article_people"),
            path("pick/", view(pick.answer), name="articles_article_pick"),
            *self.bulk_urls(),
            *self.coauthor_urls(),
            *self.conflict_urls(),
            *self.due_urls(),
            *self.saved_filter_urls(),
            path("<int:pk>/step/<slug:name>/", view(self.step_view), name="articles_article_step"),
            path("<int:pk>/assign/", view(self.assign_view), name="articles_article_assign"),
            path("<int:pk>/diff/", view(self.diff_view), name="articles_article_diff"),
            path("<int:pk>/version/<int:revision>/", view(self.version_view), name="articles_article_version"),
            path("<int:pk>/version/<int:revision>/seal/", view(self.seal_view), name="articles_article_seal"),
            path("<int:pk>/preview/", view(self.preview_view), name="articles_article_preview"),
            *super().get_urls(),
        ]

    def _page(
        self, request: HttpRequest, template: str, article: Article, context: dict[str, Any], status: int = 200
    ) -> TemplateResponse:
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "piece": article,
            "piece_title": words.title(article),
            "standing": words.standing(article, timezone.now()),
        }
        return TemplateResponse(request, f"admin/articles/article/{template}", shared | context, status=status)

    @desk_page
    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """GET shows what the step does and asks. POST shows the letters that it would write, then takes it; a step
        without letters is taken at once. A GET never changes anything."""
        article = self.piece_or_404(request, pk)
        step = BY_NAME.get(name)
        if step is None or step.is_automatic:
            raise Http404
        if not access.may_perform(request.user, article, step):
            # The same refusal that the step itself would give.
            raise PermissionDenied(f"“{step.label}” is not yours to do with this piece.")
        if own_page := rooms.step_page(step.name, article.status):
            return redirect(f"{reverse(own_page, args=[pk])}?step={step.name}")
        form = steps.StepForm(
            request.POST if request.method == "POST" else None, transition=step, article=article, user=request.user
        )
        typed = step_letters.typed_in(request.POST, step)
        problems: list[Reason] = []
        has_moved = False
        if request.method == "POST":
            is_valid = form.is_valid()
            if is_valid and "back" not in request.POST:
                try:
                    response = self._letters_or_step(request, article, step, form, typed)
                except Blocked as answer:
                    article.refresh_from_db()
                    problems = form.catch_up(article)
                    has_moved = bool(problems)
                    problems = problems or form.show(answer.reasons)
                else:
                    return response
        elif article.status not in step.sources:
            problems = [
                Reason(f"“{step.label}” is not possible now: the piece is {words.now_it_is(article, timezone.now())}.")
            ]
        else:
            problems = reasons_against(article, step, request.user)
        is_possible = article.status in step.sources
        context = {
            "title": step.label,
            "step": step,
            "form": form,
            "is_possible": is_possible,
            "has_moved": has_moved,
            "carried": [pair for letter in typed.values() for pair in letter.fields()],
            "has_letters": step_letters.will_write(article, step, request.user),
            "letter_goes_to_nobody": is_possible and steps.writes_to_nobody(article, step),
            "problems": [(reason.text, steps.anchor(reason)) for reason in problems],
            "zone": timezone.get_current_timezone_name(),
        }
        return self._page(
            request,
            "step.html",
            article,
            context,
            status=200 if request.method != "POST" else 409 if not is_possible else 200,
        )

    def _letters_or_step(
        self, request: HttpRequest, article: Article, step: Transition, form: steps.StepForm, typed: dict[str, Typed]
    ) -> HttpResponse:
        """Show the letters, or take the step where they were read or there are none. Raises what blocks it."""
        seen = {"seen": form.cleaned_data["seen"], "seen_status": form.cleaned_data["seen_status"]}
        problems: tuple[Reason, ...] = ()
        is_sent = "send" in request.POST
        if is_sent:
            try:
                perform(
                    article, step.name, by=request.user, **seen, **form.details(),
                    letters={kind: letter.by_hand() for kind, letter in typed.items()},
                )  # fmt: skip
            except Blocked as answer:
                if not step_letters.are_letters(answer.reasons):
                    raise
                problems = answer.reasons
            else:
                return self._done(request, article)
        drafts = letters.drafts(article, step.name, request.user, form.details(), **seen)
        if not drafts and "next" not in request.POST:
            perform(article, step.name, by=request.user, **seen, **form.details())
            return self._done(request, article)
        found = step_letters.sheets(drafts, typed, anew=request.POST.get("anew", ""))
        elsewhere = step_letters.mark(found, problems)
        context = {
            "title": step.label,
            "step": step,
            "sheets": found,
            "problems": elsewhere,
            "has_errors": bool(problems),
            "carried": form.carried(),
            "send_label": step_letters.send_label(step, found),
        }
        return self._page(request, "letters.html", article, context)

    def _done(self, request: HttpRequest, article: Article) -> HttpResponse:
        self.message_user(request, self._after(article), messages.SUCCESS)
        return redirect("admin:articles_article_change", article.pk)

    @staticmethod
    def _after(article: Article) -> str:
        return f"Done. The piece is now {words.now_it_is(article, timezone.now())}."

    @desk_page
    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Assign the piece, or take it over with the other button."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        article = self.piece_or_404(request, pk)
        form = AssignForm(request.POST, article=article)
        if "take" in request.POST:
            people = {"editor": request.user, "copy_editor": article.handling.copy_editor}
        elif form.is_valid():
            people = form.cleaned_data
        else:
            self.message_user(request, "This person can’t be assigned to the piece. Choose another.", messages.ERROR)
            return redirect("admin:articles_article_change", pk)
        try:
            writing.assign(article, by=request.user, **people)
        except Blocked as answer:
            self.message_user(request, str(answer), messages.ERROR)
        else:
            # `assign` reads the piece anew; its handling is the one from before.
            handling = Handling.objects.select_related("editor", "copy_editor").get(article=article)
            said = f"Editor: {handling.editor or 'nobody'}. Copy editor: {handling.copy_editor or 'nobody'}."
            self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:articles_article_change", pk)

    @desk_page
    def diff_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What changed from one version to another, chosen by their ids (?a= and ?b=)."""
        article = self.piece_or_404(request, pk)
        before = self._version(request, article, request.GET.get("a"))
        after = self._version(request, article, request.GET.get("b"))
        context = {
            "title": f"Version {before.number} to version {after.number}",
            "before": before,
            "after": after,
            "before_when": words.moment(before.at),
            "after_when": words.moment(after.at),
            "difference": revisions.difference(revisions.text_of(before), revisions.text_of(after)),
            "versions": revisions.versions(article),
        }
        return self._page(request, "diff.html", article, context)

    @desk_page
    def version_view(self, request: HttpRequest, pk: int, revision: int) -> HttpResponse:
        """One version of the text, to read or to copy from."""
        article = self.piece_or_404(request, pk)
        shown = self._version(request, article, str(revision))
        context = {
            "title": f"Version {shown.number}",
            "revision": shown,
            "when": words.moment(shown.at),
            "is_sealed": shown.pk in access.sealed_texts(article),
            "may_seal": access.may_seal(request.user, article) and not sealing.why_not_seal(article, shown),
        }
        return self._page(request, "version.html", article, context)

    def _version(self, request: HttpRequest, article: Article, number: str | None) -> Revision:
        """The version of a piece with this id, where the person may read it."""
        revision = revisions.one_of(article, number)
        if not access.may_read_text(request.user, revision):
            raise PermissionDenied("This text was removed from the public history. Managing editors alone read it.")
        return revision

    @desk_page
    def seal_view(self, request: HttpRequest, pk: int, revision: int) -> HttpResponse:
        """GET asks for the reason, POST takes the text out of the public history."""
        article = self.piece_or_404(request, pk)
        if not access.may_seal(request.user, article):
            raise PermissionDenied("Removing a text from the public history is for managing editors.")
        shown = revisions.one_of(article, str(revision))
        problem, reason = sealing.why_not_seal(article, shown), request.POST.get("reason", "").replace("\x00", "")
        is_possible = not problem
        if request.method == "POST":
            try:
                sealing.seal(shown, by=request.user, reason=reason)
            except Blocked as refusal:
                problem = str(refusal)
            else:
                self.message_user(
                    request, f"Version {shown.number} was removed from the public history.", messages.SUCCESS
                )
                return redirect("admin:articles_article_version", pk, revision)
        context = {
            "title": f"Remove version {shown.number} from the public history",
            "revision": shown,
            "reason": reason,
            "problem": problem,
            "is_possible": is_possible,
        }
        return self._page(request, "seal.html", article, context)

    @desk_page
    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The latest text, or the version asked for, on the readers' own page."""
        # Only the preview needs the readers' views.
        from articles.views import article_context

        article = self.piece_or_404(request, pk)
        revision = (
            self._version(request, article, request.GET["version"]) if "version" in request.GET else article.latest
        )
        masthead = Masthead.current()
        with for_readers(masthead):
            context = article_context(article, revision, timezone.now(), preview=True, masthead=masthead)
            response = TemplateResponse(request, "articles/article_detail.html", {"masthead": masthead, **context})
            response.render()
        response["X-Robots-Tag"] = "noindex"
        response["Cache-Control"] = "private, no-store"
        return response

    @desk_page
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The timeline: what happened to a piece stands there and nowhere else."""
        article = self.piece_or_404(request, int(object_id)) if object_id.isascii() and object_id.isdigit() else None
        if article is None:
            raise Http404
        return self._page(
            request,
            "history.html",
            article,
            {
                "title": "Timeline",
                "timeline": timeline(article, request.user),
                "versions": revisions.versions(article),
                "may_decide": access.may_decide(request.user, article),
            },
        )

    # --- what the widgets ask ------------------------------------------------------------------------

    @desk_page
    def tags_view(self, request: HttpRequest) -> HttpResponse:
        """Tags that begin with, then that hold, what was typed. Their names are their ids."""
        if not request.user.has_perm("articles.view_tag"):
            raise PermissionDenied
        typed = tidy_name(request.GET.get("term", ""))[:100]
        found = Tag.objects.filter(name__icontains=typed).values_list("name", flat=True)[: CHOICES_A_PAGE + 1]
        results = sorted(
            found[:CHOICES_A_PAGE], key=lambda name: (not name.lower().startswith(typed.lower()), name.lower())
        )
        return JsonResponse(
            {"results": [{"id": name, "text": name} for name in results], "pagination": {"more": False}}
        )

    @desk_page
    def people_view(self, request: HttpRequest) -> HttpResponse:
        """Accounts by name. Who decides about pieces may choose among them; nobody reads an address here."""
        if not request.user.has_perm("editorial.decide"):
            raise PermissionDenied
        typed = tidy_name(request.GET.get("term", ""))[:100]
        people = User.objects.filter(is_active=True).exclude(pk=request.user.pk).select_related("author")
        people = people.filter(Q(name__icontains=typed) | Q(author__name_key__contains=typed.lower()))[:CHOICES_A_PAGE]
        results = [{"id": str(person.pk), "text": _with_affiliation(person)} for person in people]
        return JsonResponse({"results": results, "pagination": {"more": False}})


def _with_affiliation(person: User) -> str:
    author = getattr(person, "author", None)
    return f"{person}, {author.affiliation}" if author and author.affiliation else str(person)
