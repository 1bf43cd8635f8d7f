"""Stored value: what is recharged, spent, given back and paid out is the same in tables and journal."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.domain import stored_value as rules
from services.domain.errors import ApprovalNeeded, PinLocked, PinRefused, RequestReused, ShopError
from services.domain.stored_value import Parts, Terms
from services.domain.tender_errors import (
    ProofNeeded,
    StoredValueFrozen,
    StoredValueRefused,
    StoredValueShort,
    StoredValueUnknown,
)
from services.flows import (
    merges,
    stored_value,
    stored_value_accounts,
    stored_value_moves,
    stored_value_plans,
)
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.flows.stored_value_plans import PlanDraft
from services.store import books, db, journal, shifts
from services.store import stored_value as stored
from services.store.stored_value import Move
from tests.faults import each_failure
from tests.shop import Clock, enrol, make_shop, open_store

MANAGER = Approval(approver_id="he", pin="735290", reason="asked for it")
LI = ("m-1",)
DAY_MS = 86_400_000
RACES = 1_000


def plan(
    shop: Shop, pays: int = 500_00, bonus: int = 60_00, days: int = 0, plan_id: str = ""
) -> tuple[str, int]:
    draft = PlanDraft(
        plan_id=plan_id,
        label_zh="充值",
        label_en="Recharge",
        pays_minor=pays,
        bonus_minor=bonus,
        bonus_days=days,
    )
    made = stored_value_plans.publish(shop, draft, operator_id="he", request_id=shop.new_id())
    return made.plan_id, made.version


def recharge(
    shop: Shop,
    pays: int = 500_00,
    bonus: int = 60_00,
    *,
    group: tuple[str, ...] = LI,
    days: int = 0,
    tender: str = "cash",
    named: bool = True,
    key: str = "",
) -> Move:
    plan_id, version = plan(shop, pays, bonus, days) if bonus else ("", 0)
    enrol(shop, *group, name="王芳" if named else "")
    return stored_value.recharge(
        *(shop, "1", group[0]),
        plan_id=plan_id,
        plan_version=version,
        paid_minor=pays,
        tender=tender,
        reference="T-1" if tender == "card" else "",
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def spend(
    shop: Shop,
    minor: int,
    spend_id: str = "",
    *,
    group: tuple[str, ...] = LI,
    proof: str = "pin",
    listed: int = 0,
) -> Parts:
    with db.write():
        return stored_value_moves.spend(
            *(shop, group, stored_value_moves.moment(shop, "zhou", sale_id="sale-1")),
            spend_id=spend_id or shop.new_id(),
            minor=minor,
            listed_minor=listed or minor,
            proof=proof,
        )


def refund(shop: Shop, minor: int, spend_id: str) -> Parts:
    with db.write():
        when = stored_value_moves.moment(shop, "zhou", sale_id="return-1")
        return stored_value_moves.refund(shop, when, spend_id=spend_id, minor=minor)


def pay_out(
    shop: Shop,
    recharge_id: str,
    minor: int,
    *,
    reason: rules.Reason = "customer",
    approval: Approval | None = MANAGER,
    key: str = "",
) -> Move:
    return stored_value.cash_out(
        *(shop, "1", recharge_id),
        reason=reason,
        shown_minor=minor,
        tender="cash",
        approval=approval,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def has(shop: Shop, group: tuple[str, ...] = LI) -> Parts:
    return stored_value_moves.balance(shop, group)


def cash() -> list[tuple[str, int, str]]:
    """What moved in the drawer without a sale."""
    shift = shifts.open_of("1")
    assert shift is not None
    return [(each.kind, each.amount_minor, each.reason) for each in shifts.moves_of(shift.shift_id)]


def made_one(shop: Shop, one: str, other: str) -> None:
    merges.merge(shop, one, other, "", MANAGER, operator_id="zhou", request_id=shop.new_id())


def sound() -> None:
    assert books.differences() == [] and journal.first_break() == 0


def test_a_recharge_brings_principal_and_bonus_and_cash_into_the_drawer(shop: Shop) -> None:
    told = recharge(shop)
    assert (told.principal_minor, told.bonus_minor, told.reason) == (500_00, 60_00, "plan")
    assert has(shop) == (500_00, 60_00)
    assert cash() == [("pay_in", 500_00, "recharge")]
    recharge(shop, 100_00, 0, tender="card")
    assert has(shop) == (600_00, 60_00)
    assert len(cash()) == 1
    sound()


def test_the_vector_pays_200_and_comes_back_to_the_fen(shop: Shop) -> None:
    recharge(shop, 300_00, 60_00)
    assert spend(shop, 200_00, "s") == (166_67, 33_33)
    assert has(shop) == (133_33, 26_67)
    told = [
        (*refund(shop, minor, "s"), *stored_value_moves.open_of("s")) for minor in (102_32, 81_36, 16_32)
    ]
    assert told == [
        (85_27, 17_05, 81_40, 16_28),
        (67_80, 13_56, 13_60, 2_72),
        (13_60, 2_72, 0, 0),
    ]
    assert has(shop) == (300_00, 60_00)
    sound()
    with pytest.raises(StoredValueRefused):
        refund(shop, 1, "s")
    with pytest.raises(StoredValueUnknown):
        refund(shop, 1, "never")


def test_more_than_there_is_is_not_paid_and_says_what_is_there(shop: Shop) -> None:
    recharge(shop, 100_00, 0)
    with pytest.raises(StoredValueShort) as refused:
        spend(shop, 100_01)
    assert refused.value.details == {"principal_minor": 100_00, "bonus_minor": 0}
    assert spend(shop, 100_00) == (100_00, 0)
    with pytest.raises(StoredValueShort):
        spend(shop, 1)
    sound()


@pytest.mark.parametrize(
    ("rule", "took"), [("principal_first", (80_00, 0)), ("bonus_first", (20_00, 60_00))]
)
def test_the_shop_chooses_what_goes_first(
    clock: Clock, shop: Shop, rule: str, took: tuple[int, int]
) -> None:
    other = make_shop(clock, stored_value=Terms(spend=rule), new_id=shop.new_id)  # type: ignore[arg-type]
    recharge(other)
    assert spend(other, 80_00) == took
    sound()


def test_a_person_with_two_accounts_spends_from_both_and_each_keeps_its_own(shop: Shop) -> None:
    recharge(shop, 100_00, 0, group=("m-2",))
    recharge(shop, 50_00, 0, group=("m-1",))
    both = ("m-1", "m-2")
    assert has(shop, both) == (150_00, 0)
    assert spend(shop, 120_00, "s", group=both) == (120_00, 0)
    assert (has(shop, ("m-1",)), has(shop, ("m-2",))) == ((30_00, 0), (0, 0))  # the older lot first
    refund(shop, 120_00, "s")
    assert (has(shop, ("m-1",)), has(shop, ("m-2",))) == ((50_00, 0), (100_00, 0))
    assert {move.member_id for move in stored_value.statement(both)} == {"m-1", "m-2"}
    sound()


def test_bonus_ends_with_its_day_also_on_a_box_that_was_off(clock: Clock, shop: Shop) -> None:
    recharge(shop, 500_00, 60_00, days=10)
    clock.at_ms += 10 * DAY_MS
    assert has(shop) == (500_00, 60_00)
    clock.at_ms += DAY_MS
    assert has(shop) == (500_00, 0)
    sound()
    assert spend(shop, 10_00) == (10_00, 0)  # writes it off first
    kinds = [move.kind for move in stored_value.statement(LI)]
    assert kinds == ["spent", "expired", "recharged"]
    sound()


def test_the_nightly_job_writes_off_what_has_ended_once(clock: Clock, shop: Shop) -> None:
    recharge(shop, 500_00, 60_00, days=10)
    recharge(shop, 500_00, 60_00, group=("m-2",))
    assert stored_value.expire_all(shop) == 0
    clock.at_ms += 11 * DAY_MS
    assert (stored_value.expire_all(shop), stored_value.expire_all(shop)) == (1, 0)
    assert has(shop, ("m-2",)) == (500_00, 60_00)
    sound()


def test_bonus_that_comes_back_after_its_end_is_good_for_some_days(clock: Clock, shop: Shop) -> None:
    recharge(shop, 500_00, 60_00, days=10)
    spend(shop, 560_00, "s")
    clock.at_ms += 20 * DAY_MS
    refund(shop, 560_00, "s")
    assert has(shop) == (500_00, 60_00)
    clock.at_ms += 31 * DAY_MS
    assert has(shop) == (500_00, 0)
    sound()


def test_an_account_holds_no_more_than_the_law_allows(shop: Shop) -> None:
    with pytest.raises(StoredValueRefused) as refused:
        recharge(shop, 1_000_01, 0, group=("m-2",), named=False)
    assert refused.value.details == {"why": "limit", "most_minor": 1_000_00}
    recharge(shop, 1_000_00, 0, group=("m-2",), named=False)
    recharge(shop, 1_000_00, 0)
    recharge(shop, 3_900_00, 99_00)
    with pytest.raises(StoredValueRefused) as refused:
        recharge(shop, 1_01, 0)
    assert refused.value.details == {"why": "limit", "most_minor": 1_00}
    for minor in (0, -5):
        with pytest.raises(StoredValueRefused):
            recharge(shop, minor, 0)
    sound()


def test_so_much_of_one_person_on_a_day_is_not_taken_in_cash(clock: Clock, shop: Shop) -> None:
    other = make_shop(clock, stored_value=Terms(cash_max_minor=300_00), new_id=shop.new_id)
    recharge(other, 200_00, 0)
    with pytest.raises(StoredValueRefused) as refused:
        recharge(other, 100_00, 0)
    assert refused.value.details == {"why": "cash", "most_minor": 99_99}
    recharge(other, 100_00, 0, tender="card")
    recharge(other, 99_99, 0)
    clock.at_ms += DAY_MS
    recharge(other, 200_00, 0)
    sound()


def test_a_plan_is_sold_as_it_was_shown_or_not_at_all(shop: Shop) -> None:
    enrol(shop, *LI)
    plan_id, version = plan(shop)
    assert plan(shop, 500_00, 70_00, plan_id=plan_id) == (plan_id, 2)
    assert [each.bonus_minor for each in stored_value_plans.standing()] == [70_00]
    over, _ = plan(shop, 300_00, 20_00)
    assert stored_value_plans.ended() == []
    stored_value_plans.withdraw(shop, over, operator_id="he", request_id="over-one")
    assert [each.plan_id for each in stored_value_plans.ended()] == [over]
    assert plan(shop, 300_00, 30_00, plan_id=over) == (over, 2)
    assert stored_value_plans.ended() == []
    stored_value_plans.withdraw(shop, over, operator_id="he", request_id="over-two")
    assert [each.bonus_minor for each in stored_value_plans.ended()] == [30_00]
    ask = {"tender": "cash", "operator_id": "zhou"}
    for given, paid, why in ((version, 500_00, "plan"), (2, 400_00, "amount")):
        with pytest.raises(StoredValueRefused) as refused:
            stored_value.recharge(
                *(shop, "1", *LI),
                plan_id=plan_id,
                plan_version=given,
                paid_minor=paid,
                request_id=shop.new_id(),
                **ask,  # type: ignore[arg-type]
            )
        assert refused.value.details["why"] == why
    stored_value_plans.withdraw(shop, plan_id, operator_id="he", request_id="w")
    stored_value_plans.withdraw(shop, plan_id, operator_id="he", request_id="w")
    with pytest.raises(StoredValueUnknown):
        stored_value_plans.withdraw(shop, plan_id, operator_id="he", request_id="w2")
    with pytest.raises(StoredValueUnknown):
        stored_value_plans.find(plan_id)
    with pytest.raises(StoredValueUnknown):
        plan(shop, plan_id="never")
    sound()


@pytest.mark.parametrize(("tender", "reference"), [("gift_card", "x"), ("nothing", ""), ("card", " ")])
def test_a_recharge_is_paid_with_money(shop: Shop, tender: str, reference: str) -> None:
    with pytest.raises(StoredValueRefused):
        stored_value.recharge(
            *(shop, "1", *LI),
            paid_minor=100,
            tender=tender,
            reference=reference,
            operator_id="zhou",
            request_id="r",
        )
    assert has(shop) == (0, 0)


def test_the_same_key_recharges_once_and_never_something_else(shop: Shop) -> None:
    first = recharge(shop, 100_00, 0, key="k")
    assert recharge(shop, 100_00, 0, key="k") == first
    with pytest.raises(RequestReused):
        recharge(shop, 200_00, 0, key="k")
    assert has(shop) == (100_00, 0)


def test_a_recharge_is_paid_out_with_two_people_and_its_bonus_is_cancelled(shop: Shop) -> None:
    told = recharge(shop)
    spend(shop, 100_00)
    out = stored_value.worth(shop, told.move_id, "customer")
    assert (out.pays_minor, out.deducted_minor, out.cancelled_minor) == (400_00, 10_71, 49_29)
    assert stored_value.worth(shop, told.move_id, "shop").pays_minor == 410_71
    with pytest.raises(ApprovalNeeded):
        pay_out(shop, told.move_id, 400_00, approval=None)
    with pytest.raises(StoredValueRefused):
        pay_out(shop, told.move_id, 410_71)  # not what it comes to
    done = pay_out(shop, told.move_id, 400_00, key="out")
    assert pay_out(shop, told.move_id, 400_00, key="out") == done
    assert (done.principal_minor, done.bonus_minor, done.pays_minor) == (-410_71, -49_29, 400_00)
    assert done.approver_id == "he" and has(shop) == (0, 0)
    assert cash()[1:] == [("pay_out", 400_00, "stored_value")]
    with pytest.raises(StoredValueRefused) as refused:
        stored_value.worth(shop, told.move_id, "shop")
    assert refused.value.details == {"why": "paid_out"}
    sound()


def test_goods_that_come_back_after_the_pay_out_are_paid_out_in_full(shop: Shop) -> None:
    told = recharge(shop)
    spend(shop, 100_00, "s")
    pay_out(shop, told.move_id, 400_00)
    refund(shop, 40_00, "s")
    assert has(shop) == (35_72, 4_28)
    assert stored_value.worth(shop, told.move_id, "customer").pays_minor == 40_00
    done = pay_out(shop, told.move_id, 40_00)
    assert (done.principal_minor, done.bonus_minor, has(shop)) == (-35_72, -4_28, (0, 0))
    refund(shop, 60_00, "s")
    out = stored_value.worth(shop, told.move_id, "customer")
    assert (out.pays_minor, out.deducted_minor) == (60_00, -6_43)
    pay_out(shop, told.move_id, 60_00)
    assert [minor for kind, minor, _ in cash() if kind == "pay_out"] == [400_00, 40_00, 60_00]
    sound()


def test_goods_bought_below_their_price_count_in_full_for_the_customers_own_reason(shop: Shop) -> None:
    told = recharge(shop)
    spend(shop, 100_00, "s", listed=120_00)
    assert stored_value.worth(shop, told.move_id, "customer").pays_minor == 380_00
    refund(shop, 50_00, "s")
    assert stored_value.worth(shop, told.move_id, "customer").pays_minor == 440_00
    refund(shop, 50_00, "s")
    assert stored_value.worth(shop, told.move_id, "customer").pays_minor == 500_00


def test_the_first_week_pays_back_all_principal_that_is_left(clock: Clock, shop: Shop) -> None:
    told = recharge(shop)
    spend(shop, 100_00)
    assert stored_value.worth(shop, told.move_id, "cooling_off").pays_minor == 410_71
    clock.at_ms += 8 * DAY_MS
    with pytest.raises(StoredValueRefused) as refused:
        stored_value.worth(shop, told.move_id, "cooling_off")
    assert refused.value.details == {"why": "late"}
    with pytest.raises(StoredValueUnknown):
        stored_value.worth(shop, "never", "shop")


def test_a_lost_card_stops_the_account_and_another_one_lets_it_go(shop: Shop) -> None:
    told = recharge(shop)
    care: dict[str, Any] = {"operator_id": "zhou", "reason": "lost"}
    for _ in range(2):
        stored_value_accounts.change(shop, *LI, "frozen", approval=None, request_id="f", **care)
    refusals: list[Callable[[], object]] = [
        lambda: spend(shop, 1),
        lambda: recharge(shop),
        lambda: pay_out(shop, told.move_id, 500_00),
        lambda: stored_value_accounts.prove(shop, LI, "111111", "till:1"),
    ]
    for refusal in refusals:
        with pytest.raises(StoredValueFrozen):
            refusal()
    with pytest.raises(ApprovalNeeded):
        stored_value_accounts.change(shop, *LI, "released", approval=None, request_id="r", **care)
    for _ in range(2):
        stored_value_accounts.change(shop, *LI, "card_replaced", approval=MANAGER, request_id="c", **care)
    assert (stored.account("m-1").cards, has(shop)) == (1, (500_00, 60_00))
    stored_value_accounts.change(shop, *LI, "frozen", approval=None, request_id="f2", **care)
    stored_value_accounts.change(shop, *LI, "released", approval=MANAGER, request_id="r2", **care)
    assert spend(shop, 560_00) == (500_00, 60_00)
    sound()


def test_whoever_has_two_accounts_stops_and_releases_both_at_once(shop: Shop) -> None:
    both = ("m-1", "m-2")
    enrol(shop, *LI)
    recharge(shop, group=("m-2",))
    care: dict[str, Any] = {"reason": "lost", "approval": MANAGER, "operator_id": "zhou"}
    stored_value_accounts.set_pin(
        shop, "m-2", "111111", approval=MANAGER, operator_id="zhou", request_id="a"
    )
    stored_value_accounts.change(shop, "m-2", "frozen", request_id="b", **care)
    with pytest.raises(StoredValueFrozen):
        spend(shop, 1, group=both)
    assert stored_value_accounts.held(both).state == "frozen"
    made_one(shop, *both)
    stored_value_accounts.change(shop, "m-1", "released", request_id="c", **care)
    assert spend(shop, 560_00, group=both) == (500_00, 60_00)
    stored_value_accounts.set_pin(
        shop, "m-1", "222222", approval=MANAGER, operator_id="zhou", request_id="d"
    )
    for group in (both, ("m-2",)):
        stored_value_accounts.prove(shop, group, "222222", "till:1")
    sound()


def test_a_refund_reaches_an_account_that_was_stopped(shop: Shop) -> None:
    recharge(shop)
    spend(shop, 100_00, "s")
    stored_value_accounts.change(
        shop, *LI, "frozen", approval=None, reason="lost", operator_id="zhou", request_id="f"
    )
    refund(shop, 100_00, "s")
    assert has(shop) == (500_00, 60_00)
    sound()


def test_a_large_payment_needs_a_proof(shop: Shop) -> None:
    recharge(shop)
    assert spend(shop, 200_00, proof="").total == 200_00
    with pytest.raises(ProofNeeded) as refused:
        spend(shop, 200_01, proof="")
    assert refused.value.details == {"above_minor": 200_00}
    assert spend(shop, 200_01, proof="present").total == 200_01


def test_a_pin_is_known_after_it_was_set_and_wrong_ones_are_counted(clock: Clock, shop: Shop) -> None:
    enrol(shop, *LI)
    with pytest.raises(PinRefused):
        stored_value_accounts.prove(shop, LI, "482913", "till:1")
    ask = {"operator_id": "zhou", "approval": MANAGER}
    stored_value_accounts.set_pin(shop, *LI, "482913", request_id="p", **ask)  # type: ignore[arg-type]
    stored_value_accounts.set_pin(shop, *LI, "482913", request_id="p", **ask)  # type: ignore[arg-type]
    stored_value_accounts.prove(shop, LI, "482913", "till:1")
    with pytest.raises(PinLocked):
        for _ in range(4):
            with pytest.raises(PinRefused):
                stored_value_accounts.prove(shop, LI, "000000", "till:1")
    clock.at_ms += 60_000
    stored_value_accounts.prove(shop, LI, "482913", "till:1")
    told = [row for (row,) in db.LEDGER.execute_sql("SELECT body FROM journal") if b"482913" in row]
    assert told == []
    sound()


def test_change_becomes_principal(shop: Shop) -> None:
    with db.write():
        when = stored_value_moves.moment(shop, "zhou", sale_id="sale-1")
        told = stored_value_moves.recharge(
            shop, LI, when, paid_minor=35, reason="change", tender="cash", named=True
        )
    assert (told.reason, told.sale_id, has(shop)) == ("change", "sale-1", (35, 0))
    sound()


def test_two_tills_spending_one_balance_never_pass_it(clock: Clock, shop: Shop) -> None:
    rounds, each = RACES, 300_00
    many = make_shop(clock, stored_value=Terms(named_max_minor=10**12), new_id=shop.new_id)
    won = 0
    for _ in range(rounds):
        recharge(many, each, 0, tender="card")
        got: list[bool] = []

        def till(got: list[bool] = got) -> None:
            try:
                spend(many, 200_00)
                got.append(True)
            except StoredValueShort:
                got.append(False)

        pair = [threading.Thread(target=till) for _ in range(2)]
        for thread in pair:
            thread.start()
        for thread in pair:
            thread.join()
        left = has(many).principal
        won += got.count(True)
        assert left >= 0 and got.count(True) >= 1
        if left:
            spend(many, left)
    assert won == rounds
    sound()


def test_moves_by_chance_agree_with_a_plain_count(shop: Shop) -> None:
    chance = random.Random(3)
    plain: dict[str, list[int]] = {"m-1": [0, 0], "m-2": [0, 0]}
    open_: dict[str, list[int]] = {}
    owner: dict[str, str] = {}
    for n in range(400):
        member = chance.choice(("m-1", "m-2"))
        if chance.random() < 0.3:
            pays, bonus = chance.randint(1, 300_00), chance.choice((0, chance.randint(1, 50_00)))
            try:
                recharge(shop, pays, bonus, group=(member,), tender="card")
                plain[member][0] += pays
                plain[member][1] += bonus
            except StoredValueRefused:
                pass
        elif chance.random() < 0.6 and sum(plain[member]):
            spend_id = f"s{n}"
            took = spend(shop, chance.randint(1, sum(plain[member])), spend_id, group=(member,))
            open_[spend_id] = [*took]
            plain[member][0] -= took.principal
            plain[member][1] -= took.bonus
            owner[spend_id] = member
        elif open_:
            spend_id = chance.choice(sorted(open_))
            back = refund(shop, chance.randint(1, sum(open_[spend_id])), spend_id)
            open_[spend_id] = [open_[spend_id][0] - back.principal, open_[spend_id][1] - back.bonus]
            plain[owner[spend_id]][0] += back.principal
            plain[owner[spend_id]][1] += back.bonus
            if not sum(open_[spend_id]):
                del open_[spend_id]
        for each, parts in plain.items():
            assert list(has(shop, (each,))) == parts
    sound()


STEPS: dict[str, Callable[[Shop, str], object]] = {
    "recharge": lambda shop, n: recharge(shop, 100_00, 0, group=(n,), key=f"r-{n}"),
    "spend": lambda shop, n: spend(shop, 50_00, f"again-{n}", group=(n,)),
    "refund": lambda shop, n: refund(shop, 40_00, f"s-{n}"),
    "cash_out": lambda shop, n: pay_out(shop, stored.moves((n,))[-1].move_id, 430_00, key=f"o-{n}"),
    "freeze": lambda shop, n: stored_value_accounts.change(
        shop, n, "frozen", approval=None, reason="lost", operator_id="zhou", request_id=f"f-{n}"
    ),
    "plan": lambda shop, n: stored_value_plans.publish(
        shop,
        PlanDraft(label_zh=n, label_en=n, pays_minor=100, bonus_minor=1),
        operator_id="he",
        request_id=f"p-{n}",
    ),
    "pin": lambda shop, n: stored_value_accounts.set_pin(
        shop, n, "482913", approval=MANAGER, operator_id="zhou", request_id=f"pin-{n}"
    ),
    "card": lambda shop, n: stored_value_accounts.change(
        shop,
        n,
        "card_replaced",
        reason="lost",
        approval=MANAGER,
        operator_id="zhou",
        request_id=f"c-{n}",
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_whatever_fails_a_move_is_whole_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    shop = make_shop()
    money = (
        "stored_value_lot",
        "stored_value_move",
        "stored_value_account",
        "stored_value_plan",
        "cash_move",
    )

    def prepare(n: int) -> str:
        recharge(shop, 500_00, 60_00, group=(f"m-{n}",), key=f"first-{n}")
        spend(shop, 70_00, f"s-m-{n}", group=(f"m-{n}",))
        return f"m-{n}"

    def look() -> object:
        assert books.differences() == []
        return [
            sorted(map(tuple, db.LEDGER.execute_sql(f"SELECT * FROM {table}").fetchall()))
            for table in money
        ]

    each_failure(monkeypatch, tmp_path, prepare, lambda n: STEPS[step](shop, n), look)


def test_books_are_sound_though_the_clock_was_set_back_and_ids_with_it(clock: Clock, shop: Shop) -> None:
    ids = (f"id-{n:06d}" for n in range(9_000, 0, -1))
    back = replace(shop, new_id=lambda: next(ids))
    recharge(shop, 500_00, 60_00)
    recharge(back, 100_00, 10_00)
    spend(back, 50_00, "s")
    refund(back, 20_00, "s")
    assert has(shop).total == 640_00
    assert books.differences() == []


def test_a_balance_survives_a_restart(shop: Shop, tmp_path: Path) -> None:
    path = Path(str(db.LEDGER.database))
    recharge(shop)
    spend(shop, 100_00)
    before = has(shop)
    db.LEDGER.shut()
    open_store(path)
    assert has(shop) == before
    sound()


def test_a_balance_that_was_changed_by_hand_is_found(shop: Shop) -> None:
    recharge(shop)
    for spoil in (
        "UPDATE stored_value_lot SET left_minor = left_minor + 1",
        "UPDATE stored_value_move SET principal_minor = 1",
        "UPDATE stored_value_draw SET listed_minor = 1",
        "UPDATE stored_value_plan SET until_ms = 1",
        "INSERT INTO stored_value_account VALUES ('m-9', 'frozen', 0, '')",
    ):
        with pytest.raises(ShopError), db.write():  # undone again
            db.LEDGER.execute_sql(spoil)
            assert books.differences() != [], spoil
            raise ShopError("undo")
    sound()
