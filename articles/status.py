"""Where a piece stands. Stored in `Article.status`, moved by `editorial.perform` alone."""

from django.db.models import TextChoices


class Status(TextChoices):
    """The label is what its people see; what is derived (scheduled, overdue, corrected) is never stored."""

    PITCHED = "pitched", "pitched"
    DRAFT = "draft", "draft"
    SUBMITTED = "submitted", "submitted"
    IN_REVIEW = "in_review", "with referees"
    REVISING = "revising", "with author for revision"
    EDITING = "editing", "in editing"
    APPROVAL = "approval", "author approval"
    READY = "ready", "ready to publish"
    PUBLISHED = "published", "published"
    TAKEN_DOWN = "taken_down", "taken down"
    RETRACTED = "retracted", "retracted"
    DECLINED = "declined", "declined"
    WITHDRAWN = "withdrawn", "withdrawn"


# Those in which readers are shown a page, once `published_at` has come.
PUBLIC = frozenset({Status.PUBLISHED, Status.RETRACTED})
# Those from which nothing leads to readers unless somebody reopens the piece.
CLOSED = frozenset({Status.DECLINED, Status.WITHDRAWN})
