"""Names and ORCID iDs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prose.names import doi, issn, name_key, orcid, tidy_name


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("North  korea", "north Korea"),
        (" North Korea\n", "NORTH\u3000KOREA"),
        ("Cafe\u0301", "CAFÉ"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("co\u200boperation", "Cooperation"),
        ("한국", "한국"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, two: str) -> None:
    assert name_key(one) == name_key(two)


def test_different_names_have_different_keys() -> None:
    names = ["North Korea", "South Korea", "NorthKorea", "resume", "résumé", "2020", "한국", "中国"]
    assert len({name_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Nguyễn \t Thị\u00a0Minh ", "Nguyễn Thị Minh"),
        ("O’Neill\u202e\x00", "O’Neill"),
        ("\u200b \u2060", ""),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_a_name_is_tidied(typed: str, kept: str) -> None:
    assert tidy_name(typed) == kept


@given(st.text())
def test_names_are_stable(text: str) -> None:
    assert tidy_name(tidy_name(text)) == tidy_name(text)
    assert name_key(name_key(text)) == name_key(text) == name_key(tidy_name(text))


@pytest.mark.parametrize(
    "typed",
    [
        "0000-0002-1825-0097",
        "0000000218250097",
        " 0000 0002 1825 0097 ",
        "0000–0002–1825–0097",
        "https://orcid.org/0000-0002-1825-0097",
        "http://www.orcid.org/0000000218250097/",
        "orcid.org/0000-0002-1825-0097",
        "ORCID: 0000-0002-1825-0097",
        "ORCID iD: https://orcid.org/0000-0002-1825-0097",
    ],
)
def test_orcid_in_any_dress(typed: str) -> None:
    assert orcid(typed) == "0000-0002-1825-0097"


def test_orcid_with_an_x() -> None:
    assert orcid("https://orcid.org/0000-0002-1694-233x") == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("0000-0002-1825-0098", "does not fit"),
        ("0000-0002-1852-0097", "does not fit"),
        ("", "sixteen digits"),
        ("0000-0002-1825-009", "sixteen digits"),
        ("0000-0002-1825-00977", "sixteen digits"),
        ("X000-0002-1825-0097", "sixteen digits"),
        ("https://example.org/0000-0002-1825-0097", "sixteen digits"),
        ("٠٠٠٠-٠٠٠٢-١٨٢٥-٠٠٩٧", "sixteen digits"),
        ("\ud800", "sixteen digits"),
    ],
)
def test_what_is_no_orcid_is_refused_in_plain_words(typed: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        orcid(typed)


@given(st.text())
def test_orcid_raises_nothing_else(text: str) -> None:
    try:
        found = orcid(text)
    except ValueError:
        return
    assert orcid(found) == found


@given(st.integers(0, 14), st.integers(1, 9))
def test_every_single_slip_is_found(place: int, shift: int) -> None:
    digits = "0000000218250097"
    slipped = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    with pytest.raises(ValueError, match="does not fit"):
        orcid(slipped)


@pytest.mark.parametrize(
    "typed",
    ["10.59425/eabc.1755295200", "https://doi.org/10.59425/EABC.1755295200", "doi:10.59425/eabc.1755295200", " DOI: https://dx.doi.org/10.59425/eabc.1755295200 "],
)  # fmt: skip
def test_a_doi_is_found_in_what_people_paste(typed: str) -> None:
    assert doi(typed) == "10.59425/eabc.1755295200"


@pytest.mark.parametrize("typed", ["", "10.59425", "eabc.1755295200", "10.1/x", "10.59425/a b", "10.59425/<b>"])
def test_what_is_no_doi_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="begins with 10"):
        doi(typed)


@pytest.mark.parametrize(
    ("typed", "kept"), [("1837-5081", "1837-5081"), ("ISSN 18375081", "1837-5081"), ("2434-561x", "2434-561X")]
)
def test_an_issn_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert issn(typed) == kept


@given(st.integers(0, 6), st.integers(1, 9))
def test_every_single_slip_in_an_issn_is_found(place: int, shift: int) -> None:
    digits = "18375081"
    slipped = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    with pytest.raises(ValueError, match="does not fit"):
        issn(slipped)
