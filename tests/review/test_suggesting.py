"""Who could referee: by topic and region, with load, speed and conflicts known beforehand."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.models import Article, Byline
from authors.models import Author
from review import suggesting
from review.models import Referee, Review, Round
from tests.cast import author_for, in_days, person, piece_in
from tests.review import refereeing

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def round(alice: User, bob: User) -> Round:
    article = refereeing.in_review(alice, bob)
    article.tags.add("Trade")
    article.handling.please_not = "Nora Nemesis (Sluice College)\nanybody from Lockgate Institute"
    article.handling.save()
    return refereeing.round_of(article)


def kinds(referee: Referee, article: Article) -> set[str]:
    return {conflict.kind for conflict in suggesting.conflicts_of(referee, article)}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, set()),
        ({"affiliation": "The tidewater university"}, {"affiliation"}),
        ({"affiliation": "School of Harbours, University of Tidewater"}, {"affiliation"}),
        ({"affiliation": "Department of Economics, Delta University"}, set()),
        ({"email": "rita@econ.example.org"}, {"domain"}),
        ({"email": "rita@gmail.com"}, set()),
        ({"conflicts": "Alice Marlowe, my co-author of old"}, {"declared"}),
        ({"conflicts": "Everybody at Tidewater University"}, {"declared"}),
        ({"conflicts": "Bilgewater University"}, set()),
        ({"name": "Nora Nemesis"}, {"please not"}),
        ({"name": "N. Nemesis"}, {"please not"}),
        ({"affiliation": "Institute of Tides, Lockgate Institute"}, {"please not"}),
        ({"name": "Noa Friend"}, set()),
        ({"name": "Alice Two", "email": "alice@example.org"}, {"author"}),
    ],
)  # fmt: skip
def test_conflicts_that_are_known_beforehand(fields: dict[str, Any], wanted: set[str], round: Round) -> None:
    assert kinds(refereeing.referee(**fields), round.article) == wanted
    unsaved = Referee(**{"name": "Rita Gauge", "email": "rita@example.net", "affiliation": "Gauge Institute"} | fields)
    assert kinds(unsaved, round.article) == wanted


def test_addresses_at_public_providers_tie_nobody(alice: User, bob: User) -> None:
    alice.email = "alice@qq.com"
    alice.save()
    round = refereeing.round_of(refereeing.in_review(alice, bob))
    assert kinds(refereeing.referee(email="rita@qq.com"), round.article) == set()


def test_a_shared_byline_counts_for_three_years_by_account_or_by_name(
    round: Round, alice: User, ada: User, bob: User
) -> None:
    other = piece_in("published", author=ada, editor=bob, title="Written together")
    Byline.objects.create(article=other, author=Author.objects.get(user=alice), name="Alice Marlowe", position=1)
    Byline.objects.create(article=other, name="Kim Lee", position=2)
    by_account = refereeing.referee("A. Quill", "a.quill@example.net", user=ada, affiliation="Elsewhere")
    by_name = refereeing.referee("Lee Kim", "kim@example.net")
    stranger = refereeing.referee("Kit Lock")
    assert "byline" in kinds(by_account, round.article)
    assert kinds(by_name, round.article) == {"byline"}
    assert kinds(stranger, round.article) == set()
    Article.objects.filter(pk=other.pk).update(published_at=timezone.now() - 4 * 366 * DAY)
    assert kinds(by_name, round.article) == set()


def test_who_said_no_for_a_conflict_is_remembered(round: Round, alice: User, ada: User, bob: User) -> None:
    rita = refereeing.referee()
    elsewhere = refereeing.round_of(refereeing.in_review(ada, bob))
    refereeing.invited(elsewhere, rita, state="cant", cant_why="conflict")
    assert kinds(rita, round.article) == set()
    same_author = refereeing.round_of(refereeing.in_review(alice, bob, title="Another"))
    refereeing.invited(same_author, rita, state="cant", cant_why="conflict")
    assert kinds(rita, round.article) == {"earlier"}


def test_editors_who_handle_it_and_its_authors_are_not_suggested(
    round: Round, alice: User, bob: User, bea: User
) -> None:
    refereeing.referee("Bob R", bob.email, user=bob)
    refereeing.referee("Alice M", alice.email, user=alice)
    refereeing.referee("Bea M", bea.email, user=bea)
    asked = refereeing.referee()
    refereeing.invited(round, asked)
    assert {row.name for row in suggesting.suggestions(round)} == {"Bea M"}
    assert {row.name for row in suggesting.search(round, "B")} == {"Bea M"}


def test_those_who_know_the_subject_come_first_with_what_they_did_so_far(round: Round, ada: User, bob: User) -> None:
    now = timezone.now()
    trade = round.article.tags.get()
    knows, tied, paused, other = (
        refereeing.referee("Tara Trade"),
        refereeing.referee("Tim Tied", affiliation="Tidewater University"),
        refereeing.referee("Pia Pause", not_before=in_days(20)),
        refereeing.referee("Otto Other"),
    )
    for one in (knows, tied, paused):
        one.tags.add(trade)
    knows.regions.add(round.article.regions.get().parent)
    published = piece_in("published", author=ada, editor=bob, title="On trade too")
    published.tags.add(trade)
    from articles.listing import relist

    relist(published)
    past = refereeing.round_of(refereeing.in_review(ada, bob, title="Long ago"))
    refereeing.submitted(past, knows, now=now - 30 * DAY, invited_at=now - 40 * DAY)
    another = refereeing.round_of(refereeing.in_review(ada, bob, title="Just now"))
    refereeing.invited(another, knows, now=now)
    rows = suggesting.suggestions(round)
    names = [row.name for row in rows]
    assert names[0] == "Tara Trade"
    assert set(names) == {"Tara Trade", "Tim Tied", "Pia Pause", "Otto Other", "Ada Quill"}
    assert names[-1] == "Tim Tied" or [c.kind for c in rows[-1].conflicts]
    first = rows[0]
    assert first.shares[:2] == ["Trade", "East Asia"]
    record = first.record
    assert (record.load, record.days, record.reviewed, record.share) == (1, 10, 1, "answered 1 of 2")
    assert record.last_invited == now
    author = next(row for row in rows if row.name == "Ada Quill")
    assert author.key == f"account-{ada.pk}"
    assert "1 piece on its topics" in author.shares
    assert next(row for row in rows if row.name == "Pia Pause").paused_until == in_days(20)
    assert other.pk


def candidates(count: int, round: Round, ada: User) -> None:
    trade = round.article.tags.get()
    for n in range(count):
        user = person(f"w{n}-{count}@example.com", f"Writer {'abcdefgh'[n]} Nil", roles.AUTHOR)
        author = author_for(user, f"Writer{'abcdefgh'[n]}", f"Nil{count}")
        piece = piece_in(
            "published", author=user, editor=User.objects.get(email="bob@example.org"), title=f"Piece {n} of {count}"
        )
        piece.tags.add(trade)
        from articles.listing import relist

        relist(piece)
        referee = refereeing.referee(
            f"Referee {'abcdefgh'[n]} Of{count}", f"r{n}-{count}@example.net", user=user if n else None
        )
        referee.tags.add(trade)
        other = refereeing.round_of(
            refereeing.in_review(ada, User.objects.get(email="bob@example.org"), title=f"Other {n}")
        )
        refereeing.submitted(other, referee)
        assert author.pk


def test_the_questions_to_the_database_are_as_many_for_one_as_for_three(round: Round, ada: User, bob: User) -> None:
    counts = []
    for count in (1, 2):
        candidates(count, round, ada)
        fresh = Round.objects.select_related("article__handling", "article__corresponding").get(pk=round.pk)
        with CaptureQueriesContext(connection) as queries:
            rows = suggesting.suggestions(fresh)
        assert len(rows) >= count
        counts.append(len(queries))
    assert counts == [QUERIES, QUERIES]
    assert Review.objects.exists()


QUERIES = 20


def test_search_finds_others_and_bad_input_is_harmless(round: Round, ada: User) -> None:
    refereeing.referee("Zoë Quay", "zoe.quay@harbour.example")
    assert [row.name for row in suggesting.search(round, "quay")] == ["Zoë Quay"]
    assert [row.name for row in suggesting.search(round, "zoe.quay@")] == ["Zoë Quay"]
    assert [(row.name, row.key) for row in suggesting.search(round, "quill")] == [("Ada Quill", f"account-{ada.pk}")]
    for typed in ("", "\x00", "%", "x" * 5000, "'; --"):
        suggesting.search(round, typed)


def test_an_editor_who_may_have_seen_who_wrote_it_is_asked_with_a_reason(alice: User, bob: User, bea: User) -> None:
    article = refereeing.in_review(alice, bob)
    who = refereeing.referee("Bea Margin", bea.email, user=bea)
    kinds = {conflict.kind for conflict in suggesting.conflicts_of(who, article)}
    assert "desk" in kinds
    # Where referees are told who wrote it, it does not matter.
    told = refereeing.in_review(alice, bob, mode="single", title="Another tide")
    assert {conflict.kind for conflict in suggesting.conflicts_of(who, told)} == kinds - {"desk"}
