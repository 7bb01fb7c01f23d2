"""Lead images of the demonstration, drawn from a seed: the same kind and seed always give the same picture."""

import io
import math
from collections.abc import Callable
from itertools import pairwise
from random import Random

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 900
# Drawn at twice the size and reduced: Pillow's own lines and polygons have hard edges.
SCALE = 2
MAX_BYTES = 145_000

Colour = tuple[int, int, int]
Point = tuple[float, float]


def draw(kind: str, seed: int) -> bytes:
    """A JPEG of 1600 by 900. `kind` is one of `KINDS`."""
    # Seeded with a text, because its hash is the same on every machine and version.
    rng = Random(f"{kind} {seed}")  # noqa: S311  pictures keep no secrets
    canvas = Canvas(rng)
    SCENES[kind](canvas, rng)
    return canvas.jpeg()


# --- Colour ---------------------------------------------------------------------------------------


def rgb(code: str) -> Colour:
    """'#1b2a3c' as three numbers."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def _to_oklab(colour: Colour) -> tuple[float, float, float]:
    r, g, b = ((c / 255 / 12.92) if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> Colour:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3

    def channel(value: float) -> int:
        value = min(max(value, 0.0), 1.0)
        return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))

    return (
        channel(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        channel(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        channel(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Between two colours, in Oklab: steps look even, and blue to orange doesn't pass through grey mud."""
    a, b = _to_oklab(one), _to_oklab(other)
    return _from_oklab(*(x + (y - x) * share for x, y in zip(a, b, strict=True)))


class Palette:
    """The colours of one light: sky from top to horizon, sun, and land from far to near."""

    def __init__(self, top: str, low: str, sun: str, far: str, near: str, accent: str) -> None:
        self.top, self.low, self.sun, self.far, self.near, self.accent = map(rgb, (top, low, sun, far, near, accent))

    def land(self, depth: float) -> Colour:
        return mix(self.far, self.near, depth)


DAWN = Palette("#b9cfe0", "#f6e3d0", "#fff7ea", "#c4cfdb", "#22304a", "#c8683f")
HAZE = Palette("#cfdcd8", "#f3ecd9", "#fffaf0", "#bfcfc6", "#1d3733", "#b5532f")
DUSK = Palette("#5c6f9c", "#f0b894", "#ffe6c4", "#b98a97", "#241f38", "#e38a55")
EMBER = Palette("#e4c9a8", "#f5e4c8", "#fff4dd", "#d9b08c", "#3b2320", "#9c3d2a")
JADE = Palette("#a9cdc6", "#e9f1dc", "#fbfbea", "#a6c9b6", "#12312f", "#d08a3c")
SLATE = Palette("#a9b8c6", "#e3e6e6", "#f8f8f4", "#b3bfca", "#202a35", "#b8553c")
DAYLIGHTS = (DAWN, HAZE, EMBER, JADE, SLATE)


# --- Canvas ---------------------------------------------------------------------------------------


