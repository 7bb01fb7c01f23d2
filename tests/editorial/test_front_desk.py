"""The front page at the desk: put there, moved, taken off and previewed, by those who publish and not by who wrote it."""

import datetime
import re
import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.models import Article, FrontPick
from editorial import front
from editorial.front import Span
from editorial.models import Change
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Masthead
from tests.articles.shelf import ago
from tests.cast import BODY, edit, piece_in
from tests.editorial.desk import client_of, text

pytestmark = pytest.mark.django_db
PAGE = "/admin/articles/frontpick/"
PREVIEW = f"{PAGE}preview/"


def published(count: int, author: User, editor: User) -> list[Article]:
    return [piece_in("published", author=author, editor=editor, title=f"Piece {n}") for n in range(1, count + 1)]


def on(article: Article, by: User, place: int = 99, section: str = "top", **span: Any) -> FrontPick:
    return front.put(article, by=by, place=place, span=Span(**{"starts_at": ago(hours=1)} | span), section=section)


def order(section: str = "top") -> list[str]:
    return [str(pick.article) for pick in front.standing(timezone.now(), section)]


def table(client: Client, section: str = "top") -> dict[str, str]:
    """What the form of the places of that section would send."""
    html = client.get(PAGE).content.decode()
    form = re.search(rf'<form method="post" id="form-{section}".*?</form>', html, re.DOTALL)
    assert form
    found = {}
    for tag in re.findall(r"<input [^>]*>", form[0]):
        said = dict(re.findall(r'(name|value)="([^"]*)"', tag))
        found[said["name"]] = said.get("value", "")
    found.pop("csrfmiddlewaretoken")
    return found


def typed(moment: datetime.datetime) -> str:
    """As the form takes it, in the time of the publication."""
    return moment.astimezone(Masthead.current().zone).strftime("%Y-%m-%dT%H:%M")


def in_hours(hours: float) -> datetime.datetime:
    return (timezone.now() + datetime.timedelta(hours=hours)).replace(second=0, microsecond=0)


# --- Putting ----------------------------------------------------------------------------------------


def test_a_piece_is_put_there_by_search_and_choice(alice: User, bob: User) -> None:
    one, two = published(2, alice, bob)
    client = client_of(bob)
    assert "Choose what stands on the front page" in client.get("/admin/").content.decode()
    found = client.post(
        PAGE, {"find": "1", "q": "tables", "new-place": "3", "new-article": str(one.pk)}
    ).content.decode()
    assert f'value="{one.pk}" checked' in found
    assert 'name="new-place" value="3"' in found
    end = in_hours(5)
    answer = client.post(PAGE, {"put": "1", "new-article": str(one.pk), "new-place": "1", "new-starts_at": "", "new-ends_at": typed(end)})  # fmt: skip
    assert answer.status_code == 302
    pick = FrontPick.objects.get()
    assert (pick.article, pick.position, pick.ends_at, pick.by) == (one, 1, end, bob)
    assert pick.starts_at <= timezone.now()
    client.post(PAGE, {"put": "1", "new-article": str(two.pk), "new-place": "1"})
    assert order() == ["Piece 2", "Piece 1"]
    change = Change.objects.filter(model="articles.frontpick", action="added").earliest("pk")
    assert (change.name, change.by) == ("Front page: Piece 1", bob)
    page = text(client.get(PAGE))
    assert "Leads the page" in page
    assert "Shows" in page


def test_what_is_wrong_is_said_and_kept(alice: User, bob: User) -> None:
    piece = published(1, alice, bob)[0]
    on(piece, bob)
    client = client_of(bob)
    good = {
        "put": "1",
        "new-article": str(piece.pk),
        "new-place": "2",
        "new-starts_at": typed(in_hours(1)),
        "new-ends_at": "",
    }
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "This piece stands there already"),
        ({"new-article": ""}, "Choose a piece."),
        ({"new-article": "99999999"}, "another editor places it"),
        ({"new-article": "9" * 40}, "less than or equal"),
        ({"new-article": "x\x00"}, "whole number"),
        ({"new-place": "0"}, "greater than or equal to 1"),
        ({"new-place": "x"}, "whole number"),
        ({"new-starts_at": "tomorrow"}, "valid date/time"),
        ({"new-starts_at": "0000-13-45T99:99"}, "valid date/time"),
        ({"new-ends_at": typed(ago(days=1)), "new-starts_at": typed(ago(days=2))}, "This moment has passed."),
        ({"new-ends_at": typed(in_hours(0.1)), "new-starts_at": typed(in_hours(3))}, "It ends before it starts."),
    ]
    for bad, said in cases:
        answer = client.post(PAGE, good | bad)
        assert answer.status_code == 200, bad
        assert said in text(answer), (bad, text(answer))
        assert "What you typed is kept." in text(answer)
        for name in ("new-place", "new-starts_at"):
            value = (good | bad)[name]
            assert f'name="{name}" value="{value}"' in answer.content.decode(), (bad, name)
    assert FrontPick.objects.count() == 1


