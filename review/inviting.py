"""Inviting referees and all that an editor does about an invitation: list, invite, stop, cancel, replace, remind, extend.

Each act locks the piece, reads the review anew within the lock, and raises Blocked with what to do where it is not
possible any more, or PermissionDenied. A review that was answered after the person looked at it is never overrun: they
are told.
"""

import datetime
from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import access, deadlines, letter_words, letters
from editorial.letter_words import NAME, Wording
from editorial.models import Event, Letter
from editorial.perform import transaction_of
from editorial.registry import Blocked, Reason
from forum.models import Mail, Masthead
from prose.names import tidy_name
from review import blindness, links, post, record, rounds, suggesting, turn
from review.models import Mode, Referee, Review, Round, Settings

State = Review.State
# What stays in brackets while a letter is read: both are this person's alone.
KEEPS = (NAME, "link")
FURTHEST = datetime.timedelta(days=730)
DAY = datetime.timedelta(days=1)
# Why a conflict that was looked at before does not stand in the way of the next round.
AGAIN = "They reviewed an earlier version of this piece."
# Two presses on “remind” are one reminder.
ONE_REMINDER = datetime.timedelta(hours=1)
SINCE = {
    State.LISTED: "is not invited",
    State.INVITED: "is invited",
    State.ACCEPTED: "has agreed to review",
    State.SUBMITTED: "has sent the review",
    State.CANT: "said that they can’t review",
    State.CANCELLED: "was cancelled",
}


# --- what every act asks ---------------------------------------------------------------------------


def _may(by: User, article: Article) -> None:
    if not (access.may_decide(by, article) and by.has_perm("editorial.see_referees")):
        raise PermissionDenied("The referees of this piece are not yours to choose.")


def _open(round: Round, article: Article) -> Round:
    """The round as it is now; it must be the one that is open."""
    now = Round.objects.select_related("revision", "form").get(pk=round.pk)
    if not now.is_open or article.status != Status.IN_REVIEW:
        raise Blocked(Reason("This round is closed. Nobody can be invited to it any more."))
    now.article = article
    return now


def _anew(review: Review, article: Article, *states: str) -> Review:
    """The review as it is now; it must still be in the state in which the person saw it, and in one of `states`."""
    found = (
        Review.objects.select_related("referee__user", "round__revision", "round__form", "letter")
        .select_for_update(of=("self",))
        .get(pk=review.pk)
    )
    found.round.article = article
    if found.state not in states or found.state != review.state:
        raise Blocked(Reason(f"{found.referee} {SINCE[State(found.state)]} by now. Look again before you go on."))
    if not found.round.is_open and not (found.is_kept and found.state == State.ACCEPTED):
        raise Blocked(Reason("This round is closed: its reviews stay as they are."))
    return found


def _today(now: datetime.datetime) -> datetime.date:
    return timezone.localdate(now, Masthead.current().zone)


def _write(review: Review, kind: str, event: Event, now: datetime.datetime, said: dict[str, Any], **more: Any) -> None:
    """Write a letter with words whose placeholders are no names of Python’s."""
    post.write(review, kind, event, now=now, said=said, **more)


# --- who could be invited --------------------------------------------------------------------------


def referee_of(name: str, email: str, *, by: User, affiliation: str = "") -> Referee:
    """The referee at this address, made where there is none; a known one keeps the name they have."""
    if not by.has_perm("review.add_referee"):
        raise PermissionDenied("Adding referees is for editors.")
    address = email.strip()
    found = Referee.objects.filter(email__iexact=address).first()
    if found is not None:
        return found
    account = User.objects.filter(email__iexact=address, is_active=True, referee=None).first()
    if account is None and (owner := Referee.objects.filter(user__email__iexact=address).first()):
        return owner
    try:
        with transaction.atomic():
            return Referee.objects.create(
                name=tidy_name(name)[:200],
                email=address,
                affiliation=tidy_name(affiliation)[:200],
                user=account,
                added_by=by,
            )
    except IntegrityError:
        # Somebody added them in this very moment.
        return Referee.objects.get(email__iexact=address)


def referee_for_account(user: User, *, by: User) -> Referee:
    """The referee whom an author's account makes, with what their author's page says."""
    found = Referee.objects.filter(user=user).first()
    if found is not None:
        return found
    author = getattr(user, "author", None)
    return referee_of(
        author.name if author else str(user), user.email, by=by, affiliation=author.affiliation if author else ""
    )


