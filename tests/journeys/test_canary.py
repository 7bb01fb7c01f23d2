"""Nobody learns who wrote or who referees a piece, where that is a secret: pages, files, feeds, mails and searches, role by
role, after every step.

Names that stand nowhere else (the canaries) are given to each author and each referee. The piece is walked through peer
review, and after each step everybody's pages are read, from their first ones along the links. A secret is told where a
canary stands on a page of somebody who must not know it. Links with a question mark are left out, since lists show the
same rows by them; searches are asked on their own, and must answer as for a word that nobody wrote.
"""

import datetime
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urldefrag, urlsplit

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from accounts import roles
from accounts.models import User
from articles.models import Article, Byline
from editorial import access, appearance, rooms, writing
from editorial.perform import perform
from forum.models import Mail, Masthead
from review import answering, blindness, deciding, inviting, released, reviewing
from review.models import Referee, Review, Round
from review.turn import open_round
from tests.cast import BODY, author_for, draft, edit, in_days, person

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# The piece, and whatever names its authors.
PIECE = "Glimmerwick"
AUTHORS = ("Quorlander", "Brindlemoss", "Marrowfell")
# Referees: by link without an account, with one, an editor, an author of another piece, one who can't, one who never
# answers, one who is only listed.
REFEREES = {
    "perpetua": "Winterbourne",
    "octavian": "Thistledown",
    "evangeline": "Mossgrove",
    "lysander": "Pennyquick",
    "drusilla": "Fennimore",
    "bartholomew": "Crickhollow",
    "hesperia": "Candlewright",
}
WITH_ACCOUNT = ("octavian", "evangeline", "lysander")
# A word of a withheld comment, and one of the comments for the editors alone.
WITHHELD, FOR_EDITORS = "Zymurgical", "Xylographic"
NONSENSE = "Qqvxzkj"
# One of each kind is searched for: without an account, with one, of the authors, of the piece, of a review.
SEARCHED = {PIECE, AUTHORS[0], REFEREES["perpetua"], REFEREES["octavian"], WITHHELD}

# Where accounts and bylines are listed for whoever works at the desk, whatever they have to do with this piece.
ROSTERS = ("/admin/authors/", "/admin/articles/article/people/", "/admin/autocomplete/", "/admin/accounts/")
PICKS = ("/contribute/pieces/", "/admin/articles/article/pick/")
NOT_FOLLOWED = re.compile(r"^/(static|accounts|admin/(logout|jsi18n|password_change))/|/(add|delete|upload)/$")
SEARCHES = (
    "/search/?q=", "/contribute/pieces/?q=", "/admin/articles/article/?q=", "/admin/articles/article/people/?term=",
    "/admin/articles/article/tags/?term=", "/admin/articles/article/pick/?q=", "/admin/editorial/letter/?q=",
    "/admin/editorial/change/?q=", "/admin/authors/author/?q=", "/admin/accounts/user/?q=", "/admin/review/referee/?q=",
    "/admin/articles/image/?q=", "/admin/articles/errorreport/?q=",
    "/admin/autocomplete/?app_label=articles&model_name=byline&field_name=author&term=",
    "/admin/autocomplete/?app_label=review&model_name=review&field_name=referee&term=",
)  # fmt: skip
LINK = re.compile(r'(?:href|src|action)="([^"]+)"|<(?:link|loc)>([^<]+)</(?:link|loc)>')
NOISE = re.compile(r'(nonce|csrfmiddlewaretoken" value)="[^"]*"')


@dataclass
class World:
    """The people, and the piece as it stands."""

    mode: str
    article: Article
    clock: Any
    users: dict[str, User]
    referees: dict[str, Referee] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    # The newest mail when each was first listed or asked: before, they were anybody.
    asked: dict[str, int] = field(default_factory=dict)
    is_released: bool = False
    is_public: bool = False

    def client(self, name: str) -> Client:
        client = Client()
        if name in self.users:
            client.force_login(self.users[name])
        return client

    @property
    def round(self) -> Round:
        found = open_round(Article.objects.get(pk=self.article.pk))
        assert found is not None
        return found


