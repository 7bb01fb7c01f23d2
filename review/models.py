"""Peer review: referees, rounds, invitations and reviews, the form's questions, what was released to the author."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from articles.models import Article, Region, Revision, Tag
from articles.status import Status
from editorial.models import Letter


class Mode(models.TextChoices):
    """Identity transparency, in the terms of ANSI/NISO Z39.106."""

    DOUBLE = "double", "double anonymised"
    SINGLE = "single", "single anonymised"
    OPEN = "open", "all identities visible"


class Recommendation(models.TextChoices):
    ACCEPT = "accept", "Accept"
    MINOR = "minor", "Minor revision"
    MAJOR = "major", "Major revision"
    DECLINE = "decline", "Decline"


class Settings(models.Model):
    """How the publication referees, one row. A round takes these as its first answers and can differ."""

    mode = models.CharField("identity transparency", max_length=6, choices=Mode, default=Mode.DOUBLE)
    wanted = models.PositiveSmallIntegerField(
        "reviews wanted", default=2, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    answer_days = models.PositiveSmallIntegerField(
        "days to answer an invitation", default=5, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    review_days = models.PositiveSmallIntegerField(
        "days to review", default=14, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    decision_days = models.PositiveSmallIntegerField(
        "days from the last review to the decision",
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text="Together with the days to review, what authors are told to expect.",
    )
    remind_before_days = models.PositiveSmallIntegerField(
        "days of the reminder before a due date", default=3, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    remind_after_days = models.PositiveSmallIntegerField(
        "days of the reminder after it", default=3, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    coi_years = models.PositiveSmallIntegerField(
        "years in which a shared byline is a conflict",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )

    class Meta:
        verbose_name = verbose_name_plural = "peer review settings"
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="review_settings_is_one_row"),)

    def __str__(self) -> str:
        return "How we referee"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> "Settings":
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Form(models.Model):
    """The questions that referees answer besides the recommendation. Frozen when a round first uses it; then changes
    make the next form. The newest is the one in use."""

    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        permissions = (("edit_form", "Can edit the referees’ form and settings"),)

    def __str__(self) -> str:
        return f"Form {self.pk}"


class Question(models.Model):
    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        CHOICE = "choice", "One of several"
        SCALE = "scale", "1 to 5"
        YES_NO = "yes_no", "Yes or no"

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.TEXT)
    label = models.CharField("question", max_length=300)
    help = models.CharField("help", max_length=500, blank=True)
    # One a line, for `choice`.
    choices = models.TextField(blank=True, max_length=1000)
    is_required = models.BooleanField("needed", default=False)
    is_for_author = models.BooleanField(
        "authors see the answer", default=False, help_text="Else it is for the editors alone."
    )

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.label

    @property
    def choice_list(self) -> list[str]:
        return [line.strip() for line in self.choices.splitlines() if line.strip()]


class Referee(models.Model):
    """One who reviews, or could: with an account, or just a name and an e-mail address. For those alone who may know
    who referees (`editorial.see_referees`)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="referee"
    )
    name = models.CharField(max_length=200)
    email = models.EmailField("e-mail")
    affiliation = models.CharField(max_length=200, blank=True)
    regions = models.ManyToManyField(Region, blank=True, related_name="+")
    tags: Any = models.ManyToManyField(Tag, blank=True, related_name="+")
    # Names and institutions that the referee declared, a line each.
    conflicts = models.TextField("declared conflicts", blank=True, max_length=2000)
    # "Not before June."
    not_before = models.DateField("not before", null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000, help_text="For editors.")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(Lower("email"), name="referee_email_unique"),)

    def __str__(self) -> str:
        return self.name


