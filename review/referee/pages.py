"""One review: the question whether, the text beside the form, what was sent. A GET only shows."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from editorial import deadlines
from editorial.letters import is_held
from editorial.registry import Blocked
from forum.kept import typed_fields
from prose import measure
from review import answering, passages, post, released, reviewing
from review.models import Mode, Recommendation, Review, Round
from review.referee.door import Seat, gone
from review.referee.forms import AcceptForm, CantForm, MoreTimeForm, ReviewForm, blocked, words_from
from review.reviewing import Stale, Words

NUMBER = 18  # digits that every id has at most

DECIDED = {
    Round.Outcome.ACCEPT: "The piece was accepted.",
    Round.Outcome.DECLINE: "The piece was not accepted.",
    Round.Outcome.WITHDRAWN: "Its author withdrew the piece.",
    Round.Outcome.MINOR: "The author was asked for a minor revision.",
    Round.Outcome.MAJOR: "The author was asked for a major revision.",
    Round.Outcome.REVISION: "The author was asked to revise it.",
}


def number(text: str) -> int:
    """A number that came with a form; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER else 0


def page(request: HttpRequest, seat: Seat, template: str, status: int = 200, **more: Any) -> HttpResponse:
    """A page of a review. Templates get what this referee may know, and the article never."""
    review = seat.review
    names = ("", "save", "send", "remark", "more", "cant", "file")
    context = {
        "review": review,
        "piece_title": review.round.revision.title or "Untitled",
        "round_number": review.round.number,
        "sees": post.SEES[Mode(review.round.mode)],
        "authors": post.authors_of(review.round),
        "urls": {name or "page": seat.at(name) for name in names},
        "due_on": due(review, "review"),
        "is_own": not seat.token,
        "tab": "reviews",
    }
    return render(request, template, context | more, status=status)


def due(review: Review, kind: str) -> Any:
    row = deadlines.current(review.round.article, kind, review.pk)
    return row.due_on if row else None


def told(review: Review) -> str:
    """What was decided, once the referee was told; empty before."""
    now = timezone.now()
    # One that was kept and sent since is released later, if at all: then the piece says whether the decision waits still.
    held_until = review.released_at or review.round.closed_at
    is_told = held_until is not None and held_until <= now and not is_held(review.round.article.handling, now)
    return DECIDED.get(Round.Outcome(review.round.outcome), "") if is_told else ""


def address_of_pictures(seat: Seat) -> passages.Address:
    return lambda place: seat.at("picture", place)


# --- showing ---