# --- who must not read what ----------------------------------------------------------------------------------------


# Editors, managing editors and superusers read all of it: from them nothing is kept.
STRANGERS = ("nobody", "sam", "ada", "anna")
VIEWERS = ("nobody", "sam", "ada", "zanthippe", "yolantha", "carl", "anna", *REFEREES)


def secrets_from(world: World, viewer: str, address: str) -> set[str]:
    """The canaries that must not stand on this page for this viewer. `address` is empty for a mail."""
    # Dialogs for links find what readers find.
    is_public_page = address.startswith(PICKS) or not address.startswith(("/admin/", "/referee/", "/contribute/"))
    is_open_now = world.is_public and address.startswith("/") and is_public_page
    is_roster = address.startswith(ROSTERS)
    names = {REFEREES[name] for name in world.asked}
    whole = {PIECE, *AUTHORS} if not is_open_now else set()
    match viewer:
        case "bob" | "bea" | "mara" | "root":
            return set()
        case "carl":
            found = names | {WITHHELD, FOR_EDITORS}
        case "zanthippe" | "yolantha":
            found = names | {FOR_EDITORS, WITHHELD}
            if world.mode == "open" and (world.is_released or not address):
                found -= {REFEREES["perpetua"], REFEREES["octavian"]}
        case "nobody" | "sam" | "ada" | "anna":
            found = names | whole | {WITHHELD, FOR_EDITORS}
        case "evangeline" if viewer not in world.asked:
            return set()
        case _:
            own = REFEREES[viewer]
            found = (names - {own}) | {WITHHELD, FOR_EDITORS}
            if viewer in ("perpetua", "octavian"):
                found -= {WITHHELD, FOR_EDITORS}  # their own words
            if world.mode == "double":
                found |= set(AUTHORS) & whole
            if not address.startswith("/referee/") and address:
                found |= whole
            if viewer == "evangeline" and world.is_public:
                found -= {PIECE, *AUTHORS} if not address.startswith("/referee/") else set()
    if is_roster:
        found -= {*AUTHORS, *(REFEREES[name] for name in WITH_ACCOUNT)}
    if address.startswith(("/admin/review/referee/", "/admin/autocomplete/?app_label=review")):
        # Taken off the next choices, she is a referee like others in the list.
        found -= {REFEREES["hesperia"]}
    if address.startswith("/admin/"):
        # An editor is one of those by whom lists are filtered.
        found -= {REFEREES["evangeline"]} if f"/{world.article.pk}/" not in address else set()
    return found


# --- reading -------------------------------------------------------------------------------------------------------


def text_of(response: Any) -> str:
    """All that a page or file tells, headers included: the parts of a document, what a PDF says of itself."""
    data = b"".join(response.streaming_content) if response.streaming else response.content
    told = "".join(f"{name}: {value}\n" for name, value in response.headers.items())
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return told + "".join(name + parts.read(name).decode(errors="replace") for name in parts.namelist())
    if data[:4] == b"%PDF":
        reader = PdfReader(io.BytesIO(data))
        told += "".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    if "json" in response.headers.get("Content-Type", ""):
        return told + json.dumps(json.loads(data), ensure_ascii=False)
    return told + data.decode(errors="replace")


def links_in(page: str, address: str) -> Iterator[str]:
    for one, other in LINK.findall(page):
        parts = urlsplit(urldefrag(unescape(one or other))[0])
        if parts.netloc in ("", "testserver") and parts.scheme in ("", "http") and not parts.query:
            path = parts.path or urlsplit(address).path
            if path.startswith("/") and not NOT_FOLLOWED.search(path):
                yield path


