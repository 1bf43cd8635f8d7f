"""The process that reads an imported file: what it answers, and that nothing of it stays or harms."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from device import sheets
from services.domain import sheet
from services.domain.errors import Busy, ImportUnreadable
from tests.domain.test_workbook import book
from tests.waits import WAIT_S

HEAD = "款号,名称,分类,价格\n"


def read(data: bytes) -> list[str]:
    return [row.initials for row in sheets.read(data, "articles", "CNY", lambda _: None).rows]


def test_names_come_back_with_their_initials() -> None:
    assert read(f"{HEAD}T1,纯棉 T 恤,tops,99\n".encode("gb18030")) == ["cmtx"]


def test_the_gateway_never_loads_the_dictionary() -> None:
    code = (
        "import sys; from device import gateway, sheets; "
        f"sheets.read({HEAD.encode() + 'T1,裙,tops,1'.encode()!r}, 'articles', 'CNY', lambda _: None); "
        "print('pypinyin' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_what_is_no_table_is_refused_with_its_reason() -> None:
    with pytest.raises(ImportUnreadable) as refusal:
        read(f'{HEAD}"open'.encode())
    assert refusal.value.details == {"reason": "quote", "line": 2}


def test_the_columns_are_those_that_were_said() -> None:
    data = "a,b,c,d\nT1,x,裙,9\n".encode()
    assert sheets.read(data, "prices", "CNY", lambda _: None).missing
    (row,) = sheets.read(data, "prices", "CNY", lambda _: None, ("style", "", "", "price")).rows
    assert (row.style, row.price_minor) == ("T1", 9_00)


def test_progress_is_told() -> None:
    heard: list[int] = []
    rows = "".join(f"S{n},裙子,tops,1\n" for n in range(3_000))
    sheets.read((HEAD + rows).encode(), "articles", "CNY", heard.append)
    assert heard == [1_000, 2_000, 3_000]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader gives way to everybody: beside other tests the largest file takes minutes."""
    monkeypatch.setattr(sheets, "WAIT_S", 10 * sheets.WAIT_S)


@pytest.mark.usefixtures("patient")
def test_the_largest_file_fits_into_the_memory_it_may_take() -> None:
    line = "S{n},{name},tops,1299.00\n"
    rows = "".join(line.format(n=n, name="名" * 40 + str(n % 2_000)) for n in range(sheet.ROWS_MAX))
    assert len(read((HEAD + rows).encode()[: sheet.FILE_MAX])) == sheet.ROWS_MAX


@pytest.mark.usefixtures("patient")
def test_so_does_the_largest_workbook() -> None:
    rows = (
        [13_800_000_000 + n, f"名{n}", "1990-05-21", f"p{n}@example.com"] for n in range(sheet.ROWS_MAX)
    )
    data = book(["手机", "姓名", "生日", "邮箱"], *rows)
    assert len(sheets.read(data, "members", "CNY", lambda _: None).rows) == sheet.ROWS_MAX


def test_a_file_that_takes_too_much_memory_or_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "WAIT_S", 0.01)
    with pytest.raises(ImportUnreadable) as refusal:
        read(HEAD.encode() + b"S,x,y,1\n" * 40_000)
    assert refusal.value.details["reason"] == "too_heavy"


def test_a_sandbox_that_lets_it_bound_nothing_still_lets_it_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls of the unit's filter are answered with EPERM, as systemd does."""
    forbidden = ("prlimit64", "setpriority", "sched_setaffinity")
    strace = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={','.join(forbidden)}"]
    inject = [word for name in forbidden for word in ("-e", f"inject={name}:error=EPERM")]
    real = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda command, **more: real([*strace, *inject, *command], **more)
    )
    assert read(f"{HEAD}T1,裙,tops,1\n".encode()) == ["q"]


def test_one_file_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        inside.set()
        assert go_on.wait(WAIT_S)

    monkeypatch.setattr(sheets, "_read", slow)
    first = threading.Thread(target=read_quietly)
    first.start()
    assert inside.wait(WAIT_S)
    with pytest.raises(Busy):
        sheets.read(b"", "articles", "CNY", lambda _: None)
    go_on.set()
    first.join()


def read_quietly() -> None:
    sheets.read(b"", "articles", "CNY", lambda _: None)
