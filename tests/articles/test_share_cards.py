"""The card beside a shared link: what it shows, who may fetch it, and that it is in step with what readers have."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from accounts.models import User
from articles import jobs
from articles.models import Article, Byline, Image, ShareCard
from articles.share_cards import cards, drawing, fonts
from articles.share_cards.drawing import Drawn, draw
from articles.share_cards.typesetting import Script, cut, fit, runs_of, tidy, width_of
from editorial.admin.images import change_image
from editorial.perform import perform
from forum.models import Masthead
from tests.cast import STATES, edit, picture, piece_in, retract

pytestmark = pytest.mark.django_db

TITLES = {
    "ar": "مستقبل التجارة في آسيا بعد 2026", "zh-Hans": "亚洲贸易的未来", "hi": "एशिया में व्यापार का भविष्य",
    "ko": "한반도 평화 전망", "th": "อนาคตของการค้า",
}  # fmt: skip


@pytest.fixture(autouse=True)
def forget_files() -> None:
    cards._seen.clear()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without fonts of its own, and without what shapes letters."""
    monkeypatch.setattr(fonts, "_candidates", lambda *args: iter(()))
    fonts._system_face.cache_clear()
    yield
    fonts._system_face.cache_clear()


def opened(card: bytes) -> Pillow.Image:
    return Pillow.open(io.BytesIO(card))


def ink_in(card: bytes, box: tuple[int, int, int, int]) -> bool:
    """Whether anything dark stands in a part of the card."""
    darkest, _ = opened(card).convert("L").crop(box).getextrema()
    return darkest < 120


TITLE_BOX = (72, 170, 1128, 500)


def og(page: str, name: str) -> str:
    found = page.partition(f'<meta property="og:{name}" content="')[2].partition('"')[0]
    return found.removeprefix("http://testserver")


def page_of(article: Article) -> str:
    return Client().get(article.get_absolute_url()).content.decode()


def path_of(card: ShareCard) -> str:
    return f"/media/{card.file}"


def made(article: Article) -> ShareCard:
    cards.make(article.pk)
    return ShareCard.objects.get(article=article)


# --- what it shows ---


@pytest.mark.parametrize("names", [(), ("Alice Marlowe",), ("Alice", "Ada"), tuple(f"Author {n}" for n in range(300))])
@pytest.mark.parametrize("title", ["", "On", "A title of several words", "Long words " * 40, "x" * 300, "  \u200b\n"])
def test_a_card_is_drawn_whatever_it_says(title: str, names: tuple[str, ...]) -> None:
    card = opened(
        draw(Drawn(title, "Forum", names, "25 January 2020", label="Retracted"), Pillow.new("RGB", (300, 900)))
    )
    assert (card.size, card.format) == ((1200, 630), "JPEG")


def test_nothing_of_a_card_runs_over_its_edge() -> None:
    card = draw(Drawn("Wide words of a title that goes on " * 9, "House " * 60, ("Name " * 60,), "25 January 2020"))
    assert not ink_in(card, (1140, 0, 1200, 630))
    assert not ink_in(card, (0, 0, 60, 630))


@pytest.mark.parametrize("language", TITLES)
def test_without_a_font_the_title_is_left_out_rather_than_boxes(bare: None, language: str) -> None:
    told = {"house": "Forum", "day": "25 January 2020", "language": language}
    assert draw(Drawn(TITLES[language], **told)) == draw(Drawn("", **told))