@pytest.mark.parametrize("state", ["submitted", "editing", "ready", "declined", "taken_down", "retracted"])
def test_only_what_readers_have_or_will_have(alice: User, bob: User, state: str) -> None:
    piece = piece_in(state, author=alice, editor=bob)
    with pytest.raises(Blocked, match="published or scheduled"):
        on(piece, bob)
    assert f'value="{piece.pk}"' not in client_of(bob).get(PAGE).content.decode()


def test_the_same_piece_may_come_twice_but_not_at_once(alice: User, bob: User) -> None:
    piece = published(1, alice, bob)[0]
    on(piece, bob, ends_at=in_hours(2))
    on(piece, bob, starts_at=in_hours(2))
    with pytest.raises(Blocked):
        on(piece, bob, starts_at=in_hours(1), ends_at=in_hours(3))


# --- Changing ---------------------------------------------------------------------------------------


def test_moving_changing_the_span_and_taking_off(alice: User, bob: User) -> None:
    picks = [on(piece, bob) for piece in published(3, alice, bob)]
    client = client_of(bob)
    assert "Nothing was changed." in text(client.post(PAGE, table(client), follow=True))
    client.post(PAGE, table(client) | {"up": str(picks[2].pk)})
    assert order() == ["Piece 1", "Piece 3", "Piece 2"]
    client.post(PAGE, table(client) | {f"number-{picks[1].pk}": "1"})
    assert order() == ["Piece 2", "Piece 1", "Piece 3"]
    end = in_hours(3)
    started = picks[0].starts_at
    client.post(PAGE, table(client) | {f"pick{picks[0].pk}-ends_at": typed(end)})
    picks[0].refresh_from_db()
    # What shows the same minute was not changed.
    assert (picks[0].ends_at, picks[0].starts_at) == (end, started)
    change = Change.objects.filter(action="changed", object_id=str(picks[0].pk)).latest("pk")
    assert list(change.changes) == ["until"]
    client.post(PAGE, table(client) | {"remove": str(picks[1].pk)})
    assert order() == ["Piece 1", "Piece 3"]
    assert Change.objects.filter(action="deleted", name="Front page: Piece 2").exists()


def test_bad_input_in_the_table_is_kept(alice: User, bob: User) -> None:
    picks = [on(piece, bob) for piece in published(2, alice, bob)]
    client = client_of(bob)
    name = f"pick{picks[0].pk}-ends_at"
    for bad, said in (("soon", "valid date/time"), (typed(ago(days=3)), "It ends before it starts.")):
        answer = client.post(PAGE, table(client) | {name: bad, f"number-{picks[0].pk}": "2"})
        assert answer.status_code == 200
        assert said in text(answer)
        assert f'name="{name}" value="{bad}"' in answer.content.decode()
        assert f'name="number-{picks[0].pk}" value="2"' in answer.content.decode()
    for junk in ({"up": "x"}, {"down": "9" * 40}, {"remove": "\x00"}, {"seen": "x"}, {f"number-{picks[0].pk}": "one"}):
        assert client.post(PAGE, table(client) | junk).status_code in (200, 302), junk
    assert order() == ["Piece 1", "Piece 2"]


def test_what_somebody_changed_meanwhile_is_not_overwritten(alice: User, bob: User, bea: User) -> None:
    picks = [on(piece, bob) for piece in published(2, alice, bob)]
    client = client_of(bob)
    form = table(client)
    front.remove(picks[0].pk, by=bea)
    assert "Somebody changed the front page" in text(client.post(PAGE, form | {"up": str(picks[1].pk)}))
    assert "Somebody took it off already" in text(client.post(PAGE, form | {"remove": str(picks[0].pk)}))


