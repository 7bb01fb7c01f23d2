"""What a referee answers and writes."""

from typing import Any

from django import forms
from django.utils.html import escape

from editorial.contribute.forms import Words as Line
from editorial.registry import Blocked, Reason
from prose.papers import MAX_BYTES
from review import reviewing
from review.models import Question, Recommendation, Review
from review.reviewing import Words

SCALE_WORDS = {"yes": "Yes", "no": "No"}
ACCEPTED_FILES = ".pdf,.docx,.txt,.md,.png,.jpg,.jpeg"


def show(form: forms.Form, reasons: tuple[Reason, ...] | list[Reason]) -> None:
    """Put each reason beside its field, or above all of them."""
    for reason in reasons:
        form.add_error(reason.where if reason.where in form.fields else None, reason.text)


def blocked(form: forms.Form, answer: Blocked) -> None:
    show(form, answer.reasons)


class AcceptForm(forms.Form):
    no_conflict = forms.BooleanField(
        required=False,
        label="I have no conflict of interest with this piece",
        help_text="I did not write or advise on it, I gain or lose nothing by it, and as far as I can tell I am not close to whoever wrote it.",
    )


class CantForm(forms.Form):
    why = forms.ChoiceField(label="Why", choices=Review.Why, required=False, widget=forms.RadioSelect)
    note = Line(label="Anything we should know (optional)", limit=2000, lines=2, help_text="For the editors alone.")
    others = Line(
        label="Who else could review it? (optional)",
        limit=2000,
        lines=2,
        help_text="Names, and where they work or how to reach them.",
    )


class MoreTimeForm(forms.Form):
    due_on = forms.DateField(
        label="Until which day?",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give the day like 2027-03-31."},
    )
    why = Line(label="Why (optional)", limit=1000, lines=2, help_text="For the editors alone.")


class PauseForm(forms.Form):
    until = forms.DateField(
        label="Please don’t ask me before",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give the day like 2027-06-01."},
    )


class ConflictsForm(forms.Form):
    conflicts = Line(
        label="People and institutions that I can’t judge fairly",
        limit=2000,
        lines=4,
        help_text="A line each. We don’t ask you about their pieces. Only editors read it.",
    )


class RemarkForm(forms.Form):
    paragraph = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    quote = forms.CharField(required=False, widget=forms.HiddenInput)
    text = Line(label="Your comment", limit=reviewing.LONGEST_REMARK * 2, lines=5)
    is_for_editor = forms.BooleanField(
        required=False, label="For the editors alone", help_text="Else the author reads it once the piece is decided."
    )


class ReviewForm(forms.Form):
    """The review: what is recommended, what the author reads, what the editors alone read. All may stay unfinished."""

    recommendation = forms.ChoiceField(
        label="What do you recommend?", choices=Recommendation, required=False, widget=forms.RadioSelect,
        help_text="The editors decide. The author sees your comments, not this.",
    )  # fmt: skip
    for_author = forms.CharField(
        label="Comments for the author", required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
        help_text="What is good, what is missing, what should change. Don’t sign it.",
    )  # fmt: skip
    for_editor = forms.CharField(
        label="Comments for the editors", required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )  # fmt: skip
    file = forms.FileField(
        label="Choose a file (optional)", required=False, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ACCEPTED_FILES}),
        help_text=f"PDF, Word, text or picture, at most {MAX_BYTES // 2**20} MB. We take out what tells who made it; look that its words don’t.",
    )  # fmt: skip

    def __init__(self, review: Review, words: Words, *args: Any, **kwargs: Any) -> None:
        self.questions = reviewing.questions_of(review)
        data = {"recommendation": words.recommendation, "for_author": words.for_author, "for_editor": words.for_editor}
        data |= {f"q-{key}": value for key, value in words.answers.items()}
        # Bound to what is kept or was typed, so that problems can stand beside the fields.
        super().__init__(data, *args, **kwargs)
        if review.round.mode == "open":
            self.fields[
                "for_author"
            ].help_text = "What is good, what is missing, what should change. Your name stands with it."
        for question in self.questions:
            self.fields[f"q-{question.pk}"] = _field(question)

    def _clean_fields(self) -> None:
        """Nothing typed is refused while it is kept; `reviewing.problems` says what is missing before it is sent."""

    @property
    def for_both(self) -> list[forms.BoundField]:
        return [self[f"q-{q.pk}"] for q in self.questions if q.is_for_author]

    @property
    def for_editors(self) -> list[forms.BoundField]:
        return [self[f"q-{q.pk}"] for q in self.questions if not q.is_for_author]


def _field(question: Question) -> forms.Field:
    # Plain text for a template that takes help for HTML.
    shared = {
        "label": question.label + ("" if question.is_required else " (optional)"),
        "required": False,
        "help_text": escape(question.help),
    }
    options = reviewing.choices_of(question)
    if not options:
        return forms.CharField(strip=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}), **shared)
    choices = [(one, SCALE_WORDS.get(one, one) if question.kind == Question.Kind.YES_NO else one) for one in options]
    # Short ones stand side by side.
    is_short = question.kind != Question.Kind.CHOICE
    widget = forms.RadioSelect(attrs={"class": "is-row"} if is_short else None)
    return forms.ChoiceField(choices=choices, widget=widget, **shared)


def words_from(data: Any, review: Review) -> Words:
    """What was typed, as it came. A field that the form did not hold keeps what is stored."""
    stored = Words.of(review)

    def said(name: str, otherwise: str) -> str:
        return str(data[name]) if name in data else otherwise

    names = [str(q.pk) for q in reviewing.questions_of(review)]
    # A choice that is not taken is not sent at all, so only words can be missing by mistake.
    is_whole = "for_author" in data
    answers = {pk: said(f"q-{pk}", "" if is_whole else stored.answers.get(pk, "")) for pk in names}
    return Words(
        said("recommendation", "" if is_whole else stored.recommendation), said("for_author", stored.for_author),
        said("for_editor", stored.for_editor), {pk: text for pk, text in answers.items() if text},
    )  # fmt: skip
