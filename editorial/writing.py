"""How a text gets written: a new piece, its next revision, and what is not versioned. The one place that sanitises."""

import datetime
from types import EllipsisType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from articles import addresses
from articles.images import record_uses
from articles.listing import relist
from articles.models import Article, Byline, Image, Revision
from articles.render import render
from articles.search import reindex
from articles.status import PUBLIC, Status
from authors.models import Author
from editorial import access, recording
from editorial.models import Approval, CoAuthorInvitation, Event, Handling
from editorial.perform import perform, transaction_of
from editorial.registry import Blocked, Reason
from prose import sanitise

TITLE_LIMIT = 300
IN_BRIEF_LIMIT = 3000


class Stale(Exception):  # noqa: N818  it is an answer, not an error
    """Somebody saved another text in the meantime. Nothing was written; `current` is what stands now."""

    def __init__(self, current: Revision) -> None:
        self.current = current
        super().__init__(f"{current.by} saved version {current.number} after you opened the text.")


def clean_text(*, title: str = "", in_brief: str = "", body: str = "") -> dict[str, str]:
    """The three texts as a revision may hold them. Raises Blocked where one is too long: nothing is cut off."""
    cleaned = {
        "title": sanitise.plain_line(title),
        "in_brief": sanitise.plain_text(in_brief),
        "body": "",
    }
    too_long = []
    if len(cleaned["title"]) > TITLE_LIMIT:
        too_long.append(
            Reason(f"The title has {len(cleaned['title'])} characters; at most {TITLE_LIMIT} fit.", "title")
        )
    if len(cleaned["in_brief"]) > IN_BRIEF_LIMIT:
        too_long.append(
            Reason(f"The In Brief has {len(cleaned['in_brief'])} characters; at most {IN_BRIEF_LIMIT} fit.", "in_brief")
        )
    if len(body) > sanitise.MAX_BODY:
        too_long.append(Reason(f"The text has {len(body)} characters; at most {sanitise.MAX_BODY} fit.", "body"))
    if too_long:
        raise Blocked(*too_long)
    cleaned["body"] = sanitise.sanitise(body)
    return cleaned


@transaction.atomic
def begin(
    *,
    by: User,
    corresponding: User | None = None,
    editor: User | None = None,
    title: str = "",
    in_brief: str = "",
    body: str = "",
    lead_image: Image | None = None,
    now: datetime.datetime | None = None,
) -> Article:
    """A new piece in draft: an author's own, or one that an editor begins. An author of it stands above it at once."""
    text = clean_text(title=title, in_brief=in_brief, body=body)
    moment = now or timezone.now()
    article_id, revision_id = _next_ids()
    article = Article(
        pk=article_id,
        slug=addresses.free_slug(text["title"]),
        corresponding=corresponding,
        latest_id=revision_id,
        created_at=moment,
    )
    # Article and revision point at each other; the keys are deferred to the end of the transaction.
    article.save(force_insert=True)
    revision = Revision(pk=revision_id, article=article, number=1, by=by, at=moment, lead_image=lead_image, **text)
    revision.save(force_insert=True)
    article.latest = revision
    handling = Handling.objects.create(article=article, editor=editor, since=moment)
    if corresponding is not None and (author := Author.objects.filter(user=corresponding).first()):
        add_byline(article, author)
    Event.objects.create(
        article=article, transition="begin", from_status="", to_status=Status.DRAFT, by=by, at=moment, revision=revision,
        data=recording.changed({}, recording.columns(article, handling)),
    )  # fmt: skip
    record_uses(revision)
    render(revision)
    reindex(article)
    return article


def add_byline(article: Article, author: Author, **fields: Any) -> Byline:
    """Name an author above a piece, as they are called today, after those who stand there."""
    last = article.bylines.order_by("-position").values_list("position", flat=True).first()
    return Byline.objects.create(
        article=article,
        author=author,
        position=0 if last is None else last + 1,
        **{"name": author.name, "affiliation": author.affiliation, "bio": author.bio} | fields,
    )


