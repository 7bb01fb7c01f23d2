"""Those who are named above a piece, with or without an account."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate

from forum.addresses import SlugWords, address_of
from prose import names, slugs


def validate_orcid(value: str) -> None:
    """Refuse an ORCID whose checksum is wrong."""
    try:
        names.orcid(value)
    except ValueError as problem:
        raise ValidationError(str(problem)) from problem


class AuthorQuerySet(models.QuerySet["Author"]):
    def named(self, name: str) -> "AuthorQuerySet":
        """Authors of this name, whatever its case, spacing and accents."""
        return self.filter(name_key=slugs.fold(names.tidy_name(name)))


class Author(models.Model):
    """A byline: a person, or a house byline such as the editorial board.

    A person has a family and a given name, or a single name, in any script. What stands above a piece is the
    name of its day (`articles.Byline`); this is what the author's own page and the next piece say.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name="account",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="author",
        help_text="The account that submits and approves this author’s pieces.",
    )
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    single_name = models.CharField(
        max_length=200, blank=True, help_text="Instead of the two above: one name, or a house byline."
    )
    is_family_first = models.BooleanField(
        "family name first", default=False, help_text="Print the family name before the given name, as in Li Wentao."
    )
    native_name = models.CharField(
        "name in its own script",
        max_length=200,
        blank=True,
        help_text="Such as 李文涛. Printed beside the name on the author’s page and in the list of authors.",
    )
    other_names = models.TextField(
        blank=True,
        help_text="One a line: former names, other spellings. Readers find the author by them, and see none of them.",
    )
    is_house = models.BooleanField(
        "house byline",
        default=False,
        help_text="The publication itself, such as its editorial board: no approval is asked.",
    )
    slug = models.SlugField(max_length=120, unique=True, blank=True)
    affiliation = models.CharField(max_length=200, blank=True)
    bio = models.TextField(
        "bio line",
        max_length=600,
        blank=True,
        help_text="One sentence: “… is Professor of … at …”. Printed beneath each piece.",
    )
    orcid = models.CharField("ORCID", max_length=19, blank=True, validators=[validate_orcid])
    # Both follow from the names: for sorting, and for finding the same name in another spelling.
    sort_key = models.CharField(max_length=320, editable=False)
    name_key = models.CharField(max_length=320, editable=False, db_index=True)

    objects: ClassVar[Any] = AuthorQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = [Collate("sort_key", "C"), "pk"]
        indexes = (
            models.Index(Collate("sort_key", "C"), "id", name="author_in_order"),
            GinIndex(SlugWords("slug"), name="author_slug_words"),
        )
        constraints = (
            models.CheckConstraint(
                name="author_has_one_form_of_name",
                condition=(~Q(single_name="") & Q(family_name="", given_name=""))
                | (Q(single_name="") & ~Q(family_name="") & ~Q(given_name="")),
                violation_error_message="Give a family and a given name, or else a single name.",
            ),
            models.CheckConstraint(
                name="author_house_has_single_name_and_no_account",
                condition=Q(is_house=False) | (~Q(single_name="") & Q(user__isnull=True)),
                violation_error_message="A house byline has a single name and no account.",
            ),
            models.CheckConstraint(name="author_slug_not_empty", condition=~Q(slug="")),
            models.UniqueConstraint(
                fields=["orcid"],
                name="author_orcid_unique",
                condition=~Q(orcid=""),
                violation_error_message="Another author has this ORCID.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name as printed."""
        return printed_name(self.single_name, self.family_name, self.given_name, is_family_first=self.is_family_first)

    @property
    def further_names(self) -> list[str]:
        """What else they are known by: the name in its own script, and those that readers never see."""
        return [name for line in (self.native_name, *self.other_names.splitlines()) if (name := line.strip())]

    def get_absolute_url(self) -> str:
        return address_of("articles:author", self.slug)

    def clean(self) -> None:
        self._tidy()
        if not self.slug and self.name:
            self.slug = free_slug(type(self), self.name, "author")

    def _tidy(self) -> None:
        for field in ("given_name", "family_name", "single_name", "native_name", "affiliation"):
            setattr(self, field, names.tidy_name(getattr(self, field)))
        if self.orcid:
            try:
                self.orcid = names.orcid(self.orcid)
            except ValueError as problem:
                raise ValidationError({"orcid": str(problem)}) from problem

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps slug and keys in step with the name; the slug, once given, stays."""
        self._tidy()
        self.sort_key = slugs.fold(self.single_name or f"{self.family_name} {self.given_name}")[:320]
        self.name_key = slugs.fold(self.name)[:320]
        if not self.slug:
            self.slug = free_slug(type(self), self.name, "author")
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "sort_key", "name_key", "slug"}
        super().save(*args, **kwargs)


def printed_name(single: str, family: str, given: str, *, is_family_first: bool) -> str:
    """A name as printed, of its parts."""
    return single or " ".join((family, given) if is_family_first else (given, family)).strip()


class FormerSlug(models.Model):
    """A slug that something once had: its old address leads to the present one for ever."""

    slug = models.SlugField(max_length=120, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug


class AuthorFormerSlug(FormerSlug):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="former_slugs")


def free_slug(model: type[models.Model], text: str, fallback: str, *, field: str = "slug", limit: int = 100) -> str:
    """A slug of the text that no row of the model has or had; the unique constraint has the last word."""
    stem = slugs.slug(text, fallback, limit)
    like = Q(**{field: stem}) | Q(**{f"{field}__startswith": f"{stem}-"})
    taken = set(model._default_manager.filter(like).values_list(field, flat=True))
    # What has former slugs keeps them under this name (`FormerSlug`).
    if former := getattr(model, "former_slugs", None):
        taken |= set(former.rel.related_model._default_manager.filter(like).values_list("slug", flat=True))
    candidate, number = stem, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate
