"""Uploads in a bucket that speaks S3: from the upload to the take-down, by the same addresses and for the same people."""

import io
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as forum
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from PIL import Image as Pillow

from accounts.models import User
from articles import images
from articles.book.pictures import content_of
from articles.models import Article, Image, ShareCard
from articles.share_cards import cards
from editorial.perform import perform
from forum.bucket import Bucket
from forum.pagecache.store import LARGEST_SHARE
from tests.articles.shelf import ago, published
from tests.cast import BODY, piece_in
from tests.editorial.desk import client_of
from tests.forum.bucket import NAME, bucket, names
from tests.kept import Process, alone, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def s3() -> Iterator[Any]:
    with bucket() as client:
        yield client


@pytest.fixture
def process(s3: Any, tmp_path: Path, settings: Any) -> Iterator[Process]:
    with alone(tmp_path, settings) as one:
        yield one


def uploaded() -> Image:
    """As an editor hands it in."""
    out = io.BytesIO()
    Pillow.new("RGB", (700, 500), "teal").save(out, "JPEG")
    out.seek(0)
    return images.store(out, len(out.getvalue()), licence=Image.Licence.OWN, alt="Cranes", credit="Ada")


def addresses_of(image: Image) -> list[str]:
    image.refresh_from_db()
    parts = [
        part.split(" ")[0] for source in (*image.sources, *image.card_sources) for part in source.srcset.split(", ")
    ]
    return [image.file.url, *parts, *(one.url for one in image.shaped)]


