"""Who may do what with which piece, said once; querysets, views, desk and `perform` ask here.

On top of the permissions of the roles stand the rules of the row: a person who wrote a piece has no editorial
access to it, whatever their role, superusers included.
"""

import datetime
from collections.abc import Iterable
from functools import cached_property

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.models import (
    Article,
    Byline,
    ErrorReport,
    Image,
    ImageUse,
    Portrait,
    Region,
    Revision,
    SealedText,
    Series,
    Tag,
)
from articles.querysets import ArticleQuerySet
from articles.status import Status
from editorial import appearance, rooms, workflow
from editorial.models import Approval, Conflict, Letter
from editorial.workflow import Transition
from forum.models import Mail, Page, PageVersion

# Where the text is in the author's hands.
AUTHORS_TURN = frozenset({Status.DRAFT, Status.REVISING})
# Where editors shape the text; on a public piece they prepare the next version.
DESKS_TURN = frozenset({Status.EDITING, Status.READY, Status.PUBLISHED})


def wrote(user: User, article: Article) -> bool:
    """Whether the person wrote the piece: corresponds for it or stands above it, in whatever role of byline."""
    if article.corresponding_id is not None and article.corresponding_id == user.pk:
        return True
    return Byline.objects.filter(article=article, author__user=user).exists()


def own_pieces(user: User) -> ArticleQuerySet:
    """Pieces that the person wrote: what the portal shows."""
    named = Byline.objects.filter(article=OuterRef("pk"), author__user=user)
    return Article.objects.filter(Q(corresponding=user) | Exists(named))


def status_for_authors(article: Article, now: datetime.datetime | None = None) -> Status:
    """The state in which the authors of a piece see it: while a decision can still be taken back, the one before it."""
    handling = article.handling
    is_held = handling.held_until is not None and handling.held_until > (now or timezone.now())
    return Status(handling.held_status) if is_held else Status(article.status)


def seen_by_authors_in(statuses: Iterable[str], piece: str = "") -> Q:
    """Pieces that their authors see in one of these states. Says for queries what `status_for_authors` says for one;
    `piece` leads to the piece, as in "article__"."""
    held = Q(**{f"{piece}handling__held_until__gt": timezone.now()})
    return (held & Q(**{f"{piece}handling__held_status__in": list(statuses)})) | (
        Q(**{f"{piece}status__in": list(statuses)}) & ~held
    )


def desk_pieces(user: User) -> ArticleQuerySet:
    """Pieces that the person may see on the desk.

    Never their own, nor one that they have a declared conflict with or referee; never an author's draft that was not handed in, unless an editor began it; for a copy editor
    the pieces assigned to them.
    """
    named = Byline.objects.filter(article=OuterRef("pk"), author__user=user)
    seen = Article.objects.exclude(corresponding=user).exclude(Exists(named))
    seen = seen.exclude(Exists(Conflict.objects.filter(article=OuterRef("pk"), person=user, overridden_at=None)))
    for recused in rooms.RECUSED:
        seen = seen.exclude(recused(user))
    # What these two leave out `is_authors_own` says of one piece.
    seen = seen.exclude(status=Status.DRAFT, handling__editor=None)
    seen = seen.exclude(status=Status.WITHDRAWN, handling__submitted_revision=None, handling__editor=None)
    if user.has_perm("editorial.decide"):
        return seen
    if user.has_perm("editorial.edit_text"):
        return seen.filter(handling__copy_editor=user)
    return seen.none()


def is_authors_own(article: Article) -> bool:
    """Whether the piece is nobody's but its author's: a draft that was not handed in, unless an editor began it, or one that was
    withdrawn before anybody handed it in."""
    if article.handling.editor_id is not None:
        return False
    given_up = article.status == Status.WITHDRAWN and article.handling.submitted_revision_id is None
    return given_up or article.status == Status.DRAFT


def is_on_desk(user: User, article: Article) -> bool:
    """Whether the person may see this piece on the desk."""
    return user.is_active and desk_pieces(user).filter(pk=article.pk).exists()


def may_decide(user: User, article: Article) -> bool:
    """Whether the person may decide about this piece as an editor."""
    return user.has_perm("editorial.decide") and is_on_desk(user, article)


def may_publish(user: User, article: Article) -> bool:
    """Whether the person may give this piece to readers, and change what they see of it."""
    return user.has_perm("editorial.publish") and is_on_desk(user, article)


