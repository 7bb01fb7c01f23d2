"""What letters are written in: plain text with placeholders in square brackets, and nothing else.

    Please revise: [title]

    Dear [name],
    …

The first line of a file in `templates/letters/` is the subject; a row of `LetterTemplate` is the publication's own
wording of one. A paragraph with a placeholder that has nothing to say falls away as a whole, so no conditions are
needed. `[[` is a bracket that is meant as one. Values are put in once and never read again: a title “[message]” stays.

A new kind of letter is an entry in `KINDS` and a file of its name.
"""

import difflib
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

LONGEST_SUBJECT = 200
LONGEST_TEXT = 10_000
# Of a letter as it goes, with all words filled in.
LONGEST_SUBJECT_SENT = 300
LONGEST_TEXT_SENT = 40_000

# Resolved for each person; all else is the same for everybody who gets the letter.
NAME = "name"


@dataclass(frozen=True)
class Word:
    """A placeholder: what it means, and what may stand for it in a preview (the second where there are two cases)."""

    name: str
    means: str
    examples: tuple[str, ...] = ("",)


WORDS = {
    word.name: word
    for word in (
        Word("name", "The name of the person who gets the letter."),
        Word("title", "The title of the piece: for authors, the newest that they were shown."),
        Word("publication", "The name of the publication, from the masthead."),
        Word("link", "The address of the piece: for authors its page in their portal, for editors its page on the desk."),
        Word("message", "What was typed with the step as words in the letter. Without any, its paragraph falls away.",
            ("These are the words that stand in the letter. They are typed with the step.\n\nThey may have paragraphs.", "")),
        Word("note", "What the author wrote with the step. Without any, its paragraph falls away.",
            ("These are the words that the author writes with the step.", "")),
        Word("due date", "The day that was named with the step, as in 3 March 2027.", ("3 March 2027",)),
        Word("public note", "What readers are told on the page of the piece.", ("This is what readers are told.", "")),
        Word("public address", "Where readers find the piece."),
        Word("published or scheduled", "“Published”, or “Scheduled” where it appears later.", ("Published", "Scheduled")),
        Word("when it appears", "“is published”, or “will appear by itself on …, at this address” with day, time and time zone.",
            ("is published", "will appear by itself on 3 March 2027 at 08:00 (Europe/London), at this address")),
        Word("mended since approval", "A sentence that says that spelling or form was mended after the approval. Where nothing was, its paragraph falls away.",
            ("After your approval we mended spelling or form. You can see what on your piece’s page.", "")),
        Word("corrected or mended", "“Corrected”, or “Mended” for a copy fix.", ("Corrected", "Mended")),
        Word("what was changed", "A sentence: “We corrected it, and readers see this note:”, or for a copy fix “We mended spelling or form; the sense is unchanged.”",
            ("We corrected it, and readers see this note:", "We mended spelling or form; the sense is unchanged.")),
        Word("ready or not yet", "“Ready to publish”, or “Approved by one of its authors” while another has still to answer.",
            ("Ready to publish", "Approved by one of its authors")),
        Word("what is still open", "“it is ready to publish”, or “another author has still to answer”.",
            ("it is ready to publish", "another author has still to answer")),
        Word("who invites", "The author who invites, or “the editors of …”.", ("Alice Marlowe", "the editors of the publication")),
        Word("how late", "“is due in three days”, “is due today”, “was due on 3 March 2027”.", ("is due in three days", "was due on 3 March 2027")),
        Word("what is due", "“revision” or “approval”, whichever is wanted of the author.", ("revision", "approval")),
        Word("who overrode", "The managing editor who overrode a declared conflict.", ("Mara Chief",)),
        Word("who has the conflict", "The person whose declared conflict was overridden.", ("Bea Margin",)),
        Word("override reason", "The reason that was given for it.", ("Nobody else at the desk reads the language.",)),
        Word("co-author", "The name of the person who was invited, as it is printed.", ("Kim Lee",)),
    )
}  # fmt: skip

AUTHORS = "The authors who have an account"
DESK = "The editor who handles the piece; every editor while nobody does"
SECOND = "The second editor whom the step names"
INVITED = "The person who is invited, at the address that was given"
MANAGERS = "The editor who handles the piece, and the other managing editors"
TEAM = "The corresponding author, and the editor who handles the piece"
EVERYWHERE = ("name", "title", "publication", "link")


