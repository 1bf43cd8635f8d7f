"""Tables as files: CSV for every program, XLSX for Excel. What a cell says is never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from urllib.parse import quote

from flask import Response

Cell = str | int | Decimal | None
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XML = "application/xml"
BOM = "\ufeff"  # without it Excel takes UTF-8 for the machine's old code page
_PIECE = 16_384  # characters of one chunk
# What a spreadsheet takes for a formula's beginning, the full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """`text`, with an apostrophe in front where a spreadsheet would calculate it; imports take it off."""
    return f"'{text}" if text.lstrip("' ").startswith(_FORMULA) else text


def csv_file(name: str, rows: Iterable[Sequence[Cell]]) -> Response:
    """The rows as they come, so a long file takes no more memory than a short one."""
    return attached(name, _csv_chunks(rows), CSV)


def attached(name: str, content: Iterable[str] | bytes, media: str) -> Response:
    """A download called `name`, which may hold any character."""
    response = Response(content, mimetype=media)
    plain = name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return response


def xlsx_file(
    name: str,
    title: str,
    rows: Iterable[Sequence[Cell]],
    decimals: Sequence[int],
    *,
    private: bool = False,
) -> Response:
    """A workbook with one sheet, its first row in bold. `decimals` says how the numbers of each column are
    shown; they are written from their decimal digits, and texts stay texts. What is `private` is in no
    temporary file on the way, at the price of memory."""
    import xlsxwriter  # 30 ms: only when asked for

    target = io.BytesIO()
    kept = {"in_memory": True} if private else {"constant_memory": True}
    options = {**kept, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(_sheet_name(title))
    bold = book.add_format({"bold": True})
    formats = [book.add_format({"num_format": "#,##0" + (f".{'0' * d}" if d else "")}) for d in decimals]
    for n, width in enumerate(_widths(decimals)):
        sheet.set_column(n, n, width)
    sheet.freeze_panes(1, 0)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, int | Decimal):
                sheet.write_number(y, x, cell, formats[x])
            elif cell:
                sheet.write_string(y, x, cell, bold if y == 0 else None)
    book.close()
    return attached(name, target.getvalue(), XLSX)


def _csv_chunks(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    buffer = io.StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
        if buffer.tell() >= _PIECE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _widths(decimals: Sequence[int]) -> list[int]:
    return [28, *(16 for _ in decimals[1:])]


def _sheet_name(title: str) -> str:
    """Excel allows 31 characters, and not these."""
    return "".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Sheet1"