def test_the_page_says_why_a_pick_does_not_show(alice: User, bob: User, mara: User) -> None:
    one, two, three, four = published(4, alice, bob)
    ahead = piece_in("scheduled", author=alice, editor=bob)
    for piece in (one, two, ahead, four):
        on(piece, bob)
    on(three, bob, starts_at=in_hours(30))
    perform(one, "take_down", by=mara, note="A reader asked.")
    perform(two, "retract", by=mara, second_editor=bob, public_note="Invented.")
    page = text(client_of(bob).get(PAGE))
    for why in (
        "The piece was taken down.",
        "The piece was retracted.",
        "The piece is scheduled for",
        "Starts on",
        "Leads the page",
    ):
        assert why in page, why
    perform(ahead, "unschedule", by=bob)
    assert "The piece is ready to publish; readers do not have it." in text(client_of(bob).get(PAGE))


# --- The editors' selection -------------------------------------------------------------------------


def test_each_section_has_an_order_of_its_own(alice: User, bob: User) -> None:
    one, two, three = published(3, alice, bob)
    client = client_of(bob)
    for piece, section in ((one, "top"), (two, "selection"), (three, "selection"), (one, "selection")):
        answer = client.post(PAGE, {"put": "1", "new-article": str(piece.pk), "new-section": section, "new-place": "1"})
        assert answer.status_code == 302
    assert (order(), order("selection")) == (["Piece 1"], ["Piece 1", "Piece 3", "Piece 2"])
    picks = list(front.standing(timezone.now(), "selection"))
    client.post(PAGE, table(client, "selection") | {"down": str(picks[0].pk)})
    client.post(PAGE, table(client, "selection") | {f"number-{picks[2].pk}": "1"})
    assert (order(), order("selection")) == (["Piece 1"], ["Piece 2", "Piece 3", "Piece 1"])
    page = text(client.get(PAGE))
    assert "It stands at the top of the page already." in page
    client.post(PAGE, {"remove": str(picks[1].pk)})
    assert (order(), order("selection")) == (["Piece 1"], ["Piece 2", "Piece 1"])
    change = Change.objects.filter(model="articles.frontpick", action="added").latest("pk")
    assert change.changes["section"] == ["", "in the editors’ selection"]


def test_a_section_that_does_not_exist_is_refused(alice: User, bob: User) -> None:
    piece = published(1, alice, bob)[0]
    client = client_of(bob)
    for section in ("bottom", "\x00", "x" * 5000):
        answer = client.post(PAGE, {"put": "1", "new-article": str(piece.pk), "new-section": section, "new-place": "1"})
        assert answer.status_code == 200
        assert "What you typed is kept." in text(answer)
        assert client.post(PAGE, {"section": section, "seen": ""}).status_code == 302
    assert not FrontPick.objects.exists()


def test_ones_own_piece_in_the_selection_is_for_another_editor(ada: User, alice: User, bob: User) -> None:
    one, two = published(2, alice, bob)
    own = piece_in("published", author=ada, editor=bob, title="Own")
    above, pick = on(one, bob, section="selection"), on(own, bob, section="selection")
    ada.give_role(roles.EDITOR)
    ada = User.objects.get(pk=ada.pk)
    client = client_of(ada)
    page = client.get(PAGE).content.decode()
    assert f"number-{pick.pk}" not in page
    client.post(PAGE, {"put": "1", "new-article": str(own.pk), "new-section": "selection", "new-place": "1"})
    client.post(PAGE, {"remove": str(pick.pk)})
    assert "further up" in text(client.post(PAGE, {"remove": str(above.pk)}))
    # Nor does it move up because what stands before it is put at the top, where the selection passes it over.
    answer = client.post(PAGE, {"put": "1", "new-article": str(one.pk), "new-section": "top", "new-place": "1"})
    assert "further up" in text(answer)
    assert (order(), order("selection")) == ([], ["Piece 1", "Own"])
    client.post(PAGE, {"put": "1", "new-article": str(two.pk), "new-section": "top", "new-place": "1"})
    client_of(bob).post(PAGE, {"put": "1", "new-article": str(one.pk), "new-section": "top", "new-place": "1"})
    assert order() == ["Piece 1", "Piece 2"]


def test_the_preview_shows_the_selection_of_that_moment(alice: User, bob: User) -> None:
    pieces = published(8, alice, bob)
    on(pieces[0], bob, section="selection", starts_at=in_hours(2))
    client = client_of(bob)
    assert "Editors’ selection" not in text(client.get(PREVIEW))
    page = client.get(f"{PREVIEW}?at={typed(in_hours(3))}").content.decode()
    assert ">Piece 1</a>" in page.partition("Editors’ selection")[2]