@dataclass(frozen=True)
class Kind:
    """A kind of letter: who gets it and when, and which placeholders it has besides those that all have."""

    name: str
    label: str
    when: str
    who: str = AUTHORS
    own: tuple[str, ...] = ()
    # Without these it would swallow what somebody wrote, or leave its reader without a way to answer.
    needed: tuple[str, ...] = ()
    # Those that may have nothing to say.
    sometimes: tuple[str, ...] = ()
    # Whether the step may be taken without sending it: news that the author can do without, never a decision.
    may_stay: bool = False
    # Goes to a referee or names one: only who may know who referees reads it in the record (`appearance`).
    names_referee: bool = False
    # Without one its reader has nothing to open any more.
    has_link: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        return (*(word for word in EVERYWHERE if self.has_link or word != "link"), *self.own)

    @property
    def is_to_author(self) -> bool:
        return self.who in (AUTHORS, INVITED)


def _optional_message(
    name: str,
    label: str,
    when: str,
    *more: str,
    sometimes: tuple[str, ...] = (),
    needed: tuple[str, ...] = (),
    may_stay: bool = False,
) -> Kind:
    """A letter into which an editor may put words of their own."""
    return Kind(name, label, when, own=("message", *more), needed=("message", *needed), sometimes=("message", *sometimes), may_stay=may_stay)  # fmt: skip


# In the order of a piece's way.
KINDS = {
    kind.name: kind
    for kind in (
        Kind("submitted", "We have your piece", "When a piece is submitted."),
        Kind("submitted_desk", "New piece", "When a piece is submitted.", DESK, needed=("link",)),
        _optional_message("taken_in_house", "Under review", "When editors take the piece into review in house."),
        Kind("second_editor", "You are second editor", "When a piece is reviewed in house with a second editor.", SECOND, needed=("link",)),
        Kind("revision_requested", "Please revise", "When an editor asks for a revision.", own=("message", "due date"), needed=("message", "due date", "link")),
        Kind("resubmitted", "Revised", "When an author sends the revision.", DESK, own=("message",), needed=("message", "link")),
        _optional_message("accepted", "Accepted", "When the piece is accepted."),
        Kind("declined", "Declined", "When the piece is declined.", own=("message",), needed=("message",)),
        Kind("approval_requested", "Your approval, please", "When the author’s approval of the edited text is asked for.",
            own=("message", "due date"), needed=("message", "due date", "link"), sometimes=("message",)),
        Kind("revision_reminder", "Your revision: a reminder", "Before, on and after the day a revision is due, by itself.", own=("how late",), needed=("link",)),
        Kind("approval_reminder", "Your approval: a reminder", "Before, on and after the day an approval is due, by itself.", own=("how late",), needed=("link",)),
        Kind("due_moved", "Another day", "When an editor sets another day for a revision or an approval, by itself.", own=("due date", "what is due"), needed=("due date", "link")),
        Kind("approved", "Approved by an author", "When an author approves the text.", DESK, own=("note", "ready or not yet", "what is still open"),
            needed=("note",), sometimes=("note",)),
        Kind("objected", "The author objects", "When an author does not approve the text.", DESK, own=("note",), needed=("note", "link")),
        Kind("approval_void", "Not yet: the approval is void", "When the names above an approved piece are changed. It goes by itself, with no step to read it at."),
        _optional_message("published", "Published, or scheduled", "When the piece is published or scheduled.", "public address", "published or scheduled", "when it appears", "mended since approval",
            needed=("public address", "mended since approval"), sometimes=("mended since approval",), may_stay=True),
        Kind("unscheduled", "No longer scheduled", "When a scheduled piece is held back.", may_stay=True),
        Kind("updated", "Corrected, or mended", "When changes of a public piece are published.", own=("public note", "public address", "corrected or mended", "what was changed"),
            needed=("public note",), sometimes=("public note",)),
        Kind("withdrawal_asked", "The author asks to withdraw", "When an author asks to withdraw a piece that was accepted.", DESK, own=("note",), needed=("note", "link")),
        Kind("withdrawal_refused", "About your wish to withdraw", "When the editors keep a piece that its author asked to withdraw.", own=("message",), needed=("message",)),
        Kind("withdrawn", "Withdrawn by its author", "When an author withdraws a piece.", DESK, own=("note",), needed=("note",), sometimes=("note",)),
        Kind("withdrawn_author", "Withdrawn", "When a piece is withdrawn, by its author or as the author asked."),
        _optional_message("retracted", "Retracted", "When the piece is retracted.", "public note", "public address", needed=("public note",)),
        _optional_message("reinstated", "Reinstated", "When a retraction is taken back.", "public note", "public address", needed=("public note",)),
        Kind("retraction_agreed", "Named as second editor", "When a piece is retracted or reinstated.", SECOND, own=("public note",), needed=("public note", "link")),
        _optional_message("taken_down", "Taken down", "When the piece is taken down."),
        _optional_message("restored", "Back with readers", "When a piece that was taken down is restored.", "public address"),
        _optional_message("reopened", "Open again", "When a declined or withdrawn piece is opened again."),
        Kind("conflict_overridden", "A declared conflict was overridden", "When a managing editor overrides a declared conflict.", MANAGERS,
            own=("who overrode", "who has the conflict", "override reason"), needed=("override reason",)),
        Kind("coauthor_invited", "Invitation of a co-author", "When somebody is invited to stand above a piece. Its link works once.", INVITED, own=("who invites",),
            needed=("link",)),
        Kind("coauthor_joined", "A co-author joined", "When an invited co-author confirms the byline.", TEAM, own=("co-author",)),
        Kind("coauthor_refused", "A co-author said no", "When an invited person does not want to be named.", TEAM, own=("co-author", "note"),
            needed=("note",), sometimes=("note",)),
    )
}  # fmt: skip


