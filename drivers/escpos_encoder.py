"""Turns a document's operations into ESC/POS bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from drivers import escpos_picture, printable, symbols
from drivers.contracts import (
    Align,
    Barcode,
    Cut,
    DriverError,
    Ean13,
    ErrorCode,
    Feed,
    Form,
    Op,
    Qr,
    Row,
    Rule,
    Text,
)
from drivers.typeface import LINE_DOTS, Typeface

FONT_A_DOTS = 12  # width of one cell; a Han character is two
DOUBLE_LINE_DOTS = 60  # a character of double size is 48 high
QR_MODULE_DOTS_MIN = 3
QR_QUIET_MODULES = 4
QR_BYTES_MAX = 1_000
BARCODE_WIDTH_DOTS = 2  # of one module: the narrowest that printers draw and scanners read
BARCODE_HEIGHTS = range(24, 256)
EAN_13_MODULES = 95
EAN_13_QUIET = 18  # modules, both sides together
EAN_13_QUIET_RIGHT = 7
BARCODE_LENGTH_MAX = 40
FEED_LINES_MAX = 255
OPS_MAX = 5_000
DOCUMENT_BYTES_MAX = 2 * 1024 * 1024  # 300 lines of text as pictures, and room
DOTS_PER_MM = 8
RULE_DOTS = 2
LABEL_MARGIN_DOTS = 24  # white left of the bars, without which nobody reads them
LABEL_RIGHT_DOTS = 8
LABEL_MARGIN = b"\x1dL" + LABEL_MARGIN_DOTS.to_bytes(2, "little")

UNASKED_STATUS_OFF = b"\x1da\x00"  # GS a 0: bytes nobody asked for could be taken for an answer
KANJI_ON = b"\x1c&"  # FS &: pairs of bytes >= 0x81 are one Chinese character
KANJI_OFF = b"\x1c."
NEXT_LABEL = b"\x1d\x0c"  # GS FF: on to where the sensor sees the next label, or mark
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
    barcode: str = "native"  # or "raster"
    text: str = "font"  # the printer's own, or "raster"
    labels: str = "dots"  # how far to the next label: by its height in "dots", or to the "mark"
    cut: str = "partial"  # "full" | "partial" | "none"

    @property
    def dots(self) -> int:
        return self.width * FONT_A_DOTS


class Encoder:
    """Composes with python-escpos, whose Dummy printer collects the bytes.

    Text goes around its text(): that sends control bytes through and Chinese without its mode.
    """

    def __init__(self, sheet: Sheet, font: str = "") -> None:
        """`font` is the file that raster text is drawn with. Raises DriverError where there is none."""
        from escpos.printer import Dummy

        self._sheet = sheet
        self._typeface = Typeface(font) if sheet.text == "raster" else None
        self._paper: Any = Dummy()
        self._kanji = False
        self._form: Form | None = None
        self._used = 0  # dots of the form

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
        self._kanji, self._form = False, None
        for op in ops:
            self._mode(not isinstance(op, Cut))
            self._add(op)
        self._end_form()
        self._mode(False)
        document = bytes(self._paper.output)
        self._paper.clear()
        if len(document) > DOCUMENT_BYTES_MAX:
            raise _illegal(f"{len(document)} bytes", "split the document")
        return document

    def _mode(self, kanji: bool) -> None:
        """Chinese mode lasts for a whole paper: single bytes print the same in it, and so the commands are
        the same whatever a name holds. It is off at the knife, where the next paper begins."""
        if self._sheet.chinese and self._typeface is None and kanji != self._kanji:
            self._paper._raw(KANJI_ON if kanji else KANJI_OFF)
            self._kanji = kanji

    def _add(self, op: Op) -> None:
        match op:
            case Text():
                self._text(op)
            case Row():
                self._row(op)
            case Qr():
                self._qr(op)
            case Barcode():
                self._barcode(op)
            case Ean13():
                self._ean_13(op)
            case Form():
                self._end_form()
                self._form, self._used = op, 0
                self._raw(b"\x1b3" + bytes([LINE_DOTS]) + LABEL_MARGIN, 0)
            case _:
                self._plain(op)

    def _plain(self, op: Op) -> None:
        """What holds no text."""
        match op:
            case Rule() if self._typeface is not None:
                blank = (LINE_DOTS - RULE_DOTS) // 2
                line = escpos_picture.picture([b"\xff" * (self._dots // 8)] * RULE_DOTS)
                self._raw(escpos_picture.feed(blank) + line + escpos_picture.feed(blank), LINE_DOTS)
            case Rule():
                self._lines(["-" * self._width], Align.LEFT, False)
            case Feed():
                lines = min(max(op.lines, 0), FEED_LINES_MAX)
                self._raw(b"\x1bd" + bytes([lines]), lines * LINE_DOTS)
            case Cut() if self._form is None:
                self._raw(FEED_AND_CUT.get(self._sheet.cut, b"\x1bd\x06"), 0)

    def _raw(self, data: bytes, dots: int) -> None:
        """Bytes that move the paper by `dots`."""
        self._paper._raw(data)
        self._used += dots

    def _end_form(self) -> None:
        """On to the next label. A knife would cut behind the one after it, so labels are torn off."""
        form, self._form = self._form, None
        if form is None:
            return
        left = form.height_mm * DOTS_PER_MM - self._used
        if left < 0:
            raise _illegal(f"{self._used} dots on a label of {form.height_mm} mm", "use larger labels")
        self._paper._raw(NEXT_LABEL if self._sheet.labels == "mark" else escpos_picture.feed(left))

    @property
    def _width(self) -> int:
        """Cells of a line here."""
        if self._form is None:
            return self._sheet.width
        room = self._form.width_mm * DOTS_PER_MM - LABEL_MARGIN_DOTS - LABEL_RIGHT_DOTS
        return min(self._sheet.width - LABEL_MARGIN_DOTS // FONT_A_DOTS, room // FONT_A_DOTS)

    @property
    def _dots(self) -> int:
        return self._width * FONT_A_DOTS

    def _align(self, wanted: Align) -> Align:
        """A label narrower than the paper path lies at its left edge."""
        return wanted if self._form is None else Align.LEFT

    def _clean(self, text: str) -> str:
        return printable.printable(text, chinese=self._sheet.chinese)

    def _wide(self, text_cells: int, size: int) -> int:
        """How wide characters of `size` are: double ones that would not fit one line are only high."""
        if size not in (1, 2):
            raise _illegal(f"text size {size}", "use size 1 or 2")
        return size if text_cells * size <= self._width else 1

    def _text(self, op: Text) -> None:
        text = self._clean(op.text)
        wide = self._wide(printable.cells(text), op.size)
        lines = printable.wrap(text, self._width // wide)
        self._lines(lines[: op.lines_max or None], op.align, op.bold, wide, op.size)

    def _row(self, op: Row) -> None:
        left, right = self._clean(op.left), self._clean(op.right)
        wide = self._wide(printable.cells(left) + 1 + printable.cells(right), op.size)
        width = self._width // wide
        lines = (
            printable.wrapped_row(left, right, width) if op.wraps else [printable.row(left, right, width)]
        )
        self._lines(lines, Align.LEFT, op.bold, wide, op.size)

    def _lines(self, lines: Sequence[str], align: Align, bold: bool, wide: int = 1, high: int = 1) -> None:
        align = self._align(align)
        if self._typeface is not None:
            self._drawn(self._typeface, lines, align, bold, wide, high)
            return
        spacing = DOUBLE_LINE_DOTS if high == 2 else LINE_DOTS
        self._paper.set(align=align.value, bold=bold, custom_size=True, width=wide, height=high)
        if high == 2:
            self._paper._raw(b"\x1b3" + bytes([spacing]))  # else such lines touch what follows
        for line in lines:
            self._raw(printable.encode(line) + b"\n", spacing)
        if high == 2:
            self._paper._raw(b"\x1b2" if self._form is None else b"\x1b3" + bytes([LINE_DOTS]))

    def _drawn(
        self, typeface: Typeface, lines: Sequence[str], align: Align, bold: bool, wide: int, high: int
    ) -> None:
        """The same as pictures. White above and below is fed."""
        self._paper.set(align="left")
        for line in lines:
            room = self._dots - printable.cells(line) * FONT_A_DOTS * wide
            left = room // 2 if align is Align.CENTER else 0
            rows = typeface.line(line, self._dots, bold=bold, wide=wide, high=high, left=max(left, 0))
            inked = [at for at, row in enumerate(rows) if any(row)]
            top, bottom = (inked[0], inked[-1] + 1) if inked else (len(rows), len(rows))
            picture = escpos_picture.picture(rows[top:bottom])
            white = escpos_picture.feed(len(rows) - bottom)
            self._raw(escpos_picture.feed(top) + picture + white, len(rows))

    def _qr(self, op: Qr) -> None:
        data = _utf8(op.data, QR_BYTES_MAX)
        dots = self._qr_module_dots(len(data), op.module_dots)
        self._paper.set(align="center")
        if self._sheet.qr == "raster":
            self._paper._raw(escpos_picture.modules(_qr_rows(data), dots, dots))
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
        if modules * BARCODE_WIDTH_DOTS > self._dots:
            self._lines([printable.cut(op.data, self._width)], Align.CENTER, False)
            return
        symbol = b"{B" + op.data.replace("{", "{{").encode("ascii")
        bars = symbols.code_128(symbol)
        assert bars is not None, op.data
        self._bars(73, symbol, bars, op.data, BARCODE_WIDTH_DOTS, op.height_dots)

    def _ean_13(self, op: Ean13) -> None:
        bars = symbols.ean_13(op.data)
        if bars is None:
            raise _illegal(f"EAN-13 {op.data[:20]!r}", "thirteen digits, the last one the check digit")
        quiet = EAN_13_QUIET if self._form is None else EAN_13_QUIET_RIGHT
        wide = min(3, self._dots // (EAN_13_MODULES + quiet))
        if wide < BARCODE_WIDTH_DOTS:
            raise _illegal(f"EAN-13 on {self._dots} dots", "use wider labels")
        self._bars(67, op.data.encode("ascii"), bars, op.data, wide, op.height_dots)

    def _bars(self, kind: int, data: bytes, bars: str, text: str, wide: int, high: int) -> None:
        """A symbol of `wide` dots a module. On a label the text is a line of ours: its height is known."""
        if high not in BARCODE_HEIGHTS:
            raise _illegal(f"bars of {high} dots", "24 to 255")
        drawn, label = self._sheet.barcode == "raster", self._form is not None
        align = self._align(Align.CENTER)
        self._paper.set(align=align.value, bold=False, custom_size=True, width=1, height=1)
        if drawn:
            quiet = "" if label else "0" * (EAN_13_QUIET // 2)
            self._raw(escpos_picture.modules([quiet + bars + quiet], wide, high), high)
        else:
            self._paper._raw(b"\x1dh" + bytes([high]) + b"\x1dw" + bytes([wide]))
            self._paper._raw((b"\x1dH\x00" if label else b"\x1dH\x02") + b"\x1df\x00")
            self._raw(b"\x1dk" + bytes([kind, len(data)]) + data, high)
        if drawn or label:
            self._lines([text], Align.CENTER, False)


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


def _qr_rows(data: bytes) -> list[str]:
    import segno

    symbol = segno.make(data, error="m", micro=False, mode="byte", boost_error=False)
    return ["".join("1" if m else "0" for m in row) for row in symbol.matrix_iter(border=QR_QUIET_MODULES)]


def _illegal(message: str, hint: str) -> DriverError:
    return DriverError(message, code=ErrorCode.ILLEGAL, hint=hint)