# --- Rights -----------------------------------------------------------------------------------------


def test_only_those_who_publish_come_here(alice: User, bob: User, carl: User, sam: User, root: User) -> None:
    piece = published(1, alice, bob)[0]
    for user in (carl, sam, alice):
        client = client_of(user)
        for address in (PAGE, PREVIEW):
            assert client.get(address).status_code in (302, 403)
        assert client.post(PAGE, {"put": "1", "new-article": str(piece.pk), "new-place": "1"}).status_code in (302, 403)
        with pytest.raises(PermissionDenied):
            on(piece, user)
    assert not FrontPick.objects.exists()
    assert Client().get(PREVIEW).status_code == 302
    assert client_of(root).get(PAGE).status_code == 200
    for address in (f"{PAGE}add/", f"{PAGE}1/change/", f"{PAGE}1/delete/", f"{PAGE}1/history/"):
        assert client_of(bob).get(address).status_code == 404


@pytest.mark.parametrize("who", ["editor", "superuser"])
def test_ones_own_piece_is_for_another_editor(ada: User, alice: User, bob: User, who: str) -> None:
    own = piece_in("published", author=ada, editor=bob, title="Own")
    if who == "editor":
        ada.give_role(roles.MANAGING_EDITOR)
    else:
        User.objects.filter(pk=ada.pk).update(is_superuser=True)
    ada = User.objects.get(pk=ada.pk)
    client = client_of(ada)
    client.post(PAGE, {"put": "1", "new-article": str(own.pk), "new-place": "1"})
    assert not FrontPick.objects.exists()
    pick = on(own, bob)
    other = on(published(1, alice, bob)[0], bob)
    page = client.get(PAGE).content.decode()
    assert "another editor changes it" in page
    assert f"number-{pick.pk}" not in page
    for data in ({"remove": str(pick.pk)}, table(client) | {f"pick{pick.pk}-starts_at": "", f"pick{pick.pk}-ends_at": typed(in_hours(9))},
                 table(client) | {"up": str(other.pk)}):  # fmt: skip
        client.post(PAGE, data)
        assert order() == ["Own", "Piece 1"]
    pick.refresh_from_db()
    assert pick.ends_at is None


def test_ones_own_scheduled_piece_is_not_told(ada: User, bob: User) -> None:
    own = piece_in("scheduled", author=ada, editor=bob, title="Zyxocanary")
    on(own, bob)
    ada.give_role(roles.EDITOR)
    client = client_of(User.objects.get(pk=ada.pk))
    at = typed(own.published_at + datetime.timedelta(hours=1))
    for address in (PAGE, f"{PREVIEW}?at={at}"):
        page = client.get(address)
        assert page.status_code == 200
        assert "Zyxocanary" not in page.content.decode(), address
    assert "left out" in text(page)
    assert "Zyxocanary" in client_of(bob).get(f"{PREVIEW}?at={at}").content.decode()


# --- Preview ----------------------------------------------------------------------------------------


def test_the_preview_is_the_page_of_that_moment(alice: User, bob: User) -> None:
    published(2, alice, bob)
    ahead = piece_in("scheduled", author=alice, editor=bob, title="Ahead")
    on(ahead, bob)
    client = client_of(bob)
    just_before, after = (
        ahead.published_at - datetime.timedelta(minutes=1),
        ahead.published_at + datetime.timedelta(minutes=1),
    )
    assert "Ahead" not in text(client.get(f"{PREVIEW}?at={typed(just_before)}"))
    answer = client.get(f"{PREVIEW}?at={typed(after)}")
    page = answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert "Preview: the front page on" in page
    assert "Scheduled for" in page
    assert f"/admin/articles/article/{ahead.pk}/preview/" in page
    assert 'rel="canonical"' not in page
    assert "Scheduled for" not in client.get(PREVIEW).content.decode()
    for nonsense in ("x", "0000-00-00T00:00", "9999-12-31T23:59", "1%00", "0001-01-01T00:00"):
        assert client.get(f"{PREVIEW}?at={nonsense}").status_code in (200, 302, 400), nonsense


def test_queries_of_the_page_do_not_grow(alice: User, bob: User) -> None:
    pieces = published(8, alice, bob)
    client = client_of(bob)

    def counts() -> list[int]:
        found = []
        for address in (PAGE, PREVIEW):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    on(pieces[0], bob)
    counts()
    before = counts()
    on(pieces[1], bob)
    on(pieces[2], bob)
    assert counts() == before


