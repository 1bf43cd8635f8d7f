"""Members' data: shown for a reason, copied on demand, erased for good, and found nowhere in clear."""

from __future__ import annotations

import io
import json
import logging
import random
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from services.domain.errors import ApprovalNeeded, BadRequest, RequestReused, ShopError
from services.domain.member_errors import LookedTooOften, MemberRefused, MemberSealed, MemberUnknown
from services.flows import consents, member_exports, member_privacy, members, merges, points
from services.flows.approvals import Approval
from services.flows.consents import Wish
from services.flows.member_copy import Copy
from services.flows.members import Edit, Joining, Member
from services.flows.shop import Shop
from services.jobs import tidy
from services.store import books, journal, member_books
from services.store.db import LEDGER
from services.store.sealed import VAULT
from tests.faults import each_failure
from tests.flows.test_coupons import give
from tests.flows.test_members import CARD, OTHER, PHONE, count, edit, join, secrets, state, who
from tests.flows.test_stored_value import recharge
from tests.flows.test_tiers import sold
from tests.shop import KEYRING, TEE, Clock, make_shop, open_store

LENT = Approval(approver_id="he", pin="735290", reason="顾客在场")
DAY = 86_400_000


def look(shop: Shop, member: Member, key: str, by: str = "he", *fields: str) -> dict[str, str]:
    return member_privacy.unmask(
        shop, member.member_id, fields or ("phone",), "核对", None, operator_id=by, request_id=key
    )


def erase(shop: Shop, member_id: str, key: str = "erase-1", by: str = "he") -> None:
    member_privacy.erase(shop, member_id, None, operator_id=by, request_id=key)


def say(
    shop: Shop, member: Member, key: str, purpose: str = "marketing_sms", granted: bool = True
) -> dict[str, bool]:
    wish = Wish(
        purpose=purpose,
        granted=granted,
        text_id="sms",
        text_version="3",
        text="我们会发短信",
        evidence="paper",
    )
    return consents.say(shop, member.member_id, wish, till="1", operator_id="zhou", request_id=key)


def test_a_number_is_shown_for_a_reason_and_that_is_journalled(shop: Shop) -> None:
    member = join(shop, phone=PHONE, name="王芳")
    assert look(shop, member, "l1", "he", "phone", "email") == {"phone": PHONE}
    assert look(shop, member, "l1", "he", "phone", "email") == {"phone": PHONE}
    event = json.loads(journal.after(1, 9)[-1].body)
    assert event["type"] == "member.unmasked" and event["data"]["reason"] == "核对"
    assert event["data"]["fields"] == ["email", "phone"] and count("member_look") == 1
    with pytest.raises(BadRequest):
        look(shop, member, "l2", "he", "notes")
    assert books.differences() == []


def test_a_cashier_needs_somebody_who_may(shop: Shop) -> None:
    member = join(shop)
    with pytest.raises(ApprovalNeeded):
        look(shop, member, "l1", "zhou")
    shown = member_privacy.unmask(
        shop, member.member_id, ("phone",), "核对", LENT, operator_id="zhou", request_id="l2"
    )
    assert shown == {"phone": PHONE}
    kinds = [row.type for row in journal.after(0, 9)]
    assert kinds == ["member.joined", "member.unmasked", "approval.granted"]


def test_twenty_looks_in_one_hour_and_no_more(shop: Shop, clock: Clock) -> None:
    member = join(shop)
    for n in range(member_privacy.LOOKS_MAX):
        look(shop, member, f"l{n}")
    with pytest.raises(LookedTooOften) as refused:
        look(shop, member, "one-more")
    wait_s = refused.value.details["wait_s"]
    assert isinstance(wait_s, int) and 3_590 < wait_s <= 3_600
    assert look(shop, member, "l3") == {"phone": PHONE}, "a repeat is no look"
    clock.at_ms += wait_s * 1_000
    assert look(shop, member, "one-more") == {"phone": PHONE}


def copy(shop: Shop, member: Member, key: str = "x1") -> Copy:
    return member_privacy.export(shop, member.member_id, "本人要求", None, operator_id="he", request_id=key)


def test_a_copy_is_a_look_too(shop: Shop) -> None:
    member = join(shop)
    for n in range(member_privacy.LOOKS_MAX):
        copy(shop, member, f"x-{n}")
    for more in (lambda: copy(shop, member, "one-more"), lambda: look(shop, member, "one-more")):
        with pytest.raises(LookedTooOften):
            more()