def starts_of(world: World, viewer: str, *, whole: bool) -> list[str]:
    """Where a person's reading begins; those who have no way into the desk try it now and then."""
    pk, revision = world.article.pk, world.article.latest_id
    found = ["/contribute/", f"/contribute/{pk}/", f"/contribute/{pk}/changes/", "/referee/"]
    if whole or viewer in ("carl", "evangeline"):
        piece, round = f"/admin/articles/article/{pk}/", f"/admin/review/{pk}/"
        found += ["/", "/feed/", "/sitemap.xml", f"/authors/{world.article.bylines.all()[0].author.slug}/"]  # type: ignore[union-attr]
        found += [
            "/admin/",
            "/admin/articles/article/",
            "/admin/editorial/letter/",
            "/admin/editorial/change/",
            "/admin/review/",
        ]
        found += [
            piece + rest
            for rest in ("change/", "history/", "preview/", f"version/{revision}/", "conflict/", "authors/")
        ]
        found += [round, f"{round}decide/", f"{round}invite/"]
        found += [
            f"/admin/editorial/letter/{one}/change/" for one in world.article.letters.values_list("pk", flat=True)
        ]
    # Everybody tries the reviews by number; by link alone who has it.
    if viewer != "nobody":
        found += [f"/referee/reviews/{review.pk}/{rest}" for review in world.reviews.values() for rest in ("", "file/")]
    if viewer in world.tokens:
        found += [
            f"/referee/{world.tokens[viewer]}/{rest}" for rest in ("", "file/", "remark/", "send/", "more/", "cant/")
        ]
    return found


def is_near(world: World, address: str) -> bool:
    """Whether what the page says depends on where the piece stands."""
    return f"/{world.article.pk}/" in address or address.startswith(
        ("/referee/", "/contribute/", "/admin/editorial/letter/")
    )


def may_differ(viewer: str, address: str) -> bool:
    """What readers see is the same for everybody, and read once."""
    return viewer == "nobody" or address.startswith(("/admin/", "/contribute/", "/referee/"))


@dataclass
class Told:
    """A secret that was told: to whom, where, and which."""

    step: str
    viewer: str
    where: str
    canary: str

    def __str__(self) -> str:
        return f"after “{self.step}” {self.viewer} reads {self.canary} at {self.where}"


MOST_PAGES = 260


def pages_of(world: World, viewer: str, *, whole: bool) -> Iterator[tuple[str, str]]:
    """Every page that the person can reach, with what it tells; of a short look those alone that the step may change."""
    client, queue, seen = world.client(viewer), starts_of(world, viewer, whole=whole), set()
    while queue and len(seen) < MOST_PAGES:
        address = queue.pop(0)
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address)
        assert response.status_code < 500, (viewer, address)
        text = text_of(response)
        yield address, text
        if response.status_code in (301, 302):
            queue += links_in(f'href="{response["Location"]}"', address)
        elif response.status_code == 200:
            queue += [
                link
                for link in links_in(text, address)
                if link not in seen and (may_differ(viewer, link) if whole else is_near(world, link))
            ]


def look(world: World, step: str, *, whole: bool = False, viewers: tuple[str, ...] = VIEWERS) -> list[Told]:
    """What is told to somebody who must not know it."""
    found = []
    for viewer in viewers:
        if viewer in STRANGERS and not whole:
            continue
        for address, text in pages_of(world, viewer, whole=whole):
            folded = text.casefold()
            found += [
                Told(step, viewer, address, canary)
                for canary in secrets_from(world, viewer, address)
                if canary.casefold() in folded
            ]
        if whole and (viewer in world.users or viewer == "nobody"):
            found += searched(world, step, viewer)
    return found + mailed(world, step)


