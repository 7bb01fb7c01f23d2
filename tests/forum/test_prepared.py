"""Statements that are prepared on the server, and the reader of moments."""

import contextlib
import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, DataError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given
from hypothesis import strategies as st

from forum import statements
from forum.models import Masthead
from forum.prepared import QuickMoments, Statement, as_text

NAMES = Statement("SELECT %(text)s::text, %(number)s::int + 1, %(ids)s::bigint[], %(text)s::text")


@pytest.mark.django_db
@pytest.mark.parametrize("is_prepared", [True, False])
@pytest.mark.parametrize("text", ["plain", "it's", "100 % of %(ids)s and $1", "\\ ; -- /*", "العربية 漢字"])
def test_values_arrive_as_they_are(settings: Any, is_prepared: bool, text: str) -> None:
    settings.DATABASE_PREPARE = is_prepared
    for ids in ([], [1], [2**40, 3]):
        assert NAMES.rows(text=text, number=6, ids=ids) == [(text, 7, ids, text)]


@pytest.mark.django_db
def test_texts_of_a_list_arrive_as_they_are() -> None:
    texts = ["", "a,b", "{a}", 'a "word"', "back\\slash", "NULL", "漢字", "it's $1"]
    assert Statement("SELECT %(texts)s::text[]").rows(texts=texts) == [(texts,)]


@pytest.mark.django_db
def test_an_error_is_of_django_s_kind_for_what_stands_around_too() -> None:
    seen: list[type[BaseException]] = []

    def around(execute: Any, *told: Any) -> Any:
        try:
            return execute(*told)
        except Exception as problem:
            seen.append(type(problem))
            raise

    with connection.execute_wrapper(around), pytest.raises(DataError), transaction.atomic():
        Statement("SELECT %(number)s::int").rows(number="no number")
    assert seen == [DataError]


