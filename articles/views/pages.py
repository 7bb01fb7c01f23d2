"""Plain pages, such as About and Submissions, at an address of their own."""

import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse

from articles import structured
from articles.heads import head_of_page
from articles.pieces import first_lines
from articles.render import body_html, in_own_words
from articles.views.public import absolute, page, public
from forum.models import Masthead, Page
from prose import measure


@public
def plain_page(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    """A page, or the way from an address that it once had. What is not published is as unknown as what never was."""
    found = Page.objects.filter(slug=slug, is_published=True).first()
    if found is None:
        moved = Page.objects.filter(versions__slug=slug, versions__is_published=True, is_published=True).first()
        if moved is None:
            raise Http404("There is no such page.")
        return HttpResponsePermanentRedirect(moved.get_absolute_url())
    context, address = page_context(found.title, found.body), found.get_absolute_url()
    is_about = found.pk == masthead.about_page_id
    describe = structured.about_page if is_about else structured.plain_page
    data = describe(masthead, found.title, address, about=str(context["description"]))
    return page(request, "forum/page_detail.html", masthead, context | {
        "canonical": absolute(address),
        "record_url": reverse("articles:record") if found.pk == masthead.corrections_page_id else "",
        "head": head_of_page(
            masthead, found.title, absolute(address), data, description=str(context["description"])
        ),
    })  # fmt: skip


def page_context(title: str, body: str) -> dict[str, object]:
    """What `forum/page_detail.html` takes, but for the masthead; `body` is sanitised."""
    return {
        "title": title,
        "html": in_own_words(body_html(body)),
        "description": first_lines(measure.text_of(body)),
    }
