"""What holds on every page for readers: the same bytes for everyone, few queries, plain answers to bad requests."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from articles.listing import relist
from articles.models import Article, Series
from tests.articles.shelf import ago, correct, published
from tests.cast import picture

pytestmark = pytest.mark.django_db

# Queries of each page. Literal, and the same with one row and with three: more rows must not cost more queries. Those of a
# search have four round them that bound its time: two of a transaction within that of the test, and two that say how long.
QUERIES = {
    "/": 4,
    "article": 4,
    "print": 3,
    "/regions/": 3,
    "/regions/japan/": 4,
    "/topics/": 4,
    "/topics/trade/": 4,
    "/authors/": 3,
    "/authors/alice-marlowe/": 6,
    "/series/": 4,
    "/series/the-year/": 7,
    "/archive/": 4,
    "year": 4,
    "month": 4,
    "/search/": 1,
    "/search/?q=harbours": 9,
    "/search/?q=words": 10,
    "/search/?region=japan&topic=trade": 8,
    "/search/?q=harbours&author=alice-marlowe&series=the-year&sort=newest": 10,
    "/search/?q=harbers": 10,
    "/search/?q=harbours&year=1999": 9,
    "/search/suggest/?q=har": 7,
    # Two of them keep since when a changed feed has been as it is.
    "/feed/": 5,
    "/feed/atom/": 5,
    "/feed.json": 5,
    "/regions/japan/feed/": 6,
    "/series/the-year/feed.json": 6,
    "/robots.txt": 1,
}


def address_of(name: str, article: Article) -> str:
    return {
        "article": article.get_absolute_url(),
        "print": f"{article.get_absolute_url()}print/",
        "year": f"/archive/{article.published_on:%Y}/",
        "month": f"/archive/{article.published_on:%Y/%m}/",
    }.get(name, name)


def rich(author: User, editor: User, number: int) -> Article:
    """A piece with everything that could cost a query of its own."""
    article = published(
        author,
        editor,
        title=f"Piece {number}",
        at=ago(seconds=60 + number),
        tags=("Trade", f"Topic {number}"),
        lead_image=picture(),
    )
    article.series, _ = Series.objects.get_or_create(title="The year")
    article.save(update_fields=["series"])
    relist(article)
    correct(article, editor, f"Correction {number}")
    return article


def test_queries_do_not_grow_with_rows(client: Client, alice: User, bob: User) -> None:
    article = rich(alice, bob, 0)
    client.get("/")  # what is read once in the life of a process

    def counts() -> dict[str, int]:
        found = {}
        for name in QUERIES:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address_of(name, article)).status_code == 200
            found[name] = len(queries)
        return found

    assert counts() == QUERIES
    rich(alice, bob, 1)
    rich(alice, bob, 2)
    assert counts() == QUERIES


def test_a_full_front_page_takes_eight_queries(client: Client, alice: User, bob: User) -> None:
    for number in range(8):
        published(alice, bob, title=f"Piece {number}")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert len(queries) == 8


def test_the_same_bytes_for_everyone(client: Client, alice: User, bob: User) -> None:
    article = rich(alice, bob, 0)
    anonymous = {name: client.get(address_of(name, article)) for name in QUERIES}
    client.force_login(bob)
    for name, theirs in anonymous.items():
        with CaptureQueriesContext(connection) as queries:
            mine = client.get(address_of(name, article), headers={"accept-language": "fr"})
        assert mine.content == theirs.content, name
        assert not mine.cookies, name
        assert not theirs.cookies, name
        assert "Cookie" not in mine.get("Vary", ""), name
        assert not any("django_session" in query["sql"] or "accounts_user" in query["sql"] for query in queries), name


def test_kept_and_asked_about_each_time(client: Client, alice: User, bob: User) -> None:
    article = rich(alice, bob, 0)
    for name in QUERIES.keys() - {"/robots.txt"}:
        page = client.get(address_of(name, article))
        assert page["Cache-Control"] == "public, max-age=0, must-revalidate", name
        again = client.get(address_of(name, article), headers={"if-none-match": page["ETag"]})
        assert (again.status_code, again.content) == (304, b""), name


def test_a_correction_changes_the_etag(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    before = {address: client.get(address)["ETag"] for address in (article.get_absolute_url(), "/feed/")}
    correct(article, bob, "It was May.")
    for address, etag in before.items():
        assert client.get(address, headers={"if-none-match": etag}).status_code == 200


def test_head_is_answered_and_post_is_not(client: Client, alice: User, bob: User) -> None:
    article = rich(alice, bob, 0)
    for name in QUERIES:
        address = address_of(name, article)
        head = client.head(address)
        assert (head.status_code, head.content) == (200, b""), name
        for method in ("post", "put", "patch", "delete"):
            refused = getattr(client, method)(address)
            assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD"), (name, method)


ODD = (
    "utm_source=x&fbclid=1",
    "page=99999999999999999999",
    "page=-1",
    "page=x",
    "q=%00",
    "q[]=a",
    "%FF=%FE",
    "page=1&page=2",
    "=",
    "&&",
    "%",
)


def test_odd_queries_never_break_a_page(client: Client, alice: User, bob: User) -> None:
    article = rich(alice, bob, 0)
    for name in QUERIES:
        address = address_of(name, article)
        for query in ODD:
            # A special feature has numbered pages; one that it does not have is not found.
            if query.startswith("page=") and name == "/series/the-year/":
                continue
            assert client.get(f"{address}{'&' if '?' in address else '?'}{query}").status_code == 200, (name, query)


NOWHERE = (
    "/regions/nowhere/", "/topics/nothing/", "/authors/nobody/", "/series/none/", "/regions/nowhere/feed/", "/topics/nothing/feed/",
    "/authors/nobody/feed/", "/series/none/feed/", "/regions/%00/", "/topics/" + "x" * 3000 + "/", "/authors/1/", "/feed/x/", "/regions/a/b/",
)  # fmt: skip


def test_what_is_not_there_is_not_found(client: Client, db: None) -> None:
    for address in NOWHERE:
        assert client.get(address).status_code == 404, address


def test_pages_carry_no_inline_style_or_script(client: Client, alice: User, bob: User) -> None:
    article = rich(alice, bob, 0)
    for name in QUERIES:
        page = client.get(address_of(name, article)).content.decode()
        assert " style=" not in page, name
        assert "<style" not in page, name
        assert " onclick=" not in page, name
        assert "<script>" not in page, name


def test_robots_are_asked_to_leave_the_workrooms_alone(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    for room in ("/admin/", "/contribute/", "/referee/", "/search/?"):
        assert f"Disallow: {room}\n" in text


def test_a_stranger_who_wants_to_write_is_told_what_that_takes(client: Client, db: None) -> None:
    page = client.get("/contribute/new/", follow=True).content.decode()
    assert "about 800 words" in page
    assert 'class="button is-quiet" href="/accounts/signup/?next=%2Fcontribute%2Fnew%2F"' in page
    assert "about 800 words" not in client.get("/accounts/login/?next=/admin/").content.decode()