def list_next(round: Round, referee: Referee, *, by: User, now: datetime.datetime | None = None) -> Review:
    """Put a referee at the end of the next choices."""
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, handling):
        _may(by, article)
        found = _open(round, article)
        _refuse_never(referee, article, by)
        known = found.reviews.filter(referee=referee).first()
        if known is not None:
            raise Blocked(Reason(f"{referee} {_known(known)} in this round already."))
        last = found.reviews.aggregate(last=Max("position"))["last"] or 0
        review = Review.objects.create(
            round=found, referee=referee, label=_label_so_far(article, referee), position=last + 1, listed_by=by
        )
        record.note(article, "referee_listed", by=by, now=moment, review=review)
        turn.settle(article, handling, moment)
    return review


def _known(review: Review) -> str:
    return "is a next choice" if review.state == State.LISTED else SINCE[State(review.state)]


def unlist(review: Review, *, by: User, now: datetime.datetime | None = None) -> None:
    """Take a referee off the next choices."""
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, handling):
        _may(by, article)
        found = _anew(review, article, State.LISTED)
        kept = bool(found.letter_id or found.saved_at)
        if kept:
            # An invitation was stopped before it went: what happened stays.
            found.label = found.label or _label(article, found.referee)
            rounds.cancel(found, now=moment, why="Taken off the next choices.")
            found.save(update_fields=["label"])
        record.note(article, "referee_unlisted", by=by, now=moment, review=found, kept=kept)
        if not kept:
            found.delete()
        turn.settle(article, handling, moment)


def reorder(round: Round, order: Collection[int], *, by: User, now: datetime.datetime | None = None) -> None:
    """Bring the next choices into this order of review ids; those not named follow as they were."""
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, _):
        _may(by, article)
        found = _open(round, article)
        places = {pk: place for place, pk in enumerate(order)}
        listed = list(next_choices(found))
        wanted = sorted(listed, key=lambda review: (places.get(review.pk, len(places)), review.position, review.pk))
        if [review.pk for review in wanted] == [review.pk for review in listed]:
            return
        for place, review in enumerate(wanted, 1):
            review.position = place
            review.save(update_fields=["position"])
        record.note(article, "referees_reordered", by=by, now=moment, round=found.number, order=[r.pk for r in wanted])


def move(review: Review, by_places: int, *, by: User) -> None:
    """Move a next choice up (-1) or down (1)."""
    order = [found.pk for found in next_choices(review.round)]
    if review.pk in order:
        place = order.index(review.pk)
        order.insert(max(0, min(place + by_places, len(order) - 1)), order.pop(place))
        reorder(review.round, order, by=by)


def next_choices(round: Round) -> list[Review]:
    """The next choices in their order."""
    return list(
        round.reviews.filter(state=State.LISTED).select_related("referee__user__author").order_by("position", "pk")
    )


def next_choice(round: Round, now: datetime.datetime | None = None) -> Review | None:
    """The first of the next choices who can be invited without a question: no conflict is known, and no pause."""
    today = _today(now or timezone.now())
    listed = next_choices(round)
    found = suggesting.conflicts_of_many([review.referee for review in listed], round.article)
    for review in listed:
        if not found[review.referee_id] and not _is_paused(review.referee, today):
            return review
    return None


def _is_paused(referee: Referee, today: datetime.date) -> bool:
    return referee.not_before is not None and referee.not_before > today


# --- inviting --------------------------------------------------------------------------------------


def usual_days(now: datetime.datetime | None = None) -> tuple[datetime.date, datetime.date]:
    """By when an invitation of today is answered, and by when its review is wanted."""
    settings, today = Settings.current(), _today(now or timezone.now())
    return today + settings.answer_days * DAY, today + (settings.answer_days + settings.review_days) * DAY


def letter_to(round: Round, referee: Referee, answer_by: datetime.date, review_by: datetime.date) -> Wording:
    """The invitation as its recipient will read it, but for their name and the address that is theirs alone."""
    asked = Review(round=round, referee=referee)
    days = {"answer by": post.day(answer_by), "review by": post.day(review_by)}
    return letters.preview_to_address("referee_invited", post.values(asked, **days), keeps=KEEPS)


def problems_of(wording: Wording) -> list[letter_words.Problem]:
    """What stands against an invitation that somebody changed: (field, words)."""
    plain = Wording(wording.subject, _without_link(wording.text))
    found = letter_words.problems_by_hand(plain)
    if not any(kind == "word" for kind, _ in letter_words.parts(wording.text, ("link",))):
        found.append(
            ("text", "[link] is missing: it is the address at which the referee answers. Put it where it should stand.")
        )
    return found


