"""The desk's page where managing editors change the referees' form, and what rounds begin with.

The questions being changed live in the page until they are saved: adding, moving and removing send the form and get it
back with everything that was typed, so that the page works without scripts.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from editorial.admin import words
from editorial.registry import Blocked
from review import questions
from review.admin.pages import page
from review.models import Form, Question, Round, Settings
from review.questions import Asked

FIELDS = ("kind", "label", "help", "choices")
TICKS = ("is_required", "is_for_author")
# What a page can hold, whatever somebody sends.
MOST_ROWS = 60


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Settings
        fields = (
            "mode", "wanted", "answer_days", "review_days", "decision_days", "remind_before_days", "remind_after_days", "coi_years",
        )  # fmt: skip
        labels: ClassVar[dict[str, str]] = {
            "mode": "Who sees whose name",
            "remind_before_days": "Remind so many days before a due date",
            "remind_after_days": "Remind again so many days after it",
        }


@dataclass
class Shown:
    """A question on the page: as it stands there, with what is wrong with it."""

    place: int
    row: Asked
    errors: dict[str, list[str]] = field(default_factory=dict)


def typed(post: QueryDict) -> list[Asked]:
    """The questions as the page sends them, in its order; nothing is lost that was typed."""
    count = min(_number(post.get("count")), MOST_ROWS)
    return [
        Asked(
            **{name: str(post.get(f"{name}-{place}", "")).replace("\x00", "") for name in FIELDS},
            **{name: f"{name}-{place}" in post for name in TICKS},
        )
        for place in range(count)
        if f"label-{place}" in post
    ]


def arranged(rows: list[Asked], post: QueryDict) -> list[Asked]:
    """With the button that was pressed: one more, one less, or one a place further up or down."""
    rows = list(rows)
    if "add" in post and len(rows) < questions.MOST_QUESTIONS:
        return [*rows, Asked()]
    for name, step in (("up", -1), ("down", 1)):
        place = _number(post.get(name), nothing=-1)
        other = place + step
        if 0 <= place < len(rows) and 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
            return rows
    place = _number(post.get("remove"), nothing=-1)
    if 0 <= place < len(rows):
        del rows[place]
    return rows


def _number(text: str | None, nothing: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else nothing


@page("form/", "review_form")
def form_view(desk: Any, request: HttpRequest) -> HttpResponse:
    """The questions. POST saves them, or does what another button says and shows the page again."""
    _asks_right(request)
    form = questions.current()
    if request.method != "POST":
        return _page(request, form, questions.asked(form))
    rows = typed(request.POST)
    if "save" not in request.POST:
        return _page(request, form, arranged(rows, request.POST), is_saved=False)
    try:
        made = questions.edit(form, rows, request.user, seen=str(request.POST.get("seen", "")))
    except Blocked as answer:
        return _page(request, form, rows, is_saved=False, blocked=answer)
    said = "Saved. " + (
        "The next round asks these questions; rounds that are open keep theirs." if made.pk != form.pk
        else "The next round asks these questions."
    )  # fmt: skip
    messages.success(
        request, said if questions.version_of(made) != request.POST.get("seen") else "Nothing was changed."
    )
    return redirect("admin:review_form")


@page("form/settings/", "review_settings")
def settings_view(desk: Any, request: HttpRequest) -> HttpResponse:
    _asks_right(request)
    current = Settings.current()
    bound = SettingsForm(request.POST if request.method == "POST" else None, instance=current)
    if request.method == "POST" and bound.is_valid():
        questions.save_settings(bound.instance, request.user)
        messages.success(request, "Saved. The next round begins with these; rounds that are open stay as they are.")
        return redirect("admin:review_settings")
    context = {"title": "How we referee", "form": bound, **admin.site.each_context(request)}
    return TemplateResponse(request, "admin/review/settings.html", context)


def _asks_right(request: HttpRequest) -> None:
    if not request.user.has_perm("review.edit_form"):
        raise PermissionDenied(questions.MAY_NOT)


def _page(
    request: HttpRequest, form: Form, rows: list[Asked], *, is_saved: bool = True, blocked: Blocked | None = None
) -> HttpResponse:  # fmt: skip
    shown = [Shown(place, row) for place, row in enumerate(rows)]
    problems = []
    for reason in blocked.reasons if blocked else ():
        name, _, place = reason.where.rpartition("-")
        if name and place.isdigit() and int(place) < len(shown):
            shown[int(place)].errors.setdefault(name, []).append(reason.text)
        else:
            problems.append(reason.text)
    is_stale = blocked is not None and any(reason.where == "seen" for reason in blocked.reasons)
    seen = questions.version_of(form) if request.method != "POST" or is_stale else request.POST.get("seen", "")
    context = {
        **admin.site.each_context(request),
        "title": "Referees’ form",
        "rows": shown,
        "seen": seen,
        "is_saved": is_saved,
        "is_blocked": blocked is not None,
        "problems": problems,
        "theirs": questions.asked(form) if is_stale else None,
        "frozen": words.day(timezone.localtime(form.frozen_at).date()) if form.frozen_at else "",
        "open_rounds": Round.objects.filter(closed_at=None, form=form).count(),
        "kinds": Question.Kind.choices,
        "has_room": len(rows) < questions.MOST_QUESTIONS,
        "longest_label": questions.LONGEST_LABEL,
        "longest_help": questions.LONGEST_HELP,
    }
    return TemplateResponse(request, "admin/review/form.html", context)
