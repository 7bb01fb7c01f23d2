"""Who could be recognised: traces of the authors in a text before referees read it, and of a referee in a review
before its author reads that."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from articles.models import Article, Byline, Revision
from prose import traces
from prose.traces import Identity
from review.models import Referee, Review


def of_authors(article: Article) -> list[Identity]:
    """Everybody above a piece and its corresponding author, as a text could give them away."""
    found = []
    rows = article.bylines.exclude(role=Byline.Role.EDITOR).select_related("author__user")
    for row in rows:
        author = row.author
        if author is not None and author.is_house:
            continue
        names = {row.name, author.name if author else "", author.native_name if author else ""} - {""}
        mails: set[str] = {author.user.email} if author and author.user else set()
        urls = {f"https://orcid.org/{author.orcid}"} if author and author.orcid else set()
        found.append(_identity(names, {row.affiliation, author.affiliation if author else ""}, mails, urls))
    if (person := article.corresponding) is not None and not rows.filter(author__user=person).exists():
        found.append(_identity({person.name}, set(), {person.email}, set()))
    return found


def of_referee(referee: Referee) -> list[Identity]:
    names = {referee.name, referee.user.name if referee.user else ""}
    return [_identity(names, {referee.affiliation}, {referee.email}, set())]


def _identity(names: set[str], affiliations: set[str], emails: set[str], urls: set[str]) -> Identity:
    own = urlsplit(settings.SITE_URL).hostname or ""
    domains = {urlsplit(url).hostname or "" for url in urls} - {"", own}
    return Identity(
        names=tuple(sorted(names - {""})), affiliations=tuple(sorted(affiliations - {""})), emails=tuple(sorted(emails - {""})),
        domains=tuple(sorted(domains)), urls=tuple(sorted(urls - {""})),
    )  # fmt: skip


def in_text(article: Article, revision: Revision, response: str = "") -> list[dict[str, str]]:
    """Traces of the authors in a text, and in their response to earlier referees, ready to be kept with a round:
    [{"kind", "quote", "where", "says"}]."""
    image = revision.lead_image
    parts = {"title": revision.title, "in brief": revision.in_brief, "text": revision.body}
    if image is not None:
        parts |= {"caption": image.caption, "credit": image.credit, "picture described": image.alt}
    if response:
        parts["author’s response"] = response
    return [_row(trace) for trace in traces.find(parts, of_authors(article))]


def in_review(review: Review) -> list[dict[str, str]]:
    """Traces of the referee in what the author would read of a review, its file included."""
    parts: dict[str, str] = {"comments": review.for_author}
    for remark in review.remarks.filter(is_for_editor=False):
        parts[f"remark on paragraph {remark.paragraph}"] = remark.text
    for question in review.round.form.questions.filter(is_for_author=True, kind="text"):
        parts[f"answer to “{question.label}”"] = str(review.answers.get(str(question.pk), ""))
    attachment = getattr(review, "attachment", None)
    in_its_file = attachment.traces if attachment is not None else []
    return [*(_row(trace) for trace in traces.find(parts, of_referee(review.referee))), *in_its_file]


def in_file(words: str, referee: Referee) -> list[dict[str, str]]:
    """Traces of the referee in the words of a file. It is read once, when it comes; its metadata and its name go anyway."""
    return [_row(trace) for trace in traces.find({"file": words}, of_referee(referee))]


def _row(trace: Any) -> dict[str, str]:
    return {"kind": trace.kind, "quote": trace.quote[:300], "where": trace.where, "says": trace.says}
