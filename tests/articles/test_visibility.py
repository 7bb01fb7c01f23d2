"""Nothing of a hidden text reaches a reader: every hidden state × every public surface.

Each piece carries canary words in all that could leak: title, slug, In Brief, body, the picture's caption, the
bylines, a topic, a special feature. First they are shown to be found once the piece is public, then to be found nowhere.
"""

import datetime
import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from accounts.models import User
from articles.listing import relist
from articles.models import Article, Series
from articles.spelling import learn
from authors.models import Author
from editorial import writing
from tests.cast import BODY, STATES, edit, in_days, picture, piece_in

pytestmark = pytest.mark.django_db

WORD = "zyxocanary"
# A piece that readers had and have no more; where it stood they are told so.
GONE = ("taken_down",)
HIDDEN = [state for state in STATES if state not in ("published", "retracted", *GONE)]
# The pages of a piece beneath its address.
TAILS = ("", "print/", "history/", "report/", "report/send/", "index.md", "cite.bib", "cite.ris", "cite.json")


def with_canaries(state: str, author: User, editor: User) -> Article:
    """A piece in that state, canaries in everything that could leak."""
    article = piece_in(
        state, author=author, editor=editor, title=f"The {WORD} sings", in_brief=f"A {WORD} sang in brief.",
        body=f"<h2>{WORD}</h2><p>The {WORD} sang in the body.</p>{BODY}",
        lead_image=picture(caption=f"A {WORD} on a mast", alt=f"A {WORD}", credit=f"Photo: {WORD}"),
    )  # fmt: skip
    article.tags.add(f"{WORD} topic")
    article.series = Series.objects.create(title=f"{WORD} feature")
    article.save(update_fields=["series"])
    ghost = Author.objects.create(single_name=f"{WORD} collective", is_house=True, bio=f"{WORD} bio")
    writing.add_byline(article, ghost)
    relist(article)
    learn(timezone.now(), 10)
    return article


def feeds(under: str) -> tuple[str, ...]:
    """The feeds of a list, in their formats."""
    return tuple(f"{under}{tail}" for tail in ("feed/", "feed/atom/", "feed.json"))


def surfaces(article: Article, day: str) -> Iterator[str]:
    """Every public address on which something of the piece could stand, those of the piece itself included."""
    year, month = day[:4], day[5:7]
    yield from (
        "/",
        "/regions/",
        "/topics/",
        "/authors/",
        "/series/",
        "/archive/",
        "/record/",
        "/search/",
        "/robots.txt",
    )
    yield from (f"/{names}/?letter={WORD[0]}" for names in ("topics", "authors"))
    yield from feeds("/")
    yield from (
        "/llms.txt",
        "/sitemap.xml",
        "/sitemap-news.xml",
        f"/sitemap-{year}-{month}.xml",
        "/sitemap-authors-0.xml",
    )
    yield from ("/sitemap-topics-0.xml", "/sitemap-series-0.xml", "/sitemap-regions-0.xml", "/sitemap-pages.xml")
    for under in (
        "/regions/japan/",
        "/regions/east-asia/",
        f"/topics/{WORD}-topic/",
        f"/series/{WORD}-feature/",
        f"/authors/{WORD}-collective/",
        "/authors/alice-marlowe/",
    ):
        yield under
        yield from feeds(under)
    yield f"/series/{WORD}-feature/book.epub"
    yield from (f"/archive/{year}/", f"/archive/{year}/{month}/")
    yield from (
        f"/search/?q={WORD}",
        f"/search/?q=%22the+{WORD}%22",
        f"/search/?q={WORD}+or+harbours",
        "/search/?q=alice+marlowe",
        "/search/?region=japan",
        f"/search/?topic={WORD}-topic",
        f"/search/?author={WORD}-collective",
        f"/search/?series={WORD}-feature",
        f"/search/?q={WORD[:-1]}",
        f"/search/suggest/?q={WORD[:5]}",
    )
    for tail in TAILS:
        yield f"/{day}/{article.slug}/{tail}"
        if article.published_on:
            yield f"{article.get_absolute_url()}{tail}"
    yield f"/{day}/{article.slug}/history/?from=1&to=1"
    yield f"/{day}/{article.slug}/history/?text=1"
    yield f"/2019/01/01/{article.slug}/"


def seen(client: Client, address: str) -> str:
    """What a reader gets, without the words that they asked for themselves."""
    page = client.get(address, follow=True)
    assert page.status_code in (200, 404, 410), address
    text = words_of(page.content) if address.endswith(".epub") and page.status_code == 200 else page.content.decode()
    asked = re.escape(address) + r"|value=\"[^\"]*\"|<title>Search: [^<]*</title>|<q>[^<]*</q>"
    return re.sub(asked, "", text)