def _without_link(text: str) -> str:
    """The text with the one placeholder that may stay taken out; brackets that are doubled stay doubled."""
    return "".join(
        "" if kind == "word" else "[[" if part == "[" else part
        for kind, part in letter_words.parts(letter_words.lines_of(text), ("link",))
    )  # fmt: skip


def invite(
    round: Round,
    who: Referee | Review,
    *,
    by: User,
    answer_by: datetime.date,
    review_by: datetime.date,
    by_hand: Wording | None = None,
    override: str = "",
    despite_pause: bool = False,
    now: datetime.datetime | None = None,
) -> Review:
    """Invite a referee to the open round; the letter waits ten minutes in the outbox, where it can be stopped.

    `by_hand` is the letter as somebody read and perhaps changed it (`letter_to`). `override` is the reason for inviting
    despite a known conflict, and `despite_pause` says that a pause was seen. One who can't review, or whose invitation was
    cancelled, is invited again in the same row.
    """
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, handling):
        _may(by, article)
        found = _open(round, article)
        referee = who.referee if isinstance(who, Review) else who
        review = _invite(
            found, referee, article, by=by, answer_by=answer_by, review_by=review_by, by_hand=by_hand, override=override,
            despite_pause=despite_pause, now=moment,
        )  # fmt: skip
        turn.settle(article, handling, moment)
    return review


def _invite(
    round: Round,
    referee: Referee,
    article: Article,
    *,
    by: User,
    answer_by: datetime.date,
    review_by: datetime.date,
    by_hand: Wording | None,
    override: str,
    despite_pause: bool,
    now: datetime.datetime,
) -> Review:
    referee = Referee.objects.select_related("user").get(pk=referee.pk)
    _refuse_never(referee, article, by)
    review = round.reviews.select_for_update().filter(referee=referee).first()
    if review is not None and review.state in (State.INVITED, State.ACCEPTED, State.SUBMITTED):
        raise Blocked(Reason(f"{referee} {SINCE[State(review.state)]} in this round already."))
    today = _today(now)
    reasons = _against_days(answer_by, review_by, today)
    conflicts = suggesting.conflicts_of(referee, article)
    override = override.replace("\x00", "").strip()[:1000]
    if conflicts and not override:
        said = " ".join(conflict.says for conflict in conflicts)
        reasons.append(
            Reason(f"{said} Choose somebody else, or say why {referee} should review it all the same.", "override")
        )
    if _is_paused(referee, today) and not despite_pause:
        reasons.append(Reason(f"{referee} asked not to review before {post.day(referee.not_before)}. Confirm that you ask all the same.", "despite_pause"))  # fmt: skip
    if round.mode == Mode.DOUBLE and round.traces and round.traces_seen_at is None:
        reasons.append(Reason("Look first at what in the text could give the authors away, and confirm that you did.", "traces"))  # fmt: skip
    if by_hand is not None:
        reasons += [Reason(said, where) for where, said in problems_of(by_hand)]
    if reasons:
        raise Blocked(*reasons)
    if review is None:
        review = Review(round=round, referee=referee, listed_by=by)
    review.round, review.referee = round, referee
    if review.label is None:
        review.label = _label(article, referee)
    review.state, review.invited_by, review.invited_at = State.INVITED, by, now
    # What they said when they could not review stays in the row; the state says that it is past.
    # That the text was once shown stays too: it keeps whoever saw it from the desk.
    review.answered_at = review.cancelled_at = None
    review.cancelled_why = ""
    review.asked_at, review.asked_due_on, review.asked_why = None, None, ""
    review.save()
    for kind, day in (("answer", answer_by), ("review", review_by)):
        deadlines.put(article, kind, day, by=by, now=now, subject=review.pk)
    data: dict[str, Any] = {"answer_by": str(answer_by), "review_by": str(review_by)}
    if conflicts:
        data |= {"override": override, "conflicts": sorted({c.kind for c in conflicts})}
    event = record.note(article, "referee_invited", by=by, now=now, review=review, **data)
    review.letter = post.write(
        review, "referee_invited", event, now=now, by_hand=by_hand, not_before=now + letters.HOLD
    )  # fmt: skip
    review.save(update_fields=["letter"])
    return review


def _refuse_never(referee: Referee, article: Article, by: User) -> None:
    """Whom nobody can invite, whatever the reason."""
    if why_not := blindness.why_not_referee(referee, article):
        raise Blocked(Reason(why_not))
    if referee.user_id is not None and referee.user_id == by.pk:
        raise Blocked(Reason("You would referee a piece that you decide about. Ask another editor to invite you."))


