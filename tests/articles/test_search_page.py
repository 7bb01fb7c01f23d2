"""Search, as readers use and misuse it."""

import re

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from articles.models import Article
from articles.search import reindex, reindex_author
from articles.snippets import passage, read, snippet, terms_of
from authors.models import Author
from tests.articles.shelf import many, published
from tests.cast import BODY

pytestmark = pytest.mark.django_db


def found(client: Client, query: str, **params: object) -> list[str]:
    page = client.get("/search/", {"q": query, **params})
    assert page.status_code == 200
    assert "noindex" in page.content.decode()
    titles = re.findall(r'class="title"[^>]*><a href="[^"]*">(.*?)</a>', page.content.decode())
    return [re.sub("</?mark>", "", title) for title in titles]


def answer(client: Client, query: str) -> str:
    return client.get("/search/", {"q": query}).content.decode()


def test_found_by_title_text_people_and_places(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob, tags=("Quotas",))
    author = Author.objects.get(user=alice)
    author.other_names = "Zoë Khải\nAn Do"
    author.save()
    reindex_author(author.pk)
    for query in (
        "tide", "TIDES", "harbours", "paragraph", "marlowe", "japan", "east asia", "trade tables", '"tide tables"', "tide -mountain",
        "mountain or tide", "quota", "Zoë", "zoe", "Khai", "Khải", "an do", "marlowe harbours", "japan tariff marlowe", "tide\x00",
    ):  # fmt: skip
        assert found(client, query) == [article.live.title], query
    for query in (
        "mountain",
        "tide -harbours",
        "tide -marlowe",
        'tide -"trade"',
        '"tables tide"',
        "xyzzy",
        "bob redpen",
    ):
        assert found(client, query) == [], query
        assert "Nothing found" in client.get("/search/", {"q": query}).content.decode()


def test_a_renamed_author_is_found_by_the_new_name_at_once(client: Client, alice: User, bob: User) -> None:
    published(alice, bob)
    author = Author.objects.get(user=alice)
    author.family_name = "Hawthorne"
    author.save()
    reindex_author(author.pk)
    assert found(client, "hawthorne")


def test_words_that_find_nothing_are_named_as_such(client: Client, alice: User, bob: User) -> None:
    published(alice, bob)
    published(alice, bob, title="Nothing of the sort", body="<p>Nor here.</p>")
    assert "“the” is too common to search for. Add another word." in answer(client, "the")
    assert "“Thé” is too common" in answer(client, "Thé")
    assert "No piece has" in answer(client, "xyzzy the")
    assert "The words of “the of” are too common" in answer(client, "the of")
    assert "“don&#x27;t” is too common" in answer(client, "don't")
    for query in ('"', "%", "🦜", "_", "--"):
        page = answer(client, query)
        assert "There is no word in" in page, query
        assert "No piece has" not in page, query
    assert "A minus before a word leaves out" in answer(client, "-tide")
    assert "No piece has" in answer(client, "xyzzy")


def test_what_only_excludes_narrows_a_list_alone(client: Client, alice: User, bob: User) -> None:
    published(alice, bob)
    published(alice, bob, title="Nothing of the sort", body="<p>Nor here.</p>")
    assert found(client, "-tide") == []
    assert found(client, "-tide", region="japan") == ["Nothing of the sort"]


def test_quotation_marks_are_only_spoken_of_where_some_were_typed(client: Client, alice: User, bob: User) -> None:
    published(alice, bob)
    assert "quotation marks" not in answer(client, "xyzzy")
    assert "leave out quotation marks" in answer(client, '"tables tide"')


def test_titles_are_marked_and_stay_text(client: Client, alice: User, bob: User) -> None:
    published(alice, bob, title="<i>Tide</i> & quota")
    page = answer(client, "tide quota")
    assert "&lt;i&gt;<mark>Tide</mark>&lt;/i&gt; &amp; <mark>quota</mark>" in page


def test_words_of_the_text_alone_are_shown_where_they_stand(client: Client, alice: User, bob: User) -> None:
    body = f"{BODY}<h2>Far below</h2><p>In <em>Nuku’alofa</em> &lt;b&gt; a café keeps the ledgers of the harbour.</p>{BODY}"
    published(alice, bob, body=body)
    page = answer(client, "CAFE the ledger")
    assert (
        "Far below: In Nuku’alofa &lt;b&gt; a <mark>café</mark> keeps the <mark>ledgers</mark> of the harbour." in page
    )
    assert "Harbours change slowly" not in page
    # What the In Brief or the title shows needs no other place.
    assert "<mark>Harbours</mark> change slowly" in answer(client, "harbour ledger")
    assert "Harbours change slowly" in answer(client, "tide tables")
    assert "Harbours change slowly" in answer(client, "japan")


