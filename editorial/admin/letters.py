"""Letters that the desk wrote: to whom, how each fared, and sending again what did not arrive."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from editorial import access, appearance
from editorial.admin import timeline, words
from editorial.admin.base import DeskAdmin
from editorial.admin.outbox import OutboxPages
from editorial.models import Letter
from forum.jobs import send_mail
from forum.models import Mail

STATES = {
    Mail.State.WAITING: words.Pill("Waiting to be sent", "soon"),
    Mail.State.SENT: words.Pill("Sent", "public"),
    Mail.State.FAILED: words.Pill("Not delivered", "bad"),
    Mail.State.STOPPED: words.Pill("Stopped"),
}


def send_again(letter: Letter) -> bool:
    """Put a letter that was given up back into the outbox; whether it had been given up."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update().get(pk=letter.mail_id)
        if mail.state != Mail.State.FAILED:
            return False
        mail.state, mail.tries, mail.error = Mail.State.WAITING, 0, ""
        mail.save(update_fields=["state", "tries", "error"])
        send_mail.defer(mail_id=mail.pk)
    return True


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, pill.text) for value, pill in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        return queryset.filter(mail__state=self.value()) if self.value() in STATES else queryset


class DirectionFilter(admin.SimpleListFilter):
    title = "to"
    parameter_name = "to"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("authors", "Authors"), ("desk", "The desk")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        if self.value() in ("authors", "desk"):
            return queryset.filter(is_to_author=self.value() == "authors")
        return queryset


@admin.register(Letter)
class LetterAdmin(OutboxPages, DeskAdmin):
    list_display = ("subject", "to", "state", "piece", "written")
    list_display_links = ("subject",)
    list_filter = (StateFilter, DirectionFilter)
    search_fields = ("subject", "recipient__name", "text")
    search_help_text = "Subject, recipient or words of the letter"
    change_form_template = "admin/editorial/letter/change_form.html"
    ordering = ("-at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Letter]:
        """Letters about pieces that this person sees on the desk, but for those that name somebody they must not know."""
        letters = (
            super().get_queryset(request).select_related("mail", "recipient", "article__latest", "article__handling")
        )
        letters = letters.exclude(appearance.letters_hidden_from(request.user))
        return letters.filter(article__in=access.desk_pieces(request.user).values("pk"))

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self.list_filter

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Letter | None = None) -> tuple[str, ...]:
        shown: tuple[str, ...] = ("subject", "to", "state", "written", "piece", "letter_text")
        # A copy editor needs no address to edit a text.
        return (*shown[:2], "address", *shown[2:]) if request.user.has_perm("editorial.decide") else shown

    def get_readonly_fields(self, request: HttpRequest, obj: Letter | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    @admin.display(description="to", ordering="recipient__name")
    def to(self, letter: Letter) -> str:
        return letter.reader_name

    @admin.display(description="state", ordering="mail__state")
    def state(self, letter: Letter) -> str:
        pill = STATES[Mail.State(letter.mail.state)].__html__()
        if letter.mail.error and letter.mail.state != Mail.State.SENT:
            return format_html('{} <span class="quiet">{}</span>', pill, letter.mail.error[:200])
        return pill

    @admin.display(description="piece")
    def piece(self, letter: Letter) -> str:
        url = reverse("admin:articles_article_change", args=[letter.article_id])
        return format_html('<a href="{}">{}</a>', url, words.title(letter.article))

    @admin.display(description="written", ordering="at")
    def written(self, letter: Letter) -> str:
        return words.moment(letter.at)

    @admin.display(description="text")
    def letter_text(self, letter: Letter) -> str:
        return format_html('<div class="letter-text" dir="auto">{}</div>', letter.text)

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(self.again_view)
        return [
            path("<int:pk>/again/", again, name="editorial_letter_again"),
            *self.outbox_urls(),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Letter | None = None,
    ) -> Any:
        if obj is not None and access.may_decide(request.user, obj.article):
            context["wait"] = timeline.waiting(obj, timezone.now())
        return super().render_change_form(request, context, add, change, form_url, obj)

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a letter again that was given up."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        letter = self.get_queryset(request).filter(pk=pk).first()
        if letter is None or not self.has_view_permission(request, letter):
            raise Http404
        if not request.user.has_perm("editorial.decide"):
            raise PermissionDenied("Sending letters again is for editors.")
        if send_again(letter):
            self.message_user(request, f"The letter to {letter.reader_name} is on its way again.", messages.SUCCESS)
        else:
            self.message_user(
                request, "This letter is not waiting for a second try: it was sent, or is on its way.", messages.WARNING
            )
        return redirect("admin:editorial_letter_change", pk)
