"""Reporting an error in a piece: two steps without script, limited, and nothing kept of the reader but their words."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from articles import reports
from articles.models import Article, ErrorReport
from tests.articles.shelf import published
from tests.cast import managing, retract, take_down

pytestmark = pytest.mark.django_db

SAID = "In the third paragraph: Osaka, not Kobe."


@pytest.fixture(autouse=True)
def _no_history_of_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def article(alice: User, bob: User) -> Article:
    return published(alice, bob)


def strict() -> Client:
    """A browser that never saw the site, with the check for forged forms."""
    return Client(enforce_csrf_checks=True)


def send(client: Client, article: Article, **fields: str) -> Any:
    """Both steps, as a browser takes them."""
    address = f"{article.get_absolute_url()}report/"
    page = client.post(address, fields)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token, page
    return client.post(f"{address}send/", {**fields, "csrfmiddlewaretoken": token[1]})


def test_the_page_of_a_piece_has_the_form_and_stays_the_same_for_everyone(article: Article, bob: User) -> None:
    client = strict()
    page = client.get(article.get_absolute_url())
    assert f'action="{article.get_absolute_url()}report/"' in page.content.decode()
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert not page.cookies
    assert "Cookie" not in page.get("Vary", "")
    client.force_login(bob)
    assert client.get(article.get_absolute_url()).content == page.content
    alone = strict().get(f"{article.get_absolute_url()}report/")
    assert alone.status_code == 200
    assert not alone.cookies
    assert "public" in alone["Cache-Control"]


def test_a_report_takes_two_steps_and_arrives_with_the_text_that_readers_had(article: Article) -> None:
    client = strict()
    checked = client.post(f"{article.get_absolute_url()}report/", {"text": SAID, "email": "r@example.org"})
    assert checked.status_code == 200
    assert SAID in checked.content.decode()
    assert "no-store" in checked["Cache-Control"]
    assert not ErrorReport.objects.exists()
    done = send(client, article, text=SAID, email="r@example.org")
    assert (done.status_code, done["Location"]) == (303, f"{article.get_absolute_url()}report/?sent=yes")
    report = ErrorReport.objects.get()
    assert (report.article, report.revision, report.text, report.email, report.state) == (
        article, article.live, SAID, "r@example.org", "new",
    )  # fmt: skip
    assert "with the editors" in client.get(done["Location"]).content.decode()


def test_without_the_key_nothing_is_stored_and_the_words_are_kept(article: Article) -> None:
    page = strict().post(f"{article.get_absolute_url()}report/send/", {"text": SAID})
    assert page.status_code == 403
    assert SAID in page.content.decode()
    assert not ErrorReport.objects.exists()


def test_a_get_of_the_second_step_leads_to_the_form(article: Article) -> None:
    answer = strict().get(f"{article.get_absolute_url()}report/send/")
    assert (answer.status_code, answer["Location"]) == (302, f"{article.get_absolute_url()}report/")


def test_a_second_press_is_one_report(article: Article) -> None:
    client = strict()
    for _ in range(2):
        assert send(client, article, text=SAID).status_code == 303
    assert ErrorReport.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "Say what is wrong"),
        ({"text": " \x00\n "}, "Say what is wrong"),
        ({"text": "x" * 2001}, "This has 2,001 characters; at most 2,000 fit."),
        ({"text": SAID, "email": "nobody"}, "This is not an e-mail address."),
        ({"text": SAID, "email": "a" * 300 + "@example.org"}, "e-mail"),
        ({"text": SAID, "website": "https://buy.example"}, "tells machines from people"),
    ],
)
def test_what_can_not_be_taken_is_said_and_kept(article: Article, fields: dict[str, str], said: str) -> None:
    client = strict()
    for answer in (client.post(f"{article.get_absolute_url()}report/", fields), send(client, article, **fields)):
        assert answer.status_code == 422
        assert said in answer.content.decode()
        for value in fields.values():
            assert value.replace("\x00", "").strip() in answer.content.decode()
    assert not ErrorReport.objects.exists()


def test_what_is_typed_is_text(article: Article) -> None:
    client = strict()
    said = "<script>alert(1)</script> & a NUL\x00 and\r\nlines"
    page = client.post(f"{article.get_absolute_url()}report/", {"text": said}).content.decode()
    assert "<script>alert" not in page
    send(client, article, text=said)
    report = ErrorReport.objects.get()
    assert "\x00" not in report.text
    assert "\n" in report.text


def test_one_reader_is_limited_whatever_they_type(article: Article) -> None:
    client = strict()
    for number in range(6):
        assert send(client, article, text=f"Error number {number}").status_code == 303
    answer = send(client, article, text="One too many")
    assert answer.status_code == 429
    assert "again in an hour" in answer.content.decode()
    assert "One too many" in answer.content.decode()
    assert ErrorReport.objects.count() == 6


def test_a_piece_and_the_site_are_limited(
    article: Article, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "PER_PIECE", 1)
    assert send(strict(), article, text="First").status_code == 303
    assert send(strict(), article, text="Second").status_code == 429
    other = published(alice, bob, title="Another")
    assert send(strict(), other, text="Third").status_code == 303
    monkeypatch.setattr(reports, "PER_SITE", 2)
    third = published(alice, bob, title="A third")
    assert send(strict(), third, text="Fourth").status_code == 429


def test_no_address_of_the_network_is_kept(article: Article) -> None:
    from django.db import connection

    send(strict(), article, text=SAID)
    assert "127.0.0.1" not in str(ErrorReport.objects.values().get())
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM forum_cache WHERE cache_key LIKE '%%report_error%%'")
        keys = [key for (key,) in cursor.fetchall()]
    assert keys
    assert not [key for key in keys if "127.0.0.1" in key]


def test_neighbours_in_one_network_of_the_longer_addresses_are_one_reader(article: Article, rf: Any) -> None:
    def reader(address: str) -> str:
        return reports._reader(rf.get("/", REMOTE_ADDR=address))

    assert reader("2001:db8::1") == reader("2001:db8::2") != reader("2001:db8:1::1")
    assert reader("192.0.2.1") != reader("192.0.2.2")


def test_a_retracted_piece_is_reported_on_and_one_taken_down_is_not(article: Article) -> None:
    retract(article, managing(), User.objects.get(email="bob@example.org"))
    assert send(strict(), article, text=SAID).status_code == 303
    take_down(article, managing())
    for tail in ("report/", "report/send/"):
        assert strict().get(article.get_absolute_url() + tail).status_code == 410
    assert Client().post(f"{article.get_absolute_url()}report/", {"text": SAID}).status_code == 410
    assert Client().post(f"{article.get_absolute_url()}report/send/", {"text": SAID}).status_code == 410


def test_a_form_sent_from_a_former_address_arrives(article: Article) -> None:
    page = strict().post(f"/2019/01/01/{article.slug.upper()}/report/", {"text": SAID})
    assert page.status_code == 404 or SAID in page.content.decode()
    import datetime

    from articles.models import FormerAddress

    FormerAddress.objects.create(article=article, published_on=datetime.date(2019, 5, 6), slug="its-first-name")
    page = strict().post("/2019/05/06/its-first-name/report/", {"text": SAID})
    assert page.status_code == 200
    assert SAID in page.content.decode()


def test_pieces_that_nobody_may_know_of_take_no_reports(alice: User, bob: User) -> None:
    from tests.cast import piece_in

    ahead = piece_in("scheduled", author=alice, editor=bob)
    assert Client().post(f"{ahead.get_absolute_url()}report/send/", {"text": SAID}).status_code == 404


def test_one_link_from_the_page_and_other_methods_are_refused(article: Article) -> None:
    for method in ("put", "delete", "patch"):
        assert getattr(Client(), method)(f"{article.get_absolute_url()}report/").status_code == 405
