"""Letters that wait, at the desk: stop one, send it now, or send one after all that was stopped."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from accounts.models import User
from editorial import access, outbox
from editorial.admin.base import desk_page
from editorial.models import Letter
from editorial.registry import Blocked, Reason

ACTS: dict[str, tuple[Callable[..., None], str]] = {
    "stop": (outbox.stop, "The letter to {} is stopped. It does not go."),
    "now": (outbox.hurry, "The letter to {} is on its way."),
    "after-all": (outbox.send_after_all, "The letter to {} is on its way after all."),
}


class OutboxPages:
    """Adds to the pages of letters what an editor does about those that wait."""

    admin_site: Any
    message_user: Any
    get_queryset: Callable[[HttpRequest], QuerySet[Letter]]
    has_view_permission: Callable[..., bool]

    def outbox_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.outbox_view)
        return [path("<int:pk>/outbox/", view, name="editorial_letter_outbox")]

    @desk_page
    def outbox_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: `act` is stop, now or after-all. Leads back to where the button stood."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        letter = self.get_queryset(request).filter(pk=pk).first()
        if letter is None or not self.has_view_permission(request, letter):
            raise Http404
        if not access.may_decide(request.user, letter.article):
            raise PermissionDenied("Letters that wait are for the editors of the piece.")
        act, said = ACTS.get(request.POST.get("act", ""), (_nothing, "Nothing was done."))
        try:
            act(letter, by=request.user)
        except Blocked as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, said.format(letter.reader_name), messages.SUCCESS)
        if "letter" in request.POST:
            return redirect("admin:editorial_letter_change", pk)
        return redirect(f"{reverse('admin:articles_article_change', args=[letter.article_id])}#timeline")


def _nothing(letter: Letter, *, by: User) -> None:
    raise Blocked(Reason("Nothing was done: the page you came from is old. Look at the letter again."))
