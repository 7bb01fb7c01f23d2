"""Saving a sheet: text, names, declarations and picture in one transaction, wholly or not at all."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from articles import images
from articles.models import Article, Byline, Image
from articles.renditions import render_texts_with
from articles.search import reindex, reindex_author
from articles.status import Status
from authors.models import Author
from editorial import access, writing
from editorial.contribute.forms import OwnName
from editorial.contribute.sheet import (
    DECLARED,
    PICTURE_WORDS,
    Sheet,
    content,
    is_own,
    mark_of,
    picture_content,
)
from editorial.models import Event, Handling
from editorial.perform import transaction_of
from editorial.registry import Blocked, Reason
from prose import sanitise

# Who has as many begun and not handed in is asked to finish or withdraw one first.
MOST_DRAFTS = 20
# Pictures that one person may send in a day.
MOST_PICTURES = 60
# Keys of first saves that a session remembers.
REMEMBERED = 30


class DetailsStale(Exception):  # noqa: N818  it is an answer, not an error
    """Names, declarations or the words of the picture were changed since the page was opened. Nothing was written."""


def has_too_many_drafts(me: User) -> bool:
    """Whether the person has to finish a piece before beginning another."""
    return Article.objects.filter(corresponding=me, status=Status.DRAFT).count() >= MOST_DRAFTS


def pictures_left(me: User) -> int:
    """How many pictures the person may still send today."""
    since = timezone.now() - datetime.timedelta(days=1)
    return max(MOST_PICTURES - Image.objects.filter(uploaded_by=me, uploaded_at__gte=since).count(), 0)


def take_picture(sheet: Sheet) -> Image | None:
    """The picture above the piece after this save: the new one, the present one or none.

    A new one is stored at once, so that it need not be chosen again if something else has to be mended.
    Raises ValidationError in plain words.
    """
    form = sheet.text
    file = form.files.get("picture_file")
    if file:
        if not pictures_left(sheet.me):
            raise ValidationError("You sent very many pictures today. Send this one tomorrow.")
        words = {name: sanitise.plain_text(form.data.get(name, ""))[: _limit(name)] for name in PICTURE_WORDS}
        return images.store(file, file.size, uploaded_by=sheet.me, **words)
    if form.data.get("has_no_picture"):
        return None
    return sheet.picture


def _limit(name: str) -> int:
    return {"alt": 300, "caption": 1000, "credit": 200}[name]


def begin(sheet: Sheet, session: SessionBase, picture: Image | None) -> Article:
    """A new piece from a sheet; the same sheet sent twice makes one piece.

    Raises Blocked where the person has too many drafts, or the text can't be taken.
    """
    with transaction.atomic():
        # Two presses on one button come here one after the other.
        User.objects.select_for_update().get(pk=sheet.me.pk)
        # Read anew: what the first of them left is not in this request's copy.
        remembered = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(session.session_key)
        begun: dict[str, list[Any]] = remembered.get("begun_pieces", {})
        if sheet.key and sheet.key in begun:
            begun_id, mark = begun[sheet.key]
            article = (
                Article.objects.select_related("latest", "handling").filter(pk=begun_id, corresponding=sheet.me).first()
            )
            if article is not None:
                sheet.article = article
                first = article.revisions.order_by("number").values_list("pk", flat=True)[0]
                sheet.base, sheet.mark = sheet.base or first, sheet.mark or mark
                return _write(sheet, article, picture)
        if has_too_many_drafts(sheet.me):
            raise Blocked(
                Reason(
                    f"You have {MOST_DRAFTS} drafts already. Submit or withdraw one, then begin another. What you typed is kept on this page."
                )
            )
        article = writing.begin(by=sheet.me, corresponding=sheet.me, lead_image=picture, **_text(sheet))
        sheet.mark = mark_of(article)
        _details(sheet, article, picture, stood=sheet.mark)
        begun = dict(list(begun.items())[-REMEMBERED:]) | {sheet.key: [article.pk, mark_of(article)]}
        if session.session_key:
            remembered["begun_pieces"] = begun
            remembered.save()
        session["begun_pieces"] = begun
        return article


def save(sheet: Sheet, picture: Image | None) -> Article:
    """The next version of a piece from a sheet.

    Raises Stale or DetailsStale where somebody saved in the meantime, Blocked where something can't be taken,
    PermissionDenied where the piece is no longer in its author's hands.
    """
    assert sheet.article is not None
    with transaction.atomic():
        return _write(sheet, sheet.article, picture)


def _write(sheet: Sheet, article: Article, picture: Image | None) -> Article:
    with transaction_of(article) as (locked, _handling):
        # Before the text is saved, which may put another picture above the piece.
        stood = mark_of(locked)
        was_picture = picture_content(locked.latest.lead_image, locked)
        writing.revise(article, by=sheet.me, base=sheet.base, lead_image=picture, **_text(sheet))
        _details(sheet, article, picture, stood=stood, was_picture=was_picture)
    return article


def _text(sheet: Sheet) -> dict[str, str]:
    return {name: sheet.text.cleaned_data.get(name) or "" for name in ("title", "in_brief", "body")}


def _details(
    sheet: Sheet, article: Article, picture: Image | None, *, stood: str, was_picture: list[Any] | None = None
) -> None:
    """Names, declarations and the words of the picture. The piece was checked to be in its author's hands.

    `stood` is the mark of the piece before this save.
    """
    with transaction_of(article) as (locked, handling):
        before = writing.snapshot(locked)
        was = content(locked)
        if was_picture is not None:
            was["picture"] = was_picture
        author = _own_author(sheet, locked)
        wanted = {
            "names": [_printed(row, author) for row in _named_rows(sheet, author)],
            "declared": [sheet.text.cleaned_data.get(name) or "" for name in DECLARED],
            "picture": _picture_wanted(sheet, locked, picture),
        }
        if not sheet.rows:
            # Such a form says nothing about the names.
            wanted["names"] = was["names"]
        if wanted != was and sheet.mark != stood:
            raise DetailsStale
        if wanted != was:
            if sheet.rows:
                _put_names(sheet, locked, author)
            _declare(sheet, locked, handling)
            writing.settle_details(locked, by=sheet.me, before=before)
            reindex(locked)
        if picture is not None and may_describe(picture, sheet.me):
            _describe(picture, sheet)
    article.refresh_from_db()


def _named_rows(sheet: Sheet, author: Author | None) -> list[Any]:
    """The rows that can be stored: a name is what a byline can't do without."""
    return [row for row in sheet.rows if (author is not None if row.kind == "me" else row.cleaned_data.get("name"))]


