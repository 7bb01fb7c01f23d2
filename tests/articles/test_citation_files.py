"""What programs for references read in the files that we write: BibTeX, RIS, CSL-JSON, in any script."""

import datetime
import json
import re
import string
from typing import Any

import bibtexparser
import pytest
import rispy
from bibtexparser import middlewares
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import example, given
from hypothesis import strategies as st

from articles.citations import bibtex, csl, ris
from articles.citations.keys import one_line
from articles.metadata import Contributor, Metadata
from articles.pieces import Link
from tests.articles.references import ADA, ALICE, IN_ISSUE, SCRIPTS, house, nobody_special, person, reference

TODAY = datetime.date(2026, 11, 30)
COUNTS = (1, 2, 3, 7, 21, 300)


# --- BibTeX ---------------------------------------------------------------------------------------


def bib(metadata: Metadata) -> Any:
    """The one entry, as bibtexparser reads it: names apart, LaTeX undone."""
    library = bibtexparser.parse_string(
        bibtex.write(metadata, TODAY),
        append_middleware=[middlewares.SeparateCoAuthors(), middlewares.SplitNameParts(), middlewares.LatexDecodingMiddleware()],
    )  # fmt: skip
    assert library.failed_blocks == []
    assert len(library.entries) == 1
    return library.entries[0]


def bib_names(metadata: Metadata, field: str = "author") -> list[tuple[str, str, str, str]]:
    return [tuple(" ".join(part) for part in (one.von, one.last, one.jr, one.first)) for one in bib(metadata)[field]]  # type: ignore[misc]


def test_a_piece_of_the_site_is_online() -> None:
    assert (
        bibtex.write(reference(ALICE, ADA), TODAY)
        == """\
@online{harbour-review-412,
  author = {Marlowe, Alice and Byron, Ada K},
  title = {The tide tables of trade},
  organization = {Harbour Review},
  date = {2020-01-25},
  issn = {1837-5081},
  url = {https://harbour.example/2020/01/25/the-tide-tables-of-trade/},
  urldate = {2026-11-30},
  langid = {english},
  keywords = {Japan, East Asia, Trade},
  abstract = {Harbours change slowly. Then all at once.},
}
"""
    )


def test_an_essay_of_an_issue_is_an_article() -> None:
    entry = bib(reference(ALICE, **IN_ISSUE))
    assert entry.entry_type == "article"
    wanted = {"journal": "Harbour Review", "year": "2020", "month": "jan", "volume": "12", "number": "3", "issn": "1837-5081",
              "issuetitle": "Islands", "doi": "10.59425/eabc.1755295200", "publisher": "Tidewater University Press"}  # fmt: skip
    assert {name: entry[name] for name in wanted} == wanted
    assert "date" not in entry


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("How ASEAN met the Kim–Trump summit", "How {ASEAN} met the {Kim–Trump} summit"),
        ("ASEAN at fifty", "{ASEAN} at fifty"),
        ("‘Make in India’ and the iPhone", "‘Make in {India’} and the {iPhone}"),
        ("50% & more_of #1 for $2", r"50\% \& more\_of \#1 for \$2"),
        (r"a\b {c} d~e f^g", r"a\textbackslash{}b \textbraceleft{}c\textbraceright{} d\textasciitilde{}e f\textasciicircum{}g"),
    ],
)  # fmt: skip
def test_names_in_titles_keep_their_capitals_and_nothing_is_a_command(title: str, written: str) -> None:
    assert f"  title = {{{written}}},\n" in bibtex.write(reference(ALICE, title=title), TODAY)
    # pylatexenc reads \\textasciicircum as the modifier letter.
    read = bib(reference(ALICE, title=title))["title"].replace("ˆ", "^")
    assert re.sub("[{}]", "", read) == re.sub("[{}]", "", title)


def test_a_title_in_another_language_keeps_all_its_capitals() -> None:
    text = bibtex.write(reference(ALICE, title="Die Häfen der Welt", language="de"), TODAY)
    assert "  title = {{Die Häfen der Welt}},\n" in text
    assert "  langid = {german},\n" in text
    assert "  language = {bo},\n" in bibtex.write(reference(ALICE, language="bo"), TODAY)


