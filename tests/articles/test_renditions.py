"""What is taken into the library and what is not, the renditions that the worker makes, and how pages name them."""

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test import Client
from PIL import Image as Pillow
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from articles import images, jobs, renditions
from articles.models import Image, Rendering
from articles.pictures import show_pictures
from tests.articles import pictures
from tests.cast import BODY, edit, picture, piece_in

pytestmark = pytest.mark.django_db


def taken(data: bytes, **fields: Any) -> Image:
    return images.store(io.BytesIO(data), len(data), **fields)


def on_disk(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def open_jobs() -> list[int]:
    rows = ProcrastinateJob.objects.filter(task_name=jobs.TASK, status="todo")
    return [job.args["image_id"] for job in rows]


# --- what is taken ---


@pytest.mark.parametrize("name", pictures.REFUSED)
def test_what_is_refused_says_why_and_leaves_nothing(name: str, settings: Any) -> None:
    data, reason = pictures.REFUSED[name]
    with pytest.raises(ValidationError) as refused:
        taken(data)
    assert reason in refused.value.messages[0]
    assert not Image.objects.exists()
    assert on_disk(settings) == []


@pytest.mark.parametrize("name", pictures.TAKEN)
def test_what_is_taken_is_written_anew_without_what_was_hidden(name: str) -> None:
    image = taken(pictures.TAKEN[name])
    data = Path(image.file.path).read_bytes()
    assert b"ecret" not in data
    assert b"Exif" not in data
    found = Pillow.open(io.BytesIO(data))
    assert found.format in ("JPEG", "PNG")
    assert found.mode in ("RGB", "RGBA")
    assert not found.getexif()
    assert not set(found.info) & {"exif", "comment", "icc_profile", "xmp", "Author"}
    assert (image.width, image.height) == found.size == (900, 600)


def test_a_photo_stands_upright_when_its_direction_is_gone() -> None:
    image = taken(pictures.with_place(orientation=6))
    assert (image.width, image.height) == (600, 900)


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    class Unread(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("It was read.")

    with pytest.raises(ValidationError, match="at most 15 MB"):
        images.check(Unread(), 15 * 1024 * 1024 + 1)


@pytest.mark.parametrize("name", pictures.HOSTILE_NAMES)
def test_the_name_of_a_file_means_nothing(name: str, settings: Any) -> None:
    image = taken(SimpleUploadedFile("x.jpg", pictures.JPEG).read())
    file = SimpleUploadedFile("x.jpg", pictures.JPEG)
    file._name = name
    second = images.store(file, len(pictures.JPEG))
    assert second.file.name != image.file.name
    for path in on_disk(settings):
        assert path.parent.parent == Path(settings.MEDIA_ROOT) / "images"
        assert path.suffix == ".jpg"


def test_words_that_do_not_fit_leave_no_file(settings: Any) -> None:
    with pytest.raises(ValidationError):
        taken(pictures.JPEG, credit="x" * 201)
    assert on_disk(settings) == []
    with pytest.raises(ValidationError):
        taken(pictures.JPEG, focal_x="7")
    assert on_disk(settings) == []


# --- renditions ---


def test_widths_are_never_wider_than_the_picture() -> None:
    assert renditions.widths_of(900) == [320, 480, 640, 900]
    assert renditions.widths_of(200) == [200]
    assert renditions.widths_of(2400) == [320, 480, 640, 960, 1280, 1920]
    assert renditions.card_widths_of(2400, 1350) == [240, 480, 800]
    assert renditions.card_widths_of(900, 300) == [240, 450]


@pytest.mark.parametrize(("x", "y", "box"), [
    (0.5, 0.5, (150, 0, 750, 400)), (0, 0, (0, 0, 600, 400)), (1, 1, (300, 0, 900, 400)), (0.4, 0.9, (60, 0, 660, 400)),
])  # fmt: skip
def test_a_card_keeps_the_focal_point_in_view(x: float, y: float, box: tuple[int, int, int, int]) -> None:
    assert renditions.crop_box(900, 400, x, y) == box


def test_a_picture_orders_its_renditions_and_shows_them_once_they_are_there(settings: Any) -> None:
    image = taken(pictures.JPEG)
    assert image.pk in open_jobs()
    assert image.sources == image.card_sources == []
    assert image.thumbnail_url == image.file.url
    assert renditions.make(image) == ""
    image.refresh_from_db()
    assert image.renditions == {
        "wide": [320, 480, 640, 900], "card": [240, 480, 800], "focus": "500-500",
        "shapes": {"1x1": 600, "4x3": 800, "16x9": 900},
    }  # fmt: skip
    assert [source.type for source in image.sources] == ["image/avif", "image/webp"]
    names = {path.name for path in on_disk(settings)}
    stem = Path(image.file.name).stem
    assert len(names) == 1 + 2 * (4 + 3) + 3
    assert all(name.startswith(stem) for name in names)
    for source in (*image.sources, *image.card_sources):
        for part in source.srcset.split(", "):
            url, width = part.split(" ")
            with Pillow.open(Path(settings.MEDIA_ROOT) / url.removeprefix("/media/")) as made:
                assert made.width == int(width[:-1])
                assert f"image/{made.format.lower()}" == source.type
    again = on_disk(settings)
    renditions.make(image)
    assert sorted(on_disk(settings)) == sorted(again)


def test_shapes_are_as_told_round_the_focal_point_and_readable_by_everybody(settings: Any) -> None:
    image = taken(pictures.JPEG)
    assert [(one.url, one.width, one.height) for one in image.shaped] == [(image.file.url, 900, 600)]
    renditions.make(image)
    told = [(one.width, one.height) for one in image.shaped]
    assert told == [(600, 600), (800, 600), (900, 506)]
    for one in image.shaped:
        assert renditions.stem_of(one.url.removeprefix("/media/")) == image.file.name.rsplit(".", 1)[0]
        with Pillow.open(Path(settings.MEDIA_ROOT) / one.url.removeprefix("/media/")) as made:
            assert made.size == (one.width, one.height)
            assert made.format == "JPEG"
    renditions.remove_files(image)
    assert on_disk(settings) == []


def test_a_shape_shows_paper_where_the_picture_is_transparent() -> None:
    image = taken(pictures.TAKEN["alpha"])
    renditions.make(image)
    assert all(one.url.endswith(".jpg") for one in image.shaped)


def test_pictures_of_before_are_given_their_shapes() -> None:
    image, damaged = taken(pictures.JPEG), taken(pictures.JPEG)
    Image.objects.filter(pk=image.pk).update(renditions={"wide": [320], "card": [240], "focus": "500-500"})
    Image.objects.filter(pk=damaged.pk).update(renditions={"problem": "The file of the picture is damaged."})
    assert list(renditions.missing()) == [image]


@pytest.mark.parametrize(("width", "height", "shapes"), [
    (2400, 1350, {"1x1": 1200, "4x3": 1200, "16x9": 1200}), (200, 3000, {"1x1": 200, "4x3": 200, "16x9": 200}),
    (3000, 200, {"1x1": 200, "4x3": 266, "16x9": 355}),
])  # fmt: skip
def test_a_shape_is_never_wider_than_its_picture(width: int, height: int, shapes: dict[str, int]) -> None:
    assert renditions.shapes_of(width, height) == shapes


def test_transparency_stays() -> None:
    image = taken(pictures.TAKEN["alpha"])
    assert image.file.name.endswith(".png")
    renditions.make(image)
    with image.file.storage.open(image.rendition_name(320, "webp")) as file, Pillow.open(file) as made:
        assert made.mode == "RGBA"


def test_another_focal_point_makes_other_cards_and_drops_the_old(settings: Any) -> None:
    image = taken(pictures.JPEG)
    renditions.make(image)
    image.focal_x = "0.100"
    image.renditions |= {"is_due": True}
    image.save()
    image.refresh_from_db()
    assert "500-500" in image.card_sources[0].srcset
    assert image in renditions.missing()
    renditions.make(image)
    image.refresh_from_db()
    assert "100-500" in image.card_sources[0].srcset
    assert image not in renditions.missing()
    assert not [path for path in on_disk(settings) if "-500-500" in path.name]


def test_a_file_that_is_gone_or_damaged_is_noted_and_not_tried_for_ever(settings: Any) -> None:
    gone, damaged = taken(pictures.JPEG), taken(pictures.JPEG)
    Path(gone.file.path).unlink()
    Path(damaged.file.path).write_bytes(b"no picture")
    assert "missing" in renditions.make(gone)
    assert "damaged" in renditions.make(damaged)
    assert not renditions.missing().exists()
    assert Image.objects.get(pk=gone.pk).sources == []


def test_a_picture_deleted_meanwhile_leaves_no_files(settings: Any) -> None:
    image = taken(pictures.JPEG)
    Image.objects.filter(pk=image.pk).delete()
    renditions.make(image)
    assert on_disk(settings) == []


def test_the_sweep_finds_what_no_job_will_make() -> None:
    image = taken(pictures.JPEG, uploaded_at="2020-01-01T00:00Z")
    assert list(jobs.forgotten()) == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert list(jobs.forgotten()) == [image.pk]


@pytest.mark.django_db(transaction=True)
def test_the_worker_makes_them(drain: Callable[[], None]) -> None:
    image = taken(pictures.JPEG)
    drain()
    image.refresh_from_db()
    assert image.renditions["card"]


def test_the_command_makes_missing_ones_and_says_what_it_could_not(capsys: Any) -> None:
    image, gone = taken(pictures.JPEG), taken(pictures.JPEG)
    Path(gone.file.path).unlink()
    with pytest.raises(CommandError, match="1 picture none"):
        call_command("renditions")
    image.refresh_from_db()
    assert image.renditions["wide"]
    call_command("renditions")
    assert "Every picture has its renditions" in capsys.readouterr().out


# --- pages ---


def figure(image: Image, alt: str = "A quay", caption: str = "The quay") -> str:
    return f'<figure><img src="{image.file.url}" alt="{alt}" width="900" height="600"><figcaption>{caption}</figcaption></figure>'


def test_a_text_shows_pictures_in_the_width_that_a_screen_needs() -> None:
    image = taken(pictures.JPEG, credit="Photo: <A & B>", alt="Cranes")
    plain = show_pictures(figure(image))
    assert "<picture>" not in plain
    assert 'loading="lazy"' in plain
    assert '<figcaption>The quay <span class="credit">Photo: &lt;A &amp; B&gt;</span></figcaption>' in plain
    renditions.make(image)
    shown = show_pictures(f"<p>One</p>{figure(image, alt='')}<p>Two</p>")
    assert shown.startswith('<p>One</p><figure><picture><source type="image/avif"')
    assert shown.count('alt="Cranes"') == 1
    assert 'alt=""' not in shown
    assert shown.endswith("</figure><p>Two</p>")


def test_a_credit_is_printed_once_and_without_a_caption_too() -> None:
    image = taken(pictures.JPEG, credit="Photo: A")
    assert show_pictures(figure(image, caption="The quay. Photo: A")).count("Photo: A") == 1
    bare = f'<figure><img src="{image.file.url}" alt="x"></figure>'
    assert '<figcaption><span class="credit">Photo: A</span></figcaption></figure>' in show_pictures(bare)
    assert 'width="900" height="600"' in show_pictures(bare)
    loose = f'<p><img src="{image.file.url}" alt="x"></p>'
    assert '<span class="credit">Photo: A</span></p>' in show_pictures(loose)


def test_what_is_not_of_the_library_stays(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert show_pictures("<p>No picture</p>") == "<p>No picture</p>"
    assert show_pictures('<figure><img src="/media/x.png" alt="x"></figure>') == (
        '<figure><img src="/media/x.png" alt="x" loading="lazy" decoding="async"></figure>'
    )


def test_a_text_is_rendered_anew_when_its_pictures_are_ready(alice: User, bob: User) -> None:
    image = taken(pictures.JPEG, alt="Cranes", credit="Photo: A")
    piece = piece_in("editing", author=alice, editor=bob)
    edit(piece, bob, body=piece.latest.body + figure(image))
    rendering = Rendering.objects.get(revision=piece.latest)
    assert "<picture>" not in rendering.html
    renditions.make(image)
    rendering.refresh_from_db()
    assert "<picture>" in rendering.html
    assert "Photo: A" in rendering.html


def test_cards_and_heads_name_renditions_and_feeds_do_not(alice: User, bob: User) -> None:
    image = picture()
    body_image = taken(pictures.JPEG, credit="Photo: Within", licence="own")
    piece_in("published", author=alice, editor=bob, lead_image=image, body=BODY + figure(body_image))
    client = Client()
    assert "<source" not in client.get("/").content.decode()
    renditions.make(image)
    renditions.make(body_image)
    home = client.get("/").content.decode()
    assert 'type="image/avif"' in home
    feed = client.get("/feed/").content.decode()
    assert "source type" not in feed
    assert "picture&gt;" not in feed
    assert "<picture" not in feed
    assert "Photo: Within" in feed


@pytest.mark.django_db(transaction=True)
def test_a_text_that_is_saved_while_renditions_are_made_shows_them(alice: User, bob: User) -> None:
    image = picture()
    piece = piece_in("published", author=alice, editor=bob)
    is_written, may_end = threading.Event(), threading.Event()

    def save() -> None:
        try:
            with transaction.atomic():
                edit(piece, bob, body=BODY + figure(image))
                is_written.set()
                may_end.wait(10)
        finally:
            connections.close_all()

    saving = threading.Thread(target=save)
    saving.start()
    assert is_written.wait(10)
    # The worker has made the files, and waits to note them until the text is through.
    threading.Timer(0.5, may_end.set).start()
    renditions.make(image)
    saving.join(10)
    assert "<source" in Rendering.objects.get(revision__image_uses__image=image).html
