"""Who else stands above a piece: invited by e-mail or entered by name, each confirming their own line.

An invitation puts the name above the piece at once, unconfirmed. Its secret goes with the letter, is stored hashed and
works once: whoever has it may look at the invitation, say no without an account, or join with one.
"""

import datetime
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import formats, timezone

from accounts import names as person_names
from accounts.models import User
from articles.models import Article, Byline
from articles.search import reindex, reindex_author
from articles.status import CLOSED, Status
from authors.models import Author
from editorial import access, letters, writing
from editorial.models import CoAuthorInvitation, Event, Handling
from editorial.perform import transaction_of
from editorial.registry import Blocked, Reason
from forum.models import Masthead
from prose import sanitise

MOST_NAMES = 30
# Not answered yet, of one piece.
MOST_OPEN = 10
# Letters of invitation that one person may send in a day.
MOST_A_DAY = 30
# Where a person changes their own line by themselves; later it belongs to the text that is being approved.
BEFORE_APPROVAL = frozenset({Status.PITCHED, Status.DRAFT, Status.SUBMITTED, Status.IN_REVIEW, Status.REVISING, Status.EDITING})  # fmt: skip
OPEN = CoAuthorInvitation.Answer.OPEN


class Gone(Exception):  # noqa: N818  it is an answer, not an error
    """There is no such invitation, or it was answered or taken back, or its piece is closed: nobody is told which."""


# --- looking ---


@dataclass(frozen=True)
class Named:
    """A name above a piece and what is known of it. `tone` is that of a pill."""

    byline: Byline
    state: str
    is_corresponding: bool
    invitation: CoAuthorInvitation | None

    @property
    def details(self) -> str:
        return " · ".join(filter(None, (self.byline.affiliation, self.byline.bio)))


def named(article: Article) -> list[Named]:
    """The names above a piece in order, each with how it came there and whether it is confirmed; one query."""
    rows = article.bylines.select_related("author__user", "invitation")
    return [Named(row, state_of(row, article), _is_corresponding(row, article), open_invitation(row)) for row in rows]


def open_invitation(byline: Byline) -> CoAuthorInvitation | None:
    """The invitation to this name that waits for an answer."""
    found: CoAuthorInvitation | None = getattr(byline, "invitation", None)
    return found if found is not None and found.answer == OPEN else None


def state_of(byline: Byline, article: Article) -> str:
    """How far a name is, in words: confirmed, invited, entered by name."""
    if byline.confirmed_at:
        return f"confirmed on {_day(byline.confirmed_at)}"
    if invitation := open_invitation(byline):
        return f"invited on {_day(invitation.invited_at)}, not answered yet"
    if byline.author is None:
        return "entered by name"
    if byline.author.is_house:
        return "house byline"
    if byline.author.user_id is None:
        return "entered by name, without an account"
    return "corresponding author" if _is_corresponding(byline, article) else "has an account, not confirmed yet"


def _is_corresponding(byline: Byline, article: Article) -> bool:
    return byline.author is not None and byline.author.user_id is not None and byline.author.user_id == article.corresponding_id  # fmt: skip


def _day(moment: datetime.datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "j F Y")


def open_invitations(article: Article) -> QuerySet[CoAuthorInvitation]:
    """Those that nobody answered yet."""
    return article.coauthor_invitations.filter(answer=OPEN)


def waiting_invitations(user: User) -> QuerySet[CoAuthorInvitation]:
    """Open invitations to an address that is known to be this person's."""
    own = Q(pk__in=[])
    for address in EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True):
        own |= Q(email__iexact=address)
    found = CoAuthorInvitation.objects.filter(own, answer=OPEN, byline__isnull=False)
    return found.filter(access.seen_by_authors_in(BEFORE_APPROVAL, "article__")).select_related(
        "article__handling", "byline", "invited_by"
    )


def waiting_bylines(user: User) -> QuerySet[Byline]:
    """Lines of this person above pieces of others that wait for their word."""
    is_open = access.seen_by_authors_in(BEFORE_APPROVAL, "article__")
    rows = Byline.objects.filter(is_open, author__user=user, confirmed_at=None)
    return rows.exclude(article__corresponding=user).select_related("article")


def by_token(token: str) -> CoAuthorInvitation:
    """The invitation with this secret, for whoever has it. Raises Gone."""
    return _still_open(CoAuthorInvitation.objects.filter(digest=_digest(token)))