def may_perform(user: User, article: Article, transition: Transition) -> bool:
    """Whether the transition is this person's to do with this piece, whatever stands in its way."""
    return Standing(user, article).may_perform(transition)


class Standing:
    """What a person may do with a piece as both stand: asked of the database once, for all steps that are offered together.

    It is true for the moment, so nobody keeps one.
    """

    def __init__(self, user: User, article: Article) -> None:
        self.user, self.article = user, article

    def may_perform(self, transition: Transition) -> bool:
        """Whether the transition is theirs, whatever stands in its way."""
        return self.user.is_active and any(self._is(who) for who in transition.who)

    def _is(self, who: str) -> bool:
        match who:
            case workflow.CORRESPONDING:
                return self.article.corresponding_id == self.user.pk
            case workflow.APPROVER:
                return self._is_asked_to_approve
            case workflow.EDITOR:
                return self.user.has_perm("editorial.decide") and self._is_on_desk
            case workflow.PUBLISHER:
                return self.user.has_perm("editorial.publish") and self._is_on_desk
            case workflow.MANAGING_EDITOR:
                return self.user.has_perms(("editorial.manage", "editorial.decide")) and self._is_on_desk
        raise ValueError(f"The table names {who!r}, which nobody knows.")

    @cached_property
    def _is_on_desk(self) -> bool:
        return is_on_desk(self.user, self.article)

    @cached_property
    def _is_asked_to_approve(self) -> bool:
        asked = Approval.objects.filter(article=self.article, by=self.user, state=Approval.State.ASKED)
        return asked.exists()


def why_not_edit_text(user: User, article: Article) -> str:
    """Empty where the person may write the next text of this piece now; else the reason, in plain words."""
    status = Status(article.status)
    if article.corresponding_id == user.pk:
        status = status_for_authors(article)
        if status in AUTHORS_TURN:
            return ""
        return f"The piece is {status.label} now, so its text can’t be changed by its author."
    if not is_on_desk(user, article):
        return "This piece is not yours to edit."
    if article.is_scheduled():
        return "The piece is scheduled. Unschedule it to change its text."
    if status == Status.DRAFT:
        return "" if may_decide(user, article) else "Only its editor may write a draft for the author."
    if status in (Status.RETRACTED, Status.TAKEN_DOWN):
        way = "Reinstate" if status == Status.RETRACTED else "Restore"
        return f"The piece is {status.label}. {way} it to change its text."
    if status not in DESKS_TURN:
        return f"The piece is {status.label}. Its text can be edited once it is in editing."
    if status == Status.EDITING:
        return "" if user.has_perm("editorial.edit_text") else "Your role does not edit texts."
    return "" if may_decide(user, article) else "Only an editor may change the text at this stage."


def shown_to_author(article: Article) -> set[int]:
    """Ids of the versions that the authors of a piece may read.

    The text in their own hands, what they handed in, what they were asked to approve and what readers have: never
    the desk's unfinished edits.
    """
    shown = set(article.approvals.values_list("revision_id", flat=True))
    shown |= set(article.publications.values_list("revision_id", flat=True))
    if article.corresponding_id:
        shown |= set(article.revisions.filter(by_id=article.corresponding_id).values_list("pk", flat=True))
    if article.handling.submitted_revision_id:
        shown.add(article.handling.submitted_revision_id)
    if article.status in AUTHORS_TURN:
        shown.add(article.latest_id)
    return shown - sealed_texts(article)


def sealed_texts(article: Article) -> set[int]:
    """Ids of the versions that were taken out of the public history: managing editors alone read them."""
    return set(SealedText.objects.filter(revision__article=article).values_list("pk", flat=True))


def may_read_text(user: User, revision: Revision) -> bool:
    """Whether a person of the desk, who sees the piece there, may read this version of its text."""
    return user.has_perm("editorial.manage") or not SealedText.objects.filter(pk=revision.pk).exists()


def may_seal(user: User, article: Article) -> bool:
    """Whether the person may take a text of this piece out of the public history."""
    return user.has_perm("editorial.manage") and may_decide(user, article)


def reports_for(user: User) -> QuerySet[ErrorReport]:
    """Reports of errors that the person may read: on pieces of their desk, so never on one that they wrote."""
    return ErrorReport.objects.filter(article__in=desk_pieces(user).order_by().values("pk"))