def revise(
    article: Article,
    *,
    by: User,
    base: int,
    title: str,
    in_brief: str,
    body: str,
    lead_image: Image | None = None,
    note: str = "",
    is_copy_fix: bool = False,
    now: datetime.datetime | None = None,
) -> Revision:
    """Write the next version of the text; the same text again makes none.

    `base` is the id of the revision that the person began from. Raises Stale where another was saved since,
    Blocked where the text can't be taken, PermissionDenied where it is not this person's to write. `now` is another
    moment than the present for loading a past. Refreshes `article`.
    """
    text = clean_text(title=title, in_brief=in_brief, body=body)
    with transaction_of(article) as (locked, _handling):
        if problem := access.why_not_edit_text(by, locked):
            raise PermissionDenied(problem)
        current = locked.latest
        is_same = all(getattr(current, field) == value for field, value in text.items()) and (
            current.lead_image_id == (lead_image.pk if lead_image else None)
        )
        if is_same:
            return current
        if base != current.pk:
            raise Stale(current)
        if locked.status == Status.READY and not is_copy_fix:
            raise Blocked(
                Reason(
                    "The author has approved this text. Mark the change as a copy fix, or step back and ask again.",
                    "is_copy_fix",
                )
            )
        revision = Revision.objects.create(
            article=locked, number=current.number + 1, by=by, at=now or timezone.now(), lead_image=lead_image,
            note=sanitise.plain_line(note)[:500], is_copy_fix=is_copy_fix, **text,
        )  # fmt: skip
        locked.latest = revision
        changed = ["latest"]
        if not locked.has_own_slug and locked.status not in PUBLIC:
            locked.slug = addresses.free_slug(revision.title, article_id=locked.pk)
            changed.append("slug")
        locked.save(update_fields=changed)
        record_uses(revision)
        render(revision)
        reindex(locked)
    article.refresh_from_db()
    return revision


def snapshot(article: Article) -> dict[str, Any]:
    """What is public of a piece and not versioned, in words: for saying what changed."""
    return {
        "slug": article.slug,
        "language": article.language,
        "translation_of": str(article.translation_of or ""),
        "licence": article.licence,
        "doi": article.doi,
        "series": str(article.series or ""),
        "series_position": str(article.series_position or ""),
        "first_appeared": article.first_appeared,
        "first_appeared_url": article.first_appeared_url,
        "regions": sorted(article.regions.values_list("name", flat=True)),
        "tags": sorted(article.tags.values_list("name", flat=True)),
        "bylines": [
            " · ".join(filter(None, (b.role, b.name, b.affiliation, b.bio, f"#{b.author_id}" if b.author_id else "")))
            for b in article.bylines.order_by("position", "pk")
        ],
    }


def settle_details(
    article: Article, *, by: User | None, before: dict[str, Any], now: datetime.datetime | None = None
) -> dict[str, list[Any]]:
    """Call in the transaction that changed what is not versioned, with the snapshot from before.

    Keeps the old address of a public piece, voids an approval when the bylines changed, brings the lists in step,
    and writes one event that says what changed from what to what. `now` is another moment than the present for loading
    a past. `by` nobody is a person without an account who does not want to be named. Returns those changes.
    """
    after = snapshot(article)
    changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if not changes:
        return {}
    if article.status in PUBLIC and (by is None or not access.may_publish(by, article)):
        raise PermissionDenied("What readers see of a public piece is changed by those who publish.")
    now = now or timezone.now()
    if "slug" in changes and article.published_on and (article.is_public(now) or article.status == Status.TAKEN_DOWN):
        addresses.keep(article, article.published_on, before["slug"])
    data: dict[str, Any] = {"changes": changes, "set": {}}
    if "slug" in changes:
        data["set"]["slug"] = changes["slug"]
    if "bylines" in changes and not _waits_on_approval(article, by=by, now=now):
        recording.note_row(data, "approvals", "void_answered")
        if article.how_approved:
            data["set"]["how_approved"] = [article.how_approved, None]
    Event.objects.create(
        article=article, transition="change_details", from_status=article.status, to_status=article.status, by=by, at=now,
        revision_id=article.latest_id, data=data,
    )  # fmt: skip
    if "bylines" in changes:
        _follow_bylines(article, before["bylines"], by=by, now=now)
        _void_approvals(article, by=by, now=now)
    relist(article)
    return changes