def by_id(pk: int, user: User) -> CoAuthorInvitation:
    """The invitation, for a person to whose own address it went. Raises Gone."""
    return _still_open(waiting_invitations(user).filter(pk=pk))


def _still_open(found: QuerySet[CoAuthorInvitation]) -> CoAuthorInvitation:
    invitation = found.select_related("article__handling", "byline", "invited_by").first()
    if invitation is None or not _is_open(invitation):
        raise Gone
    return invitation


def _is_open(invitation: CoAuthorInvitation) -> bool:
    piece = invitation.article
    return (
        invitation.answer == OPEN
        and invitation.byline is not None
        and access.status_for_authors(piece) in BEFORE_APPROVAL
    )


def inviter(invitation: CoAuthorInvitation) -> str:
    """Who invites, as the invited person is told: an author by name, the desk as the publication."""
    if access.wrote(invitation.invited_by, invitation.article):
        return str(invitation.invited_by)
    return f"the editors of {Masthead.current().name}"


def title_for(article: Article) -> str:
    """The title that an invited person is shown."""
    return access.text_for_author(article).title or "Untitled"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


# --- who may ---


def why_not_settle(user: User, article: Article) -> str:
    """Empty where the person may settle who stands above the piece; else why not."""
    if article.corresponding_id == user.pk:
        if access.status_for_authors(article) in access.AUTHORS_TURN:
            return ""
        return "The piece is with the editors. Write to them if a name has to be changed."
    if not access.may_decide(user, article):
        return "The corresponding author, or an editor of the piece, settles who stands above it."
    if article.live_id and not access.may_publish(user, article):
        return "Readers see the names at once, so those who publish change them."
    return ""


def why_not_invite(user: User, article: Article) -> str:
    """Empty where the person may invite somebody now; else why not."""
    if problem := why_not_settle(user, article):
        return problem
    if article.live_id:
        return "Readers see the names at once, so nobody is invited any more. Add the author to the bylines."
    if article.status in CLOSED or article.status == Status.TAKEN_DOWN:
        return "The piece is closed. Open it again first."
    return ""


def _check(problem: str) -> None:
    if problem:
        raise PermissionDenied(problem)


def why_not_join(user: User, invitation: CoAuthorInvitation) -> str:
    """Empty where the person may accept; else what to do. Who handles a piece can't be its author."""
    handling = Handling.objects.get(article_id=invitation.article_id)
    if user.pk in (handling.editor_id, handling.second_editor_id, handling.copy_editor_id):
        return (
            "You handle this piece at the desk, and nobody handles a piece of their own. Have it assigned to somebody"
            " else first, then come back to this page."
        )
    byline = invitation.byline
    if byline is not None and byline.author is not None and byline.author.user_id not in (None, user.pk):
        return "The editors have put another account in this place. Write to them."
    mine = Byline.objects.filter(article_id=invitation.article_id, author__user=user)
    if mine.exclude(pk=invitation.byline_id or 0).exists():
        return "You stand above this piece already. If the invitation was for somebody else, have it sent to them."
    return ""


def leaves_desk(user: User, invitation: CoAuthorInvitation) -> bool:
    """Whether joining takes the piece from this person's desk."""
    return access.is_on_desk(user, invitation.article)


# --- settling who stands above the piece ---


def clean_line(*, name: str, affiliation: str = "", bio: str = "") -> dict[str, str]:
    """A byline's words as they may be printed. Raises Blocked with the field."""
    line = {
        "name": person_names.tidy(name.replace("\x00", "")),
        "affiliation": sanitise.plain_line(affiliation),
        "bio": sanitise.plain_text(bio),
    }
    found = []
    if not line["name"]:
        found.append(Reason("Give the name, as it is to be printed.", "name"))
    try:
        person_names.validate_name(line["name"])
    except ValidationError as refused:
        found.append(Reason(" ".join(refused.messages), "name"))
    for field, most in (("affiliation", 200), ("bio", 600)):
        if len(line[field]) > most:
            found.append(Reason(f"These are {len(line[field]):,} characters; at most {most} fit.", field))
    if found:
        raise Blocked(*found)
    return line


def _clean_address(email: str, by: User) -> str:
    address = email.replace("\x00", "").strip()
    try:
        validate_email(address)
    except ValidationError:
        raise Blocked(Reason("This is not an e-mail address. It looks like name@example.org.", "email")) from None
    if len(address) > 254:
        raise Blocked(Reason("This address is too long.", "email"))
    own = EmailAddress.objects.filter(user=by, email__iexact=address).exists()
    if own or address.lower() == by.email.lower():
        raise Blocked(Reason("This is your own address. Give that of the person you invite.", "email"))
    return address


