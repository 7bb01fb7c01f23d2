"""What is noted of a page while it is rendered."""

import datetime

import pytest
from django.db import connection

from articles.models import Article, Region
from forum.models import Mail
from forum.pagecache import covered, mark_page, shows, until
from forum.pagecache.shown import FURNITURE, noting, watched

pytestmark = pytest.mark.django_db


def test_queries_note_the_tables_that_they_name() -> None:
    with noting() as shown:
        list(Article.objects.filter(slug="none"))
        list(Region.objects.all())
    assert shown.tags == {FURNITURE, "pieces"}
    assert not shown.may_be_kept
    mark_page()
    assert not shown.is_page


def test_a_covered_query_notes_what_it_is_told_alone() -> None:
    with noting() as shown:
        with covered("region:3"):
            list(Article.objects.filter(slug="none"))
        mark_page()
    assert shown.tags == {FURNITURE, "region:3"}
    assert shown.may_be_kept


def test_a_table_that_tells_nobody_keeps_the_page_out_even_where_it_is_covered() -> None:
    with noting() as shown:
        mark_page()
        with covered():
            list(Mail.objects.all())
    assert shown.unheard == {"forum_mail"}
    assert not shown.may_be_kept


def test_nothing_is_noted_outside() -> None:
    shows("article:7")
    until(datetime.datetime.now(datetime.UTC))
    with covered("article:7"):
        list(Article.objects.all())
    with noting() as shown:
        pass
    assert shown.tags == {FURNITURE}


def test_the_first_moment_counts() -> None:
    early, late = (datetime.datetime(2026, 1, day, tzinfo=datetime.UTC) for day in (1, 2))
    with noting() as shown:
        for moment in (late, early, late):
            until(moment)
    assert shown.until == early


# What never changes once it is there, leads on instead of being shown, or tells nobody of anything but itself.
SILENT = {
    "articles_revision", "articles_formeraddress", "articles_feedstate", "articles_regionformerslug", "articles_tagformerslug",
    "articles_seriesformerslug", "articles_listcount",
}  # fmt: skip


def test_each_table_that_a_kept_page_may_ask_has_its_trigger() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE proname LIKE 'articles\\_tell\\_%' OR proname = 'forum_tell_always'"
        )
        telling = {name for (name,) in cursor.fetchall()}
    assert telling == set(watched()) - SILENT