class Round(models.Model):
    """One round of refereeing, on a frozen text. A piece has one open round at most."""

    class Outcome(models.TextChoices):
        OPEN = "", "open"
        ACCEPT = "accept", "accepted"
        MINOR = "minor", "minor revision"
        MAJOR = "major", "major revision"
        REVISION = "revision", "revision"
        DECLINE = "decline", "declined"
        WITHDRAWN = "withdrawn", "withdrawn by the author"
        RECALLED = "recalled", "taken back by the desk"

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="rounds")
    mode = models.CharField(max_length=6, choices=Mode, default=Mode.DOUBLE)
    wanted = models.PositiveSmallIntegerField(default=2)
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")
    # Where the piece came from, and goes back to when the round is taken back.
    from_status = models.CharField(max_length=12, choices=Status)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    # What authors are told to expect; moved with the referees' days.
    expected_on = models.DateField()
    # The author's words with the revision that this round reads.
    response = models.TextField(blank=True)
    # Identity traces found in the text, and who looked at them. Nobody is invited before.
    traces = models.JSONField(default=list)
    traces_seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    traces_seen_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True, default=Outcome.OPEN)

    class Meta:
        ordering = ("article", "number")
        constraints = (
            models.UniqueConstraint(fields=["article", "number"], name="round_number_once"),
            models.UniqueConstraint(fields=["article"], condition=Q(closed_at=None), name="round_one_open_a_piece"),
            models.CheckConstraint(
                name="round_closed_iff_outcome",
                condition=Q(outcome="", closed_at__isnull=True) | (~Q(outcome="") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(name="round_mode_is_known", condition=Q(mode__in=Mode.values)),
        )

    def __str__(self) -> str:
        return f"Round {self.number} of {self.article_id}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def hides_authors(self) -> bool:
        return self.mode == Mode.DOUBLE

    @property
    def hides_referees(self) -> bool:
        return self.mode != Mode.OPEN


class Review(models.Model):
    """One referee's part in one round, from the list of next choices to the review that was sent.

    What is typed is kept here from the first letter on; `submitted_at` says that it counts.
    """

    class State(models.TextChoices):
        LISTED = "listed", "next choice"
        INVITED = "invited", "invited"
        ACCEPTED = "accepted", "reviewing"
        SUBMITTED = "submitted", "review sent"
        CANT = "cant", "can’t review"
        CANCELLED = "cancelled", "cancelled"

    class Why(models.TextChoices):
        BUSY = "busy", "No time"
        CONFLICT = "conflict", "A conflict of interest"
        FIELD = "field", "Not my field"
        OTHER = "other", "Another reason"

    # States in which something is still expected of the referee.
    OPEN: ClassVar = (State.INVITED, State.ACCEPTED)

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="reviews")
    referee = models.ForeignKey(Referee, on_delete=models.PROTECT, related_name="reviews")
    # “Referee 1”: the same for one referee through all rounds of a piece; given with the first invitation.
    label = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.LISTED)
    # Order among the next choices.
    position = models.PositiveSmallIntegerField(default=0)
    listed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(null=True, blank=True)
    # The newest invitation: it can be stopped while its mail waits.
    letter = models.ForeignKey(Letter, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    # The referee said that they have no conflict; the text is not shown before.
    no_conflict_at = models.DateTimeField(null=True, blank=True)
    cant_why = models.CharField(max_length=8, choices=Why, blank=True)
    cant_note = models.TextField(blank=True, max_length=2000)
    cant_others = models.TextField("who else could", blank=True, max_length=2000)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_why = models.CharField(max_length=300, blank=True)
    # The round was decided without it, and it may still be sent.
    is_kept = models.BooleanField(default=False)
    # "More time, please."
    asked_due_on = models.DateField(null=True, blank=True)
    asked_why = models.TextField(blank=True, max_length=1000)
    asked_at = models.DateTimeField(null=True, blank=True)

    recommendation = models.CharField(max_length=7, choices=Recommendation, blank=True)
    for_author = models.TextField("comments for the author", blank=True)
    for_editor = models.TextField("for the editors alone", blank=True)
    # {question id as text: answer as text}
    answers = models.JSONField(default=dict, blank=True)
    # Counts what was saved, so that two windows do not overwrite each other.
    edits = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    # An editor gave it back for a fix, with these words.
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_why = models.TextField(blank=True, max_length=2000)
    # The author may read what was not withheld.
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("label", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=["round", "referee"], name="review_one_a_referee_and_round"),
            models.CheckConstraint(
                name="review_submitted_has_moment", condition=~Q(state="submitted") | Q(submitted_at__isnull=False)
            ),
            models.CheckConstraint(
                name="review_accepted_without_conflict",
                condition=~Q(state__in=("accepted", "submitted")) | Q(no_conflict_at__isnull=False),
            ),
            models.CheckConstraint(
                name="review_cancelled_has_moment", condition=~Q(state="cancelled") | Q(cancelled_at__isnull=False)
            ),
            models.CheckConstraint(
                name="review_labelled_once_invited", condition=Q(state="listed") | Q(label__isnull=False)
            ),
            models.CheckConstraint(
                name="review_state_is_known",
                condition=Q(state__in=("listed", "invited", "accepted", "submitted", "cant", "cancelled")),
            ),
        )

    def __str__(self) -> str:
        return f"Review {self.pk} of round {self.round_id}"

    @property
    def name_for_others(self) -> str:
        """How the referee is called wherever their name must not stand."""
        return f"Referee {self.label}" if self.label else "A referee"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Link(models.Model):
    """A secret address of one review, stored hashed. Each letter makes its own; all end when the review is cancelled."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Link of review {self.review_id}"


class Remark(models.Model):
    """A comment on a passage of the frozen text: the paragraph by its number, and the words meant, if any were marked."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="remarks")
    # From 1; paragraphs as `review.passages` numbers them.
    paragraph = models.PositiveIntegerField()
    quote = models.TextField(blank=True, max_length=1000)
    text = models.TextField(max_length=5000)
    is_for_editor = models.BooleanField("for the editors alone", default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("paragraph", "pk")

    def __str__(self) -> str:
        return f"Remark on paragraph {self.paragraph}"


class Attachment(models.Model):
    """A file that a referee sent with the review: checked, its metadata stripped, served to those alone who may have it."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="attachment")
    file = models.FileField(upload_to="reviews/", max_length=200)
    # As `prose` knows it: "pdf", "docx", "txt".
    kind = models.CharField(max_length=8)
    size = models.PositiveIntegerField()
    # What it was called and what metadata it held, in words; for the editors.
    sent_name = models.CharField(max_length=255)
    found = models.JSONField(default=list)
    # Places in its words that could tell the author who the referee is, as `identity.in_file` finds them.
    traces = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Attachment of review {self.review_id}"


class Withheld(models.Model):
    """A part of a sent review that its author is not shown, with the reason."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="withheld")
    # "comments", "remark:12", "answer:3", "file".
    part = models.CharField(max_length=30)
    reason = models.TextField(max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["review", "part"], name="withheld_once_a_part"),)
        verbose_name_plural = "withheld"

    def __str__(self) -> str:
        return f"{self.part} of review {self.review_id}"


class DraftDecision(models.Model):
    """A decision that is being written, one a round; a recommending editor can hand it to the managing editor."""

    round = models.OneToOneField(Round, on_delete=models.CASCADE, related_name="draft_decision")
    # "accept", "minor", "major" or "decline".
    decision = models.CharField(max_length=7, choices=Recommendation, blank=True)
    message = models.TextField(blank=True)
    note = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    # {review id: "kept" or "cancelled"} for those still open, and {"review id:part": reason} for what is withheld.
    settle = models.JSONField(default=dict, blank=True)
    withhold = models.JSONField(default=dict, blank=True)
    edits = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    handed_at = models.DateTimeField(null=True, blank=True)
    # Why it is recommended; for the managing editor.
    advice = models.TextField(blank=True, max_length=5000)

    def __str__(self) -> str:
        return f"Draft decision of round {self.round_id}"
