"""What the page of a review asks for while it is open: saving as one types, remarks, pictures, the file."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone

from editorial.registry import Blocked
from prose import papers
from review import answering, passages, reviewing
from review.models import Remark
from review.referee.door import Seat, gone
from review.referee.forms import RemarkForm, blocked, words_from
from review.referee.pages import NUMBER, number, over, page
from review.reviewing import Stale

PICTURES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def save(request: HttpRequest, seat: Seat) -> HttpResponse:
    """As one types: says when it was saved, or why it was not."""
    if request.method != "POST":
        return redirect(seat.at())
    words, base = words_from(request.POST, seat.review), number(request.POST.get("edits", ""))
    try:
        saved = reviewing.save(seat.review, words, base=base, by=seat.by)
    except Stale:
        says = "Not saved here: this review was saved in another window. Press “Save” to see both, and choose."
        return JsonResponse({"says": says}, status=409)
    except Blocked as answer:
        return JsonResponse({"says": f"{answer} What you typed stays on this page: copy it."}, status=410)
    at = timezone.localtime(saved.saved_at or timezone.now())
    return JsonResponse({"edits": saved.edits, "saved": f"{at:%H:%M}"})


def remark(request: HttpRequest, seat: Seat, remark_pk: int | None = None) -> HttpResponse:
    """A comment on a passage: the page for it without scripts, and what the page of the review sends with them."""
    if not answering.is_open_for_words(seat.review):
        return _closed(request, seat)
    row = seat.review.remarks.filter(pk=remark_pk).first() if remark_pk and len(str(remark_pk)) <= NUMBER else None
    if request.method == "POST":
        return _take(request, seat, row, remark_pk)
    if remark_pk is not None and row is None:
        return redirect(f"{seat.at()}#remarks")
    is_new = row is None
    if row is None:
        quote = request.GET.get("quote", "")[: reviewing.LONGEST_QUOTE]
        row = Remark(paragraph=number(request.GET.get("passage", "")), quote=quote)
    if is_new and not passages.excerpt(seat.review.round.revision.body, row.paragraph):
        return redirect(seat.at())
    initial = {name: getattr(row, name) for name in ("paragraph", "quote", "text", "is_for_editor")}
    return _remark_page(request, seat, RemarkForm(initial=initial), row.paragraph, row.quote)


def _take(request: HttpRequest, seat: Seat, row: Remark | None, pk: int | None) -> HttpResponse:
    form = RemarkForm(request.POST)
    wants_json = "json" in request.headers.get("Accept", "")
    if form.is_valid():
        said = form.cleaned_data | ({"paragraph": row.paragraph, "quote": row.quote} if row else {})
        try:
            made = reviewing.remark(seat.review, by=seat.by, pk=pk, **said)
        except answering.Over as answer:
            return JsonResponse({"says": str(answer)}, status=410) if wants_json else over(request, seat, answer)
        except Blocked as answer:
            blocked(form, answer)
        else:
            return JsonResponse(_listed(seat)) if wants_json else redirect(f"{seat.at()}#p-{made.paragraph}")
    if wants_json:
        return JsonResponse({"says": " ".join(text for texts in form.errors.values() for text in texts)}, status=422)
    place = number(request.POST.get("paragraph", ""))
    return _remark_page(request, seat, form, place, request.POST.get("quote", ""), status=422)


def _listed(seat: Seat) -> dict[str, Any]:
    rows = list(seat.review.remarks.all())
    return {"html": render_to_string("referee/_remarks.html", {"remarks": rows}), "marked": [r.paragraph for r in rows]}


def _remark_page(
    request: HttpRequest, seat: Seat, form: RemarkForm, paragraph: int, quote: str, status: int = 200
) -> HttpResponse:
    words = passages.excerpt(seat.review.round.revision.body, paragraph)
    return page(
        request, seat, "referee/remark.html", status, form=form, paragraph=paragraph, excerpt=words, quote=quote
    )


def _closed(request: HttpRequest, seat: Seat) -> HttpResponse:
    if request.method == "POST":
        return over(request, seat, answering.Over())
    return redirect(seat.at())


# --- files ---


def picture(request: HttpRequest, seat: Seat, place: int) -> HttpResponseBase:
    """A picture of the frozen text, by its place in it: neither its name nor its address tells more."""
    image = passages.picture(seat.review, place) if seat.review.no_conflict_at and place < 1000 else None
    suffix = image.file.name.rpartition(".")[2].lower() if image else ""
    if image is None or suffix not in PICTURES:
        return HttpResponseNotFound("There is no such picture.\n", content_type="text/plain")
    try:
        file = image.file.open("rb")
    except FileNotFoundError:
        return HttpResponseNotFound("There is no such picture.\n", content_type="text/plain")
    return _private(FileResponse(file, content_type=PICTURES[suffix], filename=f"picture-{place + 1}.{suffix}"))


def file(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """The referee's own file, as it was stripped."""
    found = reviewing.attachment_of(seat.review)
    if found is None:
        return gone(request)
    name = papers.neutral_name("review", found.kind)
    kind = papers.MEDIA_TYPES[found.kind]
    return _private(FileResponse(found.file.open("rb"), content_type=kind, as_attachment=True, filename=name))


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
