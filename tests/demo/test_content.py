"""The demonstration's content is whole: it parses, keeps to the house style, and names nobody who does not exist."""

import io
import re
import tomllib

import pytest
from PIL import Image

from accounts import roles
from articles.status import Status
from demo import content, images
from demo.content import ContentError, DemoArticle, DemoText, Publication
from prose import measure, names, sanitise, slugs

PUBLICATION = content.read()
PUBLISHED = [piece for piece in PUBLICATION.articles if piece.state == "published"]
LONG = "small-pension"
OTHERS = [piece for piece in PUBLICATION.articles if piece.state != "published"]


def texts_of(piece: DemoArticle) -> list[DemoText]:
    """Every version of the text that somebody will see."""
    later = (piece.edited, piece.pending, piece.correction)
    return [piece.text, *(version.text for version in later if version)]


def by_key(pieces: list[DemoArticle]) -> list[object]:
    return [pytest.param(piece, id=piece.key) for piece in pieces]


@pytest.fixture
def publication() -> Publication:
    return PUBLICATION


def test_reads_the_same_twice(publication):
    assert content.read() == publication


def test_there_is_a_piece_for_everyone(publication):
    assert len(PUBLISHED) == 21
    assert len(PUBLICATION.articles) == 33
    states = {piece.state for piece in OTHERS}
    assert states == {
        "draft", "submitted", "revising", "editing", "approval", "ready", "scheduled", "declined", "withdrawn",
        "taken_down", "in_review",
    }  # fmt: skip
    assert states <= {*Status.values, "scheduled"}


def test_what_the_published_ones_show():
    assert [piece.key for piece in PUBLISHED if piece.correction] == ["cyclone-insurance"]
    assert [piece.key for piece in PUBLISHED if piece.pending] == ["village-fund"]
    assert sum(len(piece.bylines) == 2 and {b.role for b in piece.bylines} == {"author"} for piece in PUBLISHED) == 2
    assert any(byline.role == "translator" for piece in PUBLISHED for byline in piece.bylines)
    assert any(not piece.text.title.isascii() and "Cửu" in piece.text.title for piece in PUBLISHED)
    assert {piece.image.licence for piece in PUBLISHED if piece.image} == {"own", "cc_by", "all_rights"}
    days = [piece.days_ago for piece in PUBLISHED]
    assert days == sorted(days, reverse=True)
    assert len(set(days)) == len(days)


def test_one_is_a_translation_and_one_runs_from_right_to_left():
    (translated,) = (piece for piece in PUBLISHED if piece.translation_of)
    original = PUBLICATION.article(translated.translation_of)
    assert original.state == "published"
    assert original.days_ago > translated.days_ago
    assert translated.language != original.language
    assert [byline.author for byline in translated.bylines if byline.role == "author"] == [
        byline.author for byline in original.bylines
    ]
    assert [byline.role for byline in translated.bylines][-1] == "translator"
    assert translated.text.body.count("<p>") == original.text.body.count("<p>")
    (arabic,) = (piece for piece in PUBLISHED if piece.language == "ar")
    assert measure.text_of(arabic.text.body)[0] > "\u0600"


def test_one_is_long_and_has_all_that_a_text_can_have():
    (body,) = (piece.text.body for piece in PUBLISHED if piece.key == LONG)
    assert 1300 <= measure.words(body) <= 2000
    for part in ("<table>", "<caption>", 'class="footnote"', 'class="pull"'):
        assert part in body
    assert body.count("<h2>") >= 4


@pytest.mark.parametrize("piece", by_key([piece for piece in PUBLISHED if piece.key != LONG]))
def test_published_pieces_have_the_usual_length(piece):
    for text in texts_of(piece):
        assert 550 <= measure.words(text.body) <= 850
        assert 40 <= len(text.in_brief.split()) <= 60
    assert piece.image is not None
    assert piece.days_ago > 0


@pytest.mark.parametrize("piece", by_key([piece for piece in PUBLISHED if piece.conflict_of_interest != "None."]))
def test_an_interest_is_told_in_a_note_to_the_text(piece):
    """As the editorial policy promises, in every version that readers get."""
    for text in texts_of(piece):
        note = text.body.partition('<span class="footnote">')[2].partition("</span>")[0]
        assert note.startswith(("The author", "One of the authors", "Penulis"))


@pytest.mark.parametrize("piece", by_key(OTHERS))
def test_other_pieces_are_believable(piece):
    for text in texts_of(piece):
        assert 300 <= measure.words(text.body) <= 560
        if piece.state != "draft":
            assert 40 <= len(text.in_brief.split()) <= 60
            assert piece.conflict_of_interest
            assert piece.appeared_elsewhere


def test_the_draft_is_incomplete():
    (draft,) = (piece for piece in OTHERS if piece.state == "draft")
    assert draft.text.in_brief == ""


