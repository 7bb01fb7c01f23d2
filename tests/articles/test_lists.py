"""Home, regions, topics, authors, special features, the archive, and their pages."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from articles.listing import relist
from articles.models import Article, Region, Series
from articles.paging import Cursor, Pages
from authors.models import Author
from tests.articles.shelf import ago, many, published
from tests.cast import picture, region

pytestmark = pytest.mark.django_db

ADDRESS = re.compile(r'href="(/[0-9]{4}/[0-9]{2}/[0-9]{2}/[^"/]+/)"')


def pieces_on(client: Client, address: str) -> list[str]:
    """The pieces that a page names, in its order."""
    page = client.get(address)
    assert page.status_code == 200, address
    return list(dict.fromkeys(ADDRESS.findall(page.content.decode())))


def titles_on(client: Client, address: str) -> list[str]:
    text = client.get(address).content.decode()
    return re.findall(r'class="title"[^>]*><a href="/\d{4}/[^"]*">([^<]*)</a>', text)


# --- Home -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 5, 12])
def test_home_with_that_many_pieces(client: Client, alice: User, bob: User, count: int) -> None:
    made = many(count, alice, bob) if count else []
    titles = titles_on(client, "/")
    assert len(titles) == len(set(titles)), "a piece stands twice"
    assert set(titles) <= {article.live.title for article in made}
    assert len(titles) == min(count, 6 + 3)
    if count:
        assert "Piece 0" in titles[:1]
    else:
        assert "Nothing is published yet" in client.get("/").content.decode()


def test_home_begins_with_a_picture_where_there_is_one(client: Client, alice: User, bob: User) -> None:
    published(alice, bob, title="With a picture", at=ago(days=2), lead_image=picture())
    published(alice, bob, title="Without", at=ago(days=1))
    assert titles_on(client, "/") == ["With a picture", "Without"]


def test_home_has_a_shelf_for_each_region_with_pieces_left(client: Client, alice: User, bob: User) -> None:
    many(8, alice, bob)
    Region.objects.create(name="Pacific")
    page = client.get("/").content.decode()
    # One of the topmost regions holds everything that was published, and the other has nothing.
    assert '<h2 id="shelf-1"><a href="/regions/east-asia/">East Asia</a></h2>' in page
    assert "Pacific" not in page


def test_home_has_no_shelf_with_one_piece_alone(client: Client, alice: User, bob: User) -> None:
    many(7, alice, bob)
    page = client.get("/").content.decode()
    assert '<a href="/regions/east-asia/">' not in page
    assert '<h2 id="single">More</h2>' in page
    assert len(titles_on(client, "/")) == 7


# --- Regions --------------------------------------------------------------------------------------


def test_a_region_lists_the_pieces_of_the_regions_within(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    for slug in ("japan", "east-asia"):
        assert pieces_on(client, f"/regions/{slug}/") == [article.get_absolute_url()]


def test_a_region_without_pieces_has_its_page_and_feed(client: Client, db: None) -> None:
    Region.objects.create(name="Pacific")
    assert "Nothing on this region yet" in client.get("/regions/pacific/").content.decode()
    assert client.get("/regions/pacific/feed/").status_code == 200
    assert "Pacific" in client.get("/regions/").content.decode()


def test_a_card_names_the_region_that_its_list_is_of(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    article.regions.add(region("Australia", "Oceania"))
    relist(article)
    for slug, label in (("oceania", "Australia"), ("east-asia", "Japan")):
        card = client.get(f"/regions/{slug}/").content.decode().split('<article class="lead">')[1]
        assert re.search(r'class="label"><a [^>]*>([^<]*)</a>', card)[1] == label


def test_a_list_does_not_repeat_its_own_name_above_each_piece(client: Client, alice: User, bob: User) -> None:
    published(alice, bob)
    card = client.get("/regions/japan/").content.decode().split('<article class="lead">')[1].split("</article>")[0]
    assert 'class="label"' not in card


def test_regions_say_how_many_pieces_they_hold(client: Client, alice: User, bob: User) -> None:
    many(2, alice, bob)
    Region.objects.create(name="Pacific")
    page = client.get("/regions/").content.decode()
    counts = re.findall(
        r'<a href="/regions/([^/]*)/"( class="is-empty")?>[^<]*</a>(?:<span class="count">(\d+))?', page
    )
    assert sorted(counts) == [("east-asia", "", "2"), ("japan", "", "2"), ("pacific", ' class="is-empty"', "")]


# --- Topics, authors, special features ------------------------------------------------------------


def test_a_topic_has_a_page_once_something_of_it_is_listed(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, tags=("North Korea",))
    assert pieces_on(client, "/topics/north-korea/") == [article.get_absolute_url()]
    page = client.get("/topics/").content.decode()
    assert 'href="/topics/north-korea/"' in page
    article.tags.clear()
    relist(article)
    assert client.get("/topics/north-korea/").status_code == 404
    assert "North Korea" not in client.get("/topics/").content.decode()


def test_an_author_has_a_page_once_a_piece_is_listed(client: Client, alice: User, ada: User, bob: User) -> None:
    author = Author.objects.get(user=alice)
    author.other_names = "Alice Oldname"
    author.orcid = "0000-0002-1825-0097"
    author.save()
    assert client.get("/authors/alice-marlowe/").status_code == 404
    article = published(alice, bob)
    page = client.get("/authors/alice-marlowe/").content.decode()
    assert article.get_absolute_url() in page
    assert "teaches harbours" in page
    assert "https://orcid.org/0000-0002-1825-0097" in page
    listed = client.get("/authors/").content.decode()
    assert "Alice Marlowe" in listed
    assert "Ada Quill" not in listed
    # Former names are for finding people, not for printing.
    assert "Oldname" not in page + listed
    assert client.get("/authors/ada-quill/").status_code == 404


def test_authors_stand_under_their_family_names(client: Client, alice: User, ada: User, bob: User) -> None:
    published(alice, bob)
    published(ada, bob)
    page = client.get("/authors/").content.decode()
    assert re.findall(r'<h2 id="letter-\d+">(.)</h2>', page) == ["M", "Q"]


def test_a_special_feature(client: Client, alice: User, bob: User) -> None:
    series = Series.objects.create(title="The year in review", introduction="What it was.")
    assert client.get("/series/the-year-in-review/").status_code == 404
    assert "The year in review" not in client.get("/series/").content.decode()
    article = published(alice, bob)
    article.series = series
    article.save(update_fields=["series"])
    relist(article)
    assert pieces_on(client, "/series/the-year-in-review/") == [article.get_absolute_url()]
    assert "What it was." in client.get("/series/").content.decode()
    assert "The year in review" in client.get(article.get_absolute_url()).content.decode()


# --- The archive ----------------------------------------------------------------------------------


def test_the_archive_counts_by_the_days_of_the_publication(client: Client, alice: User, bob: User) -> None:
    # The evening of the last of December in UTC, and the morning of the first of January in Sydney.
    at = datetime.datetime(2019, 12, 31, 20, tzinfo=datetime.UTC)
    article = published(alice, bob, at=at)
    published(alice, bob, at=at - datetime.timedelta(days=20))
    page = client.get("/archive/").content.decode()
    assert page.index("/archive/2020/01/") < page.index("/archive/2019/12/")
    assert pieces_on(client, "/archive/2020/01/") == pieces_on(client, "/archive/2020/") == [article.get_absolute_url()]
    assert len(pieces_on(client, "/archive/2019/12/")) == 1


def test_the_archive_names_the_newest_pieces(client: Client, alice: User, bob: User) -> None:
    made = many(7, alice, bob)
    assert pieces_on(client, "/archive/") == [article.get_absolute_url() for article in made[:6]]
    page = client.get("/archive/").content.decode()
    assert "Alice Marlowe" in page


def test_times_without_pieces_are_not_found(client: Client, alice: User, bob: User) -> None:
    published(alice, bob)
    for time in (
        "2020/13",
        "2020/00",
        "0000",
        "0000/01",
        "9999",
        "9999/12",
        "0001/01",
        "1999",
        "1999/01",
        "20",
        "2020/1",
        "99999",
        "٢٠٢٠",
    ):
        assert client.get(f"/archive/{time}/").status_code == 404, time


# --- Paging ---------------------------------------------------------------------------------------


@pytest.fixture
def two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("articles.views.subjects.PAGE", 2)


def links(client: Client, address: str) -> dict[str, str]:
    page = client.get(address).content.decode()
    return {rel: href for href, rel in re.findall(r'<a class="(?:newer|older)" href="([^"]*)" rel="(prev|next)"', page)}


def test_pages_lead_through_everything_once_and_back(client: Client, alice: User, bob: User, two_a_page: None) -> None:
    made = many(5, alice, bob)
    base, address = "/regions/japan/", "/regions/japan/"
    seen, visited = pieces_on(client, address), [address]
    while "next" in (found := links(client, address)):
        address = base + found["next"]
        visited.append(address)
        seen += pieces_on(client, address)
    assert seen == [article.get_absolute_url() for article in made]
    assert len(visited) == 3
    back = base + links(client, address)["prev"]
    assert pieces_on(client, back) == pieces_on(client, visited[1])
    first = base + links(client, back)["prev"]
    assert pieces_on(client, first) == pieces_on(client, base)
    assert "prev" not in links(client, first)


def test_a_new_piece_does_not_move_a_page(client: Client, alice: User, bob: User, two_a_page: None) -> None:
    many(3, alice, bob)
    second = "/regions/japan/" + links(client, "/regions/japan/")["next"]
    before = pieces_on(client, second)
    published(alice, bob, title="News")
    assert pieces_on(client, second) == before


def test_pieces_of_one_moment_are_each_shown_once(alice: User, bob: User) -> None:
    at = ago(days=3)
    made = {published(alice, bob, title=f"Twin {n}", at=at).pk for n in range(5)}
    seen: list[int] = []
    params: dict[str, str] = {}
    pages = Pages(Article.objects.listed, size=2, pk="id", now=datetime.datetime)
    while True:
        page = pages.page(params, now=timezone.now())
        seen += page.ids
        if not page.older_url:
            break
        params = {"before": page.older_url.removeprefix("?before=")}
    assert len(seen) == 5
    assert set(seen) == made


MALFORMED = ("x", "1", "-1--1", "1-", "9" * 40 + "-1", "1-9" + "9" * 30, "' OR 1=1", "1-1 ", "\x00", "١-١")


def test_a_malformed_place_is_not_found(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    for address in ("/regions/japan/", f"/archive/{article.published_on:%Y}/", "/authors/alice-marlowe/"):
        for which in ("before", "after"):
            for cursor in MALFORMED:
                assert client.get(address, {which: cursor}).status_code == 404, (which, cursor)


def test_places_beyond_the_ends(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    assert client.get("/regions/japan/", {"before": "0-0"}).status_code == 404
    for params in ({"after": "0-0"}, {"after": "99999999999999999"[:16] + "-1"}, {"before": "9999999999999999-1"}):
        page = client.get("/regions/japan/", params)
        assert page.status_code == 200
        assert article.get_absolute_url() in page.content.decode()


def test_a_cursor_says_its_place_to_the_microsecond() -> None:
    cursor = Cursor(datetime.datetime(2020, 1, 25, 1, 2, 3, 456789, tzinfo=datetime.UTC), 7)
    assert Cursor.read(str(cursor)) == cursor
