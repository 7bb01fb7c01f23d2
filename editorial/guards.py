"""What a step needs. Each guard returns its reasons in plain words, with the form field where it is mended."""

import datetime

from django.utils import formats

from articles.models import Byline, Image, Publication, Revision
from articles.status import Status
from editorial import access
from editorial.models import Approval
from editorial.registry import Act, Reason, guard
from prose import measure

# Fewer words than this are no piece, whatever the publication's usual length.
FEWEST_WORDS = 100
# A schedule further ahead than this is a slip of the finger.
FURTHEST = datetime.timedelta(days=730)
# Where a piece that asks its author to revise has been accepted already.
ACCEPTED = frozenset({Status.EDITING, Status.APPROVAL, Status.READY})


@guard
def has_title(act: Act) -> list[Reason]:
    return [] if act.article.latest.title.strip() else [Reason("A title is missing.", "title")]


@guard
def has_in_brief(act: Act) -> list[Reason]:
    return [] if act.article.latest.in_brief.strip() else [Reason("The In Brief is missing.", "in_brief")]


@guard
def has_body(act: Act) -> list[Reason]:
    words = measure.words(act.article.latest.body)
    if words == 0:
        return [Reason("The text is empty.", "body")]
    if words < FEWEST_WORDS:
        return [Reason(f"The text has {words} words; at least {FEWEST_WORDS} are needed.", "body")]
    return []


@guard
def has_byline(act: Act) -> list[Reason]:
    if act.article.bylines.filter(role=Byline.Role.AUTHOR).exists():
        return []
    return [Reason("No author stands above the piece.", "bylines")]


@guard
def has_declarations(act: Act) -> list[Reason]:
    """Conflicts of interest and earlier appearances are declared by the author, if only with “none”."""
    missing = []
    if not act.handling.conflict_of_interest.strip():
        missing.append(Reason("Say whether there is a conflict of interest; “none” will do.", "conflict_of_interest"))
    if not act.handling.appeared_elsewhere.strip():
        missing.append(Reason("Say whether the piece appeared elsewhere; “nowhere” will do.", "appeared_elsewhere"))
    return missing


@guard
def has_region(act: Act) -> list[Reason]:
    return [] if act.article.regions.exists() else [Reason("No region is chosen.", "regions")]


@guard
def bylines_have_authors(act: Act) -> list[Reason]:
    """Each name above a public piece leads to the author's page."""
    return [
        Reason(f"“{byline.name}” has no author record yet. Choose or add the author in the byline.", "bylines")
        for byline in act.article.bylines.filter(author=None)
    ]


@guard
def coauthors_have_answered(act: Act) -> list[Reason]:
    """Nobody’s name goes to readers while they are still asked whether it may. An editor can always settle it."""
    return [
        Reason(
            f"“{invitation.name}” was invited as co-author and has not answered. Wait, take the invitation back, or keep the name without it.",
            "coauthors",
        )
        for invitation in act.article.coauthor_invitations.filter(answer="", byline__isnull=False)
    ]


@guard
def lead_image_is_described(act: Act) -> list[Reason]:
    image: Image | None = act.article.latest.lead_image
    if image is None:
        return []
    missing = []
    if not image.alt.strip():
        missing.append(Reason("The lead image has no description for those who can’t see it.", "lead_image"))
    if not image.credit.strip():
        missing.append(Reason("The lead image has no credit.", "lead_image"))
    return missing


@guard
def due_date_ahead(act: Act) -> list[Reason]:
    due = act.details.get("due_on")
    today = act.now.astimezone(act.masthead.zone).date()
    if isinstance(due, datetime.date) and due < today:
        return [Reason("The date has passed. Choose today or a later day.", "due_on")]
    if isinstance(due, datetime.date) and due > today + FURTHEST:
        return [Reason("The date is more than two years ahead.", "due_on")]
    return []


@guard
def second_editor_or_reason(act: Act) -> list[Reason]:
    second = act.details.get("second_editor")
    if second is None:
        if act.said("note"):
            return []
        return [Reason("Name a second editor, or give the reason why nobody else reads it.", "second_editor")]
    if second == act.by:
        return [Reason("The second editor is somebody other than you.", "second_editor")]
    if not access.deciders_for(act.article).filter(pk=second.pk).exists():
        return [Reason(f"{second} can’t be the second editor of this piece.", "second_editor")]
    return []


@guard
def not_accepted_yet(act: Act) -> list[Reason]:
    if act.article.status == Status.REVISING and act.handling.came_from in ACCEPTED:
        return [Reason("The piece was accepted already. Ask to withdraw it, and an editor confirms.")]
    return []


@guard
def accepted_already(act: Act) -> list[Reason]:
    if act.article.status == Status.REVISING and act.handling.came_from not in ACCEPTED:
        return [Reason("The piece was not accepted yet, so you can withdraw it yourself.")]
    return []


@guard
def not_public_yet(act: Act) -> list[Reason]:
    if act.article.is_public(act.now):
        return [Reason("Readers have the piece already, so it can’t be withdrawn. Write to the editors.")]
    return []


