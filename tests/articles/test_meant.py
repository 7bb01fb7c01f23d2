"""The page for an address where there is nothing: what may have been meant, of what is listed, for few queries."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from articles.spelling import learn
from tests.articles.shelf import published
from tests.cast import piece_in

pytestmark = pytest.mark.django_db


def offered(client: Client, address: str) -> list[str]:
    page = client.get(address)
    assert page.status_code == 404, address
    assert page["Cache-Control"] == "public, max-age=0, must-revalidate"
    return re.findall(r'<li><a href="[^"]*" dir="auto">(.*?)</a></li>', page.content.decode())


@pytest.fixture
def piece(alice: User, bob: User) -> Article:
    found = published(alice, bob, title="Korean peninsula peace prospects unravelling", tags=("Nuclear policy",))
    published(alice, bob, title="Harbours of the south")
    learn(timezone.now(), 10)
    return found


@pytest.mark.parametrize(
    "address",
    [
        "/2020/01/25/korean-peninsula-peace-prospects/", "/korean-peninsula-peace-prospects-unravelling-in-2020.html", "/korea/korean_peninsula_peace",
        "/2020/01/25/korean-peninsular-peace-prospets/", "/KOREAN-PENINSULA-PEACE/", "/archive/unravelling/",
    ],
)  # fmt: skip
def test_pieces_are_found_by_the_words_of_an_address(client: Client, piece: Article, address: str) -> None:
    assert offered(client, address)[:1] == ["Korean peninsula peace prospects unravelling"]


@pytest.mark.parametrize(
    ("address", "name"),
    [("/authors/alice-marlow/", "Alice Marlowe"), ("/authors/marlowe/", "Alice Marlowe"), ("/topics/nuclear-polcy/", "Nuclear policy"), ("/regions/jappan/", "Japan"), ("/east-asia/x/", "East Asia")],
)  # fmt: skip
def test_names_are_found_too(client: Client, piece: Article, address: str, name: str) -> None:
    assert offered(client, address)[:1] == [name]


@pytest.mark.parametrize(
    "address",
    ["/wp-login.php", "/.env", "/korean.js", "/static/korean/x/", "/admin/korean/", "/" + "korean-" * 60, "/2020/01/25/12345/", "/the-of-and/", "/%00/", "/'%25_/", "/x-y-z/", "/%F0%9F%A6%9C/"],
)  # fmt: skip
def test_nothing_is_offered_where_nothing_can_be_meant(client: Client, piece: Article, address: str) -> None:
    page = client.get(address, follow=True)
    assert "Did you mean" not in page.content.decode()


def test_what_is_hidden_makes_no_difference(client: Client, piece: Article, alice: User, bob: User) -> None:
    addresses = ("/2020/01/25/zyxocanary-sings/", "/topics/zyxocanary/", "/korean-peninsula-peace/")
    before = [client.get(address).content for address in addresses]
    hidden = piece_in("ready", author=alice, editor=bob, title="The zyxocanary sings of the Korean peninsula")
    hidden.tags.add("zyxocanary")
    assert [client.get(address).content for address in addresses] == before


def test_it_costs_few_queries(client: Client, piece: Article) -> None:
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    assert count("/korean-peninsula-peace-x/") <= 12
    assert count("/wp-login.php") <= 3
