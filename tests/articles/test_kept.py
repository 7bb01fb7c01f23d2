"""Pages for readers behind the page cache: what a reader gets is at each moment what Django would say."""

import datetime
from typing import Any

import pytest
from django.db import transaction
from django.urls import resolve

from accounts.models import User
from articles.listing import relist
from articles.models import Byline, FrontPick
from authors.models import Author
from editorial import writing
from editorial.perform import perform
from forum.models import Masthead, NavigationItem, Page
from tests.articles.shelf import ago, published
from tests.articles.test_crawl import WORD, Shelf, crawl, shelf  # noqa: F401  a fixture
from tests.cast import edit, managing, piece_in, region, retract, take_down
from tests.kept import Process, call, environ_of

pytestmark = pytest.mark.django_db(transaction=True)


def addresses_of(shelf: Shelf) -> list[str]:  # noqa: F811
    """Addresses of every kind that the site has, with a page at each: of each kind those that the piece changes, and two others."""
    kinds: dict[str, list[str]] = {}
    for address, (status, text) in crawl("/", *shelf.addresses(), *shelf.own()).items():
        if status == 200 and not address.startswith("/media/") and not address.endswith("/report/send/"):
            kind = resolve(address.partition("?")[0]).view_name
            some = kinds.setdefault(kind, [])
            if len(some) < 2 or (WORD in text and len(some) < 5):
                some.append(address)
    return sorted(address for some in kinds.values() for address in some)


def untrue(process: Process, addresses: list[str]) -> list[str]:
    """Those at which a reader gets something kept that is not so. What is not kept is made anew, and true by that."""
    kept = [address for address in addresses if process.is_kept(address)]
    wrong = []
    for address in kept:
        got, true = process.get(address), call(process.django.handler, environ_of(address))
        if (got.status, got.body) != (true.status, true.body):
            wrong.append(address)
    return wrong


def warm(process: Process, addresses: list[str]) -> None:
    for address in addresses:
        process.get(address)


def test_every_page_is_kept(process: Process, shelf: Shelf) -> None:  # noqa: F811
    addresses = addresses_of(shelf)
    warm(process, addresses)
    assert [a for a in addresses if not process.is_kept(a)] == []
    process.django.asked.clear()
    warm(process, addresses)
    assert process.django.asked == []
    assert untrue(process, addresses) == []
    assert len(addresses) > 60