def invite(article: Article, *, name: str, email: str, by: User, affiliation: str = "") -> CoAuthorInvitation:
    """Put a name above the piece and write to the person. What happens is the same whether or not they have an account.

    Raises PermissionDenied, or Blocked with the field.
    """
    line = clean_line(name=name, affiliation=affiliation)
    with transaction_of(article) as (locked, _handling):
        _check(why_not_invite(by, locked))
        address = _clean_address(email, by)
        waiting = open_invitations(locked)
        if waiting.filter(email__iexact=address).exists():
            said = "An invitation to this address waits for its answer. Send it again, or take it back first."
            raise Blocked(Reason(said, "email"))
        if waiting.count() >= MOST_OPEN:
            raise Blocked(Reason(f"{MOST_OPEN} invitations wait for an answer, and no more can. Take one back first."))
        _check_day(by)
        token = secrets.token_urlsafe(32)
        invitation = CoAuthorInvitation.objects.create(
            article=locked, byline=_add(locked, by, line), name=line["name"], email=address, digest=_digest(token),
            invited_by=by,
        )  # fmt: skip
        event = _event(locked, "coauthor_invited", by, {"coauthor": line["name"]})
        _write_to(invitation, token, event)
    article.refresh_from_db()
    return invitation


def send_again(invitation: CoAuthorInvitation, *, by: User) -> None:
    """Write once more, with a new secret; the old link is over."""
    with transaction_of(invitation.article) as (locked, _handling):
        _check(why_not_invite(by, locked))
        current = _locked(invitation)
        _check_day(by)
        token = secrets.token_urlsafe(32)
        current.digest = _digest(token)
        current.save(update_fields=["digest"])
        _write_to(current, token, _event(locked, "coauthor_invited", by, {"coauthor": current.name}))


def _check_day(by: User) -> None:
    # One person's presses come here one after the other.
    User.objects.select_for_update().get(pk=by.pk)
    since = timezone.now() - datetime.timedelta(days=1)
    if Event.objects.filter(transition="coauthor_invited", by=by, at__gte=since).count() >= MOST_A_DAY:
        raise Blocked(Reason(f"You sent {MOST_A_DAY} invitations within a day. Send this one tomorrow."))


def add_by_name(article: Article, *, name: str, by: User, affiliation: str = "", bio: str = "") -> Byline:
    """Put a name above the piece of somebody who is not written to. Raises PermissionDenied, or Blocked."""
    line = clean_line(name=name, affiliation=affiliation, bio=bio)
    with transaction_of(article) as (locked, _handling):
        _check(why_not_settle(by, locked))
        byline = _add(locked, by, line)
    article.refresh_from_db()
    return byline


def _add(locked: Article, by: User, line: Mapping[str, str]) -> Byline:
    before = writing.snapshot(locked)
    if len(before["bylines"]) >= MOST_NAMES:
        raise Blocked(Reason(f"At most {MOST_NAMES} names stand above a piece.", "name"))
    last = locked.bylines.order_by("-position").values_list("position", flat=True).first()
    byline = Byline.objects.create(article=locked, position=0 if last is None else last + 1, **line)
    _settle(locked, by, before)
    return byline


def move(byline: Byline, *, by: User, is_up: bool) -> None:
    """One place up or down. At the end of the row nothing happens."""
    with transaction_of(byline.article) as (locked, _handling):
        _check(why_not_settle(by, locked))
        before = writing.snapshot(locked)
        row = list(locked.bylines.order_by("position", "pk"))
        place = next((n for n, one in enumerate(row) if one.pk == byline.pk), None)
        if place is None:
            raise Blocked(Reason("This name does not stand above the piece any more."))
        other = place - 1 if is_up else place + 1
        if not 0 <= other < len(row):
            return
        row[place], row[other] = row[other], row[place]
        for position, one in enumerate(row):
            if one.position != position:
                Byline.objects.filter(pk=one.pk).update(position=position)
        _settle(locked, by, before)


def remove(byline: Byline, *, by: User) -> None:
    """Take a name away; an invitation to it is over. An author does not take away the own name."""
    with transaction_of(byline.article) as (locked, _handling):
        _check(why_not_settle(by, locked))
        if byline.author is not None and byline.author.user_id == by.pk:
            raise Blocked(Reason("Your own name stays as long as you are the corresponding author."))
        before = writing.snapshot(locked)
        if not locked.bylines.filter(pk=byline.pk).delete()[0]:
            raise Blocked(Reason("This name does not stand above the piece any more."))
        _settle(locked, by, before)


