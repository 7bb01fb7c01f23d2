"""Citing a piece on its page and by the files beneath it: what is served, to whom, and what it says."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from articles.models import Article, FormerAddress, Series
from authors.models import Author
from editorial import writing
from forum.models import Masthead
from tests.articles.shelf import ago, published
from tests.articles.zotero import Head, zotero
from tests.cast import managing, piece_in, retract, take_down

pytestmark = pytest.mark.django_db

FILES = {
    "cite.bib": ("application/x-bibtex", "bib"),
    "cite.ris": ("application/x-research-info-systems", "ris"),
    "cite.json": ("application/vnd.citationstyles.csl+json", "json"),
}


@pytest.fixture(autouse=True)
def masthead(db: None) -> Masthead:
    masthead = Masthead.current()
    masthead.name, masthead.publisher, masthead.issn = "Harbour Review", "Tidewater University Press", "1837-5081"
    masthead.save()
    return masthead


def read(client: Client, article: Article, tail: str = "") -> str:
    page = client.get(article.get_absolute_url() + tail)
    assert page.status_code == 200
    return page.content.decode()


# --- The files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", FILES)
def test_a_file_is_served_as_what_it_is(client: Client, alice: User, bob: User, tail: str) -> None:
    article = published(alice, bob)
    content_type, extension = FILES[tail]
    answer = client.get(article.get_absolute_url() + tail)
    assert answer.status_code == 200
    assert answer["Content-Type"] == f"{content_type}; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="the-tide-tables-of-trade.{extension}"'
    assert answer["X-Robots-Tag"] == "noindex"
    assert "The tide tables of trade" in answer.content.decode()
    assert not answer.cookies
    again = client.get(article.get_absolute_url() + tail, headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304
    assert client.post(article.get_absolute_url() + tail).status_code == 405


@pytest.mark.parametrize("tail", FILES)
def test_a_file_moves_and_goes_with_its_piece(client: Client, alice: User, bob: User, tail: str) -> None:
    article = published(alice, bob)
    FormerAddress.objects.create(article=article, published_on=article.published_on, slug="the-old-slug")
    day = f"/{article.published_on:%Y/%m/%d}/"
    moved = client.get(f"{day}the-old-slug/{tail}")
    assert (moved.status_code, moved["Location"]) == (301, article.get_absolute_url() + tail)
    assert client.get(f"{day}no-such-piece/{tail}").status_code == 404
    assert client.get(f"/2020/02/31/{article.slug}/{tail}").status_code == 404
    take_down(article, managing())
    assert client.get(article.get_absolute_url() + tail).status_code == 410


@pytest.mark.parametrize("tail", FILES)
def test_however_many_authors_a_file_takes_as_many_queries(client: Client, alice: User, bob: User, tail: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as taken:
            read(client, article, tail)
        return len(taken)

    article = published(alice, bob, tags=("Trade",))
    assert queries() == 2
    for number in range(2):
        author = Author.objects.create(given_name="Ada", family_name=f"Byron{'x' * number}")
        writing.add_byline(article, author)
        article.tags.add(f"Topic {number}")
    assert queries() == 2


def test_a_retracted_piece_can_be_cited_and_says_so(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    retract(article, managing(), bob)
    assert "note = {Retracted}" in read(client, article, "cite.bib")
    assert "\r\nTI  - [Retracted] The tide tables of trade\r\n" in read(client, article, "cite.ris")
    assert json.loads(read(client, article, "cite.json"))[0]["note"] == "Retracted"
    page = read(client, article)
    assert page.count("[Retracted].") >= 3
    assert '<meta name="citation_title" content="[Retracted] The tide tables of trade">' in page


# --- On the page ----------------------------------------------------------------------------------


def test_the_page_says_how_to_cite_it_without_a_script(client: Client, alice: User, bob: User) -> None:
    page = read(client, published(alice, bob, at=ago(days=40)))
    section = page.split('<details class="cite"')[1].split("</details>")[0]
    assert "Cite this piece" in section
    assert re.findall(r"<dt><span[^>]*>([^<]+)</span>", section) == ["APA 7", "Chicago 17", "MLA 9"]
    assert "<i>Harbour Review</i>" in section
    # The buttons need the script, which shows them.
    assert section.count("<button") == len(re.findall(r"<button [^>]*\bhidden\b", section)) == 3
    for tail, (content_type, _) in FILES.items():
        assert re.search(rf'<a href="/[^"]*/{re.escape(tail)}" type="{re.escape(content_type)}"', section)
        assert re.search(rf'<link rel="alternate" type="{re.escape(content_type)}" [^>]*{re.escape(tail)}">', page)


def test_paper_has_one_line(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    for tail in ("", "print/"):
        line = re.search(r'<p class="cite-line"[^>]*>(.*?)</p>', read(client, article, tail))
        assert line is not None
        assert line[1].startswith('Cite as: <bdi lang="en">Marlowe, A. (')
    assert 'class="cite"' not in read(client, article, "print/")


def test_the_desk_sees_no_citation_of_what_is_no_piece_yet(client: Client, alice: User, bob: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    client.force_login(bob)
    page = client.get(f"/admin/articles/article/{article.pk}/preview/").content.decode()
    assert "The tide tables of trade" in page
    assert "citation_" not in page
    assert "cite" not in page.replace("excite", "")


# --- In its head ------------------------------------------------------------------------------------


def test_zotero_takes_every_field(client: Client, alice: User, bob: User) -> None:
    article = published(
        alice, bob, at=ago(days=40), tags=("Trade",), in_brief="Harbours change slowly, and then at once."
    )
    Article.objects.filter(pk=article.pk).update(doi="10.59425/eabc.1755295200", licence="CC BY 4.0")
    article.refresh_from_db()
    assert zotero(Head(read(client, article))) == {
        "itemType": "magazineArticle",
        "title": "The tide tables of trade",
        "creators": [("Marlowe", "Alice")],
        "publicationTitle": "Harbour Review",
        "date": f"{article.published_on:%Y/%m/%d}",
        "volume": "",
        "issue": "",
        "ISSN": "1837-5081",
        "DOI": "10.59425/eabc.1755295200",
        "url": f"http://testserver{article.get_absolute_url()}",
        "language": "en",
        "publisher": "Tidewater University Press",
        "rights": "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/",
        "abstractNote": "Harbours change slowly, and then at once.",
        "tags": ["Japan", "Trade"],
        "archiveLocation": "",
        "journalAbbreviation": "",
        "accepted": "",
    }


def test_an_essay_of_an_issue_is_a_journal_article(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    article.series = Series.objects.create(title="Islands", kind="issue", number="Vol. 12, No. 3")
    article.save(update_fields=["series"])
    taken = zotero(Head(read(client, article)))
    assert [taken[name] for name in ("itemType", "publicationTitle", "volume", "issue")] == [
        "journalArticle", "Harbour Review", "12", "3",
    ]  # fmt: skip


def test_what_belongs_to_an_author_follows_that_author(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    author = Author.objects.create(
        given_name="Ada", family_name="Byron", affiliation="Engine College", orcid="0000-0002-1825-0097"
    )
    writing.add_byline(article, author)
    tags = [
        (name, content) for name, content in Head(read(client, article)).metas if name.startswith("citation_author")
    ]
    assert tags == [
        ("citation_author", "Marlowe, Alice"),
        ("citation_author_institution", "Tidewater University"),
        ("citation_author", "Byron, Ada"),
        ("citation_author_institution", "Engine College"),
        ("citation_author_orcid", "https://orcid.org/0000-0002-1825-0097"),
    ]


def test_dublin_core(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, at=ago(days=40), tags=("Trade",))
    article.series = Series.objects.create(title="On harbours")
    article.save(update_fields=["series"])
    writing.add_byline(article, Author.objects.create(given_name="Ada", family_name="Byron"), role="translator")
    page = read(client, article)
    head = Head(page)
    day = article.published_on.isoformat()
    assert '<link rel="schema.DC" href="http://purl.org/dc/elements/1.1/">' in page
    assert '<link rel="schema.DCTERMS" href="http://purl.org/dc/terms/">' in page
    wanted = {
        "DC.title": ["The tide tables of trade"], "DC.creator": ["Alice Marlowe"], "DC.contributor": ["Ada Byron"], "DC.date": [day],
        "DCTERMS.issued": [day], "DC.identifier": [f"http://testserver{article.get_absolute_url()}"], "DC.language": ["en"],
        "DC.publisher": ["Tidewater University Press"], "DC.rights": ["All rights reserved."], "DC.subject": ["Japan", "Trade"],
        "DC.type": ["Text"], "DC.format": ["text/html"], "DC.relation": ["On harbours"], "DC.source": ["Harbour Review"],
    }  # fmt: skip
    assert {name: head.all(name) for name in wanted} == wanted
    # A translator is no author.
    assert head.all("citation_author") == ["Marlowe, Alice"]
