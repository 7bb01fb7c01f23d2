"""The entry of a piece in lists of references, as APA 7, Chicago 17 and MLA 9 write it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.citations import cited
from articles.citations.people import initials
from articles.citations.styles import apa, chicago, mla, plain
from articles.metadata import Metadata, Translation
from tests.articles.references import ADA, ALICE, IN_ISSUE, SCRIPTS, house, nobody_special, person, reference

URL = "https://harbour.example/2020/01/25/the-tide-tables-of-trade/"
BARE = URL.removeprefix("https://")


def in_all(metadata: Metadata) -> tuple[str, str, str]:
    return apa(metadata), chicago(metadata), mla(metadata)


def test_one_author() -> None:
    assert in_all(reference(ALICE)) == (
        f"Marlowe, A. (2020, January 25). The tide tables of trade. <i>Harbour Review</i>. {URL}",
        f"Marlowe, Alice. “The tide tables of trade.” <i>Harbour Review</i>, January 25, 2020. {URL}.",
        f"Marlowe, Alice. “The tide tables of trade.” <i>Harbour Review</i>, 25 Jan. 2020, {BARE}.",
    )


def test_two_authors() -> None:
    assert in_all(reference(ALICE, ADA)) == (
        f"Marlowe, A., &amp; Byron, A. K. (2020, January 25). The tide tables of trade. <i>Harbour Review</i>. {URL}",
        f"Marlowe, Alice, and Ada K Byron. “The tide tables of trade.” <i>Harbour Review</i>, January 25, 2020. {URL}.",
        f"Marlowe, Alice, and Ada K Byron. “The tide tables of trade.” <i>Harbour Review</i>, 25 Jan. 2020, {BARE}.",
    )


def test_an_essay_of_an_issue_has_volume_number_and_doi() -> None:
    doi = "https://doi.org/10.59425/eabc.1755295200"
    assert in_all(reference(ALICE, **IN_ISSUE)) == (
        f"Marlowe, A. (2020). The tide tables of trade. <i>Harbour Review</i>, <i>12</i>(3). {doi}",
        f"Marlowe, Alice. “The tide tables of trade.” <i>Harbour Review</i> 12, no. 3 (2020). {doi}.",
        f"Marlowe, Alice. “The tide tables of trade.” <i>Harbour Review</i>, vol. 12, no. 3, 25 Jan. 2020, {doi}.",
    )


@pytest.mark.parametrize(
    ("volume", "issue", "expected"),
    [
        ("", "3", ("<i>Harbour Review</i>, (3).", "<i>Harbour Review</i>, no. 3 (2020).", "<i>Harbour Review</i>, no. 3, 25")),
        ("12", "", ("<i>Harbour Review</i>, <i>12</i>.", "<i>Harbour Review</i> 12 (2020).", "Review</i>, vol. 12, 25 Jan.")),
        ("", "", ("<i>Harbour Review</i>.", "<i>Harbour Review</i>, January 25, 2020.", "<i>Harbour Review</i>, 25 Jan.")),
    ],
)  # fmt: skip
def test_an_issue_without_one_or_both_numbers(volume: str, issue: str, expected: tuple[str, ...]) -> None:
    for entry, part in zip(
        in_all(reference(ALICE, is_in_issue=True, volume=volume, issue=issue)), expected, strict=True
    ):
        assert part in entry


# --- How many -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "in_apa", "in_chicago", "in_mla"),
    [(1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 1), (7, 7, 7, 1), (10, 10, 10, 1), (11, 11, 7, 1), (20, 20, 7, 1), (21, 20, 7, 1), (300, 20, 7, 1)],
)  # fmt: skip
def test_as_many_authors_as_the_style_names(count: int, in_apa: int, in_chicago: int, in_mla: int) -> None:
    entries = in_all(reference(*nobody_special(count)))
    assert [len(set(re.findall(r"Aut[a-z]{3}", entry))) for entry in entries] == [in_apa, in_chicago, in_mla]
    for entry, is_cut in zip(entries, (False, in_chicago < count, in_mla < count), strict=True):
        assert ("et al." in entry) is is_cut
    assert (", . . . " in entries[0]) is (count > 20)
    assert (", &amp; " in entries[0]) is (1 < count <= 20)


def test_beyond_twenty_apa_gives_nineteen_and_the_last() -> None:
    entry = apa(reference(*nobody_special(300)))
    assert "Autabi, G. M., . . . Autcjj, G. M. (2020" in entry
    assert "Autabj" not in entry


def test_beyond_ten_chicago_gives_seven() -> None:
    entry = chicago(reference(*nobody_special(11)))
    assert entry.startswith("Autaaa, Given Middle, Given Middle Autaab, ")
    assert "Given Middle Autaag, et al. “The tide" in entry


# --- Names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "in_apa", "in_chicago"),
    [
        (person("Armstrong", "Charles K"), "Armstrong, C. K. (", "Armstrong, Charles K. “"),
        (person("van der Berg", "Jan"), "van der Berg, J. (", "van der Berg, Jan. “"),
        (person("King", "Martin Luther Jr"), "King, M. L., Jr. (", "King, Martin Luther, Jr. “"),
        (person("King Jr.", "Martin Luther"), "King, M. L., Jr. (", "King, Martin Luther, Jr. “"),
        (person("Davis", "Sammy III"), "Davis, S., III. (", "Davis, Sammy, III. “"),
        (person("Li", "Wentao", is_family_first=True), "Li, W. (", "Li Wentao. “"),
        (person("李", "文涛", is_family_first=True), "李文涛. (", "李文涛. “"),
        (person("山田", "花子", is_family_first=True), "山田花子. (", "山田花子. “"),
        (person("محفوظ", "نجيب"), "<bdi>نجيب محفوظ</bdi>. (", "<bdi>نجيب محفوظ</bdi>. “"),
        (person("शर्मा", "अनीता"), "अनीता शर्मा. (", "अनीता शर्मा. “"),
        (person("Чехов", "Антон Павлович"), "Чехов, А. П. (", "Чехов, Антон Павлович. “"),
        (house("The Editorial Board"), "The Editorial Board. (", "The Editorial Board. “"),
        (house("Team & Co."), "Team &amp; Co. (", "Team &amp; Co. “"),
        (person("O’Neill", "D’Arcy"), "O’Neill, D. (", "O’Neill, D’Arcy. “"),
    ],
)  # fmt: skip
def test_names(who: object, in_apa: str, in_chicago: str) -> None:
    metadata = reference(who)  # type: ignore[arg-type]
    assert apa(metadata).startswith(in_apa)
    assert chicago(metadata).startswith(in_chicago)
    assert mla(metadata).startswith(in_chicago)


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("Charles K", "C. K."), ("Jean-Paul", "J.-P."), ("J.R.R.", "J. R. R."), ("J. R. R.", "J. R. R."), ("Ya-Wen", "Y.-W."),
        ("Émile", "É."), ("’Abd", "A."), ("", ""), ("E\N{COMBINING ACUTE ACCENT}mile", "É."), ("X-", "X."),
    ],
)  # fmt: skip
def test_initials(given_name: str, expected: str) -> None:
    assert initials(given_name) == expected


def test_who_turned_it_into_the_language_and_who_asked_the_questions() -> None:
    metadata = reference(ALICE, person("Byron", "Ada", role="translator"), person("Ferro", "Ines", role="interviewer"))
    first, second, third = in_all(metadata)
    assert "The tide tables of trade (A. Byron, Trans.; I. Ferro, Interviewer). <i>" in first
    assert "trade.” Translated by Ada Byron. Interview by Ines Ferro. <i>" in second
    assert "trade.” Interview by Ines Ferro, translated by Ada Byron, <i>" in third


def test_editors_alone_stand_where_authors_would() -> None:
    metadata = reference(person("Marlowe", "Alice", role="editor"), person("Byron", "Ada", role="editor"))
    assert apa(metadata).startswith("Marlowe, A., &amp; Byron, A. (Eds.). (2020")
    assert chicago(metadata).startswith("Marlowe, Alice, and Ada Byron, eds. “")
    assert mla(metadata).startswith("Marlowe, Alice, and Ada Byron, editors. “")


def test_without_anybody_the_title_comes_first_and_for_chicago_the_publication() -> None:
    assert in_all(reference()) == (
        f"The tide tables of trade. (2020, January 25). <i>Harbour Review</i>. {URL}",
        f"<i>Harbour Review</i>. “The tide tables of trade.” January 25, 2020. {URL}.",
        f"“The tide tables of trade.” <i>Harbour Review</i>, 25 Jan. 2020, {BARE}.",
    )


# --- Titles ---------------------------------------------------------------------------------------


def test_a_retracted_piece_says_so() -> None:
    entries = in_all(reference(ALICE, is_retracted=True))
    assert [entry.count("[Retracted].") for entry in entries] == [1, 1, 1]
    assert "trade [Retracted]. <i>" in entries[0]
    assert "trade.” [Retracted]. <i>" in entries[1]


@pytest.mark.parametrize(
    ("title", "in_apa", "in_chicago"),
    [
        ("Will it last?", "Will it last? <i>", "“Will it last?” <i>"),
        ("It “will” last", "It “will” last. <i>", "“It ‘will’ last.” <i>"),
        ('Say "when"', "Say &quot;when&quot;. <i>", "“Say ‘when’.” <i>"),
        ("A <b>bold</b> move & more", "A &lt;b&gt;bold&lt;/b&gt; move &amp; more. <i>", "“A &lt;b&gt;bold&lt;/b&gt; move &amp; more.” <i>"),
        ("The year (2020)", "The year (2020). <i>", "“The year (2020).” <i>"),
    ],
)  # fmt: skip
def test_titles_end_once_and_nest_their_quotation_marks(title: str, in_apa: str, in_chicago: str) -> None:
    metadata = reference(ALICE, title=title)
    assert in_apa in apa(metadata)
    assert in_chicago in chicago(metadata)


def test_a_title_in_another_language_is_marked_and_explained_by_its_translation() -> None:
    metadata = reference(
        person("김", "민준", is_family_first=True),
        title="무역의 조수",
        language="ko",
        translations=[Translation("fr", "u", "Marées"), Translation("en-GB", "u", "Tides of trade", is_original=True)],
    )
    first, second, third = in_all(metadata)
    assert '김민준. (2020, January 25). <bdi lang="ko">무역의 조수</bdi> [Tides of trade]. <i>' in first
    assert '“<bdi lang="ko">무역의 조수</bdi> [Tides of trade].” <i>' in second
    assert '“<bdi lang="ko">무역의 조수</bdi> [Tides of trade].” <i>' in third


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_whole_in_every_style(script: str) -> None:
    language, title, family, given_name, is_first = SCRIPTS[script]
    metadata = reference(person(family, given_name, is_family_first=is_first), title=title, language=language)
    for citation in cited(metadata):
        text = plain(citation.html)
        assert title in text
        assert family in text
        assert "2020" in text
        assert "/<wbr>" in citation.on_page
        assert plain(citation.on_page) == text


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20)), max_size=4),
    st.text(min_size=1, max_size=40),
    st.text(min_size=1, max_size=20),
)
def test_any_text_is_text(names: list[tuple[str, str]], title: str, publication: str) -> None:
    """Nothing that somebody typed becomes markup."""
    metadata = reference(*(person(*name) for name in names), title=title, publication=publication)
    for citation in cited(metadata):
        assert set(re.findall(r"<[^>]*>", citation.html)) <= {"<i>", "</i>", "<bdi>", "</bdi>"}
        assert citation.on_page.replace("<wbr>", "") == citation.html
