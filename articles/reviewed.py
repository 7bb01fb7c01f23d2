"""How a piece was reviewed, told to its readers in the terms of ANSI/NISO Z39.106 (standard terminology for peer review).

The room above writes two fields of the piece, a sentence and the terms; nothing here knows more. No referee is named,
and nothing of it stands in feeds, citations or data for search engines.
"""

from dataclasses import dataclass

from articles.models import Article
from forum.models import Masthead

# What the standard's words for identity transparency mean.
MEANINGS: dict[str, str] = {
    "all identities visible": "The referees knew who wrote the piece, and its authors knew who the referees were.",
    "single anonymised": "The referees knew who wrote the piece; its authors did not know who the referees were.",
    "double anonymised": "The referees did not know who wrote the piece, and its authors did not know who the referees were.",
}


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that the standard has a word for, with what it means here."""

    name: str
    value: str
    means: str = ""


def line_of(article: Article, masthead: Masthead) -> str:
    """The sentence printed beneath the piece; of a refereed one only where the publication shows it."""
    return "" if article.review_terms and not masthead.shows_review else article.how_reviewed


def terms_of(article: Article, masthead: Masthead) -> list[Term]:
    """For the page that explains it; empty for a piece that no referee read, and where the publication shows nothing."""
    terms = article.review_terms
    if not terms or not masthead.shows_review:
        return []
    identity = str(terms.get("identity", ""))
    found = [
        Term("Identity transparency", identity.capitalize(), MEANINGS.get(identity, "")),
        Term("Referees", _number(terms.get("referees")), "People who know the subject and sent a review."),
        Term("Rounds", _number(terms.get("rounds")), "How often a text went to referees; a further round reads a revised text."),
        Term("Days", _number(terms.get("days")), "From the opening of the first round to the editors’ decision."),
        Term("Reviewer interacts with", "Editor", "Referees write to the editors, who decide and pass on what the authors read."),
        Term("Review information published", "None", "The reviews are read by the editors and the authors alone."),
    ]  # fmt: skip
    return [term for term in found if term.value]


def _number(value: object) -> str:
    return str(value) if isinstance(value, int) else ""
