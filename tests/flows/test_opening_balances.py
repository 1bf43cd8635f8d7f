"""What new members bring along from another till: each once, told by its own move, or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest

from services.domain.merging import Edge
from services.domain.opening import HEADS as OPENINGS
from services.domain.tiers import Benefits, Need, Program, Tier
from services.flows import (
    coupon_templates,
    coupons,
    merges,
    points,
    stored_value,
    stored_value_moves,
    tiers,
)
from services.flows import member_imports as flow
from services.flows.opening_balances import Sums
from services.flows.shop import Shop
from services.store import books, db, journal
from services.store.sealed import VAULT
from tests.faults import FailingConnection, failing
from tests.flows.loyal import MANAGER, TWENTY, Till
from tests.flows.test_member_imports import bad, take
from tests.flows.test_members import count, who
from tests.shop import TEE, Clock, make_shop, open_store

HEAD = "手机,姓名,积分,积分有效期,储值余额,赠送余额,赠送有效期,会员等级\n"
ONE = '13812345620,王芳,"1,200",2027-03-31,￥500.50,60,2027-01-31,金卡\n'
TWO = "13912345620,李雷,,,,,,\n"
FILE = (HEAD + ONE + TWO).encode()


def ladder(shop: Shop, gift: str = "") -> None:
    tier = Tier(
        key="gold",
        rank=1,
        label_zh="金卡",
        label_en="Gold",
        rule=Need("spend_minor", 10**9),
        benefits=Benefits(discount_bp=500, gift=gift),
    )
    tiers.publish(shop, Program(tiers=(tier,)), seen_version=0, operator_id="he")


def person(shop: Shop, phone: str = "13812345620") -> tuple[str, ...]:
    (hit,) = who(shop, phone)
    return points.person(hit)


def test_what_they_bring_is_shown_before_and_theirs_after(shop: Shop) -> None:
    ladder(shop)
    seen = flow.preview(shop, FILE)
    assert seen.opening == Sums(points=1_200, principal_minor=500_50, bonus_minor=60_00, tiers=1)
    assert count("member") == count("points_row") == count("stored_value_move") == 0
    assert take(shop, FILE).joined == 2
    group = person(shop)
    account = points.look(shop, group)
    assert [(each.lot.expires, each.points) for each in account.held] == [("2027-03", 1_200)]
    assert stored_value_moves.balance(shop, group) == (500_50, 60_00)
    held = tiers.view(shop, group).standing
    assert (held.tier, held.reason, held.until) == ("gold", "granted", "2027-11-22")
    told = [
        event for event in journal.after(0, 50) if event.type.startswith(("points.", "stored", "tier.c"))
    ]
    facts = [msgspec.json.decode(event.body)["data"] for event in told]
    assert [each.get("reason") for each in facts[:2]] == ["import", "import"]
    assert facts[2]["note"] == "import" and facts[1]["kind"] == "opened"
    assert books.differences() == []


def test_the_same_file_again_and_the_same_request_again_count_nothing_twice(shop: Shop) -> None:
    ladder(shop)
    first = take(shop, FILE)
    assert take(shop, FILE) == first
    again = flow.preview(shop, FILE)
    assert again.opening == Sums() and again.count(flow.KNOWN) == 2
    assert take(shop, FILE, "another").joined == 0
    assert stored_value_moves.balance(shop, person(shop)) == (500_50, 60_00)
    assert points.look(shop, person(shop)).balance == 1_200


def outcome(shop: Shop, data: bytes) -> dict[int, tuple[str, dict[str, str], dict[str, str]]]:
    return {each.line: (each.state, each.gets, each.gets_not) for each in flow.preview(shop, data).people}


def test_who_was_here_before_gets_what_they_bring_along_once(shop: Shop) -> None:
    ladder(shop)
    wang = Till(shop)  # with the phone of the first row
    wang.give_points(10)
    seen = flow.preview(shop, FILE)
    assert seen.opening == Sums(points=1_200, principal_minor=500_50, bonus_minor=60_00, tiers=1)
    known, gets, gets_not = outcome(shop, FILE)[2]
    assert (known, set(gets), gets_not) == (flow.KNOWN, set(OPENINGS), {})
    done = take(shop, FILE)
    assert (done.joined, done.known, done.given) == (1, 1, 1) and take(shop, FILE) == done
    changed = (HEAD + ONE.replace("1,200", "1,300") + TWO).encode()  # the same people, later
    for n, again in enumerate((FILE, changed)):
        why = {"points": "had", "principal": "had", "tier": "lower"}
        assert outcome(shop, again)[2] == (flow.KNOWN, {}, why)
        assert flow.preview(shop, again).opening == Sums()
        assert take(shop, again, f"again-{n}").given == 0
    assert person(shop) == (wang.member,) and wang.points == 1_210
    assert stored_value_moves.balance(shop, person(shop)) == (500_50, 60_00)
    assert tiers.view(shop, person(shop)).standing.tier == "gold"
    assert books.differences() == []


def test_what_came_along_is_remembered_of_whoever_became_one_since(shop: Shop) -> None:
    ladder(shop)
    take(shop, FILE)
    (one,) = person(shop)
    other = Till(shop, "13700000000").member
    merges.merge(shop, one, other, "one", MANAGER, operator_id="zhou", request_id="m")
    row = (HEAD + ONE.replace("13812345620", "13700000000")).encode()
    assert outcome(shop, row)[2][1] == {} and take(shop, row, "other").given == 0
    merges.unmerge(shop, Edge(other, one), "two", MANAGER, operator_id="zhou", request_id="u")
    assert take(shop, row, "parted").given == 1, "what is one's was never the other's"
    assert points.look(shop, (other,)).balance == points.look(shop, (one,)).balance == 1_200
    assert books.differences() == []


def test_of_the_three_each_comes_along_for_itself(shop: Shop) -> None:
    ladder(shop)
    wang = Till(shop)
    assert take(shop, b"phone,name,points\n13812345620,\xe7\x8e\x8b\xe8\x8a\xb3,88\n").given == 1
    wang.recharge(4_500_00, 0)
    _, gets, gets_not = outcome(shop, FILE)[2]
    assert (set(gets), gets_not) == ({"tier"}, {"points": "had", "principal": "limit"})
    assert take(shop, FILE, "more").given == 1
    assert (wang.points, stored_value_moves.balance(shop, person(shop)).total) == (88, 4_500_00)
    tiers.sweep(shop)
    assert tiers.view(shop, person(shop)).standing.tier == "gold"


def test_a_tier_that_was_lost_is_not_brought_along_again(shop: Shop, clock: Clock) -> None:
    ladder(shop)
    take(shop, FILE)
    clock.at_ms += 400 * 86_400_000
    tiers.sweep(shop)
    assert tiers.view(shop, person(shop)).standing.tier == ""
    row = (HEAD + "13812345620,王芳,,,,,,金卡\n").encode()
    assert outcome(shop, row)[2] == (flow.KNOWN, {}, {"tier": "had"})


def test_rows_with_balances_that_cannot_be_are_named_and_nobody_of_them_joins(shop: Shop) -> None:
    ladder(shop)
    rows = (
        "13812340001,a,-5,,,,,\n"
        "13812340002,b,1.5,,,,,\n"
        "13812340003,c,10,2026-10-31,,,,\n"
        "13812340004,d,,2027-01-31,,,,\n"
        "13812340005,e,,,12.345,,,\n"
        "13812340006,f,,,4999,2,,\n"
        "13812340007,,,,1000.01,,,\n"
        "13812340008,h,,,,5,2026-11-21,\n"
        "13812340009,i,,,,,,白金\n"
        "13812340010,j,10,soon,,,,\n"
        "13812340011,k,1.2E+5,,,,,\n"
        "13812340012,l,10,2026-11-30,4998,2,2026-11-22,GOLD\n"
    )
    data = (HEAD + rows).encode()
    assert bad(shop, data) == [
        (2, "points", "balance_form"),
        (3, "points", "balance_form"),
        (4, "points_until", "day_over"),
        (5, "points", "required"),
        (6, "principal", "balance_form"),
        (7, "principal", "balance_limit"),
        (8, "principal", "balance_limit"),
        (9, "bonus_until", "day_over"),
        (10, "tier", "tier_unknown"),
        (11, "points_until", "day_form"),
        (12, "points", "balance_form"),
    ]
    assert (take(shop, data).joined, count("member")) == (1, 1)
    assert books.differences() == []


def test_what_they_brought_is_spent_paid_out_and_never_taken_for_a_recharge(shop: Shop) -> None:
    ladder(shop)
    take(shop, FILE)
    till = Till(shop, "13700000000")
    till.member = person(shop)[0]
    till.fill(TEE)
    assert till.due_minor == 94_05, "gold from the first day"
    till.pay_stored(94_05)
    till.settle()
    assert stored_value_moves.balance(shop, person(shop)).total == 560_50 - 94_05
    opening = next(move for move in stored_value.statement(person(shop)) if move.kind == "opened")
    out = stored_value.worth(shop, opening.recharge_id, "shop")
    stored_value.cash_out(
        *(shop, "1", opening.recharge_id),
        reason="shop",
        shown_minor=out.pays_minor,
        tender="cash",
        approval=MANAGER,
        operator_id="zhou",
        request_id="out",
    )
    assert stored_value_moves.balance(shop, person(shop)) == (0, 0)
    assert books.differences() == []


def test_a_tier_that_was_brought_along_is_no_occasion_for_its_gift(shop: Shop) -> None:
    gift = coupon_templates.publish(shop, TWENTY, operator_id="he", request_id="gift").template_id
    ladder(shop, gift)
    take(shop, FILE)
    assert coupons.wallet(person(shop)) == []


def test_points_without_a_day_last_as_the_rules_say(shop: Shop) -> None:
    take(shop, b"phone,points\n13812345620,88\n")
    (lot,) = points.look(shop, person(shop)).held
    assert (lot.lot.expires, lot.points) == ("2027-11", 88)


@pytest.mark.parametrize("here", [False, True])
def test_wherever_storage_fails_somebody_has_all_they_bring_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    shop, real = make_shop(Clock()), sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(tmp_path / "faulty.db")
    ladder(shop)

    def brought() -> int:
        """How many were given anything; all of them with all they have."""
        assert books.differences() == []
        ids = {row[0] for row in db.LEDGER.execute_sql("SELECT member_id FROM points_row")}
        for one in ids:
            assert points.look(shop, (one,)).balance == 1_200
            assert stored_value_moves.balance(shop, (one,)) == (500_50, 60_00)
            assert tiers.view(shop, (one,)).standing.tier == "gold"
        return len(ids)

    failed, n = True, 0
    while failed:
        n += 1
        data = (HEAD + ONE.replace("13812345620", f"138{n:08d}")).encode()
        if here:
            Till(shop, f"138{n:08d}")
        token = flow.preview(shop, data).token

        def go(token: str = token, data: bytes = data, key: str = f"import-{n}") -> flow.Joined:
            return flow.take_over(shop, data, token=token, operator_id="he", request_id=key)

        failed = failing(n, go)
        assert brought() in (n - 1, n)
        done = go()
        assert done.joined + done.given == 1 and brought() == n
    assert n > 30 and journal.first_break() == 0
    VAULT.shut()
    db.LEDGER.shut()
