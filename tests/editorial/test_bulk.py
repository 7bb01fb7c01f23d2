"""Pieces come in from a file and go out into one, and what comes in again is what went out."""

import datetime
import json
import zoneinfo
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import InterfaceError, connection
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from articles.models import Article, Image, OldAddress, Publication, Region, Series, Tag
from authors.models import Author
from editorial.bulk import record as records
from editorial.bulk.load import LONGEST_LINE, Loader, Options, Outcome, raw_lines, read_line
from editorial.bulk.pictures import Library
from editorial.bulk.record import Refused, parse, told_apart
from editorial.models import Letter, LoadedPicture, LoadedPiece
from forum.models import Mail
from prose import incoming
from prose.sanitise import sanitise
from tests.cast import edit, picture_file, region

HTML = "<p>Ferries carried the island until the bridge came.</p><p>Nobody asked what the ferries had carried besides cars.</p>"
LINE: dict[str, Any] = {
    "external_id": "wp-17",
    "title": "The bridge and the ferries",
    "slug": "bridge-and-ferries",
    "date": "2013-05-06",
    "authors": [{"name": "Li Wentao", "given_name": "Wentao", "family_name": "Li", "is_family_first": True, "affiliation": "Harbour Institute"}],
    "regions": ["Japan"],
    "tags": ["Shipping"],
    "in_brief": "A bridge ends more than a ferry.",
    "html": HTML,
}  # fmt: skip
ZONE = zoneinfo.ZoneInfo("Australia/Sydney")
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


class Desk:
    """The loader, with a folder for its files."""

    def __init__(self, folder: Path, by: User) -> None:
        self.folder, self.by = folder, by

    def file(self, *lines: object, name: str = "pieces.jsonl") -> Path:
        path = self.folder / name
        path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
        return path

    def load(self, *lines: object, **options: Any) -> list[Outcome]:
        path = self.file(*lines)
        images = self.folder / "images"
        library = Library(
            self.folder, images if images.is_dir() else None, by=self.by, is_dry=options.get("is_dry", False)
        )
        loader = Loader(by=self.by, library=library, options=Options(**options))
        with path.open("rb") as file:
            return list(loader.lines(raw_lines(file)))

    def picture(self, name: str, colour: str = "#456789", size: tuple[int, int] = (400, 300)) -> None:
        path = self.folder / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture_file(size, colour=colour).read())


@pytest.fixture
def desk(tmp_path: Path, mara: User) -> Desk:
    region()
    folder = tmp_path / "files"
    folder.mkdir()
    return Desk(folder, mara)


def piece() -> Article:
    return LoadedPiece.objects.get(external_id="wp-17").article


# --- A piece comes in -----------------------------------------------------------------------------


def test_a_line_becomes_a_published_piece(desk: Desk, client: Client) -> None:
    (done,) = desk.load(LINE)
    assert (done.outcome, done.notes) == ("taken", [])
    made = piece()
    # A date alone is that day at eight in the publication's zone.
    assert made.published_at == datetime.datetime(2013, 5, 5, 22, tzinfo=datetime.UTC)
    assert done.address == made.get_absolute_url() == "/2013/05/06/bridge-and-ferries/"
    assert [b.name for b in made.byline_list] == ["Li Wentao"]
    assert made.byline_list[0].author is not None
    assert made.byline_list[0].author.is_family_first
    assert [r.name for r in made.regions.all()] == ["Japan"]
    assert made.handling.editor is None
    assert made.how_reviewed == made.how_approved == ""
    assert [(e.transition, e.to_status) for e in made.events.all()] == [("begin", "draft"), ("import", "published")]
    page = client.get(done.address).content.decode()
    assert "Nobody asked what the ferries" in page
    assert "6 May 2013" in page
    for address in (
        "/regions/japan/",
        "/topics/shipping/",
        "/authors/li-wentao/",
        "/archive/2013/05/",
        "/search/?q=ferries",
    ):
        assert done.address in client.get(address).content.decode(), address


def test_nothing_is_mailed(desk: Desk, alice: User) -> None:
    corrected = LINE | {
        "authors": ["Alice Marlowe"],
        "corrections": [{"date": "2014-01-02", "note": "It was a tunnel."}],
    }
    retracted = LINE | {
        "external_id": "2",
        "slug": "other",
        "retraction": {"date": "2015-01-02", "reason": "Invented."},
    }
    assert [done.outcome for done in desk.load(corrected, retracted)] == ["taken", "taken"]
    assert not Letter.objects.exists()
    assert not Mail.objects.exists()


def test_the_same_line_again_changes_nothing(desk: Desk) -> None:
    desk.load(LINE)
    before = (Article.objects.count(), Author.objects.count(), piece().latest_id, piece().events.count())
    assert [done.outcome for done in desk.load(dict(reversed(LINE.items())))] == ["untouched"]
    assert [done.outcome for done in desk.load(LINE, is_again=True)] == ["untouched"]
    assert (Article.objects.count(), Author.objects.count(), piece().latest_id, piece().events.count()) == before


