"""What stands round the text of a piece: contents, other languages, very many authors, how it was made, reuse, paper."""

import re

import pytest
from django.test import Client
from lxml import html

from accounts.models import User
from articles.models import Article, Byline
from authors.models import Author
from forum import pages
from forum.models import Masthead, Page
from tests.articles.shelf import ago, correct, published, walked
from tests.cast import BODY, retract

pytestmark = pytest.mark.django_db

CHAPTERS = "".join(f"<h2>Chapter {n}</h2>{BODY * 4}<h3>Part of {n}</h3>{BODY}" for n in range(1, 5))
NOTE = '<p>Said so.<span class="footnote">By whom.</span></p>'


def tree(client: Client, article: Article, tail: str = "") -> html.HtmlElement:
    page = client.get(article.get_absolute_url() + tail)
    assert page.status_code == 200
    return html.document_fromstring(page.content.decode())


def words(part: html.HtmlElement) -> str:
    return " ".join(part.text_content().split())


# --- Contents ---------------------------------------------------------------------------------------


def test_contents_of_a_long_piece_lead_to_its_headings(client: Client, alice: User, bob: User) -> None:
    page = tree(client, published(alice, bob, body=CHAPTERS + NOTE))
    links = page.xpath("//nav[@class='contents']//a")
    assert [words(link) for link in links][:4] == ["Chapter 1", "Part of 1", "Chapter 2", "Part of 2"]
    assert words(links[-1]) == "Notes"
    ids = set(page.xpath("//@id"))
    assert all(link.get("href")[1:] in ids for link in links)


def test_a_short_piece_has_none(client: Client, alice: User, bob: User) -> None:
    assert not tree(client, published(alice, bob)).xpath("//nav[@class='contents']")


# --- Other languages --------------------------------------------------------------------------------


def test_the_same_text_in_other_languages(client: Client, alice: User, bob: User) -> None:
    original = published(alice, bob, title="Tides")
    for language, title in (("fr", "Marées"), ("ko", "밀물"), ("ar", "مد")):
        other = published(alice, bob, title=title)
        Article.objects.filter(pk=other.pk).update(translation_of=original, language=language)
    hidden = published(alice, bob, title="Gezeiten")
    Article.objects.filter(pk=hidden.pk).update(translation_of=original, language="de", published_at=ago(days=-3))
    page = tree(client, original)
    links = page.xpath("//nav[contains(@class, 'translations')]//a")
    assert [(words(a), a.get("hreflang"), a.get("lang")) for a in links] == [
        ("العربيّة", "ar", "ar"), ("français", "fr", "fr"), ("한국어", "ko", "ko"),
    ]  # fmt: skip
    french = tree(client, Article.objects.get(language="fr"))
    assert "English (original)" in words(french.xpath("//nav[contains(@class, 'translations')]")[0])
    assert not tree(client, original, "print/").xpath("//nav")


# --- Very many authors ------------------------------------------------------------------------------


