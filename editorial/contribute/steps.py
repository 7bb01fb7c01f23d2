"""The steps that are an author's: submit, send a revision, approve, object, withdraw. A GET asks, a POST does it."""

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import access
from editorial.contribute.door import for_authors, own_piece, page, person
from editorial.contribute.forms import Words
from editorial.contribute.home import asked_revision_id
from editorial.contribute.sheet import anchor
from editorial.contribute.write import editors_letter
from editorial.perform import perform
from editorial.registry import GUARDS, Act, Blocked, Reason
from editorial.workflow import BY_NAME, Transition
from forum.models import Masthead

LONGEST_WORDS = 20_000
# A second press on the same button comes this soon after the first.
DOUBLE_PRESS = datetime.timedelta(minutes=2)


@dataclass(frozen=True)
class Wording:
    """How a step is said to an author."""

    heading: str
    button: str
    says: str
    done: str
    label: str = ""
    help: str = ""


WORDING: dict[str, Wording] = {
    "submit": Wording(
        "Submit your piece", "Submit", "The editors get your piece and read it. You can’t change it while they do; you can withdraw it.",
        "Submitted. The editors read it and write to you.",
        "A word to the editors", "If there is something that they should know. Only they read it.",
    ),
    "resubmit": Wording(
        "Send your revision", "Send the revision", "The editors get the new text together with your response.",
        "Sent. The editors read your revision and write to you.",
    ),
    "approve": Wording(
        "Approve this text", "Approve", "The text as shown may be published. Later changes of substance need your approval again.",
        "Approved. Thank you.", "A word to the editors", "If you like. It goes to the editors with your approval.",
    ),
    "object": Wording(
        "Object to this text", "Send the objection", "The piece goes back to the editors with your words, and nothing is published meanwhile.",
        "Your objection is with the editors. You will be shown the text again.",
        "What should be different", "The place, and how it should read.",
    ),
    "withdraw": Wording(
        "Withdraw your piece", "Withdraw it", "The piece leaves the editors and nothing of it is published. You can still read it here.",
        "Withdrawn. Nothing of it is published.", "Reason", "If you like. The editors see it.",
    ),
    "ask_withdrawal": Wording(
        "Ask to withdraw your piece", "Ask to withdraw",
        "The piece was accepted, so an editor confirms, or writes to you. Until then it can’t be published.",
        "Asked. An editor confirms, or writes to you.", "Reason", "The editors see it.",
    ),
}  # fmt: skip

# What a piece needs, as a list with ticks: the guard, what it says when all is well.
NEEDED: dict[str, str] = {
    "has_title": "A title",
    "has_in_brief": "The In Brief",
    "has_body": "The text",
    "has_byline": "An author",
    "has_declarations": "Conflict of interest, and where else it appeared",
}


def words_of(step: Transition) -> Wording:
    return WORDING[step.name]


class StepForm(forms.Form):
    """What a step asks its author for, and which text they had before their eyes."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)

    def __init__(self, step: Transition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        wording = words_of(step)
        for ask in step.asks:
            label = wording.label or ask.label
            self.fields[ask.name] = Words(
                label=label if ask.is_required else f"{label} (optional)",
                limit=LONGEST_WORDS,
                lines=8 if ask.name == "message" else 4,
                required=ask.is_required,
                help_text=wording.help or ask.help,
                error_messages={"required": "A few words are needed here."},
            )
            self.fields[ask.name].widget.attrs |= {"dir": "auto"}

    @property
    def errors_found(self) -> list[tuple[str, str]]:
        found = [("", str(error)) for error in self.non_field_errors()]
        return found + [(field.id_for_label, f"{field.label}: {error}") for field in self for error in field.errors]

    def said(self) -> dict[str, str]:
        """What was written, for `perform`."""
        return {ask.name: self.cleaned_data.get(ask.name) or "" for ask in self.step.asks}


@for_authors
def step(request: HttpRequest, pk: int, transition: str) -> HttpResponse:
    """One step with one's own piece: what it means, what is missing, and the button."""
    article = own_piece(request, pk)
    if transition not in WORDING:
        raise Http404("No such step.")
    action = BY_NAME[transition]
    if request.method == "POST":
        return _do(request, article, action)
    if problem := why_not_now(person(request), article, action):
        messages.warning(request, problem)
        return redirect("contribute:piece", pk)
    seen = asked_revision_id(article, person(request)) if transition in ("approve", "object") else article.latest_id
    return _step_page(request, article, action, StepForm(action, initial={"seen": seen}))


