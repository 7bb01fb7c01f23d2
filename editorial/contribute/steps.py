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
from articles.models import Article, Revision
from articles.status import Status
from editorial import access, queue, rooms
from editorial.contribute.door import for_authors, own_piece, page, person
from editorial.contribute.forms import Words
from editorial.contribute.home import STANDS, asked_revision_id, moment
from editorial.contribute.sheet import anchor
from editorial.contribute.texts import shown_text
from editorial.contribute.write import editors_letter
from editorial.models import Approval
from editorial.perform import perform
from editorial.registry import GUARDS, Act, Blocked, Reason
from editorial.workflow import BY_NAME, Transition
from forum.models import Masthead

LONGEST_WORDS = 20_000
# A second press on the same button comes this soon after the first.
DOUBLE_PRESS = datetime.timedelta(minutes=2)
# Steps that answer a question about one text.
ANSWERS = ("approve", "object")


@dataclass(frozen=True)
class Wording:
    """How a step is said to an author."""

    heading: str
    button: str
    says: str
    done: str
    label: str = ""
    help: str = ""
    # Nobody would read a reason.
    is_wordless: bool = False


WORDING: dict[str, Wording] = {
    "submit": Wording(
        "Submit your piece", "Submit", "The editors get your piece and read it. You can’t change it while they do; you can withdraw it.",
        "Submitted. The editors read it and write to you.",
        "A word to the editors", "If there is something that they should know. Only they read it.",
    ),
    "resubmit": Wording(
        "Send your revision", "Send the revision", "The editors get the new text together with your response, and so do referees who read it again.",
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
        "Withdraw your piece", "Withdraw it",
        "The piece leaves the editors and nothing of it is published. You can still read it here. Only the editors can open it again: write to them.",
        "Withdrawn. Nothing of it is published.", "Reason", "If you like. The editors see it.",
    ),
    "ask_withdrawal": Wording(
        "Ask to withdraw your piece", "Ask to withdraw",
        "The piece was accepted, so an editor confirms, or writes to you. Until then it can’t be published. Once withdrawn, only the editors can open it again.",
        "Asked. An editor confirms, or writes to you.", "Reason", "The editors see it.",
    ),
}  # fmt: skip
WITHDRAW_UNSEEN = Wording(
    "Withdraw your draft", "Withdraw it",
    "Nobody but you has seen it. It is closed, and you can still read it here. You can’t go on writing it afterwards.",
    "Withdrawn. You can still read it here.", is_wordless=True,
)  # fmt: skip
# What a person has done already, for a page on which they want to do it again or the opposite.
DONE_BEFORE: dict[str, str] = {
    "submit": "You submitted this piece",
    "resubmit": "You sent your revision",
    "withdraw": "You withdrew this piece",
    "ask_withdrawal": "You asked to withdraw this piece",
}
ANSWERED: dict[str, str] = {"given": "You approved this text", "objected": "You objected to this text"}

# What a piece needs, as a list with ticks: the guard, what it says when all is well.
NEEDED: dict[str, str] = {
    "has_title": "A title",
    "has_in_brief": "The In Brief",
    "has_body": "The text",
    "has_byline": "An author",
    "has_declarations": "Conflict of interest, and where else it appeared",
}


def words_of(step: Transition, article: Article) -> Wording:
    """How a step with this piece is said. Who gives up a draft that nobody has seen is not told of editors."""
    if step.name == "withdraw" and article.status == Status.DRAFT and article.handling.editor_id is None:
        return WITHDRAW_UNSEEN
    return WORDING[step.name]


class StepForm(forms.Form):
    """What a step asks its author for, and which text and state they had before their eyes."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)

    seen_status = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, step: Transition, wording: Wording, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = () if wording.is_wordless else step.asks
        for ask in self.asks:
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
        return {ask.name: self.cleaned_data.get(ask.name) or "" for ask in self.asks}

    def must_differ(self, first: dict[str, str]) -> None:
        """Whoever sends nothing but what the form began with has written nothing."""
        for name, words in first.items():
            if words and (self.fields[name].required and _plain(self.data.get(name, "")) == _plain(words)):
                self.add_error(
                    name, "Nothing is written here yet but what is to be answered. Write your answers below it."
                )

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Labels and words as they were sent, to be copied."""
        return [(str(field.label), field.value()) for field in self.visible_fields() if field.value()]

    def show_now(self, seen: int | None, status: str) -> None:
        """The text and the state that stand on the page that is shown again."""
        self.data = {**self.data.dict(), "seen": str(seen or ""), "seen_status": status}  # type: ignore[attr-defined]