def test_a_changed_line_becomes_the_next_version(desk: Desk) -> None:
    desk.load(LINE)
    changed = LINE | {"html": f"{HTML}<p>A ferry runs again.</p>", "tags": ["Shipping", "Bridges"], "slug": "ferries"}
    (done,) = desk.load(changed)
    assert done.outcome == "changed"
    assert piece().latest.number == 2
    assert piece().live_id == piece().latest_id
    assert [p.kind for p in piece().publications.order_by("pk")] == ["first", "copy_fix"]
    assert sorted(piece().tags.values_list("name", flat=True)) == ["Bridges", "Shipping"]
    assert piece().slug == "ferries"
    assert piece().former_addresses.get().slug == "bridge-and-ferries"
    assert [done.outcome for done in desk.load(changed)] == ["untouched"]


def test_what_was_edited_here_is_left_alone(desk: Desk, bob: User) -> None:
    desk.load(LINE)
    edit(piece(), bob, f"<p>Edited at the desk.</p>{HTML}")
    changed = LINE | {"title": "Another title"}
    (done,) = desk.load(changed)
    assert done.outcome == "left alone"
    assert "--overwrite" in done.notes[0]
    assert "Edited at the desk" in piece().latest.body
    (done,) = desk.load(changed, overwrites=True)
    assert (done.outcome, piece().latest.title) == ("changed", "Another title")
    assert piece().live_id == piece().latest_id


def test_a_dry_run_writes_nothing(desk: Desk, settings: Any) -> None:
    desk.picture("ferry.jpg")
    line = LINE | {"image": "images/ferry.jpg", "regions": ["Atlantis"], "html": f'{HTML}<img src="images/ferry.jpg">'}
    (done,) = desk.load(line, is_dry=True)
    assert done.outcome == "taken"
    assert done.address == "/2013/05/06/bridge-and-ferries/"
    assert any("Atlantis" in note for note in done.notes)
    for model in (Article, Author, Tag, Image, LoadedPiece, LoadedPicture):
        assert not model.objects.exists(), model
    assert not Path(settings.MEDIA_ROOT).exists()


def test_slugs_stay_or_are_made_plain_and_never_clash(desk: Desk) -> None:
    lines = [
        LINE | {"external_id": "1", "slug": "Keeps_This-One"},
        LINE | {"external_id": "2", "slug": "Keeps_This-One", "date": "2014-01-01"},
        LINE | {"external_id": "3", "slug": "Brücke & Fähre!"},
        LINE | {"external_id": "4", "slug": ""},
    ]
    done = desk.load(*lines)
    assert [one.address for one in done] == [
        "/2013/05/06/Keeps_This-One/", "/2014/01/01/Keeps_This-One-2/", "/2013/05/06/brucke-fahre/", "/2013/05/06/the-bridge-and-the-ferries/",
    ]  # fmt: skip
    assert "another piece has the one given" in done[1].notes[0]
    # The address that the piece would have had leads to it.
    assert OldAddress.objects.get(path="/2013/05/06/brücke & fähre!").article.slug == "brucke-fahre"


def test_regions_unknown_here_are_reported_or_made(desk: Desk) -> None:
    line = LINE | {"regions": ["japan", "East-Asia", "Atlantis"]}
    (done,) = desk.load(line)
    assert [r.name for r in piece().regions.order_by("name")] == ["East Asia", "Japan"]
    assert "“Atlantis” is not known" in done.notes[0]
    (done,) = desk.load(line, creates_regions=True, is_again=True)
    assert done.outcome == "changed"
    assert Region.objects.get(name="Atlantis").parent is None


def test_authors_are_found_before_they_are_made(desk: Desk, alice: User) -> None:
    known = Author.objects.create(given_name="Noor", family_name="Idris", orcid="0000-0002-1825-0097")
    lines = [
        LINE | {"external_id": "1", "slug": "a", "authors": ["ALICE  Marlowe", "Alice Marlowe"]},
        LINE | {"external_id": "2", "slug": "b", "authors": [{"name": "N. Idris", "orcid": "https://orcid.org/0000-0002-1825-0097"}]},
        LINE | {"external_id": "3", "slug": "c", "authors": ["Vincent van der Berg, PhD", "Office of Ferries", {"name": "The Board", "is_house": True}]},
    ]  # fmt: skip
    done = desk.load(*lines)
    assert [one.outcome for one in done] == ["taken"] * 3
    assert "twice" in done[0].notes[0]
    by_slug = {article.slug: article for article in Article.objects.all()}
    assert by_slug["a"].bylines.get().author == Author.objects.get(user=alice)
    assert (by_slug["b"].bylines.get().author, by_slug["b"].bylines.get().name) == (known, "N. Idris")
    berg, office, board = by_slug["c"].bylines.all()
    assert (berg.name, berg.author.given_name, berg.author.family_name) == (
        "Vincent van der Berg, PhD",
        "Vincent",
        "van der Berg",
    )
    assert office.author.single_name == "Office of Ferries"
    assert board.author.is_house


