"""Numbers of the desk: what each is out of, what never counts, and what nobody learns from them."""

import csv
import datetime
import io
import zoneinfo
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Region
from articles.status import Status
from editorial import writing
from editorial.models import Conflict, LoadedPiece
from editorial.perform import perform
from review import numbers
from review.admin import numbers as pages
from tests.cast import BODY, author_for, draft, in_days, piece_in, region
from tests.editorial.desk import client_of, text
from tests.review.refereeing import accepted, in_review, invited, referee, round_of, submitted

pytestmark = pytest.mark.django_db

ZONE = zoneinfo.ZoneInfo("Australia/Sydney")
DAY = datetime.timedelta(days=1)
START = timezone.now() - 60 * DAY


def at(days: float) -> datetime.datetime:
    return START + days * DAY


def handed_in(by: User, day: float = 0, **fields: Any) -> Article:
    article = draft(by, **fields)
    perform(article, "submit", by=by, now=at(day))
    return article


def decided(article: Article, step: str, by: User, day: float, **said: Any) -> None:
    details: dict[str, Any] = {
        "decline": {"message": "Not for us.", "note": "Out of scope"},
        "request_revision": {"message": "Please shorten it.", "due_on": in_days(30)},
        "review_in_house": {"note": "Short and clear"},
    }.get(step, {})
    perform(article, step, by=by, now=at(day), **details | said)


def of(user: User, **filters: Any) -> numbers.Numbers:
    # Rights are remembered with the person that was first asked.
    return numbers.of(User.objects.get(pk=user.pk), now=timezone.now(), zone=ZONE, **filters)


def test_each_number_says_of_how_many(alice: User, ada: User, bob: User) -> None:
    for days, step in ((2, "accept"), (4, "decline"), (6, "request_revision"), (8, "review_in_house")):
        decided(handed_in(alice), step, bob, days)
    handed_in(ada)
    withdrawn = handed_in(ada)
    perform(withdrawn, "withdraw", by=ada, now=at(3))
    piece_in(Status.DRAFT, author=ada, editor=bob)
    found = of(bob).overall
    assert (found.handed_in, found.answered, found.waiting, found.withdrawn) == (6, 4, 1, 1)
    # Asking for a revision decides nothing yet.
    assert (found.accepted, found.declined, found.decided) == (2, 1, 3)
    assert found.acceptance.percent is None, "of three pieces a percentage says too much"
    days = found.to_decision
    assert (days.count, days.lower, days.median, days.upper) == (4, 3.5, 5.0, 6.5)
    assert sum(row.handed_in for row in of(bob).months) == 6
    assert [row.name for row in of(bob).regions] == ["Japan"]


def test_a_decision_that_was_taken_back_counts_nowhere(alice: User, bob: User) -> None:
    article = draft(alice)
    perform(article, "submit", by=alice, now=at(0))
    perform(article, "send_to_review", by=bob, mode="single", wanted=1, now=at(1))
    minute = datetime.timedelta(minutes=5)
    perform(article, "decline", by=bob, message="No.", note="A slip of the hand", now=at(2))
    perform(article, "take_back", by=bob, note="The wrong piece", now=at(2) + minute)
    found = of(bob).overall
    assert (found.answered, found.waiting, found.decided) == (0, 1, 0)
    perform(article, "accept", by=bob, note="Both of us know it", now=at(9))
    found = of(bob).overall
    assert (found.accepted, found.declined, found.to_decision.median) == (1, 0, 9.0)


def test_a_piece_that_came_back_to_the_desk_is_undecided_again(alice: User, bob: User, mara: User) -> None:
    reopened, back = handed_in(alice), handed_in(alice)
    decided(reopened, "decline", bob, 2)
    perform(reopened, "reopen", by=mara, note="New data", now=at(4))
    decided(back, "accept", bob, 2)
    perform(back, "step_back", by=bob, note="Accepted too early", now=at(4))
    found = of(bob).overall
    assert (found.answered, found.decided) == (2, 0)


def test_pieces_that_were_loaded_do_not_count(bob: User, mara: User) -> None:
    article = writing.begin(
        by=mara, corresponding=None, editor=mara, title="Of old", in_brief="Old.", body=BODY, now=at(0)
    )
    perform(article, "import", by=mara, at=at(0), now=at(0))
    LoadedPiece.objects.create(external_id="1", article=article, digest="x", revision=article.latest)
    found = of(bob)
    assert found.overall.handed_in == found.printed.published == 0


