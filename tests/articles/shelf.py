"""Published pieces with a past, for the tests of readers' pages."""

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from articles.addresses import day_of
from articles.listing import relist
from articles.models import Article
from editorial.perform import perform
from forum.models import Masthead
from tests.cast import BODY, draft, edit, managing


def published(
    author: User, editor: User, *, at: datetime.datetime | None = None, tags: tuple[str, ...] = (), **fields: Any
) -> Article:
    """A piece that readers have, as if it had been published at that moment.

    It comes in as a loaded one does, in one step where the whole way has eight; what the desk did for it is `piece_in`’s to tell.
    """
    body = fields.pop("body", BODY)
    article = draft(author, body=f"<p>An edited sentence.</p>{body}", **fields)
    perform(article, "import", by=managing())
    article.tags.add(*tags)
    if at is not None:
        day = day_of(at, Masthead.current().zone)
        Article.objects.filter(pk=article.pk).update(published_at=at, published_on=day)
        article.refresh_from_db()
    relist(article)
    return article


def ago(**span: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(**span)


def many(count: int, author: User, editor: User) -> list[Article]:
    """Pieces of Japan, the newest first, a day apart."""
    return [published(author, editor, title=f"Piece {number}", at=ago(days=number, hours=1)) for number in range(count)]


def correct(article: Article, editor: User, note: str, body: str = f"<p>The corrected text.</p>{BODY}") -> None:
    edit(article, editor, body)
    perform(article, "update", by=editor, kind="correction", public_note=note)