def _follow_bylines(article: Article, before: list[str], *, by: User | None, now: datetime.datetime) -> None:
    """Who confirmed a line confirmed those words: others in it are theirs to confirm again, unless they wrote them
    themselves. An invitation to a name that is gone is over."""
    lines = snapshot(article)["bylines"]
    rows = article.bylines.select_related("author").order_by("position", "pk")
    changed = [row for row, line in zip(rows, lines, strict=True) if line not in before]
    own = [row.pk for row in changed if by is not None and row.author is not None and row.author.user_id == by.pk]
    article.bylines.filter(pk__in=own).update(confirmed_at=now)
    article.bylines.filter(pk__in=[row.pk for row in changed if row.pk not in own]).update(confirmed_at=None)
    for invitation in article.coauthor_invitations.filter(answer="", byline=None):
        invitation.answer, invitation.answered_at, invitation.answered_by = CoAuthorInvitation.Answer.CANCELLED, now, by
        invitation.save(update_fields=["answer", "answered_at", "answered_by"])
        Event.objects.create(
            article=article, transition="coauthor_cancelled", from_status=article.status, to_status=article.status, by=by,
            at=now, revision_id=article.latest_id, data={"coauthor": invitation.name},
        )  # fmt: skip


def _waits_on_approval(article: Article, *, by: User | None, now: datetime.datetime) -> bool:
    """Whether the piece goes back into editing where its bylines change; nobody takes it there without an account."""
    return by is not None and (article.status in (Status.APPROVAL, Status.READY) or article.is_scheduled(now))


def _void_approvals(article: Article, *, by: User | None, now: datetime.datetime) -> None:
    """The authors approved other names above the text; a piece that waits on that approval goes back into editing."""
    if by is not None and _waits_on_approval(article, by=by, now=now):
        perform(article, "void_approval", by=by, now=now, note="The bylines were changed.")
        return
    article.approvals.filter(state__in=(Approval.State.GIVEN, Approval.State.SETTLED)).update(state=Approval.State.VOID)
    if article.how_approved:
        article.how_approved = ""
        article.save(update_fields=["how_approved"])


def _next_ids() -> tuple[int, int]:
    """Ids for an article and its first revision, taken beforehand since each row names the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('articles_article', 'id')),"
            " nextval(pg_get_serial_sequence('articles_revision', 'id'))"
        )
        article_id, revision_id = cursor.fetchone()
    return article_id, revision_id


def assign(
    article: Article,
    *,
    by: User,
    editor: User | EllipsisType | None = ...,
    copy_editor: User | EllipsisType | None = ...,
    now: datetime.datetime | None = None,
) -> None:
    """Assign a piece to an editor and a copy editor, or take it over; an event records it.

    Who is left out stays; None takes the piece from whoever has it. `now` is another moment than the present for
    loading a past. Raises PermissionDenied, or Blocked where the person named can't have it.
    """
    with transaction_of(article) as (locked, handling):
        if not access.may_decide(by, locked):
            raise PermissionDenied("Assigning this piece is not yours to do.")
        if isinstance(editor, User) and not access.deciders_for(locked).filter(pk=editor.pk).exists():
            raise Blocked(Reason(f"{editor} can’t handle this piece.", "editor"))
        if isinstance(copy_editor, User) and (
            access.is_kept_from(copy_editor, locked) or not copy_editor.has_perm("editorial.edit_text")
        ):
            raise Blocked(Reason(f"{copy_editor} can’t edit this piece.", "copy_editor"))
        changes, columns = {}, recording.columns(locked, handling)
        for field, person in (("editor", editor), ("copy_editor", copy_editor)):
            old = getattr(handling, field)
            if person is not ... and old != person:
                changes[field] = [str(old or ""), str(person or "")]
                setattr(handling, field, person)
        if not changes:
            return
        handling.save(update_fields=list(changes))
        Event.objects.create(
            article=locked, transition="assign", from_status=locked.status, to_status=locked.status, by=by,
            at=now or timezone.now(), revision_id=locked.latest_id,
            data={"changes": changes} | recording.changed(columns, recording.columns(locked, handling)),
        )  # fmt: skip
    article.refresh_from_db()
