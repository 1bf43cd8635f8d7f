"""Excel workbooks as tables: what a cell means, and what is refused before it harms."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from services.domain import sheet, workbook
from services.domain.errors import ImportUnreadable
from services.domain.imports import MEMBERS, PRICES, read

HEADS = ["手机", "姓名", "生日"]
PHONE = 13812345620


def book(*rows: list[object], formats: bool = True) -> bytes:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target, {"in_memory": True})
    page = made.add_worksheet()
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if isinstance(cell, date):
                page.write_datetime(y, x, cell, day if formats else None)
            else:
                page.write(y, x, cell)
    made.close()
    return target.getvalue()


def repacked(data: bytes, part: str, content: bytes) -> bytes:
    """The book with other bytes in one of its parts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            new.writestr(each, content if each == part else old.read(each))
    return target.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(ImportUnreadable) as refusal:
        list(sheet.opened(data).rows)
    return str(refusal.value.details["reason"])


def test_cells_are_what_excel_shows_and_no_number_is_rounded() -> None:
    data = book(
        HEADS,
        [PHONE, "王芳", date(1990, 5, 21)],
        ["13912345620", "00123", 0.1 + 0.2],
        [199.5, True, datetime.fromisoformat("1990-05-21 08:30")],
        [110101199003070000.0, "", ""],
    )
    opened = sheet.opened(data)
    assert (opened.encoding, opened.separator) == ("xlsx", "")
    assert list(opened.rows) == [
        (1, HEADS),
        (2, ["13812345620", "王芳", "1990-05-21"]),
        (3, ["13912345620", "00123", "0.3"]),
        (4, ["199.5", "TRUE", "1990-05-21 08:30:00"]),
        (5, ["1.10E+17"]),
    ]


def test_members_are_read_from_it_and_what_it_has_lost_is_named_by_its_row() -> None:
    data = book(
        HEADS,
        [PHONE, "王芳", date(1990, 5, 21)],
        [],
        ["13912345620", "李雷", date(1985, 1, 2)],
        ["1.38E+10", "短", ""],
        ["=1+1", "算", ""],
        [13712345678, "=HYPERLINK(1)", ""],
        [110101199003070000.0, "长", ""],
    )
    table = read(data, MEMBERS, "CNY")
    assert [(row.line, row.person) for row in table.rows] == [
        (2, {"phone": "13812345620", "name": "王芳", "birthday": "1990-05-21"}),
        (4, {"phone": "13912345620", "name": "李雷", "birthday": "1985-01-02"}),
    ]
    assert [(bad.line, bad.column, bad.reason, bad.value) for bad in table.bad] == [
        (5, "phone", "rounded", ""),
        (6, "phone", "formula", ""),
        (7, "name", "formula", ""),
        (8, "phone", "rounded", ""),
    ]


def test_a_birthday_whose_cell_lost_its_format_is_the_same_day() -> None:
    data = book(HEADS, [PHONE, "王芳", date(1990, 5, 21)], formats=False)
    (row,) = read(data, MEMBERS, "CNY").rows
    assert row.person["birthday"] == "1990-05-21"


def test_prices_are_read_from_it_too() -> None:
    table = read(book(["货号", "价格"], ["T-W-S", 109], ["J-B-27", 329.5]), PRICES, "CNY")
    assert [(row.sku, row.price_minor) for row in table.rows] == [("T-W-S", 10_900), ("J-B-27", 32_950)]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(book(HEADS), "xl/sharedStrings.xml", b" " * (workbook.UNPACKED_MAX + 1))
    assert len(bomb) < 200_000
    assert refused(bomb) == "too_large"


def test_what_is_damaged_old_or_no_workbook_is_refused_plainly() -> None:
    good = book(HEADS, [PHONE, "王芳", ""])
    assert refused(workbook.OLD + b"\0" * 600) == "old_excel"
    assert refused(good[: len(good) // 2]) == "workbook"
    assert refused(repacked(good, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>")) == "workbook"
    assert refused(repacked(good, "xl/workbook.xml", b"not xml")) == "workbook"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("hello.txt", "hello")
    assert refused(target.getvalue()) == "workbook"
    assert refused(book([])) == "empty"
    assert refused(book(["a"] * 200)) == "columns"
    assert refused(book(["x" * 3_000])) == "cell"


def test_entities_that_grow_without_end_do_not() -> None:
    laugh = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laugh}]><worksheet><sheetData><row><c><v>&a9;</v></c></row>'
    bomb = repacked(book(HEADS), "xl/worksheets/sheet1.xml", f"{text}</sheetData></worksheet>".encode())
    assert refused(bomb) == "workbook"


def test_the_size_a_sheet_says_it_has_is_not_believed() -> None:
    page = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<dimension ref="A1:XFD1048576"/><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>手机</t></is></c></row>'
        '<row r="400000"><c r="A400000"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert refused(repacked(book(HEADS), "xl/worksheets/sheet1.xml", page.encode())) == "rows"