@pytest.mark.parametrize("language", ["ar", "hi"])
def test_letters_that_no_one_shapes_are_left_out(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setattr(fonts, "can_shape", lambda: False)
    assert fonts.faces_for(TITLES[language], "serif", 600, language) is None


@pytest.mark.parametrize("language", TITLES)
def test_with_a_font_of_the_system_the_title_stands_there(language: str) -> None:
    if fonts.faces_for(TITLES[language], "serif", 600, language) is None:
        pytest.skip("This machine has no font for it.")
    assert ink_in(draw(Drawn(TITLES[language], "Forum", language=language)), TITLE_BOX)


@pytest.mark.parametrize("title", ["The tide tables", "Việt Nam và Biển Đông", "Łódź, Māori, naïve — ‘quoted’"])
def test_our_own_fonts_have_latin_and_vietnamese(bare: None, title: str) -> None:
    assert ink_in(draw(Drawn(title, "Forum")), TITLE_BOX)


def test_names_that_do_not_fit_are_counted() -> None:
    line, _ = drawing.names_line([f"Author Number {n}" for n in range(9)], 560, Drawn("", "")) or ("", None)
    assert line == "Author Number 0, Author Number 1 +7"


def test_a_name_without_a_font_is_counted_too(bare: None) -> None:
    line, _ = drawing.names_line(["王小明", "Alice Marlowe"], 560, Drawn("", "")) or ("", None)
    assert line == "Alice Marlowe +1"


def test_right_to_left_is_mirrored() -> None:
    picture_of = Pillow.new("RGB", (900, 900), "#000000")
    left, right = (20, 20, 400, 300), (800, 20, 1180, 300)
    card = draw(Drawn("Title", "Forum", is_rtl=True), picture_of)
    assert ink_in(card, left)
    assert not ink_in(draw(Drawn("", "", is_rtl=True), picture_of), right)


WORDS = st.text(
    st.one_of(st.characters(max_codepoint=0x17F), st.sampled_from("亚洲貿易、。（）مستقبلहिन्दीไทย한국 -–—")),
    max_size=80,
)


@given(WORDS, st.booleans())
@hypothesis.settings(max_examples=40, deadline=None)
def test_lines_lose_nothing_and_are_no_wider_than_they_may_be(text: str, is_rtl: bool) -> None:
    line = tidy(text)
    script = Script(tuple(fonts.ours("serif", 600)), 40, is_rtl)
    for lines in (fit(line, script, 500, 99), cut(line, script, 500, 99)):
        if lines is not None:
            assert "".join(lines).replace(" ", "") == line.replace(" ", "")
            assert all(width_of(one, script) <= 500 for one in lines)
    assert len(cut(line, script, 500, 2)) <= 2
    drawn = "".join(run.text for run in runs_of(line, script))
    assert sorted(drawn) == sorted(line)


@pytest.mark.parametrize(("text", "is_rtl", "parts"), [
    ("The tide", False, ["The tide"]),
    ("آسيا RCEP 2026", True, ["RCEP 2026", "آسيا "]),
    ("On آسيا today", False, ["On ", "آسيا", " today"]),
    ("آسيا, Asia", True, ["Asia", "آسيا, "]),
])  # fmt: skip
def test_what_is_read_from_right_to_left_is_drawn_so(text: str, is_rtl: bool, parts: list[str]) -> None:
    face = fonts.ours("serif", 600)[0]
    assert [run.text for run in runs_of(text, Script((face,), 40, is_rtl))] == parts


# --- what a page names ---


def test_a_page_names_its_card_once_there_is_one(alice: User, bob: User) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    assert og(page_of(piece), "image") == ""
    cards.make_site(Masthead.current())
    assert og(page_of(piece), "image").startswith("/media/cards/site-")
    card = made(piece)
    page = page_of(piece)
    assert og(page, "image") == path_of(card)
    assert (og(page, "image:width"), og(page, "image:height")) == ("1200", "630")
    assert og(page, "image:alt") == "The tide tables of trade. Alice Marlowe. Forum"
    assert 'name="twitter:card" content="summary_large_image"' in page
    response = Client().get(path_of(card))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert opened(b"".join(response.streaming_content)).size == (1200, 630)


@pytest.mark.parametrize("licence", Image.Licence.values)
def test_a_picture_travels_only_where_its_licence_lets_it(alice: User, bob: User, licence: str) -> None:
    image = picture(licence=licence)
    piece = piece_in("published", author=alice, editor=bob, lead_image=image)
    assert (og(page_of(piece), "image") == image.file.url) is image.may_travel
    card = made(piece)
    assert (card.picture == image) is image.may_travel
    with Pillow.open(Path(settings.MEDIA_ROOT) / card.file) as shown:
        # The colour of the picture, at the side.
        assert (max(abs(a - b) for a, b in zip(shown.getpixel((1000, 200)), (0x45, 0x67, 0x89), strict=True)) < 8) is (
            image.may_travel
        )


def test_a_card_that_says_something_else_is_named_no_more(alice: User, bob: User, mara: User) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    card = made(piece)
    changes: list[Callable[[], object]] = [
        lambda: (edit(piece, bob, title="Another title"), perform(piece, "update", by=bob, kind="copy_fix")),
        lambda: Byline.objects.filter(article=piece).update(name="Alice M Marlowe"),
        lambda: Masthead.objects.update_or_create(pk=1, defaults={"name": "Tides"}),
    ]
    for change in changes:
        change()
        assert og(page_of(piece), "image") == ""
        before, card = card, made(piece)
        assert card.file != before.file
        assert og(page_of(piece), "image") == path_of(card)


def test_a_fix_of_the_text_alone_leaves_the_card(alice: User, bob: User) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    card = made(piece)
    edit(piece, bob, body=piece.latest.body + "<p>More.</p>")
    perform(piece, "update", by=bob, kind="copy_fix")
    assert og(page_of(piece), "image") == path_of(card)
    assert cards.make(piece.pk) is False


# --- who may fetch it ---


@pytest.mark.parametrize("state", STATES)
def test_a_card_is_served_only_while_readers_have_the_piece(alice: User, bob: User, mara: User, state: str) -> None:
    piece = piece_in(state, author=alice, editor=bob)
    drawn = cards.make(piece.pk)
    card = ShareCard.objects.filter(article=piece).first()
    # Scheduled pieces have theirs ahead of time, for nobody yet.
    assert drawn is (card is not None) is (state in ("published", "retracted", "scheduled"))
    if card is None:
        return
    for client in (Client(), signed_in(mara)):
        assert client.get(path_of(card)).status_code == (404 if state == "scheduled" else 200)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db(transaction=True)
def test_taken_down_it_is_gone_with_its_file_and_back_with_the_piece(
    alice: User, bob: User, mara: User, drain: Callable[[], None]
) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    drain()
    path = path_of(ShareCard.objects.get(article=piece))
    assert Client().get(path).status_code == 200
    perform(piece, "take_down", by=mara, note="Libel")
    assert Client().get(path).status_code == 404
    assert not ShareCard.objects.exists()
    assert not (Path(settings.MEDIA_ROOT) / path.removeprefix("/media/")).exists()
    perform(piece, "restore", by=mara, note="Settled")
    drain()
    assert og(page_of(piece), "image") == path


def test_an_old_title_is_shown_to_nobody(alice: User, bob: User) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    old = made(piece)
    edit(piece, bob, title="Another title")
    assert Client().get(path_of(old)).status_code == 200
    perform(piece, "update", by=bob, kind="correction", public_note="The title was wrong.")
    assert Client().get(path_of(old)).status_code == 404


def test_a_retraction_shows_at_once_and_on_the_card(alice: User, bob: User) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    old = made(piece)
    Article.objects.filter(pk=piece.pk).update(status="retracted")
    assert Client().get(path_of(old)).status_code == 404
    card = made(piece)
    page = page_of(piece)
    assert og(page, "image") == path_of(card)
    assert og(page, "image:alt").startswith("Retracted. ")


def test_a_picture_that_may_travel_no_more_takes_its_card_along(alice: User, bob: User, mara: User) -> None:
    image = picture(licence="own")
    piece = piece_in("published", author=alice, editor=bob, lead_image=image)
    card = made(piece)
    image.licence = "all_rights"
    change_image(image, ["licence"], by=mara)
    assert Client().get(path_of(card)).status_code == 404
    assert og(page_of(piece), "image") == ""
    assert made(piece).picture is None


@pytest.mark.parametrize("path", [
    "cards/", "cards/../../settings.py", "cards/00/" + "0" * 32 + ".jpg", "cards/site-" + "0" * 32 + ".jpg", "cards/x.jpg",
    "cards/site-%2e%2e/x.jpg",
])  # fmt: skip
def test_what_is_no_card_is_not_found(path: str) -> None:
    assert Client().get(f"/media/{path}").status_code == 404


# --- keeping in step ---


@pytest.mark.django_db(transaction=True)
def test_the_worker_draws_cards_as_pieces_are_published(alice: User, bob: User, drain: Callable[[], None]) -> None:
    piece = piece_in("published", author=alice, editor=bob)
    drain()
    assert ShareCard.objects.get(article=piece).title == "The tide tables of trade"
    edit(piece, bob, title="Renamed")
    perform(piece, "update", by=bob, kind="copy_fix")
    drain()
    assert ShareCard.objects.get(article=piece).title == "Renamed"


def test_the_command_draws_all_that_are_due(alice: User, bob: User, capsys: Any) -> None:
    piece, old = (piece_in("published", author=alice, editor=bob, title=f"Piece {n}") for n in range(2))
    made(old)
    assert list(cards.due(Masthead.current())) == [piece]
    call_command("share_cards")
    assert not cards.due(Masthead.current()).exists()
    Masthead.objects.update_or_create(pk=1, defaults={"name": "Tides"})
    assert cards.due(Masthead.current()).count() == 2
    call_command("share_cards")
    call_command("share_cards")
    assert "Every card is there" in capsys.readouterr().out


def test_one_that_can_not_be_drawn_keeps_no_other_waiting(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    older, newer = (piece_in("published", author=alice, editor=bob, title=f"Piece {n}") for n in range(2))
    draw = cards.draw

    def broken(drawn: Drawn, *rest: Any) -> bytes:
        if drawn.title == newer.latest.title:
            raise ValueError("A font that no one expected")
        return draw(drawn, *rest)

    monkeypatch.setattr(cards, "draw", broken)
    jobs.sweep_share_cards(timestamp=0)
    assert list(cards.due(Masthead.current())) == [newer]
    assert f"The card of piece {newer.pk} could not be drawn" in caplog.text
    assert ShareCard.objects.get().article == older


def test_a_card_from_before_a_retraction_is_due_again(alice: User, bob: User, mara: User) -> None:
    """Even where the job that follows a retraction was lost."""
    piece = piece_in("published", author=alice, editor=bob)
    made(piece)
    assert not cards.due(Masthead.current()).exists()
    retract(piece, mara, bob)
    assert list(cards.due(Masthead.current())) == [piece]


def test_what_is_seen_through_in_a_picture_is_paper() -> None:
    clear = Pillow.new("RGBA", (800, 600), (0, 0, 0, 0))
    darkest, _ = (
        opened(draw(Drawn(title="Tides", house="Forum"), clear)).convert("L").crop((800, 0, 1200, 630)).getextrema()
    )
    assert darkest > 240


def test_a_picture_whose_file_is_gone_is_left_out(alice: User, bob: User) -> None:
    image = picture(licence="own")
    piece = piece_in("published", author=alice, editor=bob, lead_image=image)
    Path(image.file.path).unlink()
    assert made(piece).file


def test_the_card_of_the_publication_follows_its_name() -> None:
    masthead = Masthead(name="Tides", tagline="On the sea")
    assert cards.make_site(masthead) is True
    assert cards.make_site(masthead) is False
    before = cards.site_name(masthead)
    masthead.name = "Waters"
    assert cards.make_site(masthead) is True
    names = {f"cards/{path.name}" for path in (Path(settings.MEDIA_ROOT) / "cards").glob("site-*")}
    assert names == {cards.site_name(masthead)}
    assert before not in names


def test_one_query_for_a_card(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    card = made(piece_in("published", author=alice, editor=bob))
    client = Client()
    with django_assert_num_queries(1):
        client.get(path_of(card))
    assert timezone.now() > card.article.published_at
