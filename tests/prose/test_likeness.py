"""Spellings of one name are found, names of two things are not, and thousands are compared in a moment."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prose.likeness import Why, alike, edit_distance

TOPICS_ALIKE = [
    ("Viet Nam", "Vietnam", Why.SAME),
    ("Việt Nam", "viet-nam", Why.SAME),
    ("COVID-19", "Covid 19", Why.SAME),
    ("Women’s rights", "Womens rights", Why.SAME),
    ("Research & development", "Research and development", Why.SAME),
    ("Trade policy", "policy, trade", Why.ORDER),
    ("Port", "Ports", Why.SPELLING),
    ("Policy", "Policies", Why.SPELLING),
    ("Labour market", "Labor markets", Why.SPELLING),
    ("Decarbonisation", "Decarbonization", Why.SPELLING),
    ("Defence", "Defense", Why.SPELLING),
    ("Data centres", "Data center", Why.SPELLING),
    ("Semiconductors", "Semicondutors", Why.ONE_LETTER),
    ("Philippines", "Phillipines", Why.TWO_LETTERS),
    ("Myanmar", "Mynamar", Why.ONE_LETTER),
]
TOPICS_APART = [
    ("North Korea", "South Korea"), ("North America", "South America"), ("Iran", "Iraq"), ("Niger", "Nigeria"),
    ("Austria", "Australia"), ("Elections 2019", "Elections 2020"), ("G7", "G20"), ("Trade", "Tirade"), ("Mali", "Malawi"),
    ("Belt", "Bell"), ("中国", "韩国"), ("Indonesia", "Micronesia"), ("East Asia", "West Asia"), ("!!", "??"), ("", " "),
]  # fmt: skip
PEOPLE_ALIKE = [
    ("Kim Jong-un", "Jong-un Kim", Why.ORDER),
    ("Kim Jong Un", "Jongun Kim", Why.ORDER),
    ("Kim Jong-un", "Kim Jong Un", Why.SAME),
    ("José Ramos-Horta", "Jose Ramos Horta", Why.SAME),
    ("J. Smith", "John Smith", Why.INITIALS),
    ("J.A. Smith", "John Smith", Why.INITIALS),
    ("John A. Smith", "John Smith", Why.INITIALS),
    ("J. M. Keynes", "John Maynard Keynes", Why.INITIALS),
    ("JM Keynes", "John Maynard Keynes", Why.INITIALS),
    ("Nguyen V. An", "Nguyễn Văn An", Why.INITIALS),
    ("Katherine Mansfield", "Katharine Mansfield", Why.ONE_LETTER),
]
PEOPLE_APART = [
    ("John Smith", "Jane Smith"), ("J. Smith", "Peter Smith"), ("Li Wei", "Li Na"), ("Ann Lee", "Anna Li"),
    ("John Smith", "John Smyth-Jones"), ("Mary Jane Smith", "Mary Smith"), ("J. Smith", "J. Jones"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "why"), TOPICS_ALIKE)
def test_topics_alike(one: str, other: str, why: Why) -> None:
    assert [(p.first, p.second, p.why) for p in alike({1: one, 2: other})] == [(1, 2, why)]


@pytest.mark.parametrize(("one", "other"), TOPICS_APART)
def test_topics_apart(one: str, other: str) -> None:
    assert alike({1: one, 2: other}) == []


@pytest.mark.parametrize(("one", "other", "why"), PEOPLE_ALIKE)
def test_people_alike(one: str, other: str, why: Why) -> None:
    assert [(p.first, p.second, p.why) for p in alike({1: one, 2: other}, of_people=True)] == [(1, 2, why)]
    assert [p.why for p in alike({1: other, 2: one}, of_people=True)] == [why]


@pytest.mark.parametrize(("one", "other"), PEOPLE_APART)
def test_people_apart(one: str, other: str) -> None:
    assert alike({1: one, 2: other}, of_people=True) == []


def test_a_former_name_is_compared_too() -> None:
    found = alike({1: ["Ada Byron", "Augusta Ada King"], 2: "augusta ada king"}, of_people=True)
    assert [(p.first, p.second, p.why) for p in found] == [(1, 2, Why.SAME)]


def test_one_row_is_never_its_own_likeness() -> None:
    assert alike({1: ["Ports", "Port", "ports"]}) == []


@given(st.dictionaries(st.integers(0, 40), st.text(max_size=30), max_size=20), st.booleans())
def test_any_text_gets_an_answer(rows: dict[int, str], of_people: bool) -> None:
    pairs = alike(rows, of_people=of_people)
    places = list(rows)
    assert len({(p.first, p.second) for p in pairs}) == len(pairs)
    assert all(places.index(p.first) < places.index(p.second) for p in pairs)


@given(st.text(alphabet=st.characters(categories=("Ll", "Lu", "Zs"), max_codepoint=0x24F), min_size=1, max_size=40))
def test_case_accents_and_spacing_make_no_difference(name: str) -> None:
    bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    found = alike({1: name, 2: f"  {bare} ".upper()})
    if any(c.isalnum() for c in name) and bare.upper().lower() == bare.lower():
        assert [p.why for p in found] in ([Why.SAME], [])
        assert found or not bare.isascii()


@given(st.text(alphabet="abcd", max_size=9), st.text(alphabet="abcd", max_size=9))
def test_distance_is_that_of_the_textbook(one: str, other: str) -> None:
    table = [[max(i, j) if not min(i, j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    assert edit_distance(one, other, 2) == min(table[-1][-1], 3)


@settings(max_examples=50)
@given(st.text(alphabet="abcdefghij", min_size=8, max_size=20), st.integers(0, 19), st.sampled_from("klm"))
def test_a_slip_of_one_letter_is_found(name: str, place: int, letter: str) -> None:
    place %= len(name)
    for other in (name[:place] + letter + name[place + 1 :], name[:place] + letter + name[place:]):
        assert [p.why for p in alike({1: name, 2: other})] == [Why.ONE_LETTER]


GIVEN = [a + b for a in ("Al", "Be", "Ca", "Di", "Ed", "Fa", "Gi", "Ha", "Io", "Ju") for b in ("an", "bert", "cia", "dra", "nor", "rica", "sen", "tine")]  # fmt: skip
FAMILY = [a + b + c for a in ("Har", "Mon", "Sten", "Wal", "Bro") for b in ("ber", "der", "ling", "ton") for c in ("g", "son", "ford", "wick")]  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        [f"{GIVEN[n % 80]} {FAMILY[n % 77]} {GIVEN[n % 61]}" for n in range(5000)],
        [f"{GIVEN[n % 80]} {FAMILY[(n // 80) % 80]}" for n in range(5000)],
        ["The same name above everything"] * 5000,
        [f"{chr(97 + n % 26)}. {chr(97 + n // 26 % 26)}. Smith{'' if n % 2 else 'er'}" for n in range(5000)],
        [f"John {GIVEN[n % 80]}{GIVEN[n // 80 % 80].lower()} Smith" for n in range(5000)],
    ],
    ids=("three words", "two words", "all the same", "initials", "one family"),
)
@pytest.mark.parametrize("of_people", [False, True])
def test_five_thousand_names_cost_a_fiftieth_of_comparing_each_with_each(names: list[str], of_people: bool) -> None:
    """Held against this very machine, whose seconds are its own: a sample of pairs says what all of them would take."""
    some = [f"John {given} {family}" for given in GIVEN[:10] for family in FAMILY[:20]]
    started = time.process_time()
    for one in some:
        for other in some:
            edit_distance(one, other, 2)
    each_with_each = (time.process_time() - started) / len(some) ** 2 * len(names) ** 2 / 2
    started = time.process_time()
    alike(dict(enumerate(names)), of_people=of_people)
    took = time.process_time() - started
    assert took < each_with_each / 50, f"{took:.2f} of {each_with_each:.2f} s"
