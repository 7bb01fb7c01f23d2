"""Long lists that are written out: names are escaped, and what is printed anew follows what changed."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from articles.counts import are_more_than
from articles.models import Article, AuthorListing, Publication, Region, TagListing
from articles.templatetags.names import counted
from authors.models import Author
from forum.models import Masthead
from tests.articles.shelf import ago, correct, published
from tests.cast import piece_in, retract

pytestmark = pytest.mark.django_db

ODD = """<b>"Ports" & 'piers'</b>"""
ESCAPED = "&lt;b&gt;&quot;Ports&quot; &amp; &#x27;piers&#x27;&lt;/b&gt;"


def text_of(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize("address", ["/topics/", "/authors/", "/regions/", "/record/"])
def test_names_are_escaped_wherever_they_are_written_out(client: Client, alice: User, bob: User, address: str) -> None:
    article = published(alice, bob, title=ODD, tags=(ODD,))
    correct(article, bob, ODD)
    Author.objects.filter(user=alice).update(
        given_name="", family_name="", single_name=ODD, native_name=ODD, affiliation=ODD
    )
    Region.objects.filter(name="Japan").update(name=ODD, description=ODD)
    page = text_of(client, address)
    main = page[page.index("<main") :]
    assert "<b>" not in main
    assert ESCAPED in main.replace("&#39;", "&#x27;")


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, ""), (1, "1 piece"), (2, "2 pieces"), (1234567, "1,234,567 pieces")],
)
def test_a_count_says_what_it_counts(count: int, said: str) -> None:
    assert re.sub(r"<[^>]*>", "", counted(count)) == said


def test_a_count_follows_the_next_piece_at_once(client: Client, alice: User, bob: User) -> None:
    def counts() -> list[list[str]]:
        addresses = ("/archive/", "/archive/2020/", "/topics/", "/regions/")
        return [sorted(set(re.findall(r'class="count">(\d+)', text_of(client, address)))) for address in addresses]

    for number in (1, 2, 3):
        at = datetime.datetime(2020, 5, number, tzinfo=datetime.UTC)
        published(alice, bob, title=f"Piece {number}", tags=("Ports",), at=at)
        assert counts() == [[str(number)]] * 4


def test_the_record_stands_in_the_days_and_the_language_of_the_publication(
    client: Client, alice: User, bob: User
) -> None:
    at = datetime.datetime(2020, 5, 3, 23, tzinfo=datetime.UTC)
    article = published(alice, bob)
    assert article.live is not None
    Publication.objects.create(article=article, revision=article.live, kind="correction", note="Wrong.", by=bob, at=at)
    for zone, language, day in (
        ("UTC", "en-GB", "3 May 2020"), ("Asia/Tokyo", "en-GB", "4 May 2020"), ("Asia/Tokyo", "fr", "4 mai 2020"),
    ):  # fmt: skip
        Masthead.objects.update_or_create(pk=1, defaults={"time_zone": zone, "language": language})
        assert day in text_of(client, "/record/")


def test_a_retraction_changes_the_entries_before_it(client: Client, alice: User, bob: User, mara: User) -> None:
    article = published(alice, bob, title="Harbours")
    correct(article, bob, "Wrong.")
    assert "Retracted:" not in text_of(client, "/record/")
    retract(article, mara, bob)
    assert text_of(client, "/record/").count("Retracted:") == 2


def test_whether_a_list_is_long_is_known_without_reading_it(alice: User, bob: User, ada: User) -> None:
    now = timezone.now() + datetime.timedelta(minutes=1)
    assert not are_more_than(0, TagListing, now)
    for number in range(3):
        published(alice, bob, title=f"Piece {number}", tags=(f"Topic {number}", "Common"), at=ago(days=1))
    # A topic that has only what is still ahead is no name of the list, and never tips it.
    piece_in("scheduled", author=ada, editor=bob).tags.add("Ahead")
    assert [are_more_than(number, TagListing, now) for number in (2, 3, 4, 5)] == [True, True, False, False]
    assert [are_more_than(number, AuthorListing, now) for number in (0, 1, 2)] == [True, False, False]


@pytest.mark.parametrize("address", ["/archive/0001/", "/archive/9999/", "/archive/0001/01/", "/archive/9999/12/", "/archive/2020/02/"])  # fmt: skip
def test_a_year_of_any_number_is_answered(client: Client, alice: User, bob: User, address: str) -> None:
    published(alice, bob)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(("zone", "month"), [("Pacific/Kiritimati", "2020/03"), ("Etc/GMT+12", "2020/02")])
def test_a_month_holds_the_days_of_its_addresses_in_any_time_zone(
    client: Client, alice: User, bob: User, zone: str, month: str
) -> None:
    Masthead.objects.update_or_create(pk=1, defaults={"time_zone": zone})
    article = published(alice, bob, at=datetime.datetime(2020, 2, 29, 11, 30, tzinfo=datetime.UTC))
    assert article.published_on == datetime.date(2020, *((3, 1) if month == "2020/03" else (2, 28)))
    # The address stays, whatever becomes of the time zone.
    for other in ("UTC", zone):
        Masthead.objects.update_or_create(pk=1, defaults={"time_zone": other})
        assert article.get_absolute_url() in text_of(client, f"/archive/{month}/")
        assert Article.objects.listed(timezone.now()).exists()
