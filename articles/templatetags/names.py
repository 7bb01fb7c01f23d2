"""Long lists of names, of months and of what readers were told, written out here as `fragments` are: a page prints hundreds of them.

What is printed is remembered by the rows that it is printed from (`forum.remembered`), a year, a letter or an entry at a
time: a piece that appears changes this year's months, and leaves those of a century as they were.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateformat import format as moment_format
from django.utils.formats import date_format, number_format
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.record import Told
from articles.templatetags.fragments import as_text
from forum.languages import spoken
from forum.remembered import MEMORY, Remembered, surroundings

register = template.Library()

_MOMENT = "Y-m-d\\TH:i:sO"
_HERE = ' aria-current="page"'
# A key holds the rows, and what is made of them is about as long again.
_PRINTED: Remembered[SafeString] = Remembered(MEMORY * 3 // 32, lambda html: 500 + 3 * len(html))


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the archive: its months that have pieces, the newest first, each with its number and how many."""

    number: int
    url: str
    months: tuple[tuple[int, int], ...]

    @property
    def name(self) -> str:
        """As addresses have it."""
        return f"{self.number:04}"

    @property
    def count(self) -> int:
        return sum(count for _, count in self.months)


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    url: str
    count: int


@dataclass(frozen=True, slots=True)
class Person:
    """An author; `native` is the name in its own script."""

    name: str
    native: str
    affiliation: str
    url: str


def once(what: str, key: Any, make: Callable[[], str]) -> SafeString:
    """What `make` prints of the key alone, with every part of it escaped."""
    return _PRINTED((what, key, surroundings()), lambda: mark_safe(make()))  # noqa: S308  what it prints is escaped


# --- Counts ---------------------------------------------------------------------------------------


def counted(count: int) -> SafeString:
    """How many pieces, beside a name that leads to them; nothing for none."""
    if not count:
        return SafeString("")
    said = ngettext(
        '%(number)s<span class="visually-hidden"> piece</span>',
        '%(number)s<span class="visually-hidden"> pieces</span>',
        count,
    )
    number = as_text(number_format(count, force_grouping=True))
    return mark_safe(f'<span class="count">{said % {"number": number}}</span>')  # noqa: S308  a number, and a translation


# --- The archive ----------------------------------------------------------------------------------


@register.simple_tag
def year_of_months(year: Year) -> SafeString:
    """A year with its months, a section of `_archive.html`."""
    return once("year", year, lambda: _year(year))


def _year(year: Year) -> str:
    months = "".join(
        f'<li><a href="{url}">{name}</a>{counted(count)}</li>\n      ' for name, url, count, _ in _months(year)
    )
    return (
        f'<section class="year" aria-labelledby="year-{year.name}">\n    <h2 id="year-{year.name}"><a href="{year.url}">{year.name}</a></h2>\n'
        f'    <ul class="months">\n      {months}\n    </ul>\n  </section>'
    )


def _months(year: Year) -> list[tuple[str, str, int, int]]:
    """Of each month its name, its address, how many pieces, and its number."""
    return [
        (as_text(date_format(datetime.date(year.number, month, 1), "F")), f"{year.url}{month:02}/", count, month)
        for month, count in year.months
    ]


@register.simple_tag
def decade_of_years(name: str, years: tuple[Year, ...], number: int) -> SafeString:
    """Ten years without their months, a section of `_archive.html`."""
    return once("decade", (name, years, number), lambda: _decade(name, years, number))


def _decade(name: str, years: tuple[Year, ...], number: int) -> str:
    rows = "".join(f'<li><a href="{year.url}">{year.name}</a>{counted(year.count)}</li>\n      ' for year in years)
    return (
        f'<section class="year" aria-labelledby="decade-{number}">\n    <h2 id="decade-{number}">{as_text(name)}</h2>\n'
        f'    <ul class="months">\n      {rows}\n    </ul>\n  </section>'
    )


@register.simple_tag
def months_within(year: Year, here: int = 0) -> SafeString:
    """The months of a year in a row: on its own page with their counts, on that of a month with the one that is `here`."""
    return once("within", (year, here), lambda: _within(year, here))