def text_for_author(article: Article) -> Revision:
    """The newest text that the authors of a piece may read: the latest, or the one before the desk's own edits."""
    shown = shown_to_author(article)
    if article.latest_id in shown:
        return article.latest
    return article.revisions.filter(pk__in=shown).first() or article.latest


def letters_for(user: User, article: Article) -> QuerySet[Letter]:
    """Letters that the person may read: the desk all about the piece, an author those written to them."""
    letters = article.letters.select_related("mail", "recipient")
    if is_on_desk(user, article):
        return letters.exclude(appearance.letters_hidden_from(user))
    # One that can still be stopped, or was, is none to its reader.
    waits = Q(mail__state=Mail.State.WAITING, mail__not_before__gt=timezone.now())
    return letters.filter(recipient=user, is_to_author=True).exclude(waits | Q(mail__state=Mail.State.STOPPED))


def deciders() -> QuerySet[User]:
    """Active people who decide about pieces."""
    in_group = Q(groups__permissions__codename="decide", groups__permissions__content_type__app_label="editorial")
    return User.objects.filter(in_group | Q(is_superuser=True), is_active=True).distinct()


def copy_editors() -> QuerySet[User]:
    """Active people who may edit texts."""
    may_edit = Q(groups__permissions__codename="edit_text", groups__permissions__content_type__app_label="editorial")
    return User.objects.filter(may_edit, is_active=True).distinct()


def deciders_for(article: Article) -> QuerySet[User]:
    """Active people who may decide about this piece: not those who wrote it, have a conflict with it or referee it."""
    return _not_kept_from(article, deciders())


def copy_editors_for(article: Article) -> QuerySet[User]:
    """Active people who may edit texts and have nothing else to do with this one."""
    return _not_kept_from(article, copy_editors())


def _not_kept_from(article: Article, people: QuerySet[User]) -> QuerySet[User]:
    """Without those who have no access to the piece at the desk, whatever their role; `desk_pieces` the other way round."""
    named = Byline.objects.filter(article=article, author__user=OuterRef("pk"))
    people = people.exclude(Exists(named))
    people = people.exclude(Exists(Conflict.objects.filter(article=article, person=OuterRef("pk"), overridden_at=None)))
    for recused in rooms.RECUSED_FROM:
        people = people.exclude(recused(article))
    return people.exclude(pk=article.corresponding_id) if article.corresponding_id else people


def is_kept_from(user: User, article: Article) -> bool:
    """Whether the person has no access to the piece at the desk, whatever their role: wrote it, has a conflict with it or
    referees it."""
    return not _not_kept_from(article, User.objects.filter(pk=user.pk)).exists()


def approvers(article: Article) -> QuerySet[User]:
    """Accounts whose approval the edited text needs: the corresponding author and every author above it.

    Translators and house bylines are not asked.
    """
    named = Byline.objects.filter(
        article=article, role=Byline.Role.AUTHOR, author__is_house=False, author__user=OuterRef("pk")
    )
    return User.objects.filter(Q(pk=article.corresponding_id) | Exists(named), is_active=True)


def authors_with_account(article: Article) -> QuerySet[User]:
    """Accounts that are told what happens with a piece."""
    named = Byline.objects.filter(article=article, author__user=OuterRef("pk"))
    return User.objects.filter(Q(pk=article.corresponding_id) | Exists(named), is_active=True)


def desk_images(user: User) -> QuerySet[Image]:
    """Pictures that the person may see in the library of the desk.

    Those of pieces on their desk, above a text or within it; those of special features, regions, tags, authors and
    plain pages; and those that no piece has used, unless an author sent them. Never one that stands in nothing but
    pieces off their desk (somebody's private draft, or their own), or texts that they may not read any more.
    """
    if not user.has_perm("articles.view_image"):
        return Image.objects.none()
    used = ImageUse.objects.filter(image=OuterRef("pk"))
    on_desk = used.filter(revision__article__in=desk_pieces(user).order_by().values("pk"))
    if not user.has_perm("editorial.manage"):
        on_desk = on_desk.filter(revision__seal=None)
    at_the_desk = User.objects.filter(Q(is_superuser=True) | Q(groups__name__in=roles.DESK))
    from_the_desk = Q(uploaded_by=None) | Q(uploaded_by=user) | Q(uploaded_by__in=at_the_desk.values("pk"))
    return Image.objects.filter(Exists(on_desk) | _outside_pieces() | (~Exists(used) & from_the_desk))