def cancel(invitation: CoAuthorInvitation, *, by: User, is_name_kept: bool = False) -> None:
    """Take an invitation back: its link is over. The name goes, or stays as one that was entered by name."""
    with transaction_of(invitation.article) as (locked, _handling):
        _check(why_not_settle(by, locked))
        current = _locked(invitation)
        _answer(current, CoAuthorInvitation.Answer.CANCELLED, by)
        _event(locked, "coauthor_cancelled", by, {"coauthor": current.name})
        if current.byline is not None and not is_name_kept:
            before = writing.snapshot(locked)
            current.byline.delete()
            _settle(locked, by, before)


# --- answering ---


def accept(
    invitation: CoAuthorInvitation,
    user: User,
    *,
    name: str,
    affiliation: str = "",
    bio: str = "",
    author_names: Mapping[str, Any] | None = None,
) -> Byline:
    """Join: the line above the piece becomes this person's, as they word it, and is confirmed.

    `author_names` are the parts of the name, of somebody without an author record or with one that no other piece
    uses yet. Raises Gone where it was answered or taken back, or Blocked.
    """
    line = clean_line(name=name, affiliation=affiliation, bio=bio)
    with transaction_of(invitation.article) as (locked, _handling):
        current = _to_answer(invitation, locked)
        if problem := why_not_join(user, current):
            raise Blocked(Reason(problem))
        byline = current.byline
        assert byline is not None, "An open invitation has its line."
        before = writing.snapshot(locked)
        byline.author = _author_of(user, locked, line, author_names)
        if author_names is not None:
            line["name"] = byline.author.name
        for field, words in line.items():
            setattr(byline, field, words)
        byline.confirmed_at = timezone.now()
        byline.save()
        _answer(current, CoAuthorInvitation.Answer.JOINED, user)
        _settle(locked, user, before)
        event = _event(locked, "coauthor_joined", user, {"coauthor": byline.name})
        _tell(locked, event, "coauthor_joined", byline.name, but=user)
    return byline


def _author_of(user: User, article: Article, line: Mapping[str, str], names: Mapping[str, Any] | None) -> Author:
    """The person's own record: made here where there is none, never taken from somebody of the same name."""
    User.objects.select_for_update().get(pk=user.pk)
    author = Author.objects.filter(user=user).first()
    if author is None:
        parts = dict(names) if names is not None else {"single_name": line["name"]}
        return Author.objects.create(user=user, affiliation=line["affiliation"], bio=line["bio"], **parts)
    if names is not None and not author.bylines.exclude(article=article).exists():
        for field, words in {**names, "affiliation": line["affiliation"], "bio": line["bio"]}.items():
            setattr(author, field, words)
        author.save()
        reindex_author(author.pk)
    return author


def refuse(invitation: CoAuthorInvitation, user: User | None, *, reason: str = "") -> None:
    """Say no, with or without an account: the name goes, and those who asked are told. Raises Gone."""
    said = sanitise.plain_text(reason.replace("\x00", ""))
    if len(said) > 2000:
        raise Blocked(Reason(f"These are {len(said):,} characters; at most 2,000 fit.", "reason"))
    with transaction_of(invitation.article) as (locked, _handling):
        current = _to_answer(invitation, locked)
        before = writing.snapshot(locked)
        _answer(current, CoAuthorInvitation.Answer.REFUSED, user)
        assert current.byline is not None, "An open invitation has its line."
        current.byline.delete()
        _settle(locked, user, before)
        event = _event(locked, "coauthor_refused", user, {"coauthor": current.name}, note=said)
        _tell(locked, event, "coauthor_refused", current.name, but=user, note=said)


def mark_of(byline: Byline) -> str:
    """A short stand-in for a line as somebody has it before them."""
    return _digest(f"{byline.name}\n{byline.affiliation}\n{byline.bio}")[:24]


def confirm(byline: Byline, user: User, *, seen: str = "") -> None:
    """One's own line, as it stands. Changes nothing that is printed, so no approval either.

    `seen` is the mark of the line that the person had before them; with another there by now it is refused.
    """
    with transaction_of(byline.article) as (locked, _handling):
        current = _own(byline, user, locked, seen)
        if current.confirmed_at is None:
            Byline.objects.filter(pk=current.pk).update(confirmed_at=timezone.now())
            _answer_with(current, user)
            _event(locked, "byline_confirmed", user, {"coauthor": current.name})


