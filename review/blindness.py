"""Who referees, and for whom that is a secret: what peer review adds to `editorial.access` and `editorial.appearance`.

A referee is a person by account or by e-mail address: whoever invites an address invites the account that has it. The
names of referees are for those with `editorial.see_referees`; everybody else at the desk reads “Referee 1”.
"""

import re
from functools import cached_property
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import BooleanField, CharField, Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Revision
from editorial import access, rooms
from editorial.models import CoAuthorInvitation, Conflict, Event
from review.models import Referee, Review

# What a referee does, with or without an account; all other events of a piece are the desk's or its authors'.
REFEREES_OWN = frozenset({
    "referee_accepted", "referee_cant", "referee_cant_undone", "review_sent", "more_time_asked", "review_saved",
    "referee_link_asked",
})  # fmt: skip
# A word of a name that tells who it is: shorter ones stand in any text.
TELLING = 3


# --- people --------------------------------------------------------------------------------------------------------


def is_of(user: User) -> Q:
    """The referees that this person is: by account, or by an address that is theirs. A Q over Referee."""
    theirs = EmailAddress.objects.filter(user=user.pk, verified=True, email__iexact=OuterRef("email"))
    return Q(user=user.pk) | Q(email__iexact=user.email) | Q(Exists(theirs))


def _bound() -> Q:
    """Reviews that bind their referee to stay away from the piece at the desk.

    From the invitation on: who will read it without its authors' names must not find them at the desk first. Whoever was
    shown the text stays bound for good, whatever became of the review, since the desk would tell them who else referees
    and, later, that their own words were read. Who can't review and saw no text is free once the round is closed: until
    then they may think better of it. A cancelled invitation binds while the decision that cancelled it can be taken back.
    A next choice that nobody has asked binds nobody.
    """
    asked = Q(state__in=(Review.State.INVITED, Review.State.ACCEPTED, Review.State.SUBMITTED))
    saw_text = Q(no_conflict_at__isnull=False) | Q(submitted_at__isnull=False) | Q(saved_at__isnull=False)
    may_return = Q(state=Review.State.CANT, round__closed_at=None)
    may_come_back = Q(state=Review.State.CANCELLED, round__article__handling__held_until__gt=timezone.now())
    return asked | saw_text | may_return | may_come_back


def binding(article: Article | None = None) -> QuerySet[Review]:
    """Reviews, of one piece or all, whose referee has no access to it at the desk."""
    found = Review.objects.filter(_bound()).order_by()
    return found if article is None else found.filter(round__article=article)


def recused(user: User) -> Q:
    """Pieces that the person referees. A Q over Article, for `rooms.RECUSED`."""
    own = Referee.objects.filter(is_of(user)).order_by().values("pk")
    return Q(pk__in=binding().filter(referee__in=own).values("round__article"))


def recused_from(article: Article) -> Q:
    """People who referee the piece. A Q over User, for `rooms.RECUSED_FROM`."""
    asked = binding(article)
    emails = EmailAddress.objects.filter(
        user=OuterRef(OuterRef("pk")), verified=True, email__iexact=OuterRef("referee__email")
    )
    return (
        Q(Exists(asked.filter(referee__user=OuterRef("pk"))))
        | Q(Exists(asked.filter(referee__email__iexact=OuterRef("email"))))
        | Q(Exists(asked.filter(Exists(emails))))
    )


def why_not_referee(who: Referee | User, article: Article) -> str:
    """Empty where this person may be invited to referee the piece; else the reason, in plain words for an editor.

    What is only a doubt (a shared affiliation, an author's wish) is not refused here: `review.suggesting` tells of it.
    """
    person, email = _account(who)
    if email.casefold() in _authors_addresses(article) or (person is not None and access.wrote(person, article)):
        return "This person wrote the piece."
    if person is None:
        return ""
    if not person.is_active:
        return "This account is closed."
    handling = article.handling
    if person.pk in (handling.editor_id, handling.second_editor_id, handling.copy_editor_id):
        return "This person handles the piece. Assign it to somebody else first, and ask somebody else to review."
    own = Event.objects.filter(article=article, by=person).exclude(transition__in=REFEREES_OWN)
    if own.exists() or Revision.objects.filter(article=article, by=person).exists():
        return "This person has worked on the piece at the desk."
    if Conflict.objects.filter(article=article, person=person, overridden_at=None).exists():
        return "This person declared a conflict with the piece."
    return ""


