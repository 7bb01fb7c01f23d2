"""Published pieces found for the link dialog, at the desk and in the portal."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.cast import draft, piece_in
from tests.editorial.desk import client_of

PORTAL, DESK = "/contribute/pieces/", "/admin/articles/article/pick/"


def results(client: Client, address: str, q: str) -> list[dict[str, str]]:
    response = client.get(address, {"q": q})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store" or "no-cache" in response.headers["Cache-Control"]
    return response.json()["results"]


def test_only_what_readers_can_find(alice: User, bob: User) -> None:
    public = piece_in("published", author=alice, editor=bob, title="Harbours at dusk")
    draft(alice, title="Harbours unpublished")
    piece_in("editing", author=alice, editor=bob, title="Harbours in editing")
    for client, address in ((client_of(alice), PORTAL), (client_of(bob), DESK)):
        found = results(client, address, "harbou")
        assert found == [
            {
                "title": "Harbours at dusk",
                "url": public.get_absolute_url(),
                "by": "Alice Marlowe",
                "on": found[0]["on"],
            }
        ]
        assert results(client, address, "harbours dusk")[0]["url"] == public.get_absolute_url()
        assert results(client, address, "tides") == found  # a word of the text


@pytest.mark.parametrize(
    "q", ["", " ", "\x00", "%", "_", "'\"\\", "a" * 5000, "x\x00y", "\ud800".encode("utf-8", "surrogatepass"), "–"]
)
def test_nothing_typed_is_a_crash(alice: User, q: Any) -> None:
    assert results(client_of(alice), PORTAL, q) == []


def test_who_may_ask(alice: User, sam: User) -> None:
    assert Client().get(PORTAL, {"q": "x"}).status_code == 302
    assert Client().get(DESK, {"q": "x"}).status_code == 302
    assert client_of(alice).get(DESK, {"q": "x"}).status_code in (302, 403)


def test_the_queries_stay_as_few(alice: User, bob: User) -> None:
    client = client_of(alice)
    counts = []
    for number in (1, 2, 3):
        piece_in("published", author=alice, editor=bob, title=f"Harbours {number}")
        with CaptureQueriesContext(connection) as queries:
            assert len(results(client, PORTAL, "harbours")) == number
        counts.append(len(queries))
    assert counts[0] == counts[2]
