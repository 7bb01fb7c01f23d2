"""How many pieces lists and months hold: kept while they change, and always what a count would say."""

import datetime
from typing import Any

import pytest
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from articles.counts import by_month, count_of, counts, gather, recount
from articles.listing import relist
from articles.models import Article, AuthorListing, ListCount, RegionListing, SeriesListing, TagListing
from articles.models.listing import Listing
from tests.articles.shelf import ago, published
from tests.cast import piece_in, region, retract, take_down

pytestmark = pytest.mark.django_db
LISTS: tuple[type[Listing], ...] = (RegionListing, TagListing, AuthorListing, SeriesListing)


def counted(model: Any, now: datetime.datetime) -> dict[int, int]:
    rows = model.objects.filter(published_at__lte=now).values_list("target").order_by()
    return dict(rows.annotate(count=Count("pk")))


def check() -> None:
    now = timezone.now()
    for model in LISTS:
        assert counts(model, now) == counted(model, now)
    months: dict[datetime.date, int] = {}
    for day in Article.objects.listed(now).values_list("published_on", flat=True):
        months[day.replace(day=1)] = months.get(day.replace(day=1), 0) + 1
    assert by_month(now) == sorted(months.items(), reverse=True)


def test_counts_follow_what_happens_to_pieces(alice: User, ada: User, bob: User, mara: User) -> None:
    pieces = [
        published(alice, bob, title=f"Piece {n}", at=ago(days=40 * n), tags=("Trade", f"Topic {n}")) for n in range(4)
    ]
    check()
    pieces[0].regions.set([region("Japan", "Asia")])
    relist(pieces[0])
    take_down(pieces[1], mara)
    retract(pieces[2], mara, bob)
    piece_in("scheduled", author=ada, editor=bob)
    check()
    Article.objects.filter(pk=pieces[3].pk).update(published_on=datetime.date(2019, 5, 6))
    gather()
    check()
    assert ListCount.objects.values("kind", "target").distinct().count() == ListCount.objects.count()


def test_a_scheduled_piece_counts_from_its_moment_on(alice: User, bob: User) -> None:
    ahead = piece_in("scheduled", author=alice, editor=bob)
    author = ahead.bylines.get().author_id
    assert author is not None
    before, then = timezone.now(), ahead.published_at
    assert then is not None
    assert (count_of(AuthorListing, author, before), by_month(before)) == (0, [])
    assert count_of(AuthorListing, author, then) == 1
    assert by_month(then) == by_month(then, then.year) == [(ahead.published_on.replace(day=1), 1)]
    assert by_month(then, then.year - 1) == []


def test_rows_brought_in_past_the_triggers_are_counted_anew(alice: User, bob: User) -> None:
    published(alice, bob, tags=("Trade",))
    ListCount.objects.all().delete()
    assert counts(TagListing, timezone.now()) == {}
    recount()
    check()
    recount()
    check()


def test_a_count_changes_with_the_list_a_row_is_moved_to(alice: User, bob: User) -> None:
    published(alice, bob, tags=("Trade",))
    published(alice, bob, title="Another", tags=("Banks",))
    trade, banks = TagListing.objects.order_by("pk").values_list("target", flat=True)
    TagListing.objects.filter(target=banks).update(target=trade)
    check()
    assert counts(TagListing, timezone.now(), [banks, trade]) == {trade: 2}
