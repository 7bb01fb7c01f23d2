"""Lists that hold up: in any script and direction, with many names, long, old, with and without pictures."""

import datetime
import html
import re
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

import pytest
from django.test import Client

from accounts.models import User
from articles import alphabet
from articles.listing import relist
from articles.models import Article, Series, Tag
from articles.views import series as series_views
from authors.models import Author
from forum.templatetags.languages import first_names
from prose import slugs
from tests.articles.shelf import ago, many, published
from tests.cast import picture


@dataclass
class Person:
    name: str


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "A"),
        (2, "A and B"),
        (4, "A, B, C and D"),
        (5, "A, B and 3 others"),
        (26, "A, B and 24 others"),
    ],
)
def test_of_many_authors_a_list_names_the_first(count: int, said: str) -> None:
    shown = str(first_names([Person(chr(65 + number)) for number in range(count)]))
    assert re.sub(r"</?bdi>", "", shown) == said


def test_names_are_escaped() -> None:
    assert "<b>" not in first_names([Person("<b>")] * 9)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "title", "direction"),
    [
        ("en", "Harbours", "ltr"),
        ("ar", "دَين السفر", "rtl"),
        ("ur", "بندرگاہ", "rtl"),
        ("zh-Hant", "港口之爭", "ltr"),
        ("hi", "बंदरगाहों का सवाल", "ltr"),
    ],
)
@pytest.mark.parametrize("address", ["/", "/regions/japan/", "/authors/alice-marlowe/", "/archive/"])
def test_a_title_is_in_its_own_language_and_direction(
    client: Client, alice: User, bob: User, address: str, language: str, title: str, direction: str
) -> None:
    article = published(alice, bob, title=title)
    Article.objects.filter(pk=article.pk).update(language=language)
    page = client.get(address).content.decode()
    assert re.search(rf'<h[23] class="title" lang="{language}" dir="{direction}"><a [^>]*>{title}</a>', page)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/regions/japan/", "/series/the-year/"])
def test_what_is_seen_first_is_not_left_until_later(client: Client, alice: User, bob: User, address: str) -> None:
    series = Series.objects.create(title="The year", cover=picture())
    for number in range(3):
        article = published(alice, bob, title=f"Piece {number}", at=ago(days=number), lead_image=picture())
        article.series = series
        article.save(update_fields=["series"])
        relist(article)
    images = re.findall(r"<img [^>]*>", client.get(address).content.decode())
    assert 'fetchpriority="high"' in images[0]
    assert "loading" not in images[0]
    assert sum("fetchpriority" in image for image in images) == 1
    assert all("width=" in image and "height=" in image for image in images)


# --- Authors and topics -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_author_by_the_name_in_its_own_script_and_by_topics(client: Client, alice: User, bob: User) -> None:
    published(alice, bob, tags=("Ports", "Fish"))
    published(alice, bob, tags=("Fish",), title="Another")
    Author.objects.filter(user=alice).update(native_name="앨리스", other_names="Zyxocanary")
    for address in ("/authors/", "/authors/alice-marlowe/"):
        page = client.get(address).content.decode()
        assert '<bdi class="native">앨리스</bdi>' in page
        # Former names are among those.
        assert "Zyxocanary" not in page
    assert re.findall(r'href="/topics/([a-z]+)/"', page) == ["fish", "ports"]
    assert "2 pieces" in page


@pytest.mark.django_db
def test_the_page_of_an_author_costs_the_same_with_more_topics(
    client: Client, alice: User, bob: User, django_assert_num_queries
) -> None:
    article = published(alice, bob, tags=("Ports",))
    client.get("/authors/alice-marlowe/")
    for _ in range(2):
        with django_assert_num_queries(6):
            client.get("/authors/alice-marlowe/")
        article.tags.add("Fish", "Boats", "Ropes")
        relist(article)


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "is_divided"), [(60, False), (61, True)])
def test_many_topics_stand_by_their_letters(
    client: Client, alice: User, bob: User, count: int, is_divided: bool
) -> None:
    published(alice, bob, tags=tuple(f"{chr(65 + n % 20)} topic {n}" for n in range(count)))
    page = client.get("/topics/").content.decode()
    assert (page.count('<h2 id="letter-') == 20) == is_divided
    assert ('href="#letter-20"' in page) == is_divided
    assert page.count('href="/topics/') >= count


