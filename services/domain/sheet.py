"""A table in a file, CSV or Excel, as rows of cells: its form found out, its text kept as text."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from services.domain import workbook
from services.domain.errors import ImportUnreadable

FILE_MAX = 8 * 1024 * 1024  # bytes
ROWS_MAX = 50_000
COLUMNS_MAX = 60
CELL_MAX = 2_000  # characters
LOOKED_AT = 4_096  # characters that tell the separator

UTF_8, UTF_16, GB18030, XLSX = "utf-8", "utf-16", "gb18030", "xlsx"
_SEPARATORS = (",", ";", "\t")
# What a spreadsheet calculates where a cell begins with it; exports put an apostrophe in front.
_CALCULATES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` are read as they are asked for: (line number in the file from 1, cells)."""

    encoding: str
    separator: str
    rows: Iterator[tuple[int, list[str]]]


def opened(data: bytes) -> Sheet:
    """The table in `data`.

    Raises ImportUnreadable with details.reason: empty, too_large, encoding, nul, and those of
    workbook.rows(); and, while rows are read, quote, cell, columns or rows with details.line.
    """
    if len(data) > FILE_MAX:
        raise _unreadable("too_large")
    if data.startswith((workbook.MARK, workbook.OLD)):
        rows = _kept(workbook.rows(data))
        if (first := next(rows, None)) is None:
            raise _unreadable("empty")
        return Sheet(XLSX, "", itertools.chain((first,), rows))
    encoding, text = _decoded(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise _unreadable("nul", text.count("\n", 0, text.index("\0")) + 1)
    if not text.strip():
        raise _unreadable("empty")
    separator = _separator(text)
    return Sheet(encoding, separator, _kept(_rows(text, separator)))


def plain(cell: str) -> str:
    """The cell without the apostrophe that an export put before what a spreadsheet would calculate."""
    if cell.startswith("'") and cell[1:].lstrip("' ").startswith(_CALCULATES):
        return cell[1:]
    return cell


def is_clean(text: str) -> bool:
    """Whether it holds nothing that prints nothing: control characters, turned directions, half pairs."""
    return not _DIRECTIONS.search(text) and all(
        unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Zl", "Zp") for character in text
    )


def _decoded(data: bytes) -> tuple[str, str]:
    """(encoding, text without its byte order mark)."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF_16, _decode(data, "utf-16")
    if data.startswith(codecs.BOM_UTF8):
        return UTF_8, _decode(data, "utf-8-sig")
    # Half of UTF-16's bytes are zero where a text has digits and separators.
    zeros = data[:LOOKED_AT].count(0)
    if zeros * 4 > len(data[:LOOKED_AT]):
        little = data[1:LOOKED_AT:2].count(0) >= data[0:LOOKED_AT:2].count(0)
        return UTF_16, _decode(data, "utf-16-le" if little else "utf-16-be")
    try:
        return UTF_8, data.decode("utf-8")
    except UnicodeDecodeError:
        return GB18030, _decode(data, "gb18030")


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable("encoding", data.count(b"\n", 0, error.start) + 1) from error


def _separator(text: str) -> str:
    """Whichever stands most often outside quotes in the first line."""
    head = re.sub(r'"[^"]*"', "", text[:LOOKED_AT]).lstrip("\n")
    line = head.split("\n", 1)[0]
    return max(_SEPARATORS, key=lambda separator: (line.count(separator), separator == ","))


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """All rows. The module's own limit guards a quote that never ends."""
    csv.field_size_limit(CELL_MAX)
    lines = (f"{line}\n" for line in text.split("\n"))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unreadable("cell" if "limit" in str(error) else "quote", line) from error
        yield line, cells
        line = reader.line_num + 1


def _kept(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows with anything in them. Raises ImportUnreadable beyond the limits of a table."""
    count = 0
    for line, cells in rows:
        if len(cells) > COLUMNS_MAX:
            raise _unreadable("columns", line)
        if not any(cell.strip() for cell in cells):
            continue
        if any(len(cell) > CELL_MAX for cell in cells):
            raise _unreadable("cell", line)
        count += 1
        if count > ROWS_MAX + 1:
            raise _unreadable("rows", line)
        yield line, cells


def _unreadable(reason: str, line: int = 0) -> ImportUnreadable:
    return ImportUnreadable("this file cannot be read as a table", reason=reason, line=line)
