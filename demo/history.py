"""How a piece of the demonstration came to be where it stands: every step by the person whose step it is, on its day.

Nothing is written past the workflow, so the timeline, the letters and the versions are those of a piece that lived.
"""

import datetime
import zoneinfo
from dataclasses import dataclass, field
from random import Random

from accounts.models import User
from articles.listing import relist
from articles.models import Article, Image, Region, Series, Tag, TaggedArticle
from authors.models import Author
from demo import refereeing
from demo.content import DemoArticle, DemoReferee, DemoText
from editorial import writing
from editorial.models import Approval, Handling
from editorial.perform import perform

# Days before it was published that a piece was handed in, and that its approval was asked for.
HANDED_IN_BEFORE = 16
EDITED_BEFORE = 4
# Days that its author had written by then.
WRITTEN_IN = 3
# Days from handing in until an editor takes a piece on, and from the editors' letter until its answer.
TAKEN_ON_AFTER = 6
ANSWERED_AFTER = 4

ACCEPTED = "We like this and would like to publish it. You will be sent the edited text, with every change marked, before anybody reads it."
UNCHANGED = "We changed nothing but the picture above it. Please tell us whether we may publish it as it stands."
BY_MAIL = "‘Yes, please go ahead, and thank you for the quick turn-round.’ (mail from the author)"
BY_MAIL_ALL = "‘Both of us are content with it.’ (mail from the authors)"


# Those whose `days_ago` counts from the day on which readers got them.
WAS_PUBLISHED = frozenset({"published", "taken_down"})


class Missing(Exception):  # noqa: N818  it is an answer, not an error
    """Somebody whom the piece needs was deleted or deactivated meanwhile."""


@dataclass(frozen=True)
class Cast:
    """Who takes the steps. `editor` handles the piece, `second` reads it too."""

    editor: User
    second: User
    manager: User
    copy_editor: User
    authors: dict[str, Author]
    # Who reviews, each with the account where there is one.
    referees: dict[str, tuple[DemoReferee, User | None]] = field(default_factory=dict)


class Calendar:
    """Days of the demonstration, counted from today in the publication's time zone."""

    def __init__(self, zone: zoneinfo.ZoneInfo, now: datetime.datetime) -> None:
        self.zone, self.now = zone, now
        self.today = now.astimezone(zone).date()

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime.datetime:
        """That hour of a day gone by; what would still be ahead today was a minute ago."""
        return min(self._moment(-days_ago, hour, minute), self.now - datetime.timedelta(minutes=1))

    def ahead(self, days: int, hour: int) -> datetime.datetime:
        """That hour of a day to come."""
        return self._moment(days, hour, 0)

    def day(self, days: int) -> datetime.date:
        return self.today + datetime.timedelta(days=days)

    def _moment(self, days: int, hour: int, minute: int) -> datetime.datetime:
        return datetime.datetime.combine(self.day(days), datetime.time(hour, minute), self.zone)


def tell(
    piece: DemoArticle,
    cast: Cast,
    calendar: Calendar,
    *,
    image: Image | None,
    regions: list[Region],
    topics: list[Tag],
    series: Series | None = None,
    original: Article | None = None,
) -> Article:
    """Take the piece through its whole life up to today. Call it in a transaction."""
    story = _Story(piece, cast, calendar)
    story.image, story.regions, story.topics, story.series = image, regions, topics, series
    story.original = original
    story.begin()
    if piece.state == "draft":
        return story.article
    story.hand_in()
    if piece.state == "withdrawn":
        story.withdraw()
    elif piece.state == "declined":
        story.decline()
    elif piece.state != "submitted":
        story.go_through_the_desk()
    return story.article


