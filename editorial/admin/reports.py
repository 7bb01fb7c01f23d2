"""Reports of errors from readers: a list with the new ones first, and what became of each."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from articles.models import ErrorReport
from articles.pieces import first_lines
from editorial import access
from editorial.admin import words
from editorial.admin.base import DeskAdmin, desk_page
from editorial.registry import Blocked
from editorial.reports import HANDLED, handle, may_handle

STATES = {
    ErrorReport.State.NEW: words.Pill("New", "yours"),
    ErrorReport.State.CORRECTED: words.Pill("Corrected", "public"),
    ErrorReport.State.DISMISSED: words.Pill("No change needed"),
}
NEW_FIRST = Case(When(state=ErrorReport.State.NEW, then=Value(0)), default=Value(1))


class HandleForm(forms.Form):
    """What became of a report. What is needed is said by `editorial.reports.handle`, all at once."""

    state = forms.ChoiceField(
        label="Outcome", required=False, widget=forms.RadioSelect,
        choices=[(value, STATES[value].text) for value in HANDLED],
    )  # fmt: skip
    note = forms.CharField(
        label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="What you found, or why no change is needed. Stays at the desk.",
    )  # fmt: skip
    answer = forms.CharField(
        label="Answer to the reader", required=False, widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text="Goes by mail as you write it here, with what the reader wrote beneath it. Empty, nothing is sent.",
    )  # fmt: skip

    def __init__(self, *args: Any, report: ErrorReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not report.email:
            del self.fields["answer"]


class ReportStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, pill.text) for value, pill in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErrorReport]) -> QuerySet[ErrorReport]:
        return queryset.filter(state=self.value()) if self.value() in STATES else queryset


@admin.register(ErrorReport)
class ErrorReportAdmin(DeskAdmin):
    list_title = "Error reports"
    list_display = ("said", "piece", "shown_state", "sent", "wants_answer")
    list_display_links = ("said",)
    list_filter = (ReportStateFilter,)
    search_fields = ("text",)
    search_help_text = "Words of the report"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErrorReport]:
        found = access.reports_for(request.user).select_related("article__latest", "article__handling", "handled_by")
        return found.defer("article__latest__body").order_by(NEW_FIRST, "-at", "-pk")

    def get_ordering(self, request: HttpRequest) -> Any:
        return (NEW_FIRST, "-at", "-pk")

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self.list_filter

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ErrorReport | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ErrorReport | None = None) -> bool:
        return False

    @admin.display(description="report")
    def said(self, report: ErrorReport) -> str:
        return first_lines(report.text, 160)

    @admin.display(description="piece")
    def piece(self, report: ErrorReport) -> str:
        url = reverse("admin:articles_article_change", args=[report.article_id])
        return format_html('<a href="{}"><bdi>{}</bdi></a>', url, words.title(report.article))

    @admin.display(description="state")
    def shown_state(self, report: ErrorReport) -> str:
        return STATES[ErrorReport.State(report.state)].__html__()

    @admin.display(description="sent", ordering="at")
    def sent(self, report: ErrorReport) -> str:
        return words.moment(report.at)

    @admin.display(description="answer wanted")
    def wants_answer(self, report: ErrorReport) -> str:
        if not report.email:
            return "No"
        return "Answered" if report.answer else "Yes"

    @desk_page
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One report; GET shows it, POST says what became of it."""
        report = self._report_or_404(request, object_id)
        form = HandleForm(_posted(request), report=report)
        problems: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                handle(report, by=request.user, **form.cleaned_data)
            except Blocked as refusal:
                report = self._report_or_404(request, object_id)
                for reason in refusal.reasons:
                    if reason.where in form.fields:
                        form.add_error(reason.where, reason.text)
                    else:
                        problems.append(reason.text)
            else:
                self.message_user(request, _said(report), messages.SUCCESS)
                return redirect("admin:articles_errorreport_changelist")
        piece = report.article
        return TemplateResponse(request, "admin/articles/errorreport/report.html", {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Error report",
            "report": report,
            "state": STATES[ErrorReport.State(report.state)],
            "sent": words.moment(report.at),
            "handled": words.moment(report.handled_at) if report.handled_at else "",
            "number": report.revision.number,
            "is_older_text": piece.live_id is not None and report.revision_id != piece.live_id,
            "piece": piece,
            "piece_title": words.title(piece),
            "public_url": piece.get_absolute_url() if piece.is_public() else "",
            "reads_address": may_handle(request.user, report),
            "form": form if may_handle(request.user, report) and report.state == ErrorReport.State.NEW else None,
            "typed": [value for value in _posted_words(request) if value] if report.state != ErrorReport.State.NEW else [],
            "problems": problems,
        }, status=409 if problems else 200)  # fmt: skip

    def _report_or_404(self, request: HttpRequest, object_id: str | None) -> ErrorReport:
        """A report on a piece of this person's desk; any other is as unknown as one that never was."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        typed = object_id or ""
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 18):
            raise Http404
        found = self.get_queryset(request).select_related("revision").defer("revision__body").filter(pk=int(typed))
        report = found.first()
        if report is None:
            raise Http404
        return report


def _posted(request: HttpRequest) -> dict[str, str] | None:
    if request.method != "POST":
        return None
    return {name: str(value).replace("\x00", "") for name, value in request.POST.items()}


def _posted_words(request: HttpRequest) -> list[str]:
    """What somebody wrote who was too late, to be copied."""
    return [request.POST.get("note", ""), request.POST.get("answer", "")]


def _said(report: ErrorReport) -> str:
    what = STATES[ErrorReport.State(report.state)].text
    return f"{what}. Your answer to the reader is on its way." if report.answer else f"{what}."
