"""The text and its two pointers.

History is append-only and publishing moves a pointer: a `Revision` is never changed, `Article.latest` is what
editors see, `Article.live` is what readers see, and `Publication` says when readers were given which text.
The database holds the rules too; the triggers and the composite keys are in migration 0002.
"""

import datetime
from collections.abc import Collection
from functools import cache
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from taggit.managers import TaggableManager

from articles.models.image import Image
from articles.models.taxonomy import Region, Series, TaggedArticle
from articles.querysets import ArticleQuerySet
from articles.status import Status
from authors.models import Author
from forum.pagecache import shows
from prose import names


def validate_doi(value: str) -> None:
    """Refuse what is not a DOI."""
    try:
        names.doi(value)
    except ValueError as problem:
        raise ValidationError(str(problem)) from problem


def address(slug: str, day: datetime.date) -> str:
    """The public address of the piece that has this slug and this day."""
    before, after = _around()
    return f"{before}{day.year:04}/{day.month:02}/{day.day:02}/{slug}{after}"


@cache
def _around() -> tuple[str, str]:
    """What stands before and after the day and the slug. Lists name thousands of addresses: they are not looked up each."""
    before, _, after = reverse("articles:article", args=["0000", "00", "00", "slug"]).partition("0000/00/00/slug")
    return before, after


