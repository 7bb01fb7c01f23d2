"""What a step does besides moving the piece. Effects change locked rows; `perform` saves them."""

import datetime

from accounts.models import User
from articles import addresses, how
from articles.listing import relist
from articles.models import Article, Publication
from articles.status import Status
from editorial import access, deadlines, letters
from editorial.guards import covered_by_approval
from editorial.models import Approval, Deadline
from editorial.recording import note_row
from editorial.registry import Act, effect, effect_afterwards

STEP_BACK = {
    Status.IN_REVIEW: Status.SUBMITTED,
    Status.APPROVAL: Status.EDITING,
    Status.READY: Status.EDITING,
    Status.EDITING: Status.SUBMITTED,
}
WAYS_TOLD = {
    "by_mail": how.BY_MAIL,
    "by_silence": how.BY_SILENCE,
    "waived": how.WAIVED,
    "not_needed": how.NOT_NEEDED,
}


@effect
def hand_in(act: Act, word: str) -> None:
    act.handling.submitted_revision = act.article.latest


@effect
def hand_in_again(act: Act, word: str) -> None:
    """A reopened piece that nobody had handed in is handed in with what it has."""
    if act.handling.submitted_revision is None:
        act.handling.submitted_revision = act.article.latest
    act.handling.withdrawal_asked_at = None


@effect
def take_on(act: Act, word: str) -> None:
    """Who takes the first step with a piece handles it, until somebody else takes over."""
    if act.handling.editor is None:
        act.handling.editor = act.by


@effect
def name_second_editor(act: Act, word: str) -> None:
    second = act.details.get("second_editor")
    act.handling.second_editor = second
    act.article.how_reviewed = how.stored(how.TWO_EDITORS if second else how.ONE_EDITOR)


@effect
def say_read_by_editor(act: Act, word: str) -> None:
    # A round of peer review says what it was; a piece accepted without one says that.
    if act.article.status == Status.SUBMITTED:
        act.article.how_reviewed = how.stored(how.NO_REFEREES)


@effect
def remember_origin(act: Act, word: str) -> None:
    act.handling.came_from = act.article.status


@effect
def back_to_origin(act: Act, word: str) -> None:
    """Where the revision was asked for; an approval is void by then, so from there on it leads into editing."""
    origin = act.handling.came_from or Status.SUBMITTED
    act.target = Status.EDITING if origin in (Status.APPROVAL, Status.READY) else Status(origin)
    act.handling.came_from = ""


@effect
def set_due(act: Act, word: str) -> None:
    """A day for the author, with its reminders; from the day after it on the piece is among what waits for editors."""
    _end_due(act, Deadline.End.VOID)  # a revision that is asked for while an approval is out
    due_on = act.details["due_on"]
    deadlines.put(act.article, word, due_on, by=act.by, now=act.now)
    act.handling.due_on, act.handling.desk_from = due_on, deadlines.day_after(due_on)


@effect
def clear_due(act: Act, word: str) -> None:
    """What was due of the author is over: done with "met", else no longer needed."""
    _end_due(act, word or Deadline.End.VOID)
    act.handling.due_on = None
    # A piece that goes back to referees is given a moment of its own.
    if act.target != Status.IN_REVIEW:
        act.handling.desk_from = None


def _end_due(act: Act, how: str) -> None:
    for kind in ("revision", "approval"):
        deadlines.end(act.article, kind, now=act.now, how=how)


@effect
def void_approvals(act: Act, word: str) -> None:
    act.article.approvals.filter(state=Approval.State.ASKED).update(state=Approval.State.VOID, answered_at=act.now)
    act.article.approvals.filter(state__in=(Approval.State.GIVEN, Approval.State.SETTLED)).update(
        state=Approval.State.VOID
    )
    act.article.how_approved = ""
    note_row(act.data, "approvals", "void")


@effect
def hold_decision(act: Act, word: str) -> None:
    """A decision about a refereed piece waits in the outbox, where it can be taken back; its author knows nothing yet."""
    if act.article.status == Status.IN_REVIEW:
        act.handling.held_until, act.handling.held_status = act.now + letters.HOLD, act.article.status


@effect
def stop_letters(act: Act, word: str) -> None:
    letters.stop_held(act)


@effect
def hold_back(act: Act, word: str) -> None:
    """A scheduled piece does not appear while something stands against it; it waits as ready."""
    if act.article.is_scheduled(act.now):
        leave_live(act, word)
        act.target = act.target or Status.READY