def test_publication_and_who_read_it(alice: User, ada: User, bob: User) -> None:
    article = in_review(alice, bob, wanted=1)
    submitted(round_of(article), referee())
    perform(article, "accept", by=bob)
    perform(article, "settle_approval", by=_manager(), how="waived", note="By mail")
    perform(article, "publish", by=bob)
    piece_in(Status.PUBLISHED, author=ada, editor=bob)
    piece_in("scheduled", author=ada, editor=bob)
    found = of(bob)
    assert (found.printed.refereed, found.printed.published) == (1, 2)
    assert (found.overall.published, found.overall.handed_in, found.overall.to_publication.count) == (2, 3, 2)
    assert found.printed_months[-1].refereed == 1


def _manager() -> User:
    from tests.cast import managing

    return managing()


def test_period_and_region(alice: User, bob: User) -> None:
    handed_in(alice)
    old = handed_in(alice, -700)
    old.regions.set([Region.objects.create(name="Chile")])
    assert of(bob).overall.handed_in == 1
    assert of(bob, months=None).overall.handed_in == 2
    # A region counts with those within it.
    assert of(bob, region=Region.objects.get(name="East Asia").pk).overall.handed_in == 1
    assert of(bob, months=None, region=Region.objects.get(name="Chile").pk).overall.handed_in == 1
    assert len(of(bob).months) == 12
    assert len(of(bob, months=None).months) >= 24


def test_nobody_learns_of_their_own_piece(alice: User, bob: User, bea: User) -> None:
    """An editor's own piece, one they have a conflict with, and one they referee: in none of their numbers."""
    author_for(bob, "Bob", "Harker")
    for wanted in ("own", "conflict", "refereed"):
        article = in_review(bob if wanted == "own" else alice, bea, mode="single", title=f"The {wanted} piece")
        round = round_of(article)
        submitted(round, referee("Rita Gauge", f"{wanted}@example.net"))
        invited(round, referee("Rolf Tide", f"rolf-{wanted}@example.net"))
        if wanted == "conflict":
            Conflict.objects.create(article=article, person=bob, reason="A cousin", declared_by=bea)
        if wanted == "refereed":
            accepted(round, referee("Bob Redpen", "bob@example.org", user=bob))
        perform(article, "decline", by=bea, message="No.", note="Weak", settle={str(r.pk): "cancelled" for r in round.reviews.all()})  # fmt: skip
    hers, his = of(bea), of(bob)
    assert (hers.overall.handed_in, hers.overall.declined) == (3, 3)
    assert hers.all_referees is not None
    assert hers.all_referees.invited == 7
    assert (his.overall.handed_in, his.left_out) == (0, 3)
    assert his.all_referees is not None
    assert (his.referees, his.all_referees.invited) == ([], 0)
    assert his.regions == []
    said = text(client_of(bob).get("/admin/review/numbers/"))
    assert "Rita" not in said
    assert "3 pieces are left out of what you see" in said
    assert "Rita" not in client_of(bob).get("/admin/review/numbers/referees.csv").content.decode()


