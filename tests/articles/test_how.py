"""How a piece was reviewed and approved is stored in English and said to readers in their language."""

import datetime

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from articles import how

DAY = datetime.date(2026, 5, 3)
TERMS = {"identity": "double anonymised", "referees": 2, "rounds": 1, "days": 34}


@pytest.mark.parametrize("sentence", how.SENTENCES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_whatever_is_stored_can_be_said_again(sentence: str, language: str) -> None:
    line = how.stored(sentence, DAY)
    for stored in (line, how.changed_since(line)):
        with override(language):
            said = how.said(stored)
        assert (said == stored) is (language == "en")
        assert "%(" not in said
        assert ("3 mai 2026" in said) is (language == "fr" and "3 May 2026" in stored)


def test_a_change_is_told_once_and_the_text_is_no_longer_this_one() -> None:
    line = how.changed_since(how.stored(how.BY_AUTHORS, DAY))
    assert line == "Approved by the authors on 3 May 2026; the editors have changed the text since"
    assert how.changed_since(line) == line
    assert how.changed_since("") == ""


@pytest.mark.parametrize(
    ("terms", "english", "french"),
    [
        ({}, "by two referees in one round and 34 days", "par deux évaluateurs en un tour et 34 jours"),
        ({"referees": 1, "rounds": 3, "days": 1}, "by one referee in three rounds and 1 day", "par un évaluateur en trois tours et 1 jour"),
        ({"referees": 12, "days": 0}, "by 12 referees in one round and 0 days", "par 12 évaluateurs en un tour et 0 jour"),
    ],
)  # fmt: skip
def test_a_refereed_piece_is_said_from_its_terms(terms: dict[str, int], english: str, french: str) -> None:
    line = how.refereed_as_stored(TERMS | terms)
    assert line == f"Peer reviewed, double anonymised, {english}"
    with override("fr"):
        assert how.said(line, TERMS | terms) == f"Évalué par les pairs, en double anonymat, {french}"


def test_terms_of_another_sentence_are_not_told_in_its_place() -> None:
    """A piece that went to referees, was reopened and then reviewed in house says the latter."""
    with override("fr"):
        assert how.said(how.ONE_EDITOR, TERMS) == "Relu par un membre de la rédaction"


@given(st.text())
def test_a_line_that_is_none_of_ours_stays_as_it_is(line: str) -> None:
    assert how.said(line) == line
