"""What every block of structured data is made with."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from articles.pieces import Link
from articles.views.public import absolute

Thing = dict[str, Any]
CONTEXT = "https://schema.org"


def graph(*things: Thing) -> Thing:
    """Several things of one page."""
    return {"@context": CONTEXT, "@graph": [thing for thing in things if thing]}


def said(things: Mapping[str, Any]) -> Thing:
    """Without what is not known: an empty value would say that there is none."""
    return {key: value for key, value in things.items() if value not in ("", None, [], {}, ())}


def one_or_all(things: Iterable[Any]) -> Any:
    """A single value as such, several as a list: that is how most readers of the format expect them."""
    found = list(things)
    return found[0] if len(found) == 1 else found


def breadcrumbs(*trail: Link) -> Thing:
    """From the front page to where one is; the last is the page itself."""
    whole = [Link(_("Front page"), "/"), *trail]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            said({"@type": "ListItem", "position": place, "name": link.name, "item": absolute(link.url)})
            for place, link in enumerate(whole, start=1)
        ],
    }


# Within a script element these could end it, begin a comment, or break a line for readers of old JavaScript.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}


def block(thing: Thing) -> SafeString:
    """As it stands within `<script type="application/ld+json">`: a block of data, which no browser runs."""
    text = json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
    return SafeString(text.translate(_ESCAPES))
