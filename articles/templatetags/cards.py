"""Pieces in lists, written out here as `fragments` are: a list that was never asked for before prints two dozen of them.

They belong to the partials of their names (`templates/articles/_card.html`, `_entry.html`, `_label.html`), which say what they
take, and read it from the context as those would.
"""

from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from articles.pieces import Piece
from articles.templatetags.fragments import as_text, meta_of, picture_of

register = template.Library()

# How wide a picture is shown in a column of three.
_SIZES = "(max-width: 35.99rem) 6.75rem, (max-width: 64rem) 46vw, 24rem"
# Of an In Brief in a list of rows.
_WORDS = 70


@register.simple_tag(takes_context=True)
def card(context: Context) -> SafeString:
    """One piece in a grid."""
    piece: Piece = context["article"]
    is_plain, image = context.get("is_plain"), piece.live.lead_image
    shown = ""
    if image and not is_plain:
        shown = _linked_picture(piece, picture_of(context, image, alt="", sizes=context.get("sizes") or _SIZES, is_card=True))  # fmt: skip
    summary = piece.live.in_brief and not is_plain and _summary(piece, as_text(piece.live.in_brief))
    return mark_safe(  # noqa: S308  every part was escaped
        f'<article class="card{" is-plain" if is_plain else ""}">\n  {shown}\n  {label_of(context, piece)}\n\n'
        f"  {_title(piece, as_text(piece.live.title), context.get('level') or '3')}\n  {summary or ''}\n"
        f"  {meta_of(piece, has_date=True)}\n\n</article>"
    )


@register.simple_tag(takes_context=True)
def entry(context: Context) -> SafeString:
    """One piece in a list of rows."""
    piece: Piece = context["article"]
    place, image = context.get("place"), context.get("has_picture") and piece.live.lead_image
    day = piece.published_on
    if place:
        side = f'<p class="place">{as_text(place)}</p>'
    else:
        name = as_text(date_format(day, "DATE_FORMAT")) if day else ""
        side = f'<p class="day"><time datetime="{day.isoformat() if day else ""}">{name}</time></p>'
    summary = context.get("snippet") or (
        piece.live.in_brief and Truncator(piece.live.in_brief).words(_WORDS, truncate=" …")
    )
    shown = _linked_picture(piece, picture_of(context, image, alt="", sizes="13rem", is_card=True)) if image else ""
    return mark_safe(  # noqa: S308  every part was escaped
        f'<article class="entry{" has-place" if place else ""}{" has-picture" if image else ""}">\n  {side}\n  {label_of(context, piece)}\n\n'
        f"  {_title(piece, as_text(context.get('marked_title') or piece.live.title), context.get('level') or '2')}\n"
        f"  {_summary(piece, as_text(summary)) if summary else ''}\n"
        f"  {meta_of(piece, has_date=bool(place), has_minutes=True)}\n\n  {shown}\n</article>"
    )


@register.simple_tag(takes_context=True)
def label(context: Context) -> SafeString:
    """The first region of a piece, above its title."""
    return label_of(context, context["article"])


def label_of(context: Context, piece: Piece) -> SafeString:
    """On the desk's preview of a moment, which is in English, it says first when the piece will appear."""
    lines, preview = [], context.get("preview")
    if preview and piece.published_at and piece.published_at > preview["now"]:
        at = date_format(timezone.localtime(piece.published_at), "j F Y, H:i")
        lines.append(f'<p class="label is-scheduled">Scheduled for {as_text(at)}</p>')
    if piece.region_list:
        region = piece.region_list[0]
        lines.append(f'<p class="label"><a href="{as_text(region.url)}">{as_text(region.name)}</a></p>')
    return mark_safe("".join(lines))  # noqa: S308  every part was escaped


def _title(piece: Piece, title: str, level: Any) -> str:
    heading = f"h{as_text(level)}"
    return (
        f'<{heading} class="title" {_said(piece)}><a href="{as_text(piece.get_absolute_url)}">{title}</a></{heading}>'
    )


def _summary(piece: Piece, text: str) -> str:
    return f'<p class="summary" {_said(piece)}>{text}</p>'


def _said(piece: Piece) -> str:
    return f'lang="{as_text(piece.language)}" dir="{as_text(piece.direction)}"'


def _linked_picture(piece: Piece, picture: str) -> str:
    return (
        f'<a class="picture" href="{as_text(piece.get_absolute_url)}" tabindex="-1" aria-hidden="true">{picture}\n</a>'
    )
