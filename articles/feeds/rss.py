"""RSS 2.0 as its readers expect it: an author each in `dc:creator`, the summary before the full text."""

from django.utils.feedgenerator import rfc2822_date

from articles.feeds.entries import Channel, Entry
from articles.feeds.xml import Xml, moment
from prose.markup import escape

CONTENT_TYPE = "application/rss+xml; charset=utf-8"
_SPACES = {
    "xmlns__atom": "http://www.w3.org/2005/Atom",
    "xmlns__content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns__dc": "http://purl.org/dc/elements/1.1/",
    "xmlns__media": "http://search.yahoo.com/mrss/",
}


def write(channel: Channel) -> bytes:
    xml = Xml()
    with xml.inside("rss", version="2.0", **_SPACES), xml.inside("channel"):
        xml.must("title", channel.title)
        xml.add("link", channel.url)
        xml.must("description", channel.about)
        xml.add("atom:link", href=channel.feed_url, rel="self", type="application/rss+xml")
        for name, url in channel.pages:
            xml.add("atom:link", href=url, rel=name, type="application/rss+xml")
        xml.add("language", channel.language)
        xml.add("copyright", channel.rights)
        xml.add("lastBuildDate", rfc2822_date(channel.modified_at))
        for entry in channel.entries:
            xml.put(entry.as_written("rss", _item))
    return xml.written()


def _item(entry: Entry) -> bytes:
    xml = Xml(is_part=True)
    with xml.inside("item"):
        _told(xml, entry)
    return xml.written()


def _told(xml: Xml, entry: Entry) -> None:
    xml.must("title", entry.title)
    xml.add("link", entry.url)
    xml.add("guid", entry.guid, isPermaLink="false")
    xml.add("pubDate", rfc2822_date(entry.published_at))
    xml.add("atom:updated", moment(entry.modified_at))
    for person in entry.authors:
        xml.add("dc:creator", person.name)
    for person in entry.others:
        xml.add("dc:contributor", person.name)
    for category in entry.categories:
        xml.add("category", category)
    xml.add("dc:language", entry.language)
    xml.add("dc:rights", entry.licence)
    if picture := entry.picture:
        # No enclosure: that asks for the length of the file, and so for a look at the storage. No media:description:
        # the most common library takes it for that of the item.
        size = {"width": str(picture.width), "height": str(picture.height)}
        with xml.inside("media:content", url=picture.url, medium="image", **size):
            xml.add("media:credit", picture.credit)
    # HTML by custom, so that a sign of its own is escaped once more.
    xml.add("description", escape(entry.summary))
    xml.add("content:encoded", entry.content)