def test_what_was_shown_is_shown_again_for_minutes_and_to_the_same_person(shop: Shop, clock: Clock) -> None:
    """A key that is kept is no leave: what it would show is what is known by then."""
    member = join(shop)
    steps = {
        "look": lambda by: member_privacy.unmask(shop, member.member_id, ("phone",), "核对", LENT, **by),
        "copy": lambda by: member_privacy.export(shop, member.member_id, "要求", LENT, **by),
        "table": lambda by: member_exports.export(shop, table_of("csv", LENT), **by),
    }
    for name, step in steps.items():
        mine = {"operator_id": "zhou", "request_id": name}
        first = step(mine)
        assert step(mine) == first
        with pytest.raises(RequestReused):
            step({"operator_id": "he", "request_id": name})
        clock.at_ms += member_privacy.AGAIN_MS
        with pytest.raises(RequestReused):
            step(mine)
    assert count("member_look") == 2


def table_of(form: str, approval: Approval) -> member_exports.Wish:
    return member_exports.Wish(form=form, clear=True, reason="盘点", approval=approval)


def test_a_copy_holds_all_that_is_known_and_is_journalled_once(shop: Shop) -> None:
    member = join(shop, phone=PHONE, name="王芳", card=CARD)
    say(shop, member, "c1")
    whole = copy(shop, member)
    assert whole.data == copy(shop, member).data
    assert {each["field"]: each["value"] for each in whole.data["profile"]} == member.values
    assert whole.data["consents"][0]["purpose"] == "marketing_sms"
    assert ("profile", "phone", PHONE) in whole.rows() and ("consents 1", "granted", "True") in whole.rows()
    assert [row.type for row in journal.after(2, 9)] == ["member.unmasked"]
    assert PHONE not in repr(whole) and json.dumps(whole.data)


def test_a_yes_can_be_taken_back_and_every_word_stays(shop: Shop) -> None:
    member = join(shop)
    assert say(shop, member, "c1") == {"marketing_sms": True}
    assert say(shop, member, "c1") == {"marketing_sms": True}
    assert say(shop, member, "c2", "profiling") == {"marketing_sms": True, "profiling": True}
    assert say(shop, member, "c3", granted=False) == {"marketing_sms": False, "profiling": True}
    log = consents.log(member.ids)
    assert [each.granted for each in log] == [True, True, False]
    assert {len(each.text_hash) for each in log} == {64} and books.differences() == []
    with LEDGER.write():
        LEDGER.execute_sql("UPDATE member_consent SET granted = 1")
    assert len(member_books.differences()) == 1


def test_a_child_is_not_asked_for_marketing(shop: Shop) -> None:
    member = join(shop, phone=PHONE, birthday="2014-01-01")
    with pytest.raises(MemberRefused) as refused:
        say(shop, member, "c1")
    assert refused.value.details["why"] == "minor"
    assert say(shop, member, "c2", "membership") == {"membership": True}
    assert say(shop, member, "c3", granted=False)["marketing_sms"] is False


def test_who_is_erased_is_gone_and_the_books_stay(shop: Shop) -> None:
    member = join(shop, phone=PHONE, name="王芳")
    say(shop, member, "c1")
    shown = member_privacy.preview(shop, member.member_id)
    assert (shown.fields, shown.consents, shown.sales) == (("name", "phone"), 1, 0)
    erase(shop, member.member_id)
    erase(shop, member.member_id)
    assert who(shop, PHONE) == [] and secrets() == 0 and count("member_key") == 0
    for use in (
        lambda: members.find(member.member_id),
        lambda: look(shop, member, "l1"),
        lambda: erase(shop, member.member_id, "erase-2"),
        lambda: edit(shop, member, "e1", name="x"),
        lambda: join(shop, phone=PHONE, name="王芳"),  # the first request again
    ):
        with pytest.raises(MemberUnknown):
            use()
    assert count("member") == 1 and count("member_consent") == 1
    assert books.differences() == [] and journal.first_break() == 0
    again = join(shop, "j2", phone=PHONE)
    assert again.member_id != member.member_id


def adjust(shop: Shop, member: Member, by: int) -> None:
    points.adjust(
        *(shop, member.member_id, by),
        reason="goodwill",
        approval=None,
        operator_id="he",
        request_id="adjust-1",
    )