def register(kinds: tuple[Kind, ...], words: tuple[Word, ...] = ()) -> None:
    """Add kinds of letters and placeholders of a room above. Its texts stand in `templates/letters/` like all others."""
    WORDS.update({word.name: word for word in words})
    KINDS.update({kind.name: kind for kind in kinds})


PLACEHOLDER = re.compile(r"\[\[|\[([^\[\]\n]{1,60})\]")
BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")


@dataclass(frozen=True)
class Wording:
    """Subject and text of a letter, with placeholders."""

    subject: str
    text: str


def lines_of(text: str) -> str:
    """The text with one kind of line break, as forms and databases differ on it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def name_of(typed: str) -> str:
    """The placeholder that somebody typed, whatever its case and spacing."""
    return " ".join(typed.split()).lower()


@functools.cache
def delivered(kind: str) -> Wording:
    """The wording as it comes with the program."""
    path = Path(settings.BASE_DIR) / "templates" / "letters" / f"{KINDS[kind].name}.txt"
    subject, _, text = lines_of(path.read_text(encoding="utf-8")).strip().partition("\n")
    return Wording(subject.strip(), text.strip())


# --- reading ---


def parts(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """The text in pieces: ("text", …) to print, and ("word", name) for a placeholder of `known`."""
    at = 0
    for found in PLACEHOLDER.finditer(text):
        is_bracket = found[1] is None
        if not is_bracket and name_of(found[1]) not in known:
            continue
        if found.start() > at:
            yield "text", text[at : found.start()]
        yield ("text", "[") if is_bracket else ("word", name_of(found[1]))
        at = found.end()
    if at < len(text):
        yield "text", text[at:]


def named_in(text: str) -> list[str]:
    """Everything in single brackets on one line, as it was typed."""
    return [found[1] for found in PLACEHOLDER.finditer(text) if found[1] is not None]


# --- filling ---


def fill(wording: Wording, values: Mapping[str, str], *, keeps: Collection[str] = ()) -> Wording:
    """The letter with the values in it. It never fails, and what stands in a value is never read as a placeholder.

    Placeholders of `keeps` stay, for `fill_by_hand`; brackets that would be read as one then are doubled.
    """
    values = {name: lines_of(value).strip() for name, value in values.items()}
    paragraphs = []
    for paragraph in BLANK_LINES.split(lines_of(wording.text).strip()):
        found = list(parts(paragraph, values.keys() | set(keeps)))
        if any(kind == "word" and word not in keeps and not values[word] for kind, word in found):
            continue
        paragraphs.append(_print(found, values, keeps))
    subject = _print(list(parts(wording.subject, values.keys() | set(keeps))), values, keeps)
    return Wording(one_line(subject), "\n\n".join(paragraphs).strip())


def _print(found: list[tuple[str, str]], values: Mapping[str, str], keeps: Collection[str]) -> str:
    printed, run = [], ""
    for kind, word in found:
        if kind == "word" and word in keeps:
            printed += [_doubled(run) if keeps else run, f"[{word}]"]
            run = ""
        else:
            run += values[word] if kind == "word" else word
    return "".join([*printed, _doubled(run) if keeps else run])


def _doubled(text: str) -> str:
    """The text with each bracket doubled that would be read as the beginning of a placeholder."""
    return re.sub(r"\[(?=\[|\Z|[^\[\]\n]{1,60}\])", lambda found: "[[" if _is_read(text, found.start()) else "[", text)


def _is_read(text: str, at: int) -> bool:
    if text[at + 1 : at + 2] in ("", "["):
        return True
    found = PLACEHOLDER.match(text, at)
    return found is not None and name_of(found[1]) in WORDS


def fill_by_hand(wording: Wording, name: str) -> Wording:
    """A letter that somebody read, and perhaps changed, as it goes to one person: `[name]` is theirs, all else stays."""
    values = {NAME: name}

    def filled(text: str) -> str:
        return _print(list(parts(lines_of(text), (NAME,))), values, ())

    return Wording(one_line(filled(wording.subject)), filled(wording.text).strip())


def one_line(text: str) -> str:
    """The subject of a mail: one line, no longer than the record of letters holds."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST_SUBJECT_SENT]