def test_referees_are_counted(alice: User, bob: User) -> None:
    rounds = [round_of(in_review(alice, bob, title=f"Piece {n}")) for n in range(3)]
    rita, rolf = referee(), referee("Rolf Tide")
    moment = timezone.now()
    done = submitted(rounds[0], rita, now=moment)
    done.invited_at, done.answered_at = moment - 10 * DAY, moment - 8 * DAY
    done.save()
    invited(rounds[1], rita)
    cant = invited(rounds[2], rita)
    cant.state, cant.answered_at, cant.invited_at = "cant", moment, moment - 4 * DAY
    cant.save()
    invited(rounds[0], rolf, state="listed", label=None, invited_at=None)
    found = of(bob).referees
    assert found is not None
    assert [row.name for row in found] == ["Rita Gauge"], "somebody who was never invited has no row"
    row = found[0]
    assert (row.invited, row.answered, row.agreed, row.sent, row.open_now) == (3, 2, 1, 1, 1)
    assert (row.to_answer, row.to_review) == (3.0, 8.0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_same_queries_however_many_pieces(
    count: int, alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        article = in_review(alice, bob, title=f"Piece {number}")
        article.tags.add(f"Topic {number}")
        article.regions.add(region(f"Land {number}"))
        submitted(round_of(article), referee("Rita Gauge", f"{number}@example.net"))
    user = User.objects.get(pk=bob.pk)
    user.has_perm("editorial.decide")
    with django_assert_num_queries(6):
        found = numbers.of(user, now=timezone.now(), zone=ZONE)
    assert len(found.topics) == count
    client = client_of(bob)
    client.get("/admin/review/numbers/")
    with django_assert_num_queries(PAGE_QUERIES):
        client.get("/admin/review/numbers/")


# Session, person, rights, masthead, the form's regions, and the numbers themselves.
PAGE_QUERIES = 15


# --- The page ------------------------------------------------------------------------------------------


def test_the_page_is_for_those_who_decide(carl: User, alice: User, bob: User, mara: User) -> None:
    for user in (carl, alice):
        assert client_of(user).get("/admin/review/numbers/").status_code in (302, 403)
        assert client_of(user).get("/admin/review/numbers/months.csv").status_code in (302, 403)
    assert client_of(mara).get("/admin/review/numbers/").status_code == 200
    assert client_of(bob).get("/admin/review/numbers/nothing.csv").status_code == 404


def test_who_may_not_see_referees_sees_none(carl: User, alice: User, bob: User) -> None:
    submitted(round_of(in_review(alice, bob)), referee())
    carl.user_permissions.add(Permission.objects.get(codename="decide", content_type__app_label="editorial"))
    client = client_of(carl)
    page = client.get("/admin/review/numbers/")
    assert page.status_code == 200
    assert "Rita" not in text(page)
    assert client.get("/admin/review/numbers/referees.csv").status_code == 403


@pytest.mark.parametrize(
    "query", ["?months=7", "?region=999999", "?region=x", "?months=12&region=99999999999999999999"]
)
def test_an_address_that_asks_for_nothing_there(query: str, bob: User) -> None:
    page = client_of(bob).get(f"/admin/review/numbers/{query}")
    assert page.status_code == 200
    assert "There is no such period or region" in text(page)


def test_charts_are_tables_too_and_need_no_style(alice: User, bob: User) -> None:
    decided(handed_in(alice), "accept", bob, 2)
    page = client_of(bob).get("/admin/review/numbers/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert 'role="img"' in main
    assert main.count("<caption>") == main.count("<table>") >= 2
    assert "style=" not in main
    assert "<script" not in main


def test_a_file_for_a_programme_for_tables(alice: User, bob: User) -> None:
    article = handed_in(alice)
    decided(article, "accept", bob, 2)
    article.tags.add("=HYPERLINK(1)", "@home")
    submitted(round_of(in_review(alice, bob)), referee("+Rita Gauge", "rita@example.net"))
    client = client_of(bob)

    def rows(table: str) -> list[list[str]]:
        answer = client.get(f"/admin/review/numbers/{table}.csv?months=24")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert "no-store" in answer["Cache-Control"]
        content = answer.content.decode()
        assert content.startswith("\ufeff")
        return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))

    assert {row[0] for row in rows("topics")[1:]} == {"'=HYPERLINK(1)", "'@home"}
    assert rows("referees")[1][0] == "'+Rita Gauge"
    heads, *months = rows("months")
    assert len(months) == 24
    assert heads[:4] == ["month handed in", "handed in", "with a first decision", "waiting for a first decision"]
    assert sum(int(row[1]) for row in months) == 2
    assert [len(row) for row in rows("published")] == [len(rows("published")[0])] * 25
    assert rows("regions")[1][0] == "Japan"


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(value: str) -> None:
    assert pages.cell(value) == f"'{value}"
    assert pages.cell(-1) == "-1"
    assert pages.cell(None) == ""
    assert pages.cell(2.25) == "2.2"


def test_the_desk_leads_there(bob: User, mara: User, rf: Any) -> None:
    request = rf.get("/admin/")
    request.user = bob
    assert [url for _, url in pages.front_links(request)] == ["/admin/review/numbers/"]
    request.user = mara
    assert "/admin/review/form/" in [url for _, url in pages.front_links(request)]