def _against_days(answer_by: datetime.date, review_by: datetime.date, today: datetime.date) -> list[Reason]:
    found = []
    if not today <= answer_by <= today + FURTHEST:
        found.append(Reason("Choose a day from today on, within two years.", "answer_by"))
    if not today <= review_by <= today + FURTHEST:
        found.append(Reason("Choose a day from today on, within two years.", "review_by"))
    elif review_by < answer_by:
        found.append(Reason("The review can’t be due before the answer.", "review_by"))
    return found


def _label_so_far(article: Article, referee: Referee) -> int | None:
    """The number that a referee has had in any round of the piece."""
    known = Review.objects.filter(round__article=article, referee=referee, label__isnull=False)
    return known.values_list("label", flat=True).first()


def _label(article: Article, referee: Referee) -> int:
    """“Referee 2” stays Referee 2 through all rounds of a piece."""
    known = _label_so_far(article, referee)
    if known is not None:
        return known
    last = Review.objects.filter(round__article=article).aggregate(last=Max("label"))["last"] or 0
    return int(last) + 1


# --- taking an invitation back -----------------------------------------------------------------------


def may_stop(review: Review, now: datetime.datetime | None = None) -> bool:
    """Whether the invitation's letter still waits in the outbox."""
    letter = review.letter
    if review.state != State.INVITED or letter is None:
        return False
    waiting = letter.mail.not_before
    return letter.mail.state == Mail.State.WAITING and waiting is not None and waiting > (now or timezone.now())


def stop_invitation(review: Review, *, by: User, now: datetime.datetime | None = None) -> None:
    """Stop an invitation whose letter still waits: the referee hears nothing, and is a next choice again."""
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, handling):
        _may(by, article)
        found = _anew(review, article, State.INVITED)
        if not rounds.stop_letter(found):
            raise Blocked(Reason(f"The letter to {found.referee} has gone already. Cancel the invitation instead."))
        found.state, found.invited_at, found.invited_by = State.LISTED, None, None
        found.save(update_fields=["state", "invited_at", "invited_by"])
        _end_for(found, moment)
        record.note(article, "invitation_stopped", by=by, now=moment, review=found)
        turn.settle(article, handling, moment)


def stop_letter(letter: Letter, by: User, now: datetime.datetime) -> None:
    """Stop an invitation by its letter, wherever letters that wait are listed. For `rooms.STOPPERS`."""
    review = Review.objects.filter(letter=letter).select_related("referee", "round__article").first()
    if review is None or review.state != State.INVITED:
        raise Blocked(Reason("This letter belongs to no open invitation any more."))
    stop_invitation(review, by=by, now=now)


def _end_for(review: Review, now: datetime.datetime) -> None:
    links.revoke(review, now)
    for kind in ("answer", "review"):
        deadlines.end(review.round.article, kind, subject=review.pk, now=now, how="void")


def cancel(review: Review, why: str = "", *, by: User, now: datetime.datetime | None = None) -> None:
    """End an invitation or a review that was not sent; the referee gets a letter, unless the invitation can be stopped.

    What was typed stays. Their addresses are over at once. `why` stands in the letter.
    """
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, handling):
        _may(by, article)
        found = _anew(review, article, *Review.OPEN)
        _cancel(found, why, by=by, now=moment)
        turn.settle(article, handling, moment)


def _cancel(review: Review, why: str, *, by: User, now: datetime.datetime) -> None:
    why = why.replace("\x00", "").strip()
    is_unsent = review.state == State.INVITED and rounds.stop_letter(review)
    rounds.cancel(review, now=now, why=why)
    event = record.note(
        review.round.article, "review_cancelled", by=by, now=now, review=review, why=why, letter_stopped=is_unsent
    )
    if not is_unsent:
        _write(review, "referee_cancelled", event, now, {"the reason": why}, has_link=False)