def test_nobody_loads_a_piece_of_their_own(desk: Desk, mara: User) -> None:
    Author.objects.create(user=mara, given_name="Mara", family_name="Chief")
    (done,) = desk.load(LINE | {"authors": ["Mara Chief"]})
    assert done.outcome == "refused"
    assert not Article.objects.exists()


def test_what_followed_comes_along(desk: Desk, client: Client) -> None:
    (done,) = desk.load(
        LINE | {
            "corrections": [{"date": "2014-01-02T09:00:00+11:00", "note": "It was a tunnel."}, {"date": "2013-06-01", "kind": "copy_fix"}],
            "retraction": {"date": "2015-03-04", "reason": "The ferries were invented."},
        }
    )  # fmt: skip
    assert done.outcome == "taken"
    assert piece().status == "retracted"
    assert [p.kind for p in piece().publications.order_by("at")] == ["first", "copy_fix", "correction", "retraction"]
    assert "The ferries were invented." in client.get(done.address).content.decode()
    assert "The bridge and the ferries" not in client.get("/archive/2013/05/").content.decode()


def test_series_and_first_appearance(desk: Desk, client: Client) -> None:
    line = LINE | {
        "series": {"title": "Crossings", "kind": "issue", "number": "Vol. 1", "position": 3},
        "first_appeared": {"name": "The Old Ferry", "url": "https://ferry.example/17"},
    }
    (done,) = desk.load(line, LINE | {"external_id": "2", "slug": "two", "series": "crossings"})[:1]
    assert (piece().series, piece().series_position) == (Series.objects.get(), 3)
    page = client.get(done.address).content.decode()
    assert 'First published by <a href="https://ferry.example/17" rel="noopener">The Old Ferry</a>.' in page


def test_an_export_in_its_own_words_is_understood(desk: Desk) -> None:
    line = {
        "title": "Tugs &amp; <em>barges</em>", "slug": "tugs", "date": "2013-05-06T23:30:00+00:00", "body": HTML, "excerpt": "Short.",
        "source": "Ferry News", "original_url": "https://old.example/2013/05/tugs/?x=1", "author": "Noor Idris", "topics": "Tugs", "mood": "good",
    }  # fmt: skip
    (done,) = desk.load(line)
    made = LoadedPiece.objects.get(external_id="https://old.example/2013/05/tugs/?x=1").article
    assert made.latest.title == "Tugs & barges"
    assert made.published_on == datetime.date(2013, 5, 7)
    assert (made.first_appeared, made.first_appeared_url) == ("Ferry News", "https://old.example/2013/05/tugs/?x=1")
    assert made.old_addresses.get().path == "/2013/05/tugs?x=1"
    assert any("“mood”" in note for note in done.notes)


# --- The text -------------------------------------------------------------------------------------


def test_pictures_come_along_once(desk: Desk) -> None:
    desk.picture("uploads/ferry.jpg")
    desk.picture("harbour__crane.jpg", "#aa3322")
    desk.picture("copy-of-ferry.jpg")
    html = (
        '<p><img src="/wp-content/uploads/ferry-300x200.jpg" alt="A ferry"></p>'
        f'{HTML}<p>Text beside it. <img src="https://old.example/harbour/crane.jpg" alt="A crane"></p>'
        '<figure><img src="https://old.example/nowhere.jpg"><figcaption>Gone with it</figcaption></figure>'
        '<p><img src="images/../../secret.jpg"></p><img src="images/copy-of-ferry.jpg" alt="Again">'
    )
    (desk.folder.parent / "secret.jpg").write_bytes(picture_file().read())
    line = LINE | {
        "html": html,
        "pictures": [
            {"file": "https://old.example/harbour/crane.jpg", "credit": "Photo: Crane", "licence": "CC BY 4.0"}
        ],
    }
    (done,) = desk.load(line)
    assert Image.objects.count() == 2
    crane = Image.objects.get(alt="A crane")
    assert (crane.credit, crane.licence) == ("Photo: Crane", "cc_by")
    body = piece().latest.body
    assert body.count("<figure><img ") == 3
    assert f'src="{crane.file.url}" alt="A crane" width="400" height="300"' in body
    assert "Gone with it" not in body
    assert {use.image_id for use in piece().latest.image_uses.all()} == set(Image.objects.values_list("pk", flat=True))
    assert [note for note in done.notes if "left out" in note] == [
        "Caption left out with its picture: “Gone with it”",
        "Picture left out: https://old.example/nowhere.jpg (it is on another site, and nothing is fetched)",
        "Picture left out: images/../../secret.jpg (no such file was given)",
    ]
    # In another piece, and in another run.
    desk.load(
        LINE
        | {"external_id": "2", "slug": "two", "image": {"file": "images/uploads/ferry.jpg", "credit": "Photo: Later"}}
    )
    assert Image.objects.count() == 2
    assert Image.objects.get(alt="A ferry").credit == "Photo: Later"


