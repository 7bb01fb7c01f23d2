"""The language in which the site speaks to readers: the publication's own where there is a catalogue of it, else English.

A catalogue is a folder in `locale/`. English needs none: it is what the source is written in, and each of its varieties
has its own dates. Desk, authors' pages and letters speak `LANGUAGE_CODE`, whatever readers are spoken to in.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import timezone, translation
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext, to_locale

from forum.models import Masthead
from prose.scripts import direction_of

_TAG = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*")
# That of the page before, for those that must do without the database: a fault is told in the readers' language too.
_last: str | None = None


def code_for(tag: str) -> str:
    """The language to speak where the publication's is `tag`, such as fr-CA, in the way Django writes it."""
    return _code_for(tag.strip().lower().replace("_", "-"), tuple(map(str, settings.LOCALE_PATHS)))


@lru_cache(maxsize=64)
def _code_for(tag: str, folders: tuple[str, ...]) -> str:
    if _TAG.fullmatch(tag):
        if tag.partition("-")[0] == "en":
            return tag
        parts = tag.split("-")
        if any(_has_catalogue("-".join(parts[:n]), folders) for n in range(len(parts), 0, -1)):
            return tag
        # Such as zh-TW, which is written as zh-Hant is.
        for other in LANG_INFO.get(tag, {}).get("fallback", ()):
            if _has_catalogue(other, folders):
                return str(other)
    return settings.LANGUAGE_CODE


def _has_catalogue(code: str, folders: tuple[str, ...]) -> bool:
    return any((Path(folder) / to_locale(code) / "LC_MESSAGES" / "django.mo").is_file() for folder in folders)


def tag_of(code: str) -> str:
    """A language tag as pages carry it: en-GB, zh-Hant."""
    first, *others = code.lower().split("-")
    return "-".join([first, *(part.title() if len(part) == 4 else part.upper() for part in others)])


def spoken() -> dict[str, str]:
    """The language now spoken and its direction, for the attributes `lang` and `dir` of a page and of its own words."""
    return dict(_attributes(translation.get_language() or settings.LANGUAGE_CODE))


@lru_cache(maxsize=64)
def _attributes(code: str) -> dict[str, str]:
    tag = tag_of(code)
    return {"language": tag, "direction": direction_of(tag)}


@contextmanager
def for_readers(masthead: Masthead) -> Iterator[None]:
    """Within it, words, dates and numbers are those of the publication's readers, and days those of its time zone."""
    global _last  # noqa: PLW0603  one word, the same for everyone
    _last = code_for(masthead.language)
    with timezone.override(masthead.zone), translation.override(_last):
        yield


@contextmanager
def as_before() -> Iterator[None]:
    """The same from memory, without a look at the database."""
    with translation.override(_last or settings.LANGUAGE_CODE):
        yield


def in_a_row(parts: Iterable[str]) -> SafeString:
    """“A, B and C” in the language now spoken, as safe HTML; parts that are not marked as safe are escaped."""
    first, *others = [conditional_escape(part) for part in parts] or [SafeString("")]
    if not others:
        return SafeString(first)
    *middle, last = others
    shown = first
    for part in middle:
        # Translators: how names follow one another in a list, but for the last one. Keep the space if you have one.
        shown = format_html(pgettext("in a list", "{before}, {next}"), before=shown, next=part)
    # Translators: how the last name of a list is joined to those before it.
    return format_html(pgettext("end of a list", "{before} and {last}"), before=shown, last=last)
