"""Special features and issues as readers find them: their order, their pages, and their place on the page of a piece."""

import datetime
import importlib
import re

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from articles.listing import relist
from articles.metadata import piece_told
from articles.models import Article, Series, SeriesEditor
from articles.series import place_of, rows_in_order
from articles.views import series as view
from authors.models import Author
from tests.articles.shelf import ago, published
from tests.cast import STATES, piece_in, retract

pytestmark = pytest.mark.django_db

ADDRESS = "/series/the-year/"


def join(article: Article, series: Series, position: int | None = None) -> Article:
    article.series, article.series_position = series, position
    article.save(update_fields=["series", "series_position"])
    relist(article)
    return article


def the_year(**fields: str) -> Series:
    found, _ = Series.objects.get_or_create(title="The year", defaults=fields)
    return found


def shelf_of(count: int, author: User, editor: User, *, is_numbered: bool = True) -> list[Article]:
    """Pieces of one series; the oldest is the last by number."""
    series = the_year()
    made = []
    for number in range(1, count + 1):
        piece = published(author, editor, title=f"Part {number}", at=ago(days=number, hours=1))
        made.append(join(piece, series, number if is_numbered else None))
    return made


def titles(page: str) -> list[str]:
    return re.findall(r'<h2 class="title"[^>]*><a [^>]*>([^<]*)</a>', page)


