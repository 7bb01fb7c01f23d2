"""Who changed what, outside pieces: each save at the desk leaves what stood there before and what stands there since."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.models import Region, Tag
from authors.models import Author
from editorial import changes
from editorial.models import Change
from forum.models import Masthead
from tests.cast import picture, region
from tests.editorial.desk import client_of, fields_of, text

pytestmark = pytest.mark.django_db


def sent(client: Any, address: str, form_id: str, **typed: Any) -> Any:
    """Open a form and send it with something else typed."""
    page = client.get(address)
    assert page.status_code == 200, (address, page.status_code)
    return client.post(address, fields_of(page.content.decode(), form_id) | typed)


def the_change(**wanted: Any) -> Change:
    return Change.objects.get(**wanted)


def test_a_renamed_region_says_what_it_was_called(bob: User) -> None:
    japan = region()
    response = sent(client_of(bob), f"/admin/articles/region/{japan.pk}/change/", "region_form", name="Nippon")
    assert response.status_code == 302
    change = the_change()
    assert (change.by, change.action, change.model, change.object_id, change.name) == (
        bob, "changed", "articles.region", str(japan.pk), "Nippon",
    )  # fmt: skip
    assert change.changes == {"name": ["Japan", "Nippon"]}


def test_a_parent_is_told_by_its_name(bob: User) -> None:
    japan, oceania = region(), Region.objects.create(name="Oceania")
    sent(client_of(bob), f"/admin/articles/region/{japan.pk}/change/", "region_form", parent=oceania.pk)
    assert the_change().changes == {"parent": ["East Asia", "Oceania"]}


def test_saving_without_a_change_writes_nothing(bob: User) -> None:
    japan = region()
    assert sent(client_of(bob), f"/admin/articles/region/{japan.pk}/change/", "region_form").status_code == 302
    assert not Change.objects.exists()


def test_adding_and_deleting_keep_what_was_held(mara: User) -> None:
    client = client_of(mara)
    sent(client, "/admin/articles/tag/add/", "tag_form", name="Ports", description="Of ships")
    tag = Tag.objects.get()
    assert the_change(action="added").changes == {
        "name": ["", "Ports"], "slug": ["", "ports"], "description": ["", "Of ships"],
    }  # fmt: skip
    client.post(f"/admin/articles/tag/{tag.pk}/delete/", {"post": "yes"})
    gone = the_change(action="deleted")
    assert (gone.name, gone.changes["description"]) == ("Ports", ["Of ships", ""])


def test_roles_of_a_person_are_told_by_name_and_passwords_never(mara: User, sam: User) -> None:
    copy_editor = Group.objects.get(name=roles.COPY_EDITOR)
    author = Group.objects.get(name=roles.AUTHOR)
    response = sent(
        client_of(mara), f"/admin/accounts/user/{sam.pk}/change/", "user_form", groups=[author.pk, copy_editor.pk]
    )
    assert response.status_code == 302
    told = the_change(model="accounts.user").changes
    assert list(told.values()) == [[roles.AUTHOR, ", ".join(sorted([roles.AUTHOR, roles.COPY_EDITOR]))]]
    before = changes.words_of(sam)
    sam.set_password("quite another phrase")
    differences = changes.differences(before, changes.words_of(sam))
    change = changes.record(by=mara, action="changed", obj=sam, changes=differences)
    assert change
    assert list(change.changes.values()) == [[changes.NOT_SHOWN, changes.NOT_SHOWN]]
    assert "pbkdf2" not in str(change.changes)
    assert "argon2" not in str(change.changes)
    assert "$" not in str(change.changes)
    handed = changes.record(by=mara, action="changed", obj=sam, changes={"API token": ["abc", "def"]})
    assert handed
    assert handed.changes == {"API token": [changes.NOT_SHOWN, changes.NOT_SHOWN]}


def test_the_masthead(mara: User) -> None:
    Masthead.objects.get_or_create(pk=1)
    sent(client_of(mara), "/admin/forum/masthead/1/change/", "masthead_form", tagline="Harbours, explained")
    assert the_change(model="forum.masthead").changes["tagline"][1] == "Harbours, explained"


def test_an_author_with_their_account(bob: User, sam: User) -> None:
    author = Author.objects.create(single_name="Sam")
    sent(client_of(bob), f"/admin/authors/author/{author.pk}/change/", "author_form", user=sam.pk, bio="Sam is Sam.")
    assert the_change().changes == {"bio line": ["", "Sam is Sam."], "account": ["", "Sam Stranger"]}


def test_a_picture_is_told_by_its_words(bob: User) -> None:
    image = picture()
    sent(client_of(bob), f"/admin/articles/image/{image.pk}/change/", "image_form", credit="Photo: Somebody Else")
    assert the_change(model="articles.image").changes == {"credit": ["Photo: A Photographer", "Photo: Somebody Else"]}
    assert changes.words_of(image)["file"] == str(image.file.name).rsplit("/", 1)[-1]


def test_a_piece_keeps_its_own_record_alone(alice: User, bob: User) -> None:
    from tests.cast import piece_in

    piece = piece_in("editing", author=alice, editor=bob)
    piece.handling.editor = bob
    piece.handling.save()
    response = sent(
        client_of(bob), f"/admin/articles/article/{piece.pk}/change/", "article_form", title="Another title"
    )
    assert response.status_code == 302
    assert not Change.objects.exists()


def test_the_database_refuses_to_alter_a_change(bob: User) -> None:
    change = changes.record(by=bob, action="added", obj=region(), changes={})
    assert change
    for attempt in (lambda: Change.objects.update(name="Another"), lambda: Change.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_what_can_t_be_stored_is_left_out(bob: User) -> None:
    change = changes.record(
        by=bob, action="changed", obj=region(), changes={"na\x00me": ["a\x00b", None]}, name="x\x00" + "y" * 500
    )
    assert change
    assert change.changes == {"name": ["ab", ""]}
    assert len(change.name) == 300


# --- reading ------------------------------------------------------------------------------------------


def test_history_of_a_region_shows_its_own_changes_alone(bob: User) -> None:
    japan = region()
    client = client_of(bob)
    sent(client, f"/admin/articles/region/{japan.pk}/change/", "region_form", name="Nippon")
    sent(client, f"/admin/articles/region/{japan.parent_id}/change/", "region_form", name="The East")
    # The page that comes next prints what the last form said.
    client.get("/admin/")
    shown = text(client.get(f"/admin/articles/region/{japan.pk}/history/"))
    assert "Changed by Bob Redpen" in shown
    assert "Nippon" in shown
    assert "The East" not in shown
    assert client.get("/admin/articles/region/999999/history/").status_code == 302


@pytest.mark.parametrize(("who", "status"), [("mara", 200), ("root", 200), ("bob", 403), ("carl", 403)])
def test_who_reads_the_list(who: str, status: int, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.get("/admin/editorial/change/").status_code == status


def test_the_list_is_read_only(mara: User) -> None:
    change = changes.record(by=mara, action="added", obj=region(), changes={"name": ["", "Japan"]})
    assert change
    client = client_of(mara)
    assert client.get("/admin/editorial/change/add/").status_code == 403
    assert client.post(f"/admin/editorial/change/{change.pk}/change/", {}).status_code == 403
    assert client.post(f"/admin/editorial/change/{change.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_is_filtered_and_searched(mara: User, bob: User) -> None:
    japan = region()
    changes.record(by=mara, action="changed", obj=japan, changes={"name": ["Nippon", "Japan"]})
    changes.record(
        by=bob, action="added", obj=Tag.objects.create(name="Ports"), changes={},
        now=timezone.now() - datetime.timedelta(days=40),
    )  # fmt: skip
    client = client_of(mara)

    def listed(query: str) -> str:
        page = client.get(f"/admin/editorial/change/{query}")
        assert page.status_code == 200, (query, page.status_code)
        import lxml.html

        rows = lxml.html.fromstring(page.content.decode()).xpath("//table[@id='result_list']/tbody")
        return rows[0].text_content() if rows else ""

    assert "Japan" in listed("")
    assert "Ports" in listed("")
    assert "Ports" not in listed(f"?by={mara.pk}")
    assert "Japan" in listed(f"?by={mara.pk}")
    assert "Japan" not in listed("?kind=articles.tag")
    assert "Ports" in listed("?kind=articles.tag")
    week = timezone.localdate() - datetime.timedelta(days=6)
    assert "Ports" not in listed(f"?since={week}")
    assert "Japan" in listed("?q=japan")
    assert "Ports" not in listed("?q=japan")
    for hostile in ("?by=99999999999999999999999", "?by=x", "?since=0001-01-01", "?since=9999-12-31", "?since=x", "?kind=%3Cb%3E", "?action=x", "?q=" + "a" * 4000):  # fmt: skip
        listed(hostile)


def test_the_list_asks_the_same_number_of_questions(mara: User) -> None:
    client = client_of(mara)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get("/admin/editorial/change/").status_code == 200
        return len(found)

    changes.record(by=mara, action="changed", obj=region(), changes={"name": ["a", "b"]})
    asked()
    one = asked()
    for name in ("China", "Mongolia"):
        changes.record(by=mara, action="changed", obj=region(name), changes={"name": ["a", name]})
    assert asked() == one
