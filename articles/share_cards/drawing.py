"""How a card looks: paper, ink and the one accent of the site; the title as large as it fits, the picture at the side."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageDraw

from articles.renditions import crop_box, on_paper
from articles.share_cards.typesetting import Script, cut, draw_line, fit, script_for, tidy, width_of

# What all who show cards ask for.
SIZE = WIDTH, HEIGHT = 1200, 630
# The light colours of static/css/tokens.css.
PAPER, INK, SOFT, RULE, ACCENT = "#fdfcf9", "#1a1c20", "#5b5e66", "#dcd7ca", "#9b2f1f"
MARGIN = 72
PICTURE_WIDTH = 440
# The title in the largest of these sizes in which it fits, with the lines that it may have.
TITLE_SIZES = ((96, 2), (82, 3), (72, 4), (64, 5), (56, 5), (50, 6), (44, 7))
TITLE_WEIGHT, SANS_WEIGHT = 600, 500
TOP, FOOT, AIR = 168, 506, 20  # where the title may begin, the rule beneath it, and between
NAMES_SIZE, DAY_SIZE, HOUSE_SIZE, CREDIT_SIZE = 30, 26, 34, 17
SAVING = {"quality": 88, "optimize": True, "progressive": True, "subsampling": 0}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a card says. `picture` may be given only where its licence lets it travel, and its credit can be printed."""

    title: str
    house: str
    names: tuple[str, ...] = ()
    day: str = ""
    label: str = ""
    language: str = ""
    is_rtl: bool = False
    credit: str = ""
    focus: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of the card that text stands in, from edge to edge."""

    left: int
    right: int
    is_rtl: bool

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def start(self) -> int:
        return self.right if self.is_rtl else self.left


def draw(drawn: Drawn, picture: Pillow.Image | None = None) -> bytes:
    """The card as a JPEG. A title, names or a label that no font here can set are left out rather than shown as boxes."""
    card = Pillow.new("RGB", SIZE, PAPER)
    canvas = ImageDraw.Draw(card)
    credit = _script(drawn.credit, "sans", CREDIT_SIZE)
    has_picture = picture is not None and (credit is not None or not drawn.credit)
    frame = _frame(has_picture=has_picture, is_rtl=drawn.is_rtl)
    if picture is not None and has_picture:
        _paste(card, canvas, picture, drawn, credit)
    _house(canvas, drawn, frame)
    _label(canvas, drawn, frame)
    _title(canvas, drawn, frame)
    _foot(canvas, drawn, frame)
    out = io.BytesIO()
    card.save(out, "JPEG", **SAVING)
    return out.getvalue()


def _frame(*, has_picture: bool, is_rtl: bool) -> _Frame:
    beside = PICTURE_WIDTH + 56 if has_picture else MARGIN
    return _Frame(beside, WIDTH - MARGIN, is_rtl) if is_rtl else _Frame(MARGIN, WIDTH - beside, is_rtl)


def _paste(
    card: Pillow.Image, canvas: ImageDraw.ImageDraw, picture: Pillow.Image, drawn: Drawn, credit: Script | None
) -> None:
    """At the side where lines end, cropped round its focal point, with whose it is within it."""
    box = crop_box(picture.width, picture.height, *drawn.focus, (PICTURE_WIDTH, HEIGHT))
    small = on_paper(picture).resize((PICTURE_WIDTH, HEIGHT), Pillow.Resampling.LANCZOS, box=box, reducing_gap=3.0)
    left = 0 if drawn.is_rtl else WIDTH - PICTURE_WIDTH
    card.paste(small, (left, 0))
    if credit is None:
        return
    [line] = cut(tidy(drawn.credit), credit, PICTURE_WIDTH - 40, 1)
    width, height = width_of(line, credit) + 24, 34
    corner = (left + PICTURE_WIDTH - width, HEIGHT - height) if not drawn.is_rtl else (left, HEIGHT - height)
    canvas.rectangle((*corner, corner[0] + width, HEIGHT), fill=INK)
    draw_line(canvas, line, credit, (corner[0] + 12, HEIGHT - 11), PAPER)


def _house(canvas: ImageDraw.ImageDraw, drawn: Drawn, frame: _Frame) -> None:
    """The publication, beneath the rule that its pages have too."""
    x = frame.start
    canvas.rectangle((x - 88, 0, x, 10) if frame.is_rtl else (x, 0, x + 88, 10), fill=ACCENT)
    if script := _script(drawn.house, "serif", HOUSE_SIZE, weight=TITLE_WEIGHT):
        [line] = cut(tidy(drawn.house), script, frame.width, 1)
        draw_line(canvas, line, script, (x, 92), INK, ends=frame.is_rtl)


def _label(canvas: ImageDraw.ImageDraw, drawn: Drawn, frame: _Frame) -> None:
    """What must not be missed, such as that a piece was retracted."""
    if script := _script(drawn.label, "sans", DAY_SIZE, weight=700):
        width = width_of(drawn.label, script)
        left = frame.start - width - 28 if frame.is_rtl else frame.start
        canvas.rectangle((left, 120, left + width + 28, 162), fill=ACCENT)
        draw_line(canvas, drawn.label, script, (left + 14, 150), PAPER)


def _title(canvas: ImageDraw.ImageDraw, drawn: Drawn, frame: _Frame) -> None:
    """In the middle between publication and foot, as large as it fits; a very long one is cut with a sign."""
    text = tidy(drawn.title)
    first = _script(text, "serif", TITLE_SIZES[-1][0], weight=TITLE_WEIGHT, of=drawn)
    if first is None or not text:
        return
    lines: list[str] | None = None
    size, script = first.size, first
    for size, most in TITLE_SIZES:
        script = Script(first.faces, size, first.is_rtl)
        lines = fit(text, script, frame.width, most)
        if lines and _leading(size, script) * len(lines) <= FOOT - TOP - AIR:
            break
    else:
        lines = cut(text, script, frame.width, (FOOT - TOP - AIR) // _leading(size, script))
    leading = _leading(size, script)
    top = TOP + (16 if drawn.label else 0)
    y = top + (FOOT - top - leading * len(lines)) // 2 + round(size * 0.86)
    for line in lines:
        draw_line(canvas, line, script, (frame.start, y), INK, ends=frame.is_rtl)
        y += leading


def _leading(size: int, script: Script) -> int:
    # Other scripts than ours stand higher and hang lower.
    return round(size * (1.32 if script.has_others else 1.14))


def _foot(canvas: ImageDraw.ImageDraw, drawn: Drawn, frame: _Frame) -> None:
    canvas.rectangle((frame.left, FOOT, frame.right, FOOT + 1), fill=RULE)
    y = FOOT + 48
    if names := names_line(drawn.names, frame.width, drawn):
        line, script = names
        draw_line(canvas, line, script, (frame.start, y), INK, ends=frame.is_rtl)
        y += 40
    if day := _script(drawn.day, "sans", DAY_SIZE):
        [line] = cut(tidy(drawn.day), day, frame.width, 1)
        draw_line(canvas, line, day, (frame.start, y), SOFT, ends=frame.is_rtl)


def names_line(names: Sequence[str], width: int, drawn: Drawn) -> tuple[str, Script] | None:
    """As many names as fit, and how many more there are; a name that no font can set counts among those."""
    told = [name for name in map(tidy, names) if name]
    settable = [name for name in told if _script(name, "sans", NAMES_SIZE)]
    for count in range(len(settable), 0, -1):
        more = len(told) - count
        line = ", ".join(settable[:count]) + (f" +{more}" if more else "")
        script = _script(line, "sans", NAMES_SIZE, of=drawn)
        if script and width_of(line, script) <= width:
            return line, script
    if settable and (script := _script(settable[0], "sans", NAMES_SIZE, of=drawn)):
        return cut(settable[0], script, width, 1)[0], script
    return None


def _script(text: str, style: str, size: int, *, weight: int = SANS_WEIGHT, of: Drawn | None = None) -> Script | None:
    if not text:
        return None
    language, is_rtl = (of.language, of.is_rtl) if of else ("", False)
    return script_for(tidy(text), style, weight, size, language=language, is_rtl=is_rtl)