def _within(year: Year, here: int) -> str:
    rows = []
    for name, url, count, number in _months(year):
        said = "" if here else f" {counted(count)}"
        rows.append(f'<li><a href="{url}"{_HERE if number == here else ""}>{name}{said}</a></li>')
    label = as_text(_("Months of %(year)s") % {"year": year.name})
    return f'<ul class="within" aria-label="{label}">{"".join(rows)}</ul>'


# --- Topics and authors ---------------------------------------------------------------------------


@register.simple_tag
def topic_rows(topics: tuple[Topic, ...]) -> SafeString:
    """The rows of `_topic_list.html`."""
    return once("topics", topics, lambda: "".join(map(_topic, topics)))


def _topic(topic: Topic) -> str:
    return f'<li><a href="{as_text(topic.url)}"><bdi>{as_text(topic.name)}</bdi></a>{counted(topic.count)}</li>\n      '


@register.simple_tag
def author_rows(people: tuple[Person, ...]) -> SafeString:
    """The rows of `_author_list.html`."""
    return once("authors", people, lambda: "".join(map(_person, people)))


def _person(one: Person) -> str:
    native = f' <bdi class="native">{as_text(one.native)}</bdi>' if one.native else ""
    place = f'<p class="meta">{as_text(one.affiliation)}</p>' if one.affiliation else ""
    return (
        f'<li>\n        <p class="name"><a href="{as_text(one.url)}"><bdi>{as_text(one.name)}</bdi></a>{native}</p>\n'
        f"        {place}\n      </li>\n      "
    )


# --- Regions --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegionLine:
    """A region with those within it."""

    name: str
    url: str
    count: int
    description: str
    within: "tuple[RegionLine, ...]"


@register.simple_tag
def region_section(region: RegionLine) -> SafeString:
    """One of the topmost regions with all within it, a section of `_region_tree.html`."""
    return once("region", region, lambda: _region(region))


def _region(region: RegionLine) -> str:
    about = f'<p class="description">{as_text(region.description)}</p>' if region.description else ""
    return f"<section>\n    <h2>{_named(region)}</h2>\n    {about}\n    {_branch(region.within)}\n  </section>"


def _branch(regions: tuple[RegionLine, ...]) -> str:
    rows = "".join(f"<li>{_named(region)}{_branch(region.within)}</li>\n  " for region in regions)
    return f"<ul>\n  {rows}\n</ul>" if regions else ""


def _named(region: RegionLine) -> str:
    empty = "" if region.count else ' class="is-empty"'
    return f'<a href="{as_text(region.url)}"{empty}>{as_text(region.name)}</a>{counted(region.count)}'


# --- The record -----------------------------------------------------------------------------------


@register.simple_tag
def told_entry(one: Told) -> SafeString:
    """One time that readers were told that something was wrong, in `record_list.html`."""
    return once("told", (one, timezone.get_current_timezone_name()), lambda: _told(one))


def _told(one: Told) -> str:
    at, page = timezone.localtime(one.at), spoken()
    retracted = (
        f'<span class="retracted" lang="{page["language"]}" dir="{page["direction"]}">{as_text(_("Retracted:"))}</span> '
        if one.is_retracted
        else ""
    )
    return (
        f'<article class="entry">\n      <p class="day"><time datetime="{moment_format(at, _MOMENT)}">{as_text(date_format(at, "DATE_FORMAT"))}</time></p>\n'
        f'      <p class="label">{as_text(one.what)}</p>\n'
        f'      <h3 class="title" id="told-{one.pk}" lang="{as_text(one.language)}" dir="{as_text(one.direction)}"><a href="{as_text(one.url)}">{retracted}{as_text(one.title)}</a></h3>\n'
        f'      <div class="summary" dir="auto">{linebreaks(one.note, autoescape=True)}</div>\n'
        f'      <p class="meta"><a href="{as_text(one.history_url)}" aria-describedby="told-{one.pk}">{as_text(_("What happened to this piece"))}</a></p>\n'
        "    </article>"
    )