def test_a_picture_given_later_comes_in_when_asked(desk: Desk) -> None:
    line = LINE | {"image": {"file": "ferry.jpg", "alt": "A ferry", "credit": "Photo: Quay"}}
    desk.load(line)
    assert piece().latest.lead_image is None
    desk.picture("ferry.jpg")
    assert [one.outcome for one in desk.load(line)] == ["untouched"]
    assert [one.outcome for one in desk.load(line, is_again=True)] == ["changed"]
    assert piece().live.lead_image is not None


@pytest.mark.usefixtures("settings")
def test_a_refused_line_leaves_no_picture(desk: Desk, settings: Any) -> None:
    desk.picture("ferry.jpg")
    (done,) = desk.load(LINE | {"title": "x" * 301, "image": "images/ferry.jpg"})
    assert done.outcome == "refused"
    assert "301 characters" in done.notes[0]
    assert not Image.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


NOT_HERE = "not here"
DIRT: list[tuple[str, str, str]] = [
    ("<script>x()</script><p>One</p>", "<p>One</p>", "1 script left out"),
    ('<p>One</p><iframe src="//www.youtube.com/embed/abcdefghijk?rel=0" title="The crossing"></iframe>',
     '<p>One</p><figure class="embed"><a href="https://www.youtube.com/watch?v=abcdefghijk" rel="noopener">The crossing (YouTube)</a></figure>', "1 frame or film became a link"),
    ('<p>[youtube=http://www.youtube.com/watch?v=abcdefghijk&amp;w=600]</p>',
     '<figure class="embed"><a href="https://www.youtube.com/watch?v=abcdefghijk" rel="noopener">Video (YouTube)</a></figure>', "1 frame or film became a link"),
    ('<p>One</p><iframe src="https://player.vimeo.com/video/12345678"></iframe>', '<p>One</p><figure class="embed"><a href="https://vimeo.com/12345678" rel="noopener">Video (Vimeo)</a></figure>', "1 frame or film became a link"),
    ('<p>One</p><iframe src="https://www.googletagmanager.com/ns.html?id=1" height="0"></iframe>', "<p>One</p>", "1 frame left out"),
    ('<p>One</p><audio controls><source src="https://sound.example/a.mp3"></audio>', '<p>One</p><figure class="embed"><a href="https://sound.example/a.mp3" rel="noopener">Audio (sound.example)</a></figure>', "1 frame or film became a link"),
    ('<p>One<sup><a href="#fn1" id="ref1">1</a></sup> two.</p><hr><h2>Notes</h2><ol><li id="fn1"><p>A note. <a href="#ref1">↩</a></p></li></ol>',
     '<p>One<span class="footnote">A note.</span> two.</p>', "1 note at the foot of the page became a footnote"),
    ('<p>One<a href="#_ftn1" name="_ftnref1">[1]</a></p><p><a href="#_ftnref1" name="_ftn1">[1]</a> A note.</p>', '<p>One<span class="footnote">A note.</span></p>', "1 note at the foot of the page became a footnote"),
    ('<p><a href="javascript:alert(1)">One</a></p>', "<p>One</p>", "1 link became plain text: its address leads nowhere here"),
    ('<p><a href="#plan">One</a></p><h2 id="plan">The plan</h2>', '<p><a href="#h-the-plan">One</a></p><h2>The plan</h2>', ""),
    ("One\n\nTwo <https://example.org/a>", '<p>One</p>\n<p>Two <a href="https://example.org/a" rel="noopener">https://example.org/a</a></p>', "2 passages between empty lines became paragraphs"),
    ('<p>where <img src="https://latex.codecogs.com/svg?x^2" title="x^2"> is</p>', "<p>where <code>x^2</code> is</p>", "1 picture of a formula became the formula’s source"),
    ("<table><tr><td>One</td><pre><code>\n&lt;td&gt;Two&lt;/td&gt;</code></pre></tr></table>", "<table><tbody><tr><td>One</td>\n<td>Two</td></tr></tbody></table>", "1 row of a table mended: its cells stood as code"),
    ('<p>One</p>[caption id="a" width="300"]<img src="/x.jpg"> Words[/caption]', "<p>One</p>", "Caption left out with its picture: “Words”"),
    ("<pre><code>&lt;h2&gt;\n  One\n&lt;/h2&gt;\n&lt;p&gt;\n  These words of the page &amp;#8220;stood&amp;#8221; as code.\n&lt;/p&gt;</code></pre>",
     "<h2>One</h2>\n<p>These words of the page “stood” as code.</p>", "1 passage stood as code and became text: read it again"),
    ("<pre><code>&lt;p&gt;Hello&lt;/p&gt;</code></pre>", "<pre><code>&lt;p&gt;Hello&lt;/p&gt;</code></pre>", ""),
    ("<p>One **two** three.****</p>", "<p>One <strong>two</strong> three.</p>", "2 leftovers of Markdown became what they were meant to be"),
    ("<p>***</p><p><code>2**3**4</code></p>", "<p>***</p><p><code>2**3**4</code></p>", ""),
    ("<p>[One](https://example.org/a) two</p>", '<p><a href="https://example.org/a" rel="noopener">One</a> two</p>', "1 leftover of Markdown became what it was meant to be"),
    ('<p>A [One](<a href="https://example.org/a">one</a>) two</p>', '<p>A <a href="https://example.org/a" rel="noopener">One</a> two</p>', "1 leftover of Markdown became what it was meant to be"),
    ('<p>[</p>\n<figure><img src="/x.jpg"></figure>\n<p>](https://example.org/a)\nOne</p>', "<p>One</p>", "Link left out with its picture: https://example.org/a"),
    ('<table><tr><td><a href="https://example.org/a"><img src="/x.png" alt="The plan"></a></td></tr></table>',
     '<table><tbody><tr><td><a href="https://example.org/a" rel="noopener">The plan</a></td></tr></tbody></table>', "Picture left out: /x.png (not here)"),
    ("<p>One <del>two</del></p>", "<p>One two</p>", "1 struck-out passage stands as plain text: read it again"),
    ('<p>One</p><p>[gallery ids="1,2"]</p>', '<p>One</p><p>[gallery ids="1,2"]</p>', "The shortcode [gallery] stands in the text as it is: nothing here fills it"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "wanted", "note"), DIRT, ids=[str(n) for n in range(len(DIRT))])
