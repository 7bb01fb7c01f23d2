"""Everything that the site itself says to readers can be said in another language.

What people wrote stands here in Georgian letters, and every word that passes a translation comes back in ⟦brackets⟧:
Latin letters outside of brackets are words that no translator will ever see.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from django.utils.translation import ngettext, pgettext
from lxml import html as lxml_html

from accounts.models import User
from articles.listing import relist
from articles.models import Article, Byline, Region, Series, Tag
from articles.search import reindex
from authors.models import Author
from editorial.perform import perform
from forum import views
from forum.models import Masthead, NavigationItem, Page
from tests.articles.shelf import published
from tests.cast import BODY, edit, managing, picture, retract, take_down

pytestmark = pytest.mark.django_db

WORD = "სიტყვა"
NOTE = '<span class="footnote">შენიშვნა</span>'
# Names of formats, standards and signs, which are the same in every language.
PROPER = re.compile(r"https?://\S*|\S+@\S+|\bORCID [\dX-]+|\bA\b|\b(RSS|Atom|JSON|BibTeX|RIS|CSL|APA|MLA|Chicago|EPUB|Markdown|DOI|ISSN|testserver\S*|WhatsApp|LinkedIn|Bluesky|X)\b|An edited sentence")  # fmt: skip
# What is read out, shown, or found by a search engine.
SAID = ("alt", "aria-label", "aria-description", "title", "placeholder", "label", "summary")
LATIN = re.compile(r"[A-Za-z]{1,}[A-Za-z’' ]*")


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language in which every message is itself, in brackets."""
    trans: Any = translation._trans  # type: ignore[attr-defined]
    monkeypatch.setattr(trans, "gettext", lambda message: message and f"⟦{message}⟧", raising=False)
    monkeypatch.setattr(trans, "pgettext", lambda context, message: f"⟦{message}⟧", raising=False)
    plural: Callable[[str, str, int], str] = lambda one, many, number: f"⟦{one if number == 1 else many}⟧"  # noqa: E731
    monkeypatch.setattr(trans, "ngettext", plural, raising=False)
    monkeypatch.setattr(trans, "npgettext", lambda context, *rest: plural(*rest), raising=False)
    assert (ngettext("a", "b", 2), pgettext("c", "d")) == ("⟦b⟧", "⟦d⟧")


def in_georgian(html: str) -> str:
    """The same text, each of its words another."""
    return re.sub(r"(<[^<>]*>)|[A-Za-z’]+", lambda part: part[1] or WORD, html)


@pytest.fixture
def shelf(alice: User, bob: User) -> Article:
    """A piece with all that a piece can have, corrected since, and one of everything that readers have a page of."""
    image = picture(caption=WORD, alt=WORD, credit=WORD)
    article = published(
        alice, bob, title=WORD, in_brief=WORD, lead_image=image,
        body=f'<h2>{WORD}</h2><p>{WORD}{NOTE}</p><table><tr><td>{WORD}</td></tr></table>{in_georgian(BODY)}'
        f'<figure class="embed"><a href="https://youtu.be/abc">{WORD}</a></figure>',
    )  # fmt: skip
    edit(article, bob, f"<h2>{WORD}</h2><p>{WORD} {WORD}{NOTE}</p>{in_georgian(BODY)}")
    perform(article, "update", by=bob, kind="correction", public_note=WORD)
    other = published(alice, bob, title=f"{WORD} {WORD}", in_brief=WORD, body=in_georgian(BODY))
    series = Series.objects.create(title=WORD, slug="series", introduction=f"<p>{WORD}</p>", kind=Series.Kind.ISSUE, number="3")  # fmt: skip
    for piece in (article, other):
        piece.tags.add("ქარი")
        Article.objects.filter(pk=piece.pk).update(
            series=series, licence=WORD, how_reviewed=WORD, how_approved=WORD, first_appeared=WORD,
            review_terms={"identity": "double anonymised", "referees": 2, "rounds": 1, "days": 34},
        )  # fmt: skip
    Author.objects.update(
        sort_key=WORD, given_name=WORD, family_name=WORD, affiliation=WORD, bio=WORD, orcid="0000-0002-1825-0097"
    )
    Byline.objects.update(name=WORD, affiliation=WORD, bio=WORD)
    Byline.objects.create(article=article, name=WORD, role=Byline.Role.TRANSLATOR, position=2)
    for number, region in enumerate(Region.objects.all(), 1):
        Region.objects.filter(pk=region.pk).update(name=WORD * number, description=WORD)
    masthead = Masthead.current()
    for name in ("name", "tagline", "description", "acknowledgement", "support_title", "support_text", "support_label", "comments_line", "copyright_holder", "rights_line"):  # fmt: skip
        setattr(masthead, name, WORD)
    masthead.support_url, masthead.contact_email = "https://example.org/", "desk@example.org"
    masthead.save()
    page = Page.objects.create(slug="about", title=WORD, body=f"<p>{WORD}{NOTE}</p>", is_published=True)
    NavigationItem.objects.create(place="foot", page=page)
    for piece in (article, other):
        piece.refresh_from_db()
        relist(piece)
        reindex(piece)
    return article