def test_a_number_that_was_typed_into_a_reason_is_in_no_journal(shop: Shop) -> None:
    """Reasons are kept for ever and go to headquarters, and nobody can erase them."""
    why = "顾客 138 1234 5620 来电，证件 11010519491231002X，另一个 +86-13712345678"
    one, other = join(shop), join(shop, "j2", phone=OTHER)
    lent = Approval(approver_id="he", pin="735290", reason=why)
    by = {"operator_id": "zhou", "request_id": "r1"}
    member_privacy.unmask(shop, one.member_id, ("phone",), why, lent, **by)
    member_privacy.export(shop, one.member_id, why, lent, **{**by, "request_id": "r2"})
    wish = member_exports.Wish(form="csv", clear=True, reason=why, approval=lent)
    member_exports.export(shop, wish, **{**by, "request_id": "r3"})
    merges.merge(shop, one.member_id, other.member_id, why, lent, **{**by, "request_id": "r4"})
    (made,) = merges.merges_of(members.find(one.member_id))
    merges.unmerge(shop, made.edge, why, lent, **{**by, "request_id": "r5"})
    third = join(shop, "j3", phone="13912345678")
    merges.tell_apart(shop, one.member_id, third.member_id, why, lent, **{**by, "request_id": "r6"})
    bodies = [json.loads(row.body) for row in journal.after(0, 99)]
    reasons = [body["data"]["reason"] for body in bodies if "reason" in body["data"]]
    shown = "顾客 138****5620 来电，证件 1101**********002X，另一个 +86-137****5678"
    assert len(reasons) > 10 and set(reasons) == {shown}


def test_erasing_takes_whoever_they_became_one_with_while_a_pin_was_typed(
    clock: Clock, tmp_path: Path
) -> None:
    """Two tablets: one asks for erasing, the other makes two of them one while the PIN is looked at."""
    open_store(tmp_path / "shop.db")
    meanwhile: list[object] = []

    def slowly(hashed: str, pin: str) -> bool:
        meanwhile.append(merges.merge(shop, one, other, "同一人", None, operator_id="he", request_id="m1"))
        return hashed == f"hashed:{pin}"

    shop = make_shop(clock, check_pin=slowly)
    one, other = (join(shop, f"j{n}", phone=phone).member_id for n, phone in enumerate((PHONE, OTHER)))
    member_privacy.erase(shop, one, LENT, operator_id="zhou", request_id="e1")
    assert meanwhile and who(shop, PHONE) == who(shop, OTHER) == [] and secrets() == 0
    member_privacy.erase(shop, one, LENT, operator_id="zhou", request_id="e1")
    assert books.differences() == []


def test_what_an_erased_member_was_found_by_leaves_the_file(shop: Shop, tmp_path: Path) -> None:
    """No way back from it, but a phone that is guessed could be compared."""
    for n in range(40):
        join(shop, f"j{n}", phone=str(13_800_000_000 + n), name=f"张{n}")
    member = join(shop)
    digests = [digest for _, digest in members.digests(shop, member.profile)]
    erase(shop, member.member_id)
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    left = (tmp_path / "shop.db").read_bytes()
    assert len(left) > 100_000 and not [digest for digest in digests if digest in left]


def test_who_has_money_left_is_not_erased_and_what_was_bought_is_told(shop: Shop, clock: Clock) -> None:
    member = join(shop)
    sold(shop, TEE, member_id=member.member_id)
    recharge(shop, 100_00, 0, group=member.ids)
    shown = member_privacy.preview(shop, member.member_id)
    adjust(shop, member, 120)
    coupon = give(shop, member_id=member.member_id)
    assert (shown.sales, shown.balance_minor, shown.points) == (1, 100_00, 0)
    assert member_privacy.preview(shop, member.member_id).points == 120
    whole = copy(shop, member)
    assert [each["name"] for each in whole.data["purchases"]] == ["纯棉基础 T 恤"]
    assert [each["balance"] for each in whole.data["points"]] == [120]
    assert [each["principal_minor"] for each in whole.data["stored_value"]] == [100_00]
    assert [each["coupon_id"] for each in whole.data["coupons"]] == [coupon.coupon_id]
    assert coupon.code not in str(whole.data) and ("points 1", "points", "120") in whole.rows()
    with pytest.raises(MemberRefused) as refused:
        erase(shop, member.member_id)
    assert refused.value.details == {"why": "balance", "balance_minor": 100_00}
    clock.at_ms += 800 * DAY
    assert member_privacy.forget_idle(shop) == 0
    assert members.find(member.member_id) == member and books.differences() == []