class Article(models.Model):  # type: ignore[django-manager-missing]  # the through model of tags is taggit’s, untyped
    """One piece. Its text lives in revisions; its state is moved by `editorial.perform` alone."""

    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    slug = models.SlugField(max_length=120, unique=True)
    has_own_slug = models.BooleanField(
        default=False, editable=False, help_text="An editor chose the slug; it no longer follows the title."
    )
    language = models.CharField(
        max_length=12, default="en", help_text="Language tag of the text, such as en, ko or zh-Hant."
    )
    licence = models.CharField(
        max_length=200, blank=True, help_text="How this piece may be reused, where it differs from the masthead’s line."
    )
    regions = models.ManyToManyField(Region, blank=True, related_name="articles")
    tags: Any = TaggableManager(through=TaggedArticle, blank=True, help_text="Readers see them as topics.")
    series = models.ForeignKey(
        Series, verbose_name="special feature", null=True, blank=True, on_delete=models.PROTECT, related_name="articles"
    )
    series_position = models.PositiveSmallIntegerField(
        "place in the special feature",
        null=True,
        blank=True,
        help_text="1 comes first; without one, after those that have one, by date.",
    )
    # Where readers could read it before, as in “First published by …”.
    first_appeared = models.CharField(
        "first published by",
        max_length=200,
        blank=True,
        help_text="Where readers had it before us; printed beneath the piece.",
    )
    first_appeared_url = models.URLField("its address there", max_length=500, blank=True)
    # Translations of one text name the same piece here; that one names none.
    translation_of = models.ForeignKey(
        "self",
        verbose_name="translation of",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="translations",
        help_text="The piece that this one is a translation of. Readers of each find the others.",
    )
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[validate_doi],
        help_text="Where one was registered, such as 10.59425/eabc.1755295200; a whole address is taken too.",
    )
    corresponding = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="corresponding author",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The account that writes, submits and revises this piece.",
    )
    latest = models.ForeignKey("articles.Revision", on_delete=models.RESTRICT, related_name="+", editable=False)
    live = models.ForeignKey(
        "articles.Revision", null=True, blank=True, on_delete=models.RESTRICT, related_name="+", editable=False
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The day in the address, in the publication's time zone when it was given; stays when that zone changes.
    published_on = models.DateField(null=True, blank=True, editable=False)
    # Printed beneath the piece, in plain words: who read it before it was published, and who approved the text.
    how_reviewed = models.CharField(max_length=300, blank=True, editable=False)
    how_approved = models.CharField(max_length=300, blank=True, editable=False)
    # The same in the terms of ANSI/NISO Z39.106 where referees read it: {"identity": "double anonymised", "referees": 2,
    # "rounds": 2, "days": 34}. Empty for a piece that no referee read.
    review_terms = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes: ClassVar = [
            models.Index(
                F("published_at").desc(), F("id").desc(), condition=Q(live__isnull=False), name="article_by_date_live"
            ),
            # By the day in the address, as archive and sitemap go through them.
            models.Index(
                F("published_on").desc(),
                F("published_at").desc(),
                F("id").desc(),
                condition=Q(live__isnull=False),
                name="article_by_day_live",
            ),
            models.Index(fields=["status", "-created_at"], name="article_by_status"),
        ]
        constraints = (
            models.CheckConstraint(name="article_status_is_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(name="article_slug_not_empty", condition=~Q(slug="")),
            models.CheckConstraint(
                name="article_not_its_own_translation",
                condition=Q(translation_of__isnull=True) | ~Q(translation_of=F("pk")),
                violation_error_message="A piece is no translation of itself.",
            ),
            models.UniqueConstraint(
                fields=["doi"],
                name="article_doi_unique",
                condition=~Q(doi=""),
                violation_error_message="Another piece has this DOI.",
            ),
            models.CheckConstraint(
                name="article_live_iff_public",
                condition=Q(
                    status__in=("published", "retracted"),
                    live__isnull=False,
                    published_at__isnull=False,
                    published_on__isnull=False,
                )
                | (~Q(status__in=("published", "retracted")) & Q(live__isnull=True, published_at__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return self.latest.title or "Untitled"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        """A page that reads a piece shows it (`forum.pagecache`)."""
        found = super().from_db(db, field_names, values)
        shows(f"article:{found.pk}")
        return found

    def get_absolute_url(self) -> str:
        """The public address, once a day was given to the piece; empty before."""
        return address(self.slug, self.published_on) if self.published_on else ""

    def is_public(self, now: datetime.datetime | None = None) -> bool:
        """Whether readers have a page of it at that moment."""
        return (
            self.live_id is not None and self.published_at is not None and self.published_at <= (now or timezone.now())
        )

    def is_scheduled(self, now: datetime.datetime | None = None) -> bool:
        """Whether it will appear by itself at a moment still ahead."""
        return self.live_id is not None and not self.is_public(now)

    @property
    def has_pending_edits(self) -> bool:
        """Whether editors see a text that readers do not have yet."""
        return self.live_id is not None and self.live_id != self.latest_id

    @property
    def reading_minutes(self) -> int:
        """Minutes of the text that readers have."""
        return self.live.rendering.minutes if self.live else 0

    @property
    def byline_list(self) -> "list[Byline]":
        """Bylines in order, from the prefetch where there is one."""
        return list(self.bylines.all())


class Revision(models.Model):
    """One version of the text. The database refuses every change of a row."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300, blank=True)
    in_brief = models.TextField(blank=True)
    body = models.TextField(blank=True, help_text="HTML as `prose.sanitise` leaves it.")
    lead_image = models.ForeignKey(Image, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=500, blank=True)
    # A copy fix mends spelling or form and leaves the sense: an author's approval still covers the text.
    is_copy_fix = models.BooleanField(default=False)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["article", "number"], name="revision_number_once"),
            # Target of the composite keys that hold `latest`, `live` and publications to the article's own revisions.
            models.UniqueConstraint(fields=["article", "id"], name="revision_of_article"),
            models.CheckConstraint(name="revision_number_from_one", condition=Q(number__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.title or 'Untitled'}, version {self.number}"


class Rendering(models.Model):
    """What is derived from a revision, ready to serve. May be thrown away and rebuilt (`articles.render`)."""

    revision = models.OneToOneField(Revision, primary_key=True, on_delete=models.CASCADE, related_name="rendering")
    html = models.TextField()
    contents = models.JSONField(default=list)
    words = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"Rendering of {self.revision_id}"


class Publication(models.Model):
    """One row for each time that readers were given a text: the public history of the piece."""

    class Kind(models.TextChoices):
        FIRST = "first", "first published"
        COPY_FIX = "copy_fix", "copy fix"
        CORRECTION = "correction", "correction"
        RETRACTION = "retraction", "retraction"
        REINSTATEMENT = "reinstatement", "reinstatement"

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="publications")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="publications")
    kind = models.CharField(max_length=13, choices=Kind)
    note = models.TextField("public note", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # When readers have it: ahead for a scheduled piece.
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-pk")
        indexes: ClassVar = [
            models.Index(fields=["article", "-at"], name="publication_by_article"),
            # The public record goes through these alone.
            models.Index(
                F("at").desc(),
                F("id").desc(),
                condition=Q(kind__in=("correction", "retraction", "reinstatement")),
                name="publication_told",
            ),
        ]
        constraints = (
            models.UniqueConstraint(fields=["article"], condition=Q(kind="first"), name="publication_first_once"),
            models.CheckConstraint(
                name="publication_kind_is_known",
                condition=Q(kind__in=("first", "copy_fix", "correction", "retraction", "reinstatement")),
            ),
            models.CheckConstraint(
                name="publication_correction_says_what",
                condition=~Q(kind__in=("correction", "retraction", "reinstatement")) | Q(note__regex=r"\S"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.article_id}"


def role_label(role: str) -> str:
    """What stands before a name where the person is not the author, as in “Translated by”."""
    labels = {"translator": _("Translated by"), "interviewer": _("Interview by"), "editor": _("Edited by")}
    return "" if role == "author" else labels.get(role, "")


class Byline(models.Model):
    """Who is named above a piece, in order, with name, affiliation and bio as they were on the day."""

    class Role(models.TextChoices):
        AUTHOR = "author", "author"
        TRANSLATOR = "translator", "translator"
        INTERVIEWER = "interviewer", "interviewer"
        EDITOR = "editor", "editor"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, null=True, blank=True, on_delete=models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(max_length=12, choices=Role, default=Role.AUTHOR)
    name = models.CharField(max_length=200, blank=True, help_text="As printed. Taken from the author where empty.")
    affiliation = models.CharField(max_length=200, blank=True)
    bio = models.TextField("bio line", max_length=600, blank=True)
    # When the person named confirmed name, affiliation and bio line as they stand here.
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["article", "position"], name="byline_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(
                fields=["article", "author", "role"],
                name="byline_author_once",
                condition=Q(author__isnull=False),
                violation_error_message="This author stands above the piece twice.",
            ),
            models.CheckConstraint(name="byline_has_name", condition=Q(name__regex=r"\S")),
            models.CheckConstraint(
                name="byline_role_is_known", condition=Q(role__in=("author", "translator", "interviewer", "editor"))
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The author's page, where there is one."""
        return self.author.get_absolute_url() if self.author else ""

    @property
    def role_label(self) -> str:
        """What stands before the name where the person is not the author, as in “Translated by”."""
        return role_label(self.role)


class FormerAddress(models.Model):
    """An address that a public piece once had; it leads to the present one for ever."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="former_addresses")
    published_on = models.DateField()
    slug = models.SlugField(max_length=120)

    class Meta:
        verbose_name_plural = "former addresses"
        constraints = (
            models.UniqueConstraint(fields=["published_on", "slug"], name="former_address_once"),
            models.CheckConstraint(name="former_address_slug_not_empty", condition=~Q(slug="")),
        )

    def __str__(self) -> str:
        return f"{self.published_on} {self.slug}"


class OldAddress(models.Model):
    """An address that a piece had on the site it came from, such as `/?p=123`; it leads to the piece for ever."""

    path = models.CharField(
        max_length=500, unique=True, help_text="From the slash on, with its query where it had one."
    )
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="old_addresses")

    class Meta:
        verbose_name_plural = "old addresses"

    def __str__(self) -> str:
        return self.path


class ImageUse(models.Model):
    """A picture in a version of a text, at its head or within. Written when the version is; never changed."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="image_uses")
    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="uses")
    is_lead = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["revision", "image", "is_lead"], name="image_use_once"),)

    def __str__(self) -> str:
        return f"{self.image_id} in {self.revision_id}"


class SealedText(models.Model):
    """A text that readers once had and have no more: the public record names it, its words and differences are gone."""

    revision = models.OneToOneField(Revision, primary_key=True, on_delete=models.CASCADE, related_name="seal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(help_text="For the desk alone.")

    def __str__(self) -> str:
        return f"Seal on {self.revision_id}"


class ErrorReport(models.Model):
    """What a reader found wrong in a piece. It waits at the desk until somebody says what became of it."""

    class State(models.TextChoices):
        NEW = "new", "new"
        CORRECTED = "corrected", "corrected"
        DISMISSED = "dismissed", "no change needed"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="error_reports")
    # The text that the reader had.
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=2000)
    email = models.EmailField("e-mail", blank=True, help_text="Where the reader wants an answer.")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State, default=State.NEW)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    # For the desk; what the reader was written to stands in `answer`.
    note = models.TextField(blank=True, max_length=2000)
    answer = models.TextField(blank=True, max_length=5000)

    class Meta:
        ordering = ("-at", "-pk")
        indexes: ClassVar = [models.Index(fields=["state", "-at"], name="error_report_by_state")]
        constraints = (
            models.CheckConstraint(
                name="error_report_handled_iff_not_new",
                condition=Q(state="new", handled_at__isnull=True)
                | (Q(state__in=("corrected", "dismissed")) & Q(handled_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]


class FrontPick(models.Model):
    """A piece that an editor put on the front page for a time. Place 1 leads; where nothing is picked, the newest stand."""

    class Section(models.TextChoices):
        TOP = "top", "at the top"
        SELECTION = "selection", "in the editors’ selection"

    section = models.CharField(max_length=9, choices=Section, default=Section.TOP)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="front_picks")
    position = models.PositiveSmallIntegerField(default=1)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        ordering = ("position", "-starts_at", "-pk")
        constraints = (
            models.CheckConstraint(
                name="front_pick_ends_after_it_starts",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(name="front_pick_position_from_one", condition=Q(position__gte=1)),
            models.CheckConstraint(name="front_pick_section_is_known", condition=Q(section__in=("top", "selection"))),
        )

    def __str__(self) -> str:
        return f"Place {self.position}: {self.article_id}"
