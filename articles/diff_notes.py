"""The notes of a difference, such as [now bold], in the language of the site.

`prose.diff` writes them in English, and what it found is kept: here they are said anew where they are shown.
"""

import re
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# What a note says whole.
WHOLE: Final = (
    gettext_noop("new line"),
    gettext_noop("lines joined"),
    gettext_noop("line added"),
    gettext_noop("line removed"),
    gettext_noop("paragraphs joined here"),
    gettext_noop("formatting changed"),
    gettext_noop("now bold"),
    gettext_noop("now italic"),
    gettext_noop("now raised"),
    gettext_noop("now lowered"),
    gettext_noop("now code"),
    gettext_noop("no longer bold"),
    gettext_noop("no longer italic"),
    gettext_noop("no longer raised"),
    gettext_noop("no longer lowered"),
    gettext_noop("no longer code"),
    gettext_noop("no longer a link"),
    gettext_noop("picture added"),
    gettext_noop("picture removed"),
    gettext_noop("note:"),
)
# What it begins with, before words of the text.
BEFORE: Final = (
    gettext_noop("link: %(words)s"),
    gettext_noop("it was %(words)s"),
    gettext_noop("picture added: %(words)s"),
    gettext_noop("picture removed: %(words)s"),
    gettext_noop("description of the picture, was: %(words)s"),
    gettext_noop("now: %(words)s"),
)
# What a block is, alone or within another.
KINDS: Final = (
    gettext_noop("paragraph"),
    gettext_noop("pull quote"),
    gettext_noop("heading"),
    gettext_noop("second heading"),
    gettext_noop("third heading"),
    gettext_noop("quotation"),
    gettext_noop("list"),
    gettext_noop("numbered list"),
    gettext_noop("text set as typed"),
    gettext_noop("caption"),
    gettext_noop("caption of a table"),
    gettext_noop("cell of a table"),
    gettext_noop("heading in a table"),
    gettext_noop("text"),
)
_NOTE = re.compile(r'(<span class="diff-note">\s*\[)([^<>]*?)(\]?</span>)')


def in_own_words(html: str) -> str:
    """What `prose.diff` wrote, its notes in the language now spoken."""
    return _NOTE.sub(lambda note: note[1] + "; ".join(map(_part, note[2].split("; "))) + note[3], html)


def _part(said: str) -> str:
    if said in WHOLE:
        return _(said)
    for pattern in BEFORE:
        start = pattern.removesuffix("%(words)s")
        if said.startswith(start):
            return _(pattern) % {"words": said.removeprefix(start)}
    now, is_kind, was = said.partition(", was ")
    if is_kind:
        return _("%(now)s, was %(was)s") % {"now": _kind(now), "was": _kind(was)}
    return said


def _kind(said: str) -> str:
    if said in KINDS:
        return _(said)
    inner, is_within, outer = said.partition(" in ")
    # Translators: such as “paragraph in quotation”.
    return _("%(inner)s in %(outer)s") % {"inner": _kind(inner), "outer": _kind(outer)} if is_within else said
