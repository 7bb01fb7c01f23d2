"""The way of a piece: every transition, on one screen.

A transition names its guards and effects as strings; each room registers its own in `AppConfig.ready()`, and a
system check fails on a name that nobody registered. `editorial.perform` is the only writer of a piece's status.
"""

from dataclasses import dataclass

from articles.status import Status

S = Status

# Who may do it. The row rules of `editorial.access` hold on top: nobody decides on a piece of their own.
CORRESPONDING = "corresponding author"
APPROVER = "approving author"
EDITOR = "editor"
PUBLISHER = "publishing editor"
MANAGING_EDITOR = "managing editor"


@dataclass(frozen=True)
class Ask:
    """Something the person says with the step. `kind` is the form field of desk and portal."""

    name: str
    label: str
    # text, date, moment, person, choice, yes; "own" is asked on a page that the step has for itself (`rooms.STEP_PAGES`).
    kind: str = "text"
    is_required: bool = False
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Transition:
    name: str
    label: str
    sources: tuple[Status, ...]
    # Where it leads; None where an effect decides between places.
    target: Status | None
    who: tuple[str, ...]
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    # One sentence for the person about to do it.
    says: str = ""
    is_grave: bool = False
    # Follows from something else that a person did; nobody is offered it.
    is_automatic: bool = False


NOTE = Ask("note", "Note for the desk", help="Kept on the timeline; authors do not see it.")
REASON = Ask("note", "Reason", is_required=True, help="Kept on the timeline; authors do not see it.")
LETTER = Ask("message", "Your words to the author", help="Stands in the letter, as you write it here.")
DECISION = Ask(
    "message", "Your letter to the author", is_required=True, help="Stands in the letter, as you write it here."
)
KINDS = (
    ("copy_fix", "Copy fix: spelling or form, the sense stays"),
    ("correction", "Correction: readers are told what changed"),
)
WAYS = (
    ("by_mail", "The author approved by mail (quote it in the note)"),
    ("by_silence", "The announced date has passed without an answer"),
    ("waived", "Waived (say why in the note)"),
    ("not_needed", "Not needed: a piece of the publication itself"),
)

EXTENTS = (
    ("minor", "Minor: the editors read it again"),
    ("major", "Major: referees may read it again"),
)
# What the pages of peer review say with a step; nobody else asks for it.
REFEREEING = (
    Ask("settle", "What becomes of each open review", "own"),
    Ask("releases", "What of the reviews the author reads", "own"),
)

OPEN = (S.PITCHED, S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.REVISING, S.EDITING, S.APPROVAL, S.READY)
# What a piece needs before anyone else spends time on it.
COMPLETE = ("has_title", "has_in_brief", "has_body", "has_byline")
# What readers need.
CHECKS = (*COMPLETE, "has_region", "bylines_have_authors", "lead_image_is_described")