@pytest.mark.parametrize(
    ("who", "parts"),
    [
        (ALICE, ("", "Marlowe", "", "Alice")),
        (person("van der Berg", "Jan"), ("van der", "Berg", "", "Jan")),
        (person("King Jr.", "Martin Luther"), ("", "King", "Jr.", "Martin Luther")),
        (person("García Márquez", "Gabriel"), ("", "García Márquez", "", "Gabriel")),
        (person("李", "文涛", is_family_first=True), ("", "李", "", "文涛")),
        (house("The Editorial Board"), ("", "The Editorial Board", "", "")),
        (house("Trade and Sons, Ltd"), ("", "Trade and Sons, Ltd", "", "")),
        (Contributor("Plato"), ("", "Plato", "", "")),
    ],
)
def test_names_come_apart(who: Contributor, parts: tuple[str, ...]) -> None:
    # The parser leaves the braces that keep a name whole.
    for people in ([who], [ADA, who], [who, ADA]):
        found = bib_names(reference(*people))[people.index(who)]
        assert tuple(part.strip("{}") for part in found) == parts


def test_a_house_stands_in_double_braces() -> None:
    assert "  author = {{The Editorial Board}},\n" in bibtex.write(reference(house("The Editorial Board")), TODAY)


@pytest.mark.parametrize("count", COUNTS)
def test_bibtex_names_everybody(count: int) -> None:
    people = nobody_special(count)
    assert [last for _, last, _, _ in bib_names(reference(*people))] == [one.family for one in people]


def test_roles_and_retraction_in_bibtex() -> None:
    metadata = reference(
        ALICE,
        person("Byron", "Ada", role="translator"),
        person("Ferro", "Ines", role="editor"),
        person("Quill", "Mara", role="interviewer"),
        is_retracted=True,
    )
    assert bib_names(metadata, "translator") == [("", "Byron", "", "Ada")]
    assert bib_names(metadata, "editor") == [("", "Ferro", "", "Ines")]
    assert bib(metadata)["note"] == "Retracted; Interview by Mara Quill"


@pytest.mark.parametrize("script", SCRIPTS)
def test_bibtex_in_every_script(script: str) -> None:
    language, title, family, given_name, is_first = SCRIPTS[script]
    metadata = reference(person(family, given_name, is_family_first=is_first), title=title, language=language)
    entry = bib(metadata)
    assert entry["title"].replace("{", "").replace("}", "") == title
    assert bib_names(metadata) == [("", family, "", given_name)]
    assert set(entry.key) <= set(string.ascii_lowercase + string.digits + "-")


TEXTS = st.text(min_size=1, max_size=60).filter(one_line)


@example("a } b")
@example("{{{")
@example("\\")
@example("100% \\% %")
@example("@article{x, title = {y}}")
@given(TEXTS)
def test_any_text_is_one_field_of_bibtex(text: str) -> None:
    """The entry has the same fields whatever stands in them, and its braces are even."""
    names = {field.key for field in bib(reference(ALICE, publication="P")).fields}
    metadata = reference(ALICE, title=text, in_brief=text, publisher=text, topics=[Link(text.replace(",", ""))])
    written = bibtex.write(metadata, TODAY)
    assert {field.key for field in bib(metadata).fields} == names
    assert written.count("{") == written.count("}")
    assert len(written.splitlines()) == len(bibtex.write(reference(ALICE), TODAY).splitlines())


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_bibtex_counts_authors_of_any_name(names: list[tuple[str, str]]) -> None:
    written = bibtex.write(reference(*(person(*name) for name in names)), TODAY)
    field = re.search(r"^  author = \{(.*)\},$", written, re.MULTILINE)
    assert field is not None
    assert len(middlewares.names.split_multiple_persons_names(field[1])) == len(names)


def test_the_key_is_that_of_the_piece_alone() -> None:
    """What is corrected in it does not change what others call it in their papers."""
    key = bib(reference(ALICE)).key
    assert bib(reference(ADA, title="Another", published_on=datetime.date(2021, 1, 1))).key == key
    assert bib(reference(ALICE, pk=413)).key != key
    assert bib(reference(ALICE, publication="東亞論壇")).key == "dong-ya-lun-tan-412"