@pytest.fixture
def _many_names(monkeypatch: pytest.MonkeyPatch, alice: User, bob: User) -> None:
    """Nine of each where four are shown on one page and a page has three, one of them in another script, two of one name."""
    monkeypatch.setattr(alphabet, "WHOLE", 4)
    monkeypatch.setattr(alphabet, "PAGE", 3)
    names = ("Adam", "Émile", "Ede", "Ede B", "Max", "Mia", "Moe", "Zoe", "李文涛")
    piece = published(alice, bob, tags=names)
    piece.bylines.all().delete()
    for position, name in enumerate(names):
        piece.bylines.create(author=Author.objects.create(single_name=name), name=name, position=position)
    relist(piece)
    Author.objects.create(single_name="Nobody")
    Tag.objects.create(name="Nowhere")


def _walk(client: Client, address: str, rel: str) -> list[list[str]]:
    """The names of each page, from one to its neighbour as its links lead."""
    found = []
    while address:
        page = client.get(address).content.decode()
        found.append(re.findall(r'<a href="/(?:authors|topics)/[^"]+/"><bdi>([^<]*)', page))
        links = re.findall(rf'href="([^"]*)" rel="{rel}"', page)
        address = urljoin(address, html.unescape(links[0])) if links else ""
    return found


@pytest.mark.django_db
@pytest.mark.usefixtures("_many_names")
@pytest.mark.parametrize("address", ["/authors/", "/topics/"])
def test_a_long_list_of_names_is_walked_in_both_directions_without_a_gap(client: Client, address: str) -> None:
    there = _walk(client, address, "next")
    assert max(map(len, there)) == 3
    names = [name for page in there for name in page]
    assert names == ["Adam", "Ede", "Ede B", "Émile", "Max", "Mia", "Moe", "Zoe", "李文涛"]
    page = client.get(address).content.decode()
    letters = dict(re.findall(r'<li><a href="(\?letter=[^"]+)"[^>]*>([^<])</a>', page))
    assert list(letters.values()) == ["A", "E", "M", "Z", "李"]
    for query, letter in letters.items():
        shown = _walk(client, address + query, "next")[0]
        assert slugs.fold(shown[0])[0].upper() == letter
        assert _walk(client, address + query, "prev")[-1][:2] == ["Adam", "Ede"]
        own = html.escape(f"http://testserver{address}?{urlencode({'letter': slugs.fold(letter)})}")
        assert f'rel="canonical" href="{own}"' in client.get(address + query).content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("_many_names")
@pytest.mark.parametrize("address", ["/authors/", "/topics/"])
def test_no_other_place_of_the_list_is_known(client: Client, address: str) -> None:
    for query in ("letter=n", "letter=mo", "letter=%00", "letter=M", "letter=1", "after=x", "after=%00~1", "after=~", "after=𐀀~9", "before=~1", "after=a~99999999999999999999"):  # fmt: skip
        assert client.get(f"{address}?{query}").status_code == 404, query


@pytest.mark.django_db
@pytest.mark.usefixtures("_many_names")
@pytest.mark.parametrize(("address", "count"), [("/authors/", 3), ("/topics/", 4)])
def test_a_page_of_names_takes_as_many_queries_wherever_it_is(
    client: Client, address: str, count: int, django_assert_num_queries
) -> None:
    client.get(address)
    # The first page asks whether the list is a long one.
    for query, more in (("", 1), ("?letter=e", 0), ("?letter=m", 0)):
        with django_assert_num_queries(count + more):
            client.get(address + query)


