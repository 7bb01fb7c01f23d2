"""Generated pieces: as those that people wrote, in every table; the same for the same seed; interrupted at will."""

import datetime
import re
import zoneinfo
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from articles import render
from articles.jobs import sweep_search
from articles.listing import relist
from articles.models import (  # fmt: skip
    Article,
    AuthorListing,
    ChangedMonth,
    Publication,
    RegionListing,
    Revision,
    SearchEntry,
    SearchWord,
    SeriesListing,
    TagListing,
)
from articles.status import Status
from demo.generated import cast, indexes, load, pieces
from demo.generated.load import Load, Refused
from demo.generated.writing import GivenUp, Order, Writer
from demo.models import Generated
from editorial import replay
from prose import measure
from prose.sanitise import sanitise
from tests.cast import alice, draft  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
COUNT = 24
LISTS = (RegionListing, TagListing, AuthorListing, SeriesListing)


@pytest.fixture(autouse=True)
def _much_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """In so few pieces as in thousands; by batches so small that there are several."""
    monkeypatch.setattr(pieces, "CORRECTED", 0.2)
    monkeypatch.setattr(pieces, "RETRACTED", 0.2)
    monkeypatch.setattr(load, "BATCH", 8)
    monkeypatch.setattr("demo.generated.words.POOL", 400)
    monkeypatch.setattr(load, "ORDINARY", 300)


def made(count: int = COUNT, **options: Any) -> int:
    """With every key checked."""
    return Load(count, **{"length": 120, "trusts_keys": False, "processes": 1} | options).run()


def texts() -> list[tuple[Any, ...]]:
    return list(Article.objects.order_by("pk").values_list("slug", "live__title", "live__body", "status"))


def vectors() -> list[tuple[Any, ...]]:
    """Words with their weights; the order of two topics is the database's."""
    rows = SearchEntry.objects.order_by("pk").values_list("public", "desk")
    return [tuple(vector and re.sub(r"\d+(?=[ABCD,\s]|$)", "", vector) for vector in row) for row in rows]


def listed() -> set[tuple[Any, ...]]:
    return {(model.__name__, *row) for model in LISTS for row in model.objects.values_list("target", "article", "published_at")}  # fmt: skip


def test_what_is_stored_is_what_the_house_would_have_stored() -> None:
    assert made() == COUNT
    connection.check_constraints()
    kinds = set(Publication.objects.values_list("kind", flat=True))
    assert kinds == {Publication.Kind.FIRST, Publication.Kind.CORRECTION, Publication.Kind.RETRACTION}
    for revision in Revision.objects.select_related("rendering"):
        assert sanitise(revision.body) == revision.body
        assert render.body_html(revision.body) == revision.rendering.html
        assert render.contents_json(revision.body) == revision.rendering.contents
        assert measure.words(revision.body) + measure.words(revision.in_brief) == revision.rendering.words
        assert measure.reading_minutes(revision.body, revision.in_brief) == revision.rendering.minutes


def test_lists_and_search_are_those_of_pieces_that_were_published_one_by_one() -> None:
    made()
    before = listed(), vectors()
    for article in Article.objects.all():
        relist(article)
    assert listed() == before[0]
    assert vectors() == before[1]
    assert sum(ChangedMonth.objects.values_list("count", flat=True)) == COUNT
    assert SearchWord.objects.filter(word="trade").exists()


def test_the_timeline_retells_every_piece() -> None:
    made()
    outcomes = [outcome for _article, outcome in replay.check_all()]
    assert len(outcomes) == COUNT
    assert [(outcome.differences, outcome.not_recorded) for outcome in outcomes] == [([], [])] * COUNT


