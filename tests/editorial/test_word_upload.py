"""Start from a Word document: in the portal and at the desk, without scripts, and without losing what was typed."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from articles.models import Article, Image
from editorial import word
from prose.word import process
from tests.cast import draft, piece_in
from tests.editorial import desk
from tests.editorial.portal import at, fields, save, signed_in
from tests.prose import documents as d

pytestmark = pytest.mark.django_db

PLAIN = d.docx(
    d.p("The port that waits", style="Title") + d.p("In Brief", style="Heading1") + d.p("Why ships wait.")
    + d.p("Queues", style="Heading1") + d.p("Words ", d.r("in italics", "<w:i/>"), d.change("ins", "."))
)  # fmt: skip


def sent(data: bytes = PLAIN, name: str = "port.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_it_is_the_first_control_of_the_sheet(alice: User) -> None:
    client = signed_in(alice)
    for address in (at("new"), at("write", draft(alice))):
        page = client.get(address).content.decode()
        assert page.index('name="word_file"') < page.index('name="title"')
        assert 'enctype="multipart/form-data"' in page


def test_a_document_fills_the_sheet_and_saves_nothing(alice: User) -> None:
    client = signed_in(alice)
    response = save(client, action="word", word_file=sent(), suggested_topics="trade")
    assert response.status_code == 200
    assert not Article.objects.exists()
    filled = fields(response)
    assert (filled["title"], filled["in_brief"]) == ("The port that waits", "Why ships wait.")
    assert filled["body"] == "<h2>Queues</h2>\n<p>Words <em>in italics</em>.</p>"
    assert filled["suggested_topics"] == "trade"
    page = response.content.decode()
    assert "1 tracked change was taken as accepted (1 insertion)." in page
    assert "Put back" not in page
    assert client.post(at("new"), filled | {"action": "save"}).status_code == 302
    assert Article.objects.get().latest.title == "The port that waits"


def test_what_was_typed_before_is_kept_and_put_back(alice: User) -> None:
    client, article = signed_in(alice), draft(alice)
    versions = article.revisions.count()
    first = save(client, article, action="word", word_file=sent(), title="Typed title", body="<p>Typed</p>")
    assert "What stood in the form before is kept on this page" in first.content.decode()
    # Another document, an upset form, a press on Save that is refused: the typed text goes along.
    second = client.post(
        at("write", article),
        hidden(first) | {"action": "word", "word_file": sent(d.docx(d.p("Other", style="Title") + d.p("Else.")))},
    )
    third = client.post(at("write", article), hidden(second) | {"action": "add"})
    data = fields(third)
    assert (data["title"], data["body"]) == ("Other", "<p>Else.</p>")
    page: Any = third
    seen = []
    for _ in range(3):
        page = client.post(at("write", article), hidden(page) | {"action": "word_back"})
        seen.append(fields(page)["title"])
    assert seen == ["The port that waits", "Typed title", "Other"]
    assert article.revisions.count() == versions
    back = client.post(at("write", article), hidden(first) | {"action": "word_back"})
    assert fields(back)["body"] == "<p>Typed</p>"
    client.post(at("write", article), hidden(back) | {"action": "save"})
    article.refresh_from_db()
    assert (article.latest.title, article.revisions.count()) == ("Typed title", versions + 1)


def test_what_a_document_does_not_name_is_told(alice: User) -> None:
    client = signed_in(alice)
    page = save(client, action="word", word_file=sent(d.docx(d.p("By Ada Lee and Bo") + d.p("Words."))), title="Typed")
    assert fields(page)["title"] == "Typed"
    assert "No title and no In Brief could be told from the rest." in page.content.decode()
    assert "“By Ada Lee and Bo” stands in the text." in page.content.decode()
    page = save(client, action="word", word_file=sent())
    assert "could be told from the rest" not in page.content.decode()
    assert "stands in the text" not in page.content.decode()


def test_the_page_opens_at_what_is_said_of_the_document(alice: User) -> None:
    client = signed_in(alice)
    first = save(client, action="word", word_file=sent(), title="Typed")
    refused = client.post(at("new"), hidden(first) | {"action": "word", "word_file": sent(b"%PDF-1.7", "a.pdf")})
    page = refused.content.decode()
    assert page.count('id="word-said"') == 1
    assert page.index('id="word-said"') < page.index("This is a PDF") < page.index("Put the other text in its place")


def hidden(response: Any) -> dict[str, Any]:
    """The fields of the sheet, those of one name all together."""
    return desk.fields_of(response.content.decode(), "sheet")


def test_a_document_that_was_chosen_is_taken_whatever_was_pressed(alice: User) -> None:
    response = save(signed_in(alice), action="submit", word_file=sent())
    assert fields(response)["title"] == "The port that waits"
    assert not Article.objects.exists()


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (sent(b"%PDF-1.4", "a.pdf"), "a PDF"),
        (sent(b"", "empty.docx"), "is empty"),
        (sent(d.swollen(100), "bomb.docx"), "far larger"),
        (sent(PLAIN[:-99], "<b>cut</b>\x00.docx"), "damaged"),
        (None, "Choose a document first"),
    ],
)
def test_what_is_refused_is_told_and_nothing_is_lost(alice: User, file: Any, says: str) -> None:
    given = {"word_file": file} if file is not None else {}
    response = save(signed_in(alice), action="word", title="Typed", body="<p>Typed</p>", **given)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert (fields(response)["title"], fields(response)["body"]) == ("Typed", "<p>Typed</p>")


def test_a_document_of_too_many_bytes_is_not_even_opened(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word.word, "MAX_BYTES", 100)
    monkeypatch.setattr(process, "read", lambda *_: pytest.fail("It was read."))
    response = save(signed_in(alice), action="word", word_file=sent())
    assert "MB are taken" in response.content.decode()


def test_pictures_are_checked_and_stored_as_the_persons_own(alice: User) -> None:
    body = (
        d.p("Words")
        + d.p(d.picture("p1", "Red"))
        + d.p("Red field", style="Caption")
        + d.p(d.picture("p2"))
        + d.p("More")
    )
    data = d.docx(
        body, relations={"p1": ("image", "media/1.png"), "p2": ("image", "media/2.png")},
        **{"word/media/1.png": d.png(), "word/media/2.png": d.png(10, 10)},
    )  # fmt: skip
    response = save(signed_in(alice), action="word", word_file=sent(data))
    image = Image.objects.get()
    assert (image.uploaded_by, image.alt, image.width) == (alice, "Red", 300)
    text = fields(response)["body"]
    assert (
        f'<figure><img src="{image.file.url}" alt="Red" width="300" height="240"><figcaption>Red field</figcaption></figure>'
        in text
    )
    assert "word-picture" not in text
    assert "Picture 2 was not taken. The picture has 10 × 10 pixels" in response.content.decode()


def test_hostile_words_come_out_as_words(alice: User) -> None:
    data = d.docx(
        d.p("&lt;img src=x onerror=alert(1)&gt;", style="Title") + d.p("&lt;script&gt;", d.link("l", "x")),
        relations={"l": ("hyperlink", "javascript:alert(1)")},
    )
    response = save(signed_in(alice), action="word", word_file=sent(data))
    assert fields(response)["body"] == "<p>&lt;script&gt;x</p>"
    assert "<img src=x" not in response.content.decode()


def test_an_author_has_only_so_many_documents_read(alice: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"word": "2/h/user"}
    client = signed_in(alice)
    answers = [save(client, action="word", word_file=sent(), title="Typed") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert "many documents read" in answers[2].content.decode()
    assert fields(answers[2])["title"] == "Typed"


def test_only_who_may_write_the_text_fills_it(alice: User, bob: User, sam: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    sheet = {"action": "word", "title": "Mine", "rows": "0"}
    refused = signed_in(alice).post(at("write", article), sheet | {"word_file": sent()})
    assert refused.status_code == 422
    assert "not in your hands" in refused.content.decode()
    assert signed_in(sam).post(at("write", article), sheet | {"word_file": sent()}).status_code == 404
    assert desk.client_of(sam).post(desk.url(article), {"_word": "1", "word_file": sent()}).status_code in (
        302,
        403,
        404,
    )


# --- At the desk ----------------------------------------------------------------------------------
def test_at_the_desk_it_fills_the_form_and_saves_nothing(alice: User, bob: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    client, versions, title = desk.client_of(bob), article.revisions.count(), article.latest.title
    data = desk.opened(client, article)
    response = client.post(desk.url(article), data | {"_word": "1", "word_file": sent()})
    assert response.status_code == 200
    said = desk.text(response)
    assert "The text of “port.docx” stands in the form" in said
    assert "1 tracked change" in said
    assert "correct the error" not in said
    filled = desk.fields_of(response.content.decode())
    assert (filled["title"], filled["before_title"]) == ("The port that waits", title)
    assert article.revisions.count() == versions
    back = client.post(desk.url(article), filled | {"_word_back": "1"})
    assert desk.fields_of(back.content.decode())["title"] == title
    saved = client.post(desk.url(article), filled | {"_save": "Save"})
    assert saved.status_code == 302, desk.text(saved)
    article.refresh_from_db()
    assert article.latest.body == "<h2>Queues</h2>\n<p>Words <em>in italics</em>.</p>"
    assert article.revisions.count() == versions + 1


def test_at_the_desk_a_piece_begins_with_a_document(bob: User) -> None:
    client = desk.client_of(bob)
    page = client.get("/admin/articles/article/add/")
    html = page.content.decode()
    assert html.index('name="word_file"') < html.index('name="title"')
    assert 'enctype="multipart/form-data"' in html
    data = desk.fields_of(html)
    response = client.post("/admin/articles/article/add/", data | {"_save": "Save", "word_file": sent()})
    assert not Article.objects.exists()
    filled = desk.fields_of(response.content.decode())
    assert filled["title"] == "The port that waits"
    client.post("/admin/articles/article/add/", filled | {"_save": "Save"})
    assert Article.objects.get().latest.in_brief == "Why ships wait."


def test_at_the_desk_a_refused_document_leaves_the_form_as_it_was(alice: User, bob: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    client = desk.client_of(bob)
    data = desk.opened(client, article) | {"title": "Typed"}
    response = client.post(desk.url(article), data | {"_word": "1", "word_file": sent(b"{\\rtf1")})
    assert "an RTF document" in desk.text(response)
    assert desk.fields_of(response.content.decode())["title"] == "Typed"


def test_at_the_desk_it_is_offered_where_the_text_is_open(alice: User, bob: User) -> None:
    article = piece_in("revising", author=alice, editor=bob)
    client = desk.client_of(bob)
    assert "word_file" not in client.get(desk.url(article)).content.decode()
    response = client.post(desk.url(article), {"_word": "1", "word_file": sent()})
    assert response.status_code == 302
