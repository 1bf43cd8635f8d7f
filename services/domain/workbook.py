"""An Excel workbook's first sheet as rows of texts, as if it were a CSV file that nobody had rounded."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from services.domain.errors import ImportUnreadable

MARK = b"PK\x03\x04"  # how such a file begins
OLD = b"\xd0\xcf\x11\xe0"  # Excel's form until 2003, and that of a workbook with a password
UNPACKED_MAX = 64 * 1024 * 1024  # bytes of all its parts; a sheet of 50,000 members has 15 million
UNPACKING = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
PARTS_MAX = 500
ROWS_MAX = 200_000  # with the empty ones between
EXACT_MAX = 10**15  # Excel keeps 15 digits: of a longer number the rest is lost
# How the library tells of a book or a sheet that is damaged, or none.
DAMAGED = (LookupError, ValueError, TypeError, AttributeError, ParseError, *UNPACKING)
CALCULATED = "\0formula"  # stands for a cell whose value the file does not hold; no text can be it


def rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """(number of the row from 1, its cells); dates as YYYY-MM-DD, numbers without an exponent.

    Raises ImportUnreadable with details.reason: old_excel, too_large, workbook; and, while rows are read,
    rows with details.line.
    """
    if data.startswith(OLD):
        raise _unreadable("old_excel")
    _check(data)
    sheet = _opened(data)
    line = 0
    while True:
        try:
            cells = next(sheet, None)
        except DAMAGED as error:
            raise _unreadable("workbook", line + 1) from error
        if cells is None:
            return
        line += 1
        if line > ROWS_MAX:
            raise _unreadable("rows", line)
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()  # cells that are coloured, and empty
        yield line, texts


def _check(data: bytes) -> None:
    """Not more comes out of it than a box can hold: no part is unpacked beyond what it says here."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except (ValueError, *UNPACKING) as error:
        raise _unreadable("workbook") from error
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
        raise _unreadable("too_large")


def _opened(data: bytes) -> Iterator[tuple[Any, ...]]:
    from openpyxl import load_workbook  # 150 ms and 20 MB: only when asked for

    try:
        with warnings.catch_warnings(action="ignore"):  # of pictures and rules that it leaves out
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a sheet says of its size need not be true
        return iter(sheet.rows)
    except DAMAGED as error:
        raise _unreadable("workbook") from error


def _text(cell: Any) -> str:
    value, kind = cell.value, cell.data_type
    if value is None:
        return ""
    if kind in ("f", "e"):
        return CALCULATED
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return _number(value)


def _number(value: Any) -> str:
    """The digits that Excel shows; of more than it keeps, the exponent tells that some are lost."""
    shown = Decimal(f"{value:.15g}") if not hasattr(value, "total_seconds") else None
    if shown is None or not shown.is_finite():
        return CALCULATED
    if abs(shown) >= EXACT_MAX:
        return f"{shown:.2E}"
    return f"{shown.normalize():f}"


def _unreadable(reason: str, line: int = 0) -> ImportUnreadable:
    return ImportUnreadable("this workbook cannot be read", reason=reason, line=line)
