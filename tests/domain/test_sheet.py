"""CSV files as people have them: every encoding and separator, and what no table should be."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import sheet
from services.domain.errors import ImportUnreadable
from web_console.downloads import harmless

TEXT = "款号,名称,价格\r\nT1,纯棉 T 恤,99.00\r\n"


def table(data: bytes) -> list[list[str]]:
    return [cells for _, cells in sheet.opened(data).rows]


def refused(data: bytes) -> dict[str, object]:
    with pytest.raises(ImportUnreadable) as refusal:
        list(sheet.opened(data).rows)
    return refusal.value.details


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
    ],
)
def test_the_encoding_is_found_out(encoding: str, name: str) -> None:
    data = TEXT.encode(encoding)
    assert sheet.opened(data).encoding == name
    assert table(data) == [["款号", "名称", "价格"], ["T1", "纯棉 T 恤", "99.00"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_separator_is_found_out(separator: str, end: str) -> None:
    text = end.join(separator.join(cells) for cells in (["a", '"b,;"', "c"], ["1", "2", "3"], [""]))
    assert table(text.encode()) == [["a", "b,;", "c"], ["1", "2", "3"]]


def test_lines_are_numbered_as_an_editor_does() -> None:
    data = b'a,b\n\n"x\ny",1\n3,4\n'
    assert [line for line, _ in sheet.opened(data).rows] == [1, 3, 5]


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"", "empty", 0),
        (b"\xef\xbb\xbf \r\n", "empty", 0),
        (b"a,b\n1,\0\n", "nul", 2),
        ("a,b\n名\n".encode("gb18030") + b"\xff\xff\n", "encoding", 3),
        (b'a,b\n1,2\n"open,3\n4,5\n', "quote", 3),
        (b'a,b\n"x"y,2\n', "quote", 2),
        (b"a,b\n" + b"x" * 5_000, "cell", 2),
        (b"a,b\n1,2\n" + b"," * 100, "columns", 3),
        (b"x" * (sheet.FILE_MAX + 1), "too_large", 0),
        (b"a\n" + b"1\n" * (sheet.ROWS_MAX + 1), "rows", sheet.ROWS_MAX + 2),
        (b'a,b\n"' + b"x\n" * 3_000_000, "cell", 2),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(data: bytes, reason: str, line: int) -> None:
    details = refused(data)
    assert (details["reason"], details["line"]) == (reason, line)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_in_another_way(data: bytes) -> None:
    with contextlib.suppress(ImportUnreadable):
        list(sheet.opened(data).rows)


@given(st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"]), max_size=40))
def test_what_an_export_defused_is_read_as_it_was(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(["head", harmless(text)])
    cell = harmless(text)
    assert sheet.plain(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t"))


@pytest.mark.parametrize("text", ["a\x07", "\u202eevil", "a\u200fb", "\ud800", "a\nb", "x\ufeff"])
def test_characters_that_print_nothing_are_found(text: str) -> None:
    assert not sheet.is_clean(text)
    assert sheet.is_clean("纯棉 T 恤（男） 100% é 👕")
