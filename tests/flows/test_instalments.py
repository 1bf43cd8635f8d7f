"""Instalments: a plan pays what is left, stands on paper and in the journal, and is cancelled first."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from services.domain.basket import Basket
from services.domain.errors import BasketChanged, RequestReused, ShopError, TenderRefused
from services.domain.instalments import Terms
from services.flows import baskets, checkout, instalments, payments, returns, spool, voids
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.store import books, db, journal
from services.store import instalments as stored
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.shop import JEANS, TEE, Clock, make_shop, open_store

MANAGER = Approval(approver_id="he", pin="735290", reason="size")
TERMS = Terms("分期服务", 300_00, (3, 6), (230, 450))
RACES = 200


@pytest.fixture
def shop(clock: Clock, shop: Shop) -> Shop:
    return make_shop(clock, instalments=TERMS, new_id=shop.new_id)


def fill(shop: Shop, *skus: str) -> Basket:
    for sku in skus:
        baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=shop.new_id())
    return baskets.current(shop, "1")


def agree(shop: Shop, months: int = 3, *, key: str = "") -> Basket:
    basket = baskets.current(shop, "1")
    return instalments.agree(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        months=months,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def settle(shop: Shop, *, key: str = "") -> Sale:
    basket = baskets.current(shop, "1")
    return checkout.settle(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[],
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def by_card(shop: Shop, minor: int) -> None:
    basket = baskets.current(shop, "1")
    asked = {"basket_id": basket.basket_id, "version": basket.version, "request_id": shop.new_id()}
    held = payments.begin(
        shop,
        "1",
        tender="card",
        amount_minor=minor,
        operator_id="zhou",
        **asked,  # type: ignore[arg-type]
    )
    payments.answer(
        shop, "1", held.payments[-1].payment_id, state="paid", reference="T1-7", operator_id="zhou"
    )


def take_back(shop: Shop, sale: Sale, *pieces: tuple[int, int]) -> Sale:
    returns.take_back(
        shop,
        "1",
        basket_id=baskets.current(shop, "1").basket_id,
        sale_id=sale.sale_id,
        pieces=pieces,
        reason="size",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    return settle(shop)


def void(shop: Shop, sale: Sale) -> Sale:
    return voids.void(
        shop,
        "1",
        sale.sale_id,
        reason="mistake",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def owed(sale: Sale) -> list[int]:
    (plan,) = stored.agreed(sale.sale_id)
    now = stored.by_id(plan.plan_id)
    assert now is not None
    return [row.amount_minor for row in now.rows]


def receivable() -> int:
    query = "SELECT COALESCE(SUM(amount_minor), 0) FROM posting WHERE account = 'receivable:instalment'"
    return int(LEDGER.execute_sql(query).fetchone()[0])


def sound() -> None:
    assert books.differences() == [] and journal.first_break() == 0
    left = LEDGER.execute_sql("SELECT COALESCE(SUM(owed_minor), 0) FROM instalment_due").fetchone()[0]
    assert receivable() == left


def test_a_first_payment_by_card_and_the_rest_by_the_month(shop: Shop) -> None:
    fill(shop, TEE, JEANS)
    by_card(shop, 100_00)
    offered = instalments.offered(shop, baskets.current(shop, "1"))
    assert [(plan.months, plan.fee_minor) for plan in offered] == [(3, 7_54), (6, 14_76)]
    agree(shop)
    sale = settle(shop)
    assert [(t.key, t.amount.minor) for t in sale.tenders] == [("card", 100_00), ("instalment", 328_00)]
    assert owed(sale) == [109_34, 109_33, 109_33]
    (plan,) = stored.agreed(sale.sale_id)
    assert [row.day for row in plan.rows] == ["2026-12-22", "2027-01-22", "2027-02-22"]
    assert "2026-12-22" in repr(spool.receipt_ops(shop, sale))
    sound()


def test_what_comes_back_cancels_the_last_months_before_the_card_pays(shop: Shop) -> None:
    fill(shop, TEE, JEANS)
    by_card(shop, 100_00)
    agree(shop)
    sale = settle(shop)
    back = take_back(shop, sale, (1, 1))
    assert [(t.key, t.amount.minor) for t in back.tenders] == [("instalment", -99_00)]
    assert owed(sale) == [109_34, 109_33, 10_33]
    before = spool.receipt_ops(shop, sale)
    assert "109.33" in repr(before)  # its receipt says what was agreed
    sound()


def test_a_sale_undone_cancels_its_plan(shop: Shop) -> None:
    fill(shop, TEE, JEANS)
    by_card(shop, 100_00)
    agree(shop, 6)
    sale = settle(shop)
    voids.begin(
        shop,
        "1",
        sale.sale_id,
        reason="mistake",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    by_card(shop, -100_00)
    settle(shop)
    assert owed(sale) == [0] * 6 and receivable() == 0
    sound()


def test_what_is_not_offered_is_refused(shop: Shop, clock: Clock) -> None:
    fill(shop, TEE)
    assert instalments.offered(shop, baskets.current(shop, "1")) == ()
    for months in (3, 12, 0, -1):
        with pytest.raises(TenderRefused):
            agree(shop, months)
    fill(shop, JEANS)
    with pytest.raises(TenderRefused):
        agree(shop, 12)
    with pytest.raises(TenderRefused):
        agree(make_shop(clock, new_id=shop.new_id))
    basket = baskets.current(shop, "1")
    with pytest.raises(TenderRefused):
        checkout.settle(
            shop,
            "1",
            basket_id=basket.basket_id,
            version=basket.version,
            tendered=[("instalment", 428_00)],
            operator_id="zhou",
            request_id="forged",
        )


def test_a_repeat_changes_nothing_and_a_plan_is_taken_back(shop: Shop) -> None:
    basket = fill(shop, JEANS)
    asked = {"basket_id": basket.basket_id, "version": basket.version, "operator_id": "zhou"}
    once = instalments.agree(shop, "1", months=3, request_id="k", **asked)  # type: ignore[arg-type]
    assert instalments.agree(shop, "1", months=3, request_id="k", **asked) == once  # type: ignore[arg-type]
    with pytest.raises(RequestReused):
        instalments.agree(shop, "1", months=6, request_id="k", **asked)  # type: ignore[arg-type]
    with pytest.raises(BasketChanged):
        instalments.agree(shop, "1", months=6, request_id="k2", **asked)  # type: ignore[arg-type]
    held = once.payments[0].payment_id
    payments.answer(shop, "1", held, state="reversed", reason="cash", operator_id="zhou")
    agree(shop, 6)
    assert len(owed(settle(shop))) == 6
    sound()


def test_two_tablets_agree_one_plan(shop: Shop) -> None:
    for n in range(RACES):
        basket = fill(shop, JEANS)
        ended: list[str] = []

        def go(side: str, basket: Basket = basket, ended: list[str] = ended, n: int = n) -> None:
            try:
                instalments.agree(
                    shop,
                    "1",
                    basket_id=basket.basket_id,
                    version=basket.version,
                    months=3,
                    operator_id="zhou",
                    request_id=f"{n}-{side}",
                )
                ended.append("agreed")
            except ShopError as error:
                ended.append(error.code)

        both = [threading.Thread(target=go, args=(side,)) for side in "ab"]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(ended) == ["agreed", "basket_changed"], n
        settle(shop)
    sound()


def test_it_is_all_there_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path / "plans.db")
    shop = make_shop(clock, instalments=TERMS)
    fill(shop, JEANS)
    agree(shop)
    LEDGER.shut()
    open_store(tmp_path / "plans.db")
    assert sum(owed(settle(shop))) == 329_00
    sound()
    LEDGER.shut()


@pytest.mark.parametrize("undo", [False, True])
def test_each_step_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undo: bool
) -> None:
    def prepare(n: int) -> str:
        if not baskets.current(shop, "1").paid:
            fill(shop, JEANS)
            agree(shop)
        return settle(shop).sale_id if undo else f"key-{n}"

    def step(case: str) -> object:
        return void(shop, checkout.find(case)) if undo else settle(shop, key=case)

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def look() -> object:
    tables = ("instalment_plan", "instalment_due", "sale", "basket", "posting")
    return [LEDGER.execute_sql(f"SELECT * FROM {name}").fetchall() for name in tables]


def test_a_changed_plan_is_named(shop: Shop) -> None:
    fill(shop, JEANS)
    agree(shop)
    settle(shop)
    with db.write():
        LEDGER.execute_sql("UPDATE instalment_due SET owed_minor = owed_minor - 1 WHERE n = 2")
    (wrong,) = books.differences()
    assert "instalment plan" in wrong


def test_no_other_tender_pays_back_what_is_only_owed(shop: Shop) -> None:
    """Cash for it would leave the customer with the money and with the plan."""
    fill(shop, JEANS)
    agree(shop)
    sale = settle(shop)
    returns.take_back(
        shop,
        "1",
        basket_id=baskets.current(shop, "1").basket_id,
        sale_id=sale.sale_id,
        pieces=[(1, 1)],
        reason="size",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    for key in ("cash", "card"):
        with pytest.raises(TenderRefused):
            returns.pay_back_with(
                shop,
                "1",
                basket_id=baskets.current(shop, "1").basket_id,
                tender_number=1,
                key=key,
                approval=MANAGER,
                operator_id="zhou",
            )
    assert [t.key for t in settle(shop).tenders] == ["instalment"]
    assert owed(sale) == [0, 0, 0] and receivable() == 0
    assert books.differences() == []