def why_not_now(me: User, article: Article, action: Transition) -> str:
    """Empty where the step is this person's to take with the piece as it stands."""
    if article.status not in action.sources or not access.may_perform(me, article, action):
        return f"“{words_of(action).heading}” is not possible now. This page shows where the piece stands."
    unrelated = {"not_accepted_yet", "accepted_already", "not_public_yet", "withdrawal_not_asked"}
    act = _act(me, article, action)
    reasons = [reason for name in action.guards if name in unrelated for reason in GUARDS[name](act)]
    return " ".join(str(reason) for reason in reasons)


def _do(request: HttpRequest, article: Article, action: Transition) -> HttpResponse:
    me = person(request)
    form = StepForm(action, request.POST)
    if not form.is_valid():
        return _step_page(request, article, action, form, status=422)
    # A form without it is not one of these pages: nothing can be said about what its sender saw.
    seen = form.cleaned_data["seen"] or -1
    try:
        perform(article, action.name, by=me, seen=seen, **form.said())
    except (Blocked, PermissionDenied) as refused:
        if _was_just_done(article, action, me):
            return _done(request, article, action)
        reasons = refused.reasons if isinstance(refused, Blocked) else (Reason(why_not_now(me, article, action)),)
        for reason in reasons:
            form.add_error(reason.where if reason.where in form.fields else None, reason.text)
        return _step_page(request, own_piece(request, article.pk), action, form, status=409)
    return _done(request, article, action)


def _was_just_done(article: Article, action: Transition, me: User) -> bool:
    """Whether this is the second press on a button whose first press has done it."""
    last = article.events.order_by("-at", "-pk").first()
    return (
        last is not None
        and last.transition == action.name
        and last.by_id == me.pk
        and timezone.now() - last.at < DOUBLE_PRESS
    )


def _done(request: HttpRequest, article: Article, action: Transition) -> HttpResponse:
    messages.success(request, words_of(action).done)
    return redirect("contribute:piece", article.pk)


def _step_page(
    request: HttpRequest, article: Article, action: Transition, form: StepForm, status: int = 200
) -> HttpResponse:
    me = person(request)
    checks = needed(me, article, action)
    context = {
        "tab": "pieces",
        "article": article,
        "step": action,
        "words": words_of(action),
        "form": form,
        "errors": form.errors_found if form.is_bound else [],
        "checks": checks,
        "is_complete": all(check["is_done"] for check in checks),
        "letter": editors_letter(request, article) if action.name == "resubmit" else None,
        "due_on": article.handling.due_on if action.name in ("resubmit", "approve", "object") else None,
    }
    return page(request, "contribute/step.html", context, status=status)


def needed(me: User, article: Article, action: Transition) -> list[dict[str, object]]:
    """What the piece needs for this step: what is there, and what is missing with the way to it."""
    act = _act(me, article, action)
    write = reverse("contribute:write", args=[article.pk])
    found: list[dict[str, object]] = []
    for name in action.guards:
        if name not in NEEDED:
            continue
        reasons = GUARDS[name](act)
        if reasons:
            found += [{"text": r.text, "is_done": False, "url": f"{write}#{anchor(r.where)}"} for r in reasons]
        else:
            found.append({"text": NEEDED[name], "is_done": True})
    return found


def _act(me: User, article: Article, action: Transition) -> Act:
    return Act(
        article=article, handling=article.handling, transition=action, by=me, now=timezone.now(),
        masthead=Masthead.current(), target=action.target,
    )  # fmt: skip
