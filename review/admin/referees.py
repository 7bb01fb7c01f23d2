"""Referees at the desk: who they are, what they know, how much they have and how fast they are."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Max, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from articles.models import Article, Region
from editorial import access
from editorial.admin import words
from editorial.admin.base import DeskAdmin
from editorial.admin.widgets import RegionsField, TagSelect, TagsField, settled_tags
from prose.names import tidy_name
from review import blindness
from review.models import Referee, Review


class Median(Aggregate):
    """The middle of the values, as PostgreSQL counts it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


class RefereeForm(forms.ModelForm):  # type: ignore[type-arg]
    regions = RegionsField(
        Region.objects.all(), required=False, help_text="Suggested for pieces on these, and on what lies within them."
    )
    tags = TagsField(
        required=False, label="topics", widget=TagSelect(Article._meta.get_field("regions"), admin.site),
        help_text="Suggested for pieces with these tags.",
    )  # fmt: skip

    class Meta:
        model = Referee
        fields = ("name", "email", "affiliation", "regions", "tags", "not_before", "conflicts", "note")
        widgets: ClassVar[dict[str, Any]] = {
            "not_before": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "conflicts": forms.Textarea(attrs={"rows": 3}),
            "note": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts: ClassVar[dict[str, str]] = {
            "conflicts": "Names and institutions, a line each. Whoever invites them is told.",
            "not_before": "Empty where they may be asked at any time.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "regions" in self.fields:
            self.fields["regions"].in_tree_order()  # type: ignore[attr-defined]
        if self.instance.pk and "tags" in self.fields:
            self.initial["tags"] = sorted(self.instance.tags.values_list("name", flat=True))

    def clean_name(self) -> str:
        name = tidy_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Give the name.")
        return name

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if Referee.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Another referee has this address.")
        return email

    def clean_tags(self) -> Any:
        return settled_tags(self.cleaned_data["tags"])


class PauseFilter(admin.SimpleListFilter):
    title = "pause"
    parameter_name = "pause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Can be asked"), ("yes", "Paused")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Referee]) -> QuerySet[Referee]:
        paused = Q(not_before__gt=timezone.localdate())
        return (
            queryset.filter(paused)
            if self.value() == "yes"
            else queryset.exclude(paused)
            if self.value() == "no"
            else queryset
        )


@admin.register(Referee)
class RefereeAdmin(DeskAdmin):
    """For those alone who may know who referees."""

    form = RefereeForm
    list_title = "Referees"
    list_display = ("name", "affiliation", "load", "speed", "answered", "last_invited", "pause")
    list_filter = (PauseFilter,)
    search_fields = ("name", "email", "affiliation")
    search_help_text = "Name, e-mail or affiliation"
    fields = ("name", "email", "affiliation", "account", "regions", "tags", "not_before", "conflicts", "note")
    readonly_fields = ("account",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referee]:
        """With what they did, but for pieces off this person's desk: whoever wrote one would see whose load went up."""
        mine = Q(reviews__round__article__in=access.desk_pieces(request.user).order_by().values("pk"))
        invited = mine & Q(reviews__invited_at__isnull=False)
        taken = ExpressionWrapper(F("reviews__submitted_at") - F("reviews__invited_at"), output_field=DurationField())
        return (
            super().get_queryset(request).exclude(blindness.referees_hidden(request.user)).select_related("user").annotate(
                in_hand=Count("reviews", filter=invited & Q(reviews__state__in=Review.OPEN)),
                times_invited=Count("reviews", filter=invited),
                times_answered=Count("reviews", filter=invited & Q(reviews__answered_at__isnull=False)),
                invited_last=Max("reviews__invited_at", filter=mine),
                taken=Median(taken, filter=invited & Q(reviews__submitted_at__isnull=False), output_field=DurationField()),
            )
        )  # fmt: skip

    def _may(self, request: HttpRequest) -> bool:
        return request.user.has_perm("editorial.see_referees")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request) and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Referee | None = None) -> bool:
        return self._may(request) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Referee | None = None) -> bool:
        return self._may(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Referee | None = None) -> bool:
        """What somebody reviewed stays theirs."""
        return False

    def save_model(self, request: HttpRequest, obj: Referee, form: Any, change: bool) -> None:
        if not change:
            obj.added_by = request.user
        super().save_model(request, obj, form, change)

    @admin.display(description="account")
    def account(self, referee: Referee) -> str:
        return (
            "None: they are written to at their address"
            if referee.user is None
            else f"{referee.user} signs in to review"
        )

    @admin.display(description="open reviews", ordering="in_hand")
    def load(self, referee: Referee) -> int:
        return int(referee.in_hand)  # type: ignore[attr-defined]  # annotated

    @admin.display(description="days, in the median", ordering="taken")
    def speed(self, referee: Referee) -> str:
        taken = referee.taken  # type: ignore[attr-defined]  # annotated
        return "–" if taken is None else str(round(taken.total_seconds() / 86400))

    @admin.display(description="answered", ordering="times_answered")
    def answered(self, referee: Referee) -> str:
        invited = referee.times_invited  # type: ignore[attr-defined]  # annotated
        return f"{referee.times_answered} of {invited}" if invited else "–"  # type: ignore[attr-defined]  # annotated

    @admin.display(description="last invited", ordering="invited_last")
    def last_invited(self, referee: Referee) -> str:
        at = referee.invited_last  # type: ignore[attr-defined]  # annotated
        return words.day(timezone.localtime(at).date()) if at else "–"

    @admin.display(description="paused", ordering="not_before")
    def pause(self, referee: Referee) -> str:
        if referee.not_before is None or referee.not_before <= timezone.localdate():
            return "–"
        return format_html("until {}", words.day(referee.not_before))