ODD = (
    "", "   ", "the", "the of and", "?!", '"', '"""', '"unbalanced', "'", "-", "- -", "a" * 5000, "word " * 500, "\x00", "tide\x00", "\ud800",
    "%", "\\", "';--", "<script>alert(1)</script>", ":*", "&|!()", "OR OR", "한국", "🦜", "\u202e", "-tide", "日本's", "'日本'日本 or tide", "日本's or korea", "-a " * 200, "a-b-c", '-"', "tide:*",
)  # fmt: skip


def test_any_query_gets_an_answer(client: Client, alice: User, bob: User) -> None:
    published(alice, bob)
    for query in ODD:
        page = client.get("/search/", {"q": query.encode("utf-8", "surrogatepass")})
        assert page.status_code == 200, query
        assert "<script>alert" not in page.content.decode()


def test_an_empty_search_invites(client: Client, db: None) -> None:
    assert "What are you looking for?" in client.get("/search/").content.decode()


def test_results_come_in_pages(client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("articles.views.search.PAGE", 2)
    many(3, alice, bob)
    first, second = found(client, "piece"), found(client, "piece", page=2)
    assert (len(first), len(second)) == (2, 1)
    assert not set(first) & set(second)
    assert "3 pieces" in client.get("/search/", {"q": "piece"}).content.decode()
    assert "?q=piece&amp;page=2" in client.get("/search/", {"q": "piece"}).content.decode()
    for page in ("3", "99999999999999999999", "25"):
        assert found(client, "piece", page=page) == []
        assert "No more results" in client.get("/search/", {"q": "piece", "page": page}).content.decode()
    for page in ("0", "-1", "x", "", "1.5", "١"):
        assert found(client, "piece", page=page) == first


def snippet_of(text: str, terms: frozenset[str]) -> str:
    return snippet(read(text, terms))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("The tide turns", "tide", "The <mark>tide</mark> turns"),
        ("Tides turn", "tide", "<mark>Tides</mark> turn"),
        ("Elections and an election", "elections", "<mark>Elections</mark> and an <mark>election</mark>"),
        ("Nguyễn Thị Minh Khải wrote", "khai nguyen", "<mark>Nguyễn</mark> Thị Minh <mark>Khải</mark> wrote"),
        ("Café life", "CAFE", "<mark>Café</mark> life"),
        ("A plain text", "absent", "A plain text"),
        ("Tea or coffee", "tea or rice", "<mark>Tea</mark> or coffee"),
        ("Tea and coffee", "tea -coffee", "<mark>Tea</mark> and coffee"),
        ("Tea and black coffee", 'tea -"black coffee"', "<mark>Tea</mark> and black coffee"),
        ("<b>Tide</b> & <script>", "tide script b", "&lt;<mark>b</mark>&gt;<mark>Tide</mark>&lt;/<mark>b</mark>&gt; &amp; &lt;<mark>script</mark>&gt;"),
        ("Kim–Trump summit", "trump", "Kim–<mark>Trump</mark> summit"),
        ("People’s rights", "people", "<mark>People’s</mark> rights"),
        ("", "tide", ""),
        ("Nothing asked", "", "Nothing asked"),
    ],
)  # fmt: skip
def test_what_was_asked_for_is_marked(text: str, query: str, expected: str) -> None:
    assert snippet_of(text, terms_of(query)) == expected


def test_a_long_text_is_cut_round_the_first_hit() -> None:
    text = "filler " * 200 + "the needle lies here " + "filler " * 200
    cut = snippet_of(text, terms_of("needle"))
    assert "<mark>needle</mark>" in cut
    assert len(cut) < 480
    assert cut.startswith("… ")
    assert cut.endswith(" …")
    assert "<mark>" not in snippet_of("filler " * 200, terms_of("needle"))


def test_a_passage_is_from_where_most_of_the_words_stand() -> None:
    text = f"{'filler ' * 100}needle {'filler ' * 100}a needle in the hay {'filler ' * 100}"
    cut = passage(text, terms_of("needle hay"))
    assert "a <mark>needle</mark> in the <mark>hay</mark> filler" in cut
    assert len(cut) < 300
    assert passage(text, terms_of("absent")) == passage("", terms_of("x")) == passage(text, frozenset()) == ""


