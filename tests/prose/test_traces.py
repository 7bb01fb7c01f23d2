"""Who wrote a text is found wherever the text tells it, and words that only look like a name are left alone."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prose.traces import MOST_ALIKE, Identity, Trace, find, seen_in
from tests.prose.bodies import bodies

ALICE = Identity(
    names=("Alice Marlowe", "A. J. Marlowe"),
    affiliations=("Tidewater University", "Crawford School of Public Policy, Australian National University, Canberra"),
    emails=("alice@tidewater.example", "harbours@gmail.com"),
    domains=("marlowe-harbours.example",),
    urls=("https://orcid.org/0000-0002-1825-0097", "https://people.example/staff/17"),
)


def of(name: str, **more: tuple[str, ...]) -> Identity:
    return Identity(names=(name,), **more)


def kinds(text: str, *people: Identity, where: str = "text") -> list[str]:
    return [trace.kind for trace in find({where: text}, people or [ALICE])]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Alice Marlowe", "As Alice Marlowe saw."),
        ("Alice Marlowe", "as alice marlowe saw."),
        ("Alice Marlowe", "ALICE MARLOWE"),
        ("Alice Marlowe", "In Marlowe, Alice, we read."),
        ("Alice Marlowe", "Alice J. Marlowe"),
        ("Alice Marlowe", "Marlowe’s harbours"),
        ("Alice Marlowe", "with A. Marlowe and others"),
        ("Alice Marlowe", "one day Alice went there"),
        ("Alice Marlowe", "<p>Al\u00adice <em>Mar</em>lowe</p>"),
        ("Marlowe, Alice", "Alice Marlowe"),
        ("Professor Alice Marlowe", "Alice Marlowe"),
        ("C. K. Armstrong", "C.K. Armstrong"),
        ("C. K. Armstrong", "see Armstrong CK, Tides"),
        ("Charles K. Armstrong", "C. K. Armstrong"),
        ("José Ramos-Horta", "Jose Ramos Horta"),
        ("Jose Ramos Horta", "Jose\u0301 Ramos\u2010Horta"),
        ("Nguyễn Thị Minh Khai", "Nguyen Thi Minh Khai"),
        ("Nguyễn Thị Minh Khai", "Minh Khai said so"),
        ("Kim Jong-un", "Jongun Kim"),
        ("Jongun Kim", "Kim Jong-un"),
        ("Kim Jong-un", "as Kim writes"),
        ("Lee Hsien Yang", "in the view of Lee it may"),
        ("王小明", "王小明说港口"),
        ("王 小明", "作者是王小明。"),
        ("김철수", "김철수는 항구를"),
        ("Vincent van der Berg", "van der Berg’s tides"),
        ("Patrick O’Brien", "that O'Brien found"),
        ("Suharto", "that Suharto wrote"),
        ("Theresa May", "as Theresa May said"),
        ("Theresa May", "Then Mrs May left"),
        ("Theresa May", "May argues otherwise"),
        ("Алиса Марлоу", "как пишет Марлоу"),
    ],
)
def test_a_name_is_found(name: str, text: str) -> None:
    found = find({"text": text}, [of(name)])
    assert [trace.kind for trace in found] == ["name"], found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Theresa May", "Growth may slow. May it last! In May 2019 and since May (see below) it did."),
        ("Ang Lee", "on the lee side of the island"),
        ("Alice Marlowe", "Alice Springs is hot; marlowes are no word, nor is Marloweian"),
        ("Will Young", "The young will go. Will it last? Young people went."),
        ("Mark Young", "Policies that mark young people"),
        ("An Do", "an idea: do it. An idea. Do it."),
        ("Li Wei", "likely weighed"),
        ("王小明", "王先生来了，小明来了"),
        ("Grace Hill", "The grace of a hill. Grace is rare."),
        ("John Smith", "John Howard said so"),
    ],
)
def test_a_word_that_is_no_name_is_left_alone(name: str, text: str) -> None:
    assert find({"text": text}, [of(name)]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at Tidewater University in spring", ["affiliation"]),
        ("at the Tidewater campus", ["affiliation"]),
        ("the Crawford School of Public Policy", ["affiliation"]),
        ("the australian national university", ["affiliation"]),
        ("a report of the ANU", ["affiliation"]),
        ("Every university and School has a policy. Canberra is an Australian city, of national and public interest.", []),
        ("in the tidewater of the bay", []),
        ("In our earlier work, harbours grew.", ["self-citation"]),
        ("As I argued in these pages, harbours grew.", ["self-citation"]),
        ("in my book on harbours", ["self-citation"]),
        ("I have previously shown this", ["self-citation"]),
        ("the author’s own previous work", ["self-citation"]),
        ("Harbours grew (Marlowe 2019).", ["self-citation"]),
        ("Marlowe and Byron (2019) say", ["self-citation"]),
        ("Marlowe et al., 2019b", ["self-citation"]),
        ("[12] Marlowe, Harbours of Asia", ["self-citation"]),
        ("Write to alice@tidewater.example.", ["e-mail"]),
        ("Write to harbours@gmail.com or to somebody@gmail.com", ["e-mail", "e-mail"]),
        ("We thank Bob for the data.", ["acknowledgement"]),
        ("The authors are grateful to Bob.", ["acknowledgement"]),
        ("It was funded by a Tidal Research Council grant.", ["acknowledgement"]),
        ("Acknowledgements", ["acknowledgement"]),
        ("The author is a diplomat.", ["first person"]),
        ("I worked as a trade negotiator in Geneva.", ["first person"]),
        ("My colleagues and I disagree.", ["first person"]),
        ("See marlowe-harbours.example for data.", ["own link"]),
        ("We argue that ports matter. I think my argument holds; the paper is good and my view is kind.", []),
    ],
)  # fmt: skip
def test_what_else_tells(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected, find({"text": text}, [ALICE])


@pytest.mark.parametrize(
    ("address", "is_found"),
    [
        ("https://orcid.org/0000-0002-1825-0097", True),
        ("http://www.people.example/staff/17/", True),
        ("https://people.example/staff/170", False),
        ("https://www.tidewater.example/ports", True),
        ("https://nottidewater.example/ports", False),
        ("https://tides.example/~amarlowe/", True),
        ("https://x.com/AliceMarlowe", True),
        ("https://tides.example/2019/%4Darlowe-on-harbours", True),
        ("https://scholar.google.com/citations?user=abc", True),
        ("https://www.linkedin.com/in/somebody", True),
        ("mailto:alice@tidewater.example?subject=x", True),
        ("/media/alice-marlowe.jpg", True),
        ("https://gmail.com/about", False),
        ("https://source.example/alice-springs", False),
        ("/2020/01/25/harbours/", False),
        ("http://[", False),
    ],
)
def test_an_address_that_leads_home(address: str, is_found: bool) -> None:
    for text in (f'<p><a href="{address}">x</a></p>', f"see {address} for more") if ":" in address else (f'<img src="{address}" alt="">',):  # fmt: skip
        if not address.startswith("mailto:") or "href" in text:
            assert bool(find({"text": text}, [ALICE])) is is_found, text


def test_each_part_says_where_and_what_to_do() -> None:
    html = (
        '<h2>Tides</h2><p>One two three four five six seven eight nine ten eleven twelve Alice Marlowe said, and one two three four '
        'five six seven eight nine ten eleven.<span class="footnote">Thanks to A. Marlowe</span></p>'
        '<figure><img src="/media/a.png" alt="Alice Marlowe at sea"><figcaption>Marlowe’s boat</figcaption></figure>'
    )  # fmt: skip
    found = find({"title": "Harbours", "text": html, "credit": "Photo: Alice Marlowe"}, [ALICE])
    assert [(trace.where, trace.kind) for trace in found] == [
        ("text", "name"), ("text", "name"), ("text, note 1", "name"), ("text, description of a picture", "name"), ("credit", "name"),
    ]  # fmt: skip
    assert found[0].quote == (
        "two three four five six seven eight nine ten eleven twelve Alice Marlowe said, and one two three four five six seven eight nine ten"
    )
    assert all(trace.says.endswith(".") for trace in found)


@pytest.mark.parametrize(
    "text", ["alice_marlowe-review.docx", "MarloweAlice.pdf", "amarlowe3.txt", "Author: marlowe", "C:\\Users\\alice\\tides.doc"]
)  # fmt: skip
def test_files_are_named_without_capitals_and_spaces(text: str) -> None:
    for where in ("file name", "file metadata"):
        assert kinds(text, where=where) == ["name"]


def test_of_many_the_first_are_told_and_the_rest_are_counted() -> None:
    found = find({"text": "Then Marlowe left. " * 50}, [ALICE])
    assert len(found) <= MOST_ALIKE
    assert found[-1].says.endswith(f"It stands there {50 - MOST_ALIKE} more times.")


def test_nobody_is_nothing_and_phrases_need_no_names() -> None:
    assert find({}, []) == []
    assert find({"text": "Alice Marlowe"}, [Identity(), Identity(names=("", "  ", "…", "A"))]) == []
    assert kinds("As I argued", Identity()) == ["self-citation"]


LONG = {
    "words": "The tide of May took Kim to Tidewater, and Marlowe with my own new plan for it; I am the one, as we have it. ",
    "at": "@", "mails": "a@b.", "mine": "my ", "roles": "I am the ", "attributes": '<a b="',
    "funds": "funded by a a a a a a a ", "han": "王", "initials": "A. ", "marks": "e\u0301\u0301",
}  # fmt: skip


@pytest.mark.parametrize("kind", LONG)
def test_long_texts_take_a_moment(kind: str) -> None:
    people = [ALICE, of("Kim Jong-un"), of("王小明"), of("A B C D E Faye"), *[of(f"Alice Name{n}") for n in range(6)]]
    text = (LONG[kind] * (200_000 // len(LONG[kind]) + 1))[:200_000]
    begun = time.process_time()
    find({"text": text}, people)
    assert time.process_time() - begun < 5


_NAMES = st.sampled_from(["Alice Marlowe", "Marlowe", "Kim Jong-un", "王小明", "May", "a", "", ",", "b c", "中国", "Ⅷ ﬁ", "İi ŉ"]) | st.text(max_size=12)  # fmt: skip
_PEOPLE = st.lists(
    st.builds(
        Identity,
        names=st.tuples(_NAMES, _NAMES),
        affiliations=st.tuples(
            st.sampled_from(["Tidewater University", "ANU (x)", "()", "a, b"]) | st.text(max_size=12)
        ),
        emails=st.tuples(st.sampled_from(["a@b.example", "@", "@@.x"]) | st.text(max_size=8)),
        domains=st.tuples(st.sampled_from(["b.example", "."]) | st.text(max_size=8)),
        urls=st.tuples(st.sampled_from(["https://a.example/b", "/x"]) | st.text(max_size=8)),
    ),
    max_size=2,
)
_BITS = st.sampled_from(["Alice Marlowe", " (Marlowe 2019)", "a@b.example", "https://a.example/b", " as I argued ", "ﬁ", "İ", "\ud800", "b c", "ANU", '<a href="https://b.example">x</a>', "Tidewater ", "\n", "\u200b", " "])  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["title", "text", "file name", "file metadata"]),
        bodies() | st.lists(_BITS | st.text(max_size=5), max_size=12).map("".join),
    ),
    _PEOPLE,
)
@settings(max_examples=120, deadline=None)
def test_whatever_is_read_each_quote_stands_there(parts: dict[str, str], people: list[Identity]) -> None:
    people = [*people, Identity(names=("Alice Marlowe", "b c"), emails=("a@b.example",))]
    shown = [seen for where, text in parts.items() for seen in seen_in(where, text)]
    for trace in find(parts, people):
        assert isinstance(trace, Trace)
        assert trace.quote
        assert any(trace.quote in seen.text for seen in shown if seen.where == trace.where)