class Canvas:
    """A picture in coordinates of 1600 by 900 and the few kinds of stroke that the scenes are made of."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
        self.pen = ImageDraw.Draw(self.image)

    def at(self, points: list[Point]) -> list[Point]:
        return [(x * SCALE, y * SCALE) for x, y in points]

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        return x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE

    # Flat strokes

    def polygon(self, points: list[Point], colour: Colour) -> None:
        self.pen.polygon(self.at(points), fill=colour)

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        # Pillow includes the last row and column.
        self.pen.rectangle((x0 * SCALE, y0 * SCALE, x1 * SCALE - 1, y1 * SCALE - 1), fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.pen.ellipse(self.box(x - radius, y - radius, x + radius, y + radius), fill=colour)

    def line(self, points: list[Point], colour: Colour, width: float) -> None:
        self.pen.line(self.at(points), fill=colour, width=max(1, round(width * SCALE)), joint="curve")

    # Graded strokes

    def _ramp(self, top: Colour, low: Colour, height: int) -> Image.Image:
        """A column of colours, stretched to the width."""
        steps = 32
        column = Image.new("RGB", (1, steps))
        for step in range(steps):
            column.putpixel((0, step), mix(top, low, step / (steps - 1)))
        column = column.resize((1, height), Image.Resampling.BICUBIC)
        return column.resize((WIDTH * SCALE, height), Image.Resampling.NEAREST)

    def grade(self, y0: float, y1: float, top: Colour, low: Colour) -> None:
        """Fill the whole width between two heights."""
        self.image.paste(self._ramp(top, low, round((y1 - y0) * SCALE)), (0, round(y0 * SCALE)))

    def land(self, outline: list[Point], top: Colour, low: Colour, bottom: float = HEIGHT) -> None:
        """Everything under an outline, shaded downwards: the foot of a hill stands in haze."""
        highest = max(0, math.floor(min(y for _, y in outline)))
        if highest >= bottom:
            return  # below the frame
        foot = round((bottom - highest) * SCALE)
        mask = Image.new("L", (WIDTH * SCALE, foot), 0)
        shape = [(x * SCALE, (y - highest) * SCALE) for x, y in outline]
        ImageDraw.Draw(mask).polygon([*shape, (shape[-1][0], foot), (shape[0][0], foot)], fill=255)
        self.image.paste(self._ramp(top, low, foot), (0, highest * SCALE), mask)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Light that fades outwards."""
        side = round(radius * 2 * SCALE)
        # radial_gradient is white at the rim; squared, its fall-off looks like light rather than like a cone.
        fade = Image.radial_gradient("L").point(
            [round(strength * 255 * (1 - min(v / 181, 1)) ** 2) for v in range(256)]
        )
        mask = fade.resize((side, side), Image.Resampling.BICUBIC)
        self.image.paste(colour, (round((x - radius) * SCALE), round((y - radius) * SCALE)), mask)

    def mist(self, y: float, height: float, colour: Colour, strength: float) -> None:
        """A band of haze, thickest in its middle."""
        column = Image.new("L", (1, 32))
        for step in range(32):
            column.putpixel((0, step), round(255 * strength * math.sin(math.pi * (step + 0.5) / 32) ** 2))
        mask = column.resize((1, round(height * SCALE)), Image.Resampling.BICUBIC)
        self.image.paste(
            colour,
            (0, round((y - height / 2) * SCALE)),
            mask.resize((WIDTH * SCALE, mask.height), Image.Resampling.NEAREST),
        )

    def veil(self, colour: Colour, mask: Image.Image) -> None:
        """Lay a colour over the picture through a mask of any size."""
        self.image.paste(colour, (0, 0), mask.resize(self.image.size, Image.Resampling.BICUBIC))

    def mirror(self, y: float, depth: float, colour: Colour, strength: float) -> None:
        """Water: what stands above a line, upside down, rippled and tinted more the nearer it lies."""
        height = round(min(depth, HEIGHT - y) * SCALE)
        line = round(y * SCALE)
        above = self.image.crop((0, line - height, self.image.width, line)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        # Small and blurred, then stretched: cheap, and still water never shows a sharp edge.
        small = above.resize((400, max(2, height // 8)), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(1.6))
        water = small.resize(above.size, Image.Resampling.BICUBIC)
        column = Image.new("L", (1, 32))
        for step in range(32):
            column.putpixel((0, step), round(255 * min(1, strength * (0.55 + 0.9 * step / 31))))
        water.paste(
            colour,
            (0, 0),
            column.resize((1, height), Image.Resampling.BICUBIC).resize(water.size, Image.Resampling.NEAREST),
        )
        self.image.paste(water, (0, line))

    def sparkle(self, x: float, y0: float, y1: float, colour: Colour, spread: float, count: int) -> None:
        """The path of light on water: short level strokes, wider the nearer they are."""
        for _ in range(count):
            depth = self.rng.random() ** 1.4
            y = y0 + (y1 - y0) * depth
            reach = spread * (0.25 + depth)
            middle = x + self.rng.gauss(0, reach * 0.45)
            length = (8 + 46 * depth) * self.rng.uniform(0.4, 1)
            thick = 0.8 + 2.6 * depth
            self.pen.rounded_rectangle(self.box(middle - length, y, middle + length, y + thick), thick, fill=colour)

    def jpeg(self) -> bytes:
        """The finished picture, at the best quality that keeps it light."""
        picture = self.image.reduce(SCALE)
        for quality in (88, 82, 76, 70, 62):
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() < MAX_BYTES:
                break
        return out.getvalue()


# --- Shapes ---------------------------------------------------------------------------------------


def noise(rng: Random, octaves: int = 5, roughness: float = 0.5) -> Callable[[float], float]:
    """A smooth random curve of one variable, between about -1 and 1, the finer the more octaves."""
    layers = [([rng.uniform(-1, 1) for _ in range(256)], rng.uniform(0, 256)) for _ in range(octaves)]

    def value(x: float) -> float:
        total = size = 0.0
        weight, step = 1.0, 1.0
        for table, offset in layers:
            whole = math.floor(x * step + offset)
            part = x * step + offset - whole
            part = part * part * (3 - 2 * part)
            a, b = table[whole % 256], table[(whole + 1) % 256]
            total += weight * (a + (b - a) * part)
            size += weight
            weight *= roughness
            step *= 2
        return total / size

    return value


def crest(curve: Callable[[float], float], y: float, height: float, width: float, step: int = 4) -> list[Point]:
    """The outline of a range of hills across the picture; `width` is the breadth of one hill."""
    return [(float(x), y + height * curve(x / width)) for x in range(-8, WIDTH + 9, step)]


def peaks(rng: Random, y: float, height: float, width: float, step: int = 3) -> list[Point]:
    """The outline of sharp mountains: the fold of a curve makes summits and saddles."""
    big, fine = noise(rng, 2, 0.4), noise(rng, 5, 0.55)
    return [
        (float(x), y + height * (1.5 * abs(big(x / width)) - 0.75 + 0.24 * fine(x / width * 3.1)))
        for x in range(-8, WIDTH + 9, step)
    ]


def cloud(canvas: Canvas, x: float, y: float, length: float, colour: Colour) -> None:
    """A flat cloud of a few level bars, as in a woodcut."""
    for row in range(3):
        share = (0.55, 1.0, 0.7)[row] * canvas.rng.uniform(0.85, 1.1)
        middle = x + length * canvas.rng.uniform(-0.18, 0.18)
        top = y + row * length * 0.042
        canvas.pen.rounded_rectangle(
            canvas.box(middle - length * share / 2, top, middle + length * share / 2, top + length * 0.046),
            length * 0.023 * SCALE,
            fill=colour,
        )


def birds(canvas: Canvas, x: float, y: float, count: int, colour: Colour) -> None:
    """A loose flock, each bird two strokes."""
    for _ in range(count):
        left, top, span = x + canvas.rng.gauss(0, 70), y + canvas.rng.gauss(0, 26), canvas.rng.uniform(7, 14)
        canvas.line([(left - span, top - span * 0.35), (left, top), (left + span, top - span * 0.4)], colour, 1.6)


# --- Scenes ---------------------------------------------------------------------------------------


def ridges(canvas: Canvas, rng: Random) -> None:
    """Ranges of hills behind one another in the morning haze."""
    light = rng.choice((DAWN, HAZE, EMBER, DUSK))
    canvas.grade(0, HEIGHT, light.top, light.low)
    x, y = rng.uniform(380, 1220), rng.uniform(215, 280)
    canvas.glow(x, y, 520, light.sun, 0.75)
    canvas.disc(x, y, 62, light.sun)
    cloud(canvas, x + rng.choice((-430, 430)), rng.uniform(120, 180), 300, mix(light.top, light.sun, 0.4))
    layers = 7
    for layer in range(layers):
        depth = layer / (layers - 1)
        base = 300 + 480 * depth**1.08
        height = 78 + 40 * math.sin(math.pi * depth)
        outline = crest(noise(rng, 6, 0.42 + 0.06 * depth), base, height, 360 + 180 * depth)
        colour = light.land(depth**1.15)
        canvas.land(outline, colour, mix(colour, light.low, 0.62 * (1 - depth) + 0.12), min(HEIGHT, base + 330))
        if layer == layers - 3:
            birds(canvas, rng.uniform(300, 1300), base - 190, 7, light.land(0.8))
        if layer == layers - 1:
            pines(canvas, rng, outline, mix(light.near, (0, 0, 0), 0.15))


def pines(canvas: Canvas, rng: Random, outline: list[Point], colour: Colour) -> None:
    """Trees along the nearest crest, in groves."""
    grove = noise(rng, 3, 0.5)
    for place, y in outline:
        density = grove(place / 210)
        if density < 0.02:
            continue
        tall = rng.uniform(22, 58) * (0.7 + density)
        x = place + rng.uniform(-3, 3)
        for tier in range(3):
            foot = y + 8 - tall * tier * 0.26
            half = tall * (0.2 - 0.045 * tier)
            canvas.polygon([(x - half, foot), (x, foot - tall * 0.5), (x + half, foot)], colour)


def islands(canvas: Canvas, rng: Random) -> None:
    """Low islands on a wide sea, and a sail."""
    light = rng.choice((DAWN, JADE, DUSK))
    sea = mix(light.land(0.45), rgb("#2f7f8c"), 0.55)
    horizon = rng.uniform(395, 440)
    canvas.grade(0, horizon, light.top, light.low)
    x = rng.uniform(420, 1180)
    canvas.glow(x, horizon - 70, 560, light.sun, 0.8)
    canvas.disc(x, horizon - 84, 58, light.sun)
    for _ in range(4):
        cloud(
            canvas, rng.uniform(80, 1520), rng.uniform(70, 260), rng.uniform(200, 380), mix(light.low, light.sun, 0.55)
        )
    canvas.grade(horizon, HEIGHT, mix(sea, light.low, 0.68), mix(sea, light.near, 0.62))
    canvas.sparkle(x, horizon + 6, HEIGHT - 40, mix(light.sun, sea, 0.18), 110, 170)
    for _ in range(26):
        y = rng.uniform(horizon + 40, HEIGHT - 20)
        wave_x, length = rng.uniform(0, WIDTH), rng.uniform(20, 90) * (y - horizon) / 300
        canvas.line([(wave_x, y), (wave_x + length, y)], mix(sea, light.low, 0.4), 1.5)
    side = rng.choice((-1, 1))
    # Far to near, clear of one another and of the path of light.
    for depth, away, half, height in (
        (0.0, 1.9, 120, 46),
        (0.1, -3.2, 170, 74),
        (0.32, 4.4, 250, 120),
        (0.62, -5.6, 300, 104),
        (0.95, 6.3, 430, 132),
    ):
        middle = x + side * away * 100 + rng.uniform(-40, 40)
        island(canvas, rng, middle, horizon + 3 + 190 * depth**1.5, half, height, light, 0.12 + 0.7 * depth)
    sail(canvas, x - side * rng.uniform(110, 190), horizon + rng.uniform(215, 255), 112, light)


def island(
    canvas: Canvas, rng: Random, x: float, y: float, half: float, height: float, light: Palette, depth: float
) -> None:
    """One island: hills, a pale beach, its reflection; palms when it is near."""
    curve = noise(rng, 5, 0.5)
    steps = 90
    shape = []
    for step in range(steps + 1):
        share = step / steps * 2 - 1
        swell = (1 - share * share) ** 0.8
        shape.append((x + half * share, y - height * swell * (0.72 + 0.5 * curve(share * 1.8))))
    colour = light.land(depth)
    reflection = [(px, y + (y - py) * 0.42) for px, py in shape]
    canvas.polygon([*reflection, (x + half, y), (x - half, y)], mix(colour, light.low, 0.36))
    canvas.polygon([*shape, (x + half, y), (x - half, y)], colour)
    inner = [(px + (x + half - px) * 0.07, y - (y - py) * 0.62) for px, py in shape]
    canvas.polygon([*inner, (x + half, y), (inner[0][0], y)], mix(colour, light.near, 0.28))
    beach = 2 + 5 * depth
    canvas.pen.rounded_rectangle(
        canvas.box(x - half * 1.01, y - beach / 2, x + half * 1.01, y + beach),
        beach,
        fill=mix(light.sun, light.far, 0.3),
    )
    if depth > 0.45:
        for _ in range(7):
            palm(canvas, rng, x + half * rng.uniform(-0.85, 0.85), y, 46 + 62 * depth * rng.uniform(0.6, 1), light)


def palm(canvas: Canvas, rng: Random, x: float, y: float, tall: float, light: Palette) -> None:
    """A leaning stem and a head of fronds."""
    colour = mix(light.near, (0, 0, 0), 0.1)
    lean = rng.uniform(-0.3, 0.3) * tall
    stem = [(x + lean * (s / 8) ** 2, y - tall * s / 8) for s in range(9)]
    canvas.line(stem, colour, max(1.6, tall * 0.032))
    top_x, top_y = stem[-1]
    for angle in (-2.9, -2.35, -1.75, -1.2, -0.65, -0.1, 0.25, 2.95):
        reach = tall * rng.uniform(0.26, 0.36)
        frond = []
        for s in range(7):
            share = s / 6
            frond.append(
                (
                    top_x + math.cos(angle) * reach * share,
                    top_y + math.sin(angle) * reach * share + reach * 0.6 * share**2,
                )
            )
        canvas.line(frond, colour, max(1.4, tall * 0.03))


def sail(canvas: Canvas, x: float, y: float, tall: float, light: Palette) -> None:
    """An outrigger under a crab-claw sail."""
    dark = mix(light.near, (0, 0, 0), 0.1)
    canvas.polygon([(x - 44, y - 6), (x + 46, y - 8), (x + 34, y + 3), (x - 32, y + 3)], dark)
    canvas.line([(x - 34, y + 9), (x + 30, y + 9)], dark, 2.4)
    curve = [(x - 8 + 52 * math.sin(s / 10 * 1.5), y - 10 - tall * 1.15 * s / 10) for s in range(11)]
    canvas.polygon([(x - 26, y - 9), *curve, (x - 6, y - tall * 0.75)], light.accent)
    canvas.line([(x - 26, y - 9), (x - 6, y - tall * 0.75), curve[-1]], dark, 2.2)
    canvas.line([(x - 4, y - 6), (x + 4, y - tall * 0.7)], dark, 2.2)


def terraces(canvas: Canvas, rng: Random) -> None:
    """Flooded rice terraces stepping down a hillside."""
    light = rng.choice((JADE, HAZE, DAWN))
    green_far, green_near = mix(rgb("#9dbb8e"), light.far, 0.3), mix(rgb("#2f5a36"), light.near, 0.35)
    canvas.grade(0, 420, light.top, light.low)
    x = rng.uniform(300, 1300)
    canvas.glow(x, 150, 480, light.sun, 0.8)
    for layer in range(3):
        depth = layer / 2
        colour = mix(light.land(0.14 + 0.3 * depth), green_far, 0.35)
        outline = crest(noise(rng, 6, 0.45), 205 + 62 * depth, 62, 330 + 60 * layer)
        canvas.land(outline, colour, mix(colour, light.low, 0.7), 470)
    sweep, fold, breadth = noise(rng, 2, 0.3), noise(rng, 2, 0.35), noise(rng, 3, 0.5)
    count = 17
    tilt = rng.choice((-1, 1))

    def lip(step: float) -> list[Point]:
        """The edge of one terrace; the folds of the hill wander as the steps come nearer."""
        depth = step / (count - 1)
        outline = []
        for px in range(-8, WIDTH + 13, 12):
            bend = sweep(px / 760 + depth * 0.8) * (46 + 120 * depth) + fold(px / 250 + depth * 2.1) * (10 + 58 * depth)
            outline.append((float(px), 312 + 600 * depth**1.3 + bend + tilt * (px - WIDTH / 2) * 0.08 * (1 - depth)))
        return outline

    for step in range(count):
        depth = step / (count - 1)
        outline = lip(step)
        bottom = min(HEIGHT, max(y for _, y in outline) + 60 + 130 * depth)
        grass = mix(green_far, green_near, min(1, depth * 0.9 + rng.uniform(0, 0.12)))
        water = mix(mix(light.low, light.sun, 0.6), light.top, 0.1 + 0.55 * depth)
        tone = rng.random()
        field = water if tone < 0.6 else mix(grass, light.sun, 0.3 if tone < 0.8 else 0.12)
        # The bright lip of the step and its shaded face, thick and thin, then the paddy at its foot.
        corners = [(WIDTH + 8.0, bottom), (-8.0, bottom)]
        canvas.polygon([*((px, py - 1.5 - 2.5 * depth) for px, py in outline), *corners], mix(grass, light.sun, 0.32))
        canvas.polygon([*((px, py + 1) for px, py in outline), *corners], mix(grass, light.near, 0.18))
        canvas.polygon([*((px, py + 3 + 7 * depth) for px, py in outline), *corners], mix(grass, light.near, 0.32))
        foot = [(px, py + (5 + 20 * depth) * (1 + 0.75 * breadth(px / 300 + step))) for px, py in outline]
        canvas.land(foot, field, mix(field, grass, 0.22), bottom)
        if field is water:
            shine = [(px, py + 5 + 6 * depth) for px, py in foot]
            canvas.line(shine, mix(water, grass, 0.16), 1.5 + 2 * depth)
        else:
            for row in range(3):
                canvas.line(
                    [(px, py + (4 + 7 * row) * (0.5 + depth)) for px, py in foot], mix(field, grass, 0.55), 1.2 + depth
                )
        if step in (3, 5):
            spot = outline[rng.randrange(20, len(outline) - 20)]
            hut(canvas, spot[0], spot[1] + 2, 22 + 3 * step, light)


def hut(canvas: Canvas, x: float, y: float, size: float, light: Palette) -> None:
    """A thatched field hut."""
    wall = mix(light.near, light.accent, 0.3)
    canvas.rectangle(x - size * 0.6, y - size * 0.5, x + size * 0.6, y + size * 0.3, wall)
    canvas.polygon(
        [
            (x - size, y - size * 0.4),
            (x - size * 0.25, y - size * 1.2),
            (x + size * 0.25, y - size * 1.2),
            (x + size, y - size * 0.4),
        ],
        mix(light.accent, light.near, 0.45),
    )


def skyline(canvas: Canvas, rng: Random) -> None:
    """A city over water at dusk."""
    light = rng.choice((DUSK, EMBER, DAWN))
    shore = 640
    canvas.grade(0, shore, light.top, light.low)
    x = rng.uniform(350, 1250)
    canvas.glow(x, shore - 130, 640, light.sun, 0.85)
    canvas.disc(x, shore - 190, 66, light.sun)
    for _ in range(3):
        cloud(
            canvas, rng.uniform(100, 1500), rng.uniform(70, 230), rng.uniform(240, 420), mix(light.top, light.low, 0.6)
        )
    lamp = rgb("#ffdf9e")
    for layer in range(4):
        depth = layer / 3
        colour = light.land(0.18 + 0.78 * depth)
        swell = noise(rng, 3, 0.5)
        left = -20.0
        while left < WIDTH:
            broad = rng.uniform(34, 86) * (0.8 + 0.5 * depth)
            rise = (330 - 85 * depth) * (0.6 + 0.85 * swell(left / 300)) * rng.uniform(0.55, 1.15)
            tower(canvas, rng, left, shore, broad, max(50, rise), colour, lamp if depth > 0.5 else None, light)
            left += broad + rng.uniform(-6, 16 + 22 * depth)
        canvas.mist(shore - 30, 150, mix(light.low, light.sun, 0.2), 0.4 * (1 - depth))
    canvas.rectangle(0, shore - 8, WIDTH, shore, mix(light.near, (0, 0, 0), 0.2))
    canvas.mirror(shore, HEIGHT - shore, mix(light.near, light.top, 0.35), 0.42)
    canvas.sparkle(x, shore + 10, HEIGHT - 10, mix(light.sun, light.low, 0.4), 120, 70)


def tower(
    canvas: Canvas,
    rng: Random,
    left: float,
    ground: float,
    broad: float,
    rise: float,
    colour: Colour,
    lamp: Colour | None,
    light: Palette,
) -> None:
    """One building, with lit windows where there is a lamp colour."""
    top = ground - rise
    right = left + broad
    canvas.rectangle(left, top, right, ground, colour)
    canvas.rectangle(left + broad * 0.62, top, right, ground, mix(colour, light.near, 0.3))
    style = rng.random()
    if style < 0.22 and rise > 150:
        canvas.rectangle(left + broad * 0.2, top - rise * 0.09, right - broad * 0.2, top, colour)
        canvas.line([(left + broad / 2, top - rise * 0.09), (left + broad / 2, top - rise * 0.28)], colour, 2.4)
    elif style < 0.4:
        canvas.polygon([(left, top), (right, top - broad * 0.55), (right, top)], colour)
    elif style < 0.5:
        canvas.pen.pieslice(canvas.box(left, top - broad / 2, right, top + broad / 2), 180, 360, fill=colour)
    if not lamp:
        return
    row = top + 12
    while row < ground - 16:
        column = left + 7
        while column < right - 8:
            if rng.random() < 0.3:
                canvas.rectangle(column, row, column + 5, row + 7, mix(lamp, colour, rng.uniform(0, 0.55)))
            column += 11
        row += 15


def delta(canvas: Canvas, rng: Random) -> None:
    """A river delta from above: fields, branching water, the sea."""
    sea, shallow = rgb("#3f7f8a"), rgb("#a8cdc0")
    silt = rgb("#d9cfae")
    tones = [
        rgb(code) for code in ("#7f9b5f", "#94a96b", "#6b8a58", "#b3b27a", "#5d7c55", "#c2b583", "#86a277", "#a1a862")
    ]
    canvas.grade(0, HEIGHT, tones[0], tones[2])
    fields(canvas, rng, rng.choice((-1, 1)) * rng.uniform(0.1, 0.34), tones)
    coast = noise(rng, 5, 0.5)
    beach = mix(silt, shallow, 0.25)
    canvas.land(crest(coast, 752, 50, 330), beach, beach)
    branches: list[tuple[list[Point], float]] = []
    grow(rng, branches, rng.uniform(620, 980), -20, rng.uniform(-0.12, 0.12), 62, 0)
    # All banks first, then all water, so that a branch never cuts across another.
    river = rgb("#6aa9a6")
    for extra, colour in ((11, mix(silt, tones[3], 0.4)), (4, mix(silt, shallow, 0.4)), (0, river)):
        for path, width in branches:
            for number in range(len(path) - 1):
                broad = width * (1 - 0.25 * number / len(path)) + extra
                canvas.line(path[number : number + 2], colour, broad)
                canvas.disc(*path[number + 1], broad / 2, colour)
    for path, width in branches:
        if width > 20:
            canvas.line([(x - width * 0.12, y) for x, y in path], mix(river, shallow, 0.4), width * 0.12)
    # The sea lies over the mouths; the plume of each is a paler fan in it.
    for reach, colour in ((20, shallow), (52, mix(shallow, sea, 0.4)), (92, mix(shallow, sea, 0.75)), (128, sea)):
        canvas.land(crest(coast, 752 + reach, 50 - reach * 0.22, 330), colour, mix(colour, sea, 0.5))
    for path, width in branches:
        if path[-1][1] > HEIGHT:
            mouth = next(point for point in path if point[1] > 770)
            canvas.glow(mouth[0], mouth[1] + 20, 40 + 2.6 * width, shallow, 0.7)
    for _ in range(34):
        path, width = rng.choice(branches)
        x, y = rng.choice(path[1:])
        if y < 720:
            hamlet(canvas, rng, x + rng.choice((-1, 1)) * (width / 2 + rng.uniform(10, 22)), y)
    canvas.glow(rng.uniform(200, 1400), 60, 700, rgb("#fff3d6"), 0.35)


def fields(canvas: Canvas, rng: Random, angle: float, tones: list[Colour]) -> None:
    """A patchwork of long plots, laid at an angle."""
    cos, sin = math.cos(angle), math.sin(angle)

    def turn(u: float, v: float) -> Point:
        return WIDTH / 2 + u * cos - v * sin, HEIGHT / 2 + u * sin + v * cos

    u = -1150.0
    while u < 1150:
        broad = rng.uniform(70, 150)
        v = -850.0 + rng.uniform(-60, 0)
        while v < 850:
            long = rng.uniform(36, 120)
            tone = mix(rng.choice(tones), rng.choice(tones), rng.random())
            canvas.polygon([turn(u, v), turn(u + broad, v), turn(u + broad, v + long), turn(u, v + long)], tone)
            furrow = mix(tone, (255, 255, 240), 0.12)
            lines = rng.randrange(0, 7)
            for number in range(1, lines):
                at = v + long * number / lines
                canvas.line([turn(u + 2, at), turn(u + broad - 2, at)], furrow, 1.2)
            canvas.line([turn(u, v), turn(u + broad, v)], mix(tone, (40, 60, 40), 0.4), 1.3)
            v += long
        canvas.line([turn(u, -850), turn(u, 850)], rgb("#8fb3a0"), 2.6)
        u += broad


def grow(
    rng: Random, branches: list[tuple[list[Point], float]], x: float, y: float, heading: float, width: float, level: int
) -> None:
    """Follow one arm of the river to its fork, then both arms on."""
    bend = noise(rng, 2, 0.5)
    path = [(x, y)]
    length = rng.uniform(170, 240) * 0.93**level
    travelled = 0.0
    while (travelled < length or level >= 4) and y < HEIGHT + 30:
        drift = heading + 0.95 * bend(travelled / 110)
        x += math.sin(drift) * 6
        y += math.cos(drift) * 6
        travelled += 6
        path.append((x, y))
    branches.append((path, width))
    if y < 690 and level < 4:
        # Narrower forks further down: the arms spread like a fan and seldom meet again.
        spread = rng.uniform(0.46, 0.62) * 0.72**level
        share = rng.uniform(0.66, 0.78)
        lean = rng.choice((-1, 1))
        grow(rng, branches, x, y, max(-0.95, min(0.95, heading + lean * spread)), width * share, level + 1)
        grow(rng, branches, x, y, max(-0.95, min(0.95, heading - lean * spread)), width * (1.34 - share), level + 1)
    elif y < HEIGHT:
        grow(rng, branches, x, y, heading, width * 0.9, 4)


def hamlet(canvas: Canvas, rng: Random, x: float, y: float) -> None:
    """A few roofs among trees on the bank."""
    for _ in range(5):
        canvas.disc(x + rng.gauss(0, 12), y + rng.gauss(0, 10), rng.uniform(4, 8), rgb("#3f6247"))
    for _ in range(3):
        px, py = x + rng.gauss(0, 11), y + rng.gauss(0, 9)
        canvas.rectangle(px, py, px + 8, py + 5, rng.choice((rgb("#b9603f"), rgb("#d8c9a8"), rgb("#8f4a38"))))


def night(canvas: Canvas, rng: Random) -> None:
    """Fishing boats with their lamps under the stars."""
    deep, low, lamp = rgb("#0d1630"), rgb("#3b4a74"), rgb("#ffd489")
    dark = rgb("#0a0f20")
    horizon = 520
    canvas.grade(0, horizon, deep, low)
    for _ in range(420):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, horizon - 40) * rng.uniform(0.3, 1)
        canvas.disc(x, y, rng.choice((0.6, 0.7, 0.9, 1.5)), mix(rgb("#f4ecd8"), deep, rng.uniform(0, 0.6)))
    x, y = rng.uniform(250, 1350), rng.uniform(120, 200)
    canvas.glow(x, y, 330, rgb("#cdd6ee"), 0.4)
    canvas.disc(x, y, 46, rgb("#f6eed8"))
    for layer in range(2):
        colour = mix(low, deep, 0.45 + 0.4 * layer)
        canvas.land(
            crest(noise(rng, 6, 0.45), horizon - 52 + 30 * layer, 52 - 18 * layer, 420),
            colour,
            mix(colour, low, 0.3),
            horizon,
        )
    canvas.grade(horizon, HEIGHT, mix(low, deep, 0.35), dark)
    for _ in range(46):
        left = rng.uniform(0, WIDTH)
        canvas.disc(left, horizon - rng.uniform(2, 16), 1.7, mix(lamp, rgb("#e58a4e"), rng.random()))
        canvas.line([(left, horizon + 3), (left, horizon + rng.uniform(8, 30))], mix(lamp, low, 0.66), 1.4)
    canvas.sparkle(x, horizon + 8, HEIGHT - 30, mix(rgb("#f6eed8"), low, 0.45), 70, 70)
    for number in range(7):
        depth = (number + rng.uniform(0, 0.6)) / 7
        middle = (number * 0.382 % 1) * 1300 + 150 + rng.uniform(-40, 40)
        lantern_boat(canvas, rng, middle, horizon + 26 + 300 * depth**1.25, 0.35 + 1.05 * depth, lamp, dark)


def lantern_boat(canvas: Canvas, rng: Random, x: float, y: float, size: float, lamp: Colour, dark: Colour) -> None:
    """A boat, a mast with a lamp, its light on the water."""
    lamp_x, lamp_y = x + 18 * size, y - 62 * size
    warm = mix(lamp, rgb("#e58a4e"), rng.uniform(0, 0.6))
    canvas.glow(lamp_x, lamp_y, 150 * size, warm, 0.55)
    canvas.glow(lamp_x, y + 34 * size, 110 * size, warm, 0.3)
    for step in range(11):
        half = (16 - step) * size * rng.uniform(0.5, 1.1)
        top = y + (12 + step * 11) * size
        sway = rng.uniform(-5, 5) * size
        canvas.pen.rounded_rectangle(
            canvas.box(lamp_x - half + sway, top, lamp_x + half + sway, top + 3.4 * size),
            4,
            fill=mix(warm, dark, 0.12 + step * 0.07),
        )
    canvas.polygon(
        [
            (x - 74 * size, y - 16 * size),
            (x + 78 * size, y - 20 * size),
            (x + 52 * size, y + 8 * size),
            (x - 52 * size, y + 8 * size),
        ],
        dark,
    )
    canvas.rectangle(x - 42 * size, y - 36 * size, x - 8 * size, y - 12 * size, dark)
    canvas.line([(lamp_x, y - 10 * size), (lamp_x, lamp_y)], dark, 3 * size)
    canvas.disc(lamp_x, lamp_y, 7 * size, mix(lamp, (255, 255, 255), 0.5))


def harbour(canvas: Canvas, rng: Random) -> None:
    """A container port: cranes, stacks and a ship."""
    light = rng.choice((DAWN, EMBER, SLATE))
    quay = 660
    canvas.grade(0, quay, light.top, light.low)
    x = rng.uniform(500, 1100)
    canvas.glow(x, 300, 600, light.sun, 0.8)
    canvas.disc(x, 300, 70, light.sun)
    for _ in range(3):
        cloud(
            canvas, rng.uniform(100, 1500), rng.uniform(60, 210), rng.uniform(240, 400), mix(light.low, light.sun, 0.6)
        )
    canvas.land(
        crest(noise(rng, 5, 0.45), quay - 150, 60, 430), light.land(0.14), mix(light.land(0.14), light.low, 0.5), quay
    )
    for number in range(4):
        crane(canvas, 120 + number * 430 + rng.uniform(-50, 50), quay - 40, 0.62, light.land(0.34), rng.choice((-1, 1)))
    canvas.mist(quay - 80, 190, light.low, 0.45)
    boxes = [
        mix(rgb(code), light.near, 0.14)
        for code in ("#b8553c", "#d39a4a", "#3f6f86", "#7d9a8c", "#c9bfa8", "#5a5f78", "#8d4a45")
    ]
    left = -40.0
    while left < WIDTH:
        tall = rng.randrange(2, 6)
        for level in range(tall):
            for slot in range(2):
                container(canvas, left + slot * 92, quay - 30 - (level + 1) * 36, 90, 34, rng.choice(boxes), light)
        left += 190 + rng.choice((0, 0, 30, 90))
    for number in range(3):
        crane(
            canvas,
            210 + number * 560 + rng.uniform(-60, 60),
            quay,
            1.12,
            mix(light.near, light.accent, 0.12),
            -1 if number == 2 else 1,
        )
    canvas.rectangle(0, quay - 30, WIDTH, quay, mix(light.near, light.far, 0.16))
    canvas.rectangle(0, quay - 30, WIDTH, quay - 25, mix(light.near, light.far, 0.5))
    canvas.mirror(quay, HEIGHT - quay, mix(light.near, rgb("#2d6475"), 0.5), 0.5)
    canvas.sparkle(x, quay + 14, HEIGHT - 12, mix(light.sun, light.low, 0.3), 150, 90)


def container(canvas: Canvas, x: float, y: float, broad: float, tall: float, colour: Colour, light: Palette) -> None:
    canvas.rectangle(x, y, x + broad, y + tall, colour)
    rib = mix(colour, light.near, 0.24)
    for step in range(1, 10):
        canvas.line([(x + broad * step / 10, y + 4), (x + broad * step / 10, y + tall - 4)], rib, 1.3)
    canvas.rectangle(x, y, x + broad, y + 2.5, mix(colour, light.sun, 0.3))
    canvas.rectangle(x, y + tall - 2, x + broad, y + tall, mix(colour, light.near, 0.5))


def crane(canvas: Canvas, x: float, ground: float, size: float, colour: Colour, way: int) -> None:
    """A ship-to-shore gantry, its boom to the left (-1) or right (1)."""

    def at(u: float, v: float) -> Point:
        return x + u * size * way, ground - v * size

    def beam(*points: Point, width: float = 7) -> None:
        canvas.line([at(*point) for point in points], colour, width * size)

    beam((-60, 0), (-48, 260))
    beam((60, 0), (48, 260))
    beam((-56, 90), (56, 90))
    beam((-56, 90), (50, 250), width=4)
    beam((-150, 262), (330, 262), width=10)
    beam((-48, 262), (-10, 390), (48, 262), width=6)
    beam((-10, 390), (320, 268), width=3)
    beam((-10, 390), (180, 268), width=3)
    beam((-10, 390), (-146, 268), width=3)
    for step in range(-140, 320, 24):
        beam((step, 262), (step + 12, 274), (step + 24, 262), width=2.2)
    beam((-140, 275), (320, 275), width=2.6)
    canvas.rectangle(*sorted_box(at(-132, 296), at(-84, 262)), colour)
    canvas.rectangle(*sorted_box(at(196, 256), at(226, 238)), colour)
    beam((204, 240), (204, 160), width=1.8)
    beam((220, 240), (220, 160), width=1.8)
    canvas.rectangle(*sorted_box(at(176, 160), at(248, 132)), colour)


def sorted_box(one: Point, other: Point) -> tuple[float, float, float, float]:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])


def rooftops(canvas: Canvas, rng: Random) -> None:
    """Tiled roofs of an old town, row behind row."""
    light = rng.choice((DAWN, HAZE, SLATE))
    canvas.grade(0, 520, light.top, light.low)
    x = rng.uniform(300, 1300)
    canvas.glow(x, 190, 520, light.sun, 0.8)
    canvas.disc(x, 190, 58, light.sun)
    for layer in range(3):
        colour = light.land(0.1 + 0.13 * layer)
        canvas.land(
            crest(noise(rng, 6, 0.45), 300 + 48 * layer, 82 - 16 * layer, 420),
            colour,
            mix(colour, light.low, 0.55),
            640,
        )
    birds(canvas, rng.uniform(300, 1200), 150, 6, light.land(0.7))
    canvas.grade(520, HEIGHT, mix(light.low, light.near, 0.5), light.near)
    rows = 5
    for row in range(rows):
        depth = row / (rows - 1)
        size = 0.42 + 0.86 * depth**1.2
        ground = 455 + 440 * depth**1.12
        left = -rng.uniform(60, 260) * size
        while left < WIDTH + 40:
            broad = rng.uniform(210, 330) * size
            house(canvas, rng, left, ground + rng.uniform(-16, 16) * size, broad, size, light, depth)
            left += broad * rng.uniform(0.9, 1.06)
        if row < rows - 1:
            canvas.mist(ground - 10, 90, light.low, 0.3 * (1 - depth))


def house(
    canvas: Canvas, rng: Random, left: float, eaves: float, broad: float, size: float, light: Palette, depth: float
) -> None:
    """One house: a tiled roof with upturned eaves over a wall with shutters."""
    tile = mix(light.land(0.26 + 0.58 * depth), rgb("#57626f"), 0.35)
    tile = mix(tile, light.accent, rng.choice((0, 0, 0.05, 0.1, 0.34)))
    wall = mix(mix(light.low, light.sun, 0.3), light.land(0.5), 0.18 + rng.uniform(0, 0.2))
    rise = rng.uniform(78, 112) * size
    over = 22 * size
    right = left + broad
    canvas.rectangle(left + 6 * size, eaves - 4, right - 6 * size, eaves + 240 * size, wall)
    timber = mix(light.near, light.accent, 0.22)
    canvas.rectangle(left + 6 * size, eaves - 4, right - 6 * size, eaves + 9 * size, mix(wall, light.near, 0.45))
    posts = max(3, round(broad / (52 * size)))
    lit = rng.random() < 0.16
    for number in range(posts):
        px = left + 14 * size + (broad - 28 * size) * number / (posts - 1)
        canvas.line([(px, eaves), (px, eaves + 240 * size)], timber, 4 * size)
        if number < posts - 1 and rng.random() < 0.6:
            pane = mix(rgb("#ffd58a"), wall, 0.15) if lit else mix(wall, light.near, 0.62)
            gap = (broad - 28 * size) / (posts - 1)
            canvas.rectangle(px + 7 * size, eaves + 20 * size, px + gap - 7 * size, eaves + 66 * size, pane)
            for bar in range(1, 4):
                bx = px + 7 * size + (gap - 14 * size) * bar / 4
                canvas.line([(bx, eaves + 20 * size), (bx, eaves + 66 * size)], mix(pane, timber, 0.5), 1.2)
    ridge_left, ridge_right = left + broad * 0.13, right - broad * 0.13
    top = eaves - rise
    roof = [(left - over, eaves - 5 * size), (left + broad * 0.05, eaves - rise * 0.34), (ridge_left, top)]
    roof += [(ridge_right, top), (right - broad * 0.05, eaves - rise * 0.34), (right + over, eaves - 5 * size)]
    roof += [(right + over * 0.6, eaves + 6 * size), (left - over * 0.6, eaves + 6 * size)]
    canvas.polygon(roof, tile)
    ribs = max(9, round(broad / (15 * size)))
    for number in range(ribs + 1):
        share = number / ribs
        foot = left - over * 0.75 + (broad + over * 1.5) * share
        head = ridge_left + (ridge_right - ridge_left) * share
        bow = left + broad * 0.05 + broad * 0.9 * share
        canvas.line(
            [(head, top), (bow, eaves - rise * 0.34), (foot, eaves + 3 * size)], mix(tile, light.near, 0.3), 2.2 * size
        )
    canvas.line(
        [(left - over * 0.7, eaves + 5 * size), (right + over * 0.7, eaves + 5 * size)],
        mix(tile, light.sun, 0.22),
        4.5 * size,
    )
    canvas.line([(ridge_left - 8 * size, top), (ridge_right + 8 * size, top)], mix(tile, light.near, 0.5), 11 * size)
    canvas.line(
        [(ridge_left - 8 * size, top - 4 * size), (ridge_right + 8 * size, top - 4 * size)],
        mix(tile, light.sun, 0.3),
        2.4 * size,
    )


def reservoir(canvas: Canvas, rng: Random) -> None:
    """Snow mountains over still water, and the pylons that carry its power away."""
    light = rng.choice((DAWN, SLATE, DUSK))
    shore = 560
    canvas.grade(0, shore, light.top, light.low)
    x = rng.uniform(300, 1300)
    canvas.glow(x, 210, 520, light.sun, 0.7)
    for _ in range(3):
        cloud(
            canvas, rng.uniform(100, 1500), rng.uniform(60, 160), rng.uniform(220, 380), mix(light.top, light.low, 0.62)
        )
    for layer in range(3):
        depth = layer / 2
        outline = peaks(rng, 330 + 92 * depth, 150 - 46 * depth, 470 - 60 * layer)
        rock = light.land(0.24 + 0.3 * depth)
        canvas.land(outline, rock, mix(rock, light.low, 0.5), shore)
        if layer < 2:
            snow(
                canvas,
                rng,
                outline,
                330 + 92 * depth - 20,
                mix(light.sun, rock, 0.06 + 0.1 * depth),
                mix(light.sun, rock, 0.42),
            )
        canvas.mist(430 + 60 * depth, 110, mix(light.low, light.sun, 0.3), 0.4 * (1 - 0.5 * depth))
    bank = light.land(0.72)
    canvas.land(crest(noise(rng, 5, 0.4), shore - 26, 18, 380), bank, mix(bank, light.near, 0.2), shore)
    canvas.mirror(shore, HEIGHT - shore, mix(light.near, rgb("#2c6a80"), 0.6), 0.34)
    for _ in range(36):
        y = rng.uniform(shore + 8, HEIGHT - 120)
        left, length = rng.uniform(0, WIDTH), rng.uniform(30, 170) * (0.3 + (y - shore) / 300)
        canvas.line([(left, y), (left + length, y)], mix(light.low, rgb("#7fa6b3"), 0.45), 1.3)
    near = mix(light.near, (0, 0, 0), 0.1)
    way = rng.choice((-1, 1))
    ground = [(px, 812 - way * (px - WIDTH / 2) * 0.085 + 9 * math.sin(px / 170)) for px in range(-8, WIDTH + 9, 8)]
    canvas.land([(float(px), py) for px, py in ground], mix(near, light.accent, 0.12), near)
    row = []
    for number in range(4):
        share = number / 3
        px = WIDTH / 2 + way * (640 - 1180 * share)
        size = 1.28 - 0.8 * share
        row.append((px, 828 - way * (px - WIDTH / 2) * 0.085, size))
    row.insert(0, (WIDTH / 2 + way * 1120, 860, 1.6))
    wires(canvas, row, near)
    for px, py, size in row:
        pylon(canvas, px, py, size, near)


def snow(canvas: Canvas, rng: Random, outline: list[Point], line: float, lit: Colour, shade: Colour) -> None:
    """Snow on what rises above a ragged line, shaded on the slopes that fall to the right."""
    ragged = noise(rng, 4, 0.5)
    for number in range(len(outline) - 1):
        (x0, y0), (x1, y1) = outline[number], outline[number + 1]
        floor0, floor1 = line + 30 * ragged(x0 / 60), line + 30 * ragged(x1 / 60)
        if y0 < floor0 or y1 < floor1:
            # The fall of the whole slope, not of its last step, says where the sun stands on it.
            before, after = outline[max(0, number - 9)][1], outline[min(len(outline) - 1, number + 9)][1]
            slope = [(x0, y0), (x1, y1), (x1, max(y1, floor1)), (x0, max(y0, floor0))]
            canvas.polygon(slope, mix(lit, shade, min(1, max(0, 0.5 + (after - before) / 26))))


PYLON_ARMS = ((150, 46), (185, 38), (216, 28))


def pylon(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """A lattice mast with three arms."""

    def beam(u0: float, v0: float, u1: float, v1: float, width: float = 3) -> None:
        canvas.line([(x + u0 * size, y - v0 * size), (x + u1 * size, y - v1 * size)], colour, width * size)

    for sign in (-1, 1):
        beam(sign * 32, 0, sign * 9, 140)
        beam(sign * 9, 140, 0, 246)
        for low, high in ((0, 48), (48, 92), (92, 140)):
            beam(sign * (32 - low * 0.164), low, -sign * (32 - high * 0.164), high, 1.8)
        for height, reach in PYLON_ARMS:
            beam(0, height + 12, sign * reach, height, 2.2)
            beam(0, height, sign * reach, height, 2.2)
            beam(sign * reach, height, sign * reach, height - 12, 1.8)


def wires(canvas: Canvas, row: list[tuple[float, float, float]], colour: Colour) -> None:
    """Sagging lines from mast to mast."""
    for (x0, y0, s0), (x1, y1, s1) in pairwise(row):
        for height, reach in PYLON_ARMS:
            for sign in (-1, 1):
                a = (x0 + sign * reach * s0, y0 - (height - 12) * s0)
                b = (x1 + sign * reach * s1, y1 - (height - 12) * s1)
                sag = 30 * (s0 + s1) / 2
                points = []
                for step in range(17):
                    share = step / 16
                    points.append(
                        (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share + sag * 4 * share * (1 - share))
                    )
                canvas.line(points, colour, 1.1)


def windows(canvas: Canvas, rng: Random) -> None:
    """The front of a school in the evening: few windows are lit."""
    light = rng.choice((DUSK, SLATE, EMBER))
    wall = mix(mix(light.far, light.near, 0.42), light.top, 0.25)
    lamp = rgb("#ffdc97")
    canvas.grade(0, HEIGHT, mix(wall, light.low, 0.18), mix(wall, light.near, 0.35))
    columns, rows = 9, 4
    gap_x, gap_y = WIDTH / columns, 212.0
    lit = set(rng.sample([(c, r) for c in range(columns) for r in range(rows)], 4))
    for row in range(rows):
        top = 34 + row * gap_y
        canvas.rectangle(0, top + 176, WIDTH, top + 184, mix(wall, light.near, 0.3))
        canvas.rectangle(0, top + 172, WIDTH, top + 176, mix(wall, light.low, 0.4))
        for column in range(columns):
            left = column * gap_x + 20
            pane(canvas, rng, left, top, gap_x - 40, 150, light, lamp if (column, row) in lit else None, wall)
    # The shadow of the trees in the yard, blurred: it tells the hour and breaks the grid.
    mask = Image.new("L", (400, 225), 0)
    pen = ImageDraw.Draw(mask)
    for _ in range(3):
        x = rng.uniform(20, 380)
        pen.line([(x, 225), (x + rng.uniform(-12, 12), 120)], fill=120, width=6)
        for _ in range(70):
            px, py, radius = x + rng.gauss(0, 34), 105 + rng.gauss(0, 32), rng.uniform(4, 13)
            pen.ellipse(
                (px - radius, py - radius * 0.7, px + radius, py + radius * 0.7), fill=rng.choice((70, 95, 120))
            )
    canvas.veil(mix(light.near, wall, 0.25), mask.filter(ImageFilter.GaussianBlur(2.2)))
    for column, row in sorted(lit):
        canvas.glow(column * gap_x + gap_x / 2, 34 + row * gap_y + 75, 210, lamp, 0.34)
    canvas.glow(rng.choice((0, WIDTH)), 0, 1000, light.low, 0.45)


def pane(
    canvas: Canvas,
    rng: Random,
    left: float,
    top: float,
    broad: float,
    tall: float,
    light: Palette,
    lamp: Colour | None,
    wall: Colour,
) -> None:
    """One window with its bars; in a lit one stand a desk and a chair."""
    right, bottom = left + broad, top + tall
    frame = mix(light.sun, wall, 0.3)
    canvas.rectangle(left - 5, top - 5, right + 5, bottom + 5, frame)
    canvas.rectangle(left - 9, bottom + 5, right + 9, bottom + 11, mix(frame, light.near, 0.25))
    glass = mix(light.near, light.top, rng.uniform(0.16, 0.34))
    canvas.rectangle(left, top, right, bottom, lamp or glass)
    if lamp:
        dark = mix(light.near, light.accent, 0.3)
        canvas.rectangle(left, top, right, top + 16, mix(lamp, (255, 255, 255), 0.45))
        canvas.line([(left + 24, bottom - 44), (left + 76, bottom - 44)], dark, 4)
        canvas.line([(left + 29, bottom - 44), (left + 27, bottom)], dark, 3)
        canvas.line([(left + 71, bottom - 44), (left + 73, bottom)], dark, 3)
        canvas.line([(left + 98, bottom - 74), (left + 95, bottom - 32), (left + 74, bottom - 32)], dark, 3)
        canvas.line([(left + 95, bottom - 32), (left + 98, bottom)], dark, 3)
    else:
        # The sky in the glass, cut by one slanting edge, and here and there a half-drawn blind.
        slant = rng.uniform(0.2, 0.6)
        canvas.polygon(
            [(left, top), (left + broad * slant, top), (left, top + tall * slant)], mix(glass, light.low, 0.26)
        )
        if rng.random() < 0.3:
            canvas.rectangle(left, top, right, top + tall * rng.uniform(0.2, 0.6), mix(glass, light.low, 0.42))
    canvas.line([((left + right) / 2, top), ((left + right) / 2, bottom)], frame, 4)
    canvas.line([(left, top + tall * 0.36), (right, top + tall * 0.36)], frame, 4)


def streets(canvas: Canvas, rng: Random) -> None:
    """A city plan, and one rider's day across it."""
    ground, road = rgb("#e9e0cd"), rgb("#fbf7ec")
    tones = [rgb(code) for code in ("#d8cdb6", "#cfc6b4", "#dcd2bd", "#c3c0b2", "#d3c3a8", "#bfc3b8")]
    park, water, route = rgb("#a9bd97"), rgb("#93b8bd"), rgb("#c2512f")
    canvas.grade(0, HEIGHT, road, mix(road, ground, 0.5))
    angle = rng.uniform(-0.16, 0.16)
    cos, sin = math.cos(angle), math.sin(angle)

    def turn(u: float, v: float) -> Point:
        return WIDTH / 2 + u * cos - v * sin, HEIGHT / 2 + u * sin + v * cos

    columns, rows = lanes(rng, -1000, 1000, 108), lanes(rng, -640, 640, 84)
    for left, right in pairwise(columns):
        for top, low in pairwise(rows):
            block(canvas, rng, turn, left + 7, top + 7, right - 7, low - 7, tones, park)
    bend = noise(rng, 3, 0.5)
    level = rng.choice((-1, 1)) * rng.uniform(190, 300)
    river = [turn(u, level + 90 * bend(u / 420)) for u in range(-1050, 1051, 12)]
    canvas.line(river, road, 84)
    canvas.line(river, water, 66)
    for point in river:
        canvas.disc(*point, 33, water)
    for u in rng.sample(columns[2:-2], 4):
        middle = level + 90 * bend(u / 420)
        canvas.line([turn(u, middle - 52), turn(u, middle + 52)], road, 12)
    # The route keeps to the lanes, turns at crossings and stays in the frame.
    across = [u for u in columns if abs(u) < 640]
    down = [v for v in rows if abs(v) < 330]
    column, line = 0, rng.randrange(len(down))
    stops = [(across[column], down[line])]
    while column < len(across) - 1:
        column = min(len(across) - 1, column + rng.choice((1, 2, 2, 3)))
        stops.append((across[column], down[line]))
        line = rng.choice([other for other in range(len(down)) if 2 <= abs(other - line) <= 4])
        stops.append((across[column], down[line]))
    path = [turn(u, v) for u, v in stops]
    canvas.line(path, mix(road, route, 0.25), 22)
    canvas.line(path, route, 9)
    for number, point in enumerate(path):
        if number % 2 == 0 or number == len(path) - 1:
            canvas.disc(*point, 17, road)
            canvas.disc(*point, 12, route)
            canvas.disc(*point, 5, road)
    shade = Image.radial_gradient("L").resize((400, 225)).point([max(0, round((v - 110) * 0.55)) for v in range(256)])
    canvas.veil(rgb("#5a4a3a"), shade)


def lanes(rng: Random, low: float, high: float, gap: float) -> list[float]:
    """Where the streets of one direction run."""
    at = [low]
    while at[-1] < high:
        at.append(at[-1] + gap * rng.uniform(0.65, 1.5))
    return at


def block(
    canvas: Canvas,
    rng: Random,
    turn: Callable[[float, float], Point],
    left: float,
    top: float,
    right: float,
    low: float,
    tones: list[Colour],
    park: Colour,
) -> None:
    """One block: a park, or plots with a roof each."""
    if rng.random() < 0.07:
        canvas.polygon([turn(left, top), turn(right, top), turn(right, low), turn(left, low)], park)
        for _ in range(16):
            canvas.disc(
                *turn(rng.uniform(left + 6, right - 6), rng.uniform(top + 6, low - 6)),
                rng.uniform(4, 8),
                mix(park, rgb("#4d7050"), rng.uniform(0.3, 0.7)),
            )
        return
    tone = rng.choice(tones)
    canvas.polygon(
        [turn(left, top), turn(right, top), turn(right, low), turn(left, low)], mix(tone, (255, 255, 255), 0.25)
    )
    plots = max(1, round((right - left) / 46))
    for number in range(plots):
        u0 = left + (right - left) * number / plots + 3
        u1 = left + (right - left) * (number + 1) / plots - 3
        half = (top + low) / 2
        for v0, v1 in ((top + 3, half - rng.uniform(2, 9)), (half + rng.uniform(2, 9), low - 3)):
            roof = mix(rng.choice(tones), rgb("#8a7a66"), rng.uniform(0.1, 0.42))
            canvas.polygon(
                [turn(u0 + 3, v0 + 3), turn(u1 + 3, v0 + 3), turn(u1 + 3, v1 + 3), turn(u0 + 3, v1 + 3)],
                mix(roof, rgb("#4a3f35"), 0.4),
            )
            canvas.polygon([turn(u0, v0), turn(u1, v0), turn(u1, v1), turn(u0, v1)], roof)


def seabed(canvas: Canvas, rng: Random) -> None:
    """Under the sea: shafts of light, ridges, and a cable laid across them."""
    surface, deep = rgb("#8fd0cf"), rgb("#06202f")
    canvas.grade(0, 300, surface, mix(surface, deep, 0.34))
    canvas.grade(300, HEIGHT, mix(surface, deep, 0.34), mix(surface, deep, 0.86))
    mask = Image.new("L", (400, 225), 0)
    pen = ImageDraw.Draw(mask)
    origin = rng.uniform(60, 340)
    for _ in range(9):
        top = origin + rng.gauss(0, 46)
        foot = top + (top - origin) * 1.9 + rng.uniform(-8, 8)
        half = rng.uniform(3, 10)
        pen.polygon(
            [(top - half, -4), (top + half, -4), (foot + half * 3, 190), (foot - half * 3, 190)],
            fill=rng.randrange(26, 66),
        )
    fade = Image.linear_gradient("L").resize((400, 225)).point([max(0, 255 - round(v * 1.25)) for v in range(256)])
    shafts = Image.new("L", (400, 225), 0)
    shafts.paste(mask.filter(ImageFilter.GaussianBlur(3.5)), (0, 0), fade)
    canvas.veil(rgb("#e8fbf0"), shafts)
    canvas.glow(origin * 4, -60, 520, rgb("#f2fff6"), 0.6)
    school(canvas, rng, rng.uniform(300, 1300), rng.uniform(230, 330), mix(surface, deep, 0.72))
    cable = rgb("#f0b35a")
    for layer in range(5):
        depth = layer / 4
        curve = noise(rng, 5, 0.42)
        outline = crest(curve, 420 + 380 * depth, 150 - 30 * depth, 330 + 40 * layer)
        colour = mix(mix(surface, deep, 0.5), deep, depth**0.8)
        canvas.land(outline, colour, mix(colour, deep, 0.5))
        if layer == 3:
            # A cable spans hollows and rests on rises: the upper hull of the ground, loosened a little.
            rest = [min(y for _, y in outline[max(0, n - 42) : n + 43]) for n in range(len(outline))]
            eased = [sum(rest[max(0, n - 30) : n + 31]) / len(rest[max(0, n - 30) : n + 31]) for n in range(len(rest))]
            line = [
                (x, max(y - 10, ease + 26)) if y - 10 < ease + 26 else (x, ease + 26)
                for (x, y), ease in zip(outline, eased, strict=True)
            ]
            line = [(x, min(point_y, y - 3)) for (x, point_y), (_, y) in zip(line, outline, strict=True)]
            canvas.line([(x, y + 5) for x, y in line], mix(deep, (0, 0, 0), 0.3), 7)
            canvas.line(line, mix(cable, deep, 0.25), 7)
            canvas.line([(x, y - 1.5) for x, y in line], mix(cable, (255, 255, 255), 0.3), 2)
            for number in range(60, len(line) - 40, 130):
                x, y = line[number]
                canvas.pen.rounded_rectangle(canvas.box(x - 20, y - 8, x + 20, y + 8), 14, fill=mix(cable, deep, 0.1))
                canvas.glow(x, y, 70, cable, 0.4)
    for _ in range(60):
        weed(canvas, rng, rng.uniform(0, WIDTH), HEIGHT + 10, rng.uniform(40, 120), mix(deep, (0, 0, 0), 0.3))
    for _ in range(50):
        canvas.disc(
            rng.uniform(0, WIDTH), rng.uniform(60, 760), rng.uniform(0.8, 2), mix(surface, deep, rng.uniform(0, 0.5))
        )


def school(canvas: Canvas, rng: Random, x: float, y: float, colour: Colour) -> None:
    """Fish, all heading one way."""
    way = rng.choice((-1, 1))
    for _ in range(38):
        px, py, size = x + rng.gauss(0, 120), y + rng.gauss(0, 36), rng.uniform(5, 11)
        canvas.pen.ellipse(canvas.box(px - size, py - size * 0.36, px + size, py + size * 0.36), fill=colour)
        canvas.polygon(
            [
                (px - way * size * 0.8, py),
                (px - way * size * 1.7, py - size * 0.5),
                (px - way * size * 1.7, py + size * 0.5),
            ],
            colour,
        )


def weed(canvas: Canvas, rng: Random, x: float, y: float, tall: float, colour: Colour) -> None:
    sway, phase = rng.uniform(6, 16), rng.uniform(0, 6)
    points = [(x + sway * math.sin(phase + s / 3) * s / 12, y - tall * s / 12) for s in range(13)]
    canvas.line(points, colour, 3.2)


SCENES: dict[str, Callable[[Canvas, Random], None]] = {
    scene.__name__: scene
    for scene in (
        ridges,
        islands,
        terraces,
        skyline,
        delta,
        night,
        harbour,
        rooftops,
        reservoir,
        windows,
        streets,
        seabed,
    )
}
KINDS = tuple(SCENES)
