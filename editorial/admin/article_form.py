"""The form of a piece: its text, which makes a new version, and its details, which are changed in place.

The form never writes. `editorial.admin.saving` does, through `editorial.writing`.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.urls import reverse_lazy
from django.utils.html import format_html

from accounts.models import User
from articles import addresses
from articles.models import Article, Byline, FormerAddress, Image, Region, Revision
from articles.status import Status
from authors.models import Author
from editorial import access, writing
from editorial.admin import words
from editorial.admin.widgets import FoundSelect, PeopleSelect, PictureSelect, RegionsField, TagSelect, TagsField
from editorial.registry import Blocked
from forum.rich_text import RichTextField, RichTextWidget
from prose import names

TEXT = ("title", "in_brief", "body", "lead_image", "note", "is_copy_fix")
DETAILS = (
    "regions", "tags", "series", "series_position", "slug", "language", "translation_of", "licence", "doi", "first_appeared",
    "first_appeared_url", "corresponding",
)  # fmt: skip
DECLARED = ("conflict_of_interest", "appeared_elsewhere")
# Where the account that writes and approves may still become another.
BEFORE_APPROVAL = frozenset(
    {Status.DRAFT, Status.SUBMITTED, Status.REVISING, Status.EDITING, Status.DECLINED, Status.WITHDRAWN}
)
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def why_not_change_details(user: User, article: Article) -> str:
    """Empty where the person may change what is not versioned; else the reason."""
    if not access.may_decide(user, article):
        return "Editors change regions, tags, bylines and address."
    if article.live_id and not access.may_publish(user, article):
        return "Readers see these at once, so those who publish change them."
    return ""


@dataclass(frozen=True)
class Openness:
    """Which fields of a piece this person fills in now, and why not the others."""

    why_not_text: str
    why_not_details: str
    closed: frozenset[str]

    @property
    def has_text(self) -> bool:
        return "body" not in self.closed

    @property
    def has_details(self) -> bool:
        return "slug" not in self.closed


def openness(user: User, article: Article, posted: Any = None) -> Openness:
    """What is open. What was posted stays open, so that nothing typed is lost where it may no longer be written;
    the form refuses to save it."""
    why_not_text = access.why_not_edit_text(user, article)
    why_not_details = why_not_change_details(user, article)
    closed: set[str] = set()
    if why_not_text and not (posted and "body" in posted):
        closed |= set(TEXT)
    if why_not_details and not (posted and "slug" in posted):
        closed |= set(DETAILS)
    if "slug" in closed or article.status != Status.DRAFT:
        closed |= {name for name in DECLARED if not (posted and name in posted)}
    if article.status != Status.READY and not (posted and "is_copy_fix" in posted):
        closed.add("is_copy_fix")
    if article.status not in BEFORE_APPROVAL:
        closed.add("corresponding")
    return Openness(why_not_text, why_not_details, frozenset(closed))


def fingerprint(value: Any) -> str:
    """A short sign of what stood there when the page was opened."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:24]


def fingerprints(article: Article) -> dict[str, str]:
    """Of the details and of the bylines, each."""
    details = writing.snapshot(article)
    if not article.has_own_slug:
        details.pop("slug")  # it follows the title, which is held against its own base
    bylines = details.pop("bylines"), sorted(article.bylines.values_list("pk", flat=True))
    return {"details_base": fingerprint(details), "bylines_base": fingerprint(bylines)}


def lead_image_widget(*, can_add: bool) -> forms.Widget:
    field = Revision._meta.get_field("lead_image")
    return RelatedFieldWidgetWrapper(
        PictureSelect(field, admin.site), field.remote_field, admin.site,
        can_add_related=can_add, can_change_related=can_add, can_view_related=False, can_delete_related=False,
    )  # fmt: skip


class TextForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a version of the text consists of."""

    title = forms.CharField(
        required=False, strip=False, widget=forms.TextInput(attrs={"class": "vTextField title-field", "dir": "auto"})
    )
    in_brief = forms.CharField(
        label="In Brief", required=False, strip=False, help_text="What the piece says, in about 50 words.",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField", "dir": "auto"}),
    )  # fmt: skip
    body = RichTextField(
        label="Text", required=False,
        widget=RichTextWidget(
            pictures_url=reverse_lazy("admin:articles_image_pick"), pieces_url=reverse_lazy("admin:articles_article_pick")
        ),
    )  # fmt: skip
    lead_image = forms.ModelChoiceField(
        Image.objects.all(), label="Lead image", required=False, help_text="Type a word of its caption, credit or description, or add one.",
        error_messages={"invalid_choice": "This picture is no longer in the library. Choose another."},
    )  # fmt: skip

    class Meta:
        model = Article
        fields: ClassVar[tuple[str, ...]] = ()

    user: ClassVar[User]
    # Shown again with the text of a Word document: nothing is saved then, whatever else was typed.
    is_filled: ClassVar[bool] = False

    def is_valid(self) -> bool:
        return super().is_valid() and not self.is_filled

    def is_multipart(self) -> bool:
        """A Word document is sent along where the text is open."""
        return "body" in self.fields or super().is_multipart()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text: dict[str, Any] = {}
        if "body" in self.fields and self.instance.pk:
            self.fields["body"].widget.attrs["data-language"] = self.instance.language
        if "lead_image" in self.fields:
            field = self.fields["lead_image"]
            field.queryset = access.desk_images(self.user)  # type: ignore[attr-defined]
            field.widget = lead_image_widget(can_add=self.user.has_perm("articles.add_image"))
            assert isinstance(field, forms.ModelChoiceField)
            field.widget.choices = field.choices

    def clean_text(self) -> None:
        """The text as a version may hold it; what is too long is said beside its field."""
        try:
            self.text = writing.clean_text(
                **{name: self.cleaned_data.get(name) or "" for name in ("title", "in_brief", "body")}
            )
        except Blocked as answer:
            for reason in answer.reasons:
                self.add_error(reason.where or None, reason.text)


class NewArticleForm(TextForm):
    """A piece that an editor begins, for an author or for the publication itself."""

    # The same form sent twice makes one piece.
    token = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    corresponding = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label="Corresponding author", required=False,
        help_text="The account that goes on with the piece. Leave it empty for an author without an account, or a house piece.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_people_widget(self.fields["corresponding"])

    def clean_corresponding(self) -> User | None:
        return checked_corresponding(self.cleaned_data["corresponding"], self.user)

    def clean(self) -> dict[str, Any]:
        self.clean_text()
        return self.cleaned_data


class ArticleForm(TextForm):
    """A piece on the desk: of its fields those that are open to this person now."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # Ticked by somebody who read the other version: the version that theirs is to follow.
    over = forms.IntegerField(required=False, widget=forms.HiddenInput)
    details_base = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    bylines_base = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    note = forms.CharField(
        label="What was changed", required=False, max_length=500, help_text="For the list of versions. The desk sees it.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )  # fmt: skip
    is_copy_fix = forms.BooleanField(
        label="Copy fix",
        required=False,
        help_text="Spelling or form; the sense stays. The author’s approval still holds, and they are shown the change.",
    )
    regions = RegionsField(Region.objects.all(), required=False)
    tags = TagsField(required=False, help_text="Readers see them as topics.")
    conflict_of_interest = forms.CharField(
        required=False,
        max_length=2000,
        help_text="As the author declared it to you; “none” where there is none.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    appeared_elsewhere = forms.CharField(
        label="Where else it appeared",
        required=False,
        max_length=2000,
        help_text="“nowhere” where that is so.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    class Meta:
        model = Article
        fields = (
            "series", "series_position", "slug", "language", "translation_of", "licence", "doi", "first_appeared",
            "first_appeared_url", "corresponding",
        )  # fmt: skip
        error_messages: ClassVar[dict[str, dict[str, Any]]] = {
            "slug": {
                "unique": "Another piece has this slug. Choose another.",
                "invalid": "A slug holds letters from a to z, digits, hyphens and underscores only.",
            }
        }

    # Fields that this person does not fill in now (`Openness.closed`).
    closed: ClassVar[frozenset[str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        piece: Article = self.instance
        for name in self.closed:
            self.fields.pop(name, None)
        latest = piece.latest
        self.initial.update(
            title=latest.title, in_brief=latest.in_brief, body=latest.body, lead_image=latest.lead_image_id
        )
        self.initial.update(
            regions=list(piece.regions.all()), tags=sorted(piece.tags.values_list("name", flat=True), key=str.lower)
        )
        self.initial.update({name: getattr(piece.handling, name) for name in DECLARED})
        for name in (*DETAILS, *DECLARED):
            # What the person saw is what their change is measured against, not what somebody else saved since.
            if name in self.fields:
                self.fields[name].show_hidden_initial = True
        if "regions" in self.fields:
            regions = self.fields["regions"]
            assert isinstance(regions, RegionsField)
            regions.in_tree_order()
        if "tags" in self.fields:
            self.fields["tags"].widget = TagSelect(Article._meta.get_field("tags"), admin.site)
            self.fields["tags"].widget.is_required = False
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The last part of the address. Left empty, it follows the title." + (
                " The old address will lead to the new one." if piece.published_on else ""
            )
        if "corresponding" in self.fields:
            set_people_widget(self.fields["corresponding"])
            self.fields["corresponding"].queryset = User.objects.all()  # type: ignore[attr-defined]
        if "translation_of" in self.fields:
            field = self.fields["translation_of"]
            assert isinstance(field, forms.ModelChoiceField)
            on_desk = access.desk_pieces(self.user)
            field.queryset = on_desk | Article.objects.filter(pk=piece.translation_of_id)
            field.widget = FoundSelect(Article._meta.get_field("translation_of"), admin.site)
            field.widget.choices = field.choices
        if "series" in self.fields:
            self.fields["series"].empty_label = "None"  # type: ignore[attr-defined]
        # Set by `clean`: what stands now, where somebody saved in the meantime.
        self.newer: Revision | None = None
        self.details_are_stale = False

    # --- single fields ---

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if not slug:
            return addresses.free_slug(
                self.data.get("title") or self.instance.latest.title, article_id=self.instance.pk
            )
        if (
            slug != self.instance.slug
            and FormerAddress.objects.filter(slug=slug).exclude(article=self.instance).exists()
        ):
            raise ValidationError(
                "Another piece had this slug, and its old address must go on working. Choose another."
            )
        return str(slug)

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"])
        if not LANGUAGE_TAG.fullmatch(language):
            raise ValidationError("This is not a language tag. It looks like en, ko or zh-Hant.")
        return language

    def clean_translation_of(self) -> Article | None:
        """All translations of a text name the same piece, so that each leads to all others."""
        chosen: Article | None = self.cleaned_data["translation_of"]
        if chosen is None or chosen.pk == self.instance.translation_of_id:
            return chosen
        if chosen.pk == self.instance.pk:
            raise ValidationError("A piece is no translation of itself.")
        if chosen.translation_of is not None:
            raise ValidationError(f"That piece is a translation of “{chosen.translation_of}” itself: choose that one.")
        if self.instance.translations.exists():
            raise ValidationError("Other pieces are translations of this one, so it is the original. Leave this empty.")
        return chosen

    def clean_doi(self) -> str:
        return names.doi(self.cleaned_data["doi"]) if self.cleaned_data["doi"] else ""

    def clean_corresponding(self) -> User | None:
        chosen = self.cleaned_data["corresponding"]
        if chosen is not None and chosen.pk == self.instance.corresponding_id:
            return chosen  # type: ignore[no-any-return]
        return checked_corresponding(chosen, self.user)

    # --- the whole ---

    def clean(self) -> dict[str, Any]:
        """Lock the piece until the request's transaction ends, and hold the form against what stands there now."""
        super().clean()
        cleaned = self.cleaned_data
        # The bare row: joined to its text, it would be gone for whoever waited while another text was saved.
        now = Article.objects.select_for_update().get(pk=self.instance.pk)
        self.current = now
        if "body" in self.fields:
            self.clean_text()
            if self.text:
                self._clean_text_against(now)
        if changed := [name for name in self.changed_data if name in (*DETAILS, *DECLARED)]:
            if reason := why_not_change_details(self.user, now):
                self.add_error(None, reason)
            bases = fingerprints(now)
            if cleaned.get("details_base") != bases["details_base"] and any(name in DETAILS for name in changed):
                self.details_are_stale = True
                self.add_error(
                    None,
                    "Somebody changed the details of this piece after you opened the page. Look at them in another tab; press Save again to keep yours.",
                )
        return cleaned

    def _clean_text_against(self, now: Article) -> None:
        """The text was written from the version that stands, may be written by this person, and keeps the approval."""
        image = self.cleaned_data.get("lead_image")
        self.text["lead_image"] = image
        base = self.cleaned_data.get("base")
        if base != now.latest_id:
            self._take_over_what_is_untouched(base, now.latest)
        if all(getattr(now.latest, name) == value for name, value in self.text.items()):
            self.text = {}
            return
        if reason := access.why_not_edit_text(self.user, now):
            self.add_error(None, f"{reason} What you typed is kept below: copy it before you leave this page.")
        elif now.latest_id not in (base, self.cleaned_data.get("over")):
            self.newer = now.latest
            who, when = ("You" if now.latest.by == self.user else str(now.latest.by)), words.moment(now.latest.at)
            self.add_error(
                None,
                format_html(
                    "{} saved version {} on {}, after you opened this text. Nothing was saved over it, and what you typed stands below.",
                    who, now.latest.number, when,
                ),
            )  # fmt: skip
        elif now.status == Status.READY and not self.cleaned_data.get("is_copy_fix"):
            self.add_error(
                "is_copy_fix" if "is_copy_fix" in self.fields else None,
                "The author has approved this text. Mark the change as a copy fix, or step back and ask again.",
            )

    def _take_over_what_is_untouched(self, base: int | None, latest: Revision) -> None:
        """What this page did not change stays as somebody saved it meanwhile, such as the picture that they chose."""
        before = Revision.objects.filter(article=self.instance, pk=base).first()
        for name in self.text if before else ():
            if getattr(before, name) == self.text[name]:
                self.text[name] = getattr(latest, name)


def set_people_widget(field: forms.Field) -> None:
    assert isinstance(field, forms.ModelChoiceField)
    field.widget = PeopleSelect(Article._meta.get_field("corresponding"), admin.site)
    field.widget.choices = field.choices
    field.widget.is_required = field.required


def checked_corresponding(chosen: User | None, user: User) -> User | None:
    if chosen is not None and chosen == user:
        raise ValidationError("A piece of your own is begun on the authors’ pages, and handled by another editor.")
    if chosen is not None and not chosen.is_active:
        raise ValidationError("This account is closed. Choose another.")
    return chosen


class BylineForm(forms.ModelForm):  # type: ignore[type-arg]
    """One name above the piece. Order is a number, so that it works without script."""

    order = forms.IntegerField(
        label="Position",
        required=False,
        min_value=1,
        max_value=999,
        widget=forms.NumberInput(attrs={"class": "order-field"}),
    )

    class Meta:
        model = Byline
        fields = ("role", "author", "name", "affiliation", "bio")
        widgets: ClassVar[dict[str, Any]] = {"bio": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["order"] = self.instance.position + 1

    def has_changed(self) -> bool:
        """A number alone in a new row is no byline yet."""
        changed = set(self.changed_data)
        return bool(changed - {"order", "role"} if not self.instance.pk else changed)

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        author: Author | None = cleaned.get("author")
        # A change of author brings the new one's line along, unless another was typed.
        is_other = author is not None and "author" in self.changed_data
        for name in ("name", "affiliation", "bio"):
            if author is not None and (not (cleaned.get(name) or "").strip() and (name == "name" or is_other)):
                cleaned[name] = getattr(author, name)
        if not (cleaned.get("name") or "").strip() and not self.errors:
            self.add_error("name", "Choose an author, or type the name as it is printed.")
        return cleaned

    def validate_constraints(self) -> None:
        """Left to the set: two rows may change places, which no single row can know."""


class BylineFormSet(forms.models.BaseInlineFormSet):  # type: ignore[type-arg]
    is_stale = False
    # Set where the form is made: closed rows hold what is saved, whatever was sent.
    is_open: ClassVar[bool] = True

    def validate_unique(self) -> None:
        """Said by `clean`, in plain words."""

    def typed(self) -> list[str]:
        """What stands in the rows, as one line each: for showing it where the rows themselves are fetched anew."""
        rows = [
            " · ".join(str(form[name].value() or "") for name in ("name", "affiliation", "bio") if form[name].value())
            for form in self.forms
        ]
        return [row for row in rows if row]

    def clean(self) -> None:
        """Each author once in a role, and nobody changed the bylines since the page was opened."""
        super().clean()
        if not self.is_open:
            return
        self.is_stale = (
            self.has_changed() and self.data.get("bylines_base") != fingerprints(self.instance)["bylines_base"]
        )
        if self.is_stale:
            raise ValidationError(
                "Somebody changed the bylines after you opened this page. They stand here as they are now; change them again and save."
            )
        seen: set[tuple[int, str]] = set()
        for form in self.forms:
            if not getattr(form, "cleaned_data", None) or form.cleaned_data.get(DELETION_FIELD_NAME):
                continue
            author, role = form.cleaned_data.get("author"), form.cleaned_data.get("role")
            if author is None:
                continue
            if (author.pk, role) in seen:
                form.add_error("author", f"{author} stands above the piece twice.")
            seen.add((author.pk, role))
