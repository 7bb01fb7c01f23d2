"""The Markdown form of a piece: what its page has, for programs and people that read plain text (CommonMark with the
tables and footnotes of GitHub). Pictures stay on the page: in their place stand description, caption and credit.
"""

import re
from typing import Any
from urllib.parse import urljoin

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from markdownify import MarkdownConverter

from articles.metadata import Contributor, Metadata
from articles.models import Byline
from forum.models import Masthead

_BLANK_LINES = re.compile(r"\n{3,}")
# What would begin something else at the head of a line.
_OPENING = re.compile(r"^(\s*)([#>+=|~-]|[0-9]{1,9}[.)])(?=\s|$)")
_NUMBER = re.compile(r"[0-9]+")


class _Converter(MarkdownConverter):
    """HTML as pages show a body, to Markdown. `base` is the full address of the page, for links within the site."""

    class Options:
        heading_style = "atx"
        bullets = "-"
        escape_misc = True
        table_infer_header = True

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        href = el.get("href", "")
        if "note-back" in el.get("class", []):
            return ""
        if href:
            el["href"] = urljoin(self.options["base"], href)
        return str(super().convert_a(el, text, parent_tags))

    def convert_p(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A pull quote repeats the text to catch the eye; nothing is lost without it."""
        if "pull" in el.get("class", []) and el.get("aria-hidden") == "true":
            return ""
        return str(super().convert_p(el, text, parent_tags))

    def convert_sup(self, el: Any, text: str, parent_tags: set[str]) -> str:
        if "note-ref" in el.get("class", []):
            number = _NUMBER.search(el.get_text())
            return f"[^{number[0]}]" if number else ""
        return str(super().convert_sup(el, text, parent_tags))

    def convert_section(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """The notes, as Markdown has them; each stands on a line of its own."""
        if "footnotes" not in el.get("class", []):
            return text
        notes = [
            f"[^{number}]: {self._children(item)}"
            for number, item in enumerate(el.find_all("li", id=re.compile(r"^note-[0-9]+$")), 1)
        ]
        return "\n\n" + "\n".join(notes) + "\n\n"

    def _children(self, el: Any) -> str:
        return " ".join("".join(self.process_element(child, parent_tags={"_inline"}) for child in el.children).split())

    def convert_img(self, el: Any, text: str, parent_tags: set[str]) -> str:
        alt = self.escape(" ".join(el.get("alt", "").split()), parent_tags)
        return pgettext("in a text without pictures", "(Picture: %(alt)s)") % {"alt": alt} if alt else ""

    def convert_figcaption(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return f"\n\n*{' '.join(text.split())}*\n\n" if text.strip() else ""


def markdown_of(metadata: Metadata, html: str, masthead: Masthead, *, notice: tuple[str, str] = ("", "")) -> str:
    """The whole piece. `html` is its body as pages show it (`Rendering.html`); `notice` is what stands at its head where
    it was retracted: a title and a text."""
    parts = [
        f"# {plain(_('Retracted: %(title)s') % {'title': metadata.title} if metadata.is_retracted else metadata.title)}"
    ]
    parts.append(f"{_names(metadata)}  \n{_facts(metadata, masthead)}".strip())
    if notice[0]:
        parts.append(f"> **{plain(notice[0])}:** {plain(notice[1])}")
    parts += [
        "> **"
        + _("Correction, %(day)s:") % {"day": date_format(timezone.localtime(one.at, masthead.zone), "DATE_FORMAT")}
        + f"** {plain(one.note)}"
        for one in metadata.corrections
    ]
    if metadata.in_brief.strip():
        parts.append(f"**{_('In brief')}:** {plain(metadata.in_brief)}")
    parts.append(body_of(html, metadata.url))
    parts.append("---")
    parts += [f"*{plain(bio)}*" for bio in dict.fromkeys(one.bio for one in metadata.contributors) if bio]
    parts.append(_about(metadata))
    return _BLANK_LINES.sub("\n\n", "\n\n".join(part for part in parts if part)) + "\n"


def body_of(html: str, address: str) -> str:
    """A body as pages show it, as Markdown; links are made full from the address of the page."""
    return _BLANK_LINES.sub("\n\n", _Converter(base=address).convert(html)).strip()


def plain(text: str) -> str:
    """Plain text on one line, of which nothing is read as Markdown."""
    escaped = _Converter(base="").escape(" ".join(text.split()), set())
    return _OPENING.sub(r"\1\\\2", escaped)


def _names(metadata: Metadata) -> str:
    return "; ".join(_name(one) for one in metadata.contributors)


def _name(one: Contributor) -> str:
    who = f"[{plain(one.name)}]({one.url})" if one.url else plain(one.name)
    if label := Byline(role=one.role).role_label:
        who = f"{label} {who}"
    return f"{who}, {plain(one.affiliation)}" if one.affiliation else who


def _facts(metadata: Metadata, masthead: Masthead) -> str:
    day = date_format(metadata.published_on, "DATE_FORMAT")
    return " · ".join(filter(None, (plain(masthead.name), day, f"<{metadata.url}>")))


def _about(metadata: Metadata) -> str:
    rows = [
        (_("Regions"), ", ".join(link.name for link in metadata.regions)),
        (_("Topics"), ", ".join(link.name for link in metadata.topics)),
        (_("Part of"), metadata.series.name if metadata.series else ""),
        ("DOI", metadata.doi),
        (_("Licence"), metadata.licence),
    ]
    return "\n".join(f"- {label}: {plain(text)}" for label, text in rows if text)
