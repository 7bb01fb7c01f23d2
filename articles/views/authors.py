"""Authors by name, and the pieces of one. Somebody without a listed piece has no page: they may only have a draft."""

import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from articles import structured
from articles.alphabet import Alphabet, by_letter
from articles.counts import count_of
from articles.former import moved
from articles.lists import rows_in, rows_of, tag_of
from articles.metadata import contributor_from
from articles.models import AuthorListing, TagListing
from articles.pieces import Link, Piece
from articles.structured.terms import Thing
from articles.templatetags.names import Person
from articles.views.public import page, public, takes
from articles.views.subjects import listing_context, names_context
from authors.models import Author, printed_name
from forum.addresses import address_of
from forum.compiled import Compiled
from forum.models import Masthead
from forum.pagecache import covered

TOPICS = 6
OF_LATE = 200


_NAMES = Alphabet(
    Author, AuthorListing,
    "single_name", "family_name", "given_name", "is_family_first", "native_name", "affiliation", "slug",
)  # fmt: skip


def _line(row: Any) -> tuple[str, Person]:
    name = printed_name(row.single_name, row.family_name, row.given_name, is_family_first=row.is_family_first)
    return row.sort_key, Person(name, row.native_name, row.affiliation, address_of("articles:author", row.slug))


@public
@takes("after", "before", "letter")
def authors(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    """Under their initials, in the order of their sorting names; other and former names are for search alone."""
    shown = _NAMES.page(now, request.GET)
    groups = [{"letter": letter, "authors": those} for letter, those in by_letter(map(_line, shown.rows))]
    return page(request, "articles/author_list.html", masthead, {
        "section": "authors", "letters": groups, **names_context(masthead, "authors", shown),
    })  # fmt: skip


@public
@takes("before", "after")
def author(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    with covered():
        found = _AUTHOR.first(slug=slug)
    if found is None:
        return moved(request, AuthorListing, slug, "articles:author", now)
    held = getattr(found, "portrait", None)
    portrait = held.image if held else None

    def person(url: str, pieces: list[Piece]) -> Thing:
        return structured.author_page(masthead, contributor_from(found), url, pieces, image=portrait)

    context = listing_context(
        request, masthead, now, AuthorListing, found, subject=found.name, about=found.bio, person=person
    )
    if not context["pieces"]:
        raise Http404("There is no such author.")
    with covered(tag_of(AuthorListing, found.pk)):
        count, topics = count_of(AuthorListing, found.pk, now), _topics_of(found, now)
    shown = {
        "name": found.name, "native": found.native_name, "affiliation": found.affiliation, "bio": found.bio, "orcid": found.orcid,
        "portrait": portrait,
    }  # fmt: skip
    return page(request, "articles/author_detail.html", masthead, {
        "section": "authors", "author": shown, "count": count, "topics": topics, **context,
    })  # fmt: skip


def _topics_of(author: Author, now: datetime.datetime) -> list[Link]:
    """What they wrote about most of late."""
    return [Link(name, address_of("articles:topic", slug)) for name, slug, _ in _TOPICS(author=author.pk, now=now)]


def _most_of_late(author: int, now: datetime.datetime) -> QuerySet[Any]:
    newest = rows_in(AuthorListing, author, now).order_by("-published_at").values("article")[:OF_LATE]
    found = rows_of(TagListing, now).filter(article__in=newest).values_list("target__name", "target__slug")
    return found.annotate(count=Count("pk")).order_by("-count", "target__name")[:TOPICS]


_TOPICS: Compiled[tuple[str, str, int]] = Compiled(_most_of_late, author=int, now=datetime.datetime)
_AUTHOR: Compiled[Author] = Compiled(
    lambda slug: Author.objects.select_related("portrait__image").filter(slug=slug), slug=str
)