@pytest.mark.django_db
def test_a_connection_keeps_more_statements_than_pages_have() -> None:
    several = [Statement(f"SELECT {number} + %(number)s::int") for number in range(150)]
    for _ in range(2):
        assert [one.rows(number=1) for one in several] == [[(number + 1,)] for number in range(150)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement ~ '^SELECT [0-9]+ [+]'")
        assert cursor.fetchone() == (150,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("can_close", [True, False])
def test_of_more_than_that_the_oldest_is_given_up(can_close: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the way of libpq, and in that of an older one."""
    monkeypatch.setattr(statements, "_CAN_CLOSE", can_close and statements._CAN_CLOSE)
    monkeypatch.setattr(statements, "MOST", 3)
    several = [Statement(f"SELECT {number} * %(number)s::int") for number in range(5)]
    for _ in range(2):
        assert [one.rows(number=2) for one in several] == [[(number * 2,)] for number in range(5)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement ~ '^SELECT [0-9]+ [*]' ORDER BY 1")
        assert cursor.fetchall() == [(f"SELECT {number} * $1::int",) for number in (2, 3, 4)]


@pytest.mark.django_db
def test_a_text_is_never_cut_off() -> None:
    """C ends a text at a NUL, which PostgreSQL takes in none."""
    with pytest.raises(DataError, match="NUL"):
        NAMES.rows(text="a\0b", number=1, ids=[])
    assert NAMES.rows(text="a", number=1, ids=[]) == [("a", 2, [], "a")]


@pytest.mark.django_db
def test_what_is_not_known_is_null() -> None:
    unknown = Statement("SELECT %(text)s::text, %(number)s::int + 1")
    assert unknown.rows(text=None, number=None) == [(None, None)]
    assert unknown.rows(text="a", number=1) == [("a", 2)]


@pytest.mark.django_db
def test_a_moment_is_sent_as_one() -> None:
    """Beside an interval a text of no type would be taken for an interval."""
    later = Statement("SELECT %(at)s + interval '1 day', %(on)s + 1")
    at = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    assert later.rows(at=at, on=at.date()) == [(at + datetime.timedelta(days=1), datetime.date(2026, 3, 2))]


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_it_is_the_first_statement_or_one_of_many() -> None:
    with transaction.atomic():
        assert NAMES.rows(text="a", number=1, ids=[]) == [("a", 2, [], "a")]
        with connection.cursor() as cursor:
            cursor.execute("SELECT now() = statement_timestamp()")
            assert cursor.fetchone() == (False,)  # it had begun with the statement before
    with pytest.raises(DataError), transaction.atomic():
        Statement("SELECT %(number)s::int").rows(number="no number")
    assert NAMES.rows(text="a", number=1, ids=[]) == [("a", 2, [], "a")]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_gone_is_an_operational_error() -> None:
    NAMES.rows(text="a", number=1, ids=[])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(end).result()
    for _ in range(2):
        with pytest.raises(OperationalError):
            NAMES.rows(text="a", number=1, ids=[])
    connection.close()
    assert NAMES.rows(text="a", number=1, ids=[]) == [("a", 2, [], "a")]


@pytest.mark.django_db
def test_the_server_plans_it_once() -> None:
    for number in (1, 2**20, 3):
        NAMES.rows(text="x", number=number, ids=[number])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::text, $2::int + 1, $3%'"
        )
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_table_that_was_changed_meanwhile_is_read_all_the_same() -> None:
    odd = Statement("SELECT a FROM odd")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS odd; CREATE TABLE odd (a int); INSERT INTO odd VALUES (7)")
    assert odd.rows() == [(7,)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE odd ALTER a TYPE text")
    assert odd.rows() == [("7",)]
    assert odd.rows() == [("7",)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE odd")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["DEALLOCATE ALL", "DISCARD ALL"])
def test_statements_that_somebody_dropped_are_prepared_anew(how: str) -> None:
    NAMES.rows(text="a", number=1, ids=[])
    with connection.cursor() as cursor:
        cursor.execute(how)
    assert NAMES.rows(text="a", number=1, ids=[]) == [("a", 2, [], "a")]


@pytest.mark.django_db(transaction=True)
def test_what_was_learned_of_a_table_that_never_came_to_be_is_unlearned() -> None:
    odd = Statement("SELECT a FROM odd_four WHERE a = %(value)s")
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS odd_four; CREATE TABLE odd_four (a text); INSERT INTO odd_four VALUES ('x')"
        )
    with contextlib.suppress(ZeroDivisionError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM odd_four; ALTER TABLE odd_four ALTER a TYPE int USING 1")
        assert odd.rows(value="1") == []
        raise ZeroDivisionError
    with contextlib.suppress(DatabaseError):
        odd.rows(value="x")
    assert odd.rows(value="x") == [("x",)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE odd_four")


@pytest.mark.django_db
@pytest.mark.parametrize("value", [0.5, b"ab", datetime.timedelta(1), (1, 2)])
def test_a_value_of_another_type_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="takes texts, days and moments"):
        Statement("SELECT %(value)s::text").rows(value=value)


@pytest.mark.django_db(transaction=True)
def test_every_connection_of_the_pool_may_be_as_old() -> None:
    odd = Statement("SELECT a FROM odd_too")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS odd_too; CREATE TABLE odd_too (a int); INSERT INTO odd_too VALUES (7)")

    def several() -> list[Any]:
        """Each on a connection of its own, all at once."""
        together = threading.Barrier(3)

        def ask() -> Any:
            try:
                with connection.cursor():
                    together.wait(10)
                return odd.rows()
            finally:
                connection.close()

        with ThreadPoolExecutor(3) as pool:
            return [one.result() for one in [pool.submit(ask) for _ in range(3)]]

    assert several() == [[(7,)]] * 3
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE odd_too ALTER a TYPE text")
    connection.close()
    assert odd.rows() == [("7",)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE odd_too")


@pytest.mark.django_db
def test_the_masthead_is_the_same_either_way(settings: Any) -> None:
    Masthead.objects.update_or_create(pk=1, defaults={"name": "100 % “Forum”"})
    first = Masthead.current().fingerprint
    settings.DATABASE_PREPARE = False
    assert Masthead.current().fingerprint == first


@given(st.datetimes(timezones=st.just(datetime.UTC)))
@example(datetime.datetime(1, 1, 1, tzinfo=datetime.UTC))
@example(datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC))
def test_moments_are_read_as_django_reads_them(moment: datetime.datetime) -> None:
    text = moment.strftime("%Y-%m-%d %H:%M:%S").zfill(19)
    fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
    found = QuickMoments(0).load(f"{text}{fraction}+00".encode())
    assert (found, found.tzinfo) == (moment, datetime.UTC)


def test_a_type_does_not_hang_on_the_value() -> None:
    assert [as_text(value) for value in (1, 2**40, [], [1, 2**40], "a")] == [
        "1",
        str(2**40),
        "{}",
        f"{{1,{2**40}}}",
        "a",
    ]


@pytest.mark.django_db
def test_the_log_of_statements_tells_it_each_time() -> None:
    for number in range(3):
        with CaptureQueriesContext(connection) as noted:
            NAMES.rows(text="x", number=number, ids=[number])
        assert [query["sql"].split(",")[0] for query in noted] == ["SELECT $1::text"]
