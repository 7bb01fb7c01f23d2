"""How a piece was reviewed, as its readers are told: where the publication shows it, and nobody's name."""

import re
from typing import Any

import lxml.html
import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from articles.models import Article
from articles.status import Status
from forum.models import Masthead
from tests.cast import piece_in

pytestmark = pytest.mark.django_db

TERMS = {"identity": "double anonymised", "referees": 2, "rounds": 2, "days": 34}
LINE = "Peer reviewed, double anonymised, by two referees in two rounds and 34 days"


@pytest.fixture
def piece(alice: User, bob: User) -> Article:
    """As the decision leaves it."""
    return refereed(piece_in(Status.PUBLISHED, author=alice, editor=bob))


def refereed(article: Article, **terms: Any) -> Article:
    Article.objects.filter(pk=article.pk).update(how_reviewed=LINE, review_terms=TERMS | terms)
    return Article.objects.get(pk=article.pk)


def masthead(**fields: Any) -> None:
    Masthead(**fields).save()
    cache.clear()


def said(html: str) -> str:
    return re.sub(r"\s+", " ", lxml.html.fromstring(html).text_content())


def test_beneath_the_piece_and_on_paper(piece: Article, client: Client) -> None:
    for address in ("", "print/"):
        html = client.get(f"{piece.get_absolute_url()}{address}").content.decode()
        assert LINE in said(html)
        assert f'href="{piece.get_absolute_url()}history/#review"' in html


def test_explained_in_the_terms_of_the_standard(piece: Article, client: Client) -> None:
    html = client.get(f"{piece.get_absolute_url()}history/").content.decode()
    section = lxml.html.fromstring(html).get_element_by_id("review")
    rows = {dt.text_content(): dt.getnext().find("p").text for dt in section.iter("dt")}
    assert rows == {
        "Identity transparency": "Double anonymised", "Referees": "2", "Rounds": "2", "Days": "34",
        "Reviewer interacts with": "Editor", "Review information published": "None",
    }  # fmt: skip
    assert "The referees did not know who wrote the piece" in said(html)
    assert "ANSI/NISO Z39.106" in said(html)


def test_nothing_where_the_publication_does_not_show_it(piece: Article, client: Client) -> None:
    masthead(shows_review=False)
    address = piece.get_absolute_url()
    for page in ("", "print/", "history/"):
        html = client.get(f"{address}{page}").content.decode()
        assert not re.search(r"anonymised|referee|Peer reviewed|Z39", html), page


def test_a_piece_that_no_referee_read_keeps_its_line(alice: User, bob: User, client: Client) -> None:
    article = piece_in(Status.PUBLISHED, author=alice, editor=bob)
    for shows in (True, False):
        masthead(shows_review=shows)
        html = client.get(article.get_absolute_url()).content.decode()
        assert "Read and accepted by an editor, without referees" in html
        assert "#review" not in html
        assert 'id="review"' not in client.get(f"{article.get_absolute_url()}history/").content.decode()


@pytest.mark.parametrize("shows", [True, False])
def test_nowhere_else(shows: bool, piece: Article, client: Client) -> None:
    """Neither in feeds and citations nor in what search engines read."""
    masthead(shows_review=shows)
    address = piece.get_absolute_url()
    for page in (
        "/feed/",
        "/feed/atom/",
        "/feed.json",
        f"{address}cite.bib",
        f"{address}cite.ris",
        f"{address}cite.json",
        "/llms.txt",
    ):
        answer = client.get(page)
        if answer.status_code == 200:
            content = b"".join(answer) if answer.streaming else answer.content
            assert b"anonymised" not in content, page
    html = client.get(address).content.decode()
    for data in re.findall(r"<script[^>]*ld\+json[^>]*>.*?</script>|<meta [^>]*>", html, re.DOTALL):
        assert "anonymised" not in data


def test_terms_that_nobody_knows_are_no_error(piece: Article, client: Client) -> None:
    Article.objects.filter(pk=piece.pk).update(review_terms={"identity": "triple", "referees": "<b>two</b>"})
    html = client.get(f"{piece.get_absolute_url()}history/").content.decode()
    assert "Triple" in html
    assert "<b>two" not in html


def test_the_desk_preview_leads_to_no_page_that_there_is_not(alice: User, bob: User, client: Client) -> None:
    article = refereed(piece_in(Status.READY, author=alice, editor=bob))
    client.force_login(bob)
    html = client.get(f"/admin/articles/article/{article.pk}/preview/").content.decode()
    assert LINE in said(html)
    assert "history/#review" not in html


def test_the_masthead_s_form_has_the_setting(mara: User, client: Client) -> None:
    masthead()
    client.force_login(mara)
    assert 'name="shows_review"' in client.get("/admin/forum/masthead/1/change/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("page", "queries"), [("", 4), ("print/", 3), ("history/", 3)])
def test_it_costs_no_query(
    page: str, queries: int, count: int, alice: User, bob: User, client: Client, django_assert_num_queries: Any
) -> None:
    article, *_ = [piece_in(Status.PUBLISHED, author=alice, editor=bob, title=f"Piece {n}") for n in range(count)]
    for make in (lambda: None, lambda: refereed(article)):
        make()
        cache.clear()
        with django_assert_num_queries(queries):
            client.get(f"{article.get_absolute_url()}{page}")
