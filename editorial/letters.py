"""Letters that the desk writes: the text as it goes, its mail in the outbox, all in the step's own transaction.

What they say is `editorial.letter_words`: a file in `templates/letters/`, or the publication's own wording of it. `drafts`
shows what a step would write before anybody takes it; `perform(…, letters={kind: ByHand(…)})` sends them as somebody
changed them. The HTML part is made of the text.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone

from accounts.models import User
from articles.models import Article
from editorial import access, letter_words
from editorial.letter_words import KINDS, NAME, Kind, Wording
from editorial.models import Event, Handling, Letter, LetterTemplate
from forum import mail
from forum.models import Mail, Masthead

if TYPE_CHECKING:
    from editorial.registry import Act, Reason
    from editorial.workflow import Transition

# What the record of letters shows in the place of an address that only its reader may have.
NOT_RECORDED = "(an address for this person alone)"


@dataclass(frozen=True)
class ByHand:
    """A letter as somebody read it before it went: all filled in but `[name]`; or left out, where it may be."""

    subject: str = ""
    text: str = ""
    is_left_out: bool = False

    @property
    def wording(self) -> Wording:
        return Wording(self.subject, self.text)


@dataclass
class Draft:
    """A letter that a step would write: one text, with `[name]` for each of those who would get it."""

    kind: str
    subject: str
    text: str
    is_to_author: bool
    # Whether the step may be taken without it.
    may_stay: bool
    # Names and addresses.
    people: list[tuple[str, str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        return KINDS[self.kind].label

    @property
    def wording(self) -> Wording:
        return Wording(self.subject, self.text)


def drafts(
    article: Article,
    transition: str,
    by: User,
    details: Mapping[str, Any] | None = None,
    *,
    seen: int | None = None,
    seen_status: str = "",
) -> list[Draft]:
    """The letters that the step would write with these answers, one for each kind that somebody would get.

    The step is taken and rolled back, so this is what `perform` would do, and raises what it would raise. Give what
    comes of it back as `perform(…, letters={draft.kind: ByHand(draft.subject, draft.text)})`, changed or not.
    """
    from editorial.perform import rehearse  # it names this module

    return rehearse(article, transition, by=by, seen=seen, seen_status=seen_status, details=dict(details or {}))


def kinds_of(transition: "Transition") -> list[Kind]:
    """The kinds of letters that a step may write, in its order."""
    named = (effect.partition(":") for effect in transition.effects)
    return [KINDS[kind] for name, _, kind in named if name.startswith("tell_") and kind]


# --- letters that wait ---

# How long a decision, and an invitation of a referee, wait in the outbox: a misclick can be taken back meanwhile.
HOLD = datetime.timedelta(minutes=10)


def is_held(handling: Handling, now: datetime.datetime) -> bool:
    """Whether the last decision about the piece can still be taken back, and its author knows nothing of it."""
    return handling.held_until is not None and handling.held_until > now


def release_held(act: "Act") -> None:
    """Send at once what waits of a decision about the piece. It is over, if it was held."""
    if is_held(act.handling, act.now):
        Mail.objects.filter(pk__in=_held(act), state=Mail.State.WAITING).update(not_before=act.now)
    act.handling.held_until, act.handling.held_status = None, ""


def stop_held(act: "Act") -> None:
    """Stop what waits of the decision about the piece. Raises Blocked where a part of it has gone."""
    from editorial.registry import Blocked, Reason  # it names this module's types

    held = Mail.objects.select_for_update().filter(pk__in=_held(act)).order_by("pk")
    for waiting in held:
        if not mail.stop(waiting):
            raise Blocked(Reason("A letter of the decision has gone already, so it can’t be taken back any more."))
    act.handling.held_until, act.handling.held_status = None, ""


def _held(act: "Act") -> "list[int]":
    """Ids of the mails of the held decision: those of its event, whatever became of each since."""
    decided_at = (act.handling.held_until or act.now) - HOLD
    return list(act.article.letters.filter(event__at=decided_at).values_list("mail_id", flat=True))


# --- what a letter says ---


def wording_of(kind: str) -> Wording:
    """The publication's own wording, or the one delivered."""
    own = LetterTemplate.objects.filter(kind=kind).first()
    return Wording(own.subject, own.text) if own else letter_words.delivered(kind)