def _printed(row: Any, author: Author | None) -> list[str]:
    name = row.cleaned_data.get("name") or ""
    if row.kind == "me" and author is not None and (isinstance(row, OwnName) or not name):
        name = author.name
    return [name, row.cleaned_data.get("affiliation") or "", row.cleaned_data.get("bio") or ""]


def names_typed(sheet: Sheet) -> list[list[str]]:
    """The names as this sheet would print them, with affiliation and bio."""
    found = []
    for row in sheet.rows:
        author = Author(**row.names(sheet.me)) if isinstance(row, OwnName) else None
        if author or row.kind == "me" or row.cleaned_data.get("name"):
            found.append(_printed(row, author))
    return found


def _own_author(sheet: Sheet, article: Article) -> Author | None:
    """The person's author record: made at the first save, never taken from somebody of the same name.

    Until a piece of theirs is public, it follows what they write with a piece; after that it has its own page.
    """
    row = next((row for row in sheet.rows if row.kind == "me"), None)
    author = Author.objects.select_for_update().filter(user=sheet.me).first()
    if row is None:
        return author
    words = {name: row.cleaned_data.get(name) or "" for name in ("affiliation", "bio")}
    if author is None:
        if not isinstance(row, OwnName):
            return None
        return Author.objects.create(user=sheet.me, **row.names(sheet.me), **words)
    if author.bylines.filter(article__live__isnull=False).exists():
        return author
    if isinstance(row, OwnName):
        words |= row.names(sheet.me)
    else:
        words = {name: value for name, value in words.items() if not getattr(author, name)}
    changed = [name for name, value in words.items() if getattr(author, name) != value]
    if changed:
        for name in changed:
            setattr(author, name, words[name])
        author.save(update_fields=changed)
        reindex_author(author.pk)
    return author


def _put_names(sheet: Sheet, article: Article, author: Author | None) -> None:
    """Bylines in the order of the rows. Whom the desk linked to an author record stays linked."""
    present = {b.pk: b for b in article.bylines.select_related("author")}
    own = next((b for b in present.values() if is_own(b, sheet.me)), None)
    kept: list[Byline] = []
    for row in _named_rows(sheet, author):
        if row.kind == "me":
            byline = own or Byline(article=article, author=author)
        else:
            byline = present.get(row.cleaned_data.get("id") or 0) or Byline(article=article)
            if byline is own or byline in kept:
                byline = Byline(article=article)
        byline.name, byline.affiliation, byline.bio = _printed(row, author)
        kept.append(byline)
    if own is not None and own not in kept:
        kept.append(own)
    staying = {b.pk for b in kept if b.pk}
    article.bylines.exclude(pk__in=staying).delete()
    for position, byline in enumerate(kept):
        byline.position = position
        byline.save()


def _declare(sheet: Sheet, article: Article, handling: Handling) -> None:
    unwanted = handling.please_not
    for name in DECLARED:
        setattr(handling, name, sheet.text.cleaned_data.get(name) or "")
    handling.save(update_fields=list(DECLARED))
    if handling.please_not != unwanted and handling.submitted_revision_id is not None:
        # The desk has read the piece before, and may have invited somebody since.
        Event.objects.create(
            article=article, transition="please_not", from_status=article.status, to_status=article.status, by=sheet.me,
            revision_id=article.latest_id, data={"please_not": [unwanted, handling.please_not], "set": {}},
        )  # fmt: skip


def may_describe(picture: Image, me: User) -> bool:
    """Whether the person may change the words of a picture: they sent it, and readers do not have it yet."""
    return picture.uploaded_by_id == me.pk and not access.readers_have(picture)


def _picture_wanted(sheet: Sheet, article: Article, picture: Image | None) -> list[Any]:
    """What `picture_content` will say after this save."""
    if picture is None or not may_describe(picture, sheet.me):
        return picture_content(picture, article)
    return [picture.pk, *(sheet.text.cleaned_data.get(name) or "" for name in PICTURE_WORDS)]


def _describe(picture: Image, sheet: Sheet) -> None:
    words = {name: sheet.text.cleaned_data.get(name) or "" for name in PICTURE_WORDS}
    changed = [name for name, value in words.items() if getattr(picture, name) != value]
    for name in changed:
        setattr(picture, name, words[name])
    if changed:
        picture.save(update_fields=changed)
        render_texts_with(picture)


def left_over(sheet: Sheet, picture: Image | None) -> list[str]:
    """What was typed and has no place yet, in plain words."""
    said = []
    if any(row.kind == "other" and row.has_words() and not row.cleaned_data.get("name") for row in sheet.rows):
        said.append("An author without a name is not saved yet. Give the name, then save again.")
    if picture is None and any(sheet.text.cleaned_data.get(name) for name in PICTURE_WORDS):
        said.append("The words about the picture are not saved yet. Choose the picture too, then save again.")
    return said