def _plain(words: str) -> str:
    return " ".join(words.split())


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
    words = words_of(action, article)
    initial = {"seen": _seen_now(article, person(request), action), "seen_status": article.status}
    initial |= first_words(action, article)
    return _step_page(request, article, action, StepForm(action, words, initial=initial))


def first_words(action: Transition, article: Article) -> dict[str, str]:
    """What stands in the form before anything is typed, by the names of its questions."""
    now = timezone.now()
    return {
        ask.name: said(article, now) for ask in action.asks if (said := rooms.FIRST_WORDS.get((action.name, ask.name)))
    }


def _seen_now(article: Article, me: User, action: Transition) -> int | None:
    """The version that a page for this step stands for."""
    return asked_revision_id(article, me) if action.name in ANSWERS else article.latest_id


def why_not_now(me: User, article: Article, action: Transition) -> str:
    """Empty where the step is this person's to take with the piece as it stands; else what happened, and why not."""
    if article.status not in action.sources or not access.may_perform(me, article, action):
        heading = words_of(action, article).heading
        return f"{what_happened(article, me, action)} “{heading}” is not possible now."
    unrelated = {"not_accepted_yet", "accepted_already", "not_public_yet", "withdrawal_not_asked"}
    act = _act(me, article, action)
    reasons = [reason for name in action.guards if name in unrelated for reason in GUARDS[name](act)]
    return " ".join(str(reason) for reason in reasons)


def what_happened(article: Article, me: User, action: Transition) -> str:
    """What this person, or somebody else, did so that a step is no longer theirs, in a sentence or two."""
    if action.name in ANSWERS and (answer := article.approvals.filter(by=me).first()):
        if said := answered(answer):
            return said
        if article.status == Status.EDITING:
            return "The editors took the question back. You are asked again when they have a text for you."
    last = article.events.filter(by=me, transition__in=DONE_BEFORE).order_by("-at", "-pk").first()
    if last is not None and last.to_status == article.status:
        return f"{DONE_BEFORE[last.transition]} on {moment(last.at)}."
    return queue.words_for_author(article, me, timezone.now())


def answered(approval: Approval) -> str:
    """What somebody answered and when; empty where the answer is open, or the question was taken back."""
    if approval.state not in ANSWERED or approval.answered_at is None:
        return ""
    return f"{ANSWERED[approval.state]} on {moment(approval.answered_at)}."


def _do(request: HttpRequest, article: Article, action: Transition) -> HttpResponse:
    me = person(request)
    form = StepForm(action, words_of(action, article), request.POST)
    form.must_differ(first_words(action, article))
    if not form.is_valid():
        if why_not_now(me, article, action):
            return _over(request, article, action, form)
        return _step_page(request, article, action, form, status=422)
    # A form without it is not one of these pages: nothing can be said about what its sender saw.
    seen = form.cleaned_data["seen"] or -1
    seen_status = form.cleaned_data["seen_status"]
    done = words_of(action, article).done
    try:
        perform(
            article, action.name, by=me, seen=seen, seen_status=seen_status if seen_status in Status.values else "",
            **form.said(),
        )  # fmt: skip
    except (Blocked, PermissionDenied) as refused:
        if _was_just_done(article, action, me):
            return _done(request, article, done)
        current = own_piece(request, article.pk)
        if why_not_now(me, current, action):
            return _over(request, current, action, form)
        return _again(request, current, action, form, refused)
    return _done(request, article, done)


