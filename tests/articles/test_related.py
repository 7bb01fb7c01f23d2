"""What else to read: related pieces with the reason, and what came since."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from articles.listing import relist
from articles.lists import headlines_by_id
from articles.models import Article, SearchEntry, Series, WordShare
from articles.related import ENOUGH, Candidates, Kin, Related
from articles.search import reindex_each
from articles.telling import keep_shares
from tests.articles.shelf import ago, published
from tests.cast import piece_in, region, take_down

pytestmark = pytest.mark.django_db

FISH = "<p>The quota of tuna, albacore and skipjack is set by the commission for each vessel.</p>" * 8
LOANS = "<p>The mortgage of a flat presold is a loan that the developer owes to its buyers.</p>" * 8


def about(
    author: User,
    editor: User,
    title: str,
    days: float,
    *,
    where: str = "Japan",
    tags: tuple[str, ...] = (),
    body: str = LOANS,
) -> Article:
    article = published(author, editor, title=title, at=ago(days=days), tags=tags, body=body, in_brief="Of this.")
    article.regions.set([region(where, "Asia")])
    relist(article)
    return article


def told(found: Related) -> dict[str, list[tuple[str, str]]]:
    return {
        name: [(one.piece.live.title, one.why) for one in getattr(found, name)]
        for name in ("later", "others", "newest")
    }


def related_to(article: Article) -> Related:
    now = timezone.now()
    found = Candidates(article, now)
    return found.told(headlines_by_id(found.ids, now))


@pytest.fixture
def read_now(alice: User, bob: User) -> Article:
    return about(alice, bob, "Presold flats", 100, tags=("Housing", "Banks"))


def test_each_is_named_with_what_it_shares(read_now: Article, alice: User, ada: User, bob: User) -> None:
    about(ada, bob, "Both and the region", 200, tags=("Housing", "Banks"), body=FISH)
    about(ada, bob, "One topic", 300, where="Fiji", tags=("Banks",), body=FISH)
    about(alice, bob, "The author", 400, where="Fiji", body=FISH)
    about(ada, bob, "Nothing", 1, where="Fiji", body=FISH)
    assert told(related_to(read_now)) == {
        "later": [],
        "others": [
            ("Both and the region", "Also on Japan, Housing and Banks"),
            ("One topic", "Also on Banks"),
            ("The author", "By the same author"),
        ],
        "newest": [],
    }


def test_a_text_on_the_same_thing_is_found_without_a_shared_list(read_now: Article, ada: User, bob: User) -> None:
    about(ada, bob, "Flats that were presold", 200, where="Fiji", body=LOANS)
    about(ada, bob, "Tuna", 150, where="Fiji", body=FISH)
    assert told(related_to(read_now))["others"] == [("Flats that were presold", "Similar text")]


def test_what_came_since_is_on_the_matter(client: Client, read_now: Article, ada: User, bob: User) -> None:
    about(ada, bob, "A month on", 70, tags=("Housing",), body=FISH)
    about(ada, bob, "Yesterday", 1, tags=("Housing",), body=FISH)
    about(ada, bob, "Of the region alone", 2, body=FISH)
    about(ada, bob, "Before", 200, tags=("Housing",), body=FISH)
    found = told(related_to(read_now))
    assert found["later"] == [("Yesterday", "Also on Japan and Housing"), ("A month on", "Also on Japan and Housing")]
    assert [title for title, _ in found["others"]] == ["Before", "Of the region alone"]
    page = client.get(read_now.get_absolute_url()).content.decode()
    assert page.index("Since this was published") < page.index("Yesterday") < page.index("How this piece was made")
    assert (
        "Since this was published"
        not in client.get(Article.objects.get(live__title="Yesterday").get_absolute_url()).content.decode()
    )


@pytest.mark.parametrize(
    ("days", "told"), [(300, ""), (400, "Published more than a year ago. There is a later piece on this"), (3700, "Published more than 10 years ago. There is a later piece on this")]
)  # fmt: skip
def test_an_old_piece_says_at_its_head_that_there_are_later_ones(
    client: Client, alice: User, bob: User, days: int, told: str
) -> None:
    old = about(alice, bob, "Presold flats", days, tags=("Housing",))
    assert 'class="age' not in client.get(old.get_absolute_url()).content.decode()
    about(alice, bob, "What became of them", 2, tags=("Housing",))
    head = client.get(old.get_absolute_url()).content.decode().split("</header>")[1]
    assert (told in re.sub(r"<[^<>]*>", "", head)) if told else ('class="age' not in head)


def test_without_relations_the_newest_of_all_stand_there(read_now: Article, ada: User, bob: User) -> None:
    for number in range(4):
        about(ada, bob, f"Tuna {number}", number + 1, where="Fiji", body=FISH)
    assert told(related_to(read_now)) == {
        "later": [], "others": [], "newest": [("Tuna 0", ""), ("Tuna 1", ""), ("Tuna 2", "")],
    }  # fmt: skip


@pytest.mark.parametrize("state", ["draft", "scheduled", "retracted", "taken_down"])
def test_what_no_list_may_name_is_not_named(read_now: Article, alice: User, bob: User, state: str) -> None:
    hidden = piece_in(state, author=alice, editor=bob)
    hidden.regions.set(read_now.regions.all())
    relist(hidden)
    assert told(related_to(read_now)) == {"later": [], "others": [], "newest": []}


def test_a_piece_taken_down_is_gone_from_the_pages_of_others(
    client: Client, read_now: Article, alice: User, bob: User, mara: User
) -> None:
    other = about(alice, bob, "Soon gone", 1, tags=("Housing",))
    address = read_now.get_absolute_url()
    assert "Soon gone" in client.get(address).content.decode()
    take_down(other, mara)
    assert "Soon gone" not in client.get(address).content.decode()


def test_translations_and_neighbours_are_not_named_twice(
    client: Client, read_now: Article, alice: User, bob: User
) -> None:
    other = about(alice, bob, "Appartements", 90, tags=("Housing",))
    Article.objects.filter(pk=other.pk).update(translation_of=read_now, language="fr")
    third = about(alice, bob, "Wohnungen", 80, tags=("Housing",))
    Article.objects.filter(pk=third.pk).update(translation_of=read_now, language="de")
    for one in (other, third, read_now):
        one.refresh_from_db()
        assert told(related_to(one)) == {"later": [], "others": [], "newest": []}
    beside = about(alice, bob, "Next in the series", 70, tags=("Housing",))
    series = Series.objects.create(title="The year")
    for one in (read_now, beside):
        Article.objects.filter(pk=one.pk).update(series=series)
        one.refresh_from_db()
        relist(one)
    page = client.get(read_now.get_absolute_url()).content.decode()
    assert page.count("Next in the series") == 1
    assert page.count(">français<") == page.count(">Deutsch<") == 1


def test_one_query_however_many(read_now: Article, alice: User, bob: User) -> None:
    def queries() -> int:
        article = Article.objects.prefetch_related("bylines", "regions", "tagged_items__tag").get(pk=read_now.pk)
        article.byline_list, article.regions.all()
        with CaptureQueriesContext(connection) as found:
            Candidates(article, timezone.now())
        return len(found)

    assert queries() == 1
    for number in range(3):
        about(alice, bob, f"Piece {number}", 50 + number * 100, tags=("Housing",))
    assert queries() == 1


def test_hundreds_of_lists_and_odd_words_are_taken(read_now: Article, alice: User, bob: User) -> None:
    read_now.tags.add(*(f"Topic {number}" for number in range(40)))
    other = published(
        alice,
        bob,
        title=r"It\'s a ' \\ & | ! <-> :* title",
        body="<p>it's \\ o'clock &amp; | ! 港口 مد</p>" * 20,
        at=ago(days=3),
    )
    assert related_to(read_now).others
    assert related_to(other).others


def test_closer_is_first() -> None:
    moment = ago(days=1)
    far, near = Kin(1, moment, [1], [], [], 0.0), Kin(2, moment, [1], [5], [], 0.0)
    assert near.score > far.score
    assert not far.is_on_the_matter
    assert near.is_on_the_matter
    assert not Kin(3, moment, [], [], [], 0.2).is_related


def test_the_newest_of_all_are_looked_at_only_where_its_own_lists_hold_too_few(
    read_now: Article, alice: User, ada: User, bob: User
) -> None:
    about(ada, bob, "Flats elsewhere", 200, where="Fiji", body=LOANS)
    assert Candidates(read_now, timezone.now()).asks_all
    assert told(related_to(read_now))["others"] == [("Flats elsewhere", "Similar text")]
    for number in range(ENOUGH):
        about(ada, bob, f"In Japan {number}", 10 + number, body=FISH)
    found = Candidates(read_now, timezone.now())
    assert not found.asks_all
    assert len(found.ids) >= 7
    assert "Similar text" not in str(told(related_to(read_now)))


def test_words_that_every_piece_has_tell_little_of_one(alice: User, ada: User, bob: User) -> None:
    for title in ("Trade of tuna", "Trade of rice", "Trade of coal"):
        about(ada, bob, title, 5, body=f"<p>{title} and vessels.</p>" * 25)
    before = SearchEntry.objects.get(article__live__title="Trade of tuna").telling
    assert "trade" in before
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE articles_searchentry")
    assert keep_shares()
    assert WordShare.objects.get(word="trade").share > 0.9
    reindex_each(Article.objects.all())
    telling = SearchEntry.objects.get(article__live__title="Trade of tuna").telling
    assert telling.startswith("'tuna' | ")
