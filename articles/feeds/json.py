"""JSON Feed 1.1."""

import json
from typing import Any

from articles.feeds.entries import Channel, Entry
from articles.feeds.xml import moment
from articles.metadata import Contributor
from prose.characters import well_formed

# Where the items go, which are written one by one. No text has it: what is told is free of such characters.
_HERE = "\ufdd0items\ufdd0"
CONTENT_TYPE = "application/feed+json; charset=utf-8"


def write(channel: Channel) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.url,
        "feed_url": channel.feed_url,
        "next_url": channel.older_url,
        "description": channel.about,
        "icon": channel.icon,
        "language": channel.language,
        "authors": [{"name": channel.publication, "url": channel.site_url}],
        "_rights": {"text": channel.rights},
        "items": [_HERE] if channel.entries else [],
    }
    items = b",\n  ".join(entry.as_written("json", _item) for entry in channel.entries)
    return _written(_told(feed)).replace(f'"{_HERE}"'.encode(), items)


def _written(told: dict[str, Any]) -> bytes:
    return well_formed(json.dumps(told, ensure_ascii=False, indent=1)).encode()


def _item(entry: Entry) -> bytes:
    """As it stands within the list."""
    return _written(_item_of(entry)).replace(b"\n", b"\n  ")


def _item_of(entry: Entry) -> dict[str, Any]:
    return _told(
        {
            "id": entry.urn,
            "url": entry.url,
            "title": entry.title,
            "content_html": entry.content,
            "summary": entry.summary,
            "image": entry.picture.url if entry.picture else "",
            "date_published": moment(entry.published_at),
            "date_modified": moment(entry.modified_at),
            "authors": [_person(person) for person in entry.authors if person.name],
            "tags": entry.categories,
            "language": entry.language,
            # JSON Feed has no place for a licence; what begins with a line is anybody's own.
            "_rights": _told({"text": entry.licence, "url": entry.licence_url}),
        }
    )


def _person(person: Contributor) -> dict[str, Any]:
    return _told({"name": person.name, "url": person.url})


def _told(found: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty and may be left out."""
    return {name: value for name, value in found.items() if value or name in ("title", "items", "content_html")}