def test_dirt_is_mended_and_told(html: str, wanted: str, note: str) -> None:
    taken = incoming.take_in(html, lambda source, alt: NOT_HERE)
    assert sanitise(taken.html) == wanted
    assert (note in taken.notes) if note else not taken.notes


def test_a_figure_within_a_figure_is_one() -> None:
    html = '<figure>\n<figure><img src="/x.jpg" alt="A"></figure>\n<figcaption>Words</figcaption></figure>'
    taken = incoming.take_in(html, lambda source, alt: incoming.Shown("/media/x.jpg", 300, 200))
    assert sanitise(taken.html).count("<figure>") == 1
    assert "<figcaption>Words</figcaption>" in taken.html


MARKUP = st.sampled_from(
    [
        *"<>/=\"'[] abipsx#\n&;:-!", "<p>", "</p>", "<img src=x>", "<figure>", "</figure>", "<a href='#x'>", "</a>", "<li id=x>", "<ol>", "1",
        "<iframe src='//y.example'>", "<sup>", "</sup>", "<table>", "<td>", "<figcaption>", "[caption]", "<video src=z>", "<b>", "<span class=footnote>",
    ]
)  # fmt: skip


@given(st.lists(MARKUP, max_size=40).map("".join))
@settings(max_examples=400, deadline=None)
def test_any_html_is_taken_in_and_stays_as_it_is_then(html: str) -> None:
    """What was taken in and sanitised is not changed by taking it in again, so that a dump loads as it is."""
    taken = incoming.take_in(html, lambda source, alt: incoming.Shown("/media/images/x.jpg", 300, 200))
    once = sanitise(taken.html)
    again = incoming.take_in(once, lambda source, alt: incoming.Shown(source, 300, 200), is_ours=True)
    assert sanitise(again.html) == once


def test_broken_links_within_the_site_are_counted(desk: Desk) -> None:
    html = f'{HTML}<p><a href="/old/one/">1</a> <a href="/gone/">2</a> <a href="/gone/">3</a> <a href="/regions/japan/">4</a> <a href="/regions/atlantis/">5</a></p>'
    path = desk.file(LINE | {"html": html}, LINE | {"external_id": "2", "slug": "b", "old_addresses": ["/Old/One"]})
    loader = Loader(by=desk.by, library=Library(desk.folder, None, by=desk.by, is_dry=False), options=Options())
    with path.open("rb") as file:
        list(loader.lines(raw_lines(file)))
    assert loader.broken_links() == [("/gone/", 2), ("/regions/atlantis/", 1)]


# --- What can't be taken --------------------------------------------------------------------------