def review(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Whatever there is to do now: answer, write, or read what was sent."""
    if request.method == "POST":
        act = ACTS.get(request.POST.get("action", "save").partition("-")[0], _save)
        return act(request, seat)
    return _show(request, seat)


def _show(request: HttpRequest, seat: Seat) -> HttpResponse:
    match seat.review.state:
        case Review.State.INVITED:
            return _question(request, seat)
        case Review.State.ACCEPTED if answering.is_open_for_words(seat.review):
            errors = reviewing.problems(seat.review) if "check" in request.GET else []
            return writing(request, seat, ReviewForm(seat.review, Words.of(seat.review)), reasons=errors)
        case Review.State.CANT:
            return page(request, seat, "referee/cant_said.html", is_open=seat.review.round.is_open)
        case Review.State.SUBMITTED:
            return page(request, seat, "referee/sent.html", told=told(seat.review), **sent_of(seat.review))
    return gone(request)


def _question(request: HttpRequest, seat: Seat, accept: forms.Form | None = None, status: int = 200) -> HttpResponse:
    text = seat.review.round.revision
    return page(
        request, seat, "referee/invited.html", status, accept=accept or AcceptForm(), cant=CantForm(auto_id="id_cant_%s"),
        in_brief=text.in_brief, words=measure.words(text.body), minutes=measure.reading_minutes(text.body, text.in_brief),
        answer_by=due(seat.review, "answer"), has_reviewed=passages.earlier(seat.review) is not None,
    )  # fmt: skip


def writing(
    request: HttpRequest, seat: Seat, form: ReviewForm, *, status: int = 200, reasons: Any = (), **more: Any
) -> HttpResponse:
    """The frozen text beside the form."""
    for reason in reasons:
        form.add_error(reason.where if reason.where in form.fields else None, reason.text)
    address = address_of_pictures(seat)
    before = passages.earlier(seat.review)
    view = request.GET.get("view", "") if before else ""
    context = {
        "form": form,
        "edits": seat.review.edits,
        "text": passages.shown(seat.review, address, form="review-form"),
        "remarks": seat.review.remarks.all(),
        "attachment": reviewing.attachment_of(seat.review),
        "is_blind": seat.review.round.mode != Mode.OPEN,
        "before": before,
        "before_sent": sent_of(before) if before else None,
        "response": seat.review.round.response if before else "",
        "view": "changes" if view == "changes" else "text",
        "changes": passages.changes(seat.review, before, address) if before and view == "changes" else None,
    }
    return page(request, seat, "referee/write.html", 422 if reasons and status == 200 else status, **context | more)


def sent_of(review: Review) -> dict[str, Any]:
    """A review as its writer reads it over."""
    answers = [(question, released.answer(question, review)) for question in reviewing.questions_of(review)]
    return {
        "recommendation": Recommendation(review.recommendation).label if review.recommendation else "",
        "for_author": review.for_author,
        "for_editor": review.for_editor,
        "author_answers": [(q.label, said) for q, said in answers if q.is_for_author and said],
        "editor_answers": [(q.label, said) for q, said in answers if not q.is_for_author and said],
        "author_remarks": [r for r in review.remarks.all() if not r.is_for_editor],
        "editor_remarks": [r for r in review.remarks.all() if r.is_for_editor],
        "attachment": reviewing.attachment_of(review),
    }


def over(request: HttpRequest, seat: Seat, answer: Blocked) -> HttpResponse:
    """Nothing was written; what was typed is shown to be copied."""
    typed = typed_fields(request)
    return page(request, seat, "referee/over.html", 409, said=str(answer), typed=typed)


# --- answering ---


def _accept(request: HttpRequest, seat: Seat) -> HttpResponse:
    form = AcceptForm(request.POST)
    try:
        answering.accept(seat.review, by=seat.by, no_conflict=bool(request.POST.get("no_conflict")))
    except answering.Over:
        return gone(request)
    except Blocked as answer:
        form.full_clean()
        blocked(form, answer)
        return _question(request, seat, form, 422)
    return redirect(seat.at())


def cant(request: HttpRequest, seat: Seat) -> HttpResponse:
    """“I can’t review it”, before or after agreeing."""
    if not seat.review.is_open:
        return redirect(seat.at())
    form = CantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answering.cannot(seat.review, by=seat.by, **form.cleaned_data)
        except answering.Over:
            return gone(request)
        except Blocked as answer:
            blocked(form, answer)
        else:
            return redirect(seat.at())
    return page(request, seat, "referee/cant.html", 422 if form.errors else 200, form=form)


def _undo(request: HttpRequest, seat: Seat) -> HttpResponse:
    try:
        answering.undo_cannot(seat.review, by=seat.by)
    except answering.Over as answer:
        messages.warning(request, str(answer))
    else:
        messages.success(request, "You are invited again. Thank you for coming back.")
    return redirect(seat.at())


def more(request: HttpRequest, seat: Seat) -> HttpResponse:
    """“More time, please.”"""
    if not answering.is_open_for_words(seat.review):
        return redirect(seat.at())
    form = MoreTimeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answering.ask_more_time(seat.review, by=seat.by, **form.cleaned_data)
        except answering.Over:
            return gone(request)
        except Blocked as answer:
            blocked(form, answer)
        else:
            messages.success(request, "We asked the editors. They answer by mail; what you have written stays here.")
            return redirect(seat.at())
    return page(request, seat, "referee/more.html", 422 if form.errors else 200, form=form)


# --- writing ---


def _save(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Keep what was typed, then do what the button says. Nothing else is done where the words could not be kept."""
    words, base = words_from(request.POST, seat.review), number(request.POST.get("edits", ""))
    action, _, rest = request.POST.get("action", "").partition("-")
    if action == "over":
        base = number(request.POST.get("over", ""))
    try:
        seat.review.edits = reviewing.save(seat.review, words, base=base, by=seat.by).edits
        return _then(request, seat, action, number(rest))
    except Stale as stale:
        form = ReviewForm(seat.review, words)
        stored = sent_of(stale.review)
        return writing(request, seat, form, status=409, stale=stale.review, stored=stored, edits=base)
    except Blocked as answer:
        if answering.is_open_for_words(_again(seat)):
            return writing(request, seat, ReviewForm(seat.review, words), reasons=answer.reasons)
        return over(request, seat, answer)


def _then(request: HttpRequest, seat: Seat, action: str, which: int) -> HttpResponse:
    if (file := request.FILES.get("file")) is not None:
        reviewing.attach(seat.review, file.read(), file.name or "", by=seat.by)
    match action:
        case "remark":
            return redirect(f"{seat.at('remark')}?passage={which}")
        case "change":
            return redirect(seat.at("change_remark", which))
        case "delete":
            reviewing.delete_remark(seat.review, which, by=seat.by)
            return redirect(f"{seat.at()}#remarks")
        case "detach":
            reviewing.detach(seat.review, by=seat.by)
            return redirect(f"{seat.at()}#file")
        case "send" | "more" | "cant":
            return redirect(seat.at(action))
    messages.success(request, f"Saved at {timezone.localtime():%H:%M}.")
    return redirect(f"{seat.at()}#review-form" if action != "attach" else f"{seat.at()}#file")


def _again(seat: Seat) -> Review:
    return Review.objects.select_related("round").get(pk=seat.review.pk)


ACTS: dict[str, Callable[[HttpRequest, Seat], HttpResponse]] = {"accept": _accept, "undo": _undo}


def send(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The review once more, to be read over and sent."""
    if seat.review.state == Review.State.SUBMITTED or not answering.is_open_for_words(seat.review):
        return redirect(seat.at())
    if reviewing.problems(seat.review):
        return redirect(f"{seat.at()}?check=yes")
    if request.method != "POST":
        return page(request, seat, "referee/send.html", **sent_of(seat.review))
    try:
        reviewing.submit(seat.review, by=seat.by, seen=number(request.POST.get("edits", "")))
    except Stale:
        fresh = Seat(_again_whole(seat), seat.by, seat.token)
        return page(request, fresh, "referee/send.html", 409, is_stale=True, **sent_of(fresh.review))
    except answering.Over:
        return gone(request)
    except Blocked:
        return redirect(f"{seat.at()}?check=yes")
    return redirect(seat.at())


def _again_whole(seat: Seat) -> Review:
    return Review.objects.select_related("round__article", "round__revision", "round__form", "referee__user").get(
        pk=seat.review.pk
    )
