"""Who could referee a piece: by shared topics and regions, with load, speed and the conflicts that are known beforehand.

Whatever the number of candidates, the questions to the database are the same few.
"""

import datetime
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from articles.models import Article, AuthorListing, Byline, Region, RegionListing, TagListing
from authors.models import Author
from editorial import access
from forum.models import Masthead
from prose import likeness
from prose.likeness import Why
from prose.names import tidy_name
from prose.slugs import fold
from review import blindness
from review.models import Mode, Referee, Review, Round, Settings

SHOWN: Final = 20
# Looked at more closely, by what they share with the piece, before conflicts and load order them.
CONSIDERED: Final = 40
# Pieces that share a topic or a region, the newest: enough to know who writes about it.
PIECES: Final = 500
MOST_REVIEWS: Final = 4000
DAY: Final = datetime.timedelta(days=1)
# An address there says nothing of where somebody works.
PUBLIC_PROVIDERS: Final = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr live.com msn.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in"
    " yahoo.fr yahoo.de yahoo.com.au ymail.com icloud.com me.com mac.com aol.com gmx.com gmx.net gmx.de gmx.at web.de t-online.de freenet.de"
    " mail.com proton.me protonmail.com pm.me tutanota.com tuta.io fastmail.com fastmail.fm hey.com zoho.com yandex.ru yandex.com mail.ru"
    " inbox.ru list.ru bk.ru rambler.ru qq.com vip.qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com"
    " naver.com hanmail.net daum.net nate.com kakao.com rediffmail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it"
    " bigpond.com optusnet.com.au xtra.co.nz docomo.ne.jp ezweb.ne.jp softbank.ne.jp btinternet.com sky.com comcast.net verizon.net att.net".split()
)  # fmt: skip
# What makes a part of an affiliation an institution: “Tidewater University” does, “Department of Economics” and “Japan” do not.
_INSTITUTION = re.compile(
    r"universi|institut|college|academ|hochschul|ministr|bank|council|foundation|laborator|hospital|think tank|centre|center|corporation|commission"
)
_LITTLE = frozenset(
    {"the", "of", "at", "and", "for", "in", "de", "la", "le", "der", "die", "von", "für", "fur", "et", "y"}
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Conflict:
    """A reason to think twice: what is known that ties somebody to a piece, in words for an editor."""

    # author, editor, affiliation, byline, domain, declared, earlier, please not
    kind: str
    says: str


@dataclass
class Record:
    """What somebody did as a referee so far."""

    load: int = 0
    # From the invitation to the review, in the median.
    days: int | None = None
    reviewed: int = 0
    answered: int = 0
    invited: int = 0
    last_invited: datetime.datetime | None = None

    @property
    def share(self) -> str:
        """“answered 3 of 4”; empty for who was never invited."""
        return f"answered {self.answered} of {self.invited}" if self.invited else ""


@dataclass
class Suggestion:
    """Somebody who could referee, as the page prints them."""

    name: str
    affiliation: str = ""
    # One of them: a referee, an author's account, or an author whose address is not known.
    referee: Referee | None = None
    author: Author | None = None
    shares: list[str] = field(default_factory=list)
    record: Record = field(default_factory=Record)
    paused_until: datetime.date | None = None
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What the form sends to choose them; empty where an address must be typed first."""
        if self.referee is not None:
            return f"referee-{self.referee.pk}"
        if self.author is not None and self.author.user_id is not None:
            return f"account-{self.author.user_id}"
        return ""


# --- people, as conflicts look at them -----------------------------------------------------------------


@dataclass
class _Person:
    names: set[str] = field(default_factory=set)
    affiliations: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    authors: set[int] = field(default_factory=set)
    users: set[int] = field(default_factory=set)
    referee: int | None = None
    declared: list[str] = field(default_factory=list)

    def add_author(self, author: Author | None) -> None:
        if author is None:
            return
        self.authors.add(author.pk)
        self.names |= {author.name, *author.further_names}
        self.affiliations.add(author.affiliation)
        self.add_user(author.user)

    def add_user(self, user: User | None) -> None:
        if user is not None:
            self.users.add(user.pk)
            self.names.add(user.name)
            self.emails.add(user.email)

    def tidy(self) -> "_Person":
        for values in (self.names, self.affiliations, self.emails):
            values.discard("")
        return self


def _of_referee(referee: Referee) -> _Person:
    found = _Person(
        {referee.name}, {referee.affiliation}, {referee.email}, referee=referee.pk, declared=lines(referee.conflicts)
    )
    if referee.user is not None:
        found.add_user(referee.user)
        found.add_author(getattr(referee.user, "author", None))
    return found.tidy()


def _of_author(author: Author) -> _Person:
    found = _Person()
    found.add_author(author)
    return found.tidy()


class _Piece:
    """What of a piece decides about conflicts; seven questions to the database."""

    def __init__(self, article: Article) -> None:
        self.article, self.years = article, Settings.current().coi_years
        self.people: list[_Person] = []
        for row in article.bylines.exclude(role=Byline.Role.EDITOR).select_related("author__user"):
            if row.author is not None and row.author.is_house:
                continue
            found = _Person({row.name}, {row.affiliation})
            found.add_author(row.author)
            self.people.append(found.tidy())
        self.users = {pk for person in self.people for pk in person.users}
        if article.corresponding is not None and article.corresponding_id not in self.users:
            found = _Person()
            found.add_user(article.corresponding)
            self.people.append(found.tidy())
            self.users.add(article.corresponding.pk)
        self.authors = {pk for person in self.people for pk in person.authors}
        self.names = sorted({name for person in self.people for name in person.names})
        handling = article.handling
        self.editors = {handling.editor_id, handling.second_editor_id, handling.copy_editor_id} - {None}
        # Whom letters and lists of the desk may have told who wrote it; no matter where the round tells them anyway.
        is_blind = Round.objects.filter(article=article, closed_at=None, mode=Mode.DOUBLE).exists()
        self.desk = set(access.deciders().values_list("pk", flat=True)) if is_blind else set()
        self.please_not = lines(handling.please_not)
        cutoff = timezone.now() - self.years * 365.25 * DAY
        recent = Article.objects.filter(bylines__author__in=self.authors).exclude(pk=article.pk)
        recent = recent.filter(Q(published_at__gte=cutoff) | Q(published_at=None, latest__at__gte=cutoff)).order_by()
        beside = Byline.objects.filter(article__in=recent.values("pk")).exclude(role=Byline.Role.EDITOR).order_by()
        self.beside = list(beside.values_list("author_id", "author__user_id", "name").distinct()[:MOST_REVIEWS])

    def said_no(self, referees: Iterable[int]) -> set[int]:
        """Referees who could not review this piece, or another of its authors, for a conflict."""
        same = Q(round__article=self.article) | Q(round__article__bylines__author__in=self.authors)
        found = Review.objects.filter(same, referee__in=list(referees), cant_why=Review.Why.CONFLICT).order_by()
        return set(found.values_list("referee_id", flat=True))


def conflicts_of(referee: Referee, article: Article) -> list[Conflict]:
    """What ties a referee to a piece and its authors, as far as it is known; also for one who is not saved yet."""
    return _conflicts([_of_referee(referee)], _Piece(article))[0]


def conflicts_of_many(referees: Sequence[Referee], article: Article) -> dict[int, list[Conflict]]:
    """The same for several, by their ids. Give them with `user__author` to keep the questions few."""
    if not referees:
        return {}
    found = _conflicts([_of_referee(referee) for referee in referees], _Piece(article))
    return {referee.pk: conflicts for referee, conflicts in zip(referees, found, strict=True)}


def _conflicts(people: Sequence[_Person], piece: _Piece) -> list[list[Conflict]]:
    said_no = piece.said_no(person.referee for person in people if person.referee is not None)
    written_beside = _matching(people, {n: [name] for n, (_, _, name) in enumerate(piece.beside)}, Why.INITIALS)
    not_these = _matching(people, {n: _names_in(line) for n, line in enumerate(piece.please_not)}, Why.ONE_LETTER)
    found = []
    for place, person in enumerate(people):
        mine: list[Conflict] = []
        if person.users & piece.users or person.authors & piece.authors or _share_address(person, piece):
            mine.append(Conflict("author", "They wrote this piece."))
        elif person.users & piece.editors:
            mine.append(Conflict("editor", "They handle this piece."))
        else:
            mine += _ties(person, piece)
            if person.users & piece.desk:
                mine.append(Conflict("desk", "They are an editor here, and may have seen who wrote it."))
            if any(_is_beside(person, row, n in written_beside[place]) for n, row in enumerate(piece.beside)):
                mine.append(
                    Conflict("byline", f"They wrote with an author of this piece in the last {_years(piece.years)}.")
                )
            if person.referee in said_no:
                mine.append(
                    Conflict(
                        "earlier", "They said of this piece, or of another of its authors, that they have a conflict."
                    )
                )
            if not_these[place] or any(_is_meant(line, person) for line in piece.please_not):
                mine.append(Conflict("please not", "The author asked not to have them as a referee."))
        found.append(mine)
    return found


def _ties(person: _Person, piece: _Piece) -> list[Conflict]:
    """What their own words, addresses and institutions say."""
    found = []
    theirs = {part for one in piece.people for affiliation in one.affiliations for part in institutions(affiliation)}
    own = [affiliation for affiliation in person.affiliations if institutions(affiliation) & theirs]
    if own:
        found.append(Conflict("affiliation", f"They share an affiliation with an author: {min(own)}."))
    if domain := _shared_domain(person.emails, {email for one in piece.people for email in one.emails}):
        found.append(Conflict("domain", f"Their address is at {domain}, as an author’s is."))
    for line in person.declared:
        if any(_holds(line, name) for name in piece.names) or _names_one_of(line, theirs):
            found.append(Conflict("declared", f"They declared a conflict: {line}"))
            break
    return found


def _is_meant(line: str, person: _Person) -> bool:
    """Whether a line of “please not” means this person: by name, address or institution."""
    if any(_holds(line, name) for name in person.names) or any(mail in line.casefold() for mail in _addresses(person)):
        return True
    return _names_one_of(line, {part for affiliation in person.affiliations for part in institutions(affiliation)})


def _names_one_of(line: str, places: Iterable[frozenset[str]]) -> bool:
    """Whether a line names one of these institutions, whatever else it says."""
    said = _words(line)
    return any(len(words) > 1 and words <= said for words in places)


def _years(years: int) -> str:
    return "year" if years == 1 else f"{years} years"


def _addresses(person: _Person) -> set[str]:
    return {email.casefold() for email in person.emails}


def _share_address(person: _Person, piece: _Piece) -> bool:
    own = _addresses(person)
    return any(own & _addresses(one) for one in piece.people)


def _is_beside(person: _Person, row: tuple[int | None, int | None, str], is_named: bool) -> bool:
    author, user, _ = row
    if author is not None and person.authors:
        return author in person.authors or user in person.users
    return (user is not None and user in person.users) or is_named


def _matching(people: Sequence[_Person], named: dict[int, list[str]], surest: Why) -> list[set[int]]:
    """For each person the names that may be theirs, in any spelling that is as sure as this."""
    found: list[set[int]] = [set() for _ in people]
    rows: dict[tuple[str, int], list[str]] = {("person", n): sorted(person.names) for n, person in enumerate(people)}
    rows |= {("named", n): names for n, names in named.items() if names}
    for pair in likeness.alike(rows, of_people=True):
        kinds = {pair.first[0]: pair.first[1], pair.second[0]: pair.second[1]}
        if len(kinds) == 2 and pair.why <= surest:
            found[kinds["person"]].add(kinds["named"])
    return found


def lines(text: str) -> list[str]:
    """The lines of a field, tidied, without empty ones."""
    return [line for line in (tidy_name(line) for line in text.splitlines()) if line]


def _names_in(line: str) -> list[str]:
    """A line as a name, and what stands before its comma, bracket or dash: “Rita Gauge (Gauge Institute)”."""
    first = re.split(r"[,;(:]|\s[-–—]\s", line, maxsplit=1)[0].strip()
    return list(dict.fromkeys(name for name in (line, first) if name))


def _holds(line: str, name: str) -> bool:
    """Whether a line names somebody, word for word."""
    wanted, said = " ".join(_WORD.findall(fold(name))), " ".join(_WORD.findall(fold(line)))
    return len(wanted) > 1 and f" {wanted} " in f" {said} "


def institutions(affiliation: str) -> set[frozenset[str]]:
    """What of an affiliation names an institution, whatever the order of its words: that of the whole, and of its parts."""
    whole = _words(affiliation)
    found = {whole} if whole else set()
    for part in re.split(r"[,;/|()]|\s[-–—]\s", affiliation):
        if _INSTITUTION.search(fold(part)) and len(words := _words(part)) > 1:
            found.add(words)
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text).replace("'", ""))) - _LITTLE


def _shared_domain(own: Iterable[str], others: Iterable[str]) -> str:
    """The domain that two addresses share, one perhaps a part of the other; never that of a public provider."""
    theirs = {email.rpartition("@")[2].casefold() for email in others} - PUBLIC_PROVIDERS - {""}
    for domain in sorted({email.rpartition("@")[2].casefold() for email in own} - PUBLIC_PROVIDERS - {""}):
        for other in theirs:
            if domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}"):
                return min(domain, other, key=len)
    return ""


# --- what somebody did so far ----------------------------------------------------------------------------


def records_of(referees: Iterable[int], *, viewer: User | None = None) -> dict[int, Record]:
    """Load, speed and answers of referees, in one question.

    What they do for pieces off the viewer's desk is left out: an editor who wrote a piece would see whose load went up
    when it was sent to referees.
    """
    ids = list(referees)
    found: dict[int, Record] = {pk: Record() for pk in ids}
    days: dict[int, list[int]] = defaultdict(list)
    rows = Review.objects.filter(referee__in=ids, invited_at__isnull=False).order_by("-invited_at")
    if viewer is not None:
        rows = rows.filter(round__article__in=access.desk_pieces(viewer).order_by().values("pk"))
    columns = ("referee_id", "state", "invited_at", "answered_at", "submitted_at")
    for pk, state, invited_at, answered_at, submitted_at in rows.values_list(*columns)[:MOST_REVIEWS]:
        one = found[pk]
        one.invited += 1
        one.load += state in Review.OPEN
        one.answered += answered_at is not None
        one.last_invited = one.last_invited or invited_at
        if submitted_at is not None:
            one.reviewed += 1
            days[pk].append(max((submitted_at - invited_at).days, 0))
    for pk, taken in days.items():
        found[pk].days = round(statistics.median(taken))
    return found


# --- suggestions ------------------------------------------------------------------------------------------


def suggestions(round: Round, now: datetime.datetime | None = None, *, viewer: User | None = None) -> list[Suggestion]:
    """Those who share most with the piece: without a conflict and a pause first, then by what they share and their load."""
    article = round.article
    tags = dict(article.tagged_items.values_list("tag_id", "tag__name"))
    own = dict(article.regions.values_list("pk", "name"))
    regions = own | _ancestors(set(own))
    scores, shares = _referees_by_topic(tags, regions, viewer)
    by_author = _authors_by_topic(set(tags), set(own))
    best = [pk for pk, _ in sorted(by_author.items(), key=lambda row: -row[1][0] - row[1][1])[:CONSIDERED]]
    first = sorted(scores, key=lambda pk: (-scores[pk], pk))[:CONSIDERED]
    open_to = known_to(viewer)
    spare = list(open_to.order_by("-pk").values_list("pk", flat=True)[:SHOWN])
    found = list(
        open_to.filter(Q(pk__in=[*first, *spare]) | Q(user__author__in=best))
        .select_related("user__author")
        .order_by("pk")
    )
    rows = [Suggestion(referee.name, referee.affiliation, referee) for referee in found]
    known = {
        row.referee.user.author.pk: row
        for row in rows
        if row.referee and row.referee.user and hasattr(row.referee.user, "author")
    }
    by_email = {row.referee.email.casefold(): row for row in rows if row.referee}
    for author in Author.objects.filter(pk__in=best, is_house=False).select_related("user").order_by("pk"):
        row = known.get(author.pk) or (by_email.get(author.user.email.casefold()) if author.user else None)
        if row is None:
            row = Suggestion(author.name, author.affiliation)
            rows.append(row)
        row.author = author
    score = {id(row): scores.get(row.referee.pk, 0) if row.referee else 0 for row in rows}
    for row in rows:
        if row.referee:
            row.shares += shares.get(row.referee.pk, [])
        if row.author is not None and row.author.pk in by_author:
            with_topics, with_regions = by_author[row.author.pk]
            score[id(row)] += min(with_topics, 5) * 2 + min(with_regions, 5)
            row.shares += [_pieces(count, where) for count, where in ((with_topics, "on its topics"), (with_regions, "on its regions")) if count]  # fmt: skip
    rows.sort(key=lambda row: (-score[id(row)], row.name.casefold()))
    return _furnished(rows[: CONSIDERED * 2], round, score, now or timezone.now(), viewer)[:SHOWN]


def search(
    round: Round, typed: str, now: datetime.datetime | None = None, *, viewer: User | None = None
) -> list[Suggestion]:
    """Referees and authors by a part of their name; referees by their address too, and authors by the whole of theirs."""
    typed = tidy_name(typed.replace("\x00", " "))[:100]
    if not typed:
        return []
    referees = known_to(viewer).filter(
        Q(name__icontains=typed) | Q(email__icontains=typed) | Q(affiliation__icontains=typed)
    )
    found = list(referees.select_related("user__author").order_by("name", "pk")[:SHOWN])
    rows = [Suggestion(referee.name, referee.affiliation, referee) for referee in found]
    known = {referee.user_id for referee in found if referee.user_id}
    authors = Author.objects.filter(Q(name_key__contains=fold(typed)) | Q(user__email__iexact=typed), is_house=False)
    for author in authors.select_related("user__referee").order_by("sort_key", "pk")[:SHOWN]:
        if author.user_id in known:
            continue
        referee = getattr(author.user, "referee", None) if author.user else None
        rows.append(Suggestion(author.name, author.affiliation, referee, author))
    return _furnished(rows, round, {}, now or timezone.now(), viewer)[:SHOWN]


def _furnished(
    rows: list[Suggestion], round: Round, score: dict[int, int], now: datetime.datetime, viewer: User | None
) -> list[Suggestion]:
    """The rows with record and conflicts, in order, without those who are in the round or can't be asked at all."""
    taken = set(round.reviews.values_list("referee_id", flat=True))
    piece = _Piece(round.article)
    today = timezone.localdate(now, Masthead.current().zone)
    records = records_of({row.referee.pk for row in rows if row.referee}, viewer=viewer)
    people = []
    for row in rows:
        person = _of_referee(row.referee) if row.referee else _of_author(row.author) if row.author else _Person()
        if row.referee and row.author:
            person.add_author(row.author)
        people.append(person.tidy())
    for row, conflicts in zip(rows, _conflicts(people, piece), strict=True):
        row.conflicts = conflicts
        if row.referee is not None:
            row.record = records[row.referee.pk]
            pause = row.referee.not_before
            row.paused_until = pause if pause and pause > today else None
    asked = [row for row in rows if not (row.referee and row.referee.pk in taken) and not any(c.kind in ("author", "editor") for c in row.conflicts)]  # fmt: skip
    return sorted(asked, key=lambda row: (bool(row.conflicts), bool(row.paused_until), -score.get(id(row), 0), row.record.load, row.name.casefold()))  # fmt: skip


def _pieces(count: int, said: str) -> str:
    return f"{count} piece{'' if count == 1 else 's'} {said}" if count else ""


def _ancestors(regions: set[int]) -> dict[int, str]:
    """The regions above: one who knows East Asia may judge a piece on Japan. The tree is small, and read as a whole."""
    rows = {pk: (parent, name) for pk, parent, name in Region.objects.values_list("pk", "parent_id", "name")}
    found: dict[int, str] = {}
    for pk in regions:
        above = rows.get(pk, (None, ""))[0]
        while above is not None and above not in found and above in rows:
            found[above] = rows[above][1]
            above = rows[above][0]
    return found


def known_to(viewer: User | None) -> QuerySet[Referee]:
    """Referees, but those of whom the viewer could know only from a piece that is kept from them: the author of one who is
    an editor too would find among the newest who was added for it."""
    return Referee.objects.all() if viewer is None else Referee.objects.exclude(blindness.referees_hidden(viewer))


def _referees_by_topic(
    tags: dict[int, str], regions: dict[int, str], viewer: User | None
) -> tuple[dict[int, int], dict[int, list[str]]]:
    """Referees with a topic or a region of the piece, or who reviewed a piece on its topics: a score and what they share."""
    scores: dict[int, int] = defaultdict(int)
    shares: dict[int, list[str]] = defaultdict(list)
    for pk, tag in Referee.tags.through.objects.filter(tag__in=tags).values_list("referee_id", "tag_id")[:MOST_REVIEWS]:
        scores[pk] += 3
        shares[pk].append(tags[tag])
    for pk, region in Referee.regions.through.objects.filter(region__in=regions).values_list("referee_id", "region_id")[
        :MOST_REVIEWS
    ]:
        scores[pk] += 2
        shares[pk].append(regions[region])
    reviews = Review.objects.all() if viewer is None else blindness.reviews_seen_by(viewer)
    past = reviews.filter(submitted_at__isnull=False, round__article__tagged_items__tag__in=tags).order_by()
    for pk, count in past.values_list("referee_id").annotate(count=Count("round__article", distinct=True))[
        :MOST_REVIEWS
    ]:
        scores[pk] += min(count, 5)
        shares[pk].append(f"reviewed {_pieces(count, 'on its topics')}")
    return scores, shares


def _authors_by_topic(tags: set[int], regions: set[int]) -> dict[int, tuple[int, int]]:
    """Published authors of the newest pieces on its topics and regions: on how many of each."""
    found: dict[int, tuple[int, int]] = {}
    for place, rows in enumerate(
        (TagListing.objects.filter(target__in=tags), RegionListing.objects.filter(target__in=regions))
    ):
        newest = rows.order_by("-published_at").values("article")[:PIECES]
        counted = AuthorListing.objects.filter(article__in=newest).order_by().values_list("target_id")
        for pk, count in counted.annotate(count=Count("article", distinct=True)).order_by("-count", "target_id")[
            :CONSIDERED
        ]:
            before = found.get(pk, (0, 0))
            found[pk] = (count, before[1]) if place == 0 else (before[0], count)
    return found
