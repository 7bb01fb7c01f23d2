"""Authors: found by every name they have or had; a renamed one is found by the new name at once."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Collate
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from accounts.models import User
from articles.former import keep_slug, why_not_slug
from articles.models import Portrait
from authors.models import Author, free_slug
from editorial import access, jobs
from editorial.admin.base import DeskAdmin
from editorial.admin.merging import Merges
from editorial.admin.widgets import FindsInForms, PeopleSelect
from prose.names import tidy_name
from prose.slugs import fold

# What search finds an author by.
NAMES = frozenset({"given_name", "family_name", "single_name", "is_family_first", "native_name", "other_names"})


class AuthorForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Author
        fields = (
            "given_name",
            "family_name",
            "is_family_first",
            "single_name",
            "native_name",
            "other_names",
            "is_house",
            "affiliation",
            "bio",
            "orcid",
            "slug",
            "user",
        )
        error_messages: ClassVar[dict[str, dict[str, str]]] = {
            "user": {"unique": "This account belongs to another author."}
        }
        widgets: ClassVar[dict[str, Any]] = {
            "other_names": forms.Textarea(attrs={"rows": 3}),
            "bio": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            self.fields["user"].queryset = User.objects.all()  # type: ignore[attr-defined]
        if "slug" in self.fields:
            self.fields["slug"].help_text = (
                "The last part of the address of the author’s page. Made of the name where empty."
                + (" The old address will lead to the new one." if self.instance.pk else "")
            )

    def clean(self) -> dict[str, Any]:
        """Names are tidied first, so that one of spaces alone counts as none."""
        cleaned = super().clean() or self.cleaned_data
        for name in ("given_name", "family_name", "single_name"):
            if name in cleaned:
                cleaned[name] = tidy_name(cleaned[name])
        if cleaned.get("slug") and (reason := why_not_slug(self.instance, cleaned["slug"])):
            self.add_error("slug", reason)
        if "slug" in cleaned and not cleaned["slug"]:
            name = cleaned.get("single_name") or f"{cleaned.get('given_name', '')} {cleaned.get('family_name', '')}"
            cleaned["slug"] = free_slug(Author, name, "author")
        return cleaned


class AccountFilter(admin.SimpleListFilter):
    title = "account"
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "With an account"), ("no", "Without one"), ("house", "House bylines")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Author]) -> QuerySet[Author]:
        match self.value():
            case "yes":
                return queryset.filter(user__isnull=False)
            case "no":
                return queryset.filter(user__isnull=True, is_house=False)
            case "house":
                return queryset.filter(is_house=True)
        return queryset


class PortraitInline(FindsInForms, admin.StackedInline):  # type: ignore[type-arg]
    """The picture on the author's page, from the library. Whoever changes the author changes it."""

    model = Portrait
    autocomplete_fields = ("image",)
    verbose_name_plural = "portrait"
    max_num = 1
    extra = 1

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "image":
            kwargs["queryset"] = access.desk_images(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        return request.user.has_perm("authors.view_author")

    def has_add_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        return request.user.has_perm("authors.change_author")

    def has_change_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        return request.user.has_perm("authors.change_author")

    def has_delete_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        return request.user.has_perm("authors.change_author")


@admin.register(Author)
class AuthorAdmin(Merges, DeskAdmin):
    form = AuthorForm
    list_title = "Authors"
    inlines = (PortraitInline,)
    list_display = ("name", "affiliation", "account", "piece_count")
    list_filter = (AccountFilter,)
    search_fields = ("name_key",)
    # Said here too: counting the pieces drops the order of the model.
    ordering = (Collate("sort_key", "C"), "pk")
    search_help_text = "Any name the author has or had, in any script; or an affiliation"
    fieldsets = (
        ("Name", {
            "fields": (("given_name", "family_name"), "is_family_first", "single_name", "native_name", "other_names", "is_house"),
            "description": "A given and a family name, or else a single name.",
        }),
        ("Beneath each piece", {"fields": ("affiliation", "bio")}),
        ("Elsewhere", {"fields": ("orcid", "slug", "user")}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Author]:
        pieces = Count("bylines__article", filter=Q(bylines__article__live__isnull=False), distinct=True)
        return super().get_queryset(request).select_related("user").annotate(pieces=pieces)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Author], search_term: str
    ) -> tuple[QuerySet[Author], bool]:
        """Each word in one of the names or the affiliation, accents folded where the names are kept folded."""
        for word in search_term.replace("\x00", " ").split()[:10]:
            folded = fold(word)
            queryset = queryset.filter(
                Q(name_key__contains=folded)
                | Q(sort_key__contains=folded)
                | Q(other_names__icontains=word)
                | Q(native_name__icontains=word)
                | Q(affiliation__icontains=word)
            )
        return queryset, False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            # By name alone; a plain list of accounts would be long, and of addresses nobody's business.
            kwargs["widget"] = PeopleSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "user" and field is not None and hasattr(field.widget, "widget"):
            field.widget = field.widget.widget  # without the links to accounts that the wrapper adds
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Author | None = None) -> Any:
        """One's own record is not tied to another account at the desk: it would move the row rules with it."""
        return ("user",) if obj is not None and obj.user_id == request.user.pk else ()

    def get_form(self, request: HttpRequest, obj: Author | None = None, change: bool = False, **kwargs: Any) -> Any:
        form_class = super().get_form(request, obj, change, **kwargs)

        class RuledForm(form_class):  # type: ignore[misc, valid-type]
            def clean_user(self) -> User | None:
                chosen: User | None = self.cleaned_data["user"]
                if chosen is not None and chosen == request.user and (obj is None or obj.user_id != chosen.pk):
                    raise forms.ValidationError(
                        "Your own account is tied to an author by somebody else, or on the authors’ pages."
                    )
                return chosen

        return RuledForm

    def has_delete_permission(self, request: HttpRequest, obj: Author | None = None) -> bool:
        """A name that stands above a piece stays."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.bylines.exists())

    @admin.display(description="name", ordering="sort_key")
    def name(self, author: Author) -> str:
        return format_html("<bdi>{}</bdi>", author.name)

    @admin.display(description="account")
    def account(self, author: Author) -> str:
        return "House byline" if author.is_house else str(author.user) if author.user else "–"

    @admin.display(description="published pieces", ordering="pieces")
    def piece_count(self, author: Author) -> int:
        return int(author.pieces)  # type: ignore[attr-defined]  # annotated

    def save_model(self, request: HttpRequest, obj: Author, form: Any, change: bool) -> None:
        if not change:
            obj.save()
        elif form.changed_data:
            if "slug" in form.changed_data:
                keep_slug(obj)
            obj.save(update_fields=list(form.changed_data))
        if change and NAMES & set(form.changed_data):
            jobs.order_reindexing(obj.bylines.values_list("article_id", flat=True))
        self._tell_of_namesakes(request, obj)

    def _tell_of_namesakes(self, request: HttpRequest, author: Author) -> None:
        """Two records of one person split their pieces; two people of one name must be told apart."""
        namesakes = Author.objects.named(author.name).exclude(pk=author.pk)[:3]
        if not namesakes:
            return
        links = format_html_join(
            ", ", '<a href="{}">{}</a>',
            ((reverse("admin:authors_author_change", args=[a.pk]), f"{a.name} ({a.affiliation or 'no affiliation'})") for a in namesakes),
        )  # fmt: skip
        self.message_user(
            request,
            format_html("There is another author of this name: {}. If it is the same person, use that record.", links),
            messages.WARNING,
        )
