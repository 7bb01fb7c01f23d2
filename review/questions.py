"""The form that referees answer: the one in use, freezing it when a round first takes it, and changing it.

A frozen form is never changed: rounds keep the questions that their referees were asked. Whoever changes it makes the
next one, which the next round takes.
"""

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from editorial import changes
from editorial.models import Change
from editorial.registry import Blocked, Reason
from review.models import Form, Question, Settings

# What a new publication asks; the managing editor changes it.
DEFAULT = (
    (Question.Kind.SCALE, "Is the argument sound, and does the evidence carry it?", "1: not at all. 5: wholly.", True, True),
    (Question.Kind.SCALE, "Is it of interest to readers who are no specialists?", "1: not at all. 5: very much.", False, True),
    (Question.Kind.TEXT, "What is missing that a reader needs?", "", False, True),
    (Question.Kind.YES_NO, "Would you read the next version?", "", False, False),
)  # fmt: skip


def current() -> Form:
    """The newest form; the first time it is made with the questions that come with the program."""
    form = Form.objects.first()
    if form is None:
        form = Form.objects.create()
        Question.objects.bulk_create(
            Question(form=form, position=n, kind=kind, label=label, help=helps, is_required=needed, is_for_author=shown)
            for n, (kind, label, helps, needed, shown) in enumerate(DEFAULT, 1)
        )
    return form


def freeze(form: Form, now: datetime.datetime) -> None:
    """From now on this form stays as it is; changes make the next one."""
    Form.objects.filter(pk=form.pk, frozen_at=None).update(frozen_at=now)


# --- Changing it ---------------------------------------------------------------------------------------

MOST_QUESTIONS = 30
MOST_CHOICES = 20
LONGEST_CHOICE = 200
LONGEST_LABEL = Question._meta.get_field("label").max_length or 300
LONGEST_HELP = Question._meta.get_field("help").max_length or 500
LONGEST_CHOICES = Question._meta.get_field("choices").max_length or 1000
MAY_NOT = "Managing editors change the referees’ form and settings."


@dataclass(frozen=True)
class Asked:
    """A question as somebody wants it, in its place among the others."""

    kind: str = Question.Kind.TEXT
    label: str = ""
    help: str = ""
    choices: str = ""
    is_required: bool = False
    is_for_author: bool = False

    @classmethod
    def of(cls, question: Question) -> "Asked":
        return cls(
            question.kind, question.label, question.help, question.choices, question.is_required, question.is_for_author
        )

    @property
    def choice_list(self) -> list[str]:
        return [line.strip() for line in self.choices.splitlines() if line.strip()]

    def told(self) -> str:
        """In one line, for the record of changes."""
        kind = Question.Kind(self.kind).label if self.kind in Question.Kind.values else self.kind
        said = [
            kind,
            "needed" if self.is_required else "",
            "authors see it" if self.is_for_author else "for editors alone",
        ]
        parts = [f"{self.label} ({', '.join(filter(None, said))})", self.help, " / ".join(self.choice_list)]
        return ". ".join(part.removesuffix(".") for part in parts if part)


def asked(form: Form) -> list[Asked]:
    """The questions of a form, in their order."""
    return [Asked.of(question) for question in form.questions.all()]


def version_of(form: Form) -> str:
    """What tells one state of the form from the next, so that two people do not overwrite each other."""
    return hashlib.sha256(repr((form.pk, asked(form))).encode()).hexdigest()[:16]


