"""Lists of names in the language that the page speaks."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from forum.languages import in_a_row

register = template.Library()


@register.filter
def names(people: Iterable[Any]) -> SafeString:
    """`{{ article.byline_list|names }}`: their names in a row, each apart from the direction of what stands round it."""
    return in_a_row(format_html("<bdi>{}</bdi>", person.name) for person in people)


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