def searched(world: World, step: str, viewer: str) -> list[Told]:
    """Searches for what the person must not know answer as for a word that stands nowhere."""
    found, client = [], world.client(viewer)
    for search in SEARCHES:
        nothing = client.get(f"{search}{NONSENSE}")
        if nothing.status_code != 200:
            continue
        for canary in sorted(secrets_from(world, viewer, search) & SEARCHED):
            answer = client.get(f"{search}{quote(canary)}")
            if (answer.status_code, _body(answer, canary)) != (200, _body(nothing, NONSENSE)):
                found.append(Told(step, viewer, search, canary))
    return found


def _body(response: Any, typed: str) -> str:
    """The answer to a search, without the word that was searched for."""
    return re.sub(re.escape(typed), "", NOISE.sub("", response.content.decode()), flags=re.IGNORECASE)


def mailed(world: World, step: str) -> list[Told]:
    """Each mail goes to one person, is answered to the publication, and tells its reader no secret."""
    found = []
    by_address = {user.email.casefold(): name for name, user in world.users.items()}
    by_address |= {referee.email.casefold(): name for name, referee in world.referees.items()}
    contact = Masthead.current().contact_email
    for mail in Mail.objects.all():
        assert len(mail.recipients) == 1, mail
        assert mail.reply_to in ([], [contact]), mail
        reader = by_address[mail.recipients[0].casefold()]
        if mail.pk <= world.asked.get(reader, 0):
            continue
        headers = f"{mail.from_email} {mail.reply_to} {mail.subject} {mail.message_id}"
        told = f"{headers} {mail.text} {mail.html}".casefold()
        found += [
            Told(step, reader, f"mail “{mail.subject}”", canary)
            for canary in secrets_from(world, reader, "")
            if canary.casefold() in told
        ]
    return found


# --- the way of the piece ------------------------------------------------------------------------------------------


def begin(mode: str, clock: Any) -> World:
    people = {
        "sam": ("sam@example.org", "Sam Stranger", roles.AUTHOR), "ada": ("ada@example.org", "Ada Quill", roles.AUTHOR),
        "zanthippe": ("zanthippe@quorlander.example", "Zanthippe Quorlander", roles.AUTHOR),
        "yolantha": ("yolantha@brindlemoss.example", "Yolantha Brindlemoss", roles.AUTHOR),
        "carl": ("carl@example.org", "Carl Comma", roles.COPY_EDITOR), "bob": ("bob@example.org", "Bob Redpen", roles.EDITOR),
        "bea": ("bea@example.org", "Bea Margin", roles.EDITOR), "mara": ("mara@example.org", "Mara Chief", roles.MANAGING_EDITOR),
        "anna": ("anna@example.org", "Anna Keys", roles.ADMINISTRATOR),
        "octavian": ("octavian@thistledown.example", "Octavian Thistledown", roles.REFEREE),
        "evangeline": ("evangeline@mossgrove.example", "Evangeline Mossgrove", roles.EDITOR),
        "lysander": ("lysander@pennyquick.example", "Lysander Pennyquick", roles.AUTHOR, roles.REFEREE),
    }  # fmt: skip
    users = {name: person(*words) for name, words in people.items()}
    users["root"] = person("root@example.org", "Root", is_superuser=True)
    Masthead.objects.update_or_create(pk=1, defaults={"contact_email": "desk@forum.example"})
    told = {"affiliation": "Marrowfell Observatory", "bio": "Works at Marrowfell Observatory."}
    author_for(users["zanthippe"], "Zanthippe", "Quorlander", **told)
    second = author_for(users["yolantha"], "Yolantha", "Brindlemoss", **told)
    author_for(users["lysander"], "Lysander", "Pennyquick", affiliation="Pennyquick College", bio="Teaches.")
    draft(users["ada"], title="Adas own tides")
    draft(users["lysander"], title="Lysanders own tides")
    article = draft(users["zanthippe"], title=f"{PIECE} and its tides", body=f"<p>{PIECE} rises twice a day.</p>{BODY}")
    Byline.objects.create(
        article=article, author=second, name=second.name, position=5, confirmed_at=timezone.now(), **told
    )
    return World(mode, article, clock, users)