def _over(request: HttpRequest, article: Article, action: Transition, form: StepForm) -> HttpResponse:
    """A step that is no longer possible: what happened, and what was typed, to be copied. No button."""
    context = {
        "tab": "pieces",
        "article": article,
        "words": words_of(action, article),
        "said": why_not_now(person(request), article, action),
        "typed": form.typed,
    }
    return page(request, "contribute/over.html", context, status=409)


def _again(
    request: HttpRequest, article: Article, action: Transition, form: StepForm, refused: Blocked | PermissionDenied
) -> HttpResponse:
    """The page once more with the words kept, for the text and the state as they are now: the next press goes through."""
    seen, status = form.cleaned_data["seen"], form.cleaned_data["seen_status"]
    now = _seen_now(article, person(request), action)
    has_moved = status in Status.values and status != article.status
    text = None
    if has_moved:
        where = STANDS.get(article.status, article.get_status_display())
        form.add_error(
            None,
            f"The piece has moved since you opened this page. It is now: {where}. If you still mean it, press the button again.",
        )
    if seen != now:
        text = shown_text(article)
        form.add_error(
            None,
            "The text was changed after you opened this page. It stands below as it is now. If it is the one you mean, press the button again.",
        )
    if not has_moved and seen == now:
        for reason in refused.reasons if isinstance(refused, Blocked) else (Reason(str(refused)),):
            form.add_error(reason.where if reason.where in form.fields else None, reason.text)
    form.show_now(now, article.status)
    return _step_page(request, article, action, form, status=409, text=text)


def _was_just_done(article: Article, action: Transition, me: User) -> bool:
    """Whether this is the second press on a button whose first press has done it."""
    last = article.events.order_by("-at", "-pk").first()
    return (
        last is not None
        and last.transition == action.name
        and last.by_id == me.pk
        and timezone.now() - last.at < DOUBLE_PRESS
    )


def _done(request: HttpRequest, article: Article, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("contribute:piece", article.pk)


def _step_page(
    request: HttpRequest,
    article: Article,
    action: Transition,
    form: StepForm,
    status: int = 200,
    text: Revision | None = None,
) -> HttpResponse:
    me = person(request)
    checks = needed(me, article, action)
    context = {
        "tab": "pieces",
        "article": article,
        "step": action,
        "words": words_of(action, article),
        "form": form,
        "text": text,
        "warnings": warnings(article, action),
        "errors": form.errors_found if form.is_bound else [],
        "checks": checks,
        "is_complete": all(check["is_done"] for check in checks),
        "letter": editors_letter(request, article) if action.name == "resubmit" else None,
        "panels": [panel(request, article) for panel in rooms.WRITING_PANELS] if action.name == "resubmit" else [],
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


def warnings(article: Article, action: Transition) -> list[tuple[str, str]]:
    """What stands in nobody's way but should be known before a text is handed in, each with an address or none."""
    found: list[tuple[str, str]] = []
    if action.name not in ("submit", "resubmit"):
        return found
    if (picture := article.latest.lead_image) is not None:
        missing = [
            (word, name) for word, name in (("description", "alt"), ("credit", "credit")) if not getattr(picture, name)
        ]
        if missing:
            words = " or ".join(word for word, _ in missing)
            place = f"{reverse('contribute:write', args=[article.pk])}#{anchor(missing[0][1])}"
            found.append((f"The picture has no {words}. The editors will ask for it.", place))
    if action.name == "resubmit" and _is_unrevised(article):
        found.append(
            (
                "The text is the same as when you were asked to revise it. You can send it so; say in your response why.",
                "",
            )
        )
    return found


def _is_unrevised(article: Article) -> bool:
    """Whether the text is word for word the one that the editors wanted revised."""
    asked = (
        article.events.filter(transition="request_revision").select_related("revision").order_by("-at", "-pk").first()
    )
    if asked is None:
        return False
    latest = article.latest
    return all(
        getattr(latest, name) == getattr(asked.revision, name)
        for name in ("title", "in_brief", "body", "lead_image_id")
    )


def _act(me: User, article: Article, action: Transition) -> Act:
    return Act(
        article=article, handling=article.handling, transition=action, by=me, now=timezone.now(),
        masthead=Masthead.current(), target=action.target,
    )  # fmt: skip
