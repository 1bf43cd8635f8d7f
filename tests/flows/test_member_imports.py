"""A file of members: whoever is new joins once, whatever fails on the way, and nothing of it is told."""

from __future__ import annotations

import msgspec
import pytest

from services.domain.errors import ImportStale, ImportUnreadable, RequestReused
from services.flows import member_imports as flow
from services.flows.shop import Shop
from services.store import books, journal
from tests.flows.test_members import PHONE, count, join, secrets, who

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
        (b"name,birthday\nx,1990-01-01", "columns_missing"),
        ("手机,电话\n1,2".encode(), "column_twice"),
        (b"\xff\xff\xff\xff", "encoding"),
    ],
)
def test_what_is_no_table_of_members_is_refused(shop: Shop, data: bytes, reason: str) -> None:
    with pytest.raises(ImportUnreadable) as refusal:
        flow.preview(shop, data)
    assert refusal.value.details["reason"] == reason