def words_of(book: bytes) -> str:
    """All that stands in the files of a book, and their names."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return "\n".join(f"{name}\n{archive.read(name).decode('utf-8', 'ignore')}" for name in archive.namelist())


def today() -> str:
    return f"{timezone.localdate():%Y/%m/%d}"


def test_the_canary_sings_once_published(client: Client, alice: User, bob: User) -> None:
    """Else the tests below would pass on surfaces that show nothing at all."""
    article = with_canaries("published", alice, bob)
    day = f"{article.published_on:%Y/%m/%d}"
    silent = [
        a
        for a in surfaces(article, day)
        if WORD not in seen(client, a) and client.get(a, follow=True).status_code == 200
    ]
    # None of them names a piece, but for the record, and nothing was corrected yet.
    assert silent == [
        "/regions/", "/record/", "/search/", "/robots.txt", "/sitemap.xml", "/sitemap-regions-0.xml", "/sitemap-pages.xml",
    ]  # fmt: skip


@pytest.mark.parametrize("state", HIDDEN)
def test_nothing_of_a_hidden_piece_is_anywhere(client: Client, alice: User, bob: User, state: str) -> None:
    article = with_canaries(state, alice, bob)
    for address in surfaces(article, today()):
        assert WORD not in seen(client, address), address


@pytest.mark.parametrize("state", HIDDEN)
def test_a_hidden_piece_is_answered_like_one_that_never_was(client: Client, alice: User, bob: User, state: str) -> None:
    article = with_canaries(state, alice, bob)
    day = f"{article.published_on:%Y/%m/%d}" if article.published_on else today()
    for tail in TAILS:
        there = client.get(f"/{day}/{article.slug}/{tail}")
        nowhere = client.get(f"/{day}/there-is-no-such-piece/{tail}")
        assert there.status_code == nowhere.status_code == 404
        assert there.content == nowhere.content
        assert there.headers.items() == nowhere.headers.items()


@pytest.mark.parametrize("state", HIDDEN)
def test_counts_and_lists_do_not_know_of_a_hidden_piece(client: Client, alice: User, bob: User, state: str) -> None:
    """The pages are the same bytes with and without the piece, beside one that is public."""
    piece_in("published", author=alice, editor=bob, title="A public piece")
    lists = (
        "/",
        "/regions/",
        "/regions/japan/",
        "/topics/",
        "/authors/",
        "/authors/?letter=m",
        "/authors/alice-marlowe/",
        "/archive/",
        "/record/",
        *feeds("/"),
    )
    before = [client.get(address).content for address in lists]
    with_canaries(state, alice, bob)
    assert [client.get(address).content for address in lists] == before


def test_edits_of_a_published_piece_wait_unseen(client: Client, alice: User, bob: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    edit(
        article, bob, f"<p>The {WORD} sang.</p>{BODY}", title=f"The {WORD} sings", in_brief=f"A {WORD}.",
        lead_image=picture(caption=WORD, alt=WORD),
    )  # fmt: skip
    assert article.has_pending_edits
    for address in surfaces(article, f"{article.published_on:%Y/%m/%d}"):
        assert WORD not in seen(client, address), address
    assert "The <mark>tide</mark> tables of trade" in client.get("/search/?q=tide").content.decode()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_scheduled_piece_appears_by_itself(
    client: Client, alice: User, bob: User, time_machine: TimeMachineFixture, moment: str
) -> None:
    article = with_canaries("scheduled", alice, bob)
    time_machine.move_to(article.published_at + datetime.timedelta(seconds=-1 if moment == "before" else 1), tick=False)
    is_public = moment == "after"
    assert client.get(article.get_absolute_url()).status_code == (200 if is_public else 404)
    for address in (
        "/",
        *feeds("/"),
        *feeds("/regions/japan/"),
        "/regions/japan/",
        "/topics/",
        "/authors/",
        "/series/",
        f"/search/?q={WORD}",
        f"/topics/{WORD}-topic/",
    ):
        assert (WORD in seen(client, address)) is is_public, address


def test_a_piece_taken_down_is_gone_from_everywhere(client: Client, alice: User, bob: User) -> None:
    article = with_canaries("taken_down", alice, bob)
    for tail in TAILS:
        gone = client.get(f"{article.get_absolute_url()}{tail}")
        assert gone.status_code == 410
        assert WORD not in gone.content.decode()
    assert client.post(f"{article.get_absolute_url()}report/", {"text": "Oh"}).status_code == 410
    for address in surfaces(article, today()):
        assert WORD not in seen(client, address), address


def test_a_retracted_piece_keeps_its_page_and_leaves_the_lists(client: Client, alice: User, bob: User) -> None:
    article = with_canaries("retracted", alice, bob)
    for tail in TAILS:
        page = client.get(f"{article.get_absolute_url()}{tail}", follow=True)
        assert page.status_code == 200
        # Pages that there may not be are not linked to.
        assert f'href="/topics/{WORD}' not in page.content.decode()
        assert f'href="/authors/{WORD}' not in page.content.decode()
        assert f'href="/series/{WORD}' not in page.content.decode()
    for tail in ("", "print/", "history/"):
        page = client.get(f"{article.get_absolute_url()}{tail}").content.decode()
        assert "This piece was retracted on " in page
        assert "The data were invented." in page
        assert "Retracted:" in re.search("<title>([^<]*)</title>", page)[1]  # type: ignore[index]
    assert WORD in seen(client, "/record/")
    for address in surfaces(article, today()):
        if article.slug not in address and address != "/record/":
            assert WORD not in seen(client, address), address


def test_someone_signed_in_sees_what_everyone_sees(client: Client, alice: User, bob: User, mara: User) -> None:
    article = with_canaries("editing", alice, bob)
    public = [client.get(address).content for address in surfaces(article, today())]
    for person in (alice, bob, mara):
        client.force_login(person)
        assert [client.get(address).content for address in surfaces(article, today())] == public


def test_due_dates_and_notes_of_the_desk_stay_with_the_desk(client: Client, alice: User, bob: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    article.handling.due_on = in_days(3)
    article.handling.conflict_of_interest = f"{WORD} paid for it"
    article.handling.save()
    page = client.get(article.get_absolute_url()).content.decode()
    assert WORD not in page
    assert "Bob Redpen" not in page
