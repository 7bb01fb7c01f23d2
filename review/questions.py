"""The form that referees answer: the one in use, and freezing it when a round first takes it."""

import datetime

from review.models import Form, Question

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
            Question(form=form, position=n, kind=kind, label=label, help=help, is_required=needed, is_for_author=shown)
            for n, (kind, label, help, needed, shown) in enumerate(DEFAULT, 1)
        )
    return form


def freeze(form: Form, now: datetime.datetime) -> None:
    """From now on this form stays as it is; changes make the next one."""
    Form.objects.filter(pk=form.pk, frozen_at=None).update(frozen_at=now)