@pytest.mark.parametrize("piece", by_key(list(PUBLICATION.articles)))
def test_bodies_stay_as_they_are_when_sanitised(piece):
    for text in texts_of(piece):
        assert sanitise.sanitise(text.body) == text.body
        assert sanitise.plain_line(text.title) == text.title
        assert sanitise.plain_text(text.in_brief) == text.in_brief


@pytest.mark.parametrize("piece", by_key(list(PUBLICATION.articles)))
def test_house_style(piece):
    words = [part for text in texts_of(piece) for part in (text.title, text.in_brief, measure.text_of(text.body))]
    if piece.image:
        words += [piece.image.alt, piece.image.caption]
    for text in words:
        assert not re.search(r"[\"'“”]", text), "straight or double quotes"
        assert not re.search(r"\S—|—\S", text), "a dash without spaces"
        assert "  " not in text
        assert not re.search(
            r"\b\w+(?:iz(?:e|es|ed|ing|ation))\b", text.replace("size", "").replace("Organization", "")
        ), "-ize"
        assert not re.search(r"n’t\b", text)


@pytest.mark.parametrize("piece", by_key(list(PUBLICATION.articles)))
def test_links_lead_to_front_pages(piece):
    for address in re.findall(r'href="([^"]*)"', piece.text.body):
        assert re.fullmatch(r"https://[a-z.]+/", address)


@pytest.mark.parametrize("piece", by_key(list(PUBLICATION.articles)))
def test_every_name_exists(piece, publication):
    assert {byline.author for byline in piece.bylines} <= {author.key for author in publication.authors}
    assert {byline.role for byline in piece.bylines} <= {"author", "translator", "interviewer", "editor"}
    assert set(piece.regions) <= {region.name for region in publication.regions}
    assert set(piece.topics) <= {topic.name for topic in publication.topics}
    assert piece.bylines
    assert piece.regions
    assert piece.topics


@pytest.mark.parametrize("piece", by_key(list(PUBLICATION.articles)))
def test_each_state_brings_what_it_needs(piece, publication):
    has_account = publication.author(piece.bylines[0].author).has_account
    if piece.state in ("draft", "submitted", "revising", "approval"):
        assert has_account, "it is the author's turn, or will be"
    if piece.state == "revising":
        assert piece.letter
        assert piece.letter.message
        assert piece.letter.due_in_days > 0
        assert not piece.letter.response
    if piece.state == "approval":
        assert piece.edited
        assert piece.edited.due_in_days > 0
        for changed in ("title", "in_brief", "body"):
            assert getattr(piece.edited.text, changed) != getattr(piece.text, changed)
    if piece.state in ("ready", "scheduled"):
        assert piece.edited
        assert has_account or piece.edited.approved_by_mail
        assert piece.image
    if piece.state == "declined":
        assert piece.decision
        assert piece.decision.message
    if piece.state == "withdrawn":
        assert piece.decision
        assert piece.decision.note
    assert (piece.scheduled_in_days > 0) == (piece.state == "scheduled")
    for step in (piece.letter, piece.edited, piece.decision, piece.correction):
        assert step is None or 0 <= step.days_ago < piece.days_ago


def test_authors(publication):
    assert len(publication.authors) >= 13
    assert sum(author.has_account for author in publication.authors) == 2
    assert any(author.single_name for author in publication.authors)
    assert any(author.is_family_first for author in publication.authors)
    assert any(author.native_name == "서하윤" for author in publication.authors)
    assert len({author.key for author in publication.authors}) == len(publication.authors)
    for author in publication.authors:
        assert author.bio.startswith(author.name)
        assert bool(author.single_name) != bool(author.given_name and author.family_name)
        assert author.has_account == bool(author.email)
        if author.orcid:
            assert names.orcid(author.orcid) == author.orcid


def test_everyone_who_signs_in_has_an_address_that_reaches_nobody(publication):
    addresses = [author.email for author in publication.authors if author.email]
    addresses += [person.email for person in publication.people]
    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith(".example") for address in addresses)
    assert {person.role for person in publication.people} == set(roles.ALL) - {roles.AUTHOR}


def test_regions_are_a_tree(publication):
    seen: set[str] = set()
    for region in publication.regions:
        assert not region.parent or region.parent in seen, "parents stand before their children"
        assert region.description
        seen.add(region.name)
    assert len(seen) == len(publication.regions)
    assert [region.name for region in publication.regions if not region.parent] == [
        "East Asia", "Southeast Asia", "South Asia", "Central Asia", "Pacific",
    ]  # fmt: skip
    assert len({slugs.slug(name) for name in seen}) == len(seen)