@pytest.mark.django_db(transaction=True)
def test_two_who_put_pieces_at_once_leave_whole_places(alice: User, bob: User, bea: User) -> None:
    pieces = published(2, alice, bob)
    start = threading.Barrier(2)

    def run(piece: Article, by: User) -> None:
        try:
            start.wait()
            on(piece, by, place=1)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(pieces, (bob, bea), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(FrontPick.objects.values_list("position", flat=True)) == [1, 2]


def test_others_are_not_moved_so_that_ones_own_leads(ada: User, alice: User, bob: User) -> None:
    one, two = published(2, alice, bob)
    picks = [on(one, bob), on(piece_in("published", author=ada, editor=bob, title="Own"), bob), on(two, bob)]
    ada.give_role(roles.EDITOR)
    ada = User.objects.get(pk=ada.pk)
    client = client_of(ada)
    client.post(PAGE, table(client) | {"down": str(picks[0].pk)})
    assert order() == ["Piece 2", "Own", "Piece 1"]
    seen = [pick.pk for pick in front.standing(timezone.now())]
    with pytest.raises(Blocked, match="keeps its place"):
        front.arrange([seen[1], seen[0], seen[2]], {}, by=ada, seen=seen)


def test_nothing_is_taken_off_or_cut_short_so_that_ones_own_moves_up(ada: User, alice: User, bob: User) -> None:
    one, two, three = published(3, alice, bob)
    own = piece_in("published", author=ada, editor=bob, title="Own")
    above, past, _, below = [
        on(one, bob),
        on(two, bob, ends_at=in_hours(2)),
        on(own, bob, starts_at=in_hours(3)),
        on(three, bob),
    ]
    ada.give_role(roles.EDITOR)
    ada = User.objects.get(pk=ada.pk)
    client = client_of(ada)
    end = f"pick{above.pk}-ends_at"
    start = f"pick{above.pk}-starts_at"
    for sent in (
        {"remove": str(above.pk)},
        {end: typed(in_hours(1))},
        {end: typed(in_hours(5))},
        {start: typed(in_hours(6))},
        # Nor is one put in its place that will have gone by then.
        {f"number-{above.pk}": "4", f"number-{below.pk}": "1", f"pick{below.pk}-ends_at": typed(in_hours(1))},
    ):
        answer = client.post(PAGE, table(client) | sent)
        assert answer.status_code == 200, sent
        assert "would come to stand further up. Another editor can make this change." in text(answer), sent
        above.refresh_from_db()
        assert (order(), above.ends_at) == (["Piece 1", "Piece 2", "Own", "Piece 3"], None), sent
    # What stands below it, or is gone before it comes, is theirs to take off.
    for pick in (below, past):
        client.post(PAGE, table(client) | {"remove": str(pick.pk)})
    assert order() == ["Piece 1", "Own"]
    client_of(bob).post(PAGE, {"remove": str(above.pk)})
    assert order() == ["Own"]


def test_a_piece_that_does_not_show_is_no_substitute(ada: User, alice: User, bob: User, mara: User) -> None:
    one, two = published(2, alice, bob)
    picks = [on(one, bob), on(piece_in("published", author=ada, editor=bob, title="Own"), bob), on(two, bob)]
    perform(two, "take_down", by=mara, note="A reader asked.")
    ada.give_role(roles.EDITOR)
    seen = [pick.pk for pick in picks]
    with pytest.raises(Blocked, match="further up"):
        front.arrange([seen[2], seen[1], seen[0]], {}, by=User.objects.get(pk=ada.pk), seen=seen)


def test_the_record_names_a_piece_as_readers_know_it(alice: User, bob: User) -> None:
    piece = published(1, alice, bob)[0]
    ahead = piece_in("scheduled", author=alice, editor=bob, title="Zyxocanary")
    edit(piece, bob, BODY, title="Quetzalcanary")
    pick, later = on(piece, bob), on(ahead, bob)
    front.arrange([pick.pk, later.pk], {pick.pk: Span(pick.starts_at, in_hours(4))}, by=bob, seen=[pick.pk, later.pk])
    assert front.remove(pick.pk, by=bob) == "Front page: Piece 1"
    front.remove(later.pk, by=bob)
    names = set(Change.objects.filter(model="articles.frontpick").values_list("name", flat=True))
    assert names == {"Front page: Piece 1", "Front page: a piece not published yet"}
