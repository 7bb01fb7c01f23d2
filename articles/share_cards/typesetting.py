"""Lines of text on a picture, in any script: where they may break, which font each part takes, which way it runs."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import ImageDraw

from articles.share_cards.fonts import Face, can_shape, faces_for, font, has

# Signs that no line begins with, and those that none ends with, where there are no spaces between words.
_NOT_FIRST = frozenset("、。，．・：；？！ー々〉》」』】〕〗’”）］｝…‥ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ%‰℃")
_NOT_LAST = frozenset("〈《「『【〔〖‘“（［｛$£¥")
# Chinese and Japanese; a line of Thai, Lao, Khmer or Burmese breaks between its clusters, for want of a dictionary.
_IDEOGRAPHS = re.compile("[\u2e80-\u312f\u3190-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Script:
    """How a text is drawn: its fonts, at a size, in a direction."""

    faces: tuple[Face, ...]
    size: int
    is_rtl: bool = False

    @property
    def has_others(self) -> bool:
        """Whether letters come from fonts of the system."""
        return any(face.is_of_system for face in self.faces)


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one font and one direction."""

    text: str
    face: Face
    is_rtl: bool


def script_for(
    text: str, style: str, weight: int, size: int, *, language: str = "", is_rtl: bool = False
) -> Script | None:
    """None where no font has all letters of the text."""
    faces = faces_for(text, style, weight, language)
    return Script(tuple(faces), size, is_rtl) if faces else None


def tidy(text: str) -> str:
    """On one line, without what is seen by nobody, but for the joiners of Arabic and Indian scripts."""
    kept = (
        sign
        for sign in unicodedata.normalize("NFC", text)
        if unicodedata.category(sign) not in ("Cf", "Cc", "Cs", "Co", "Cn") or sign in "\n\t" or sign in "\u200c\u200d"
    )
    line = "".join(kept)
    if not can_shape():
        line = line.replace("\u200c", "").replace("\u200d", "")
    return " ".join(part for part in re.split(r"[^\S\u00a0\u202f]+", line) if part)


def width_of(text: str, script: Script) -> float:
    return sum(_length(run, script) for run in runs_of(text, script))


def fit(text: str, script: Script, width: int, most: int) -> list[str] | None:
    """The text in lines of about one length; None where it needs more than `most`, or a word is wider than a line."""
    lines = _filled(text, script, width)
    if lines is None or len(lines) > most:
        return None
    # The narrowest measure that needs no line more: the last one is then no single word.
    low, high = width // 2, width
    while high - low > 8:
        middle = (low + high) // 2
        tried = _filled(text, script, middle)
        if tried is not None and len(tried) == len(lines):
            lines, high = tried, middle
        else:
            low = middle
    return lines


def cut(text: str, script: Script, width: int, most: int) -> list[str]:
    """As many lines as there may be, filled, with a sign that the rest is left out."""
    lines = _filled(text, script, width, may_break=True) or [""]
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width_of(last + _ELLIPSIS, script) > width:
        last = "".join(_clusters(last)[:-1])
    return [*lines[: most - 1], last.rstrip(" ,;:–—-") + _ELLIPSIS]


def draw_line(
    canvas: ImageDraw.ImageDraw, text: str, script: Script, at: tuple[float, float], fill: str, *, ends: bool = False
) -> None:
    """Draw a line with its baseline at a point: from there on, or with `ends` up to there."""
    x, y = at
    runs = runs_of(text, script)
    if ends:
        x -= sum(_length(run, script) for run in runs)
    for run in runs:
        extra = {"direction": "rtl" if run.is_rtl else "ltr"} if can_shape() else {}
        canvas.text((x, y), run.text, fill=fill, font=font(run.face, script.size), anchor="ls", **extra)  # type: ignore[arg-type]
        x += _length(run, script)


