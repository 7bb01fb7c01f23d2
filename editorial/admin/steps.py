"""A step of the workflow as a page: what it does, what it asks, and what stands against it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from editorial import access
from editorial.admin import words
from editorial.admin.article_form import DETAILS, TEXT
from editorial.admin.widgets import MomentField
from editorial.perform import steps_for
from editorial.registry import Reason
from editorial.workflow import Ask, Transition

# Letters and responses want room.
LONG = frozenset({"message", "note", "public_note"})
LONGEST = 20_000
ON_THE_FORM = frozenset({*TEXT, *DETAILS, "bylines", "conflict_of_interest", "appeared_elsewhere"})


# The usual way of a piece; what is not named here comes after it, in the order of the table.
USUAL = (
    "refuse_withdrawal",
    "confirm_withdrawal",
    "submit",
    "accept",
    "review_in_house",
    "request_approval",
    "publish",
    "update",
    "resubmit",
)


@dataclass
class Step:
    """A step as the desk offers it."""

    transition: Transition
    blocked: list[tuple[str, str]]

    @property
    def is_blocked(self) -> bool:
        return bool(self.blocked)


def offered(user: User, article: Article) -> list[Step]:
    """The steps that are this person's with the piece as it stands: the usual one first, what is grave last."""
    steps = [
        Step(step, [(reason.text, anchor(reason)) for reason in reasons]) for step, reasons in steps_for(user, article)
    ]

    def place(step: Step) -> tuple[bool, int]:
        name = step.transition.name
        return step.transition.is_grave, USUAL.index(name) if name in USUAL else len(USUAL)

    return sorted(steps, key=place)


def anchor(reason: Reason) -> str:
    """Where on the form of the piece it is mended."""
    if reason.where == "bylines":
        return "#bylines-group"
    if reason.where == "coauthors":
        return "#authors-said"
    return f"#id_{reason.where}" if reason.where in ON_THE_FORM else ""


class StepForm(forms.Form):
    """The questions of a transition, and the version of the text that the person has before their eyes."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen_status = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, transition: Transition, article: Article, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.transition = transition
        self.initial = {**self.initial, "seen": article.latest_id, "seen_status": article.status}
        for ask in transition.asks:
            if ask.kind == "own":
                continue
            self.fields[ask.name] = field_for(ask, article, user)

    def details(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("seen", "seen_status")}

    def carried(self) -> list[tuple[str, str]]:
        """Names and values of all that was answered, for the page that follows."""
        data: Any = self.data
        return [(name, value) for name in self.fields for value in data.getlist(name)]

    def catch_up(self, article: Article) -> list[Reason]:
        """What changed since the page was opened, where the step is still possible. Said on the page that follows, so
        that pressing there once more is meant; what was typed stays."""
        seen, seen_status = self.cleaned_data["seen"], self.cleaned_data["seen_status"]
        if article.status not in self.transition.sources:
            return []
        reasons = []
        if seen_status and seen_status != article.status:
            standing = words.now_it_is(article, timezone.now())
            reasons.append(
                Reason(
                    f"The piece was moved after you opened this page: it is {standing} now. Look at it again, and go on only if you still mean it."
                )
            )
        if seen is not None and seen != article.latest_id:
            who = article.latest.by
            reasons.append(
                Reason(
                    f"The text was changed after you opened this page: {who} saved version {article.latest.number}. Read it again before you go on."
                )
            )
        if reasons:
            self.data = {**self.data.dict(), "seen": article.latest_id, "seen_status": article.status}  # type: ignore[attr-defined]  # a posted form
        return reasons

    def show(self, reasons: tuple[Reason, ...]) -> list[Reason]:
        """Put each reason beside its field; returns those that are mended elsewhere."""
        elsewhere = []
        for reason in reasons:
            if reason.where in self.fields:
                if not self.has_error(reason.where):
                    self.add_error(reason.where, reason.text)
            else:
                elsewhere.append(reason)
        return elsewhere


def field_for(ask: Ask, article: Article, user: User) -> forms.Field:
    """The form field of a question. Whether an answer is needed is for `perform` to say: once, with all else."""
    common: dict[str, Any] = {"label": ask.label, "help_text": ask.help, "required": False}
    match ask.kind:
        case "date":
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)
        case "moment":
            return MomentField(**common)
        case "choice":
            return forms.ChoiceField(choices=ask.choices, widget=forms.RadioSelect, **common)
        case "person":
            return forms.ModelChoiceField(second_readers(article, user), empty_label="Nobody", **common)
        case "yes":
            return forms.BooleanField(**common)
    widget = forms.Textarea(attrs={"rows": 10 if ask.name == "message" else 3}) if ask.name in LONG else None
    return forms.CharField(max_length=LONGEST, widget=widget, **common)


def writes_to_nobody(article: Article, transition: Transition) -> bool:
    """Whether the step writes to the authors of a piece none of whom has an account."""
    is_letter = any(effect.startswith("tell_authors:") for effect in transition.effects)
    return is_letter and not access.authors_with_account(article).exists()


def second_readers(article: Article, user: User) -> QuerySet[User]:
    return access.deciders_for(article).exclude(pk=user.pk)
