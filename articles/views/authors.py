"""Authors by name, and the pieces of one. Somebody without a listed piece has no page: they may only have a draft."""

import datetime
from itertools import groupby

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from articles import structured
from articles.counts import count_of, counts
from articles.former import moved
from articles.heads import head_of_page, head_of_section
from articles.lists import rows_in, rows_of, tag_of
from articles.metadata import contributor_from
from articles.models import AuthorListing, TagListing
from articles.pieces import Link
from articles.views.public import absolute, page, public, takes
from articles.views.subjects import listing_context
from authors.models import Author
from forum.compiled import any_of
from forum.models import Masthead
from forum.pagecache import covered

TOPICS = 6
OF_LATE = 200


@public
def authors(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    """Under their initials, in the order of their sorting names; other and former names are for search alone."""
    found = Author.objects.filter(any_of("pk", list(counts(AuthorListing, now))))
    letters = [
        {
            "letter": letter,
            "authors": [
                {"name": a.name, "native": a.native_name, "affiliation": a.affiliation, "url": a.get_absolute_url()}
                for a in those
            ],
        }
        for letter, those in groupby(found, key=_initial)
    ]
    return page(request, "articles/author_list.html", masthead, {
        "section": "authors", "letters": letters, "canonical": absolute(reverse("articles:authors")),
        "head": head_of_section(masthead, "authors"),
    })  # fmt: skip


def _initial(author: Author) -> str:
    first = author.sort_key[:1].upper()
    # Names in other scripts stand after Z in the order of the database, each under its own first sign; digits and
    # signs share a place.
    return first if first.isalpha() else "#"


@public
@takes("before", "after")
def author(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    with covered():
        found = Author.objects.select_related("portrait__image").filter(slug=slug).first()
    if found is None:
        return moved(request, AuthorListing, slug, "articles:author", now)
    context = listing_context(request, masthead, now, AuthorListing, found, subject=found.name, about=found.bio)
    if not context["pieces"]:
        raise Http404("There is no such author.")
    with covered(tag_of(AuthorListing, found.pk)):
        count, topics = count_of(AuthorListing, found.pk, now), _topics_of(found, now)
    held = getattr(found, "portrait", None)
    portrait = held.image if held else None
    shown = {
        "name": found.name, "native": found.native_name, "affiliation": found.affiliation, "bio": found.bio, "orcid": found.orcid,
        "portrait": portrait,
    }  # fmt: skip
    data = structured.author_page(
        masthead, contributor_from(found), context["canonical"], context["pieces"], image=portrait
    )
    return page(request, "articles/author_detail.html", masthead, {
        "section": "authors",
        "author": shown,
        "count": count,
        "topics": topics,
        **context,
        "head": head_of_page(
            masthead, context["head"].title, context["canonical"], data, description=context["about"], kind="profile"
        ),
    })  # fmt: skip


def _topics_of(author: Author, now: datetime.datetime) -> list[Link]:
    """What they wrote about most of late."""
    newest = rows_in(AuthorListing, author.pk, now).order_by("-published_at").values("article")[:OF_LATE]
    found = (
        rows_of(TagListing, now)
        .filter(article__in=newest)
        .values_list("target__name", "target__slug")
        .annotate(count=Count("pk"))
        .order_by("-count", "target__name")
    )
    return [Link(name, reverse("articles:topic", args=[slug])) for name, slug, _ in found[:TOPICS]]
