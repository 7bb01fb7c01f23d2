"""Loads the demonstration, once: `load(content.read())`.

Each thing is written in one transaction with a row that says so (`demo.Loaded`). Whoever interrupts it can run it
again, and it goes on where it was; what a person changed, renamed or deleted since is left alone.
"""

import datetime
import io
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.images import store
from articles.models import Article, ErrorReport, FrontPick, Image, Region, Series, SeriesEditor, Tag
from authors.models import Author
from demo import images
from demo.content import (
    DemoArticle,
    DemoAuthor,
    DemoImage,
    DemoPage,
    DemoReferee,
    DemoRegion,
    DemoReport,
    DemoSeries,
    DemoTopic,
    Publication,
)
from demo.history import HANDED_IN_BEFORE, WAS_PUBLISHED, Calendar, Cast, Missing, tell
from demo.models import Loaded
from editorial.models import Letter
from editorial.registry import Blocked
from forum import pages
from forum.models import Mail, Masthead, NavigationItem, Page

# Everybody joined before the oldest piece was begun.
JOINED_DAYS_AGO = 150
# Easy to read aloud and to type: nothing that looks like something else.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
# Two loads at once wait for each other at every step; any number does that nobody else locks.
LOCK = 4_310_775
NOT_SENT = "Not sent: it belongs to the demonstration, whose people do not exist."

Progress = Callable[[int, int, str], None]
# Who can sign in, as written into `accounts_file()`: role, email, password, note.
Account = dict[str, str]


class DemoError(Exception):
    """Why the demonstration can't be loaded, and what to do."""


@dataclass
class Outcome:
    """How much was new, and what had to be left out."""

    new: int = 0
    left_out: list[str] = field(default_factory=list)