def unsaid(page: str) -> list[str]:
    """Words on a page that passed no translation and that nobody wrote."""
    tree = lxml_html.document_fromstring(page)
    found: list[str] = []
    depth = 0
    for text in _texts(tree):
        outside = ""
        for sign in text:
            depth += (sign == "⟦") - (sign == "⟧")
            outside += sign if depth == 0 else "⟧"
        found += _latin(outside)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        said = [element.get(name, "") for name in SAID]
        said += [
            value
            for name, value in element.attrib.items()
            if name.startswith("data-") and " " in value and name != "data-cited-as"
        ]
        # What programs that keep references are told is in the words of those programs.
        kind = element.get("name") or element.get("property", "")
        if kind.endswith(("description", "title", "alt")) and not kind.startswith(("citation_", "DC.", "dc.")):
            said.append(element.get("content", ""))
        for value in said:
            while value != (value := re.sub(r"⟦[^⟦⟧]*⟧", "", value)):
                pass
            found += _latin(value)
    return found


def _texts(tree: Any) -> Iterator[str]:
    # Citations are in the language of their style.
    yield from tree.xpath("//text()[not(ancestor::script or ancestor::style or ancestor::*[@lang='en'])]")


def _latin(text: str) -> list[str]:
    return LATIN.findall(PROPER.sub("", text))


def addresses(article: Article) -> list[str]:
    own = article.get_absolute_url()
    day = article.published_on
    assert day is not None
    author = article.bylines.select_related("author")[0].author
    assert author is not None
    return [
        "/", "/regions/", *(region.get_absolute_url() for region in Region.objects.all()),
        "/topics/", *(tag.get_absolute_url() for tag in Tag.objects.all()),
        "/authors/", author.get_absolute_url(), "/series/", "/series/series/",
        "/archive/", "/record/", f"/archive/{day:%Y}/", f"/archive/{day:%Y/%m}/",
        "/search/", f"/search/?q={WORD}", "/search/?q=ჰაერი", f"/search/?q=-{WORD}", "/search/?q=...",
        own, f"{own}print/", f"{own}history/", f"{own}history/?from=1&to=2", f"{own}history/?text=1", f"{own}history/?text=9",
        f"{own}report/", f"{own}report/?sent=yes", "/about/", "/nothing-at-all/",
    ]  # fmt: skip


def test_every_page_can_be_said_in_another_language(client: Client, bracketed: None, shelf: Article) -> None:
    found = {address: unsaid(client.get(address).content.decode()) for address in addresses(shelf)}
    assert not (told := "\n".join(f"{address}: {words}" for address, words in found.items() if words)), told


def test_so_can_what_is_told_of_a_report(client: Client, bracketed: None, shelf: Article) -> None:
    address = f"{shelf.get_absolute_url()}report/"
    for posted in ({}, {"text": WORD}, {"text": WORD * 500, "email": "no", "website": "x"}):
        response = client.post(address, posted)
        assert response.status_code in (200, 422)
        assert unsaid(response.content.decode()) == []


def test_so_can_what_is_told_of_pieces_that_are_no_more(
    client: Client, bracketed: None, shelf: Article, bob: User
) -> None:
    address = shelf.get_absolute_url()
    retract(shelf, managing(), bob, WORD)
    for tail in ("", "print/", "history/"):
        assert not (found := unsaid(client.get(f"{address}{tail}").content.decode())), str(found)
    take_down(shelf, managing())
    assert unsaid(client.get(address).content.decode()) == []


def test_so_can_empty_lists(client: Client, bracketed: None) -> None:
    Masthead(name=WORD, tagline=WORD, comments_line=WORD, rights_line=WORD, support_title=WORD).save()
    for address in ("/", "/regions/", "/topics/", "/authors/", "/series/", "/archive/"):
        assert unsaid(client.get(address).content.decode()) == [], address


@pytest.mark.parametrize("view", [views.bad_request, views.server_error])
def test_so_can_faults_without_a_database(bracketed: None, view: Any) -> None:
    assert unsaid(view(RequestFactory().get("/")).content.decode()) == []
