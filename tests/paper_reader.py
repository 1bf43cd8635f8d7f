"""A receipt printer on a TCP port, written from the command reference and sharing no code with drivers/.

It is strict where a real printer is patient: a byte that belongs to no command it knows is an error.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

FONT_FILES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)
PAPER_DOTS = 576

Command = tuple[Any, ...]


class NotEscpos(ValueError):
    """A byte sequence the reader does not know."""


class Cursor:
    """Takes bytes from the front. Raises EOFError when the rest has not arrived."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise EOFError
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count: int = 1) -> int:
        return int.from_bytes(self.take(count), "little")


class Reader:
    """Feed it bytes; `commands` is what they mean. Chinese mode and QR memory are its only state."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self._rest = b""
        self._chinese = False
        self._qr: dict[str, Any] = {}

    def feed(self, data: bytes) -> list[Command]:
        """The commands that these bytes completed."""
        cursor = Cursor(self._rest + data)
        new: list[Command] = []
        start = 0
        try:
            while cursor.at < len(cursor.data):
                if (command := self._next(cursor)) is not None:
                    new.append(command)
                start = cursor.at
        except EOFError:
            pass
        self._rest = cursor.data[start:]
        self.commands += new
        return new

    def finish(self) -> list[Command]:
        """All commands; raises NotEscpos when half a command is left."""
        if self._rest:
            raise NotEscpos(f"unfinished: {self._rest[:20]!r}")
        return self.commands

    def _next(self, cursor: Cursor) -> Command | None:
        first = cursor.number()
        if first == 0x0A:
            return ("line",)
        if first == 0x1B:
            return self._escape(cursor)
        if first == 0x1D:
            return self._group(cursor)
        if first == 0x1C:
            letter = cursor.take(1)
            if letter not in (b"&", b"."):
                raise NotEscpos(f"FS {letter!r}")
            self._chinese = letter == b"&"
            return ("chinese", self._chinese)
        if first == 0x10:
            return self._real_time(cursor)
        if first < 0x20 or first == 0x7F:
            raise NotEscpos(f"control byte {first:#x}")
        return ("text", self._character(first, cursor))

    def _real_time(self, cursor: Cursor) -> Command:
        code = cursor.number()
        if code == 0x04:
            return ("status", cursor.number())
        function, pin, units = cursor.number(), cursor.number(), cursor.number()
        if code != 0x14 or function != 1 or pin > 1 or not 1 <= units <= 8:
            raise NotEscpos(f"DLE {code:#x} {function} {pin} {units}")
        return ("kick_now", pin, units * 100)

    def _character(self, first: int, cursor: Cursor) -> str:
        if first < 0x80:
            return chr(first)
        if not self._chinese:
            raise NotEscpos(f"byte {first:#x} outside Chinese mode")
        return (bytes([first]) + cursor.take(1)).decode("gb18030")

    def _escape(self, cursor: Cursor) -> Command:
        letter = cursor.take(1)
        if letter == b"@":
            self._chinese, self._qr = False, {}
            return ("reset",)
        if letter == b"2":
            return ("spacing", 30)
        if letter == b"p":
            return ("kick", cursor.number(), cursor.number() * 2, cursor.number() * 2)
        names = {b"a": "align", b"E": "bold", b"d": "feed", b"J": "feed_dots", b"3": "spacing"}
        if letter not in names:
            raise NotEscpos(f"ESC {letter!r}")
        return (names[letter], cursor.number())

    def _group(self, cursor: Cursor) -> Command | None:
        letter = cursor.take(1)
        if letter == b"!":
            size = cursor.number()
            return ("size", (size >> 4) + 1, (size & 15) + 1)
        if letter == b"(":
            return self._symbol(cursor)
        if letter == b"k":
            kind, length = cursor.number(), cursor.number()
            return ("barcode", kind, cursor.take(length))
        if letter == b"v":
            mode, kind = cursor.take(1), cursor.number()
            width, height = cursor.number(2), cursor.number(2)
            if (mode, kind) != (b"0", 0):
                raise NotEscpos("GS v")
            return ("raster", width, height, cursor.take(width * height))
        if letter == b"V":
            if (mode := cursor.number()) not in (65, 66):
                raise NotEscpos(f"GS V {mode}")
            return ("cut", mode, cursor.number())
        if letter in (b"\x0c", b"L"):
            return ("next_label",) if letter != b"L" else ("margin", cursor.number(2))
        names = {
            b"h": "bar_height",
            b"w": "bar_width",
            b"H": "bar_text",
            b"f": "bar_font",
            b"r": "drained",
            b"a": "unasked",
        }
        if letter not in names:
            raise NotEscpos(f"GS {letter!r}")
        return (names[letter], cursor.number())

    def _symbol(self, cursor: Cursor) -> Command | None:
        letter, length = cursor.take(1), cursor.number(2)
        body = Cursor(cursor.take(length))
        if letter != b"k" or body.number() != 49:
            raise NotEscpos(f"GS ( {letter!r}")
        function = body.number()
        if function == 65:
            self._qr["model"] = body.number() - 48
        elif function == 67:
            self._qr["dots"] = body.number()
        elif function == 69:
            self._qr["level"] = "LMQH"[body.number() - 48]
        elif function == 80:
            body.take(1)
            self._qr["data"] = body.take(length - 3)
        elif function == 81:
            return ("qr", self._qr["data"], self._qr["dots"], self._qr["level"])
        else:
            raise NotEscpos(f"GS ( k {function}")
        return None


def read(data: bytes) -> list[Command]:
    """The commands of a whole document. Raises NotEscpos."""
    reader = Reader()
    reader.feed(data)
    return reader.finish()


def text_of(commands: list[Command]) -> list[str]:
    """The printed lines."""
    lines = [""]
    for command in commands:
        if command[0] == "text":
            lines[-1] += command[1]
        elif command[0] == "line":
            lines.append("")
    return lines[:-1] if not lines[-1] else lines


def skeleton(commands: list[Command]) -> list[Command]:
    """The commands without the texts: what an attacker must not be able to change."""
    return [command for command in commands if command[0] != "text"]


# --- the picture -------------------------------------------------------------------------------------


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    path = next(path for path in FONT_FILES if Path(path).exists())
    for index in range(16):
        try:
            face = ImageFont.truetype(path, size, index=index)
        except OSError:
            break
        if "Mono CJK SC" in str(face.getname()[0]):
            return face
    return ImageFont.truetype(path, size)


@dataclass
class Canvas:
    """Paper under the head: draws at the top of what is still white."""

    image: Image.Image = field(default_factory=lambda: Image.new("L", (PAPER_DOTS, 20_000), 255))
    width: int = PAPER_DOTS
    y: int = 8
    margin: int = 0
    align: int = 0
    bold: bool = False
    wide: int = 1
    high: int = 1
    spacing: int = 30
    bar_height: int = 162
    bar_width: int = 3
    bar_text: int = 0
    line: list[tuple[str, bool, int, int]] = field(default_factory=list)

    def feed_line(self) -> None:
        widths = [(12 if ord(c) < 128 else 24) * wide for c, _, wide, _ in self.line]
        room = self.width - self.margin
        assert sum(widths) <= room, f"line wider than the paper: {self.line}"
        tallest = max((high for *_, high in self.line), default=1)
        x = self.margin + {0: 0, 1: (room - sum(widths)) // 2, 2: room - sum(widths)}[self.align]
        for (character, bold, wide, high), width in zip(self.line, widths, strict=True):
            glyph = Image.new("L", (width // wide, 24), 255)
            ImageDraw.Draw(glyph).text((0, -7), character, font=font(24), stroke_width=int(bold) * 0.5)
            self.image.paste(glyph.resize((width, 24 * high)), (x, self.y + 24 * (tallest - high)))
            x += width
        self.y += max(self.spacing, 24 * tallest)
        self.line = []

    def paste(self, picture: Image.Image) -> None:
        assert not self.line, "a picture in the middle of a line"
        room = self.width - self.margin
        assert picture.width <= room, picture.width
        x = self.margin + {0: 0, 1: (room - picture.width) // 2, 2: room - picture.width}[self.align]
        self.image.paste(picture, (x, self.y))
        self.y += picture.height


def render(commands: list[Command], dots: int = PAPER_DOTS) -> Image.Image:
    """The paper as a picture."""
    canvas = Canvas(width=dots)
    for name, *args in commands:
        DRAW.get(name, lambda canvas, *args: None)(canvas, *args)
    return canvas.image.crop((0, 0, dots, canvas.y + 8))


def mono(text: str, scale: int = 1) -> Image.Image:
    """A line of text as raster printing must show it: black on white, one bit a dot, 30 dots high.

    Where a byte of ink would be 0x10, which may begin a real-time command, it has one dot more.
    """
    image = Image.new("L", (PAPER_DOTS, 30 * scale))
    ImageDraw.Draw(image).text((0, 23 * scale), text, font=font(24 * scale), fill=255, anchor="ls")
    image = image.point(lambda grey: 255 if grey >= 100 else 0).convert("1")
    ink = image.tobytes().replace(b"\x10", b"\x18")
    return Image.frombytes("1", image.size, bytes(byte ^ 255 for byte in ink))


def _draw_qr(canvas: Canvas, data: bytes, dots: int, level: str) -> None:
    import qrcode
    from qrcode.util import MODE_8BIT_BYTE, QRData

    levels = {"L": 1, "M": 0, "Q": 3, "H": 2}
    code = qrcode.QRCode(error_correction=levels[level], box_size=dots, border=0)
    code.add_data(QRData(data, mode=MODE_8BIT_BYTE))
    code.make(fit=True)
    canvas.paste(code.make_image().get_image().convert("L"))


def _draw_barcode(canvas: Canvas, kind: int, data: bytes) -> None:
    from barcode.codex import Code128
    from barcode.ean import EuropeanArticleNumber13

    if kind == 67:
        (bars,) = EuropeanArticleNumber13(data.decode("ascii")).build()
        assert (len(bars) + 18) * canvas.bar_width <= PAPER_DOTS
        _paste_bars(canvas, bars, data.decode("ascii"))
        return
    assert kind == 73 and data.startswith(b"{B"), (kind, data)
    assert b"{" not in data[2:].replace(b"{{", b""), "a single brace is a command to the symbol"
    text = data[2:].replace(b"{{", b"{").decode("ascii")
    assert (11 * (len(text) + 2) + 13) * canvas.bar_width <= PAPER_DOTS, "printers draw all of it in set B"
    (bars,) = Code128(text).build()
    _paste_bars(canvas, bars, text)


def _paste_bars(canvas: Canvas, bars: str, text: str) -> None:
    row = Image.new("L", (len(bars), 1))
    row.putdata([0 if bar == "1" else 255 for bar in bars])
    canvas.paste(row.resize((len(bars) * canvas.bar_width, canvas.bar_height), Image.Resampling.NEAREST))
    if canvas.bar_text == 2:
        canvas.line = [(character, False, 1, 1) for character in text]
        canvas.feed_line()


def _draw_raster(canvas: Canvas, width: int, height: int, data: bytes) -> None:
    canvas.paste(Image.frombytes("1", (width * 8, height), bytes(byte ^ 255 for byte in data)).convert("L"))


def _set(name: str) -> Callable[..., None]:
    return lambda canvas, value: setattr(canvas, name, value)


def _feed(canvas: Canvas, lines: int) -> None:
    for _ in range(lines):
        canvas.feed_line()


def _feed_dots(canvas: Canvas, dots: int) -> None:
    canvas.y += dots


def _size(canvas: Canvas, wide: int, high: int) -> None:
    canvas.wide, canvas.high = wide, high


DRAW: dict[str, Callable[..., None]] = {
    "text": lambda canvas, text: canvas.line.append((text, canvas.bold, canvas.wide, canvas.high)),
    "line": lambda canvas: canvas.feed_line(),
    "align": _set("align"),
    "bold": _set("bold"),
    "size": _size,
    "spacing": _set("spacing"),
    "feed": _feed,
    "feed_dots": _feed_dots,
    "margin": _set("margin"),
    "bar_height": _set("bar_height"),
    "bar_width": _set("bar_width"),
    "bar_text": _set("bar_text"),
    "qr": _draw_qr,
    "barcode": _draw_barcode,
    "raster": _draw_raster,
    "cut": lambda canvas, mode, feed: _feed_dots(canvas, 40),
}


# --- the network printer -----------------------------------------------------------------------------


class TcpPrinter:
    """Listens on a port of 127.0.0.1, prints with a delay and answers status at once.

    `dies_after`: the number of bytes after which it resets the connection and refuses new ones.
    `silent`: never answers. `paper_out_after`: the number of printed commands after which paper ends.
    """

    def __init__(self, *, line_s: float = 0.0) -> None:
        self._start(line_s)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _start(self, line_s: float) -> None:
        self.line_s = line_s
        self.received = b""
        self.silent = False
        self.dies_after: int | None = None
        self.paper_out = self.cover_open = self.drawer_is_open = False
        self.paper_out_after: int | None = None
        self.kicks: list[Command] = []
        self.papers: list[list[Command]] = []
        self._printed: list[Command] = []
        self._closed = False

    def close(self) -> None:
        self._closed = True
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2)

    def _serve(self) -> None:
        while not self._closed:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            with link:
                link.settimeout(0.05)
                self._talk(link)

    def _talk(self, link: socket.socket) -> None:
        reader, waiting = Reader(), list[Command]()
        while not self._closed:
            try:
                data = link.recv(4096)
                if not data:
                    return
            except TimeoutError:
                data = b""
            except OSError:
                return
            if self.dies_after is not None and len(self.received) + len(data) >= self.dies_after:
                self._die(link, data)
                return
            self.received += data
            waiting += [command for command in reader.feed(data) if not self._done_at_once(command, link)]
            while waiting and not (self.paper_out or self.cover_open):
                self._print(waiting.pop(0), link)
                if waiting and waiting[0][0] == "line" and self.line_s:
                    break

    def _done_at_once(self, command: Command, link: socket.socket) -> bool:
        if command[0] == "status":
            self._answer(link, self._status(command[1]))
        elif command[0] == "kick_now":
            self._kick(command)
        return command[0] in ("status", "kick_now")

    def _die(self, link: socket.socket, data: bytes) -> None:
        assert self.dies_after is not None
        self.received += data[: max(self.dies_after - len(self.received), 0)]
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, not a goodbye
        self.dies_after = 0

    def _answer(self, link: socket.socket, byte: int) -> None:
        if not self.silent:
            link.sendall(bytes([byte]))

    def _status(self, kind: int) -> int:
        stopped = self.paper_out or self.cover_open
        return (
            0b10010
            | {
                1: self.drawer_is_open * 4 | stopped * 8,
                2: self.cover_open * 4 | self.paper_out * 32,
                3: 0,
                4: self.paper_out * 0x60,
            }[kind]
        )

    def _kick(self, command: Command) -> None:
        self.kicks.append(command)
        self.drawer_is_open = True

    def _print(self, command: Command, link: socket.socket) -> None:
        if command[0] == "drained":
            self._answer(link, 0)
            return
        if command[0] == "kick":
            self._kick(command)
            return
        if command[0] == "line":
            time.sleep(self.line_s)
        self._printed.append(command)
        if self.paper_out_after is not None and len(self._printed) >= self.paper_out_after:
            self.paper_out = True
        if command[0] == "cut":
            self.papers.append(self._printed)
            self._printed = []


class _Line:
    """The printer's end of a pseudo terminal, with a socket's three methods."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._timeout = 0.0

    def settimeout(self, timeout: float) -> None:
        self._timeout = timeout

    def recv(self, size: int) -> bytes:
        if not select.select([self._descriptor], [], [], self._timeout)[0]:
            raise TimeoutError
        return os.read(self._descriptor, size)

    def sendall(self, data: bytes) -> None:
        os.write(self._descriptor, data)


class PtyPrinter(TcpPrinter):
    """The same printer on a terminal: a serial port, or a USB printer's node, seen from outside."""

    def __init__(self, *, line_s: float = 0.0) -> None:
        self._start(line_s)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        line: Any = _Line(self._master)
        line.settimeout(0.02)
        self._talk(line)

    def close(self) -> None:
        self._closed = True
        self._thread.join(2)
        os.close(self._master)
        os.close(self._slave)