def load(
    publication: Publication,
    *,
    now: datetime.datetime | None = None,
    is_forced: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Load what of the publication was not loaded yet.

    Raises DemoError where the site has pieces of its own and nothing of the demonstration, unless forced.
    `progress` is called with how many steps are done, how many there are, and what comes next.
    """
    loaded = set(Loaded.objects.values_list("key", flat=True))
    if not loaded and not is_forced and (others := Article.objects.count()):
        raise DemoError(
            f"This site has {others} piece{'s' if others > 1 else ''} of its own. The demonstration would stand among them, on the"
            " public pages too. To load it all the same: manage.py demo --force"
        )
    return _Loader(publication, now or timezone.now()).run(loaded, progress or (lambda done, total, label: None))


def accounts_file() -> Path:
    """Who can sign in to the demonstration: a JSON list of `Account`, readable by this user alone."""
    path: Path = settings.VAR / "demo_accounts.json"
    return path


def accounts() -> list[Account]:
    """What the file says; nothing where there is none."""
    try:
        found: list[Account] = json.loads(accounts_file().read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    return found


@transaction.atomic
def renew_passwords(publication: Publication) -> list[Account]:
    """Give every account of the demonstration that still is there a new password, and write the file anew."""
    rows = dict(Loaded.objects.filter(key__startswith="account:").values_list("key", "row"))
    users = User.objects.in_bulk(rows.values())
    renewed = []
    for account in _wanted_accounts(publication):
        user = users.get(rows.get(f"account:{account['email']}", 0))
        if user is None:
            continue
        account |= {"email": user.email, "password": _password()}
        user.set_password(account["password"])
        user.save(update_fields=["password"])
        renewed.append(account)
    _write(renewed)
    return renewed


def _wanted_accounts(publication: Publication) -> list[Account]:
    """One for each person, in the order of the roles, without passwords."""
    found = [
        Account(role=roles.AUTHOR, email=author.email, password="", note=_note(publication, author))
        for author in publication.authors
        if author.has_account
    ]
    found += [Account(role=p.role, email=p.email, password="", note=p.note) for p in publication.people]
    return sorted(found, key=lambda account: roles.ALL.index(account["role"]))


def _note(publication: Publication, author: DemoAuthor) -> str:
    states = {piece.state for piece in publication.articles if piece.bylines[0].author == author.key}
    words = {
        "draft": "a draft",
        "revising": "a piece to revise",
        "approval": "a piece to approve",
        "submitted": "a piece with the editors",
        "in_review": "a piece with referees",
    }
    found = [text for state, text in words.items() if state in states]
    return f"{author.name}: has {', '.join(found)}" if found else author.name


def _password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _write(found: list[Account]) -> None:
    """Wholly or not at all, and never readable by others, not even for a moment."""
    path = accounts_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(found, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _lock() -> None:
    """Until the transaction ends. What another load committed meanwhile is seen afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


class _Loader:
    def __init__(self, publication: Publication, now: datetime.datetime) -> None:
        self.publication, self.now = publication, now
        self.outcome = Outcome()

    def run(self, loaded: set[str], progress: Progress) -> Outcome:
        steps = [(key, label, make) for key, label, make in self.steps() if key not in loaded]
        emails = [account["email"] for account in _wanted_accounts(self.publication)]
        has_accounts = all(f"account:{email}" in loaded for email in emails)
        total = len(steps) + (not has_accounts)
        if not total:
            return self.outcome
        if not has_accounts:
            progress(0, total, "Accounts")
            self.make_accounts()
        for done, (key, label, make) in enumerate(steps, total - len(steps)):
            progress(done, total, label)
            self.once(key, make)
        progress(total, total, "Done")
        return self.outcome

    def steps(self) -> list[tuple[str, str, Callable[[], models.Model]]]:
        """Everything but the accounts, in the order in which one needs the other."""
        site = self.publication
        found: list[tuple[str, str, Callable[[], models.Model]]] = [("masthead", "Masthead", self.masthead)]
        found += [(f"region:{region.name}", "Regions", partial(self.region, region)) for region in site.regions]
        found += [(f"topic:{topic.name}", "Topics", partial(self.topic, topic)) for topic in site.topics]
        found += [(f"author:{author.key}", "Authors", partial(self.author, author)) for author in site.authors]
        for page in site.pages:
            found.append((f"page:{page.key}", "Plain pages", partial(self.page, page)))
        for name, key in site.masthead_pages.items():
            found.append((f"masthead:{name}", "Masthead", partial(self.masthead_page, name, key)))
        for one in site.series:
            found.append((f"cover:{one.key}", one.title, partial(self.cover, one)))
            found.append((f"series:{one.key}", one.title, partial(self.one_series, one)))
        for piece in site.articles:
            if piece.image:
                found.append((f"picture:{piece.key}", piece.text.title, partial(self.picture, piece, piece.image)))
            found.append((f"article:{piece.key}", piece.text.title, partial(self.article, piece)))
        for section, keys in (("top", site.front), ("selection", site.selection)):
            for place, key in enumerate(keys, 1):
                mark = f"front:{key}" if section == "top" else f"{section}:{key}"
                found.append((mark, "Front page", partial(self.front_pick, key, section, place)))
        for number, report in enumerate(site.reports):
            found.append((f"report:{number}:{report.article}", "Error reports", partial(self.report, report)))
        return found

    def once(self, key: str, make: Callable[[], models.Model]) -> None:
        try:
            with transaction.atomic():
                _lock()
                if not Loaded.objects.filter(key=key).exists():
                    row = make()
                    Loaded.objects.create(key=key, row=row.pk)
                    self.outcome.new += 1
        except (Blocked, PermissionDenied, Missing) as problem:
            # Somebody whom the piece needs is gone or has another role by now. The site works without the piece.
            self.outcome.left_out.append(f"{key.partition(':')[2]}: {problem}")

    def row_of(self, key: str) -> int:
        return Loaded.objects.filter(key=key).values_list("row", flat=True).first() or 0

    # --- Who and what there is --------------------------------------------------------------------

    @transaction.atomic
    def make_accounts(self) -> None:
        """All or none; their passwords are in the file before the accounts are there, so that a crash loses none."""
        _lock()
        loaded = set(Loaded.objects.filter(key__startswith="account:").values_list("key", flat=True))
        wanted = [
            account for account in _wanted_accounts(self.publication) if f"account:{account['email']}" not in loaded
        ]
        if taken := self.strangers([account["email"] for account in wanted]).first():
            raise DemoError(
                f"There is an account {taken.email} that is not the demonstration’s. Give it another address first."
            )
        said = {account["email"]: account for account in accounts()}
        for account in wanted:
            known = said.get(account["email"])
            account["password"] = known["password"] if known else _password()
            said[account["email"]] = account
        order = [account["email"] for account in _wanted_accounts(self.publication)]
        _write([said[email] for email in order if email in said])
        names = {a.email: a.name for a in self.publication.authors} | {p.email: p.name for p in self.publication.people}
        joined = self.now - datetime.timedelta(days=JOINED_DAYS_AGO)
        for account in wanted:
            email = account["email"]
            user = User.objects.create_user(email, account["password"], name=names[email], joined_at=joined)
            user.give_role(account["role"])
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
            Loaded.objects.create(key=f"account:{email}", row=user.pk)
            self.outcome.new += 1

    @staticmethod
    def strangers(emails: list[str]) -> "models.QuerySet[User]":
        return User.objects.annotate(address=Lower("email")).filter(address__in=emails)

    def masthead(self) -> Masthead:
        """What somebody has saved already stays."""
        if not Masthead.objects.filter(pk=1).exists():
            Masthead(**self.publication.masthead).save()
        return Masthead.current()

    def region(self, region: DemoRegion) -> Region:
        if found := Region.objects.filter(name__iexact=region.name).first():
            return found
        parent = Region.objects.filter(pk=self.row_of(f"region:{region.parent}")).first() if region.parent else None
        position = self.publication.regions.index(region) if not region.parent else 0
        return Region.objects.create(name=region.name, description=region.description, parent=parent, position=position)

    def topic(self, topic: DemoTopic) -> Tag:
        if found := Tag.objects.filter(name__iexact=topic.name).first():
            return found
        tag = Tag(name=topic.name, description=topic.description)
        tag.save()
        return tag

    def author(self, author: DemoAuthor) -> Author:
        user = User.objects.filter(pk=self.row_of(f"account:{author.email}")).first() if author.has_account else None
        if user and (own := Author.objects.filter(user=user).first()):
            return own
        is_taken = bool(author.orcid) and Author.objects.filter(orcid=author.orcid).exists()
        made: Author = Author.objects.create(
            user=user, given_name=author.given_name, family_name=author.family_name, single_name=author.single_name,
            is_family_first=author.is_family_first, native_name=author.native_name, other_names="\n".join(author.other_names),
            affiliation=author.affiliation, bio=author.bio, orcid="" if is_taken else author.orcid,
        )  # fmt: skip
        return made

    def page(self, page: DemoPage) -> Page:
        if found := Page.objects.filter(slug=page.slug).first():
            return found
        pages.write(
            Page(), by=self.person("managing-editor"), slug=page.slug, title=page.title, body=page.body, is_published=True,
            now=self.calendar.at(JOINED_DAYS_AGO - 2, 11),
        )  # fmt: skip
        made = Page.objects.get(slug=page.slug)
        for place in ("head", "foot") if page.navigation == "both" else filter(None, [page.navigation]):
            NavigationItem.objects.create(place=place, page=made, label=page.label, position=page.order)
        return made

    def masthead_page(self, name: str, key: str) -> Masthead:
        """Where the masthead leads to, unless somebody chose a page already."""
        masthead = Masthead.objects.get(pk=1)
        page = Page.objects.filter(pk=self.row_of(f"page:{key}")).first()
        if page is not None and getattr(masthead, f"{name}_id") is None:
            setattr(masthead, name, page)
            masthead.save(update_fields=[name])
        return masthead

    def cover(self, series: DemoSeries) -> Image:
        return self.drawn(series.cover, self.calendar.at(JOINED_DAYS_AGO - 3, 13))

    def one_series(self, series: DemoSeries) -> Series:
        made = Series.objects.create(
            title=series.title, kind=series.kind, number=series.number, introduction=series.introduction,
            cover=Image.objects.filter(pk=self.row_of(f"cover:{series.key}")).first(),
        )  # fmt: skip
        authors = self.authors()
        SeriesEditor.objects.bulk_create(
            SeriesEditor(series=made, author=authors[key], position=place)
            for place, key in enumerate(series.editors)
            if key in authors
        )
        return made

    def front_pick(self, key: str, section: str, place: int) -> FrontPick:
        return FrontPick.objects.create(
            article=self.piece(key), section=section, position=place, starts_at=self.calendar.at(1, 7),
            by=self.person("managing-editor"),
        )  # fmt: skip

    def report(self, report: DemoReport) -> ErrorReport:
        piece = self.piece(report.article)
        if piece.live is None:
            raise Missing("The piece is not with readers any more.")
        return ErrorReport.objects.create(
            article=piece,
            revision=piece.live,
            text=report.text,
            email=report.email,
            at=self.calendar.at(report.days_ago, 19),
        )

    def piece(self, key: str) -> Article:
        found: Article | None = Article.objects.select_related("live").filter(pk=self.row_of(f"article:{key}")).first()
        if found is None:
            raise Missing("The piece was left out.")
        return found

    # --- The pieces -------------------------------------------------------------------------------

    @property
    def calendar(self) -> Calendar:
        return Calendar(Masthead.current().zone, self.now)

    def picture(self, piece: DemoArticle, image: DemoImage) -> Image:
        # In the library before the desk first puts it above the piece.
        days_ago = piece.days_ago + (HANDED_IN_BEFORE if piece.state in WAS_PUBLISHED else 0)
        return self.drawn(image, self.calendar.at(days_ago, 13))

    def drawn(self, image: DemoImage, at: datetime.datetime) -> Image:
        drawn = images.draw(image.kind, image.seed)
        across, down = image.focus
        return store(
            io.BytesIO(drawn), len(drawn), alt=image.alt, caption=image.caption, credit=image.credit,
            licence=image.licence, focal_x=f"{across:.3f}", focal_y=f"{down:.3f}",
            uploaded_by=self.person("copy-editor"), uploaded_at=at,
        )  # fmt: skip

    def article(self, piece: DemoArticle) -> Article:
        # The two editors share the desk; which piece is whose does not change when another piece is added.
        editor, second = self.person("editor"), self.person("second-editor")
        if sum(map(ord, piece.key)) % 2 == 0:
            editor, second = second, editor
        image = Image.objects.filter(pk=self.row_of(f"picture:{piece.key}")).first()
        cast = Cast(
            editor,
            second,
            self.person("managing-editor"),
            self.person("copy-editor"),
            self.authors(),
            self.referees(piece),
        )
        # Those that are still there, whatever they are called by now.
        regions = list(Region.objects.filter(pk__in=[self.row_of(f"region:{name}") for name in piece.regions]))
        topics = list(Tag.objects.filter(pk__in=[self.row_of(f"topic:{name}") for name in piece.topics]))
        series = Series.objects.filter(pk=self.row_of(f"series:{piece.series}")).first() if piece.series else None
        original = self.piece(piece.translation_of) if piece.translation_of else None
        made = tell(
            piece, cast, self.calendar, image=image, regions=regions, topics=topics, series=series, original=original
        )
        mark_letters(made)
        return made

    def person(self, key: str) -> User:
        person = next(person for person in self.publication.people if person.key == key)
        # Read anew each time: a user remembers the rights it was first asked for.
        user = User.objects.filter(pk=self.row_of(f"account:{person.email}"), is_active=True).first()
        if user is None:
            raise Missing(f"The account of {person.name} is gone or not active.")
        return user

    def referees(self, piece: DemoArticle) -> dict[str, tuple[DemoReferee, User | None]]:
        asked = {opinion.referee for one in piece.rounds for opinion in one.opinions}
        asked |= {key for one in piece.rounds for key in one.next_choices}
        return {
            who.key: (who, self.person(who.person) if who.person else None)
            for who in self.publication.referees
            if who.key in asked
        }

    def authors(self) -> dict[str, Author]:
        rows = dict(Loaded.objects.filter(key__startswith="author:").values_list("key", "row"))
        found = Author.objects.select_related("user").in_bulk(rows.values())
        return {key.partition(":")[2]: found[row] for key, row in rows.items() if row in found}


def mark_letters(article: Article) -> None:
    """Its letters wait since the day on which they were written. A real mail server is spared them."""
    mine = Letter.objects.filter(article=article)
    mails = Mail.objects.filter(pk__in=mine.values("mail"))
    mails.update(queued_at=Subquery(Letter.objects.filter(mail=OuterRef("pk")).values("at")[:1]))
    if "smtp" in settings.DELIVERY_BACKEND:
        mails.update(state=Mail.State.FAILED, error=NOT_SENT)