def replace(
    review: Review, *, by: User, expected: Review | None = None, now: datetime.datetime | None = None
) -> Review:
    """End what is open of a review and invite the next choice, with the usual letter and days, wholly or not at all.

    `expected` is the one whom the page named: where another stands first by now, nothing is done. One who can't review stays
    as they are.
    """
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, handling):
        _may(by, article)
        round = _open(review.round, article)
        found = _anew(review, article, *Review.OPEN, State.CANT, State.CANCELLED)
        found.round = round
        first = next_choice(round, moment)
        if first is None:
            listed = next_choices(round)
            raise Blocked(Reason(
                "The next choices need a look before they are invited: a conflict is known, or they asked for a pause. Invite one from the list."
                if listed else "No next choice is listed. List or invite somebody."
            ))  # fmt: skip
        if expected is not None and expected.pk != first.pk:
            raise Blocked(Reason(f"The next choice is {first.referee} by now. Look again before you go on."))
        if found.is_open:
            _cancel(found, "", by=by, now=moment)
        answer_by, review_by = usual_days(moment)
        made = _invite(
            round, first.referee, article, by=by, answer_by=answer_by, review_by=review_by, by_hand=None, override="",
            despite_pause=False, now=moment,
        )  # fmt: skip
        turn.settle(article, handling, moment)
    return made


# --- time --------------------------------------------------------------------------------------------


def nudge(review: Review, *, by: User, now: datetime.datetime | None = None) -> None:
    """Send a reminder now: of the invitation, or of the review."""
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, _):
        _may(by, article)
        found = _anew(review, article, *Review.OPEN)
        if may_stop(found, moment):
            raise Blocked(Reason(f"The invitation of {found.referee} has not gone yet: there is nothing to remind of."))
        before = Event.objects.filter(
            article=article, transition__in=("referee_nudged", "reminder_sent"), at__gt=moment - ONE_REMINDER
        )
        if any(found.pk in (event.data.get("review"), event.data.get("subject")) for event in before):
            raise Blocked(Reason(f"A reminder went to {found.referee} within the last hour."))
        is_invited = found.state == State.INVITED
        due = deadlines.current(article, "answer" if is_invited else "review", found.pk)
        late = deadlines.how_late(due.due_on, _today(moment)) if due else "is wanted"
        event = record.note(article, "referee_nudged", by=by, now=moment, review=found)
        kind = "referee_answer_reminder" if is_invited else "referee_review_reminder"
        _write(found, kind, event, moment, {"how late": late})


def extend(review: Review, due_on: datetime.date, *, by: User, now: datetime.datetime | None = None) -> None:
    """Set another day for the review, or for the answer where there is none yet; the referee is told."""
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, handling):
        _may(by, article)
        found = _anew(review, article, *Review.OPEN)
        today = _today(moment)
        if not today <= due_on <= today + FURTHEST:
            raise Blocked(Reason("Choose a day from today on, within two years.", "due_on"))
        kind = "answer" if found.state == State.INVITED else "review"
        before = deadlines.current(article, kind, found.pk)
        if before is not None and before.due_on == due_on and found.asked_at is None:
            raise Blocked(Reason("That is the day already.", "due_on"))
        deadlines.put(article, kind, due_on, by=by, now=moment, subject=found.pk)
        wanted = deadlines.current(article, "review", found.pk)
        if wanted is not None and wanted.due_on < due_on:
            wanted = deadlines.put(article, "review", due_on, by=by, now=moment, subject=found.pk)
        _forget_wish(found)
        event = record.note(article, "review_due", by=by, now=moment, review=found, due_on=str(due_on), what=kind)
        if kind == "review":
            post.write(found, "referee_due", event, now=moment)
        else:
            _write(found, "referee_answer_reminder", event, moment, {"how late": deadlines.how_late(due_on, today)})
        turn.settle(article, handling, moment)


def refuse_more_time(review: Review, why: str = "", *, by: User, now: datetime.datetime | None = None) -> None:
    """Keep the day that the referee asked to move; they are told, with the reason."""
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, handling):
        _may(by, article)
        found = _anew(review, article, *Review.OPEN)
        if found.asked_at is None:
            raise Blocked(Reason(f"{found.referee} asks for no more time: it was answered already."))
        why = why.replace("\x00", "").strip()[:1000]
        _forget_wish(found)
        event = record.note(article, "more_time_refused", by=by, now=moment, review=found, why=why)
        post.write(found, "referee_due", event, now=moment, by_hand=_no_more_time(found, why))
        turn.settle(article, handling, moment)


def _forget_wish(review: Review) -> None:
    review.asked_at, review.asked_due_on, review.asked_why = None, None, ""
    review.save(update_fields=["asked_at", "asked_due_on", "asked_why"])


