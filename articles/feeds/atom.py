"""Atom, RFC 4287."""

from articles.feeds.entries import Channel, Entry
from articles.feeds.xml import Xml, moment
from articles.metadata import Contributor

CONTENT_TYPE = "application/atom+xml; charset=utf-8"


def write(channel: Channel) -> bytes:
    xml = Xml()
    with xml.inside("feed", xmlns="http://www.w3.org/2005/Atom", xml__lang=channel.language):
        xml.must("id", channel.urn)
        xml.must("title", channel.title)
        xml.add("subtitle", channel.about)
        xml.add("link", rel="alternate", type="text/html", href=channel.url)
        xml.add("link", rel="self", type="application/atom+xml", href=channel.feed_url)
        for name, url in channel.pages:
            xml.add("link", rel=name, type="application/atom+xml", href=url)
        xml.add("updated", moment(channel.modified_at))
        xml.add("rights", channel.rights)
        xml.add("icon", channel.icon)
        # Whose the feed is, and every piece without a name above it.
        with xml.inside("author"):
            xml.must("name", channel.publication)
            xml.add("uri", channel.site_url)
        for entry in channel.entries:
            xml.put(entry.as_written("atom", _entry))
    return xml.written()


def _entry(entry: Entry) -> bytes:
    xml = Xml(is_part=True)
    with xml.inside("entry", xml__lang=entry.language):
        _told(xml, entry)
    return xml.written()


def _told(xml: Xml, entry: Entry) -> None:
    xml.must("id", entry.urn)
    xml.must("title", entry.title)
    xml.add("link", rel="alternate", type="text/html", hreflang=entry.language, href=entry.url)
    if entry.licence_url:
        xml.add("link", rel="license", href=entry.licence_url)
    if entry.picture:
        xml.add("link", rel="enclosure", type=entry.picture.type, title=entry.picture.alt, href=entry.picture.url)
    xml.add("published", moment(entry.published_at))
    xml.add("updated", moment(entry.modified_at))
    for person in entry.authors:
        _person(xml, "author", person)
    for person in entry.others:
        _person(xml, "contributor", person)
    for category in entry.categories:
        xml.add("category", term=category)
    xml.add("rights", entry.licence)
    xml.add("summary", entry.summary)
    xml.add("content", entry.content, type="html")


def _person(xml: Xml, tag: str, person: Contributor) -> None:
    with xml.inside(tag):
        xml.must("name", person.name)
        xml.add("uri", person.url)
