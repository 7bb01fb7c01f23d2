"""Whose pictures the library shows, who may change what is told of them, and what the timeline says then."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts import roles
from accounts.models import User
from articles.models import Article, Image, Series
from editorial import access, writing
from editorial.models import Event
from tests.cast import author_for, draft, edit, picture, piece_in
from tests.editorial.desk import client_of, fields_of, opened, save, text, url

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/image/"
LIST_QUERIES = 11
FINDS = "/admin/autocomplete/?app_label=articles&model_name=revision&field_name=lead_image&term=dusk"


def page_of(image: Image, popup: bool = False) -> str:
    return f"{LIST}{image.pk}/change/{'?_popup=1' if popup else ''}"


def knows(client: Client, image: Image) -> set[str]:
    """Everywhere at the desk where the person meets the picture."""
    met = set()
    for place in (LIST, f"{LIST}?q=dusk", f"{LIST}?_popup=1"):
        if page_of(image).encode() in client.get(place).content:
            met.add(place)
    if any(found["id"] == str(image.pk) for found in client.get(FINDS).json()["results"]):
        met.add("autocomplete")
    met |= {page for page in (page_of(image), page_of(image, popup=True)) if client.get(page).status_code == 200}
    if client.get(f"{LIST}{image.pk}/history/").status_code == 200:
        met.add("history")
    return met


def tell(client: Client, image: Image, **words: Any) -> Any:
    """Open the page of a picture and send its form; where it has none, send one all the same."""
    response = client.get(page_of(image))
    data = fields_of(response.content.decode(), "image_form") if response.status_code == 200 else {}
    blank = {"alt": "", "caption": "", "credit": "", "licence": "own", "focal_x": "0.5", "focal_y": "0.5"}
    return client.post(page_of(image), blank | data | words)


def with_picture(status: str, image: Image, author: User, editor: User) -> Article:
    return piece_in(status, author=author, editor=editor, lead_image=image)


@pytest.fixture
def own(alice: User, bob: User, bea: User) -> Article:
    """Bob edits, and wrote this one."""
    author_for(bob, "Bob", "Redpen")
    return with_picture("editing", picture(uploaded_by=bob), bob, bea)


# --- who sees ---


@pytest.mark.parametrize("who", ["bob", "root"])
def test_the_picture_of_an_authors_draft_is_in_nobodys_library(alice: User, request: Any, who: str) -> None:
    image = picture(uploaded_by=alice)
    draft(alice, lead_image=image)
    loose = picture(uploaded_by=alice)
    client = client_of(request.getfixturevalue(who))
    assert knows(client, image) == set()
    assert knows(client, loose) == set()


def test_a_picture_comes_with_its_piece_and_stays_in_earlier_versions(alice: User, bob: User) -> None:
    image = picture(uploaded_by=alice)
    piece = with_picture("submitted", image, alice, bob)
    assert len(knows(client_of(bob), image)) == 7
    piece = with_picture("editing", replaced := picture(uploaded_by=alice), alice, bob)
    edit(piece, bob, lead_image=None)
    assert len(knows(client_of(bob), replaced)) == 7


def test_what_the_desk_sent_is_there_before_any_piece_has_it(bob: User, bea: User, carl: User) -> None:
    image, older = picture(uploaded_by=bea), picture()
    for user in (bob, carl):
        assert len(knows(client_of(user), image)) == 7
        assert len(knows(client_of(user), older)) == 7


def test_the_picture_of_ones_own_piece_is_not_at_ones_desk(own: Article, bob: User, bea: User) -> None:
    image = own.latest.lead_image
    assert image is not None
    assert knows(client_of(bob), image) == set()
    assert len(knows(client_of(bea), image)) == 7
    assert tell(client_of(bob), image, caption="Mine").status_code in (302, 403)
    image.refresh_from_db()
    assert image.caption == "Cranes at dusk"


def test_a_superuser_and_author_has_no_library_of_their_own_pieces(alice: User, bob: User) -> None:
    image = picture(uploaded_by=alice)
    with_picture("editing", image, alice, bob)
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    client = client_of(User.objects.get(pk=alice.pk))
    assert knows(client, image) == set()
    assert not access.may_change_image(User.objects.get(pk=alice.pk), image)


def test_a_copy_editors_library_holds_what_is_assigned(alice: User, bob: User, carl: User) -> None:
    image = picture(uploaded_by=alice)
    piece = with_picture("editing", image, alice, bob)
    client = client_of(carl)
    assert knows(client, image) == set()
    writing.assign(piece, by=bob, copy_editor=carl)
    assert len(knows(client, image)) == 7


def test_an_author_has_no_library(alice: User) -> None:
    assert not access.desk_images(alice).exists()
    picture(uploaded_by=alice)
    assert not access.desk_images(alice).exists()


def test_a_picture_out_of_sight_can_not_be_chosen(alice: User, ada: User, bob: User) -> None:
    hidden = picture(uploaded_by=ada)
    draft(ada, lead_image=hidden)
    piece = piece_in("editing", author=alice, editor=bob)
    client = client_of(bob)
    response = save(client, piece, opened(client, piece), lead_image=str(hidden.pk))
    assert "no longer in the library" in text(response)
    assert hidden.file.url not in response.content.decode()
    add = fields_of(client.get("/admin/articles/article/add/").content.decode())
    response = client.post("/admin/articles/article/add/", add | {"title": "Begun", "lead_image": str(hidden.pk)})
    assert "no longer in the library" in text(response)
    series = fields_of(client.get("/admin/articles/series/add/").content.decode(), "series_form")
    response = client.post("/admin/articles/series/add/", series | {"title": "Waters", "cover": str(hidden.pk)})
    assert response.status_code == 200
    assert not Series.objects.exists()


def test_a_cover_stays_when_its_special_feature_is_saved(own: Article, bob: User) -> None:
    image = own.latest.lead_image
    series = Series.objects.create(title="Asia’s waters", cover=image)
    client = client_of(bob)
    address = f"/admin/articles/series/{series.pk}/change/"
    data = fields_of(client.get(address).content.decode(), "series_form")
    assert client.post(address, data | {"title": "Asia’s seas"}).status_code == 302
    series.refresh_from_db()
    assert (series.title, series.cover) == ("Asia’s seas", image)


# --- who changes ---


@pytest.mark.parametrize("status", ["submitted", "editing", "ready", "scheduled", "published", "declined"])
def test_an_editor_changes_the_words_of_a_picture(alice: User, bob: User, status: str) -> None:
    image = picture(uploaded_by=alice)
    with_picture(status, image, alice, bob)
    assert tell(client_of(bob), image, caption="Cranes at dawn").status_code == 302
    image.refresh_from_db()
    assert image.caption == "Cranes at dawn"


def test_who_decides_and_does_not_publish_leaves_to_readers_what_they_have(alice: User, bob: User) -> None:
    image = picture(uploaded_by=alice)
    with_picture("published", image, alice, bob)
    unread = picture()
    group = Group.objects.get(name=roles.EDITOR)
    group.permissions.remove(
        Permission.objects.get(codename="publish", content_type__app_label="editorial")
    )  # a publication may part the two
    client = client_of(bob)
    page = client.get(page_of(image))
    assert "changed by those who publish" in text(page)
    assert 'name="caption"' not in page.content.decode()
    assert tell(client, image, caption="Other").status_code == 403
    assert tell(client, unread, caption="Other").status_code == 302


def test_a_picture_that_also_stands_above_ones_own_piece_is_only_looked_at(
    own: Article, ada: User, bob: User, bea: User
) -> None:
    image = own.latest.lead_image
    assert image is not None
    with_picture("published", image, ada, bea)
    client = client_of(bob)
    page = client.get(page_of(image))
    assert page.status_code == 200
    assert 'name="caption"' not in page.content.decode()
    assert tell(client, image, caption="Mine").status_code == 403
    assert tell(client_of(bea), image, caption="Hers").status_code == 302


def test_a_copy_editor_changes_the_pictures_of_pieces_in_hand(alice: User, bob: User, carl: User) -> None:
    image = picture(uploaded_by=alice)
    piece = with_picture("editing", image, alice, bob)
    writing.assign(piece, by=bob, copy_editor=carl)
    client = client_of(carl)
    assert tell(client, image, caption="Cranes, at dusk").status_code == 302
    # Also above a piece that is not theirs, or no longer in editing: they look at it.
    other = with_picture("editing", image, alice, bob)
    assert tell(client, image, caption="No").status_code == 403
    writing.assign(other, by=bob, copy_editor=carl)
    assert tell(client, image, caption="Yes").status_code == 302
    with_picture("submitted", image, alice, bob)
    assert tell(client, image, caption="No").status_code == 403
    image.refresh_from_db()
    assert image.caption == "Yes"


def test_a_copy_editor_changes_what_they_sent_until_readers_have_it(alice: User, bob: User, carl: User) -> None:
    image, others = picture(uploaded_by=carl), picture(uploaded_by=bob)
    client = client_of(carl)
    assert tell(client, image, caption="Mine to tell").status_code == 302
    assert tell(client, others, caption="No").status_code == 403
    piece = with_picture("published", image, alice, bob)
    assert not access.may_change_image(carl, image)
    writing.assign(piece, by=bob, copy_editor=carl)
    assert "changed by those who publish" in text(client.get(page_of(image)))
    assert tell(client, image, caption="No").status_code == 403


# --- what is recorded ---


def test_a_change_that_readers_see_is_on_the_timeline_of_each_piece(alice: User, ada: User, bob: User) -> None:
    image = picture(uploaded_by=alice)
    read = [with_picture("published", image, alice, bob), with_picture("scheduled", image, ada, bob)]
    unread = with_picture("editing", image, ada, bob)
    client = client_of(bob)
    assert "They see a change at once" in text(client.get(page_of(image)))
    told = {"caption": "Cranes at dawn", "credit": "Photo: B", "licence": "cc_by", "focal_x": "0.25"}
    assert tell(client, image, **told).status_code == 302
    for piece in read:
        event = Event.objects.get(article=piece, transition="change_details")
        assert (event.by, event.to_status, event.revision_id) == (bob, "published", piece.latest_id)
        assert event.data["changes"] == {
            "picture caption": ["Cranes at dusk", "Cranes at dawn"],
            "picture credit": ["Photo: A Photographer", "Photo: B"],
            "picture licence": ["All rights reserved, used by permission", "CC BY 4.0"],
            "picture focal point": ["0.5 from the left, 0.5 from the top", "0.25 from the left, 0.5 from the top"],
        }
    assert not Event.objects.filter(article=unread, transition="change_details").exists()
    assert "Picture caption" in text(client.get(url(read[0], "history/")))


def test_nothing_changed_is_nothing_recorded(alice: User, bob: User) -> None:
    image = picture(uploaded_by=alice)
    piece = with_picture("published", image, alice, bob)
    assert tell(client_of(bob), image).status_code == 302
    assert not Event.objects.filter(article=piece, transition="change_details").exists()


def test_words_and_record_are_written_together(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture(uploaded_by=alice)
    with_picture("published", image, alice, bob)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the machine stops here")

    monkeypatch.setattr("editorial.admin.images.Event.objects.bulk_create", fail)
    client = client_of(bob)
    with pytest.raises(RuntimeError):
        tell(client, image, caption="Half written")
    image.refresh_from_db()
    assert image.caption == "Cranes at dusk"


def test_the_library_costs_the_same_for_one_and_for_three(
    alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    client = client_of(bob)
    with_picture("editing", picture(uploaded_by=alice), alice, bob)
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)
    with_picture("published", picture(uploaded_by=alice), alice, bob)
    picture()
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)
