"""Queries that are put into SQL once answer as the same query would that is made anew."""

import datetime

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forum.compiled import Compiled, any_of
from forum.models import Masthead, NavigationItem, Page

pytestmark = pytest.mark.django_db

PAGES: Compiled[Page] = Compiled(
    lambda slug, since, ids: (
        Page.objects.filter(Q(slug=slug) | any_of("pk", ids), changed_at__gte=since).order_by("slug").defer("body")
    ),
    slug=str,
    since=datetime.datetime,
    ids=list,
)


def test_each_call_has_its_own_values() -> None:
    now = timezone.now()
    about, terms = (
        Page.objects.create(slug=slug, title=slug, body="Text", changed_at=now) for slug in ("about", "terms")
    )
    ago = now - datetime.timedelta(days=1)
    assert PAGES(slug="about", since=ago, ids=[]) == [about]
    assert PAGES(slug="about", since=ago, ids=[terms.pk, about.pk]) == [about, terms]
    assert PAGES(slug="about", since=now + datetime.timedelta(days=1), ids=[terms.pk]) == []
    assert PAGES.first(slug="'; --", since=ago, ids=[-1]) is None


def test_a_day_is_told_from_a_moment_and_from_another_day() -> None:
    days: Compiled[Page] = Compiled(
        lambda since, first, last: Page.objects.filter(changed_at__gte=since, changed_at__date__range=(first, last)),
        since=datetime.datetime,
        first=datetime.date,
        last=datetime.date,
    )
    at = datetime.datetime(2020, 5, 3, 12, tzinfo=datetime.UTC)
    page = Page.objects.create(slug="about", title="About", body="Text", changed_at=at)
    day, before = datetime.date(2020, 5, 3), datetime.date(2020, 5, 2)
    assert days(since=at, first=before, last=day) == [page]
    assert days(since=at, first=before, last=before) == []
    assert days(since=at + datetime.timedelta(seconds=1), first=before, last=day) == []


def test_rows_are_loaded_as_ever() -> None:
    page = Page.objects.create(slug="about", title="About", body="Text")
    item = NavigationItem.objects.create(page=page, label="Us")
    found = Compiled(lambda: NavigationItem.objects.select_related("page").filter(label="Us"))()
    with CaptureQueriesContext(connection) as queries:
        assert (found, found[0].page, found[0].page.title) == ([item], page, "About")
    assert len(queries) == 0
    one = PAGES.first(slug="about", since=page.changed_at, ids=[])
    assert one is not None
    with CaptureQueriesContext(connection) as queries:
        assert one.title == "About"
        assert one.body == "Text"  # left out, and so asked for
    assert len(queries) == 1


def test_columns_in_json_are_what_they_are_elsewhere() -> None:
    Masthead.objects.get_or_create(pk=1)
    page = Page.objects.create(slug="about", title="Ünder “us”", is_published=True)
    NavigationItem.objects.create(page=page)
    assert [(link.label, link.url) for link in Masthead.current().foot_links] == [("Ünder “us”", "/about/")]
