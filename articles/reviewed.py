"""How a piece was reviewed, told to its readers in the terms of ANSI/NISO Z39.106 (standard terminology for peer review).

The room above writes two fields of the piece, a sentence and the terms; nothing here knows more. No referee is named,
and nothing of it stands in feeds, citations or data for search engines.
"""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import how
from articles.models import Article
from forum.models import Masthead

# The standard's words for identity transparency, as printed, and what they mean.
IDENTITY: dict[str, tuple[Promise, Promise]] = {
    "all identities visible": (
        gettext_lazy("All identities visible"),
        gettext_lazy("The referees knew who wrote the piece, and its authors knew who the referees were."),
    ),
    "single anonymised": (
        gettext_lazy("Single anonymised"),
        gettext_lazy("The referees knew who wrote the piece; its authors did not know who the referees were."),
    ),
    "double anonymised": (
        gettext_lazy("Double anonymised"),
        gettext_lazy(
            "The referees did not know who wrote the piece, and its authors did not know who the referees were."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that the standard has a word for, with what it means here."""

    name: str
    value: str
    means: str = ""


def line_of(article: Article, masthead: Masthead) -> str:
    """The sentence printed beneath the piece; of a refereed one only where the publication shows it."""
    if article.review_terms and not masthead.shows_review:
        return ""
    return how.said(article.how_reviewed, article.review_terms)


def terms_of(article: Article, masthead: Masthead) -> list[Term]:
    """For the page that explains it; empty for a piece that no referee read, and where the publication shows nothing."""
    terms = article.review_terms
    if not terms or not masthead.shows_review:
        return []
    said = str(terms.get("identity", ""))
    identity, means = IDENTITY.get(said, (said.capitalize(), ""))
    found = [
        Term(_("Identity transparency"), str(identity), str(means)),
        Term(_("Referees"), _number(terms.get("referees")), _("People who know the subject and sent a review.")),
        Term(_("Rounds"), _number(terms.get("rounds")), _("How often a text went to referees; a further round reads a revised text.")),
        Term(_("Days"), _number(terms.get("days")), _("From the opening of the first round to the editors’ decision.")),
        Term(_("Reviewer interacts with"), _("Editor"), _("Referees write to the editors, who decide and pass on what the authors read.")),
        Term(_("Review information published"), _("None"), _("The reviews are read by the editors and the authors alone.")),
    ]  # fmt: skip
    return [term for term in found if term.value]


def _number(value: object) -> str:
    return number_format(value, force_grouping=True) if isinstance(value, int) else ""