def _outside_pieces(*, is_read: bool = False) -> Q:
    """Pictures of special features, regions, tags, authors and plain pages; `is_read`: of pages that readers have."""
    here, file = OuterRef("pk"), OuterRef("file")
    pages = Page.objects.filter(is_published=True) if is_read else Page.objects.all()
    found = (
        Q(Exists(Series.objects.filter(Q(cover=here) | Q(introduction__contains=file)).order_by()))
        | Q(Exists(Region.objects.filter(image=here).order_by()))
        | Q(Exists(Tag.objects.filter(image=here).order_by()))
        | Q(Exists(Portrait.objects.filter(image=here)))
        | Q(Exists(pages.filter(body__contains=file).order_by()))
    )
    return found if is_read else found | Q(Exists(PageVersion.objects.filter(body__contains=file).order_by()))


def unused_images() -> QuerySet[Image]:
    """Pictures that stand in no version of any text, and nowhere else."""
    return Image.objects.exclude(Q(Exists(ImageUse.objects.filter(image=OuterRef("pk")))) | _outside_pieces())


def own_images(user: User) -> QuerySet[Image]:
    """Pictures that an author may put into a text: those they sent, and those of their pieces as far as they read them."""
    shown = Revision.objects.filter(article__in=own_pieces(user).order_by().values("pk"), seal=None).filter(
        Q(approvals__isnull=False)
        | Q(publications__isnull=False)
        | Q(by=F("article__corresponding"))
        | Q(pk=F("article__handling__submitted_revision"))
        | (Q(pk=F("article__latest")) & seen_by_authors_in(AUTHORS_TURN, "article__"))
    )
    uses = ImageUse.objects.filter(image=OuterRef("pk"), revision__in=shown.order_by().values("pk"))
    return Image.objects.filter(Q(uploaded_by=user) | Exists(uses))


def may_see_image(user: User, image: Image) -> bool:
    """Whether the person may see a picture that readers do not have."""
    if not user.is_active:
        return False
    return own_images(user).filter(pk=image.pk).exists() or desk_images(user).filter(pk=image.pk).exists()


def pieces_with(image: Image) -> ArticleQuerySet:
    """Pieces of which some version has the picture, at its head or within."""
    return Article.objects.filter(Exists(ImageUse.objects.filter(revision__article=OuterRef("pk"), image=image)))


def readers_have(image: Image) -> bool:
    """Whether the picture stands in what readers have, or will have at a moment already named."""
    if Article.objects.filter(live__image_uses__image=image).exists():
        return True
    return Image.objects.filter(_outside_pieces(is_read=True), pk=image.pk).exists()


def may_delete_image(user: User, image: Image) -> bool:
    """Whether the person may delete a picture: never used, and sent by them or theirs to change as an editor."""
    if not user.has_perm("articles.delete_image") or not may_change_image(user, image):
        return False
    if image.uploaded_by_id != user.pk and not user.has_perm("editorial.decide"):
        return False
    return unused_images().filter(pk=image.pk).exists()


def may_change_image(user: User, image: Image) -> bool:
    """Whether the person may change what is told of a picture, wherever it stands.

    Who decides about pieces may, but for pictures of pieces they wrote; where readers have it, who publishes. A copy
    editor may for those they sent and those of pieces they are editing now, never where readers have it.
    """
    if not user.has_perm("articles.change_image") or not desk_images(user).filter(pk=image.pk).exists():
        return False
    pieces = pieces_with(image)
    if own_pieces(user).filter(pk__in=pieces.values("pk")).exists():
        return False
    is_read = readers_have(image)
    if user.has_perm("editorial.decide"):
        return not is_read or user.has_perm("editorial.publish")
    if is_read or not user.has_perm("editorial.edit_text"):
        return False
    if image.uploaded_by_id == user.pk:
        return True
    editing = pieces.filter(status=Status.EDITING, handling__copy_editor=user)
    return pieces.exists() and not pieces.exclude(pk__in=editing.values("pk")).exists()


def may_merge(user: User, model: type[Model]) -> bool:
    """Whether the person may make one of two tags, as editors do, or of two regions, authors or special features."""
    if model is Tag:
        return user.has_perm("editorial.decide") and user.has_perm("articles.change_tag")
    return user.has_perm("editorial.manage") and user.has_perm(
        f"{model._meta.app_label}.change_{model._meta.model_name}"
    )