BAD: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "It has no title."),
    ({"title": 5}, "title: a number where words are expected."),
    ({"html": " "}, "It has no text (html)."),
    ({"html": "<script>x</script>"}, "Nothing is left of its text"),
    ({"html": "x" * 400_001}, "400001 characters"),
    ({"date": None}, "date: there is none"),
    ({"date": "06/05/2013"}, "date: “06/05/2013” is no date"),
    ({"date": "2999-01-01"}, "date: 2999-01-01 is still ahead"),
    ({"date": "0001-01-01T00:00:00+14:00"}, "date:"),
    ({"external_id": "x" * 301}, "301 characters"),
    ({"external_id": {}}, "external_id: an object"),
    ({"in_brief": "x" * 3001}, "3001 characters"),
    ({"tags": 5}, "tags: a number"),
    ({"authors": [5]}, "authors: a number in the list"),
    ({"status": "draft"}, "Its status is “draft”"),
    ({"corrections": [{"date": "2012-01-01", "note": "x"}]}, "lies before that of the piece"),
    ({"corrections": [{"date": "2014-01-01"}]}, "Give it a note"),
    ({"corrections": [{"date": "2014-01-01", "kind": "reinstatement", "note": "x"}]}, "retracted first"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "wanted"), BAD, ids=[str(n) for n in range(len(BAD))])
def test_a_line_that_cant_be_taken_says_why(desk: Desk, change: dict[str, Any], wanted: str) -> None:
    (done,) = desk.load(LINE | change)
    assert done.outcome == "refused"
    assert any(wanted in reason for reason in done.notes), done.notes
    assert not Article.objects.exists()


def test_hostile_lines_stop_nothing(desk: Desk) -> None:
    path = desk.folder / "hostile.jsonl"
    good = json.dumps(LINE).encode()
    path.write_bytes(
        b"\n".join([
            b"\xef\xbb\xbf" + good, b"", b"{", b"[1,", b'"words"', b"null", b"\xff\xfe\x00", b"[" * 100_000, b'{"title": ' + b"9" * 5000 + b"}",
            b'{"title": "' + b"x" * (LONGEST_LINE + 10) + b'"}', good,
            json.dumps(LINE | {"external_id": "a\x00\ud800", "slug": "z\x00", "title": "N\x00UL \ud800", "tags": ["\x00", "a\x00b"]}).encode(),
        ])
    )  # fmt: skip
    loader = Loader(by=desk.by, library=Library(desk.folder, None, by=desk.by, is_dry=False), options=Options())
    with path.open("rb") as file:
        done = {one.line: one for one in loader.lines(raw_lines(file))}
    assert [done[n].outcome for n in sorted(done)] == ["taken"] + ["refused"] * 9 + ["taken"]
    assert "line 1 already" in done[11].notes[0]
    assert "MB" in done[10].notes[0]
    assert Article.objects.count() == 2


def test_utf_16_is_named(desk: Desk) -> None:
    path = desk.folder / "wide.jsonl"
    path.write_text(json.dumps(LINE), "utf-16")
    with pytest.raises(CommandError, match="UTF-16"):
        call_command("load_articles", path, by=desk.by.email)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["2013-05-06", "name", "file", "\ud800", "\x00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "file", "title", "date", "note", "kind", "orcid", "role", "bio", "position", "number", "url", "focus", "is_house", "x"]), inner, max_size=4
    ),
    max_leaves=6,
)  # fmt: skip


@given(st.sampled_from(sorted(records.KEYS | set(records.ALIASES))), json_values)
@settings(max_examples=600, deadline=None)
def test_any_value_in_any_field_gives_a_record_or_reasons(key: str, value: object) -> None:
    line = {**LINE, key: value}
    records.digest_of(line)
    found = parsed(line)
    if isinstance(found, Refused):
        assert found.reasons
        assert all(isinstance(reason, str) for reason in found.reasons)
    else:
        assert found.title
        assert found.at <= NOW


def parsed(line: object) -> records.Record | Refused:
    try:
        return parse(line, zone=ZONE, now=NOW)
    except Refused as answer:
        return answer


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_line_or_reasons(raw: bytes) -> None:
    try:
        found = parsed(read_line(raw))
    except Refused as answer:
        found = answer
    assert isinstance(found, Refused)
    assert found.reasons


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Noor Idris", ("Noor", "Idris")), ("Ludwig van der Velde", ("Ludwig", "van der Velde")), ("Jane Q. Public, Ph.D.", ("Jane Q.", "Public")),
        ("Plato", None), ("Editorial Board", None), ("Government of Canada", None), ("AIDS.gov", None), ("李文涛", None), ("Ann and Bob", None),
    ],
)  # fmt: skip
def test_names_are_told_apart(name: str, wanted: tuple[str, str] | None) -> None:
    given_name, family, single, _ = told_apart(name)
    assert (given_name, family, single) == ((*wanted, "") if wanted else ("", "", name))