def test_hundreds_of_authors_fold_away_and_all_are_there(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    Byline.objects.bulk_create(
        Byline(
            article=article, position=n, name=f"Author {n}", bio=f"Author {n} measures tides.",
            author=Author.objects.create(single_name=f"Author {n}"),
        )
        for n in range(1, 215)
    )  # fmt: skip
    page = tree(client, article)
    byline = page.xpath("//div[contains(@class, 'byline')]")[0]
    assert [words(li) for li in byline.xpath("./ul/li")] == [
        "Alice Marlowe, Tidewater University",
        "Author 1",
        "Author 2",
    ]
    assert words(byline.xpath(".//summary")[0]) == "and 212 others"
    assert len(byline.xpath(".//a[@rel='author']")) == 215
    assert words(page.xpath("//details[contains(@class, 'bios')]/summary")[0]) == "About the 215 authors"
    # On paper there is nothing to press.
    paper = tree(client, article, "print/")
    assert not paper.xpath("//details")
    assert len(paper.xpath("//ul[contains(@class, 'byline')]/li")) == 215
    assert len(paper.xpath("//p[@class='bio']")) == 215


# --- How it was made --------------------------------------------------------------------------------


def rows(page: html.HtmlElement) -> dict[str, html.HtmlElement]:
    return {words(row.find("dt")): row.find("dd") for row in page.xpath("//section[@class='trust']//dl/div")}


def test_how_a_piece_was_made(client: Client, alice: User, bob: User, mara: User) -> None:
    about, review = Page(), Page()
    pages.write(about, by=mara, slug="about", title="Who we are", body="<p>Us.</p>", is_published=True)
    pages.write(review, by=mara, slug="review", title="How we review", body="<p>So.</p>", is_published=True)
    Masthead(
        name="Harbour Review", publisher="Harbour Press", about_page=about, review_page=review,
        rights_line="CC BY-NC 4.0", contact_email="desk@example.org",
    ).save()  # fmt: skip
    article = walked(alice, bob, title="Tides & ports", at=ago(days=9))
    correct(article, bob, "The month was May.")
    told = rows(tree(client, article))
    assert list(told) == ["Review", "Approval", "Corrected", "Reuse", "Permanent address", "Published by"]
    assert told["Review"].xpath(".//a/@href") == ["/review/"]
    assert words(told["Published by"]) == "Harbour Press Who we are"
    assert told["Reuse"].xpath(".//a/@href") == [
        "https://creativecommons.org/licenses/by-nc/4.0/",
        "mailto:desk@example.org?subject=Reuse%20of%3A%20Tides%20%26%20ports",
    ]
    assert words(told["Permanent address"]) == f"http://testserver{article.get_absolute_url()}"
    Article.objects.filter(pk=article.pk).update(doi="10.1234/tides", licence="© Alice Marlowe")
    told = rows(tree(client, article))
    assert words(told["Permanent address"]) == "https://doi.org/10.1234/tides"
    assert words(told["Reuse"]).startswith("© Alice Marlowe")


def test_without_a_licence_or_anybody_to_ask_the_holder_is_named(client: Client, alice: User, bob: User) -> None:
    Masthead(name="Harbour Review", rights_line="", contact_email="").save()
    assert words(rows(tree(client, published(alice, bob)))["Reuse"]) == "© Harbour Review"


def test_an_error_is_reported_in_one_way(client: Client, alice: User, bob: User) -> None:
    Masthead(name="Harbour Review", contact_email="desk@example.org").save()
    page = tree(client, published(alice, bob))
    assert len([one for one in page.xpath("//summary | //a") if words(one) == "Report an error"]) == 1


# --- Handing on, and paper --------------------------------------------------------------------------


def test_sharing_and_quoting_load_nothing_of_others(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, title="Tom & “Jo's” tides")
    page = tree(client, article)
    links = page.xpath("//section[@class='share']//a")
    assert [words(a) for a in links] == ["E-mail", "WhatsApp", "LinkedIn", "Bluesky", "X"]
    assert all("noopener" in a.get("rel") for a in links)
    # Without scripts nothing is offered that needs them.
    assert all(button.xpath("ancestor-or-self::*[@hidden]") for button in page.xpath("//main//button[@type='button']"))
    body = page.xpath("//div[@class='body']")[0]
    assert body.get("data-cited-as").startswith("Alice Marlowe, “Tom & “Jo's” tides”, ")
    assert body.get("data-address") == f"http://testserver{article.get_absolute_url()}"


def test_paper_says_where_it_came_from(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, at=ago(days=9))
    correct(article, bob, "The month was May.")
    for tail in ("", "print/"):
        line = words(tree(client, article, tail).xpath("//p[contains(@class, 'printed-from')]")[0])
        assert f"http://testserver{article.get_absolute_url()}, published on " in line
        assert "in the text of " in line


def test_a_retracted_piece_says_so_before_anything_else(client: Client, alice: User, bob: User, mara: User) -> None:
    article = published(alice, bob)
    retract(article, mara, bob)
    for tail in ("", "print/"):
        page = client.get(article.get_absolute_url() + tail).content.decode()
        main = re.sub(r"<[^<>]*>", " ", page.split("<main")[1])
        assert "This piece was retracted on" in " ".join(main.split())[:250]
