"""How a piece gets made: who handles it, what happened, whether its author approved, which letters went."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models import Article, Byline, Image, Revision
from articles.status import Status
from forum.models import Mail


class Handling(models.Model):
    """The desk's own side of a piece, one row each: who handles it, since when, what its author declared."""

    article = models.OneToOneField(Article, primary_key=True, on_delete=models.CASCADE, related_name="handling")
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    second_editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    copy_editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The moment from which the present person has the turn.
    since = models.DateTimeField(default=timezone.now)
    # When the present step should be done: a revision, an approval.
    due_on = models.DateField(null=True, blank=True)
    # Where a resubmission leads back to, and the text that the author had when asked to revise.
    came_from = models.CharField(max_length=12, choices=Status, blank=True)
    # What the author last handed in: what the editors changed is the difference to it.
    submitted_revision = models.ForeignKey(Revision, null=True, blank=True, on_delete=models.RESTRICT, related_name="+")
    # The author's wish, after acceptance; an editor confirms it or keeps the piece.
    withdrawal_asked_at = models.DateTimeField(null=True, blank=True)
    conflict_of_interest = models.TextField(
        blank=True,
        max_length=2000,
        help_text="Funding, posts or ties that a reader should know of; “none” where there are none.",
    )
    appeared_elsewhere = models.TextField(
        blank=True,
        max_length=2000,
        help_text="Where this or a similar piece appeared or is offered; “nowhere” where that is so.",
    )
    # Whom the author asks not to be a referee, a line each. For editors alone: no referee and no copy editor reads it.
    please_not = models.TextField(
        "please not these referees",
        blank=True,
        max_length=2000,
        help_text="Names of people who should not referee the piece, a line each. The editors alone see this.",
    )
    # From this moment on an editor has something to do, whatever the state says: a referee is silent or late, enough
    # reviews are in, a revision is overdue. Written by whoever sets or meets a due date.
    desk_from = models.DateTimeField(null=True, blank=True)
    # A decision waits until then in the outbox and can be taken back; its author is told nothing of it before, and sees
    # the piece as it was (`held_status`).
    held_until = models.DateTimeField(null=True, blank=True)
    held_status = models.CharField(max_length=12, choices=Status, blank=True)
    # Proposed by the author in their own words; the editor assigns what the publication keeps.
    suggested_regions = models.CharField(max_length=300, blank=True)
    suggested_topics = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "handling"
        permissions = (
            ("decide", "Can decide about pieces"),
            ("publish", "Can publish pieces and change what is public"),
            ("manage", "Can settle, reopen and override as managing editor"),
            ("edit_text", "Can edit the text of pieces in editing"),
            ("see_referees", "Can see who referees"),
        )

    def __str__(self) -> str:
        return f"Handling of {self.article_id}"


class Event(models.Model):
    """One thing that happened to a piece. The timeline is these rows; the database refuses changes of them."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="events")
    transition = models.CharField(max_length=30)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        help_text="Nobody: the publication itself.",
    )
    at = models.DateTimeField(default=timezone.now)
    # For the desk alone. What the author is told stands in the letter.
    note = models.TextField(blank=True)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    # What else was said or changed, such as {"slug": ["old", "new"]}.
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "pk")
        indexes: ClassVar = [models.Index(fields=["article", "at"], name="event_by_article")]
        constraints = (
            models.CheckConstraint(
                name="event_statuses_are_known",
                condition=Q(to_status__in=Status.values) & (Q(from_status="") | Q(from_status__in=Status.values)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.transition} of {self.article_id}"


class Approval(models.Model):
    """One author's answer about one text. Text made later is visibly not covered."""

    class State(models.TextChoices):
        ASKED = "asked", "asked"
        GIVEN = "given", "approved"
        OBJECTED = "objected", "objected"
        SETTLED = "settled", "settled by the desk"
        VOID = "void", "no longer valid"

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="approvals")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="approvals")
    # Nobody where the desk settled it for an author without an account, or for a house piece.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["article", "by"], condition=Q(state="asked"), name="approval_one_open_a_person"
            ),
            models.CheckConstraint(
                name="approval_answered_iff_not_asked",
                condition=Q(state="asked", answered_at__isnull=True)
                | (~Q(state="asked") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="approval_state_is_known", condition=Q(state__in=("asked", "given", "objected", "settled", "void"))
            ),
            models.CheckConstraint(
                name="approval_by_somebody_or_settled", condition=Q(by__isnull=False) | Q(state__in=("settled", "void"))
            ),
        )

    def __str__(self) -> str:
        return f"Approval of {self.revision_id}: {self.state}"


