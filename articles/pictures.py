"""Pictures within texts, as pages show them: in the width that a screen needs, fetched when they come near, with credit."""

import re
from html import escape, unescape

from articles.images import pictures_in
from articles.models import Image

# The column of the text is 39rem wide (`--measure` in tokens.css), with a margin at each side on a phone.
SIZES = "(min-width: 42rem) 39rem, calc(100vw - 2.5rem)"

# Sanitised HTML: attributes are quoted, no figure stands within another, and `src` comes first.
_FIGURE = re.compile(r"<figure\b[^<>]*>.*?</figure>", re.DOTALL)
_IMG = re.compile(r'<img\b[^<>]*? src="([^"]*)"[^<>]*>')
_CAPTION_END = "</figcaption>"
_TAG = re.compile(r"<[^<>]*>")
_PICTURE = re.compile(r"</?picture>|<source\b[^<>]*>")


def show_pictures(html: str) -> str:
    """Each `<img>` of a sanitised text as a `<picture>` with its renditions, and the credit of its row beneath it.

    A picture that is not of the library stays as it is, but is fetched when it comes near.
    """
    names = pictures_in(html)
    if not names:
        return html
    found = {image.file.name: image for image in Image.objects.filter(file__in=names)}
    # Figures first, so that the pictures left are those outside of one.
    parts, end = [], 0
    for figure in _FIGURE.finditer(html):
        parts += [_loose(html[end : figure.start()], found), _figure(figure[0], found)]
        end = figure.end()
    parts.append(_loose(html[end:], found))
    return "".join(parts)


def without_sources(html: str) -> str:
    """Plain `<img>` again, for those who read elsewhere: a feed is kept for years, and its readers may know no other."""
    return _PICTURE.sub("", html)


def _of(img: re.Match[str], found: dict[str, Image]) -> Image | None:
    names = pictures_in(img[0])
    return found.get(names[0]) if names else None


def _figure(figure: str, found: dict[str, Image]) -> str:
    images = [_of(img, found) for img in _IMG.finditer(figure)]
    caption = unescape(_TAG.sub("", figure))
    # Not twice where its writer put it into the caption already.
    owed = dict.fromkeys(i.credit for i in images if i and i.credit and i.credit not in caption)
    shown = _IMG.sub(lambda img: _picture(img, _of(img, found)), figure)
    if not owed:
        return shown
    said = "".join(_credit(credit) for credit in owed)
    if _CAPTION_END in shown:
        before, _, after = shown.rpartition(_CAPTION_END)
        return f"{before}{'' if before.endswith('<figcaption>') else ' '}{said}{_CAPTION_END}{after}"
    return shown.removesuffix("</figure>") + f"<figcaption>{said}{_CAPTION_END}</figure>"


def _loose(html: str, found: dict[str, Image]) -> str:
    def shown(img: re.Match[str]) -> str:
        image = _of(img, found)
        return _picture(img, image) + (f" {_credit(image.credit)}" if image and image.credit else "")

    return _IMG.sub(shown, html)


def _credit(credit: str) -> str:
    return f'<span class="credit">{escape(credit)}</span>'


def _picture(img: re.Match[str], image: Image | None) -> str:
    tag = img[0].removesuffix("/>").removesuffix(">").rstrip()
    if image and image.alt and not re.search(r' alt="[^"]', tag):
        tag = f'{tag.replace(" alt=" + chr(34) * 2, "")} alt="{escape(image.alt)}"'
    if image and " width=" not in tag and " height=" not in tag:
        # So that nothing moves when it comes.
        tag += f' width="{image.width}" height="{image.height}"'
    tag += ' loading="lazy" decoding="async">'
    sources = "".join(
        f'<source type="{source.type}" srcset="{escape(source.srcset)}" sizes="{SIZES}">'
        for source in (image.sources if image else ())
    )
    return f"<picture>{sources}{tag}</picture>" if sources else tag
