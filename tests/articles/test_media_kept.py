"""Pictures through the page cache: as fast as bytes while readers have them, and gone with the last page that has them."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from articles import renditions
from articles.listing import relist
from articles.models import Article, Image, Region, Series
from editorial.perform import perform
from tests.articles.shelf import ago, published
from tests.cast import BODY, edit, picture, piece_in
from tests.editorial.desk import client_of
from tests.kept import Got, Process, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def image(process: Process, alice: User) -> Image:
    found = picture()
    renditions.make(found)
    return found


@pytest.fixture
def piece(process: Process, alice: User, bob: User, image: Image) -> Article:
    with transaction.atomic():
        found = published(alice, bob, title="The harbour", at=ago(days=3), lead_image=image)
    process.settle()
    return found


def ways(image: Image) -> list[str]:
    """Every address of a picture: itself, its renditions, its shapes."""
    sources = (*image.sources, *image.card_sources)
    parts = [part.split(" ")[0] for source in sources for part in source.srcset.split(", ")]
    return [image.file.url, *parts, *(one.url for one in image.shaped)]


def asked_for(process: Process, step: Callable[[], object]) -> int:
    before = len(process.django.asked)
    step()
    return len(process.django.asked) - before


def test_django_is_asked_once_for_each_address(process: Process, piece: Article, image: Image) -> None:
    addresses = ways(image)
    assert len(addresses) > 6
    for address in addresses:
        for _ in range(2):
            got = process.get(address)
            assert got.status == 200
            assert got.body == Path(image.file.storage.path(address.removeprefix("/media/"))).read_bytes()
            assert got.headers["Cache-Control"] == "public, max-age=31536000, immutable, s-maxage=3600"
            assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert got.headers["X-Content-Type-Options"] == "nosniff"
            assert "Vary" not in got.headers
    assert len(process.django.asked) == len(addresses)
    # Their bytes are the disk's.
    assert all(not entry.file.body for entry in process.store.entries.values() if entry.file)


def test_kept_or_not_it_is_the_same_answer(process: Process, piece: Article, image: Image) -> None:
    process.get(image.file.url)
    kept, django = process.get(image.file.url), Client().get(image.file.url)
    told = {name.title(): value for name, value in django.headers.items()}
    assert kept.headers == told | {"Accept-Ranges": "bytes"}
    assert kept.body == django.getvalue()
    tag = kept.headers["Etag"]
    for got in (
        process.get(image.file.url, If_None_Match=tag),
        process.get(image.file.url, If_None_Match=f'W/"x", {tag}'),
    ):
        assert (got.status, got.body) == (304, b"")
        assert "Content-Length" not in got.headers
        assert got.headers["Cache-Control"] == kept.headers["Cache-Control"]
    assert Client().get(image.file.url, headers={"If-None-Match": tag}).status_code == 304
    head = process.ask(image.file.url, "HEAD")
    assert (head.body, head.headers) == (b"", kept.headers)
    part = process.get(image.file.url, Range="bytes=2-5")
    assert (part.status, part.body) == (206, kept.body[2:6])
    for query in ("x=1", "utm_source=mail", "%00=%ff"):
        assert asked_for(process, lambda query=query: process.get(f"{image.file.url}?{query}")) == 0  # type: ignore[misc]
    assert process.ask(image.file.url, "POST", b"x").status in (403, 405)


def gone(got: Got) -> bool:
    assert (got.status, got.headers["Cache-Control"]) in ((200, "public, max-age=31536000, immutable, s-maxage=3600"), (404, "private, no-store"))  # fmt: skip
    return got.status == 404


def test_it_goes_with_the_piece_that_is_taken_down(process: Process, piece: Article, image: Image, mara: User) -> None:
    addresses = ways(image)
    assert not any(gone(process.get(address)) for address in addresses * 2)
    perform(piece, "take_down", by=mara, reason="Asked for by a court.", note="Asked for by a court.")
    process.settle()
    assert all(gone(process.get(address)) for address in addresses * 2)
    # Who has it is not told that it is still right.
    assert process.get(image.file.url, If_None_Match="*").status == 404
    assert process.get(image.file.url, Range="bytes=0-1").status == 404


def test_it_stays_with_a_retracted_piece_and_goes_with_a_correction(
    process: Process, piece: Article, image: Image, bob: User, mara: User
) -> None:
    other = picture()
    within = f'{BODY}<figure><img src="{other.file.url}" alt="x"></figure>'
    assert gone(process.get(other.file.url))
    edit(piece, bob, lead_image=None, body=within)
    process.settle()
    # The desk's text is not the readers'.
    assert [gone(process.get(one.file.url)) for one in (image, other)] == [False, True]
    perform(piece, "update", by=bob, kind="copy_fix")
    process.settle()
    assert [gone(process.get(one.file.url)) for one in (image, other)] == [True, False]


def test_one_that_another_page_has_too_stays(process: Process, piece: Article, image: Image, mara: User) -> None:
    region = Region.objects.create(name="Asia", image=image)
    process.settle()
    assert not gone(process.get(image.file.url))
    perform(piece, "take_down", by=mara, reason="Asked for by a court.", note="Asked for by a court.")
    process.settle()
    assert not gone(process.get(image.file.url))
    assert asked_for(process, lambda: process.get(image.file.url)) == 0
    Region.objects.filter(pk=region.pk).update(image=None)
    process.settle()
    assert gone(process.get(image.file.url))


def test_another_piece_does_not_touch_it(
    process: Process, piece: Article, image: Image, alice: User, bob: User
) -> None:
    process.get(image.file.url)
    with transaction.atomic():
        published(alice, bob, title="Another", at=ago(days=1))
    process.settle()
    assert asked_for(process, lambda: process.get(image.file.url)) == 0


def test_a_cover_goes_with_its_series(process: Process, alice: User, bob: User) -> None:
    cover = picture()
    series = Series.objects.create(title="Waters", cover=cover)
    with transaction.atomic():
        piece = published(alice, bob, title="The river", at=ago(days=3))
        piece.series = series
        piece.save(update_fields=["series"])
        relist(piece)
    process.settle()
    assert not gone(process.get(cover.file.url))
    with transaction.atomic():
        Article.objects.filter(pk=piece.pk).update(published_at=timezone.now() + datetime.timedelta(days=1))
        relist(Article.objects.get(pk=piece.pk))
    process.settle()
    assert gone(process.get(cover.file.url))


def test_what_readers_do_not_have_is_never_kept(process: Process, alice: User, bob: User) -> None:
    draft = picture()
    with transaction.atomic():
        piece_in("editing", author=alice, editor=bob, lead_image=draft)
    session = f"sessionid={client_of(bob).cookies['sessionid'].value}"
    for _ in range(2):
        assert gone(process.get(draft.file.url))
        seen = process.get(draft.file.url, Cookie=session)
        assert (seen.status, seen.headers["Cache-Control"]) == (200, "private, no-store")
    assert process.store.entries == {}


def test_a_file_that_is_lost_or_written_anew_is_looked_for_again(
    process: Process, piece: Article, image: Image
) -> None:
    small = ways(image)[1]
    path = Path(image.file.storage.path(small.removeprefix("/media/")))
    process.get(small)
    path.write_bytes(b"another")
    assert (process.get(small).body, process.get(small).body) == (b"another", b"another")
    path.unlink()
    # A page that is open names a rendition that was replaced: it gets the whole picture, and nobody keeps it so.
    whole = Path(image.file.path).read_bytes()
    for _ in range(2):
        got = process.get(small)
        assert (got.status, got.body, got.headers["Cache-Control"]) == (200, whole, "no-cache")
    Path(image.file.path).unlink()
    assert gone(process.get(small))


@pytest.mark.parametrize("path", [
    "images/../../secret_key", "images/ab/..%2f..%2fsecret_key", "../secret_key", "//etc/passwd", "images/ab/%00.jpg", "images/é/x.jpg", "images/ab/x.jpg/",
    "cards/../images/x.jpg", "images\\ab\\x.jpg", "%2e%2e/secret_key", "images/ab/" + "x" * 3000 + ".jpg",
])  # fmt: skip
def test_no_path_leads_elsewhere(process: Process, path: str) -> None:
    got = process.get(f"/media/{path}")
    assert got.status == 404
    assert process.store.entries == {}


def test_a_cdn_may_keep_it_as_long_as_it_is_told(tmp_path: Path, settings: Any, alice: User, bob: User) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "http://localhost", ["localhost"]
    settings.CDN_SECONDS = 86_400
    image = picture()
    with transaction.atomic():
        piece = published(alice, bob, at=ago(days=3), lead_image=image)
    with running(tmp_path / "words") as process:
        got = process.get(image.file.url)
        assert got.headers["Cache-Control"].startswith("public, max-age=31536000, immutable, s-maxage=")
        assert int(got.headers["Cache-Control"].rpartition("=")[2]) > 3600 or timezone.now().hour == 23
        assert set(got.headers["Surrogate-Key"].split()) == {f"article:{piece.pk}", "furniture"}
        # Who is signed in gets the same from Django, without what it could be dropped by.
        got = process.get(image.file.url, Cookie=f"{settings.SESSION_COOKIE_NAME}=x")
        assert (got.status, got.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable, s-maxage=0")
        assert "Surrogate-Key" not in got.headers