class Letter(models.Model):
    """A letter that the desk wrote about a piece, to one person, as it went. Its way is told by its mail."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="letters")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=40)
    # Nobody where it went to somebody without an account: a co-author who was invited by e-mail.
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # As it was on the day, though the person changes it later.
    address = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    is_to_author = models.BooleanField()
    # Written to a referee, or about one by name: for those who may know who referees (`appearance`).
    names_referee = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    mail = models.OneToOneField(Mail, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at", "-pk")
        indexes: ClassVar = [models.Index(fields=["article", "-at"], name="letter_by_article")]
        constraints: ClassVar[Any] = (
            models.UniqueConstraint(fields=["event", "recipient", "kind"], name="letter_once_an_event"),
        )

    def __str__(self) -> str:
        return self.subject

    @property
    def reader_name(self) -> str:
        """Who got it; without an account what stands before the @, never the whole address."""
        return str(self.recipient) if self.recipient else self.address.split("@")[0]


class LetterTemplate(models.Model):
    """The publication's own wording of a kind of letter. Without a row the file in `templates/letters/` holds."""

    kind = models.CharField(max_length=40, unique=True, editable=False)
    subject = models.CharField(max_length=200)
    text = models.TextField(max_length=10000)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("kind",)

    def __str__(self) -> str:
        return self.kind


class CoAuthorInvitation(models.Model):
    """An invitation to stand above a piece, sent by e-mail. Its secret is stored hashed, and works once."""

    class Answer(models.TextChoices):
        OPEN = "", "not answered yet"
        JOINED = "joined", "confirmed"
        REFUSED = "refused", "does not want to be named"
        CANCELLED = "cancelled", "taken back"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="coauthor_invitations")
    byline = models.OneToOneField(Byline, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitation")
    name = models.CharField(max_length=200)
    email = models.EmailField("e-mail")
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=9, choices=Answer, blank=True, default=Answer.OPEN)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("invited_at", "pk")
        constraints = (
            models.CheckConstraint(
                name="coauthor_answered_iff_answer",
                condition=Q(answer="", answered_at__isnull=True)
                | (Q(answer__in=("joined", "refused", "cancelled")) & Q(answered_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} for {self.article_id}"


class Conflict(models.Model):
    """A declared conflict of somebody at the desk with a piece: they have no editorial access to it.

    A managing editor without one can override it, with a reason; that is recorded and announced.
    """

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="conflicts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=2000)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField(default=timezone.now)
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    overridden_at = models.DateTimeField(null=True, blank=True)
    override_reason = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ("declared_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["article", "person"], condition=Q(overridden_at=None), name="conflict_one_open_a_person"
            ),
            models.CheckConstraint(
                name="conflict_overridden_by_somebody",
                condition=Q(overridden_at__isnull=True, overridden_by__isnull=True)
                | Q(overridden_at__isnull=False, overridden_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} with {self.article_id}"


class Deadline(models.Model):
    """A day by which somebody should have done something. Another day is another row, so that every extension stays.

    `kind` names what is due ("revision", "approval"; rooms above add theirs) and `subject` the id of the row that it is
    about, 0 for the piece itself.
    """

    class End(models.TextChoices):
        OPEN = "", "open"
        MET = "met", "done"
        MOVED = "moved", "given another day"
        VOID = "void", "no longer needed"

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="deadlines")
    kind = models.CharField(max_length=20)
    subject = models.BigIntegerField(default=0)
    due_on = models.DateField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    end = models.CharField(max_length=5, choices=End, blank=True, default=End.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["article", "kind", "subject"], condition=Q(end=""), name="deadline_one_open"
            ),
            models.CheckConstraint(
                name="deadline_ended_iff_end",
                condition=Q(end="", ended_at__isnull=True)
                | (Q(end__in=("met", "moved", "void")) & Q(ended_at__isnull=False)),
            ),
        )
        indexes: ClassVar = [models.Index(fields=["due_on"], condition=Q(end=""), name="deadline_open_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.article_id} by {self.due_on}"


class Reminder(models.Model):
    """A letter that goes by itself at `due_at`, once: before a deadline, on its day, after it.

    A row exists from the day the deadline was set, so that the next one can be seen and skipped. A missed run loses
    none: whatever is due and neither sent nor skipped goes with the next run.
    """

    class Moment(models.TextChoices):
        BEFORE = "before", "before the day"
        ON = "on", "on the day"
        AFTER = "after", "after the day"

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="reminders")
    moment = models.CharField(max_length=6, choices=Moment)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    letter = models.ForeignKey(Letter, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    skipped_at = models.DateTimeField(null=True, blank=True)
    skipped_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # Why it never went, where nobody skipped it: "done before", "a later one went instead".
    skipped_why = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("due_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["deadline", "moment"], name="reminder_once_a_moment"),
            models.CheckConstraint(
                name="reminder_sent_or_skipped", condition=Q(sent_at__isnull=True) | Q(skipped_at__isnull=True)
            ),
        )
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, skipped_at=None), name="reminder_waiting")
        ]

    def __str__(self) -> str:
        return f"Reminder of {self.deadline_id}, {self.moment}"


class LoadedPiece(models.Model):
    """A piece that `load_articles` took in, by the id that it had where it came from."""

    external_id = models.CharField(max_length=300, unique=True)
    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="loaded")
    # Of the line as it was loaded last: the same line again changes nothing.
    digest = models.CharField(max_length=64)
    # The text that the line became. Where another is the latest by now, somebody edited the piece here.
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.external_id


