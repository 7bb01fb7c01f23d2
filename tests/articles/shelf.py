"""Published pieces with a past, for the tests of readers' pages."""

import datetime
from typing import Any

from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.addresses import day_of
from articles.listing import relist
from articles.models import Article
from editorial.perform import perform
from forum.models import Masthead
from tests.cast import BODY, draft, edit, person, piece_in


def published(
    author: User, editor: User, *, at: datetime.datetime | None = None, tags: tuple[str, ...] = (), **fields: Any
) -> Article:
    """A piece that readers have, as if it had been published at that moment.

    It comes in as a loaded one does, in one step where the whole way has eight, and the editor handles it from then on: what the desk did
    for it is told by `walked`.
    """
    article = draft(author, body=f"<p>An edited sentence.</p>{fields.pop('body', BODY)}", **fields)
    loader = User.objects.filter(email="loader@example.org").first() or person(
        "loader@example.org", "Lena Loader", roles.MANAGING_EDITOR
    )
    article.handling.editor = loader
    article.handling.save()
    perform(article, "import", by=loader)
    article.handling.editor = editor
    article.handling.save()
    return _placed(article, at, tags)


def walked(
    author: User, editor: User, *, at: datetime.datetime | None = None, tags: tuple[str, ...] = (), **fields: Any
) -> Article:
    """The same, but every step of its way was taken: who read it and who approved it is known."""
    return _placed(piece_in("published", author=author, editor=editor, **fields), at, tags)


def _placed(article: Article, at: datetime.datetime | None, tags: tuple[str, ...]) -> Article:
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