def _publish(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    piece = piece_in("editing", author=alice, editor=bob, title="Two walk a wombat home")
    writing.add_byline(piece, Author.objects.get(user__email="ada@example.org"))
    piece.regions.add(region("Fiji", "Pacific"))
    piece.tags.add("common")
    piece.series, piece.series_position = shelf.piece.series, 1
    piece.save(update_fields=["series", "series_position"])
    perform(piece, "settle_approval", by=managing(), how="waived", note="Both said yes at the table.")
    perform(piece, "publish", by=bob)


def _correct(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    edit(shelf.piece, bob, shelf.piece.latest.body, title=f"The {WORD} roars")
    perform(shelf.piece, "update", by=bob, kind="correction", public_note="It roared.")


def _retract(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    retract(shelf.piece, managing(), bob, "The song was recorded elsewhere.")


def _take_down(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    take_down(shelf.piece, managing())


def _rename_author(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    Author.objects.filter(user=alice).update(family_name="Marlowe-Smith", bio="Another bio.")


def _rename_region(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    one = shelf.piece.regions.get()
    one.name = "Nippon"
    one.save()


def _rename_site(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    Masthead.objects.update_or_create(pk=1, defaults={"name": "Another Forum"})


def _add_page(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    page = Page.objects.create(slug="about-us", title="About us", body="<p>We.</p>", is_published=True)
    NavigationItem.objects.create(place="foot", page=page)


def _pick(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    FrontPick.objects.update(article=shelf.others[2])


def _credit(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    image = shelf.piece.live.lead_image
    image.credit, image.alt = "Photo: somebody else", "Another bird"
    image.save()


def _affiliation(shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    Byline.objects.filter(article=shelf.piece).update(affiliation="Elsewhere")


# One after the other, as the site is made ready once: what the last ones leave behind says most.
SMALL = [_affiliation, _credit, _rename_author, _pick, _rename_region, _add_page, _rename_site]
GRAVE = [_publish, _correct, _retract, _take_down]


@pytest.mark.parametrize("changes", [SMALL, GRAVE], ids=["small", "grave"])
def test_a_change_is_seen_at_every_address_at_once(
    process: Process,
    shelf: Shelf,  # noqa: F811
    alice: User,
    bob: User,
    changes: list[Any],
) -> None:
    addresses = addresses_of(shelf)
    for change in changes:
        warm(process, addresses)
        with transaction.atomic():
            change(shelf, alice, bob)
        process.settle()
        assert untrue(process, addresses) == [], change
        assert [a for a in addresses if not process.is_kept(a)], change


def test_what_the_desk_alone_sees_moves_nothing(process: Process, shelf: Shelf, alice: User, bob: User) -> None:  # noqa: F811
    addresses = ["/", shelf.piece.get_absolute_url(), "/regions/japan/", "/search/?q=harbours"]
    with transaction.atomic():
        draft = piece_in("editing", author=alice, editor=bob, title="A draft of somebody")
    process.settle()
    warm(process, addresses)
    told: list[str] = []
    take = process.listener._take
    process.listener._take = lambda payload: (told.append(payload), take(payload))[1]  # type: ignore[method-assign, func-returns-value]
    with transaction.atomic():
        edit(shelf.piece, bob, shelf.piece.latest.body + "<p>More that waits.</p>")
        edit(draft, bob, "<p>Another text.</p>", title="Another title")
    process.settle()
    assert [payload for payload in told if not payload.startswith("fence:")] == []
    assert [a for a in addresses if not process.is_kept(a)] == []


def test_what_a_change_does_not_touch_stays(process: Process, shelf: Shelf, alice: User, ada: User, bob: User) -> None:  # noqa: F811  # fmt: skip
    """Pieces of another region, topic and author, their lists and their feeds, while two authors' piece of two regions comes, is
    corrected and retracted."""
    with transaction.atomic():
        elsewhere = []
        for number in range(14):
            piece = published(ada, bob, title=f"Far {number}", at=ago(days=30 + number), tags=("far topic",))
            piece.regions.set([region("Peru", "Americas")])
            relist(piece)
            elsewhere.append(piece)
        author = Author.objects.get(user=ada)
        own = elsewhere[3].get_absolute_url()
        stays = [
            own, f"{own}print/", f"{own}history/", f"{own}index.md", f"{own}cite.bib", f"{own}report/",
            *(f"{page}{feed}" for page in ("/regions/peru/", "/topics/far-topic/", author.get_absolute_url()) for feed in ("", "feed/", "feed.json")),
        ]  # fmt: skip
        touched = [
            "/", shelf.piece.get_absolute_url(), "/regions/japan/", "/regions/east-asia/", "/topics/common/", f"/series/{WORD}-feature/",
            "/authors/alice-marlowe/", f"/authors/{WORD}-collective/", "/feed/", "/archive/", "/search/?q=harbours",
        ]  # fmt: skip
        coming = piece_in("editing", author=alice, editor=bob, title="Two walk a wombat home")
        writing.add_byline(coming, Author.objects.get(single_name=f"{WORD} collective"))
        coming.regions.add(region("Fiji", "Pacific"))
        coming.tags.add("common")
        coming.series, coming.series_position = shelf.piece.series, 1
        coming.save(update_fields=["series", "series_position"])
        perform(coming, "settle_approval", by=managing(), how="waived", note="Both said yes at the table.")
    process.settle()

    def publish() -> None:
        perform(coming, "publish", by=bob)

    for change in (publish, lambda: _correct(shelf, alice, bob), lambda: _retract(shelf, alice, bob)):
        warm(process, [*stays, *touched])
        change()
        process.settle()
        assert [a for a in stays if not process.is_kept(a)] == []
        assert untrue(process, [*stays, *touched]) == []
        assert [a for a in touched if process.is_kept(a)] == []


def test_a_page_that_speaks_of_the_time_is_made_anew_in_time(process: Process, alice: User, bob: User) -> None:
    """News are of two days, and a piece says how many years it is old."""
    with transaction.atomic():
        new = published(alice, bob, title="New", at=ago(hours=1))
        older = published(alice, bob, title="Older", at=ago(hours=40))
        old = published(alice, bob, title="Old", at=ago(days=400))
    process.settle()
    for address, piece, span in (
        ("/sitemap-news.xml", older, datetime.timedelta(days=2)),
        (old.get_absolute_url(), old, datetime.timedelta(days=730)),
        (new.get_absolute_url(), new, datetime.timedelta(days=365)),
    ):
        process.get(address)
        assert piece.published_at is not None
        entry = process.store.entries[(False, address)]
        assert entry.until == pytest.approx((piece.published_at + span).timestamp() * 1e9, abs=1e6)
        entry.until = 1
        assert not process.is_kept(address)
        assert process.get(address).status == 200
        assert process.is_kept(address)