def part_of(page: str) -> str:
    found = re.search(r'<nav class="part-of".*?</nav>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[0]) if found else ""


# --- The page ---------------------------------------------------------------------------------------


def test_pieces_stand_by_number_then_by_date(client: Client, alice: User, bob: User) -> None:
    shelf_of(2, alice, bob)
    join(published(alice, bob, title="Unnumbered, newer", at=ago(hours=3)), the_year())
    join(published(alice, bob, title="Unnumbered, older", at=ago(days=9)), the_year())
    page = client.get(ADDRESS).content.decode()
    assert titles(page) == ["Part 1", "Part 2", "Unnumbered, older", "Unnumbered, newer"]
    assert "4 pieces" in page
    # The feed is for those who follow: the newest first.
    feed = client.get(f"{ADDRESS}feed/").content.decode()
    assert re.findall(r"<title>(Part \d|Unnumbered, \w+)</title>", feed) == ["Unnumbered, newer", "Part 1", "Part 2", "Unnumbered, older"]  # fmt: skip


def test_the_heading_tells_kind_introduction_and_editors(client: Client, alice: User, ada: User, bob: User) -> None:
    series = the_year(kind="issue", number="Vol. 3, No. 2", introduction="<p>What it <em>was</em>.</p><script>alert(1)</script>")  # fmt: skip
    join(published(alice, bob), series)
    for position, name in enumerate(("ada-quill", "alice-marlowe")):
        SeriesEditor.objects.create(series=series, author=Author.objects.get(slug=name), position=position)
    page = client.get(ADDRESS).content.decode()
    assert "Quarterly issue, Vol. 3, No. 2" in page
    assert "<p>What it <em>was</em>.</p>" in page
    assert "alert(1)" not in page
    # Only who has a listed piece has a page to lead to.
    assert re.search(r'Edited by <bdi>Ada Quill</bdi> and <a href="/authors/alice-marlowe/"><bdi>Alice', page)
    assert '<meta name="description" content="What it was.">' in page
    assert "<description>What it was.</description>" in client.get(f"{ADDRESS}feed/").content.decode()


def test_long_ones_come_in_pages(client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "PAGE", 2)
    shelf_of(5, alice, bob)
    seen = []
    for number, address in enumerate((ADDRESS, f"{ADDRESS}?page=2", f"{ADDRESS}?page=3"), start=1):
        page = client.get(address).content.decode()
        seen += titles(page)
        assert f"Page {number} of 3" in page
        assert f'<link rel="canonical" href="http://testserver{address}">' in page or address in page
    assert seen == [f"Part {number}" for number in range(1, 6)]
    for nonsense in ("4", "0", "-1", "x", "", "1.0", "²", "99999999999999999999", "1%00"):
        assert client.get(f"{ADDRESS}?page={nonsense}").status_code == 404, nonsense


def test_queries_of_a_series_do_not_grow(client: Client, alice: User, bob: User) -> None:
    def counts(article: Article) -> list[int]:
        found = []
        for address in (ADDRESS, "/series/", article.get_absolute_url(), f"{article.get_absolute_url()}print/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    first = shelf_of(1, alice, bob)[0]
    SeriesEditor.objects.create(series=the_year(), author=Author.objects.get(slug="alice-marlowe"))
    client.get("/")
    before = counts(first)
    for number in (2, 3):
        join(published(alice, bob, title=f"Part {number}", at=ago(hours=number)), the_year(), number)
    SeriesEditor.objects.create(series=the_year(), author=Author.objects.create(single_name="Somebody"))
    assert counts(first) == before
    assert before[0] <= 11


def test_the_list_has_kind_and_count_the_newest_first(client: Client, alice: User, bob: User) -> None:
    join(published(alice, bob, at=ago(days=3)), the_year())
    issue = Series.objects.create(title="Harbours", kind="issue", number="No. 1")
    join(published(alice, bob, at=ago(days=1)), issue)
    Series.objects.create(title="Nobody knows of this")
    page = client.get("/series/").content.decode()
    assert "Special features and issues" in page
    assert page.index("Harbours") < page.index("The year")
    assert "Quarterly issue, No. 1" in page
    assert "Nobody knows" not in page


@pytest.mark.parametrize("state", [state for state in STATES if state != "published"])
def test_a_series_without_a_listed_piece_has_no_page(client: Client, alice: User, bob: User, state: str) -> None:
    join(piece_in(state, author=alice, editor=bob), the_year(), 1)
    assert client.get(ADDRESS).status_code == 404
    assert client.get(f"{ADDRESS}feed/").status_code == 404
    assert "The year" not in client.get("/series/").content.decode()


# --- Part of ----------------------------------------------------------------------------------------


def test_a_piece_tells_its_place_and_its_neighbours(client: Client, alice: User, bob: User) -> None:
    pieces = shelf_of(3, alice, bob)
    told = [part_of(client.get(piece.get_absolute_url()).content.decode()) for piece in pieces]
    assert "Part of: The year" in " ".join(told[0].split())
    assert [re.search(r"\d of \d", text)[0] for text in told] == ["1 of 3", "2 of 3", "3 of 3"]  # type: ignore[index]
    assert "Earlier" not in told[0]
    assert "Part 2" in told[0]
    assert "Part 1" in told[1]
    assert "Part 3" in told[1]
    assert "Later" not in told[2]
    assert "Part 2" in told[2]
    assert "Part of:" in (page := client.get(f"{pieces[1].get_absolute_url()}print/").content.decode())
    assert "2 of 3" in page


def test_a_piece_alone_in_its_series_has_no_place(client: Client, alice: User, bob: User) -> None:
    piece = shelf_of(1, alice, bob)[0]
    told = part_of(client.get(piece.get_absolute_url()).content.decode())
    assert "The year" in told
    assert "1 of 1" not in told


@pytest.mark.parametrize("state", [state for state in STATES if state != "published"])
def test_neighbours_tell_nothing_of_hidden_pieces(client: Client, alice: User, bob: User, state: str) -> None:
    first, last = shelf_of(2, alice, bob)
    join(last, the_year(), 3)
    before = client.get(first.get_absolute_url()).content
    join(piece_in(state, author=alice, editor=bob, title="Zyxocanary"), the_year(), 2)
    page = client.get(first.get_absolute_url())
    assert b"Zyxocanary" not in page.content
    assert part_of(page.content.decode()) == part_of(before.decode())
    assert "1 of 2" in part_of(page.content.decode())
    assert "Zyxocanary" not in client.get(ADDRESS).content.decode()


def test_a_retracted_piece_is_part_of_no_order(client: Client, alice: User, bob: User, mara: User) -> None:
    piece = shelf_of(2, alice, bob)[0]
    retract(piece, mara, bob)
    page = client.get(piece.get_absolute_url()).content.decode()
    assert part_of(page) == ""
    assert place_of(piece_told(piece.slug, timezone.now())) is None


def test_a_scheduled_piece_takes_its_place_by_itself(alice: User, bob: User) -> None:
    first, last = shelf_of(2, alice, bob)
    join(last, the_year(), 3)
    ahead = join(piece_in("scheduled", author=alice, editor=bob, title="Ahead"), the_year(), 2)
    assert ahead.published_at is not None
    just_before = ahead.published_at - datetime.timedelta(microseconds=1)
    assert Article.objects.get(pk=place_of(piece_told(first.slug, just_before)).later).live.title == "Part 2"  # type: ignore[union-attr]
    assert Article.objects.get(pk=place_of(piece_told(first.slug, ahead.published_at)).later).live.title == "Ahead"  # type: ignore[union-attr]
    assert rows_in_order(the_year(), just_before).count() == 2


def test_an_old_address_leads_to_the_present_one(client: Client, alice: User, bob: User) -> None:
    series = the_year()
    series.former_slugs.create(slug="the-old-year")
    assert client.get("/series/the-old-year/").status_code == 404
    join(published(alice, bob), series)
    answer = client.get("/series/the-old-year/")
    assert (answer.status_code, answer["Location"]) == (301, ADDRESS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("One & two.\n\nThree\nfour.", "<p>One &amp; two.</p>\n<p>Three four.</p>"),
        ("<script>alert(1)</script>", ""),
        ("<3 of rice", "<p>&lt;3 of rice</p>"),
    ],
)
def test_introductions_of_before_become_html_that_may_be_printed(before: str, after: str) -> None:
    Series.objects.filter(pk=the_year().pk).update(introduction=before)
    importlib.import_module("articles.migrations.0004_furnishing_rules").introductions_to_html(apps, None)
    assert the_year().introduction == after