class _Story:
    article: Article
    image: Image | None
    regions: list[Region]
    topics: list[Tag]
    series: Series | None
    original: Article | None

    def __init__(self, piece: DemoArticle, cast: Cast, calendar: Calendar) -> None:
        self.piece, self.cast, self.calendar = piece, cast, calendar
        missing = [byline.author for byline in piece.bylines if byline.author not in cast.authors]
        if missing:
            raise Missing(f"The author {', '.join(missing)} was deleted.")
        self.author = cast.authors[piece.bylines[0].author]
        # Without an account the author wrote by mail, and the editor acts for them.
        self.writer: User | None = self.author.user
        self.by = self.writer or cast.editor
        # Nobody works on the stroke of the hour.
        self.minute = Random(piece.key).randrange(45)  # noqa: S311  no secret
        published = HANDED_IN_BEFORE if piece.state in WAS_PUBLISHED else 0
        self.handed_in = piece.days_ago + published
        self.edited = piece.edited.days_ago if piece.edited else max(piece.days_ago + EDITED_BEFORE, 0)

    def at(self, days_ago: int, hour: int) -> datetime.datetime:
        return self.calendar.at(days_ago, hour, self.minute)

    # --- The author's part --------------------------------------------------------------------

    def begin(self) -> None:
        piece = self.piece
        began = piece.days_ago if piece.state == "draft" else self.handed_in + (WRITTEN_IN if self.writer else 0)
        text = piece.first or piece.text
        self.article = writing.begin(
            by=self.by, corresponding=self.writer, editor=None if self.writer else self.cast.editor,
            title=text.title, in_brief=text.in_brief, body=text.body, now=self.at(began, 9),
        )  # fmt: skip
        self.say_its_language()
        for byline in piece.bylines[1 if self.writer else 0 :]:
            writing.add_byline(self.article, self.cast.authors[byline.author], role=byline.role)
        Handling.objects.filter(article=self.article).update(
            conflict_of_interest=piece.conflict_of_interest, appeared_elsewhere=piece.appeared_elsewhere,
            suggested_regions=piece.suggested_regions, suggested_topics=piece.suggested_topics,
        )  # fmt: skip
        if not self.writer:
            self.say_what_it_is_about()
        relist(self.article)

    def hand_in(self) -> None:
        note = "" if self.writer else "The author sent it by mail."
        perform(self.article, "submit", by=self.by, note=note, now=self.at(self.handed_in, 10))

    def withdraw(self) -> None:
        decision = self.piece.decision
        assert decision is not None
        perform(self.article, "withdraw", by=self.by, note=decision.note, now=self.at(decision.days_ago, 20))

    # --- The desk's part ----------------------------------------------------------------------

    def decline(self) -> None:
        decision = self.piece.decision
        assert decision is not None
        perform(
            self.article, "decline", by=self.cast.editor, message=decision.message, note=decision.note,
            now=self.at(decision.days_ago, 16),
        )  # fmt: skip

    def go_through_the_desk(self) -> None:
        piece = self.piece
        if self.writer:
            self.say_what_it_is_about()
            relist(self.article)
        if piece.letter and not self.ask_for_a_revision():
            return
        if piece.rounds:
            if not refereeing.tell(self):
                return
        else:
            self.take_on()
        self.edit()
        if piece.state == "editing":
            # The one step that is of today: it is done as the demonstration is loaded.
            writing.assign(
                self.article, by=self.cast.editor, editor=self.cast.editor, copy_editor=self.cast.copy_editor
            )
            return
        if not self.settle_the_approval() or piece.state == "ready":
            return
        if piece.state == "scheduled":
            at = self.calendar.ahead(piece.scheduled_in_days, 8)
            perform(self.article, "publish", by=self.cast.editor, at=at, now=self.at(max(self.edited - 2, 0), 16))
            return
        perform(self.article, "publish", by=self.cast.editor, now=self.at(piece.days_ago, 8))
        self.change_what_is_public()

    def say_its_language(self) -> None:
        if self.piece.language:
            self.article.language, self.article.translation_of = self.piece.language, self.original
            self.article.save(update_fields=["language", "translation_of"])

    def say_what_it_is_about(self) -> None:
        if self.series:
            self.article.series, self.article.series_position = self.series, self.piece.series_position
            self.article.save(update_fields=["series", "series_position"])
        self.article.regions.set(self.regions)
        TaggedArticle.objects.bulk_create(TaggedArticle(content_object=self.article, tag=tag) for tag in self.topics)

    def ask_for_a_revision(self) -> bool:
        """The editors' letter; whether the author has answered it."""
        letter = self.piece.letter
        assert letter is not None
        due = self.calendar.day(letter.due_in_days or 10 - letter.days_ago)
        perform(
            self.article, "request_revision", by=self.cast.editor, message=letter.message, due_on=due,
            now=self.at(letter.days_ago, 14),
        )  # fmt: skip
        if not letter.response:
            return False
        answered = letter.days_ago - ANSWERED_AFTER
        self.write(self.by, self.piece.text, answered, 20)
        perform(self.article, "resubmit", by=self.by, message=letter.response, now=self.at(answered, 21))
        return True

    def take_on(self) -> None:
        answered = self.piece.letter.days_ago - ANSWERED_AFTER if self.piece.letter else self.handed_in
        taken_on = max(answered - (2 if self.piece.letter else TAKEN_ON_AFTER), self.edited + 1)
        now, message = self.at(taken_on, 11), ACCEPTED if self.writer else ""
        # Told to readers beneath the piece: some are read by one editor, some by two. /how-we-review/ says which.
        if self.piece.letter or self.piece.series or self.piece.read_by_two or self.minute % 2:
            perform(
                self.article,
                "review_in_house",
                by=self.cast.editor,
                second_editor=self.cast.second,
                message=message,
                now=now,
            )
        else:
            perform(self.article, "accept", by=self.cast.editor, message=message, now=now)

    def edit(self) -> None:
        """The desk's text with the picture; where the text stayed as it was, the picture alone."""
        edited = self.piece.edited
        if edited:
            self.write(self.cast.editor, edited.text, self.edited, 12, edited.note)
        elif self.image:
            self.write(self.cast.editor, self.piece.text, self.edited, 12, "Picture added.")

    def settle_the_approval(self) -> bool:
        """Asked of each author with an account, else taken from their mail; whether it was given."""
        edited = self.piece.edited
        if not self.writer:
            said = BY_MAIL if sum(byline.role == "author" for byline in self.piece.bylines) == 1 else BY_MAIL_ALL
            note = (edited.approved_by_mail if edited else "") or said
            perform(
                self.article,
                "settle_approval",
                by=self.cast.manager,
                how="by_mail",
                note=note,
                now=self.at(max(self.edited - 1, 0), 15),
            )
            return True
        due = self.calendar.day(edited.due_in_days if edited and edited.due_in_days else 5 - self.edited)
        perform(
            self.article, "request_approval", by=self.cast.editor, message=edited.message if edited else UNCHANGED, due_on=due,
            now=self.at(self.edited, 15),
        )  # fmt: skip
        if self.piece.state == "approval":
            return False
        asked = self.article.approvals.filter(state=Approval.State.ASKED).select_related("by")
        for author in [approval.by for approval in asked if approval.by]:
            perform(self.article, "approve", by=author, now=self.at(max(self.edited - 1, 0), 17))
        return True

    def change_what_is_public(self) -> None:
        correction, pending = self.piece.correction, self.piece.pending
        if correction:
            self.write(self.cast.editor, correction.text, correction.days_ago, 10, "A reader wrote to us.")
            perform(
                self.article, "update", by=self.cast.editor, kind="correction", public_note=correction.note,
                now=self.at(correction.days_ago, 13),
            )  # fmt: skip
        if pending:
            self.write(self.cast.editor, pending.text, pending.days_ago, 11, pending.note)
        if retraction := self.piece.retraction:
            perform(
                self.article, "retract", by=self.cast.manager, second_editor=self.cast.editor, public_note=retraction.reason,
                note=retraction.note, now=self.at(retraction.days_ago, 15),
            )  # fmt: skip
        if self.piece.state == "taken_down":
            decision = self.piece.decision
            assert decision is not None
            perform(
                self.article, "take_down", by=self.cast.manager, message=decision.message, note=decision.note,
                now=self.at(decision.days_ago, 9),
            )  # fmt: skip

    def write(self, by: User, text: DemoText, days_ago: int, hour: int, note: str = "") -> None:
        # A picture stands above it from the moment that an editor has worked on it.
        image = self.image if by != self.writer else self.article.latest.lead_image
        writing.revise(
            self.article, by=by, base=self.article.latest_id, title=text.title, in_brief=text.in_brief, body=text.body,
            lead_image=image, note=note, now=self.at(days_ago, hour),
        )  # fmt: skip