def referee(world: World, name: str) -> Referee:
    family, given = REFEREES[name], name.capitalize()
    world.asked[name] = Mail.objects.order_by("-pk").values_list("pk", flat=True)[0]
    world.referees[name] = inviting.referee_of(
        f"{given} {family}",
        f"{name}@{family.lower()}.example",
        by=world.users["bob"],
        affiliation=f"{family} Institute",
    )
    return world.referees[name]


def invite(world: World, name: str) -> Review:
    answer_by, review_by = inviting.usual_days()
    who = world.referees.get(name) or referee(world, name)
    world.reviews[name] = inviting.invite(
        world.round, who, by=world.users["bob"], answer_by=answer_by, review_by=review_by,
        # One of them is an editor here.
        override="Nobody else knows the subject.",
    )  # fmt: skip
    return noted(world, name)


def noted(world: World, name: str) -> Review:
    """The review with the secret of its invitation, as the mail has it."""
    review = world.reviews[name]
    assert review.letter is not None
    found = re.search(r"/referee/([\w-]+)/", review.letter.mail.text)
    assert found
    world.tokens[name] = found[1]
    return review


def by(world: World, name: str) -> User | None:
    return world.users.get(name)


def pdf_of(name: str) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": name, "/Title": f"Review by {name}"})
    writer.write(out)
    return out.getvalue()


def send(world: World, name: str, *, has_file: bool = False) -> None:
    """Agree, write, attach, send."""
    review = world.reviews[name]
    answering.accept(review, by=by(world, name), no_conflict=True)
    review = Review.objects.get(pk=review.pk)
    answers = {
        str(question.pk): (reviewing.choices_of(question) or ("The argument is sound.",))[0]
        for question in reviewing.questions_of(review)
    }
    private = f"{FOR_EDITORS} doubts, says {REFEREES[name]}."
    words = reviewing.Words("minor", "The tide table is upside down.", private, answers)
    review = reviewing.save(review, words, base=review.edits, by=by(world, name))
    if has_file:
        reviewing.attach(review, pdf_of(REFEREES[name]), f"{REFEREES[name]}.pdf", by=by(world, name))
        said = f"{WITHHELD} claims: I, {REFEREES[name]}, wrote it first."
        reviewing.remark(review, by=by(world, name), paragraph=1, text=said)
    reviewing.submit(review, by=by(world, name), seen=review.edits)


def seen(world: World) -> deciding.Seen:
    round, article = world.round, Article.objects.get(pk=world.article.pk)
    marks = {
        str(review.pk): deciding.mark_of_traces(deciding.traces(review))
        for review in round.reviews.filter(state=Review.State.SUBMITTED)
    }
    kept = deciding.draft_of(round)
    return deciding.Seen(article.latest_id, article.status, deciding.mark(round), kept.edits if kept else 0, marks)


def decision(world: World, choice: str) -> deciding.Decision:
    round = world.round
    remarks = [f"{r.review_id}:remark:{r.pk}" for review in round.reviews.all() for r in review.remarks.all()]
    withheld = dict.fromkeys(remarks, "It tells who wrote it.")
    settle = {str(review.pk): "cancelled" for review in round.reviews.filter(state__in=Review.OPEN)}
    message = deciding.gather(round, withheld) or "Thank you."
    due_on = in_days(14) if choice in ("minor", "major") else None
    return deciding.Decision(choice, message, "As discussed.", due_on, settle, withheld)