def test_readers_have_their_pages(client: Client) -> None:
    made()
    article = Article.objects.filter(status=Status.PUBLISHED, series__isnull=False).latest("published_at")
    byline, region, tag = article.bylines.first(), article.regions.first(), article.tags.first()
    own = article.get_absolute_url()
    month = f"/archive/{article.published_on:%Y/%m}/"
    word = article.live.title.split()[-1]
    for address in ("/", own, f"{own}print/", f"{own}history/", byline.url, region.get_absolute_url(), tag.get_absolute_url(), article.series.get_absolute_url(), month, "/feed/"):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
    for address in (byline.url, region.get_absolute_url(), tag.get_absolute_url(), month, f"/search/?q={word}"):
        assert own in client.get(address).content.decode(), address
    retracted = Article.objects.filter(status=Status.RETRACTED).first()
    assert "could not be found again" in client.get(retracted.get_absolute_url()).content.decode()


def test_days_are_in_order_and_end_now() -> None:
    now = timezone.now()
    made(now=now, years=3)
    moments = list(Article.objects.order_by("pk").values_list("published_at", flat=True))
    assert moments == sorted(moments)
    assert now - datetime.timedelta(days=3 * 366) < moments[0]
    assert now - datetime.timedelta(days=3 * 366 / COUNT + 1) < moments[-1] < now


def test_interrupted_it_goes_on_and_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MANY", 1)

    def interrupt(done: int, doing: str) -> None:
        if done == 16 and doing == "Pieces":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(told=interrupt)
    assert Article.objects.count() == 16
    assert indexes.missing() == set()
    assert made() == COUNT - 16
    assert made() == 0
    in_parts = texts()
    undo()
    made()
    assert texts() == in_parts


@pytest.mark.django_db(transaction=True)
def test_on_several_cores_at_once_there_are_as_many_without_a_gap() -> None:
    made(processes=2)
    assert Article.objects.count() == Revision.objects.filter(number=1).count() == COUNT
    assert {int(slug.rsplit("-", 1)[1]) for slug in Article.objects.values_list("slug", flat=True)} == set(
        range(1, COUNT + 1)
    )
    assert Generated.objects.get().done == COUNT


def test_a_batch_whose_forerunner_failed_is_not_there_either() -> None:
    made(8)
    run = Generated.objects.get()
    writer = Writer(Order(run, cast.gather(8), zoneinfo.ZoneInfo("UTC")), is_over=lambda: True)
    with pytest.raises(GivenUp):
        writer.write(range(17, 25))
    assert Article.objects.count() == 8


def test_indexes_that_a_killed_run_took_away_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    made()
    with indexes.schema() as editor:
        editor.remove_index(*indexes.heavy()[0])
    assert made() == 0
    assert indexes.missing() == set()


def test_more_of_them_later() -> None:
    made(10)
    ten = texts()
    made(20)
    assert texts()[:10] == ten
    assert len({slug for slug, *_ in texts()}) == 20


def test_another_seed_writes_other_texts() -> None:
    made(8)
    made(8, seed=2)
    titles = list(Article.objects.values_list("live__body", flat=True))
    assert len(titles) == len(set(titles)) == 16


def test_a_site_with_pieces_of_its_own_is_left_alone(alice: Any) -> None:  # noqa: F811
    draft(alice)
    with pytest.raises(Refused, match="1 piece that were not generated"):
        made()
    assert made(is_beside=True) == COUNT
    # Those that it made are no strangers, but that one still is.
    with pytest.raises(CommandError, match="--beside"):
        call_command("generate_articles", "30")


def test_the_worker_makes_the_search_where_it_was_left_out() -> None:
    made(8)
    whole = vectors()
    undo()
    made(8, has_search=False)
    assert not SearchEntry.objects.exclude(desk=None).exists()
    sweep_search(0)
    assert vectors() == whole


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("generate_articles", "9", "--words", "100", "--seed", "7")
    assert "9 pieces made" in capsys.readouterr().out
    call_command("generate_articles", "9", "--seed", "7")
    assert "nothing was changed" in capsys.readouterr().out


@pytest.mark.parametrize("count", ["0", "-5", "many", "1e9"])
def test_a_number_that_is_none_is_refused(count: str) -> None:
    with pytest.raises(CommandError):
        call_command("generate_articles", count)


def undo() -> None:
    """The database as before; generated pieces are no different from others, which stay for ever, so by a truncate."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("TRUNCATE articles_article, demo_generated, authors_author, articles_tag, articles_series RESTART IDENTITY CASCADE")  # fmt: skip
