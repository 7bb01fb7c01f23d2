"""However the newest matches are looked for, the same are found; and what takes too long is given up in plain words."""

import datetime
import re
import time
from typing import Any

import pytest
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from django.test import Client
from django.utils import timezone

from accounts.models import User
from articles import hits, results, suggest
from articles.asked import Asked
from articles.facets import NAME_SQL
from articles.models import Region, SearchEntry
from articles.patience import TooLong, answered, patient
from articles.results import look, matching
from articles.search import period_of, query_of, query_sql
from articles.suggest import FOUND_BY
from articles.views import search
from forum.prepared import Statement
from tests.articles.shelf import ago, published
from tests.cast import retract, take_down

pytestmark = pytest.mark.django_db

ASKED = (
    Asked(q="harbours"),
    Asked(q='"harbours of tuna"'),
    Asked(q="harbours -rice"),
    Asked(q="harbours -harbour"),
    Asked(q="harbours -rice", region="japan"),
    Asked(q='"harbours of"', year="2019", region="japan"),
    Asked(q="harbours", region="japan", topic="fish"),
    Asked(q="harbours", year="2019"),
    # Before the first and after the last piece that there is.
    Asked(q="harbours", year="1066"),
    Asked(q="harbours", year="2999"),
    Asked(q="harbours", author="alice-marlowe", sort="newest"),
    Asked(q="harbours", topic="nothing-of-the-kind"),
)
# As the planner would see it: how many have the words, of how many; and up to how many all are looked at.
WAYS: dict[str, tuple[int, int, int]] = {
    "all": (4, 1_000, 3_000),
    "one by one": (900, 1_000, 0),
    "by period": (40, 1_000, 0),
    "by ever more periods": (100_000, 2_000_000, 0),
    "by the shortest list": (100_000, 2_000_000, 3_000),
}


@pytest.fixture
def shelf(alice: User, ada: User, bob: User, mara: User) -> None:
    for number, (author, what) in enumerate(((alice, "tuna"), (ada, "rice"), (alice, "coal"), (ada, "tuna"))):
        days = (1, 3, 400, 2_600)[number]
        published(author, bob, title=f"Harbours of {what} {number}", at=ago(days=days), tags=("Fish",)[: number % 2])
    take_down(published(alice, bob, title="Harbours taken down"), mara)
    retract(published(alice, bob, title="Harbours retracted"), mara, bob)
    assert Region.objects.filter(slug="japan").exists()