def walk(world: World) -> Iterator[tuple[str, bool]]:
    """Each step with whether all pages are worth a look after it. The first round, up to the decision that has gone."""
    people, article = world.users, world.article
    bob, mara = people["bob"], people["mara"]
    perform(article, "submit", by=people["zanthippe"])
    writing.assign(article, by=bob, editor=bob, copy_editor=people["carl"])
    perform(article, "send_to_review", by=bob, mode=world.mode, wanted=2, traces_seen=True)
    yield "sent to review", False
    for name in ("perpetua", "drusilla", "bartholomew"):
        invite(world, name)
    world.reviews["hesperia"] = inviting.list_next(world.round, referee(world, "hesperia"), by=bob)
    world.clock.shift(datetime.timedelta(minutes=11))
    yield "three invited", False
    answering.cannot(world.reviews["drusilla"], by=None, why="busy", others="Ask Hesperia Candlewright")
    inviting.unlist(world.reviews.pop("hesperia"), by=bob)
    inviting.list_next(world.round, referee(world, "octavian"), by=bob)
    world.reviews["octavian"] = inviting.replace(world.reviews["bartholomew"], by=bob)
    noted(world, "octavian")
    for name in ("evangeline", "lysander"):
        invite(world, name)
    answering.accept(world.reviews["evangeline"], by=people["evangeline"], no_conflict=True)
    send(world, "perpetua", has_file=True)
    yield "one review in", True
    send(world, "octavian")
    given = decision(world, "minor")
    deciding.hand_over(world.round, given, by=bob, advice=f"{REFEREES['perpetua']} is right.", edits=0)
    draft_row = deciding.take_over(world.round, by=mara)
    assert draft_row.handed_at is None
    yield "handed over", False
    deciding.decide(world.round, given, seen(world), by=mara)
    yield "decision held", False
    world.clock.shift(datetime.timedelta(minutes=11))
    world.is_released = True
    yield "decision out", False


def walk_on(world: World) -> Iterator[tuple[str, bool]]:
    """The second round, and the way to the readers."""
    people, article = world.users, world.article
    bob, zanthippe = people["bob"], people["zanthippe"]
    article.refresh_from_db()
    edit(article, zanthippe, f"<p>{PIECE} rises thrice a day.</p>{BODY}")
    perform(article, "resubmit", by=zanthippe, message="I turned the table.")
    invite(world, "perpetua")
    world.clock.shift(datetime.timedelta(minutes=11))
    yield "second round", False
    send(world, "perpetua")
    deciding.decide(world.round, decision(world, "accept"), seen(world), by=bob)
    world.clock.shift(datetime.timedelta(minutes=11))
    yield "accepted", False
    article.refresh_from_db()
    edit(article, people["carl"], f"<p>{PIECE} rises three times a day.</p>{BODY}")
    perform(article, "request_approval", by=bob, due_on=in_days(5))
    for name in ("zanthippe", "yolantha"):
        perform(article, "approve", by=people[name])
    yield "approved", False
    perform(article, "publish", by=bob)
    world.is_public = True
    world.clock.shift(datetime.timedelta(minutes=1))
    yield "published", True


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(timezone.now(), tick=True) as traveller:
        yield traveller


def said(told: list[Told]) -> str:
    return "\n".join(sorted({str(one) for one in told}))


def test_no_name_is_told_on_the_whole_way(clock: Any, tmp_path: Path) -> None:
    world, told = begin("double", clock), []
    for way in (walk, walk_on):
        for step, whole in way(world):
            told += look(world, step, whole=whole)
            assert not told, said(told)
    out = tmp_path / "all.jsonl"
    call_command("dump_articles", "--all", out=str(out), verbosity=0)
    # One of the referees wrote a piece of their own, which has their name of right.
    lines = [line for line in out.read_text().splitlines() if PIECE in line]
    assert lines
    dumped = "\n".join(lines)
    assert not [name for name in (*REFEREES.values(), WITHHELD, FOR_EDITORS) if name.casefold() in dumped.casefold()]