def test_a_crash_before_the_key_is_gone_is_made_good_at_the_next_start(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = join(shop)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(VAULT, "forget", crash)
        with pytest.raises(KeyboardInterrupt):
            erase(shop, member.member_id)
    assert secrets() == 1, "the ledger says erased, the key is still there"
    assert member_privacy.settle(shop) == 1 and secrets() == 0
    assert member_privacy.settle(shop) == 0 and books.differences() == []


def test_a_ledger_of_before_does_not_bring_an_erased_member_back(shop: Shop, tmp_path: Path) -> None:
    member, other = join(shop, phone=PHONE, name="王芳"), join(shop, "j2", phone=OTHER)
    with sqlite3.connect(tmp_path / "backup.db") as target, sqlite3.connect(tmp_path / "shop.db") as source:
        source.backup(target)
    target.close()
    source.close()
    erase(shop, member.member_id)
    LEDGER.shut()
    for file in tmp_path.glob("shop.db*"):
        file.unlink()
    shutil.copy(tmp_path / "backup.db", tmp_path / "shop.db")
    open_store(tmp_path / "shop.db")
    with pytest.raises(MemberSealed):
        members.find(member.member_id)
    assert member_privacy.settle(shop) == 1
    assert who(shop, PHONE) == [] and who(shop, OTHER) == [other.member_id]
    event = json.loads(journal.after(0, 99)[-1].body)
    assert (event["type"], event["data"]["reason"]) == ("member.erased", "restored")
    assert books.differences() == []


def test_nothing_is_begun_where_keys_cannot_be_deleted(shop: Shop) -> None:
    member = join(shop)
    VAULT.shut()
    for use in (
        lambda: erase(shop, member.member_id),
        lambda: member_privacy.forget_idle(shop),
        lambda: member_privacy.settle(shop),
    ):
        with pytest.raises(MemberSealed):
            use()
    assert count("journal") == 1


def test_data_of_whoever_has_not_been_here_for_two_years_go_at_night(shop: Shop, clock: Clock) -> None:
    gone, here, holder = join(shop), join(shop, "j2", phone=OTHER), join(shop, "j3", card=CARD)
    clock.at_ms += 700 * DAY
    assert who(shop, OTHER) == [here.member_id]
    clock.at_ms += 40 * DAY
    assert tidy._forget(tidy.Arguments((), str, clock.now_ms, lambda: shop)) == 1
    with pytest.raises(MemberUnknown):
        members.find(gone.member_id)
    assert members.find(here.member_id) and members.find(holder.member_id)
    assert member_privacy.forget_idle(shop) == 0 and secrets() == 2
    assert books.differences() == []


@pytest.mark.parametrize("what", ["unmask", "export", "consent", "erase"])
def test_each_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    shop = make_shop()
    steps = {
        "unmask": lambda m: look(shop, m, f"l-{m.member_id}"),
        "export": lambda m: member_privacy.export(
            shop, m.member_id, "r", None, operator_id="he", request_id=f"x-{m.member_id}"
        ),
        "consent": lambda m: say(shop, m, f"c-{m.member_id}"),
    }
    if what == "erase":
        erase_at_each_statement(tmp_path, monkeypatch, shop)
    else:
        each_failure(
            monkeypatch,
            tmp_path,
            lambda n: join(shop, f"join-{n}", phone=str(13_800_000_000 + n)),
            steps[what],
            lambda: (state(), count("member_look"), count("member_consent")),
        )


def erase_at_each_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """The ledger first, then the key: a failure in between is told, and a repeat makes an end of it."""
    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: join(shop, f"join-{n}", phone=str(13_800_000_000 + n)),
        lambda m: erase(shop, m.member_id, f"e-{m.member_id}"),
        lambda: secrets(),
    )


def test_a_thousand_people_leave_no_trace_in_clear(tmp_path: Path) -> None:
    """Phones, names and the rest: not in the ledger, its log of writes, the keys, a log line or a file."""
    dice, shop = random.Random(7), make_shop()
    open_store(tmp_path / "shop.db")
    known = [person(dice, n) for n in range(1_000)]
    before = {file.name for file in Path(tempfile.gettempdir()).iterdir()}
    said, handler = _listening()
    ids = []
    try:
        for n, given in enumerate(known):
            ids.append(join(shop, f"join-{n}", **given).member_id)
        for n in range(0, 1_000, 5):
            live_with(shop, ids[n], known[n], n)
        everything = said.getvalue() + "".join(hostile(shop, each) for each in known[:200])
    finally:
        logging.getLogger().removeHandler(handler)
    assert books.differences() == []
    clear = everything.encode() + b"".join(file.read_bytes() for file in tmp_path.iterdir())
    made = {file for file in Path(tempfile.gettempdir()).iterdir() if file.name not in before}
    clear += b"".join(file.read_bytes() for file in made if file.is_file())
    assert len(clear) > 1_000_000 and (tmp_path / "shop.db-wal").exists()
    wanted = {form for given in known for text in given.values() for form in forms(text)}
    planted = b"!".join(form for text in known[500].values() for form in forms(text))
    assert shaped(planted) & wanted == {form for text in known[500].values() for form in forms(text)}
    assert shaped(clear) & wanted == set()
    LEDGER.shut()
    assert not any(
        form in file.read_bytes() for file in tmp_path.iterdir() for form in forms(known[500]["phone"])
    )