@pytest.mark.parametrize("way", WAYS)
def test_every_way_finds_the_same(shelf: None, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    likely, of_all, few = WAYS[way]
    known = hits._known

    def told(asked: Asked, now: datetime.datetime) -> dict[str, tuple[int, int]]:
        return known(asked, now) | {"all": (0, of_all)}

    monkeypatch.setattr(hits, "estimate", lambda *matches: likely)
    monkeypatch.setattr(hits, "_known", told)
    monkeypatch.setattr(hits, "FEW", few)
    monkeypatch.setattr(hits, "SHORT", few)
    now = timezone.now()
    for asked in ASKED:
        wanted = list(matching(asked, now).newest_first().values_list("pk", flat=True))
        found = look(asked, now, size=20)
        assert (found.count, sorted(found.ids)) == (len(wanted), sorted(wanted)), asked
        assert asked.sort != "newest" or found.ids == wanted


def test_no_period_is_looked_at_twice_and_no_piece_found_twice(shelf: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even one that is given another day between two looks."""
    monkeypatch.setattr(hits, "estimate", lambda *matches: 100_000)
    monkeypatch.setattr(hits, "FEW", 0)
    now, looks, sql_for = timezone.now(), [], hits._hits

    def noted(*told: Any, periods: list[int], **more: Any) -> Any:
        looks.append(periods)
        return sql_for(*told, periods=periods, **more)

    monkeypatch.setattr(hits, "_hits", noted)
    tried, ids = hits.ways(Asked(q='"harbours of"'), now, 501, 25), []
    sql, is_certain = next(tried)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql.text, sql.params)
            ids = [pk for pk, *_ in cursor.fetchall()]
        if is_certain:
            break
        if ids:
            older = now - datetime.timedelta(days=2_500)
            SearchEntry.objects.filter(pk=ids[0]).update(published_at=older, periods=[period_of(older)])
        sql, is_certain = tried.send((len(ids), f"{{{','.join(map(str, ids))}}}"))
    periods = [period for several in looks for period in several]
    assert len(looks) > 1
    assert len(periods) == len({*periods})
    assert sorted(ids) == sorted(SearchEntry.objects.filter(public__isnull=False).values_list("pk", flat=True))


def test_pages_of_the_newest_lead_to_all_that_the_best_leave_out(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        published(alice, bob, title=f"Harbours of tuna {number}", at=ago(days=1 + 400 * number))
    monkeypatch.setattr(hits, "estimate", lambda *matches: 100_000)
    monkeypatch.setattr(hits, "FEW", 0)
    monkeypatch.setattr(hits, "LOOKED_AT", 0)
    monkeypatch.setattr(results, "ENOUGH", 3)
    monkeypatch.setattr(search, "PAGE", 2)

    def pages(sort: str) -> tuple[list[str], str]:
        titles, address, text = [], f"?q=%22harbours+of%22{sort}", ""
        while address:
            text = client.get(f"/search/{address}").content.decode()
            titles += re.findall(r"of tuna (\d)", text)
            older = re.search(r'class="older" href="([^"]*)"', text)
            address = older[1].replace("&amp;", "&") if older else ""
        return titles, text

    best, text = pages("")
    assert 3 <= len(best) < 7
    assert "best among the newest pieces found" in text
    assert 'href="?q=%22harbours+of%22&amp;sort=newest" rel="nofollow">Newest first</a> leads on' in text
    newest, text = pages("&sort=newest")
    assert newest == list("0123456")
    assert "best among the newest" not in text


def test_nothing_but_the_estimate_says_which_way(shelf: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE articles_searchentry")
    assert hits.estimate(hits.matches(query_sql("harbours"))) >= 3
    assert hits.estimate(hits.matches(query_sql("zyxocanary"))) <= 1


@pytest.mark.parametrize(
    "words",
    [
        "harbours",
        'the "rice trade" or coal',
        '-tuna harbours -"of rice"',
        "-only",
        "朝鮮半島 -平和",
        "l’été's",
        "%s \0 $1",
    ],
)
def test_a_query_is_the_same_by_hand_and_by_the_orm(shelf: None, words: str) -> None:
    sql = query_sql(words)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql.text}::text", sql.params)
        by_hand = cursor.fetchone()[0]
    with_it = SearchEntry.objects.annotate(asked=Cast(query_of(words), TextField())).values_list("asked", flat=True)
    assert with_it[0] == by_hand


def test_each_listed_piece_lies_in_its_period(shelf: None) -> None:
    rows = SearchEntry.objects.values_list("public", "published_at", "periods", "article__published_at")
    assert len(rows) == 6
    for public, at, periods, published_at in rows:
        if public is None:
            assert (at, periods) == (None, None)
        else:
            assert (at, periods) == (published_at, [period_of(published_at)])


def test_a_query_that_takes_too_long_is_stopped() -> None:
    begun = time.monotonic()
    with pytest.raises(TooLong), patient(0.05), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(30)")
    assert time.monotonic() - begun < 10
    alone = "SELECT current_setting('statement_timeout'), current_setting('max_parallel_workers_per_gather')"
    with patient(0.05), connection.cursor() as cursor:
        cursor.execute(alone)
        assert cursor.fetchone() == ("50ms", "0")
    with connection.cursor() as cursor:
        cursor.execute(f"{alone}, pg_sleep(0.1)")
        assert cursor.fetchone()[:2] == ("0", "2")


@pytest.mark.django_db(transaction=True)
def test_tables_that_were_changed_meanwhile_are_searched_all_the_same() -> None:
    """However many they are: the transaction is lost with the first, and all of it is asked once more."""
    several = [Statement(f"SELECT a FROM odd_{number}") for number in range(3)]  # noqa: S608  numbers

    def change(sql: str) -> None:
        with connection.cursor() as cursor:
            for number in range(3):
                cursor.execute(sql.format(f"odd_{number}"))

    def ask() -> list[Any]:
        return answered(lambda: [one.rows() for one in several])

    change("DROP TABLE IF EXISTS {0}; CREATE TABLE {0} (a int); INSERT INTO {0} VALUES (7)")
    assert ask() == [[(7,)]] * 3
    change("ALTER TABLE {0} ALTER a TYPE text")
    assert ask() == [[("7",)]] * 3
    # Those of before go, once another is prepared and there is time.
    assert Statement("SELECT %(more)s::text").rows(more="x") == [("x",)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT a FROM odd__'")
        assert cursor.fetchone() == (3,)
        cursor.execute("DISCARD ALL")
    assert ask() == [[("7",)]] * 3
    change("DROP TABLE {0}")


@pytest.mark.parametrize("address", ["/search/?q=harbours", "/search/suggest/?q=harbours"])
def test_the_reader_is_told_in_plain_words(client: Client, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    def slow(*args: Any, **kwargs: Any) -> None:
        raise TooLong

    monkeypatch.setattr(search, "look", slow)
    monkeypatch.setattr(search, "suggestions", slow)
    answer = client.get(address)
    assert answer.status_code == 503
    assert "suggest" in address or "This search takes too long." in answer.content.decode()


@pytest.mark.parametrize("kind", sorted(FOUND_BY))
def test_names_are_suggested_by_the_index_of_their_words(kind: str) -> None:
    """The index of migration 0020 has the very expression that is asked for."""
    _label, table, _listing = NAME_SQL[kind]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN SELECT 1 FROM {table} AS t WHERE to_tsvector('simple', {FOUND_BY[kind][0]}) @@ '''fis'':*'"  # noqa: S608  constants
        )
        assert f"{table}_words" in str(cursor.fetchall())


def test_of_many_pieces_titles_of_the_newest_are_suggested(shelf: None, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [one.name for one in suggest.suggestions("harb", timezone.now()) if one.kind == "piece"]
    assert titles == ["Harbours of tuna 0", "Harbours of rice 1", "Harbours of coal 2", "Harbours of tuna 3"]
    monkeypatch.setattr(suggest, "estimate", lambda match: 100_000)
    assert [one.name for one in suggest.suggestions("harb", timezone.now()) if one.kind == "piece"] == titles
    monkeypatch.setattr(suggest, "LOOKED_AT", 2)
    assert [one.name for one in suggest.suggestions("harb", timezone.now()) if one.kind == "piece"] == titles[:2]
