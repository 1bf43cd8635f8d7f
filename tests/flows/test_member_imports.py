"""A file of members: whoever is new joins once, whatever fails on the way, and nothing of it is told."""

from __future__ import annotations

import logging
import sqlite3
import tempfile
import threading
from pathlib import Path

import msgspec
import pytest

from services.domain import identity, member_sheet
from services.domain.errors import ImportStale, ImportUnreadable, RequestReused
from services.flows import member_imports as flow
from services.flows.shop import Shop
from services.store import books, journal
from services.store.db import LEDGER
from tests.faults import FailingConnection, failing
from tests.flows.test_member_privacy import forms
from tests.flows.test_members import PHONE, count, join, secrets, who
from tests.shop import make_shop, open_store

FILE = (
    "手机,姓名,生日,性别,邮箱,会员卡号,余额\n"
    "138 1234 5620,王芳,1990年5月21日,女,Fang@Example.com,,12\n"
    '="13912345620",李雷,19850102,男,,2700000000014,\n'
).encode("gb18030")


def take(shop: Shop, data: bytes, key: str = "import-1") -> flow.Joined:
    token = flow.preview(shop, data).token
    return flow.take_over(shop, data, token=token, operator_id="he", request_id=key)


def states(shop: Shop, data: bytes) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(each.line, each.state, each.by) for each in flow.preview(shop, data).people]


def bad(shop: Shop, data: bytes) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.reason) for each in flow.preview(shop, data).table.bad]


def many(rows: int) -> bytes:
    return ("phone,name\n" + "".join(f"138{n:08d},Member {n}\n" for n in range(rows))).encode()


def test_a_preview_changes_nothing_and_the_new_join_sealed_and_journalled(shop: Shop) -> None:
    seen = flow.preview(shop, FILE)
    assert count("member") == count("journal") == secrets() == 0
    assert [each.state for each in seen.people] == [flow.NEW, flow.NEW]
    assert seen.table.ignored == ["余额"] and seen.table.encoding == "gb18030"
    done = take(shop, FILE)
    assert (done.rows, done.joined, done.known, done.doubtful, done.bad) == (2, 2, 0, 0, 0)
    events = journal.after(0, 10)
    assert [each.type for each in events] == ["member.joined", "member.joined", "members.imported"]
    assert msgspec.json.decode(events[0].body)["data"]["channel"] == "import"
    assert (
        len(who(shop, PHONE)) == len(who(shop, "2700000000014")) == len(who(shop, "fang@example.com")) == 1
    )
    assert books.differences() == [] and secrets() == 2
    assert states(shop, FILE)[0] == (2, flow.KNOWN, ("phone", "email"))


def test_known_doubtful_bad_and_repeated_rows_are_told_apart_by_line(shop: Shop) -> None:
    join(shop, phone=PHONE, name="王芳")
    data = (
        "手机,姓名,生日\n"
        f"{PHONE},王芳,1990-05-21\n"  # the same phone and name
        f"{PHONE[:-1]}9,李雷,\n"
        "1.38123E+10,王,\n"
        "123,王,\n"
        ",王,\n"
        f"+86{PHONE[:-1]}9,李雷,\n"  # as in line 3
        "13712345678,王,1990-02-30\n"
    ).encode()
    assert states(shop, data) == [(2, "known", ("phone",)), (3, "new", ())]
    assert bad(shop, data) == [
        (4, "phone", "rounded"),
        (5, "phone", "member_form"),
        (6, "", "unfindable"),
        (7, "phone", "twice"),
        (8, "birthday", "member_form"),
    ]
    assert all(each.value == "" for each in flow.preview(shop, data).table.bad)
    other = f"手机,姓名\n{PHONE},赵六\n".encode()
    assert states(shop, other) == [(2, "doubtful", ("phone",))]
    before = count("member")
    assert (take(shop, other).doubtful, count("member")) == (1, before)
    assert states(shop, f"手机\n{PHONE}\n".encode()) == [(2, "known", ("phone",))]  # says nothing new


def test_a_repeat_joins_nobody_twice_and_another_file_is_refused(shop: Shop) -> None:
    first = take(shop, FILE)
    assert take(shop, FILE) == first and count("member") == 2
    with pytest.raises(RequestReused):
        take(shop, many(1))
    with pytest.raises(ImportStale):
        flow.take_over(shop, many(1), token="else", operator_id="he", request_id="import-2")
    assert take(shop, FILE, "import-3").known == 2 and secrets() == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"phone,name\n138\x001,x", "nul"),
        (b"phone" + b",a" * 200 + b"\n1", "columns"),
        ("手机,电话\n1,2".encode(), "column_twice"),
        (b"\xff\xff\xff\xff", "encoding"),
    ],
)
def test_what_is_no_table_of_members_is_refused(shop: Shop, data: bytes, reason: str) -> None:
    with pytest.raises(ImportUnreadable) as refusal:
        flow.preview(shop, data)
    assert refusal.value.details["reason"] == reason