@given(
    st.lists(st.sampled_from(["trade", "Trade’s", "l'été", "O'Brien", "İz", "ﬁsh", "café", "cafe\u0301", "мир", "朝鮮半島", "abc東京", "x_trade", "untrade", "(war)", "tra\u200dde", "policies", "no"])),
    st.sampled_from(["trade", "o'brien", "fish cafe", "мир no", "朝鮮 policy", "ete brien", "iz", "war 東京"]),
    st.sampled_from([" ", "-", "", "— "]),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_no_word_is_passed_over(parts: list[str], query: str, between: str) -> None:
    """Words are looked at where they may be what was asked for; all of them are where letters of another script stand about."""
    text, terms = between.join(parts), terms_of(query)
    among_others = read(f"{text} {'ж' * 10 * len(text)}", terms)
    assert read(text, terms).hits == among_others.hits


@pytest.mark.parametrize("text", ["x" * 2000, "x" * 2000 + " needle", "needle " * 300, "needle" + "x" * 2000])
def test_odd_long_texts_are_cut_without_harm(text: str) -> None:
    for cut in (snippet_of, passage):
        assert len(re.sub("</?mark>", "", cut(text, terms_of("needle")))) <= 2100


SCRIPTS = [
    ("ja", "朝鮮半島の平和は遠い", ("朝鮮半島", "平和", "半", "“朝鮮半島”", "平和 朝鮮")),
    ("zh-Hans", "2020年中国经济展望", ("中国经济", "2020年", "经济", "中国 -日本")),
    ("ko", "한국의 에너지 정책", ("한국", "한국의", "정책", "에너지 정책")),
    ("th", "เศรษฐกิจไทยในปีหน้า", ("เศรษฐกิจ", "ไทย", "เศรษฐกิจไทย")),
    ("km", "សេដ្ឋកិច្ចកម្ពុជា", ("កម្ពុជា",)),
    ("ar", "مستقبل الطاقة في آسيا", ("الطاقة", "آسيا", "اسيا")),
    ("hi", "एशिया में ऊर्जा की राजनीति", ("ऊर्जा", "राजनीति")),
    ("vi", "Tương lai của Việt Nam", ("Việt Nam", "viet nam", "tuong lai")),
    ("fr", "L’été des élections à Séoul", ("été", "elections", "l'ete", "Seoul")),
    ("ru", "Будущее Азии: ёлка", ("будущее", "елка")),
]


@pytest.mark.parametrize(("language", "title", "queries"), SCRIPTS)
def test_every_script_is_found_and_marked(
    client: Client, alice: User, bob: User, language: str, title: str, queries: tuple[str, ...]
) -> None:
    article = published(alice, bob, title=title)
    Article.objects.filter(pk=article.pk).update(language=language)
    reindex(Article.objects.get(pk=article.pk))
    for query in queries:
        assert found(client, query) == [title], query
        assert "<mark>" in answer(client, query), query


def test_a_name_in_its_own_script_is_found(client: Client, alice: User, bob: User) -> None:
    article = published(alice, bob)
    Author.objects.filter(user=alice).update(other_names="朴槿惠\n박근혜")
    reindex_author(Author.objects.get(user=alice).pk)
    for query in ("朴槿惠", "박근혜", "alice marlowe"):
        assert found(client, query) == [article.live.title], query


def test_the_longest_text_of_any_script_can_be_indexed(alice: User, bob: User) -> None:
    letters = "".join(chr(0x4E00 + place * 7919 % 20000) for place in range(120_000))
    article = published(alice, bob, title="Long", body=f"<p>{letters}</p>")
    assert article.search.public


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("朝鮮半島の平和", "朝鮮半島", "<mark>朝鮮半島</mark>の平和"),
        ("北朝鮮と朝鮮半島", "朝鮮 半島", "北<mark>朝鮮</mark>と<mark>朝鮮半島</mark>"),
        ("한국의 정책", "한국", "<mark>한국</mark>의 정책"),
        ("हिन्दी में", "हिन्दी", "<mark>हिन्दी</mark> में"),
        ("می‌شود", "می‌شود", "<mark>می‌شود</mark>"),
    ],
)
def test_words_without_spaces_are_marked_where_they_stand(text: str, query: str, expected: str) -> None:
    assert snippet_of(text, terms_of(query)) == expected


def test_a_long_text_without_spaces_is_cut() -> None:
    text = "平" * 900 + "朝鮮" + "和" * 900
    for cut in (snippet_of(text, terms_of("朝鮮")), passage(text, terms_of("朝鮮"))):
        assert "<mark>朝鮮</mark>" in cut
        assert len(cut) < 480