def _no_more_time(review: Review, why: str) -> Wording:
    """The letter of another day, saying that it stays the same; no letter of its own is worded for it."""
    values = post.values(review)
    said = Wording(
        "The day for your review of “[title]”",
        "Dear [name],\n\nYou asked for more time for your review of “[title]”. We can’t give it: the review is wanted by [review by].\n\n"
        "[the reason]\n\nWhat you have written so far is kept:\n\n[link]\n\nIf that can’t be done, say there that you can’t review it. Nobody will mind.\n\n[publication]",
    )
    known = {
        "title": values["title"],
        "review by": values["review by"] or "the day that was named",
        "the reason": why,
        "publication": Masthead.current().name,
    }
    return letter_words.fill(said, known, keeps=KEEPS)


# --- a review that was sent ----------------------------------------------------------------------------


def return_for_fix(
    review: Review, why: str, *, by: User, due_on: datetime.date | None = None, now: datetime.datetime | None = None
) -> None:
    """Give a review that was sent back to its referee, with a question; only while its author has not read it.

    It counts again once it is sent again. All that was written stays.
    """
    moment = now or timezone.now()
    with transaction_of(review.round.article) as (article, handling):
        _may(by, article)
        found = _anew(review, article, State.SUBMITTED)
        why = why.replace("\x00", "").strip()
        if not why:
            raise Blocked(Reason("Say what the referee should mend.", "why"))
        if len(why) > 2000:
            raise Blocked(Reason(f"The question has {len(why):,} characters; 2,000 is the most.", "why"))
        if found.released_at is not None:
            raise Blocked(Reason("The author has this review already, so it can’t be changed any more."))
        day = due_on or _today(moment) + Settings.current().answer_days * DAY
        if not _today(moment) <= day <= _today(moment) + FURTHEST:
            raise Blocked(Reason("Choose a day from today on, within two years.", "due_on"))
        found.state, found.submitted_at = State.ACCEPTED, None
        found.returned_at, found.returned_why = moment, why
        found.save(update_fields=["state", "submitted_at", "returned_at", "returned_why"])
        deadlines.put(article, "review", day, by=by, now=moment, subject=found.pk)
        event = record.note(article, "review_returned", by=by, now=moment, review=found, why=why, due_on=str(day))
        _write(found, "referee_returned", event, moment, {"the reason": why})
        turn.settle(article, handling, moment)


# --- the round -------------------------------------------------------------------------------------------


def confirm_traces(round: Round, *, by: User, now: datetime.datetime | None = None) -> None:
    """Somebody looked at what in the frozen text could give its authors away."""
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, _):
        _may(by, article)
        found = _open(round, article)
        if found.traces_seen_at is not None:
            return
        found.traces_seen_by, found.traces_seen_at = by, moment
        found.save(update_fields=["traces_seen_by", "traces_seen_at"])
        record.note(article, "traces_seen", by=by, now=moment, round=found.number, traces=len(found.traces))


def want(round: Round, wanted: int, *, by: User, now: datetime.datetime | None = None) -> None:
    """Change how many reviews the round wants."""
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, handling):
        _may(by, article)
        found = _open(round, article)
        if not 1 <= wanted <= 9:
            raise Blocked(Reason("Ask for one to nine reviews.", "wanted"))
        if found.wanted != wanted:
            before, found.wanted = found.wanted, wanted
            found.save(update_fields=["wanted"])
            record.note(article, "reviews_wanted", by=by, now=moment, round=found.number, wanted=wanted, before=before)
            turn.settle(article, handling, moment)


def invite_earlier(round: Round, *, by: User, now: datetime.datetime | None = None) -> list[Review]:
    """Invite all next choices who reviewed the piece before, with the usual letter and days."""
    moment = now or timezone.now()
    with transaction_of(round.article) as (article, handling):
        _may(by, article)
        found = _open(round, article)
        answer_by, review_by = usual_days(moment)
        made = [
            _invite(
                found, review.referee, article, by=by, answer_by=answer_by, review_by=review_by, by_hand=None, override=AGAIN,
                despite_pause=False, now=moment,
            )
            for review in reviewed_before(found)
        ]  # fmt: skip
        if not made:
            raise Blocked(Reason("Nobody who reviewed before is left to be invited."))
        turn.settle(article, handling, moment)
    return made


def reviewed_before(round: Round) -> list[Review]:
    """Next choices who sent a review in an earlier round."""
    if round.number == 1:
        return []
    sent = set(
        Review.objects.filter(round__article=round.article_id, round__number__lt=round.number, submitted_at__isnull=False)
        .values_list("referee_id", flat=True)
    )  # fmt: skip
    return [review for review in next_choices(round) if review.referee_id in sent]
