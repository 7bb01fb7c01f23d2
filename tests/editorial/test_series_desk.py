"""A special feature at the desk: begun without help, its pieces added, arranged and taken out, each with its own right."""

import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import roles
from accounts.models import User
from articles.models import Article, Series, SeriesEditor, SeriesFormerSlug, SeriesListing
from authors.models import Author
from editorial import series_order
from editorial.models import Change, Event
from editorial.registry import Blocked
from tests.cast import draft, piece_in
from tests.editorial.desk import client_of, fields_of, opened, save, text

pytestmark = pytest.mark.django_db


def series_of(*pieces: Article, by: User, title: str = "The year") -> Series:
    series = Series.objects.create(title=title)
    for piece in pieces:
        series_order.add(series, piece, by=by)
    return series


def published(count: int, author: User, editor: User) -> list[Article]:
    return [piece_in("published", author=author, editor=editor, title=f"Part {n}") for n in range(1, count + 1)]


def order(series: Series) -> list[str]:
    return [str(piece) for piece in series_order.in_order(series)]


def address(series: Series, page: str = "pieces/") -> str:
    return f"/admin/articles/series/{series.pk}/{page}"


# --- What it is -------------------------------------------------------------------------------------


def test_a_series_is_begun_from_the_start_page(bob: User, alice: User) -> None:
    client = client_of(bob)
    start = client.get("/admin/").content.decode()
    assert "Start a special feature or issue" in start
    assert '/admin/articles/series/add/"' in start
    form = fields_of(client.get("/admin/articles/series/add/").content.decode(), "series_form")
    author = Author.objects.get(user=alice)
    answer = client.post("/admin/articles/series/add/", form | {
        "title": "Harbours", "kind": "issue", "number": "Vol. 1,  No. 2", "introduction": "One.\n\n<b>Two</b> & three.",
        "editors-0-author": str(author.pk),
    })  # fmt: skip
    series = Series.objects.get()
    assert answer["Location"] == address(series)
    assert (series.slug, series.number) == ("harbours", "Vol. 1, No. 2")
    assert "<strong>Two</strong> &amp; three." in series.introduction
    assert [(e.author, e.position) for e in series.editors.all()] == [(author, 0)]
    assert Change.objects.filter(model="articles.series", action="added", by=bob).exists()


def test_editors_are_put_in_order_by_numbers(bob: User) -> None:
    series = Series.objects.create(title="Harbours")
    people = [Author.objects.create(single_name=name) for name in ("One", "Two", "Three")]
    for position, person in enumerate(people):
        SeriesEditor.objects.create(series=series, author=person, position=position)
    client = client_of(bob)
    form = fields_of(client.get(address(series, "change/")).content.decode(), "series_form")
    client.post(address(series, "change/"), form | {"editors-2-place": "1", "editors-0-DELETE": "on"})
    assert [str(e.author) for e in series.editors.all()] == ["Three", "Two"]
    assert [e.position for e in series.editors.all()] == [0, 1]


def test_another_slug_leaves_the_old_address(bob: User, alice: User) -> None:
    series = series_of(*published(1, alice, bob), by=bob)
    client = client_of(bob)
    form = fields_of(client.get(address(series, "change/")).content.decode(), "series_form")
    assert client.post(address(series, "change/"), form | {"slug": "this-year"}).status_code == 302
    assert SeriesFormerSlug.objects.get().slug == "the-year"
    assert client.get("/series/the-year/")["Location"] == "/series/this-year/"
    Series.objects.create(title="Another", slug="another")
    form = fields_of(client.get(address(Series.objects.get(slug="another"), "change/")).content.decode(), "series_form")
    refused = client.post(address(Series.objects.get(slug="another"), "change/"), form | {"slug": "the-year"})
    assert "which once had it" in text(refused)


