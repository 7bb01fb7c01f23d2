"""Which text of a piece its author reads, and under which names: never the desk's unfinished edits."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q

from articles.models import Article, Revision
from articles.status import Status
from editorial import access
from editorial.models import Event

# Steps with which the names above the piece were before its authors' eyes.
NAMES_WERE_SEEN = ("begin", "submit", "resubmit", "request_approval", "publish", "update")


def shown_texts(articles: Iterable[Article]) -> dict[int, Revision]:
    """For each piece the newest version that its authors may read, without its body, in one query.

    Says for many pieces what `access.shown_to_author` says for one.
    """
    shown = Revision.objects.filter(article__in=list(articles)).filter(
        Q(approvals__isnull=False)
        | Q(publications__isnull=False)
        | Q(by=F("article__corresponding"))
        | Q(pk=F("article__handling__submitted_revision"))
        | (Q(pk=F("article__latest")) & access.seen_by_authors_in(access.AUTHORS_TURN, "article__"))
    )
    newest = shown.filter(seal=None).order_by("article_id", "-number").distinct("article_id").defer("body")
    return {revision.article_id: revision for revision in newest}


def shown_text(article: Article) -> Revision | None:
    """The newest version of one piece that its authors may read, whole."""
    ids = access.shown_to_author(article)
    return article.revisions.filter(pk__in=ids).select_related("lead_image").order_by("-number").first()


@dataclass(frozen=True)
class Name:
    """A name above a piece as its authors are shown it."""

    name: str
    details: str = ""
    role: str = ""


def names_now(article: Article) -> list[Name]:
    """The names as they stand."""
    return [Name(b.name, " · ".join(filter(None, (b.affiliation, b.bio))), b.role_label) for b in article.bylines.all()]


def names_shown(article: Article) -> list[Name]:
    """The names as the authors last saw them: while editors work, what they change there is not shown yet."""
    if article.status in access.AUTHORS_TURN or article.status in (Status.APPROVAL, Status.PUBLISHED, Status.RETRACTED):
        return names_now(article)
    seen = article.events.filter(transition__in=NAMES_WERE_SEEN).order_by("-at", "-pk").first()
    before = names_before(article, seen)
    return names_now(article) if before is None else before


def names_before(article: Article, since: Event | None) -> list[Name] | None:
    """The names as they stood at an event, from the timeline; None where nobody has changed them since."""
    if since is None:
        return None
    changed = article.events.filter(transition="change_details", pk__gt=since.pk, data__changes__has_key="bylines")
    first = changed.order_by("at", "pk").first()
    return None if first is None else [_name(line) for line in first.data["changes"]["bylines"][0]]


def _name(line: str) -> Name:
    """A byline from the words of `writing.snapshot`: role, name, affiliation, bio, number of the author."""
    role, _, rest = line.partition(" · ")
    name, *details = [part for part in rest.split(" · ") if not (part.startswith("#") and part[1:].isdigit())]
    labels = {"translator": "Translated by", "interviewer": "Interview by", "editor": "Edited by"}
    return Name(name, " · ".join(details), labels.get(role, ""))
