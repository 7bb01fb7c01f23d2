"""Search narrowed by region, topic, author, special feature and year: honest counts, one address for each state."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from articles.asked import Asked
from articles.listing import relist
from articles.models import Article, Region, Series
from tests.articles.shelf import ago, published
from tests.cast import BODY

pytestmark = pytest.mark.django_db


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(text: str) -> list[str]:
    return [re.sub("</?mark>", "", t) for t in re.findall(r'class="title"[^>]*><a href="[^"]*">(.*?)</a>', text)]


def facets(text: str) -> dict[str, tuple[str, int]]:
    """Name → where it leads, and how many pieces it says are there."""
    found = re.findall(r'<li><a href="([^"]*)"[^>]*><bdi>(.*?)</bdi> <span class="count">(\d+)</span>', text)
    return {unescape(name): (f"/search/{unescape(url)}", int(count)) for url, name, count in found}


@pytest.fixture
def shelf(alice: User, ada: User, bob: User) -> list[Article]:
    first = published(alice, bob, title="Harbours one", tags=("Trade",), at=ago(days=1))
    second = published(ada, bob, title="Harbours two", tags=("Trade", "Fish"), at=ago(days=2))
    third = published(alice, bob, title="Harbours three", at=ago(days=800))
    second.regions.set([Region.objects.create(name="Korea", parent=Region.objects.get(name="East Asia"))])
    third.series = Series.objects.create(title="Sea lanes")
    third.save(update_fields=["series"])
    for piece in (second, third):
        relist(piece)
    return [first, second, third]


def test_each_count_is_what_its_link_leads_to(client: Client, shelf: list[Article]) -> None:
    for start in ("/search/?q=harbours", "/search/?q=harbours&region=east-asia", "/search/?q=harbours&topic=trade"):
        found = facets(page(client, start))
        assert found
        for name, (url, count) in found.items():
            assert len(titles(page(client, url))) == count, (start, name)
    names = facets(page(client, "/search/?q=harbours"))
    assert {name: count for name, (_, count) in names.items() if not name.isdigit()} == {
        "Japan": 2, "Korea": 1, "Trade": 2, "Fish": 1, "Alice Marlowe": 2, "Ada Quill": 1, "Sea lanes": 1,
    }  # fmt: skip


def test_what_was_chosen_can_be_taken_back(client: Client, shelf: list[Article]) -> None:
    text = page(client, "/search/?year=2026&topic=trade&region=korea&q=harbours&page=1&utm=x")
    assert titles(text) == ["Harbours two"]
    back = re.findall(r'<li><a href="([^"]*)"[^>]*><span class="visually-hidden">Remove', text)
    year = shelf[1].published_on
    assert year is not None
    assert [unescape(url) for url in back][:2] == [
        "?q=harbours&topic=trade&year=2026", "?q=harbours&region=korea&year=2026",
    ]  # fmt: skip
    # Other words are asked for within the same.
    assert '<input type="hidden" name="region" value="korea">' in text


def test_of_values_as_common_the_first_by_name_are_shown(client: Client, alice: User, bob: User) -> None:
    names = [f"Topic {letter}" for letter in "qponmlkjihgfedcba"]
    published(alice, bob, title="Reefs", tags=names)
    published(alice, bob, title="Reefs again", tags=names[:1])
    published(alice, bob, title="Reefs no more")
    shown = [name for name in facets(page(client, "/search/?q=reefs")) if name.startswith("Topic")]
    assert shown == ["Topic q", *sorted(names)[:14]]


@pytest.mark.parametrize("count", [1, 3])
def test_a_search_takes_the_same_few_queries(client: Client, alice: User, bob: User, count: int) -> None:
    for number in range(count):
        published(alice, bob, title=f"Reefs {number}", body=f"<p>Of zooxanthellae.</p>{BODY}", tags=("Fish",))
    for address, most in (("q=reefs", 6), ("q=zooxanthellae", 7), ("q=zooxanthellae&topic=fish&sort=newest", 8)):
        with CaptureQueriesContext(connection) as asked:
            assert len(titles(page(client, f"/search/?{address}"))) == count
        # Tests run within a transaction: a request's own is a point in it.
        sent = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"] and not one["sql"].startswith("SET LOCAL")]
        assert len(sent) == most, sent


def test_words_are_not_needed(client: Client, shelf: list[Article]) -> None:
    assert titles(page(client, "/search/?author=alice-marlowe")) == ["Harbours one", "Harbours three"]
    assert titles(page(client, "/search/?region=east-asia&sort=newest")) == [a.live.title for a in shelf if a.live]
    assert titles(page(client, f"/search/?year={ago(days=800).year}")) == ["Harbours three"]


def test_sorted_by_date_where_that_is_asked_for(client: Client, alice: User, bob: User) -> None:
    published(alice, bob, title="Of quotas", at=ago(days=1))
    published(alice, bob, title="Quota, quota, quota", in_brief="Quota.", at=ago(days=9))
    best, newest = page(client, "/search/?q=quota"), page(client, "/search/?q=quota&sort=newest")
    assert titles(best) == titles(newest)[::-1] == ["Quota, quota, quota", "Of quotas"]
    assert 'href="?q=quota&amp;sort=newest"' in best
    assert 'href="?q=quota"' in newest


def test_more_than_are_counted_are_not_said_to_be_all(
    client: Client, shelf: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("articles.results", "articles.views.search"):
        monkeypatch.setattr(f"{module}.MOST", 2)
    text = page(client, "/search/?q=harbours")
    assert "More than 2 pieces" in text
    assert "Counted among the newest 2 pieces found." in text


@pytest.mark.parametrize(
    "address", ["?region=nowhere", "?q=harbours&topic=nothing", "?author=nobody&series=none&year=1999"]
)
def test_what_there_is_not_finds_nothing(client: Client, shelf: list[Article], address: str) -> None:
    text = page(client, f"/search/{address}")
    assert titles(text) == []
    assert "Nothing found" in text


def test_a_search_narrowed_too_far_leads_back(client: Client, shelf: list[Article]) -> None:
    text = page(client, "/search/?q=harbours&year=1999")
    assert 'href="?q=harbours">3 pieces without it</a>' in text


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ({"page": "1", "year": "2020", "q": " tide  tables "}, "?q=tide+tables&year=2020"),
        ({"sort": "newest", "series": "a", "author": "b", "topic": "c", "region": "d", "q": "e", "page": "3"}, "?q=e&region=d&topic=c&author=b&series=a&sort=newest&page=3"),
        ({"region": "a b", "topic": "<x>", "author": "x" * 200, "year": "20", "sort": "oldest", "page": "-1"}, "/search/"),
        ({}, "/search/"),
    ],
)  # fmt: skip
def test_each_state_has_one_address(sent: dict[str, str], address: str) -> None:
    assert Asked.read(sent).address == address