def test_bad_input_is_answered_and_kept(bob: User) -> None:
    client = client_of(bob)
    form = fields_of(client.get("/admin/articles/series/add/").content.decode(), "series_form")
    for bad in ({"title": "  "}, {"title": "x\x00"}, {"title": "x" * 300}, {"kind": "novel"}, {"introduction": "y" * 30_000}, {"introduction": '<p>a<img src="/media/x.jpg"></p>'}):  # fmt: skip
        answer = client.post("/admin/articles/series/add/", form | {"title": "Kept", "number": "No. 77"} | bad)
        assert answer.status_code == 200, bad
        assert "No. 77" in answer.content.decode()
    assert not Series.objects.exists()


# --- The order --------------------------------------------------------------------------------------


def test_pieces_are_added_at_the_end_found_by_search(bob: User, alice: User) -> None:
    first, second = published(2, alice, bob)
    series = series_of(first, by=bob)
    client = client_of(bob)
    page = client.get(f"{address(series)}?q=part")
    assert f'name="add" value="{second.pk}"' in page.content.decode()
    assert "It is in the list above." in page.content.decode()
    client.post(address(series), {"add": str(second.pk)})
    assert order(series) == ["Part 1", "Part 2"]
    assert list(SeriesListing.objects.order_by("position").values_list("article", "position")) == [(first.pk, 1), (second.pk, 2)]  # fmt: skip
    event = Event.objects.filter(article=second, transition="change_details").latest("pk")
    assert event.data["changes"] == {"series": ["", "The year"], "series_position": ["", "2"]}


def test_a_piece_of_another_series_is_not_taken_away(bob: User, alice: User) -> None:
    piece = published(1, alice, bob)[0]
    series_of(piece, by=bob)
    other = Series.objects.create(title="Other")
    client = client_of(bob)
    assert "Take it out there first." in client.get(f"{address(other)}?q=part").content.decode()
    assert "belongs to “The year”" in text(client.post(address(other), {"add": str(piece.pk)}))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"up": 2}, "1324"), ({"down": 0}, "2134"), ({"up": 0}, "1234"), ({"down": 3}, "1234"),
        ({"number": {3: "1"}}, "4123"), ({"number": {0: "3"}}, "2314"), ({"number": {0: "2", 1: "1"}}, "2134"),
        ({"number": {0: ""}}, "2341"), ({"number": {0: "3"}, "down": 3}, "2314"), ({"number": {0: "99999"}}, "2341"),
    ],
)  # fmt: skip
def test_arranging(bob: User, alice: User, sent: dict[str, Any], expected: str) -> None:
    pieces = published(4, alice, bob)
    series = series_of(*pieces, by=bob)
    client = client_of(bob)
    form = fields_of(client.get(address(series)).content.decode())
    for place, typed in sent.pop("number", {}).items():
        form[f"number-{pieces[place].pk}"] = typed
    form |= {name: str(pieces[place].pk) for name, place in sent.items()}
    assert client.post(address(series), form).status_code == 302
    assert "".join(title[-1] for title in order(series)) == expected
    assert [p.series_position for p in series_order.in_order(series)] == [1, 2, 3, 4]


def test_what_was_typed_wrongly_is_kept(bob: User, alice: User) -> None:
    pieces = published(2, alice, bob)
    series = series_of(*pieces, by=bob)
    client = client_of(bob)
    form = fields_of(client.get(address(series)).content.decode())
    for bad in ("first", "-1", "²", "1.5", "x\x00"):
        answer = client.post(address(series), form | {f"number-{pieces[0].pk}": bad})
        assert answer.status_code == 200
        assert "is no place" in text(answer)
        assert f'value="{bad}"' in answer.content.decode() or "\x00" in bad
    for junk in ({"up": "x"}, {"down": "9" * 30}, {"remove": ""}, {"add": "0"}, {"seen": "1,2,x"}, {"seen": ""}):
        assert client.post(address(series), form | junk).status_code in (200, 302)
    assert order(series) == ["Part 1", "Part 2"]


