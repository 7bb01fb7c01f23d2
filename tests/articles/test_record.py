"""The public record: what was corrected, retracted or reinstated, of every piece that readers have."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from time_machine import TimeMachineFixture

from accounts.models import User
from articles import passages
from articles.models import Article, Publication
from editorial.admin.pages import is_taken
from editorial.perform import perform
from editorial.sealing import seal
from forum.models import Masthead, Page
from prose import diff
from tests.articles.shelf import ago, correct, published
from tests.cast import BODY, STATES, edit, managing, piece_in, retract, take_down

pytestmark = pytest.mark.django_db

EMPTY = "Nothing has been corrected yet"


def record(client: Client, query: str = "") -> str:
    page = client.get(f"/record/{query}")
    assert page.status_code == 200
    return page.content.decode()


def tell(article: Article, note: str, at: datetime.datetime) -> None:
    """Correct a piece as if at that moment."""
    assert article.live is not None
    Publication.objects.create(
        article=article, revision=article.live, kind="correction", note=note, by=article.live.by, at=at
    )


def many_told(article: Article, count: int) -> list[str]:
    """Corrections of one text, the newest first, two of them at each moment."""
    moment = ago(days=1)
    notes = [f"Note {number:02}." for number in range(count)]
    for number, note in enumerate(notes):
        tell(article, note, moment + datetime.timedelta(minutes=number // 2))
    return notes[::-1]


def notes_on(page: str) -> list[str]:
    return re.findall(r"Note \d\d\.", page)


# --- What stands there ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in STATES if state != "retracted"])
def test_what_needed_no_correction_is_not_in_it(client: Client, alice: User, bob: User, state: str) -> None:
    piece_in(state, author=alice, editor=bob)
    assert EMPTY in record(client)


def test_each_time_that_readers_were_told_stands_there(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, title="Harbours & tariffs", at=ago(days=9))
    correct(article, bob, "The quay is in Kobe.")
    edit(article, bob, f"<p>Mended.</p>{BODY}", title="Harbours and tariffs")
    perform(article, "update", by=bob, kind="copy_fix")
    retract(article, managing(), bob, "The figures were made up.")
    page = record(client)
    places = [page.index(part) for part in ("The figures were made up.", "The quay is in Kobe.")]
    assert places == sorted(places)
    # Its present title, both times with what became of it; and the ways to it and to its history.
    assert page.count("Retracted:</span> Harbours and tariffs</a>") == 2
    assert "Harbours &amp; tariffs" not in page
    assert page.count(f'<a href="{article.get_absolute_url()}">') == 2
    assert page.count(f'<a href="{article.get_absolute_url()}history/"') == 2
    assert "Spelling or form mended" not in page
    assert "First published" not in page
    for name in ("Bob", "Redpen", "Mara"):
        assert name not in page
    perform(article, "reinstate", by=managing(), second_editor=bob, public_note="They were not.")
    page = record(client)
    assert re.findall(r'<p class="label">([^<]*)</p>', page) == ["Reinstated", "Retracted", "Corrected"]
    assert "Retracted:" not in page


def test_what_is_taken_down_is_gone_and_comes_back_with_the_piece(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, title="Zyxocanary")
    correct(article, bob, "The quay is in Kobe.")
    assert "Zyxocanary" in record(client)
    take_down(article, managing())
    assert EMPTY in record(client)
    perform(article, "restore", by=managing(), note="The court thinks otherwise")
    assert "The quay is in Kobe." in record(client)


def test_what_is_ahead_is_told_at_its_moment(
    client: Client, alice: User, bob: User, time_machine: TimeMachineFixture
) -> None:
    moment = timezone.now() + datetime.timedelta(hours=1)
    tell(published(alice, bob), "The quay is in Kobe.", moment)
    assert EMPTY in record(client)
    time_machine.move_to(moment, tick=False)
    assert "The quay is in Kobe." in record(client)


def test_what_is_prepared_is_not_shown(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    correct(article, bob, "The quay is in Kobe.")
    edit(article, bob, BODY, title="ZEBRA")
    assert "ZEBRA" not in record(client)


def test_a_text_that_was_sealed_leaves_its_note_as_in_the_history(
    client: Client, alice: User, bob: User, mara: User
) -> None:
    article = published(alice, bob)
    correct(article, bob, "The quay is in Kobe.", f"<p>WITNESS</p>{BODY}")
    correct(article, bob, "It is in Osaka.")
    seal(article.publications.get(note="The quay is in Kobe.").revision, by=mara, reason="It named a witness.")
    for page in (record(client), client.get(f"{article.get_absolute_url()}history/").content.decode()):
        assert "The quay is in Kobe." in page
        assert "witness" not in page.lower()


def test_months_are_those_of_the_publication(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, at=datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC))
    tell(article, "The quay is in Kobe.", datetime.datetime(2020, 3, 31, 12, tzinfo=datetime.UTC))
    tell(article, "It is in Osaka.", datetime.datetime(2020, 3, 31, 15, tzinfo=datetime.UTC))  # in Sydney it is April
    assert re.findall(r'<h2 id="month-([^"]*)">([^<]*)', record(client)) == [
        ("2020-04", "April 2020"),
        ("2020-03", "March 2020"),
    ]


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("zh-Hant", "ltr")])
def test_a_title_says_its_language(client: Client, alice: User, bob: User, language: str, direction: str) -> None:
    article = published(alice, bob, title="港口")
    correct(article, bob, "x")
    Article.objects.filter(pk=article.pk).update(language=language)
    assert f'lang="{language}" dir="{direction}"><a href="{article.get_absolute_url()}">港口</a>' in record(client)


# --- Its pages --------------------------------------------------------------------------------------


def test_a_page_of_it_keeps_its_address(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, at=ago(days=9))
    notes = many_told(article, 65)
    first = record(client)
    assert notes_on(first) == notes[:30]
    assert '<link rel="canonical" href="http://testserver/record/">' in first
    second = re.search(r'class="older" href="([^"]*)"', first)[1]  # type: ignore[index]
    page = record(client, second)
    assert notes_on(page) == notes[30:60]
    assert f'<link rel="canonical" href="http://testserver/record/{second}">' in page
    assert "<title>Corrections and retractions, earlier ones" in page
    third = record(client, re.search(r'class="older" href="([^"]*)"', page)[1])  # type: ignore[index]
    assert notes_on(third) == notes[60:]
    assert 'class="older"' not in third
    back = re.search(r'class="newer" href="([^"]*)"', third)[1]  # type: ignore[index]
    assert notes_on(record(client, back)) == notes[30:60]
    correct(article, bob, "Something new.")
    assert notes_on(record(client, second)) == notes[30:60]


@pytest.mark.parametrize("query", ["?before=x", "?before=1", "?before=0-1", "?after=-", "?before=99999999999999999-1"])
def test_a_place_that_there_is_not(client: Client, query: str) -> None:
    assert client.get(f"/record/{query}").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_however_many_there_are(
    client: Client, alice: User, bob: User, django_assert_num_queries, count: int
) -> None:
    for number in range(count):
        correct(published(alice, bob, title=f"Piece {number}"), bob, "Wrong.")
    client.get("/record/")
    # The masthead with its links, the rows of the page, and what it prints of them.
    with django_assert_num_queries(3):
        assert record(client).count("Wrong.") == count


def test_it_can_be_kept_by_caches_until_something_is_told(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    page = client.get("/record/")
    assert "public" in page["Cache-Control"]
    assert not page.cookies
    tag = {"if-none-match": page["ETag"]}
    assert client.get("/record/", headers=tag).status_code == 304
    correct(article, bob, "The quay is in Kobe.")
    assert client.get("/record/", headers=tag).status_code == 200


# --- The ways to it ---------------------------------------------------------------------------------


def test_every_page_and_each_history_lead_to_it(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    assert '<a href="/record/">All corrections</a>' in client.get("/").content.decode()
    history = client.get(f"{article.get_absolute_url()}history/").content.decode()
    assert '<a href="/record/">All corrections and retractions</a>' in history


def test_the_page_of_the_rules_leads_to_it_and_back(client: Client) -> None:
    rules = Page.objects.create(slug="how-we-correct", title="How we correct", is_published=True)
    Page.objects.create(slug="terms", title="Terms", is_published=True)
    line = '<a href="/record/">All corrections and retractions</a>'
    assert line not in client.get("/how-we-correct/").content.decode()
    assert "how-we-correct" not in record(client)
    Masthead.objects.update_or_create(pk=Masthead.current().pk, defaults={"corrections_page": rules})
    assert line in client.get("/how-we-correct/").content.decode()
    assert line not in client.get("/terms/").content.decode()
    assert '<a href="/how-we-correct/">How we correct</a>' in record(client)


def test_no_plain_page_takes_its_address() -> None:
    assert is_taken("record")


# --- The passages of a comparison -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("<p>one two three</p>", "<p>one two three</p>", 0),
        ("<p>one two three</p>", "<p>one 2 three</p>", 1),
        ("<p>one two three four</p>", "<p>1 two three 4</p>", 2),
        ("<p>one</p>", "<p>one</p><p>two words</p><p>three</p>", 1),
        ("<p>one two</p><p>three</p><p>four five</p>", "<p>1 two</p><p>three</p><p>four 5</p>", 2),
        ("<p>one two three</p>", "<p>one <strong>two</strong> three</p>", 1),
        ("<p>港口變化</p>", "<p>港口不變</p>", 2),
    ],
)
def test_passages_that_changed_are_counted(before: str, after: str, count: int) -> None:
    assert passages.count(diff.diff_html(before, after)) == count


@given(st.text(alphabet="ab <>&港", max_size=30), st.text(alphabet="ab <>&港", max_size=30))
def test_a_passage_is_counted_where_one_is_marked(before: str, after: str) -> None:
    html = diff.diff_text(before, after)
    assert (passages.count(html) > 0) == ("<ins>" in html or "<del>" in html)
    assert passages.count(html) <= html.count("<ins>") + html.count("<del>")