def values_of(act: "Act", *, is_to_author: bool) -> dict[str, str]:
    """What stands for the placeholders, but for the name. Letters to authors name no editor: the desk signs as the
    publication."""
    piece, zone = act.article, act.masthead.zone
    at = piece.published_at.astimezone(zone) if piece.published_at else None
    is_scheduled = at is not None and piece.is_scheduled(act.now)
    is_correction = act.said("kind") == "correction"
    is_update = act.transition.name == "update"
    is_ready = piece.status == "ready"
    return {
        "title": (access.text_for_author(piece) if is_to_author else piece.latest).title or "Untitled",
        "publication": act.masthead.name,
        "link": link(piece, is_to_author=is_to_author),
        "message": act.said("message"),
        "note": act.said("note"),
        "due date": _day(act.handling.due_on),
        "public note": act.said("public_note") if is_correction or not is_update else "",
        "public address": f"{settings.SITE_URL}{piece.get_absolute_url()}" if piece.published_on else "",
        "published or scheduled": "Scheduled" if is_scheduled else "Published",
        "when it appears": f"will appear by itself on {_day(at)} at {at:%H:%M} ({act.masthead.time_zone}), at this address"
        if is_scheduled
        else "is published",
        "mended since approval": letter_words.WORDS["mended since approval"].examples[0]
        if "copy_fixes_since" in act.data
        else "",
        "corrected or mended": "Corrected" if is_correction else "Mended",
        "what was changed": letter_words.WORDS["what was changed"].examples[0 if is_correction else 1],
        "ready or not yet": letter_words.WORDS["ready or not yet"].examples[0 if is_ready else 1],
        "what is still open": letter_words.WORDS["what is still open"].examples[0 if is_ready else 1],
        **act.words,
    }  # fmt: skip


def link(piece: Article, *, is_to_author: bool) -> str:
    """The whole address of the piece, in the author's portal or on the desk."""
    name = "contribute:piece" if is_to_author else "admin:articles_article_change"
    return f"{settings.SITE_URL}{reverse(name, args=[piece.pk])}"


def _day(day: datetime.date | None) -> str:
    return formats.date_format(day, "j F Y") if day else ""