@transaction.atomic
def edit(
    form: Form, rows: Sequence[Asked], by: User, *, seen: str = "", now: datetime.datetime | None = None
) -> Form:  # fmt: skip
    """Make these the questions, in this order: of `form` itself, or of the next one where a round has used it.

    `seen` is the version (`version_of`) that the person had before their eyes. Returns the form that is in use then.
    Raises PermissionDenied, or Blocked with reasons whose fields are such as “label-2”: the row's place, from 0.
    """
    if not (by.is_active and by.has_perm("review.edit_form")):
        raise PermissionDenied(MAY_NOT)
    wanted = [_tidy(row) for row in rows]
    if problems := reasons_against(wanted):
        raise Blocked(*problems)
    now = now or timezone.now()
    # A round that opens at this moment freezes it before or after, not in between.
    newest = Form.objects.select_for_update().first()
    if newest is None or newest.pk != form.pk or (seen and seen != version_of(newest)):
        raise Blocked(
            Reason(
                "Somebody changed the form after you opened it. Look at theirs below; saved again, yours takes its place.",
                "seen",
            )
        )
    before = asked(newest)
    if before == wanted:
        return newest
    used = newest if newest.frozen_at is None else Form.objects.create(made_by=by, made_at=now)
    used.questions.all().delete()
    Question.objects.bulk_create(
        Question(
            form=used, position=place, kind=row.kind, label=row.label, help=row.help, choices=row.choices,
            is_required=row.is_required, is_for_author=row.is_for_author,
        )
        for place, row in enumerate(wanted, 1)
    )  # fmt: skip
    told = ["\n".join(f"{n}. {row.told()}" for n, row in enumerate(these, 1)) for these in (before, wanted)]
    changes.record(
        by=by, action=Change.Action.CHANGED, obj=used, name="Referees’ form", changes={"questions": told}, now=now
    )
    return used


def reasons_against(rows: Sequence[Asked]) -> list[Reason]:
    """Why these can't be the questions of a form; each names the field of its row."""
    found = []
    if len(rows) > MOST_QUESTIONS:
        found.append(Reason(f"A form has {MOST_QUESTIONS} questions at most; referees answer few of so many."))
    for place, row in enumerate(rows):
        if row.kind not in Question.Kind.values:
            found.append(Reason("Choose how it is answered.", f"kind-{place}"))
        if not row.label:
            found.append(Reason("Write the question, or remove it.", f"label-{place}"))
        elif len(row.label) > LONGEST_LABEL:
            found.append(Reason(f"Shorten the question to {LONGEST_LABEL} characters.", f"label-{place}"))
        if len(row.help) > LONGEST_HELP:
            found.append(Reason(f"Shorten the help to {LONGEST_HELP} characters.", f"help-{place}"))
        if row.kind == Question.Kind.CHOICE:
            found += [Reason(text, f"choices-{place}") for text in _wrong_with_choices(row)]
    labels = [row.label.casefold() for row in rows]
    for place, label in enumerate(labels):
        if label and label in labels[:place]:
            found.append(Reason("The same question stands above.", f"label-{place}"))
    return found


def _wrong_with_choices(row: Asked) -> list[str]:
    lines = row.choice_list
    if len(lines) < 2:
        return ["Give two answers or more to choose from, a line each."]
    if len({line.casefold() for line in lines}) < len(lines):
        return ["Two of the answers are the same."]
    if len(lines) > MOST_CHOICES or len(row.choices) > LONGEST_CHOICES or max(map(len, lines)) > LONGEST_CHOICE:
        return [f"Shorten this to {MOST_CHOICES} answers at most, {LONGEST_CHOICES} characters in all."]
    return []


def _tidy(row: Asked) -> Asked:
    """As it is kept: without NUL or spaces around it, answers to choose from only where one chooses."""
    label, helped = (" ".join(text.replace("\x00", "").split()) for text in (row.label, row.help))
    lines = "\n".join(replace(row, choices=row.choices.replace("\x00", "")).choice_list)
    return replace(row, label=label, help=helped, choices=lines if row.kind == Question.Kind.CHOICE else "")


# --- How the publication referees --------------------------------------------------------------------------


@transaction.atomic
def save_settings(settings: Settings, by: User) -> None:
    """Keep what rounds begin with. Rounds that are open stay as they are."""
    if not (by.is_active and by.has_perm("review.edit_form")):
        raise PermissionDenied(MAY_NOT)
    settings.full_clean(validate_constraints=False)
    before = changes.words_of(Settings.objects.select_for_update().filter(pk=1).first() or Settings(pk=1))
    settings.save()
    told = changes.differences(before, changes.words_of(settings))
    changes.record(by=by, action=Change.Action.CHANGED, obj=settings, changes=dict(told))