@effect
def ask_withdrawal(act: Act, word: str) -> None:
    act.handling.withdrawal_asked_at = act.now
    act.data["withdrawal"] = "asked"


@effect
def forget_withdrawal(act: Act, word: str) -> None:
    act.handling.withdrawal_asked_at = None


@effect
def ask_approvals(act: Act, word: str) -> None:
    void_approvals(act, word)
    asked = Approval.objects.bulk_create(
        Approval(article=act.article, revision=act.article.latest, by=person, asked_at=act.now)
        for person in access.approvers(act.article)
    )
    for approval in asked:
        note_row(act.data, "approvals", "asked", approval.pk, approval.by_id)


@effect
def record_approval(act: Act, word: str) -> None:
    """Ready once everybody who was asked has approved."""
    mine = act.article.approvals.get(by=act.by, state=Approval.State.ASKED)
    mine.state, mine.answered_at, mine.note = Approval.State.GIVEN, act.now, act.said("note")
    mine.save(update_fields=["state", "answered_at", "note"])
    act.data["approval"] = "given"
    note_row(act.data, "approvals", "given", mine.pk)
    # Who approves the text was shown the names above it.
    act.article.bylines.filter(author__user=act.by, confirmed_at=None).update(confirmed_at=act.now)
    if act.article.approvals.filter(state=Approval.State.ASKED).exists():
        act.target = Status.APPROVAL
        return
    act.target = Status.READY
    clear_due(act, Deadline.End.MET)
    how_many = act.article.approvals.filter(state=Approval.State.GIVEN).count()
    act.article.how_approved = how.stored(how.BY_AUTHORS if how_many > 1 else how.BY_AUTHOR, _day(act))


def _day(act: Act) -> datetime.date:
    """The day of the step, where the publication is."""
    return act.now.astimezone(act.masthead.zone).date()


@effect
def record_objection(act: Act, word: str) -> None:
    mine = act.article.approvals.get(by=act.by, state=Approval.State.ASKED)
    mine.state, mine.answered_at, mine.note = Approval.State.OBJECTED, act.now, act.said("note")
    mine.save(update_fields=["state", "answered_at", "note"])
    note_row(act.data, "approvals", "objected", mine.pk)
    void_approvals(act, word)


@effect
def record_settlement(act: Act, word: str) -> None:
    void_approvals(act, word)
    settled = Approval.objects.create(
        article=act.article, revision=act.article.latest, by=None, state=Approval.State.SETTLED,
        asked_at=act.now, answered_at=act.now, note=act.said("note"),
    )  # fmt: skip
    note_row(act.data, "approvals", "settled", settled.pk)
    act.article.how_approved = how.stored(WAYS_TOLD[act.said("how")], _day(act))


@effect
def one_step_back(act: Act, word: str) -> None:
    act.target = STEP_BACK[Status(act.article.status)]


@effect
def go_live(act: Act, word: str) -> None:
    """Move the pointer, give the piece its day and address, and list it; ahead of time for a scheduled one."""
    piece = act.article
    covered = covered_by_approval(act)
    at = max(act.details.get("at") or act.now, act.now)
    if not piece.has_own_slug:
        piece.slug = addresses.free_slug(piece.latest.title, article_id=piece.pk)
    piece.live, piece.published_at = piece.latest, at
    piece.published_on = addresses.day_of(at, act.masthead.zone)
    _given(act, Publication(article=piece, revision=piece.latest, kind=Publication.Kind.FIRST, by=act.by, at=at))
    act.target = Status.PUBLISHED
    act.data["published_at"] = at.isoformat()
    if covered and covered.pk != piece.latest_id:
        act.data["copy_fixes_since"] = str(covered.pk)


@effect
def leave_live(act: Act, word: str) -> None:
    """Nobody has read it yet, so the publication that stood ahead goes."""
    act.article.publications.filter(kind=Publication.Kind.FIRST, at__gt=act.now).delete()
    note_row(act.data, "publications", "not_yet_gone")
    act.article.live = act.article.published_at = act.article.published_on = None


@effect
def move_live(act: Act, word: str) -> None:
    piece = act.article
    piece.live = piece.latest
    # The approval was of another text than the one that readers have from now on, and they are told so.
    piece.how_approved = how.changed_since(piece.how_approved)
    _given(act, Publication(
        article=piece, revision=piece.latest, kind=act.said("kind"), note=act.said("public_note"), by=act.by, at=act.now
    ))  # fmt: skip


