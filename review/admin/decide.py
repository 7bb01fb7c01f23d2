"""Deciding a round: the reviews side by side, what is missing, the letter; then the letters as they go.

Nothing is kept between the pages but what their forms carry and, where an editor saves it, the draft of the round.
"""

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from articles.models import Article
from articles.status import Status
from editorial import letters as desk_letters
from editorial.admin import step_letters, words
from editorial.letter_words import Wording
from editorial.registry import Blocked, Reason
from editorial.workflow import BY_NAME
from review import blindness, deciding, files, inviting, post, released, turn
from review.admin.pages import page, piece_of, shown
from review.deciding import Decision, Overwritten, Seen
from review.effects import TOLD
from review.models import Attachment, Recommendation, Review, Round
from review.rounds import CANCELLED, KEPT

LARGEST = 2**63 - 1
FROM_STEP = {"request_revision": "minor", "accept": "accept", "decline": "decline"}
KEEP = (
    (KEPT, "Keep it: it can still be sent, and you read it then"),
    (CANCELLED, "Cancel it: the referee gets a letter"),
)


class DecisionForm(forms.Form):
    """What an editor chooses and types about a round, and what they had before their eyes."""

    decision = forms.ChoiceField(choices=Recommendation, widget=forms.RadioSelect, required=False)
    message = forms.CharField(
        label="Your letter to the author", required=False, widget=forms.Textarea(attrs={"rows": 18, "dir": "auto"}),
        help_text="It begins with what the author will read of the reviews. It stands within the letter that you read next.",
    )  # fmt: skip
    due_on = forms.DateField(
        label="Revision due on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="For a revision alone.",
    )  # fmt: skip
    note = forms.CharField(
        label="Reason, for the desk", required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="Needed to decline, and to accept before the wanted reviews are here. Authors do not see it.",
    )  # fmt: skip
    advice = forms.CharField(
        label="Why you recommend it", required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text="For the managing editor, where the decision is theirs.",
    )  # fmt: skip
    # The words that stood in the letter before they were gathered anew.
    before = forms.CharField(required=False, widget=forms.HiddenInput)
    gathered = forms.CharField(required=False, widget=forms.HiddenInput)
    round = forms.CharField(required=False, widget=forms.HiddenInput)
    edits = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=LARGEST)
    seen_status = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, reviews: list[Review], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for review in reviews:
            if review.is_open:
                choices = KEEP if review.state == Review.State.ACCEPTED else KEEP[1:]
                self.fields[f"settle-{review.pk}"] = forms.ChoiceField(
                    choices=choices, widget=forms.RadioSelect, required=False
                )
            if review.state == Review.State.SUBMITTED:
                self.fields[f"traces-{review.pk}"] = forms.CharField(required=False, widget=forms.CheckboxInput)
                for part in released.parts_of(review):
                    self.fields[f"withhold-{review.pk}:{part.key}"] = forms.CharField(
                        label="Withhold it, for this reason", required=False, max_length=1000,
                        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
                    )  # fmt: skip

    def _said(self, prefix: str) -> dict[str, str]:
        """What was answered in the fields that begin so, by the rest of their names."""
        data: Any = self.data if self.is_bound else self.initial
        found = {
            name.removeprefix(prefix): str(data.get(name) or "").strip()
            for name in self.fields
            if name.startswith(prefix)
        }
        return {name: value for name, value in found.items() if value}

    def decision_made(self) -> Decision:
        said = self.cleaned_data
        return Decision(
            choice=said.get("decision") or "", message=_lines(said.get("message")), note=_lines(said.get("note")),
            due_on=said.get("due_on"), settle=self._said("settle-"), withhold=self._said("withhold-"),
        )  # fmt: skip

    def what_was_seen(self) -> Seen:
        said = self.cleaned_data
        return Seen(
            revision=said.get("seen") or -1, status=said.get("seen_status") if said.get("seen_status") in Status.values else "",
            round=said.get("round") or "", edits=said.get("edits") or 0, traces=self._said("traces-"),
        )  # fmt: skip

    def set(self, **values: Any) -> None:
        """Put other values into a form that was sent."""
        self.data = {**self.data.dict(), **values} if hasattr(self.data, "dict") else {**self.data, **values}

    def carried(self) -> list[tuple[str, str]]:
        """Names and values for the page that follows."""
        return [(name, str(self.data[name])) for name in self.fields if self.data.get(name)]

    def show(self, reasons: Any) -> list[Reason]:
        """Put each reason beside its field; returns those that have none."""
        elsewhere = []
        for reason in dict.fromkeys(reasons):
            if reason.where in self.fields and not self.fields[reason.where].widget.is_hidden:
                self.add_error(reason.where, reason.text)
            else:
                elsewhere.append(reason)
        return elsewhere


