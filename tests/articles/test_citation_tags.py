"""Authors and scripts in the tags of a piece's head, as Zotero takes them; the rest of the head is in test_cite.py."""

import pytest

from articles.citations import tags_of
from articles.metadata import Contributor
from tests.articles.references import ADA, SCRIPTS, house, nobody_special, person, reference
from tests.articles.zotero import Head, zotero


def creators(*people: Contributor) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = zotero(Head(metas=tags_of(reference(*people))))["creators"]
    return found


@pytest.mark.parametrize(
    ("who", "taken"),
    [
        (person("García Márquez", "Gabriel José"), ("García Márquez", "Gabriel José")),
        (person("de la Cruz y Borbón", "Ana María"), ("de la Cruz y Borbón", "Ana María")),
        (person("van der Berg", "Jan"), ("van der Berg", "Jan")),
        (person("King Jr", "Martin Luther"), ("King", "Martin Luther Jr")),
        (house("The Editorial Board"), ("The Editorial Board", "")),
        (Contributor("Plato"), ("Plato", "")),
        (Contributor("Ines Ferro"), ("Ferro", "Ines")),
        (person("李", "文涛", is_family_first=True), ("李", "文涛")),
        (person("C", "A; B"), ("C", "A B")),
    ],
)
def test_names_part_where_they_part(who: Contributor, taken: tuple[str, str]) -> None:
    """Alone and among others, which Zotero treats differently."""
    for people in ([who], [who, ADA], [ADA, who]):
        found = creators(*people)
        assert len(found) == len(people)
        assert tuple(part.replace("\xa0", " ") for part in found[people.index(who)]) == taken


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 21, 300])
def test_everybody_is_taken(count: int) -> None:
    people = nobody_special(count)
    assert creators(*people) == [(one.family, one.given) for one in people]


def test_a_translator_and_an_editor_are_no_authors() -> None:
    tags = tags_of(reference(ADA, person("Ferro", "Ines", role="editor"), person("Quill", "Mara", role="translator")))
    assert [content for name, content in tags if name == "citation_author"] == ["Byron, Ada K"]
    assert [content for name, content in tags if name == "DC.contributor"] == ["Ines Ferro", "Mara Quill"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_taken(script: str) -> None:
    language, title, family, given_name, is_first = SCRIPTS[script]
    who = person(family, given_name, is_family_first=is_first)
    taken = zotero(Head(metas=tags_of(reference(who, ADA, title=title, language=language))))
    assert (taken["title"], taken["language"]) == (title, language)
    assert taken["creators"] == [(family, given_name), ("Byron", "Ada K")]