@effect
def record_retraction(act: Act, word: str) -> None:
    _record_publication(act, Publication.Kind.RETRACTION)


@effect
def record_reinstatement(act: Act, word: str) -> None:
    _record_publication(act, Publication.Kind.REINSTATEMENT)


def _record_publication(act: Act, kind: str) -> None:
    """The text that readers have stays; what they are told of it changes."""
    assert act.article.live is not None, "Only a public piece is retracted or reinstated."
    _given(act, Publication(
        article=act.article, revision=act.article.live, kind=kind, note=act.said("public_note"), by=act.by, at=act.now
    ))  # fmt: skip


def _given(act: Act, publication: Publication) -> None:
    """A row of the public history, which the event tells too."""
    publication.save(force_insert=True)
    note_row(act.data, "publications", "given", publication.pk, publication.kind, publication.revision_id, publication.at, publication.note)  # fmt: skip


@effect
def take_from_readers(act: Act, word: str) -> None:
    """The day stays, so that the address can say that the piece is gone."""
    act.data["taken_from"] = act.article.status
    act.article.live = act.article.published_at = None


@effect
def give_back_to_readers(act: Act, word: str) -> None:
    """From the record: the text of the last publication, the moment of the first, retracted if it was."""
    publications = list(act.article.publications.filter(at__lte=act.now).order_by("at", "pk"))
    act.article.live, act.article.published_at = publications[-1].revision, publications[0].at
    verdicts = [p.kind for p in publications if p.kind in (Publication.Kind.RETRACTION, Publication.Kind.REINSTATEMENT)]
    act.target = Status.RETRACTED if verdicts[-1:] == [Publication.Kind.RETRACTION] else Status.PUBLISHED


@effect
def say_loaded(act: Act, word: str) -> None:
    """What was read and approved elsewhere is not claimed for this house, and it was nobody's work here."""
    act.article.how_reviewed = act.article.how_approved = ""
    act.handling.editor = None


@effect
def record_what_followed(act: Act, word: str) -> None:
    """What readers were told of a loaded piece after its first day, where it came from or by loading it again."""
    piece, kind = act.article, act.said("kind")
    if kind in (Publication.Kind.COPY_FIX, Publication.Kind.CORRECTION):
        piece.live = piece.latest
    elif kind == Publication.Kind.RETRACTION:
        act.target = Status.RETRACTED
    elif kind == Publication.Kind.REINSTATEMENT:
        act.target = Status.PUBLISHED
    _given(act, Publication(
        article=piece, revision=piece.live or piece.latest, kind=kind, note=act.said("public_note"), by=act.by, at=act.now,
    ))  # fmt: skip
    act.data |= {"kind": kind, "public_note": act.said("public_note")}


@effect_afterwards
def put_on_lists(act: Act, word: str) -> None:
    """Lists and search follow the pointer, in the same transaction."""
    relist(act.article)


@effect_afterwards
def tell_authors(act: Act, word: str) -> None:
    """Write to everybody with an account above the piece."""
    for person in access.authors_with_account(act.article):
        letters.write(act, word, person, is_to_author=True)


@effect_afterwards
def tell_second_editor(act: Act, word: str) -> None:
    """Who is named as second editor is told, and finds the piece among what waits for them."""
    if act.handling.second_editor:
        letters.write(act, word, act.handling.second_editor, is_to_author=False)


@effect_afterwards
def tell_named_editor(act: Act, word: str) -> None:
    """Write to the editor whose agreement the step names."""
    if person := act.details.get("second_editor"):
        letters.write(act, word, person, is_to_author=False)


@effect_afterwards
def tell_desk(act: Act, word: str) -> None:
    """Write to the editor who handles the piece, or to all who may while nobody does."""
    for person in readers_on_desk(act.article):
        letters.write(act, word, person, is_to_author=False)


def readers_on_desk(article: Article) -> list[User]:
    """Who at the desk is written to about the piece."""
    if access.is_authors_own(article):
        return []  # the desk is not told that a draft was given up that it never had
    people, editor = access.deciders_for(article), article.handling.editor_id
    handling = [person for person in people if person.pk == editor]
    return handling or list(people)
