"""Addresses of the site that a piece came from lead to it, whatever the piece's state allows, and cost a found page nothing."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from articles import old_addresses
from articles.models import Article, OldAddress
from tests.articles.shelf import ago, published
from tests.cast import managing, piece_in, retract, take_down

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(alice: User, bob: User) -> Article:
    """A piece with addresses of WordPress and Ghost."""
    article = published(alice, bob, title="Tide tables", at=ago(days=3))
    for path in ("/?p=123", "/2013/05/tide-tables", "/blog/tide-tables.html", "/index.php?id=7", "/fähre"):
        OldAddress.objects.create(path=path, article=article)
    return article


@pytest.mark.parametrize(
    "address",
    [
        "/?p=123", "/?p=123&utm_source=mail", "/?utm_source=mail&p=123", "/2013/05/tide-tables/", "/2013/05/tide-tables", "/2013/05/Tide-Tables/",
        "/2013/05/tide-tables/?share=twitter", "/blog/tide-tables.html", "/BLOG/tide-tables.HTML", "/blog//tide-tables.html", "/index.php?id=7",
        "/f%C3%A4hre", "/f%c3%a4hre/",
    ],
)  # fmt: skip
def test_an_old_address_leads_to_the_piece(client: Client, moved: Article, address: str) -> None:
    for answer in (client.get(address), client.head(address)):
        assert (answer.status_code, answer["Location"]) == (301, moved.get_absolute_url())
    assert "public" in answer["Cache-Control"]


@pytest.mark.parametrize("address", ["/?p=124", "/?q=123", "/", "/?p=", "/?", "/?p=123%00"])
def test_the_front_page_stays_where_nothing_else_is_meant(client: Client, moved: Article, address: str) -> None:
    assert client.get(address).status_code == (301 if address.startswith("/?p=123") else 200)


@pytest.mark.parametrize(
    "address",
    [
        "/2013/05/other/",
        "/index.php",
        "/index.php?id=8",
        "/%00",
        "/%ff%fe",
        "/" + "a" * 3000 + "/b/",
        "/blog/?" + "&" * 500,
    ],
)
def test_what_is_no_old_address_is_not_found(client: Client, moved: Article, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_form_sent_to_an_old_address_is_not_led_on(client: Client, moved: Article) -> None:
    assert client.post("/blog/tide-tables.html").status_code == 404
    assert client.post("/?p=123").status_code == 405


def test_the_state_of_the_piece_rules(client: Client, moved: Article, bob: User) -> None:
    retract(moved, managing(), bob)
    assert client.get("/?p=123").status_code == 301
    take_down(moved, managing())
    answer = client.get("/?p=123")
    assert answer.status_code == 410
    assert "no longer published" in answer.content.decode()
    assert "Tide tables" not in answer.content.decode()
    assert client.get("/blog/tide-tables.html").status_code == 410


def test_what_is_not_public_is_not_told(client: Client, alice: User, bob: User) -> None:
    for number, state in enumerate(("draft", "ready", "scheduled", "withdrawn")):
        article = piece_in(state, author=alice, editor=bob, title=f"Hidden {number}")
        OldAddress.objects.create(path=f"/old/{number}", article=article)
        OldAddress.objects.create(path=f"/?p={number}", article=article)
        assert client.get(f"/old/{number}/").status_code == 404, state
        assert client.get(f"/?p={number}").status_code == 200, state


def test_a_page_that_is_found_asks_nothing_more(client: Client, moved: Article) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for address in (moved.get_absolute_url(), "/", f"{moved.get_absolute_url()}?utm_source=x"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        assert not [q for q in queries if "articles_oldaddress" in q["sql"]], address
    with CaptureQueriesContext(connection) as queries:
        client.get("/nothing/here/")
    assert len([q for q in queries if "articles_oldaddress" in q["sql"]]) == 1


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("https://Old.example/2013/05/Slug/", "/2013/05/slug"), ("//old.example/a?b=1#c", "/a?b=1"), ("blog/a.html", "/blog/a.html"), ("/?p=1", "/?p=1"),
        ("https://old.example/", ""), ("/", ""), ("", ""), ("#top", ""), ("/f%C3%A4hre/", "/fähre"), ("/%ff", "/%ff"), ("/a\x00b", "/ab"), ("/" + "x" * 501, ""),
    ],
)  # fmt: skip
def test_addresses_are_kept_in_one_form(given_: str, kept: str) -> None:
    assert old_addresses.normalise(given_) == kept


@given(st.text(max_size=60), st.text(max_size=40))
def test_any_address_can_be_asked_for(path: str, query: str) -> None:
    for found in old_addresses.candidates(f"/{path}", query):
        assert "\x00" not in found
        assert len(found) <= old_addresses.LONGEST
        found.encode()