# --- checking ---

# What is wrong, with the field where it is mended.
Problem = tuple[str, str]


def problems(kind: Kind, wording: Wording) -> list[Problem]:
    """What stands against a wording of the publication's own, each in plain words with what to do."""
    found = _plain_problems(wording, LONGEST_SUBJECT, LONGEST_TEXT)
    for field, text in (("subject", wording.subject), ("text", lines_of(wording.text))):
        for typed in dict.fromkeys(named_in(text)):
            name = name_of(typed)
            if name in kind.words:
                continue
            if name in WORDS:
                found.append((field, f"This letter has no [{name}]. {_offer(kind)}"))
                continue
            close = difflib.get_close_matches(name, kind.words, 1, 0.6)
            meant = f"Did you mean [{close[0]}]?" if close else _offer(kind)
            found.append(
                (field, f"There is no placeholder [{typed}]. {meant} For the bracket itself type it twice: [[{typed}].")
            )
        if field == "subject":
            continue
        paragraphs = [
            [word for sort, word in parts(paragraph, kind.words) if sort == "word"]
            for paragraph in BLANK_LINES.split(text.strip())
        ]
        for needed in kind.needed:
            places = [paragraph for paragraph in paragraphs if needed in paragraph]
            if not places:
                found.append((field, f"[{needed}] is missing. {WORDS[needed].means} {_why(needed)}"))
            elif all(_beside(kind, needed, paragraph) for paragraph in places):
                other = _beside(kind, needed, places[0])
                found.append(
                    (field, f"[{needed}] stands in one paragraph with [{other}], and would fall away with it. Put an empty line between them.")
                )  # fmt: skip
    return found


def _beside(kind: Kind, needed: str, paragraph: list[str]) -> str:
    """Another placeholder of the paragraph that may have nothing to say."""
    return next((word for word in paragraph if word != needed and word in kind.sometimes), "")


def _why(needed: str) -> str:
    match needed:
        case "message" | "note" | "public note":
            return "Without it, what somebody wrote would not arrive."
        case "link":
            return "Without it the letter has no way to answer."
    return "The letter is no use without it."


def _offer(kind: Kind) -> str:
    return f"It has {', '.join(f'[{word}]' for word in kind.words)}."


def problems_by_hand(wording: Wording) -> list[Problem]:
    """What stands against a letter that somebody changed before it went. All its words are filled in but `[name]`."""
    found = _plain_problems(wording, LONGEST_SUBJECT_SENT, LONGEST_TEXT_SENT)
    for field, text in (("subject", wording.subject), ("text", lines_of(wording.text))):
        for typed in dict.fromkeys(named_in(text)):
            name = name_of(typed)
            if name in WORDS and name != NAME:
                found.append((field, f"[{typed}] is not filled in here any more: write the words themselves. For the bracket itself type it twice: [[{typed}]."))  # fmt: skip
    return found


def _plain_problems(wording: Wording, longest_subject: int, longest_text: int) -> list[Problem]:
    found = []
    subject, text = wording.subject.strip(), lines_of(wording.text).strip()
    for field, said, longest in (("subject", subject, longest_subject), ("text", text, longest_text)):
        if not said:
            found.append((field, f"The {field} is empty."))
        if len(said) > longest:
            found.append((field, f"The {field} has {len(said):,} characters; {longest:,} is the most."))
        if "\x00" in said:
            found.append((field, f"The {field} holds a character that can’t be kept. Delete it and type it anew."))
    if len(subject.splitlines()) > 1:
        found.append(("subject", "The subject is one line: take out the line breaks."))
    return found
