"""RSS 2.0 with the full text, of everything and of one region, topic, author or special feature."""

import datetime
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.feedgenerator import Rss201rev2Feed, rfc2822_date
from django.utils.html import escape, format_html
from django.utils.xmlutils import SimplerXMLGenerator

from articles.former import moved
from articles.lists import rows_in
from articles.models import (
    Article,
    AuthorListing,
    Publication,
    Region,
    RegionListing,
    Series,
    SeriesListing,
    Tag,
    TagListing,
)
from articles.models.listing import Listing
from articles.pictures import without_sources
from articles.pieces import public_text, rendering_of
from articles.render import in_own_words
from articles.views.public import absolute, day_name, public
from authors.models import Author
from forum.models import Masthead
from prose.measure import text_of

COUNT = 20
# XML has no way to write these, and one of them would cost the reader the whole feed.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# The frame in which a wide table scrolls on the page means nothing elsewhere.
_SCROLLER = re.compile(r'<div class="table-scroll"[^>]*>(<table\b.*?</table>)</div>', re.DOTALL)
_ADDRESS = re.compile(r'(<(?:a|img)\b[^<>]*? (?:href|src)=")([/#][^"]*)"')


@public
def feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime) -> HttpResponse:
    ids = Article.objects.listed(now).newest_first().values_list("pk", flat=True)[:COUNT]
    return _answer(
        request, masthead, now, list(ids), title=masthead.name, link="/", about=masthead.description or masthead.tagline
    )


@public
def region_feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    region = Region.objects.filter(slug=slug).first()
    if region is None:
        return moved(request, RegionListing, slug, "articles:region_feed", now)
    return _of(request, masthead, now, RegionListing, region, region.name, region.description, may_be_empty=True)


@public
def topic_feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    topic = Tag.objects.filter(slug=slug).first()
    if topic is None:
        return moved(request, TagListing, slug, "articles:topic_feed", now)
    return _of(request, masthead, now, TagListing, topic, topic.name, topic.description)


@public
def author_feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    author = Author.objects.filter(slug=slug).first()
    if author is None:
        return moved(request, AuthorListing, slug, "articles:author_feed", now)
    return _of(request, masthead, now, AuthorListing, author, author.name, author.bio)


@public
def series_feed(request: HttpRequest, masthead: Masthead, now: datetime.datetime, slug: str) -> HttpResponse:
    series = Series.objects.filter(slug=slug).first()
    if series is None:
        return moved(request, SeriesListing, slug, "articles:series_feed", now)
    return _of(request, masthead, now, SeriesListing, series, series.title, text_of(series.introduction))


def _of(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, model: type[Listing], target: Any, name: str, about: str,
    *, may_be_empty: bool = False,
) -> HttpResponse:  # fmt: skip
    """The feed of one list. As with its page, only a region's is there before anything is listed."""
    rows = rows_in(model, target.pk, now).order_by("-published_at", "-article_id")
    ids = list(rows.values_list("article_id", flat=True)[:COUNT])
    title = f"{name} · {masthead.name}"
    return _answer(
        request,
        masthead,
        now,
        ids,
        title=title,
        link=target.get_absolute_url(),
        about=about or title,
        may_be_empty=may_be_empty,
    )


def _answer(
    request: HttpRequest, masthead: Masthead, now: datetime.datetime, ids: list[int],
    *, title: str, link: str, about: str, may_be_empty: bool = True,
) -> HttpResponse:  # fmt: skip
    pieces = list(_pieces(ids, now))
    if not pieces and not may_be_empty:
        raise Http404("There is no such feed.")
    made = Feed(
        title=_clean(title), link=absolute(link), description=_clean(about), language=_clean(masthead.language.lower()),
        feed_url=absolute(request.path),
    )  # fmt: skip
    for article in pieces:
        _add(made, article)
    response = HttpResponse(content_type="application/rss+xml; charset=utf-8")
    made.write(response, "utf-8")
    return response


def _pieces(ids: list[int], now: datetime.datetime) -> Iterable[Article]:
    """With what an item prints: text, bylines, regions, topics, and what readers were told since."""
    told = Publication.objects.filter(at__lte=now)
    found = (
        Article.objects.listed(now)
        .filter(pk__in=ids)
        .select_related("live__lead_image", "live__rendering")
        .prefetch_related("bylines", "regions", "tagged_items__tag", Prefetch("publications", told))
    )
    return sorted(found, key=lambda article: (article.published_at, article.pk), reverse=True)


def _add(made: "Feed", article: Article) -> None:
    text = public_text(article)
    address = absolute(article.get_absolute_url())
    made.add_item(
        title=_clean(text.title),
        link=address,
        description=_clean(text.in_brief),
        # The same for ever, whatever becomes of title, slug and date: a reader's program knows a piece by it.
        unique_id=f"{urlsplit(settings.SITE_URL).hostname}:article:{article.pk}",
        unique_id_is_permalink=False,
        pubdate=article.published_at,
        updateddate=max((p.at for p in article.publications.all()), default=article.published_at),
        categories=[_clean(r.name) for r in article.regions.all()]
        + [_clean(i.tag.name) for i in article.tagged_items.all()],
        creators=[_clean(byline.name) for byline in article.byline_list],
        content=_clean(_content(article, address)),
    )


def _content(article: Article, address: str) -> str:
    """What the page has, for reading elsewhere: corrections, the lead image, In Brief, the text, who wrote it."""
    text = public_text(article)
    parts: list[str] = [
        format_html("<p><strong>Correction, {}:</strong> {}</p>", day_name(timezone.localdate(p.at)), p.note)
        for p in article.publications.all()
        if p.kind == Publication.Kind.CORRECTION
    ]
    if image := text.lead_image:
        caption = " ".join(filter(None, (image.caption, image.credit)))
        parts.append(
            format_html(
                '<figure><img src="{}" alt="{}" width="{}" height="{}">{}</figure>',
                image.file.url, image.alt, image.width, image.height,
                format_html("<figcaption>{}</figcaption>", caption) if caption else "",
            )
        )  # fmt: skip
    parts += [format_html("<p><strong>{}</strong></p>", part) for part in text.in_brief.split("\n\n") if part.strip()]
    parts.append(without_sources(_SCROLLER.sub(r"\1", in_own_words(rendering_of(text).html))))
    parts += [
        format_html("<p><em>{}</em></p>", bio) for bio in dict.fromkeys(b.bio for b in article.byline_list) if bio
    ]
    return _ADDRESS.sub(
        lambda m: f'{m[1]}{escape(address) if m[2][0] == "#" else settings.SITE_URL}{m[2]}"', "\n".join(parts)
    )


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


class Feed(Rss201rev2Feed):
    """RSS 2.0 as its readers expect it: an author each in dc:creator, the summary before the full text."""

    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def latest_post_date(self) -> datetime.datetime:
        """The last change of any item. Never the present moment, so that an unchanged feed has the same bytes."""
        moments = [item["updateddate"] for item in self.items if item["updateddate"]]
        return max(moments, default=datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        handler.addQuickElement("title", item["title"])
        handler.addQuickElement("link", item["link"])
        handler.addQuickElement("guid", item["unique_id"], {"isPermaLink": "false"})
        handler.addQuickElement("pubDate", rfc2822_date(item["pubdate"]))
        for creator in item["creators"]:
            handler.addQuickElement("dc:creator", creator)
        for category in item["categories"]:
            handler.addQuickElement("category", category)
        handler.addQuickElement("description", item["description"])
        handler.addQuickElement("content:encoded", item["content"])
