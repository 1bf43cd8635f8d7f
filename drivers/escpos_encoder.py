"""Turns a document's operations into ESC/POS bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drivers import printable
from drivers.contracts import Align, Barcode, Cut, DriverError, ErrorCode, Feed, Op, Qr, Row, Rule, Text

FONT_A_DOTS = 12  # width of one cell; a Han character is two
DOUBLE_LINE_DOTS = 60  # a character of double size is 48 high
QR_MODULE_DOTS_MIN = 3
QR_QUIET_MODULES = 4
QR_BYTES_MAX = 1_000
BARCODE_WIDTH_DOTS = 2  # of one module: the narrowest that printers draw and scanners read
BARCODE_HEIGHT_DOTS = 80
BARCODE_LENGTH_MAX = 40
FEED_LINES_MAX = 255
OPS_MAX = 5_000
DOCUMENT_BYTES_MAX = 512 * 1024

UNASKED_STATUS_OFF = b"\x1da\x00"  # GS a 0: bytes nobody asked for could be taken for an answer
KANJI_ON = b"\x1c&"  # FS &: pairs of bytes >= 0x81 are one Chinese character
KANJI_OFF = b"\x1c."
FEED_AND_CUT = {"partial": b"\x1dVB\x00", "full": b"\x1dVA\x00"}  # GS V 66/65: feeds past the knife itself

# ISO/IEC 18004, table 7: bytes that fit versions 1 to 40 at error correction M.
# fmt: off
QR_CAPACITY = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
    711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099,
    2213, 2331,
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the paper and the printer can do."""

    width: int = 48  # cells: 48 on 80 mm, 32 on 58 mm
    chinese: bool = True
    qr: str = "native"  # or "raster"
    cut: str = "partial"  # "full" | "partial" | "none"

    @property
    def dots(self) -> int:
        return self.width * FONT_A_DOTS