def test_wherever_storage_fails_the_same_request_goes_on_and_everybody_joins_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    LEDGER.shut()
    monkeypatch.setattr(flow, "PIECE", 2)
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(tmp_path / "faulty.db")
    failed, n = True, 0
    while failed:
        n += 1
        data = f"phone\n1381{n:03d}0001\n1381{n:03d}0002\n1381{n:03d}0003\n".encode()
        token = flow.preview(shop, data).token

        def go(token: str = token, data: bytes = data, key: str = f"import-{n}") -> flow.Joined:
            return flow.take_over(shop, data, token=token, operator_id="he", request_id=key)

        before = count("member")
        failed = failing(n, go)
        assert count("member") - before in (0, 2, 3)
        done = go()
        assert (done.rows, done.joined) == (3, 3) and count("member") - before == 3
        assert secrets() == count("member")
    assert n > 30 and journal.first_break() == 0 and books.differences() == []
    imported = LEDGER.execute_sql("SELECT COUNT(*) FROM journal WHERE type = 'members.imported'").fetchone()
    assert imported[0] == n


def test_nobody_in_a_file_is_named_in_a_log_an_error_a_request_or_a_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop = make_shop()
    open_store(tmp_path / "shop.db")
    temporary = set(Path(tempfile.gettempdir()).iterdir())
    lines = [f"1381234{n:04d},赵钱{n:04d}号,p{n:04d}@example.com" for n in range(200)]
    lines += ["1381234000,孙李九九号,x", "1381234000099,周吴九九号,"]
    data = ("手机,姓名,邮箱\n" + "\n".join(lines)).encode()
    seen = flow.preview(shop, data)
    done = take(shop, data)
    assert (done.joined, done.bad) == (200, 2)
    headless = flow.preview(shop, "\n".join(lines).encode())  # its first line is somebody
    with pytest.raises(ImportUnreadable) as refusal:
        take(shop, "\n".join(lines).encode(), "headless")
    said = f"{seen!r} {done!r} {seen.table.bad!r} {headless!r} {refusal.value!r} {refusal.value.details}"
    said += caplog.text
    new = set(Path(tempfile.gettempdir()).iterdir()) - temporary
    files = [each for each in (*tmp_path.iterdir(), *new) if each.is_file()]
    clear = said.encode() + b"".join(each.read_bytes() for each in files)
    for text in ("1381234", "赵钱", "孙李", "周吴", "p0001@", "example.com"):
        assert not any(form in clear for form in forms(text)), text
    LEDGER.shut()


def test_twice_at_once_is_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "PIECE", 3)
    data = many(20)
    token = flow.preview(shop, data).token
    done: list[flow.Joined] = []

    def go() -> None:
        done.append(flow.take_over(shop, data, token=token, operator_id="he", request_id="both"))

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done[0] == done[1] and done[0].joined == count("member") == secrets() == 20
    assert count("journal") == 21


@pytest.mark.parametrize(
    ("field", "cell", "normal"),
    [
        ("phone", '="138 1234-5620"', PHONE),
        ("phone", "'13812345620", PHONE),
        ("phone", "13812345620.0", PHONE),
        ("phone", "１３８１２３４５６２０", PHONE),
        ("phone", "\u202d138 1234 5620\u202c", PHONE),
        ("birthday", "1990/5/1", "1990-05-01"),
        ("birthday", "19900501", "1990-05-01"),
        ("birthday", "5月1日", "05-01"),
        ("birthday", "1990-5-1 0:00:00", "1990-05-01"),
        ("gender", "女士", "f"),
        ("gender", "M", "m"),
        ("gender", "保密", ""),
    ],
)
def test_cells_as_spreadsheets_write_them(field: str, cell: str, normal: str) -> None:
    assert member_sheet.normal(field, cell) == normal


@pytest.mark.parametrize(
    "cell", ["=1+1", '=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "1.38E+10", "\x07", "\u202e1"]
)
def test_no_formula_becomes_a_key(cell: str) -> None:
    for kind in identity.KINDS:
        with pytest.raises(member_sheet.WrongCell):
            member_sheet.normal(kind, cell)