def runs_of(text: str, script: Script) -> list[Run]:
    """The parts of a line from left to right, as they are drawn."""
    groups: list[list[Run]] = []
    for part, is_rtl in _directed(text, is_rtl=script.is_rtl):
        runs = list(_in_fonts(part, script, is_rtl))
        groups.append(runs[::-1] if is_rtl else runs)
    return [run for group in (groups[::-1] if script.is_rtl else groups) for run in group]


def _length(run: Run, script: Script) -> float:
    extra = {"direction": "rtl" if run.is_rtl else "ltr"} if can_shape() else {}
    return float(font(run.face, script.size).getlength(run.text, **extra))  # type: ignore[arg-type]


def _directed(text: str, *, is_rtl: bool) -> Iterator[tuple[str, bool]]:
    """Parts that run one way, in the order of reading. What has no way of its own goes along between two of a kind, else
    with the text: the rule of Unicode (UAX 9), as far as titles and names need it."""
    ways: list[bool | None] = []
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        way = True if kind in ("R", "AL") else False if kind in ("L", "EN", "AN") else None
        ways.append(ways[-1] if kind == "NSM" and ways else way)
    settled: list[bool] = []
    for place, own in enumerate(ways):
        if own is not None:
            settled.append(own)
            continue
        before = settled[-1] if settled else is_rtl
        after = next((later for later in ways[place:] if later is not None), is_rtl)
        settled.append(before if before == after else is_rtl)
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or settled[place] != settled[start]:
            yield text[start:place], settled[start]
            start = place


def _in_fonts(text: str, script: Script, is_rtl: bool) -> Iterator[Run]:
    """Each part in the first font that has it; a sign stays in the font of what stands before it. Spaces are ours: fonts
    that were cut down to some letters may have none."""
    held, face = "", script.faces[0]
    for cluster in _clusters(text):
        order = script.faces if cluster[0].isalnum() or cluster.isspace() else (face, *script.faces)
        found = next((one for one in order if all(has(one, sign) for sign in cluster)), face)
        if found != face and held:
            yield Run(held, face, is_rtl)
            held = ""
        held, face = held + cluster, found
    if held:
        yield Run(held, face, is_rtl)


def _clusters(text: str) -> list[str]:
    """Letters with the marks that belong to them."""
    found: list[str] = []
    for sign in text:
        joins = unicodedata.category(sign) in ("Mn", "Mc", "Me") or sign in "\u200c\u200d"
        if found and (joins or found[-1].endswith("\u200d")):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _pieces(text: str) -> list[str]:
    """What a line may end after: words with the space behind them, signs of scripts that have no spaces."""
    found: list[str] = []
    may_break = True
    for cluster in _clusters(text):
        if found and not may_break and not _may_part(found[-1][-1], cluster):
            found[-1] += cluster
        else:
            found.append(cluster)
        may_break = cluster in (" ", "-", "–", "—", "/") and len(found[-1]) > 1
    return found


def _may_part(before: str, after: str) -> bool:
    spaceless = _SPACELESS.match(before) and _SPACELESS.match(after)
    ideograph = _IDEOGRAPHS.match(before) or _IDEOGRAPHS.match(after)
    if not (spaceless or ideograph):
        return False
    return after[0] not in _NOT_FIRST and before not in _NOT_LAST and after != " "


def _filled(text: str, script: Script, width: int, *, may_break: bool = False) -> list[str] | None:
    """Lines filled one after the other. None where a word is wider than a line, unless it may be broken."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and width_of((line + piece).rstrip(" "), script) > width:
            lines.append(line.rstrip(" "))
            line = ""
        line += piece
        while width_of(line.rstrip(" "), script) > width:
            if not may_break:
                return None
            head = _clusters(line)
            while len(head) > 1 and width_of("".join(head), script) > width:
                head.pop()
            lines.append("".join(head))
            line = line[len("".join(head)) :]
            if len(head) == 1:
                break
    return [*lines, line.rstrip(" ")] if line.strip() else lines
