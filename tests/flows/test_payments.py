"""Payments outside the gateway: on disk before the terminal, held until they end, told on the receipt."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest

from services.domain.basket import Basket
from services.domain.errors import (
    ApprovalNeeded,
    BasketChanged,
    PaymentOpen,
    PaymentUnknown,
    PinRefused,
    ReasonNeeded,
    RequestReused,
    ShopError,
    TenderRefused,
    TenderShort,
)
from services.domain.settlement import Rounding
from services.flows import baskets, checkout, payments, returns
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.store import journal
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.shop import JEANS, TEE, Clock, make_shop, open_store

MANAGER = Approval(approver_id="he", pin="735290", reason="seen")


def fill(shop: Shop, *skus: str, till: str = "1") -> Basket:
    for sku in skus or (TEE,):
        baskets.add(shop, till, sku=sku, code="", quantity=1, request_id=shop.new_id())
    return baskets.current(shop, till)


def begin(shop: Shop, basket: Basket, minor: int, *, key: str = "", tender: str = "card") -> Basket:
    return payments.begin(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tender=tender,
        amount_minor=minor,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def end(
    shop: Shop,
    basket: Basket,
    state: str,
    reference: str = "",
    reason: str = "",
    approval: Approval | None = None,
    by: str = "zhou",
) -> Basket:
    payment_id = basket.payments[-1].payment_id
    return payments.answer(
        shop,
        "1",
        payment_id,
        state=state,
        reference=reference,
        reason=reason,
        approval=approval,
        operator_id=by,
    )


def settle(shop: Shop, basket: Basket, *cash: int, key: str = "") -> Sale:
    return checkout.settle(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", minor) for minor in cash],
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def told() -> list[tuple[str, str]]:
    bodies = [msgspec.json.decode(row.body) for row in journal.after(0, 1_000)]
    return [(b["data"]["state"], b["data"]["reference"]) for b in bodies if b["type"] == "payment.changed"]


def test_card_and_cash_share_a_sale_and_only_the_cash_is_rounded(clock: Clock, shop: Shop) -> None:
    rounding = make_shop(clock, cash_rounding=Rounding(5_00, "down"))
    paid = end(rounding, begin(rounding, fill(rounding, TEE, JEANS), 345_00), "paid", "T1-000231")
    sale = settle(rounding, paid, 100_00)
    shown = [(t.key, t.amount.minor, t.change.minor, t.exact.minor, t.reference) for t in sale.tenders]
    assert shown == [("card", 345_00, 0, 345_00, "T1-000231"), ("cash", 80_00, 20_00, 83_00, "")]
    assert (sale.total.minor, sale.rounding.minor) == (428_00, -3_00)
    assert checkout.find(sale.sale_id) == sale
    rows = LEDGER.execute_sql("SELECT account, amount_minor FROM posting ORDER BY n").fetchall()
    assert rows == [
        ("receivable:card", 345_00),
        ("cash:drawer", 80_00),
        ("expense:cash_rounding", 3_00),
        ("revenue:sales", -428_00),
    ]


def test_a_card_alone_pays_without_opening_the_drawer(shop: Shop) -> None:
    sale = settle(shop, end(shop, begin(shop, fill(shop), 99_00), "paid", "T1-1"))
    kinds = LEDGER.execute_sql("SELECT kind FROM job WHERE sale_id = ?", (sale.sale_id,)).fetchall()
    assert kinds == [("receipt",)]
    assert told() == [("sent", ""), ("paid", "T1-1")]


def test_a_bag_with_an_open_or_made_payment_is_neither_sold_nor_changed(shop: Shop) -> None:
    held = begin(shop, fill(shop), 50_00)
    for change in (
        lambda: baskets.scan(shop, "1", "6901028014571"),
        lambda: baskets.set_quantity(shop, "1", 1, 2, basket_id=held.basket_id),
        lambda: begin(shop, held, 10_00),
        lambda: settle(shop, held, 99_00),
    ):
        with pytest.raises(PaymentOpen):
            change()
    held = end(shop, held, "unknown")
    with pytest.raises(PaymentOpen):
        settle(shop, held, 99_00)
    held = end(shop, held, "paid", "T1-1", "slip", MANAGER)
    with pytest.raises(PaymentOpen):
        baskets.scan(shop, "1", "6901028014571")
    with pytest.raises(TenderShort):
        settle(shop, held, 48_99)
    assert settle(shop, held, 50_00).tenders[1].change.minor == 1_00


def test_what_nobody_saw_end_is_paid_on_a_word_with_a_reason_and_an_approver(shop: Shop) -> None:
    held = end(shop, begin(shop, fill(shop), 99_00), "unknown")
    with pytest.raises(ReasonNeeded) as unsaid:
        end(shop, held, "paid", "T1-1", approval=MANAGER)
    assert unsaid.value.details["reasons"] == ("slip", "list", "account")
    with pytest.raises(ApprovalNeeded) as alone:
        end(shop, held, "paid", "T1-1", "list")
    assert (alone.value.details["right"], alone.value.details["size"]) == ("tender_confirm", 99_00)
    with pytest.raises(PinRefused):
        end(shop, held, "paid", "T1-1", "list", Approval(approver_id="he", pin="000000", reason="x"))
    assert baskets.current(shop, "1") == held
    paid = end(shop, held, "paid", "T1-1", "list", MANAGER)
    assert end(shop, paid, "paid", "T1-1") == paid, "a repeat asks nobody"
    rows = [msgspec.json.decode(row.body) for row in journal.after(0, 100)]
    (lent,) = [row["data"] for row in rows if row["type"] == "approval.granted"]
    assert (lent["right"], lent["approver_id"], lent["subject"]) == (
        "tender_confirm",
        "he",
        f"payment {paid.payments[0].payment_id}",
    )
    (told_last,) = [row["data"] for row in rows if row["type"] == "payment.changed"][-1:]
    assert (told_last["state"], told_last["reason"]) == ("paid", "list")
    assert settle(shop, paid).total.minor == 99_00


def test_whoever_holds_the_right_confirms_alone_and_a_refusal_needs_nobody(shop: Shop) -> None:
    held = end(shop, begin(shop, fill(shop), 50_00), "unknown")
    held = end(shop, held, "declined")
    held = end(shop, begin(shop, held, 50_00), "unknown")
    assert end(shop, held, "paid", "T1-2", "slip", by="he").paid_minor == 50_00


def test_what_was_perhaps_paid_back_is_not_paid_back_again_on_a_word_alone(shop: Shop) -> None:
    sale = settle(shop, end(shop, begin(shop, fill(shop), 99_00), "paid", "T1-3"))
    back = returns.take_back(
        shop,
        "1",
        basket_id=baskets.current(shop, "1").basket_id,
        sale_id=sale.sale_id,
        pieces=[(1, 1)],
        reason="size",
        approval=None,
        operator_id="zhou",
        request_id="back",
    )
    held = end(shop, begin(shop, back, -99_00), "unknown")
    with pytest.raises(ApprovalNeeded):
        end(shop, held, "declined", reason="list")
    held = end(shop, held, "declined", reason="list", approval=MANAGER)
    assert held.open_payment is None


def test_a_payment_that_failed_or_was_paid_back_lets_the_bag_go(shop: Shop) -> None:
    held = end(shop, begin(shop, fill(shop), 99_00), "declined")
    held = end(shop, begin(shop, held, 99_00, tender="mobile"), "paid", "4200-1")
    held = end(shop, held, "reversed", reason="wrong card")
    changed, _ = baskets.scan(shop, "1", "6901028014571")
    sale = settle(shop, changed, 428_00)
    assert [t.key for t in sale.tenders] == ["cash"]
    assert [state for state, _ in told()] == ["sent", "declined", "sent", "paid", "reversed"]


def test_an_answer_repeated_changes_nothing_and_another_one_is_refused(shop: Shop) -> None:
    basket = fill(shop)
    held = begin(shop, basket, 99_00, key="begin-1")
    assert begin(shop, basket, 99_00, key="begin-1") == held
    with pytest.raises(RequestReused):
        begin(shop, basket, 98_00, key="begin-1")
    paid = end(shop, held, "paid", "T1-1")
    assert end(shop, held, "paid", "T1-1") == paid
    for state in ("declined", "cancelled", "unknown", "sent"):
        with pytest.raises(PaymentUnknown):
            end(shop, held, state)
    with pytest.raises(PaymentUnknown):
        payments.answer(shop, "1", "nobody", state="paid", operator_id="zhou")
    assert len(told()) == 2


@pytest.mark.parametrize(
    ("tender", "minor"), [("cash", 1_00), ("nothing", 1_00), ("card", 0), ("card", -5), ("card", 99_01)]
)
def test_what_cannot_be_asked_of_a_terminal_is_refused(shop: Shop, tender: str, minor: int) -> None:
    basket = fill(shop)
    with pytest.raises(TenderRefused):
        begin(shop, basket, minor, tender=tender)
    assert baskets.current(shop, "1") == basket and told() == []


def test_a_card_is_not_handed_over_and_not_paid_without_the_terminals_number(shop: Shop) -> None:
    basket = fill(shop)
    with pytest.raises(TenderRefused):
        checkout.settle(
            shop,
            "1",
            basket_id=basket.basket_id,
            version=basket.version,
            tendered=[("card", 99_00)],
            operator_id="zhou",
            request_id="forged",
        )
    held = begin(shop, basket, 99_00)
    with pytest.raises(TenderRefused):
        end(shop, held, "paid")


def test_the_question_is_still_there_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path / "shop.db")
    shop = make_shop(clock)
    held = begin(shop, fill(shop), 99_00)
    LEDGER.shut()
    open_store(tmp_path / "shop.db")
    after = baskets.current(shop, "1")
    assert after == held and after.open_payment is not None
    sale = settle(shop, end(shop, after, "paid", "T1-1"))
    assert sale.tenders[0].reference == "T1-1"
    LEDGER.shut()


def test_a_bag_that_changed_is_not_paid_by_card(shop: Shop) -> None:
    basket = fill(shop)
    baskets.scan(shop, "1", "6901028014571")
    with pytest.raises(BasketChanged):
        begin(shop, basket, 99_00)


def test_two_tablets_ask_one_terminal_once(shop: Shop) -> None:
    for n in range(50):
        basket = fill(shop)
        ended: list[str] = []

        def ask(key: str, basket: Basket = basket, ended: list[str] = ended) -> None:
            try:
                begin(shop, basket, 99_00, key=key)
                ended.append("begun")
            except ShopError as error:
                ended.append(error.code)

        both = [threading.Thread(target=ask, args=(f"{n}-{side}",)) for side in "ab"]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(ended) == ["basket_changed", "begun"], n
        settle(shop, end(shop, baskets.current(shop, "1"), "paid", f"T1-{n}"))


@pytest.mark.parametrize("ending", [False, True])
def test_each_step_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: bool
) -> None:
    def prepare(n: int) -> tuple[Basket, int]:
        basket = another_bag(shop)
        return (begin(shop, basket, 99_00) if ending else basket), n

    def step(case: tuple[Basket, int]) -> Basket:
        basket, n = case
        return end(shop, basket, "paid", "T1-1") if ending else begin(shop, basket, 99_00, key=f"key-{n}")

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def another_bag(shop: Shop) -> Basket:
    """One shirt with no payment, whatever was in the bag before."""
    held = baskets.current(shop, "1")
    if held.open_payment:
        end(shop, held, "declined")
        return baskets.current(shop, "1")
    if held.paid:
        settle(shop, held)
    return fill(shop)


def look() -> object:
    return len(told()), LEDGER.execute_sql("SELECT body FROM basket").fetchall()