def test_topics(publication):
    keys = {names.name_key(topic.name) for topic in publication.topics}
    assert len(keys) == len(publication.topics) >= 15
    used = {name for piece in publication.articles for name in piece.topics}
    assert used == {topic.name for topic in publication.topics}, "a topic that nothing is about is an empty page"


def beside(name: str) -> dict:
    return tomllib.loads((content.HERE / name).read_text("utf-8"))


def test_series_are_of_published_pieces(publication):
    series = beside("series.toml")["series"]
    assert [(told["kind"], "number" in told) for told in series] == [("feature", False), ("issue", True)]
    keys = [key for told in series for key in told["pieces"]]
    assert len(set(keys)) == len(keys), "a piece belongs to one series"
    assert set(keys) <= {piece.key for piece in PUBLISHED} - {beside("retraction.toml")["article"]}
    for told in series:
        assert 4 <= len(told["pieces"]) <= 5
        assert set(told["editors"]) <= {author.key for author in publication.authors}
        assert told["cover"]["kind"] in images.KINDS
        assert sanitise.sanitise(told["introduction"].strip()) == told["introduction"].strip()


def test_the_front_page_and_what_comes_after_publication():
    days = {piece.key: piece.days_ago for piece in PUBLISHED}
    front = beside("front.toml")
    picked = [front["lead"], *front["featured"]]
    assert len(set(picked)) == len(picked) == 4
    assert all(days[key] <= 30 for key in picked)
    assert len({*picked, *front["selection"]}) == 8
    retraction = beside("retraction.toml")
    assert retraction["article"] not in {*picked, *front["selection"]}
    assert set(front["selection"]) <= set(days)
    for told in [retraction, *beside("reports.toml")["reports"]]:
        assert 0 < told["days_ago"] < days[told["article"]]
    assert all(not told["email"] or told["email"].endswith(".example") for told in beside("reports.toml")["reports"])


def test_plain_pages():
    pages = {
        path.stem: path.read_text("utf-8").split(content.FENCE) for path in (content.HERE / "pages").glob("*.html")
    }
    assert set(pages) == {
        "about", "submissions", "how-we-review", "editorial-policy", "corrections", "ownership", "privacy"
    }  # fmt: skip
    for slug, (start, front, body) in pages.items():
        told = tomllib.loads(front)
        assert start == ""
        assert told["slug"] == slug
        assert told["navigation"] in ("head", "foot", "both", "")
        assert sanitise.sanitise(body.strip()) == body.strip()
        assert set(re.findall(r'href="/([^"]*)/"', body)) <= {*pages, "contribute"}
    assert len({tomllib.loads(front)["order"] for _, front, _ in pages.values()}) == len(pages)


def test_masthead_fits_its_fields(publication):
    from forum.models import PAGES, Masthead  # settings first

    masthead = Masthead(**publication.masthead)
    masthead.clean_fields()
    assert masthead.name == "Meridian Review"
    assert masthead.acknowledgement
    assert masthead.zone.key == "Australia/Sydney"
    assert tuple(publication.masthead_pages) == PAGES
    assert set(publication.masthead_pages.values()) <= {page.key for page in publication.pages}


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "begin with TOML"),
        ("<p>No front matter.</p>", "begin with TOML"),
        ("+++\ntitle = \n+++\n<p>x</p>", "Invalid value"),
        (
            '+++\ntitle="t"\nin_brief=""\nbylines=[]\nmood="fine"\n+++\n<p>x</p>',
            "unexpected keyword argument 'mood'",
        ),
        (
            '+++\ntitle="t"\nin_brief=""\nbylines=[]\n[[edited.changes]]\nbefore="gone"\nafter="y"\n+++\n<p>x</p>',
            "“gone…” occurs 0 times",
        ),
    ],
)
def test_a_broken_file_is_named_with_its_fault(source, complaint):
    with pytest.raises(ContentError, match=re.escape(complaint)) as caught:
        content.article("broken", source)
    assert "broken" in str(caught.value)


@pytest.mark.parametrize("kind", images.KINDS)
def test_pictures_are_light_and_the_same_every_time(kind):
    picture = images.draw(kind, 7)
    assert picture == images.draw(kind, 7)
    assert picture != images.draw(kind, 8)
    assert len(picture) < 150_000
    with Image.open(io.BytesIO(picture)) as opened:
        assert (opened.format, opened.size, opened.mode) == ("JPEG", (1600, 900), "RGB")


@pytest.mark.parametrize("piece", by_key([piece for piece in PUBLICATION.articles if piece.image]))
def test_lead_images_can_be_drawn(piece):
    image = piece.image
    assert image is not None
    assert image.kind in images.KINDS
    assert image.alt
    assert image.credit.startswith(("Illustration: ", "Ilustrasi: ", "رسم: "))
    assert len(images.draw(image.kind, image.seed)) < 150_000