@pytest.mark.parametrize("mode", ["single", "open"])
def test_what_a_round_shows_is_shown_and_nothing_else(mode: str, clock: Any) -> None:
    world, told = begin(mode, clock), []
    for step, _whole in walk(world):
        if step == "one review in":
            # Who agreed reads who wrote it.
            text = dict(pages_of(world, "evangeline", whole=False))[
                f"/referee/reviews/{world.reviews['evangeline'].pk}/"
            ]
            assert AUTHORS[0] in text
    told += look(world, "decision out", viewers=("zanthippe", "yolantha", "carl", "perpetua", "octavian", "drusilla"))
    assert not told, said(told)
    pages = dict(pages_of(world, "zanthippe", whole=False))
    is_named = REFEREES["perpetua"] in pages[f"/contribute/{world.article.pk}/"]
    assert is_named == (mode == "open")


# --- breaking a rule is seen ---------------------------------------------------------------------------------------


def _nothing(*args: Any) -> Q:
    return Q(pk__in=())


def _all_parts(review: Review, withheld: Any) -> list[released.Part]:
    return released.parts_of(review)


def _not_yet_released(article: Article, now: Any = None) -> Any:
    return released_for_authors(article, now or timezone.now() + datetime.timedelta(days=1))


released_for_authors = released.for_authors

# What is broken, and who then reads what: {name: (how, at which step, viewer, canary)}.
BROKEN: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, str, str]] = {
    "rounds no longer hide authors": (
        lambda patch: patch.setattr(Round, "hides_authors", property(lambda self: False)),
        "one review in", "evangeline", "Quorlander",
    ),
    "referees keep the desk": (
        lambda patch: patch.setattr(rooms, "RECUSED", []), "one review in", "evangeline", "Quorlander",
    ),
    "the timeline asks no mask": (
        lambda patch: patch.setattr(rooms, "MASKS", []), "handed over", "carl", "Winterbourne",
    ),
    "letters that name a referee are shown to all": (
        lambda patch: patch.setattr(appearance, "letters_hidden_from", _nothing), "one review in", "carl", "Winterbourne",
    ),
    "copy editors may see referees": (
        lambda patch: patch.setattr(blindness, "sees_referees", lambda viewer: True), "one review in", "carl", "Winterbourne",
    ),
    "what is withheld is shown": (
        lambda patch: patch.setattr(released, "visible", _all_parts), "decision out", "zanthippe", "Zymurgical",
    ),
    "authors read a review before the decision is out": (
        lambda patch: patch.setattr(released, "for_authors", _not_yet_released), "decision held", "zanthippe", "upside down",
    ),
    "every letter of a piece is its authors'": (
        lambda patch: patch.setattr(access, "letters_for", lambda user, article: article.letters.all()),
        "one review in", "zanthippe", "Winterbourne",
    ),
    "a link is good for every review": (
        lambda patch: patch.setattr("review.referee.door.own_reviews", lambda user: Review.objects.all()),
        "one review in", "octavian", "Winterbourne",
    ),
}  # fmt: skip


def test_breaking_a_rule_on_purpose_is_seen(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look that finds nothing finds something, for each rule, once it is broken."""
    world, left = begin("double", clock), dict(BROKEN)
    for step, _whole in walk(world):
        for name, (how, when, viewer, canary) in BROKEN.items():
            if when != step:
                continue
            with monkeypatch.context() as patch:
                how(patch)
                pages = pages_of(world, viewer, whole=False)
                assert any(canary.casefold() in text.casefold() for _, text in pages), f"{name}: nobody notices"
            left.pop(name)
    assert not left


def test_a_mail_that_tells_is_seen(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invitation written by a round that no longer hides who wrote the piece."""
    world = begin("double", clock)
    way = walk(world)
    next(way)
    assert mailed(world, "before") == []
    with monkeypatch.context() as patch:
        patch.setattr(Round, "hides_authors", property(lambda self: False))
        next(way)
    assert {(one.viewer, one.canary) for one in mailed(world, "after")} >= {
        ("perpetua", "Quorlander"),
        ("drusilla", "Brindlemoss"),
    }