def _own_words(kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
    return {word: values[word] for word in kind.words if word != NAME}


def _draft(act: "Act", kind: Kind) -> Draft:
    """The letter for everybody who gets it. Read once for each step."""
    if kind.name not in act.drafted:
        values = values_of(act, is_to_author=kind.is_to_author)
        filled = letter_words.fill(wording_of(kind.name), _own_words(kind, values), keeps=(NAME,))
        act.drafted[kind.name] = Draft(
            kind.name, filled.subject or kind.label, filled.text, kind.is_to_author, _may_stay(act, kind)
        )
    return act.drafted[kind.name]


def _may_stay(act: "Act", kind: Kind) -> bool:
    """News that an author can do without: that a piece appears or does not, and a mended comma. Never a decision, nor
    a correction."""
    return kind.may_stay or (kind.name == "updated" and act.said("kind") == "copy_fix")


# --- sending ---


def write(act: "Act", kind: str, recipient: User, *, is_to_author: bool) -> Letter | None:
    """Write one letter about the step to one person and put it into the outbox.

    Whoever took the step themselves at the desk is not written to about it; an author gets a copy for their files.
    In a rehearsal the letter is only noted.
    """
    if not is_to_author and recipient == act.by:
        return None
    draft, name = _draft(act, KINDS[kind]), recipient.get_full_name()
    if act.rehearsed is not None:
        if draft not in act.rehearsed:
            act.rehearsed.append(draft)
        draft.people.append((name, recipient.email))
        return None
    by_hand = act.letters.get(kind)
    if by_hand is not None and by_hand.is_left_out:
        return None
    assert act.event is not None
    filled = letter_words.fill_by_hand(by_hand.wording if by_hand else draft.wording, name)
    return Letter.objects.create(
        article=act.article, event=act.event, kind=kind, recipient=recipient, address=recipient.email,
        subject=filled.subject, text=filled.text, is_to_author=is_to_author, names_referee=KINDS[kind].names_referee,
        at=act.now,
        mail=mail.post(
            message(filled, recipient.email, act.masthead),
            not_before=act.handling.held_until if is_held(act.handling, act.now) else None,
        ),
    )  # fmt: skip


def write_to_address(
    article: Article,
    event: Event,
    kind: str,
    name: str,
    address: str,
    values: Mapping[str, str],
    *,
    secrets: Mapping[str, str] | None = None,
    recipient: User | None = None,
    by_hand: Wording | None = None,
    not_before: datetime.datetime | None = None,
) -> Letter:
    """Write to a person without an account, in the caller's transaction.

    `kind` is one of `letter_words.KINDS`; `values` fill its placeholders besides the name, title (give the one that
    this person may know) and publication. What stands in `secrets`, such as {"link": an address that works once}, goes
    with the mail and is never kept in the record of letters. `by_hand` is the letter as somebody read and perhaps
    changed it (`preview_to_address`): `[name]` and the secrets are still filled in. `not_before` keeps it in the outbox
    until then. `recipient` is their account, where they have one.
    """
    found, masthead = KINDS[kind], Masthead.current()
    known = dict.fromkeys(found.words, "") | {"publication": masthead.name, **values, NAME: name}
    hidden = dict(secrets or {})
    if by_hand is None:
        wording = wording_of(kind)
        sent = letter_words.fill(wording, known | hidden)
        kept = letter_words.fill(wording, known | dict.fromkeys(hidden, NOT_RECORDED))
    else:
        sent = letter_words.fill(by_hand, {NAME: name} | hidden)
        kept = letter_words.fill(by_hand, {NAME: name} | dict.fromkeys(hidden, NOT_RECORDED))
    return Letter.objects.create(
        article=article, event=event, kind=kind, recipient=recipient, address=address, subject=kept.subject or found.label,
        text=kept.text, is_to_author=found.is_to_author, names_referee=found.names_referee, at=event.at,
        mail=mail.post(
            message(Wording(sent.subject or found.label, sent.text), address, masthead), not_before=not_before
        ),
    )  # fmt: skip


def preview_to_address(kind: str, values: Mapping[str, str], *, keeps: Collection[str] = (NAME,)) -> Wording:
    """The letter that `write_to_address` would write, to be read and changed: `keeps` stay in brackets."""
    found, masthead = KINDS[kind], Masthead.current()
    known = dict.fromkeys(found.words, "") | {"publication": masthead.name, **values}
    return letter_words.fill(wording_of(kind), {w: v for w, v in known.items() if w not in keeps}, keeps=keeps)


def write_news(
    article: Article, event: Event, kind: str, recipient: User, values: Mapping[str, str], *, is_to_author: bool
) -> Letter:
    """Write to somebody with an account about what is no step of the table, in the caller's transaction.

    `values` fill the placeholders of the kind besides those that all letters have.
    """
    found, masthead, name = KINDS[kind], Masthead.current(), recipient.get_full_name()
    text = access.text_for_author(article) if is_to_author else article.latest
    known = dict.fromkeys(found.words, "") | {
        "title": text.title or "Untitled",
        "publication": masthead.name,
        "link": link(article, is_to_author=is_to_author),
        **values,
        NAME: name,
    }
    filled = letter_words.fill(wording_of(kind), {word: known[word] for word in found.words})
    sent = Wording(filled.subject or found.label, filled.text)
    return Letter.objects.create(
        article=article, event=event, kind=kind, recipient=recipient, address=recipient.email, subject=sent.subject,
        text=sent.text, is_to_author=is_to_author, names_referee=found.names_referee, at=event.at, mail=mail.post(message(sent, recipient.email, masthead)),
    )  # fmt: skip


def message(letter: Wording, address: str, masthead: Masthead) -> EmailMultiAlternatives:
    """The mail of a letter, with both parts."""
    made = EmailMultiAlternatives(letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL, [address])
    if masthead.contact_email:
        made.reply_to = [masthead.contact_email]
    made.attach_alternative(
        render_to_string("letters/letter.html", {"text": letter.text, "subject": letter.subject, "masthead": masthead}),
        "text/html",
    )
    return made


# --- letters changed by hand ---


def reasons_against(act: "Act") -> list["Reason"]:
    """What stands against the letters as somebody changed them, each with the field of the step's page."""
    from editorial.registry import Reason  # it names this module's types

    kinds = {kind.name: kind for kind in kinds_of(act.transition)}
    found = []
    for name, by_hand in act.letters.items():
        kind = kinds.get(name)
        if kind is None:
            found.append(Reason(f"“{act.transition.label}” writes no letter of this kind. Open the step again."))
        elif by_hand.is_left_out:
            if not _may_stay(act, kind):
                found.append(Reason(f"The letter “{kind.label}” can’t be left out: its reader has to know.", f"letter-{name}-stays"))  # fmt: skip
        else:
            found += [
                Reason(f"“{kind.label}”: {said}", f"letter-{name}-{where}")
                for where, said in letter_words.problems_by_hand(by_hand.wording)
            ]
    return found


def recorded(act: "Act") -> dict[str, list[str]]:
    """What the event keeps of letters that were changed by hand or left out."""
    left_out = [name for name, by_hand in act.letters.items() if by_hand.is_left_out]
    changed = [
        name
        for name, by_hand in act.letters.items()
        if name not in left_out and not is_same(by_hand.wording, _draft(act, KINDS[name]).wording)
    ]
    return {key: names for key, names in (("letters_changed", changed), ("letters_left_out", left_out)) if names}


def is_same(one: Wording, other: Wording) -> bool:
    """Whether two letters read the same, whatever their line breaks and outer space."""
    return _plain(one) == _plain(other)


def _plain(wording: Wording) -> tuple[str, str]:
    return wording.subject.strip(), letter_words.lines_of(wording.text).strip()


# --- looking ---


def example(kind: str, article: Article, wording: Wording, name: str, *, case: int = 0) -> Wording:
    """How the letter would read for a real piece, with examples of what is only said with the step.

    `case` 1 takes the other words where there are two, and leaves empty what may be empty.
    """
    found, masthead = KINDS[kind], Masthead.current()
    examples = {word: letter_words.WORDS[word].examples[min(case, len(letter_words.WORDS[word].examples) - 1)] for word in found.words}  # fmt: skip
    for word in found.words:
        if not examples[word] and word not in found.sometimes:
            examples[word] = letter_words.WORDS[word].examples[0]
    if found.name in ("retracted", "reinstated"):
        examples["public note"] = letter_words.WORDS["public note"].examples[0]
    zone = masthead.zone
    day = article.published_on or timezone.now().astimezone(zone).date()
    public = article.get_absolute_url() if article.published_on else f"/{day:%Y/%m/%d}/{article.slug or 'address'}/"
    text = access.text_for_author(article) if found.is_to_author else article.latest
    values = examples | {
        NAME: name,
        "title": text.title or "Untitled",
        "publication": masthead.name,
        "link": link(article, is_to_author=found.is_to_author),
        "public address": f"{settings.SITE_URL}{public}",
    }
    return letter_words.fill(wording, {word: values[word] for word in found.words})


def send_test(letter: Wording, to: User) -> Mail:
    """Send a letter to oneself, marked as a test. It stands on no piece's timeline."""
    said = f"This is a test of a letter. Nobody else gets it.\n\n{letter.text}"
    return mail.post(
        message(Wording(letter_words.one_line(f"Test: {letter.subject}"), said), to.email, Masthead.current())
    )