def test_a_process_that_parted_has_connections_of_its_own(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one and the same, two of them would get each other's files."""
    before: Any = default_storage.client  # type: ignore[attr-defined]  # a bucket
    assert default_storage.client is before  # type: ignore[attr-defined]
    with monkeypatch.context() as parted:
        parted.setattr(os, "getpid", lambda: -1)
        after = default_storage.client  # type: ignore[attr-defined]
    assert after is not before
    assert after._endpoint.http_session is not before._endpoint.http_session


def test_from_the_upload_to_the_take_down(
    s3: Any, process: Process, drain: Callable[[], None], alice: User, bob: User, mara: User
) -> None:
    image = uploaded()
    assert names(s3) == [image.file.name]
    assert image.file.url == f"/media/{image.file.name}"
    # The worker writes its smaller forms there, and the card of the piece.
    with transaction.atomic():
        within = f'{BODY}<figure><img src="{image.file.url}" alt="Cranes"></figure>'
        piece = published(alice, bob, at=ago(days=3), lead_image=image, body=within)
    drain()
    process.settle()
    addresses = addresses_of(image)
    card = f"/media/{ShareCard.objects.get(article=piece).file}"
    assert len(addresses) > 6
    assert {f"/media/{name}" for name in names(s3)} >= {*addresses, card}
    # The page names them on our own host, so that the policy needs no other.
    page = process.get(piece.get_absolute_url())
    assert addresses[1] in page.text
    assert card in page.text
    assert "amazonaws" not in page.text
    for address in (*addresses, card):
        before = len(process.django.asked)
        for _ in range(2):
            got = process.get(address)
            assert got.status == 200
            assert got.body == s3.get_object(Bucket=NAME, Key=address.removeprefix("/media/"))["Body"].read()
            assert got.headers["Cache-Control"] == "public, max-age=31536000, immutable, s-maxage=3600"
            assert (
                s3.head_object(Bucket=NAME, Key=address.removeprefix("/media/"))["ContentType"]
                == got.headers["Content-Type"]
            )
        assert len(process.django.asked) == before + 1
        assert process.get(address, If_None_Match=got.headers["Etag"]).status == 304
        assert process.get(address, Range="bytes=1-3").body == got.body[1:4]
    # A book's own form is kept there too.
    assert content_of(image) == content_of(image)
    perform(piece, "take_down", by=mara, reason="Asked for by a court.", note="Asked for by a court.")
    process.settle()
    assert {process.get(address).status for address in (*addresses, card)} == {404}
    # Whoever knows the bucket gets nothing from it.
    for address in addresses:
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{s3.meta.endpoint_url}/{NAME}/{address.removeprefix('/media/')}")  # noqa: S310  loopback


def test_a_draft_s_picture_is_for_who_may_see_it(s3: Any, process: Process, alice: User, bob: User, sam: User) -> None:
    image = uploaded()
    with transaction.atomic():
        piece_in("editing", author=alice, editor=bob, lead_image=image)
    assert process.get(image.file.url).status == 404
    may = {alice: 200, bob: 200, sam: 404}
    for person, status in may.items():
        seen = client_of(person).get(image.file.url)
        assert (seen.status_code, seen["Cache-Control"]) == (status, "private, no-store"), person
    assert process.store.entries == {}


def test_one_that_is_too_large_to_keep_is_fetched_each_time(s3: Any, process: Process, alice: User, bob: User) -> None:
    image = uploaded()
    with transaction.atomic():
        published(alice, bob, at=ago(days=3), lead_image=image)
    body = os.urandom(int(process.store.limit * LARGEST_SHARE) + 1)
    s3.put_object(Bucket=NAME, Key=image.file.name, Body=body)
    process.settle()
    assert [process.get(image.file.url).body for _ in range(2)] == [body, body]
    assert process.store.entries == {}
    # What is not is counted with the pages.
    s3.put_object(Bucket=NAME, Key=image.file.name, Body=body[:100_000])
    assert process.get(image.file.url).body == body[:100_000]
    assert process.store.size > 100_000


def test_one_that_is_lost_or_out_of_reach(s3: Any, process: Process, alice: User, bob: User) -> None:
    image = uploaded()
    with transaction.atomic():
        published(alice, bob, at=ago(days=3), lead_image=image)
    process.settle()
    s3.delete_object(Bucket=NAME, Key=image.file.name)
    assert process.get(image.file.url).status == 404
    for name in names(s3):
        s3.delete_object(Bucket=NAME, Key=name)
    s3.delete_bucket(Bucket=NAME)
    for got in (process.get(image.file.url), process.get(image.file.url)):
        assert (got.status, got.headers["Cache-Control"]) == (503, "private, no-store")


def test_a_bucket_that_does_not_answer_costs_a_page_its_card_alone(
    s3: Any, process: Process, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic():
        address = published(alice, bob, at=ago(days=3)).get_absolute_url()
    process.settle()
    monkeypatch.setattr(cards, "_seen", set())
    monkeypatch.setattr(cards, "_unsaid", {})
    asked: list[str] = []

    def exists(self: Any, name: str) -> bool:
        asked.append(name)
        raise OSError("The bucket is far away.")

    with monkeypatch.context() as away:
        away.setattr(Bucket, "exists", exists)
        for page in (address, f"{address}print/"):
            assert process.get(page).status == 200
    assert len(asked) == 1
    # Kept no longer than until it may be asked again.
    assert all(0 < entry.until <= time.time_ns() + cards.AGAIN * 10**9 for entry in process.store.entries.values())
    config = default_storage.client.meta.config  # type: ignore[attr-defined]  # a bucket
    assert (config.connect_timeout, config.s3["addressing_style"], config.signature_version) == (3, "path", "s3v4")


@pytest.mark.parametrize("is_bucket", [True, False])
def test_a_proxy_in_front_sends_what_it_is_told(
    is_bucket: bool, tmp_path: Path, settings: Any, alice: User, bob: User, mara: User, request: pytest.FixtureRequest
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS, settings.MEDIA_ACCEL = (
        "http://localhost",
        ["localhost", "testserver"],
        "/_media",
    )
    client = request.getfixturevalue("s3") if is_bucket else None
    image, draft = uploaded(), uploaded()
    with transaction.atomic():
        piece = published(alice, bob, at=ago(days=3), lead_image=image)
        piece_in("editing", author=alice, editor=bob, title="Another", lead_image=draft)
    with running(tmp_path / "words") as process:
        for _ in range(2):
            got = process.get(image.file.url)
            assert (got.status, got.body, got.headers["Content-Type"]) == (200, b"", "image/jpeg")
            path = got.headers["X-Accel-Redirect"]
            assert path.startswith("/_media/")
            if client:
                signed = urllib.request.urlopen(client.meta.endpoint_url + path.removeprefix("/_media")).read()  # noqa: S310  loopback
                assert signed == default_storage.open(image.file.name).read()
            else:
                assert path == f"/_media/{image.file.name}"
        assert len(process.django.asked) == 1
        (entry,) = process.store.entries.values()
        # A signed address is told again before it has expired.
        assert bool(entry.until) == is_bucket
        assert process.get(draft.file.url).status == 404
        seen = client_of(alice).get(draft.file.url)
        assert (seen["Cache-Control"], seen["X-Accel-Redirect"][:8]) == ("private, no-store", "/_media/")
        perform(piece, "take_down", by=mara, reason="Asked for by a court.", note="Asked for by a court.")
        process.settle()
        gone = process.get(image.file.url)
        assert (gone.status, "X-Accel-Redirect" in gone.headers) == (404, False)


START = "import django, sys; django.setup(); from django.core.files.storage import default_storage as s; s.url('x'); print(*sorted({'boto3', 'storages'} & sys.modules.keys()))"


@pytest.mark.parametrize(
    ("said", "found"),
    [({}, ""), ({"MEDIA_STORAGE": "s3", "S3_BUCKET": "b", "S3_ENDPOINT": "http://127.0.0.1:1"}, "boto3 storages")],
)
def test_nothing_of_it_is_loaded_where_it_is_not_used(said: dict[str, str], found: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "forum.settings", "VAR": str(forum.VAR)} | said
    run = subprocess.run(
        [sys.executable, "-c", START], env=environment, cwd=forum.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == found


@pytest.mark.parametrize(
    ("said", "problem"),
    [({"MEDIA_STORAGE": "s3"}, "S3_BUCKET"), ({"MEDIA_STORAGE": "ftp"}, "MEDIA_STORAGE is disk or s3")],
)
def test_a_setting_that_can_t_be_is_told(said: dict[str, str], problem: str) -> None:
    environment = os.environ | {"VAR": str(forum.VAR)} | said
    run = subprocess.run(
        [sys.executable, "-c", "import forum.settings"],
        env=environment,
        cwd=forum.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert problem in run.stderr


def test_a_signed_in_person_and_a_stranger_get_the_same_of_what_is_public(s3: Any, alice: User, bob: User) -> None:
    image = uploaded()
    with transaction.atomic():
        published(alice, bob, at=ago(days=3), lead_image=image)
    assert Article.objects.count() == 1
    got = [client.get(image.file.url) for client in (Client(), client_of(bob))]
    assert got[0].getvalue() == got[1].getvalue()
    assert got[0]["ETag"] == got[1]["ETag"]
