"""A bag whose payment nobody saw end: the next customer is served, and it waits until somebody says so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from services.domain.basket import Basket
from services.domain.errors import (
    BagInUse,
    ParkedTaken,
    PaymentOpen,
    PaymentUnknown,
)
from services.domain.parked import PAYMENT_OPEN, Parked
from services.flows import baskets, checkout, parking, payments, prices
from services.flows.shop import Shop
from services.store import books, journal, parked
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.flows.test_parking import DAY_MS, put_price, resume
from tests.flows.test_payments import MANAGER, begin, end, fill, settle
from tests.flows.test_shifts import begin as begin_shift
from tests.flows.test_shifts import close, count
from tests.shop import JEANS, TEE, Clock, make_shop, open_store


def set_aside(shop: Shop, basket: Basket, *, reason: str = PAYMENT_OPEN, key: str = "aside-key") -> Parked:
    return parking.park(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        reason=reason,
        note="",
        operator_id="zhou",
        request_id=key,
    )


def unsure(shop: Shop, minor: int = 99_00) -> Basket:
    """A bag of till 1 of whose card payment nobody knows how it ended."""
    return end(shop, begin(shop, fill(shop), minor), "unknown")


def confirmed(shop: Shop, basket: Basket, till: str, state: str = "paid") -> Basket:
    return payments.answer(
        shop,
        till,
        basket.payments[-1].payment_id,
        state=state,
        reference="000401",
        reason="list",
        approval=MANAGER,
        operator_id="zhou",
    )


def sell(shop: Shop, basket: Basket, till: str) -> Sale:
    return checkout.settle(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[],
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def test_the_next_customer_is_served_and_the_payment_waits_for_an_answer_at_any_till(shop: Shop) -> None:
    asked = unsure(shop)
    row = set_aside(shop, asked)
    assert set_aside(shop, asked) == row, "a repeat changes nothing"
    assert [each.parked_id for each in parking.asked_about()] == [row.parked_id]
    assert settle(shop, fill(shop, JEANS), 329_00).total.minor == 329_00
    taken = resume(shop, "2", row).basket
    assert (taken.payments, taken.lines) == (asked.payments, asked.lines)
    assert parking.asked_about() == []
    with pytest.raises(PaymentOpen):
        sell(shop, taken, "2")
    sale = sell(shop, confirmed(shop, taken, "2"), "2")
    assert [(each.key, each.amount.minor, each.reference) for each in sale.tenders] == [
        ("card", 99_00, "000401")
    ]
    assert books.differences() == [] and journal.first_break() == 0


def test_only_a_payment_that_nobody_saw_end_is_put_aside_and_by_no_other_reason(shop: Shop) -> None:
    with pytest.raises(PaymentUnknown):
        set_aside(shop, fill(shop))
    asked = begin(shop, baskets.current(shop, "1"), 50_00)
    with pytest.raises(PaymentUnknown):
        set_aside(shop, asked)  # the terminal is still at it
    asked = end(shop, asked, "unknown")
    with pytest.raises(PaymentOpen):
        set_aside(shop, asked, reason="queue")
    paid = confirmed(shop, asked, "1")
    for reason, refusal in (("queue", PaymentOpen), (PAYMENT_OPEN, PaymentUnknown)):
        with pytest.raises(refusal):
            set_aside(shop, paid, reason=reason)
    assert parked.count() == 0 and baskets.current(shop, "1") == paid


def test_it_cannot_be_given_up_nor_expire_nor_let_its_shift_close(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path / "store.db")
    shop = make_shop(clock, parked_at_close="expire")
    shift_id = begin_shift(shop)
    row = set_aside(shop, unsure(shop))
    with pytest.raises(PaymentOpen) as refused:
        parking.abandon(shop, "1", row.parked_id, reason="mistake", operator_id="he")
    assert refused.value.details == {"ticket": "0001"}
    count(shop, shift_id, [(100_00, 5)])
    with pytest.raises(PaymentOpen):
        close(shop, shift_id)
    assert parking.find(row.parked_id).state == "parked"
    taken = resume(shop, "2", row).basket
    close(shop, shift_id)
    confirmed(shop, taken, "2", "declined")
    gone = baskets.set_quantity(shop, "2", 1, 0, basket_id=taken.basket_id)
    assert not gone.standing, "after its end it is a bag like any other"
    LEDGER.shut()


def test_what_was_asked_of_the_customer_stays_so_on_another_day(shop: Shop, clock: Clock) -> None:
    row = set_aside(shop, unsure(shop))
    put_price(TEE, 199_00)
    clock.at_ms += DAY_MS
    resumed = resume(shop, "2", row)
    assert resumed.differences == () and prices.priced(shop, resumed.basket).total.minor == 99_00
    assert sell(shop, confirmed(shop, resumed.basket, "2"), "2").total.minor == 99_00


def test_a_till_in_use_puts_nothing_with_a_payment_aside_by_itself(shop: Shop) -> None:
    row = set_aside(shop, unsure(shop))
    begin(shop, fill(shop, JEANS), 329_00)
    with pytest.raises(BagInUse):
        resume(shop, "1", row)
    with pytest.raises(PaymentOpen):
        resume(shop, "1", row, park_first=True)


def test_two_tills_that_want_to_answer_race_and_one_gets_the_payment(shop: Shop) -> None:
    for n in range(20):
        row = set_aside(shop, unsure(shop), key=f"aside-{n:04}")
        ends: list[str] = []
        start = threading.Barrier(2)

        def go(
            till: str,
            row: Parked = row,
            ends: list[str] = ends,
            n: int = n,
            start: threading.Barrier = start,
        ) -> None:
            start.wait()
            try:
                taken = resume(shop, till, row, key=f"resume-{n}-{till}").basket
                sell(shop, confirmed(shop, taken, till), till)
                ends.append("sold")
            except ParkedTaken:
                ends.append("taken")

        threads = [threading.Thread(target=go, args=(till,)) for till in "12"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ends) == ["sold", "taken"]
    assert LEDGER.execute_sql("SELECT COUNT(*), SUM(amount_minor) FROM tender").fetchone() == (
        20,
        20 * 99_00,
    )
    assert books.differences() == [] and journal.first_break() == 0


def test_after_a_restart_it_waits_with_its_payment(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path / "store.db")
    asked = unsure(make_shop(clock))
    row = set_aside(make_shop(clock), asked)
    LEDGER.shut()
    open_store(tmp_path / "store.db")
    shop = make_shop(clock)
    assert [each.parked_id for each in parking.asked_about()] == [row.parked_id]
    assert resume(shop, "2", row).basket.payments == asked.payments
    assert books.differences() == []
    LEDGER.shut()


def test_a_fault_at_any_statement_leaves_the_payment_in_one_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    shop = make_shop(clock)

    def places() -> object:
        bags = [(till, baskets.current(shop, till).payments) for till in "12"]
        waiting = [parked.kept(row.parked_id)[0].payments for row in parking.asked_about()]
        return bags, waiting, journal.head()

    def bag(n: int) -> tuple[int, Basket]:
        return n, unsure(shop)

    each_failure(
        monkeypatch, tmp_path, bag, lambda case: set_aside(shop, case[1], key=f"aside-{case[0]:04}"), places
    )


def test_a_fault_at_any_statement_of_taking_it_up_leaves_it_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    shop = make_shop(clock)

    def waits(n: int) -> tuple[int, Parked]:
        held = baskets.current(shop, "2")
        if held.payments:
            sell(shop, confirmed(shop, held, "2"), "2")
        return n, set_aside(shop, unsure(shop), key=f"aside-{n:04}")

    def places() -> object:
        return baskets.current(shop, "2").payments, len(parking.asked_about()), journal.head()

    each_failure(
        monkeypatch,
        tmp_path,
        waits,
        lambda case: resume(shop, "2", case[1], key=f"resume-{case[0]:04}"),
        places,
    )
