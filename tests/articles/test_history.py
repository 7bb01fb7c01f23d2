"""The public history of a piece, and a text that was taken out of it."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from articles.models import Article, FormerAddress
from editorial import access
from editorial.perform import perform
from editorial.registry import Blocked
from editorial.sealing import seal
from tests.articles.shelf import correct, published, walked
from tests.cast import BODY, edit, managing, piece_in, retract

pytestmark = pytest.mark.django_db


def history(client: Client, article: Article, query: str = "") -> str:
    response = client.get(f"{article.get_absolute_url()}history/{query}")
    assert response.status_code == 200
    return response.content.decode()


def thrice(alice: User, bob: User) -> Article:
    """A piece that was corrected twice."""
    article = walked(alice, bob)
    correct(article, bob, "The harbour is Kobe.", f"<p>The harbour is Kobe.</p>{BODY}")
    correct(article, bob, "No: it is Osaka.", f"<p>The harbour is Osaka.</p>{BODY}")
    return article


def test_every_publication_stands_there_with_its_note_and_no_editor(client: Client, alice: User, bob: User) -> None:
    article = thrice(alice, bob)
    page = history(client, article)
    places = [page.index(part) for part in ("No: it is Osaka.", "The harbour is Kobe.", "First published")]
    assert places == sorted(places)
    assert "Readers have this text now" in page
    for name in ("Bob", "Redpen"):
        assert name not in page
    assert '<meta name="robots" content="noindex">' in page
    assert f'href="http://testserver{article.get_absolute_url()}history/"' in page


def test_the_piece_leads_to_its_history(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    assert f'href="{article.get_absolute_url()}history/"' in client.get(article.get_absolute_url()).content.decode()


def test_what_changed_between_any_two_texts(client: Client, alice: User, bob: User) -> None:
    article = thrice(alice, bob)
    page = history(client, article, "?from=2&to=3")
    assert "<del>Kobe</del>" in page
    assert "<ins>Osaka</ins>" in page
    page = history(client, article, "?from=1&to=3")
    assert "Kobe.</" not in page[page.index("What changed") : page.index("What readers were given")]
    assert "The two have the same text." in history(client, article, "?from=2&to=2")
    # One of the two is enough.
    assert "<ins>Osaka</ins>" in history(client, article, "?to=3")
    assert "<ins>Osaka</ins>" in history(client, article, "?from=2")


def test_each_text_can_be_read_and_a_comparison_says_how_much_changed(
    client: Client, alice: User, bob: User, mara: User
) -> None:
    article = thrice(alice, bob)
    retract(article, mara, bob)
    page = history(client, article)
    # The retraction gave no text of its own.
    assert [n for n in range(1, 5) if f'<a href="?text={n}#text" aria-label="Read this text: number {n}"' in page] == [
        1,
        2,
        3,
    ]
    seal(article.publications.get(note="The harbour is Kobe.").revision, by=mara, reason="It named a witness.")
    assert "?text=2#text" not in history(client, article)
    assert '<p class="meta">1 passage changed</p>' in history(client, article, "?from=1&to=3")
    assert "changed</p>" not in history(client, article, "?from=3&to=4")


@pytest.mark.parametrize(
    "query",
    ["?from=0&to=1", "?from=1&to=4", "?from=x&to=1", "?from=1&to=" + "9" * 400, "?from=-1&to=2", "?from=%00&to=1", "?from=٣&to=1"],
)  # fmt: skip
def test_numbers_that_there_are_not_are_said_so(client: Client, alice: User, bob: User, query: str) -> None:
    article = thrice(alice, bob)
    page = client.get(f"{article.get_absolute_url()}history/{query}")
    assert page.status_code == 404
    assert "have the numbers from 1 to 3" in page.content.decode()


def test_a_copy_fix_a_retraction_and_a_reinstatement_stand_there(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    edit(article, bob, f"<p>Mended.</p>{BODY}")
    perform(article, "update", by=bob, kind="copy_fix")
    retract(article, managing(), bob, "The figures were made up.")
    page = history(client, article)
    assert "Spelling or form mended" in page
    assert "The figures were made up." in page
    assert "The text stayed as it was" in page
    perform(article, "reinstate", by=managing(), second_editor=bob, public_note="They were not.")
    page = history(client, article)
    assert page.count("They were not.") == 2  # at the head and in its row
    assert "The figures were made up." in page


def test_what_is_prepared_or_still_ahead_is_not_shown(client: Client, alice: User, bob: User) -> None:
    article = thrice(alice, bob)
    edit(article, bob, f"<p>ZEBRA</p>{BODY}", title="ZEBRA")
    assert "ZEBRA" not in history(client, article, "?from=1&to=3")
    ahead = piece_in("scheduled", author=alice, editor=bob, title="Another")
    assert client.get(f"{ahead.get_absolute_url()}history/").status_code == 404


def test_a_former_address_leads_there_with_the_question(client: Client, alice: User, bob: User) -> None:
    article = thrice(alice, bob)
    FormerAddress.objects.create(article=article, published_on=datetime.date(2019, 5, 6), slug="its-first-name")
    moved = client.get("/2019/05/06/its-first-name/history/?from=1&to=2")
    assert (moved.status_code, moved["Location"]) == (301, f"{article.get_absolute_url()}history/?from=1&to=2")


def test_a_picture_that_readers_have_no_more_is_told_in_words(client: Client, alice: User, bob: User) -> None:
    from tests.cast import picture

    image = picture(alt="A crane")
    figure = f'<figure><img src="{image.file.url}" alt="A crane"></figure>'
    article = published(alice, bob, body=figure + BODY)
    correct(article, bob, "The picture was of another harbour.")
    page = history(client, article, "?from=1&to=2")
    assert image.file.url not in page
    assert "[picture: A crane]" in page
    page = history(client, article, "?text=1")
    assert image.file.url not in page
    assert "[picture: A crane]" in page


def test_texts_too_long_to_be_compared_are_shown_whole(
    client: Client, alice: User, bob: User, mara: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = thrice(alice, bob)
    asked: list[str] = []
    monkeypatch.setattr("articles.history.LONGEST_COMPARED", 10)
    monkeypatch.setattr("prose.diff.diff_html", lambda before, after: asked.append(before) or "")
    page = history(client, article, "?from=1&to=2")
    assert "These texts are too long to be compared here." in page
    for number in (1, 2):
        assert f'href="?text={number}#text"' in page
    assert not asked
    assert "The two have the same text." in history(client, article, "?from=2&to=2")
    page = history(client, article, "?text=2")
    assert "The harbour is Kobe.</p>" in page[page.index('id="text"') : page.index('id="given-title"')]
    for query in ("?text=0", "?text=4", "?text=x", "?text=%00", "?text=" + "9" * 400):
        answer = client.get(f"{article.get_absolute_url()}history/{query}")
        assert answer.status_code == 404, query
        assert "have the numbers from 1 to 3" in answer.content.decode()
    seal(article.publications.get(note="The harbour is Kobe.").revision, by=mara, reason="It named a witness.")
    page = history(client, article, "?text=2")
    assert "so it can’t be shown" in page
    assert "Kobe.</p>" not in page[: page.index('id="given-title"')]


def test_a_comparison_asked_for_again_is_not_worked_out_again(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prose import diff

    article = thrice(alice, bob)
    first = history(client, article, "?from=1&to=3")
    monkeypatch.setattr(diff, "diff_html", None)
    assert history(client, article, "?from=1&to=3") == first


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_is_the_same(
    client: Client, alice: User, bob: User, django_assert_num_queries, count: int
) -> None:
    article = published(alice, bob)
    for number in range(count):
        correct(article, bob, f"Correction {number}.", f"<p>Text {number}.</p>{BODY}")
    client.get("/")
    # The masthead, the piece, and what readers were given of it.
    with django_assert_num_queries(3):
        history(client, article)
    # The two texts, and the one that readers have now.
    with django_assert_num_queries(4):
        history(client, article, "?from=1&to=2")


def test_it_can_be_kept_by_caches(client: Client, alice: User, bob: User) -> None:
    article = thrice(alice, bob)
    page = client.get(f"{article.get_absolute_url()}history/")
    assert "public" in page["Cache-Control"]
    assert not page.cookies
    assert (
        client.get(f"{article.get_absolute_url()}history/", headers={"if-none-match": page["ETag"]}).status_code == 304
    )


# --- a text taken out -----------------------------------------------------------------------------


def test_a_sealed_text_is_gone_and_its_row_stays(client: Client, alice: User, bob: User, mara: User) -> None:
    article = thrice(alice, bob)
    kobe = article.publications.get(note="The harbour is Kobe.").revision
    seal(kobe, by=mara, reason="It named a witness.")
    page = history(client, article)
    assert page.count("This text was removed") == 1
    assert "witness" not in page
    for query in ("?from=1&to=2", "?from=2&to=3", "?from=2&to=2"):
        page = history(client, article, query)
        assert "so what changed can’t be shown" in page
        assert "<del>" not in page.replace("<span><del>Removed</del></span>", "")
    assert "<ins>" in history(client, article, "?from=1&to=3")
    event = article.events.get(transition="seal")
    assert (event.by, event.note, event.revision, event.data["version"]) == (
        mara,
        "It named a witness.",
        kobe,
        kobe.number,
    )
    # Its author does not read it either, and the piece goes on.
    assert kobe.pk not in access.shown_to_author(article)
    article.refresh_from_db()
    correct(article, bob, "Nagoya, after all.", f"<p>Nagoya.</p>{BODY}")


def test_only_a_managing_editor_seals_and_never_what_readers_have(
    alice: User, bob: User, mara: User, sam: User
) -> None:
    article = thrice(alice, bob)
    first, last = article.publications.get(kind="first").revision, article.live
    for person in (alice, bob, sam):
        with pytest.raises(PermissionDenied):
            seal(first, by=person, reason="No")
    with pytest.raises(Blocked, match="given last"):
        seal(last, by=mara, reason="No")
    with pytest.raises(Blocked, match="Readers never had"):
        seal(article.revisions.get(number=1), by=mara, reason="No")
    with pytest.raises(Blocked, match="Say why"):
        seal(first, by=mara, reason=" \x00 ")
    perform(article, "take_down", by=mara, note="A court asks")
    with pytest.raises(Blocked, match="given last"):
        seal(last, by=mara, reason="It would come back with the piece")
    seal(first, by=mara, reason="It named a witness.")
    with pytest.raises(Blocked, match="already"):
        seal(first, by=mara, reason="Again")


def test_sealing_at_the_desk(client: Client, alice: User, bob: User, mara: User) -> None:
    article = thrice(alice, bob)
    first = article.publications.get(kind="first").revision
    version = f"/admin/articles/article/{article.pk}/version/{first.pk}/"
    client.force_login(mara)
    assert f'href="{version}seal/"' in client.get(version).content.decode()
    assert "Reason" in client.get(f"{version}seal/").content.decode()
    refused = client.post(f"{version}seal/", {"reason": ""}).content.decode()
    assert "Say why" in refused
    done = client.post(f"{version}seal/", {"reason": "It named a witness."}, follow=True).content.decode()
    assert "Managing editors alone read it" in done
    assert "Paragraph 3 of a piece" in done
    assert (
        "A text removed from the public history"
        in client.get(f"/admin/articles/article/{article.pk}/change/").content.decode()
    )
    client.force_login(bob)
    diff = f"/admin/articles/article/{article.pk}/diff/?a={first.pk}&b={article.live_id}"
    preview = f"/admin/articles/article/{article.pk}/preview/?version={first.pk}"
    for address in (version, diff, preview, f"{version}seal/"):
        assert client.get(address).status_code == 403, address
    assert client.post(f"{version}seal/", {"reason": "Me too"}).status_code == 403
