"""The day by which authors are told to expect an answer, moved from the page of the piece."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.dateparse import parse_date

from editorial.registry import Blocked
from review import expecting
from review.admin.pages import page, piece_of


@page("<int:pk>/expect/", "review_expect")
def expect(desk: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the authors another day; a GET changes nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    article = piece_of(desk, request, pk)
    typed = request.POST.get("expected_on", "").replace("\x00", "")[:40]
    try:
        day = parse_date(typed.strip())
    except ValueError:
        day = None
    writes = "writes" in request.POST
    if day is None:
        said = f"“{typed}” is no day. " if typed else ""
        desk.message_user(request, f"{said}Nothing was changed: choose a day.", messages.ERROR)
        return redirect("admin:articles_article_change", pk)
    try:
        expecting.move(article, day, by=request.user, writes=writes)
    except Blocked as refusal:
        desk.message_user(request, str(refusal), messages.ERROR)
    else:
        told = " A letter is on its way." if writes else ""
        desk.message_user(request, f"The author’s page names another day for the answer.{told}", messages.SUCCESS)
    return redirect("admin:articles_article_change", pk)