def is_author(referee: Referee, article: Article) -> bool:
    """Whether the referee is among the authors by now, by account or by address: a co-author may be named at any time."""
    person, email = _account(referee)
    return email.casefold() in _authors_addresses(article) or (person is not None and access.wrote(person, article))


def _account(who: Referee | User) -> tuple[User | None, str]:
    """The account of somebody, where they have one, and their address."""
    if isinstance(who, User):
        return who, who.email
    if who.user is not None:
        return who.user, who.email
    found = User.objects.filter(email__iexact=who.email).first()
    if found is None:
        address = EmailAddress.objects.filter(email__iexact=who.email, verified=True).select_related("user").first()
        found = address.user if address else None
    return found, who.email


def _authors_addresses(article: Article) -> set[str]:
    """Addresses of those who wrote the piece, and of co-authors who were asked and did not refuse."""
    accounts = access.authors_with_account(article).values("pk")
    found = set(User.objects.filter(pk__in=accounts).values_list("email", flat=True))
    found |= set(EmailAddress.objects.filter(user__in=accounts, verified=True).values_list("email", flat=True))
    asked = CoAuthorInvitation.objects.filter(article=article, answer__in=("", "joined"))
    return {address.casefold() for address in found | set(asked.values_list("email", flat=True))}


# --- how they appear -----------------------------------------------------------------------------------------------


def sees_referees(viewer: User) -> bool:
    """Whether the person, who sees the piece on the desk, reads the names of its referees."""
    return viewer.has_perm("editorial.see_referees")


def name_of(review: Review, viewer: User) -> str:
    """How the referee of a review appears to somebody at the desk."""
    return review.referee.name if sees_referees(viewer) else review.name_for_others


class RefereeMask:
    """Hides who referees a piece from a viewer who must not know, and says who did what a referee did."""

    def __init__(self, article: Article, viewer: User) -> None:
        self.article, self.viewer = article, viewer

    @cached_property
    def reviews(self) -> dict[int, Review]:
        found = Review.objects.filter(round__article=self.article).select_related("referee", "round")
        return {review.pk: review for review in found}

    @cached_property
    def sees(self) -> bool:
        return sees_referees(self.viewer)

    @cached_property
    def telling(self) -> "re.Pattern[str] | None":
        """Whatever names a referee of the piece, asked or only listed: the name, its words, the address."""
        words: set[str] = set()
        for review in self.reviews.values():
            name = review.referee.name
            words |= {
                name,
                review.referee.email,
                *(word for word in re.findall(r"[^\W\d_]+", name) if len(word) >= TELLING),
            }
        if not words:
            return None
        longest_first = sorted(words, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in longest_first)})(?!\w)", re.IGNORECASE)

    def who(self, event: Event) -> str | None:
        if event.transition in REFEREES_OWN and (review := self.reviews.get(_review_of(event))):
            return name_of(review, self.viewer)
        if self.sees or event.by_id is None:
            return None
        own = next((review for review in self.reviews.values() if review.referee.user_id == event.by_id), None)
        return own.name_for_others if own else None

    def lines(self, event: Event) -> list[tuple[str, str]]:
        review = self.reviews.get(_review_of(event))
        if review is None or event.transition in REFEREES_OWN:
            return []
        return [("Referee", name_of(review, self.viewer))]

    def hides(self, event: Event) -> bool:
        """Notes about referees, and those of decisions on their reviews, are for those who may know who they are."""
        return not self.sees and bool({"review", "round", "settled"} & event.data.keys())

    def names(self, text: str) -> bool:
        return not self.sees and bool(text) and self.telling is not None and bool(self.telling.search(text))