# --- RIS ------------------------------------------------------------------------------------------


def ris_of(metadata: Metadata) -> dict[str, Any]:
    records = rispy.loads(ris.write(metadata, TODAY))
    assert len(records) == 1
    return dict(records[0])


def test_a_piece_in_ris() -> None:
    assert ris.write(reference(ALICE, ADA), TODAY).split("\r\n") == [
        "TY  - MGZN",
        "AU  - Marlowe, Alice",
        "AU  - Byron, Ada K",
        "TI  - The tide tables of trade",
        "T2  - Harbour Review",
        "PY  - 2020",
        "DA  - 2020/01/25",
        "SN  - 1837-5081",
        "UR  - https://harbour.example/2020/01/25/the-tide-tables-of-trade/",
        "AB  - Harbours change slowly. Then all at once.",
        "KW  - Japan",
        "KW  - East Asia",
        "KW  - Trade",
        "PB  - Tidewater University Press",
        "LA  - en",
        "ER  - ",
        "",
    ]


def test_an_essay_of_an_issue_in_ris() -> None:
    found = ris_of(reference(ALICE, **IN_ISSUE))
    wanted = {"type_of_reference": "JOUR", "volume": "12", "number": "3", "doi": "10.59425/eabc.1755295200"}
    assert {name: found[name] for name in wanted} == wanted


def test_roles_and_retraction_in_ris() -> None:
    found = ris_of(
        reference(ALICE, person("Byron", "Ada", role="translator"), person("King Jr", "Ines", role="editor"), is_retracted=True)
    )  # fmt: skip
    assert found["subsidiary_authors"] == ["Byron, Ada"]
    assert found["title"] == "[Retracted] The tide tables of trade"
    assert "Retracted" in found["notes"]
    written = ris.write(reference(person("King Jr", "Ines", role="editor")), TODAY)
    assert "\r\nED  - King, Ines, Jr\r\n" in written


def test_no_asterisk_and_no_comma_but_its_own() -> None:
    metadata = reference(
        house("Stars* and Sons, Ltd"), person("A*b", "C, D"), publication="The *Review*", topics=[Link("Key*word")]
    )
    found = ris_of(metadata)
    assert found["authors"] == ["Stars and Sons Ltd", "A b, C D"]
    assert found["secondary_title"] == "The Review"
    assert found["keywords"][-1] == "Key word"


@pytest.mark.parametrize("count", COUNTS)
def test_ris_names_everybody(count: int) -> None:
    people = nobody_special(count)
    assert ris_of(reference(*people))["authors"] == [one.inverted for one in people]


@pytest.mark.parametrize("script", SCRIPTS)
def test_ris_in_every_script(script: str) -> None:
    language, title, family, given_name, is_first = SCRIPTS[script]
    found = ris_of(reference(person(family, given_name, is_family_first=is_first), title=title, language=language))
    assert found["title"] == title
    assert found["authors"] == [f"{family}, {given_name}"]
    assert found["language"] == language


@example("ER  - ")
@example("a\r\nER  - \r\nTY  - JOUR")
@example("a\x85b\u2028c")
@given(TEXTS)
def test_any_text_is_one_line_of_ris(text: str) -> None:
    """By the specification: each line a tag of two characters, two spaces, a hyphen and a space; TY first, ER last."""
    written = ris.write(reference(ALICE, title=text, in_brief=text, publisher=text), TODAY)
    *lines, rest = written.split("\r\n")
    assert rest == ""
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)
    assert (lines[0], lines[-1]) == ("TY  - MGZN", "ER  - ")
    assert [line[:2] for line in lines].count("ER") == 1
    assert not re.search(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "".join(lines))
    assert f"TI  - {one_line(text)}" in lines


# --- CSL-JSON -------------------------------------------------------------------------------------

