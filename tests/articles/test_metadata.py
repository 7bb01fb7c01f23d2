"""What is told of a piece to machines: what its page says, of the people named above it as they are named there."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from articles.metadata import licence_url, metadata_of, piece_told, pieces_told, translations_of
from articles.models import Article, Series
from authors.models import Author
from editorial import writing
from editorial.perform import perform
from forum.models import Masthead, Page
from tests.articles.shelf import ago, correct, published
from tests.cast import piece_in

pytestmark = pytest.mark.django_db


def told(article: Article) -> list[tuple[str, str, str]]:
    found = metadata_of(Article.objects.get(pk=article.pk), Masthead.current(), timezone.now())
    return [(one.name, one.family, one.given) for one in found.contributors]


def test_a_name_is_told_apart_in_either_order_and_only_while_its_bearer_has_it(alice: User, bob: User) -> None:
    article = published(alice, bob)
    chinese = Author.objects.create(given_name="文涛", family_name="李", is_family_first=True)
    house = Author.objects.create(single_name="The Editorial Board", is_house=True)
    renamed = Author.objects.create(given_name="Ines", family_name="Ferro")
    for author in (chinese, house, renamed):
        writing.add_byline(article, author)
    Author.objects.filter(pk=renamed.pk).update(family_name="Ferro-Lane")
    assert told(article) == [
        ("Alice Marlowe", "Marlowe", "Alice"),
        ("李 文涛", "李", "文涛"),
        ("The Editorial Board", "", ""),
        ("Ines Ferro", "", ""),
    ]


def test_an_issue_of_a_quarterly_has_volume_and_number(alice: User, bob: User) -> None:
    article = published(alice, bob)
    article.series = Series.objects.create(title="Islands", kind="issue", number="Vol. 12, No. 3, July–September 2026")
    article.save(update_fields=["series"])
    found = metadata_of(article, Masthead.current(), timezone.now())
    assert (found.is_in_issue, found.volume, found.issue) == (True, "12", "3")


@pytest.mark.parametrize(
    ("printed", "address"),
    [
        ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("Published under cc-by-nc-nd.", "https://creativecommons.org/licenses/by-nc-nd/4.0/"),
        ("CC0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("See https://example.org/terms.", "https://example.org/terms"),
        ("All rights reserved.", ""),
        ("", ""),
    ],
)
def test_a_licence_in_words_has_its_address(printed: str, address: str) -> None:
    assert licence_url(printed) == address


def test_translations_are_those_that_readers_have(alice: User, bob: User) -> None:
    original = published(alice, bob, title="The original")
    french = published(alice, bob, title="La traduction")
    korean = piece_in("ready", author=alice, editor=bob, title="번역")
    for piece, language in ((french, "fr"), (korean, "ko")):
        Article.objects.filter(pk=piece.pk).update(translation_of=original, language=language)

    def told(piece: Article) -> list[tuple[str, str, bool]]:
        return [(t.language, t.title, t.is_original) for t in translations_of(piece_told(piece.slug, timezone.now()))]

    assert told(original) == [("fr", "La traduction", False)]
    assert told(french) == [("en", "The original", True)]
    korean.refresh_from_db()
    perform(korean, "publish", by=bob)
    assert [language for language, _, _ in told(french)] == ["en", "ko"]


def test_it_says_when_readers_were_last_told_something(alice: User, bob: User) -> None:
    article = published(alice, bob, at=ago(days=3))
    correct(article, bob, "The tariff was 12 per cent, not 21.")
    found = metadata_of(article, Masthead.current(), timezone.now())
    assert timezone.now() - found.modified_at < datetime.timedelta(minutes=1)
    assert [correction.note for correction in found.corrections] == ["The tariff was 12 per cent, not 21."]


def test_many_pieces_take_as_many_queries_as_one(alice: User, bob: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as taken:
            masthead, now = Masthead.current(), timezone.now()
            for article in pieces_told(Article.objects.values_list("pk", flat=True), now):
                metadata_of(article, masthead, now)
        return len(taken)

    published(alice, bob, tags=("Trade",))
    assert queries() == 3
    for number in range(2):
        published(alice, bob, title=f"Piece {number}", tags=("Trade", f"Topic {number}"))
    assert queries() == 3


def test_pages_of_the_masthead_are_named_once_readers_have_them(db: None) -> None:
    page = Page.objects.create(slug="how-we-review", title="How we review", body="<p>Twice.</p>")
    Masthead(review_page=page).save()
    assert Masthead.current().page_link("review_page") is None
    Page.objects.filter(pk=page.pk).update(is_published=True)
    link = Masthead.current().page_link("review_page")
    assert link is not None
    assert (link.label, link.url) == ("How we review", "/how-we-review/")
    assert Masthead.current().page_link("about_page") is None
