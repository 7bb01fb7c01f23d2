"""The secret addresses of a review: random, stored hashed, expiring, ended with the review, good for it alone."""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.urls import reverse

from review.models import Link, Review

# After that the page offers a new one, sent to the same address.
LIFE = datetime.timedelta(days=120)
LONGEST = 100


class Gone(Exception):  # noqa: N818  it is an answer, not an error
    """No review stands behind this address: it never did, or it was cancelled."""


class Expired(Gone):
    """The address is over; a new one can be sent to where it first went."""

    def __init__(self, link: Link) -> None:
        self.link = link
        super().__init__("expired")


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make(review: Review, now: datetime.datetime) -> str:
    """A new secret for a review, in the caller's transaction; earlier ones stay good. It is never read again."""
    token = secrets.token_urlsafe(24)
    Link.objects.create(review=review, digest=digest_of(token), made_at=now, expires_at=now + LIFE)
    return token


def address(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('referee:review', args=[token])}"


def find(token: str, now: datetime.datetime) -> Review:
    """The review behind a secret. Raises Expired, or Gone for all else: revoked, never made."""
    if not token or len(token) > LONGEST:
        raise Gone
    link = (
        Link.objects.select_related(
            "review__round__article__handling", "review__referee__user", "review__round__revision"
        )
        .filter(digest=digest_of(token), revoked_at=None)
        .first()
    )
    if link is None:
        raise Gone
    if link.expires_at <= now:
        raise Expired(link)
    return link.review


def revoke(review: Review, now: datetime.datetime) -> None:
    """End all secrets of a review."""
    review.links.filter(revoked_at=None).update(revoked_at=now)


def restore(review: Review, revoked_at: datetime.datetime) -> None:
    """Take back what `revoke` did at that moment."""
    review.links.filter(revoked_at=revoked_at).update(revoked_at=None)