def person(dice: random.Random, n: int) -> dict[str, str]:
    name = "".join(dice.sample("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张", 3)) + f"{n:04d}号"
    phone = f"1{dice.choice('3456789')}{dice.randrange(10**9):09d}"
    return {"phone": phone, "name": name, "email": f"mail{dice.randrange(10**9)}@example.com"}


def forms(text: str) -> list[bytes]:
    """How it might stand somewhere: as text, as JSON escapes it, in the wide encoding."""
    return [text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le")]


_HAN = rb"[\xe4-\xe9][\x80-\xbf]{2}"
SHAPES = (  # of a phone, an address and a name of person(), in each of forms()
    rb"(?=(1\d{10}))",
    rb"(?=((?:\d\x00){11}))",
    rb"(?=(mail\d{1,9}@example\.com))",
    rb"(?=((?:[mail]\x00){4}(?:\d\x00){1,9}@\x00(?:[examplcom.]\x00){11}))",
    rb"(?=((?:" + _HAN + rb"){3}\d{4}\xe5\x8f\xb7))",
    rb"(?=((?:\\u[0-9a-f]{4}){3}\d{4}\\u53f7))",
    rb"(?=([\x00-\xff]{6}(?:\d\x00){4}\xf7\x53))",
)


def shaped(clear: bytes) -> set[bytes]:
    """Everything that looks like a form of what person() makes up: thousands of searches in a few."""
    return {found for shape in SHAPES for found in re.findall(shape, clear)}


def live_with(shop: Shop, member_id: str, given: dict[str, str], n: int) -> None:
    member = members.find(member_id)
    members.recognise(shop, given["phone"])
    edit(shop, member, f"edit-{n}", notes=f"备注 {given['phone']}")
    say(shop, member, f"say-{n}")
    if n % 50 == 0:
        shop_clock(shop, 3_600_000)
        look(shop, member, f"look-{n}")
        member_privacy.export(shop, member_id, "本人要求", None, operator_id="he", request_id=f"export-{n}")
        erase(shop, member_id, f"erase-{n}")


def shop_clock(shop: Shop, ms: int) -> None:
    shop.now_ms.__self__.at_ms += ms  # type: ignore[attr-defined]


def hostile(shop: Shop, given: dict[str, str]) -> str:
    """What is said when things go wrong with somebody's data in hand."""
    told = []
    for key, values in (
        ("bad-1", {"phone": given["phone"] + "9", "name": given["name"]}),
        ("bad-2", {"phone": given["phone"]}),
        ("join-1", given),
        ("bad-3", {"birthday": given["phone"], "phone": given["phone"]}),
        ("bad-4", {"id_card": given["phone"], "name": given["name"]}),
        ("bad-5", {given["phone"]: given["name"]}),
    ):
        try:
            members.join(shop, Joining(given=values), operator_id="zhou", request_id=key)
        except ShopError as error:
            logging.getLogger("shop").error("refused: %s %r", error, error)
            told.append(f"{error} {error!r} {error.details}")
    try:
        members.edit(shop, "x", Edit(given=given), revision=1, operator_id="zhou", request_id="bad-6")
    except ShopError as error:
        told.append(f"{error} {error!r} {error.details}")
    told.append(repr(Joining(given=given)) + repr(Edit(given=given)))
    return "".join(told)


def _listening() -> tuple[io.StringIO, logging.Handler]:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    return said, handler


def test_whoever_takes_the_card_needs_the_keys_too(shop: Shop, tmp_path: Path) -> None:
    """Ledger and members' keys without the box's own keys open nothing."""
    member = join(shop)
    VAULT.open(tmp_path / "shop.keys.db", type(KEYRING)(b"x" * 32, b"x" * 32, b"x" * 32))
    with pytest.raises(MemberSealed):
        members.find(member.member_id)
