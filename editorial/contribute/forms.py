"""What an author types: the text, the names above it, what is declared about it. Everything may be left for later."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from accounts import names as person_names
from accounts.models import User
from articles.models import Image
from authors.models import Author
from editorial import writing
from forum.rich_text import RichTextField, RichTextWidget
from prose import sanitise


class Words(forms.CharField):
    """A text that is tidied, and refused with a plain message where it is too long.

    No `maxlength` in the page: a browser cuts off what is pasted beyond it without a word.
    """

    def __init__(self, *, limit: int, lines: int = 1, **kwargs: Any) -> None:
        self.limit, self.lines = limit, lines
        if lines > 1:
            kwargs["widget"] = forms.Textarea(attrs={"rows": lines})
        super().__init__(**{"required": False} | kwargs)
        self.error_messages["null_characters_not_allowed"] = (
            "The text holds a character that can’t be stored. Type it anew."
        )

    def clean(self, value: Any) -> str:
        text = (
            sanitise.plain_text(super().clean(value)) if self.lines > 1 else sanitise.plain_line(super().clean(value))
        )
        if len(text) > self.limit:
            raise ValidationError(f"These are {len(text):,} characters; at most {self.limit:,} fit.", code="too_long")
        return text


class PersonName(Words):
    """Part of a person's name: any script, but no address of mail or web."""

    def clean(self, value: Any) -> str:
        name = person_names.tidy(super().clean(value))
        person_names.validate_name(name)
        return name