class _HasWord(Func):
    """Whether the first text holds a word of the second, a name: such words as `RefereeMask.telling` looks for."""

    output_field = BooleanField()
    arity = 2
    # The words of the name with a bar between them, without little ones; nothing where none is left.
    words = r"NULLIF(regexp_replace(btrim(regexp_replace(%s, '\m\w{1,2}\M|\W+', ' ', 'g')), '\s+', '|', 'g'), '')"

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **more: Any) -> tuple[str, list[Any]]:
        (said, said_params), (name, name_params) = (compiler.compile(one) for one in self.source_expressions)
        words = self.words.replace("%s", name)
        # A text without words to look for tells nothing.
        return rf"COALESCE({said} ~* ('\m(' || {words} || ')\M'), false)", [*said_params, *name_params]


def letters_hidden(viewer: User) -> Q:
    """Letters that name a referee of their piece in so many words, though they are of a kind that need not, and those that
    went to one. A Q over Letter."""
    if sees_referees(viewer):
        return Q(pk__in=())
    said = Concat(OuterRef("subject"), Value(" "), OuterRef("text"), output_field=TextField())
    of_piece = Review.objects.filter(round__article=OuterRef("article")).order_by().annotate(said=said)
    named = (
        Q(said__icontains=F("referee__name"))
        | Q(said__icontains=F("referee__email"))
        | Q(_HasWord("said", "referee__name"))
    )
    return Q(Exists(of_piece.filter(named))) | Q(Exists(of_piece.filter(referee__email__iexact=OuterRef("address"))))


def reviews_seen_by(viewer: User) -> QuerySet[Review]:
    """Reviews of which the viewer may know whose they are: of pieces on their desk. What is counted or listed across
    pieces (a referee's load, when they were asked last) is counted of these: the author of a piece who is an editor too
    would read there who was asked about it."""
    if not sees_referees(viewer):
        return Review.objects.none()
    return Review.objects.filter(round__article__in=access.desk_pieces(viewer).order_by().values("pk"))


def referees_hidden(viewer: User) -> Q:
    """Referees of whom the viewer could know only from pieces that are kept from them: whoever wrote one, or referees it,
    would read in the list of referees who was added for it. A Q over Referee."""
    seen = reviews_seen_by(viewer)
    kept = Review.objects.exclude(pk__in=seen.values("pk")).order_by().values("referee")
    return Q(pk__in=kept) & ~Q(pk__in=seen.order_by().values("referee")) & ~Q(added_by=viewer.pk)


def changes_hidden(viewer: User) -> Q:
    """The record of changes of referees: for those alone who may know who referees, and without those of referees who were
    listed or asked for a piece that is kept from the viewer. A Q over Change."""
    if not sees_referees(viewer):
        return Q(model__startswith="review.referee")
    kept = Review.objects.exclude(pk__in=reviews_seen_by(viewer).values("pk")).order_by()
    referees = kept.annotate(key=Cast("referee", CharField())).values("key")
    return Q(model="review.referee", object_id__in=referees)


def _review_of(event: Event) -> int:
    found = event.data.get("review")
    return found if isinstance(found, int) else 0


def register() -> None:
    """Hang the rules on the hooks of the rooms below; for `AppConfig.ready()`."""
    hooks: tuple[tuple[list[Any], Any], ...] = (
        (rooms.RECUSED, recused),
        (rooms.RECUSED_FROM, recused_from),
        (rooms.MASKS, RefereeMask),
        (rooms.LETTERS_HIDDEN, letters_hidden),
        (rooms.CHANGES_HIDDEN, changes_hidden),
    )
    for place, rule in hooks:
        if rule not in place:
            place.append(rule)