TABLE: tuple[Transition, ...] = (
    Transition("submit", "Submit", (S.DRAFT,), S.SUBMITTED, (CORRESPONDING, EDITOR),
        guards=(*COMPLETE, "has_declarations"), effects=("hand_in", "tell_authors:submitted", "tell_desk:submitted_desk"),
        asks=(NOTE,), says="The desk gets your piece. You can’t change it while the editors read it."),
    Transition("send_to_review", "Send to referees", (S.SUBMITTED, S.EDITING), S.IN_REVIEW, (EDITOR,),
        guards=(*COMPLETE, "withdrawal_not_asked", "identity_traces_seen", "round_can_open"), effects=("take_on", "open_round", "tell_authors:sent_to_review"),
        asks=(Ask("mode", "Who sees whose name", "own"), Ask("wanted", "Reviews wanted", "own"), Ask("expected_on", "Answer to the author by", "own"),
            Ask("traces_seen", "Identity check", "own"), NOTE),
        says="A round of peer review opens on exactly this text. You invite the referees next."),
    Transition("review_in_house", "Review in house", (S.SUBMITTED,), S.EDITING, (EDITOR,),
        guards=("second_editor_or_reason",), effects=("take_on", "name_second_editor", "tell_authors:taken_in_house", "tell_second_editor:second_editor"),
        asks=(Ask("second_editor", "Second editor", "person", help="Who else reads it. Readers are told that a second editor read it."),
            Ask("note", "Reason, where no second editor reads it"), LETTER),
        says="Editors review the piece themselves, without referees, and it goes into editing. Readers are told so."),
    Transition("request_revision", "Ask for a revision", (S.SUBMITTED, S.IN_REVIEW, S.EDITING, S.APPROVAL, S.READY), S.REVISING, (EDITOR,),
        guards=("somebody_can_revise", "due_date_ahead", "open_reviews_settled"), effects=("remember_origin", "take_on", "void_approvals", "set_due:revision", "hold_decision", "close_round", "tell_authors:revision_requested", "tell_referees"),
        asks=(DECISION, Ask("due_on", "Due on", "date", is_required=True), Ask("extent", "How much", "choice", choices=EXTENTS), *REFEREEING, NOTE), says="The author gets your letter and can change the text again."),
    Transition("resubmit", "Send the revision", (S.REVISING,), None, (CORRESPONDING, EDITOR),
        guards=COMPLETE, effects=("back_to_origin", "hand_in", "clear_due:met", "open_next_round", "tell_desk:resubmitted"),
        asks=(Ask("message", "Your response to the editors", is_required=True, help="What you changed, and what you did not and why."),),
        says="The desk gets the new text and your response."),
    Transition("accept", "Accept", (S.SUBMITTED, S.IN_REVIEW), S.EDITING, (EDITOR,),
        guards=("open_reviews_settled", "enough_reviews_or_reason"), effects=("take_on", "say_read_by_editor", "hold_decision", "close_round", "tell_authors:accepted", "tell_referees"),
        asks=(LETTER, *REFEREEING, NOTE),
        says="The author is told that the piece is accepted, and it goes into editing."),
    Transition("decline", "Decline", OPEN, S.DECLINED, (EDITOR,),
        guards=("open_reviews_settled",), effects=("void_approvals", "forget_withdrawal", "clear_due", "hold_decision", "close_round", "tell_authors:declined", "tell_referees"),
        asks=(DECISION, *REFEREEING, REASON), is_grave=True,
        says="The author gets your letter. A managing editor can reopen the piece."),
    Transition("withdraw", "Withdraw", (S.PITCHED, S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.REVISING), S.WITHDRAWN, (CORRESPONDING,),
        guards=("not_accepted_yet",), effects=("void_approvals", "forget_withdrawal", "clear_due", "close_round", "tell_desk:withdrawn", "tell_authors:withdrawn_author", "tell_referees"),
        asks=(Ask("note", "Reason (the desk sees it)"),), is_grave=True, says="The piece leaves the desk. Nothing of it is published."),
    Transition("ask_withdrawal", "Ask to withdraw", (S.REVISING, S.EDITING, S.APPROVAL, S.READY, S.PUBLISHED), None, (CORRESPONDING,),
        guards=("accepted_already", "not_public_yet", "withdrawal_not_asked"), effects=("hold_back", "ask_withdrawal", "put_on_lists", "tell_desk:withdrawal_asked"),
        asks=(Ask("note", "Reason (the desk sees it)", is_required=True),), is_grave=True,
        says="The piece was accepted, so an editor confirms. Until then it can’t be published."),
    Transition("confirm_withdrawal", "Confirm the withdrawal", (S.SUBMITTED, S.REVISING, S.EDITING, S.APPROVAL, S.READY), S.WITHDRAWN, (EDITOR,),
        guards=("withdrawal_asked",), effects=("forget_withdrawal", "void_approvals", "clear_due", "tell_authors:withdrawn_author"), asks=(NOTE,),
        is_grave=True, says="The author asked to withdraw. The piece leaves the desk."),
    Transition("refuse_withdrawal", "Keep the piece", (S.SUBMITTED, S.REVISING, S.EDITING, S.APPROVAL, S.READY), None, (EDITOR,),
        guards=("withdrawal_asked",), effects=("forget_withdrawal", "tell_authors:withdrawal_refused"), asks=(DECISION,),
        says="The author asked to withdraw. The piece stays where it is, and the author gets your letter."),
    Transition("request_approval", "Ask for the author’s approval", (S.EDITING,), S.APPROVAL, (EDITOR,),
        guards=(*CHECKS, "coauthors_have_answered", "withdrawal_not_asked", "somebody_can_approve", "due_date_ahead"), effects=("ask_approvals", "set_due:approval", "tell_authors:approval_requested"),
        asks=(LETTER, Ask("due_on", "Answer wanted by", "date", is_required=True), NOTE),
        says="Each approving author is shown exactly what changed against their own text."),
    Transition("approve", "Approve this text", (S.APPROVAL,), None, (APPROVER,),
        guards=("approves_latest",), effects=("record_approval", "tell_desk:approved"),
        asks=(Ask("note", "A word to the editors"),), says="The text as shown may be published. Later changes of substance need your approval again."),
    Transition("object", "Object", (S.APPROVAL,), S.EDITING, (APPROVER,),
        effects=("record_objection", "clear_due:met", "tell_desk:objected"),
        asks=(Ask("note", "What should be different", is_required=True),), says="The piece goes back to its editor with your words."),
    Transition("settle_approval", "Settle the approval", (S.EDITING, S.APPROVAL), S.READY, (MANAGING_EDITOR,),
        guards=(*CHECKS, "coauthors_have_answered", "way_of_settling"), effects=("record_settlement", "clear_due"),
        asks=(Ask("how", "How", "choice", is_required=True, choices=WAYS), REASON), says="For authors who can’t or need not answer here."),
    Transition("take_back", "Take the decision back", (S.REVISING, S.EDITING, S.DECLINED), S.IN_REVIEW, (EDITOR,),
        guards=("decision_still_held",), effects=("clear_due", "stop_letters", "reopen_round"), asks=(REASON,),
        says="The letters of the decision have not gone yet: they are stopped, the round is open again, and nobody outside the desk has heard of it."),
    Transition("step_back", "Step back", (S.APPROVAL, S.READY, S.EDITING, S.IN_REVIEW), None, (EDITOR,),
        guards=("open_reviews_settled",), effects=("one_step_back", "void_approvals", "clear_due", "close_round", "tell_referees"), asks=(*REFEREEING, REASON),
        says="From approval or ready back into editing; from editing back to submitted; from referees to where it came from, with their round taken back. An approval is void."),
    Transition("publish", "Publish", (S.READY,), S.PUBLISHED, (PUBLISHER,),
        guards=(*CHECKS, "coauthors_have_answered", "withdrawal_not_asked", "approval_covers_text", "moment_is_possible"), effects=("go_live", "clear_due", "put_on_lists", "tell_authors:published"),
        asks=(Ask("at", "When", "moment", help="Empty for now. In the publication’s time zone."), LETTER, NOTE),
        says="Readers see it at once, or at the moment you name, by itself."),
    Transition("unschedule", "Unschedule", (S.PUBLISHED,), S.READY, (PUBLISHER,),
        guards=("still_ahead",), effects=("leave_live", "put_on_lists", "tell_authors:unscheduled"), asks=(NOTE,), says="The piece does not appear, and waits as ready."),
    Transition("update", "Publish the changes", (S.PUBLISHED,), S.PUBLISHED, (PUBLISHER,),
        guards=(*CHECKS, "already_public", "has_changes", "correction_says_what"), effects=("move_live", "put_on_lists", "tell_authors:updated"),
        asks=(Ask("kind", "Kind of change", "choice", is_required=True, choices=KINDS),
            Ask("public_note", "Public note", help="Needed for a correction: what was wrong and what is right. Readers see it on the page."), NOTE),
        says="Readers see the edited text at once."),
    Transition("retract", "Retract", (S.PUBLISHED,), S.RETRACTED, (MANAGING_EDITOR,),
        guards=("already_public", "second_editor_agrees"), effects=("record_retraction", "put_on_lists", "tell_authors:retracted", "tell_named_editor:retraction_agreed"),
        asks=(Ask("second_editor", "Second editor who agrees", "person", is_required=True, help="Gets a letter that says so."),
            Ask("public_note", "Public reason", is_required=True, help="Readers see it at the head of the piece, for ever."), LETTER, NOTE),
        is_grave=True, says="For misconduct or grave error. The page stays at its address, under a notice with your reason, and leaves every list."),
    Transition("reinstate", "Reinstate", (S.RETRACTED,), S.PUBLISHED, (MANAGING_EDITOR,),
        guards=("second_editor_agrees",), effects=("record_reinstatement", "put_on_lists", "tell_authors:reinstated", "tell_named_editor:retraction_agreed"),
        asks=(Ask("second_editor", "Second editor who agrees", "person", is_required=True, help="Gets a letter that says so."),
            Ask("public_note", "Public reason", is_required=True, help="Readers see it in the history of the piece."), LETTER, NOTE),
        says="The notice goes, the piece stands on its lists again, and its history tells of both."),
    Transition("take_down", "Take down", (S.PUBLISHED, S.RETRACTED), S.TAKEN_DOWN, (MANAGING_EDITOR,),
        guards=("already_public",), effects=("take_from_readers", "put_on_lists", "tell_authors:taken_down"),
        asks=(LETTER, REASON), is_grave=True,
        says="At once: the address answers that the piece is gone, and nothing of it stays on lists, in feeds, in search or in its history. A managing editor can restore it."),
    Transition("restore", "Restore", (S.TAKEN_DOWN,), None, (MANAGING_EDITOR,),
        effects=("give_back_to_readers", "put_on_lists", "tell_authors:restored"), asks=(LETTER, REASON),
        says="Readers get the text that they had, at the same address, and retracted if it was."),
    Transition("import", "Load", (S.DRAFT,), S.PUBLISHED, (MANAGING_EDITOR,),
        effects=("go_live", "say_loaded", "put_on_lists"), says="A piece that was published elsewhere before comes in with its date.", is_automatic=True),
    Transition("import_again", "Load what followed", (S.PUBLISHED, S.RETRACTED), None, (MANAGING_EDITOR,),
        guards=("already_public",), effects=("record_what_followed", "put_on_lists"),
        says="A later text, a correction or a retraction of a loaded piece comes in with its date.", is_automatic=True),
    Transition("void_approval", "The approval is void", (S.APPROVAL, S.READY, S.PUBLISHED), S.EDITING, (EDITOR,),
        guards=("not_public_yet",), effects=("hold_back", "void_approvals", "clear_due", "put_on_lists", "tell_authors:approval_void"), asks=(NOTE,),
        says="The bylines were changed after the author was asked.", is_automatic=True),
    Transition("reopen", "Reopen", (S.DECLINED, S.WITHDRAWN), S.SUBMITTED, (MANAGING_EDITOR,),
        effects=("hand_in_again", "tell_authors:reopened"), asks=(REASON, LETTER), says="The piece comes back to the desk as submitted."),
)  # fmt: skip

BY_NAME = {transition.name: transition for transition in TABLE}