# --- The commands ---------------------------------------------------------------------------------


def test_the_command_reports_and_its_exit_says_whether_all_came_in(desk: Desk, capsys: Any) -> None:
    path = desk.file(LINE, {"title": "=cmd()", "date": "never"})
    out, err = StringIO(), StringIO()
    report = desk.folder / "report.csv"
    with pytest.raises(SystemExit) as end:
        call_command("load_articles", path, by="MARA@example.org", report=str(report), stdout=out, stderr=err)
    assert end.value.code == 1
    assert "1 taken" in out.getvalue()
    assert "1 refused" in out.getvalue()
    assert err.getvalue().startswith("Line 2, “=cmd()”:")
    rows = report.read_text("utf-8-sig").splitlines()
    assert rows[0] == "line,external_id,title,outcome,address,notes"
    assert "'=cmd()" in rows[2]
    assert Article.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4310776")
        assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize(
    ("email", "wanted"), [("nobody@example.org", "no account"), ("bob@example.org", "no managing editor")]
)
def test_only_a_managing_editor_loads(desk: Desk, bob: User, root: User, email: str, wanted: str) -> None:
    with pytest.raises(CommandError, match=wanted):
        call_command("load_articles", desk.file(LINE), by=email)
    call_command("load_articles", desk.file(LINE), by=root.email, verbosity=0)
    assert Article.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_committed", [True, False])