# --- The archive ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_century_stands_by_decades(client: Client, alice: User, bob: User) -> None:
    for year in (1901, 1905, 1911, *range(2001, 2011)):
        published(alice, bob, title=f"Piece of {year}", at=datetime.datetime(year, 5, 3, 2, tzinfo=datetime.UTC))
    page = client.get("/archive/").content.decode()
    headings = re.findall(r'<h2 id="(?:year|decade)-[^"]*">(?:<a [^>]*>)?([^<]*)', page)
    assert headings == [*map(str, range(2010, 2000, -1)), "1910–1919", "1900–1909"]
    assert 'href="/archive/1905/"' in page
    assert 'href="/archive/1905/05/"' not in page
    for address in ("/archive/1905/", "/archive/1905/05/"):
        assert "Piece of 1905" in client.get(address).content.decode()


@pytest.mark.django_db
def test_a_month_leads_to_the_others_of_its_year(client: Client, alice: User, bob: User) -> None:
    for month in (2, 3, 9):
        published(alice, bob, title=f"Piece {month}", at=datetime.datetime(2020, month, 3, 2, tzinfo=datetime.UTC))
    page = client.get("/archive/2020/03/").content.decode()
    found = re.findall(r'<a href="/archive/2020/(\d\d)/"( aria-current="page")?>', page)
    assert [(month, bool(is_here)) for month, is_here in found] == [("09", False), ("03", True), ("02", False)]


@pytest.mark.django_db
def test_a_month_whose_last_piece_goes_while_it_is_read_is_no_error(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(alice, bob, at=datetime.datetime(2020, 3, 3, 2, tzinfo=datetime.UTC))
    assert client.get("/archive/2020/03/").status_code == 200
    monkeypatch.setattr("articles.views.archive.by_month", lambda *asked: [])
    assert client.get("/archive/2020/03/").status_code == 404


# --- Special features -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_pieces_of_a_feature_are_numbered_through_its_pages(client: Client, alice: User, bob: User) -> None:
    series = Series.objects.create(title="The year")
    for article in many(26, alice, bob):
        article.series = series
        article.save(update_fields=["series"])
        relist(article)
    first, second = (client.get(f"/series/the-year/{query}").content.decode() for query in ("", "?page=2"))
    assert re.findall(r'<p class="place">(\d+)</p>', first) == [str(n) for n in range(1, 25)]
    assert re.findall(r'<p class="place">(\d+)</p>', second) == ["25", "26"]


@pytest.mark.django_db
def test_the_list_of_features_is_walked_in_both_directions(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    monkeypatch.setattr(series_views, "SERIES", 2)
    Series.objects.create(title="Nothing yet")
    for number, days in enumerate((9, 1, 5, 3)):
        article = published(alice, bob, title=f"Piece {number}", at=ago(days=days))
        # The last two are of one feature, which stands where its newest piece does.
        article.series, _created = Series.objects.get_or_create(title=f"Feature {min(number, 2)}")
        article.save(update_fields=["series"])
        relist(article)

    def titles(address: str) -> list[str]:
        return re.findall(r'<a href="/series/[^"]+">([^<]+)</a></h2>', client.get(address).content.decode())

    def neighbour(address: str, rel: str) -> list[str]:
        return [html.unescape(url) for url in re.findall(rf'href="([^"]*)" rel="{rel}"', client.get(address).content.decode())]  # fmt: skip

    assert titles("/series/") == ["Feature 1", "Feature 2"]
    (older,) = neighbour("/series/", "next")
    with django_assert_num_queries(4):
        assert titles(f"/series/{older}") == ["Feature 0"]
    (newer,) = neighbour(f"/series/{older}", "prev")
    # One more, where what is newer turns out to be the beginning.
    with django_assert_num_queries(5):
        assert titles(f"/series/{newer}") == ["Feature 1", "Feature 2"]