class Encoder:
    """Composes with python-escpos, whose Dummy printer collects the bytes.

    Text goes around its text(): that sends control bytes through and Chinese without its mode.
    """

    def __init__(self, sheet: Sheet) -> None:
        from escpos.printer import Dummy

        self._sheet = sheet
        self._paper: Any = Dummy()
        self._kanji = False

    def encode(self, ops: Sequence[Op]) -> bytes:
        """The whole document. Of a text its commands show the length alone: how many lines it takes, and
        whether large characters fit.

        Raises DriverError ILLEGAL (nothing was sent) for a document that could not be printed as asked.
        """
        if len(ops) > OPS_MAX:
            raise _illegal(f"{len(ops)} operations", "split the document")
        self._paper.clear()
        self._paper.hw("INIT")
        self._paper._raw(UNASKED_STATUS_OFF)
        self._kanji = False
        for op in ops:
            self._mode(not isinstance(op, Cut))
            self._add(op)
        self._mode(False)
        document = bytes(self._paper.output)
        self._paper.clear()
        if len(document) > DOCUMENT_BYTES_MAX:
            raise _illegal(f"{len(document)} bytes", "split the document")
        return document

    def _mode(self, kanji: bool) -> None:
        """Chinese mode lasts for a whole paper: single bytes print the same in it, and so the commands are
        the same whatever a name holds. It is off at the knife, where the next paper begins."""
        if self._sheet.chinese and kanji != self._kanji:
            self._paper._raw(KANJI_ON if kanji else KANJI_OFF)
            self._kanji = kanji

    def _add(self, op: Op) -> None:
        match op:
            case Text():
                self._text(op)
            case Row():
                self._row(op)
            case Rule():
                self._lines(["-" * self._sheet.width], Align.LEFT, False)
            case Qr():
                self._qr(op)
            case Barcode():
                self._barcode(op)
            case Feed():
                self._paper._raw(b"\x1bd" + bytes([min(max(op.lines, 0), FEED_LINES_MAX)]))
            case Cut():
                self._paper._raw(FEED_AND_CUT.get(self._sheet.cut, b"\x1bd\x06"))

    def _clean(self, text: str) -> str:
        return printable.printable(text, chinese=self._sheet.chinese)

    def _wide(self, text_cells: int, size: int) -> int:
        """How wide characters of `size` are: double ones that would not fit one line are only high."""
        if size not in (1, 2):
            raise _illegal(f"text size {size}", "use size 1 or 2")
        return size if text_cells * size <= self._sheet.width else 1

    def _text(self, op: Text) -> None:
        text = self._clean(op.text)
        wide = self._wide(printable.cells(text), op.size)
        lines = printable.wrap(text, self._sheet.width // wide)
        self._lines(lines, op.align, op.bold, wide, op.size)

    def _row(self, op: Row) -> None:
        left, right = self._clean(op.left), self._clean(op.right)
        wide = self._wide(printable.cells(left) + 1 + printable.cells(right), op.size)
        width = self._sheet.width // wide
        lines = (
            printable.wrapped_row(left, right, width) if op.wraps else [printable.row(left, right, width)]
        )
        self._lines(lines, Align.LEFT, op.bold, wide, op.size)

    def _lines(self, lines: Sequence[str], align: Align, bold: bool, wide: int = 1, high: int = 1) -> None:
        self._paper.set(align=align.value, bold=bold, custom_size=True, width=wide, height=high)
        if high == 2:
            self._paper._raw(b"\x1b3" + bytes([DOUBLE_LINE_DOTS]))  # else such lines touch what follows
        for line in lines:
            self._paper._raw(printable.encode(line) + b"\n")
        if high == 2:
            self._paper._raw(b"\x1b2")

    def _qr(self, op: Qr) -> None:
        data = _utf8(op.data, QR_BYTES_MAX)
        dots = self._qr_module_dots(len(data), op.module_dots)
        self._paper.set(align="center")
        if self._sheet.qr == "raster":
            self._paper._raw(_raster(_qr_rows(data), dots))
        else:
            self._paper._raw(b"\x1bJ" + bytes([QR_QUIET_MODULES * dots]))
            self._paper.qr(op.data, ec=1, size=dots, native=True)  # ec 1 is level M
        self._paper._raw(b"\n")

    def _qr_module_dots(self, length: int, wanted: int) -> int:
        """Dots of a module, made smaller where the symbol would not fit; a printer prints nothing then."""
        version = next(at for at, capacity in enumerate(QR_CAPACITY, 1) if length <= capacity)
        modules = 17 + 4 * version + 2 * QR_QUIET_MODULES
        dots = min(max(wanted, QR_MODULE_DOTS_MIN), 12, self._sheet.dots // modules)
        if dots < QR_MODULE_DOTS_MIN:
            raise _illegal(f"QR of {length} bytes", "shorten it, or use wider paper")
        return dots

    def _barcode(self, op: Barcode) -> None:
        if not 0 < len(op.data) <= BARCODE_LENGTH_MAX or not all(" " <= mark <= "~" for mark in op.data):
            raise _illegal(f"barcode of {len(op.data)} characters", "1 to 40 printable ASCII characters")
        modules = 11 * (len(op.data) + 2) + 13 + 20  # start, data, check, stop and both quiet zones
        if modules * BARCODE_WIDTH_DOTS > self._sheet.dots:
            self._lines([printable.cut(op.data, self._sheet.width)], Align.CENTER, False)
            return
        symbol = b"{B" + op.data.replace("{", "{{").encode("ascii")
        self._paper.set(align="center", bold=False, custom_size=True, width=1, height=1)
        self._paper._raw(b"\x1dh" + bytes([BARCODE_HEIGHT_DOTS]) + b"\x1dw" + bytes([BARCODE_WIDTH_DOTS]))
        self._paper._raw(b"\x1dH\x02\x1df\x00")  # text below, in font A
        self._paper._raw(b"\x1dkI" + bytes([len(symbol)]) + symbol)


def _utf8(data: str, longest: int) -> bytes:
    """The symbol's content. A control byte inside could be DLE DC4: printers obey that even within data."""
    if not data or any(character < " " or character == "\x7f" for character in data):
        raise _illegal("QR with control characters, or empty", "a QR code on paper holds printable text")
    try:
        encoded = data.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _illegal("QR with half a character", "a QR code on paper holds whole characters") from error
    if len(encoded) > longest:
        raise _illegal(f"QR of {len(encoded)} bytes", f"at most {longest}")
    return encoded


def _qr_rows(data: bytes) -> list[list[bool]]:
    import segno

    symbol = segno.make(data, error="m", micro=False, mode="byte", boost_error=False)
    return [[bool(module) for module in row] for row in symbol.matrix_iter(border=QR_QUIET_MODULES)]


def _raster(rows: Sequence[Sequence[bool]], dots: int) -> bytes:
    """GS v 0: the rows as a picture, each module `dots` square.

    Black runs are at least 3 dots long, so no byte is 0x10 and the data cannot hold a real-time command.
    """
    lines = []
    for row in rows:
        bits = "".join(("1" if module else "0") * dots for module in row)
        width = -(-len(bits) // 8)
        line = int(bits.ljust(width * 8, "0"), 2).to_bytes(width, "big")
        lines.extend([line] * dots)
    size = len(lines[0]).to_bytes(2, "little") + len(lines).to_bytes(2, "little")
    return b"\x1dv0\x00" + size + b"".join(lines)


def _illegal(message: str, hint: str) -> DriverError:
    return DriverError(message, code=ErrorCode.ILLEGAL, hint=hint)