def test_an_order_that_somebody_changed_meanwhile_is_not_overwritten(bob: User, bea: User, alice: User) -> None:
    pieces = published(3, alice, bob)
    series = series_of(*pieces, by=bob)
    client = client_of(bob)
    form = fields_of(client.get(address(series)).content.decode())
    series_order.arrange(series, [p.pk for p in reversed(pieces)], by=bea)
    assert "Somebody changed this special feature" in text(
        client.post(address(series), form | {"up": str(pieces[1].pk)})
    )
    assert order(series) == ["Part 3", "Part 2", "Part 1"]


def test_taking_out_leaves_the_others(bob: User, alice: User) -> None:
    pieces = published(3, alice, bob)
    series = series_of(*pieces, by=bob)
    client_of(bob).post(address(series), {"remove": str(pieces[1].pk)})
    assert order(series) == ["Part 1", "Part 3"]
    pieces[1].refresh_from_db()
    assert (pieces[1].series, pieces[1].series_position) == (None, None)
    assert not SeriesListing.objects.filter(article=pieces[1]).exists()


# --- Rights -----------------------------------------------------------------------------------------


def test_ones_own_piece_is_not_ones_to_move(alice: User, ada: User, bob: User) -> None:
    ada.give_role(roles.EDITOR)
    ada = User.objects.get(pk=ada.pk)
    first, third, fourth = published(3, alice, bob)
    own = piece_in("published", author=ada, editor=bob, title="Own")
    series = series_of(first, own, third, fourth, by=bob)
    client = client_of(ada)
    page = client.get(address(series))
    assert "Another editor can move it." in text(page)
    assert f"number-{own.pk}" not in page.content.decode()
    form = fields_of(page.content.decode())
    # The others change places round it.
    client.post(address(series), form | {f"number-{third.pk}": "1"})
    assert order(series) == ["Part 2", "Own", "Part 1", "Part 3"]
    series_order.arrange(series, [first.pk, own.pk, third.pk, fourth.pk], by=bob)
    with pytest.raises(Blocked, match="keeps its place"):
        # Nor may the others be moved so that it comes first.
        series_order.arrange(series, [own.pk, first.pk, third.pk, fourth.pk], by=ada)
    for way in ("add", "remove"):
        client.post(address(series), {way: str(own.pk)})
    own.refresh_from_db()
    assert (own.series, own.series_position) == (series, 2)
    with pytest.raises(PermissionDenied):
        series_order.remove(series, own, by=ada)
    series_order.arrange(series, [third.pk, own.pk, first.pk, fourth.pk], by=ada)
    assert order(series) == ["Part 2", "Own", "Part 1", "Part 3"]


def test_nothing_is_taken_out_so_that_ones_own_moves_up(alice: User, ada: User, bob: User) -> None:
    first, last = published(2, alice, bob)
    ready = piece_in("ready", author=alice, editor=bob, title="Ready")
    own = piece_in("published", author=ada, editor=bob, title="Own")
    series = series_of(first, own, ready, last, by=bob)
    ada.give_role(roles.EDITOR)
    ada = User.objects.get(pk=ada.pk)
    answer = client_of(ada).post(address(series), {"remove": str(first.pk)})
    assert "would come to stand further up. Another editor can make this change." in text(answer)
    with pytest.raises(Blocked, match="further up"):
        # Readers would find nothing before it.
        series_order.arrange(series, [ready.pk, own.pk, first.pk, last.pk], by=ada)
    assert order(series) == ["Part 1", "Own", "Ready", "Part 2"]
    client_of(ada).post(address(series), {"remove": str(last.pk)})
    client_of(bob).post(address(series), {"remove": str(first.pk)})
    assert order(series) == ["Own", "Ready"]


