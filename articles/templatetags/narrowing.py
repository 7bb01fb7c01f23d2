"""What a search can be narrowed to, up to seventy links on a page, written out here: a template takes ten times as long."""

from html import escape
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

register = template.Library()


@register.simple_tag
def facet(one: dict[str, Any]) -> SafeString:
    """`{% facet facet %}`: one facet, as `_search_facets.html` takes it."""
    title = escape(str(one["title"]))
    return mark_safe(  # noqa: S308  every part was escaped
        f"""<section aria-labelledby="facet-{one["id"]}">
    <h3 id="facet-{one["id"]}">{title}</h3>
    <ul>
      {_links(one["values"])}
    </ul>
    {_folded(title, one["more"]) if one["more"] else ""}
  </section>"""
    )


def _folded(title: str, values: list[dict[str, Any]]) -> str:
    count = len(values)
    more = escape(ngettext("%(number)s more", "%(number)s more", count) % {"number": count})
    return f"""<details>
      <summary>{more}<span class="visually-hidden">: {title}</span></summary>
      <ul>
        {_links(values)}
      </ul>
    </details>"""


def _links(values: list[dict[str, Any]]) -> str:
    return "\n      ".join(
        [
            f'<li><a href="{escape(one["url"])}" rel="nofollow"><bdi>{escape(one["name"])}</bdi> '
            f'<span class="count">{_number(one["count"])}</span></a></li>'
            for one in values
        ]
    )


def _number(count: int) -> str:
    # Of three digits and less every language makes the same.
    return str(count) if count < 1_000 else escape(number_format(count, force_grouping=True))
