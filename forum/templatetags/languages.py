"""Lists of names in the language that the page speaks."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from forum.languages import in_a_row

register = template.Library()

# More authors than that, and a list of pieces names the first of them.
MANY, SHOWN = 4, 2


@register.filter
def names(people: Iterable[Any]) -> SafeString:
    """`{{ article.byline_list|names }}`: their names in a row, each apart from the direction of what stands round it."""
    return in_a_row(format_html("<bdi>{}</bdi>", person.name) for person in people)


@register.filter
def first_names(people: Sequence[Any]) -> SafeString:
    """The same for a list of pieces, where a dozen names would push aside what they wrote: of many the first two."""
    if len(people) <= MANY:
        return names(people)
    count = len(people) - SHOWN
    shown = [format_html("<bdi>{}</bdi>", person.name) for person in people[:SHOWN]]
    # Translators: how many wrote a piece beside those who are named: “A, B and 12 others”.
    return in_a_row([*shown, ngettext("%(count)s other", "%(count)s others", count) % {"count": count}])


@register.filter
def linked(people: Iterable[Any]) -> SafeString:
    """The same, each leading to its page where it has one."""
    return in_a_row(
        format_html('<a href="{}"><bdi>{}</bdi></a>' if person.url else "{}<bdi>{}</bdi>", person.url, person.name)
        for person in people
    )


@register.filter
def row(parts: Iterable[str]) -> SafeString:
    """`{{ days|row }}`: texts, or safe HTML, in a row."""
    return in_a_row(parts)
