"""Draws what a printer puts on paper: as SVG for eyes, as lines of text for those who cannot see it."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import escape

from drivers.paper_elements import FONT_DOTS, Cut, Element, Line, Picture, elements

MARGIN_DOTS = 24
CUT_DOTS = 36  # paper below the knife's line
TOOTH_DOTS = 6  # of the torn edge
BASELINE_DOTS = 21  # from the top of a character
RUNS_MAX = 20_000  # a picture with more black runs is embedded as PNG
INK, PAPER = "#222", "#fff"
FONTS = "'Noto Sans Mono CJK SC','Sarasa Mono SC',monospace"
WORD = re.compile(r"[!-~]+|[^ -~\u3000]+")  # ASCII or anything else, no spaces


def svg(data: bytes, width_dots: int = 576) -> str:
    """A standalone SVG document. Any bytes give one; it holds no script and refers to nothing outside."""
    drawn = []
    top = MARGIN_DOTS
    for element in elements(data, width_dots):
        drawn.append(_draw(element, top, width_dots))
        top += _height(element)
    height, width = top + MARGIN_DOTS, width_dots + 2 * MARGIN_DOTS
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="{FONTS}" font-size="{FONT_DOTS}" fill="{INK}">'
        f'<path fill="{PAPER}" d="M0 0H{width}V{height - TOOTH_DOTS}{_teeth(width)}V0z"/>'
        f"{''.join(drawn)}</svg>"
    )


def plain_text(data: bytes) -> list[str]:
    """The paper line by line, without empty lines at the end; symbols in brackets, a cut as "[cut]"."""
    lines = [_say(element) for element in elements(data)]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _say(element: Element) -> str:
    match element:
        case Line():
            return element.text.rstrip()
        case Picture():
            return f"[{element.label}]"
        case Cut():
            return "[cut]"


def _height(element: Element) -> int:
    return CUT_DOTS if isinstance(element, Cut) else element.height


def _draw(element: Element, top: int, width: int) -> str:
    match element:
        case Line():
            return "".join(_line(element, top, width))
        case Picture():
            return _picture(element, MARGIN_DOTS + _indent(element.align, element.width, width), top)
        case Cut():
            y, right = top + CUT_DOTS // 2, width + 2 * MARGIN_DOTS
            return f'<path d="M0 {y}H{right}" stroke="#999" stroke-width="2" stroke-dasharray="10 6"/>'


def _indent(align: str, dots: int, width: int) -> int:
    room = max(width - dots, 0)
    return {"center": room // 2, "right": room}.get(align, 0)


def _line(line: Line, top: int, width: int) -> Iterator[str]:
    """Every word at its own place and width, so that columns stand whatever font is there."""
    left = MARGIN_DOTS + _indent(line.align, sum(piece.dots for piece in line.pieces), width)
    high = max((piece.high for piece in line.pieces), default=1)
    for piece in line.pieces:
        # Characters of different height stand on one line at the bottom.
        base = top + FONT_DOTS * (high - piece.high) + BASELINE_DOTS * piece.high
        weight = ' font-weight="bold"' if piece.bold else ""
        for word in WORD.finditer(piece.text):
            start = left + piece.dots_of(piece.text[: word.start()])
            dots = piece.dots_of(word[0]) // piece.wide
            place = f'transform="translate({start} {base}) scale({piece.wide} {piece.high})"'
            yield (
                f'<text {place} textLength="{dots}" lengthAdjust="spacingAndGlyphs"{weight}>'
                f"{escape(word[0])}</text>"
            )
        left += piece.dots


def _picture(picture: Picture, left: int, top: int) -> str:
    runs = []
    for x, y, wide, high in _runs(picture):
        runs.append(f"M{left + x} {top + y}h{wide}v{high}h-{wide}z")
        if len(runs) > RUNS_MAX:
            return _embedded(picture, left, top)
    return f'<path shape-rendering="crispEdges" d="{"".join(runs)}"/>'


def _runs(picture: Picture) -> Iterator[tuple[int, int, int, int]]:
    """Black rectangles: x, y, width, height in dots. Equal rows below each other are one."""
    start = 0
    for at, row in enumerate(picture.rows):
        if at + 1 < len(picture.rows) and picture.rows[at + 1] == row:
            continue
        y, high = start * picture.tall, (at + 1 - start) * picture.tall
        for run in re.finditer("1+", row):
            yield run.start() * picture.dots, y, len(run[0]) * picture.dots, high
        start = at + 1


def _embedded(picture: Picture, left: int, top: int) -> str:
    source = base64.b64encode(_png(picture.rows)).decode("ascii")
    return (
        f'<image x="{left}" y="{top}" width="{picture.width}" height="{picture.height}" '
        f'style="image-rendering:pixelated" href="data:image/png;base64,{source}"/>'
    )


def _png(rows: tuple[str, ...]) -> bytes:
    """A PNG of one bit per dot, black where the rows have "1"."""
    width = max(map(len, rows))
    packed = -(-width // 8)
    # In a grey PNG 0 is black, so the bits are turned round; each row starts with filter type 0.
    flip = str.maketrans("01", "10")
    data = b"".join(
        b"\0" + int(row.translate(flip).ljust(packed * 8, "1"), 2).to_bytes(packed, "big") for row in rows
    )
    header = struct.pack(">IIBBBBB", width, len(rows), 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def _teeth(width: int) -> str:
    """The torn edge, drawn from right to left."""
    teeth = width // (2 * TOOTH_DOTS)
    return f"H{width}" + f"l-{TOOTH_DOTS} {TOOTH_DOTS}l-{TOOTH_DOTS} -{TOOTH_DOTS}" * teeth + "H0"
