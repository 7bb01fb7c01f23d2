"""What the site itself keeps: the masthead, and the outbox in which every mail waits for the worker."""

import zoneinfo
from dataclasses import dataclass
from email.utils import make_msgid
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.functional import cached_property

from forum.compiled import Compiled
from forum.remembered import Remembered, hashable
from prose import names


def validate_time_zone(name: str) -> None:
    """Refuse what is not the name of a time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            "“%(name)s” is not a time zone. Use a name such as Australia/Sydney.", params={"name": name}
        )


def validate_issn(value: str) -> None:
    """Refuse an ISSN whose form or check digit is wrong (ISO 3297)."""
    try:
        names.issn(value)
    except ValueError as problem:
        raise ValidationError(str(problem)) from problem


def _page(verbose_name: str, help_text: str) -> Any:
    return models.ForeignKey(
        "forum.Page",
        verbose_name=verbose_name,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=help_text,
    )


class Masthead(models.Model):
    """The publication's own lines, one row. Its time zone rules addresses, archives, schedules and printed dates."""

    name = models.CharField(max_length=100, default="Forum")
    tagline = models.CharField(max_length=200, blank=True, default="Analysis from leading experts")
    description = models.TextField(
        blank=True, max_length=500, help_text="A sentence or two about the publication, for search engines and feeds."
    )
    time_zone = models.CharField(
        max_length=60,
        default="Australia/Sydney",
        validators=[validate_time_zone],
        help_text="Rules addresses, archives, schedules and printed dates. Addresses already given stay as they are.",
    )
    language = models.CharField(max_length=12, default="en-AU", help_text="Language tag of most pieces, such as en-AU.")
    acknowledgement = models.TextField(blank=True, help_text="Acknowledgement of country, in the foot of each page.")
    support_title = models.CharField(max_length=100, blank=True, default="Support quality analysis")
    support_text = models.TextField(blank=True)
    support_label = models.CharField("support button", max_length=60, blank=True)
    support_url = models.URLField("support address", blank=True, help_text="Without an address the button is left out.")
    comments_line = models.CharField(max_length=200, blank=True, default="Comments are closed.")
    copyright_holder = models.CharField(max_length=100, blank=True, help_text="The publication’s name where empty.")
    rights_line = models.CharField(max_length=200, blank=True, default="All rights reserved.")
    contact_email = models.EmailField("contact e-mail", blank=True)
    shows_review = models.BooleanField(
        "show how pieces were reviewed",
        default=True,
        help_text="With each piece: who saw whose name, how many referees and rounds, how long it took.",
    )

    publisher = models.CharField(
        max_length=200, blank=True, help_text="Who publishes it, such as a university press. Its own name where empty."
    )
    issn = models.CharField("ISSN", max_length=9, blank=True, validators=[validate_issn])
    # The pages on which the publication says who it is and how it works; readers and search engines are led to them.
    about_page = _page("who we are", "Who edits and runs the publication.")
    review_page = _page("how we review", "What a piece goes through before it is published.")
    principles_page = _page("principles", "What the publication holds itself to: independence, conflicts of interest.")
    corrections_page = _page("how we correct", "What is corrected, and how readers are told.")
    ownership_page = _page("who owns and pays for it", "Ownership and funding.")
    # What machines that gather text are asked, in robots.txt and llms.txt.
    lets_ai_train = models.BooleanField(
        "AI may be trained on our pieces",
        default=False,
        help_text="Crawlers that gather text to train models. Most of them do what robots.txt says; none can be made to.",
    )
    lets_ai_cite = models.BooleanField(
        "AI may find and cite our pieces",
        default=True,
        help_text="Crawlers of assistants that answer with a link to the piece.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "masthead"
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="masthead_is_one_row"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    # Filled by `current`, in the same query.
    link_rows: list[dict[str, Any]] | None = None
    page_rows: list[dict[str, Any]] | None = None

    @classmethod
    def current(cls) -> "Masthead":
        """The masthead with its navigation, in one query; its defaults before anyone has saved one."""
        return _MASTHEAD.first() or cls(pk=1)

    @classmethod
    def for_page(cls) -> "Masthead":
        """The same for a page of readers, which changes nothing of it: one object for all, as long as its row is the same."""
        rows = _MASTHEAD.rows()
        return _remembered(
            hashable(rows[0]) if rows else None, lambda: _MASTHEAD.loaded(rows)[0] if rows else cls(pk=1)
        )

    @classmethod
    def _with_navigation(cls) -> Any:
        links = NavigationItem.objects.filter(models.Q(page=None) | models.Q(page__is_published=True)).values(
            json=JSONObject(
                place="place", label="label", title="page__title", slug="page__slug", address="address",
            )
        )  # fmt: skip
        pages = (
            Page.objects.filter(is_published=True)
            .filter(models.Q(*(("pk", models.OuterRef(name)) for name in PAGES), _connector=models.Q.OR))
            .values(json=JSONObject(pk="pk", title="title", slug="slug"))
        )
        return cls.objects.filter(pk=1).annotate(link_rows=ArraySubquery(links), page_rows=ArraySubquery(pages))

    def page_link(self, name: str) -> "NavigationLink | None":
        """Where the publication says who it is, how it reviews and so on: a name of `PAGES`. None until readers have it."""
        chosen = getattr(self, f"{name}_id")
        row = next((row for row in self.page_rows or [] if row["pk"] == chosen), None)
        return NavigationLink(row["title"], f"/{row['slug']}/") if row else None

    @property
    def head_links(self) -> "list[NavigationLink]":
        """What the publication added to the head of every page."""
        return self._links(NavigationItem.Place.HEAD)

    @property
    def foot_links(self) -> "list[NavigationLink]":
        """What the publication added to the foot of every page."""
        return self._links(NavigationItem.Place.FOOT)

    def _links(self, place: str) -> "list[NavigationLink]":
        return [
            NavigationLink(row["label"] or row["title"], row["address"] or f"/{row['slug']}/")
            for row in self.link_rows or []
            if row["place"] == place
        ]

    @cached_property
    def fingerprint(self) -> str:
        """Another one wherever anything of it, or of its navigation, is another."""
        columns = [getattr(self, one.attname) for one in self._meta.concrete_fields]
        return repr((columns, self.link_rows, self.page_rows))

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def published_by(self) -> str:
        return self.publisher or self.name

    @property
    def rights_holder(self) -> str:
        return self.copyright_holder or self.name


_MASTHEAD: Compiled[Masthead] = Compiled(Masthead._with_navigation)
_remembered: Remembered[Masthead] = Remembered(1 << 18, lambda masthead: 1 << 15)

# The pages of the masthead on which the publication tells of itself.
PAGES = ("about_page", "review_page", "principles_page", "corrections_page", "ownership_page")


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A link of the head or the foot, as printed."""

    label: str
    url: str


class Page(models.Model):
    """A plain page, such as About or Submissions, at `/<slug>/`. Each saved text stays as a `PageVersion`."""

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True, help_text="HTML as `prose.sanitise` leaves it.")
    is_published = models.BooleanField("published", default=False, help_text="Readers can open it.")
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("title",)
        constraints = (models.CheckConstraint(name="page_slug_not_empty", condition=~models.Q(slug="")),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/{self.slug}/"


class PageVersion(models.Model):
    """A text that a page had. The database refuses every change of a row."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    is_published = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=["page", "number"], name="page_version_number_once"),)
        indexes: ClassVar = [models.Index(fields=["slug"], name="page_version_by_slug")]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class NavigationItem(models.Model):
    """A link in the head or the foot of every page, to a plain page or to any address."""

    class Place(models.TextChoices):
        HEAD = "head", "in the head"
        FOOT = "foot", "in the foot"

    place = models.CharField(max_length=4, choices=Place, default=Place.FOOT)
    label = models.CharField(max_length=60, blank=True, help_text="The title of the page where empty.")
    page = models.ForeignKey(Page, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(
        max_length=300, blank=True, help_text="Instead of a page: /topics/climate/ or https://example.org/."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("place", "position", "pk")
        constraints = (
            models.CheckConstraint(
                name="navigation_item_leads_somewhere",
                condition=models.Q(page__isnull=False, address="")
                | (models.Q(page__isnull=True) & ~models.Q(address="")),
                violation_error_message="Choose a page or give an address, one of the two.",
            ),
            models.CheckConstraint(
                name="navigation_item_has_label", condition=models.Q(page__isnull=False) | ~models.Q(label="")
            ),
            models.CheckConstraint(
                name="navigation_item_place_is_known", condition=models.Q(place__in=("head", "foot"))
            ),
        )

    def __str__(self) -> str:
        return self.label or str(self.page)

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The navigation is read with the masthead's row.
        Masthead.objects.get_or_create(pk=1)
        super().save(*args, **kwargs)


class Mail(models.Model):
    """One message on its way to one or more people. Its text is wiped once it is sent: it may hold a secret link."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting to be sent"
        SENT = "sent", "sent"
        FAILED = "failed", "not delivered"
        STOPPED = "stopped", "stopped before it went"

    recipients = models.JSONField()
    from_email = models.CharField(max_length=320)
    reply_to = models.JSONField(default=list)
    subject = models.CharField(max_length=998)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    # Fixed before the first try, so that a repeat after a crash is seen as one by the reader's mail program.
    message_id = models.CharField(max_length=255, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    # It can be stopped until then; empty for what goes at once. A sweep sends it, as jobs can't wait on our clock.
    not_before = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-queued_at", "-pk")
        verbose_name_plural = "mail"
        indexes: ClassVar = [
            models.Index(fields=["queued_at"], condition=models.Q(state="waiting"), name="mail_waiting"),
        ]
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=("waiting", "sent", "failed", "stopped")), name="mail_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False)
                | (~models.Q(state="sent") & models.Q(sent_at__isnull=True)),
                name="mail_sent_at_iff_sent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} → {', '.join(self.recipients)}"

    @staticmethod
    def new_message_id() -> str:
        """An RFC 5322 Message-ID in the site's domain."""
        return make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost")