class LoadedPicture(models.Model):
    """A picture that `load_articles` took in. The same file again, in whatever piece, is the same picture."""

    # Of the file as it was loaded; ours is written anew and differs.
    digest = models.CharField(max_length=64, unique=True)
    # The name of the file without its ending, under which `dump_articles` writes it again.
    stem = models.CharField(max_length=150, unique=True)
    image = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.stem


class Change(models.Model):
    """Who changed what, where it is no piece: settings, taxonomy, authors, pictures, plain pages, letters, people.

    The database refuses changes of the rows. What happens to a piece is an `Event`.
    """

    class Action(models.TextChoices):
        ADDED = "added", "added"
        CHANGED = "changed", "changed"
        MERGED = "merged", "merged"
        DELETED = "deleted", "deleted"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=7, choices=Action)
    # Such as "articles.region", with the id and the name that it had.
    model = models.CharField(max_length=100)
    object_id = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    # {field: [before, after]}, in words.
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-pk")
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="change_by_date"),
            models.Index(fields=["model", "object_id", "-at"], name="change_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.action}"


class NotTheSame(models.Model):
    """Two rows with like names, of which somebody said that they are two things. They are not shown as one again."""

    # Such as "articles.tag", with the lower id first.
    model = models.CharField(max_length=100)
    first = models.BigIntegerField()
    second = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["model", "first", "second"], name="not_the_same_once"),
            models.CheckConstraint(name="not_the_same_lower_first", condition=Q(first__lt=models.F("second"))),
        )

    def __str__(self) -> str:
        return f"{self.model} {self.first} is not {self.second}"


class SavedFilter(models.Model):
    """A view of the list of pieces that somebody wants again: its filters, search and order."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="What stands after the question mark.")
    is_shared = models.BooleanField("shared", default=False, help_text="Everybody at the desk sees it.")

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=["owner", "name"], name="saved_filter_name_once"),)

    def __str__(self) -> str:
        return self.name