def _lines(text: Any) -> str:
    return str(text or "").replace("\r\n", "\n").strip()


@page("<int:pk>/decide/", "review_decide")
def decide(desk: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the reviews and the letter to be written. POST saves it, hands it over, or shows the letters and sends."""
    article = piece_of(desk, request, pk)
    round = turn.open_round(article)
    if round is None or article.status != Status.IN_REVIEW:
        return _too_late(desk, request, article)
    round.article = article
    return DecisionPage(desk, request, article, round).answer()


class DecisionPage:
    """One request about one open round."""

    def __init__(self, desk: Any, request: HttpRequest, article: Article, round: Round) -> None:
        self.desk, self.request, self.article, self.round = desk, request, article, round
        self.draft = deciding.draft_of(round)
        found = round.reviews.exclude(state__in=(Review.State.LISTED, Review.State.CANT, Review.State.CANCELLED))
        self.reviews = list(released.whole(found).order_by("label", "pk"))
        for review in self.reviews:
            review.round.article = article
        self.problems: list[Reason] = []
        # As the author will read them, by the ids of the reviews.
        self.names: dict[int, str] = {}
        self.status = 200
        is_post = request.method == "POST"
        self.form = DecisionForm(request.POST if is_post else None, reviews=self.reviews, initial=self._initial())

    def name(self, review: Review) -> str:
        return blindness.name_of(review, self.request.user)

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self.page()
        pressed = next(
            (
                name
                for name in ("gather", "put_back", "save", "hand", "take", "send", "back", "next", "anew")
                if name in self.request.POST
            ),
            "next",
        )
        self._follow_answers()
        is_valid = self.form.is_valid()
        try:
            if pressed == "take":
                deciding.take_over(self.round, by=self.request.user)
                messages.success(self.request, "The draft is in your hands.")
                return redirect("admin:review_decide", self.article.pk)
            if pressed in ("gather", "put_back"):
                return self._other_words(pressed)
            if not is_valid or pressed == "back":
                return self.page()
            if pressed in ("save", "hand"):
                return self._keep(pressed)
            return self._letters(is_sent=pressed == "send")
        except Overwritten as answer:
            self._catch_up()
            self.problems.append(
                Reason(
                    f"{answer.draft.by} saved a draft of this decision while this page was open. It stands below yours, which is not saved. Saving again puts yours in its place."
                )
            )
            self.draft, self.status = answer.draft, 409
        except Blocked as answer:
            self.article.refresh_from_db()
            if turn.open_round(self.article) is None or self.article.status != Status.IN_REVIEW:
                return _too_late(self.desk, self.request, self.article)
            self.problems += self.form.show(answer.reasons)
            self._catch_up()
            self.status = 422
        return self.page()

    # --- what is pressed

    def _follow_answers(self) -> None:
        """Words that nobody changed follow what is withheld."""
        message, withheld = _lines(self.form.data.get("message")), self.form._said("withhold-")
        if deciding.is_as_gathered(message, self.form.data.get("gathered", "")):
            fresh = deciding.gather(self.round, withheld)
            self.form.set(message=fresh, gathered=deciding.mark_of_words(fresh))

    def _other_words(self, pressed: str) -> HttpResponse:
        """Gather the letter anew, keeping what stood there; or put that back."""
        typed, before = _lines(self.form.data.get("message")), _lines(self.form.data.get("before"))
        fresh = deciding.gather(self.round, self.form._said("withhold-"))
        if pressed == "gather" and typed != fresh:
            self.form.set(message=fresh, before=typed, gathered=deciding.mark_of_words(fresh))
        elif pressed == "put_back" and before:
            self.form.set(message=before, before="")
        self.form.full_clean()
        return self.page()

    def _keep(self, pressed: str) -> HttpResponse:
        decision, edits = self.form.decision_made(), self.form.cleaned_data.get("edits") or 0
        is_over = "over" in self.request.POST
        if pressed == "hand":
            deciding.hand_over(
                self.round,
                decision,
                by=self.request.user,
                advice=_lines(self.form.cleaned_data.get("advice")),
                edits=edits,
                is_over=is_over,
            )
            said = "Handed to the managing editors, who get a letter. You can take it back until they decide."
        else:
            deciding.save_draft(self.round, decision, by=self.request.user, edits=edits, is_over=is_over)
            said = "Saved as a draft. Nothing was decided, and nobody is written to."
        messages.success(self.request, said)
        return redirect("admin:review_decide", self.article.pk)

    def _letters(self, *, is_sent: bool) -> HttpResponse:
        """Show the letters, or send them where they were read. Raises what stands against it."""
        decision, seen, user = self.form.decision_made(), self.form.what_was_seen(), self.request.user
        if not decision.choice:
            raise Blocked(*deciding.reasons_against(self.round, decision, seen, by=user))
        step = BY_NAME[decision.step]
        typed = step_letters.typed_in(self.request.POST, step)
        problems: tuple[Reason, ...] = ()
        if is_sent:
            try:
                deciding.decide(
                    self.round,
                    decision,
                    seen,
                    by=user,
                    letters={kind: letter.by_hand() for kind, letter in typed.items()},
                )
            except Blocked as answer:
                if not step_letters.are_letters(answer.reasons):
                    raise
                problems = answer.reasons
            else:
                return self._done()
        drafts = deciding.drafts(self.round, decision, seen, by=user)
        found = step_letters.sheets(drafts, typed, anew=self.request.POST.get("anew", ""))
        elsewhere = step_letters.mark(found, problems)
        context = {
            "title": "Read the letters", "step": step, "sheets": found, "problems": elsewhere, "has_errors": bool(problems),
            "carried": self.form.carried(), "send_label": _send_label(decision.choice, found),
            "others": self._to_referees(decision),
        }  # fmt: skip
        return shown(self.desk, self.request, "decide_letters.html", self.article, context)

    def _to_referees(self, decision: Decision) -> list[tuple[str, Wording]]:
        """What the referees will read, each letter as it goes."""
        found = []
        for review in self.reviews:
            if review.state == Review.State.SUBMITTED:
                kind, said = "referee_told", {"the decision": TOLD[decision.step]}
            elif decision.settle.get(str(review.pk)) == CANCELLED and not inviting.may_stop(review):
                kind, said = "referee_cancelled", {}
            else:
                continue
            values = post.values(review, **said) | {"name": self.name(review), "link": desk_letters.NOT_RECORDED}
            found.append((self.name(review), desk_letters.preview_to_address(kind, values, keeps=())))
        return found

    def _done(self) -> HttpResponse:
        until = deciding.letters_go_at(self.article)
        at = f"{timezone.localtime(until):%H:%M}" if until else ""
        messages.success(self.request, f"Decided. The letters go at {at}. Until then you can take the decision back.")
        return redirect("admin:articles_article_change", self.article.pk)

    def _catch_up(self) -> None:
        """The page that is shown again is of now, so that pressing there once more is meant."""
        self.draft = deciding.draft_of(self.round)
        self.form.set(
            round=deciding.mark(self.round), edits=self.draft.edits if self.draft else 0, seen=self.article.latest_id,
            seen_status=self.article.status,
        )  # fmt: skip

    # --- the page

    def _initial(self) -> dict[str, Any]:
        draft, step = self.draft, self.request.GET.get("step", "")
        withheld = draft.withhold if draft else {}
        fresh = deciding.gather(self.round, withheld)
        found: dict[str, Any] = {
            "decision": draft.decision if draft else FROM_STEP.get(step, ""),
            "message": draft.message if draft else fresh,
            "gathered": deciding.mark_of_words(fresh),
            "due_on": (draft.due_on if draft else None) or timezone.localdate() + datetime.timedelta(days=28),
            "note": draft.note if draft else "",
            "advice": draft.advice if draft else "",
            "round": deciding.mark(self.round), "edits": draft.edits if draft else 0,
            "seen": self.article.latest_id, "seen_status": self.article.status,
        }  # fmt: skip
        if draft:
            found |= {f"settle-{pk}": what for pk, what in draft.settle.items()}
            found |= {f"withhold-{key}": why for key, why in withheld.items()}
        return found | {f"settle-{r.pk}": CANCELLED for r in self.reviews if r.state == Review.State.INVITED}

    def page(self) -> HttpResponse:
        summary = deciding.summary(self.round)
        self.names = {shown.review.pk: shown.name for shown in released.if_decided(self.round)}
        user, draft = self.request.user, self.draft
        context = {
            "title": f"Decide round {self.round.number}",
            "round": self.round,
            "form": self.form,
            "missing": deciding.missing(self.round, self.name),
            "summary": summary,
            "names": [self.name(review) for review in summary.reviews],
            "sent": [self._column(review) for review in summary.reviews],
            "open": [
                (self.name(review), review, self.form[f"settle-{review.pk}"])
                for review in self.reviews
                if review.is_open
            ],
            "problems": self.problems,
            "draft": draft,
            "other_draft": draft if self.status == 409 else None,
            "is_handed": draft is not None and draft.handed_at is not None,
            "may_decide_now": draft is None or draft.handed_at is None or user.has_perm("editorial.manage"),
            "may_hand": bool(deciding.managing_editors(self.article, user)),
            "before": _lines(self.form["before"].value()),
        }
        return shown(self.desk, self.request, "decide.html", self.article, context, status=self.status)

    def _column(self, review: Review) -> dict[str, Any]:
        """One review beside the others: what its author may read, and what is for the editors alone."""
        traces = deciding.traces(review)
        attachment = released.attachment_of(review)
        questions = review.round.form.questions.all()
        mark = deciding.mark_of_traces(traces)
        field = self.form[f"traces-{review.pk}"]
        return {
            "review": review,
            "name": self.name(review),
            "parts": [(part, self.form[f"withhold-{review.pk}:{part.key}"]) for part in released.parts_of(review)],
            "own_answers": [
                (q.label, released.answer(q, review))
                for q in questions
                if not q.is_for_author and released.answer(q, review)
            ],
            "own_remarks": [remark for remark in review.remarks.all() if remark.is_for_editor],
            "attachment": attachment,
            "traces": traces,
            "told": _grouped(traces),
            "for_author": self.names.get(review.pk, ""),
            "traces_field": field,
            "traces_mark": mark,
            "is_confirmed": bool(mark) and field.value() == mark,
        }


def _grouped(traces: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """What was found, one row for each place: where, the words there, what they could tell."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in traces:
        found.setdefault((one["where"], one["quote"]), []).append(one["says"])
    return [(where, quote, " ".join(dict.fromkeys(says))) for (where, quote), says in found.items()]


def _send_label(choice: str, found: list[step_letters.Sheet]) -> str:
    do = {
        "minor": "ask for a minor revision",
        "major": "ask for a major revision",
        "accept": "accept",
        "decline": "decline",
    }[choice]
    return f"Send the letters and {do}" if found else do[:1].upper() + do[1:]


def _too_late(desk: Any, request: HttpRequest, article: Article) -> HttpResponse:
    """Nothing is to be decided, or somebody did a moment ago: who, what and when, and what was typed, to be copied."""
    article.refresh_from_db()
    if request.method != "POST":
        messages.warning(
            request, f"No round is open to be decided: the piece is {words.now_it_is(article, timezone.now())}."
        )
        return redirect("admin:articles_article_change", article.pk)
    letters = [
        (name, text) for name, text in request.POST.items() if name.startswith("letter-") and name.endswith("-text")
    ]
    context = {
        "title": "Decided already",
        "last": (last := deciding.last_decision(article)),
        "last_label": deciding.label_of(last) if last else "",
        "when": words.moment(last.at) if last else "",
        "now_it_is": words.now_it_is(article, timezone.now()),
        "typed": [
            (label, request.POST.get(name, ""))
            for label, name in (("Your letter to the author", "message"), ("Reason, for the desk", "note"), ("Why you recommend it", "advice"))
            if request.POST.get(name, "").strip()
        ] + [("The letter as you had changed it", text) for _, text in letters],
    }  # fmt: skip
    return shown(desk, request, "decided.html", article, context, status=409)


@page("file/<int:pk>/", "review_file")
def file(desk: Any, request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a review, for those who decide about the piece."""
    attachment = Attachment.objects.select_related("review__round").filter(review=pk).first() if pk <= LARGEST else None
    if attachment is None:
        raise Http404
    piece_of(desk, request, attachment.review.round.article_id)
    if attachment.review.state != Review.State.SUBMITTED:
        raise Http404
    return files.download(attachment, attachment.review.name_for_others)