# From csl-data.json (version 1.0.2): the properties that we write, and of what kind each must be. Neither an item nor a name
# may have others than the schema knows.
STRINGS = {
    "id", "title", "container-title", "collection-title", "DOI", "ISSN", "URL", "abstract", "language", "publisher", "keyword", "note",
    "volume", "issue",
}  # fmt: skip
NAMES = {"author", "editor", "translator", "interviewer"}
PARTS = {
    "family", "given", "dropping-particle", "non-dropping-particle", "suffix", "comma-suffix", "static-ordering", "literal",
    "parse-names",
}  # fmt: skip


def csl_of(metadata: Metadata) -> dict[str, Any]:
    """The one item, held against the schema."""
    items = json.loads(csl.write(metadata, TODAY))
    assert isinstance(items, list)
    assert len(items) == 1
    item: dict[str, Any] = items[0]
    assert {"type", "id"} <= set(item) <= STRINGS | NAMES | {"type", "issued"}
    assert item["type"] in ("article-magazine", "article-journal")
    assert {name for name in STRINGS & set(item) if not isinstance(item[name], str)} == set()
    for one in (one for name in NAMES & set(item) for one in item[name]):
        assert one
        assert set(one) <= PARTS
        assert all(isinstance(part, str) for part in one.values())
    assert set(item["issued"]) == {"date-parts"}
    assert all(isinstance(part, int) for day in item["issued"]["date-parts"] for part in day)
    return item


def test_a_piece_in_csl() -> None:
    assert csl_of(reference(ALICE, person("van der Berg", "Jan"), house("The Editorial Board"))) == {
        "id": "harbour-review-412",
        "type": "article-magazine",
        "title": "The tide tables of trade",
        "author": [
            {"family": "Marlowe", "given": "Alice"},
            {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"},
            {"literal": "The Editorial Board"},
        ],
        "container-title": "Harbour Review",
        "issued": {"date-parts": [[2020, 1, 25]]},
        "ISSN": "1837-5081",
        "URL": "https://harbour.example/2020/01/25/the-tide-tables-of-trade/",
        "abstract": "Harbours change slowly.\nThen all at once.",
        "language": "en",
        "publisher": "Tidewater University Press",
        "keyword": "Japan, East Asia, Trade",
    }


def test_an_essay_of_an_issue_in_csl() -> None:
    item = csl_of(reference(ALICE, **IN_ISSUE))
    wanted = {"type": "article-journal", "volume": "12", "issue": "3", "collection-title": "Islands", "DOI": "10.59425/eabc.1755295200"}  # fmt: skip
    assert {name: item[name] for name in wanted} == wanted


def test_roles_and_retraction_in_csl() -> None:
    item = csl_of(
        reference(
            ALICE,
            person("Byron", "Ada", role="translator"),
            person("King Jr", "Ines", role="editor"),
            person("Quill", "Mara", role="interviewer"),
            is_retracted=True,
        )
    )
    assert item["translator"] == [{"family": "Byron", "given": "Ada"}]
    assert item["editor"] == [{"family": "King", "given": "Ines", "suffix": "Jr"}]
    assert item["interviewer"] == [{"family": "Quill", "given": "Mara"}]
    assert item["note"] == "Retracted"


@pytest.mark.parametrize("count", COUNTS)
def test_csl_names_everybody(count: int) -> None:
    people = nobody_special(count)
    assert [one["family"] for one in csl_of(reference(*people))["author"]] == [one.family for one in people]


@pytest.mark.parametrize("script", SCRIPTS)
def test_csl_in_every_script_as_a_processor_prints_it(script: str) -> None:
    language, title, family, given_name, is_first = SCRIPTS[script]
    metadata = reference(person(family, given_name, is_family_first=is_first), title=title, language=language)
    assert csl_of(metadata)["title"] == title
    # Only the language of the style is known to this processor, which has no need of it.
    item = csl_of(metadata) | {"language": "en"}
    source = CiteProcJSON([item])
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    bibliography.register(Citation([CitationItem(item["id"])]))
    printed = str(bibliography.bibliography()[0])
    assert family in printed
    assert title.casefold() in printed.casefold()
    assert "2020" in printed


@given(TEXTS, TEXTS)
def test_any_text_is_whole_in_csl(title: str, name: str) -> None:
    item = csl_of(reference(house(name), title=title))
    assert item["title"] == title
    assert item["author"] == [{"literal": name}]
