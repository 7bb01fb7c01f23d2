"""The media library: grid and filters, many pictures at once, where each is used, deleting, choosing, focal point."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from articles import jobs, renditions
from articles.models import Image, Portrait, Region, Rendering, Series
from authors.models import Author
from editorial import access, pictures
from editorial.models import Change, Event
from editorial.perform import perform
from editorial.sealing import seal
from forum.models import Page
from tests.articles import pictures as files
from tests.browser import ANYBODY
from tests.cast import BODY, draft, edit, picture, piece_in
from tests.editorial.desk import client_of, fields_of, text

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/image/"
PICK = "/admin/articles/image/pick/"
UPLOAD = "/admin/articles/image/upload/"
OWN = "/contribute/pictures/"


def within(image: Image) -> str:
    return f'{BODY}<figure><img src="{image.file.url}" alt="x"></figure>'


def page_of(image: Image) -> str:
    return f"{LIST}{image.pk}/change/"


def sent(name: str = "a.jpg", data: bytes = files.JPEG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def on_disk(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


# --- pictures within texts count as those above them ---


def test_a_picture_within_a_private_draft_is_in_nobodys_library(alice: User, bob: User) -> None:
    image = picture(uploaded_by=bob)
    draft(alice, body=within(image))
    assert not access.desk_images(bob).filter(pk=image.pk).exists()
    piece_in("submitted", author=alice, editor=bob, body=within(image))
    assert access.desk_images(bob).filter(pk=image.pk).exists()


def test_readers_have_what_stands_within_a_published_text(alice: User, bob: User) -> None:
    image = picture()
    assert not access.readers_have(image)
    piece_in("published", author=alice, editor=bob, body=within(image))
    assert access.readers_have(image)
    assert "They see a change at once" in text(client_of(bob).get(page_of(image)))
    loose = picture()
    assert not access.readers_have(loose)
    Page.objects.create(slug="about", title="About", body=within(loose))
    assert not access.readers_have(loose)
    Page.objects.update(is_published=True)
    assert access.readers_have(loose)


def test_a_change_of_credit_is_told_and_seen_in_each_text(alice: User, bob: User) -> None:
    image = picture()
    piece = piece_in("published", author=alice, editor=bob, body=within(image))
    client = client_of(bob)
    data = fields_of(client.get(page_of(image)).content.decode(), "image_form")
    assert client.post(page_of(image), data | {"credit": "Photo: Other"}).status_code == 302
    assert "Photo: Other" in Rendering.objects.get(revision=piece.live_id).html
    event = Event.objects.get(article=piece, transition="change_details")
    assert event.data["changes"] == {"picture credit": ["Photo: A Photographer", "Photo: Other"]}


# --- the grid ---


def shown(client: Client, query: str = "") -> set[int]:
    html = client.get(f"{LIST}{query}").content.decode()
    return {image.pk for image in Image.objects.all() if f'href="{page_of(image)}' in html}


def test_search_and_filters(alice: User, bob: User) -> None:
    mine = picture(uploaded_by=bob, caption="Cranes", agency="Reuters", licence="cc_by")
    bare = picture(caption="", alt="", credit="")
    used = picture(caption="Used")
    piece_in("editing", author=alice, editor=bob, body=within(used))
    client = client_of(bob)
    assert shown(client) == {mine.pk, bare.pk, used.pk}
    assert shown(client, "?q=reuters") == {mine.pk}
    assert shown(client, "?licence=cc_by") == {mine.pk}
    assert shown(client, "?described=no") == {bare.pk}
    assert shown(client, "?described=nobody") == {bare.pk}
    assert shown(client, "?described=yes") == {mine.pk, used.pk}
    assert shown(client, "?used=no") == {mine.pk, bare.pk}
    assert shown(client, "?used=yes") == {used.pk}
    assert shown(client, "?sent=mine") == {mine.pk}
    assert shown(client, "?licence=nonsense&used=what") == {mine.pk, bare.pk, used.pk}
    page = text(client.get(LIST))
    assert "Not described" in page
    assert "Unused" in page


def test_where_a_picture_is_used(alice: User, ada: User, bob: User, mara: User) -> None:
    image = picture()
    published = piece_in("published", author=alice, editor=bob, lead_image=image, title="Published one")
    edited = piece_in("editing", author=alice, editor=bob, body=within(image), title="Edited one")
    edit(edited, bob, body=BODY)
    draft(ada, body=within(image), title="Private one")
    Series.objects.create(title="Waters", cover=image)
    Region.objects.create(name="Oceania", image=image)
    Portrait.objects.create(author=Author.objects.create(single_name="Zed"), image=image)
    Page.objects.create(slug="about", title="About us", body=within(image))
    page = text(client_of(mara).get(page_of(image)))
    for line in (
        "Published one published; readers see it", "Edited one in editing; in an earlier version", "1 piece not on your desk",
        "Waters cover", "Oceania", "Zed portrait", "About us not published",
    ):  # fmt: skip
        assert line.lower() in page.lower(), line
    assert "Private one" not in page
    assert published.pk


# --- deleting ---


def test_a_picture_that_was_never_used_may_be_deleted_with_its_files(
    bob: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    image = picture(uploaded_by=bob)
    renditions.make(image)
    assert len(on_disk(settings)) > 5
    client = client_of(bob)
    assert "It can be deleted" in text(client.get(page_of(image)))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{LIST}{image.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Image.objects.exists()
    assert on_disk(settings) == []
    assert Change.objects.filter(action="deleted", by=bob).exists()


def test_a_picture_that_was_used_stays(alice: User, bob: User, mara: User) -> None:
    used, cover, on_page = picture(uploaded_by=bob), picture(uploaded_by=bob), picture(uploaded_by=bob)
    piece = piece_in("editing", author=alice, editor=bob, body=within(used))
    edit(piece, bob, body=BODY)
    Series.objects.create(title="Waters", cover=cover)
    Page.objects.create(slug="about", title="About", body=within(on_page))
    for image in (used, cover, on_page):
        for user in (bob, mara):
            assert client_of(user).post(f"{LIST}{image.pk}/delete/", {"post": "yes"}).status_code == 403
            assert Image.objects.filter(pk=image.pk).exists()


def test_a_copy_editor_deletes_what_they_sent_alone(bob: User, carl: User) -> None:
    own, others = picture(uploaded_by=carl), picture(uploaded_by=bob)
    client = client_of(carl)
    assert client.post(f"{LIST}{others.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{LIST}{own.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Image.objects.all()) == [others]


# --- many at once, without scripts ---


def test_many_are_sent_at_once_and_each_refusal_is_named(bob: User, settings: Any) -> None:
    client = client_of(bob)
    batch = [sent("one.jpg"), sent("page.jpg", b"<html>"), sent("two.jpg"), sent("empty.jpg", b"")]
    told = {"credit": "Photo: B", "agency": "Reuters", "licence": "cc_by", "caption": "", "alt": ""}
    response = client.post(UPLOAD, told | {"file": batch}, follow=True)
    assert Image.objects.count() == 2
    assert len(on_disk(settings)) == 2
    image = Image.objects.first()
    assert image is not None
    assert (image.credit, image.agency, image.licence, image.uploaded_by) == ("Photo: B", "Reuters", "cc_by", bob)
    page = text(response)
    assert "“page.jpg” was not taken. This file is not a JPEG" in page
    assert "“empty.jpg” was not taken. The file is empty" in page
    assert "2 pictures are in the library" in page
    data = fields_of(response.content.decode(), "describe_form")
    first = f"p{image.pk}"
    answer = client.post(
        response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"], data | {f"{first}-alt": "Cranes"}
    )
    assert answer.status_code == 302
    image = Image.objects.get(pk=image.pk)
    assert image.alt == "Cranes"
    assert Change.objects.filter(action="changed", by=bob, object_id=str(image.pk)).count() == 1
    assert Change.objects.filter(action="added", by=bob).count() == 2


def test_what_is_wrong_with_one_is_said_beside_it_and_the_others_are_saved(bob: User) -> None:
    one, two = picture(uploaded_by=bob), picture(uploaded_by=bob)
    client = client_of(bob)
    address = f"/admin/articles/image/describe/?ids={one.pk},{two.pk}"
    data = fields_of(client.get(address).content.decode(), "describe_form")
    response = client.post(address, data | {f"p{one.pk}-credit": "x" * 300, f"p{two.pk}-credit": "Photo: Two"})
    assert response.status_code == 200
    assert "at most 200" in text(response)
    assert "x" * 300 in response.content.decode()
    assert Image.objects.get(pk=two.pk).credit == "Photo: Two"


def test_only_what_one_sent_is_described_there(bob: User, bea: User) -> None:
    image = picture(uploaded_by=bea)
    address = f"/admin/articles/image/describe/?ids={image.pk},x,{'9' * 30},"
    assert "nothing to describe" in text(client_of(bob).get(address))
    client_of(bob).post(address, {f"p{image.pk}-alt": "Mine", f"p{image.pk}-licence": "own"})
    assert Image.objects.get(pk=image.pk).alt == "Cranes at dusk"


@pytest.mark.parametrize("count", [0, 31])
def test_none_or_too_many_are_refused_with_what_to_do(bob: User, count: int) -> None:
    response = client_of(bob).post(UPLOAD, {"file": [sent() for _ in range(count)], "licence": "own", "credit": "Kept"})
    assert ("Choose one or more" if not count else "at most 30") in text(response)
    assert "Kept" in response.content.decode()
    assert not Image.objects.exists()


# --- as JSON, for scripts ---


def test_the_desk_picks_from_its_library(alice: User, bob: User) -> None:
    image = picture(caption="Harbour cranes", alt="Cranes", credit="Photo: A", agency="Reuters")
    hidden = picture(uploaded_by=alice)
    client = client_of(bob)
    found = client.get(PICK).json()
    assert found["more"] is False
    assert found["results"] == [{
        "id": image.pk, "src": image.file.url, "thumb": image.file.url, "alt": "Cranes", "caption": "Harbour cranes", "credit": "Photo: A",
        "width": 800, "height": 450, "name": "Harbour cranes",
    }]  # fmt: skip
    assert client.get(PICK, {"q": "reuters CRANES"}).json()["results"]
    assert not client.get(PICK, {"q": "reuters nothing"}).json()["results"]
    assert not client.get(PICK, {"id": hidden.pk}).json()["results"]
    for odd in (
        {"q": "a\x00b"},
        {"page": "x"},
        {"page": "-1"},
        {"page": "9" * 40},
        {"id": "9" * 40},
        {"q": "%_\\" * 500},
    ):
        assert client.get(PICK, odd).status_code == 200


def test_pages_of_the_library(bob: User) -> None:
    file = picture(uploaded_by=bob).file.name
    stem, suffix = file.rsplit(".", 1)
    Image.objects.bulk_create(
        Image(file=f"{stem}{n}.{suffix}", width=800, height=450, uploaded_by=bob) for n in range(pictures.A_PAGE)
    )
    client = client_of(bob)
    first, second = client.get(PICK).json(), client.get(PICK, {"page": 2}).json()
    assert (len(first["results"]), first["more"]) == (pictures.A_PAGE, True)
    assert (len(second["results"]), second["more"]) == (1, False)


@pytest.mark.parametrize("address", [PICK, OWN])
def test_one_is_sent_and_comes_back(address: str, bob: User) -> None:
    client = client_of(bob)
    answer = client.post(address, {"file": sent(), "alt": " Cranes\n ", "caption": "One", "credit": "Photo: B"})
    assert answer.status_code == 201
    image = Image.objects.get()
    assert (image.alt, image.uploaded_by) == ("Cranes", bob)
    assert answer.json()["src"] == image.file.url
    assert ProcrastinateJob.objects.filter(task_name=jobs.TASK, args__image_id=image.pk).exists()


@pytest.mark.parametrize("address", [PICK, OWN])
@pytest.mark.parametrize("name", files.REFUSED)
def test_what_is_refused_is_answered_in_plain_words(address: str, name: str, bob: User, settings: Any) -> None:
    answer = client_of(bob).post(address, {"file": sent("x.jpg", files.REFUSED[name][0])})
    assert answer.status_code == 422
    assert files.REFUSED[name][1] in answer.json()["error"]
    assert not Image.objects.exists()
    assert on_disk(settings) == []


def test_words_that_are_too_long_and_a_missing_file(bob: User, settings: Any) -> None:
    client = client_of(bob)
    answer = client.post(PICK, {"file": sent(), "credit": "x" * 201, "licence": "stolen"})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"credit", "licence"}
    assert client.post(PICK, {"alt": "x"}).json()["errors"]["file"] == ["No file came with it. Choose a picture."]
    assert client.post(PICK, {"file": "text"}).status_code == 422
    assert client.post(PICK, {"file": sent(), "alt": "a\x00b"}).status_code == 201
    assert len(on_disk(settings)) == 1


def test_who_may_not(alice: User, bob: User) -> None:
    for client in (Client(), client_of(alice)):
        for address in (PICK, UPLOAD, f"{LIST}describe/"):
            assert client.get(address).status_code in (302, 403)
            assert client.post(address, {"file": sent()}).status_code in (302, 403)
    assert Client().get(OWN).status_code == 302
    assert Client().post(OWN, {"file": sent()}).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    for user, address in ((bob, PICK), (alice, OWN)):
        strict.force_login(user)
        assert strict.post(address, {"file": sent()}).status_code == 403
    assert not Image.objects.exists()


def test_an_author_has_their_own_pictures_and_those_of_their_pieces_as_far_as_they_read_them(
    alice: User, ada: User, bob: User
) -> None:
    own, others, loose = picture(uploaded_by=alice), picture(uploaded_by=ada), picture()
    desk, unfinished = picture(uploaded_by=bob), picture(uploaded_by=bob)
    draft(ada, body=within(others))
    piece = piece_in("published", author=alice, editor=bob, lead_image=desk)
    edit(piece, bob, body=within(unfinished))
    ids = {found["id"] for found in client_of(alice).get(OWN).json()["results"]}
    assert ids == {own.pk, desk.pk}
    assert loose.pk not in ids


def test_an_author_sends_so_many_an_hour(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "AN_HOUR", 2)
    client = client_of(alice)
    codes = [client.post(OWN, {"file": sent()}).status_code for _ in range(3)]
    assert codes == [201, 201, 429]
    Image.objects.update(uploaded_at="2020-01-01T00:00Z")
    assert client.post(OWN, {"file": sent()}).status_code == 201


def test_lists_cost_the_same_for_one_and_for_three(alice: User, bob: User) -> None:
    client, portal = client_of(bob), client_of(alice)
    page = f"{LIST}describe/?ids="

    def add() -> Image:
        image = picture(uploaded_by=bob)
        piece_in("published", author=alice, editor=bob, lead_image=image, body=within(picture(uploaded_by=bob)))
        return image

    ids = [add().pk]
    counts = []
    for _ in range(2):
        counts.append([])
        for who, address in ((client, PICK), (portal, OWN), (client, f"{page}{','.join(map(str, ids))}")):
            with CaptureQueriesContext(connection) as queries:
                assert who.get(address).status_code == 200
            counts[-1].append(len(queries))
        ids += [add().pk, add().pk]
    assert counts[0] == counts[1]


# --- the focal point ---


def test_a_moved_focal_point_orders_other_cards(bob: User) -> None:
    image = picture(uploaded_by=bob)
    renditions.make(image)
    client = client_of(bob)
    data = fields_of(client.get(page_of(image)).content.decode(), "image_form")
    assert client.post(page_of(image), data | {"focal_x": "0.2"}).status_code == 302
    image = Image.objects.get(pk=image.pk)
    assert image.focus == "200-500"
    assert image in renditions.missing()
    assert ProcrastinateJob.objects.filter(task_name=jobs.TASK, args__image_id=image.pk, status="todo").count() == 2
    renditions.make(image)
    assert "200-500" in Image.objects.get(pk=image.pk).card_sources[0].srcset


@pytest.mark.django_db(transaction=True)
def test_pictures_are_sent_described_and_focused_by_keyboard(window: ANYBODY, bob: User, tmp_path: Path) -> None:
    for name, data in (("one.jpg", files.JPEG), ("two.png", files.TAKEN["png"]), ("bad.jpg", b"<html>")):
        (tmp_path / name).write_bytes(data)
    page = window(bob).open(UPLOAD)
    page.fill("[name=credit]", "Photo: B")
    page.set_input_files("[name=file]", [tmp_path / "one.jpg", tmp_path / "bad.jpg", tmp_path / "two.png"])
    page.click("#upload_form button[type=submit]")
    page.wait_for_selector("text=One picture was not taken")
    assert "Not taken. This file is not a JPEG" in page.locator(".is-refused").inner_text()
    page.click("text=Describe the 2 that were")
    page.locator("[name$=-alt]").first.fill("Cranes at dusk")
    page.click("text=Save all")
    page.wait_for_url(f"**{LIST}")
    assert Image.objects.filter(credit="Photo: B").count() == 2
    page.click(".library a >> nth=0")
    button = page.locator("button.focal")
    button.focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert page.input_value("#id_focal_x") == "0.48"
    assert page.input_value("#id_focal_y") == "0.61"
    assert "48 % from the left" in (button.get_attribute("aria-label") or "")
    box = button.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.75)
    assert page.input_value("#id_focal_x") == "0.25"
    page.click("[name=_save]:visible")
    page.wait_for_url(f"**{LIST}")
    assert {str(image.focal_x) for image in Image.objects.all()} == {"0.250", "0.500"}


@pytest.mark.django_db(transaction=True)
def test_a_lead_image_is_chosen_by_eye(window: ANYBODY, alice: User, bob: User) -> None:
    image = picture(caption="Harbour cranes")
    piece = piece_in("editing", author=alice, editor=bob)
    page = window(bob).open(reverse("admin:articles_article_change", args=[piece.pk]))
    page.click("text=Choose from the library…")
    page.fill("#library-search", "harbour")
    page.wait_for_selector(".library-window .library button")
    page.click(".library-window .library button")
    page.wait_for_selector(".chosen-picture:not([hidden])")
    page.click("[name=_save]:visible")
    page.wait_for_selector(".messagelist .success")
    piece.refresh_from_db()
    assert piece.latest.lead_image == image


def test_a_picture_that_only_a_removed_text_had_is_for_managing_editors(alice: User, bob: User, mara: User) -> None:
    image = picture(uploaded_by=bob)
    piece = piece_in("published", author=alice, editor=bob)
    for body in (within(image), BODY):
        edit(piece, bob, body=body)
        perform(piece, "update", by=bob, kind="correction", public_note="A name was wrong.")
    assert image in access.own_images(alice)
    seal(piece.revisions.get(image_uses__image=image), by=mara, reason="It shows a witness.")
    assert image not in access.own_images(alice)
    assert image not in access.desk_images(bob)
    assert image in access.desk_images(mara)
