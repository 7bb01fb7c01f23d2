"""Files that referees sent with their reviews, as they are handed on."""

from django.http import FileResponse

from prose import papers
from review.models import Attachment


def download(attachment: Attachment, label: str) -> FileResponse:
    """The file under a name that tells of nobody; saved, never shown as a page."""
    response = FileResponse(
        attachment.file.open("rb"), as_attachment=True, filename=papers.neutral_name(label, attachment.kind),
        content_type=papers.MEDIA_TYPES.get(attachment.kind, "application/octet-stream"),
    )  # fmt: skip
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
