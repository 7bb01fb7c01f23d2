"""Sending a piece to referees: the identity check, who sees whose name, how many reviews, what the author is told."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import access
from editorial.admin import step_letters, steps, words
from editorial.perform import reasons_against
from editorial.registry import Blocked, Reason
from editorial.workflow import BY_NAME
from review import identity
from review.admin.pages import page, piece_of, shown
from review.models import Mode, Settings
from review.post import SEES

STEP = BY_NAME["send_to_review"]
# In the words of whoever chooses; the referee’s own letter says it to the referee.
MODES = (
    (Mode.DOUBLE, "Double anonymised: referees do not see who wrote it, and authors do not see who referees"),
    (Mode.SINGLE, "Single anonymised: referees see who wrote it, authors do not see who referees"),
    (Mode.OPEN, "All identities visible: both see who the other is"),
)
# Where on the form of the piece a trace is mended, by how the place begins.
PLACES = (("title", "#id_title"), ("in brief", "#id_in_brief"), ("caption", "#id_lead_image"), ("credit", "#id_lead_image"), ("picture", "#id_lead_image"))  # fmt: skip


class SendForm(steps.StepForm):
    """What the step asks, with the publication's own way of refereeing filled in."""

    traces_seen = forms.BooleanField(required=False, label="I have looked at these places")
    mode = forms.ChoiceField(choices=MODES, widget=forms.RadioSelect, label="Who sees whose name", required=False)
    wanted = forms.IntegerField(label="Reviews wanted", min_value=1, max_value=9, required=False)
    expected_on = forms.DateField(
        label="Answer to the author by", required=False, help_text="The author is told this day.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *args: Any, article: Article, user: User, **kwargs: Any) -> None:
        super().__init__(*args, transition=STEP, article=article, user=user, **kwargs)
        settings = Settings.current()
        days = settings.answer_days + settings.review_days + settings.decision_days
        self.initial = {
            **self.initial,
            "mode": settings.mode, "wanted": settings.wanted,
            "expected_on": timezone.localdate() + datetime.timedelta(days=days),
        }  # fmt: skip
        self.order_fields(["seen", "seen_status", "traces_seen", "mode", "wanted", "expected_on"])


def mended_at(where: str) -> str:
    """The place on the form of the piece."""
    return next((anchor for begins, anchor in PLACES if where.startswith(begins)), "#id_body")


def found_in(article: Article) -> list[dict[str, str]]:
    """What in the latest text could give the authors away, each with where it is mended."""
    return [trace | {"anchor": mended_at(trace["where"])} for trace in identity.in_text(article, article.latest)]


@page("<int:pk>/send/", "review_send")
def send(desk: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the identity check and asks. POST shows the author's letter, then takes the step."""
    article = piece_of(desk, request, pk)
    if not access.may_perform(request.user, article, STEP):
        raise PermissionDenied(f"“{STEP.label}” is not yours to do with this piece.")
    form = SendForm(request.POST if request.method == "POST" else None, article=article, user=request.user)
    typed = step_letters.typed_in(request.POST, STEP)
    problems: list[Reason] = []
    has_moved = False
    if request.method == "POST":
        if form.is_valid() and "back" not in request.POST:
            try:
                response: HttpResponse = desk._letters_or_step(request, article, STEP, form, typed)
            except Blocked as answer:
                article.refresh_from_db()
                problems = form.catch_up(article)
                has_moved = bool(problems)
                problems = problems or form.show(answer.reasons)
            else:
                return redirect("admin:review_invite", pk) if response.status_code == 302 else response
    elif article.status in STEP.sources:
        problems = reasons_against(article, STEP, request.user)
    is_possible = article.status in STEP.sources
    if not is_possible and not problems:
        problems = [
            Reason(f"“{STEP.label}” is not possible now: the piece is {words.now_it_is(article, timezone.now())}.")
        ]
    context = {
        "title": STEP.label,
        "step": STEP,
        "form": form,
        "is_possible": is_possible,
        "has_moved": has_moved,
        "problems": [(reason.text, steps.anchor(reason)) for reason in problems],
        "traces": found_in(article) if is_possible else [],
        "why_not_mend": access.why_not_edit_text(request.user, article),
        "may_ask_author": article.status in BY_NAME["request_revision"].sources,
        "carried": [pair for letter in typed.values() for pair in letter.fields()],
        "has_letters": step_letters.will_write(article, STEP, request.user),
        "letter_goes_to_nobody": is_possible and steps.writes_to_nobody(article, STEP),
        "says": SEES,
    }
    return shown(
        desk, request, "send.html", article, context, 409 if request.method == "POST" and not is_possible else 200
    )