class TextForm(forms.Form):
    """Title, In Brief, text, picture and declarations of a piece."""

    title = Words(
        limit=writing.TITLE_LIMIT,
        # Of two lines, so that a long title is seen whole on a phone; line breaks in it become spaces.
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "dir": "auto"}),
        help_text="What the piece says, in about ten words.",
    )
    in_brief = Words(
        label="In Brief",
        limit=writing.IN_BRIEF_LIMIT,
        lines=4,
        help_text="The argument in about 50 words, in two or three sentences. Printed above the text and in lists.",
    )
    body = RichTextField(
        label="Text",
        required=False,
        widget=RichTextWidget(
            pictures_url=reverse_lazy("contribute:pictures"), pieces_url=reverse_lazy("contribute:pieces")
        ),
    )
    picture = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    picture_file = forms.FileField(
        label="Choose a picture",
        required=False,
        allow_empty_file=True,
        help_text="JPEG, PNG or WebP, at most 15 MB, wide rather than high. Only a picture that we may print.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    has_no_picture = forms.BooleanField(label="Remove the picture", required=False)
    alt = Words(
        label="What it shows",
        limit=300,
        help_text="In a sentence, for those who can’t see it.",
    )
    caption = Words(limit=1000, lines=2, help_text="Printed beneath the picture.")
    credit = Words(limit=200, help_text="Whose picture it is, as in “Photo: Reuters”.")
    suggested_regions = Words(
        limit=300, help_text="Countries or regions that the piece is about, such as Japan, Southeast Asia."
    )
    suggested_topics = Words(
        limit=300, help_text="Such as trade, elections, climate. The editors choose from what the publication uses."
    )
    conflict_of_interest = Words(
        limit=2000,
        lines=3,
        help_text="Funding, posts or ties that a reader should know of. Write “none” if there are none.",
    )
    appeared_elsewhere = Words(
        label="Where else it appeared",
        limit=2000,
        lines=2,
        help_text="Where this or a similar piece was published or is offered. Write “nowhere” if that is so.",
    )
    please_not = Words(
        label="Please not these referees",
        limit=2000,
        lines=2,
        help_text="Optional: people who should not referee the piece, a line each. Only the editors read this.",
    )

    def __init__(self, *args: Any, pictures: "set[int]", language: str = "", **kwargs: Any) -> None:
        self.pictures = pictures
        super().__init__(*args, **kwargs)
        self.fields["body"].widget.attrs["data-language"] = language
        self.fields["in_brief"].widget.attrs |= {"data-count-words": "50", "dir": "auto"}

    def clean_picture(self) -> Image | None:
        """A picture of this piece, or one that this person has just sent."""
        pk = self.cleaned_data["picture"]
        return Image.objects.filter(pk=pk).first() if pk in self.pictures else None


class ByName(forms.Form):
    """A name above the piece, with the line about the person as it is printed with this piece."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    name = PersonName(label="Name, as printed", limit=200)
    affiliation = Words(limit=200, help_text="Such as the university or institute. May stay empty.")
    bio = Words(
        label="Bio line",
        limit=600,
        lines=2,
        help_text="One sentence: “… is Professor of … at …”. Printed beneath the piece.",
    )
    kind: ClassVar[str] = "other"
    # How far the name is (`coauthors.state_of`), for the page.
    state: str = ""

    def has_words(self) -> bool:
        """Whether anything was typed."""
        return any(self.cleaned_data.get(name) for name in ("name", "affiliation", "bio"))


class OwnPrintedName(ByName):
    """One's own name above the piece, of somebody whose author record is in use already."""

    kind: ClassVar[str] = "me"
    field_order: ClassVar[list[str]] = ["name", "affiliation", "bio"]


class OwnName(ByName):
    """One's own name, of somebody who is new here: it makes the author record, or mends it before its first use."""

    name = None  # type: ignore[assignment]
    given_name = PersonName(limit=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"}))
    family_name = PersonName(limit=100, widget=forms.TextInput(attrs={"autocomplete": "family-name"}))
    is_family_first = forms.BooleanField(
        label="Print the family name first", required=False, help_text="As in Li Wentao."
    )
    single_name = PersonName(
        label="Or one name alone",
        limit=200,
        help_text="If your name does not come in two parts. Leave the two fields above empty then.",
    )
    field_order: ClassVar[list[str]] = [
        "given_name",
        "family_name",
        "is_family_first",
        "single_name",
        "affiliation",
        "bio",
    ]
    kind: ClassVar[str] = "me"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("single_name") and (cleaned.get("given_name") or cleaned.get("family_name")):
            self.add_error("single_name", "Give either a given and a family name, or one name alone.")
        return cleaned

    def has_words(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.field_order)

    def names(self, me: User) -> dict[str, Any]:
        """The name for the author record. Half a name counts as one name until the other half is there."""
        given, family = self.cleaned_data.get("given_name", ""), self.cleaned_data.get("family_name", "")
        single = self.cleaned_data.get("single_name", "")
        if not (given or family or single):
            guess = guessed_name(me)
            given, family, single = guess["given_name"], guess["family_name"], guess["single_name"]
        if not (given and family):
            given, family, single = "", "", single or given or family
        return {
            "given_name": given,
            "family_name": family,
            "single_name": single,
            "is_family_first": bool(self.cleaned_data.get("is_family_first")) and not single,
        }


def guessed_name(me: User) -> dict[str, str]:
    """The account's name in parts, to be corrected by its owner: the last word is taken for the family name."""
    given, _, family = person_names.tidy(me.get_full_name()).rpartition(" ")
    if not given:
        return {"given_name": "", "family_name": "", "single_name": family[:200]}
    return {"given_name": given[:100], "family_name": family[:100], "single_name": ""}


class AuthorForm(forms.ModelForm):  # type: ignore[type-arg]
    """One's own author record."""

    given_name = PersonName(limit=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"}))
    family_name = PersonName(limit=100, widget=forms.TextInput(attrs={"autocomplete": "family-name"}))
    single_name = PersonName(
        label="Or one name alone",
        limit=200,
        help_text="If your name does not come in two parts. Leave the two fields above empty then.",
    )
    native_name = PersonName(
        label="Your name in its own script",
        limit=200,
        help_text="Such as 李文涛, if it is not the one above. Printed beside it on your page.",
    )
    other_names = Words(
        limit=2000,
        lines=3,
        help_text="One a line: former names, other spellings. Readers find you by them, and see none of them.",
    )
    affiliation = Words(limit=200, help_text="Such as your university or institute.")
    bio = Words(label="Bio line", limit=600, lines=3, help_text="One sentence: “… is Professor of … at …”.")
    orcid = Words(
        label="ORCID", limit=60, help_text="Sixteen digits, such as 0000-0002-1825-0097. The whole address will do.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip

    class Meta:
        model = Author
        fields = (
            "given_name",
            "family_name",
            "is_family_first",
            "single_name",
            "native_name",
            "other_names",
            "affiliation",
            "bio",
            "orcid",
        )
        labels: ClassVar[dict[str, str]] = {"is_family_first": "Print the family name first"}
        help_texts: ClassVar[dict[str, str]] = {"is_family_first": "As in Li Wentao."}

    def clean_orcid(self) -> str:
        from prose import names

        value = self.cleaned_data["orcid"]
        if not value:
            return ""
        try:
            return names.orcid(value)
        except ValueError as problem:
            raise ValidationError(str(problem)) from problem
