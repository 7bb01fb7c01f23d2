"""Which pictures readers may fetch: those that they have on some page, and no other."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from articles import renditions
from articles.listing import relist
from articles.models import Article, Image, Portrait, Region, Series, Tag
from authors.models import Author
from editorial.perform import perform
from forum.models import Page
from tests.cast import BODY, edit, picture, piece_in
from tests.editorial.desk import client_of

pytestmark = pytest.mark.django_db


def is_public(image: Image) -> bool:
    response = Client().get(image.file.url)
    if response.status_code == 200:
        assert response["Cache-Control"] == "public, max-age=31536000, immutable, s-maxage=3600"
        assert "Cookie" not in response.get("Vary", "")
        return True
    assert response.status_code == 404
    assert response["Cache-Control"] == "private, no-store"
    return False


def within(image: Image) -> str:
    return f'{BODY}<figure><img src="{image.file.url}" alt="x"></figure>'


def with_both(status: str, author: User, editor: User) -> tuple[Article, list[Image]]:
    lead, body = picture(), picture()
    return piece_in(status, author=author, editor=editor, lead_image=lead, body=within(body)), [lead, body]


@pytest.mark.parametrize(
    "status", ["draft", "submitted", "editing", "approval", "ready", "declined", "withdrawn", "scheduled", "taken_down"]
)
def test_what_readers_do_not_have_is_not_public(alice: User, bob: User, sam: User, mara: User, status: str) -> None:
    _, found = with_both(status, alice, bob)
    seers = {"alice": client_of(alice), "sam": client_of(sam), "mara": client_of(mara)}
    # Nobody at the desk sees what an author has not handed in.
    may = {"alice"} if status == "draft" else {"alice", "mara"}
    for image in found:
        assert not is_public(image)
        assert {name for name, client in seers.items() if client.get(image.file.url).status_code == 200} == may
        assert seers["alice"].get(image.file.url)["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("status", ["published", "retracted"])
def test_what_readers_have_is_public(alice: User, bob: User, mara: User, status: str) -> None:
    _, found = with_both(status, alice, bob)
    assert all(is_public(image) for image in found)


def test_a_picture_leaves_with_the_text_that_had_it(alice: User, bob: User) -> None:
    piece, (lead, body) = with_both("published", alice, bob)
    other = picture()
    edit(piece, bob, body=within(other), lead_image=None)
    assert [is_public(image) for image in (lead, body, other)] == [True, True, False]
    perform(piece, "update", by=bob, kind="copy_fix")
    assert [is_public(image) for image in (lead, body, other)] == [False, False, True]


def test_covers_regions_topics_portraits_and_pages_are_public(alice: User, bob: User) -> None:
    loose, cover, intro, region, tag, portrait, page, draft = (picture() for _ in range(8))
    series = Series.objects.create(
        title="Waters", cover=cover, introduction=f'<p>x</p><figure><img src="{intro.file.url}" alt="x"></figure>'
    )
    Region.objects.create(name="Asia", image=region)
    topic = Tag.objects.create(name="Tides", image=tag)
    Portrait.objects.create(author=Author.objects.get(user=alice), image=portrait)
    Page.objects.create(slug="about", title="About", is_published=True, body=within(page))
    Page.objects.create(slug="soon", title="Soon", body=within(draft))
    # A special feature, a topic or an author of whom nothing is published has no page, and no public picture.
    assert not any(is_public(image) for image in (cover, intro, tag, portrait, loose, draft))
    piece = piece_in("published", author=alice, editor=bob)
    piece.series = series
    piece.save(update_fields=["series"])
    piece.tags.add(topic)
    relist(piece)
    assert all(is_public(image) for image in (cover, intro, region, tag, portrait, page))
    assert not is_public(loose)
    assert not is_public(draft)


def test_a_rendition_is_as_public_as_its_picture(alice: User, bob: User) -> None:
    piece = piece_in("ready", author=alice, editor=bob, lead_image=(image := picture()))
    renditions.make(image)
    urls = [
        part.split(" ")[0] for source in (*image.sources, *image.card_sources) for part in source.srcset.split(", ")
    ]
    assert len(urls) > 6
    assert {Client().get(url).status_code for url in urls} == {404}
    perform(piece, "publish", by=bob)
    for url in urls:
        response = Client().get(url)
        assert response.status_code == 200
        assert response["Content-Type"] == f"image/{url.rsplit('.', 1)[1]}"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"


def test_a_rendition_that_was_replaced_is_answered_with_the_picture(alice: User, bob: User) -> None:
    piece_in("published", author=alice, editor=bob, lead_image=(image := picture()))
    url = image.file.storage.url(image.rendition_name(240, "avif", "100-100"))
    response = Client().get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["Cache-Control"] == "no-cache"


def test_one_query_for_readers(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    piece_in("published", author=alice, editor=bob, lead_image=(image := picture()))
    with django_assert_num_queries(1):
        Client().get(image.file.url)
    with django_assert_num_queries(2):  # the picture, and an old address that might lead elsewhere
        Client().get("/media/images/xx/unknown.jpg")
    loose, client = picture(), client_of(bob)
    with django_assert_num_queries(7):  # the picture, who is signed in, and what they may see
        client.get(loose.file.url)


@pytest.mark.parametrize("path", [
    "", "images/", "images/ab/", "../secret_key", "images/../../secret_key", "images/ab/..%2f..%2fsecret_key", "%00", "images/ab/a%00.jpg",
    "images/ab/x.jpg/y", "/etc/passwd", "images/ab/x.svg", "x" * 5000, "images/ab/x.w99999999999999999.avif", "images/é/x.jpg",
])  # fmt: skip
def test_anything_else_is_not_there(path: str, root: User) -> None:
    for client in (Client(), client_of(root)):
        assert client.get(f"/media/{path}").status_code == 404


def test_a_get_alone(alice: User, bob: User) -> None:
    piece_in("published", author=alice, editor=bob, lead_image=(image := picture()))
    assert Client().head(image.file.url).status_code == 200
    assert Client().post(image.file.url).status_code == 405
