"""Interprets ESC/POS bytes as a printer does: into lines, pictures and cuts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from drivers import escpos_parser, symbols
from drivers.escpos_parser import Token

CELL_DOTS = 12  # font A is 12 x 24 dots, a Han character 24 x 24
FONT_DOTS = 24
LINE_DOTS = 30
TAB_CELLS = 8
HEIGHT_DOTS_MAX = 100_000  # some 12 m of paper; the rest is not drawn
PICTURE_BYTES_MAX = 1024 * 1024
ALIGNS = {0: "left", 1: "center", 2: "right", 48: "left", 49: "center", 50: "right"}
QR_LEVELS = {48: "l", 49: "m", 50: "q", 51: "h"}


@dataclass(slots=True)
class Piece:
    """Characters of one style, side by side. In Chinese mode all but ASCII is two cells wide."""

    text: str
    kanji: bool
    bold: bool
    wide: int  # times the normal width, 1 to 8
    high: int

    @property
    def dots(self) -> int:
        return self.dots_of(self.text)

    def dots_of(self, text: str) -> int:
        """How wide these characters are in this style."""
        return sum(character_dots(character, self.kanji) for character in text) * self.wide


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, `height` dots of paper. Without pieces it is paper fed."""

    pieces: tuple[Piece, ...]
    align: str
    height: int

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of "0" and "1", one character per dot of width; `label` says it in words."""

    rows: tuple[str, ...]
    dots: int  # size of one row's and column's module
    tall: int  # height of one row in dots, where bars are taller than wide
    align: str
    label: str

    @property
    def width(self) -> int:
        return len(self.rows[0]) * self.dots

    @property
    def height(self) -> int:
        return len(self.rows) * self.tall


@dataclass(frozen=True, slots=True)
class Cut:
    """The knife went through here."""

    height: int = 0


Element = Line | Picture | Cut


def character_dots(character: str, kanji: bool) -> int:
    return 2 * CELL_DOTS if kanji and character > "~" else CELL_DOTS


def elements(data: bytes, width_dots: int = 576) -> list[Element]:
    """All that is on the paper, from the top. Any bytes will do; unknown commands print nothing."""
    head = _Head(width_dots)
    for token in escpos_parser.tokens(data):
        head.obey(token)
        if head.height > HEIGHT_DOTS_MAX:
            break
    if head.pieces:
        head.feed_line()
    return head.paper


@dataclass(slots=True)
class _Style:
    """What ESC @ resets."""

    align: str = "left"
    bold: bool = False
    wide: int = 1
    high: int = 1
    kanji: bool = False
    spacing: int = LINE_DOTS
    qr_dots: int = 3
    qr_level: str = "l"
    qr_data: bytes = b""
    bar_dots: int = 3
    bar_height: int = 162
    bar_text: bool = False
    margin: int = 0  # dots left of everything, in whole cells


@dataclass
class _Head:
    """The print head: the style, the line it is filling, and the paper so far."""

    width: int
    style: _Style = field(default_factory=_Style)
    pieces: list[Piece] = field(default_factory=list)
    paper: list[Element] = field(default_factory=list)
    used: int = 0  # dots of the line that is being filled
    height: int = 0

    def obey(self, token: Token) -> None:
        if not token.code:
            self.text(token.args)
        elif (command := COMMANDS.get(token.code)) is not None:
            command(self, token.args)

    def put(self, element: Element) -> None:
        self.paper.append(element)
        self.height += element.height

    def text(self, data: bytes) -> None:
        for character in data.decode("gb18030" if self.style.kanji else "cp437", "replace"):
            self.character(character if character.isprintable() or character == "\u3000" else "\ufffd")

    def character(self, character: str) -> None:
        style = self.style
        dots = character_dots(character, style.kanji) * style.wide
        if self.used + dots > self.width:
            self.feed_line()
        piece = Piece("", style.kanji, style.bold, style.wide, style.high)
        if not self.pieces and style.margin:
            self.pieces.append(Piece(" " * (style.margin // CELL_DOTS), False, False, 1, 1))
            self.used += style.margin
        if not self.pieces or replace(self.pieces[-1], text="") != piece:
            self.pieces.append(piece)
        self.pieces[-1].text += character
        self.used += dots

    def feed_line(self) -> None:
        high = max((piece.high for piece in self.pieces), default=1)
        height = max(self.style.spacing, FONT_DOTS * high)
        self.put(Line(tuple(self.pieces), self.style.align, height))
        self.pieces, self.used = [], 0

    def end_line(self) -> None:
        if self.pieces:
            self.feed_line()

    def tab(self) -> None:
        for _ in range(TAB_CELLS - self.used // CELL_DOTS % TAB_CELLS):
            self.character(" ")

    def feed(self, lines: int) -> None:
        self.end_line()
        for _ in range(lines):
            self.feed_line()

    def feed_dots(self, dots: int) -> None:
        self.end_line()
        if dots:
            self.put(Line((), "left", dots))

    def cut(self) -> None:
        self.end_line()
        self.put(Cut())

    def picture(self, rows: list[str], label: str, dots: int = 1, tall: int = 1) -> None:
        self.end_line()
        columns = self.width // dots
        rows = ["0" * (self.style.margin // dots) + row for row in rows]
        if rows and rows[0] and columns:
            self.put(Picture(tuple(row[:columns] for row in rows), dots, tall, self.style.align, label))

    def symbol(self, args: bytes) -> None:
        """GS ( k: functions 67, 69, 80 and 81 of cn 49, the QR code."""
        if args[0] != ord("k") or len(args) < 5 or args[3] != 49:
            return
        function, rest, style = args[4], args[5:], self.style
        if function == 67 and rest:
            style.qr_dots = min(max(rest[0], 1), 16)
        elif function == 69 and rest:
            style.qr_level = QR_LEVELS.get(rest[0], "l")
        elif function == 80:
            style.qr_data = rest[1:]
        elif function == 81 and (rows := symbols.qr(style.qr_data, style.qr_level)) is not None:
            self.qr(rows)

    def qr(self, rows: list[str]) -> None:
        style = self.style
        if len(rows) * style.qr_dots <= self.width:  # a printer prints none that is too wide
            label = "QR " + printable(style.qr_data.decode("utf-8", "replace"))
            self.picture(rows, label, style.qr_dots, style.qr_dots)

    def barcode(self, args: bytes) -> None:
        """GS k 73 and 67: Code 128 and EAN-13. Other symbologies are named, not drawn."""
        data = args[2:] if args[0] > 6 else args[1:].rstrip(b"\0")
        plain = data.decode("ascii", "replace")
        text = printable(symbols.code_128_text(data) if args[0] == 73 else plain)
        bars = {73: symbols.code_128(data), 67: symbols.ean_13(plain)}.get(args[0])
        style = self.style
        if bars is not None and len(bars) * style.bar_dots > self.width:
            return
        if bars is None:
            self.end_line()
            self.put(Line((Piece(f"[barcode {text}]", False, False, 1, 1),), style.align, LINE_DOTS))
            return
        self.picture([bars], f"barcode {text}", style.bar_dots, style.bar_height)
        if style.bar_text:
            self.put(Line((Piece(text, False, False, 1, 1),), style.align, LINE_DOTS))

    def raster(self, args: bytes) -> None:
        """GS v 0: m 1 and 3 draw twice as wide, 2 and 3 twice as high; here all as sent."""
        width = int.from_bytes(args[2:4], "little")
        data = args[6 : 6 + PICTURE_BYTES_MAX]
        if width:
            self.picture([_bits(data[at : at + width]) for at in range(0, len(data), width)], "picture")

    def columns(self, args: bytes) -> None:
        """ESC *: columns of 8 or 24 dots."""
        size = 3 if args[0] in (32, 33) else 1
        bits = [_bits(args[at : at + size]) for at in range(3, len(args), size)]
        if bits:
            self.picture(["".join(column[row] for column in bits) for row in range(8 * size)], "picture")

    def print_mode(self, mode: int) -> None:
        """ESC !"""
        self.style.bold = bool(mode & 8)
        self.style.wide, self.style.high = 2 if mode & 32 else 1, 2 if mode & 16 else 1

    def size(self, mode: int) -> None:
        """GS !"""
        self.style.wide, self.style.high = (mode >> 4 & 7) + 1, (mode & 7) + 1


def printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _bits(data: bytes) -> str:
    return f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}" if data else ""


def _set(name: str, value: Callable[[int], object]) -> Callable[[_Head, bytes], None]:
    return lambda head, args: setattr(head.style, name, value(args[0]))


COMMANDS: dict[bytes, Callable[[_Head, bytes], None]] = {
    b"\n": lambda head, args: head.feed_line(),
    b"\t": lambda head, args: head.tab(),
    b"\x1b@": lambda head, args: setattr(head, "style", _Style()),
    b"\x1b!": lambda head, args: head.print_mode(args[0]),
    b"\x1d!": lambda head, args: head.size(args[0]),
    b"\x1bE": _set("bold", lambda n: bool(n & 1)),
    b"\x1bG": _set("bold", lambda n: bool(n & 1)),
    b"\x1ba": _set("align", lambda n: ALIGNS.get(n, "left")),
    b"\x1b2": lambda head, args: setattr(head.style, "spacing", LINE_DOTS),
    b"\x1b3": _set("spacing", lambda n: n),
    b"\x1bd": lambda head, args: head.feed(args[0]),
    b"\x1bJ": lambda head, args: head.feed_dots(args[0]),
    b"\x1b*": lambda head, args: head.columns(args),
    b"\x1c&": lambda head, args: setattr(head.style, "kanji", True),
    b"\x1c.": lambda head, args: setattr(head.style, "kanji", False),
    b"\x1d(": lambda head, args: head.symbol(args),
    b"\x1dh": _set("bar_height", lambda n: max(n, 1)),
    b"\x1dw": _set("bar_dots", lambda n: min(max(n, 1), 6)),
    b"\x1dH": _set("bar_text", lambda n: n in (2, 3, 50, 51)),
    b"\x1dk": lambda head, args: head.barcode(args),
    b"\x1dv": lambda head, args: head.raster(args),
    b"\x1dV": lambda head, args: head.cut(),
    b"\x1dL": lambda head, args: setattr(head.style, "margin", int.from_bytes(args, "little")),
    b"\x1d\x0c": lambda head, args: head.cut(),
}