def why_not_reword(user: User, article: Article) -> str:
    """Empty where a person changes their own line above this piece by themselves; else what to do."""
    if access.status_for_authors(article) in BEFORE_APPROVAL:
        return ""
    return "The names belong to the text that is approved or published. Write to the editors if yours has to change."


def reword(byline: Byline, user: User, *, affiliation: str, bio: str, seen: str = "") -> None:
    """Change the own affiliation and bio line, which confirms it; the same words again confirm alone."""
    with transaction_of(byline.article) as (locked, _handling):
        current = _own(byline, user, locked, seen)
        line = clean_line(name=current.name, affiliation=affiliation, bio=bio)
        if (line["affiliation"], line["bio"]) == (current.affiliation, current.bio):
            confirm(byline, user)
            return
        _check(why_not_reword(user, locked))
        before = writing.snapshot(locked)
        current.affiliation, current.bio, current.confirmed_at = line["affiliation"], line["bio"], timezone.now()
        current.save(update_fields=["affiliation", "bio", "confirmed_at"])
        _settle(locked, user, before)
        _answer_with(current, user)
        _event(locked, "byline_confirmed", user, {"coauthor": current.name})


def _answer_with(byline: Byline, user: User) -> None:
    """Who confirms a line that the desk linked to their account has answered an invitation to it as well."""
    for invitation in CoAuthorInvitation.objects.select_for_update().filter(byline=byline, answer=OPEN):
        _answer(invitation, CoAuthorInvitation.Answer.JOINED, user)


def _own(byline: Byline, user: User, locked: Article, seen: str) -> Byline:
    current = locked.bylines.filter(pk=byline.pk, author__user=user).first()
    if current is None:
        raise PermissionDenied("This line is not yours.")
    if access.status_for_authors(locked) in CLOSED:
        raise Blocked(Reason("The piece is closed, so there is nothing to confirm."))
    if seen and seen != mark_of(current):
        raise Blocked(Reason("Your line was changed after you opened this page. It stands here as it is now."))
    return current


# --- what they share ---


def _locked(invitation: CoAuthorInvitation) -> CoAuthorInvitation:
    """The row as it is now, under the lock of its piece. Raises Gone."""
    current = CoAuthorInvitation.objects.select_for_update().filter(pk=invitation.pk).first()
    if current is None or current.answer != OPEN:
        raise Gone
    return current


def _to_answer(invitation: CoAuthorInvitation, locked: Article) -> CoAuthorInvitation:
    current = _locked(invitation)
    current.article = locked
    if not _is_open(current):
        raise Gone
    return current


def _answer(invitation: CoAuthorInvitation, answer: str, user: User | None) -> None:
    invitation.answer, invitation.answered_at, invitation.answered_by = answer, timezone.now(), user
    invitation.save(update_fields=["answer", "answered_at", "answered_by"])


def _settle(locked: Article, by: User | None, before: dict[str, Any]) -> None:
    writing.settle_details(locked, by=by, before=before)
    reindex(locked)


def _event(article: Article, transition: str, by: User | None, data: dict[str, Any], *, note: str = "") -> Event:
    # Settling the names may have moved the piece.
    article.refresh_from_db(fields=["status"])
    return Event.objects.create(
        article=article, transition=transition, from_status=article.status, to_status=article.status, by=by, note=note,
        revision_id=article.latest_id, data=data,
    )  # fmt: skip


def _write_to(invitation: CoAuthorInvitation, token: str, event: Event) -> None:
    values = {
        "title": title_for(invitation.article),
        "who invites": inviter(invitation),
    }
    link = f"{settings.SITE_URL}{reverse('contribute:join', args=[token])}"
    letters.write_to_address(
        invitation.article, event, "coauthor_invited", invitation.name, invitation.email, values, secrets={"link": link}
    )


def _tell(article: Article, event: Event, kind: str, name: str, *, but: User | None, note: str = "") -> None:
    """Write to the corresponding author and to the editor who handles the piece."""
    corresponding, editor = article.corresponding, article.handling.editor
    if corresponding is not None and corresponding.is_active and corresponding != but:
        letters.write_news(article, event, kind, corresponding, {"co-author": name, "note": note}, is_to_author=True)
    if editor is not None and editor != but and access.is_on_desk(editor, article):
        letters.write_news(article, event, kind, editor, {"co-author": name, "note": note}, is_to_author=False)