def test_a_hidden_piece_tells_no_more_than_that_it_is_there(ada: User, alice: User, bob: User) -> None:
    ada.give_role(roles.EDITOR)
    own = piece_in("submitted", author=ada, editor=bob, title="Zyxocanary")
    series = series_of(own, *published(1, alice, bob), by=bob)
    for page in ("pieces/", "pieces/?q=zyxocanary", "change/"):
        shown = client_of(User.objects.get(pk=ada.pk)).get(address(series, page)).content.decode()
        assert "Zyxocanary" not in shown
        assert "A piece that is not on your desk" in shown
    assert "Zyxocanary" in client_of(bob).get(address(series)).content.decode()


def test_who_does_not_decide_changes_nothing(alice: User, bob: User, carl: User, sam: User) -> None:
    pieces = published(2, alice, bob)
    series = series_of(pieces[0], by=bob)
    shown = client_of(carl).get(address(series))
    assert shown.status_code == 200
    assert "Save the order" not in shown.content.decode()
    for data in ({"add": str(pieces[1].pk)}, {"remove": str(pieces[0].pk)}, {"up": str(pieces[0].pk), "seen": str(pieces[0].pk)}):  # fmt: skip
        assert client_of(carl).post(address(series), data).status_code == 403
        assert client_of(sam).post(address(series), data).status_code in (302, 403)
    assert order(series) == ["Part 1"]
    assert client_of(bob).get("/admin/articles/series/99999999/pieces/").status_code == 404
    assert client_of(bob).get(f"/admin/articles/series/{'9' * 30}/pieces/").status_code == 404


def test_a_draft_of_an_author_is_not_added(alice: User, bob: User) -> None:
    piece = draft(alice)
    series = Series.objects.create(title="The year")
    client_of(bob).post(address(series), {"add": str(piece.pk)})
    assert order(series) == []


def test_queries_of_the_page_do_not_grow(alice: User, bob: User) -> None:
    series = series_of(*published(1, alice, bob), by=bob)
    client = client_of(bob)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{address(series)}?q=part").status_code == 200
        return len(queries)

    count()
    before = count()
    for piece in published(2, alice, bob):
        series_order.add(series, piece, by=bob)
    assert count() == before


# --- The form of a piece ----------------------------------------------------------------------------


def test_the_form_of_a_piece_has_series_and_place(alice: User, bob: User) -> None:
    piece = published(1, alice, bob)[0]
    year, other = Series.objects.create(title="The year"), Series.objects.create(title="Other")
    client = client_of(bob)
    save(client, piece, opened(client, piece), series=str(year.pk), series_position="4")
    piece.refresh_from_db()
    assert (piece.series, piece.series_position) == (year, 4)
    assert SeriesListing.objects.get(article=piece).position == 4
    assert "Place in the special feature" in text(client.get(f"/admin/articles/article/{piece.pk}/change/"))
    # A number is a place in one series; another has its own.
    save(client, piece, opened(client, piece), series=str(other.pk))
    piece.refresh_from_db()
    assert (piece.series, piece.series_position) == (other, None)


# --- At the same time -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_arrange_at_once_leave_one_whole_order(alice: User, bob: User, bea: User) -> None:
    pieces = published(4, alice, bob)
    series = series_of(*pieces, by=bob)
    ids = [piece.pk for piece in pieces]
    seen, answers, start = list(ids), [], threading.Barrier(3)

    def run(act: Any) -> None:
        try:
            start.wait()
            answers.append(act())
        except Blocked as answer:
            answers.append(str(answer))
        finally:
            connection.close()

    acts = (
        lambda: series_order.arrange(series, ids[::-1], by=bob, seen=seen),
        lambda: series_order.arrange(series, [*ids[1:], ids[0]], by=bea, seen=seen),
        lambda: series_order.remove(series, pieces[2], by=bea),
    )
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 3
    assert sum(isinstance(answer, int) for answer in answers) <= 1
    left = list(series_order.in_order(series))
    assert len(left) == 3
    assert len({piece.series_position for piece in left}) == 3
    rows = dict(SeriesListing.objects.filter(target=series).values_list("article", "position"))
    assert rows == {piece.pk: piece.series_position for piece in left}
