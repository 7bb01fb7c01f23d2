"""Help with spelling and suggestions: only what readers have is ever named, and what is offered finds something."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from articles import spelling
from articles.listing import relist
from articles.models import Article, Byline, SearchWord
from articles.spelling import keys_of, learn
from authors.models import Author
from tests.articles.shelf import published
from tests.cast import BODY, piece_in

pytestmark = pytest.mark.django_db


def offered(client: Client, query: str) -> str:
    text = client.get("/search/", {"q": query}).content.decode()
    found = re.search(r'Did you mean <a href="[^"]*" dir="auto">(.*?)</a>', text)
    return found[1] if found else ""


@pytest.fixture
def pieces(alice: User, bob: User) -> list[Article]:
    found = [
        published(alice, bob, title="Accessibility of harbours", body=f"<p>The government keeps it.</p>{BODY}"),
        published(alice, bob, title="Nguyễn and the Philippines"),
    ]
    learn(timezone.now(), 10)
    return found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("goverment", "government"), ("goverment harbors", "government harbours"), ("acessability", "Accessibility"),
        ("philipines", "Philippines"), ("Phillippines", "Philippines"), ("ngueyn", "Nguyễn"), ("marlove japan", "Marlowe japan"),
        ('"goverment keeps" -fish', '&quot;government keeps&quot; -fish'), ("zzzzqq", ""), ("tid", ""), ("2o26", ""), ("朝鮮", ""),
    ],
)  # fmt: skip
def test_slips_are_put_right(client: Client, pieces: list[Article], typed: str, meant: str) -> None:
    assert offered(client, typed).replace("&#x27;", "'") == meant


def test_what_is_offered_finds_something(client: Client, pieces: list[Article]) -> None:
    # Both words there are, but no piece has both.
    assert offered(client, "goverment Philipines") == ""
    text = client.get("/search/", {"q": "government nguyen"}).content.decode()
    assert 'href="?q=government+or+nguyen">Look for pieces with any of them</a>' in text


def test_words_of_what_is_hidden_are_never_offered(
    client: Client, pieces: list[Article], alice: User, bob: User
) -> None:
    """Whatever the table of words still holds: neither of a draft, nor of what was taken down or renamed since."""
    hidden = piece_in("scheduled", author=alice, editor=bob, title="The zyxocanary sings")
    relist(hidden)
    learn(timezone.now(), 10)
    assert not SearchWord.objects.filter(word="zyxocanary").exists()
    SearchWord.objects.create(word="zyxocanary", shown="zyxocanary", keys=keys_of("zyxocanary"))
    assert offered(client, "zyxocanery") == ""
    Article.objects.filter(pk=pieces[1].pk).update(status="taken_down", live=None, published_at=None)
    assert offered(client, "philipines") == ""
    relist(Article.objects.get(pk=pieces[1].pk))
    assert spelling.forget() > 0
    assert not SearchWord.objects.filter(word="philippines").exists()
    assert SearchWord.objects.filter(word="government").exists()


def test_a_name_that_nobody_bears_any_more_finds_its_author_and_is_never_offered(
    client: Client, pieces: list[Article], alice: User
) -> None:
    Byline.objects.filter(author__user=alice).update(name="Alice Okonkwo")
    Author.objects.filter(user=alice).update(family_name="Okonkwo", other_names="Alice Marlowe")
    for piece in pieces:
        relist(piece)
    learn(timezone.now(), 10)
    assert offered(client, "marlove japan") == ""
    assert offered(client, "okonkvo japan") == "Okonkwo japan"
    assert "2 pieces" in client.get("/search/", {"q": "marlowe"}).content.decode()
    spelling.forget()
    assert not SearchWord.objects.filter(word="marlowe").exists()


def test_learning_goes_on_where_it_stopped(pieces: list[Article]) -> None:
    assert learn(timezone.now(), 10) == 0
    # What has the same words as before has nothing to be learned.
    relist(pieces[0])
    assert learn(timezone.now(), 10) == 0
    pieces[0].tags.add("Ropes")
    relist(pieces[0])
    assert learn(timezone.now(), 10) == 1


def names(client: Client, typed: str) -> list[str]:
    answer = client.get("/search/suggest/", {"q": typed})
    assert answer.status_code == 200
    return [one["name"] for one in answer.json()["suggestions"]]


def test_suggestions_are_what_begins_so(client: Client, pieces: list[Article]) -> None:
    assert names(client, "jap") == ["Japan"]
    assert names(client, "east as") == ["East Asia"]
    assert names(client, "MARL")[0] == "Alice Marlowe"
    assert names(client, "access harb") == ["Accessibility of harbours"]
    assert names(client, "nguyê") == ["Nguyễn and the Philippines"]
    for odd in ("", "a", "%", "_", "'", "\\", "\x00", ":*", "the", "x" * 5000, "' | 'a", "zzzz"):
        assert names(client, odd) == [], odd


@pytest.mark.parametrize("typed", ["éner", "ener", "ENERGI", "energie du"])
def test_suggestions_come_however_accents_are_typed(client: Client, alice: User, bob: User, typed: str) -> None:
    published(alice, bob, tags=("Énergie du fleuve",))
    assert names(client, typed) == ["Énergie du fleuve"]


def test_an_author_is_suggested_by_the_name_in_its_own_script(
    client: Client, pieces: list[Article], alice: User
) -> None:
    Author.objects.filter(user=alice).update(native_name="李文涛")
    assert names(client, "李文") == ["Alice Marlowe"]


def test_nothing_hidden_is_suggested(client: Client, alice: User, bob: User) -> None:
    piece = piece_in("editing", author=alice, editor=bob, title="The zyxocanary sings")
    piece.tags.add("zyxocanary topic")
    relist(piece)
    for typed in ("zyxo", "alice", "jap"):
        assert names(client, typed) == []
