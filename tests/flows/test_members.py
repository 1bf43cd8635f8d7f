"""Members join with one field and once, change by revision, and are found by all they are known by."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from services.domain.errors import RequestReused, ShopError
from services.domain.member_errors import (
    MemberChanged,
    MemberKnown,
    MemberRefused,
    MemberSealed,
    MemberUnknown,
)
from services.domain.profile import value
from services.flows import members as flow
from services.flows.members import Edit, Joining, Member
from services.flows.shop import Shop
from services.store import books, journal, member_books, members
from services.store.db import LEDGER
from services.store.sealed import VAULT
from tests.faults import each_failure
from tests.shop import KEYRING, Clock, make_shop, open_store

PHONE, OTHER = "13812345620", "13912345620"
CARD = "2700000000014"


def join(shop: Shop, key: str = "join-1", **given: str) -> Member:
    more = {name: bool(given.pop(name)) for name in ("another",) if name in given}
    verified = frozenset(set(given) & {"card", "wechat"})
    joining = Joining(given=given or {"phone": PHONE}, verified=verified, till="1", **more)
    return flow.join(shop, joining, operator_id="zhou", request_id=key)


def edit(shop: Shop, member: Member, key: str, another: bool = False, **given: str) -> Member:
    wanted = Edit(given=given, another=another)
    return flow.edit(
        shop, member.member_id, wanted, revision=member.revision, operator_id="zhou", request_id=key
    )


def who(shop: Shop, text: str) -> list[str]:
    return [hit.member.member_id for hit in flow.recognise(shop, text)]


def count(table: str) -> int:
    return int(LEDGER.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def secrets() -> int:
    assert VAULT._connection is not None
    return int(VAULT._connection.execute("SELECT COUNT(*) FROM member_secret").fetchone()[0])


def test_a_phone_is_enough(shop: Shop) -> None:
    member = join(shop, phone="+86 138-1234-5620")
    assert member.values == {"phone": PHONE} and member.revision == 1
    assert who(shop, PHONE) == who(shop, "5620") == [member.member_id]
    (event,) = journal.after(0, 10)
    assert event.type == "member.joined" and PHONE.encode() not in event.body
    assert books.differences() == []


def test_a_repeat_is_the_first_member_and_another_request_is_refused(shop: Shop) -> None:
    first = join(shop)
    assert join(shop) == first and count("member") == count("journal") == secrets() == 1
    with pytest.raises(RequestReused):
        join(shop, phone=OTHER)


@pytest.mark.parametrize(
    "given", [{"name": "王芳"}, {"phone": ""}, {"phone": "123"}, {"birthday": "1990-05-21"}]
)
def test_nobody_joins_who_could_not_be_found(shop: Shop, given: dict[str, str]) -> None:
    with pytest.raises(MemberRefused):
        join(shop, **given)
    assert count("member") == count("journal") == secrets() == 0


def test_a_phone_that_is_known_asks_and_a_name_or_a_card_settles_it(shop: Shop) -> None:
    first = join(shop, phone=PHONE, name="王芳", card=CARD)
    with pytest.raises(MemberKnown) as known:
        join(shop, "j2", phone=PHONE)
    assert known.value.details == {"candidates": [first.member_id]}
    with pytest.raises(MemberKnown):
        join(shop, "j3", phone=PHONE, name="李娜")
    assert join(shop, "j4", phone=PHONE, name="王 芳") == first
    assert join(shop, "j5", card=CARD) == first
    assert count("member") == secrets() == 1


def test_a_phone_that_was_given_to_somebody_else_leaves_the_one_before(shop: Shop) -> None:
    first = join(shop, phone=PHONE, name="王芳", card=CARD)
    second = join(shop, "j2", phone=PHONE, name="李娜", another="yes")
    assert who(shop, PHONE) == [second.member_id] and who(shop, CARD) == [first.member_id]
    assert flow.find(first.member_id).values == {"name": "王芳", "card": CARD}
    old = LEDGER.execute_sql("SELECT COUNT(*) FROM member_key WHERE kind = 'phone' AND until_ms > 0")
    assert old.fetchone()[0] == 1, "how long the phone was whose stays known"
    with pytest.raises(MemberKnown):
        typed = Joining(given={"card": CARD}, another=True)
        flow.join(shop, typed, operator_id="zhou", request_id="j3")
    assert books.differences() == []


def test_a_thousand_at_once_are_one_member(shop: Shop) -> None:
    refused, found = [], []

    def storm(part: int) -> None:
        for n in range(125):
            try:
                found.append(join(shop, f"storm-{part}-{n}").member_id)
            except MemberKnown as known:
                refused.append(known.details["candidates"])

    threads = [threading.Thread(target=storm, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1 and refused == [found] * 999
    assert count("member") == count("journal") == secrets() == 1


def test_a_change_needs_the_newest_revision_and_keys_follow_it(shop: Shop) -> None:
    member = join(shop)
    after = edit(shop, member, "e1", name="王芳", phone=OTHER)
    assert edit(shop, member, "e1", name="王芳", phone=OTHER) == after and after.revision == 2
    assert who(shop, PHONE) == [] and who(shop, OTHER) == [member.member_id]
    with pytest.raises(MemberChanged):
        edit(shop, member, "e2", name="李娜")
    with pytest.raises(MemberRefused):
        edit(shop, after, "e3", phone="")
    assert edit(shop, after, "e4", name="王芳").revision == 2, "nothing has changed"
    last = edit(shop, after, "e5", email="w@x.cn", phone="")
    assert last.values == {"name": "王芳", "email": "w@x.cn"}
    with pytest.raises(MemberUnknown):
        flow.edit(shop, "nobody", Edit(given={}), revision=1, operator_id="zhou", request_id="e6")
    assert books.differences() == []


def test_a_new_phone_of_somebody_else_is_not_taken_by_accident(shop: Shop) -> None:
    one, two = join(shop, phone=PHONE, card=CARD), join(shop, "j2", phone=OTHER)
    with pytest.raises(MemberKnown) as known:
        edit(shop, two, "e1", phone=PHONE)
    assert known.value.details == {"candidates": [one.member_id]}
    edit(shop, two, "e2", another=True, phone=PHONE)
    assert who(shop, PHONE) == [two.member_id]
    with pytest.raises(MemberKnown):
        edit(shop, flow.find(two.member_id), "e3", another=True, card=CARD)


def test_every_key_finds_and_only_what_cannot_be_known_by_heart_is_sure(shop: Shop) -> None:
    keys = {"phone": PHONE, "card": CARD, "email": "w@x.cn", "id_card": "11010519491231002X"}
    member = join(shop, **keys)
    code = flow.qr_text(shop, member.member_id)
    for text, sure in (
        (PHONE, False),
        (CARD, True),
        ("W@X.cn", False),
        ("110105491231002", True),
        (code, True),
    ):
        (hit,) = flow.recognise(shop, text)
        assert (hit.member.member_id, hit.sure) == (member.member_id, sure), hit.kind
    join(shop, "j2", phone=OTHER)
    assert len(flow.recognise(shop, "5620")) == 2
    for text in (
        "13812345621",
        "9999",
        "王芳",
        "",
        code[:-1] + ("0" if code[-1] != "0" else "1"),
        "SGM1.x.000000000000",
    ):
        assert flow.recognise(shop, text) == ()


def test_a_qr_code_of_another_chain_is_none(shop: Shop) -> None:
    member = join(shop)
    assert flow.recognise(shop, f"SGM1.{member.member_id}.0123456789ab") == ()


def test_being_asked_for_is_remembered_to_the_month(shop: Shop, clock: Clock) -> None:
    member = join(shop)
    before = members.by_id(member.member_id)
    flow.recognise(shop, PHONE)
    assert members.by_id(member.member_id) == before
    clock.at_ms += 31 * 86_400_000
    flow.recognise(shop, PHONE)
    after = members.by_id(member.member_id)
    assert before and after and after.seen_at_ms > before.seen_at_ms
    assert count("journal") == 1 and books.differences() == []


def test_the_books_find_every_changed_row(shop: Shop) -> None:
    join(shop)
    for change in (
        "UPDATE member SET revision = 2",
        "UPDATE member SET sealed = x'00'",
        "UPDATE member SET created_at_ms = 1",
        "UPDATE member SET blocked = 1",
        "UPDATE member SET staff_id = 'zhou'",
        "DELETE FROM member",
        "INSERT INTO member_alias VALUES ('a', 'b', 1)",
        "INSERT INTO member_look VALUES ('a', 'b', 0, 'c', 1)",
        "UPDATE member_key SET member_id = 'x'",
    ):
        with pytest.raises(ShopError, match="undo"), LEDGER.write():
            LEDGER.execute_sql(change)
            assert member_books.differences(), change
            raise ShopError("undo")
    assert member_books.differences() == []


def test_a_row_with_another_s_seal_does_not_open(shop: Shop) -> None:
    one, two = join(shop), join(shop, "j2", phone=OTHER)
    with LEDGER.write():
        LEDGER.execute_sql(
            "UPDATE member SET sealed = (SELECT sealed FROM member WHERE member_id = ?)"
            " WHERE member_id = ?",
            (one.member_id, two.member_id),
        )
    with pytest.raises(MemberSealed):
        flow.find(two.member_id)
    assert len(member_books.differences()) == 1


def test_without_keys_members_are_refused_and_nothing_is_written(shop: Shop) -> None:
    member = join(shop)
    VAULT.shut()
    for use in (
        lambda: flow.find(member.member_id),
        lambda: flow.recognise(shop, PHONE),
        lambda: join(shop, "j2", phone=OTHER),
        lambda: edit(shop, member, "e1", name="x"),
    ):
        with pytest.raises(MemberSealed):
            use()
    assert count("member") == count("journal") == 1
    assert member_books.differences() == [], "a check needs no keys"


def test_no_member_shows_what_is_known_of_them(shop: Shop) -> None:
    member = join(shop, phone=PHONE, name="王芳")
    assert PHONE not in repr(member) and "王芳" not in repr(member)
    assert PHONE not in repr(flow.recognise(shop, PHONE)) and PHONE not in repr(
        Joining(given={"phone": PHONE})
    )


def state() -> object:
    tables = ("member", "member_key", "journal", "request")
    return [LEDGER.execute_sql(f"SELECT * FROM {table}").fetchall() for table in tables]


def test_joining_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: n,
        lambda n: join(shop, f"join-{n}", phone=str(13_800_000_000 + n), name="王芳"),
        state,
    )


def test_a_change_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: join(shop, f"join-{n}", phone=str(13_800_000_000 + n)),
        lambda member: edit(
            shop, member, f"edit-{member.member_id}", phone="1390000" + member.member_id[-4:]
        ),
        state,
    )


def test_a_member_whose_ledger_was_closed_in_between_is_the_same(tmp_path: Path) -> None:
    shop = make_shop()
    open_store(tmp_path / "shop.db")
    member = join(shop)
    LEDGER.shut()
    open_store(tmp_path / "shop.db")
    assert value(flow.find(member.member_id).profile, "phone") == PHONE
    assert make_shop().keyring == KEYRING
    LEDGER.shut()