def test_an_interruption_leaves_rows_and_files_of_pictures_together(
    is_committed: bool, desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.picture("ferry.jpg")
    real_take, real_commit = Loader._take, connection._commit
    taken = []

    def take(self: Loader, record: Any) -> Article:
        made = real_take(self, record)
        taken.append(made)
        if not is_committed:
            raise KeyboardInterrupt
        return made

    def commit() -> None:
        real_commit()
        if len(taken) == 1:
            taken.append(None)
            raise KeyboardInterrupt

    monkeypatch.setattr(Loader, "_take", take)
    monkeypatch.setattr(connection, "_commit", commit)
    with pytest.raises(KeyboardInterrupt):
        desk.load(LINE | {"image": "images/ferry.jpg"})
    monkeypatch.undo()
    files = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert [Path(image.file.path) for image in Image.objects.all()] == files
    assert len(files) == Article.objects.count() == is_committed
    (again,) = desk.load(LINE | {"image": "images/ferry.jpg"})
    assert again.outcome == ("untouched" if is_committed else "taken")
    assert Path(piece().live.lead_image.file.path).is_file()


def test_pictures_stay_where_the_database_cant_say(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(desk.folder, None, by=desk.by, is_dry=False)
    name = default_storage.save("images/xx/ferry.jpg", picture_file())
    library.written.append(name)
    with monkeypatch.context() as broken:
        broken.setattr(Image.objects, "filter", lambda **_: (_ for _ in ()).throw(InterfaceError("gone")))
        library.forget()
    assert default_storage.exists(name)
    library.written.append(name)
    library.forget()
    assert not default_storage.exists(name)


def test_an_interrupted_load_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [LINE | {"external_id": str(n), "slug": f"piece-{n}"} for n in range(4)]
    path = desk.file(*lines)
    real, calls = Loader._take, []

    def interrupted(self: Loader, record: Any) -> Article:
        calls.append(record.external_id)
        made = real(self, record)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return made

    monkeypatch.setattr(Loader, "_take", interrupted)
    err = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("load_articles", path, by=desk.by.email, stderr=err)
    assert end.value.code == 130
    assert "after line 2" in err.getvalue()
    assert Article.objects.count() == 2
    out = StringIO()
    call_command("load_articles", path, by=desk.by.email, stdout=out)
    assert "2 taken" in out.getvalue()
    assert "2 untouched" in out.getvalue()


def test_what_is_dumped_loads_as_it_was(desk: Desk, tmp_path: Path, alice: User, bob: User) -> None:
    """Into a second, emptied state: the lines are the same again."""
    desk.picture("ferry.jpg")
    desk.picture("Kran_2-.jpg", "#aa3322")
    rich = LINE | {
        "title": "Tugs &amp;amp; <b>barges</b>",
        "in_brief": "One < two &amp;lt;br&gt;.\n\nThree.",
        "html": f'{HTML}<p>Note<span class="footnote">With <em>words</em>.</span></p><p class="pull">Pull.</p>'
        '<figure><img src="images/ferry.jpg" alt="Ferry &quot;A&quot;"><figcaption>At sea</figcaption></figure>'
        '<figure class="embed"><a href="https://vimeo.com/12345678">Film (Vimeo)</a></figure><table><tbody><tr><td>1</td></tr></tbody></table>',
        "image": {"file": "images/Kran_2-.jpg", "alt": "A crane", "credit": "Photo: Quay", "agency": "Dock", "licence": "cc_by", "focus": [0.25, 0.75]},
        "series": {"title": "Crossings", "position": 2}, "language": "de", "licence": "CC BY 4.0", "old_addresses": ["/?p=17", "/Blog/tugs.html"],
        "first_appeared": {"name": "Ferry News", "url": "https://ferry.example/17"},
        "corrections": [{"date": "2014-01-02", "note": "It was <b>two</b> &amp; more."}, {"date": "2015-01-02", "kind": "retraction", "note": "Invented."}, {"date": "2016-01-02", "kind": "reinstatement", "note": "Not so."}],
        "authors": [
            *LINE["authors"], {"name": "The Board", "is_house": True, "role": "editor", "bio": "Edits."},
            {"name": "Tao Wen", "given_name": "Tao", "family_name": "Wen", "native_name": "文涛"},
        ],
        "doi": "https://doi.org/10.5555/TUGS.17",
    }  # fmt: skip
    retracted = LINE | {
        "external_id": "2", "slug": "two", "retraction": {"date": "2015-03-04", "reason": "Copied."}, "language": "fr",
        "translation_of": "wp-17",
    }  # fmt: skip
    assert [one.outcome for one in desk.load(rich, retracted)] == ["taken", "taken"]
    # And one that was made here, with a former address.
    from tests.articles.shelf import published

    here = published(alice, bob, title="Made here", at=timezone.now() - datetime.timedelta(days=3), tags=("Shipping",))
    first = dumped(tmp_path / "one")
    assert [line["external_id"] for line in first] == ["wp-17", "2", f"testserver:{here.pk}"]
    assert (first[0]["doi"], first[1]["translation_of"]) == ("10.5555/tugs.17", "wp-17")
    assert first[0]["authors"][-1]["native_name"] == "文涛"
    empty()
    call_command("load_articles", tmp_path / "one" / "pieces.jsonl", by=desk.by.email, verbosity=0)
    second = dumped(tmp_path / "two")
    assert second == first
    assert {p.name for p in (tmp_path / "one/images").iterdir()} == {
        p.name for p in (tmp_path / "two/images").iterdir()
    }
    # And on the same site it changes nothing.
    loaded = Loader(by=desk.by, library=Library(tmp_path / "two", None, by=desk.by, is_dry=False), options=Options())
    with (tmp_path / "two" / "pieces.jsonl").open("rb") as file:
        assert {one.outcome for one in loaded.lines(raw_lines(file))} == {"untouched"}


def test_a_doi_and_an_original_that_can_not_be_had_are_told(desk: Desk) -> None:
    one, two = desk.load(
        LINE | {"doi": "10.5555/x", "translation_of": "nowhere"},
        LINE | {"external_id": "2", "slug": "two", "doi": "10.5555/X"},
    )
    assert "It is a translation of “nowhere”, which is not here; load that first" in one.notes
    assert "Another piece has the DOI 10.5555/x; left out" in two.notes
    [three] = desk.load(LINE | {"external_id": "3", "slug": "three", "doi": "5555"})
    assert "doi: “5555” is no DOI; left out" in three.notes


def dumped(folder: Path) -> list[dict[str, Any]]:
    call_command("dump_articles", out=str(folder / "pieces.jsonl"), verbosity=0)
    return [json.loads(line) for line in (folder / "pieces.jsonl").read_text("utf-8").splitlines()]


def empty() -> None:
    """No pieces, pictures and authors, as on a new site; the triggers that keep history let nothing less through."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "TRUNCATE articles_article, articles_image, articles_series, articles_tag, authors_author CASCADE"
        )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    region()


def test_a_dump_holds_what_readers_have_and_the_rest_when_asked(desk: Desk, alice: User, bob: User) -> None:
    from tests.cast import draft, piece_in

    desk.load(
        LINE, LINE | {"external_id": "2", "slug": "two", "retraction": {"date": "2015-03-04", "reason": "Copied."}}
    )
    piece_in("scheduled", author=alice, editor=bob, title="Later")
    draft(alice, title="Not handed in")

    def titles(**options: Any) -> list[tuple[str, str | None]]:
        out = StringIO()
        call_command("dump_articles", stdout=out, **options)
        return [(one["slug"], one.get("status")) for one in map(json.loads, out.getvalue().splitlines())]

    assert titles() == [("bridge-and-ferries", None), ("two", None)]
    assert titles(public=True) == [("bridge-and-ferries", None)]
    everything = titles(all=True)
    assert ("later", "scheduled") in everything
    assert ("not-handed-in", "draft") in everything


def test_loading_takes_a_fixed_number_of_queries(desk: Desk, django_assert_max_num_queries: Any) -> None:
    desk.load(LINE)
    with django_assert_max_num_queries(90):
        desk.load(LINE | {"external_id": "2", "slug": "two"})
    assert Publication.objects.count() == 2
