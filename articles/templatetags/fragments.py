"""Fragments that stand on a page a dozen times, written out here: a template takes ten times as long for each.

They belong to the partials of their names (`templates/articles/_meta.html`, `_picture.html`), which say what
they take, and read it from the context as those would.
"""

from html import escape
from typing import Any

from django import template
from django.template import Context
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from articles.models import Image
from articles.pieces import Piece
from forum.remembered import surroundings
from forum.templatetags.languages import first_names

register = template.Library()


def as_text(value: Any) -> str:
    """As a template prints it."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


class Printed(template.Node):
    """The partial `name` for the piece or pieces that `what` says, shown as `how` says; each of several within `around`."""

    def __init__(
        self, name: str, what: FilterExpression, how: dict[str, FilterExpression], around: tuple[str, str]
    ) -> None:
        self.name, self.what, self.how, self.around = name, what, how, around

    def render(self, context: Context) -> SafeString:
        what = self.what.resolve(context)
        how = {word: value.resolve(context) for word, value in self.how.items()}
        if isinstance(what, Piece):
            return printed(context, self.name, what, **how)
        here, (before, after) = _here(context), self.around
        parts = [f"{before}{_printed(context, self.name, piece, how, here)}{after}" for piece in what]
        return mark_safe("".join(parts))  # noqa: S308  each is safe


_AROUND = {"printed": ("", ""), "printed_each": ("", "\n  "), "printed_items": ("<li>", "</li>\n    ")}


@register.tag("printed")
@register.tag("printed_each")
@register.tag("printed_items")
def do_printed(parser: Parser, token: Token) -> Printed:
    """`{% printed "articles/_card.html" piece level="2" %}`: a partial that takes a piece as `article`, and how it is shown there,
    and prints nothing else. `{% printed_each … pieces … %}` prints each of several, `{% printed_items … %}` as the items of a list."""
    tag, name, what, *how = token.split_contents()
    words = token_kwargs(how, parser)
    if how:
        raise template.TemplateSyntaxError(f"“{tag}” takes how a piece is shown as name=value, not {how[0]}.")
    return Printed(name.strip("\"'"), parser.compile_filter(what), words, _AROUND[tag])


def printed(context: Context, name: str, piece: Piece, **how: Any) -> SafeString:
    """The partial of that name for a piece, made once for what the piece was made from. For the desk's preview it is made as ever."""
    return _printed(context, name, piece, how, _here(context))


def _here(context: Context) -> tuple[Any, ...] | None:
    """What shapes all that is printed on this page; None on the desk's preview."""
    return None if context.get("preview") else context.get("surroundings") or surroundings()


def _printed(context: Context, name: str, piece: Piece, how: dict[str, Any], here: tuple[Any, ...] | None) -> SafeString:  # fmt: skip
    if piece.printed is None or here is None:
        with context.push(article=piece, **how):
            return _template(context, name).render(context)
    # A list of a region names that one first, or the one within it for which the piece stands there.
    region = piece.region_list[0].url if piece.region_list else ""
    key = (name, region, *how.items(), *here)
    found = piece.printed.get(key)
    if found is None:
        found = piece.printed[key] = _template(context, name).render(Context({"article": piece, **how}))
    return found


def _template(context: Context, name: str) -> template.Template:
    return context.template.engine.get_template(name)  # type: ignore[union-attr]  # this runs within one


# Where a search puts the title with its words marked, and what of the text has them; no text of the database has such.
_TITLE, _TEXT = SafeString("\0title\0"), SafeString("\0text\0")


@register.simple_tag(takes_context=True)
def found(context: Context, piece: Piece, title: SafeString, text: SafeString, level: int) -> SafeString:
    """A result of a search as `_entry.html` prints it: all but the two is the same for every search."""
    entry = printed(
        context, "articles/_entry.html", piece, marked_title=_TITLE, snippet=_TEXT if text else "", level=level
    )
    return mark_safe(entry.replace(_TITLE, title).replace(_TEXT, text))  # noqa: S308  both are safe


class Open(template.Node):
    """What stands between the tags is left open in a page that is kept for many readers (`articles.views.sheet`)."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        places = context.get("places")
        return places.left(self.nodelist) if places else self.nodelist.render(context)


@register.tag("open")
def do_open(parser: Parser, token: Token) -> Open:
    """`{% open %}…{% endopen %}`: takes part_of, related, years, interface, surroundings and no more."""
    nodelist = parser.parse(("endopen",))
    parser.delete_first_token()
    return Open(nodelist)


@register.simple_tag(takes_context=True)
def meta_line(context: Context) -> SafeString:
    """One line under a title in a list."""
    return meta_of(
        context["article"], has_date=bool(context.get("has_date")), has_minutes=bool(context.get("has_minutes"))
    )


def meta_of(piece: Piece, *, has_date: bool = False, has_minutes: bool = False) -> SafeString:
    parts = ['<p class="meta items">']
    if authors := piece.author_list:
        only = authors[0].affiliation if len(authors) == 1 else ""
        parts.append(f"<span>{first_names(authors)}{f', <bdi>{as_text(only)}</bdi>' if only else ''}</span>")
    if has_date and (day := piece.published_on):
        parts.append(
            f' <time datetime="{day.isoformat()}" class="nowrap">{as_text(date_format(day, "DATE_FORMAT"))}</time>'
        )
    if has_minutes and (minutes := piece.reading_minutes):
        read = ngettext("%(minutes)s min read", "%(minutes)s min read", minutes) % {"minutes": minutes}
        parts.append(f' <span class="nowrap">{as_text(read)}</span>')
    return mark_safe("".join([*parts, "</p>"]))  # noqa: S308  every part was escaped above


@register.simple_tag(takes_context=True)
def picture(context: Context) -> SafeString:
    """The sources and the picture itself."""
    image = context.get("image")
    if not image:
        return SafeString("")
    return picture_of(
        context,
        image,
        alt=context.get("alt") or "",
        sizes=context.get("sizes") or "",
        is_card=bool(context.get("is_card")),
    )


def picture_of(context: Context, image: Image, *, alt: str, sizes: str, is_card: bool) -> SafeString:
    """What is fetched first, or early, the context says."""
    shown = as_text(sizes)
    sources = "".join(
        f'<source type="{source.type}" srcset="{as_text(source.srcset)}" sizes="{shown}">'
        for source in (image.card_sources if is_card else image.sources)
    )
    first = ' fetchpriority="high"' if context.get("is_first") else ""
    late = "" if first or context.get("is_early") else ' loading="lazy" decoding="async"'
    return mark_safe(  # noqa: S308  every part was escaped
        f'<picture>{sources}<img src="{as_text(image.file.url)}" width="{image.width}" height="{image.height}" '
        f'alt="{as_text(alt)}" class="{image.focus_class}"{first}{late}></picture>'
    )


@register.simple_tag
def meta_tags(tags: list[tuple[str, str]]) -> SafeString:
    """A line for each in the head of a page (`_meta_citations.html`)."""
    lines = [f'<meta name="{as_text(name)}" content="{as_text(content)}">\n  ' for name, content in tags]
    return mark_safe("".join(lines))  # noqa: S308  every part was escaped above
