"""How much one person takes back alone in a day, and for how many days goods come back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from services.domain.basket import Basket
from services.domain.errors import (
    ApprovalNeeded,
    ApproverRefused,
    PinRefused,
    ReturnRefused,
    ShopError,
)
from services.domain.return_rules import ReturnRules
from services.flows import baskets, blind_returns, checkout
from services.flows.approvals import Approval
from services.flows.coming_back import last_day, returnable
from services.flows.shop import Shop
from services.store import books, journal
from services.store.sales import Sale
from tests.faults import each_failure
from tests.flows.test_returns import MANAGER, by_card, fill, look, settle, sold, take_back
from tests.shop import JEANS, SOCKS, TEE, Clock, make_shop

DAY_MS = 24 * 3_600_000


def test_two_bags_each_within_the_limit_are_together_beyond_it(shop: Shop, clock: Clock) -> None:
    first, second = sold(shop, JEANS), sold(shop, JEANS, SOCKS)
    take_back(shop, first, (1, 1))
    settle(shop, None)
    with pytest.raises(ApprovalNeeded) as refused:
        take_back(shop, second, (1, 1))
    assert (refused.value.details["right"], refused.value.details["size"]) == ("return", 658_00)
    take_back(shop, second, (2, 1))  # 358.00 is within it
    settle(shop, None)
    take_back(shop, second, (1, 1), approval=MANAGER)
    assert settle(shop, None).approver_id == "he"
    third = sold(shop, SOCKS)
    take_back(shop, third, (1, 1))  # what somebody else answered for is not counted
    settle(shop, None)
    clock.at_ms += DAY_MS
    take_back(shop, sold(shop, JEANS), (1, 1))  # a new day


def test_the_limit_is_the_persons_at_whichever_till(shop: Shop) -> None:
    first, second = sold(shop, JEANS), sold(shop, JEANS)
    take_back(shop, first, (1, 1), till="1")
    settle(shop, None, till="1")
    with pytest.raises(ApprovalNeeded):
        take_back(shop, second, (1, 1), till="2")
    take_back(shop, second, (1, 1), till="2", operator_id="he")


def test_two_bags_that_were_filled_before_either_was_paid_back_are_counted_too(shop: Shop) -> None:
    sales = {till: sold(shop, JEANS, till=till) for till in "12"}
    for till, sale in sales.items():
        take_back(shop, sale, (1, 1), till=till)
    settle(shop, None, till="1")
    with pytest.raises(ReturnRefused):
        settle(shop, None, till="2")
    take_back(shop, sales["2"], (1, 1), till="2", approval=MANAGER)
    assert settle(shop, None, till="2").approver_id == "he"


def test_the_terminal_is_not_asked_for_what_needs_an_approver_by_now(shop: Shop) -> None:
    fill(shop, JEANS, till="2")
    by_card(shop, 329_00, "T1-1", till="2")
    by_terminal = settle(shop, None, till="2")
    by_cash = sold(shop, JEANS)
    take_back(shop, by_terminal, (1, 1), till="2")
    take_back(shop, by_cash, (1, 1))
    settle(shop, None)
    with pytest.raises(ReturnRefused):
        by_card(shop, -329_00, "T1-2", till="2")


def test_two_tills_race_past_the_limit_and_one_of_them_is_told(shop: Shop, clock: Clock, soak: int) -> None:
    for n in range(20 * soak):
        for till in "12":
            sale = sold(shop, JEANS, till=till)
            take_back(shop, sale, (sale.lines[-1].line.line_id, 1), till=till)
        ended: list[str] = []

        def finish(till: str, ended: list[str] = ended) -> None:
            try:
                ended.append(settle(shop, None, till=till).kind)
            except ShopError as error:
                ended.append(error.code)

        both = [threading.Thread(target=finish, args=(till,)) for till in "12"]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(ended) == ["return", "return_refused"], n
        for till in "12":
            held = baskets.current(shop, till)
            if held.standing:
                baskets.set_quantity(shop, till, held.standing[0].line_id, 0, basket_id=held.basket_id)
        clock.at_ms += DAY_MS
    assert books.differences() == []


def test_without_a_receipt_another_limit_counts(shop: Shop) -> None:
    blind_returns.take_back(
        shop,
        "1",
        pieces=[(JEANS, 1)],
        total_minor=329_00,
        reason="size",
        approval=MANAGER,
        operator_id="zhou",
        request_id="blind",
    )
    take_back(shop, sold(shop, JEANS), (1, 1))


def late_by(shop: Shop, clock: Clock, days: int, *skus: str) -> Sale:
    sale = sold(shop, *skus)
    clock.at_ms += days * DAY_MS
    return sale


def test_after_its_days_goods_come_back_with_an_approver_and_a_reason(shop: Shop, clock: Clock) -> None:
    sale = late_by(shop, clock, 7, TEE, SOCKS)
    assert last_day(shop, sale, "tops") == "2026-11-29"
    take_back(shop, sale, (1, 1))  # the last day itself
    settle(shop, None)
    clock.at_ms += DAY_MS
    with pytest.raises(ApprovalNeeded) as refused:
        take_back(shop, sale, (2, 1))
    assert refused.value.details["right"] == "return_late"
    with pytest.raises(PinRefused):
        take_back(shop, sale, (2, 1), approval=Approval(approver_id="he", pin="000000", reason="x"))
    with pytest.raises(ApproverRefused):
        take_back(shop, sale, (2, 1), approval=Approval(approver_id="zhou", pin="204816", reason="x"))
    take_back(shop, sale, (2, 1), approval=MANAGER)
    assert settle(shop, None).approver_id == "he"
    told = [bytes(row.body) for row in journal.after(0, 1_000) if row.type == "approval.granted"]
    assert len(told) == 1 and b'"right":"return_late"' in told[0] and b'"reason":"size"' in told[0]


def test_a_manager_needs_nobody_for_late_goods(shop: Shop, clock: Clock) -> None:
    sale = late_by(shop, clock, 300, TEE)
    take_back(shop, sale, (1, 1), operator_id="he")
    assert settle(shop, None).kind == "return"


def test_late_and_too_much_are_one_approval(shop: Shop, clock: Clock) -> None:
    sale = late_by(shop, clock, 30, JEANS, JEANS)
    take_back(shop, sale, (1, 2), approval=MANAGER)
    settle(shop, None)
    told = [bytes(row.body) for row in journal.after(0, 1_000) if row.type == "approval.granted"]
    assert [right for body in told for right in ("return_late", "return") if f'"{right}"'.encode() in body]
    assert len(told) == 2


def test_what_somebody_approved_stays_approved_when_more_goods_come(shop: Shop, clock: Clock) -> None:
    rules = ReturnRules(window_days=0, days_of={"tops": 3})
    mixed = make_shop(clock, return_rules=rules, new_id=shop.new_id)
    sale = late_by(mixed, clock, 10, TEE, SOCKS)
    take_back(mixed, sale, (1, 1), approval=MANAGER)
    held = take_back(mixed, sale, (2, 1))  # socks come back whenever
    assert held.returning is not None and held.returning.approver_id == "he"
    assert settle(mixed, None).approver_id == "he"


def test_a_shop_may_take_back_whenever(shop: Shop, clock: Clock) -> None:
    whenever = make_shop(clock, return_rules=ReturnRules(window_days=0), new_id=shop.new_id)
    sale = late_by(whenever, clock, 3_000, TEE)
    assert last_day(whenever, sale, "tops") == ""
    take_back(whenever, sale, (1, 1))


def test_categories_have_their_own_days(clock: Clock, shop: Shop) -> None:
    rules = ReturnRules(window_days=30, days_of={"accessories": 1, "tops": 0})
    short = make_shop(clock, return_rules=rules, new_id=shop.new_id)
    sale = late_by(short, clock, 2, SOCKS, TEE, JEANS)
    with pytest.raises(ApprovalNeeded):
        take_back(short, sale, (1, 1))
    take_back(short, sale, (3, 1))
    clock.at_ms += 100 * DAY_MS
    take_back(short, sale, (2, 1))


def test_a_late_return_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(n: int) -> tuple[Sale, str]:
        if baskets.current(shop, "1").standing:
            settle(shop, None)
        return late_by(shop, clock, 20, TEE), f"late-{n}"

    def step(case: tuple[Sale, str]) -> Basket:
        return take_back(shop, case[0], (1, 1), key=case[1], approval=MANAGER)

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def test_a_repeat_of_a_late_return_asks_nobody_again(shop: Shop, clock: Clock) -> None:
    sale = late_by(shop, clock, 20, TEE)
    first = take_back(shop, sale, (1, 1), key="late", approval=MANAGER)
    assert take_back(shop, sale, (1, 1), key="late") == first
    assert returnable(sale.sale_id).left == {1: 1}
    assert checkout.find(sale.sale_id) == sale