@guard
def decision_still_held(act: Act) -> list[Reason]:
    if act.handling.held_until is not None and act.handling.held_until > act.now:
        return []
    return [Reason("The letters of the decision have gone, so it can’t be taken back. Write to the author.")]


@guard
def withdrawal_not_asked(act: Act) -> list[Reason]:
    if act.handling.withdrawal_asked_at is None:
        return []
    return [Reason("The author asked to withdraw the piece. Confirm that, or keep the piece, first.")]


@guard
def withdrawal_asked(act: Act) -> list[Reason]:
    return [] if act.handling.withdrawal_asked_at else [Reason("Nobody asked to withdraw the piece.")]


@guard
def somebody_can_revise(act: Act) -> list[Reason]:
    author = act.article.corresponding
    if author is not None and author.is_active:
        return []
    return [
        Reason(
            "No author with an account can revise it here. Name a corresponding author, or accept it and edit it.",
            "corresponding",
        )
    ]


@guard
def somebody_can_approve(act: Act) -> list[Reason]:
    if access.approvers(act.article).exists():
        return []
    return [
        Reason(
            "None of its authors has an account to approve with. A managing editor can settle the approval.", "bylines"
        )
    ]


@guard
def approves_latest(act: Act) -> list[Reason]:
    asked = act.article.approvals.filter(by=act.by, state=Approval.State.ASKED).first()
    if asked is None or asked.revision_id != act.article.latest_id:
        return [Reason("The text was changed after you were asked. The editors will ask you again.")]
    return []


@guard
def way_of_settling(act: Act) -> list[Reason]:
    """Silence counts only after the announced date; “not needed” only for the publication's own pieces."""
    how = act.said("how")
    if how == "by_silence":
        today = act.now.astimezone(act.masthead.zone).date()
        if act.article.status != Status.APPROVAL or act.handling.due_on is None:
            return [Reason("Nobody was asked yet, so silence says nothing. Ask for the approval first.", "how")]
        if act.handling.due_on >= today:
            return [
                Reason(f"The author has until {formats.date_format(act.handling.due_on, 'j F Y')} to answer.", "how")
            ]
    if (
        how == "not_needed"
        and act.article.bylines.filter(role=Byline.Role.AUTHOR).exclude(author__is_house=True).exists()
    ):
        return [Reason("Only a piece with a house byline needs no approval.", "how")]
    return []


def covered_by_approval(act: Act) -> Revision | None:
    """The approved text, where it or nothing but copy fixes since is the latest."""
    answers = list(
        act.article.approvals.exclude(state__in=(Approval.State.VOID, Approval.State.OBJECTED)).select_related(
            "revision"
        )
    )
    if not answers or any(a.state not in (Approval.State.GIVEN, Approval.State.SETTLED) for a in answers):
        return None
    oldest = min((a.revision for a in answers), key=lambda revision: revision.number)
    later = act.article.revisions.filter(number__gt=oldest.number)
    return None if later.filter(is_copy_fix=False).exists() else oldest


@guard
def approval_covers_text(act: Act) -> list[Reason]:
    if covered_by_approval(act):
        return []
    return [Reason("The author’s approval does not cover this text. Step back and ask again.")]


@guard
def moment_is_possible(act: Act) -> list[Reason]:
    at = act.details.get("at")
    if at is None:
        return []
    if at < act.now - datetime.timedelta(minutes=1):
        return [Reason("This moment has passed. Choose a later one, or leave it empty for now.", "at")]
    if at > act.now + FURTHEST:
        return [Reason("This moment is more than two years ahead.", "at")]
    return []


@guard
def still_ahead(act: Act) -> list[Reason]:
    return (
        []
        if act.article.is_scheduled(act.now)
        else [Reason("Readers have the piece already, so it can’t be unscheduled.")]
    )


@guard
def already_public(act: Act) -> list[Reason]:
    if act.article.is_public(act.now):
        return []
    return [Reason("The piece has not appeared yet. Unschedule it, change it and publish it again.")]


@guard
def has_changes(act: Act) -> list[Reason]:
    return (
        []
        if act.article.has_pending_edits
        else [Reason("Readers have this text already. Edit and save it first.", "body")]
    )


@guard
def correction_says_what(act: Act) -> list[Reason]:
    kind = act.said("kind")
    if kind and kind not in (Publication.Kind.COPY_FIX, Publication.Kind.CORRECTION):
        return [Reason("Choose between a copy fix and a correction.", "kind")]
    if kind == Publication.Kind.CORRECTION and not act.said("public_note"):
        return [Reason("A correction needs a public note: what was wrong and what is right.", "public_note")]
    return []


@guard
def second_editor_agrees(act: Act) -> list[Reason]:
    """Nobody retracts or reinstates alone: another editor, who did not write the piece, is named."""
    second = act.details.get("second_editor")
    if second is not None and (second == act.by or not access.deciders_for(act.article).filter(pk=second.pk).exists()):
        return [Reason("Name another editor, who did not write the piece.", "second_editor")]
    return []
