"""The due dates of a piece at the desk: every open one with its next reminder; another day, a reminder now, one skipped."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import User
from articles.models import Article
from editorial import access, deadlines
from editorial.admin import words
from editorial.admin.base import desk_page
from editorial.models import Deadline, Reminder
from editorial.registry import Blocked, Reason


@dataclass
class Shown:
    """One due date, ready to print."""

    deadline: Deadline
    what: str
    day: str
    is_late: bool
    # The first that will go, with its moment; and the others to come, those that somebody skipped among them.
    next: tuple[Reminder, str] | None
    others: list[tuple[Reminder, str]]
    sent: list[str]
    # Of one that is over.
    ended: str = ""


def of_piece(article: Article, reader: User) -> tuple[list[Shown], list[Shown]]:
    """Open due dates, the first first, and those that are over, the last first."""
    today, now = timezone.localdate(), timezone.now()
    shown = []
    for deadline in article.deadlines.prefetch_related("reminders"):
        reminders = list(deadline.reminders.all())
        to_come = [(one, words.moment(one.due_at)) for one in reminders if one.sent_at is None and one.due_at > now]
        first = next((pair for pair in to_come if pair[0].skipped_at is None), None)
        shown.append(
            Shown(
                deadline,
                what=capital(deadlines.label(deadline, reader)),
                day=words.day(deadline.due_on),
                is_late=deadline.end == "" and deadline.due_on < today,
                next=first,
                others=[pair for pair in to_come if pair is not first],
                sent=[words.moment(at) for at in dict.fromkeys(one.sent_at for one in reminders if one.sent_at)],
                ended=deadline.get_end_display() if deadline.end else "",
            )
        )
    over = [one for one in shown if one.deadline.end]
    over.sort(key=lambda one: one.deadline.ended_at or now, reverse=True)
    return [one for one in shown if not one.deadline.end and deadlines.is_running(one.deadline)], over


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class DueDatePages:
    """Adds to the pieces' pages what an editor does about their dates. One address, for its forms are beside the piece."""

    admin_site: Any
    message_user: Any
    piece_or_404: Callable[[HttpRequest, int], Article]

    def due_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.due_view)
        return [path("<int:pk>/due/", view, name="articles_article_due")]

    @desk_page
    def due_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: `act` is move, nudge, skip or unskip, of a `deadline` or a `reminder` of this piece."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        article = self.piece_or_404(request, pk)
        if not access.may_decide(request.user, article):
            raise PermissionDenied("Due dates are for the editors of the piece.")
        try:
            said = self._do(request, article)
        except Blocked as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, said or "Nothing was done: the page you came from is old. Look at the dates again.",
                messages.SUCCESS if said else messages.WARNING)  # fmt: skip
        return redirect(f"{reverse('admin:articles_article_change', args=[pk])}#due")

    def _do(self, request: HttpRequest, article: Article) -> str:
        act, by = request.POST.get("act", ""), request.user
        deadline = article.deadlines.filter(pk=_number(request, "deadline")).first()
        reminder = Reminder.objects.filter(deadline__article=article, pk=_number(request, "reminder")).first()
        if act in ("move", "nudge") and deadline is not None:
            deadline.article = article
            if act == "nudge":
                deadlines.nudge(deadline, by=by)
                return "A reminder is on its way."
            return self._move(request, article, deadline)
        if act in ("skip", "unskip") and reminder is not None:
            if act == "skip":
                deadlines.skip(reminder, by=by)
                return f"The reminder of {words.moment(reminder.due_at)} is skipped."
            deadlines.unskip(reminder, by=by)
            return f"The reminder of {words.moment(reminder.due_at)} goes after all."
        return ""

    def _move(self, request: HttpRequest, article: Article, deadline: Deadline) -> str:
        typed = request.POST.get("due_on", "").replace("\x00", "").strip()[:40]
        try:
            day = parse_date(typed)
        except ValueError:
            day = None
        if day is None:
            raise Blocked(Reason(f"“{typed}” is no day. Choose one." if typed else "Choose a day."))
        deadlines.move(article, deadline, day, by=request.user)
        return f"Another day is set: {words.day(day)}. Whoever it is for gets a letter."


def _number(request: HttpRequest, name: str) -> int:
    """The id in a field, or 0 where it is none that a table could have."""
    typed = request.POST.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
