"""Pieces by what they are about: regions and topics.

A region is the publication's own and always has a page. A topic has one once something of it is
listed: until then it may be the working name of a piece that nobody has read.
"""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from articles import structured
from articles.alphabet import Alphabet, Names, by_letter, initial
from articles.counts import counts
from articles.former import moved
from articles.heads import head_of_names, head_of_page, head_of_section, page_name
from articles.lists import Branch, cards, pages_in, region_tree, tag_of
from articles.models import Image, RegionListing, Tag, TagListing
from articles.models.listing import Listing
from articles.pieces import Link, Piece, first_lines
from articles.structured.publication import section
from articles.structured.terms import Thing
from articles.templatetags.names import RegionLine, Topic
from articles.views.public import absolute, page, public, takes
from forum.addresses import address_of
from forum.compiled import Compiled
from forum.models import Masthead
from forum.pagecache import covered

PAGE = 24
# A list of more topics is divided by their letters.
SHORT = 60


def listing_context(
    request: HttpRequest,
    masthead: Masthead,
    now: datetime.datetime,
    model: type[Listing],
    target: Any,
    *,
    subject: str,
    about: str,
    trail: Sequence[Link] = (),
    person: Callable[[str, list[Piece]], Thing] | None = None,
) -> dict[str, Any]:
    """One page of the pieces of a region, topic or author, with the addresses that go with it.

    `trail` leads to it from the front page. `person` says who somebody is, for search engines, by the address of the page
    and its pieces.
    """
    address = target.url if isinstance(target, Branch) else target.get_absolute_url()
    with covered(tag_of(model, target.pk)):
        shown = pages_in(model, PAGE).page(request.GET, target=target.pk, now=now)
    found, canonical, about = cards(shown.ids, now), absolute(f"{address}{shown.query}"), first_lines(about)
    name = page_name(subject, is_first=not shown.query)
    if person:
        data, kind = person(canonical, found), "profile"
    else:
        data, kind = structured.collection_page(masthead, name, canonical, found, trail, about=about), "website"
    return {
        "subject": subject,
        "about": about,
        "pieces": found,
        "newer_url": shown.newer_url,
        "older_url": shown.older_url,
        "is_first_page": not shown.query,
        "canonical": canonical,
        "head": head_of_page(masthead, name, canonical, data, description=about, kind=kind),
        "feed_url": f"{address}feed/",
        "feeds_under": address,
    }


@public
def regions(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    held = counts(RegionListing, now)
    return page(request, "articles/region_list.html", masthead, {
        "section": "regions", "regions": _lines(region_tree()[0], held), "canonical": absolute(reverse("articles:regions")),
        "head": head_of_section(masthead, "regions"),
    })  # fmt: skip


def _lines(branches: Sequence[Branch], held: dict[int, int]) -> tuple[RegionLine, ...]:
    return tuple(
        RegionLine(one.name, one.url, held.get(one.pk, 0), one.description, _lines(one.child_list, held))
        for one in branches
    )


@public
@takes("before", "after")
def region(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    """The pieces of a region and of those within it."""
    found = region_tree()[1].get(slug)
    if found is None:
        return moved(request, RegionListing, slug, "articles:region", now)
    context = listing_context(
        request, masthead, now, RegionListing, found, subject=found.name, about=found.description,
        trail=[section("regions"), *(Link(above.name, above.url) for above in found.trail)],
    )  # fmt: skip
    found.label(context["pieces"])
    image = Image.objects.filter(pk=found.image_id).first() if found.image_id and context["is_first_page"] else None
    return page(request, "articles/region_detail.html", masthead, {
        "section": "regions", "region": found, "image": image, **context,
    })  # fmt: skip


def names_context(masthead: Masthead, part: str, shown: Names) -> dict[str, Any]:
    """What a page of names has besides them: its neighbours, the letters of all, its own address."""
    here = section(part)
    canonical = absolute(f"{here.url}{shown.query}")
    name = f"{here.name}, {_span(shown)}" if shown.query else here.name
    return {
        "all_letters": shown.letters,
        "newer_url": shown.earlier_url,
        "older_url": shown.later_url,
        "canonical": canonical,
        "head": head_of_names(masthead, part, canonical, name),
    }


def _span(shown: Names) -> str:
    """The letters of a page, such as “F–H”."""
    first, last = (initial(shown.rows[place].sort_key) for place in (0, -1))
    return first if first == last else f"{first}–{last}"


_TOPICS = Alphabet(Tag, TagListing, "name", "slug")


@public
@takes("after", "before", "letter")
def topics(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    shown = _TOPICS.page(now, request.GET)
    held = counts(TagListing, now, [row.pk for row in shown.rows])
    lines = [
        (row.sort_key, Topic(row.name, address_of("articles:topic", row.slug), held.get(row.pk, 0)))
        for row in shown.rows
    ]
    is_long = len(lines) > SHORT or bool(shown.letters)
    groups = [{"letter": letter, "topics": those} for letter, those in by_letter(lines)]
    return page(request, "articles/topic_list.html", masthead, {
        "section": "topics", "topics": tuple(topic for _, topic in lines), "letters": groups if is_long else [],
        **names_context(masthead, "topics", shown),
    })  # fmt: skip


_TOPIC: Compiled[Tag] = Compiled(lambda slug: Tag.objects.select_related("image").filter(slug=slug), slug=str)


@public
@takes("before", "after")
def topic(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    found = _TOPIC.first(slug=slug)
    if found is None:
        return moved(request, TagListing, slug, "articles:topic", now)
    context = listing_context(
        request, masthead, now, TagListing, found, subject=found.name, about=found.description,
        trail=[section("topics")],
    )  # fmt: skip
    if not context["pieces"]:
        raise Http404("There is no such topic.")
    return page(request, "articles/topic_detail.html", masthead, {"section": "topics", "topic": found, **context})
