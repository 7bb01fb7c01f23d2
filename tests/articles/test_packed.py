"""Pages for readers travel compressed, and what a browser kept is still known by either form's ETag."""

import gzip

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from articles.views.packed import takes_gzip
from tests.articles.shelf import published

GZIP = {"accept-encoding": "gzip, deflate, br"}


@pytest.mark.parametrize(
    ("header", "is_taken"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, GZIP;q=0.8, *;q=0.1", True),
        ("deflate,x-gzip", True),
        ("gzip ; q=0.001", True),
        ("", False),
        ("identity", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("notgzip", False),
        ("gzipped", False),
    ],
)
def test_compressed_for_whom_takes_it(header: str, is_taken: bool) -> None:
    assert takes_gzip(header) is is_taken


@given(st.text(max_size=40) | st.text(alphabet="gzip;q=01., *-x", max_size=30))
def test_any_header_is_read(header: str) -> None:
    takes_gzip(header)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["article", "/", "/feed/", "/search/?q=harbours", "/authors/alice-marlowe/"])
def test_the_same_page_in_either_form(client: Client, alice: User, bob: User, address: str) -> None:
    article = published(alice, bob)
    address = article.get_absolute_url() if address == "article" else address
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert gzip.decompress(packed.content) == plain.content
    assert (packed["Content-Encoding"], plain.get("Content-Encoding")) == ("gzip", None)
    assert packed["Content-Length"] == str(len(packed.content))
    assert len(packed.content) < len(plain.content) / 2
    assert "Accept-Encoding" in plain["Vary"]
    assert "Accept-Encoding" in packed["Vary"]
    # Strong for the bytes themselves, weak for the same page in other bytes.
    assert packed["ETag"] == f"W/{plain['ETag']}"
    # Compressed twice it is the same bytes: nothing of the moment is in them.
    assert client.get(address, headers=GZIP).content == packed.content
    for kept in (plain["ETag"], packed["ETag"], f'"x", {packed["ETag"]}', "*"):
        for accepts in ({}, GZIP):
            again = client.get(address, headers={"if-none-match": kept, **accepts})
            assert (again.status_code, again.content) == (304, b"")
            assert "Content-Encoding" not in again
            assert "Accept-Encoding" in again["Vary"]
            assert again["ETag"] == (packed if accepts else plain)["ETag"]


@pytest.mark.django_db
def test_head_says_what_get_would(client: Client, alice: User, bob: User) -> None:
    address = published(alice, bob).get_absolute_url()
    get, head = client.get(address, headers=GZIP), client.head(address, headers=GZIP)
    assert head.headers.items() == get.headers.items()
    assert head.content == b""


@pytest.mark.django_db
def test_nothing_with_a_key_in_it_is_compressed(client: Client, alice: User, bob: User) -> None:
    """Its length would tell the key, letter by letter (BREACH)."""
    report = f"{published(alice, bob).get_absolute_url()}report/"
    pages = [
        client.get("/accounts/login/", headers=GZIP),
        client.get("/accounts/signup/", headers=GZIP),
        client.post(report, {"quote": "x", "message": "It was May."}, headers=GZIP),
    ]
    for page in pages:
        assert b"csrfmiddlewaretoken" in page.content
        assert "Content-Encoding" not in page
    client.force_login(bob)
    assert "Content-Encoding" not in client.get("/admin/", headers=GZIP)


@pytest.mark.django_db
def test_a_public_page_holds_no_key(client: Client, alice: User, bob: User) -> None:
    address = published(alice, bob).get_absolute_url()
    for page in ("/", address, f"{address}report/", f"{address}history/", "/search/?q=x"):
        assert b"csrfmiddlewaretoken" not in client.get(page).content
