"""Every public address that a grave step touches, asked before and after: what each must answer, and what stands nowhere.

The site is read as a stranger reads it: from the front page along every link, and along every address that the
URLconf can make for the piece, its authors, topics, regions and special feature. `crawl` and `Shelf` are for other
tests too, such as those of merging.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urldefrag, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from accounts.models import User
from articles.listing import relist
from articles.models import Article, FormerAddress, FrontPick, OldAddress, Series
from authors.models import Author
from editorial import writing
from editorial.perform import perform
from tests.articles.shelf import ago, published
from tests.cast import BODY, edit, managing, picture, piece_in, region, retract, take_down

pytestmark = pytest.mark.django_db

WORD = "quetzal"
OUTSIDE = ("/static/", "/admin/", "/accounts/", "/contribute/")
_LINK = re.compile(r'(?:href|src|action)="([^"]+)"|<link>([^<]+)</link>')


def links_in(page: str, address: str) -> Iterator[str]:
    """The addresses of this site that a page or feed leads to."""
    for one, other in _LINK.findall(page):
        link = urldefrag(unescape(one or other))[0]
        parts = urlsplit(link)
        if parts.netloc not in ("", "testserver") or parts.scheme not in ("", "http"):
            continue
        path = parts.path or urlsplit(address).path
        if path.startswith("/") and not path.startswith(OUTSIDE):
            yield f"{path}?{parts.query}" if parts.query else path


def crawl(*starts: str) -> dict[str, tuple[int, str]]:
    """Breadth first from the addresses: what each answers, with its text. A redirect is followed as one more link."""
    client, found, queue = Client(), {}, list(starts)
    while queue:
        address = queue.pop(0)
        if address in found:
            continue
        answer = client.get(address)
        text = (
            b"".join(answer).decode(errors="replace") if answer.streaming else answer.content.decode(errors="replace")  # type: ignore[attr-defined]
        )
        found[address] = answer.status_code, text
        if answer.status_code in (301, 302):
            queue.append(answer["Location"])
        elif "html" in answer["Content-Type"] or "xml" in answer["Content-Type"]:
            queue += links_in(text, address)
    return found


@dataclass
class Shelf:
    """A small publication, one piece of which has been everywhere."""

    piece: Article
    others: list[Article]
    former: list[str]
    old: list[str]
    pages: list[str] = field(default_factory=list)

    def addresses(self) -> list[str]:
        """Every address that the URLconf can make, with what the piece fills in."""
        return sorted({*_public_addresses(self.piece), *self.former, *self.old, "/"})

    def own(self) -> list[str]:
        """The addresses of the piece itself, as it has them now."""
        address = self.piece.get_absolute_url()
        return [f"{address}{tail}" for tail in ("", "print/", "history/", "history/?from=1&to=2", "report/")]


def _public_addresses(piece: Article) -> Iterator[str]:
    """From the patterns of `articles.urls`: a new one without its values here fails."""
    on = piece.published_on
    assert on is not None
    day = {"year": f"{on:%Y}", "month": f"{on:%m}", "day": f"{on:%d}"}
    slugs = {
        "region": ["here", "above"], "topic": [f"{WORD}-topic", "common"], "series": [f"{WORD}-feature"],
        "author": [f"{WORD}-collective", "alice-marlowe"], "book": [f"{WORD}-feature"],
    }  # fmt: skip
    regions = ["japan", "east-asia"]
    patterns = next(p for p in get_resolver().url_patterns if getattr(p, "app_name", "") == "articles").url_patterns
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        name = pattern.name or ""
        wanted = set(pattern.pattern.regex.groupindex) if hasattr(pattern.pattern, "regex") else set()
        kind = name.partition("_feed")[0]
        if name in ("media", "page"):
            continue  # pictures are asked along the links; a plain page is none of a piece
        if name == "sitemap_part":
            yield reverse("articles:sitemap_part", args=[f"{on:%Y-%m}"])
            continue
        if "day" in wanted:
            yield reverse(f"articles:{name}", kwargs=day | {"slug": piece.slug})
        elif wanted >= {"year"}:
            yield reverse(f"articles:{name}", kwargs={key: day[key] for key in wanted})
        elif "slug" in wanted:
            assert kind in slugs, f"Say here with what {name} is to be asked."
            for slug in regions if kind == "region" else slugs[kind]:
                yield reverse(f"articles:{name}", kwargs={"slug": slug})
        elif wanted:
            raise AssertionError(f"Say here with what {name} is to be asked.")
        else:
            yield reverse(f"articles:{name}")
    yield f"/search/?q={WORD}"
    yield "/search/?q=harbours"


@pytest.fixture
def shelf(alice: User, ada: User, bob: User, bea: User, mara: User) -> Shelf:
    with transaction.atomic():
        return _filled(alice, ada, bob)


def _filled(alice: User, ada: User, bob: User) -> Shelf:
    others = [published(ada, bob, title=f"Other {n}", at=ago(days=10 + n), tags=("common",)) for n in range(3)]
    image = picture(caption=f"A {WORD} caption", alt=f"A {WORD}", credit=f"Photo: {WORD}")
    within = picture(caption="", alt=f"Inner {WORD}", credit=f"Photo: {WORD} within")
    piece = published(
        alice, bob, title=f"The {WORD} sings", in_brief=f"A {WORD} sang in brief.", lead_image=image,
        body=f'<h2>{WORD} heading</h2><figure><img src="{within.file.url}" alt="Inner {WORD}"></figure>{BODY}',
        tags=("common", f"{WORD} topic"),
    )  # fmt: skip
    # On its day too, so that neither a month nor a day is its own alone.
    others.append(published(ada, bob, title="Other beside it", at=piece.published_at, tags=("common",)))
    ghost = Author.objects.create(single_name=f"{WORD} collective", bio=f"{WORD} bio")
    writing.add_byline(piece, ghost)
    series = Series.objects.create(title=f"{WORD} feature", introduction="Introduced.")
    for one in (piece, others[0]):
        one.series = series
        one.save(update_fields=["series"])
        relist(one)
    edit(piece, bob, piece.latest.body + f"<p>The {WORD} corrected.</p>")
    perform(piece, "update", by=bob, kind="correction", public_note=f"The {WORD} was a dove.")
    # Edits that nobody has published yet, and that survive all that follows.
    edit(piece, bob, piece.latest.body + "<p>Pending.</p>", title="PENDING")
    old_day = datetime.date(2019, 5, 6)
    FormerAddress.objects.create(article=piece, published_on=old_day, slug="its-first-name")
    OldAddress.objects.create(article=piece, path="/?p=123")
    FrontPick.objects.create(article=piece, position=1, by=bob)
    piece.refresh_from_db()
    tails = ("", "print/", "history/", "report/")
    former = [f"/2019/05/06/its-first-name/{tail}" for tail in tails]
    former.append(f"/{piece.published_on:%Y/%m/%d}/{piece.slug.upper()}/")
    former.append(f"/2018/01/01/{piece.slug}/")
    return Shelf(piece, others, former, ["/?p=123"])


def statuses(found: dict[str, tuple[int, str]], addresses: list[str]) -> dict[str, int]:
    return {address: found[address][0] for address in addresses}


def naming(found: dict[str, tuple[int, str]], *apart: str) -> set[str]:
    """The addresses whose page names the piece; what was typed into the address does not count, nor what is said `apart`."""
    heard = re.compile(re.escape(f"q={WORD}") + rf'|value="{WORD}"|<q>[^<]*</q>|<title>Search: [^<]*</title>|“{WORD}”')
    return {
        address
        for address, (status, text) in found.items()
        if WORD in _without_the_asked(heard.sub("", text), address, status, apart)
    }


def _without_the_asked(text: str, address: str, status: int, apart: tuple[str, ...]) -> str:
    """A page may repeat the slugs of its own address; one that found nothing there, their words too."""
    for slug in [*apart, *re.findall(rf"{WORD}-[a-z]+", address)]:
        text = text.replace(slug, "")
        if status == 404 or slug in apart:
            text = re.sub(slug.replace("-", "[ +]"), "", text)
    return text


def whole(found: dict[str, tuple[int, str]]) -> None:
    """No link leads nowhere."""
    assert not {address: status for address, (status, _) in found.items() if status >= 400}


def pictures_of(article: Article) -> list[str]:
    return [use.image.file.url for use in article.publications.latest("at").revision.image_uses.all()]


def read(shelf: Shelf) -> dict[str, tuple[int, str]]:
    return crawl("/", *shelf.addresses(), *shelf.own())


def test_before_anything_every_address_answers(shelf: Shelf) -> None:
    found = read(shelf)
    whole(found)
    assert set(statuses(found, shelf.own()).values()) == {200}
    assert set(statuses(found, shelf.former).values()) == {301}
    named = naming(found)
    for address in ("/", "/feed/", "/topics/", "/authors/", "/series/", f"/topics/{WORD}-topic/", "/regions/japan/",
                    f"/series/{WORD}-feature/", f"/search/?q={WORD}", *shelf.own()):  # fmt: skip
        assert address in named, address
    assert [found[address][0] for address in pictures_of(shelf.piece)] == [200, 200]


def saying(found: dict[str, tuple[int, str]], words: str) -> set[str]:
    return {address for address, (_, text) in found.items() if words in text}


def test_published(client: Client, shelf: Shelf, alice: User, ada: User, bob: User) -> None:
    """A piece by two authors, of two regions, in a special feature: nowhere the moment before, everywhere the moment after."""
    piece = piece_in("editing", author=alice, editor=bob, title="Two walk a wombat home")
    writing.add_byline(piece, Author.objects.get(user=ada))
    piece.regions.add(region("Fiji", "Pacific"))
    piece.tags.add("common")
    piece.series, piece.series_position = shelf.piece.series, 1
    piece.save(update_fields=["series", "series_position"])
    perform(piece, "settle_approval", by=managing(), how="waived", note="Both said yes at the table.")
    assert saying(read(shelf), "wombat") == set()
    perform(piece, "publish", by=bob)
    piece.refresh_from_db()
    own = piece.get_absolute_url()
    found = crawl(
        "/", *shelf.addresses(), own, f"{own}index.md", *(f"{own}cite.{kind}" for kind in ("bib", "ris", "json"))
    )
    whole(found)
    said = saying(found, "Two walk a wombat home")
    lists = [
        "/regions/japan/", "/regions/east-asia/", "/regions/fiji/", "/regions/pacific/", "/topics/common/", f"/series/{WORD}-feature/",
        "/authors/alice-marlowe/", "/authors/ada-quill/",
    ]  # fmt: skip
    feeds = ["/", *lists]
    assert said >= {f"{page}{feed}" for page in feeds for feed in ("feed/", "feed/atom/", "feed.json")}
    assert said >= {"/", *lists, "/archive/", f"/archive/{piece.published_on:%Y/%m}/", "/llms.txt", "/sitemap-news.xml"}
    assert said >= {
        own,
        f"{own}print/",
        f"{own}history/",
        f"{own}index.md",
        *(f"{own}cite.{kind}" for kind in ("bib", "ris")),
    }
    assert own in found[f"/sitemap-{piece.published_on:%Y-%m}.xml"][1]
    # The piece that now follows it in the special feature says so.
    assert "Two walk a wombat home" in found[shelf.piece.get_absolute_url()][1]


def test_corrected(shelf: Shelf, bob: User) -> None:
    """Another title: wherever the piece was named it has the new one, and the old one stands in its history alone."""
    before = saying(read(shelf), f"The {WORD} sings")
    edit(shelf.piece, bob, shelf.piece.latest.body, title=f"The {WORD} roars")
    perform(shelf.piece, "update", by=bob, kind="correction", public_note="It roared.")
    found = read(shelf)
    whole(found)
    history = f"{shelf.piece.get_absolute_url()}history/"
    assert {a for a in saying(found, f"The {WORD} sings") if not a.startswith(history)} == set()
    assert len(before) > 40
    assert {a for a in before if not a.startswith(history)} <= saying(found, f"The {WORD} roars")


def test_retracted(shelf: Shelf, mara: User, bob: User) -> None:
    """Its own pages stay, with the notice; no list, feed or search names it; what it alone kept open is closed."""
    before = read(shelf)
    retract(shelf.piece, mara, bob, "The song was recorded elsewhere.")
    found = read(shelf)
    # The record of what was retracted names it too: that is what it is for.
    own = {a for a in found if any(a.startswith(o) for o in shelf.own())} | {"/record/"}
    assert set(statuses(found, shelf.own()).values()) == {200}
    assert set(statuses(found, shelf.former).values()) == {301}
    assert all("The song was recorded elsewhere." in found[address][1] for address in shelf.own()[:4])
    closed = {
        f"{page}{feed}"
        for page in (f"/topics/{WORD}-topic/", f"/authors/{WORD}-collective/", "/authors/alice-marlowe/")
        for feed in ("", "feed/", "feed/atom/", "feed.json")
    }
    assert {a for a, (status, _) in found.items() if status >= 400} == closed
    # The special feature has another piece, and keeps its own name.
    feature = {a for a in found if a.startswith("/series/")} | {o.get_absolute_url() for o in shelf.others}
    rest = naming(found, f"{WORD}-feature") - own - feature - {f"{o.get_absolute_url()}print/" for o in shelf.others}
    assert {a for a in rest if "/media/" not in a} == set()
    assert shelf.piece.get_absolute_url() not in "".join(text for a, (_, text) in found.items() if a not in own)
    assert before.keys() >= {a for a in found if "/media/" in a}


def test_reinstated(shelf: Shelf, mara: User, bob: User) -> None:
    before = read(shelf)
    retract(shelf.piece, mara, bob, "The song was recorded elsewhere.")
    perform(shelf.piece, "reinstate", by=mara, second_editor=bob, public_note="It was not, after all.")
    found = read(shelf)
    whole(found)
    assert statuses(found, list(before)) == statuses(before, list(before))
    assert naming(found) >= naming(before)
    page = found[shelf.piece.get_absolute_url()][1]
    assert "It was not, after all." in page
    assert "Retracted:" not in page
    history = found[f"{shelf.piece.get_absolute_url()}history/"][1]
    assert "The song was recorded elsewhere." in history


@pytest.mark.parametrize("is_retracted", [False, True])
def test_taken_down(shelf: Shelf, mara: User, bob: User, is_retracted: bool) -> None:
    """410 wherever it ever was, and nothing of it anywhere, its pictures included."""
    before = read(shelf)
    pictures = pictures_of(shelf.piece)
    if is_retracted:
        retract(shelf.piece, mara, bob, f"The {WORD} again.")
    take_down(shelf.piece, mara)
    shelf.piece.refresh_from_db()
    # All that answered before is asked again, though nothing leads there any more.
    found = crawl("/", *shelf.addresses(), *before)
    assert set(
        statuses(found, [*shelf.own(), *shelf.former, f"{shelf.piece.get_absolute_url()}report/send/"]).values()
    ) == {410}
    gone = {a for a, (status, _) in found.items() if status == 410}
    closed = {a for a, (status, _) in found.items() if status == 404}
    assert closed >= {f"/topics/{WORD}-topic/", f"/authors/{WORD}-collective/", "/authors/alice-marlowe/", *pictures}
    assert not [a for a in closed if a not in before]
    feature = {a for a in found if a.startswith("/series/")}
    others = {a for a in found for o in shelf.others if a.startswith(o.get_absolute_url())}
    assert {a: found[a][0] for a in naming(found, f"{WORD}-feature") - feature - others} == {}
    for address, (_, text) in found.items():
        for part in (
            f"The {WORD} sings",
            "sang in brief",
            f"{WORD} collective",
            shelf.piece.slug,
            "its-first-name",
            "dove",
        ):
            assert part not in text.replace(f"q={WORD}", ""), (address, part)
    # Nothing leads to what is gone.
    assert {a for a, (status, _) in crawl("/").items() if status >= 400} == set()
    assert gone


@pytest.mark.parametrize("is_retracted", [False, True])
def test_restored(shelf: Shelf, mara: User, bob: User, is_retracted: bool) -> None:
    """As it was: the same addresses, text, moment and corrections, retracted if it was, and pending edits still pending."""
    if is_retracted:
        retract(shelf.piece, mara, bob, "The song was recorded elsewhere.")
    was = Article.objects.values().get(pk=shelf.piece.pk)
    before = read(shelf)
    take_down(shelf.piece, mara)
    perform(shelf.piece, "restore", by=mara, note="The court was mistaken")
    assert Article.objects.values().get(pk=shelf.piece.pk) == was
    found = read(shelf)
    assert found == before
    assert shelf.piece.latest.title == "PENDING"


def test_the_former_address_of_the_site_it_came_from(shelf: Shelf, mara: User) -> None:
    """`/?p=123` leads to the piece, and is gone with it."""
    status = Client().get("/?p=123").status_code
    if status != 301:
        pytest.skip("Old addresses of another site are not answered yet.")
    take_down(shelf.piece, mara)
    assert Client().get("/?p=123", follow=True).status_code == 410
