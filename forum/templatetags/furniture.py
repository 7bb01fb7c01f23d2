"""What stands round every page: made once for each masthead, section and language, not for each page.

What it is kept by is what it is made from, so that it can't be of yesterday.
"""

from typing import Any, Final

from django import template
from django.template import Context
from django.template.base import NodeList, Parser, Token
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from forum.models import Masthead

register = template.Library()

_FEEDS: Final = """<link rel="alternate" type="application/rss+xml" title="{title}" href="{under}feed/">
  <link rel="alternate" type="application/atom+xml" title="{title} (Atom)" href="{under}feed/atom/">
  <link rel="alternate" type="application/feed+json" title="{title} (JSON)" href="{under}feed.json">"""
# More than a publication has sections and languages; then all are made anew.
MOST: Final = 200


class Furniture(template.Node):
    """What stands between the tags depends on masthead, section, language and year, and on nothing else."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._kept: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        masthead = context.get("masthead")
        if not isinstance(masthead, Masthead):
            return self.nodelist.render(context)
        key = (masthead.fingerprint, context.get("section"), get_language(), timezone.localdate().year)
        if key not in self._kept:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = self.nodelist.render(context)
        return self._kept[key]


@register.tag
def furniture(parser: Parser, token: Token) -> Furniture:
    """`{% furniture %}…{% endfurniture %}`"""
    nodelist = parser.parse(("endfurniture",))
    parser.delete_first_token()
    return Furniture(nodelist)


@register.simple_tag
def feed_links(title: str, under: str) -> SafeString:
    """The feeds of a list, for programs that look for them; `under` is the address of the list."""
    return format_html(_FEEDS, title=title, under=under)
